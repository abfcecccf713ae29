//! What the venues remember of each order id: where it is, how it ended. An id is used once and answered for ever.

use std::collections::BTreeMap;

use crate::types::{GroupOutcome, KeyId, OrderId, Outcome, Quantity, Span, Timestamp};

/// Everything ever sent, by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Orders {
    records: BTreeMap<OrderId, Record>,
    /// Orders whose fate the client was told to be unknown, with their keys.
    doubts: Vec<(OrderId, KeyId)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Record {
    /// When it was sent, or first asked for when it never was.
    since: Timestamp,
    /// What it is mainly about: the position of a trade, the source of a transfer. `None` while it was only asked for.
    key: Option<KeyId>,
    fate: Fate,
    /// Whether the client has been told how it ended.
    is_told: bool,
}

/// Where an order is in the venue's eyes.
#[derive(Clone, Debug, PartialEq)]
enum Fate {
    /// Asked for before it was ever sent.
    OnlyAsked,
    /// Sent, and not arrived yet; perhaps it never will.
    OnItsWay,
    /// Accepted, and waiting for its price.
    Working,
    Ended(Outcome),
    /// A leg of a group that is known by another id.
    LegOf(OrderId),
    GroupEnded(GroupOutcome),
}

impl Orders {
    /// Enters an id as sent. `false` when it was sent before.
    pub(super) fn send(&mut self, id: OrderId, key: KeyId, now: Timestamp) -> bool {
        self.enter(id, key, now, Fate::OnItsWay)
    }

    /// Enters a leg of a group that is known by its first leg's id. `false` when the id was sent before.
    pub(super) fn send_leg(
        &mut self,
        id: OrderId,
        first: OrderId,
        key: KeyId,
        now: Timestamp,
    ) -> bool {
        self.enter(id, key, now, if id == first { Fate::OnItsWay } else { Fate::LegOf(first) })
    }

    fn enter(&mut self, id: OrderId, key: KeyId, now: Timestamp, fate: Fate) -> bool {
        let is_known = self.records.get(&id).is_some_and(|record| record.fate != Fate::OnlyAsked);
        if !is_known {
            self.records.insert(id, Record { since: now, key: Some(key), fate, is_told: false });
        }
        !is_known
    }

    /// The order of unknown fate that a key is locked by.
    pub(super) fn doubt_about(&self, key: KeyId) -> Option<OrderId> {
        self.doubts.iter().find(|(_, doubted)| *doubted == key).map(|(id, _)| *id)
    }

    /// The client was told that nobody knows an order's fate.
    pub(super) fn told_unknown(&mut self, id: OrderId) {
        let Some(record) = self.records.get(&id) else { return };
        if let (false, Some(key)) = (record.is_told, record.key)
            && !self.doubts.contains(&(id, key))
        {
            self.doubts.push((id, key));
        }
    }

    /// The client was told how an order ended, or that it is alive.
    pub(super) fn told_fate(&mut self, id: OrderId) {
        self.doubts.retain(|(doubtful, _)| *doubtful != id);
        if let Some(record) = self.records.get_mut(&id) {
            record.is_told = true;
        }
    }

    pub(super) fn work(&mut self, id: OrderId) {
        self.set(id, Fate::Working);
    }

    pub(super) fn end(&mut self, id: OrderId, outcome: Outcome) {
        self.set(id, Fate::Ended(outcome));
    }

    pub(super) fn end_group(&mut self, id: OrderId, outcome: GroupOutcome) {
        self.set(id, Fate::GroupEnded(outcome));
    }

    fn set(&mut self, id: OrderId, fate: Fate) {
        if let Some(record) = self.records.get_mut(&id) {
            record.fate = fate;
        }
    }

    /// Whether a request that was sent under this id is still accepted.
    pub(super) fn is_valid(&self, id: OrderId, now: Timestamp, validity: Span) -> bool {
        self.records.get(&id).is_some_and(|record| now - record.since <= validity)
    }

    /// What a query is answered.
    pub(super) fn outcome(&mut self, id: OrderId, now: Timestamp, validity: Span) -> Outcome {
        let record = self.asked(id, now);
        match &record.fate {
            Fate::Ended(outcome) => outcome.clone(),
            Fate::Working => Outcome::Working { filled: Quantity::ZERO },
            Fate::OnlyAsked | Fate::OnItsWay => {
                Outcome::NotFound { is_final: now - record.since > validity }
            }
            // A leg has no outcome of its own: only a query of the group can tell.
            Fate::LegOf(_) | Fate::GroupEnded(_) => Outcome::Unknown,
        }
    }

    /// What a query of a group is answered.
    pub(super) fn group_outcome(
        &mut self,
        id: OrderId,
        now: Timestamp,
        validity: Span,
    ) -> GroupOutcome {
        let record = self.asked(id, now);
        match &record.fate {
            Fate::GroupEnded(outcome) => outcome.clone(),
            Fate::OnlyAsked | Fate::OnItsWay => {
                GroupOutcome::NotFound { is_final: now - record.since > validity }
            }
            Fate::LegOf(_) | Fate::Ended(_) | Fate::Working => GroupOutcome::Unknown,
        }
    }

    /// Every order that was executed, with how much.
    pub(super) fn executed(&self) -> impl Iterator<Item = (OrderId, Quantity)> + '_ {
        self.records.iter().filter_map(|(id, record)| match &record.fate {
            Fate::Ended(Outcome::Done(execution)) => Some((*id, execution.executed)),
            _ => None,
        })
    }

    fn asked(&mut self, id: OrderId, now: Timestamp) -> &Record {
        self.records.entry(id).or_insert(Record {
            since: now,
            key: None,
            fate: Fate::OnlyAsked,
            is_told: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{PlanId, RunTag};

    /// At no moment may a venue both accept a late request and say that it can no longer arrive.
    #[test]
    fn an_order_is_valid_up_to_the_moment_after_which_it_is_finally_not_found() {
        let (validity, sent) = (Span::from_s(20), Timestamp::from_ms(1_000));
        let id = OrderId { run: RunTag::new(1), plan: PlanId(1), leg: 0, attempt: 1 };
        let mut orders = Orders::default();
        assert!(orders.send(id, KeyId(0), sent));
        for (late_ms, is_valid) in [(0, true), (19_999, true), (20_000, true), (20_001, false)] {
            let now = sent + Span::from_ms(late_ms);
            assert_eq!(orders.is_valid(id, now, validity), is_valid, "{late_ms} ms");
            let told = orders.outcome(id, now, validity);
            assert_eq!(told, Outcome::NotFound { is_final: !is_valid }, "{late_ms} ms");
        }
    }
}
