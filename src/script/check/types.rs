//! What a value of a script can be, as far as can be known before it runs.

use std::collections::BTreeMap;

use rhai::Dynamic;
use rust_decimal::Decimal;

use super::texts::Texts;
use super::unit::Unit;
use crate::script::fault::nearest;
use crate::types::TokenId;

/// The type of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Type {
    /// No value comes here: after a return, or of a function that has not been looked at yet.
    Never,
    /// Anything.
    #[default]
    Any,
    Unit,
    Bool,
    Int,
    Decimal,
    /// A whole number or a decimal.
    Number,
    /// A number that stands in the script, and whether it is whole.
    Fixed(Decimal, bool),
    /// A number that counts something, and whether it is whole.
    Measure(Unit, bool),
    /// A text, and what it can be.
    Text(Texts),
    Char,
    List(Box<Type>),
    Map(Fields),
    /// A closure or a pointer to a function.
    Function,
    /// Something of the host.
    Host(Object),
    /// This, or `()`.
    Optional(Box<Type>),
    /// What was kept in `this`: this, and `()` before it was kept, which its author knows.
    Stored(Box<Type>),
}

/// What only the host can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Object {
    Ctx,
    Risk,
    /// With its coin and its quote, where they are known.
    Market(Option<(TokenId, TokenId)>),
    /// The two markets of a symbol, with its coin and its quote, where they are known.
    Pair(Option<(TokenId, TokenId)>),
    /// The same at all exchanges together.
    Hedge(Option<(TokenId, TokenId)>),
    Params,
    /// With the token that it brings, where that is known.
    Order(Option<TokenId>),
    Group,
    /// With its token, where that is known.
    Amount(Option<TokenId>),
    Decision,
    /// In tests.
    World,
    /// In tests: what a step was.
    Step,
    /// In tests: an order that was sent.
    Sent,
    /// In tests: what a case of check_all draws from.
    Case,
}

/// The fields of a map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fields {
    pub(super) known: BTreeMap<String, Type>,
    /// Whether there are no others.
    pub(super) is_closed: bool,
}

impl Type {
    /// Any text.
    pub(super) fn text() -> Self {
        Self::Text(Texts::default())
    }

    pub(super) const fn amount() -> Self {
        Self::Host(Object::Amount(None))
    }

    /// What a value that is known is.
    pub(super) fn of(value: &Dynamic) -> Self {
        if value.is_unit() {
            return Self::Unit;
        }
        if value.is_bool() {
            return Self::Bool;
        }
        if value.is_int() {
            return Self::Int;
        }
        if value.is_decimal() {
            return Self::Decimal;
        }
        if let Ok(text) = value.as_immutable_string_ref() {
            return Self::Text(Texts::one(&text));
        }
        if let Ok(map) = value.as_map_ref() {
            let known = map.iter().map(|(name, value)| (name.to_string(), Self::of(value)));
            return Self::Map(Fields { known: known.collect(), is_closed: true });
        }
        if let Ok(list) = value.as_array_ref() {
            let items = list.iter().map(Self::of);
            return Self::List(Box::new(items.fold(Self::Never, Self::join)));
        }
        if value.is_fnptr() { Self::Function } else { Self::Any }
    }

    /// What a value is that comes from either of two places.
    pub(super) fn join(self, other: Self) -> Self {
        use Type::{Any, Fixed, Host, List, Map, Measure, Never, Optional, Text, Unit};
        match (self, other) {
            (a, b) if a == b => a,
            (Never, some) | (some, Never) => some,
            (Any, _) | (_, Any) => Any,
            (Self::Stored(a), Self::Stored(b)) => Self::Stored(Box::new(a.join(*b))),
            (Self::Stored(of), Unit) | (Unit, Self::Stored(of)) => Self::Stored(of),
            (Self::Stored(a), b) | (b, Self::Stored(a)) => {
                Self::Stored(Box::new(a.join(b.without_unit())))
            }
            // Nothing is as much in every unit.
            (Measure(unit, is_whole), Fixed(number, _))
            | (Fixed(number, _), Measure(unit, is_whole))
                if number.is_zero() =>
            {
                Measure(unit, is_whole)
            }
            (a, b) if a.is_number() && b.is_number() => match (a.is_whole(), b.is_whole()) {
                (true, true) => Self::Int,
                _ if a.is_decimal() && b.is_decimal() => Self::Decimal,
                _ => Self::Number,
            },
            (Text(a), Text(b)) => Text(a.join(b)),
            (Host(Object::Market(_)), Host(Object::Market(_))) => Host(Object::Market(None)),
            (Host(Object::Pair(_)), Host(Object::Pair(_))) => Host(Object::Pair(None)),
            (Host(Object::Hedge(_)), Host(Object::Hedge(_))) => Host(Object::Hedge(None)),
            // A plan holds both.
            (Host(Object::Order(_) | Object::Group), Host(Object::Order(_) | Object::Group)) => {
                Host(Object::Order(None))
            }
            (Host(Object::Amount(_)), Host(Object::Amount(_))) => Self::amount(),
            (Unit, Optional(of)) | (Optional(of), Unit) => Optional(of),
            (Optional(a), Optional(b)) => match a.join(*b) {
                Any => Any,
                of => Optional(Box::new(of)),
            },
            (Optional(a), b) | (b, Optional(a)) => match a.join(b) {
                Any => Any,
                of => Optional(Box::new(of)),
            },
            (Unit, some) | (some, Unit) => Optional(Box::new(some)),
            (List(a), List(b)) => List(Box::new(a.join(*b))),
            (Map(a), Map(b)) => Map(a.join(b)),
            _ => Any,
        }
    }

    /// With a field set; with any, where its name is not known.
    pub(super) fn with_field(self, name: Option<String>, of: Self) -> Self {
        match (self, name) {
            (Self::Map(mut fields), Some(name)) => {
                fields.known.insert(name, of);
                Self::Map(fields)
            }
            (Self::Map(Fields { known, .. }), None) => {
                Self::Map(Fields { known, is_closed: false })
            }
            (Self::List(items), _) => Self::List(Box::new(items.join(of))),
            (Self::Stored(kept), name) => Self::Stored(Box::new(kept.with_field(name, of))),
            (other, _) => other,
        }
    }

    /// Without the possibility of `()`.
    pub(super) fn without_unit(self) -> Self {
        match self {
            Self::Optional(of) => *of,
            Self::Unit => Self::Never,
            other => other,
        }
    }

    pub(super) const fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Int | Self::Decimal | Self::Number | Self::Fixed(..) | Self::Measure(..)
        )
    }

    /// What was kept in `this`, where the script knows when it is there: kept twice over, so that it stays so where ways meet.
    pub(super) fn expected(self) -> Self {
        match self {
            Self::Stored(of) if !matches!(*of, Self::Stored(_)) => {
                Self::Stored(Box::new(Self::Stored(of)))
            }
            of => of,
        }
    }

    /// What was kept in `this`, where nobody has asked for it.
    pub(super) fn is_unexpected(&self) -> bool {
        matches!(self, Self::Stored(of) if !matches!(**of, Self::Stored(_)))
    }

    pub(super) const fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// Whether it is certainly a whole number.
    pub(super) const fn is_whole(&self) -> bool {
        matches!(self, Self::Int | Self::Fixed(_, true) | Self::Measure(_, true))
    }

    pub(super) const fn is_decimal(&self) -> bool {
        matches!(self, Self::Decimal | Self::Fixed(_, false) | Self::Measure(_, false))
    }

    pub(super) const fn is_amount(&self) -> bool {
        matches!(self, Self::Host(Object::Amount(_)))
    }

    /// What it counts, where that is known.
    pub(super) const fn unit(&self) -> Option<&Unit> {
        match self {
            Self::Measure(unit, _) => Some(unit),
            _ => None,
        }
    }

    /// The same number, whatever it counts.
    pub(super) fn uncounted(self) -> Self {
        match self {
            Self::Measure(_, true) => Self::Int,
            Self::Measure(_, false) => Self::Decimal,
            other => other,
        }
    }

    /// What it is once it is there.
    pub(super) fn kept(&self) -> &Self {
        match self {
            Self::Stored(of) => of.kept(),
            of => of,
        }
    }

    /// Without what a turn of a loop may change: a number that stands there once need not stay.
    pub(super) fn loosened(self) -> Self {
        match self {
            Self::Fixed(_, true) => Self::Int,
            Self::Fixed(_, false) => Self::Decimal,
            other => other,
        }
    }

    /// As a person calls it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Never | Self::Any | Self::Stored(_) => "something".to_owned(),
            Self::Unit => "nothing ()".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Int | Self::Fixed(_, true) | Self::Measure(_, true) => {
                "a whole number".to_owned()
            }
            Self::Decimal | Self::Fixed(_, false) | Self::Measure(_, false) => {
                "a decimal".to_owned()
            }
            Self::Number => "a number".to_owned(),
            Self::Text(_) => "a text".to_owned(),
            Self::Char => "a character".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a map".to_owned(),
            Self::Function => "a function".to_owned(),
            Self::Host(object) => object.name().to_owned(),
            Self::Optional(of) => format!("{} or nothing ()", of.name()),
        }
    }
}

impl Object {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ctx => "ctx",
            Self::Risk => "ctx.risk",
            Self::Market(_) => "a market",
            Self::Pair(_) => "a pair",
            Self::Hedge(_) => "a hedge",
            Self::Params => "ctx.params",
            Self::Order(_) => "an order",
            Self::Group => "a group of orders",
            Self::Amount(_) => "an amount",
            Self::Decision => "a decision",
            Self::World => "a world",
            Self::Step => "a step",
            Self::Sent => "an order that was sent",
            Self::Case => "a case",
        }
    }
}

impl Fields {
    /// Whether there is no such field, and one of nearly the same name.
    pub(super) fn has_near(&self, name: &str) -> bool {
        let known = self.known.keys().map(String::as_str);
        self.is_closed && !self.known.contains_key(name) && nearest(name, known).is_some()
    }

    fn join(mut self, other: Self) -> Self {
        let was_open = !self.is_closed;
        self.is_closed &= other.is_closed;
        if other.is_closed {
            for (name, of) in &mut self.known {
                if !other.known.contains_key(name) {
                    *of = std::mem::take(of).join(Type::Unit);
                }
            }
        }
        for (name, of) in other.known {
            let joined = match self.known.remove(&name) {
                Some(own) => own.join(of),
                // A field that only one of two maps has.
                None if was_open => of,
                None => of.join(Type::Unit),
            };
            self.known.insert(name, joined);
        }
        self
    }
}
