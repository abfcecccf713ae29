//! A merged configuration as text: for people with each value's origin, for the hash without.

use sha2::{Digest, Sha256};

use super::raw::Node;

/// YAML with each value's origin in a comment behind it.
pub(super) fn with_origins(tree: &Node) -> String {
    let mut text = String::new();
    write_map(tree, 0, Comments::Origins, &mut text);
    text
}

/// SHA-256 of the values alone, hex: the same settings from other files are the same configuration.
pub(super) fn hash(tree: &Node) -> String {
    let mut text = String::new();
    write_map(tree, 0, Comments::None, &mut text);
    hex(&Sha256::digest(text.as_bytes()))
}

/// Bytes as lower-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Clone, Copy)]
enum Comments {
    Origins,
    None,
}

fn write_map(node: &Node, depth: usize, comments: Comments, out: &mut String) {
    let Node::Map(entries) = node else { return };
    for (name, below) in entries {
        indent(depth, out);
        out.push_str(&quoted(name));
        out.push(':');
        write_value(below, depth, comments, out);
    }
}

fn write_value(node: &Node, depth: usize, comments: Comments, out: &mut String) {
    match node {
        Node::Text { value, origin } => {
            if !node.is_unset() {
                out.push(' ');
                out.push_str(&quoted(value));
            }
            if let Comments::Origins = comments {
                out.push_str(" # ");
                out.push_str(origin);
            }
            out.push('\n');
        }
        Node::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        Node::List(items) if items.is_empty() => out.push_str(" []\n"),
        Node::Map(_) => {
            out.push('\n');
            write_map(node, depth + 1, comments, out);
        }
        Node::List(items) => {
            out.push('\n');
            for item in items {
                indent(depth + 1, out);
                out.push('-');
                write_value(item, depth + 1, comments, out);
            }
        }
    }
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// A scalar as YAML reads it back to the same characters.
fn quoted(value: &str) -> String {
    let is_plain = value.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
        && value.len() > 1
        || value.chars().all(|c| c.is_ascii_alphanumeric());
    let is_safe = value.chars().all(|c| c.is_ascii_alphanumeric() || "_./+- ".contains(c));
    if !value.is_empty() && is_plain && is_safe && !value.starts_with("- ") && !value.ends_with(' ')
    {
        value.to_owned()
    } else if value.chars().any(char::is_control) {
        format!("{value:?}")
    } else {
        format!("'{}'", value.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::raw;
    use super::*;

    const YAML: &str = "a: 0.10\nb: 'it''s: #1'\nc:\nd: { e: [1, -2, 'x, y'], f: {} }\n\
        g:\n  - { h: 1 }\n  - { h: 2, i: [3] }\nj: '- k'\nl: '-'\nbinance.USDT: '2024-01-01T00:00Z'\n";

    /// The tree with one origin everywhere.
    fn tree(yaml: &str) -> Node {
        raw::read(yaml, &"x.yaml".into()).unwrap()
    }

    #[test]
    fn what_is_written_reads_back_to_the_same_values() {
        assert_eq!(tree(&with_origins(&tree(YAML))), tree(YAML));
        assert!(with_origins(&tree(YAML)).contains("a: 0.10 # x.yaml\n"));
    }

    #[test]
    fn the_hash_sees_values_and_not_origins() {
        let elsewhere = raw::read(YAML, &"y.yaml".into()).unwrap();
        assert_eq!(hash(&tree(YAML)), hash(&elsewhere));
        assert_ne!(hash(&tree(YAML)), hash(&tree(&YAML.replace("0.10", "0.1"))));
    }
}
