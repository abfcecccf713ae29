//! What one unit of everything is worth now, in quote and in the share class; computed once a step.

use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::config::Setup;
use crate::market::{Quote, View};
use crate::types::venue::VenueKind;
use crate::types::{
    Instrument, KeyId, MarketId, MarketKind, PositionType, Price, Quantity, ReserveId, TokenId,
    Universe, VenueId,
};

/// Prices of one step, dense by market, token and key.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    sources: Arc<[Source]>,
    share_token: TokenId,
    quote_token: TokenId,
    quotes: Vec<Option<Quote>>,
    references: Vec<Option<Price>>,
    tokens: Vec<Option<Decimal>>,
    keys: Vec<Option<Decimal>>,
    /// Tokens that follow another, each with it.
    followers: Arc<[(TokenId, TokenId)]>,
    /// By token: how many of its base token it is worth by the protocol; one for most.
    rates: Vec<Option<Decimal>>,
    /// By token: what it is sold for, in its base token.
    market_rates: Vec<Option<Decimal>>,
    /// By key: tokens of one scaled unit; one but for supplies and debts.
    indices: Vec<Option<Decimal>>,
}

/// From where a key's unit price comes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    /// The token's reference price.
    Token(TokenId),
    /// The venue's own spot market of the coin.
    Market(MarketId, TokenId),
    /// A perp: has a mark, no unit price.
    Perp,
    /// A supply, at its index.
    Supplied(ReserveId, TokenId),
    /// A debt, at its index; worth less than nothing.
    Borrowed(ReserveId, TokenId),
    /// A debt within one transaction.
    Flash(TokenId),
}

impl Prices {
    /// No prices yet, for the keys of a setup.
    pub fn new(setup: &Setup) -> Self {
        let universe = &setup.universe;
        let source_of = |key: &crate::types::Instrument| match key.position_type {
            PositionType::Perp => Source::Perp,
            PositionType::Transit | PositionType::Queued => Source::Token(key.token),
            PositionType::Supplied | PositionType::Borrowed => scaled(universe, key),
            PositionType::BaseToken => universe
                .markets()
                .iter()
                .find(|market| market.kind == MarketKind::Spot && market.position == key.id)
                .map_or(Source::Token(key.token), |market| Source::Market(market.id, key.token)),
        };
        let tokens = universe.tokens().len();
        let token_ids = (0..tokens).map(|index| TokenId(index as u8));
        let followers = token_ids.map(|token| (token, universe.base(token)));
        Self {
            followers: followers.filter(|(token, base)| token != base).collect(),
            rates: vec![Some(Decimal::ONE); tokens],
            market_rates: vec![None; tokens],
            indices: vec![Some(Decimal::ONE); universe.instruments().len()],
            sources: universe.instruments().iter().map(source_of).collect(),
            share_token: setup.share_class.token,
            quote_token: setup.quote,
            quotes: vec![None; universe.markets().len()],
            references: vec![None; universe.tokens().len()],
            tokens: vec![None; universe.tokens().len()],
            keys: vec![None; universe.instruments().len()],
        }
    }

    /// Takes over the prices that a view knows.
    pub fn update(&mut self, view: &View) {
        for (index, quote) in self.quotes.iter_mut().enumerate() {
            *quote = view.quote(MarketId(index as u16));
        }
        for (index, reference) in self.references.iter_mut().enumerate() {
            *reference = view.own_reference(TokenId(index as u8));
        }
        for &(token, _) in &*self.followers {
            self.rates[token.index()] = view.rate(token);
            self.market_rates[token.index()] = view.lst_market_rate(token);
        }
        for (index, source) in self.indices.iter_mut().zip(&*self.sources) {
            match *source {
                Source::Supplied(reserve, _) => *index = view.supply_index(reserve),
                Source::Borrowed(reserve, _) => *index = view.borrow_index(reserve),
                _ => {}
            }
        }
        self.revalue();
    }

    /// Sets what a token is worth in its base token by the protocol; [`Self::revalue`] follows.
    pub fn set_rate(&mut self, token: TokenId, rate: Decimal) {
        self.rates[token.index()] = Some(rate);
    }

    /// Sets what a token is sold for in its base token.
    pub fn set_market_rate(&mut self, token: TokenId, rate: Decimal) {
        self.market_rates[token.index()] = Some(rate);
    }

    /// Sets how many tokens one scaled unit of a key is; [`Self::revalue`] follows.
    pub fn set_index(&mut self, key: KeyId, index: Decimal) {
        self.indices[key.index()] = Some(index);
    }

    /// Sets one market's price; [`Self::revalue`] follows.
    pub fn set_quote(&mut self, market: MarketId, quote: Quote) {
        self.quotes[market.index()] = Some(quote);
    }

    /// Sets one token's reference price; [`Self::revalue`] follows.
    pub fn set_reference(&mut self, token: TokenId, price: Price) {
        self.references[token.index()] = Some(price);
    }

    /// Values tokens and keys by the prices that are set.
    pub fn revalue(&mut self) {
        let quote_value = self.quote_value_now();
        for index in 0..self.tokens.len() {
            self.tokens[index] = self.token_value(index, quote_value);
        }
        for &(token, base) in &*self.followers {
            let rate = self.rates[token.index()];
            let follow = |of: Decimal| times(rate?, of).into();
            self.references[token.index()] =
                self.references[base.index()].and_then(|price| follow(price.get())).map(Price::new);
            self.tokens[token.index()] = self.tokens[base.index()].and_then(follow);
        }
        for (index, source) in self.sources.iter().enumerate() {
            self.keys[index] = match *source {
                Source::Perp => None,
                Source::Token(token) => self.tokens[token.index()],
                Source::Market(market, token) => self.market_value(market, token, quote_value),
                Source::Supplied(_, token) => self.scaled_value(index, token),
                Source::Borrowed(_, token) | Source::Flash(token) => {
                    self.scaled_value(index, token).map(|value| -value)
                }
            };
        }
    }

    /// The price of a market, in quote.
    #[inline]
    pub fn quote(&self, market: MarketId) -> Option<Quote> {
        self.quotes[market.index()]
    }

    /// The reference price of a token, in quote.
    #[inline]
    pub fn reference(&self, token: TokenId) -> Option<Price> {
        self.references[token.index()]
    }

    /// The value of one token in the share class, at the reference price.
    #[inline]
    pub fn token(&self, token: TokenId) -> Option<Decimal> {
        self.tokens[token.index()]
    }

    /// The value of one unit at a key in the share class, at the venue's own price where it has one; `None` for perps.
    #[inline]
    pub fn key(&self, key: KeyId) -> Option<Decimal> {
        self.keys[key.index()]
    }

    /// The value of one quote token in the share class: f of the attribution's formulas.
    #[inline]
    pub fn quote_value(&self) -> Option<Decimal> {
        self.tokens[self.quote_token.index()]
    }

    /// The price in quote at which a key is valued: its venue's own market, or the reference.
    pub fn own_price(&self, key: KeyId) -> Option<Price> {
        match self.sources[key.index()] {
            Source::Perp => None,
            Source::Token(token) => self.reference(token),
            Source::Market(market, _) => self.quote(market).map(|quote| quote.price),
            Source::Supplied(_, token) | Source::Borrowed(_, token) | Source::Flash(token) => {
                let price = self.reference(token)?;
                Some(Price::new(times(price.get(), self.indices[key.index()]?)))
            }
        }
    }

    /// How many tokens one scaled unit of a key is; one but for supplies and debts.
    #[inline]
    pub fn index(&self, key: KeyId) -> Option<Decimal> {
        self.indices[key.index()]
    }

    /// How many of its base token a token is worth by the protocol; one for most.
    #[inline]
    pub fn rate(&self, token: TokenId) -> Option<Decimal> {
        self.rates[token.index()]
    }

    /// What a token is sold for in its base token, where there is a market for it.
    #[inline]
    pub fn market_rate(&self, token: TokenId) -> Option<Decimal> {
        self.market_rates[token.index()]
    }

    /// How many tokens a scaled balance is, rounded half up to the key's decimals as the protocol tells it.
    pub fn unscaled(&self, key: &Instrument, scaled: Quantity) -> Option<Quantity> {
        let index = self.indices[key.id.index()]?;
        let tokens = times(scaled.get(), index);
        let rounding = RoundingStrategy::MidpointAwayFromZero;
        Some(Quantity::new(tokens.round_dp_with_strategy(key.decimals, rounding)))
    }

    /// The scaled balance that an amount of tokens is, rounded half up.
    pub fn scaled(&self, key: &Instrument, tokens: Quantity) -> Option<Quantity> {
        let index = self.indices[key.id.index()]?;
        let scaled = tokens.get().checked_div(index)?;
        let rounding = RoundingStrategy::MidpointAwayFromZero;
        Some(Quantity::new(scaled.round_dp_with_strategy(key.decimals, rounding)))
    }

    fn scaled_value(&self, index: usize, token: TokenId) -> Option<Decimal> {
        Some(times(self.indices[index]?, self.tokens[token.index()]?))
    }

    fn quote_value_now(&self) -> Option<Decimal> {
        if self.share_token == self.quote_token {
            return Some(Decimal::ONE);
        }
        let share = self.references[self.share_token.index()]?.get();
        Decimal::ONE.checked_div(share)
    }

    fn token_value(&self, index: usize, quote_value: Option<Decimal>) -> Option<Decimal> {
        // The share class's own token is one of itself, exactly; through the quote token it would be 1 ± 1e-28.
        if index == self.share_token.index() {
            return Some(Decimal::ONE);
        }
        let price = self.references[index]?.get();
        if self.share_token == self.quote_token {
            Some(price)
        } else {
            price.checked_mul(quote_value?)
        }
    }

    fn market_value(
        &self,
        market: MarketId,
        token: TokenId,
        quote_value: Option<Decimal>,
    ) -> Option<Decimal> {
        let price = self.quotes[market.index()]?.price;
        if self.references[token.index()] == Some(price) {
            return self.tokens[token.index()];
        }
        if self.share_token == self.quote_token {
            Some(price.get())
        } else {
            price.get().checked_mul(quote_value?)
        }
    }
}

/// Where a supply or a debt has its index from.
fn scaled(universe: &Universe, key: &Instrument) -> Source {
    let reserve = universe.reserve_behind(key.id);
    let lends = |venue: VenueId| universe.venue(venue).kind == VenueKind::Lending;
    match (key.position_type, reserve.filter(|reserve| lends(reserve.venue))) {
        (PositionType::Supplied, Some(reserve)) => Source::Supplied(reserve.id, key.token),
        (_, Some(reserve)) => Source::Borrowed(reserve.id, key.token),
        (_, None) => Source::Flash(key.token),
    }
}

/// A product that costs nothing when the price is one: the usual case for the quote token and the share class.
#[inline]
pub fn times(number: Decimal, price: Decimal) -> Decimal {
    if price == Decimal::ONE { number } else { number * price }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Kit, dec};

    #[test]
    fn coins_are_worth_their_venue_s_own_price_and_tokens_the_reference() {
        let kit = Kit::new();
        let prices = kit.prices("100", "101", "103");
        let unit = |name: &str| prices.key(kit.key(name));
        assert_eq!(unit("binance:BaseToken:BTC"), Some(dec("101")));
        assert_eq!(unit("bybit:BaseToken:BTC"), Some(dec("100")));
        assert_eq!(unit("binance:Transit:BTC"), Some(dec("100")));
        assert_eq!(unit("wallet:BaseToken:USDT"), Some(dec("1")));
        assert_eq!(unit("binance:Perp:BTCUSDT"), None);
    }

    #[test]
    fn in_another_currency_the_share_token_is_exactly_one() {
        let kit = Kit::new().told_in("BTC");
        let prices = kit.prices("30000", "30300", "30000");
        let token = |name: &str| prices.token(kit.setup.universe.token_named(name).unwrap());
        assert_eq!(token("BTC"), Some(dec("1")));
        let value = token("USDT").unwrap();
        assert!((value * dec("30000") - dec("1")).abs() < dec("0.0000000000000000000001"));
        assert_eq!(
            prices.key(kit.key("bybit:BaseToken:BTC")),
            Some(dec("1")),
            "the reference itself"
        );
        let dearer = prices.key(kit.key("binance:BaseToken:BTC")).unwrap();
        assert_eq!(dearer.round_dp(20), dec("1.01"));
    }
}
