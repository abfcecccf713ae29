//! Leaving: what begins it, what it waits for, and what is said of a run that ends before all of it is left.

use rust_decimal::Decimal;

use crate::types::{Code, Coded, Instrument, Operation, PositionType, RiskLevel, Span, Timestamp};

use super::core::Engine;
use super::outbox::Outbox;
use super::plan_run::{Leg, PlanRun};
use super::state::{End, Phase, Progress};
use super::step_view::{Pending, PendingKind};

/// How many plans of an exit may leave as much open as there was before them.
const IDLE_PLANS: u32 = 3;

/// For how long what passes by itself may keep an exit from making progress before its plans count.
const PASSES_WITHIN: Span = Span::from_hours(24);

/// A position that has not shrunk to this part of what it was has not shrunk.
const SHRUNK: Decimal = Decimal::from_parts(999, 0, 0, false, 3);

impl Engine {
    /// From now on the strategy's exit is asked.
    pub(super) fn begin_leaving(&mut self, why: Coded) {
        let universe = &self.setup.universe;
        let positions = universe.instruments().iter().filter(|key| self.is_left_by_plans(key));
        let least = positions.map(|key| (key.id, self.step.balance(key.id).abs())).collect();
        self.state.progress = Progress { since: self.state.now, least, idle: 0, kept_from: None };
        self.state.phase = Phase::Leaving(why);
    }

    /// Whether the strategy's exit has led nowhere, so that the engine closes.
    pub(super) fn exit_leads_nowhere(&self) -> bool {
        self.state.progress.idle >= IDLE_PLANS
    }

    /// A plan that began while the run was leaving has ended: what has become of the positions? What a plan could not do because
    /// a venue was not there is no fault of the exit: for a day such plans do not count.
    pub(super) fn look_at_progress(&mut self, plan: &PlanRun, out: &mut Outbox) {
        let is_leaving = matches!(self.state.phase, Phase::Leaving(_));
        if !is_leaving || self.exit_leads_nowhere() || plan.began < self.state.progress.since {
            return;
        }
        let universe = self.setup.universe.clone();
        let mut progress = std::mem::take(&mut self.state.progress);
        let (mut has_shrunk, mut is_anything_open) = (false, false);
        for key in universe.instruments().iter().filter(|key| self.is_left_by_plans(key)) {
            let held = self.step.balance(key.id).abs();
            let is_owed = key.position_type == PositionType::Borrowed && held.is_positive();
            is_anything_open |= is_owed || (self.is_open(key) && !self.told_at(key).is_zero());
            let least = progress.least.entry(key.id).or_insert(held);
            if held.get() < least.get() * SHRUNK {
                has_shrunk = true;
                *least = held;
            }
        }
        if has_shrunk || !is_anything_open {
            (progress.idle, progress.kept_from) = (0, None);
        } else if !passes_by_itself(plan, self.state.now)
            || self.state.now - *progress.kept_from.get_or_insert(plan.began) >= PASSES_WITHIN
        {
            progress.idle += 1;
        }
        self.state.progress = progress;
        if self.exit_leads_nowhere() {
            let text = format!(
                "{IDLE_PLANS} plans of the strategy's exit have made nothing smaller: it is closed without the script"
            );
            self.alarm("engine", &Coded::new(Code::Risk004, text), out);
        }
    }

    /// Whether nothing is held that plans make smaller, but for less than an order.
    pub fn is_empty(&self) -> bool {
        let mut keys = self.setup.universe.instruments().iter();
        !keys.any(|key| {
            self.is_left_by_plans(key) && self.is_open(key) && !self.told_at(key).is_zero()
        })
    }

    /// What lies at a key as it is told: tokens, to six places.
    fn told_at(&self, key: &Instrument) -> Decimal {
        self.step.tokens_at(key.id).get().round_dp(6).normalize()
    }

    /// A level of exit begins the leaving.
    pub(super) fn look_at_risk(&mut self, out: &mut Outbox) {
        if self.step.risk.level < RiskLevel::Exit || self.state.phase != Phase::Trading {
            return;
        }
        let Some(breach) = self.step.risk.breaches.first() else { return };
        let place =
            breach.venue.map(|venue| format!(" at {}", self.setup.universe.venue(venue).name));
        let why = Coded::new(
            breach.limit.code(),
            format!(
                "{}{} is {}, past its exit limit of {} ({}): the run leaves its positions",
                breach.limit.text(),
                place.unwrap_or_default(),
                breach.value.round_dp(6),
                breach.bound.normalize(),
                breach.limit.setting()
            ),
        );
        self.alarm("engine", &why, out);
        self.begin_leaving(why);
    }

    /// The run ends where leaving has got to, and says what stays.
    pub(super) fn end_leaving(&mut self, out: &mut Outbox) {
        if let Phase::Leaving(why) = &self.state.phase {
            let why = why.clone();
            self.tell_what_is_left(out);
            self.end(End::Stopped(why), out);
        }
    }

    /// A run ends with its data; a wind-down that has got to no end by then says so.
    pub(super) fn end_wind_down(&mut self, out: &mut Outbox) {
        if !self.state.has_ended() && self.step.wind_down {
            self.tell_what_is_left(out);
        }
        self.end(End::Done, out);
    }

    /// A run that ends with something open says so: nobody watches it any more.
    fn tell_what_is_left(&mut self, out: &mut Outbox) {
        let universe = self.setup.universe.clone();
        for reserve in universe.reserves() {
            let owed = reserve.borrowed.map(|key| self.step.tokens_at(key)).unwrap_or_default();
            if owed.is_positive() {
                let (token, venue) =
                    (universe.token(reserve.token), &universe.venue(reserve.venue).name);
                let text = format!(
                    "{} {token} is still owed at {venue} when the run ends: look after it by hand",
                    owed.get().round_dp(6)
                );
                self.alarm("engine", &Coded::new(Code::Risk001, text), out);
            }
        }
        let told: Vec<String> = universe
            .instruments()
            .iter()
            .filter(|key| self.is_open(key))
            .filter_map(|key| {
                let tokens = self.told_at(key);
                (!tokens.is_zero()).then(|| format!("{tokens} at {}", key.name))
            })
            .collect();
        if !told.is_empty() {
            let text = format!("the run ends with {}: look after it by hand", told.join(", "));
            self.alarm("engine", &Coded::new(Code::Risk004, text), out);
        }
    }

    /// Whether what lies at a key is what the plans of an exit make smaller: not cash, and not what only waits.
    fn is_left_by_plans(&self, key: &Instrument) -> bool {
        let (universe, home) = (&self.setup.universe, self.setup.share_class.token);
        match key.position_type {
            PositionType::Perp | PositionType::Supplied | PositionType::Borrowed => true,
            PositionType::Queued | PositionType::Transit => false,
            PositionType::BaseToken if universe.base(key.token) != key.token => true,
            PositionType::BaseToken => {
                let mut markets = universe.markets().iter();
                markets.any(|market| market.position == key.id && market.base != home)
            }
        }
    }

    /// Whether what lies at a key is a position: not cash, not on its way, not too little to be sold.
    fn is_open(&self, key: &Instrument) -> bool {
        let universe = &self.setup.universe;
        match key.position_type {
            PositionType::Perp | PositionType::Supplied | PositionType::Queued => true,
            PositionType::Transit | PositionType::Borrowed => false,
            PositionType::BaseToken if universe.base(key.token) != key.token => true,
            PositionType::BaseToken => universe.markets().iter().any(|market| {
                let held = self.step.balance(key.id);
                let price = self.step.price(market.id);
                market.position == key.id
                    && market.base != self.setup.share_class.token
                    && price.is_some_and(|price| {
                        price * held.floor_to_lot(market.lot) >= market.min_notional
                    })
            }),
        }
    }

    /// Whether a hold while leaving means waiting: something is held that cannot be traded at this step, something is lent to a
    /// pool that has less of it, money is between two venues, or a queue will pay what is to be sold. A queue of the share class's own
    /// token is not waited for: it pays by itself.
    pub(super) fn is_stuck(&self) -> bool {
        let is_travelling = |pending: &Pending| pending.kind == PendingKind::Transfer;
        if self.step.pending.iter().any(is_travelling) {
            return true;
        }
        // What a queue pays that is not the share class's own has to be sent and sold still, and its hedge closed.
        let universe = &self.setup.universe;
        let home = universe.base(self.setup.share_class.token);
        let has_queued = universe.instruments().iter().any(|key| {
            key.position_type == PositionType::Queued
                && universe.base(key.token) != home
                && !self.told_at(key).is_zero()
        });
        if has_queued {
            return true;
        }
        let mut reserves = universe.reserves().iter();
        let is_lent_out = reserves.any(|reserve| {
            let lent = reserve.supplied.map(|key| self.step.tokens_at(key)).unwrap_or_default();
            self.step.liquidity(reserve.id).is_some_and(|free| free < lent)
        });
        if is_lent_out {
            return true;
        }
        let held = |market: &&crate::types::Market| !self.step.balance(market.position).is_zero();
        let mut markets = universe.markets().iter().filter(held);
        markets.any(|market| self.step.prices.quote(market.id).is_none_or(|quote| !quote.tradable))
    }
}

/// Whether a plan only moves money to where it is needed, or an order of it met something that passes by itself: a venue or a market
/// that was not there, that did not answer in time, or that had been asked too often.
fn passes_by_itself(plan: &PlanRun, now: Timestamp) -> bool {
    let is_passing = |code| {
        matches!(code, Code::Ven002 | Code::Ven003 | Code::Ven006 | Code::Exec002 | Code::Pos003)
    };
    let mut refused = plan.legs.iter().filter_map(|leg| leg.rejection.as_ref());
    // What only goes from one venue to another makes nothing smaller yet.
    let is_transfer = |leg: &Leg| matches!(leg.order.operation, Operation::Transfer { .. });
    let only_moves = plan.legs.iter().all(is_transfer);
    // A plan that a later one took the place of has met nothing.
    let is_out_of_time = plan.halted.is_some() && now >= plan.deadline;
    only_moves || is_out_of_time || refused.any(|why| is_passing(why.code))
}
