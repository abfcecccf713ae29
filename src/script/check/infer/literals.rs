//! A list of texts that stands where it is gone through: each of them surely comes by.

use std::sync::Arc;

use rhai::Expr;

use super::super::facts::Place;
use super::super::texts::Texts;
use super::super::types::Type;

/// What a turn of a loop over such a list is given.
pub(super) fn each(list: &Expr, file: usize) -> Option<Type> {
    let Expr::Array(items, _) = list else { return None };
    let one = |item: &Expr| match item {
        Expr::StringConstant(text, at) => Some((Arc::from(text.as_str()), Place { file, at: *at })),
        _ => None,
    };
    let items: Option<Vec<_>> = items.iter().map(one).collect();
    Some(Type::Text(Texts::each(items.filter(|items| items.len() > 1)?)))
}
