//! The variables that stand at a place of a function, and what a condition says of them.

use rhai::{Expr, Position};

use super::types::{Fields, Type};

/// Variables, the innermost last.
#[derive(Clone, Debug, Default)]
pub(super) struct Env(Vec<Variable>);

#[derive(Clone, Debug)]
struct Variable {
    name: String,
    of: Type,
    /// Where it is declared, when it must be read by somebody.
    at: Option<Position>,
    is_read: bool,
}

impl Env {
    /// A new block; what it declares goes with [`Env::close`].
    pub(super) fn open(&self) -> usize {
        self.0.len()
    }

    /// Ends a block; the variables in it that nobody has read.
    pub(super) fn close(&mut self, depth: usize) -> Vec<(String, Position)> {
        let gone = self.0.split_off(depth.min(self.0.len()));
        unread(gone)
    }

    /// The variables that nobody has read.
    pub(super) fn unread(self) -> Vec<(String, Position)> {
        unread(self.0)
    }

    pub(super) fn all(self) -> impl Iterator<Item = (String, Type)> {
        self.0.into_iter().map(|variable| (variable.name, variable.of))
    }

    pub(super) fn declare(&mut self, name: &str, of: Type, at: Option<Position>) {
        self.0.push(Variable { name: name.to_owned(), of, at, is_read: false });
    }

    fn named(&mut self, name: &str) -> Option<&mut Variable> {
        self.0.iter_mut().rev().find(|variable| variable.name == name)
    }

    /// What a variable is; that somebody reads it is noted.
    pub(super) fn read(&mut self, name: &str) -> Type {
        self.named(name).map_or(Type::Any, |variable| {
            variable.is_read = true;
            variable.of.clone()
        })
    }

    pub(super) fn assign(&mut self, name: &str, of: Type) {
        if let Some(variable) = self.named(name) {
            variable.of = of;
        }
    }

    /// A field of a map is set; `None` where its name is not known.
    pub(super) fn put_field(&mut self, name: &str, field: Option<String>, of: Type) {
        let Some(variable) = self.named(name) else { return };
        variable.of = match (std::mem::replace(&mut variable.of, Type::Any), field) {
            (Type::Map(mut fields), Some(field)) => {
                fields.known.insert(field, of);
                Type::Map(fields)
            }
            (Type::Map(Fields { known, .. }), None) => {
                Type::Map(Fields { known, is_closed: false })
            }
            (Type::List(items), _) => Type::List(Box::new(items.join(of))),
            (other, _) => other,
        };
    }

    /// Something is put into a list.
    pub(super) fn push(&mut self, name: &str, of: Type) {
        if let Some(variable) = self.named(name)
            && let Type::List(items) = std::mem::replace(&mut variable.of, Type::Any)
        {
            variable.of = Type::List(Box::new(items.join(of)));
        }
    }

    /// Where two ways come together again; one that has ended does not come.
    pub(super) fn meet(
        &mut self,
        first: Self,
        first_ended: bool,
        second: Self,
        second_ended: bool,
    ) {
        let count = self.0.len();
        for (index, variable) in self.0.iter_mut().enumerate().take(count) {
            let (a, b) = (&first.0[index], &second.0[index]);
            variable.is_read |= a.is_read || b.is_read;
            variable.of = match (first_ended, second_ended) {
                (true, false) => b.of.clone(),
                (false, true) => a.of.clone(),
                _ => a.of.clone().join(b.of.clone()),
            };
        }
    }

    /// What was read in a copy was read.
    pub(super) fn learn_reads(&mut self, copy: &Self) {
        for (variable, other) in self.0.iter_mut().zip(&copy.0) {
            variable.is_read |= other.is_read;
        }
    }

    /// What is known of variables where a condition holds, or does not.
    pub(super) fn assume(&mut self, condition: &Expr, holds: bool) {
        match condition {
            Expr::And(all, _) if holds => all.iter().for_each(|one| self.assume(one, true)),
            Expr::Or(any, _) if !holds => any.iter().for_each(|one| self.assume(one, false)),
            Expr::FnCall(call, _) => {
                let sign = call.op_token.as_ref().map(|op| op.literal_syntax());
                match (sign, &*call.args) {
                    (Some("!"), [inner]) => self.assume(inner, !holds),
                    (Some("=="), [left, right]) => self.compared(left, right, holds),
                    (Some("!="), [left, right]) => self.compared(left, right, !holds),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// `x == ()` or `type_of(x) == "()"`, which holds or does not.
    fn compared(&mut self, left: &Expr, right: &Expr, is_equal: bool) {
        let Some(name) = asked_for_unit(left, right).or_else(|| asked_for_unit(right, left)) else {
            return;
        };
        if let Some(variable) = self.named(name) {
            let of = std::mem::replace(&mut variable.of, Type::Any);
            variable.of = if is_equal { Type::Unit } else { of.without_unit() };
        }
    }
}

fn asked_for_unit<'e>(subject: &'e Expr, unit: &Expr) -> Option<&'e str> {
    match (subject, unit) {
        (Expr::Variable(variable, ..), Expr::Unit(_)) => Some(&variable.1),
        (Expr::FnCall(call, _), Expr::StringConstant(text, _))
            if call.name == "type_of" && text == "()" =>
        {
            match &*call.args {
                [Expr::Variable(variable, ..)] => Some(&variable.1),
                _ => None,
            }
        }
        _ => None,
    }
}

fn unread(variables: Vec<Variable>) -> Vec<(String, Position)> {
    let unread = variables.into_iter().filter(|variable| !variable.is_read);
    unread.filter_map(|variable| Some((variable.name, variable.at?))).collect()
}
