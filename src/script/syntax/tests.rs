//! What is said of texts that do not parse.

use rhai::Engine;

use super::*;

/// What is said of a function's body that begins in line 2: the line, the message, the help.
fn said(body: &str) -> (u32, String, String) {
    let text = format!("fn decide(ctx) {{\n    {body}\n    hold(`${{ctx.equity}}`)\n}}\n");
    let mut engine = Engine::new_raw();
    engine.set_strict_variables(true);
    let error = engine.compile(&text).expect_err(body);
    let (fault, _) = parse_fault("a.rhai", &text, &error);
    (fault.line, fault.message, fault.help.unwrap_or_default())
}

#[test]
fn habits_of_other_languages_are_told_as_what_they_are() {
    let habits = [
        ("let f = x => x * 2;", "'=>' makes no function here", "|x| x * 2.0"),
        ("let f = function(x) { x };", "'function' is not a word", "fn name(x)"),
        ("let m = { a: 1 };", "a map begins with #", "#{ name: value }"),
        ("let m = Math.max(1.0, 2.0);", "there is no 'Math'", "max(a, b)"),
        ("if ctx.now == null { }", "there is no 'null'", "x == ()"),
        ("if ctx.now == undefined { }", "there is no 'undefined'", "x ?? 0.0"),
        ("let a = 'text';", "a text stands in double quotes", "\"text\""),
        ("let a = ctx.now > 1 ? 2 : 3;", "there is no '? :'", "let a = if"),
        ("let i = 0; i++;", "there is no '++'", "x += 1"),
        ("if ctx.now > 1 and ctx.now < 2 { }", "there is no 'and'", "&&"),
        ("if not ctx.wind_down { }", "there is no 'not'", "!x"),
        ("if ctx.equity > .5 { }", "a number begins with a digit", "0.5"),
        ("if ctx.equity > 5% { }", "a percent sign divides", "5 percent 0.05"),
        ("let x = 1e-4;", "no exponent", "0.0001"),
        ("let x = 10bps;", "without its unit", "0.001"),
        ("let x = 1,000;", "no ',' in it", "1_000"),
        ("let x: f64 = 1.0;", "without a type", "let x = 1.0;"),
        ("var x = 1.0;", "there is no 'var'", "let x"),
        ("let mut x = 1.0;", "there is no 'mut'", "may be changed"),
        ("let a, b = 1;", "a let declares one variable", "of its own"),
        ("for (let i = 0; i < 3; i++) { }", "does not count like that", "0..3"),
        ("for i of [1, 2] { }", "stands behind 'in'", "for item in list"),
        ("for i, v in [1, 2] { }", "in parentheses", "(item, index)"),
        ("if ctx.wind_down { } elif ctx.now > 1 { }", "there is no 'elif'", "else if"),
        ("let s = f\"{ctx.now}\";", "a text is not filled like that", "backticks"),
        ("let a = [1, 2]; let b = a[0:1];", "a part of a list", "extract"),
        ("let a = [v * 2 for v in [1, 2]];", "a list is not made like that", "map"),
        ("let a = ctx.now as int;", "not turned into another type", "to_int"),
        ("match ctx.now { 1 => 2 }", "there is no 'match'", "switch"),
        ("try { } except { }", "there is no 'except'", "catch"),
        ("# a comment", "a comment begins with //", "//"),
        ("let export = 1;", "'export' is a word of the language", "another name"),
        ("let a = ctx::equity;", "ctx is a value, not a module", "ctx.…"),
        ("if ctx.now = 1 { }", "a single '=' sets a value", "=="),
        ("let a = \"open;", "this text is not closed", "quote"),
    ];
    for (body, message, help) in habits {
        let told = said(body);
        assert_eq!(told.0, 2, "{body}: {told:?}");
        assert!(told.1.contains(message), "{body}: {told:?}");
        assert!(told.2.contains(help), "{body}: {told:?}");
    }
}

#[test]
fn what_is_missing_is_told_where_it_is_missing() {
    let missing = [
        ("let a = 1\n    let b = 2;", 2, "a ';' is missing here"),
        ("if ctx.wind_down {\n        return hold(\"a\");", 2, "this '{' is not closed"),
        ("for i in 0..3 {\n    if i > 1 {\n        i += 1;\n    }", 2, "this '{' is not closed"),
        ("if ctx.wind_down { } }", 2, "this '}' is one too many"),
        ("let a = (1 + 2;\n    let b = 2;", 2, "a ')' is missing"),
        ("let a = [1, 2;", 2, "a ']' is missing"),
        ("let a = #{ a: 1; b: 2 };", 2, "a ';' between the entries of a map"),
        ("let a = #{\n        a: 1\n        b: 2 };", 3, "a ',' is missing here"),
        ("if ctx.wind_down\n        return hold(\"a\");", 2, "a '{' is missing here"),
    ];
    for (body, line, message) in missing {
        let told = said(body);
        assert!(told.0 == line && told.1.contains(message), "{body}: {told:?}");
    }
}

#[test]
fn whatever_is_cut_out_of_a_script_a_place_in_it_is_told() {
    let engine = Engine::new_raw();
    let text = include_str!("../../../strategies/eth_leveraged.rhai");
    let lines = text.lines().count() as u32;
    for word in words::of(text) {
        let cut = format!("{}{}", &text[..word.at.start], &text[word.at.end..]);
        let Err(error) = engine.compile(&cut) else { continue };
        let (fault, _) = parse_fault("a.rhai", &cut, &error);
        assert!(fault.line <= lines + 1 && !fault.message.is_empty(), "{fault}");
    }
}
