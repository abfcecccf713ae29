//! How a value is written that stands in a wrong form: a map where a list belongs, a list where a map belongs, one value where
//! either does.

use super::faults::nearest;
use super::raw::Node;
use super::schema::Key;
use super::schema::Shape::{self, Each, List, Map, Scalar};

/// The longest map whose names are shown with their values left open.
const FIELDS_SHOWN_MAX: usize = 4;

/// What to write in the place of a node that has not the form of its place; the name is the last of its path.
pub(super) fn written(shape: &Shape, name: &str, node: &Node) -> Option<String> {
    match (shape, node) {
        (Map(known), Node::Text { value, .. }) => {
            let names: Vec<&str> = known.iter().map(|key| key.name).collect();
            let only = known.len() == 1 && matches!(known[0].shape, Scalar);
            let field =
                if only { Some(names[0]) } else { names.iter().copied().find(|it| *it == "value") };
            match field {
                Some(field) => {
                    is_plain(value).then(|| format!("write {name}: {{ {field}: {value} }}"))
                }
                None => open_fields(known, name),
            }
        }
        (Map(known), Node::List(items)) => {
            let values: Vec<&str> = items.iter().filter_map(plain).collect();
            if values.len() != known.len() || values.len() != items.len() {
                return open_fields(known, name);
            }
            let pairs: Vec<String> = known
                .iter()
                .zip(values)
                .map(|(key, value)| format!("{}: {value}", key.name))
                .collect();
            Some(format!("write {name}: {{ {} }}", pairs.join(", ")))
        }
        (Each(inner), Node::List(items)) => as_names(inner, name, items),
        (Each(Scalar), Node::Text { .. }) => Some(format!("write {name}: {{ name: value }}")),
        (Each(_), Node::Text { value, .. }) => {
            is_plain(value).then(|| format!("write {name}: {{ {value}: }}"))
        }
        (List(Scalar), Node::Text { value, .. }) => {
            let items: Vec<&str> = value.split(',').map(str::trim).collect();
            items
                .iter()
                .all(|item| is_plain(item))
                .then(|| format!("write {name}: [{}]", items.join(", ")))
        }
        (List(Scalar), Node::Map(entries)) => {
            let is_list = entries.iter().all(|(_, below)| below.is_unset());
            let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
            is_list.then(|| format!("write {name}: [{}]", names.join(", ")))
        }
        (List(_), Node::Map(_)) => Some("begin each of its items with '- '".to_owned()),
        (Scalar, Node::List(items)) => match (name, &items[..]) {
            (name, [item]) => plain(item).map(|item| format!("write {name}: {item}")),
            ("value", _) => Some("values by name are written values: { name: value }".to_owned()),
            ("min" | "max", _) => Some("write min and max each with its number".to_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// Balances that stand below their venue, as they stand beside it, by the venue that is meant.
pub(super) fn balances(venue: &str, node: &Node, venues: &[String]) -> Option<String> {
    let Node::Map(entries) = node else { return None };
    let near = nearest(venue, venues);
    let venue = near.as_deref().unwrap_or(venue);
    let named = entries.iter().map(|(token, amount)| match amount {
        Node::Text { value, .. } => Some(format!("{venue}.{token}: {value}")),
        _ => None,
    });
    Some(format!("write {}", named.collect::<Option<Vec<_>>>()?.join(", ")))
}

/// The items of a list, as names of a map.
fn as_names(inner: &Shape, name: &str, items: &[Node]) -> Option<String> {
    if items.iter().any(|item| matches!(item, Node::Map(_))) {
        return Some(format!("below {name} stand names with ':', each without a '-'"));
    }
    let first = items.first().and_then(plain)?;
    Some(match inner {
        Scalar => format!("write {name}: {{ name: value }}"),
        _ => format!("write each as a name with ':' behind it and without a '-', as {first}:"),
    })
}

/// The fields of a small map, their values left open.
fn open_fields(known: &[Key], name: &str) -> Option<String> {
    let fields: Vec<String> = known.iter().map(|key| format!("{}: …", key.name)).collect();
    (fields.len() <= FIELDS_SHOWN_MAX).then(|| format!("write {name}: {{ {} }}", fields.join(", ")))
}

fn plain(node: &Node) -> Option<&str> {
    match node {
        Node::Text { value, .. } => Some(value).filter(|value| is_plain(value)).map(String::as_str),
        _ => None,
    }
}

/// Whether a value can be shown as it is: it needs no quotes.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || "._-/".contains(c))
}
