//! Gas that is not there: what waits for it, what does not need it, and what is the strategy's own mistake.

use basis::config::Costs;
use basis::engine::{End, Phase};
use basis::market::{MarketData, ReserveFigures};
use basis::types::{Decision, Operation, Quantity, Rate, Side, Span, Timestamp};
use rust_decimal::Decimal;

use crate::chain::{held, still};
use crate::desk::{Desk, entry, exit, key, one};
use crate::scene::{
    Prices, Scripted, calm, dec, from_rows, hour, qty, run, script, setup, shared, start,
};

const ETH: &str = "wallet:BaseToken:ETH";

#[test]
fn gas_is_not_paid_out_of_what_the_transaction_brings() {
    for amount in ["50", "0.001"] {
        let pump = still(1).run_as("eth_leveraged", Costs::Full, &[("gas_tank", "0.1")], |_| {
            Scripted::new(move |step| {
                let mut desk = Desk::new(step);
                match hour(step) {
                    // A wrap takes 45 000 units at 20 gwei.
                    0 => {
                        let all = step.balance(key(step, ETH)).get() - dec("0.0009");
                        entry(vec![one(desk.wrap(Quantity::new(all)))])
                    }
                    _ => exit(vec![one(desk.unwrap(amount))]),
                }
            })
        });
        assert!(held(&pump, ETH).is_zero());
        let told = "RISK-007: the orders take 0.0009 ETH of gas at 20 gwei, and 0 ETH are there";
        assert!(
            pump.witness.constraints()[0].starts_with(told),
            "{:?}",
            pump.witness.constraints()
        );
    }
}

#[test]
fn what_several_transactions_take_together_is_waited_for_too() {
    let pump = still(1).run_as("eth_leveraged", Costs::Full, &[("gas_tank", "0.1")], |_| {
        Scripted::new(|step| {
            let mut desk = Desk::new(step);
            match hour(step) {
                // Enough for one more transaction, not for two that bring nothing before their gas.
                0 => {
                    let all = step.balance(key(step, ETH)).get() - dec("0.0022");
                    entry(vec![one(desk.wrap(Quantity::new(all)))])
                }
                _ => {
                    let [first, second] = ["0.0000001", "0.0000001"].map(|tiny| desk.unwrap(tiny));
                    exit(vec![one(first), one(second)])
                }
            }
        })
    });
    let told = "RISK-007: the orders take 0.0018 ETH of gas at 20 gwei, and 0.0013 ETH are there";
    let told_it = pump.witness.constraints();
    assert!(told_it[0].starts_with(told), "{told_it:?}");
}

#[test]
fn what_would_not_pass_if_gas_were_free_is_a_mistake() {
    let pump = still(1).run_as("eth_leveraged", Costs::Full, &[("gas_tank", "0.1")], |_| {
        Scripted::new(|step| {
            let mut desk = Desk::new(step);
            let venue = step.universe().venue_named("etherfi").unwrap();
            match hour(step) {
                0 => {
                    let all = step.balance(key(step, ETH)).get() - dec("0.003");
                    entry(vec![one(desk.wrap(Quantity::new(all)))])
                }
                _ => entry(vec![one(desk.order(Operation::Stake { venue }, "50"))]),
            }
        })
    });
    let told = pump.witness.constraints();
    assert!(told[0].contains("takes 50.003, 0.003 of it for gas"), "{told:?}");
    assert!(matches!(pump.engine.state().phase, Phase::Ended(End::Failed(_))));
}

#[test]
fn a_small_loop_in_dear_hours_of_real_data_waits_and_is_built() {
    let Some(dir) = shared("data") else { return };
    let setup = setup("eth_leveraged", Costs::Full, &[("capital", "5")]);
    let from: Timestamp = "2025-01-20T00:00:00Z".parse().unwrap();
    let to = from + Span::from_hours(30);
    let loaded = MarketData::load(&setup, &dir, Some(from), Some(to));
    let data = loaded.unwrap_or_else(|faults| panic!("{faults}")).data;
    let script = script(&setup);
    let pump = run(setup, &data, script);
    assert_eq!(pump.engine.state().phase, Phase::Ended(End::Done));
    assert!(pump.witness.constraints()[0].starts_with("RISK-007"));
}

#[test]
fn what_an_exchange_closes_needs_no_gas() {
    let sets = [("risk.emergency_drawdown", "0.0001"), ("gas_tank", "10")];
    let setup = setup("drill", Costs::Full, &sets);
    let prices = Prices {
        open: &|series, _| {
            let is_price = !series.starts_with("lst/") && !series.starts_with("aave");
            is_price.then(|| dec(if series.contains("ETH") { "3000" } else { "60000" }))
        },
        gwei: &|hour| dec(if hour >= 1 { "100000" } else { "20" }),
        ..calm(24)
    };
    let mut rows = prices.rows(&setup);
    let [supplied, borrowed] = ["2000000", "1000000"].map(qty);
    for day in -1..=1 {
        let at = start() + Span::from_hours(24 * day);
        rows.push_rate("lst/weETH_exchange_rate", at, dec("1.05")).unwrap();
        let (supply_rate, borrow_rate) = (Rate::ZERO, Rate::ZERO);
        let figures = ReserveFigures { as_of: at, supply_rate, borrow_rate, supplied, borrowed };
        for name in ["aave_v3/WETH_rates", "aave_v3/weETH_rates"] {
            rows.push_reserve(name, &figures, [Decimal::ONE, Decimal::ONE]).unwrap();
        }
    }
    for hour in -1..=24 {
        let at = start() + Span::from_hours(hour);
        rows.push_market_rate("lst/weETH_dex_rate_24h_median_1h", at, dec("1.05")).unwrap();
    }
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        let venue = step.universe().venue_named("etherfi").unwrap();
        match hour(step) {
            0 => entry(vec![one(desk.order(Operation::Stake { venue }, "5"))]),
            1 => entry(vec![one(desk.perp("binance", Side::Buy, "1"))]),
            _ => Decision::hold("wait"),
        }
    })
    .with_exit(|_| exit(Vec::new()));
    let data = from_rows(&setup, &rows, 23);
    let pump = run(setup, &data, strategy);
    assert!(held(&pump, "binance:Perp:BTCUSDT").is_zero());
    assert!(held(&pump, "wallet:BaseToken:weETH") > Decimal::ONE, "the pool is too dear");
}
