//! A step made by hand: a small world of two exchanges and a wallet whose balances and prices are set directly.
//!
//! For tests of scripts, for a dry call before a script is installed, and for benchmarks. No market data, no engine.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::config::{
    Costs, ExecutionRules, Fill, LegRisk, ParamValue, Parameter, Pricing, RiskLimits, SeriesRole,
    SeriesSpec, Setup, ShareClass, SignalRules, VenueConditions,
};
use crate::engine::{MarginAccount, Pending, RiskView, StepView};
use crate::market::{Quote, View};
use crate::portfolio::{Books, Prices};
use crate::types::venue::{MarginMode, MarginRules, TransferRule, Venue, VenueKind};
use crate::types::{
    Cause, FeeAsset, Market, MarketId, MarketKind, Notional, PositionType, Posting, Price,
    Quantity, Rate, Span, Timestamp, TokenId, Universe, Value, VenueId,
};

/// A step under construction.
#[derive(Clone, Debug)]
pub struct HandMadeStep {
    /// What it will be.
    pub view: StepView,
}

impl HandMadeStep {
    /// `wallet`, `binance` and `bybit` with USDT, BTC, ETH and WETH, BTCUSDT spot and perp at each exchange (lot 0.001, fees
    /// 0.001 and 0.0005 in quote, no spread), equity 100 000 USDT, no holdings and no prices.
    pub fn new(parameters: &[(&str, ParamValue)]) -> Self {
        Self::of(setup(parameters))
    }

    /// An empty step of a setup.
    pub fn of(setup: Setup) -> Self {
        let setup = Arc::new(setup);
        let universe = &setup.universe;
        let now = Timestamp::from_ms(1_717_200_000_000);
        let view = StepView {
            view: View::empty(now),
            now,
            books: Books::new(universe),
            incoming: vec![Quantity::ZERO; universe.instruments().len()],
            prices: Prices::new(&setup),
            equity: setup.capital,
            margin: vec![None; universe.venues().len()],
            lending: vec![None; universe.venues().len()],
            net_delta: vec![Quantity::ZERO; universe.tokens().len()],
            risk: RiskView::default(),
            pending: Vec::new(),
            draws: Vec::new(),
            flows: Vec::new(),
            owed: Value::ZERO,
            wind_down: false,
            setup,
        };
        Self { view }
    }

    /// Sets what is held at a key.
    ///
    /// # Panics
    /// When there is no such key, or the books refuse the amount.
    pub fn hold(mut self, key: &str, quantity: &str) -> Self {
        let key = self.view.universe().key_named(key).expect("a key of the hand-made world");
        let change = decimal(quantity) - self.view.balance(key).get();
        let posting = Posting::plain(key, Quantity::new(change), Cause::Capital);
        let setup = self.view.setup.clone();
        self.view.books.post(&setup.universe, &[posting]).expect("books take the amount");
        self
    }

    /// Sets the price of a market, tradable now; a spot price is also the token's reference price.
    ///
    /// # Panics
    /// When there is no such market.
    pub fn price(self, venue: &str, kind: MarketKind, symbol: &str, price: &str) -> Self {
        let quote =
            Quote { price: Price::new(decimal(price)), as_of: self.view.now, tradable: true };
        self.quote(venue, kind, symbol, quote)
    }

    /// As [`Self::price`], but in a gap: the price is the last good one and nothing trades.
    pub fn gap(self, venue: &str, kind: MarketKind, symbol: &str, price: &str) -> Self {
        let as_of = Timestamp::from_ms(self.view.now.ms() - 3_600_000);
        let quote = Quote { price: Price::new(decimal(price)), as_of, tradable: false };
        self.quote(venue, kind, symbol, quote)
    }

    fn quote(mut self, venue: &str, kind: MarketKind, symbol: &str, quote: Quote) -> Self {
        let universe = self.view.setup.universe.clone();
        let venue = universe.venue_named(venue).expect("a venue of the hand-made world");
        let id = universe.market_named(venue, kind, symbol).expect("a market of it");
        self.view.prices.set_quote(id, quote);
        if kind == MarketKind::Spot {
            self.view.prices.set_reference(universe.market(id).base, quote.price);
        }
        self.view.prices.revalue();
        self
    }

    /// Sets equity, in the share class.
    pub fn equity(mut self, equity: &str) -> Self {
        self.view.equity = Value::new(decimal(equity));
        self
    }

    /// Sets a venue's margin account by its balance and notional.
    ///
    /// # Panics
    /// When there is no such venue.
    pub fn margin(mut self, venue: &str, balance: &str, notional: &str) -> Self {
        let venue =
            self.view.universe().venue_named(venue).expect("a venue of the hand-made world");
        let (balance, notional) = (decimal(balance), decimal(notional));
        let rules = self.view.universe().venue(venue).margin.as_ref();
        let max_leverage = rules.expect("an exchange").max_leverage;
        self.view.margin[venue.index()] = Some(MarginAccount {
            balance: Notional::new(balance),
            notional: Notional::new(notional),
            max_leverage,
            maintenance: Notional::ZERO,
            ratio: balance.checked_div(notional),
        });
        self
    }

    /// Something is on its way to a key, due in an hour.
    ///
    /// # Panics
    /// When there is no such key.
    pub fn incoming(mut self, key: &str, quantity: &str) -> Self {
        let key = self.view.universe().key_named(key).expect("a key of the hand-made world");
        let amount = Quantity::new(decimal(quantity));
        self.view.incoming[key.index()] += amount;
        let due = Timestamp::from_ms(self.view.now.ms() + 3_600_000);
        self.view.pending.push(Pending { key, amount, due, kind: Default::default() });
        self
    }

    /// The step, shared as the engine shares it.
    pub fn share(self) -> Arc<StepView> {
        Arc::new(self.view)
    }
}

/// A parameter that is a number.
///
/// # Panics
/// When the text is no decimal.
pub fn number(text: &str) -> ParamValue {
    ParamValue::Decimal(decimal(text))
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal number")
}

/// The setup of [`HandMadeStep::new`], without costs other than fees.
pub fn setup(parameters: &[(&str, ParamValue)]) -> Setup {
    let mut universe = Universe::default();
    let [usdt, btc, eth, weth] =
        ["USDT", "BTC", "ETH", "WETH"].map(|name| universe.intern_token(name));
    let wallet = add_venue(&mut universe, "wallet", VenueKind::Wallet, usdt);
    for (token, decimals) in [(usdt, 6), (eth, 18), (weth, 18)] {
        let symbol = universe.token(token).clone();
        universe.intern_key(wallet, PositionType::BaseToken, &symbol, token, decimals);
    }
    universe.intern_key(wallet, PositionType::Transit, "USDT", usdt, 6);
    for name in ["binance", "bybit"] {
        add_exchange(&mut universe, name, usdt, btc);
    }
    let series = universe.markets().iter().map(|market| spec(&universe, market)).collect();
    Setup {
        mode: "hand_made".to_owned(),
        script: None,
        share_class: ShareClass { name: "USDT".to_owned(), token: usdt, decimals: 2 },
        asset: btc,
        quote: usdt,
        step: Span::from_hours(1),
        from: None,
        to: None,
        unwind_at: None,
        series,
        pricing: vec![Pricing::None; universe.tokens().len()],
        parameters: parameters
            .iter()
            .map(|(name, value)| {
                let value = value.clone();
                ((*name).to_owned(), Parameter { value, unit: String::new(), one_of: Vec::new() })
            })
            .collect(),
        capital: Value::new(Decimal::from(100_000)),
        initial_balances: Vec::new(),
        home: crate::types::KeyId(0),
        capital_flows: Vec::new(),
        reserve_ratio: Rate::ZERO,
        gas_tank: Quantity::ZERO,
        min_value_over_gas: Decimal::ONE_HUNDRED,
        risk: RiskLimits {
            margin_ratio: None,
            health_factor: None,
            delta_drift: None,
            emergency_drawdown: Rate::new(Decimal::ONE),
            max_age: Span::from_hours(24),
            max_order_notional: None,
        },
        execution: execution(),
        costs: Costs::Fees,
        conditions: vec![
            VenueConditions {
                latency: Span::from_ms(0),
                impact: None,
                fill: Fill::Open
            };
            universe.venues().len()
        ],
        target_apy: Rate::ZERO,
        target_drawdown: Rate::ZERO,
        missing_funding: Default::default(),
        signal: SignalRules {
            max_age: Span::from_minutes(10),
            max_missing: Rate::ZERO,
            service: None,
        },
        hash: String::new(),
        merged: String::new(),
        universe: Arc::new(universe),
    }
}

fn execution() -> ExecutionRules {
    ExecutionRules {
        plan_timeout: Span::from_s(120),
        slippage: Rate::from_bps(Decimal::from(50)),
        query_backoff: vec![Span::from_s(1)],
        failure_backoff: vec![Span::default()],
        validity: Span::from_s(5),
        reconcile_attempts: 3,
        dust_units: 2,
        max_attempts: 3,
        observe_every: None,
        leg_risk: LegRisk {
            max_notional: Notional::new(Decimal::from(50_000)),
            max_time: Span::from_s(90),
        },
    }
}

fn spec(universe: &Universe, market: &Market) -> SeriesSpec {
    let venue = &universe.venue(market.venue).name;
    let (folder, role) = match market.kind {
        MarketKind::Spot => ("spot", SeriesRole::Spot(market.id)),
        MarketKind::Perp => ("perp", SeriesRole::Perp(market.id)),
    };
    SeriesSpec { name: format!("{folder}/{venue}_{}", market.symbol), role, proxy: None }
}

fn add_venue(universe: &mut Universe, name: &str, kind: VenueKind, usdt: TokenId) -> VenueId {
    let transfer =
        TransferRule { token: usdt, fee: Quantity::ZERO, duration: Span::from_minutes(30) };
    universe.add_venue(|id| Venue { transfers: vec![transfer], ..Venue::new(id, name, kind) })
}

fn add_exchange(universe: &mut Universe, name: &str, usdt: TokenId, btc: TokenId) {
    let venue = add_venue(universe, name, VenueKind::Exchange, usdt);
    let cash = universe.intern_key(venue, PositionType::BaseToken, "USDT", usdt, 8);
    let coins = universe.intern_key(venue, PositionType::BaseToken, "BTC", btc, 8);
    let perp = universe.intern_key(venue, PositionType::Perp, "BTCUSDT", btc, 8);
    universe.intern_key(venue, PositionType::Transit, "USDT", usdt, 8);
    let market = |id: MarketId, kind, position, fee: i64| Market {
        id,
        venue,
        kind,
        symbol: "BTCUSDT".into(),
        base: btc,
        quote: usdt,
        position,
        cash,
        lot: Quantity::new(Decimal::new(1, 3)),
        min_notional: Notional::new(Decimal::from(5)),
        fee: Rate::new(Decimal::new(fee, 4)),
        fee_asset: FeeAsset::Quote,
        half_spread: Rate::ZERO,
    };
    universe.add_market(|id| market(id, MarketKind::Spot, coins, 10));
    universe.add_market(|id| market(id, MarketKind::Perp, perp, 5));
    universe.set_margin(
        venue,
        MarginRules {
            mode: MarginMode::Unified,
            cash,
            collateral_ratio: vec![(btc, Rate::new(Decimal::new(95, 2)))],
            credit_limit: Notional::ZERO,
            interest_free: Notional::ZERO,
            interest_per_year: Rate::ZERO,
            max_leverage: Decimal::from(10),
            liquidation_fee: Rate::ZERO,
            tiers: Vec::new(),
        },
    );
}
