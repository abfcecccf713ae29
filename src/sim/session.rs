//! What a venue works with while it serves one request or one tick: its rules, its books, the market, the time.

use crate::config::Setup;
use crate::types::{Instrument, KeyId, Market, MarketId, Timestamp, Universe, VenueId};

use super::account::Account;
use super::ledger::Ledger;
use super::weather::Weather;

/// One moment at the venues.
pub(super) struct Session<'a> {
    pub(super) setup: &'a Setup,
    /// By venue; `None` where nothing is margined.
    pub(super) accounts: &'a [Option<Account>],
    pub(super) ledger: &'a mut Ledger,
    pub(super) weather: &'a dyn Weather,
    /// The venue's clock.
    pub(super) now: Timestamp,
}

impl<'a> Session<'a> {
    pub(super) fn universe(&self) -> &'a Universe {
        &self.setup.universe
    }

    pub(super) fn market(&self, id: MarketId) -> &'a Market {
        self.universe().market(id)
    }

    pub(super) fn key(&self, id: KeyId) -> &'a Instrument {
        self.universe().instrument(id)
    }

    pub(super) fn account(&self, venue: VenueId) -> Option<&'a Account> {
        self.accounts[venue.index()].as_ref()
    }

    /// A market as it is called in a message: `binance perp BTCUSDT`.
    pub(super) fn market_name(&self, market: &Market) -> String {
        let kind = match market.kind {
            crate::types::MarketKind::Spot => "spot",
            crate::types::MarketKind::Perp => "perp",
        };
        format!("{} {kind} {}", self.universe().venue(market.venue).name, market.symbol)
    }
}
