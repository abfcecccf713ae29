//! Layers of configuration: how a later one covers an earlier one, and how `--set` reaches a value by its name.

use std::sync::Arc;

use crate::types::Code;

use super::faults::{Fault, Faults, nearest};
use super::forms::{self, NAMES_TOLD_MAX};
use super::raw::{self, Node};
use super::schema::{Key, ROOT, Shape};

/// Puts `over` on top of `base`: maps name by name, anything else whole. New names follow the known ones.
pub(super) fn cover(base: &mut Node, over: Node) {
    match (base, over) {
        (Node::Map(below), Node::Map(above)) => {
            for (name, node) in above {
                match below.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) => cover(known, node),
                    None => below.push((name, node)),
                }
            }
        }
        // A name with nothing below it leaves a map as it is: `binance:` in a mode's list of venues.
        (Node::Map(_), over) if over.is_unset() => {}
        (base, over) => *base = over,
    }
}

/// Sets the value that `key` names: a parameter (`threshold`, `hedge_allocation.binance`), else a path from the root.
///
/// # Errors
/// CONFIG-002 with the nearest name when there is no such value, CONFIG-003 when it is no single value or list.
pub(super) fn set(
    tree: &mut Node,
    key: &str,
    value: &str,
    origin: &Arc<str>,
) -> Result<(), Faults> {
    let path = path_of(tree, key, origin)?;
    let node = match path.holds {
        Holds::One => Node::text(value, origin),
        Holds::Words => {
            // As YAML writes it, or bare.
            let inside = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
            let bare = inside.unwrap_or(value).trim();
            let items = bare.split(',').filter(|_| !bare.is_empty());
            Node::List(items.map(|item| Node::text(item.trim(), origin)).collect())
        }
        Holds::Maps(names) => listed(&path.names, names, value, origin)?,
    };
    put(tree, &path.names, node);
    Ok(())
}

/// A list of maps, as YAML writes it in one line.
fn listed(path: &[String], names: &[Key], value: &str, origin: &Arc<str>) -> Result<Node, Faults> {
    let key = path.join(".");
    let read = raw::read(&format!("list: {value}"), origin).ok();
    let list = read.and_then(|mut read| match &mut read {
        Node::Map(entries) if entries.len() == 1 => entries.pop().map(|(_, node)| node),
        _ => None,
    });
    let Some(list @ Node::List(_)) = list else {
        let names: Vec<String> = names.iter().map(|key| format!("{}: …", key.name)).collect();
        let sentence = "this is no list of maps as YAML writes it in one line";
        let fault = Fault::new(Code::Config003, sentence).at(&**origin).on(&key);
        let advice = format!(
            "write '{key}=[{{{}}}]' with its quotes, or change it in its file",
            names.join(", ")
        );
        return Err(fault.suggest(advice).into());
    };
    // What a file would be refused for is refused here.
    let mut tree = Node::Map(Vec::new());
    put(&mut tree, path, list);
    let mut faults = Faults::default();
    forms::check(&mut tree, &ROOT, (origin, ""), &mut faults);
    faults.check()?;
    let list = path.iter().try_fold(&tree, |node, name| node.get(name));
    Ok(list.cloned().unwrap_or(Node::List(Vec::new())))
}

/// Whether [`set`] finds a value by this name.
///
/// # Errors
/// As [`set`].
pub(super) fn reach(tree: &Node, key: &str, origin: &Arc<str>) -> Result<(), Fault> {
    path_of(tree, key, origin).map(drop)
}

fn path_of(tree: &Node, key: &str, origin: &Arc<str>) -> Result<Path, Fault> {
    parameter_path(tree, key).unwrap_or_else(|| root_path(tree, key, origin))
}

/// Where a value stands.
struct Path {
    names: Vec<String>,
    holds: Holds,
}

/// What stands at a path.
#[derive(Clone, Copy)]
enum Holds {
    One,
    Words,
    /// A list of maps with these names.
    Maps(&'static [Key]),
}

/// The path of a parameter's value; `None` when the first name is no parameter.
fn parameter_path(tree: &Node, key: &str) -> Option<Result<Path, Fault>> {
    let parameters = tree.get("parameters")?;
    let (name, below) = match key.split_once('.') {
        Some((name, below)) => (name, Some(below)),
        None => (key, None),
    };
    let parameter = parameters.get(name)?;
    let refused = |sentence: String| Fault::new(Code::Config003, sentence).at("--set").on(key);
    Some(
        match (parameter.get("values"), below) {
            (Some(values), Some(below)) if values.get(below).is_some() => Ok(["values", below]),
            (Some(values), Some(below)) => {
                Err(Fault::new(Code::Config002, format!("'{name}' has no '{below}'"))
                    .at("--set")
                    .on(key)
                    .nearest(below, values.names()))
            }
            (Some(values), None) => {
                let names: Vec<String> =
                    values.names().map(|below| format!("{name}.{below}")).collect();
                Err(refused("this parameter has a value for each name".to_owned())
                    .suggest(format!("set {}", names.join(", "))))
            }
            (None, None) => Ok(["value", ""]),
            (None, Some(_)) => Err(refused(format!("'{name}' is one value, not a map"))),
        }
        .map(|rest| {
            let names =
                ["parameters", name].into_iter().chain(rest).filter(|name| !name.is_empty());
            Path { names: names.map(str::to_owned).collect(), holds: Holds::One }
        }),
    )
}

/// The path of a value from the root, found by the schema, so that optional values can be set that no file gives.
fn root_path(tree: &Node, key: &str, origin: &Arc<str>) -> Result<Path, Fault> {
    let refused = |sentence: String, advice: &str| {
        Fault::new(Code::Config003, sentence).at(&**origin).on(key).suggest(advice)
    };
    let unknown = |names: &[String], rest, known| unknown(tree, (key, names, rest), known, origin);
    let (mut shape, mut node) = (&ROOT, Some(tree));
    let mut names: Vec<String> = Vec::new();
    let mut rest = key;
    loop {
        shape = match shape {
            Shape::Scalar => return Err(unknown(&names, rest, Vec::new())),
            Shape::List(_) => {
                let list = names.last().map_or("it", String::as_str);
                let advice = "change it whole: as a,b,c where its items are single values, as [{…}, {…}] where they are maps";
                return Err(refused(format!("'{list}' is a list"), advice));
            }
            // Names of values may hold a point themselves: `initial_balances.binance.USDT`.
            Shape::Each(Shape::Scalar) => {
                names.push(rest.to_owned());
                return Ok(Path { names, holds: Holds::One });
            }
            Shape::Each(inner) => {
                let below = node.and_then(|node| node.get(first(rest)));
                let known = || children(node).map(|(name, _)| name.to_owned()).collect();
                node = Some(below.ok_or_else(|| unknown(&names, rest, known()))?);
                inner
            }
            Shape::Map(known) => {
                let name = first(rest);
                node = node.and_then(|node| node.get(name));
                let below = known.iter().find(|key| key.name == name).map(|key| &key.shape);
                let known = || known.iter().map(|key| key.name.to_owned()).collect();
                below.ok_or_else(|| unknown(&names, rest, known()))?
            }
        };
        let name = first(rest);
        names.push(name.to_owned());
        let holds = match (rest.get(name.len() + 1..), shape) {
            (None | Some(""), Shape::Scalar) => Holds::One,
            (None | Some(""), Shape::List(Shape::Scalar)) => Holds::Words,
            (None | Some(""), Shape::List(Shape::Map(known))) => Holds::Maps(known),
            (None | Some(""), _) => {
                let advice = "name one of the values below it";
                return Err(refused("this is no single value".to_owned(), advice));
            }
            (Some(below), _) => {
                rest = below;
                continue;
            }
        };
        return Ok(Path { names, holds });
    }
}

/// A name that is not there: told with the nearest of those beside it, or with all of them.
fn unknown(
    tree: &Node,
    (key, above, rest): (&str, &[String], &str),
    known: Vec<String>,
    origin: &Arc<str>,
) -> Fault {
    let told = |sentence: String| Fault::new(Code::Config002, sentence).at(&**origin).on(key);
    let nothing = || told("there is no such parameter or setting".to_owned());
    if above.is_empty() || known.is_empty() {
        return nothing().nearest(key, settable(tree));
    }
    let (name, section) = (first(rest), above.join("."));
    if let Some(near) = nearest(name, &known) {
        let below = &rest[name.len()..];
        return nothing().suggest(format!("did you mean '{section}.{near}{below}'?"));
    }
    let fault = told(format!("'{section}' has no '{name}'"));
    if known.len() > NAMES_TOLD_MAX {
        return fault;
    }
    fault.suggest(format!(
        "there {} {}",
        if known.len() == 1 { "is" } else { "are" },
        known.join(", ")
    ))
}

fn first(path: &str) -> &str {
    path.split_once('.').map_or(path, |(first, _)| first)
}

/// All names that `--set` takes, for suggestions.
fn settable(tree: &Node) -> Vec<String> {
    let mut names = Vec::new();
    for (name, parameter) in children(tree.get("parameters")) {
        match parameter.get("values") {
            Some(values) => names.extend(values.names().map(|below| format!("{name}.{below}"))),
            None => names.push(name.to_owned()),
        }
    }
    collect(&ROOT, Some(tree), String::new(), &mut names);
    names
}

fn collect(shape: &Shape, node: Option<&Node>, path: String, names: &mut Vec<String>) {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match shape {
        Shape::Scalar | Shape::List(Shape::Scalar) => names.push(path),
        Shape::List(_) => {}
        Shape::Each(inner) => {
            for (name, node) in children(node) {
                collect(inner, Some(node), below(name), names);
            }
        }
        Shape::Map(known) => {
            for Key { name, shape, .. } in known.iter() {
                let node = node.and_then(|node| node.get(name));
                collect(shape, node, below(name), names);
            }
        }
    }
}

fn children(node: Option<&Node>) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match node {
        Some(Node::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    entries.iter().map(|(name, node)| (name.as_str(), node))
}

/// Puts a node at a path, making the maps on the way.
fn put(tree: &mut Node, names: &[String], node: Node) {
    let over = names.iter().rev().fold(node, |below, name| Node::Map(vec![(name.clone(), below)]));
    cover(tree, over);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "parameters:\n  threshold: { value: 0.02 }\n  allocation: { values: { binance: 0.4, okx: 0.6 } }\n\
        risk: { margin_ratio: { warn: 0.2 } }\nvenues: { okx: { latency_ms: 5 } }\nmarkets: [spot]\n";

    fn tree() -> Node {
        raw::read(TREE, &"m.yaml".into()).unwrap()
    }

    fn at<'a>(tree: &'a Node, path: &str) -> &'a Node {
        path.split('/').fold(tree, |node, name| node.get(name).unwrap())
    }

    #[test]
    fn set_reaches_parameters_first_then_the_root() {
        let flag: Arc<str> = "--set".into();
        for (key, path) in [
            ("threshold", "parameters/threshold/value"),
            ("allocation.okx", "parameters/allocation/values/okx"),
            ("risk.margin_ratio.warn", "risk/margin_ratio/warn"),
            ("risk.max_order_notional", "risk/max_order_notional"),
            ("venues.okx.latency_ms", "venues/okx/latency_ms"),
            ("initial_balances.binance.USDT", "initial_balances/binance.USDT"),
            ("parameters.threshold.value", "parameters/threshold/value"),
        ] {
            let mut tree = tree();
            set(&mut tree, key, "0.70", &flag).unwrap();
            assert_eq!(at(&tree, path), &Node::text("0.70", &flag), "{key}");
        }
        let mut tree = tree();
        set(&mut tree, "markets", "spot, perp", &flag).unwrap();
        let both = Node::List(vec![Node::text("spot", &flag), Node::text("perp", &flag)]);
        assert_eq!(at(&tree, "markets"), &both);
    }

    #[test]
    fn a_name_that_is_not_there_is_refused_with_the_nearest() {
        for (key, words) in [
            ("treshold", "did you mean 'threshold'?"),
            ("allocation.okks", "did you mean 'okx'?"),
            ("allocation", "set allocation.binance, allocation.okx"),
            ("threshold.x", "is one value"),
            ("risk", "no single value"),
            ("risk.margin_ratio.warm", "did you mean 'risk.margin_ratio.warn'?"),
            ("venues.okks.latency_ms", "did you mean 'venues.okx.latency_ms'?"),
            ("venues.kraken.latency_ms", "'venues' has no 'kraken'; there is okx"),
            ("step.x", "no such"),
        ] {
            let fault = set(&mut tree(), key, "1", &"--set".into()).unwrap_err().to_string();
            assert!(fault.contains(words), "{key}: {fault}");
        }
    }

    #[test]
    fn a_list_of_maps_is_set_as_yaml_writes_it_and_refused_as_in_a_file() {
        let flag: Arc<str> = "--set".into();
        let mut tree = tree();
        let flows = "[{at: 2024-07-01, kind: deposit, amount: 100}, {at: 2024-08-01}]";
        set(&mut tree, "capital_flows", flows, &flag).unwrap();
        let Node::List(items) = at(&tree, "capital_flows") else { panic!("a list is set") };
        assert_eq!((items.len(), items[0].get("amount")), (2, Some(&Node::text("100", &flag))));
        for (value, told) in [
            (
                "1000",
                "write 'capital_flows=[{at: …, amount: …, kind: …, speed: …}]' with its quotes",
            ),
            ("[{at: 2024-07-01", "this is no list of maps"),
            ("[{at: 2024-07-01, amout: 1}]", "amout: unknown key; did you mean 'amount'?"),
            ("[1000]", "a map of at, amount, kind, speed is expected here, not '1000'"),
        ] {
            let refused = set(&mut tree, "capital_flows", value, &flag).unwrap_err().to_string();
            assert!(refused.contains(told), "{value}: {refused}");
        }
    }

    #[test]
    fn a_layer_covers_maps_by_name_and_lists_whole() {
        let mut base =
            raw::read("a: { b: 1, c: 2 }\nd: [1, 2]\ne: { f: 1 }\n", &"1".into()).unwrap();
        let over = raw::read("a: { c: 3, g: 4 }\nd: [9]\ne:\n", &"2".into()).unwrap();
        cover(&mut base, over);
        assert_eq!(at(&base, "a").names().collect::<Vec<_>>(), ["b", "c", "g"]);
        assert_eq!(at(&base, "a/b"), &Node::text("1", &"1".into()));
        assert_eq!(at(&base, "a/c"), &Node::text("3", &"2".into()));
        assert_eq!(at(&base, "d"), &Node::List(vec![Node::text("9", &"2".into())]));
        assert_eq!(at(&base, "e/f"), &Node::text("1", &"1".into()));
    }
}
