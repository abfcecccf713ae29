//! What a lending venue refuses for want of room or of free liquidity: no money moves, the run goes on, and the strategy,
//! which sees what it saw, asks again until the venue says yes.

use basis::config::Costs;
use basis::run::Pump;
use basis::types::event::{Event, Loudness};
use basis::types::{Code, Decision, Operation, PnlCause};
use rust_decimal::Decimal;

use crate::chain::{Chain, acts, equity, held, is_done, last, still};
use crate::desk::{Desk, entry, one, parallel};
use crate::scene::{Scripted, Tape, dec, hour};

/// Refused on the first day, hour after hour, and granted on the second.
const GRANTED_AT: usize = 24;
const BUILT: &str = "the loop is built to its target";
const CAP: (&str, &str) = ("venues.aave_v3.reserves.weETH.supply_cap", "2000000");
/// A plan that failed is sent again at the next step: what waits has a test of its own.
const AT_ONCE: (&str, &str) = ("execution.failure_backoff_h", "0");

/// So many tokens supplied and owed by all others on the first day, and a pool with plenty of room from then on.
fn first_day(token: &'static str, totals: [&'static str; 2]) -> impl Fn(&str, i64) -> [Decimal; 2] {
    move |of, day| {
        let is_first = of == token && day < 1;
        if is_first { totals.map(dec) } else { ["1000000", "500000"].map(dec) }
    }
}

/// Codes and sentences of what went wrong.
fn alarms(pump: &Pump<Tape>) -> Vec<String> {
    pump.witness.notes(Loudness::Warn)
}

/// The venue's own code of each refusal.
fn refusals(pump: &Pump<Tape>) -> Vec<&str> {
    fn of(event: &Event) -> Option<&str> {
        let Event::Execution(told) = event else { return None };
        told.handshake.error.as_ref()?.1.as_deref()
    }
    pump.witness.events().filter_map(of).collect()
}

#[test]
fn a_loop_that_the_venue_has_no_room_for_is_asked_for_until_there_is() {
    let full = first_day("weETH", ["1999500", "0"]);
    let chain = Chain { totals: &full, ..still(2) };
    let pump = chain.run("eth_leveraged", Costs::None, &[CAP, AT_ONCE, ("reserve.ratio", "0")]);
    is_done(&pump);
    // The same decision every hour, and the last of them is carried out.
    let expected: Vec<_> = (0..=GRANTED_AT as i64).map(|hour| (hour, BUILT.to_owned())).collect();
    assert_eq!(acts(&pump), expected);
    assert_eq!(refusals(&pump), vec!["SUPPLY_CAP_EXCEEDED"; GRANTED_AT]);
    let alarms = alarms(&pump);
    assert_eq!(alarms.len(), GRANTED_AT, "{alarms:?}");
    assert!(alarms.iter().all(|alarm| alarm.contains(Code::Exec005.text())), "{alarms:?}");
    for hour in 0..GRANTED_AT {
        assert_eq!(pump.witness.rows()[hour].equity.get(), dec("100"), "hour {hour}");
    }
    assert!(held(&pump, "aave_v3:debtToken:debtWETH") > dec("900"));
}

#[test]
fn a_loop_is_built_as_far_as_the_pool_lends_and_further_when_it_lends_more() {
    let dry = first_day("WETH", ["1000000", "999500"]);
    let chain = Chain { totals: &dry, ..still(2) };
    let pump = chain.run("eth_leveraged", Costs::Full, &[AT_ONCE, ("reserve.ratio", "0")]);
    is_done(&pump);
    // 95 % of 500, of the 25 that are left, and of the 1.25 after that; less than a thousandth of equity is worth nothing.
    let far = "the loop is built as far as the pool lends".to_owned();
    let built = [(0, far.clone()), (1, far.clone()), (2, far), (GRANTED_AT as i64, BUILT.into())];
    assert_eq!(acts(&pump), built);
    assert!(refusals(&pump).is_empty(), "{:?}", refusals(&pump));
    assert!(pump.witness.constraints().is_empty(), "nothing is asked for that is not there");
    assert!(held(&pump, "aave_v3:debtToken:debtWETH") > dec("900"));
}

#[test]
fn a_refused_transaction_costs_the_gas_of_what_was_tried_and_nothing_else() {
    let full = first_day("weETH", ["1999500", "0"]);
    let chain = Chain { totals: &full, ..still(1) };
    let pump = chain.run("eth_leveraged", Costs::Full, &[CAP, AT_ONCE]);
    is_done(&pump);
    // flash_borrow, unwrap, stake and the supply that was refused: 545 000 units at 20 gwei.
    let tried = dec("0.0109");
    for hour in 0..GRANTED_AT {
        let row = pump.witness.rows()[hour].clone();
        assert_eq!(row.pnl_step.get(), -tried, "hour {hour}");
        assert_eq!(row.attribution[PnlCause::Gas], row.pnl_step);
    }
}

#[test]
fn lent_eth_that_others_have_borrowed_is_waited_for_and_not_asked_back() {
    // 99 of ours are lent; the others have borrowed all but 40 of what lies there.
    let dry = |_: &str, day: i64| {
        let borrowed = if day == 1 { "1000059" } else { "500000" };
        [dec("1000000"), dec(borrowed)]
    };
    let chain = Chain { totals: &dry, ..still(3) };
    let sets = [("unwind_at", "2024-06-02T20:00:00Z"), ("reserve.ratio", "0.01")];
    let pump = chain.run("pure_lending_eth", Costs::None, &sets);
    is_done(&pump);
    let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
    assert_eq!(hours, [0, 44, 48], "the 40 that are there, and the rest on the third day");
    assert!(refusals(&pump).is_empty());
    assert!(alarms(&pump).is_empty());
    for hour in 0..72 {
        assert_eq!(equity(&pump, hour), dec("100"), "hour {hour}");
    }
    assert_eq!(held(&pump, "wallet:BaseToken:ETH"), last(&pump).equity.get());
}

#[test]
fn collateral_that_others_have_borrowed_keeps_a_loop_from_unwinding_and_moves_nothing() {
    // All weETH of the pool is lent out on the second day, when the loop is to be left.
    let dry = |token: &str, day: i64| {
        let all = token == "weETH" && day == 1;
        [dec("1000000"), dec(if all { "1002000" } else { "500000" })]
    };
    for route in ["queue", "dex"] {
        let chain = Chain { totals: &dry, ..still(2) };
        let sets =
            [("exit_route", route), ("unwind_at", "2024-06-02T21:00:00Z"), ("reserve.ratio", "0")];
        let pump = chain.run("eth_leveraged", Costs::Full, &sets);
        is_done(&pump);
        assert!(refusals(&pump).is_empty(), "{route}: nothing is sent that is sure to fail");
        // What a large sale loses, and what is left when the data ends in the middle of the way out, is told.
        let alarms = alarms(&pump);
        let is_known = |alarm: &String| {
            alarm.contains("is extrapolated") || alarm.contains("look after it by hand")
        };
        assert!(alarms.iter().all(is_known), "{alarms:?}");
        let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
        assert_eq!(hours, [0, 48], "{route}: on the third day it leaves");
        let rows = pump.witness.rows();
        assert!((1..48).all(|hour| rows[hour].equity == rows[0].equity), "{route}");
    }
}

#[test]
fn what_fails_again_and_again_waits_longer_and_is_done_when_there_is_room() {
    let full = first_day("weETH", ["1999500", "0"]);
    let chain = Chain { totals: &full, ..still(2) };
    let pump = chain.run("eth_leveraged", Costs::Full, &[CAP]);
    is_done(&pump);
    // Waits of 0, 0, 1, 2, 4, 8 and 24 hours after the first, second, third … failure, from the moment of the failure on.
    let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
    assert_eq!(hours, [0, 1, 2, 4, 7, 12, 21, 46]);
    assert_eq!(refusals(&pump).len(), 7);
    let held = pump.witness.constraints();
    assert_eq!(held.len(), 46 + 1 - hours.len(), "every other hour it is held back: {held:?}");
    assert!(
        held[0].contains("nothing came of the last 3 plans")
            && held[0].contains("2024-06-01T03:00:")
            && held[0].contains("execution.failure_backoff_h"),
        "{}",
        held[0]
    );
}

#[test]
fn a_leg_that_may_fail_beside_a_loan_does_not_carry_it() {
    // A supply beside the loan would carry it, and the venue has no room for it on the second day.
    let totals = |token: &str, day: i64| {
        let is_full = token == "weETH" && day > 0;
        if is_full { ["1999999", "0"].map(dec) } else { ["1000000", "500000"].map(dec) }
    };
    let limits = [
        ("risk.health_factor.exit", "1.05"),
        ("risk.health_factor.reduce", "1.06"),
        ("risk.health_factor.warn", "1.07"),
        ("target_ltv", "0.5"),
        CAP,
    ];
    for is_parallel in [false, true] {
        let chain = Chain { totals: &totals, ..still(2) };
        let pump = chain.run_as("eth_leveraged", Costs::Full, &limits, |_| {
            Scripted::new(move |step| {
                let mut desk = Desk::new(step);
                let universe = step.universe();
                let reserve = |token: &str| {
                    let venue = universe.venue_named("aave_v3").unwrap();
                    universe.reserve_of(venue, universe.token_named(token).unwrap()).unwrap().id
                };
                let supply = Operation::Supply { reserve: reserve("weETH") };
                let borrow = Operation::Borrow { reserve: reserve("WETH") };
                let stake = Operation::Stake { venue: universe.venue_named("etherfi").unwrap() };
                match hour(step) {
                    0 => entry(vec![one(desk.order(stake, "96"))]),
                    1 => entry(vec![one(desk.order(supply, "50"))]),
                    26 => {
                        let legs = vec![desk.order(borrow, "48.3"), desk.order(supply, "40")];
                        let one_by_one = || legs.iter().cloned().map(one).collect();
                        entry(if is_parallel { vec![parallel(legs)] } else { one_by_one() })
                    }
                    _ => Decision::hold("done"),
                }
            })
        });
        assert!(pump.witness.constraints()[0].contains("health factor of 1.032609"));
        assert_eq!(held(&pump, "aave_v3:debtToken:debtWETH"), Decimal::ZERO, "{is_parallel}");
    }
}
