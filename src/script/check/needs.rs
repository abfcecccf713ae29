//! What a function of a script needs its parameters to be, by what it does with them. By that a call is judged where it stands,
//! not where its argument comes to be used.

use std::collections::BTreeSet;

use super::super::api::Kind;
use super::types::{Fields, Object, Type};
use crate::script::fault::nearest;

/// What one parameter must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    /// It is handed to host functions as these.
    pub(super) kinds: Vec<Kind>,
    /// These are read of it.
    pub(super) members: BTreeSet<String>,
    /// These are called on it.
    pub(super) methods: BTreeSet<String>,
    /// It is reckoned with.
    pub(super) is_reckoned: bool,
    /// It is held against a number.
    pub(super) is_compared: bool,
    /// Something is added to it.
    pub(super) is_added: bool,
    /// It is a part of one.
    pub(super) is_share: bool,
    /// It is asked whether it is there.
    pub(super) may_be_nothing: bool,
    /// It is handed to an order as so many coins or tokens.
    pub(super) is_quantity: bool,
    /// It is handed to an order as so many coins of its market.
    pub(super) is_coins: bool,
    /// An item of it is asked for.
    pub(super) is_indexed: bool,
    /// It is compared with these words.
    pub(super) words: BTreeSet<String>,
    /// Any other word is refused: it is told where the function throws.
    pub(super) is_refused: bool,
}

impl Need {
    /// Whether all of another is part of it.
    pub(super) fn has(&self, other: &Self) -> bool {
        other.kinds.iter().all(|kind| self.kinds.contains(kind))
            && other.members.is_subset(&self.members)
            && other.methods.is_subset(&self.methods)
            && other.words.is_subset(&self.words)
            && self.is_reckoned >= other.is_reckoned
            && self.is_compared >= other.is_compared
            && self.is_added >= other.is_added
            && self.is_share >= other.is_share
            && self.may_be_nothing >= other.may_be_nothing
            && self.is_quantity >= other.is_quantity
            && self.is_coins >= other.is_coins
            && self.is_indexed >= other.is_indexed
            && self.is_refused >= other.is_refused
    }

    pub(super) fn add(&mut self, other: &Self) {
        for kind in &other.kinds {
            if !self.kinds.contains(kind) {
                self.kinds.push(*kind);
            }
        }
        self.members.extend(other.members.iter().cloned());
        self.methods.extend(other.methods.iter().cloned());
        self.is_reckoned |= other.is_reckoned;
        self.is_compared |= other.is_compared;
        self.is_added |= other.is_added;
        self.is_share |= other.is_share;
        self.may_be_nothing |= other.may_be_nothing;
        self.is_quantity |= other.is_quantity;
        self.is_coins |= other.is_coins;
        self.is_indexed |= other.is_indexed;
        self.is_refused |= other.is_refused;
        self.words.extend(other.words.iter().cloned());
    }

    /// A field that is read of it and not there, and one that is there in its place, misspelt.
    pub(super) fn misnamed(&self, fields: &Fields) -> Option<(String, String)> {
        let is_map = |name: &&String| !["len", "keys", "values"].contains(&name.as_str());
        let mut lacking = self.members.iter().filter(|it| !fields.known.contains_key(*it));
        let spare = fields.known.keys().filter(|it| !self.members.contains(*it));
        let lacking = lacking.find_map(|name| {
            let near = nearest(name, spare.clone().map(String::as_str))?;
            Some((name.clone(), near.to_owned()))
        });
        lacking.filter(|(name, _)| fields.is_closed && is_map(&name))
    }

    /// Whether it must be there.
    pub(super) fn is_wanted(&self) -> bool {
        let is_number = |kind: &Kind| matches!(kind, Kind::Number | Kind::Amount);
        let is_used = self.is_reckoned || self.is_added || self.kinds.iter().any(is_number);
        is_used && !self.may_be_nothing
    }

    /// What is wanted, where a value certainly is not that.
    pub(super) fn unmet(&self, name: &str, of: &Type) -> Option<&'static str> {
        let of = match of {
            Type::Any | Type::Never | Type::Stored(_) => return None,
            Type::Unit if self.may_be_nothing => return None,
            Type::Optional(of) => of,
            of => of,
        };
        if matches!(of, Type::Any | Type::Never) {
            return None;
        }
        if name == "ctx" {
            return (*of != Type::Host(Object::Ctx)).then_some("ctx");
        }
        let is_text = matches!(of, Type::Text(_));
        for kind in &self.kinds {
            let (fits, wanted) = match kind {
                Kind::Number => (of.is_number() || of.is_amount(), "a number"),
                Kind::Amount => (of.is_number() || of.is_amount(), "a number or an amount"),
                Kind::Options => (matches!(of, Type::Map(_)), "a map of options"),
                Kind::Orders => (
                    matches!(of, Type::List(_) | Type::Host(Object::Order(_) | Object::Group)),
                    "a list of orders",
                ),
                Kind::Decision => (*of == Type::Host(Object::Decision), "a decision"),
                Kind::Function | Kind::Any => continue,
                Kind::Text => (is_text, "a text"),
                Kind::Venue => (is_text, "a venue"),
                Kind::Token => (is_text, "a token"),
                Kind::Key => (is_text, "a key"),
                _ => (is_text, "a symbol"),
            };
            if !fits {
                return Some(wanted);
            }
        }
        let of_list = ["all", "some", "push", "keys", "values", "filter", "map", "pop", "retain"];
        let is_plain = of.is_number() || matches!(of, Type::Bool | Type::Host(_));
        if self.is_indexed && is_plain && !matches!(of, Type::Host(Object::Params)) {
            return Some("a list or a map");
        }
        if is_plain && self.methods.iter().any(|name| of_list.contains(&name.as_str())) {
            return Some("a list or a map");
        }
        if !self.members.is_empty() {
            match of {
                Type::Map(fields) if fields.is_closed => {
                    let has = |name: &String| fields.known.contains_key(name);
                    if !self.members.iter().any(has) && !fields.known.is_empty() {
                        return Some("another map");
                    }
                }
                Type::Map(_) | Type::Host(_) => {}
                Type::List(_) | Type::Text(_) if self.members.iter().all(|it| it == "len") => {}
                _ => return Some("something with fields"),
            }
        }
        if self.is_reckoned && !(of.is_number() || of.is_amount() || is_text) {
            return Some("a number");
        }
        if self.is_compared && of.is_amount() {
            return Some("a number, which it is before the order is sent");
        }
        if self.is_reckoned && is_text && self.kinds.is_empty() {
            return Some("a number");
        }
        None
    }
}
