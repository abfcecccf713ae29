//! Amounts that are known only at execution.

use basis::config::Costs;
use basis::engine::{End, Phase};
use basis::types::{Amount, Decision, KeyId, Side};
use rust_decimal::Decimal;

use crate::desk::{Desk, entry, exit, held, key, one, parallel};
use crate::scene::{Scripted, calm, dec, hour, qty, run, setup};

/// The quantities that a decision of hour 0 sends, at full costs and calm prices.
fn sent(
    decide: impl Fn(&mut Desk, &basis::engine::StepView) -> Decision + Send + 'static,
) -> Vec<Decimal> {
    let setup = setup("economics", Costs::Full, &[]);
    let data = calm(3).data(&setup);
    let strategy = Scripted::new(move |step| match hour(step) {
        0 => decide(&mut Desk::new(step), step),
        _ => Decision::hold("once"),
    });
    let pump = run(setup, &data, strategy);
    let state = pump.engine.state();
    assert_eq!(state.phase, Phase::Ended(End::Done));
    for theirs in pump.world.balances() {
        assert_eq!(state.books.quantity(theirs.key), theirs.quantity);
    }
    pump.witness.sent()
}

/// The output of an order, times `times`, less `minus`.
fn part(order: &basis::types::Order, expected: &str, times: &str, minus: &str) -> Amount {
    Amount {
        times: dec(times),
        minus: qty(minus),
        ..Amount::output(order.operation_id, qty(expected))
    }
}

#[test]
fn an_output_is_what_came_in_after_its_fee() {
    // 0.2 less a fee of 0.0002 in coins; half of it less 0.01.
    let sent = sent(|desk, _| {
        let buy = desk.spot("bybit", Side::Buy, "0.2");
        let sell = part(&buy, "0.09", "0.5", "0.01");
        let sell = desk.spot("bybit", Side::Sell, sell);
        entry(vec![one(buy), one(sell)])
    });
    assert_eq!(sent, [dec("0.2"), dec("0.0899")]);
}

#[test]
fn an_output_is_bounded_and_floored_to_the_lot() {
    let sent = sent(|desk, _| {
        let buy = desk.spot("binance", Side::Buy, "0.2");
        // 0.1998 / 3 is 0.0666 in lots of 0.00001; and at most 0.05 of what came in.
        let third =
            Amount { times: dec("0.3333"), ..Amount::output(buy.operation_id, qty("0.06")) };
        let bounded =
            Amount { at_most: Some(qty("0.05")), ..Amount::output(buy.operation_id, qty("0.05")) };
        let (a, b) =
            (desk.spot("binance", Side::Sell, third), desk.spot("binance", Side::Sell, bounded));
        entry(vec![one(buy), one(a), one(b)])
    });
    assert_eq!(sent, [dec("0.2"), dec("0.06659"), dec("0.05")]);
}

#[test]
fn all_is_what_lies_there_when_the_order_is_sent() {
    let sent = sent(|desk, step| {
        let coins = key(step, "bybit:BaseToken:BTC");
        let buy = desk.spot("bybit", Side::Buy, "0.3");
        let sell = desk.spot("bybit", Side::Sell, Amount::all(coins, qty("0.1")));
        entry(vec![one(buy), one(sell)])
    });
    assert_eq!(sent, [dec("0.3"), dec("0.2997")]);
}

#[test]
fn legs_that_go_together_are_priced_on_the_books_before_them() {
    let setup = setup("economics", Costs::Full, &[]);
    let data = calm(5).data(&setup);
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        match hour(step) {
            0 => entry(vec![one(desk.wrap("0.1"))]),
            1 => {
                let weth: KeyId = key(step, "wallet:BaseToken:WETH");
                let all = Amount::all(weth, held(step, "wallet:BaseToken:WETH"));
                exit(vec![parallel(vec![desk.wrap("0.05"), desk.unwrap(all)])])
            }
            _ => Decision::hold("done"),
        }
    });
    let pump = run(setup, &data, strategy);
    // All is the 0.1 that lay there, not what the other leg brought.
    assert_eq!(pump.witness.sent(), [dec("0.1"), dec("0.05"), dec("0.1")]);
}

#[test]
fn an_output_that_is_nothing_sends_no_order_and_says_so() {
    let setup = setup("economics", Costs::Full, &[]);
    let data = calm(3).data(&setup);
    let strategy = Scripted::new(|step| {
        if hour(step) != 0 {
            return Decision::hold("once");
        }
        let mut desk = Desk::new(step);
        let buy = desk.spot("bybit", Side::Buy, "0.01");
        let sell = part(&buy, "0.005", "1", "1");
        let sell = desk.spot("bybit", Side::Sell, sell);
        entry(vec![one(buy), one(sell)])
    });
    let pump = run(setup, &data, strategy);
    assert_eq!(pump.witness.sent(), [dec("0.01")]);
    assert_eq!(pump.engine.state().phase, Phase::Ended(End::Done));
    let notes = pump.witness.notes(basis::types::event::Loudness::Info);
    assert!(
        notes.iter().any(|note| note.contains("spot_trade at desk:2 came to nothing")),
        "{notes:?}"
    );
}
