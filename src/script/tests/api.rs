//! The host functions, by table: what a script reads, and what it is told when it asks for what is not there.

use super::{decide_body, value_of};
use crate::engine::{Memory, Strategy};
use crate::types::event::Loudness;
use crate::types::{Breach, Limit, RiskLevel};

#[test]
fn the_step_reads_as_it_is() {
    let cases = [
        ("ctx.now", "1717200000000"),
        ("ctx.equity", "100000"),
        ("ctx.wind_down", "false"),
        ("ctx.balance(\"binance:BaseToken:BTC\")", "0.5"),
        ("ctx.balance(\"bybit:BaseToken:USDT\")", "0"),
        ("ctx.projected(\"bybit:BaseToken:USDT\")", "1000"),
        ("ctx.incoming(\"bybit:BaseToken:USDT\")", "1000"),
        ("ctx.position(\"binance:Perp:BTCUSDT\")", "-0.5"),
        ("ctx.entry_price(\"bybit:Perp:BTCUSDT\") == ()", "true"),
        ("ctx.deviation(\"binance:BaseToken:BTC\", 0.4)", "0.25"),
        ("ctx.deviation(\"binance:BaseToken:BTC\", 1)", "-0.5"),
        ("ctx.weight(\"binance:BaseToken:BTC\")", "0.3375"),
        ("ctx.weight(\"binance:Perp:BTCUSDT\")", "-0.33755"),
        ("ctx.weight(\"bybit:BaseToken:BTC\")", "0"),
        ("ctx.in_band(\"binance:BaseToken:BTC\", 0.35, 0.0125)", "true"),
        ("ctx.in_band(\"binance:BaseToken:BTC\", 0.35, 0.0124)", "false"),
        ("ctx.in_band(\"binance:BaseToken:BTC\", 0, 1)", "true"),
        ("ctx.net_delta(\"BTC\")", "0"),
        ("ctx.price(\"USDT\")", "1"),
        ("ctx.price(\"BTC\")", "67490"),
        ("ctx.spot(\"binance\", \"BTCUSDT\")", "67500"),
        ("ctx.mark(\"bybit\", \"BTCUSDT\")", "67505"),
        ("ctx.tradable(\"binance\", \"perp\", \"BTCUSDT\")", "true"),
        ("ctx.spendable(\"binance\", \"USDT\")", "20000"),
        // 50 000 less a twentieth of 67 510.
        ("ctx.free_margin(\"binance\")", "46624.50"),
        ("ctx.free_margin(\"bybit\")", "0"),
        ("ctx.pending.len()", "1"),
        ("ctx.pending[0].key", "bybit:BaseToken:USDT"),
        ("ctx.pending[0].due - ctx.now", "3600000"),
        ("ctx.flows.len()", "0"),
    ];
    check(&cases);
}

#[test]
fn parameters_read_in_their_own_types() {
    check(&[
        ("ctx.params.threshold", "0.02"),
        ("ctx.params[\"threshold\"]", "0.02"),
        ("ctx.params.rounds", "3"),
        ("type_of(ctx.params.rounds)", "i64"),
        ("ctx.params.style", "atomic"),
        ("ctx.params.optional == ()", "true"),
        ("ctx.params.hedge_allocation.bybit", "0.4"),
        ("ctx.params.hedge_allocation.keys()", "[\"binance\", \"bybit\"]"),
        ("ctx.params.reserve.ratio", "0"),
        ("ctx.params.gas_tank", "0"),
        ("ctx.params.execution.slippage", "0.005"),
        ("ctx.params.execution.plan_timeout_s", "120"),
    ]);
}

#[test]
fn a_market_tells_its_rules() {
    check(&[
        ("ctx.market(\"binance\", \"spot\", \"BTCUSDT\").lot", "0.001"),
        ("ctx.market(\"binance\", \"spot\", \"BTCUSDT\").fee", "0.0010"),
        ("ctx.market(\"binance\", \"perp\", \"BTCUSDT\").fee", "0.0005"),
        ("ctx.market(\"binance\", \"spot\", \"BTCUSDT\").fee_asset", "quote"),
        ("ctx.market(\"binance\", \"spot\", \"BTCUSDT\").min_notional", "5"),
        ("ctx.market(\"binance\", \"spot\", \"BTCUSDT\").half_spread", "0"),
        ("ctx.market(\"binance\", \"spot\", \"BTCUSDT\").received(1)", "1"),
        ("ctx.market(\"binance\", \"spot\", \"BTCUSDT\").price", "67500"),
        ("ctx.market(\"binance\", \"spot\", \"BTCUSDT\").tradable", "true"),
    ]);
}

#[test]
fn maths_is_exact_and_takes_whole_numbers() {
    check(&[
        ("0.1 + 0.2", "0.3"),
        ("abs(-1.5)", "1.5"),
        ("abs(-2)", "2"),
        ("min(1.5, 2)", "1.5"),
        ("min(3, 2.5)", "2.5"),
        ("max(1, 2)", "2"),
        ("max(1, 0.5)", "1"),
        ("clamp(5, 0, 1.5)", "1.5"),
        ("floor_to(0.5929, 0.001)", "0.592"),
        ("floor_to(-0.5929, 0.001)", "-0.593"),
        ("round_to(0.5925, 0.001)", "0.593"),
        ("floor_to(7, 2)", "6"),
        ("sqrt(4)", "2"),
        ("round_to(ln(exp(1)), 0.000001)", "1"),
        ("pow(2, 10)", "1024"),
        ("pow(-2, 3)", "-8"),
    ]);
}

#[test]
fn what_is_no_number_is_an_error_with_its_arguments() {
    for (expression, part) in [
        ("sqrt(-1)", "sqrt(-1) is not a number"),
        ("ln(0)", "ln(0) is not a number"),
        ("exp(1000)", "exp(1000) is not a number"),
        ("pow(-1.5, 0.5)", "pow(-1.5, 0.5) is not a number"),
        ("floor_to(1, 0)", "must be above 0, not 0"),
        ("clamp(1, 3, 2)", "low ≤ high"),
        ("1.0 / 0.0", "ivi"),
        ("ctx.deviation(\"binance:BaseToken:BTC\", 0)", "from a target of 0"),
        ("ctx.position(\"binance:BaseToken:BTC\")", "is no perp position"),
        ("ctx.deviation(\"binance:BaseToken:BTC\", \"1\")", "target must be a number, not a text"),
    ] {
        let message = value_of(expression).expect_err(expression);
        assert!(message.contains(part), "{expression}: {message}");
    }
}

#[test]
fn names_made_at_run_time_are_checked_at_run_time() {
    for (body, part) in [
        ("let v = \"binanse\"; ctx.spot(v, \"BTCUSDT\")", "unknown venue 'binanse'"),
        ("let v = \"binanse\"; ctx.spot(v, \"BTCUSDT\")", "did you mean 'binance'?"),
        ("let s = \"BTCUSD\"; ctx.mark(\"bybit\", s)", "unknown perp symbol at bybit 'BTCUSD'"),
        ("let k = \"binance:Perp\"; ctx.balance(k)", "is not an instrument key"),
        ("let k = \"binanse:Perp:BTCUSDT\"; ctx.balance(k)", "unknown venue 'binanse'"),
        ("let k = \"binance:Perp:ETHUSDT\"; ctx.balance(k)", "unknown key"),
        ("let t = \"BTCC\"; ctx.price(t)", "did you mean 'BTC'?"),
        ("let p = ctx.params; p.treshold", "did you mean 'threshold'?"),
        ("let c = ctx; c.equty", "did you mean 'equity'?"),
        ("let r = ctx.risk; r.levle", "did you mean 'level'?"),
        ("let s = \"spot/x\"; ctx.age(s)", "unknown subscription 'spot/x'"),
    ] {
        let message = decide_body(body).expect_err(body).message;
        assert!(message.contains(part), "{body}: {message}");
    }
}

#[test]
fn a_price_that_is_not_there_is_an_error_that_names_the_market() {
    let mut strategy = super::strategy(
        "fn decide(ctx) { hold(\"\" + ctx.spot(\"binance\", \"BTCUSDT\")) }\nfn exit(ctx) { hold(\"\") }",
    );
    let bare = super::HandMadeStep::of((*super::step().view.setup).clone()).share();
    let error = strategy.decide(&bare, &mut Memory::default()).unwrap_err();
    assert!(
        error.message.starts_with("binance spot BTCUSDT has no price at 2024-06-01"),
        "{}",
        error.message
    );
}

#[test]
fn risk_tells_its_level_reason_and_excess() {
    let mut step = super::step();
    let binance = step.view.universe().venue_named("binance");
    step.view.risk.level = RiskLevel::Reduce;
    step.view.risk.breaches = [Breach {
        limit: Limit::MarginRatio,
        level: RiskLevel::Reduce,
        venue: binance,
        value: "0.12".parse().unwrap(),
        bound: "2".parse().unwrap(),
    }]
    .into();
    let mut strategy = super::strategy(
        "fn decide(ctx) { let r = ctx.risk; let e = r.excess[0];
           hold(`${r.level} ${r.must_reduce} ${r.must_exit} ${r.reason} ${e.venue} ${e.level} ${e.amount} ${r.margin_ratio(\"binance\") > 1.4}`) }
         fn exit(ctx) { hold(\"\") }",
    );
    let decision = strategy.decide(&step.share(), &mut Memory::default()).unwrap();
    assert_eq!(
        &*decision.reason,
        // 33755 − 50000 / 2
        "reduce true false margin_ratio at binance is 0.12, past its limit of 2 for level reduce binance reduce 8755 true"
    );
}

#[test]
fn what_a_script_says_is_kept_with_its_level() {
    let mut strategy = super::strategy(
        "fn decide(ctx) { log(\"warn\", \"careful\"); print(1.50); debug(\"x\"); hold(\"\") } fn exit(ctx) { hold(\"\") }",
    );
    strategy.decide(&super::step().share(), &mut Memory::default()).unwrap();
    let said = strategy.take_logs();
    let expected = [
        (Loudness::Warn, "careful".to_owned()),
        (Loudness::Info, "1.50".to_owned()),
        (Loudness::Debug, "x".to_owned()),
    ];
    assert_eq!(said, expected);
    assert!(strategy.take_logs().is_empty());
    let error = decide_body("log(\"loud\", \"x\"); hold(\"\")").unwrap_err();
    assert!(error.message.contains("unknown log level 'loud'"), "{}", error.message);
}

#[test]
fn an_operation_at_the_wrong_kind_of_venue_names_the_right_one() {
    let error = decide_body("orders::supply(\"binance\", \"USDT\", 1); hold(\"\")").unwrap_err();
    assert!(error.message.contains("binance is no venue for supply"), "{}", error.message);
}

#[test]
fn every_line_of_the_table_is_complete_and_stands_once() {
    let bundle =
        super::bundle("fn decide(ctx) { hold(\"\") } fn exit(ctx) { hold(\"\") }").unwrap();
    let entries = bundle.entries();
    for (index, entry) in entries.iter().enumerate() {
        let signature = entry.signature();
        assert!(!entry.returns.is_empty() && entry.doc.ends_with('.'), "{signature}");
        assert!(entry.params.iter().all(|param| !param.unit.is_empty()), "{signature}");
        let twice = entries[..index].iter().any(|e| (e.owner, e.name) == (entry.owner, entry.name));
        assert!(!twice, "{signature}");
    }
    assert!(entries.len() > 70, "{}", entries.len());
}

fn check(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        let value = value_of(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert_eq!(value, *expected, "{expression}");
    }
}
