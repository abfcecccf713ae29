//! Scripts that mean harm: each is stopped with words and a place, and the strategy goes on working.

use super::{bundle, decide_body, listed, step, strategy};
use crate::engine::{Memory, Strategy, StrategyError};
use crate::script::sandbox;
use crate::types::Code;

/// Decides by a body that goes wrong, then shows that the same strategy still exits.
fn stopped(body: &str) -> StrategyError {
    let text = format!("{body}\nfn exit(ctx) {{ hold(\"alive\") }}\n");
    let mut strategy = strategy(&text);
    let mut memory = Memory::default();
    let error = strategy.decide(&step().share(), &mut memory).expect_err(body);
    let decision = strategy.exit(&step().share(), &mut memory).unwrap();
    assert_eq!(&*decision.reason, "alive", "{body}");
    error
}

#[test]
fn limits_stop_a_script_and_say_where() {
    for (body, part, place) in [
        ("fn decide(ctx) {\n  loop { }\n}", "100000 operations", "test.rhai:2:"),
        (
            "fn decide(ctx) {\n  loop { try { loop {} } catch { } }\n}",
            "100000 operations",
            "test.rhai:2:",
        ),
        (
            "fn decide(ctx) {\n  let x = 0;\n  while true { x += 1; }\n}",
            "100000 operations",
            "test.rhai:3:",
        ),
        ("fn r(n) {\n  r(n + 1)\n}\nfn decide(ctx) { r(0) }", "32 deep", "test.rhai:2:"),
        (
            "fn a(n) { b(n) }\nfn b(n) { try { a(n) } catch { a(n) } }\nfn decide(ctx) { a(0) }",
            "32 deep",
            "test.rhai:",
        ),
        ("fn decide(ctx) {\n  let s = \"x\";\n  loop { s += s; }\n}", "too large", "test.rhai:3:"),
        ("fn decide(ctx) {\n  let a = [];\n  loop { a.push(1); }\n}", "too large", "test.rhai:3:"),
        (
            "fn decide(ctx) {\n  let a = [1];\n  loop { a = [a, a]; }\n}",
            "too large",
            "test.rhai:3:",
        ),
        (
            "fn decide(ctx) {\n  let m = #{};\n  let i = 0;\n  loop { i += 1; m[\"\" + i] = i; }\n}",
            "100000 operations",
            "test.rhai:4:",
        ),
        (
            "fn decide(ctx) {\n  let s = \"\";\n  s.pad(1000000, \"x\");\n}",
            "too large",
            "test.rhai:3:",
        ),
    ] {
        let error = stopped(body);
        assert_eq!(error.code, Code::Strat005, "{body}: {}", error.message);
        assert!(error.message.contains(part), "{body}: {}", error.message);
        assert!(error.message.contains(place), "{body}: {}", error.message);
    }
}

#[test]
fn memory_has_a_budget_where_the_size_limits_have_none() {
    // Each string is within its limit, each closure keeps one: only the sum is too much.
    let body = "fn pack(held) {\n\n  || held\n\n}
fn decide(ctx) {
  let s = \"\"; s.pad(4000, \"x\");
  let all = []; let held = [];
  for i in 0..9000 { let t = s + i; let f = || t; held.push(f); if held.len() == 900 { all.push(pack(held)); held = []; } }
  hold(\"\")
}";
    let error = stopped(body);
    assert_eq!(error.code, Code::Strat005, "{}", error.message);
    assert!(error.message.contains("16 MB"), "{}", error.message);
    assert!(error.message.contains("test.rhai:9:"), "{}", error.message);
}

#[test]
fn operations_that_a_native_function_calls_back_count_too() {
    let body = "fn big() { let a = []; a.pad(999, 1); a }
fn decide(ctx) {
  big().map(|x| big().map(|y| big().map(|z| 1).len).len);
  hold(\"\")
}";
    let error = stopped(body);
    assert_eq!(error.code, Code::Strat005, "{}", error.message);
    assert!(error.message.contains("100000 operations"), "{}", error.message);
}

#[test]
fn nothing_lives_from_step_to_step_beside_this() {
    for (top, part) in [
        ("let n = [0];", "only imports, constants and functions"),
        ("const F = || 1;", "the constant F holds a closure"),
        ("const N = [0]; const F = [|| { N[0] += 1; N[0] }];", "the constant F holds a closure"),
        ("if true { }", "only imports, constants and functions"),
    ] {
        let text = format!("{top} fn decide(ctx) {{ hold(\"\") }} fn exit(ctx) {{ hold(\"\") }}");
        let told = listed(&bundle(&text).expect_err(top));
        assert!(told.contains(part), "{top}: {told}");
    }
    let fine = "const A = 1; const B = [1.5, #{ c: \"x\" }]; fn decide(ctx) { hold(\"\" + global::A) } \
                fn exit(ctx) { hold(\"\") }";
    bundle(fine).unwrap_or_else(|faults| panic!("{}", listed(&faults)));
}

#[test]
fn a_function_of_the_script_cannot_take_the_place_of_a_method_of_the_host() {
    for (name, params) in [
        ("balance", "a"),
        ("balance", "ctx, key"),
        ("in_band", "key, weight, band"),
        ("received", "a"),
        ("margin_ratio", "a"),
        ("hold", "a"),
    ] {
        let text = format!(
            "fn {name}({params}) {{ 1 }} fn decide(ctx) {{ hold(\"\") }} fn exit(ctx) {{ hold(\"\") }}"
        );
        let told = listed(&bundle(&text).expect_err(name));
        assert!(told.contains("has the name of a function of the host"), "{name}: {told}");
    }
}

#[test]
fn numbers_that_nothing_is_worth_are_refused_where_they_are_given() {
    for call in [
        "ctx.deviation(\"binance:BaseToken:BTC\", -79228162514264337593543950335.0)",
        "ctx.in_band(\"binance:BaseToken:BTC\", 0, 79228162514264337593543950335.0)",
        "orders::perp_to(\"binance\", \"BTCUSDT\", 79228162514264337593543950335.0)",
        "orders::all(\"binance:BaseToken:BTC\") - 79228162514264337593543950335.0",
    ] {
        let error = decide_body(&format!("{call}; hold(\"\")")).expect_err(call);
        assert!(error.message.contains("beyond 1e18"), "{call}: {}", error.message);
    }
}

#[test]
fn what_a_strategy_must_not_have_is_refused_in_words() {
    for (body, part) in [
        ("sleep(10)", "a strategy cannot wait"),
        ("sleep(0.5)", "a strategy cannot wait"),
        ("timestamp()", "the step's time is ctx.now"),
        ("exit()", "end a decision by returning it"),
        ("tan(PI() / 2.0)", "tan is not offered"),
        ("let t = 1.5; t.tan()", "tan is not offered"),
    ] {
        let error = decide_body(body).expect_err(body);
        assert!(error.message.contains(part), "{body}: {}", error.message);
    }
    for name in ["blob", "rand"] {
        let text = format!("fn decide(ctx) {{ {name}(10) }} fn exit(ctx) {{ hold(\"\") }}");
        let told = listed(&bundle(&text).unwrap_err());
        assert!(told.contains(format!("there is no function '{name}'").as_str()), "{told}");
    }
    let faults = bundle("fn decide(ctx) { eval(\"1\") } fn exit(ctx) { hold(\"\") }").unwrap_err();
    assert!(listed(&faults).contains("eval"), "{}", listed(&faults));
}

#[test]
fn a_scripts_own_exit_may_be_called_by_it() {
    let mut own = strategy("fn decide(ctx) { exit(ctx) } fn exit(ctx) { hold(\"left\") }");
    let decision = own.decide(&step().share(), &mut Memory::default()).unwrap();
    assert_eq!(&*decision.reason, "left");
}

#[test]
fn a_panic_in_a_host_function_is_an_error_and_the_engine_goes_on() {
    let (mut engine, _) = sandbox::engine(&step().view.setup);
    engine.register_fn("boom", || -> i64 { panic!("inside") });
    let error = sandbox::guarded(|| engine.eval::<i64>("boom()")).unwrap_err();
    assert!(error.to_string().contains("a host function failed: inside"), "{error}");
    assert_eq!(sandbox::guarded(|| engine.eval::<i64>("40 + 2")).unwrap(), 42);
}

#[test]
fn ctx_cannot_be_written() {
    for body in ["ctx.equity = 5.0;", "ctx.params.threshold = 1.0;", "ctx[\"equity\"] = 1.0;"] {
        let error = decide_body(&format!("{body} hold(\"\")")).expect_err(body);
        assert_eq!(error.code, Code::Strat001, "{body}: {}", error.message);
    }
}

#[test]
fn deep_nesting_is_refused_at_load() {
    let open = "(".repeat(500);
    let close = ")".repeat(500);
    let text = format!("fn decide(ctx) {{ {open}1{close} }} fn exit(ctx) {{ hold(\"\") }}");
    let faults = bundle(&text).unwrap_err();
    assert_eq!(faults[0].code, Code::Strat004);
}

#[test]
fn a_script_that_is_too_long_is_not_even_parsed() {
    let text = format!("fn decide(ctx) {{ }} fn exit(ctx) {{ }} {}", " ".repeat(70_000));
    assert!(bundle(&text).unwrap_err()[0].message.contains("more than 65536"));
}

#[test]
fn an_error_that_is_caught_keeps_its_code_and_message() {
    let body = "try { let v = \"x\"; ctx.spot(v, \"BTCUSDT\") } catch (e) { return hold(`${e.code}: ${e.message}`) }";
    assert_eq!(&*decide_body(body).unwrap().reason, "STRAT-001: unknown venue 'x'");
}
