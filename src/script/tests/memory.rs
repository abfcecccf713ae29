//! `this` between steps: exact, canonical, only data, and unchanged by a call that fails.

use super::{step, strategy};
use crate::engine::{Memory, Strategy};
use crate::types::Code;

fn script(body: &str) -> String {
    format!("fn decide(ctx) {{ {body}; hold(\"\" + this) }} fn exit(ctx) {{ hold(\"\") }}")
}

fn after(body: &str, before: &str) -> Memory {
    let mut memory = Memory(before.to_owned());
    let mut strategy = strategy(&script(body));
    strategy
        .decide(&step().share(), &mut memory)
        .unwrap_or_else(|error| panic!("{}", error.message));
    memory
}

#[test]
fn what_is_kept_is_canonical_json() {
    for (body, text) in [
        ("", "{}"),
        ("this.b = 2; this.a = 1", "{\"a\":1,\"b\":2}"),
        ("this.x = 1.50", "{\"x\":1.50}"),
        ("this.x = 2.0", "{\"x\":2.0}"),
        ("this.x = floor_to(2.7, 1)", "{\"x\":2.0}"),
        ("this.x = -0.000000000000000001", "{\"x\":-0.000000000000000001}"),
        ("this.x = 12345678901234567.123456789", "{\"x\":12345678901234567.123456789}"),
        (
            "this.x = [1, 1.5, \"a\", true, (), #{ y: [] }]",
            "{\"x\":[1,1.5,\"a\",true,null,{\"y\":[]}]}",
        ),
        (
            "this.x = \"quote \\\" slash \\\\ line\\n ü ' ${x}\"",
            "{\"x\":\"quote \\\" slash \\\\ line\\n ü ' ${x}\"}",
        ),
        ("this[\"odd key \\\"\"] = 1", "{\"odd key \\\"\":1}"),
    ] {
        assert_eq!(after(body, "{}").0, text, "{body}");
    }
}

#[test]
fn every_memory_is_read_back_as_it_was_written() {
    for text in [
        "{\"a\":1,\"b\":2.0,\"c\":-3,\"d\":-0.5}",
        "{\"x\":12345678901234567.123456789}",
        "{\"x\":[1,1.5,\"a\",true,null,{\"y\":[]}],\"y\":{\"z\":{}}}",
        "{\"x\":\"quote \\\" slash \\\\ line\\n ü ' ${x} \\u0007\"}",
        "{\"x\":9223372036854775807}",
        "{\"odd key \\\"\":1}",
    ] {
        // Touching a field forces the text to be written anew from the parsed map.
        assert_eq!(
            after("this.zz = 1; this.remove(\"zz\"); this.z = 0", text).0,
            with_z(text),
            "{text}"
        );
    }
}

fn with_z(text: &str) -> String {
    format!("{},\"z\":0}}", &text[..text.len() - 1])
}

#[test]
fn a_memory_goes_on_from_step_to_step_and_from_strategy_to_strategy() {
    let text = script("this.n = if this.n == () { 1 } else { this.n + 1 }");
    let mut memory = Memory::default();
    let mut first = strategy(&text);
    for n in 1..=3 {
        first.decide(&step().share(), &mut memory).unwrap();
        assert_eq!(memory.0, format!("{{\"n\":{n}}}"));
    }
    let mut second = strategy(&text);
    second.decide(&step().share(), &mut memory).unwrap();
    assert_eq!(memory.0, "{\"n\":4}");
    // The first strategy still has 3 in mind; what counts is what it is handed.
    first.decide(&step().share(), &mut memory).unwrap();
    assert_eq!(memory.0, "{\"n\":5}");
}

#[test]
fn what_is_no_data_is_refused_by_its_path_and_nothing_is_kept() {
    for (body, part) in [
        ("this.x = ctx", "this.x is ctx, which cannot be remembered"),
        ("this.x = #{ y: [1, ctx.risk] }", "this.x.y[1] is something else"),
        ("this.x = orders::wrap(1)", "this.x is an order"),
        ("this.x = || 1", "this.x is a function"),
        ("this.x = 'c'", "this.x is a character"),
        ("this = 5", "this is a whole number"),
        ("let m = #{}; for i in 0..20 { m = #{ m: m }; } this.x = m", "nested more than 16 deep"),
        ("this.a = 1; throw \"no\"", "the script threw: no"),
        ("this.a = 1; loop {}", "operations"),
    ] {
        let mut memory = Memory("{\"kept\":1.50}".to_owned());
        let mut strategy = strategy(&script(body));
        let error = strategy.decide(&step().share(), &mut memory).expect_err(body);
        assert!(error.message.contains(part), "{body}: {}", error.message);
        assert_eq!(memory.0, "{\"kept\":1.50}", "{body}");
    }
}

#[test]
fn a_failed_call_leaves_no_trace_in_the_next() {
    let text = "fn decide(ctx) { this.a = 1; if ctx.equity > 0 { throw \"no\" } hold(\"\") }
                fn exit(ctx) { hold(\"\" + this.len()) }";
    let mut strategy = strategy(text);
    let mut memory = Memory::default();
    strategy.decide(&step().share(), &mut memory).unwrap_err();
    let decision = strategy.exit(&step().share(), &mut memory).unwrap();
    assert_eq!(&*decision.reason, "0");
}

#[test]
fn an_answer_that_is_no_decision_keeps_nothing() {
    let mut strategy =
        strategy("fn decide(ctx) { this.a = 1; 5 } fn exit(ctx) { hold(\"\" + this.len()) }");
    let mut memory = Memory::default();
    strategy.decide(&step().share(), &mut memory).unwrap_err();
    assert_eq!(memory, Memory::default());
    assert_eq!(&*strategy.exit(&step().share(), &mut memory).unwrap().reason, "0");
}

#[test]
fn a_memory_that_cannot_be_read_is_an_error_of_its_own() {
    let mut memory = Memory("{\"a\":".to_owned());
    let error = strategy(&script("")).decide(&step().share(), &mut memory).unwrap_err();
    assert_eq!(error.code, Code::Strat006);
}

#[test]
fn a_value_shared_with_a_closure_is_kept_as_plain_data() {
    assert_eq!(after("let x = 1; let f = || x; this.x = x", "{}").0, "{\"x\":1}");
}

#[test]
fn on_start_may_set_up_the_memory() {
    let text = "fn on_start(ctx) { this.since = ctx.now } fn decide(ctx) { hold(\"\" + this.since) } fn exit(ctx) { hold(\"\") }";
    let mut strategy = strategy(text);
    let mut memory = Memory::default();
    strategy.on_start(&step().share(), &mut memory).unwrap();
    assert_eq!(memory.0, "{\"since\":1717200000000}");
    assert_eq!(&*strategy.decide(&step().share(), &mut memory).unwrap().reason, "1717200000000");
}
