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
    desk.replace("stdlib/leverage.rhai", "let over = state.debt", "let over = state.dept");
    let told = desk.basis(&["check", "strategies/eth_leveraged.rhai"]);
    assert_eq!((told.status, told.stderr.as_str()), (Some(1), ""));
    let expected = "error[unknown-member]: the map has no field 'dept'\n --> stdlib/leverage.rhai:";
    assert!(told.stdout.starts_with(expected), "{}", told.stdout);
    assert!(told.stdout.contains("\nhelp: did you mean debt?\n"), "{}", told.stdout);
    assert!(told.stdout.ends_with("1 file: 1 error, 0 warnings\n"), "{}", told.stdout);
    let module = desk.basis(&["check", "stdlib/leverage.rhai"]);
    assert!(module.stdout.starts_with(expected), "{}", module.stdout);
    let other = desk.basis(&["check", "stdlib/hedging.rhai"]);
    assert_eq!(other.status, Some(0), "{}", other.stdout);

    let json = desk.basis(&["check", "strategies/eth_leveraged.rhai", "--format", "json"]);
    let found: Value = serde_json::from_str(&json.stdout).expect("JSON and nothing else");
    let found = found.as_array().expect("a list");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["lint"], "unknown-member");
    assert_eq!(found[0]["file"], "stdlib/leverage.rhai");
    assert!(found[0]["line"].as_u64().expect("a number") > 1);

    // Its author means it.
    desk.replace(
        "stdlib/leverage.rhai",
        "    let over",
        "    // allow(unknown-member)\n    let over",
    );
    let allowed = desk.basis(&["check", "strategies/eth_leveraged.rhai"]);
    assert_eq!(allowed.status, Some(0), "{}", allowed.stdout);
}

#[test]
fn a_script_without_a_configuration_cannot_be_checked() {
    let desk = Desk::new();
    desk.write("lost.rhai", "fn decide(ctx) { hold(\"\") }\n");
    let told = desk.basis(&["check", "lost.rhai"]);
    assert_eq!(told.status, Some(2));
    assert!(told.stderr.contains("there is no configuration for lost.rhai"), "{}", told.stderr);
}
