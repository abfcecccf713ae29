//! A list of texts that stands where it is gone through: each of them surely comes by.

use std::sync::Arc;

use rhai::Expr;

use super::super::facts::Place;
use super::super::texts::Texts;
use super::super::types::Type;
use super::Look;

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

impl Look<'_> {
    /// What a turn of a loop over a list of texts is given, where the list stands there or is a constant.
    pub(super) fn each(&self, list: &Expr) -> Option<Type> {
        match list {
            Expr::Variable(variable, ..) if !variable.2.is_empty() => {
                self.lists[self.at].get(variable.1.as_str()).cloned()
            }
            list => each(list, self.at),
        }
    }
}
