//! Owners who bring and take money: nobody who stays wins or loses by it, and the leaver bears what his leaving costs.

use basis::config::{Costs, ScheduledFlow, Setup, Speed};
use basis::run::Pump;
use basis::types::event::Loudness;
use basis::types::{Decision, Side, Timestamp, Value};
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

#[test]
fn a_leaver_bears_what_unwinding_for_him_costs_and_nobody_else() {
    let setup = scheduled(Costs::Full, &[(2, "-41000", Speed::Slow)]);
    let data = calm(8).data(&setup);
    let strategy = Scripted::new(|step| {
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
    });
    let pump = run(setup, &data, strategy);
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
