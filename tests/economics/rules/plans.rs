//! Plans: one at a time, within their deadline, replaced only by a decision that risk asks for, left at the exit level.

use std::sync::{Arc, Mutex};

use basis::config::Costs;
use basis::engine::{Command, End, Phase};
use basis::types::{Code, Decision, Quantity, Side};
use rust_decimal::Decimal;

use crate::desk::{Desk, entry, exit, held, one};
use crate::scene::{Prices, Scripted, calm, dec, hour, pump, run, setup};

/// Orders at Bybit fill at the next bar's open, so a plan there lasts an hour.
const SLOW: [(&str, &str); 2] =
    [("venues.bybit.fill", "next_open"), ("execution.plan_timeout_s", "7200")];

/// The hours at which a strategy was asked.
type Asked = Arc<Mutex<Vec<i64>>>;

#[test]
fn while_a_plan_is_active_nothing_is_decided() {
    let setup = setup("economics", Costs::Full, &SLOW);
    let data = calm(5).data(&setup);
    let asked = Asked::default();
    let seen = asked.clone();
    let strategy = Scripted::new(move |step| {
        seen.lock().expect("one thread").push(hour(step));
        match hour(step) {
            0 => entry(vec![
                one(Desk::new(step).spot("bybit", Side::Buy, "0.1")),
                one(Desk::new(step).spot("binance", Side::Buy, "0.1")),
            ]),
            _ => Decision::hold("nothing more"),
        }
    });
    let pump = run(setup, &data, strategy);
    assert_eq!(*asked.lock().expect("one thread"), [0, 2, 3, 4]);
    assert_eq!(pump.witness.sent(), [dec("0.1"), dec("0.1")]);
    let second = pump.witness.orders()[1].at;
    assert!(second > data.from() + data.step(), "the second order waits for the first");
}

#[test]
fn a_plan_past_its_deadline_sends_nothing_more_and_what_is_out_is_followed_to_its_end() {
    let setup = setup("economics", Costs::Full, &[("venues.bybit.fill", "next_open")]);
    let data = calm(5).data(&setup);
    let asked = Asked::default();
    let seen = asked.clone();
    let strategy = Scripted::new(move |step| {
        seen.lock().expect("one thread").push(hour(step));
        let mut desk = Desk::new(step);
        match hour(step) {
            0 => entry(vec![
                one(desk.spot("bybit", Side::Buy, "0.1")),
                one(desk.spot("binance", Side::Buy, "0.1")),
            ]),
            // The key of the order that is still out is locked; any other is free.
            1 if held(step, "bybit:BaseToken:BTC").is_zero() => {
                entry(vec![one(desk.spot("bybit", Side::Buy, "0.2"))])
            }
            2 => entry(vec![one(desk.spot("binance", Side::Buy, "0.03"))]),
            _ => Decision::hold("nothing more"),
        }
    });
    let pump = run(setup, &data, strategy);
    assert_eq!(*asked.lock().expect("one thread"), [0, 1, 2, 3, 4]);
    let held_back = pump.witness.constraints();
    assert!(
        held_back.len() == 1 && held_back[0].contains("is locked until an earlier order"),
        "{held_back:?}"
    );
    assert_eq!(pump.witness.sent(), [dec("0.1"), dec("0.03")], "the second order was never sent");
    let notes = pump.witness.notes(basis::types::event::Loudness::Warn);
    assert!(
        notes.iter().any(
            |note| note.contains("EXEC-002") && note.contains("orders were done when the time")
        ),
        "{notes:?}"
    );
    let state = pump.engine.state();
    assert!(state.plans.is_empty());
    for theirs in pump.world.balances() {
        assert_eq!(state.books.quantity(theirs.key), theirs.quantity);
    }
    let coins = state
        .books
        .quantity(pump.engine.step().universe().key_named("bybit:BaseToken:BTC").expect("a key"));
    assert_eq!(coins.get(), dec("0.0999"), "the order that was out has filled all the same");
}

/// A perp at Binance of four coins on 40 000; from hour 2 on the price is 55 000 or lower.
fn crash(to: &str) -> impl Fn(&str, i64) -> Option<Decimal> + '_ {
    move |series, hour| {
        Some(if series.contains("ETH") {
            dec("3000")
        } else if hour >= 2 {
            dec(to)
        } else {
            dec("60000")
        })
    }
}

#[test]
fn at_level_reduce_a_new_decision_replaces_the_rest_of_the_plan() {
    let mut sets = SLOW.to_vec();
    sets.extend([
        ("risk.margin_ratio.warn", "0.15"),
        ("risk.margin_ratio.reduce", "0.12"),
        ("risk.margin_ratio.exit", "0.02"),
    ]);
    let setup = setup("economics", Costs::None, &sets);
    let falling = crash("55000");
    let data = Prices { open: &falling, ..calm(6) }.data(&setup);
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        match hour(step) {
            0 => entry(vec![one(desk.perp("binance", Side::Buy, "4"))]),
            1 => entry(vec![
                one(desk.spot("bybit", Side::Buy, "0.1")),
                one(desk.spot("bybit", Side::Buy, "0.05")),
            ]),
            // 40 000 − 20 000 on 220 000 are 9 %.
            2 if !held(step, "binance:Perp:BTCUSDT").is_zero() => {
                assert_eq!(step.risk.level, basis::types::RiskLevel::Reduce);
                exit(vec![one(desk.perp("binance", Side::Sell, "3"))])
            }
            _ => Decision::hold("nothing more"),
        }
    });
    let pump = run(setup, &data, strategy);
    assert_eq!(pump.witness.sent(), [dec("4"), dec("0.1"), dec("3")], "0.05 was never sent");
    let state = pump.engine.state();
    assert_eq!(state.phase, Phase::Ended(End::Done));
    let quantity = |name: &str| {
        state.books.quantity(pump.engine.step().universe().key_named(name).expect("a key"))
    };
    assert_eq!(
        (quantity("binance:Perp:BTCUSDT").get(), quantity("bybit:BaseToken:BTC").get()),
        (dec("1"), dec("0.1"))
    );
}

#[test]
fn at_level_reduce_only_what_reduces_passes() {
    let sets = [
        ("risk.margin_ratio.warn", "0.15"),
        ("risk.margin_ratio.reduce", "0.12"),
        ("risk.margin_ratio.exit", "0.02"),
    ];
    let setup = setup("economics", Costs::None, &sets);
    let falling = crash("55000");
    let data = Prices { open: &falling, ..calm(6) }.data(&setup);
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        match hour(step) {
            0 => entry(vec![one(desk.perp("binance", Side::Buy, "4"))]),
            2 => entry(vec![one(desk.spot("bybit", Side::Buy, "0.1"))]),
            3 => exit(vec![one(desk.perp("binance", Side::Sell, "1"))]),
            _ => Decision::hold("nothing more"),
        }
    });
    let pump = run(setup, &data, strategy);
    assert_eq!(pump.witness.sent(), [dec("4"), dec("1")]);
    let held_back = pump.witness.constraints();
    assert!(
        held_back.len() == 1 && held_back[0].contains("adds risk while the level is reduce"),
        "{held_back:?}"
    );
}

#[test]
fn past_the_exit_level_the_run_leaves_and_ends_stopped() {
    let setup = setup("economics", Costs::None, &[("risk.emergency_drawdown", "0.15")]);
    let falling = crash("55000");
    let data = Prices { open: &falling, ..calm(8) }.data(&setup);
    let asked = Asked::default();
    let seen = asked.clone();
    let strategy = Scripted::new(move |step| {
        assert!(hour(step) < 2, "after the stop decide is never asked again");
        match hour(step) {
            0 => entry(vec![one(Desk::new(step).perp("binance", Side::Buy, "4"))]),
            _ => Decision::hold("held"),
        }
    })
    .with_exit(move |step| {
        seen.lock().expect("one thread").push(hour(step));
        let size = held(step, "binance:Perp:BTCUSDT");
        if size.is_zero() {
            return Decision::hold("everything is left");
        }
        // Two coins at a time: left step after step.
        exit(vec![one(Desk::new(step).perp(
            "binance",
            Side::Sell,
            size.min(Quantity::new(dec("2"))),
        ))])
    });
    let pump = run(setup, &data, strategy);
    let Phase::Ended(End::Stopped(why)) = &pump.engine.state().phase else {
        panic!("{:?}", pump.engine.state().phase)
    };
    assert_eq!(why.code, Code::Risk004, "{why}");
    assert_eq!(*asked.lock().expect("one thread"), [2, 3, 4], "until it holds");
    assert_eq!(pump.witness.sent(), [dec("4"), dec("2"), dec("2")]);
    assert_eq!(pump.witness.rows().len(), 5, "nothing is recorded after the end");
}

#[test]
fn an_operator_can_stop_a_run_at_once_or_let_it_wind_down() {
    let setup = setup("economics", Costs::None, &[]);
    let data = calm(6).data(&setup);
    let strategy = Scripted::new(|step| match hour(step) {
        0 => entry(vec![one(Desk::new(step).perp("binance", Side::Buy, "1"))]),
        _ if step.wind_down => Decision::hold("winding down"),
        _ => Decision::hold("held"),
    })
    .with_exit(|step| {
        let size = held(step, "binance:Perp:BTCUSDT");
        if size.is_zero() {
            Decision::hold("everything is left")
        } else {
            exit(vec![one(Desk::new(step).perp("binance", Side::Sell, size))])
        }
    });
    let mut pump = pump(setup, &data, strategy);
    for (hour, view) in data.views().enumerate() {
        let now = view.now();
        pump.step(view).expect("a tape never fails");
        match hour {
            1 => pump.command(now, Command::WindDown).expect("a tape never fails"),
            3 => {
                assert!(
                    pump.engine.step().wind_down && pump.engine.state().phase == Phase::Trading
                );
                pump.command(now, Command::EmergencyStop).expect("a tape never fails");
            }
            _ => {}
        }
    }
    assert!(
        matches!(&pump.engine.state().phase, Phase::Ended(End::Stopped(why)) if why.message.contains("operator"))
    );
    assert_eq!(pump.witness.sent(), [dec("1"), dec("1")]);
}
