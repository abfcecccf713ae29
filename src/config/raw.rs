//! What a YAML file says, as text: a tree in which every scalar is the characters of the file, with their origin.
//!
//! The only user of `serde_yaml`. Reading a number through it would make a binary float of `0.1`; so a first pass learns the
//! form of the document and a second one, led by that form, reads every scalar as a string.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use crate::types::Code;

use super::faults::Fault;
use super::misplaced::{self, Meant};
use super::unreadable;

/// A configuration as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Names and what stands below them, in the order of the file.
    Map(Vec<(String, Node)>),
    /// Items in order.
    List(Vec<Node>),
    /// A scalar, as it is written.
    Text {
        /// Its characters. Nothing, `~` and `null` mean "not set".
        value: String,
        /// The file, or the flag, that it comes from.
        origin: Arc<str>,
    },
}

impl Node {
    /// A scalar.
    pub(super) fn text(value: impl Into<String>, origin: &Arc<str>) -> Self {
        Self::Text { value: value.into(), origin: origin.clone() }
    }

    /// What stands below a name.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The same, with the name as it stands there.
    pub(super) fn entry(&self, key: &str) -> Option<(&str, &Node)> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(name, node)| (name.as_str(), node))
    }

    /// Whether a scalar says nothing.
    pub(super) fn is_unset(&self) -> bool {
        matches!(self, Self::Text { value, .. } if matches!(value.as_str(), "" | "~" | "null"))
    }

    /// The names below, in order; none for lists and scalars.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let entries = match self {
            Self::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|(name, _)| name.as_str())
    }

    /// The origin of the first scalar below, for faults about a whole map.
    pub(super) fn origin(&self) -> Option<&Arc<str>> {
        match self {
            Self::Map(entries) => entries.iter().find_map(|(_, node)| node.origin()),
            Self::List(items) => items.iter().find_map(Node::origin),
            Self::Text { origin, .. } => Some(origin),
        }
    }
}

/// Reads one YAML document.
///
/// # Errors
/// CONFIG-001 with the line and column when the text is no YAML, repeats a key, or is no map.
pub(super) fn read(yaml: &str, origin: &Arc<str>) -> Result<Node, Fault> {
    let unreadable = |error: serde_yaml::Error| unreadable::fault(yaml, &error, origin);
    let form = Form::deserialize(serde_yaml::Deserializer::from_str(yaml)).map_err(unreadable)?;
    if let (Form::Scalar, Some(Meant { line, column, sentence, help })) =
        (&form, misplaced::no_settings(yaml))
    {
        let place = format!("{origin}:{line}:{column}");
        return Err(Fault::new(Code::Config001, sentence).at(place).suggest(help));
    }
    if !matches!(form, Form::Map(_)) {
        let sentence = "the file must hold settings as 'name: value' lines";
        return Err(Fault::new(Code::Config001, sentence).at(&**origin));
    }
    Led { form: &form, origin }
        .deserialize(serde_yaml::Deserializer::from_str(yaml))
        .map_err(unreadable)
}

/// The form of a document without its scalars.
enum Form {
    Map(Vec<Form>),
    List(Vec<Form>),
    Scalar,
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FormVisitor)
    }
}

struct FormVisitor;

macro_rules! scalars {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E: de::Error>(self, _: $kind) -> Result<Form, E> { Ok(Form::Scalar) })*
    };
}

impl<'de> Visitor<'de> for FormVisitor {
    type Value = Form;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map, a list or a value, without tags")
    }

    scalars! {
        visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128, visit_f64: f64, visit_str: &str
    }

    fn visit_unit<E: de::Error>(self) -> Result<Form, E> {
        Ok(Form::Scalar)
    }

    fn visit_none<E: de::Error>(self) -> Result<Form, E> {
        Ok(Form::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Form, A::Error> {
        let mut forms = Vec::new();
        while let Some(form) = items.next_element()? {
            forms.push(form);
        }
        Ok(Form::List(forms))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Form, A::Error> {
        let mut names: Vec<String> = Vec::new();
        let mut forms = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            if names.contains(&name) {
                return Err(de::Error::custom(format!("'{name}' stands twice in one map")));
            }
            names.push(name);
            forms.push(entries.next_value()?);
        }
        Ok(Form::Map(forms))
    }
}

/// Reads a document of a known form.
struct Led<'a> {
    form: &'a Form,
    origin: &'a Arc<str>,
}

impl<'de> DeserializeSeed<'de> for Led<'_> {
    type Value = Node;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        match self.form {
            Form::Map(_) => deserializer.deserialize_map(self),
            Form::List(_) => deserializer.deserialize_seq(self),
            Form::Scalar => deserializer.deserialize_str(self),
        }
    }
}

impl<'de> Visitor<'de> for Led<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same document as before")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::text(value, self.origin))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let Form::List(forms) = self.form else { return Ok(Node::List(Vec::new())) };
        let mut nodes = Vec::with_capacity(forms.len());
        for form in forms {
            nodes.extend(items.next_element_seed(Led { form, origin: self.origin })?);
        }
        // The deserializer asks that the end be read, too.
        items.next_element::<de::IgnoredAny>()?;
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let Form::Map(forms) = self.form else { return Ok(Node::Map(Vec::new())) };
        let mut nodes = Vec::with_capacity(forms.len());
        let mut forms = forms.iter();
        while let (Some(name), Some(form)) = (entries.next_key::<String>()?, forms.next()) {
            nodes.push((name, entries.next_value_seed(Led { form, origin: self.origin })?));
        }
        Ok(Node::Map(nodes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Arc<str> {
        "x.yaml".into()
    }

    fn value(node: &Node) -> &str {
        match node {
            Node::Text { value, .. } => value,
            other => panic!("{other:?} is no scalar"),
        }
    }

    #[test]
    fn every_scalar_is_the_characters_of_the_file() {
        let yaml = "a: 0.1\nb: 0.1000\nc: 1e-5\nd: 2024-01-01\ne: true\nf:\ng: '7'\nh: 0x10\n\
                    i: 123456789012345678901234567890.5\nj: [0.30, no]\nk: { l: 00:10 }\n";
        let node = read(yaml, &origin()).unwrap();
        for (key, text) in [
            ("a", "0.1"),
            ("b", "0.1000"),
            ("c", "1e-5"),
            ("d", "2024-01-01"),
            ("e", "true"),
            ("f", ""),
            ("g", "7"),
            ("h", "0x10"),
            ("i", "123456789012345678901234567890.5"),
        ] {
            assert_eq!(value(node.get(key).unwrap()), text, "{key}");
        }
        let Some(Node::List(items)) = node.get("j") else { panic!("j is a list") };
        assert_eq!(items.iter().map(value).collect::<Vec<_>>(), ["0.30", "no"]);
        assert_eq!(value(node.get("k").unwrap().get("l").unwrap()), "00:10");
    }

    #[test]
    fn aliases_are_followed() {
        let node = read("a: &x { b: 0.10 }\nc: *x\n", &origin()).unwrap();
        assert_eq!(value(node.get("c").unwrap().get("b").unwrap()), "0.10");
    }

    #[test]
    fn what_is_no_configuration_is_refused_with_its_place() {
        for (yaml, words) in [
            ("a: [1, 2", "x.yaml:1:4: this '[' has no ']'"),
            ("a: 1\nb: 2\na: 2\n", "x.yaml:3:1: 'a' stands twice in one map, first in line 1"),
            ("a: { b: 1 c: 2 }\n", "x.yaml:1:12: a ',' or a '}' is missing before this"),
            ("a: { b: 1, c: 2\nd: 3\n", "x.yaml:1:4: this '{' has no '}'"),
            (
                "a: { b: 1,\n  c: 2 d: 3 }\n",
                "x.yaml:2:9: a ',' or a '}' is missing before this, in what",
            ),
            ("a: 1\n\tb: 2\n", "a tab stands here; indent with spaces"),
            ("a: @x\n", "x.yaml:1:4: a value cannot begin with '@'; put it into quotes"),
            ("a: b: c\n", "put a text with ': ' in it into quotes"),
            ("a: 1\nb 2\nc: 3\n", "x.yaml:2:1: a ':' with a space behind it is missing"),
            ("a: \"1\nb: 2\n", "x.yaml:1:4: this quote is not closed"),
            ("a: *x\n", "x.yaml:1:4: a '*' refers"),
            ("- a\n- b\n", "'name: value' lines"),
            ("", "'name: value' lines"),
            (
                "\u{feff}asset BTC\n",
                "x.yaml:1:1: a ':' with a space behind it is missing; write asset: BTC",
            ),
            ("a: !secret x\n", "x.yaml:1:4: a '!' names a type"),
            ("a: 1\n---\nb: 2\n", "another document"),
            ("a: 1\n b: 2\n", "x.yaml:2:2: this line is indented by 1 space"),
        ] {
            let fault = read(yaml, &origin()).unwrap_err();
            assert_eq!(fault.code, Code::Config001);
            assert!(fault.to_string().contains(words), "{yaml:?}: {fault}");
        }
    }
}
