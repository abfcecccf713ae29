//! The check of a file against the list of all keys: every misspelt name and every wrong form of it, told at once.
//!
//! What a value means and whether it may be so is judged when it is read, in `lower`.

use crate::types::Code;

use super::faults::{Fault, Faults, nearest};
use super::misplaced;
use super::places::{self, Place};
use super::raw::Node;
use super::schema::Key;
use super::schema::Shape::{self, Each, List, Map, Scalar};
use super::written::{balances, written};

/// The longest list of names that is told where none of them is near.
pub(super) const NAMES_TOLD_MAX: usize = 16;

/// Adds a fault for every unknown name and every wrong form of one file. A name that is misspelt is put right when that is told:
/// nothing further is missing then.
pub(super) fn check(
    node: &mut Node,
    shape: &'static Shape,
    (name, yaml): (&str, &str),
    faults: &mut Faults,
) {
    let venues =
        node.get("venues").map_or(Vec::new(), |venues| venues.names().map(str::to_owned).collect());
    check_at(node, shape, &mut String::new(), &File { name, yaml, venues }, faults);
}

/// The file that is checked.
struct File<'f> {
    name: &'f str,
    yaml: &'f str,
    /// Those that it names.
    venues: Vec<String>,
}

fn check_at(
    node: &mut Node,
    shape: &'static Shape,
    path: &mut String,
    file: &File<'_>,
    faults: &mut Faults,
) {
    match (shape, node) {
        (Scalar, Node::Text { value, .. }) => {
            if let Some((value, _)) = value.split_once(" //").filter(|_| !path.ends_with(".doc")) {
                let sentence = "all of this is read as the value: a comment begins with #";
                let fault = Fault::new(Code::Config003, sentence).at(file.name).on(path.as_str());
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
                        faults.push(fault.at(file.name).on(path.as_str()));
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
            let names = itemised(shape, node, path, file.yaml);
            for (name, Place { line, column, .. }) in &names {
                let above = path.rsplit_once('.').map_or("", |(above, _)| above);
                let (sentence, help) = misplaced::no_item(name);
                let fault = Fault::new(Code::Config003, sentence).suggest(help);
                let place = format!("{}:{line}:{column}", file.name);
                faults.push(fault.at(place).on(format!("{above}.{name}")));
            }
            if !names.is_empty() {
                return;
            }
            let sentence = format!("{} is expected here, not {}", wanted(shape), found(node));
            let mut fault = Fault::new(Code::Config003, sentence).at(file.name).on(path.as_str());
            let name = path.rsplit('.').next().unwrap_or_default();
            let of_venue = path.strip_prefix("initial_balances.");
            fault.suggestion = of_venue
                .and_then(|venue| balances(venue, node, &file.venues))
                .or_else(|| written(shape, name, node));
            faults.push(fault);
        }
    }
}

/// Names that a '-' makes items of a list, each with its place: in the column of the name before them, which they are no part of.
fn itemised<'n>(shape: &Shape, node: &'n Node, path: &str, yaml: &str) -> Vec<(&'n str, Place)> {
    // A list at the root may stand in the column of its own name.
    let Node::List(items) = node else { return Vec::new() };
    let Some(key) = places::of(yaml, path).filter(|_| path.contains('.')) else {
        return Vec::new();
    };
    let name = |item: &'n Node| match (shape, item) {
        (Map(known), Node::Text { value, .. }) if !known.iter().any(|key| key.name == value) => {
            Some(value.as_str())
        }
        (Map(_) | Scalar, Node::Map(_)) => item.names().next(),
        _ => None,
    };
    let place = |index: usize| {
        let item = format!("{path}.{index}");
        places::of(yaml, &item).filter(|at| at.path == item && at.column == key.column)
    };
    let named = items.iter().enumerate().map(|(index, item)| Some((name(item)?, place(index)?)));
    named.collect::<Option<_>>().unwrap_or_default()
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
mod tests;
