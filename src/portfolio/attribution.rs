//! Profit by cause, step by step, beside an equity that is computed without it.
//!
//! A step has a holding phase (the quantities of the last step, prices 0 → 1), then what the venues settled by themselves,
//! then trades at fixed prices. With S the reference spot, S_v a venue's spot, M the mark, f the price of the quote token in
//! the share class, q coins, s a signed perp size, C its entry cost:
//!
//! - `basis = s·Δ(M−S)·f₁ + q·Δ(S_v−S)·f₁`
//! - `delta = s·ΔS·f₁ + (s·M₀−C)·Δf + q·ΔS·f₁ + q·S_v₀·Δf + cash·Δf`
//!
//! Every posting, valued at the prices of its step, goes to its cause; trades sum to `slippage = −q·(fill − price)`.
//!
//! On chain, with I the index of a scaled supply or debt a (one elsewhere), R the rate of a staking token (one elsewhere),
//! P the price of its base token in the share class, and the sign of a debt reversed:
//!
//! - `lending, borrow_cost = a·ΔI·R₁·P₁`, `staking = a·I₀·ΔR·P₁`, `delta = a·I₀·R₀·ΔP`
//! - `peg` of a staking token that is swapped: a·(R − m)·P of its posting, m being what it is sold for; the rest is slippage

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::types::{
    Attribution, Cause, Instrument, KeyId, PnlCause, PositionType, Posting, TokenId, Universe,
    Value,
};

use super::books::{Books, Holding};
use super::equity::{told, value_of};
use super::prices::{Prices, times};

/// The running attribution of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The quantities held since the last trade: what the holding phase earns on.
    held: Books,
    /// What venues settled since the last step; valued at the next step's prices.
    settled: Vec<Posting>,
    /// Where in it each settlement ends.
    settlements: Vec<usize>,
    /// The open step's profit by cause.
    pub step: Attribution,
    /// Profit by cause since the start, closed steps only.
    pub total: Attribution,
    /// The open step's profit by key. What an operation gives for something else is no loss of one key and gain of another:
    /// what the exchange as a whole was worth counts at the position that it changed.
    pub by_key: Vec<Value>,
    /// Capital in the open step.
    pub flows: Value,
}

impl Ledger {
    /// An empty ledger for all keys of a universe.
    pub fn new(universe: &Universe) -> Self {
        let by_key = vec![Value::ZERO; universe.instruments().len()];
        Self { held: Books::new(universe), by_key, ..Default::default() }
    }

    /// The holding phase: what was held earns from the prices of the last step to those of this one.
    pub fn hold(&mut self, universe: &Universe, from: &Prices, to: &Prices) {
        let quotes = (from.quote_value().unwrap_or_default(), to.quote_value().unwrap_or_default());
        let phase = Phase { from, to, value_to: quotes.1, value_change: quotes.1 - quotes.0 };
        for (key, holding) in universe.instruments().iter().zip(self.held.holdings()) {
            if holding.quantity.is_zero() && holding.cost.is_zero() {
                continue;
            }
            let earned = match key.position_type {
                PositionType::Perp => phase.perp(key, *holding),
                PositionType::BaseToken | PositionType::Transit | PositionType::Queued
                    if universe.base(key.token) == key.token =>
                {
                    phase.token(key, *holding)
                }
                _ => {
                    let base = universe.base(key.token);
                    let grown = phase.on_chain(key, base, *holding).unwrap_or_default();
                    let interest = match key.position_type {
                        PositionType::Borrowed => PnlCause::BorrowCost,
                        _ => PnlCause::Lending,
                    };
                    self.step[interest] += grown.interest;
                    self.step[PnlCause::Staking] += grown.staking;
                    self.step[PnlCause::Delta] += grown.delta;
                    self.by_key[key.id.index()] += grown.interest + grown.staking + grown.delta;
                    continue;
                }
            };
            let Some((basis, delta)) = earned else { continue };
            self.step[PnlCause::Basis] += basis;
            self.step[PnlCause::Delta] += delta;
            self.by_key[key.id.index()] += basis + delta;
        }
    }

    /// Notes what a venue settled by itself; it is valued when the next step has its prices.
    pub fn settle_later(&mut self, postings: &[Posting]) {
        self.settled.extend_from_slice(postings);
        self.settlements.push(self.settled.len());
    }

    /// What was held before a venue liquidated some of it; `None` where it did not since the last step.
    pub fn held_before_liquidation(&self) -> Option<&Books> {
        let is_one = |posting: &Posting| posting.cause == Cause::Liquidation;
        self.settled.iter().any(is_one).then_some(&self.held)
    }

    /// Values what was settled since the last step at this step's prices.
    pub fn settle(&mut self, universe: &Universe, prices: &Prices) {
        let mut settled = std::mem::take(&mut self.settled);
        let mut begin = 0;
        for end in std::mem::take(&mut self.settlements) {
            self.post(universe, prices, &settled[begin..end]);
            begin = end;
        }
        settled.clear();
        self.settled = settled;
    }

    /// Values the postings of one operation at fixed prices and takes them into what is held.
    pub fn post(&mut self, universe: &Universe, prices: &Prices, postings: &[Posting]) {
        let bearer = bearer(universe, postings);
        for posting in postings {
            let key = universe.instrument(posting.key);
            let change = Holding { quantity: posting.amount, cost: posting.cost };
            let value = value_of(key, change, prices).unwrap_or_default();
            match pnl_cause(posting.cause) {
                Some(cause) => {
                    self.step[cause] += value;
                    if posting.cause == Cause::Swap {
                        let peg = peg_of(universe, key, posting, prices).unwrap_or_default();
                        self.step[PnlCause::Peg] += peg;
                        self.step[cause] -= peg;
                    }
                    let bearer = bearer.filter(|_| is_exchange(posting.cause));
                    self.by_key[bearer.unwrap_or(posting.key).index()] += value;
                }
                None => self.flows += value,
            }
            self.held.post_unchecked(posting);
        }
    }

    /// What trading has cost in the open step, positive: fees, gas, slippage, and what markets paid below a protocol's rate.
    pub fn costs(&self) -> Value {
        let costs = [PnlCause::Fees, PnlCause::Gas, PnlCause::Slippage, PnlCause::Peg];
        -costs.into_iter().map(|cause| self.step[cause]).sum::<Value>()
    }

    /// Takes a difference that was accepted at a key as `other`.
    pub fn accept(&mut self, universe: &Universe, prices: &Prices, key: KeyId, change: Holding) {
        let posting =
            Posting { cost: change.cost, ..Posting::plain(key, change.quantity, Cause::External) };
        self.post(universe, prices, &[posting]);
    }

    /// Ends the open step: adds it to the total and returns it with the step's capital flows.
    pub fn close(&mut self) -> (Attribution, Value) {
        self.total += &self.step;
        self.by_key.fill(Value::ZERO);
        (std::mem::take(&mut self.step), std::mem::take(&mut self.flows))
    }
}

/// The cause of profit that a posting's cause belongs to; `None` for capital, which is no profit.
fn pnl_cause(cause: Cause) -> Option<PnlCause> {
    Some(match cause {
        Cause::Trade | Cause::Realised | Cause::Swap => PnlCause::Slippage,
        // What goes into a scaled balance, or into a staking token, is worth what comes out, but for a rounding.
        Cause::Supply => PnlCause::Lending,
        Cause::Borrow => PnlCause::BorrowCost,
        Cause::Stake => PnlCause::Staking,
        Cause::Fee => PnlCause::Fees,
        Cause::Gas => PnlCause::Gas,
        Cause::Funding => PnlCause::Funding,
        Cause::Interest => PnlCause::BorrowCost,
        // What moves between venues is worth the reference here and the venue's own price there.
        Cause::Move => PnlCause::Basis,
        Cause::Liquidation => PnlCause::Liquidation,
        Cause::Reward => PnlCause::Rewards,
        Cause::External => PnlCause::Other,
        Cause::Capital => return None,
    })
}

/// Whether a cause gives one thing for another.
const fn is_exchange(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::Trade
            | Cause::Realised
            | Cause::Swap
            | Cause::Supply
            | Cause::Borrow
            | Cause::Stake
            | Cause::Move
            | Cause::Liquidation
    )
}

/// The position that an operation is about: a perp, a claim or a debt before coins, coins before cash.
fn bearer(universe: &Universe, postings: &[Posting]) -> Option<KeyId> {
    let given = postings.iter().filter(|posting| is_exchange(posting.cause));
    let keys = given.map(|posting| universe.instrument(posting.key));
    let is_coin =
        |key: &Instrument| universe.markets().iter().any(|market| market.position == key.id);
    let weight = |key: &&Instrument| match key.position_type {
        PositionType::BaseToken if is_coin(key) => 2,
        PositionType::BaseToken if universe.base(key.token) != key.token => 1,
        PositionType::BaseToken => 0,
        _ => 3,
    };
    keys.max_by_key(weight).map(|key| key.id)
}

/// The part of a swapped staking token's value that its market does not pay: a·(R − m)·P, so that what is sold below the
/// protocol's rate loses and what is bought below it wins.
fn peg_of(
    universe: &Universe,
    key: &Instrument,
    posting: &Posting,
    prices: &Prices,
) -> Option<Value> {
    let discount = prices.rate(key.token)? - prices.market_rate(key.token)?;
    let price = prices.token(universe.base(key.token))?;
    Some(Value::new(times(posting.amount.get() * discount, price)))
}

/// What a holding on chain earned between two steps.
#[derive(Clone, Copy, Debug, Default)]
struct Grown {
    /// By its index.
    interest: Value,
    /// By its token's rate.
    staking: Value,
    /// By its base token's price.
    delta: Value,
}

/// Prices 0 and 1 of a holding phase.
struct Phase<'a> {
    from: &'a Prices,
    to: &'a Prices,
    /// f₁.
    value_to: Decimal,
    /// Δf; zero when the share class is the quote token.
    value_change: Decimal,
}

impl Phase<'_> {
    /// Basis and delta of a perp.
    fn perp(&self, key: &Instrument, held: Holding) -> Option<(Value, Value)> {
        let market = key.market?;
        let (mark_0, mark_1) = (self.from.quote(market)?.price, self.to.quote(market)?.price);
        let (spot_0, spot_1) = (self.from.reference(key.token)?, self.to.reference(key.token)?);
        let basis = ((mark_1 - spot_1) - (mark_0 - spot_0)) * held.quantity;
        let delta = (spot_1 - spot_0) * held.quantity;
        let revalued = self.revalued((mark_0 * held.quantity - held.cost).get());
        Some((told(basis, self.to), told(delta, self.to) + revalued))
    }

    /// Growth of a scaled balance, of a staking token, or of a token that follows another.
    fn on_chain(&self, key: &Instrument, base: TokenId, held: Holding) -> Option<Grown> {
        let sign = if key.position_type == PositionType::Borrowed {
            -held.quantity
        } else {
            held.quantity
        };
        let quantity = sign.get();
        let (index_0, index_1) = (self.from.index(key.id)?, self.to.index(key.id)?);
        let (rate_0, rate_1) = (self.from.rate(key.token)?, self.to.rate(key.token)?);
        let (price_0, price_1) = (self.from.token(base)?, self.to.token(base)?);
        let mut grown = Grown::default();
        if index_1 != index_0 {
            let earned = times(quantity * (index_1 - index_0), rate_1);
            grown.interest = Value::new(times(earned, price_1));
        }
        if rate_1 != rate_0 {
            let earned = times(quantity, index_0) * (rate_1 - rate_0);
            grown.staking = Value::new(times(earned, price_1));
        }
        if price_1 != price_0 {
            let coins = times(times(quantity, index_0), rate_0);
            grown.delta = Value::new(coins * (price_1 - price_0));
        }
        Some(grown)
    }

    /// Basis and delta of coins or cash.
    fn token(&self, key: &Instrument, held: Holding) -> Option<(Value, Value)> {
        let quantity = held.quantity;
        let (unit_0, unit_1) = (self.from.key(key.id)?, self.to.key(key.id)?);
        // Priced by the reference itself (cash, tokens in the wallet, a venue that is the reference): no basis, and the
        // change of the unit price is the whole of it, exactly.
        if Some(unit_0) == self.from.token(key.token) && Some(unit_1) == self.to.token(key.token) {
            return Some((Value::ZERO, Value::new(times(unit_1 - unit_0, quantity.get()))));
        }
        let (spot_0, spot_1) =
            (self.from.reference(key.token)?.get(), self.to.reference(key.token)?.get());
        let (own_0, own_1) = (self.from.own_price(key.id)?.get(), self.to.own_price(key.id)?.get());
        let basis = ((own_1 - spot_1) - (own_0 - spot_0)) * quantity.get();
        let delta = (spot_1 - spot_0) * quantity.get();
        let revalued = self.revalued(own_0 * quantity.get());
        Some((
            Value::new(times(basis, self.value_to)),
            Value::new(times(delta, self.value_to)) + revalued,
        ))
    }

    /// What an amount of quote earns by the change of the quote token's own value.
    fn revalued(&self, quote_amount: Decimal) -> Value {
        if self.value_change.is_zero() {
            Value::ZERO
        } else {
            Value::new(quote_amount * self.value_change)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Kit, dec};
    use super::*;

    #[test]
    fn what_is_given_for_something_is_no_loss_of_one_key_and_gain_of_another() {
        let kit = Kit::new();
        let universe = &kit.setup.universe;
        let prices = kit.prices("100", "101", "103");
        let mut ledger = Ledger::new(universe);
        let caused = |key, amount, cause| Posting { cause, ..kit.posting(key, amount) };
        // A coin bought for half a dollar more than it is worth; a transfer; an arrival that a venue tells later.
        ledger.post(
            universe,
            &prices,
            &[
                caused("binance:BaseToken:BTC", "1", Cause::Trade),
                caused("binance:BaseToken:USDT", "-101.5", Cause::Trade),
                caused("binance:BaseToken:USDT", "-0.1", Cause::Fee),
            ],
        );
        let transfer = [
            caused("wallet:BaseToken:USDT", "-40", Cause::Move),
            caused("bybit:Transit:USDT", "39", Cause::Move),
            caused("wallet:BaseToken:ETH", "-0.001", Cause::Gas),
        ];
        ledger.post(universe, &prices, &transfer);
        let arrival = [
            caused("bybit:Transit:USDT", "-39", Cause::Move),
            caused("bybit:BaseToken:USDT", "39", Cause::Move),
        ];
        let funding = [caused("binance:BaseToken:USDT", "0.7", Cause::Funding)];
        ledger.settle_later(&arrival);
        ledger.settle_later(&funding);
        ledger.settle(universe, &prices);
        let told: Vec<_> = universe
            .instruments()
            .iter()
            .zip(&ledger.by_key)
            .filter(|(_, profit)| !profit.is_zero())
            .map(|(key, profit)| (key.name.to_string(), profit.get()))
            .collect();
        let mut expected = vec![
            ("binance:BaseToken:BTC".to_owned(), dec("-0.5")),
            ("binance:BaseToken:USDT".to_owned(), dec("0.6")),
            ("bybit:Transit:USDT".to_owned(), dec("-1")),
            ("wallet:BaseToken:ETH".to_owned(), dec("-2")),
        ];
        expected.sort();
        let mut told = told;
        told.sort();
        assert_eq!(told, expected);
        let sum: Value = ledger.by_key.iter().copied().sum();
        assert_eq!(sum, ledger.step.total());
    }
}
