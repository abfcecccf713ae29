//! Leaving: a strategy's exit has its time while it makes progress or has to wait, and the engine goes on where it does not.

use basis::config::Costs;
use basis::engine::{Command, Memory, StepView};
use basis::market::stress::{Ordeal, Plight};
use basis::run::Pump;
use basis::types::event::Loudness;
use basis::types::{Amount, Decision, Exact, Operation, Order, Side, Span};
use rust_decimal::Decimal;

use crate::chain::{Chain, acts, equity, held, still, worth};
use crate::desk::{self, Desk, entry, exit, key, one, parallel_or_unwind};
use crate::scene::{
    Prices, Scripted, Tape, calm, dec, from_rows, hour, pump, qty, script, setup, start,
};

/// A slash of two hundredths after a day.
fn slashed(token: &str, day: i64) -> Decimal {
    worth(token) * if day > 0 { dec("0.98") } else { Decimal::ONE }
}

const SOON: (&str, &str) = ("risk.emergency_drawdown", "0.015");
const WEETH: &str = "wallet:BaseToken:weETH";

fn operation(step: &StepView, venue: &str) -> Operation {
    let venue = step.universe().venue_named(venue).unwrap();
    match &*step.universe().venue(venue).name {
        "uniswap" => Operation::Swap {
            venue,
            from: key(step, WEETH),
            to: key(step, "wallet:BaseToken:ETH"),
            exact: Exact::In,
        },
        _ => Operation::Stake { venue },
    }
}

/// 96 ETH staked, and left by this while there is something to leave.
fn left_by(
    chain: &Chain<'_>,
    sets: &[(&str, &str)],
    way: impl Fn(&mut Desk, &StepView) -> Order + Send + 'static,
) -> Pump<Tape> {
    let all = [&[SOON], sets].concat();
    chain.run_as("eth_staking_only", Costs::Full, &all, |_| {
        Scripted::new(|step| match hour(step) {
            0 => entry(vec![one(Desk::new(step).order(operation(step, "etherfi"), "96"))]),
            _ => Decision::hold("done"),
        })
        .with_exit(move |step| {
            if step.balance(key(step, WEETH)) < qty("1") {
                return Decision::hold("all is left, or waits in the queue");
            }
            exit(vec![one(way(&mut Desk::new(step), step))])
        })
    })
}

fn is_taken_over(pump: &Pump<Tape>) -> bool {
    pump.witness
        .notes(Loudness::Alarm)
        .iter()
        .any(|note| note.contains("have made nothing smaller"))
}

#[test]
fn a_slow_sale_is_progress() {
    // Less than a thousandth an hour.
    let pump = left_by(&Chain { rate: &slashed, ..still(3) }, &[], |desk, step| {
        desk.order(operation(step, "uniswap"), "0.08")
    });
    assert!(!is_taken_over(&pump));
    assert_eq!(acts(&pump).len(), 50, "one at each hour from the 24th to the last");
}

#[test]
fn a_plan_that_takes_hours_is_waited_for() {
    let sets = [
        ("venues.uniswap.latency_ms", "7500000"),
        ("execution.plan_timeout_s", "86400"),
        ("execution.validity_s", "86400"),
    ];
    let pump = left_by(&Chain { rate: &slashed, ..still(3) }, &sets, |desk, step| {
        desk.order(operation(step, "uniswap"), "30.4")
    });
    assert!(!is_taken_over(&pump));
    assert!(held(&pump, WEETH) < Decimal::ONE);
}

#[test]
fn an_exit_that_waits_for_gas_is_waited_for() {
    let dear = |hour: i64| dec(if (22..30).contains(&hour) { "50000" } else { "20" });
    let chain = Chain { rate: &slashed, gas: &dear, discount: &|_| dec("0.01"), ..still(9) };
    let pump = left_by(&chain, &[], |desk, step| {
        let venue = step.universe().venue_named("etherfi").unwrap();
        let all = Amount::all(key(step, WEETH), step.balance(key(step, WEETH)));
        desk.order(Operation::Unstake { venue }, all)
    });
    assert!(!is_taken_over(&pump));
    let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
    assert_eq!(hours, [0, 31], "as soon as gas can be paid");
    assert!(equity(&pump, 31) > dec("98"), "the queue pays the rate");
}

#[test]
fn an_exit_that_waits_for_a_price_is_waited_for() {
    let setup = setup("economics", Costs::Full, &[]);
    let prices = Prices {
        open: &|series, hour| {
            let is_in_gap = series == "spot/bybit_BTCUSDT" && (4..12).contains(&hour);
            let price = if series.contains("ETH") { "3000" } else { "60000" };
            (!is_in_gap).then(|| dec(price))
        },
        ..calm(24)
    };
    let data = prices.data(&setup);
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        if hour(step) != 1 {
            return Decision::hold("wait");
        }
        entry(vec![parallel_or_unwind(vec![
            desk.spot("bybit", Side::Buy, "0.2"),
            desk.perp("binance", Side::Sell, "0.2"),
        ])])
    })
    .with_exit(|step| {
        let mut desk = Desk::new(step);
        let coins = desk::held(step, "bybit:BaseToken:BTC").floor_to_lot(qty("0.000001"));
        if coins.is_zero() {
            return Decision::hold("gone");
        }
        exit(vec![parallel_or_unwind(vec![
            desk.spot("bybit", Side::Sell, coins),
            desk.perp("binance", Side::Buy, "0.2"),
        ])])
    });
    let mut pump = pump(setup, &data, strategy);
    for view in data.views() {
        let now = view.now();
        pump.step(view).unwrap();
        if now == start() + Span::from_hours(4) {
            pump.command(now, Command::EmergencyStop).unwrap();
        }
    }
    pump.finish(data.to() + data.step()).unwrap();
    assert!(!is_taken_over(&pump));
    // Both legs together, when there is a price again.
    let sent: Vec<i64> =
        pump.witness.orders().iter().map(|order| (order.at - start()).ms() / 3_600_000).collect();
    assert_eq!(sent, [1, 1, 12, 12]);
}

#[test]
fn what_the_engine_has_taken_over_it_ends() {
    let chain = Chain { rate: &slashed, discount: &|_| dec("0.002"), ..still(4) };
    let pump = chain.run_as("eth_leveraged", Costs::None, &[SOON], |mut script| {
        Scripted::new(move |step| match hour(step) {
            0 => script.decide(step, &mut Memory::default()).unwrap(),
            _ => Decision::hold("built"),
        })
        .with_exit(|step| {
            // Busy for nothing while something is owed, and content as soon as nothing is.
            if step.balance(key(step, "aave_v3:debtToken:debtWETH")).is_zero() {
                return Decision::hold("no debt");
            }
            exit(vec![one(Desk::new(step).wrap("0.001"))])
        })
    });
    assert!(is_taken_over(&pump));
    assert!(held(&pump, WEETH).is_zero(), "the rest of the collateral is sold as well");
}

#[test]
fn an_exit_that_enters_is_no_exit() {
    let setup = setup("economics", Costs::Full, &[]);
    let data = calm(12).data(&setup);
    let strategy = Scripted::new(|step| match hour(step) {
        1 => entry(vec![one(Desk::new(step).perp("binance", Side::Buy, "0.2"))]),
        _ => Decision::hold("wait"),
    })
    .with_exit(|step| {
        let mut desk = Desk::new(step);
        if desk::held(step, "binance:Perp:BTCUSDT").is_zero() {
            return entry(vec![one(desk.perp("binance", Side::Buy, "0.2"))]);
        }
        exit(vec![one(desk.perp("binance", Side::Sell, "0.2"))])
    });
    let mut pump = pump(setup, &data, strategy);
    for view in data.views() {
        let now = view.now();
        pump.step(view).unwrap();
        if now == start() + Span::from_hours(2) {
            pump.command(now, Command::EmergencyStop).unwrap();
        }
    }
    pump.finish(data.to() + data.step()).unwrap();
    assert_eq!(acts(&pump).len(), 2, "in and out: {:?}", acts(&pump));
    assert!(held(&pump, "binance:Perp:BTCUSDT").is_zero());
}

/// A loop that is to be left after a day, while its lender is down for so many hours.
fn left_while_down(hours: i64) -> Pump<Tape> {
    let chain = Chain { rate: &slashed, discount: &|_| dec("0.002"), ..still(5) };
    let setup = setup("eth_leveraged", Costs::None, &[SOON]);
    let data = from_rows(&setup, &chain.rows(&setup), 24 * chain.days);
    let strategy = script(&setup);
    let lender = setup.universe.venue_named("aave_v3").expect("the loop has a lender");
    let mut pump = pump(setup, &data, strategy);
    let from = start() + Span::from_hours(24);
    let (plight, until) = (Plight::Down(lender), from + Span::from_hours(hours));
    pump.world.undergo(&[Ordeal { plight, from, until }]);
    for view in data.views() {
        pump.step(view).expect("a tape never fails");
    }
    pump.finish(data.to() + data.step()).expect("a tape never fails");
    pump
}

#[test]
fn an_exit_whose_venue_is_down_is_waited_for() {
    let pump = left_while_down(6);
    assert!(!is_taken_over(&pump), "a venue that is down is no fault of the exit");
    let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
    assert_eq!(hours, [0, 24, 25, 26, 27, 28, 29, 30], "as soon as it is back");
    assert!(held(&pump, "aave_v3:debtToken:debtWETH").is_zero());
}

#[test]
fn an_exit_whose_venue_stays_down_for_more_than_a_day_is_taken_over() {
    let pump = left_while_down(40);
    let notes = pump.witness.notes(Loudness::Alarm);
    let told = notes.iter().find(|note| note.contains("have made nothing smaller"));
    let told = told.expect("it is taken over");
    assert!(told.starts_with("2024-06-03T02:00"), "three plans after a day: {told}");
    assert!(held(&pump, "aave_v3:debtToken:debtWETH").is_zero());
}
