//! What can go wrong between us and a venue, drawn from a seed, and a count of what did.
//!
//! Faults change what is told, when, and whether a request arrives; never what a venue's books say of what did arrive. With
//! no faults nothing is drawn, so a clean run does not depend on the seed.

use rust_decimal::Decimal;

use crate::types::{Span, Timestamp, VenueId};

use super::mishap::{Measure, Mishap};

/// How often things go wrong, in per mille of the occasions; and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    /// A request never arrives; its outcome is unknown.
    pub request_lost: u16,
    /// A request arrives late, perhaps after its validity, and nobody waits for its answer any more.
    pub request_delayed: u16,
    /// A request is executed and its answer lost; its outcome is unknown.
    pub answer_lost: u16,
    /// An answer comes late.
    pub answer_delayed: u16,
    /// An answer comes twice.
    pub answer_duplicated: u16,
    /// A message is overtaken by a later one.
    pub reordered: u16,
    /// The venue refuses an order for reasons of its own.
    pub rejected: u16,
    /// A leg of an atomic group reverts, whichever; the group is undone.
    pub reverted: u16,
    /// Only a part of a trade finds a counterparty.
    pub partial_fill: u16,
    /// A settlement is told late.
    pub accrual_delayed: u16,
    /// A settlement is told twice, under the same reference.
    pub accrual_duplicated: u16,
    /// Balances are those of the last tick, and say so.
    pub observation_stale: u16,
    /// Balances are those of the last tick, and claim to be fresh.
    pub observation_mislabelled: u16,
    /// The venue goes down for `outage`.
    pub venue_down: u16,
    /// A query is answered with "unknown".
    pub query_unknown: u16,
    /// How long a client waits for an answer before the outcome is unknown to it.
    pub patience: Span,
    /// The longest delay of anything delayed.
    pub delay: Span,
    /// How long a venue stays down.
    pub outage: Span,
}

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self::each(0);

    /// Everything goes wrong this often, per mille.
    pub const fn each(per_mille: u16) -> Self {
        Self {
            request_lost: per_mille,
            request_delayed: per_mille,
            answer_lost: per_mille,
            answer_delayed: per_mille,
            answer_duplicated: per_mille,
            reordered: per_mille,
            rejected: per_mille,
            reverted: per_mille,
            partial_fill: per_mille,
            accrual_delayed: per_mille,
            accrual_duplicated: per_mille,
            observation_stale: per_mille,
            observation_mislabelled: per_mille,
            venue_down: per_mille,
            query_unknown: per_mille,
            patience: Span::from_s(10),
            delay: Span::from_s(30),
            outage: Span::from_s(45),
        }
    }

    const fn chance(&self, kind: FaultKind) -> u16 {
        match kind {
            FaultKind::RequestLost => self.request_lost,
            FaultKind::RequestDelayed => self.request_delayed,
            FaultKind::AnswerLost => self.answer_lost,
            FaultKind::AnswerDelayed => self.answer_delayed,
            FaultKind::AnswerDuplicated => self.answer_duplicated,
            FaultKind::Reordered => self.reordered,
            FaultKind::Rejected => self.rejected,
            FaultKind::Reverted => self.reverted,
            FaultKind::PartialFill => self.partial_fill,
            FaultKind::AccrualDelayed => self.accrual_delayed,
            FaultKind::AccrualDuplicated => self.accrual_duplicated,
            FaultKind::ObservationStale => self.observation_stale,
            FaultKind::ObservationMislabelled => self.observation_mislabelled,
            FaultKind::VenueDown => self.venue_down,
            FaultKind::QueryUnknown => self.query_unknown,
        }
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::NONE
    }
}

/// A kind of fault, one for each chance of [`Faults`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// See [`Faults::request_lost`].
    RequestLost,
    /// See [`Faults::request_delayed`].
    RequestDelayed,
    /// See [`Faults::answer_lost`].
    AnswerLost,
    /// See [`Faults::answer_delayed`].
    AnswerDelayed,
    /// See [`Faults::answer_duplicated`].
    AnswerDuplicated,
    /// See [`Faults::reordered`].
    Reordered,
    /// See [`Faults::rejected`].
    Rejected,
    /// See [`Faults::reverted`].
    Reverted,
    /// See [`Faults::partial_fill`].
    PartialFill,
    /// See [`Faults::accrual_delayed`].
    AccrualDelayed,
    /// See [`Faults::accrual_duplicated`].
    AccrualDuplicated,
    /// See [`Faults::observation_stale`].
    ObservationStale,
    /// See [`Faults::observation_mislabelled`].
    ObservationMislabelled,
    /// See [`Faults::venue_down`].
    VenueDown,
    /// See [`Faults::query_unknown`].
    QueryUnknown,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [Self; 15] = [
        Self::RequestLost,
        Self::RequestDelayed,
        Self::AnswerLost,
        Self::AnswerDelayed,
        Self::AnswerDuplicated,
        Self::Reordered,
        Self::Rejected,
        Self::Reverted,
        Self::PartialFill,
        Self::AccrualDelayed,
        Self::AccrualDuplicated,
        Self::ObservationStale,
        Self::ObservationMislabelled,
        Self::VenueDown,
        Self::QueryUnknown,
    ];
}

/// How often each fault has happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultsMet([u32; FaultKind::ALL.len()]);

impl FaultsMet {
    /// How often this one has.
    pub fn count(&self, kind: FaultKind) -> u32 {
        self.0[kind as usize]
    }

    /// All kinds that have happened at all, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (FaultKind, u32)> + '_ {
        FaultKind::ALL.into_iter().map(|kind| (kind, self.count(kind))).filter(|(_, n)| *n > 0)
    }
}

/// Draws faults.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dice {
    faults: Faults,
    /// Whether nothing is ever drawn.
    is_tame: bool,
    is_quiet: bool,
    /// What was ordered and has not happened yet.
    ordered: Vec<Mishap>,
    /// Of the last ordered mishap that struck.
    measure: Measure,
    random: SplitMix64,
    met: FaultsMet,
    /// By venue: it is down before this time.
    down_until: Vec<Timestamp>,
}

impl Dice {
    pub(super) fn new(faults: Faults, seed: u64, venues: usize) -> Self {
        let is_tame = FaultKind::ALL.iter().all(|kind| faults.chance(*kind) == 0);
        Self {
            faults,
            is_tame,
            is_quiet: is_tame,
            ordered: Vec::new(),
            measure: Measure::None,
            random: SplitMix64(seed),
            met: FaultsMet::default(),
            down_until: vec![Timestamp::from_ms(i64::MIN); venues],
        }
    }

    /// From now on mishaps may be ordered.
    pub(super) const fn listen(&mut self) {
        self.is_quiet = false;
    }

    /// Orders what will go wrong.
    pub(super) fn order(&mut self, mishap: Mishap) {
        self.listen();
        self.ordered.push(mishap);
    }

    /// A venue is down until a time.
    pub(super) fn take_down(&mut self, venue: VenueId, until: Timestamp) {
        self.listen();
        self.down_until[venue.index()] = until;
        self.met.0[FaultKind::VenueDown as usize] += 1;
    }

    /// What was ordered and has not happened yet.
    pub(super) fn ordered(&self) -> &[Mishap] {
        &self.ordered
    }

    /// Whether nothing can go wrong.
    #[inline]
    pub(super) const fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// From now on nothing new goes wrong.
    pub(super) const fn becalm(&mut self) {
        self.is_quiet = true;
    }

    pub(super) const fn met(&self) -> &FaultsMet {
        &self.met
    }

    /// Whether a fault happens on this occasion at a venue; counts it. What was ordered comes before what is drawn.
    pub(super) fn strikes(&mut self, kind: FaultKind, venue: VenueId) -> bool {
        if self.is_quiet {
            return false;
        }
        let is_it =
            |mishap: &Mishap| mishap.kind == kind && mishap.venue.is_none_or(|at| at == venue);
        if let Some(place) = self.ordered.iter().position(is_it) {
            let mishap = &mut self.ordered[place];
            self.measure = mishap.measure;
            mishap.times = mishap.times.saturating_sub(1);
            if mishap.times == 0 {
                self.ordered.remove(place);
            }
            self.met.0[kind as usize] += 1;
            return true;
        }
        self.is_drawn(kind)
    }

    /// Whether a fault is drawn on an occasion that no order is about; counts it.
    pub(super) fn is_drawn(&mut self, kind: FaultKind) -> bool {
        let chance = u64::from(self.faults.chance(kind));
        if self.is_quiet || self.is_tame || self.random.below(1000) >= chance {
            return false;
        }
        self.met.0[kind as usize] += 1;
        true
    }

    /// Whether a venue is down at a time; it may go down just then.
    pub(super) fn is_down(&mut self, venue: VenueId, now: Timestamp) -> bool {
        if self.is_quiet {
            return false;
        }
        if now >= self.down_until[venue.index()] && self.strikes(FaultKind::VenueDown, venue) {
            self.down_until[venue.index()] = now + self.faults.outage;
        }
        now < self.down_until[venue.index()]
    }

    /// Whether a venue that is down says so, or leaves its client without an answer: one of two, evenly. It says so where
    /// nothing is drawn.
    pub(super) fn says_that_it_is_down(&mut self) -> bool {
        self.is_tame || self.random.below(2) == 0
    }

    /// One of so many, evenly, or the one that was ordered.
    pub(super) fn one_of(&mut self, n: usize) -> usize {
        if let Measure::Leg(leg) = self.measure.take() {
            return leg.min(n.saturating_sub(1));
        }
        self.random.below(n.max(1) as u64) as usize
    }

    /// A delay of at least a millisecond, or the one that was ordered.
    pub(super) fn delay(&mut self) -> Span {
        if let Measure::Span(span) = self.measure.take() {
            return span;
        }
        Span::from_ms(1 + self.random.below(self.faults.delay.ms().max(1) as u64) as i64)
    }

    /// How long a client waits for an answer.
    pub(super) const fn patience(&self) -> Span {
        self.faults.patience
    }

    /// A share in hundredths, from 1 to 99, or the one that was ordered.
    pub(super) fn share(&mut self) -> Decimal {
        if let Measure::Share(share) = self.measure.take() {
            return share;
        }
        Decimal::new(1 + self.random.below(99) as i64, 2)
    }
}

/// Sebastiano Vigna's SplitMix64 (public domain, prng.di.unimi.it/splitmix64.c): the whole state is one number.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    /// The next number; all 64 bits are even.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; the bias of the remainder is below 2^-40 for the bounds that occur here.
    fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // First outputs for the seed 1234567, as published with the reference implementation.
        let mut random = SplitMix64(1_234_567);
        let first = [random.draw(), random.draw(), random.draw()];
        assert_eq!(first, [6457827717110365317, 3203168211198807973, 9817491932198370423]);
    }

    #[test]
    fn quiet_dice_draw_nothing() {
        let mut dice = Dice::new(Faults::NONE, 7, 1);
        let before = dice.clone();
        assert!(FaultKind::ALL.into_iter().all(|kind| !dice.strikes(kind, VenueId(0))));
        assert!(!dice.is_down(VenueId(0), Timestamp::from_ms(0)));
        assert_eq!(dice, before);
    }

    #[test]
    fn becalmed_dice_end_an_outage_too() {
        let mut dice = Dice::new(Faults { venue_down: 1000, ..Faults::NONE }, 7, 1);
        assert!(dice.is_down(VenueId(0), Timestamp::from_ms(0)));
        dice.becalm();
        assert!(!dice.is_down(VenueId(0), Timestamp::from_ms(1)));
    }

    #[test]
    fn a_certain_fault_strikes_and_is_counted_and_an_outage_ends() {
        let faults = Faults { venue_down: 1000, ..Faults::NONE };
        let mut dice = Dice::new(faults, 7, 1);
        let at = |s: i64| Timestamp::from_ms(s * 1000);
        assert!(dice.is_down(VenueId(0), at(0)) && dice.is_down(VenueId(0), at(44)));
        assert_eq!(dice.met().count(FaultKind::VenueDown), 1, "one outage, however often asked");
        dice.faults.venue_down = 0;
        assert!(!dice.is_down(VenueId(0), at(45)));
    }
}
