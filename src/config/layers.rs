//! Layers of configuration: how a later one covers an earlier one, and how `--set` reaches a value by its name.

use std::sync::Arc;

use crate::types::Code;

use super::faults::Fault;
use super::raw::Node;
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
/// CONFIG-002 with the nearest name when there is no such value, CONFIG-003 when it is no single value.
pub(super) fn set(tree: &mut Node, key: &str, value: &str, origin: &Arc<str>) -> Result<(), Fault> {
    let path = path_of(tree, key, origin)?;
    let node = if path.is_list {
        // As YAML writes it, or bare.
        let inside = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
        let bare = inside.unwrap_or(value).trim();
        let items = bare
            .split(',')
            .filter(|_| !bare.is_empty())
            .map(|item| Node::text(item.trim(), origin));
        Node::List(items.collect())
    } else {
        Node::text(value, origin)
    };
    put(tree, &path.names, node);
    Ok(())
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
    is_list: bool,
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
            Path { names: names.map(str::to_owned).collect(), is_list: false }
        }),
    )
}

/// The path of a value from the root, found by the schema, so that optional values can be set that no file gives.
fn root_path(tree: &Node, key: &str, origin: &Arc<str>) -> Result<Path, Fault> {
    let unknown = || {
        Fault::new(Code::Config002, "there is no such parameter or setting")
            .at(&**origin)
            .on(key)
            .nearest(key, settable(tree))
    };
    let (mut shape, mut node) = (&ROOT, Some(tree));
    let mut names = Vec::new();
    let mut rest = key;
    loop {
        shape = match shape {
            Shape::Scalar => return Err(unknown()),
            Shape::List(_) => {
                let list = names.last().map_or("it", String::as_str);
                return Err(Fault::new(Code::Config003, format!("'{list}' is a list"))
                    .at(&**origin)
                    .on(key)
                    .suggest("change it whole: as a,b,c where its items are single values, else in its file"));
            }
            // Names of values may hold a point themselves: `initial_balances.binance.USDT`.
            Shape::Each(Shape::Scalar) => {
                names.push(rest.to_owned());
                return Ok(Path { names, is_list: false });
            }
            Shape::Each(inner) => {
                let name = first(rest);
                node = Some(node.and_then(|node| node.get(name)).ok_or_else(unknown)?);
                inner
            }
            Shape::Map(known) => {
                let name = first(rest);
                node = node.and_then(|node| node.get(name));
                known
                    .iter()
                    .find(|key| key.name == name)
                    .map(|key| &key.shape)
                    .ok_or_else(unknown)?
            }
        };
        let name = first(rest);
        names.push(name.to_owned());
        match (rest.get(name.len() + 1..), shape) {
            (None | Some(""), Shape::Scalar) => return Ok(Path { names, is_list: false }),
            (None | Some(""), Shape::List(Shape::Scalar)) => {
                return Ok(Path { names, is_list: true });
            }
            (None | Some(""), Shape::List(_)) => {
                return Err(Fault::new(Code::Config003, "each of its items has several values")
                    .at(&**origin)
                    .on(key)
                    .suggest("change it in its file"));
            }
            (None | Some(""), _) => {
                return Err(Fault::new(Code::Config003, "this is no single value")
                    .at(&**origin)
                    .on(key)
                    .suggest("name one of the values below it"));
            }
            (Some(below), _) => rest = below,
        }
    }
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
    use super::super::raw;
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
            ("step.x", "no such"),
        ] {
            let fault = set(&mut tree(), key, "1", &"--set".into()).unwrap_err().to_string();
            assert!(fault.contains(words), "{key}: {fault}");
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
