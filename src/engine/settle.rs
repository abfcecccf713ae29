//! What venues did by themselves: funding, interest, arrivals, stops, liquidations. Each reference is applied once.

use crate::types::event::Loudness;
use crate::types::{Cause, Code, Coded, Posting, Settlement, Timestamp, VenueId};

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
            Settlement::Liquidation => {
                let name = &self.setup.universe.venue(venue).name;
                let message = format!("{name} liquidated positions for want of margin");
                self.alarm("engine", &Coded::new(Code::Risk003, message), out);
                self.halt_active(Code::Risk003, "positions were liquidated under the plan", out);
            }
            Settlement::Protection(market) => {
                let market = self.setup.universe.market(market);
                let text = format!("a stop or target of {} was filled", market.symbol);
                self.note("engine", Loudness::Info, None, text, out);
            }
            Settlement::Funding(_) | Settlement::Interest => {}
        }
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

    /// A settlement that explains a difference which was posted as external: that posting goes, this one stays.
    fn take_back_external(&mut self, postings: &[Posting], out: &mut Outbox) {
        for posting in postings {
            let external = &mut self.state.external;
            let Some(index) = external
                .iter()
                .position(|&(key, amount)| key == posting.key && amount == posting.amount)
            else {
                continue;
            };
            external.remove(index);
            let back = Posting::plain(posting.key, -posting.amount, Cause::External);
            self.apply_at_once(&[back], out);
            let name = self.setup.universe.instrument(posting.key).name.clone();
            let text = format!(
                "a late settlement explains the difference at {name}; it is no longer external"
            );
            self.note("engine", Loudness::Info, None, text, out);
        }
    }
}
