//! `basis check` says what is wrong with scripts, at its place, and nothing of those that are shipped.

use serde_json::Value;

use crate::desk::Desk;

#[test]
fn the_shipped_scripts_are_clean_and_a_spoilt_one_is_told_at_its_line() {
    let desk = Desk::new();
    let clean = desk.basis(&["check"]);
    assert_eq!((clean.status, clean.stderr.as_str()), (Some(0), ""), "{}", clean.stdout);
    assert!(clean.stdout.ends_with(" files: nothing found\n"), "{}", clean.stdout);

    // A misspelt field in a module that two functions of the script hand a map to.
    desk.replace("stdlib/deleverage.rhai", "let over = state.debt", "let over = state.dept");
    let told = desk.basis(&["check", "strategies/eth_leveraged.rhai"]);
    assert_eq!((told.status, told.stderr.as_str()), (Some(1), ""));
    let expected =
        "error[unknown-member]: the map has no field 'dept'\n --> stdlib/deleverage.rhai:";
    assert!(told.stdout.starts_with(expected), "{}", told.stdout);
    assert!(told.stdout.contains("\nhelp: did you mean debt?\n"), "{}", told.stdout);
    assert!(told.stdout.ends_with("1 file: 1 error, 0 warnings\n"), "{}", told.stdout);
    let module = desk.basis(&["check", "stdlib/deleverage.rhai"]);
    assert!(module.stdout.starts_with(expected), "{}", module.stdout);
    let other = desk.basis(&["check", "stdlib/risk.rhai"]);
    assert_eq!(other.status, Some(0), "{}", other.stdout);

    let json = desk.basis(&["check", "strategies/eth_leveraged.rhai", "--format", "json"]);
    let found: Value = serde_json::from_str(&json.stdout).expect("JSON and nothing else");
    let found = found.as_array().expect("a list");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["lint"], "unknown-member");
    assert_eq!(found[0]["file"], "stdlib/deleverage.rhai");
    assert!(found[0]["line"].as_u64().expect("a number") > 1);

    // Its author means it.
    desk.replace(
        "stdlib/deleverage.rhai",
        "    let over",
        "    // allow(unknown-member)\n    let over",
    );
    let allowed = desk.basis(&["check", "strategies/eth_leveraged.rhai"]);
    assert_eq!(allowed.status, Some(0), "{}", allowed.stdout);
}

#[test]
fn a_wrong_coin_in_a_call_is_told_at_the_call_and_not_all_over_the_module() {
    let desk = Desk::new();
    let mode = "strategies/btc_basis.rhai";
    for (call, spoilt) in [
        ("spot_perp::reduce(ctx, \"BTC\")", "spot_perp::reduce(ctx, \"BTX\")"),
        ("spot_perp::leave(ctx, \"BTC\")", "spot_perp::leave(ctx, \"BTX\")"),
        ("ctx, \"BTC\", this.turns)", "ctx, \"BTX\", this.turns)"),
    ] {
        desk.replace(mode, call, spoilt);
        let line = desk.read(mode).lines().position(|line| line.contains(spoilt)).expect("it") + 1;
        let json = desk.basis(&["check", mode, "--format", "json"]);
        let found: Value = serde_json::from_str(&json.stdout).expect("JSON");
        let found = found.as_array().expect("a list").iter();
        let found: Vec<_> = found.filter(|it| it["severity"] == "error").collect();
        assert_eq!(found.len(), 1, "{}", json.stdout);
        assert_eq!(
            (found[0]["file"].as_str(), found[0]["line"].as_u64()),
            (Some(mode), Some(line as u64))
        );
        let told = desk.basis(&["check", mode]).stdout;
        assert!(told.contains("BTX") && told.contains("help: did you mean"), "{told}");
        assert!(told.contains("\nnote: ") && told.contains(" --> stdlib/"), "{told}");
        desk.replace(mode, spoilt, call);
    }
    // What a module spells wrongly by itself stays where it is.
    desk.replace(
        "stdlib/spot_perp.rhai",
        "let symbol = coin + \"USDT\"",
        "let symbol = coin + \"USTD\"",
    );
    let told = desk.basis(&["check", mode]).stdout;
    assert!(
        told.starts_with("error[unknown-name]: unknown symbol 'BTCUSTD'\n --> stdlib/"),
        "{told}"
    );
}

#[test]
fn a_limit_is_known_by_the_key_that_sets_it() {
    let desk = Desk::new();
    desk.replace("mine.rhai", "fn decide(ctx) {", "fn decide(ctx) {\n    if ctx.risk.level_of(\"emergency_drawdown\") == \"exit\" { return hold(\"stop\"); }");
    let told = desk.basis(&["check", "mine.rhai"]).stdout;
    assert!(told.contains("did you mean \"max_drawdown\"?"), "{told}");
}

#[test]
fn a_script_without_a_configuration_cannot_be_checked() {
    let desk = Desk::new();
    desk.write("lost.rhai", "fn decide(ctx) { hold(\"\") }\n");
    let told = desk.basis(&["check", "lost.rhai"]);
    assert_eq!(told.status, Some(2));
    assert!(told.stderr.contains("there is no configuration for lost.rhai"), "{}", told.stderr);
}

#[test]
fn a_module_that_no_script_imports_is_loaded_by_itself() {
    let desk = Desk::new();
    desk.write("stdlib/one.rhai", "import \"stdlib/two\" as two;\nfn f(x) { two::f(x) }\n");
    desk.write("stdlib/two.rhai", "import \"stdlib/one\" as one;\nfn f(x) { one::f(x) }\n");
    let told = desk.basis(&["check", "stdlib/one.rhai"]);
    let expected = "error[bad-import]: imports go in a circle: stdlib/one → stdlib/two → stdlib/one\n --> \
                    stdlib/two.rhai:1:8\n";
    assert_eq!(told.status, Some(1));
    assert!(told.stdout.starts_with(expected), "{}", told.stdout);
    desk.write("stdlib/two.rhai", "/* what it does\nfn f(x) { x }\n");
    let told = desk.basis(&["check", "stdlib/two.rhai"]);
    let expected = "error[syntax]: this comment is not closed\n --> stdlib/two.rhai:1:1\n";
    assert!(told.stdout.starts_with(expected), "{}", told.stdout);
}

#[cfg(unix)]
#[test]
fn a_module_that_no_script_imports_is_looked_through_all_the_same() {
    let desk = Desk::new();
    let module = "const HALF = 0.5;\nfn half(ctx, key) { ctx.balance(key) * global::HLF }\n";
    desk.write("stdlib/lonely.rhai", module);
    // Nor does a draft without a configuration keep it from being checked.
    desk.write("strategies/draft.rhai", "fn decide(ctx) { hold(\"\") }\n");
    let told = desk.basis(&["check", "stdlib/lonely.rhai", "stdlib/carry.rhai"]);
    assert_eq!((told.status, told.stderr.as_str()), (Some(1), ""));
    let expected =
        "error[undefined-variable]: there is no constant HLF\n --> stdlib/lonely.rhai:2:";
    assert!(told.stdout.starts_with(expected), "{}", told.stdout);
    assert!(told.stdout.ends_with("2 files: 1 error, 0 warnings\n"), "{}", told.stdout);
}

#[test]
fn links_are_followed_once_and_one_that_leads_nowhere_is_one_finding() {
    let desk = Desk::new();
    std::os::unix::fs::symlink("../strategies", desk.path("strategies/again")).expect("a link");
    let files = |text: &str| text.lines().last().unwrap_or_default().to_owned();
    let before = Desk::new().basis(&["check"]);
    let clean = desk.basis(&["check"]);
    assert_eq!((clean.status, files(&clean.stdout)), (Some(0), files(&before.stdout)));
    std::os::unix::fs::symlink("gone.rhai", desk.path("strategies/lost.rhai")).expect("a link");
    let told = desk.basis(&["check"]);
    assert_eq!((told.status, told.stderr.as_str()), (Some(1), ""));
    let expected = "error[unreadable]: strategies/lost.rhai cannot be read: it is a link to gone.rhai, which is not \
                    there\n --> strategies/lost.rhai\n";
    assert!(told.stdout.replace("\n    ", " ").starts_with(expected), "{}", told.stdout);
    assert_eq!(told.stdout.matches("error[").count(), 1, "{}", told.stdout);
}

#[test]
fn a_script_may_begin_with_a_byte_order_mark() {
    let desk = Desk::new();
    let script = desk.read("strategies/btc_basis.rhai");
    desk.write("strategies/btc_basis.rhai", format!("\u{feff}{script}"));
    let clean = desk.basis(&["check", "strategies/btc_basis.rhai"]);
    assert_eq!(clean.status, Some(0), "{}", clean.stdout);
    let tested =
        desk.basis(&["test", "strategies/btc_basis.rhai", "strategies/btc_basis.test.rhai"]);
    assert_eq!(tested.status, Some(0), "{}", tested.stdout);
    assert_eq!(
        tested.stdout.matches("strategies/btc_basis.test.rhai\n").count(),
        1,
        "{}",
        tested.stdout
    );
}
