//! A small run for tests: a wallet and one exchange with a spot and a perp market of one coin.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::config::setup::{MissingFunding, Setup};
use crate::config::{
    Costs, ExecutionRules, Fill, Impact, LegRisk, Pricing, RiskLimits, ShareClass, SignalRules,
    VenueConditions,
};
use crate::types::chain::{GasRules, GasUse};
use crate::types::venue::{
    MarginMode, MarginRules, MarginTier, MarginTiers, TransferRule, Venue, VenueKind,
};
use crate::types::{
    BoundOrder, Cause, FeeAsset, KeyId, Market, MarketId, MarketKind, Notional, Operation, OrderId,
    PlanId, PositionType, Posting, Price, Quantity, Rate, RunTag, Side, Span, Timestamp, TokenId,
    Universe, Value, VenueId,
};

use super::fault::Faults;
use super::weather::Table;
use super::world::World;

pub(super) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn qty(text: &str) -> Quantity {
    Quantity::new(dec(text))
}

pub(super) fn price(text: &str) -> Price {
    Price::new(dec(text))
}

/// Hour `n` of the test's time.
pub(super) fn hour(n: i64) -> Timestamp {
    Timestamp::from_ms(0) + Span::from_hours(n)
}

/// The order with this number.
pub(super) fn id(n: u16) -> OrderId {
    OrderId { run: RunTag::new(1), plan: PlanId(1), leg: n, attempt: 1 }
}

/// The run and the ids in it.
#[derive(Clone, Debug)]
pub(super) struct Kit {
    pub(super) setup: Arc<Setup>,
    pub(super) wallet: VenueId,
    pub(super) exchange: VenueId,
    /// Keys at the wallet.
    pub(super) usdt: KeyId,
    pub(super) ether: KeyId,
    pub(super) weth: KeyId,
    /// Keys at the exchange.
    pub(super) cash: KeyId,
    pub(super) transit: KeyId,
    pub(super) coins: KeyId,
    pub(super) position: KeyId,
    pub(super) spot: MarketId,
    pub(super) perp: MarketId,
}

impl Kit {
    /// When the second table of tiers comes into force.
    pub(super) const NEW_TIERS: Timestamp = Timestamp::from_ms(1_000_000_000_000);

    /// Unified margin, haircut 0.95, credit 1 000, interest above 100, ten times leverage; fees 0.1 % and 0.05 %.
    pub(super) fn unified() -> Self {
        Self::new(MarginMode::Unified)
    }

    /// The same with cash as the only collateral.
    pub(super) fn usdt() -> Self {
        Self::new(MarginMode::Usdt)
    }

    fn new(mode: MarginMode) -> Self {
        let mut universe = Universe::default();
        let [usdt_token, coin, eth, weth_token] =
            ["USDT", "BTC", "ETH", "WETH"].map(|name| universe.intern_token(name));
        let wallet = universe.add_venue(|id| venue(id, "wallet", VenueKind::Wallet));
        let exchange = universe.add_venue(|id| venue(id, "binance", VenueKind::Exchange));
        let mut token = |venue, kind, name: &str, token, decimals| {
            universe.intern_key(venue, kind, name, token, decimals)
        };
        let usdt = token(wallet, PositionType::BaseToken, "USDT", usdt_token, 6);
        let ether = token(wallet, PositionType::BaseToken, "ETH", eth, 18);
        let weth = token(wallet, PositionType::BaseToken, "WETH", weth_token, 18);
        token(wallet, PositionType::Transit, "USDT", usdt_token, 6);
        let cash = token(exchange, PositionType::BaseToken, "USDT", usdt_token, 8);
        let transit = token(exchange, PositionType::Transit, "USDT", usdt_token, 8);
        let coins = token(exchange, PositionType::BaseToken, "BTC", coin, 8);
        let position = token(exchange, PositionType::Perp, "BTCUSDT", coin, 3);
        let mut market = |kind, position, fee: &str, fee_asset| {
            universe.add_market(|id| Market {
                id,
                venue: exchange,
                kind,
                symbol: "BTCUSDT".into(),
                base: coin,
                quote: usdt_token,
                position,
                cash,
                lot: qty("0.001"),
                min_notional: Notional::new(dec("5")),
                fee: Rate::new(dec(fee)),
                fee_asset,
                half_spread: Rate::ZERO,
            })
        };
        let spot = market(MarketKind::Spot, coins, "0.001", FeeAsset::Received);
        let perp = market(MarketKind::Perp, position, "0.0005", FeeAsset::Quote);
        universe.set_margin(exchange, margin_rules(mode, cash, coin, perp));
        let mut setup = setup(universe, coin, usdt_token);
        setup.initial_balances = vec![(usdt, qty("10000")), (ether, qty("1")), (cash, qty("1000"))];
        let mut kit = Self {
            setup: Arc::new(setup),
            wallet,
            exchange,
            usdt,
            ether,
            weth,
            cash,
            transit,
            coins,
            position,
            spot,
            perp,
        };
        kit.rules(|venues| {
            let mut units = [0; GasUse::ALL.len()];
            units[GasUse::Transfer as usize] = 100_000;
            units[GasUse::Wrap as usize] = 50_000;
            venues[0].gas = Some(GasRules { key: ether, units });
            let leave = |fee: &str| TransferRule {
                token: usdt_token,
                fee: qty(fee),
                duration: Span::from_minutes(20),
            };
            venues[0].transfers = vec![leave("0")];
            venues[1].transfers = vec![leave("1")];
        });
        kit
    }

    /// Changes the setup before a world is made of it.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Setup)) {
        change(Arc::make_mut(&mut self.setup));
    }

    /// Opens with these balances and no others.
    pub(super) fn start_with(&mut self, balances: &[(KeyId, &str)]) {
        let balances = balances.iter().map(|(key, amount)| (*key, qty(amount))).collect();
        self.change(|setup| setup.initial_balances = balances);
    }

    /// Changes the venues' rules, the wallet first.
    pub(super) fn rules(&mut self, change: impl FnOnce(&mut [Venue])) {
        self.change(|setup| {
            let mut venues = setup.universe.venues().to_vec();
            change(&mut venues);
            setup.universe = Arc::new(rebuilt(&setup.universe, venues, |_| {}));
        });
    }

    /// Changes the rules of every market.
    pub(super) fn markets(&mut self, change: impl Fn(&mut Market)) {
        self.change(|setup| {
            let venues = setup.universe.venues().to_vec();
            setup.universe = Arc::new(rebuilt(&setup.universe, venues, change));
        });
    }

    /// No trading fees.
    pub(super) fn free(mut self) -> Self {
        self.markets(|market| market.fee = Rate::ZERO);
        self
    }

    /// Impact of one per cent for the whole volume of a bar, by the root.
    pub(super) fn with_impact(mut self) -> Self {
        let impact = Some(Impact { coefficient: Rate::new(dec("0.01")), power: dec("0.5") });
        self.change(|setup| setup.conditions.iter_mut().for_each(|it| it.impact = impact));
        self
    }

    pub(super) fn with_latency(mut self, latency: Span) -> Self {
        self.change(|setup| setup.conditions.iter_mut().for_each(|it| it.latency = latency));
        self
    }

    pub(super) fn with_next_open(mut self) -> Self {
        self.change(|setup| setup.conditions.iter_mut().for_each(|it| it.fill = Fill::NextOpen));
        self
    }

    /// A world without faults.
    pub(super) fn world(&self) -> World<Table> {
        World::new(self.setup.clone(), 0, Faults::NONE)
    }

    /// Both markets at one price, gas at 10 gwei.
    pub(super) fn at(&self, hours: i64, text: &str) -> Table {
        Table::at(hour(hours))
            .price(self.spot, price(text))
            .price(self.perp, price(text))
            .gas(dec("10"))
    }

    /// The same, after a perp bar of open, high, low that closed at the price.
    pub(super) fn after_bar(&self, hours: i64, [open, high, low]: [&str; 3], close: &str) -> Table {
        self.at(hours, close).bar(self.perp, [open, high, low, close].map(price))
    }

    pub(super) fn buy(&self, market: MarketId, quantity: &str) -> BoundOrder {
        self.order(market, Side::Buy, quantity)
    }

    pub(super) fn sell(&self, market: MarketId, quantity: &str) -> BoundOrder {
        self.order(market, Side::Sell, quantity)
    }

    fn order(&self, market: MarketId, side: Side, quantity: &str) -> BoundOrder {
        let operation = match self.setup.universe.market(market).kind {
            MarketKind::Spot => Operation::SpotTrade { market, side },
            MarketKind::Perp => Operation::PerpTrade { market, side },
        };
        bound(operation, quantity)
    }

    /// Stop and target of the perp; an empty text is none.
    pub(super) fn protect(&self, stop: &str, target: &str) -> BoundOrder {
        let some = |text: &str| (!text.is_empty()).then(|| price(text));
        let (stop_loss, take_profit) = (some(stop), some(target));
        bound(Operation::Protect { market: self.perp, take_profit, stop_loss }, "0")
    }

    pub(super) fn posting(&self, key: KeyId, amount: &str, cost: &str) -> Posting {
        let cost = Notional::new(dec(cost));
        Posting { cost, ..Posting::plain(key, qty(amount), Cause::Capital) }
    }
}

/// An order for an operation without any bounds.
pub(super) fn bound(operation: Operation, quantity: &str) -> BoundOrder {
    let quantity = qty(quantity);
    BoundOrder { operation, quantity, limit: None, reduce_only: false, deltas: Vec::new() }
}

fn venue(id: VenueId, name: &str, kind: VenueKind) -> Venue {
    Venue::new(id, name, kind)
}

/// A universe is built once and never changed; tests that want other rules build it again.
fn rebuilt(old: &Universe, venues: Vec<Venue>, change: impl Fn(&mut Market)) -> Universe {
    let mut new = Universe::default();
    for token in old.tokens() {
        new.intern_token(token);
    }
    for venue in venues {
        new.add_venue(|_| venue);
    }
    for key in old.instruments() {
        let symbol = key.name.rsplit(':').next().unwrap();
        new.intern_key(key.venue, key.position_type, symbol, key.token, key.decimals);
    }
    for market in old.markets() {
        let mut market = market.clone();
        change(&mut market);
        new.add_market(|_| market);
    }
    new
}

fn margin_rules(mode: MarginMode, cash: KeyId, coin: TokenId, perp: MarketId) -> MarginRules {
    let tier = |up_to: &str, rate: &str, deduction: &str| MarginTier {
        up_to: Notional::new(dec(up_to)),
        rate: Rate::new(dec(rate)),
        deduction: Notional::new(dec(deduction)),
    };
    let first = MarginTiers {
        market: perp,
        as_of: Timestamp::from_ms(0),
        tiers: vec![tier("300000", "0.004", "0"), tier("800000", "0.005", "300")],
    };
    let later = MarginTiers {
        market: perp,
        as_of: Kit::NEW_TIERS,
        tiers: vec![tier("300000", "0.01", "0")],
    };
    MarginRules {
        mode,
        cash,
        collateral_ratio: vec![(coin, Rate::new(dec("0.95")))],
        credit_limit: Notional::new(dec("1000")),
        interest_free: Notional::new(dec("100")),
        interest_per_year: Rate::new(dec("0.0876")),
        max_leverage: dec("10"),
        liquidation_fee: Rate::new(dec("0.01")),
        tiers: vec![first, later],
    }
}

fn setup(universe: Universe, asset: TokenId, quote: TokenId) -> Setup {
    let tokens = universe.tokens().len();
    let conditions = VenueConditions { latency: Span::from_ms(0), impact: None, fill: Fill::Open };
    Setup {
        home: crate::types::KeyId(0),
        capital_flows: Vec::new(),
        mode: "test".to_owned(),
        script: None,
        share_class: ShareClass { name: "USDT".to_owned(), token: quote, decimals: 2 },
        asset,
        quote,
        conditions: vec![conditions; universe.venues().len()],
        universe: Arc::new(universe),
        step: Span::from_hours(1),
        from: None,
        to: None,
        unwind_at: None,
        series: Vec::new(),
        pricing: vec![Pricing::None; tokens],
        parameters: Vec::new(),
        capital: Value::ZERO,
        initial_balances: Vec::new(),
        reserve_ratio: Rate::ZERO,
        gas_tank: Quantity::ZERO,
        min_value_over_gas: Decimal::ONE_HUNDRED,
        risk: RiskLimits {
            margin_ratio: None,
            health_factor: None,
            delta_drift: None,
            emergency_drawdown: Rate::ZERO,
            max_age: Span::from_hours(3),
            max_order_notional: None,
        },
        execution: ExecutionRules {
            plan_timeout: Span::from_s(120),
            slippage: Rate::ZERO,
            query_backoff: vec![Span::from_s(1)],
            failure_backoff: vec![Span::default()],
            validity: Span::from_s(20),
            reconcile_attempts: 3,
            dust_units: 2,
            max_attempts: 3,
            observe_every: None,
            leg_risk: LegRisk {
                max_notional: Notional::new(Decimal::from(50_000)),
                max_time: Span::from_s(90),
            },
        },
        costs: Costs::Full,
        target_apy: Rate::ZERO,
        target_drawdown: Rate::ZERO,
        missing_funding: MissingFunding::Zero,
        signal: SignalRules {
            max_age: Span::from_minutes(10),
            max_missing: Rate::ZERO,
            service: None,
        },
        hash: String::new(),
        merged: String::new(),
    }
}
