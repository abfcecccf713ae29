//! Orders, amounts and plans: what they promise, and what is refused when they are built.

use rust_decimal::Decimal;

use super::{decide_body, value_of};
use crate::types::{
    Action, AmountBase, Item, OnLegFailure, Operation, Order, Quantity, Rate, Side,
};

fn orders(body: &str) -> Vec<Order> {
    let decision = decide_body(body).unwrap_or_else(|error| panic!("{body}\n{}", error.message));
    decision.plan.orders().cloned().collect()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The expected deltas by key name.
fn deltas(order: &Order) -> Vec<(String, Decimal)> {
    let step = super::step();
    let universe = step.view.universe();
    order
        .deltas
        .iter()
        .map(|delta| (universe.instrument(delta.key).name.to_string(), delta.expected.get()))
        .collect()
}

#[test]
fn a_spot_buy_brings_coins_and_costs_cash_and_fee() {
    let built = orders("entry_partial(\"\", [orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1239)])");
    assert_eq!(built[0].amount.expected.get(), dec("0.123"), "floored to the lot");
    // 0.123 × 67500 × 1.001
    let expected = [
        ("binance:BaseToken:BTC".to_owned(), dec("0.123")),
        ("binance:BaseToken:USDT".to_owned(), dec("-8310.8025")),
    ];
    assert_eq!(deltas(&built[0]), expected);
    let cash = &built[0].deltas[1];
    assert!(cash.at_least < cash.expected && cash.at_most > cash.expected);
    assert_eq!((built[0].origin.line, &*built[0].origin.file), (2, "test.rhai"));
}

#[test]
fn a_perp_to_trades_the_difference_and_nothing_when_there_is_none() {
    let built = orders(
        "exit_partial(\"\", [orders::perp_to(\"binance\", \"BTCUSDT\", -0.2), orders::perp_to(\"binance\", \"BTCUSDT\", -0.5)])",
    );
    assert_eq!(built.len(), 1);
    assert!(matches!(built[0].operation, Operation::PerpTrade { side: Side::Buy, .. }));
    assert_eq!(built[0].amount.expected.get(), dec("0.3"));
    let flipped = orders("exit_partial(\"\", orders::perp_to(\"binance\", \"BTCUSDT\", 1))");
    assert_eq!(flipped[0].amount.expected.get(), dec("1.5"));
}

#[test]
fn a_transfer_arrives_in_transit_and_a_wrap_at_once() {
    let built = orders(
        "entry_partial(\"\", [orders::transfer(\"wallet\", \"bybit\", \"USDT\", 1000.1234567), orders::wrap(1)])",
    );
    let expected = [
        ("wallet:BaseToken:USDT".to_owned(), dec("-1000.123456")),
        ("bybit:Transit:USDT".to_owned(), dec("1000.123456")),
    ];
    assert_eq!(deltas(&built[0]), expected);
    let expected = [
        ("wallet:BaseToken:ETH".to_owned(), dec("-1")),
        ("wallet:BaseToken:WETH".to_owned(), dec("1")),
    ];
    assert_eq!(deltas(&built[1]), expected);
}

#[test]
fn options_are_read_exactly() {
    let built = orders(
        "exit_partial(\"\", [orders::perp_buy(\"binance\", \"BTCUSDT\", 0.1, #{ limit: 67000, slippage_bps: 7.5, reduce_only: true }),
                             orders::protect(\"binance\", \"BTCUSDT\", #{ take_profit: 60000, stop_loss: 70000.5 })])",
    );
    let options = built[0].options;
    assert_eq!(options.limit.unwrap().get(), dec("67000"));
    assert_eq!(options.slippage, Some(Rate::new(dec("0.00075"))));
    assert!(options.reduce_only);
    assert!(matches!(
        built[1].operation,
        Operation::Protect { take_profit: Some(profit), stop_loss: Some(loss), .. }
            if profit.get() == dec("60000") && loss.get() == dec("70000.5")
    ));
}

#[test]
fn a_promise_follows_its_order_and_only_gets_smaller() {
    let body = "let buy = orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1);
        let out = buy.out;
        let sell = orders::spot_sell(\"binance\", \"BTCUSDT\", min((out * 0.5 - 0.01).min(0.03), 1));
        entry_partial(\"\", [buy, sell])";
    let built = orders(body);
    let amount = built[1].amount;
    assert_eq!(amount.base, AmountBase::Output(built[0].operation_id));
    assert_eq!(amount.times, dec("0.5"));
    assert_eq!(amount.minus.get(), dec("0.01"));
    assert_eq!(amount.at_most, Some(Quantity::new(dec("0.03"))));
    assert_eq!(amount.expected.get(), dec("0.03"));
    // What it becomes: min(0.08 × 0.5 − 0.01, 0.03).
    assert_eq!(amount.resolve(Quantity::new(dec("0.08"))).get(), dec("0.03"));
    assert_eq!(amount.resolve(Quantity::new(dec("0.06"))).get(), dec("0.02"));
    assert_eq!(
        value_of("orders::spot_sell(\"binance\", \"BTCUSDT\", 0.1).out.expected").unwrap(),
        "6743.2500000"
    );
}

#[test]
fn scaling_after_a_bound_scales_the_bound() {
    let body = "let all = orders::all(\"binance:BaseToken:BTC\");
        exit_partial(\"\", orders::spot_sell(\"binance\", \"BTCUSDT\", (all - 0.1).min(0.3) * 0.5))";
    let amount = orders(body)[0].amount;
    assert_eq!(amount.expected.get(), dec("0.15"));
    for held in ["0.5", "0.3", "0.05"] {
        let held = dec(held);
        let by_hand = (held - dec("0.1")).min(dec("0.3")).max(Decimal::ZERO) * dec("0.5");
        assert_eq!(amount.resolve(Quantity::new(held)).get(), by_hand, "{held}");
    }
}

#[test]
fn an_amount_says_why_it_cannot_be_compared_or_grown() {
    let out = "let out = orders::all(\"binance:BaseToken:BTC\");";
    for (rest, part) in [
        ("out > 1", "cannot be compared now"),
        ("1.5 <= out", "cannot be compared now"),
        ("out == out", "cannot be compared now"),
        ("out != ()", "cannot be compared now"),
        ("out + 1", "can only be made smaller"),
        ("out / 2", "1.0 / k"),
        ("out * 2", "multiplied by 0 to 1, not by 2"),
        ("out * -0.5", "multiplied by 0 to 1"),
        ("out - -1", "must not be negative"),
        ("out * out", "two amounts cannot be combined"),
        ("out.expcted", "did you mean 'expected'?"),
        ("sqrt(out)", ".expected"),
    ] {
        let error = decide_body(&format!("{out} {rest}")).expect_err(rest);
        assert!(error.message.contains(part), "{rest}: {}", error.message);
    }
}

#[test]
fn what_cannot_be_an_order_is_refused_where_it_is_built() {
    for (expression, part) in [
        ("orders::spot_buy(\"binance\", \"BTCUSDT\", 0.0009)", "nothing after rounding down"),
        (
            "orders::spot_buy(\"binance\", \"BTCUSDT\", 0.0009)",
            "the lot of binance BTCUSDT is 0.001",
        ),
        ("orders::spot_buy(\"binance\", \"BTCUSDT\", -1)", "must be above 0, not -1 BTC"),
        (
            "orders::spot_buy(\"binance\", \"BTCUSDT\", \"1\")",
            "quantity must be a number, not a text",
        ),
        ("orders::spot_buy(\"binance\", \"BTCUSDT\", ())", "check for () before"),
        (
            "orders::spot_buy(\"binance\", \"BTCUSDT\", orders::all(\"binance:BaseToken:USDT\"))",
            "quantity is in BTC, and the amount is of USDT",
        ),
        (
            "orders::spot_buy(\"binance\", \"BTCUSDT\", 1, #{ limt: 1 })",
            "unknown option of a trade 'limt'",
        ),
        ("orders::spot_buy(\"binance\", \"BTCUSDT\", 1, #{ limt: 1 })", "did you mean 'limit'?"),
        (
            "orders::spot_buy(\"binance\", \"BTCUSDT\", 1, #{ limit: 0 })",
            "limit must be a price above 0",
        ),
        ("orders::spot_buy(\"binance\", \"BTCUSDT\", 1, #{ slippage_bps: 10000 })", "below 10000"),
        (
            "orders::spot_buy(\"binance\", \"BTCUSDT\", 1, #{ reduce_only: 1 })",
            "must be true or false, not a whole number",
        ),
        (
            "orders::protect(\"binance\", \"BTCUSDT\", #{ stop: 1 })",
            "unknown option of protect 'stop'",
        ),
        ("orders::transfer(\"wallet\", \"wallet\", \"USDT\", 1)", "to itself"),
        ("orders::transfer(\"wallet\", \"bybit\", \"ETH\", 1)", "bybit does not hold ETH"),
        ("orders::transfer(\"binance\", \"wallet\", \"BTC\", 1)", "wallet does not hold BTC"),
        ("orders::wrap(0)", "amount must be above 0"),
        ("orders::all(\"binance:Perp:BTCUSDT\")", "perp_to(venue, symbol, 0)"),
        ("orders::perp_sell(\"binance\", \"BTCUSDT\", 1).out", "brings nothing in"),
    ] {
        let error = decide_body(expression).expect_err(expression);
        assert!(error.message.contains(part), "{expression}: {}", error.message);
        assert!(error.message.contains("test.rhai:2:"), "{expression}: {}", error.message);
    }
}

#[test]
fn a_plan_is_checked_when_it_is_decided() {
    let buy = "let buy = orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1);
        let sell = orders::spot_sell(\"binance\", \"BTCUSDT\", buy.out);";
    for (rest, part) in [
        ("entry_full(\"\", [])", "entry_full has no order"),
        ("entry_full(\"\", [()])", "entry_full has no order"),
        ("entry_full(\"\", [1])", "member 1 of the plan is a whole number"),
        ("entry_full(\"\", [buy, buy])", "an order stands in the plan twice"),
        ("entry_full(\"\", [sell, buy])", "not done before it"),
        ("entry_full(\"\", [sell])", "not done before it"),
        ("entry_full(\"\", [parallel([buy, sell])])", "cannot use each other's output"),
        ("entry_full(\"\", [parallel([])])", "parallel needs at least one order"),
        ("entry_full(\"\", [parallel([parallel([buy])])])", "groups are one level deep"),
        (
            "entry_full(\"\", [parallel([buy], #{ on_leg_failure: \"unwnd\" })])",
            "did you mean 'unwind'?",
        ),
        ("entry_full(\"\", [parallel([buy], #{ policy: 1 })])", "unknown option of parallel"),
        ("entry_full(\"\", [atomic([buy])])", "orders of one chain"),
        ("buy", "decide gave an order, which is no decision"),
        ("", "decide gave nothing ()"),
    ] {
        let error = decide_body(&format!("{buy}\n{rest}")).expect_err(rest);
        assert!(error.message.contains(part), "{rest}: {}", error.message);
    }
    let many = "let p = []; for i in 0..65 { p.push(orders::wrap(0.001)); } entry_full(\"\", p)";
    let error = decide_body(many).unwrap_err();
    assert!(error.message.contains("may have 64 orders"), "{}", error.message);
}

#[test]
fn groups_and_actions_come_through() {
    let body = "let wrap = orders::wrap(1);
        entry_partial(\"why\", [
            atomic([wrap, orders::unwrap(wrap.out)]),
            parallel([orders::spot_buy(\"bybit\", \"BTCUSDT\", 0.1), (), orders::perp_sell(\"bybit\", \"BTCUSDT\", 0.1)], #{ on_leg_failure: \"unwind\" }),
        ])";
    let decision = decide_body(body).unwrap();
    assert_eq!((decision.action, &*decision.reason), (Action::EntryPartial, "why"));
    let [Item::Atomic(wraps), Item::Parallel { orders, on_leg_failure }] = &decision.plan.items[..]
    else {
        panic!("{:?}", decision.plan.items);
    };
    assert_eq!((wraps.len(), orders.len(), *on_leg_failure), (2, 2, OnLegFailure::Unwind));
    let ids: Vec<u32> = decision.plan.orders().map(|order| order.operation_id.0).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    for (name, action) in [
        ("entry_full", Action::EntryFull),
        ("exit_full", Action::ExitFull),
        ("exit_partial", Action::ExitPartial),
        ("sell_dust", Action::SellDust),
    ] {
        assert_eq!(decide_body(&format!("{name}(\"\", orders::wrap(1))")).unwrap().action, action);
    }
}

#[test]
fn an_order_shows_its_deltas_to_the_script() {
    let expression =
        "orders::perp_sell(\"bybit\", \"BTCUSDT\", 0.1).deltas[\"bybit:Perp:BTCUSDT\"].expected";
    assert_eq!(value_of(expression).unwrap(), "-0.100");
    assert_eq!(value_of("orders::wrap(1).operation_id").unwrap(), "1");
}
