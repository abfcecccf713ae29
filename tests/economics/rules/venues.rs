//! What venues do by themselves, and which cause it goes to: stops, liquidations, interest, funding.

use basis::config::Costs;
use basis::types::event::StepRow;
use basis::types::{Amount, Decision, MarketKind, Operation, PnlCause, Price, Quantity, Side};
use rust_decimal::Decimal;

use crate::desk::{Desk, entry, exit, held, market, one};
use crate::scene::{Prices, Scripted, calm, dec, hour, run, setup};

/// Rows of a run that buys a perp at Binance at 60 000, with or without a stop; from hour 2 on the price is another.
fn perp(size: &'static str, stop: Option<&'static str>, price: &'static str) -> Vec<StepRow> {
    let setup = setup("economics", Costs::None, &[]);
    let moved = move |series: &str, hour: i64| {
        let eth = series.contains("ETH");
        Some(if eth {
            dec("3000")
        } else if hour >= 2 {
            dec(price)
        } else {
            dec("60000")
        })
    };
    let data = Prices { open: &moved, ..calm(5) }.data(&setup);
    let strategy = Scripted::new(move |step| {
        let mut desk = Desk::new(step);
        match (hour(step), stop) {
            (0, _) => entry(vec![one(desk.perp("binance", Side::Buy, size))]),
            (1, Some(stop)) => {
                let market = market(step, "binance", MarketKind::Perp);
                let stop_loss = Some(Price::new(dec(stop)));
                let protect = Operation::Protect { market, take_profit: None, stop_loss };
                exit(vec![one(desk.order(protect, Amount::fixed(Quantity::ZERO)))])
            }
            (2, _) => {
                assert!(
                    held(step, "binance:Perp:BTCUSDT").is_zero(),
                    "the venue has closed it before the step"
                );
                Decision::hold("it is gone")
            }
            _ => Decision::hold("a pause"),
        }
    });
    let pump = run(setup, &data, strategy);
    for theirs in pump.world.balances() {
        assert_eq!(pump.engine.state().books.quantity(theirs.key), theirs.quantity);
    }
    pump.witness.rows().into_iter().cloned().collect()
}

#[test]
fn a_stop_limits_the_loss_to_its_trigger() {
    let rows = perp("1", Some("58000"), "57000");
    let row = &rows[2];
    assert_eq!(row.pnl_step.get(), dec("-2000"));
    // The bar lost 3 000; that it was left at 58 000 is a fill better than the price of the step.
    assert_eq!(
        (row.attribution[PnlCause::Delta].get(), row.attribution[PnlCause::Slippage].get()),
        (dec("-3000"), dec("1000"))
    );
    assert!(rows[3].pnl_step.is_zero());
}

#[test]
fn a_liquidation_is_told_under_its_own_cause() {
    let rows = perp("10", None, "55000");
    let row = &rows[2];
    // 40 000 + 10·(p − 60 000) meets the maintenance of 0.005·10p − 300 at p = 559 700 / 9.95; the fee is 1.25 %.
    let price = dec("559700") / dec("9.95");
    let fee = price * dec("10") * dec("0.0125");
    let lost = (price - dec("60000")) * dec("10") - fee;
    let close = |a: Decimal, b: Decimal| (a - b).abs() < dec("0.00001");
    assert!(close(row.pnl_step.get(), lost), "{} is not {lost}", row.pnl_step);
    assert_eq!(row.attribution[PnlCause::Delta].get(), dec("-50000"), "the whole way of the bar");
    assert!(close(row.attribution[PnlCause::Liquidation].get(), lost + dec("50000")));
    assert_eq!(row.attribution.total(), row.pnl_step);
}

#[test]
fn negative_cash_costs_interest_by_the_hour() {
    let setup = setup("economics", Costs::None, &[]);
    let data = calm(5).data(&setup);
    let strategy = Scripted::new(|step| match hour(step) {
        0 => entry(vec![one(Desk::new(step).spot("bybit", Side::Buy, "0.8"))]),
        _ => Decision::hold("held"),
    });
    let pump = run(setup, &data, strategy);
    let rows = pump.witness.rows();
    // 30 000 − 48 000 at 8 % a year: 18 000 · 0.08 / 8 760, up to the next unit; the next hour also on that.
    let charge = |owed: Decimal| {
        (owed * dec("0.08") / dec("8760"))
            .round_dp_with_strategy(8, rust_decimal::RoundingStrategy::AwayFromZero)
    };
    let first = charge(dec("18000"));
    let second = charge(dec("18000") + first);
    for (row, charged) in [(rows[1], first), (rows[2], second)] {
        assert_eq!(row.attribution[PnlCause::BorrowCost].get(), -charged);
        assert_eq!(row.pnl_step.get(), -charged);
    }
}

#[test]
fn funding_is_paid_on_what_was_held_before_the_trades_of_the_moment() {
    let setup = setup("economics", Costs::None, &[]);
    let data = Prices { funding: &|_, _| dec("0.0001"), ..calm(18) }.data(&setup);
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        match hour(step) {
            // Bought at the stamp itself: nothing is paid for it yet.
            8 => entry(vec![one(desk.perp("binance", Side::Sell, "0.5"))]),
            // Closed at the stamp: paid for all the same.
            16 => exit(vec![one(desk.perp("binance", Side::Buy, "0.5"))]),
            _ => Decision::hold("a pause"),
        }
    });
    let pump = run(setup, &data, strategy);
    let funded: Vec<(i64, Decimal)> = pump
        .witness
        .rows()
        .iter()
        .enumerate()
        .filter(|(_, row)| !row.attribution[PnlCause::Funding].is_zero())
        .map(|(hour, row)| (hour as i64, row.attribution[PnlCause::Funding].get()))
        .collect();
    assert_eq!(funded, [(16, dec("3"))], "0.5 · 60 000 · 0.0001 to the short");
}
