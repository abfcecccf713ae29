//! Wrong names and wrong forms, each with what is told of it.

use super::super::raw;
use super::super::schema::ROOT;
use super::*;

/// A text as it is put right, and what is told of it.
fn checked(yaml: &str) -> (Node, Vec<String>) {
    let mut node = raw::read(yaml, &"m.yaml".into()).unwrap();
    let mut faults = Faults::default();
    check(&mut node, &ROOT, ("m.yaml", yaml), &mut faults);
    (node, faults.iter().map(ToString::to_string).collect())
}

fn faults_of(yaml: &str) -> Vec<String> {
    checked(yaml).1
}

#[test]
fn a_misspelt_name_is_put_right_and_what_stands_below_it_is_read() {
    let yaml = "parmeters: { a: { valeu: 1, minn: { b: 1 } } }\nasset: BTC\nassett: ETH\n";
    let (node, told) = checked(yaml);
    assert_eq!(
        told,
        [
            "CONFIG-002 m.yaml: parmeters: unknown key; did you mean 'parameters'?",
            "CONFIG-002 m.yaml: parmeters.a.valeu: unknown key; did you mean 'value'?",
            "CONFIG-002 m.yaml: parmeters.a.minn: unknown key; did you mean 'min'?",
            "CONFIG-003 m.yaml: parmeters.a.minn: one value is expected here, not a map",
            "CONFIG-002 m.yaml: assett: unknown key; did you mean 'asset'?",
        ]
    );
    let parameter = node.get("parameters").and_then(|node| node.get("a")).unwrap();
    assert!(parameter.get("value").is_some(), "{parameter:?}");
    let kept: Vec<&str> = node.names().collect();
    assert_eq!(kept, ["parameters", "asset", "assett"], "nothing stands twice");
}

#[test]
fn a_value_that_belongs_in_a_field_is_shown_there() {
    let faults = faults_of(
        "parameters: { a: 0.05, b: [1] }\nreserve: 0.1\ntargets: 5\nzzzz: 1\nrisk: { zzzz: 1 }\n",
    );
    let fields = "a map of value, values, keys, sum, type, optional, unit, min, max, above, below, one_of, is, doc is \
                  expected here";
    assert_eq!(
        faults,
        [
            &*format!(
                "CONFIG-003 m.yaml: parameters.a: {fields}, not '0.05'; write a: {{ value: 0.05 }}"
            ),
            &*format!("CONFIG-003 m.yaml: parameters.b: {fields}, not a list"),
            "CONFIG-003 m.yaml: reserve: a map of ratio is expected here, not '0.1'; write reserve: { ratio: 0.1 }",
            "CONFIG-003 m.yaml: targets: a map of apy, max_drawdown is expected here, not '5'; \
             write targets: { apy: …, max_drawdown: … }",
            "CONFIG-002 m.yaml: zzzz: unknown key; what a script alone reads belongs under parameters",
            "CONFIG-002 m.yaml: risk.zzzz: unknown key; known: margin_ratio, health_factor, delta_drift, \
             emergency_drawdown, emergency_drawdown_multiple, max_age_hours, max_order_notional",
        ]
    );
}

#[test]
fn all_misspellings_and_wrong_forms_of_a_file_are_told_at_once() {
    let faults = faults_of(
        "asett: BTC\nrisk: { margin_ratio: 0.2, max_age: 3 }\nvenues: { okx: { markets: { spto: {} } } }\n\
         markets: spot\nstep: [1h]\nsubscriptions:\n",
    );
    assert_eq!(
        faults,
        [
            "CONFIG-002 m.yaml: asett: unknown key; did you mean 'asset'?",
            "CONFIG-003 m.yaml: risk.margin_ratio: a map of warn, reduce, exit is expected here, not '0.2'; \
             write margin_ratio: { warn: …, reduce: …, exit: … }",
            "CONFIG-002 m.yaml: risk.max_age: unknown key; did you mean 'max_age_hours'?",
            "CONFIG-002 m.yaml: venues.okx.markets.spto: unknown key; did you mean 'spot'?",
            "CONFIG-003 m.yaml: markets: a list is expected here, not 'spot'; write markets: [spot]",
            "CONFIG-003 m.yaml: step: one value is expected here, not a list; write step: 1h",
        ]
    );
}

#[test]
fn a_wrong_form_is_told_with_the_right_one() {
    for (yaml, told) in [
        (
            "venues: [wallet, okx]",
            "write each as a name with ':' behind it and without a '-', as wallet:",
        ),
        ("venues: okx", "write venues: { okx: }"),
        ("venues: { aave: { supply: USDT } }", "write supply: [USDT]"),
        ("venues: { aave: { supply: { USDT: , WETH: } } }", "write supply: [USDT, WETH]"),
        ("pricing:\n- BTC: spot/a", "below pricing stand names with ':', each without a '-'"),
        (
            "risk: { margin_ratio: [0.2, 0.15, 0.1] }",
            "write margin_ratio: { warn: 0.2, reduce: 0.15, exit: 0.1 }",
        ),
        ("risk: { margin_ratio: [0.2] }", "write margin_ratio: { warn: …, reduce: …, exit: … }"),
        ("parameters: { a: { values: [1, 2] } }", "write values: { name: value }"),
        (
            "parameters: { a: { value: [1, 2] } }",
            "values by name are written values: { name: value }",
        ),
        ("parameters: { a: { min: [1, 2] } }", "write min and max each with its number"),
        ("parameters: { a: { one_of: b, c } }", "write one_of: [b, c]"),
        ("subscriptions: { spot/a: spot/b }", "write spot/a: { proxy: spot/b }"),
        ("script: [a.rhai]", "write script: a.rhai"),
        ("asset: BTC // a coin", "a comment begins with #; write BTC # and the comment"),
    ] {
        let faults = faults_of(&yaml.replace("one_of: b, c", "one_of: 'b, c'"));
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].ends_with(told), "{yaml}: {}", faults[0]);
    }
}

#[test]
fn a_name_with_a_dash_is_told_where_it_stands() {
    let told = |place: &str, name: &str| {
        let key = name.rsplit('.').next().unwrap();
        format!(
            "CONFIG-003 m.yaml:{place}: {name}: a '-' begins an item of a list, and here stand names; write {key}: without the '-'"
        )
    };
    for (yaml, faults) in [
        ("subscriptions:\n  spot/a:\n  - gas/b\n", vec![told("3:3", "subscriptions.gas/b")]),
        (
            "subscriptions:\n  spot/a:\n  - gas/b:\n  - gas/c\n",
            vec![told("3:3", "subscriptions.gas/b"), told("4:3", "subscriptions.gas/c")],
        ),
        ("venues:\n  wallet:\n  - okx: { latency_ms: 5 }\n", vec![told("3:3", "venues.okx")]),
        ("pricing:\n  ETH:\n  - BTC: spot/a\n", vec![told("3:3", "pricing.BTC")]),
    ] {
        assert_eq!(faults_of(yaml), faults, "{yaml}");
    }
    for (yaml, told) in [
        ("subscriptions:\n  spot/a: [spot/b]\n", "write spot/a: { proxy: spot/b }"),
        ("subscriptions:\n  spot/a:\n    - spot/b\n", "write spot/a: { proxy: spot/b }"),
        ("parameters:\n  a:\n  - value\n", "not a list"),
    ] {
        let faults = faults_of(yaml);
        assert!(faults.len() == 1 && faults[0].ends_with(told), "{yaml}: {faults:?}");
    }
}

#[test]
fn a_balance_below_its_venue_is_told_beside_it() {
    for (balances, told) in [
        ("{ walet: { ETH: 5 } }", "write wallet.ETH: 5"),
        ("{ wallet: { ETH: 5, USDT: 7 } }", "write wallet.ETH: 5, wallet.USDT: 7"),
        ("{ kraken: { ETH: 5 } }", "write kraken.ETH: 5"),
        ("{ wallet: { ETH: [5] } }", "not a map"),
    ] {
        let yaml = format!("venues: {{ wallet: , okx: }}\ninitial_balances: {balances}\n");
        let faults = faults_of(&yaml);
        assert!(faults.len() == 1 && faults[0].ends_with(told), "{balances}: {faults:?}");
    }
}

#[test]
fn a_key_by_another_name_is_told_by_its_own() {
    for (yaml, told) in [
        ("parameters: { a: { default: 1 } }", "did you mean 'value'?"),
        ("parameters: { a: { minimum: 1 } }", "did you mean 'min'?"),
        ("parameters: { a: { options: [b] } }", "did you mean 'one_of'?"),
        ("parameters: { a: { range: [1, 2] } }", "write min and max, each with its number"),
        ("costs: none", "what is charged is said where a run begins: --costs"),
    ] {
        let faults = faults_of(yaml);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].ends_with(told), "{yaml}: {}", faults[0]);
    }
}

#[test]
fn what_stands_too_far_to_the_right_is_told_and_read_as_if_it_did_not() {
    let yaml =
        "venues:\n  wallet:\n     okx: { latency_ms: 5 }\nsubscriptions:\n  spot/a:\n    spot/b:\n";
    let (node, told) = checked(yaml);
    assert_eq!(
        told,
        [
            "CONFIG-002 m.yaml: venues.wallet.okx: unknown key; does it stand too far to the right?",
            "CONFIG-002 m.yaml: subscriptions.spot/a.spot/b: unknown key; known: proxy; or does it stand too far to the right?",
        ]
    );
    let names = |key: &str| node.get(key).unwrap().names().collect::<Vec<_>>();
    assert_eq!(
        (names("venues"), names("subscriptions")),
        (vec!["wallet", "okx"], vec!["spot/a", "spot/b"])
    );
}
