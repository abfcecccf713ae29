//! A pool that is lent out: what takes from it waits without paying gas for tries, the rest of an exit goes on, and what is hedged
//! stays hedged.

use basis::config::Costs;
use basis::engine::{End, Phase, StepView};
use basis::run::Pump;
use basis::types::event::{Event, Loudness};
use basis::types::{
    Amount, Code, Decision, Exact, MarketKind, Operation, Options, ReserveId, Side, Span,
};
use rust_decimal::Decimal;

use crate::chain::{Chain, acts, held, is_explained, still, worth};
use crate::closing_modes::{Stop, stopped, stopped_as};
use crate::desk::{Desk, entry, exit, key, one, parallel};
use crate::scene::{Scripted, Tape, dec, hour, qty, start};

const WEETH: &str = "wallet:BaseToken:weETH";
const LENT: &str = "aave_v3:aToken:aweETH";
const ETH: &str = "wallet:BaseToken:ETH";

/// A slash of two hundredths after a day.
fn slashed(token: &str, day: i64) -> Decimal {
    worth(token) * if day > 0 { dec("0.98") } else { Decimal::ONE }
}

/// All of every pool is lent out on the second and the third day.
fn lent_out(_: &str, day: i64) -> [Decimal; 2] {
    let borrowed = if (1..3).contains(&day) { "2000000" } else { "1000000" };
    [dec("2000000"), dec(borrowed)]
}

const SOON: (&str, &str) = ("risk.emergency_drawdown", "0.015");

fn weeth(step: &StepView) -> ReserveId {
    let reserves = step.universe().reserves();
    let is_it = |reserve: &&basis::types::Reserve| reserve.underlying == key(step, WEETH);
    reserves.iter().find(is_it).expect("weETH can be lent").id
}

fn is_taken_over(pump: &Pump<Tape>) -> bool {
    let notes = pump.witness.notes(Loudness::Alarm);
    notes.iter().any(|note| note.contains("have made nothing smaller"))
}

#[test]
fn the_exit_of_a_loop_waits_for_its_pool_and_pays_no_gas_for_tries() {
    let chain =
        Chain { rate: &slashed, totals: &lent_out, discount: &|_| dec("0.002"), ..still(4) };
    let pump = chain.run("eth_leveraged", Costs::Full, &[SOON]);
    assert!(!is_taken_over(&pump), "waiting is not failing");
    let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
    assert_eq!(hours, [0, 72], "the loop is built, and taken down when the pool can pay");
    assert_eq!(held(&pump, "aave_v3:debtToken:debtWETH"), Decimal::ZERO);
    let told = pump.witness.constraints();
    assert_eq!(told.len(), 48, "one at each hour of two days");
    let words = "asked for, and 0 lie in the pool of aave_v3";
    assert!(told[0].starts_with("RISK-009") && told[0].contains(words), "{}", told[0]);
    is_explained(&pump);
}

#[test]
fn what_an_exit_does_before_it_takes_from_a_lent_out_pool_goes_on() {
    let chain = Chain { rate: &slashed, totals: &lent_out, ..still(4) };
    let pump = chain.run_as("eth_leveraged", Costs::None, &[SOON], |_| {
        Scripted::new(|step| match hour(step) {
            0 => {
                let mut desk = Desk::new(step);
                let venue = step.universe().venue_named("etherfi").unwrap();
                let supply = Operation::Supply { reserve: weeth(step) };
                let staked = one(desk.order(Operation::Stake { venue }, "90"));
                entry(vec![staked, one(desk.order(supply, "50"))])
            }
            _ => Decision::hold("done"),
        })
        .with_exit(|step| {
            let mut desk = Desk::new(step);
            let loose = step.balance(key(step, WEETH));
            let lent = step.tokens_at(key(step, LENT));
            let venue = step.universe().venue_named("uniswap").unwrap();
            let (from, to) = (key(step, WEETH), key(step, ETH));
            let mut items = Vec::new();
            if loose > qty("0.000001") {
                let operation = Operation::Swap { venue, from, to, exact: Exact::In };
                items.push(one(desk.order(operation, Amount::all(from, loose))));
            }
            if lent.is_positive() {
                let operation = Operation::Withdraw { reserve: weeth(step) };
                items.push(one(desk.order(operation, Amount::all(key(step, LENT), lent))));
            }
            if items.is_empty() { Decision::hold("gone") } else { exit(items) }
        })
    });
    // The sale at the hour of the stop, without what is lent; that when the pool pays, and the sale of it.
    let told: Vec<(i64, usize)> =
        pump.witness.orders().iter().map(|order| (order.at - start()).ms() / 3_600_000).fold(
            Vec::new(),
            |mut hours: Vec<(i64, usize)>, hour| {
                match hours.last_mut() {
                    Some((last, count)) if *last == hour => *count += 1,
                    _ => hours.push((hour, 1)),
                }
                hours
            },
        );
    assert_eq!(told, [(0, 2), (24, 1), (72, 1), (73, 1)]);
    // The decision that goes on in part says why the rest waits.
    let in_part = pump.witness.events().find_map(|event| match event {
        Event::Decision(told) if told.orders > 0 && !told.constraints.is_empty() => Some(told),
        _ => None,
    });
    let in_part = in_part.expect("one goes on in part");
    assert_eq!((in_part.at, in_part.orders), (start() + Span::from_hours(24), 1));
    assert_eq!(in_part.constraints[0].code, Code::Risk009);
    assert_eq!(held(&pump, LENT), Decimal::ZERO);
    assert!(!is_taken_over(&pump));
}

#[test]
fn where_the_engine_closes_it_keeps_the_hedge_of_what_no_pool_pays_yet() {
    let stop = Stop { at: "2024-10-06", stress: "utilisation-100@2024-10-05" };
    let pump = stopped("usdt_market_neutral", &stop, |step| {
        let net = step.net_delta[step.setup.asset.index()].abs();
        let is_entered = step.now > "2024-10-02".parse().expect("a time");
        assert!(!is_entered || net < qty("0.6"), "{}: {net} ETH are not hedged", step.now);
    });
    let phase = &pump.engine.state().phase;
    let Phase::Ended(End::Stopped(_)) = phase else { panic!("it ended as {phase:?}") };
    for key in pump.engine.step().universe().instruments() {
        let left = held(&pump, &key.name);
        let is_left = key.name.contains("USDT") && !key.name.contains("Perp");
        // The gas tank, as far as its last transaction left it.
        assert!(is_left || left <= dec("0.2"), "{left} at {}", key.name);
    }
    let notes = pump.witness.notes(Loudness::Alarm);
    assert!(!notes.iter().any(|note| note.contains("by hand")), "{notes:?}");
    is_explained(&pump);
}

/// An exit that closes the shorts first, and then takes back what they hedge.
fn hedges_first(step: &StepView) -> Decision {
    let (mut desk, mut closes) = (Desk::new(step), Vec::new());
    for market in step.universe().markets().iter().filter(|of| of.kind == MarketKind::Perp) {
        let held = step.balance(market.position);
        if held.is_negative() {
            let operation = Operation::PerpTrade { market: market.id, side: Side::Buy };
            let options = Options { reduce_only: true, ..Options::default() };
            closes.push(basis::types::Order { options, ..desk.order(operation, held.abs()) });
        }
    }
    if closes.is_empty() {
        return Decision::hold("no short is left");
    }
    let withdraw = Operation::Withdraw { reserve: weeth(step) };
    exit(vec![parallel(closes), one(desk.order(withdraw, "1"))])
}

#[test]
fn no_hedge_goes_before_what_it_hedges_can_be_taken_back() {
    let stop = Stop { at: "2024-10-06", stress: "utilisation-100@2024-10-05" };
    let made = |mut inner: Box<dyn basis::engine::Strategy>| {
        let decide = move |step: &std::sync::Arc<StepView>| {
            inner.decide(step, &mut basis::engine::Memory::default()).expect("it decides")
        };
        let exit = |step: &std::sync::Arc<StepView>| hedges_first(step);
        Scripted::new(decide).with_exit(exit) as Box<dyn basis::engine::Strategy>
    };
    let pump = stopped_as("usdt_market_neutral", &stop, made, |step| {
        let net = step.net_delta[step.setup.asset.index()].abs();
        let is_entered = step.now > "2024-10-02".parse().expect("a time");
        let is_lent_out = step.now < "2024-10-08".parse().expect("a time");
        let is_looked_at = is_entered && is_lent_out;
        // Debts grow by 80 % a year meanwhile.
        assert!(!is_looked_at || net < qty("2"), "{}: {net} ETH are not hedged", step.now);
    });
    let told = pump.witness.constraints();
    assert!(told.iter().any(|why| why.starts_with("RISK-009")), "{told:?}");
}
