//! What is said of texts that do not parse.

use rhai::Engine;

use super::*;
use crate::script::api::entries;

/// What is said of a function's body that begins in line 2: the line, the message, the help.
fn said(body: &str) -> (u32, String, String) {
    said_of("", body)
}

/// The same with something before the function.
fn said_of(before: &str, body: &str) -> (u32, String, String) {
    let text = format!("{before}fn decide(ctx) {{\n    {body}\n    hold(`${{ctx.equity}}`)\n}}\n");
    let mut engine = Engine::new_raw();
    engine.set_strict_variables(true);
    engine.register_static_module("orders", rhai::Module::new().into());
    let error = engine.compile(&text).expect_err(body);
    let (fault, _) = parse_fault(("a.rhai", &text), &error, entries());
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
        ("let x = 0,5;", "a number has a point", "write 0.5"),
        ("return 0,0;", "a number has a point", "write 0.0"),
        ("hold(“idle”)", "'“' is no sign", "straight quotes"),
        ("let x = 1 – 2;", "'–' is no sign", "plain minus"),
        ("let x =\u{a0}1;", "an invisible sign stands here, U+00A0", "plain space"),
        ("if ctx.equity ≥ 1 { }", "'≥' is no sign", "write >="),
        ("\"\"\"idle money is lent\"\"\"", "one quote at each end", "begins with //"),
        ("if ctx.equity > 1 { return hold(\"x\")); }", "this ')' is one too many", ""),
        ("let x = min(1.0, 2.0));", "this ')' is one too many", ""),
        ("let x = max(ctx.now = 1, 2);", "a single '=' sets a value", "=="),
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
        ("delete this.a.b;", "there is no 'delete'", "write this.a.remove(\"b\")"),
        ("del this[\"b\"];", "there is no 'del'", "write this.remove(\"b\")"),
        ("throw new Error(\"why\");", "there is no 'new'", "throw \"why\""),
        ("let f = [1, 2].map(fn(x) { x });", "has no 'fn'", "|x| x * 2.0"),
        ("switch ctx.now { 1 => 2, else => 3 }", "no 'else' in a switch", "_ => …"),
        ("switch ctx.now { 1: 2, _: 3 }", "a '=>' is missing", "_ => …"),
        ("switch ctx.now { > 1 => 2, _ => 3 }", "a case of a switch is a value", "if x > 1.0"),
        ("if ctx.equity => 1 { }", "there is no '=>' between values", ">="),
        ("if ctx.equity =< 1 { }", "there is no '=<'", "<="),
        ("if ctx.equity >== 1 { }", "there is no '>=='", ">="),
        ("if ctx.equity is not 1 { }", "there is no 'is not'", "!="),
        ("unless ctx.wind_down { }", "there is no 'unless'", "if !("),
        ("let x := 1.0;", "there is no ':='", "let x = 1.0;"),
        ("let x == 1.0;", "'==' compares", "let x = 1.0;"),
        ("let x 1.0;", "a '=' is missing", "let x = 1.0;"),
        ("let my-var = 1.0;", "a name has no '-'", "my_name"),
        ("let größe = 1.0;", "'ö' stands in no name", "a to z"),
        ("let 5x = 1.0;", "'5x' is no number, and no name", "begins with a letter"),
        ("let x = 0.5f;", "'0.5f' is no number", "write 0.5"),
        ("this.x ??= 1.0;", "there is no '??='", "x ?? 1.0"),
        ("let x = 5 // 2;", "here a comment begins", "divide"),
        ("let x = ctx.now mod 2;", "there is no 'mod'", "x % y"),
        ("let x = 5 if ctx.wind_down else 6;", "before the value", "let a = if"),
        ("let x = typeof ctx.now;", "there is no 'typeof'", "type_of(x)"),
        ("print ctx.now;", "'print' is not a word", "log("),
        ("with ctx { }", "there is no 'with'", "is in ctx"),
        ("try: hold(\"x\")", "a block stands in braces", "catch (error)"),
        ("try { } catch e { }", "stands in parentheses", "catch (error)"),
        ("try { } finally { }", "there is no 'finally'", "both cases"),
        ("for (x in [1, 2]) { }", "a loop has no parentheses", "for item in list"),
        ("for (key, value) in #{ a: 1 } { }", "not over a map", "map.keys()"),
        ("let l = (1, 2);", "a list stands in square brackets", "[1, 2]"),
        ("let l = [1; 2];", "a list is not made like that", "[0, 0, 0]"),
        ("let l = [1 2];", "a ',' is missing before '2'", ""),
        ("let m = #{ a = 1 };", "a ':' is missing", "#{ name: value }"),
        ("let x = this.a = 5;", "a single '=' sets a value", "one after the other"),
        ("let x = math::max(1, 2);", "there is no module 'math'", "max(a, b)"),
        ("break;", "break and continue stand in a loop", "return"),
        ("enum A { B }", "there are no enums", "texts"),
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
fn a_variable_that_is_not_there_is_told_by_what_it_is_instead() {
    let undefined = [
        ("assert ctx.now == 1;", "there is no 'assert'", "asserting is for tests"),
        ("hold \"idle\";", "'hold' is a function", "write hold(\"idle\")"),
        ("log.info(\"idle\");", "'log' is a function", "write log(…)"),
        ("let x = max 1, 2;", "'max' is a function", "write max(1, 2)"),
        ("let o = orders.spot_buy(1);", "orders is a module", "write orders::spot_buy(…)"),
        ("let o = sizes.of(1);", "sizes is a module", "write sizes::of(…)"),
        ("let o = [orders:unstake(1)];", "by '::'", "write orders::unstake(…)"),
        ("world.step();", "there is no 'world' in a strategy", "NAME.test.rhai"),
        ("state.since = 1;", "there is no 'state'", "this.name"),
        ("let o = sizes;", "sizes is a module", "sizes::name(…)"),
        ("let o = orders::supply(venue = 1);", "arguments have no names", "(venue, token, amount)"),
        ("let o = hold(reason: 1);", "arguments have no names", "hold(reason)"),
        ("let reason = 1; hold(reason = 1);", "arguments have no names", "hold(reason)"),
        ("let o = twice(y = 1);", "arguments have no names", "twice(x)"),
        ("let o = sizes::of(y = 1);", "arguments have no names", "of its parameters"),
        ("let l = [a: 1];", "a list has no names", "#{ name: value }"),
        ("int x = 5;", "a variable is declared with let", "write let x = 5;"),
        ("a, b = 1;", "a let declares one variable", "of its own"),
        ("x = 5;", "there is no variable 'x'", "write let x = 5;"),
        ("if BAND > 1 { }", "BAND is a constant of the file", "global::BAND"),
        ("if equity > 1 { }", "equity is a member of ctx", "ctx.equity"),
        ("let x = Date.now();", "there is no 'Date'", "ctx.now"),
    ];
    let around = "import \"stdlib/sizes\" as sizes; const BAND = 5; fn twice(x) { 2 * x } ";
    for (body, message, help) in undefined {
        let told = said_of(around, body);
        assert!(told.1.contains(message) && told.2.contains(help), "{body}: {told:?}");
    }
    let told = said_of("BAND = 5; ", "");
    assert!(told.2.ends_with("const BAND = 5; and in functions global::BAND"), "{told:?}");
}

#[test]
fn a_later_declaration_is_where_it_was_meant() {
    let text = "fn decide(ctx) {\n    if x > 1 { }\n    let x = 5;\n}\n";
    let (told, at) = elsewhere(text, "x", Position::new(2, 8)).unwrap();
    assert!(told.ends_with("declared here, after it is used") && at.line() == Some(3), "{told}");
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
    let (engine, entries) = (Engine::new_raw(), entries());
    let text = include_str!("../../../strategies/eth_leveraged.rhai");
    let lines = text.lines().count() as u32;
    for word in words::of(text) {
        let cut = format!("{}{}", &text[..word.at.start], &text[word.at.end..]);
        let Err(error) = engine.compile(&cut) else { continue };
        let (fault, _) = parse_fault(("a.rhai", &cut), &error, entries);
        assert!(fault.line <= lines + 1 && !fault.message.is_empty(), "{fault}");
    }
}
