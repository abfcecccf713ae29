//! A script made for its run: what is put in place of what, and what is left alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{decide, step};
use crate::config::{LoadRequest, Setup, load};
use crate::script::sandbox;
use crate::script::specialise::Specialised;
use crate::types::chain::{CollateralRules, Protocol};
use crate::types::{Rate, Span};

/// What a script becomes, and whether the body of `decide` is run by itself.
fn made(text: &str) -> (String, bool) {
    made_for(&step().view.setup, text)
}

fn made_for(setup: &Setup, text: &str) -> (String, bool) {
    let (engine, _) = sandbox::engine(setup);
    let texts = BTreeMap::from([("test.rhai".to_owned(), text.to_owned())]);
    let mut made = Specialised::new(&engine, setup, "test.rhai", &texts, true);
    (made.texts.remove("test.rhai").unwrap(), made.body.is_some())
}

/// The shipped loop, which lends weETH in the efficiency mode of ETH.
fn of_the_loop() -> Setup {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let request = LoadRequest::of_mode("eth_leveraged", &configs);
    load(request).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn what_stands_on_several_lines_leaves_the_lines_after_it_where_they_were() {
    let script =
        "fn decide(ctx) {\n    let a = ctx\n        .params\n        .rounds;\n    hold(`${a}`)\n}";
    let (made, _) = made(script);
    assert!(!made.contains("params"), "{made}");
    let line =
        |text: &str| text.lines().position(|line| line.contains("hold") || line.contains("${a}"));
    assert_eq!(line(&made), line(script), "{made}");
}

#[test]
fn a_parameter_and_a_rule_of_a_market_stand_as_their_values() {
    let script = r#"fn decide( ctx ) {
    let a = "ü" + ctx.params.style; /* ctx.params.style */ let a = ctx.params.threshold * ctx . params . rounds;
    let b = ctx.market("binance", "perp", "BTCUSDT").lot;
    hold(`${ctx.params.threshold} of ${ctx.params.optional} ${ctx.params.execution.slippage}`)
}"#;
    let expected = r#"fn decide( ctx ) {
    let a = "ü" + "atomic"; /* ctx.params.style */ let a = (0.02) * (3);
    let b = (0.001);
    hold(`${(0.02)} of ${()} ${(0.005)}`)
}"#;
    assert_eq!(made(script), (expected.to_owned(), false));
}

#[test]
fn a_constant_of_the_file_stands_as_its_value() {
    let script = r#"const LEAST = 0.05;
const NAME = "a";
const MADE = [1];
fn decide( ctx ) { hold(global::NAME + global::LEAST * (1 - global :: LEAST) + global::MADE[0] + "global::LEAST") }"#;
    let expected = r#"const LEAST = 0.05;
const NAME = "a";
const MADE = [1];
fn decide( ctx ) { hold("a" + (0.05) * (1 - global :: LEAST) + global::MADE[0] + "global::LEAST") }"#;
    assert_eq!(made(script), (expected.to_owned(), false));
}

#[test]
fn what_is_read_of_the_context_is_not_written_back_after_a_method() {
    let script = r#"fn decide( ctx ) {
    if ctx.pending.len() > 0 && ctx.risk.level_of("x") == "" { ctx.params.weights.keys().len(); }
    let a = ctx.risk.constraints.own() + ctx.params.threshold.abs() + ctx.pending[0].amount;
    hold(ctx.params.style.to_upper() + ctx?.pending.len())
}
fn own() { this }"#;
    let expected = r#"fn decide( ctx ) {
    if len(ctx.pending) > 0 && ctx.risk.level_of("x") == "" { keys(ctx.params.weights).len(); }
    let a = ctx.risk.constraints.own() + (0.02).abs() + ctx.pending[0].amount;
    hold("atomic".to_upper() + ctx?.pending.len())
}
fn own() { this }"#;
    assert_eq!(made(script), (expected.to_owned(), false));
}

/// One closure that takes up `ctx` would do, anywhere in what a mode imports: all of its steps would take a quarter longer.
#[test]
fn no_shipped_script_keeps_values_from_standing_in_place_of_readings() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let (engine, _) = sandbox::engine(&step().view.setup);
    for main in ["btc_basis", "eth_basis", "usdt_market_neutral_no_leverage", "usdt_market_neutral"]
    {
        let mut texts = BTreeMap::new();
        let mut wanted = vec![format!("strategies/{main}.rhai")];
        while let Some(name) = wanted.pop() {
            let text = std::fs::read_to_string(root.join(&name)).unwrap();
            let imports = text.lines().filter_map(|line| line.strip_prefix("import \""));
            wanted.extend(imports.map(|it| format!("{}.rhai", it.split('"').next().unwrap())));
            texts.insert(name, text);
        }
        let probe = |value: &str| format!("fn a_probe(ctx) {{ {value} }}");
        texts.insert("probe.rhai".to_owned(), probe("ctx.params.threshold"));
        let made = Specialised::new(&engine, &step().view.setup, "", &texts, false);
        assert_eq!(made.texts["probe.rhai"], probe("(0.02)"), "{main}");
    }
}

#[test]
fn maps_prices_names_that_are_computed_and_unknown_names_are_left_alone() {
    let script = r#"fn decide( ctx ) {
    let a = ctx.params.hedge_allocation;
    let b = ctx.params.hedge_allocation["binance"];
    let c = ctx.market("binance", "spot", "BTCUSDT").price;
    let venue = "binance";
    let d = ctx.market(venue, "spot", "BTCUSDT").lot;
    let e = ctx?.params.threshold;
    hold(ctx.params.nothing)
}"#;
    assert_eq!(made(script), (script.to_owned(), false));
}

#[test]
fn the_body_of_decide_stands_at_its_place_with_another_name_for_this() {
    let script = "\nfn decide(ctx)\n{ this.n = 1; help(this) }\nfn help(this_one) { hold(\"\") }\n";
    let expected =
        "\n\n{ strategy_memory.n = 1; help(strategy_memory) }\nfn help(this_one) { hold(\"\") }\n";
    let (text, has_body) = made(script);
    assert!(has_body);
    assert_eq!(text, expected);
}

#[test]
fn a_literal_hold_in_the_body_is_ready_made() {
    let script = r#"fn decide(ctx) {
    if ctx.now == 0 { return hold("a, (b)"); }
    let later = [1].map(|x| hold("in a closure"));
    if ctx.now == 1 { hold("with \"escape\"") } else { hold("") }
}
fn help() { hold("elsewhere") }
"#;
    let (text, has_body) = made(script);
    assert!(has_body);
    let number = |n: usize| format!("strategy_hold_{n}");
    let [first, second] =
        [text.contains("{ return strategy_hold_0; }"), text.contains("strategy_hold_1")];
    assert!(first && second && !text.contains(&number(2)), "{text}");
    for kept in ["hold(\"in a closure\")", "hold(\"with \\\"escape\\\"\")", "hold(\"elsewhere\")"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
}

#[test]
fn where_ctx_may_be_another_thing_nothing_is_put_in_place() {
    for other in [
        "fn help(x) { let ctx = x; ctx.params.threshold }",
        "fn help(x) { for ctx in x { } }",
        "fn help(x) { for (a, ctx) in x { } }",
        "fn help(ctx) { ctx = 1; }",
        "fn help(x) { try { } catch (ctx) { } }",
        "fn help(x) { second(x) } fn second(ctx) { ctx.params.threshold }",
        "fn help(x) { x.second(x) } fn second(ctx) { ctx.params.threshold }",
        "fn help(x) { let y = |ctx| second(ctx); } fn second(ctx) { 1 }",
        "fn help(x) { let y = |ctx| ctx.params.threshold; }",
        "fn help(x) { Fn(\"second\") } fn second(ctx) { 1 }",
    ] {
        let script = format!("fn decide( ctx ) {{ hold(\"\" + ctx.params.threshold) }}\n{other}");
        assert_eq!(made(&script), (script, false), "{other}");
    }
}

#[test]
fn a_helper_that_is_given_the_context_reads_values_too() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let helpers =
        |value: &str| names.map(|name| format!("fn {name}(n, ctx) {{ {value} }}\n")).concat();
    let (text, _) =
        made(&format!("fn decide(ctx) {{ a(1, ctx) }}\n{}", helpers("ctx.params.threshold")));
    assert_eq!(text, format!("{{ a(1, ctx) }}\n{}", helpers("(0.02)")));
}

#[test]
fn a_decide_that_is_called_stays_a_function() {
    let script = "fn decide(ctx) { hold(\"\") }\nfn exit(ctx) { decide(ctx) }";
    assert_eq!(made(script), (script.to_owned(), false));
}

#[test]
fn a_closure_with_a_this_keeps_its_own() {
    let with_this = "fn decide(ctx) { [1].map(|| this + 1); this.n = 1; hold(\"\") }";
    assert!(!made(with_this).1);
    let decision = decide(
        "fn decide(ctx) { this.n = [1, 2].map(|| this + 1); hold(`${this.n}`) }\nfn exit(ctx) { hold(\"\") }",
    );
    assert_eq!(&*decision.unwrap().reason, "[2, 3]");
}

#[test]
fn constants_imports_and_returns_work_in_the_body() {
    let decision = decide(
        r#"
const STEPS = 3;
fn decide(ctx) {
    for n in 0..global::STEPS { if n == 2 { return hold(`at ${n} of ${global::STEPS}`); } }
    hold("never")
}
const LATER = 1;
fn exit(ctx) { hold("") }"#,
    );
    assert_eq!(&*decision.unwrap().reason, "at 2 of 3");
}

#[test]
fn what_several_cases_of_a_switch_share_is_replaced_once() {
    let script = r#"fn decide( ctx ) {
    switch ctx.risk.level { "ok" | "warn" => ctx.params.threshold, _ => ctx.params.rounds }
}"#;
    let expected = r#"fn decide( ctx ) {
    switch ctx.risk.level { "ok" | "warn" => (0.02), _ => (3) }
}"#;
    assert_eq!(made(script).0, expected);
    let body = r#"switch ctx.risk.level { "ok" | "warn" => hold("a"), _ => hold("b") }"#;
    assert_eq!(&*super::decide_body(body).unwrap().reason, "a");
}

const LIMITED: &str = r#"fn decide( ctx ) {
    let a = ctx.max_ltv("aave_v3", "weETH") < ctx.params.max_ltv || ctx.max_ltv("aave_v3", ctx.params.lst) > 0.5;
    let b = [ctx.liquidation_threshold( "aave_v3", "weETH" ), ctx.liquidation_threshold("aave_v3", "WETH"), ctx.max_ltv("aave_v3")];
    let c = [ctx.max_ltv("aave_v3", "USDT"), ctx.max_ltv("etherfi", "weETH"), ctx.max_ltv("aave_v3", ctx.params.max_ltv)];
    hold(`${ctx.params.style}`)
}"#;

#[test]
fn a_limit_that_its_venue_never_changes_stands_as_its_value() {
    let expected = r#"fn decide( ctx ) {
    let a = (0.93) < (0.93) || (0.93) > 0.5;
    let b = [ctx.liquidation_threshold( "aave_v3", "weETH" ), (0.95), ctx.max_ltv("aave_v3")];
    let c = [ctx.max_ltv("aave_v3", "USDT"), ctx.max_ltv("etherfi", "weETH"), ctx.max_ltv("aave_v3", (0.93))];
    hold(`${"atomic"}`)
}"#;
    assert_eq!(made_for(&of_the_loop(), LIMITED).0, expected);
}

#[test]
fn a_limit_that_changes_on_a_date_is_asked_for_at_every_step() {
    let mut setup = of_the_loop();
    let venue = setup.universe.venue_named("aave_v3").unwrap();
    let mut rules = setup.universe.lending(venue).unwrap().clone();
    let table = &mut rules.e_mode.as_mut().unwrap().rules;
    let (as_of, max_ltv) =
        (table[0].as_of + Span::from_hours(9_000), Rate::new("0.9".parse().unwrap()));
    table.push(CollateralRules { as_of, max_ltv, ..table[0] });
    Arc::make_mut(&mut setup.universe).set_protocol(venue, Protocol::Lending(rules));
    let expected = r#"fn decide( ctx ) {
    let a = ctx.max_ltv("aave_v3", "weETH") < (0.93) || ctx.max_ltv("aave_v3", "weETH") > 0.5;
    let b = [ctx.liquidation_threshold( "aave_v3", "weETH" ), (0.95), ctx.max_ltv("aave_v3")];
    let c = [ctx.max_ltv("aave_v3", "USDT"), ctx.max_ltv("etherfi", "weETH"), ctx.max_ltv("aave_v3", (0.93))];
    hold(`${"atomic"}`)
}"#;
    assert_eq!(made_for(&setup, LIMITED).0, expected);
}
