//! Small modes with mistakes of their own: each is told once, with what is right.

use super::super::{LoadRequest, ParamValue, load};
use super::{dec, faults_of, folder_with, parameter};

#[test]
fn all_faults_of_a_mode_are_told_in_one_go() {
    let faults = faults_of(
        "share_class: USDT\nasset: BTC\nassett: BTC\nvenues:\n  binance:\n\
         parameters: { a: { value: 1, max: 0 }, b: { type: integer }, c: { value: x, one_of: [y, z] } }\n\
         pricing: { BTC: spot/binance_BTCUSDT }\n\
         subscriptions: { spot/binance_BTCUSDT: , perp/binace_BTCUSDT: , funding/binance_BTCUSDT: }\n",
    );
    for words in [
        "assett: unknown key; did you mean 'asset'?",
        "parameters.a.value: 1 is above its maximum, 0",
        "parameters.b.value: the parameter needs a value",
        "parameters.c.value: one of y, z is expected, not 'x'",
        "did you mean 'perp/binance_BTCUSDT'?",
        "needs initial_balances",
    ] {
        assert!(faults.contains(words), "{words} is not told:\n{faults}");
    }
}

/// A mode that is in order.
const LENDING: &str = "share_class: USDT\nasset: BTC\nmarkets: [spot]\nvenues:\n  binance:\n\
    initial_balances: { binance.USDT: 5 }\ntargets: { apy: 0.05, max_drawdown: 0.1 }\n\
    parameters: { a: { value: 1, unit: hours } }\n\
    pricing: { BTC: spot/binance_BTCUSDT }\nsubscriptions:\n  spot/binance_BTCUSDT:\n";

#[test]
fn one_mistake_is_one_line() {
    let folder = folder_with(&[("m", LENDING)]);
    load(LoadRequest::of_mode("m", folder.path())).unwrap_or_else(|faults| panic!("{faults}"));
    let at = |key: &str, told: &str| format!("configs/modes/m.yaml: {key}: {told}");
    let unknown = |key: &str, near: &str| at(key, &format!("unknown key; did you mean '{near}'?"));
    let setting = "is a setting of the run that scripts can read; set it at the root, or give the parameter another name";
    for (right, wrong, told) in [
        ("share_class:", "share_clas:", unknown("share_clas", "share_class")),
        (
            "share_class: USDT",
            "",
            at("share_class", "a value is needed here; choose one of BTC, USDT"),
        ),
        (
            "share_class: USDT",
            "share_class: EUR",
            at(
                "share_class",
                "'EUR' is no share class: configs/share_classes/EUR.yaml is not there; there are BTC, USDT",
            ),
        ),
        ("asset:", "aset:", unknown("aset", "asset")),
        ("venues:", "venus:", unknown("venus", "venues")),
        (
            "  binance:",
            "  kraken:",
            at(
                "venues.kraken",
                "'kraken' is no venue: configs/venues/kraken.yaml is not there; there are binance, wallet",
            ),
        ),
        ("pricing:", "pricng:", unknown("pricng", "pricing")),
        ("subscriptions:", "subscription:", unknown("subscription", "subscriptions")),
        (
            "  spot/binance_BTCUSDT:",
            "  spot/binanse_BTCUSDT:",
            at(
                "subscriptions.spot/binanse_BTCUSDT",
                "no market, price or gas of this mode needs this series; did you mean 'spot/binance_BTCUSDT'?",
            ),
        ),
        ("{ value: 1, ", "{ valeu: 1, ", unknown("parameters.a.valeu", "value")),
        ("{ a: {", "{ gas_tank: {", at("parameters.gas_tank", &format!("gas_tank {setting}"))),
        ("{ a: {", "{ reserve: {", at("parameters.reserve", &format!("reserve {setting}"))),
        (
            "{ a: {",
            "{ margin_mode: {",
            at("parameters.margin_mode", &format!("margin_mode {setting}")),
        ),
        (
            "apy: 0.05",
            "apy: 5",
            at("targets.apy", "a fraction from 0 to 1 is expected, not 5; 5 % is written 0.05"),
        ),
        (
            "max_drawdown: 0.1",
            "max_drawdown: 10",
            at(
                "targets.max_drawdown",
                "a fraction from 0 to 1 is expected, not 10; 10 % is written 0.1",
            ),
        ),
    ] {
        assert!(LENDING.contains(right), "{right}");
        let yaml = LENDING.replacen(right, wrong, 1);
        let faults = faults_of(&yaml);
        let line = &faults["CONFIG-000 ".len()..];
        // The folder of the test has a name of its own.
        let (folder, _) = line.split_once("/modes").unwrap_or_else(|| panic!("{faults}"));
        let (file, place) = line.split_once(".yaml:").unwrap();
        let rest = place.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':').trim();
        let number = place.split(':').next().and_then(|number| number.parse::<usize>().ok());
        let at = number.and_then(|number| yaml.lines().nth(number - 1));
        assert!(at.is_none_or(|at| at.contains(wrong)), "{wrong} is told at {at:?}");
        assert_eq!(format!("{file}.yaml: {rest}").replace(folder, "configs"), told, "{wrong}");
    }
}

#[test]
fn a_unit_that_nobody_knows_is_refused() {
    let with = |unit: &str| LENDING.replacen("unit: hours", &format!("unit: {unit}"), 1);
    for unit in ["of equity", "USDT", "USDT per BTC", "per 8 h", "bps"] {
        let folder = folder_with(&[("m", &with(unit))]);
        load(LoadRequest::of_mode("m", folder.path())).unwrap_or_else(|faults| panic!("{faults}"));
    }
    let faults = faults_of(&with("fortnights"));
    assert!(faults.contains("a unit is expected (hours, days, "), "{faults}");
    assert!(faults.ends_with("not 'fortnights'"), "{faults}");
    assert!(faults_of(&with("hour")).ends_with("did you mean 'hours'?"));
}

#[test]
fn names_of_files_that_are_not_there_are_refused_with_the_nearest() {
    let faults = faults_of("share_class: USD\nasset: BTC\nvenues:\n  wallet:\n  binanse:\n");
    assert!(faults.contains("did you mean 'USDT'?"), "{faults}");
    assert!(faults.contains("did you mean 'binance'?"), "{faults}");
    assert!(!faults.contains("CONFIG-004"), "missing files are not told twice:\n{faults}");
}

#[test]
fn tiers_that_jump_or_do_not_ascend_are_refused() {
    let mode = |tiers: &str| {
        format!(
            "share_class: USDT\nasset: BTC\ninitial_balances: {{ binance.USDT: 5 }}\n\
             venues: {{ binance: {{ margin: {{ tiers: {{ BTCUSDT: [{{ as_of: 2024-01-01, tiers: [{tiers}] }}] }} }} }} }}\n"
        )
    };
    let jump = "{ up_to: 100, rate: 0.01, deduction: 0 }, { up_to: 200, rate: 0.02, deduction: 0 }";
    let faults = faults_of(&mode(jump));
    assert!(faults.contains("maintenance jumps from 1 to 2 at 100"), "{faults}");
    let falling =
        "{ up_to: 100, rate: 0.01, deduction: 0 }, { up_to: 50, rate: 0.01, deduction: 0 }";
    assert!(faults_of(&mode(falling)).contains("tiers must ascend; 50 follows 100"));
}

#[test]
fn optional_parameters_may_be_unset_and_flags_keep_their_type() {
    let folder = folder_with(&[(
        "m",
        "share_class: USDT\nasset: BTC\nmarkets: [spot]\nvenues:\n  binance:\n\
         initial_balances: { binance.USDT: 5 }\n\
         parameters: { a: { type: decimal, optional: true }, b: { value: true }, c: { value: '7', type: text } }\n\
         pricing: { BTC: spot/binance_BTCUSDT }\nsubscriptions:\n  spot/binance_BTCUSDT:\n",
    )]);
    let request = LoadRequest::of_mode("m", folder.path());
    let setup = load(request.clone()).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(parameter(&setup, "a"), ParamValue::Unset);
    assert_eq!(parameter(&setup, "b"), ParamValue::Flag(true));
    assert_eq!(parameter(&setup, "c"), ParamValue::Text("7".to_owned()));
    assert_eq!(setup.capital.get(), dec("5"));
    let sets = vec![("b".to_owned(), "maybe".to_owned())];
    let faults = load(LoadRequest { sets, ..request }).unwrap_err().to_string();
    assert!(faults.contains("true or false is expected, not 'maybe'"), "{faults}");
}
