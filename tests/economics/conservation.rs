//! What must hold for any orders at any prices: nothing appears, nothing is negative, no rounding helps us, and a round trip
//! costs exactly what it says.

use basis::config::{Costs, Setup};
use basis::market::MarketData;
use basis::run::Pump;
use basis::types::event::Event;
use basis::types::{
    Action, Cause, Decision, Execution, FeeAsset, KeyId, MarketKind, Notional, PnlCause,
    PositionType, Posting, Price, Quantity, Side,
};
use proptest::prelude::*;
use rust_decimal::{Decimal, MathematicalOps};

use crate::desk::{Desk, decision, held, market, one, parallel};
use crate::scene::{Prices, Scripted, Tape, dec, qty, run, setup};

const HOURS: i64 = 30;

/// One of the things that a made-up trader does in an hour; sizes in thousandths of a coin.
#[derive(Clone, Copy, Debug)]
enum Act {
    Spot(Side, u32),
    Perp(Side, u32),
    Pair(u32),
    Send(u32),
    Wrap(u32),
    Pause,
}

fn act() -> impl Strategy<Value = Act> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    prop_oneof![
        (side.clone(), 1_u32..150).prop_map(|(side, size)| Act::Spot(side, size)),
        (side, 1_u32..300).prop_map(|(side, size)| Act::Perp(side, size)),
        (1_u32..150).prop_map(Act::Pair),
        (10_u32..900).prop_map(Act::Send),
        (1_u32..300).prop_map(Act::Wrap),
        Just(Act::Pause),
    ]
}

/// Carries out acts as far as what is held allows, so that the guard refuses none.
fn trader(acts: Vec<Act>) -> Box<Scripted> {
    Scripted::new(move |step| {
        let hour = ((step.now - crate::scene::start()).ms() / 3_600_000) as usize;
        let mut desk = Desk::new(step);
        let coins = |size: u32| Quantity::new(Decimal::new(i64::from(size), 3));
        let cash = held(step, "bybit:BaseToken:USDT");
        let can_pay = |size: u32| Decimal::from(size) * dec("75") < cash.get();
        let plan = |items| decision(Action::EntryPartial, items);
        let out = |items| decision(Action::ExitPartial, items);
        match acts.get(hour).copied().unwrap_or(Act::Pause) {
            Act::Spot(Side::Buy, size) if can_pay(size) => {
                plan(vec![one(desk.spot("bybit", Side::Buy, coins(size)))])
            }
            Act::Spot(Side::Sell, size) if held(step, "bybit:BaseToken:BTC") >= coins(size) => {
                out(vec![one(desk.spot("bybit", Side::Sell, coins(size)))])
            }
            Act::Perp(side, size) => {
                let size = coins(size);
                let before = held(step, "bybit:Perp:BTCUSDT");
                let after = before + side.signed(size);
                if after.abs() > qty("0.8") {
                    return Decision::hold("large enough");
                }
                let order = desk.perp("bybit", side, size);
                if after.abs() > before.abs() {
                    plan(vec![one(order)])
                } else {
                    out(vec![one(order)])
                }
            }
            Act::Pair(size)
                if can_pay(size)
                    && held(step, "bybit:Perp:BTCUSDT") > qty("-0.5")
                    && held(step, "bybit:Perp:BTCUSDT") <= Quantity::ZERO =>
            {
                let legs = vec![
                    desk.spot("bybit", Side::Buy, coins(size)),
                    desk.perp("bybit", Side::Sell, coins(size)),
                ];
                plan(vec![parallel(legs)])
            }
            Act::Send(dollars) if held(step, "wallet:BaseToken:USDT") > qty("1000") => {
                let order = desk.transfer(
                    "wallet:BaseToken:USDT",
                    "binance:BaseToken:USDT",
                    Quantity::new(Decimal::new(i64::from(dollars) * 1001, 3)),
                );
                plan(vec![one(order)])
            }
            Act::Wrap(size) if held(step, "wallet:BaseToken:ETH") > qty("0.6") => {
                out(vec![one(desk.wrap(coins(size)))])
            }
            _ => Decision::hold("nothing to do it with"),
        }
    })
}

/// An uneven price, so that roundings happen: a walk by tenths of a percent with odd cents.
fn price(walk: &[i64], series: &str, hour: i64) -> Decimal {
    let mut price = if series.contains("ETH") { dec("3000.07") } else { dec("60000.13") };
    for step in walk.iter().cycle().take(hour as usize) {
        price *= Decimal::ONE + Decimal::new(*step, 3);
    }
    let basis = if series.starts_with("perp") { dec("17.31") } else { Decimal::ZERO };
    (price + basis).round_dp(2)
}

fn run_acts(
    costs: Costs,
    walk: &[i64],
    rates: &[i64],
    acts: Vec<Act>,
) -> (Setup, std::sync::Arc<MarketData>, Pump<Tape>) {
    let setup = setup("economics", costs, &[]);
    let prices = Prices {
        hours: HOURS,
        open: &|series, hour| Some(price(walk, series, hour)),
        funding: &|_, hour| Decimal::new(rates[hour as usize / 8 % rates.len()], 6),
        gwei: &|hour| dec("20.37") + Decimal::from(hour % 7),
        volume: dec("1000"),
    };
    let data = prices.data(&setup);
    // Whatever was drawn, a position is held over the first funding, and every kind of posting occurs.
    let mut first = vec![Act::Pair(100), Act::Send(500), Act::Wrap(50), Act::Spot(Side::Sell, 30)];
    first.extend(acts);
    let pump = run(setup.clone(), &data, trader(first));
    let done = executions(&pump.witness).len();
    assert!(done >= 5, "only {done} executions");
    (setup, data, pump)
}

/// What postings are worth at the prices of the step in which they were made; perps by mark less cost.
fn worth(
    setup: &Setup,
    data: &std::sync::Arc<MarketData>,
    at: basis::types::Timestamp,
    postings: &[Posting],
) -> Decimal {
    let hour = (at - crate::scene::start()).ms() / 3_600_000;
    let view = data.view_at(hour as usize);
    let value = |posting: &Posting| {
        let key = setup.universe.instrument(posting.key);
        match key.position_type {
            PositionType::Perp => {
                let mark =
                    view.quote(key.market.expect("a perp has a market")).expect("a price").price;
                (mark * posting.amount - posting.cost).get()
            }
            _ => view.reference(key.token).expect("a price").get() * posting.amount.get(),
        }
    };
    postings.iter().map(value).sum()
}

fn executions(tape: &Tape) -> Vec<(basis::types::Timestamp, &Execution)> {
    let of = |event: &'_ Event| matches!(event, Event::Execution(_));
    tape.events()
        .filter(|event| of(event))
        .filter_map(|event| if let Event::Execution(it) = event { Some(it) } else { None })
        .filter_map(|it| Some((it.at, it.handshake.execution.as_ref()?)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_negative_that_must_not_be(
        walk in prop::collection::vec(-20_i64..=20, 11),
        rates in prop::collection::vec(-3000_i64..=3000, 4),
        acts in prop::collection::vec(act(), HOURS as usize),
    ) {
        let (setup, _, pump) = run_acts(Costs::Full, &walk, &rates, acts);
        prop_assert_eq!(&pump.engine.state().phase, &basis::engine::Phase::Ended(basis::engine::End::Done));
        for (_, batch) in &pump.witness.batches {
            for event in &batch.events {
                let Event::Positions { at, quantities, .. } = event else { continue };
                for (key, quantity) in setup.universe.instruments().iter().zip(batch.numbers(*quantities)) {
                    let margin = setup.universe.venue(key.venue).margin.as_ref().filter(|rules| rules.cash == key.id);
                    let floor = margin.map_or(Decimal::ZERO, |rules| -rules.credit().get());
                    let may_be = key.position_type == PositionType::Perp;
                    prop_assert!(may_be || *quantity >= floor, "{at}: {quantity} at {}", key.name);
                }
            }
        }
        prop_assert_eq!(pump.world.unexplained().count(), 0);
        for theirs in pump.world.balances() {
            prop_assert_eq!(pump.engine.state().books.quantity(theirs.key), theirs.quantity);
            prop_assert_eq!(pump.engine.state().books.cost(theirs.key), theirs.cost);
        }
    }

    #[test]
    fn without_costs_a_trade_is_worth_nothing_and_no_rounding_helps_us(
        walk in prop::collection::vec(-20_i64..=20, 11),
        rates in prop::collection::vec(-3000_i64..=3000, 4),
        acts in prop::collection::vec(act(), HOURS as usize),
    ) {
        let (setup, data, pump) = run_acts(Costs::None, &walk, &rates, acts);
        let done = executions(&pump.witness);
        for (at, execution) in &done {
            let worth = worth(&setup, &data, *at, &execution.deltas);
            prop_assert!(worth <= Decimal::ZERO, "{at}: {execution:?} made {worth} of nothing");
            prop_assert!(worth >= dec("-0.00000004"), "{at}: {execution:?} lost {worth} without a cost");
            prop_assert!(execution.deltas.iter().all(|posting| matches!(posting.cause, Cause::Trade | Cause::Realised | Cause::Move)));
        }
        // Funding: what was booked is what the rates ask for, less than a unit a payment against us.
        let booked = pump.engine.state().ledger.total[PnlCause::Funding].get();
        let (exact, payments) = funding(&setup, &data, &pump.witness);
        prop_assert!(booked <= exact, "roundings of funding brought {}", booked - exact);
        prop_assert!(exact - booked <= dec("0.00000001") * Decimal::from(payments));
        // Nothing else but prices and roundings moved equity.
        let total = pump.engine.state().ledger.total;
        for cause in [PnlCause::Fees, PnlCause::Gas, PnlCause::Other, PnlCause::Liquidation] {
            prop_assert!(total[cause].is_zero(), "{cause:?} is {}", total[cause]);
        }
        let rounding = total[PnlCause::Slippage].get();
        prop_assert!(rounding <= Decimal::ZERO && rounding >= dec("-0.00000004") * Decimal::from(done.len()));
    }

    #[test]
    fn tokens_only_change_hands(
        walk in prop::collection::vec(-20_i64..=20, 11),
        rates in prop::collection::vec(-3000_i64..=3000, 4),
        acts in prop::collection::vec(act(), HOURS as usize),
    ) {
        let (setup, _, pump) = run_acts(Costs::Full, &walk, &rates, acts);
        let universe = &setup.universe;
        // What is moved leaves one key and arrives at another; ETH and WETH are one coin here.
        for tokens in [&["USDT"][..], &["BTC"], &["ETH", "WETH"]] {
            let is_one = |key: &&basis::types::Instrument| {
                key.position_type != PositionType::Perp && tokens.contains(&&**universe.token(key.token))
            };
            let moved: Quantity = universe.instruments().iter().filter(is_one).map(|key| pump.world.brought(key.id, Cause::Move)).sum();
            prop_assert!(moved.is_zero(), "{moved} {tokens:?} came out of nothing");
        }
        // Every execution at full costs is worth no more than nothing, and what it lost is its costs and its slippage.
        for (at, execution) in executions(&pump.witness) {
            for posting in &execution.deltas {
                prop_assert!(!matches!(posting.cause, Cause::Fee | Cause::Gas) || posting.amount.is_negative(), "{at}: {posting:?}");
                let decimals = universe.instrument(posting.key).decimals;
                prop_assert_eq!(posting.amount.towards_zero(decimals), posting.amount, "{} is finer than its key", posting.amount);
            }
        }
    }

    #[test]
    fn a_round_trip_at_one_timestamp_loses_exactly_its_costs(
        size in 1_u32..400,
        dollars in 20_000_i64..120_000,
        cents in 0_i64..100,
        volume in 50_i64..5_000,
        kind in prop_oneof![Just(MarketKind::Spot), Just(MarketKind::Perp)],
        venue in prop_oneof![Just("binance"), Just("bybit")],
        first in prop_oneof![Just(Side::Buy), Just(Side::Sell)],
    ) {
        let first = if kind == MarketKind::Spot { Side::Buy } else { first };
        let price = Decimal::new(dollars * 100 + cents, 2);
        let size = Quantity::new(Decimal::new(i64::from(size), 3));
        prop_assume!(size.get() * price > dec("120") && size.get() * price < dec("20000"));
        let setup = setup("economics", Costs::Full, &[]);
        let prices = Prices {
            hours: 4,
            open: &|series, _| Some(if series.contains("ETH") { dec("3000") } else { price }),
            funding: &|_, _| Decimal::ZERO,
            gwei: &|_| dec("20"),
            volume: Decimal::from(volume),
        };
        let data = prices.data(&setup);
        let trader = Scripted::new(move |step| {
            let hour = (step.now - crate::scene::start()).ms() / 3_600_000;
            if hour != 2 {
                return Decision::hold("a pause");
            }
            let mut desk = Desk::new(step);
            let rules = step.universe().market(market(step, venue, kind)).clone();
            let decimals = step.universe().instrument(rules.position).decimals;
            let (there, back) = match kind {
                MarketKind::Spot => (desk.spot(venue, Side::Buy, size), desk.spot(venue, Side::Sell, rules.received(size, decimals))),
                MarketKind::Perp => (desk.perp(venue, first, size), desk.perp(venue, first.opposite(), size)),
            };
            decision(Action::EntryPartial, vec![one(there), one(back)])
        });
        let pump = run(setup.clone(), &data, trader);
        let row = pump.witness.rows()[2].clone();
        let market = setup.universe.markets().iter().find(|market| {
            market.kind == kind && &*setup.universe.venue(market.venue).name == venue
        }).expect("the market");
        let impact = setup.conditions[market.venue.index()].impact.expect("full costs have impact");
        let trip = Trip { price, volume: Decimal::from(volume), half_spread: market.half_spread.get(), coefficient: impact.coefficient.get() };
        let lost = match kind {
            MarketKind::Spot => trip.spot(size.get(), market.fee.get(), market.fee_asset, market.lot),
            MarketKind::Perp => trip.perp(first, size.get(), market.fee.get()),
        };
        prop_assert_eq!(-row.pnl_step.get(), lost, "{} of {} at {}", kind_name(kind), size, venue);
        prop_assert_eq!(row.attribution[PnlCause::Fees] + row.attribution[PnlCause::Slippage], row.pnl_step);
        prop_assert!(row.attribution[PnlCause::Fees].is_negative() && row.attribution[PnlCause::Slippage].is_negative());
    }
}

const fn kind_name(kind: MarketKind) -> &'static str {
    match kind {
        MarketKind::Spot => "spot",
        MarketKind::Perp => "perp",
    }
}

/// The costs of a round trip, worked out from the cost table alone.
struct Trip {
    price: Decimal,
    volume: Decimal,
    half_spread: Decimal,
    coefficient: Decimal,
}

impl Trip {
    /// Price × (1 ± (half spread + coefficient × √(size / volume))), to 8 places against us.
    fn fill(&self, side: Side, size: Decimal) -> Decimal {
        let root = (size / self.volume).sqrt().expect("not negative");
        let moved = self.price * (self.half_spread + self.coefficient * root);
        match side {
            Side::Buy => ceil(self.price + moved),
            Side::Sell => floor(self.price - moved),
        }
    }

    fn spot(&self, size: Decimal, fee: Decimal, fee_asset: FeeAsset, lot: Quantity) -> Decimal {
        assert_eq!(fee_asset, FeeAsset::Received, "both exchanges take the fee of a buy in coins");
        let paid = ceil(self.fill(Side::Buy, size) * size);
        let received = size - ceil(size * fee);
        let sold = Quantity::new(received).floor_to_lot(lot).get();
        let at = self.fill(Side::Sell, sold);
        let proceeds = floor(at * sold) - ceil(at * sold * fee);
        // What is too small to sell is still held at the price.
        paid - proceeds - (received - sold) * self.price
    }

    fn perp(&self, first: Side, size: Decimal, fee: Decimal) -> Decimal {
        let (there, back) = (self.fill(first, size), self.fill(first.opposite(), size));
        // Cost of a long up, proceeds of a short down; what closing pays down.
        let (opened, closed) = match first {
            Side::Buy => (ceil(there * size), floor(back * size)),
            Side::Sell => (floor(there * size), ceil(back * size)),
        };
        let moved = if first == Side::Buy { opened - closed } else { closed - opened };
        moved + ceil(there * size * fee) + ceil(back * size * fee)
    }
}

fn ceil(number: Decimal) -> Decimal {
    number.round_dp_with_strategy(8, rust_decimal::RoundingStrategy::ToPositiveInfinity)
}

fn floor(number: Decimal) -> Decimal {
    number.round_dp_with_strategy(8, rust_decimal::RoundingStrategy::ToNegativeInfinity)
}

/// Σ −size × mark × rate over all payments, on the position held before the trades of the moment; and how many there were.
fn funding(setup: &Setup, data: &std::sync::Arc<MarketData>, tape: &Tape) -> (Decimal, usize) {
    let universe = &setup.universe;
    let (mut exact, mut payments) = (Decimal::ZERO, 0);
    let mut sizes = vec![Decimal::ZERO; universe.instruments().len()];
    let mut last = crate::scene::start();
    for (_, batch) in &tape.batches {
        for event in &batch.events {
            let Event::Positions { at, quantities, .. } = event else { continue };
            let hour = (*at - crate::scene::start()).ms() / 3_600_000;
            let view = data.view_at(hour as usize);
            for market in universe.markets().iter().filter(|market| market.kind == MarketKind::Perp)
            {
                for paid in
                    view.fundings_since(market.id, last).iter().filter(|paid| paid.at <= *at)
                {
                    let size = sizes[market.position.index()];
                    if !size.is_zero() {
                        let mark: Price = view.quote(market.id).expect("a price").price;
                        let owed: Notional = mark * Quantity::new(size) * paid.rate;
                        exact -= owed.get();
                        payments += 1;
                    }
                }
            }
            last = (*at).max(last);
            for (index, quantity) in batch.numbers(*quantities).iter().enumerate() {
                sizes[KeyId(index as u16).index()] = *quantity;
            }
        }
    }
    (exact, payments)
}
