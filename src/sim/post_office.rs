//! The way from a venue back to us: messages in order of time, and what can happen to them on the way.

use std::collections::VecDeque;

use crate::types::{GroupOutcome, OrderId, Outcome, Report, Span, Timestamp, VenueId};

use super::fault::{Dice, FaultKind};
use super::message::Message;
use super::timeline::Timeline;

/// The longest that one message is overtaken by.
const JITTER_MS: i64 = 1_000;

/// Messages on their way to the client.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PostOffice {
    pub(super) dice: Dice,
    pending: Timeline<Message>,
    /// What was settled lately, for clients that ask again.
    history: VecDeque<Report>,
}

/// How long settlements can be asked for again.
const HISTORY: Span = Span::from_hours(24 * 7);

impl PostOffice {
    pub(super) const fn new(dice: Dice) -> Self {
        Self { dice, pending: Timeline::new(), history: VecDeque::new() }
    }

    #[inline]
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.pending.next_at()
    }

    pub(super) fn pop_until(&mut self, limit: Timestamp) -> Option<(Timestamp, Message)> {
        self.pending.pop_until(limit)
    }

    /// Tells something that cannot go wrong.
    pub(super) fn tell(&mut self, at: Timestamp, message: Message) {
        self.pending.push(at, message);
    }

    /// Tells the client, once its patience is over, that it does not know what became of a request sent at a time.
    pub(super) fn give_up(&mut self, sent_at: Timestamp, message: Message) {
        let at = sent_at + self.dice.patience();
        self.pending.push(at, nothing_known_of(message));
    }

    /// Sends an answer on its way, which may lose, delay, double or jumble it. A lost observation is just not there.
    pub(super) fn answer(
        &mut self,
        venue: VenueId,
        leaves: Timestamp,
        latency: Span,
        message: Message,
    ) {
        let at = leaves + latency;
        if self.dice.is_quiet() {
            self.pending.push(at, message);
            return;
        }
        // What is ordered for an answer is meant for that of an order.
        let is_report = matches!(message, Message::Report(_));
        let is_lost = match is_report {
            true => self.dice.is_drawn(FaultKind::AnswerLost),
            false => self.dice.strikes(FaultKind::AnswerLost, venue),
        };
        if is_lost {
            if !is_report {
                self.give_up(leaves, message);
            }
            return;
        }
        let at = at + self.hold_up(FaultKind::AnswerDelayed, (!is_report).then_some(venue));
        if self.dice.strikes(FaultKind::AnswerDuplicated, venue) {
            let again = at + self.dice.delay();
            self.pending.push(again, message.clone());
        }
        self.pending.push(at, message);
    }

    /// Sends a settlement on its way, which may delay or double it; settlements are never lost.
    pub(super) fn settle(&mut self, at: Timestamp, report: Report) {
        while self.history.front().is_some_and(|old| old.as_of < at - HISTORY) {
            self.history.pop_front();
        }
        self.history.push_back(report.clone());
        let venue = report.venue;
        let at = at + self.hold_up(FaultKind::AccrualDelayed, Some(venue));
        if self.dice.strikes(FaultKind::AccrualDuplicated, venue) {
            let again = at + self.dice.delay();
            self.pending.push(again, Message::Report(report.clone()));
        }
        self.pending.push(at, Message::Report(report));
    }

    /// Tells again what a venue has settled since a time.
    pub(super) fn tell_again(&mut self, at: Timestamp, venue: VenueId, since: Timestamp) {
        let reports =
            self.history.iter().filter(|report| report.venue == venue && report.as_of >= since);
        for report in reports {
            self.pending.push(at, Message::Report(report.clone()));
        }
    }

    /// Forgets all messages on their way: their receiver is gone.
    pub(super) fn drop_all(&mut self) {
        self.pending = Timeline::new();
    }

    /// How much later a message comes; without a venue by chance alone.
    fn hold_up(&mut self, kind: FaultKind, venue: Option<VenueId>) -> Span {
        let mut ms = 0;
        let is_held = match venue {
            Some(venue) => self.dice.strikes(kind, venue),
            None => self.dice.is_drawn(kind),
        };
        if is_held {
            ms += self.dice.delay().ms();
        }
        if self.dice.is_drawn(FaultKind::Reordered) {
            ms += self.dice.delay().ms().min(JITTER_MS);
        }
        Span::from_ms(ms)
    }
}

/// What a client knows that waited in vain for this answer.
fn nothing_known_of(message: Message) -> Message {
    match message {
        Message::Outcome(id, _) => unknown(id),
        Message::GroupOutcome(id, _) => unknown_group(id),
        Message::Sent(_) | Message::Report(_) => message,
    }
}

/// Nobody can tell what became of an order.
pub(super) const fn unknown(id: OrderId) -> Message {
    Message::Outcome(id, Outcome::Unknown)
}

/// Nobody can tell what became of a group.
pub(super) const fn unknown_group(id: OrderId) -> Message {
    Message::GroupOutcome(id, GroupOutcome::Unknown)
}
