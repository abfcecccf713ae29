//! Conditions that cannot hold where they stand: asked before in the same chain, or against themselves.

use rhai::{ASTNode, Expr, FlowControl, Stmt};
use rust_decimal::Decimal;

use super::super::bodies;
use super::super::changes;
use super::super::facts::What;
use super::super::same;
use super::{Look, words};

const AGAIN: &str = "it was asked before, and does not hold here";
const AGAINST: &str = "both sides of && cannot hold at once";

impl Look<'_> {
    /// `if a { } else if a { }`
    pub(super) fn asked_again(&mut self, parts: &FlowControl) {
        if !self.is_last {
            return;
        }
        let mut branch = parts.branch.statements();
        while let [Stmt::If(next, _)] = branch {
            if same::conditions(&parts.expr, &next.expr) {
                let at = next.expr.start_position();
                return self.tell(at, What::Contradiction { why: AGAIN });
            }
            branch = next.branch.statements();
        }
    }

    /// `if a { return … } if a { }`: the first has left when it holds.
    pub(super) fn answered(&mut self, statements: &[Stmt]) {
        if !self.is_last {
            return;
        }
        let mut answered: Vec<&Expr> = Vec::new();
        for statement in statements {
            if let Stmt::If(parts, _) = statement {
                if answered.iter().any(|before| same::conditions(before, &parts.expr)) {
                    let at = parts.expr.start_position();
                    self.tell(at, What::Contradiction { why: AGAIN });
                }
                let is_plain = !changes::reads(&parts.expr).1;
                let leaves = parts.body.statements().last().is_some_and(bodies::leaves);
                if is_plain && leaves && parts.branch.statements().is_empty() {
                    answered.push(&parts.expr);
                    continue;
                }
            }
            let changed = changes::of(std::slice::from_ref(statement));
            answered.retain(|before| changes::reads(before).0.is_disjoint(&changed));
        }
    }

    /// `if spot.tradable { continue; }`, and orders behind it: what is built there is built where nothing can be traded.
    pub(super) fn turned_guards(&mut self, statements: &[Stmt]) {
        if !self.is_last {
            return;
        }
        for (index, statement) in statements.iter().enumerate() {
            let Stmt::If(parts, _) = statement else { continue };
            let body = parts.body.statements();
            let is_guard = asks_tradable(&parts.expr)
                && body.last().is_some_and(leaves_shut)
                && parts.branch.statements().is_empty();
            if is_guard && !makes_orders(body) && makes_orders(&statements[index + 1..]) {
                self.tell(parts.expr.start_position(), What::TurnedGuard);
            }
        }
    }

    /// `x < 0 && x > 0`
    pub(super) fn against_itself(&mut self, parts: &[Expr]) {
        if !self.is_last {
            return;
        }
        for (index, part) in parts.iter().enumerate() {
            let Some((of, bound)) = bounded(part) else { continue };
            let others = parts[..index].iter().filter_map(bounded);
            let mut same = others.filter(|(other, _)| same::alike(of, other));
            if same.any(|(_, other)| !bound.meets(other)) {
                let at = part.start_position();
                self.tell(at, What::Contradiction { why: AGAINST });
            }
        }
    }
}

/// Whether a condition holds only where a market can be traded.
fn asks_tradable(expr: &Expr) -> bool {
    match expr {
        Expr::And(all, _) => all.iter().all(asks_tradable),
        Expr::Dot(parts, ..) => match &parts.rhs {
            Expr::Property(property, _) => property.2 == "tradable",
            Expr::MethodCall(call, _) => call.name == "tradable",
            rest => asks_tradable(rest),
        },
        Expr::FnCall(call, _) => call.name == "is_tradable",
        _ => false,
    }
}

/// Whether a statement leaves a turn, or the step for a reason that speaks of no price or trade.
fn leaves_shut(statement: &Stmt) -> bool {
    match statement {
        Stmt::BreakLoop(..) => true,
        Stmt::Return(Some(value), ..) => match &**value {
            Expr::FnCall(call, _) => matches!(call.args.first(),
                Some(Expr::StringConstant(reason, _)) if words::is_shut(reason)),
            _ => false,
        },
        statement => bodies::leaves(statement) && matches!(statement, Stmt::Return(None, ..)),
    }
}

/// Whether some statements build orders: by the host's functions, or by those of a module.
fn makes_orders(statements: &[Stmt]) -> bool {
    let mut makes = false;
    for statement in statements {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            makes |= matches!(path.last(), Some(ASTNode::Expr(Expr::FnCall(call, _)))
                if call.namespace.path.first().is_some_and(|module| module.name != "global"));
            makes |= matches!(path.last(), Some(ASTNode::Stmt(Stmt::FnCall(call, _)))
                if call.name.starts_with("entry_") || call.name.starts_with("exit_"));
            makes |= matches!(path.last(), Some(ASTNode::Expr(Expr::FnCall(call, _)))
                if call.name.starts_with("entry_") || call.name.starts_with("exit_"));
            !makes
        });
    }
    makes
}

/// What a comparison with a number lets through.
#[derive(Clone, Copy)]
struct Bound {
    low: Option<Decimal>,
    high: Option<Decimal>,
    /// Whether the bounds themselves are let through.
    is_closed: bool,
}

impl Bound {
    /// Whether something is let through by both.
    fn meets(self, other: Self) -> bool {
        let above = |low: Option<Decimal>, high: Option<Decimal>| match (low, high) {
            (Some(low), Some(high)) => {
                low < high || low == high && self.is_closed && other.is_closed
            }
            _ => true,
        };
        above(self.low, other.high) && above(other.low, self.high)
    }
}

fn bounded(expr: &Expr) -> Option<(&Expr, Bound)> {
    let Expr::FnCall(call, _) = expr else { return None };
    let [left, right] = &*call.args else { return None };
    let number = number(right)?;
    let bound = |low, high, is_closed| Bound { low, high, is_closed };
    let bound = match call.op_token.as_ref()?.literal_syntax() {
        "<" => bound(None, Some(number), false),
        "<=" => bound(None, Some(number), true),
        ">" => bound(Some(number), None, false),
        ">=" => bound(Some(number), None, true),
        "==" => bound(Some(number), Some(number), true),
        _ => return None,
    };
    Some((left, bound))
}

fn number(expr: &Expr) -> Option<Decimal> {
    match expr {
        Expr::IntegerConstant(number, _) => Some((*number).into()),
        Expr::DynamicConstant(value, _) => value.as_decimal().ok(),
        _ => None,
    }
}
