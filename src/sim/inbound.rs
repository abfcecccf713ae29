//! The way from us to a venue, and what the venue does with what arrives: the inner half of the world.

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::types::{
    KeyId, OrderId, Outcome, Posting, Rejection, Report, ReportBody, Settlement, Span, Timestamp,
    VenueId,
};

use super::fault::FaultKind;
use super::floor::refused_group;
use super::message::{Message, Violation};
use super::refusal::{refused, unavailable};
use super::request::Request;
use super::wallet::Arrival;
use super::weather::{Table, Weather};
use super::world::World;

/// What the market is like before the first tick.
static NOTHING_KNOWN: Table = Table::EMPTY;

/// Something on its way to a venue.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inbound {
    Order { id: OrderId, venue: VenueId, request: Request, answer: Answer },
    Group { id: OrderId, venue: VenueId, legs: Vec<Request>, answer: Answer },
    Query { id: OrderId, venue: VenueId },
    QueryGroup { id: OrderId, venue: VenueId },
    Observe { venue: VenueId, keys: SmallVec<[KeyId; 8]> },
    Arrival(Arrival),
}

/// Whether somebody still waits for the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Awaited,
    /// The client has given up.
    Unheard,
}

/// The next settlement of a venue as it is told.
pub(super) fn settled(
    references: &mut [u64],
    venue: VenueId,
    as_of: Timestamp,
    kind: Settlement,
    postings: Vec<Posting>,
) -> Report {
    let reference = &mut references[venue.index()];
    *reference += 1;
    Report { venue, as_of, body: ReportBody::Settled { reference: *reference, kind, postings } }
}

impl<W: Weather + Clone> World<W> {
    /// What happens to a request before it is under way: how much later than usual it arrives, and whether anybody waits for
    /// its answer. `None` when it never arrives; the client then gets `unknown` when its patience is over.
    pub(super) fn departure(
        &mut self,
        now: Timestamp,
        venue: VenueId,
        unknown: Message,
    ) -> Option<(Span, Answer)> {
        if self.post.dice.is_quiet() {
            return Some((Span::from_ms(0), Answer::Awaited));
        }
        if self.post.dice.strikes(FaultKind::RequestLost, venue) {
            self.post.give_up(now, unknown);
            return None;
        }
        if self.post.dice.strikes(FaultKind::RequestDelayed, venue) {
            self.post.give_up(now, unknown);
            return Some((self.post.dice.delay(), Answer::Unheard));
        }
        Some((Span::from_ms(0), Answer::Awaited))
    }

    /// Puts something on its way to a venue. Without latency it is there at once.
    pub(super) fn send(
        &mut self,
        leaves: Timestamp,
        now: Timestamp,
        venue: VenueId,
        what: Inbound,
    ) {
        let arrives = leaves + self.latency(venue);
        if arrives > now {
            return self.inbound.push(arrives, what);
        }
        while let Some((at, earlier)) = self.inbound.pop_until(now) {
            self.serve(at, earlier);
        }
        self.serve(now, what);
    }

    /// Serves everything that arrived before a time, at the prices that held until then.
    pub(super) fn serve_before(&mut self, now: Timestamp) {
        while let Some((at, what)) = self.inbound.pop_until(now - Span::from_ms(1)) {
            self.serve(at, what);
        }
    }

    /// A venue deals with what has reached it.
    pub(super) fn serve(&mut self, at: Timestamp, what: Inbound) {
        let validity = self.setup.execution.validity;
        match what {
            Inbound::Order { id, venue, request, answer } => {
                let outcome = self.serve_order(at, venue, id, &request);
                if !matches!(outcome, Outcome::Working { .. }) {
                    self.orders.end(id, outcome.clone());
                }
                if answer == Answer::Awaited {
                    self.post.answer(venue, at, self.latency(venue), Message::Outcome(id, outcome));
                }
            }
            Inbound::Group { id, venue, legs, answer } => {
                let outcome = self.serve_group(at, venue, id, &legs);
                self.orders.end_group(id, outcome.clone());
                if answer == Answer::Awaited {
                    self.post.answer(
                        venue,
                        at,
                        self.latency(venue),
                        Message::GroupOutcome(id, outcome),
                    );
                }
            }
            Inbound::Query { id, venue } => {
                let outcome = self.orders.outcome(id, at, validity);
                self.post.answer(venue, at, self.latency(venue), Message::Outcome(id, outcome));
            }
            Inbound::QueryGroup { id, venue } => {
                let outcome = self.orders.group_outcome(id, at, validity);
                self.post.answer(
                    venue,
                    at,
                    self.latency(venue),
                    Message::GroupOutcome(id, outcome),
                );
            }
            Inbound::Observe { venue, keys } => {
                let report = self.observation(at, venue, &keys);
                self.post.answer(venue, at, self.latency(venue), Message::Report(report));
            }
            Inbound::Arrival(arrival) => {
                let postings = self.floor.arrive(&arrival);
                let references = &mut self.references;
                let report = settled(references, arrival.venue, at, Settlement::Arrival, postings);
                self.post.settle(at, report);
            }
        }
    }

    fn serve_order(
        &mut self,
        at: Timestamp,
        venue: VenueId,
        id: OrderId,
        request: &Request,
    ) -> Outcome {
        if let Some(rejection) = self.turned_away(at, venue, id) {
            return Outcome::Rejected(rejection);
        }
        let is_partial = self.post.dice.strikes(FaultKind::PartialFill, venue);
        let struck = if is_partial { self.post.dice.share() } else { Decimal::ONE };
        let share = struck * self.filled_share(at, venue, request);
        let weather = known(&self.weather);
        let done = self.floor.execute(weather, at, id, request, share);
        if matches!(done.outcome, Outcome::Working { .. }) {
            self.orders.work(id);
        }
        if let Some(arrival) = done.arrival {
            self.inbound.push(arrival.at, Inbound::Arrival(arrival));
        }
        done.outcome
    }

    fn serve_group(
        &mut self,
        at: Timestamp,
        venue: VenueId,
        id: OrderId,
        legs: &[Request],
    ) -> crate::types::GroupOutcome {
        if let Some(rejection) = self.turned_away(at, venue, id) {
            return refused_group(rejection);
        }
        let is_struck = self.post.dice.strikes(FaultKind::Reverted, venue);
        let reverting = is_struck.then(|| self.post.dice.one_of(legs.len()));
        let weather = known(&self.weather);
        let (outcome, arrivals) = self.floor.execute_group(weather, at, legs, reverting);
        for arrival in arrivals {
            self.inbound.push(arrival.at, Inbound::Arrival(arrival));
        }
        outcome
    }

    /// Why a venue does not even look at a request: it came after its validity, or for reasons of the venue's own.
    fn turned_away(&mut self, at: Timestamp, venue: VenueId, id: OrderId) -> Option<Rejection> {
        let name = &self.setup.universe.venue(venue).name;
        let validity = self.setup.execution.validity;
        if !self.orders.is_valid(id, at, validity) {
            let message = format!(
                "{name} received the request more than {} ms after it was sent; nothing was done",
                validity.ms()
            );
            return Some(refused("EXPIRED", message));
        }
        let is_struck = self.post.dice.strikes(FaultKind::Rejected, venue);
        is_struck.then(|| refused("BUSY", format!("{name} is too busy to take the order")))
    }

    /// The balances of a venue's keys, possibly those of the last tick.
    fn observation(&mut self, at: Timestamp, venue: VenueId, keys: &[KeyId]) -> Report {
        let is_stale = self.post.dice.strikes(FaultKind::ObservationStale, venue);
        let is_mislabelled =
            !is_stale && self.post.dice.strikes(FaultKind::ObservationMislabelled, venue);
        let (as_of, past) = match &self.past {
            Some((since, slots)) if is_stale => (*since, Some(slots)),
            Some((_, slots)) if is_mislabelled => (at, Some(slots)),
            _ => (at, None),
        };
        let balances = keys.iter().map(|key| match past {
            Some(slots) => slots[key.index()].reported(*key),
            None => self.floor.ledger.balance(*key),
        });
        Report { venue, as_of, body: ReportBody::Balances(balances.collect()) }
    }

    /// Notes an order for a key that an order of unknown fate has locked.
    pub(super) fn watch(&mut self, at: Timestamp, id: OrderId, key: KeyId) {
        if let Some(doubtful) = self.orders.doubt_about(key).filter(|doubtful| *doubtful != id) {
            self.violations.push(Violation::KeyInDoubt { id, doubtful, key, at });
        }
    }

    /// Keeps in mind what the client knows now.
    pub(super) fn told(&mut self, message: &Message) {
        use crate::types::GroupOutcome as Group;
        match message {
            Message::Outcome(id, Outcome::Unknown) | Message::GroupOutcome(id, Group::Unknown) => {
                self.orders.told_unknown(*id);
            }
            Message::Outcome(_, Outcome::NotFound { is_final: false })
            | Message::GroupOutcome(_, Group::NotFound { is_final: false })
            | Message::Sent(_)
            | Message::Report(_) => {}
            Message::Outcome(id, _) | Message::GroupOutcome(id, _) => self.orders.told_fate(*id),
        }
    }

    pub(super) fn sent_twice(&mut self, at: Timestamp, id: OrderId) -> Rejection {
        self.violations.push(Violation::IdSentTwice { id, at });
        refused(
            "DUPLICATE_ID",
            format!("the order id {id} has been sent before; ids are used once"),
        )
    }

    pub(super) fn is_down(&self, venue: VenueId) -> Rejection {
        let name = &self.setup.universe.venue(venue).name;
        unavailable(format!("{name} does not accept connections; nothing was sent"))
    }

    #[inline]
    pub(super) fn latency(&self, venue: VenueId) -> Span {
        self.setup.conditions[venue.index()].latency
    }

    pub(super) fn round_trip(&self, venue: VenueId) -> Span {
        Span::from_ms(2 * self.latency(venue).ms())
    }
}

fn known<W: Weather>(weather: &Option<W>) -> &dyn Weather {
    match weather {
        Some(weather) => weather,
        None => &NOTHING_KNOWN,
    }
}
