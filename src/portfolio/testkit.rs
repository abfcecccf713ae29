//! A world small enough to do by hand: the configuration of the economic tests, with prices set one by one.

use std::path::Path;

use rust_decimal::Decimal;

use crate::config::{Costs, LoadRequest, Setup, ShareClass, StrategyRef, load};
use crate::market::Quote;
use crate::types::{
    Cause, KeyId, MarketId, MarketKind, Notional, Posting, Price, Quantity, Timestamp, VenueId,
};

use super::books::Books;
use super::prices::Prices;

pub(super) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn qty(text: &str) -> Quantity {
    Quantity::new(dec(text))
}

/// A wallet, Binance and Bybit, with BTC spot and perp at both.
pub(super) struct Kit {
    pub(super) setup: Setup,
}

impl Kit {
    pub(super) fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let config = root.join("tests/configs/economics.yaml");
        let setup = load(LoadRequest {
            strategy: StrategyRef { name: config.display().to_string(), config: Some(config) },
            config_dir: root.join("configs"),
            sets: Vec::new(),
            capital: None,
            from: None,
            to: None,
            costs: Costs::Full,
        });
        Self { setup: setup.unwrap_or_else(|faults| panic!("{faults}")) }
    }

    /// The same told in another currency.
    pub(super) fn told_in(mut self, name: &str) -> Self {
        let token = self.setup.universe.token_named(name).unwrap();
        self.setup.share_class = ShareClass { name: name.to_owned(), token, decimals: 6 };
        self
    }

    pub(super) fn key(&self, name: &str) -> KeyId {
        self.setup.universe.key_named(name).unwrap()
    }

    pub(super) fn venue(&self, name: &str) -> VenueId {
        self.setup.universe.venue_named(name).unwrap()
    }

    pub(super) fn market(&self, venue: &str, kind: MarketKind) -> MarketId {
        self.setup.universe.market_named(self.venue(venue), kind, "BTCUSDT").unwrap()
    }

    /// BTC at a reference, spot and mark at Binance, ETH at 2 000.
    pub(super) fn prices(&self, reference: &str, spot: &str, mark: &str) -> Prices {
        let mut prices = Prices::new(&self.setup);
        let price = |text: &str| Price::new(dec(text));
        let quote =
            |text: &str| Quote { price: price(text), as_of: Timestamp::from_ms(0), tradable: true };
        prices.set_quote(self.market("bybit", MarketKind::Spot), quote(reference));
        prices.set_quote(self.market("binance", MarketKind::Spot), quote(spot));
        prices.set_quote(self.market("binance", MarketKind::Perp), quote(mark));
        for (token, text) in [("BTC", reference), ("ETH", "2000"), ("USDT", "1")] {
            prices.set_reference(self.setup.universe.token_named(token).unwrap(), price(text));
        }
        prices.revalue();
        prices
    }

    pub(super) fn posting(&self, key: &str, amount: &str) -> Posting {
        Posting::plain(self.key(key), qty(amount), Cause::Capital)
    }

    /// Cash owed, two coins hedged by a short at 105, money on its way, and ETH.
    pub(super) fn books(&self) -> Books {
        let mut books = Books::new(&self.setup.universe);
        let held = [
            self.posting("binance:BaseToken:USDT", "-50"),
            self.posting("binance:BaseToken:BTC", "2"),
            self.perp("-2", "-210"),
            self.posting("bybit:Transit:USDT", "30"),
            self.posting("wallet:BaseToken:ETH", "0.01"),
        ];
        books.post(&self.setup.universe, &held).unwrap();
        books
    }

    pub(super) fn perp(&self, size: &str, cost: &str) -> Posting {
        Posting { cost: Notional::new(dec(cost)), ..self.posting("binance:Perp:BTCUSDT", size) }
    }
}
