//! What the guard refuses, and what it holds back.

use basis::config::Costs;
use basis::engine::{Command, End, Phase, StepView};
use basis::types::event::Loudness;
use basis::types::{
    Action, Amount, Code, Decision, Item, MarketKind, Operation, Price, Quantity, Side,
};

use crate::desk::{Desk, decision, entry, exit, key, market, one, parallel};
use crate::scene::{Prices, Scripted, calm, dec, hour, qty, run, setup};

/// The sentence with which the guard refuses a plan, and its code. Nothing may have been sent.
fn refusal(decide: impl Fn(&mut Desk, &StepView) -> Decision + Send + 'static) -> (Code, String) {
    let setup = setup("economics", Costs::Full, &[]);
    let data = calm(3).data(&setup);
    let pump = run(setup, &data, Scripted::new(move |step| decide(&mut Desk::new(step), step)));
    assert_eq!(pump.witness.orders().len(), 0, "nothing of a refused plan is sent");
    match &pump.engine.state().phase {
        Phase::Ended(End::Failed(why)) => (why.code, why.message.clone()),
        other => panic!("the guard let it pass: {other:?}"),
    }
}

fn is_refused(part: &str, decide: impl Fn(&mut Desk, &StepView) -> Decision + Send + 'static) {
    let (code, message) = refusal(decide);
    assert_eq!(code, Code::Strat003, "{message}");
    assert!(message.contains(part), "'{message}' does not say '{part}'");
}

#[test]
fn an_order_over_its_balance_is_refused() {
    is_refused("takes", |desk, _| entry(vec![one(desk.spot("bybit", Side::Buy, "1"))]));
    is_refused("takes", |desk, _| exit(vec![one(desk.spot("bybit", Side::Sell, "0.1"))]));
    is_refused("takes", |desk, _| {
        entry(vec![one(desk.transfer("wallet:BaseToken:USDT", "bybit:BaseToken:USDT", "30001"))])
    });
}

#[test]
fn orders_are_paid_one_after_the_other() {
    // Each alone could be paid from 30 000 and a credit of 20 000, both together cannot.
    is_refused("takes", |desk, _| {
        entry(vec![
            one(desk.spot("bybit", Side::Buy, "0.45")),
            one(desk.spot("bybit", Side::Buy, "0.45")),
        ])
    });
    // What one leg brings does not pay for the leg beside it.
    is_refused("takes", |desk, _| {
        entry(vec![parallel(vec![desk.wrap("0.1"), desk.unwrap("0.05")])])
    });
}

#[test]
fn legs_that_go_together_do_not_meet_in_one_market() {
    is_refused("is the second order of its group in that market", |desk, _| {
        entry(vec![parallel(vec![
            desk.spot("bybit", Side::Buy, "0.1"),
            desk.perp("bybit", Side::Sell, "0.1"),
            desk.spot("bybit", Side::Buy, "0.05"),
        ])])
    });
}

#[test]
fn an_order_that_is_too_small_is_refused() {
    is_refused("below the least order of 5 there", |desk, _| {
        entry(vec![one(desk.spot("bybit", Side::Buy, "0.00001"))])
    });
    is_refused("nothing after rounding to the lot", |desk, _| {
        entry(vec![one(desk.perp("binance", Side::Buy, "0.0009"))])
    });
}

#[test]
fn only_operations_of_one_chain_are_atomic() {
    is_refused("only operations on one chain can be atomic", |desk, _| {
        exit(vec![Item::Atomic(vec![desk.wrap("0.1"), desk.spot("bybit", Side::Buy, "0.1")])])
    });
    is_refused("cannot be rolled back", |desk, _| {
        let send = desk.transfer("wallet:BaseToken:USDT", "bybit:BaseToken:USDT", "100");
        exit(vec![Item::Atomic(vec![desk.wrap("0.1"), send])])
    });
}

#[test]
fn an_output_must_come_from_before() {
    is_refused("cannot use each other's output", |desk, _| {
        let buy = desk.spot("bybit", Side::Buy, "0.1");
        let sell = desk.spot("binance", Side::Sell, Amount::output(buy.operation_id, qty("0.05")));
        entry(vec![parallel(vec![buy, sell])])
    });
    is_refused("it comes later", |desk, _| {
        let buy = desk.spot("bybit", Side::Buy, "0.1");
        let sell = desk.spot("bybit", Side::Sell, Amount::output(buy.operation_id, qty("0.05")));
        entry(vec![one(sell), one(buy)])
    });
    is_refused("a transfer that is still on its way when the plan goes on", |desk, _| {
        let send = desk.transfer("wallet:BaseToken:USDT", "bybit:BaseToken:USDT", "1000");
        let back = Amount::output(send.operation_id, qty("1000"));
        let back = desk.transfer("bybit:BaseToken:USDT", "wallet:BaseToken:USDT", back);
        entry(vec![one(send), one(back)])
    });
    is_refused("an order that brings no tokens", |desk, _| {
        let short = desk.perp("bybit", Side::Sell, "0.1");
        let sell = Amount::output(short.operation_id, qty("0.1"));
        let sell = desk.spot("bybit", Side::Sell, sell);
        entry(vec![one(short), one(sell)])
    });
}

#[test]
fn a_decision_is_called_what_it_does() {
    is_refused("call it entry_partial", |desk, _| {
        exit(vec![one(desk.spot("bybit", Side::Buy, "0.1"))])
    });
    is_refused("has no order; answer hold instead", |_, _| decision(Action::EntryFull, Vec::new()));
}

#[test]
fn a_stop_or_target_on_the_wrong_side_of_the_price_is_refused() {
    for (take_profit, stop_loss) in [(Some("59000"), None), (None, Some("61000"))] {
        is_refused("would be hit at once", move |desk, step| {
            let price = |text: &str| Price::new(dec(text));
            let market = market(step, "bybit", MarketKind::Perp);
            let protect = Operation::Protect {
                market,
                take_profit: take_profit.map(price),
                stop_loss: stop_loss.map(price),
            };
            let protect = desk.order(protect, Amount::fixed(Quantity::ZERO));
            entry(vec![one(desk.perp("bybit", Side::Buy, "0.1")), one(protect)])
        });
    }
}

/// What a failing exit does to positions at level exit: whatever its reason, they are closed.
#[test]
fn an_exit_that_would_add_risk_is_replaced_by_closing_everything() {
    let setup = setup("economics", Costs::None, &[]);
    let data = calm(4).data(&setup);
    let strategy = Scripted::new(|step| match hour(step) {
        0 => entry(vec![one(Desk::new(step).perp("bybit", Side::Buy, "0.1"))]),
        _ => Decision::hold("a pause"),
    })
    .with_exit(|step| exit(vec![one(Desk::new(step).perp("bybit", Side::Buy, "0.1"))]));
    let mut pump = crate::scene::pump(setup, &data, strategy);
    for (step, view) in data.views().enumerate() {
        if step == 2 {
            pump.command(view.now(), Command::EmergencyStop).expect("it takes a command");
        }
        pump.step(view).expect("a tape never fails");
    }
    assert!(matches!(pump.engine.state().phase, Phase::Ended(End::Stopped(_))));
    let position = pump.engine.step().universe().key_named("bybit:Perp:BTCUSDT").expect("a key");
    assert!(pump.engine.state().books.quantity(position).is_zero(), "it is closed");
    let alarms = pump.witness.notes(Loudness::Alarm);
    assert!(alarms.iter().any(|told| told.contains("exit is not allowed")), "{alarms:?}");
}

#[test]
fn gas_is_no_change_of_exposure() {
    // A few dollars of gas beside 250 of equity: without the gas the transfer changes no exposure.
    let sets = [
        ("capital", "250"),
        ("gas_tank", "0.02"),
        ("initial_balances.wallet.USDT", "150"),
        ("initial_balances.binance.USDT", "50"),
        ("initial_balances.bybit.USDT", "50"),
    ];
    let setup = setup("economics", Costs::Full, &sets);
    let data = calm(3).data(&setup);
    let strategy = Scripted::new(|step| match hour(step) {
        0 => entry(vec![one(Desk::new(step).transfer(
            "wallet:BaseToken:USDT",
            "bybit:BaseToken:USDT",
            "50",
        ))]),
        _ => Decision::hold("done"),
    });
    let pump = run(setup, &data, strategy);
    assert_eq!(pump.witness.orders().len(), 1);
    assert_eq!(pump.engine.state().phase, Phase::Ended(End::Done));
}

#[test]
fn the_guard_judges_the_number_that_will_be_sent_not_the_one_that_was_told() {
    // A number known now is what it is, whatever is said to be expected of it.
    is_refused("takes", |desk, _| {
        let lie = Amount { expected: qty("0.01"), ..Amount::fixed(qty("1")) };
        entry(vec![one(desk.spot("bybit", Side::Buy, lie))])
    });
    is_refused("takes", |desk, step| {
        let cash = key(step, "wallet:BaseToken:USDT");
        let send = desk.transfer("wallet:BaseToken:USDT", "bybit:BaseToken:USDT", "20000");
        // All that is left, 10 000, but told as one.
        let rest = Amount::all(cash, qty("1"));
        let rest = desk.transfer("wallet:BaseToken:USDT", "binance:BaseToken:USDT", rest);
        entry(vec![
            one(send),
            one(rest),
            one(desk.transfer("wallet:BaseToken:USDT", "bybit:BaseToken:USDT", "5000")),
        ])
    });
}

#[test]
fn more_than_the_margin_carries_is_refused() {
    // 30 000 at twenty times carry 600 000; eleven coins are 660 000.
    let (code, message) = refusal(|desk, _| entry(vec![one(desk.perp("bybit", Side::Buy, "11"))]));
    assert_eq!(code, Code::Risk003);
    assert!(message.contains("of margin at bybit"), "{message}");
}

#[test]
fn nothing_trades_in_a_gap_of_the_data() {
    let setup = setup("economics", Costs::Full, &[]);
    let gap = |series: &str, hour: i64| series == "spot/binance_BTCUSDT" && (2..5).contains(&hour);
    let prices = Prices {
        open: &|series, hour| if gap(series, hour) { None } else { (calm(9).open)(series, hour) },
        ..calm(9)
    };
    let data = prices.data(&setup);
    let strategy = Scripted::new(|step| match hour(step) {
        2 | 4 | 5 => entry(vec![one(Desk::new(step).spot("binance", Side::Buy, "0.1"))]),
        _ => Decision::hold("a pause"),
    });
    let pump = run(setup, &data, strategy);
    let held_back = pump.witness.constraints();
    assert_eq!(held_back.len(), 2, "{held_back:?}");
    assert!(
        held_back
            .iter()
            .all(|why| why.starts_with("DATA-005") && why.contains("binance BTCUSDT has no data")),
        "{held_back:?}"
    );
    assert_eq!(pump.witness.sent(), [dec("0.1")], "after the gap it trades");
    assert_eq!(
        pump.engine.state().phase,
        Phase::Ended(End::Done),
        "what is held back is no fault of the strategy"
    );
}

#[test]
fn an_order_over_the_cap_is_held_back() {
    let setup = setup("economics", Costs::Full, &[("risk.max_order_notional", "5000")]);
    let data = calm(4).data(&setup);
    let strategy = Scripted::new(|step| match hour(step) {
        0 => entry(vec![one(Desk::new(step).spot("binance", Side::Buy, "0.1"))]),
        1 => entry(vec![one(Desk::new(step).spot("binance", Side::Buy, "0.08"))]),
        _ => Decision::hold("a pause"),
    });
    let pump = run(setup, &data, strategy);
    assert_eq!(pump.witness.sent(), [dec("0.08")]);
    assert!(
        pump.witness.constraints()[0].starts_with("RISK-005"),
        "{:?}",
        pump.witness.constraints()
    );
}
