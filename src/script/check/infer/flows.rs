//! From what position an amount is reckoned, held against where the order that takes it moves it: an amount of what lies in the
//! wallet is not moved into the wallet.

use std::collections::BTreeSet;

use rhai::{Expr, FnCallExpr, Stmt};

use super::super::env::Env;
use super::super::facts::What;
use super::super::types::Type;
use super::Look;
use crate::types::PositionType;

/// The positions that a number grows and shrinks with, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::script::check) struct Flow {
    plus: BTreeSet<String>,
    minus: BTreeSet<String>,
    /// Whether it grows with a position of which the key is not known.
    is_open: bool,
}

impl Flow {
    /// What either of two numbers grows and shrinks with.
    pub(in crate::script::check) fn and(mut self, other: Self) -> Self {
        self.plus.extend(other.plus);
        self.minus.extend(other.minus);
        self.is_open |= other.is_open;
        self
    }

    pub(super) fn turned(self) -> Self {
        Self { plus: self.minus, minus: self.plus, is_open: self.is_open }
    }
}

/// The flow of an expression.
pub(super) fn of(expr: &Expr, env: &Env) -> Flow {
    match expr {
        Expr::Variable(variable, ..) if variable.2.is_empty() => env.flow(&variable.1),
        Expr::Dot(parts, ..) => match &parts.rhs {
            Expr::MethodCall(call, _) if ["balance", "projected"].contains(&&*call.name) => {
                match call.args.first() {
                    Some(Expr::StringConstant(key, _)) => {
                        Flow { plus: BTreeSet::from([key.to_string()]), ..Flow::default() }
                    }
                    _ => Flow { is_open: true, ..Flow::default() },
                }
            }
            _ => Flow::default(),
        },
        Expr::FnCall(call, _) => match (&*call.name, &*call.args) {
            ("-", [one]) => of(one, env).turned(),
            ("-", [left, right]) => of(left, env).and(of(right, env).turned()),
            ("+" | "*" | "min" | "max", [left, right]) => of(left, env).and(of(right, env)),
            ("/" | "floor_to" | "round_to", [one, _]) => of(one, env),
            _ => Flow::default(),
        },
        Expr::Stmt(block) => {
            block.statements().last().map_or_else(Flow::default, |it| last(it, env))
        }
        _ => Flow::default(),
    }
}

fn last(statement: &Stmt, env: &Env) -> Flow {
    match statement {
        Stmt::Expr(expr) => of(expr, env),
        Stmt::FnCall(call, at) => of(&Expr::FnCall(call.clone(), *at), env),
        Stmt::If(parts, _) => {
            let ways = [parts.body.statements().last(), parts.branch.statements().last()];
            let flows = ways.into_iter().flatten().map(|way| last(way, env));
            flows.fold(Flow::default(), Flow::and)
        }
        _ => Flow::default(),
    }
}

impl Look<'_> {
    /// An order that moves an amount to where it was found.
    pub(super) fn moved_back(&mut self, call: &FnCallExpr, given: &[Type], env: &Env) {
        if !self.is_last {
            return;
        }
        let universe = &*self.setup.universe;
        let text = |index: usize| match given.get(index) {
            Some(Type::Text(texts)) => texts.single(),
            _ => None,
        };
        let lies = |venue: Option<&str>, token: Option<&str>| {
            Some(format!("{}:{}:{}", venue?, PositionType::BaseToken.text(), token?))
        };
        let lent = |venue: Option<&str>, token: Option<&str>| {
            let (venue, token) = (universe.venue_named(venue?)?, universe.token_named(token?)?);
            let supplied = universe.reserve_of(venue, token)?.supplied?;
            Some(universe.instrument(supplied).name.to_string())
        };
        let wallet = Some("wallet");
        let (from, to, amount) = match call.name.as_str() {
            "transfer" => (lies(text(0), text(2)), lies(text(1), text(2)), 3),
            "supply" => (lies(wallet, text(1)), lent(text(0), text(1)), 2),
            "withdraw" => (lent(text(0), text(1)), lies(wallet, text(1)), 2),
            _ => return,
        };
        let (Some(to), Some(amount)) = (to, call.args.get(amount)) else { return };
        let flow = of(amount, env);
        let is_from = from.is_some_and(|from| flow.plus.contains(&from));
        if flow.plus.contains(&to) && !flow.minus.contains(&to) && !is_from && !flow.is_open {
            let order = call.name.to_string();
            self.tell(amount.start_position(), What::MovedBack { order, to });
        }
    }
}
