//! The books: one holding a key, changed by postings and by nothing else.

use serde::{Deserialize, Serialize};

use crate::types::{
    Code, Coded, KeyId, Notional, PositionType, Posting, Price, Quantity, Universe,
};

/// What is held at one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Holding {
    /// Tokens or coins; signed for perps.
    pub quantity: Quantity,
    /// Entry cost of a perp position, Σ size × entry price, with the sign of the size. Zero elsewhere.
    pub cost: Notional,
}

/// All holdings of a run, dense by [`KeyId`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Books {
    holdings: Vec<Holding>,
}

impl Books {
    /// Empty books for all keys of a universe.
    pub fn new(universe: &Universe) -> Self {
        Self { holdings: vec![Holding::default(); universe.instruments().len()] }
    }

    /// What is held at a key.
    #[inline]
    pub fn quantity(&self, key: KeyId) -> Quantity {
        self.holdings[key.index()].quantity
    }

    /// The entry cost at a key; zero for anything but a perp.
    #[inline]
    pub fn cost(&self, key: KeyId) -> Notional {
        self.holdings[key.index()].cost
    }

    /// The average entry price of a perp position; `None` when flat.
    pub fn entry_price(&self, key: KeyId) -> Option<Price> {
        let holding = self.holdings[key.index()];
        (!holding.quantity.is_zero()).then(|| holding.cost / holding.quantity)
    }

    /// All holdings, by key.
    pub fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// Copies another set of books without a new allocation.
    pub fn copy_from(&mut self, other: &Books) {
        self.holdings.clone_from(&other.holdings);
    }

    /// Applies postings that belong together, whole or not at all.
    ///
    /// # Errors
    /// POS-002 when an amount is finer than its key's decimals, or when a key would end below zero that must not: all but
    /// perps, the cash of a margin account, whose floor is the venue's to keep, and what is on its way.
    pub fn post(&mut self, universe: &Universe, postings: &[Posting]) -> Result<(), Coded> {
        for posting in postings {
            let key = universe.instrument(posting.key);
            if posting.amount.get().normalize().scale() > key.decimals {
                return Err(Coded::new(
                    Code::Pos002,
                    format!(
                        "a posting of {} to {} has more than {} decimals",
                        posting.amount, key.name, key.decimals
                    ),
                ));
            }
        }
        self.apply(postings);
        let broken = postings
            .iter()
            .map(|posting| posting.key)
            .find(|&key| self.is_forbidden(universe, key));
        if let Some(key) = broken {
            let balance = self.quantity(key);
            self.revert(postings);
            let name = &universe.instrument(key).name;
            return Err(Coded::new(
                Code::Pos002,
                format!("postings would leave {balance} at {name}, which cannot be negative"),
            ));
        }
        Ok(())
    }

    /// Sets a key to what a venue reports and returns the change; for differences that are accepted as external.
    pub fn accept(&mut self, key: KeyId, reported: Holding) -> Holding {
        let holding = &mut self.holdings[key.index()];
        let change = Holding {
            quantity: reported.quantity - holding.quantity,
            cost: reported.cost - holding.cost,
        };
        *holding = reported;
        change
    }

    /// Applies one posting without looking; for copies of books whose original has checked it.
    pub(crate) fn post_unchecked(&mut self, posting: &Posting) {
        self.apply(std::slice::from_ref(posting));
    }

    fn apply(&mut self, postings: &[Posting]) {
        for posting in postings {
            let holding = &mut self.holdings[posting.key.index()];
            holding.quantity += posting.amount;
            holding.cost += posting.cost;
        }
    }

    fn revert(&mut self, postings: &[Posting]) {
        for posting in postings {
            let holding = &mut self.holdings[posting.key.index()];
            holding.quantity -= posting.amount;
            holding.cost -= posting.cost;
        }
    }

    fn is_forbidden(&self, universe: &Universe, key: KeyId) -> bool {
        let instrument = universe.instrument(key);
        let is_margin_cash =
            universe.venue(instrument.venue).margin.as_ref().is_some_and(|rules| rules.cash == key);
        // A transfer may be known to have arrived before it is known to have left: then it is owed to its source, and
        // equity is right all the same.
        let of = instrument.position_type;
        let may_be_negative = of == PositionType::Perp || of.is_in_flight();
        !may_be_negative && !is_margin_cash && self.quantity(key).is_negative()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Kit, dec, qty};
    use super::*;

    const COINS: &str = "binance:BaseToken:BTC";

    #[test]
    fn postings_that_belong_together_are_applied_whole_or_not_at_all() {
        let kit = Kit::new();
        let mut books = Books::new(&kit.setup.universe);
        books.post(&kit.setup.universe, &[kit.posting(COINS, "1")]).unwrap();
        let before = books.clone();
        let refused = books
            .post(
                &kit.setup.universe,
                &[kit.posting("binance:BaseToken:USDT", "100"), kit.posting(COINS, "-1.5")],
            )
            .unwrap_err();
        assert_eq!(refused.code, Code::Pos002);
        assert!(refused.message.contains("-0.5 at binance:BaseToken:BTC"), "{refused}");
        assert_eq!(books, before);
        // In the end it is there: the order within a group does not matter.
        books
            .post(&kit.setup.universe, &[kit.posting(COINS, "-1.5"), kit.posting(COINS, "0.5")])
            .unwrap();
        assert!(books.quantity(kit.key(COINS)).is_zero());
    }

    #[test]
    fn only_perps_margin_cash_and_what_is_on_its_way_may_be_negative() {
        let kit = Kit::new();
        let may = |key: &str| {
            Books::new(&kit.setup.universe)
                .post(&kit.setup.universe, &[kit.posting(key, "-1")])
                .is_ok()
        };
        for key in ["binance:Perp:BTCUSDT", "binance:BaseToken:USDT", "bybit:Transit:USDT"] {
            assert!(may(key), "{key}");
        }
        for key in [COINS, "wallet:BaseToken:USDT", "wallet:BaseToken:ETH", "wallet:BaseToken:WETH"]
        {
            assert!(!may(key), "{key}");
        }
    }

    #[test]
    fn a_posting_is_no_finer_than_its_key() {
        let kit = Kit::new();
        let mut books = Books::new(&kit.setup.universe);
        // USDT has six decimals on chain and eight at an exchange; trailing zeros are no decimals.
        let mut post =
            |key: &str, amount: &str| books.post(&kit.setup.universe, &[kit.posting(key, amount)]);
        assert!(post("wallet:BaseToken:USDT", "1.0000001").is_err());
        assert!(post("wallet:BaseToken:USDT", "1.00000100").is_ok());
        assert!(post("binance:BaseToken:USDT", "1.00000001").is_ok());
    }

    #[test]
    fn a_perp_keeps_its_cost_and_tells_its_average_entry() {
        let kit = Kit::new();
        let mut books = Books::new(&kit.setup.universe);
        let key = kit.key("binance:Perp:BTCUSDT");
        assert_eq!(books.entry_price(key), None);
        books.post(&kit.setup.universe, &[kit.perp("-1", "-100"), kit.perp("-1", "-110")]).unwrap();
        assert_eq!(books.entry_price(key), Some(Price::new(dec("105"))));
    }

    #[test]
    fn an_accepted_number_replaces_ours_and_tells_the_change() {
        let kit = Kit::new();
        let mut books = Books::new(&kit.setup.universe);
        books.post(&kit.setup.universe, &[kit.perp("2", "200")]).unwrap();
        let reported = Holding { quantity: qty("3"), cost: Notional::new(dec("330")) };
        let change = books.accept(kit.key("binance:Perp:BTCUSDT"), reported);
        assert_eq!((change.quantity, change.cost), (qty("1"), Notional::new(dec("130"))));
        assert_eq!(books.holdings()[kit.key("binance:Perp:BTCUSDT").index()], reported);
    }
}
