//! The check of a file against the list of all keys: every misspelt name and every wrong form of it, told at once.
//!
//! What a value means and whether it may be so is judged when it is read, in `lower`.

use crate::types::Code;

use super::faults::{Fault, Faults, nearest};
use super::raw::Node;
use super::schema::Key;
use super::schema::Shape::{self, Each, List, Map, Scalar};
use super::written::written;

/// The longest list of names that is told where none of them is near.
const NAMES_TOLD_MAX: usize = 16;

/// Adds a fault for every unknown name and every wrong form of one file. A name that is misspelt is put right when that is told:
/// nothing further is missing then.
pub(super) fn check(node: &mut Node, shape: &'static Shape, file: &str, faults: &mut Faults) {
    check_at(node, shape, &mut String::new(), file, faults);
}

fn check_at(
    node: &mut Node,
    shape: &'static Shape,
    path: &mut String,
    file: &str,
    faults: &mut Faults,
) {
    match (shape, node) {
        (Scalar, Node::Text { value, .. }) => {
            if let Some((value, _)) = value.split_once(" //").filter(|_| !path.ends_with(".doc")) {
                let sentence = "all of this is read as the value: a comment begins with #";
                let fault = Fault::new(Code::Config003, sentence).at(file).on(path.as_str());
                faults.push(fault.suggest(format!("write {value} # and the comment")));
            }
        }
        // Nothing below a name is an empty map or list.
        (Each(_) | Map(_) | List(_), node) if node.is_unset() => {}
        (List(inner), Node::List(items)) => {
            for (index, item) in items.iter_mut().enumerate() {
                within(path, &index.to_string(), |path| check_at(item, inner, path, file, faults));
            }
        }
        (Each(inner), Node::Map(entries)) => {
            for (name, below) in entries.iter_mut() {
                within(path, name, |path| check_at(below, inner, path, file, faults));
            }
            let mut strays: Vec<(String, Node)> =
                entries.iter_mut().flat_map(|(_, below)| take_strays(below, inner)).collect();
            strays.retain(|(name, _)| !entries.iter().any(|(known, _)| known == name));
            for (name, below) in &mut strays {
                within(path, name, |path| check_at(below, inner, path, file, faults));
            }
            entries.append(&mut strays);
        }
        (Map(known), Node::Map(entries)) => {
            let mut given: Vec<String> = entries.iter().map(|(name, _)| name.clone()).collect();
            for (name, below) in entries {
                let written = name.clone();
                within(path, &written, |path| {
                    let is_known = known.iter().any(|key| key.name == name);
                    if !is_known {
                        let fault = unknown((name, below), known, !path.contains('.'));
                        faults.push(fault.at(file).on(path.as_str()));
                        let meant = meant(name, known);
                        // What stands there under its right name, too, is another mistake.
                        let Some(meant) = meant.filter(|meant| !given.contains(meant)) else {
                            return;
                        };
                        given.push(meant.clone());
                        *name = meant;
                    }
                    if let Some(key) = known.iter().find(|key| key.name == name) {
                        check_at(below, &key.shape, path, file, faults);
                    }
                });
            }
        }
        (shape, node) => {
            let sentence = format!("{} is expected here, not {}", wanted(shape), found(node));
            let mut fault = Fault::new(Code::Config003, sentence).at(file).on(path.as_str());
            let name = path.rsplit('.').next().unwrap_or_default();
            fault.suggestion = written(shape, name, node);
            faults.push(fault);
        }
    }
}

/// Takes out what stands too far to the right and so below its neighbour, where it has been told as unknown: it is read as if it
/// stood where it belongs, so that nothing else is told of it.
fn take_strays(node: &mut Node, shape: &Shape) -> Vec<(String, Node)> {
    let (Map(known), Node::Map(entries)) = (shape, node) else { return Vec::new() };
    let is_stray = |(name, below): &mut (String, Node)| {
        !known.iter().any(|key| key.name == name) && is_of_names(below)
    };
    entries.extract_if(.., is_stray).collect()
}

/// Whether something may be a name with more names below it.
fn is_of_names(node: &Node) -> bool {
    node.is_unset() || matches!(node, Node::Map(_))
}

/// Keys as others call them.
const OTHER_NAMES: [(&str, &str); 11] = [
    ("default", "value"),
    ("minimum", "min"),
    ("maximum", "max"),
    ("description", "doc"),
    ("comment", "doc"),
    ("help", "doc"),
    ("options", "one_of"),
    ("choices", "one_of"),
    ("enum", "one_of"),
    ("params", "parameters"),
    ("strategy", "script"),
];

/// What is said elsewhere, and where.
const ELSEWHERE: [(&str, &str); 3] = [
    ("range", "write min and max, each with its number"),
    ("costs", "what is charged is said where a run begins: --costs"),
    ("data", "where the data lies is said where a run begins: --data"),
];

/// The key that is meant by an unknown name.
fn meant(name: &str, known: &[Key]) -> Option<String> {
    let names = || known.iter().map(|key| key.name);
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == name).map(|(_, key)| *key);
    let other = other.filter(|key| names().any(|known| known == *key));
    other.map(str::to_owned).or_else(|| nearest(name, names()))
}

/// A name that no shape has, with the nearest, or all that there are.
fn unknown((name, below): (&str, &Node), known: &[Key], is_root: bool) -> Fault {
    let fault = Fault::new(Code::Config002, "unknown key");
    let names = known.iter().map(|key| key.name);
    // `ratio:0.1`, `ratio 0.1` and `reserve { ratio: 0.1 }` are names for YAML.
    if let Some((first, rest)) = name.split_once([':', ' '])
        && names.clone().any(|known| known == first)
    {
        let rest = rest.trim();
        return fault.suggest(match rest.starts_with(['{', '[']) {
            true => format!("write {first}: {}…", &rest[..1]),
            false => format!("a space belongs behind the ':': write {first}: {rest}"),
        });
    }
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == name).map(|(_, help)| *help);
    let elsewhere = elsewhere.filter(|_| is_root || names.clone().any(|known| known == "min"));
    match (meant(name, known), elsewhere) {
        (Some(near), _) => fault.suggest(format!("did you mean '{near}'?")),
        (None, Some(elsewhere)) => fault.suggest(elsewhere),
        _ if is_root => fault.suggest("what a script alone reads belongs under parameters"),
        _ if known.len() <= NAMES_TOLD_MAX => {
            let names = names.collect::<Vec<_>>().join(", ");
            let else_what =
                if is_of_names(below) { "; or does it stand too far to the right?" } else { "" };
            fault.suggest(format!("known: {names}{else_what}"))
        }
        _ if is_of_names(below) => fault.suggest("does it stand too far to the right?"),
        _ => fault,
    }
}

/// Calls `act` with the path one name longer.
fn within(path: &mut String, name: &str, act: impl FnOnce(&mut String)) {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(name);
    act(path);
    path.truncate(length);
}

fn wanted(shape: &Shape) -> String {
    match shape {
        Scalar => "one value".to_owned(),
        List(_) => "a list".to_owned(),
        Each(_) => "a map of names".to_owned(),
        Map(known) => {
            let names: Vec<&str> = known.iter().map(|key| key.name).collect();
            format!("a map of {}", names.join(", "))
        }
    }
}

fn found(node: &Node) -> String {
    match node {
        Node::Map(_) => "a map".to_owned(),
        Node::List(_) => "a list".to_owned(),
        Node::Text { value, .. } => format!("'{value}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::ROOT;
    use super::*;

    /// A text as it is put right, and what is told of it.
    fn checked(yaml: &str) -> (Node, Vec<String>) {
        let mut node = super::super::raw::read(yaml, &"m.yaml".into()).unwrap();
        let mut faults = Faults::default();
        check(&mut node, &ROOT, "m.yaml", &mut faults);
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
            (
                "risk: { margin_ratio: [0.2] }",
                "write margin_ratio: { warn: …, reduce: …, exit: … }",
            ),
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
        let yaml = "venues:\n  wallet:\n     okx: { latency_ms: 5 }\nsubscriptions:\n  spot/a:\n    spot/b:\n";
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
}
