//! The venues' own books: what they hold for us, changed by postings only, and what each cause has brought or taken.
//!
//! Not the engine's books and not made from them: two sets kept apart are what makes reconciliation a test. Whether an
//! operation is allowed is decided before it is posted, by the venue it belongs to.

use crate::types::chain::Draw;
use crate::types::{
    Balance, Cause, Execution, KeyId, MarketId, Notional, Posting, Quantity, Side, Timestamp,
};

/// How many causes there are; the width of the tally.
const CAUSES: usize = Cause::External as usize + 1;

/// What a venue holds for us at one key.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Slot {
    /// Tokens, or signed coins of a perp.
    pub(super) quantity: Quantity,
    /// Entry cost of a perp, with the sign of its size.
    pub(super) cost: Notional,
}

/// All venues' books, dense by key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ledger {
    slots: Vec<Slot>,
    /// By key and cause: the sum of all postings. Kept beside the balances and not undone with them: a group counts here
    /// only when it commits, so a balance that strayed from its causes shows.
    tally: Vec<[Quantity; CAUSES]>,
    /// How often balances have changed for good.
    changes: u64,
    depth: Depth,
}

/// What has been taken out of pools and order books since the tick, and is not there for who comes next.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Depth {
    pub(super) draws: Vec<Draw>,
    fills: Vec<(MarketId, Side, Quantity)>,
    /// Until when lending pools have nothing to give, whoever supplied it.
    lent_out_until: Option<Timestamp>,
}

impl Depth {
    /// Whether all that lies in lending pools is lent, what is ours with it.
    pub(super) fn is_lent_out(&self, now: Timestamp) -> bool {
        self.lent_out_until.is_some_and(|until| now < until)
    }

    /// All of it is lent until a time.
    pub(super) fn lend_out(&mut self, until: Timestamp) {
        self.lent_out_until = self.lent_out_until.max(Some(until));
    }

    /// Coins that were bought or sold in a market since the tick.
    pub(super) fn filled(&self, market: MarketId, side: Side) -> Quantity {
        let same = self.fills.iter().filter(|fill| (fill.0, fill.1) == (market, side));
        same.map(|fill| fill.2).sum()
    }

    pub(super) fn fill(&mut self, market: MarketId, side: Side, coins: Quantity) {
        self.fills.push((market, side, coins));
    }
}

/// What a group has overwritten, newest last.
#[derive(Debug)]
pub(super) struct UndoLog {
    before: Vec<(KeyId, Slot)>,
    draws: usize,
}

impl Ledger {
    /// Books that open with these balances.
    pub(super) fn new(keys: usize, initial: &[(KeyId, Quantity)]) -> Self {
        let mut ledger = Self {
            slots: vec![Slot::default(); keys],
            tally: vec![[Quantity::ZERO; CAUSES]; keys],
            changes: 0,
            depth: Depth::default(),
        };
        for &(key, quantity) in initial {
            ledger.post(&[Posting::plain(key, quantity, Cause::Capital)]);
        }
        ledger
    }

    #[inline]
    pub(super) fn quantity(&self, key: KeyId) -> Quantity {
        self.slots[key.index()].quantity
    }

    #[inline]
    pub(super) fn cost(&self, key: KeyId) -> Notional {
        self.slots[key.index()].cost
    }

    /// A number that is another after every change.
    #[inline]
    pub(super) const fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn depth(&self) -> &Depth {
        &self.depth
    }

    pub(super) fn depth_mut(&mut self) -> &mut Depth {
        &mut self.depth
    }

    /// The next tick's market: what was taken is there again.
    pub(super) fn refill(&mut self) {
        self.depth.draws.clear();
        self.depth.fills.clear();
    }

    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(super) fn balance(&self, key: KeyId) -> Balance {
        self.slots[key.index()].reported(key)
    }

    /// Posts what has happened for good.
    pub(super) fn post(&mut self, postings: &[Posting]) {
        self.changes += 1;
        for posting in postings {
            self.slots[posting.key.index()].add(posting);
            self.count(posting);
        }
    }

    /// Begins what may still be undone.
    pub(super) fn undo_log(&self) -> UndoLog {
        UndoLog { before: Vec::new(), draws: self.depth.draws.len() }
    }

    /// Posts what may still be undone.
    pub(super) fn post_logged(&mut self, postings: &[Posting], undo: &mut UndoLog) {
        for posting in postings {
            let slot = &mut self.slots[posting.key.index()];
            undo.before.push((posting.key, *slot));
            slot.add(posting);
        }
    }

    /// Makes what was posted under an undo log final.
    pub(super) fn commit(&mut self, executions: &[Execution]) {
        self.changes += 1;
        for posting in executions.iter().flat_map(|execution| &execution.deltas) {
            self.count(posting);
        }
    }

    /// Puts back, newest first, what an undo log remembers.
    pub(super) fn roll_back(&mut self, undo: UndoLog) {
        for (key, before) in undo.before.into_iter().rev() {
            self.slots[key.index()] = before;
        }
        self.depth.draws.truncate(undo.draws);
    }

    /// The sum of all postings of a cause at a key.
    pub(super) fn tally(&self, key: KeyId, cause: Cause) -> Quantity {
        self.tally[key.index()][cause as usize]
    }

    /// Keys whose balance is not the sum of its causes.
    pub(super) fn unexplained(&self) -> impl Iterator<Item = (KeyId, Quantity)> + '_ {
        self.slots.iter().zip(&self.tally).enumerate().filter_map(|(index, (slot, causes))| {
            let stray = slot.quantity - causes.iter().copied().sum();
            (!stray.is_zero()).then_some((KeyId(index as u16), stray))
        })
    }

    fn count(&mut self, posting: &Posting) {
        self.tally[posting.key.index()][posting.cause as usize] += posting.amount;
    }
}

impl Slot {
    /// As the venue would tell it.
    pub(super) fn reported(self, key: KeyId) -> Balance {
        Balance { key, quantity: self.quantity, cost: self.cost }
    }

    fn add(&mut self, posting: &Posting) {
        self.quantity += posting.amount;
        self.cost += posting.cost;
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn quantity(text: &str) -> Quantity {
        Quantity::new(text.parse::<Decimal>().unwrap())
    }

    #[test]
    fn a_rollback_restores_every_byte_and_counts_nothing() {
        let (a, b) = (KeyId(0), KeyId(1));
        let mut ledger = Ledger::new(2, &[(a, quantity("10.50"))]);
        let before = format!("{ledger:?}");
        let mut undo = ledger.undo_log();
        for amount in ["-3.25", "-0.125"] {
            let amount = quantity(amount);
            let legs =
                [Posting::plain(a, amount, Cause::Move), Posting::plain(b, -amount, Cause::Move)];
            ledger.post_logged(&legs, &mut undo);
        }
        assert_eq!(ledger.quantity(b), quantity("3.375"));
        assert_eq!(ledger.unexplained().count(), 2, "nothing is counted before the commit");
        ledger.roll_back(undo);
        assert_eq!(format!("{ledger:?}"), before);
    }

    #[test]
    fn every_balance_is_the_sum_of_its_causes() {
        let key = KeyId(0);
        let mut ledger = Ledger::new(1, &[(key, quantity("10"))]);
        ledger.post(&[Posting::plain(key, quantity("-1"), Cause::Fee)]);
        assert_eq!(ledger.tally(key, Cause::Capital), quantity("10"));
        assert_eq!(ledger.tally(key, Cause::Fee), quantity("-1"));
        assert_eq!(ledger.unexplained().count(), 0);
    }
}
