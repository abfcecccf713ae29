//! What functions, methods and operators give: the host's by their table, the language's own by a list.

use super::super::api::Entry;
use super::facts::Given;
use super::types::{Fields, Object, Type};

/// What an entry of the host's table gives.
pub(super) fn of(entry: &Entry) -> Type {
    let (text, is_optional) = match entry.returns.strip_suffix(", or ()") {
        Some(text) => (text, true),
        None => (entry.returns, false),
    };
    let of = plain(entry, text);
    if is_optional { Type::Optional(Box::new(of)) } else { of }
}

fn plain(entry: &Entry, text: &str) -> Type {
    match text {
        "bool" => Type::Bool,
        "order" => Type::Host(Object::Order),
        "group" => Type::Host(Object::Group),
        "decision" => Type::Host(Object::Decision),
        "amount" => Type::Host(Object::Amount),
        "risk" => Type::Host(Object::Risk),
        "market" => Type::Host(Object::Market),
        "parameters" => Type::Host(Object::Params),
        "text" | "venue" => Type::TEXT,
        "()" => Type::Unit,
        text if text.starts_with("integer") => Type::Int,
        text if text.starts_with('"') => Type::TEXT,
        text if text.starts_with("list of #{") => Type::List(Box::new(Type::Map(Fields {
            known: text
                .trim_start_matches("list of #{")
                .split('}')
                .next()
                .unwrap_or_default()
                .split(',')
                .map(|name| (name.trim().to_owned(), Type::Any))
                .collect(),
            is_closed: true,
        }))),
        text if text.starts_with("list of") => Type::List(Box::new(Type::Decimal)),
        text if text.starts_with("map") => Type::Any,
        "number" if !entry.params.is_empty() => Type::Number,
        _ => Type::Decimal,
    }
}

/// What a global function of the host gives for some arguments: `min` of an amount is an amount.
pub(super) fn of_global(entry: &Entry, given: &[Given]) -> Type {
    if entry.returns == "number" {
        let all = given.iter().map(|given| given.of.clone()).fold(Type::Never, Type::join);
        let is_known = all == Type::Never || all.is_number() || all == Type::Host(Object::Amount);
        return if is_known { all } else { Type::Any };
    }
    of(entry)
}

/// What a function of the language gives.
pub(super) fn of_language(name: &str, _given: &[Given]) -> Type {
    match name {
        "type_of" | "to_string" => Type::TEXT,
        "to_int" => Type::Int,
        "to_decimal" => Type::Decimal,
        _ => Type::Any,
    }
}

/// What a method of a value of the language gives.
pub(super) fn of_method(subject: &Type, name: &str, _given: &[Given]) -> Type {
    match (subject, name) {
        (Type::Never, _) => Type::Never,
        (_, "len") => Type::Int,
        (Type::Map(_), "keys") => Type::List(Box::new(Type::TEXT)),
        (Type::Map(_) | Type::List(_) | Type::Text(_), "contains") => Type::Bool,
        (Type::List(_), "all" | "some") => Type::Bool,
        (Type::List(_), "push" | "retain" | "clear") => Type::Unit,
        (Type::List(_), "filter") => subject.clone(),
        _ => Type::Any,
    }
}

/// What an operator gives.
pub(super) fn of_operator(op: &str, left: &Type, right: &Type) -> Type {
    let amount = Type::Host(Object::Amount);
    match op {
        "==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||" | "in" | "!in" => Type::Bool,
        _ if *left == Type::Never || *right == Type::Never => Type::Never,
        "+" if matches!(left, Type::Text(_)) || matches!(right, Type::Text(_)) => {
            match (left, right) {
                (Type::Text(Some(a)), Type::Text(Some(b))) => {
                    Type::Text(Some(format!("{a}{b}").into()))
                }
                _ => Type::TEXT,
            }
        }
        "+" if matches!((left, right), (Type::List(_), Type::List(_))) => {
            left.clone().join(right.clone())
        }
        "+" | "-" | "*" | "/" | "%" | "**" => match (left, right) {
            (left, right) if *left == amount || *right == amount => amount,
            (Type::Int, Type::Int) => Type::Int,
            (left, right) if left.is_number() && right.is_number() => {
                if *left == Type::Decimal || *right == Type::Decimal {
                    Type::Decimal
                } else {
                    Type::Number
                }
            }
            (left, right) if left.is_number() || right.is_number() => Type::Any,
            _ => Type::Any,
        },
        _ => Type::Any,
    }
}
