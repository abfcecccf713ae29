//! Owners who bring and take money: nobody who stays wins or loses by it, and the leaver bears what his leaving costs.

use std::sync::Arc;

use basis::config::{Costs, RiskLimits, ScheduledFlow, Setup, Speed};
use basis::engine::StepView;
use basis::run::Pump;
use basis::types::event::{Event, Loudness};
use basis::types::{Decision, Limit, Rate, Side, Timestamp, Value};
use rust_decimal::Decimal;

use crate::desk::{Desk, entry, exit, one};
use crate::scene::{Prices, Scripted, Tape, calm, dec, hour, qty, run, setup};

/// The wallet begins with 30 000 USDT, the exchanges with 70 000.
fn scheduled(costs: Costs, flows: &[(i64, &str, Speed)]) -> Setup {
    let setup = setup("economics", costs, &[]);
    let from = calm(2).data(&setup).from();
    let at = |hour: i64| Timestamp::from_ms(from.ms() + hour * 3_600_000);
    let flows = flows.iter().map(|&(hour, amount, speed)| ScheduledFlow {
        at: at(hour),
        amount: qty(amount),
        speed,
    });
    Setup { capital_flows: flows.collect(), ..setup }
}

fn share_values(pump: &Pump<Tape>) -> Vec<Decimal> {
    pump.witness.rows().iter().map(|row| row.share_value.get()).collect()
}

fn wallet(pump: &Pump<Tape>) -> Decimal {
    let key = pump.engine.step().universe().key_named("wallet:BaseToken:USDT").expect("a key");
    let ours = pump.engine.state().books.quantity(key);
    assert_eq!(pump.world.balance(key).quantity, ours, "the venue's account agrees");
    ours.get()
}

#[test]
fn flows_of_the_configuration_are_there_when_their_step_decides() {
    let setup = scheduled(
        Costs::None,
        &[(1, "5000", Speed::Slow), (2, "-12000", Speed::Slow), (99, "1", Speed::Slow)],
    );
    let rising = |series: &str, hour: i64| {
        let price = if series.contains("ETH") { 3000 } else { 60_000 + hour * 1000 };
        Some(Decimal::from(price))
    };
    let data = Prices { open: &rising, ..calm(5) }.data(&setup);
    let strategy = Scripted::new(|step| {
        let key = step.universe().key_named("wallet:BaseToken:USDT").expect("a key");
        let wanted = [30_000, 35_000, 23_000, 23_000, 23_000][hour(step) as usize];
        assert_eq!(step.balance(key).get(), Decimal::from(wanted), "hour {}", hour(step));
        match hour(step) {
            0 => entry(vec![one(Desk::new(step).spot("bybit", Side::Buy, "0.4"))]),
            _ => Decision::hold("held"),
        }
    });
    let pump = run(setup, &data, strategy);
    let rows = pump.witness.rows();
    let flows: Vec<Decimal> = rows.iter().map(|row| row.flows.get()).collect();
    assert_eq!(flows, [0, 5000, -12000, 0, 0].map(Decimal::from));
    assert!(rows.iter().all(|row| row.residual.is_zero()));
    // 0.4 coins earn 400 an hour on 100 000, on 105 400 and on 93 800: a share earns its part of it.
    let parts =
        [dec("100400") / dec("100000"), dec("105800") / dec("105400"), dec("94200") / dec("93800")];
    let wanted = dec("100000") * parts[0] * parts[1] * parts[2];
    let told = share_values(&pump)[3];
    assert!((told - wanted).abs() < dec("0.000001"), "{told} instead of {wanted}");
    let tally = &pump.engine.state().tally;
    assert_eq!([tally.deposited, tally.withdrawn].map(Value::get), [dec("5000"), dec("12000")]);
}

/// Buys 0.4 coins, and sells half of them when 41 000 are asked for at the hour 2.
fn sells_half_for_a_leaver(step: &Arc<StepView>) -> Decision {
    let mut desk = Desk::new(step);
    match hour(step) {
        0 => entry(vec![one(desk.spot("bybit", Side::Buy, "0.4"))]),
        2 => {
            assert_eq!(step.owed.get(), dec("41000"));
            exit(vec![one(desk.spot("bybit", Side::Sell, "0.2"))])
        }
        3 => {
            assert!(step.owed.get() < dec("41000"), "less the fee of the sale");
            let (from, to) = ("bybit:BaseToken:USDT", "wallet:BaseToken:USDT");
            exit(vec![one(desk.transfer(from, to, "14500"))])
        }
        _ => Decision::hold("a pause"),
    }
}

#[test]
fn a_leaver_bears_what_unwinding_for_him_costs_and_nobody_else() {
    let setup = scheduled(Costs::Full, &[(2, "-41000", Speed::Slow)]);
    let data = calm(8).data(&setup);
    let pump = run(setup, &data, Scripted::new(sells_half_for_a_leaver));
    let rows = pump.witness.rows();
    let paid = pump.engine.state().tally.withdrawn.get();
    let costs: Decimal = rows[2..].iter().map(|row| -row.attribution.total().get()).sum();
    assert!(costs > dec("10"), "a fee, a spread, a withdrawal fee: {costs}");
    assert!((paid + costs - dec("41000")).abs() < dec("0.00001"), "{paid} and {costs}");
    assert_eq!(wallet(&pump), dec("27000") + dec("14500") - dec("4") - paid);
    // Prices stand still: who stays has what he had after the entry.
    let told = share_values(&pump);
    for (hour, value) in told.iter().enumerate().skip(1) {
        assert!((value - told[1]).abs() < dec("0.0000001"), "hour {hour}: {value} and {}", told[1]);
    }
}

#[test]
fn of_a_cut_that_the_strategy_makes_for_itself_a_leaver_bears_his_part() {
    // 27 400 of 100 000 are asked for, 400 more than lie free; the strategy sells all of its 0.4 coins, worth 24 000.
    let setup = scheduled(Costs::Full, &[(2, "-27400", Speed::Fast)]);
    let data = calm(8).data(&setup);
    let pump = run(
        setup,
        &data,
        Scripted::new(|step| {
            let mut desk = Desk::new(step);
            match hour(step) {
                0 => entry(vec![one(desk.spot("bybit", Side::Buy, "0.4"))]),
                2 => exit(vec![one(desk.spot("bybit", Side::Sell, "0.3996"))]),
                _ => Decision::hold("a pause"),
            }
        }),
    );
    let state = pump.engine.state();
    let cost = -pump.witness.rows()[2].attribution.total().get();
    assert!(cost > dec("20"), "a fee and a spread: {cost}");
    let waits = state.flows[0];
    assert_eq!(waits.flow.amount, qty("-400"));
    // 400 free at most 800 of hedged pairs: of 24 000 a thirtieth.
    let part = waits.borne.get() / cost;
    assert!((dec("0.03")..dec("0.035")).contains(&part), "{part} of {cost}");
    assert!((waits.cut.get() - dec("800")).abs() < dec("0.001"), "{:?}", waits.cut);
}

#[test]
fn what_a_leaver_bears_is_no_drawdown_of_those_who_stay_and_does_not_stop_a_run() {
    let setup = scheduled(Costs::Full, &[(2, "-41000", Speed::Slow)]);
    let data = calm(8).data(&setup);
    let capital = setup.capital.get();
    let entered =
        share_values(&run(setup.clone(), &data, Scripted::new(sells_half_for_a_leaver)))[1];
    // A stop a millionth below what the entry has cost; the sale for the leaver alone costs a hundred times that.
    let stop = Rate::new(Decimal::ONE - entered / capital + dec("0.000001"));
    let risk = RiskLimits { emergency_drawdown: stop, ..setup.risk };
    let pump = run(Setup { risk, ..setup }, &data, Scripted::new(sells_half_for_a_leaver));
    assert_eq!(
        pump.witness.rows().len(),
        8,
        "no drawdown stop: {:?}",
        pump.witness.notes(Loudness::Alarm)
    );
    assert!(pump.engine.state().tally.withdrawn.is_positive());
    assert!(pump.engine.step().risk.breaches.is_empty(), "{:?}", pump.engine.step().risk);
}

#[test]
fn the_stop_and_the_share_value_tell_the_same_fall_whoever_comes_and_goes() {
    // 0.4 coins of 60 000 fall by 1 800 an hour; as much again is brought on the way, and a leaver is sold for.
    let falling = |series: &str, hour: i64| {
        let price = if series.contains("ETH") { 3000 } else { 60_000 - hour * 1800 };
        Some(Decimal::from(price))
    };
    let flows = [(1, "100000", Speed::Slow), (2, "-141000", Speed::Slow)];
    let setup = scheduled(Costs::Full, &flows);
    let (capital, stop) = (setup.capital.get(), dec("0.02"));
    let risk = RiskLimits { emergency_drawdown: Rate::new(stop), ..setup.risk };
    let setup = Setup { risk, ..setup };
    let data = Prices { open: &falling, ..calm(12) }.data(&setup);
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        let (from, to) = ("bybit:BaseToken:USDT", "wallet:BaseToken:USDT");
        match hour(step) {
            0 => entry(vec![one(desk.spot("bybit", Side::Buy, "0.4"))]),
            2 => exit(vec![one(desk.spot("bybit", Side::Sell, "0.2"))]),
            3 => exit(vec![one(desk.transfer(from, to, "14000"))]),
            _ => Decision::hold("a pause"),
        }
    });
    let pump = run(setup, &data, strategy);
    assert!(pump.engine.state().tally.withdrawn.is_positive());
    let breach = |event: &Event| match event {
        Event::Risk { at, breaches, .. } => {
            let fall = breaches.iter().find(|breach| breach.limit == Limit::Drawdown)?;
            Some((*at, fall.value))
        }
        _ => None,
    };
    let (at, fall) = pump.witness.events().find_map(breach).expect("the stop is met");
    let mut peak = capital;
    for row in pump.witness.rows().iter().take_while(|row| row.at <= at) {
        let value = row.share_value.get();
        peak = peak.max(value);
        let told = Decimal::ONE - value / peak;
        assert_eq!(told >= stop, row.at == at, "{} has {told}", row.at);
        // The stop is told by the measure that opens its step, before the engine has done anything.
        assert!(row.at < at || told >= fall, "{told} and {fall}");
        assert!(row.at < at || told - fall < dec("0.0001"), "{told} and {fall}");
    }
}

#[test]
fn a_fast_withdrawal_takes_what_lies_there_and_the_rest_is_unwound_for() {
    let setup = scheduled(Costs::None, &[(1, "-35000", Speed::Fast)]);
    let data = calm(5).data(&setup);
    let strategy = Scripted::new(|step| match hour(step) {
        1 => {
            assert_eq!(step.owed.get(), dec("5000"), "30 000 lay there");
            let (from, to) = ("bybit:BaseToken:USDT", "wallet:BaseToken:USDT");
            exit(vec![one(Desk::new(step).transfer(from, to, "6000"))])
        }
        _ => Decision::hold("a pause"),
    });
    let pump = run(setup, &data, strategy);
    let paid: Vec<Decimal> = pump.witness.rows().iter().map(|row| row.flows.get()).collect();
    assert_eq!(paid, [0, -30_000, -5000, 0, 0].map(Decimal::from));
    assert_eq!(wallet(&pump), dec("1000"));
    assert!(pump.engine.state().flows.is_empty());
}

#[test]
fn a_withdrawal_beyond_equity_is_refused_and_nothing_is_lost() {
    let setup = scheduled(
        Costs::Full,
        &[(1, "-60000", Speed::Slow), (2, "-50000", Speed::Fast), (3, "-30000", Speed::Slow)],
    );
    let data = calm(5).data(&setup);
    let pump = run(setup, &data, Scripted::new(|_| Decision::hold("a pause")));
    // 60 000 wait and 30 000 are asked for after what was refused; the gas tank, a coin of 3 000, stays.
    let asked: Vec<Decimal> =
        pump.engine.state().flows.iter().map(|asked| asked.flow.amount.get()).collect();
    assert_eq!(asked, [dec("-60000"), dec("-30000")]);
    let alarms: Vec<_> = pump.witness.notes(Loudness::Alarm);
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert!(alarms[0].contains("50000") && alarms[0].contains("37000"), "{}", alarms[0]);
    assert_eq!(wallet(&pump), dec("27000"));
}
