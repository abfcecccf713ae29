//! What venues did by themselves: funding, interest, arrivals, stops, liquidations. Each reference is applied once.

use std::collections::BTreeMap;

use crate::portfolio::Holding;
use crate::types::event::Loudness;
use crate::types::venue::VenueKind;
use crate::types::{
    Cause, Code, Coded, KeyId, MarketId, Posting, Quantity, Settlement, Timestamp, VenueId,
};

use super::core::Engine;
use super::outbox::Outbox;
use super::state::End;

impl Engine {
    /// Something that a venue did by itself.
    pub(super) fn on_settled(
        &mut self,
        venue: VenueId,
        as_of: Timestamp,
        kind: Settlement,
        postings: &[Posting],
        out: &mut Outbox,
    ) {
        self.take_back_external(postings, out);
        if let Err(error) = self.state.books.post(&self.setup.universe, postings) {
            self.alarm("engine", &error, out);
            return self.end(End::Failed(error), out);
        }
        self.state.ledger.settle_later(postings);
        self.state.touched_at[venue.index()] = self.state.touched_at[venue.index()].max(as_of);
        self.is_dirty = true;
        match kind {
            Settlement::Arrival => self.arrived(postings),
            Settlement::Liquidation => self.liquidated(venue, postings, out),
            Settlement::Deleveraging(market) => self.deleveraged(market, postings, out),
            Settlement::Protection(market) => {
                let market = self.setup.universe.market(market);
                let text = format!("a stop or target of {} was filled", market.symbol);
                self.note("engine", Loudness::Info, None, text, out);
            }
            Settlement::Reward => {
                let text = format!("tokens were handed out: {}", self.changes(postings));
                self.note("engine", Loudness::Info, None, text, out);
            }
            Settlement::Funding(_) | Settlement::Interest => {}
        }
    }

    /// A venue that lends takes collateral where an exchange closes positions.
    fn liquidated(&mut self, venue: VenueId, postings: &[Posting], out: &mut Outbox) {
        self.state.tally.liquidations += 1;
        let changes = self.changes(postings);
        let venue = self.setup.universe.venue(venue);
        let (code, what, under_plan) = match venue.kind {
            VenueKind::Lending => (
                Code::Risk001,
                "liquidated collateral, because the health factor fell below 1",
                "collateral was liquidated under the plan",
            ),
            _ => (
                Code::Risk003,
                "liquidated positions for want of margin",
                "positions were liquidated under the plan",
            ),
        };
        let message = format!("{} {what}: {changes}", venue.name);
        self.alarm("engine", &Coded::new(code, message), out);
        self.halt_active(code, under_plan, out);
    }

    /// An exchange has closed a short that nobody asked it to: what hedged it stands alone.
    fn deleveraged(&mut self, market: MarketId, postings: &[Posting], out: &mut Outbox) {
        let changes = self.changes(postings);
        let market = self.setup.universe.market(market);
        let (venue, symbol) = (&self.setup.universe.venue(market.venue).name, &market.symbol);
        let message =
            format!("{venue} closed the short of {symbol} by auto-deleveraging: {changes}");
        self.alarm("engine", &Coded::new(Code::Risk008, message), out);
        self.halt_active(Code::Risk008, "a short was closed under the plan", out);
    }

    /// What postings change by key, in tokens at the last known indices.
    fn changes(&self, postings: &[Posting]) -> String {
        let mut sums: BTreeMap<KeyId, Quantity> = BTreeMap::new();
        for posting in postings {
            *sums.entry(posting.key).or_default() += posting.amount;
        }
        let told = sums.into_iter().map(|(key, amount)| {
            let tokens = self.step.unscaled(key, amount).get().round_dp(6).normalize();
            let plus = if tokens.is_sign_positive() { "+" } else { "" };
            format!("{plus}{tokens} at {}", self.setup.universe.instrument(key).name)
        });
        told.collect::<Vec<_>>().join(", ")
    }

    /// The oldest transfer to the key with that amount has arrived.
    fn arrived(&mut self, postings: &[Posting]) {
        for posting in postings.iter().filter(|posting| posting.amount.is_positive()) {
            let pending = &mut self.state.pending;
            let found = pending
                .iter()
                .position(|way| way.key == posting.key && way.amount == posting.amount);
            if let Some(index) = found {
                pending.remove(index);
            }
        }
    }

    /// A settlement that explains a difference which was posted as external: that posting goes, this one stays. What counts
    /// is all that the settlement did at a key: a stop pays its loss and its fee in one go.
    fn take_back_external(&mut self, postings: &[Posting], out: &mut Outbox) {
        let mut keys: Vec<KeyId> = postings.iter().map(|posting| posting.key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let net = postings
                .iter()
                .filter(|posting| posting.key == key)
                .map(|posting| posting.amount)
                .sum();
            self.withdraw_external(key, net, "a late settlement explains it", out);
        }
    }

    /// Whether a difference is just the opposite of what was once posted as external: then that was a stale report that
    /// claimed to be fresh, and its posting goes.
    pub(super) fn was_never_external(
        &mut self,
        key: KeyId,
        difference: Quantity,
        out: &mut Outbox,
    ) -> bool {
        self.withdraw_external(key, -difference, "the venue says now that it was never there", out)
    }

    fn withdraw_external(
        &mut self,
        key: KeyId,
        amount: Quantity,
        why: &str,
        out: &mut Outbox,
    ) -> bool {
        let is_it =
            |external: &(KeyId, Holding)| external.0 == key && external.1.quantity == amount;
        let Some(index) = self.state.external.iter().position(is_it) else { return false };
        let (_, change) = self.state.external.remove(index);
        let back = Posting { cost: -change.cost, ..Posting::plain(key, -amount, Cause::External) };
        self.apply_at_once(&[back], out);
        let name = &self.setup.universe.instrument(key).name;
        let text = format!("the change of {amount} at {name} is no longer external: {why}");
        self.note("engine", Loudness::Info, None, text, out);
        true
    }
}
