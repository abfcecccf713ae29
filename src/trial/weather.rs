//! The market of a trial as its test sets it: prices, rates, indices, gas; nothing moves unless it is said.
//!
//! It is written into the same rows that files and feeds give, one step after the other, so that scripts, books and venues see
//! it through the same views as in a run. A candle is told at its opening and again, whole, when it has closed.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::config::{Fault, Pricing, SeriesRole, Setup};
use crate::market::{Funding, MarketRows, ReserveFigures, Signal};
use crate::types::{MarketId, Quantity, Rate, ReserveId, Span, Timestamp, TokenId};

use super::calm::calm;
use super::candles::Candles;
use super::said::Said;

/// Places after the point to which grown rates and indices are rounded.
const PLACES: u32 = 18;
/// Funding is paid at these hours of the day.
const FUNDING_EVERY: Span = Span::from_hours(8);
const YEAR: Span = Span::from_hours(365 * 24);

/// What the market is like now, by subscribed series.
#[derive(Clone, Debug)]
pub struct Weather {
    setup: Arc<Setup>,
    series: Vec<State>,
}

/// What one series is like.
#[derive(Clone, Debug)]
pub(super) enum State {
    Candles(Candles),
    /// What longs pay at each stamp, a fraction of notional; nothing is stamped where there is none.
    Funding(Option<Decimal>),
    /// In gwei.
    Gas(Decimal),
    /// A staking token's rate in its base token, and what it earns a year.
    Rate {
        value: Decimal,
        a_year: Decimal,
    },
    /// By what fraction less than its rate a staking token is sold.
    MarketRate {
        token: TokenId,
        discount: Decimal,
    },
    Reserve(Pool),
    /// What is handed out; a test orders it by itself.
    Distributions,
    /// What the model says of every bar; nothing where there is nothing.
    Signal(Option<Said>),
}

/// A lending reserve: supply and borrow side.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) indices: [Decimal; 2],
    /// A year.
    pub(super) rates: [Decimal; 2],
    /// Tokens of all.
    pub(super) totals: [Decimal; 2],
}

/// One side of a lending reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What is lent.
    Supply,
    /// What is owed.
    Borrow,
}

impl Weather {
    /// Calm: BTC at 60 000 and ETH at 3 000, deep markets, staking tokens sold for what they are worth (weETH 1.05, wstETH 1.2,
    /// others 1), indices of 1, gas at 20 gwei; nothing pays and nothing grows, and a model says hold.
    pub fn calm(setup: Arc<Setup>) -> Self {
        let series = setup.series.iter().map(|spec| calm(&setup, spec.role)).collect();
        Self { setup, series }
    }

    /// Sets the price in quote of a token everywhere: its markets, spot and perp, and its reference.
    pub fn price(&mut self, token: TokenId, price: Decimal) -> bool {
        let setup = self.setup.clone();
        let unit = self.unit_of(token).filter(|unit| !unit.is_zero()).unwrap_or(Decimal::ONE);
        let price = if unit == Decimal::ONE { price } else { (price / unit).round_dp(PLACES) };
        self.candles(|role| priced(&setup, role) == Some(token), |candles| candles.price = price)
    }

    /// The price of the token in which another's candles are told.
    fn unit_of(&self, token: TokenId) -> Option<Decimal> {
        let Pricing::In(_, unit) = self.setup.pricing[token.index()] else { return None };
        let mut series = self.setup.series.iter().zip(&self.series);
        series.find_map(|(spec, state)| match state {
            State::Candles(candles) if priced(&self.setup, spec.role) == Some(unit) => {
                Some(candles.price)
            }
            _ => None,
        })
    }

    /// Sets the price of one market.
    pub fn market_price(&mut self, market: MarketId, price: Decimal) -> bool {
        self.candles(|role| market_of(role) == Some(market), |candles| candles.price = price)
    }

    /// Sets how high and how low the bar runs that is open.
    pub fn extremes(&mut self, market: MarketId, high: Decimal, low: Decimal) -> bool {
        let set = |candles: &mut Candles| (candles.high, candles.low) = (Some(high), Some(low));
        self.candles(|role| market_of(role) == Some(market), set)
    }

    /// Sets the coins that trade in every bar of a token's markets.
    pub fn volume(&mut self, token: TokenId, coins: Decimal) -> bool {
        let setup = self.setup.clone();
        self.candles(|role| priced(&setup, role) == Some(token), |candles| candles.volume = coins)
    }

    /// Whether a market has no price from now on.
    pub fn gap(&mut self, market: MarketId, is_gap: bool) -> bool {
        self.candles(|role| market_of(role) == Some(market), |candles| candles.is_gap = is_gap)
    }

    /// Sets what longs of a market pay every eight hours; nothing is paid without a rate.
    pub fn funding(&mut self, market: MarketId, rate: Option<Decimal>) -> bool {
        self.each(|role, state| match (role, state) {
            (SeriesRole::Funding(of), State::Funding(paid)) if of == market => {
                *paid = rate;
                true
            }
            _ => false,
        })
    }

    /// Sets the price of gas.
    pub fn gas(&mut self, gwei: Decimal) -> bool {
        self.each(|_, state| match state {
            State::Gas(now) => {
                *now = gwei;
                true
            }
            _ => false,
        })
    }

    /// Sets what a staking token is worth by its protocol.
    pub fn lst_rate(&mut self, token: TokenId, rate: Decimal) -> bool {
        self.each(|role, state| match (role, state) {
            (SeriesRole::Rate(of), State::Rate { value, .. }) if of == token => {
                *value = rate;
                true
            }
            _ => false,
        })
    }

    /// What a staking token is worth by its protocol.
    pub fn lst_rate_now(&self, token: TokenId) -> Option<Decimal> {
        self.setup.series.iter().zip(&self.series).find_map(|(spec, state)| match state {
            State::Rate { value, .. } if spec.role == SeriesRole::Rate(token) => Some(*value),
            _ => None,
        })
    }

    /// Sets what a staking token earns a year, compounded step by step.
    pub fn staking_rate(&mut self, token: TokenId, rate: Decimal) -> bool {
        self.each(|role, state| match (role, state) {
            (SeriesRole::Rate(of), State::Rate { a_year, .. }) if of == token => {
                *a_year = rate;
                true
            }
            _ => false,
        })
    }

    /// Sets by what fraction less than its rate a staking token is sold.
    pub fn lst_discount(&mut self, token: TokenId, fraction: Decimal) -> bool {
        self.each(|_, state| match state {
            State::MarketRate { token: of, discount } if *of == token => {
                *discount = fraction;
                true
            }
            _ => false,
        })
    }

    /// Sets what one side of a reserve earns or costs a year, compounded step by step.
    pub fn reserve_rate(&mut self, reserve: ReserveId, side: Side, rate: Decimal) -> bool {
        self.pool(reserve, |pool| pool.rates[side as usize] = rate)
    }

    /// Sets the index of one side of a reserve.
    pub fn index(&mut self, reserve: ReserveId, side: Side, index: Decimal) -> bool {
        self.pool(reserve, |pool| pool.indices[side as usize] = index)
    }

    /// Sets the tokens that all have supplied and borrowed; what is free is their difference.
    pub fn totals(&mut self, reserve: ReserveId, supplied: Decimal, borrowed: Decimal) -> bool {
        self.pool(reserve, |pool| pool.totals = [supplied, borrowed])
    }

    /// Sets what the model says of every bar from now on; nothing without it.
    pub fn signal(&mut self, said: Option<Said>) -> bool {
        self.each(|_, state| match state {
            State::Signal(now) => {
                now.clone_from(&said);
                true
            }
            _ => false,
        })
    }

    /// The rows before the first step: everything was as it is now.
    ///
    /// # Errors
    /// When a number has more digits than a series keeps.
    pub(super) fn history(&self, first: Timestamp, span: Span) -> Result<MarketRows, Fault> {
        let mut rows = MarketRows::default();
        let mut at = first - span;
        while at < first {
            for (index, state) in self.series.iter().enumerate() {
                match state {
                    // What is missing is missing from the first step on.
                    State::Candles(candles) => {
                        let name = self.setup.series[index].name.as_str();
                        rows.push_bar(name, &candles.flat(at))?;
                    }
                    State::Funding(None) => {
                        self.push(&mut rows, index, &State::Funding(Some(Decimal::ZERO)), at)?;
                    }
                    _ => self.push(&mut rows, index, state, at)?,
                }
            }
            at = at + self.setup.step;
        }
        Ok(rows)
    }

    /// The rows of a step, with those of the step before that are known whole by now.
    ///
    /// # Errors
    /// When a number has more digits than a series keeps.
    pub(super) fn rows(&mut self, now: Timestamp) -> Result<MarketRows, Fault> {
        let mut rows = MarketRows::default();
        let (setup, step) = (self.setup.clone(), self.setup.step);
        for (index, state) in self.series.iter_mut().enumerate() {
            let name = setup.series[index].name.as_str();
            match state {
                State::Candles(candles) => {
                    if let Some(bar) = candles.closed(now - step) {
                        rows.push_bar(name, &bar)?;
                    }
                }
                // Scripts and venues read the row before the current one.
                State::Gas(gwei) => rows.push_gas(name, now - step, *gwei)?,
                _ => {}
            }
        }
        for (index, state) in self.series.iter().enumerate() {
            self.push(&mut rows, index, state, now)?;
        }
        Ok(rows)
    }

    /// A step has been taken: bars are open, and until the next step rates do their work.
    pub(super) fn pass(&mut self) {
        let part = Decimal::from(self.setup.step.ms()) / Decimal::from(YEAR.ms());
        let grown = |value: Decimal, a_year: Decimal| {
            (value * (Decimal::ONE + a_year * part)).round_dp(PLACES)
        };
        for state in &mut self.series {
            match state {
                State::Candles(candles) => {
                    candles.opened = (!candles.is_gap).then_some(candles.price);
                }
                State::Rate { value, a_year } if !a_year.is_zero() => {
                    *value = grown(*value, *a_year);
                }
                State::Reserve(pool) => {
                    for (index, rate) in pool.indices.iter_mut().zip(pool.rates) {
                        if !rate.is_zero() {
                            *index = grown(*index, rate);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn push(
        &self,
        rows: &mut MarketRows,
        index: usize,
        state: &State,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let name = self.setup.series[index].name.as_str();
        match state {
            State::Candles(candles) if candles.is_gap => Ok(()),
            State::Candles(candles) => rows.push_bar(name, &candles.flat(at)),
            State::Funding(Some(rate)) if at.ms().rem_euclid(FUNDING_EVERY.ms()) == 0 => {
                rows.push_funding(name, &Funding { at, rate: Rate::new(*rate) })
            }
            State::Funding(_) | State::Distributions => Ok(()),
            State::Gas(gwei) => rows.push_gas(name, at, *gwei),
            State::Rate { value, .. } => rows.push_rate(name, at, *value),
            State::MarketRate { token, discount } => {
                let rate = self.lst_rate_now(*token).unwrap_or(Decimal::ONE);
                let sold = (rate * (Decimal::ONE - discount)).round_dp(PLACES);
                rows.push_market_rate(name, at, sold)
            }
            State::Signal(None) => Ok(()),
            State::Signal(Some(said)) => {
                // What is said at a step is of the bar that has closed with it.
                let Said { direction, confidence, sd, model_version } = said.clone();
                let (at, known_at) = (at - self.setup.step, at);
                let signal = Signal { at, known_at, direction, confidence, sd, model_version };
                rows.push_signal(name, &signal)
            }
            State::Reserve(pool) => {
                let figures = ReserveFigures {
                    as_of: at,
                    supply_rate: Rate::new(pool.rates[0]),
                    borrow_rate: Rate::new(pool.rates[1]),
                    supplied: Quantity::new(pool.totals[0]),
                    borrowed: Quantity::new(pool.totals[1]),
                };
                rows.push_reserve(name, &figures, pool.indices)
            }
        }
    }

    /// Changes the candles of some series; whether there were any.
    fn candles(
        &mut self,
        is_meant: impl Fn(SeriesRole) -> bool,
        set: impl Fn(&mut Candles),
    ) -> bool {
        self.each(|role, state| match state {
            State::Candles(candles) if is_meant(role) => {
                set(candles);
                true
            }
            _ => false,
        })
    }

    fn pool(&mut self, reserve: ReserveId, set: impl Fn(&mut Pool)) -> bool {
        self.each(|role, state| match state {
            State::Reserve(pool) if role == SeriesRole::Reserve(reserve) => {
                set(pool);
                true
            }
            _ => false,
        })
    }

    /// Hands each series to a change; whether it took place anywhere.
    fn each(&mut self, mut set: impl FnMut(SeriesRole, &mut State) -> bool) -> bool {
        let mut is_any = false;
        for (spec, state) in self.setup.series.iter().zip(&mut self.series) {
            is_any |= set(spec.role, state);
        }
        is_any
    }
}

/// The token that a series of candles prices.
pub(super) fn priced(setup: &Setup, role: SeriesRole) -> Option<TokenId> {
    match role {
        SeriesRole::Spot(market) | SeriesRole::Perp(market) => {
            Some(setup.universe.market(market).base)
        }
        SeriesRole::Price(token) | SeriesRole::PriceIn(token) => Some(token),
        _ => None,
    }
}

const fn market_of(role: SeriesRole) -> Option<MarketId> {
    match role {
        SeriesRole::Spot(market) | SeriesRole::Perp(market) => Some(market),
        _ => None,
    }
}
