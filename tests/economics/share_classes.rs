//! The same orders told in USDT, ETH and BTC: the same money at every step, whatever the currency.

use std::sync::Arc;

use basis::config::{Costs, Setup, ShareClass};
use basis::types::event::StepRow;
use basis::types::{PnlCause, Side, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::desk::{Desk, decision, entry, exit, held, one, parallel};
use crate::scene::{Prices, Scripted, dec, qty, run, setup};

const HOURS: i64 = 40;

/// The setup told in another currency.
fn told_in(setup: &Setup, name: &str) -> Setup {
    let token = setup.universe.token_named(name).expect("the scene has the token");
    let share_class = ShareClass { name: name.to_owned(), token, decimals: 6 };
    Setup { share_class, ..setup.clone() }
}

/// Entries, exits, transfers and protections by the hour; no order depends on equity.
fn trader() -> Box<Scripted> {
    Scripted::new(|step| {
        let hour = (step.now - crate::scene::start()).ms() / 3_600_000;
        let mut desk = Desk::new(step);
        match hour % 10 {
            1 => {
                let legs = vec![
                    desk.spot("binance", Side::Buy, "0.2"),
                    desk.perp("binance", Side::Sell, "0.15"),
                ];
                entry(vec![parallel(legs)])
            }
            2 => entry(vec![one(desk.perp("bybit", Side::Buy, "0.1"))]),
            3 => decision(
                basis::types::Action::EntryPartial,
                vec![one(desk.transfer("wallet:BaseToken:USDT", "bybit:BaseToken:USDT", "500"))],
            ),
            5 => exit(vec![one(desk.wrap("0.05"))]),
            6 => {
                let coins = held(step, "binance:BaseToken:BTC");
                let half = basis::types::Quantity::new(coins.get() / Decimal::TWO);
                exit(vec![one(desk.spot("binance", Side::Sell, half))])
            }
            8 if held(step, "bybit:Perp:BTCUSDT") >= qty("0.2") => {
                exit(vec![one(desk.perp("bybit", Side::Sell, "0.2"))])
            }
            _ => basis::types::Decision::hold("a pause"),
        }
    })
}

/// A random walk in tenths of a percent from seeds; venues and kinds differ by their own offsets.
fn price(walk: &[i64], series: &str, hour: i64) -> Decimal {
    let is_eth = series.contains("ETH");
    let mut price = if is_eth { dec("3000") } else { dec("60000") };
    for step in walk.iter().take(hour as usize) {
        // ETH moves by twice as much and an hour's worth differently.
        let tenths = if is_eth { step * 2 + 3 } else { *step };
        price *= Decimal::ONE + Decimal::new(tenths, 3);
    }
    let offset = match (series.starts_with("perp"), series.contains("binance")) {
        (true, true) => walk[hour as usize % walk.len()],
        (true, false) => 12,
        (false, true) => -walk[(hour as usize + 7) % walk.len()],
        (false, false) => 0,
    };
    (price + Decimal::from(offset)).round_dp(2)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equity_and_its_causes_agree_in_every_share_class(
        walk in prop::collection::vec(-18_i64..=18, 44),
        rates in prop::collection::vec(-40_i64..=60, 8),
    ) {
        let base = setup("economics", Costs::Full, &[]);
        let prices = Prices {
            hours: HOURS,
            open: &|series, hour| Some(price(&walk, series, hour)),
            funding: &|_, hour| Decimal::new(rates[hour as usize / 8 % rates.len()], 5),
            gwei: &|hour| Decimal::from(20 + hour % 7),
            volume: dec("1000"),
        };
        let rows_in = |name: &str| -> (Vec<StepRow>, Vec<basis::types::BoundOrder>) {
            let setup = told_in(&base, name);
            let pump = run(setup.clone(), &prices.data(&setup), trader());
            let orders = pump.witness.orders().iter().map(|order| order.bound.clone()).collect();
            (pump.witness.rows().into_iter().cloned().collect(), orders)
        };
        let (usdt, orders) = rows_in("USDT");
        prop_assert!(orders.len() >= 12, "only {} orders", orders.len());
        for (name, series) in [("ETH", "spot/bybit_ETHUSDT"), ("BTC", "spot/bybit_BTCUSDT")] {
            let (told, same_orders) = rows_in(name);
            prop_assert_eq!(&orders, &same_orders, "the orders told in {}", name);
            prop_assert_eq!(usdt.len(), told.len());
            for (hour, (usdt, told)) in usdt.iter().zip(&told).enumerate() {
                let share = price(&walk, series, hour as i64);
                let same = told.equity.get() * share;
                let off = (same - usdt.equity.get()).abs() / usdt.equity.get();
                prop_assert!(off < dec("0.000000001"), "{}: {} {name} is {same}, not {}", told.at, told.equity, usdt.equity);
                for row in [usdt, told] {
                    let residual = (row.pnl_step - row.attribution.total()).get().abs();
                    prop_assert!(residual < dec("0.000000001") * row.equity.get(), "{}: {residual} unexplained in {name}", row.at);
                }
                // What is posted at this step's prices is the same money in every currency.
                for cause in [PnlCause::Funding, PnlCause::Fees, PnlCause::Gas, PnlCause::Slippage, PnlCause::BorrowCost, PnlCause::Basis] {
                    let same = told.attribution[cause].get() * share;
                    let off = (same - usdt.attribution[cause].get()).abs();
                    prop_assert!(off < dec("0.0001"), "{}: {cause:?} is {same} by {name}, not {}", told.at, usdt.attribution[cause]);
                }
            }
        }
        let causes = |cause: PnlCause| usdt.iter().filter(|row| row.attribution[cause] != Value::ZERO).count();
        prop_assert!(causes(PnlCause::Fees) > 3 && causes(PnlCause::Gas) > 1 && causes(PnlCause::Basis) > 20);
    }
}

#[test]
fn the_quote_token_is_worth_one_over_the_share_token() {
    let base = setup("economics", Costs::None, &[]);
    let setup = told_in(&base, "ETH");
    let prices = Prices {
        hours: 3,
        open: &|series, hour| {
            let eth = if hour == 0 { dec("2000") } else { dec("2500") };
            Some(if series.contains("ETH") { eth } else { dec("60000") })
        },
        funding: &|_, _| Decimal::ZERO,
        gwei: &|_| dec("20"),
        volume: dec("1000"),
    };
    let data: Arc<_> = prices.data(&setup);
    let pump = run(setup, &data, Scripted::new(|_| basis::types::Decision::hold("cash only")));
    let rows = pump.witness.rows();
    // 100 000 USDT: 50 ETH at 2 000, 40 ETH at 2 500; all of the change is the cash's own value, which is delta.
    assert_eq!(rows[0].equity.get(), dec("50"));
    assert_eq!(rows[1].equity.get(), dec("40"));
    assert_eq!(rows[1].attribution[PnlCause::Delta].get(), dec("-10"));
    assert_eq!(rows[1].attribution.total().get(), dec("-10"));
}
