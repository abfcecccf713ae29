//! What the simulated venues need to know of one moment of the market; the seam between `sim` and the data.
//!
//! A run hands in its [`View`]; tests and drills write a [`Table`] by hand. Numbers are asked for one by one and only when
//! something depends on them: most steps hold, and need none.

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::market::{Bar, Distribution, Funding, Quote, ReserveFigures, View};
use crate::types::{MarketId, Price, Quantity, Rate, ReserveId, RewardId, Timestamp, TokenId};

/// The market at one moment, as far as it could be known then. Each method means what it means on [`View`].
pub trait Weather {
    /// The price of a market; untradable in a gap.
    fn quote(&self, market: MarketId) -> Option<Quote>;
    /// The bar that closed at this moment; `None` in a gap.
    fn just_closed(&self, market: MarketId) -> Option<Bar>;
    /// The last bar that closed at all; its volume is what impact is measured against.
    fn closed_bar(&self, market: MarketId) -> Option<Bar>;
    /// Funding payments stamped in (`since`, now].
    fn fundings_since(&self, market: MarketId, since: Timestamp) -> SmallVec<[Funding; 4]>;
    /// Gas price in gwei.
    fn gas_gwei(&self) -> Option<Decimal>;
    /// Price of a token in quote, for collateral that has no market at its venue.
    fn reference(&self, token: TokenId) -> Option<Price>;
    /// How many of its base token a token is worth by its protocol; one for tokens without a rate.
    fn rate(&self, token: TokenId) -> Option<Decimal>;
    /// What a staking token is sold for, in its base token.
    fn lst_market_rate(&self, token: TokenId) -> Option<Decimal>;
    /// By what a scaled supply is multiplied.
    fn supply_index(&self, reserve: ReserveId) -> Option<Decimal>;
    /// By what a scaled debt is multiplied.
    fn borrow_index(&self, reserve: ReserveId) -> Option<Decimal>;
    /// The totals of a reserve at its last snapshot.
    fn reserve(&self, reserve: ReserveId) -> Option<ReserveFigures>;
    /// What was paid of a reward in (`since`, now].
    fn distributions_since(
        &self,
        reward: RewardId,
        since: Timestamp,
    ) -> SmallVec<[Distribution; 2]>;
}

impl Weather for View {
    fn quote(&self, market: MarketId) -> Option<Quote> {
        View::quote(self, market)
    }
    fn just_closed(&self, market: MarketId) -> Option<Bar> {
        View::just_closed(self, market)
    }
    fn closed_bar(&self, market: MarketId) -> Option<Bar> {
        View::closed_bar(self, market)
    }
    fn fundings_since(&self, market: MarketId, since: Timestamp) -> SmallVec<[Funding; 4]> {
        View::fundings_since(self, market, since)
    }
    fn gas_gwei(&self) -> Option<Decimal> {
        View::gas_gwei(self)
    }
    fn reference(&self, token: TokenId) -> Option<Price> {
        View::reference(self, token)
    }

    fn rate(&self, token: TokenId) -> Option<Decimal> {
        View::rate(self, token)
    }

    fn lst_market_rate(&self, token: TokenId) -> Option<Decimal> {
        View::lst_market_rate(self, token)
    }

    fn supply_index(&self, reserve: ReserveId) -> Option<Decimal> {
        View::supply_index(self, reserve)
    }

    fn borrow_index(&self, reserve: ReserveId) -> Option<Decimal> {
        View::borrow_index(self, reserve)
    }

    fn reserve(&self, reserve: ReserveId) -> Option<ReserveFigures> {
        View::reserve(self, reserve)
    }

    fn distributions_since(
        &self,
        reward: RewardId,
        since: Timestamp,
    ) -> SmallVec<[Distribution; 2]> {
        View::distributions_since(self, reward, since)
    }
}

/// One moment written by hand, for tests and drills. Empty, it is the weather before the first tick: nothing is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    at: Timestamp,
    gas_gwei: Option<Decimal>,
    markets: Vec<Row>,
    references: Vec<(TokenId, Price)>,
    rates: Vec<(TokenId, Decimal)>,
    market_rates: Vec<(TokenId, Decimal)>,
    /// Supply and borrow index.
    indices: Vec<(ReserveId, Decimal, Decimal)>,
    reserves: Vec<(ReserveId, ReserveFigures)>,
    distributions: Vec<(RewardId, Distribution)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    market: MarketId,
    quote: Option<Quote>,
    bar: Option<Bar>,
    last_bar: Option<Bar>,
    fundings: Vec<Funding>,
}

impl Table {
    /// Nothing known: the market before the first tick.
    pub const EMPTY: Self = Self {
        at: Timestamp::from_ms(0),
        gas_gwei: None,
        markets: Vec::new(),
        references: Vec::new(),
        rates: Vec::new(),
        market_rates: Vec::new(),
        indices: Vec::new(),
        reserves: Vec::new(),
        distributions: Vec::new(),
    };

    /// Nothing known yet at a time.
    pub fn at(at: Timestamp) -> Self {
        Self { at, ..Self::default() }
    }

    /// The market trades at this price.
    #[must_use]
    pub fn price(mut self, market: MarketId, price: Price) -> Self {
        let as_of = self.at;
        self.row(market).quote = Some(Quote { price, as_of, tradable: true });
        self
    }

    /// The market has a gap: this was its last price, and nothing trades.
    #[must_use]
    pub fn gap(mut self, market: MarketId, last: Price) -> Self {
        let as_of = self.at;
        self.row(market).quote = Some(Quote { price: last, as_of, tradable: false });
        self
    }

    /// The bar that has just closed: open, high, low, close.
    #[must_use]
    pub fn bar(mut self, market: MarketId, [open, high, low, close]: [Price; 4]) -> Self {
        let at = self.at;
        let row = self.row(market);
        let volume = row.last_bar.map_or(Quantity::ZERO, |bar| bar.volume);
        let bar = Bar { at, open, high, low, close, volume };
        (row.bar, row.last_bar) = (Some(bar), Some(bar));
        self
    }

    /// Coins traded in the last closed bar.
    #[must_use]
    pub fn volume(mut self, market: MarketId, volume: Quantity) -> Self {
        let at = self.at;
        let row = self.row(market);
        let price = row.quote.map_or(Price::ZERO, |quote| quote.price);
        let flat = Bar { at, open: price, high: price, low: price, close: price, volume };
        row.last_bar = Some(Bar { volume, ..row.last_bar.unwrap_or(flat) });
        self
    }

    /// A funding payment stamped at this moment.
    #[must_use]
    pub fn funding(mut self, market: MarketId, rate: Rate) -> Self {
        let at = self.at;
        self.row(market).fundings.push(Funding { at, rate });
        self
    }

    /// The price of gas.
    #[must_use]
    pub fn gas(mut self, gwei: Decimal) -> Self {
        self.gas_gwei = Some(gwei);
        self
    }

    /// The price of a token in quote.
    #[must_use]
    pub fn token(mut self, token: TokenId, price: Price) -> Self {
        self.references.push((token, price));
        self
    }

    /// What a staking token is worth by its protocol, and what it is sold for.
    #[must_use]
    pub fn staking_token(mut self, token: TokenId, rate: Decimal, market_rate: Decimal) -> Self {
        self.rates.push((token, rate));
        self.market_rates.push((token, market_rate));
        self
    }

    /// The supply and borrow index of a reserve.
    #[must_use]
    pub fn indices(mut self, reserve: ReserveId, supply: Decimal, borrow: Decimal) -> Self {
        self.indices.push((reserve, supply, borrow));
        self
    }

    /// The totals of a reserve.
    #[must_use]
    pub fn totals(mut self, reserve: ReserveId, figures: ReserveFigures) -> Self {
        self.reserves.push((reserve, figures));
        self
    }

    /// What is paid of a reward at this moment, for a period.
    #[must_use]
    pub fn handed_out(mut self, reward: RewardId, paid: Distribution) -> Self {
        self.distributions.push((reward, paid));
        self
    }

    fn row(&mut self, market: MarketId) -> &mut Row {
        let place = self.markets.iter().position(|row| row.market == market).unwrap_or_else(|| {
            let fundings = Vec::new();
            self.markets.push(Row { market, quote: None, bar: None, last_bar: None, fundings });
            self.markets.len() - 1
        });
        &mut self.markets[place]
    }

    fn find(&self, market: MarketId) -> Option<&Row> {
        self.markets.iter().find(|row| row.market == market)
    }
}

impl Weather for Table {
    fn quote(&self, market: MarketId) -> Option<Quote> {
        self.find(market)?.quote
    }
    fn just_closed(&self, market: MarketId) -> Option<Bar> {
        self.find(market)?.bar
    }
    fn closed_bar(&self, market: MarketId) -> Option<Bar> {
        self.find(market)?.last_bar
    }
    fn fundings_since(&self, market: MarketId, since: Timestamp) -> SmallVec<[Funding; 4]> {
        let Some(row) = self.find(market) else { return SmallVec::new() };
        row.fundings.iter().copied().filter(|funding| funding.at > since).collect()
    }
    fn gas_gwei(&self) -> Option<Decimal> {
        self.gas_gwei
    }
    fn reference(&self, token: TokenId) -> Option<Price> {
        self.references.iter().find(|(known, _)| *known == token).map(|(_, price)| *price)
    }

    fn rate(&self, token: TokenId) -> Option<Decimal> {
        let known = self.rates.iter().find(|(known, _)| *known == token);
        Some(known.map_or(Decimal::ONE, |(_, rate)| *rate))
    }

    fn lst_market_rate(&self, token: TokenId) -> Option<Decimal> {
        self.market_rates.iter().find(|(known, _)| *known == token).map(|(_, rate)| *rate)
    }

    fn supply_index(&self, reserve: ReserveId) -> Option<Decimal> {
        self.indices.iter().find(|(known, ..)| *known == reserve).map(|(_, supply, _)| *supply)
    }

    fn borrow_index(&self, reserve: ReserveId) -> Option<Decimal> {
        self.indices.iter().find(|(known, ..)| *known == reserve).map(|(.., borrow)| *borrow)
    }

    fn reserve(&self, reserve: ReserveId) -> Option<ReserveFigures> {
        let known = self.reserves.iter().find(|(known, _)| *known == reserve);
        known.map(|(_, figures)| *figures)
    }

    fn distributions_since(
        &self,
        reward: RewardId,
        since: Timestamp,
    ) -> SmallVec<[Distribution; 2]> {
        let of_it =
            self.distributions.iter().filter(|(known, paid)| *known == reward && paid.at > since);
        of_it.map(|(_, paid)| *paid).collect()
    }
}
