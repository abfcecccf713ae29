//! Which of two numbers is the larger, where a condition has said so: then their difference has a sign.

use std::rc::Rc;

use rhai::Expr;

use super::env::Env;

/// What is known to be as large as a number, or larger.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Most {
    /// These variables.
    of: Vec<Rc<str>>,
    /// It is at most 0.
    is_nothing: bool,
    /// It is at least 0.
    is_something: bool,
}

impl Most {
    /// What holds by either of two ways.
    pub(super) fn both(&self, other: &Self) -> Self {
        let of = self.of.iter().filter(|name| other.of.contains(name)).cloned();
        Self {
            of: of.collect(),
            is_nothing: self.is_nothing && other.is_nothing,
            is_something: self.is_something && other.is_something,
        }
    }

    /// Whether something is known of its sign.
    pub(super) fn is_signed(&self) -> bool {
        self.is_nothing || self.is_something
    }

    /// A variable is given another value.
    pub(super) fn forget(&mut self, name: &str) {
        self.of.retain(|known| **known != *name);
    }
}

impl Env {
    /// `low <= high`, of variables or of 0.
    pub(super) fn at_most(&mut self, low: &Expr, high: &Expr) {
        match (name(low), name(high)) {
            (Some(low), Some(high)) => {
                if let Some(most) = self.most(low) {
                    most.of.push(high.into());
                }
            }
            (Some(low), None) if is_zero(high) => {
                if let Some(most) = self.most(low) {
                    most.is_nothing = true;
                }
            }
            (None, Some(high)) if is_zero(low) => {
                if let Some(most) = self.most(high) {
                    most.is_something = true;
                }
            }
            _ => {}
        }
    }

    /// A variable is what an expression is.
    pub(super) fn sign_as(&mut self, variable: &str, of: &Expr) {
        let (is_nothing, is_something) = (self.is_at_most_0(of), self.is_at_least_0(of));
        if let Some(most) = self.most(variable) {
            *most = Most { of: Vec::new(), is_nothing, is_something };
        }
    }

    /// Whether an expression is 0 or less wherever it comes by.
    pub(super) fn is_at_most_0(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Variable(variable, ..) => self.knows(&variable.1, |most| most.is_nothing),
            Expr::FnCall(call, _) => match (&*call.name, &*call.args) {
                ("-", [one]) => self.is_at_least_0(one),
                ("-", [less, more]) => self.is_below(less, more),
                ("min", all) => all.iter().any(|one| self.is_at_most_0(one)),
                ("floor_to" | "round_to", [one, _]) => self.is_at_most_0(one),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_at_least_0(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Variable(variable, ..) => self.knows(&variable.1, |most| most.is_something),
            Expr::FnCall(call, _) => match (&*call.name, &*call.args) {
                ("-", [one]) => self.is_at_most_0(one),
                ("-", [more, less]) => self.is_below(less, more),
                ("max", all) => all.iter().any(|one| self.is_at_least_0(one)),
                ("abs", _) => true,
                ("floor_to" | "round_to", [one, _]) => self.is_at_least_0(one),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether one of two variables is at most the other.
    fn is_below(&self, low: &Expr, high: &Expr) -> bool {
        let (Some(low), Some(high)) = (name(low), name(high)) else { return false };
        self.knows(low, |most| most.of.iter().any(|known| **known == *high))
    }
}

fn name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Variable(variable, ..) if variable.2.is_empty() => Some(&variable.1),
        _ => None,
    }
}

/// Whether a nought stands there.
pub(super) fn is_zero(expr: &Expr) -> bool {
    match expr {
        Expr::IntegerConstant(number, _) => *number == 0,
        Expr::DynamicConstant(value, _) => value.as_decimal().is_ok_and(|it| it.is_zero()),
        _ => false,
    }
}
