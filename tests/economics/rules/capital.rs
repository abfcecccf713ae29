//! Money in and out, the gas tank, and a state that is the fold of its inputs.

use basis::config::Costs;
use basis::engine::{Engine, Flow, Mode, Outbox, Speed};
use basis::run::opening;
use basis::types::{Decision, Quantity, RunTag, Side, Value};
use rust_decimal::Decimal;

use crate::desk::{Desk, entry, exit, held, one, parallel};
use crate::scene::{Prices, Scripted, calm, dec, hour, pump, qty, run, setup};

/// Holds a coin from hour 0; prices rise by a tenth every hour.
fn holder() -> Box<Scripted> {
    Scripted::new(|step| match hour(step) {
        0 => entry(vec![one(Desk::new(step).spot("bybit", Side::Buy, "0.4"))]),
        _ => Decision::hold("held"),
    })
}

#[test]
fn deposits_and_withdrawals_are_flows_and_no_profit() {
    let setup = setup("economics", Costs::None, &[]);
    let rising = |series: &str, hour: i64| {
        Some(if series.contains("ETH") {
            dec("3000")
        } else {
            dec("60000") + Decimal::from(hour * 1000)
        })
    };
    let data = Prices { open: &rising, ..calm(6) }.data(&setup);
    let mut pump = pump(setup, &data, holder());
    for (hour, view) in data.views().enumerate() {
        let now = view.now();
        pump.step(view).expect("a tape never fails");
        let universe = pump.engine.step().universe();
        let key = universe.key_named("wallet:BaseToken:USDT").expect("a key");
        let coins = universe.key_named("bybit:BaseToken:BTC").expect("a key");
        let flow = match hour {
            1 => Flow { key, amount: qty("5000"), at: now, speed: Speed::Slow },
            2 => Flow { key, amount: qty("-12000"), at: now, speed: Speed::Slow },
            // A deposit in coins is worth their price.
            3 => Flow { key: coins, amount: qty("0.1"), at: now, speed: Speed::Slow },
            _ => continue,
        };
        pump.capital(now, flow).expect("a tape never fails");
    }
    pump.finish(data.to() + data.step()).expect("a tape never fails");
    let rows = pump.witness.rows();
    // The row of a step is closed when its plan ends; what flows in afterwards belongs to the next step.
    let flows: Vec<Decimal> = rows.iter().map(|row| row.flows.get()).collect();
    assert_eq!(flows, [dec("0"), dec("0"), dec("5000"), dec("-12000"), dec("6300"), dec("0")]);
    for (hour, row) in rows.iter().enumerate().skip(1) {
        // 0.4 coins, from the fourth hour on 0.5.
        let wanted = if hour > 3 { dec("500") } else { dec("400") };
        assert_eq!(
            row.pnl_step.get(),
            wanted,
            "hour {hour}: value a share moves by the price alone"
        );
        assert_eq!(row.attribution.total(), row.pnl_step, "hour {hour}");
    }
    for theirs in pump.world.balances() {
        assert_eq!(pump.engine.state().books.quantity(theirs.key), theirs.quantity);
    }
}

#[test]
fn a_withdrawal_waits_until_its_key_holds_it() {
    let setup = setup("economics", Costs::None, &[]);
    let data = calm(6).data(&setup);
    let strategy = Scripted::new(|step| match hour(step) {
        2 => {
            assert_eq!(step.flows.len(), 1, "the strategy sees what is asked for");
            entry(vec![one(Desk::new(step).transfer(
                "bybit:BaseToken:USDT",
                "wallet:BaseToken:USDT",
                "10000",
            ))])
        }
        _ => Decision::hold("a pause"),
    });
    let mut pump = pump(setup, &data, strategy);
    let mut waiting = Vec::new();
    for (hour, view) in data.views().enumerate() {
        let now = view.now();
        pump.step(view).expect("a tape never fails");
        if hour == 1 {
            let key =
                pump.engine.step().universe().key_named("wallet:BaseToken:USDT").expect("a key");
            pump.capital(now, Flow { key, amount: qty("-35000"), at: now, speed: Speed::Slow })
                .expect("a tape never fails");
        }
        waiting.push(pump.engine.state().flows.len());
    }
    assert_eq!(waiting, [0, 1, 1, 0, 0, 0]);
    let key = pump.engine.step().universe().key_named("wallet:BaseToken:USDT").expect("a key");
    assert_eq!(pump.engine.state().books.quantity(key), qty("5000"));
    assert_eq!(pump.world.balance(key).quantity, qty("5000"), "it was paid out there too");
    assert_eq!(pump.engine.step().equity, Value::new(dec("65000")));
}

#[test]
fn the_gas_tank_is_bought_from_the_capital_and_is_part_of_it() {
    let setup = setup("economics", Costs::Full, &[("gas_tank", "0.75")]);
    let data = calm(3).data(&setup);
    let key = |name: &str| setup.universe.key_named(name).expect("a key");
    let (cash, tank) = (key("wallet:BaseToken:USDT"), key("wallet:BaseToken:ETH"));
    let opened =
        opening(std::sync::Arc::new(setup.clone()), &data.view_at(0)).expect("it can be bought");
    let balance = |wanted| {
        opened.initial_balances.iter().find(|(key, _)| *key == wanted).map(|(_, amount)| *amount)
    };
    assert_eq!(balance(tank), Some(qty("0.75")));
    assert_eq!(balance(cash), Some(qty("27750")), "30 000 less 0.75 at 3 000");
    let pump = run(setup, &data, Scripted::new(|_| Decision::hold("idle")));
    assert_eq!(pump.engine.state().tally.initial_equity, Value::new(dec("100000")));
    assert_eq!(
        pump.witness.rows()[0].flows,
        Value::ZERO,
        "the opening is no flow of the first step"
    );
}

#[test]
fn a_gas_tank_that_the_wallet_cannot_pay_is_refused() {
    let setup = setup("economics", Costs::Full, &[("gas_tank", "10.1")]);
    let data = calm(3).data(&setup);
    let refused = opening(std::sync::Arc::new(setup), &data.view_at(0))
        .expect_err("30 300 are more than 30 000");
    assert!(refused.message.contains("gas tank of 10.1"), "{refused}");
}

#[test]
fn without_costs_there_is_no_gas_tank() {
    let setup = setup("economics", Costs::None, &[]);
    assert_eq!(setup.gas_tank, Quantity::ZERO);
}

/// Trades of all kinds over two days, at full costs.
fn busy() -> Box<Scripted> {
    Scripted::new(|step| {
        let mut desk = Desk::new(step);
        match hour(step) % 9 {
            0 => entry(vec![parallel(vec![
                desk.spot("bybit", Side::Buy, "0.05"),
                desk.perp("bybit", Side::Sell, "0.049"),
            ])]),
            2 => entry(vec![one(desk.transfer(
                "wallet:BaseToken:USDT",
                "binance:BaseToken:USDT",
                "1000",
            ))]),
            4 => exit(vec![one(desk.wrap("0.01"))]),
            6 => {
                let coins = held(step, "bybit:BaseToken:BTC");
                exit(vec![parallel(vec![
                    desk.spot("bybit", Side::Sell, coins),
                    desk.perp("bybit", Side::Buy, "0.01"),
                ])])
            }
            _ => Decision::hold("a pause"),
        }
    })
}

#[test]
fn the_state_is_the_fold_of_its_inputs() {
    let setup = setup("economics", Costs::Full, &[]);
    let moving = |series: &str, hour: i64| {
        Some(if series.contains("ETH") {
            dec("3000") + Decimal::from(hour)
        } else {
            dec("60000") + Decimal::from(hour * hour % 700)
        })
    };
    let prices =
        Prices { open: &moving, funding: &|_, hour| Decimal::new(hour - 9, 6), ..calm(48) };
    let data = prices.data(&setup);
    let pump = run(setup.clone(), &data, busy());
    assert!(pump.witness.orders().len() > 20 && pump.witness.inputs.len() > 100);
    let setup = opening(std::sync::Arc::new(setup), &data.view_at(0)).expect("it can be bought");
    let fresh = || {
        Engine::new(
            setup.clone(),
            data.view_at(0),
            busy(),
            RunTag::new(1),
            &setup.initial_balances,
            Mode::Backtest,
        )
        .expect("a valid opening")
    };
    // Folded in one go.
    let mut engine = fresh();
    let mut out = Outbox::default();
    for (at, input) in &pump.witness.inputs {
        engine.handle(*at, input.clone(), &mut out);
    }
    assert_eq!(engine.state(), pump.engine.state());
    // At any moment the state is plain data: written, read and equal.
    for cut in [1, pump.witness.inputs.len() / 3, pump.witness.inputs.len() / 2] {
        let mut engine = fresh();
        for (at, input) in &pump.witness.inputs[..cut] {
            engine.handle(*at, input.clone(), &mut out);
        }
        let text = serde_json::to_string(engine.state()).expect("the state is data");
        let read: basis::engine::State = serde_json::from_str(&text).expect("the state is data");
        assert_eq!(&read, engine.state(), "after {cut} inputs");
    }
}
