//! What a person reads when a script is wrong: whole messages, as they are printed.

use super::{bundle, decide, listed};

#[test]
fn a_load_fault_shows_the_line_and_the_nearest_name() {
    let text = "fn decide(ctx) {
    let held = ctx.balance(\"binanse:BaseToken:BTC\");
    hold(\"\" + held)
}
fn exit(ctx) { hold(\"\") }
";
    let expected = "\
unknown venue 'binanse'
 --> test.rhai:2:28
  |
2 |     let held = ctx.balance(\"binanse:BaseToken:BTC\");
  |                            ^
help: did you mean 'binance'?";
    assert_eq!(listed(&bundle(text).unwrap_err()), expected);
}

#[test]
fn all_faults_of_a_script_are_told_at_once() {
    let text = "fn decide(ctx) {
    let x = ctx.params.treshold * 7/2;
    let y = 1/3 + ctx.equty;
    orders::spot_by(\"binance\", \"BTCUSDT\", x)
}
fn hold(x) { x }
";
    let expected = "\
the script does not say how it leaves its positions: fn exit(ctx) is missing
 --> test.rhai
help: define fn exit(ctx) { … }

unknown parameter 'treshold'
 --> test.rhai:2:24
  |
2 |     let x = ctx.params.treshold * 7/2;
  |                        ^
help: did you mean 'threshold'?

1 / 3 of whole numbers drops the remainder
 --> test.rhai:3:14
  |
3 |     let y = 1/3 + ctx.equty;
  |              ^
help: write 1.0 / 3 for the exact quotient

ctx has no 'equty'
 --> test.rhai:3:23
  |
3 |     let y = 1/3 + ctx.equty;
  |                       ^
help: did you mean ctx.equity?

there is no function orders::spot_by
 --> test.rhai:4:13
  |
4 |     orders::spot_by(\"binance\", \"BTCUSDT\", x)
  |             ^
help: did you mean orders::spot_buy?

fn hold has the name of a function of the host
 --> test.rhai:6:1
  |
6 | fn hold(x) { x }
  | ^
help: choose another name";
    assert_eq!(listed(&bundle(text).unwrap_err()), expected);
}

#[test]
fn a_run_time_error_shows_the_way_it_came() {
    let text = "fn decide(ctx) {
    helper(ctx, \"okx\")
}

fn helper(ctx, venue) {
    ctx.spot(venue, \"BTCUSDT\")
}
fn exit(ctx) { hold(\"\") }
";
    let error = decide(text).unwrap_err();
    let expected = "\
unknown venue 'okx'
 --> test.rhai:6:9
  |
6 |     ctx.spot(venue, \"BTCUSDT\")
  |         ^
help: known are: wallet, binance, bybit; a mode names its venues under venues
  in helper, called at test.rhai:2";
    assert_eq!(error.message, expected);
    assert_eq!((&*error.origin.file, error.origin.line), ("test.rhai", 6));
    assert_eq!(error.to_string(), format!("STRAT-001: {expected}"));
}

#[test]
fn a_syntax_error_has_its_place() {
    let text = "fn decide(ctx) {\n    let x = 1e-4;\n}\nfn exit(ctx) { hold(\"\") }\n";
    let told = listed(&bundle(text).unwrap_err());
    assert!(told.contains("--> test.rhai:2:"), "{told}");
    assert!(told.contains("numbers are written out: 0.0001, not 1e-4"), "{told}");
    let told = listed(&bundle("fn decide(ctx) { y }\nfn exit(ctx) { hold(\"\") }").unwrap_err());
    assert!(told.contains("y") && told.contains("declare it with let"), "{told}");
}

#[test]
fn a_wrong_call_shows_how_it_is_called() {
    for (body, parts) in [
        ("ctx.balance()", ["ctx.balance is called with no arguments", "ctx.balance(key)"]),
        ("ctx.balance", ["ctx.balance is called, not read", "write ctx.balance(key)"]),
        ("ctx.equity()", ["ctx.equity is read, not called", "write ctx.equity"]),
        ("orders::wrap()", ["orders::wrap is called with no arguments", "orders::wrap(amount)"]),
        (
            "orders::spot_buy(\"binance\")",
            ["with 1 argument", "orders::spot_buy(venue, symbol, quantity [, options])"],
        ),
        ("ctx.spot(\"binance\", \"SOLUSDC\")", ["unknown symbol 'SOLUSDC'", "known are: BTCUSDT"]),
        (
            "ctx.tradable(\"binance\", \"spto\", \"BTCUSDT\")",
            ["unknown kind of market 'spto'", "did you mean 'spot'?"],
        ),
        (
            "ctx.age(\"spot/binance_BTCUSD\")",
            ["unknown subscription", "did you mean 'spot/binance_BTCUSDT'?"],
        ),
        (
            "ctx.risk.margin_ratio(\"binanc\")",
            ["unknown venue 'binanc'", "did you mean 'binance'?"],
        ),
        (
            "ctx.params.reserve.ration",
            ["unknown field of parameter reserve, 'ration'", "did you mean 'ratio'?"],
        ),
        ("ctx.params[\"treshold\"]", ["unknown parameter 'treshold'", "did you mean 'threshold'?"]),
    ] {
        let text = format!("fn decide(ctx) {{ {body} }} fn exit(ctx) {{ hold(\"\") }}");
        let told = listed(&bundle(&text).expect_err(body));
        for part in parts {
            assert!(told.contains(part), "{body}: {told}");
        }
    }
}

#[test]
fn a_wrong_type_is_told_with_the_signature() {
    let error = decide("fn decide(ctx) { let k = 5; ctx.balance(k) } fn exit(ctx) { hold(\"\") }")
        .unwrap_err();
    assert!(
        error.message.contains("balance cannot be called with (Ctx, whole number)"),
        "{}",
        error.message
    );
    assert!(error.message.contains("it is called as ctx.balance(key)"), "{}", error.message);
}

#[test]
fn a_function_that_nobody_has_is_told_at_load() {
    let told = |body: &str| {
        let script = format!("fn decide(ctx) {{ {body} }} fn exit(ctx) {{ hold(\"\") }}");
        listed(&bundle(&script).unwrap_err())
    };
    assert!(told("entry_ful(\"\", [])").contains("did you mean entry_full(reason, plan)?"));
    // Also where no step of a test would come by.
    let branch = told("if ctx.equity < 0 { leav(ctx); } hold(\"\")");
    assert!(branch.contains("there is no function 'leav'"), "{branch}");
    // What Rhai and the file itself offer is known.
    let known = "fn decide(ctx) { let f = |x| twice(x); let t = type_of(f.call(2)); \
                 hold(to_string(parse_int(\"3\")) + t) } fn twice(x) { x * 2 } fn exit(ctx) { hold(\"\") }";
    bundle(known).unwrap_or_else(|faults| panic!("{}", listed(&faults)));
}

#[test]
fn both_doors_must_take_ctx() {
    let told =
        listed(&bundle("fn decide() { hold(\"\") }\nfn exit(a, b) { hold(\"\") }").unwrap_err());
    assert!(told.contains("fn decide must take one argument, ctx\n --> test.rhai:1:1"), "{told}");
    assert!(told.contains("fn exit must take one argument, ctx\n --> test.rhai:2:1"), "{told}");
}
