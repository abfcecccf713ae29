//! Divisions of whole numbers that are meant: the quotient is an index, halves what is searched, or says how long something lasts.

use rhai::{ASTFlags, ASTNode, Expr, FnCallExpr, Position, Stmt};

use super::super::types::Type;
use super::super::unit::Base;
use super::Look;

/// What takes a place in a list or a text.
const BY_PLACE: [&str; 9] =
    ["get", "set", "remove", "insert", "extract", "split", "drain", "truncate", "sub_string"];

/// What a quotient comes to.
enum Use<'a> {
    /// It must be whole: an index, the end of a range, or turned into a whole number on purpose.
    Whole,
    /// It stands in a text.
    Shown,
    Kept(&'a str),
    Other,
}

impl Look<'_> {
    /// A whole number that is divided by another, as it is told: no whole one, where the whole quotient is meant.
    pub(super) fn divided(&self, left: Type, right: &Type, at: Position) -> Type {
        let is_known = matches!((&left, right), (Type::Fixed(..), Type::Fixed(..)));
        if !left.is_whole() || !right.is_whole() || is_known || !self.is_meant(&left, at) {
            return left;
        }
        match left {
            Type::Measure(unit, _) => Type::Measure(unit, false),
            _ => Type::Decimal,
        }
    }

    fn is_meant(&self, left: &Type, at: Position) -> bool {
        let known = self.inside.as_ref().and_then(|key| self.functions.get(key));
        let Some(known) = known else { return false };
        let body = &known.definition.body;
        let is_span = left.unit().and_then(|unit| unit.base()) == Some(Base::Ms);
        let mut is_meant = false;
        walk(body, |path| {
            let Some(ASTNode::Expr(Expr::FnCall(call, place))) = path.last() else { return };
            if *place == at && call.name == "/" {
                is_meant = match comes_to(path) {
                    Use::Whole => true,
                    Use::Shown => is_span,
                    Use::Kept(name) => is_kept_whole(body, name, call, is_span),
                    Use::Other => false,
                };
            }
        });
        is_meant
    }
}

/// Whether a quotient that is kept in a variable is whole on purpose.
fn is_kept_whole(body: &[Stmt], name: &str, quotient: &FnCallExpr, is_span: bool) -> bool {
    let (mut is_whole, mut is_shown, mut is_used) = (false, false, false);
    walk(body, |path| match path.last() {
        Some(ASTNode::Expr(Expr::Variable(variable, ..))) if variable.1 == name => {
            match comes_to(path) {
                Use::Whole => is_whole = true,
                Use::Shown => is_shown = true,
                _ => is_used = true,
            }
        }
        Some(ASTNode::Stmt(Stmt::Assignment(parts))) => {
            is_whole |= is_halved(quotient, &parts.1.lhs)
                && matches!(&parts.1.rhs, Expr::Variable(from, ..) if from.1 == name);
        }
        _ => {}
    });
    is_whole || is_span && is_shown && !is_used
}

/// `(low + high) / 2`, where one of the two is set to the middle: what is searched is halved.
fn is_halved(quotient: &FnCallExpr, bound: &Expr) -> bool {
    let (Expr::Variable(bound, ..), [Expr::FnCall(sum, _), Expr::IntegerConstant(2, _)]) =
        (bound, &*quotient.args)
    else {
        return false;
    };
    let is_bound = |side: &Expr| matches!(side, Expr::Variable(it, ..) if it.1 == bound.1);
    sum.name == "+" && sum.args.iter().any(is_bound)
}

/// What the last node of a path comes to, by what stands around it.
fn comes_to<'a>(path: &[ASTNode<'a>]) -> Use<'a> {
    let mut is_scaled = false;
    for (index, around) in path.iter().enumerate().rev().skip(1) {
        let is_inner =
            |side: &Expr| matches!(path[index + 1], ASTNode::Expr(of) if std::ptr::eq(of, side));
        match around {
            ASTNode::Expr(Expr::Index(parts, ..)) if is_inner(&parts.rhs) => return Use::Whole,
            ASTNode::Expr(Expr::FnCall(call, _)) => match &*call.name {
                ".." | "..=" | "to_int" => return Use::Whole,
                "*" | "/" => is_scaled = true,
                "+" | "-" | "%" | "min" | "max" | "clamp" => {}
                _ => return Use::Other,
            },
            ASTNode::Expr(Expr::MethodCall(call, _)) if BY_PLACE.contains(&&*call.name) => {
                return Use::Whole;
            }
            ASTNode::Expr(Expr::Dot(parts, ..)) if is_inner(&parts.lhs) => {
                if matches!(&parts.rhs, Expr::MethodCall(call, _) if call.name == "to_int") {
                    return Use::Whole;
                }
                let is_head = index > 0
                    && matches!(path[index - 1], ASTNode::Expr(Expr::Index(chain, flags, _))
                        if !flags.contains(ASTFlags::BREAK)
                            && matches!(around, ASTNode::Expr(of) if std::ptr::eq(*of, &chain.rhs)));
                if !is_head {
                    return Use::Other;
                }
            }
            // What a text is filled with is a block of its own.
            ASTNode::Stmt(Stmt::Expr(_)) => {}
            ASTNode::Expr(Expr::Stmt(block)) if block.len() == 1 => {}
            ASTNode::Expr(Expr::InterpolatedString(..)) if !is_scaled => return Use::Shown,
            ASTNode::Stmt(Stmt::Var(parts, ..)) => return Use::Kept(&parts.0.name),
            ASTNode::Stmt(Stmt::Assignment(parts)) => {
                return match &parts.1.lhs {
                    Expr::Variable(to, ..) if !parts.0.is_op_assignment() => Use::Kept(&to.1),
                    _ => Use::Other,
                };
            }
            _ => return Use::Other,
        }
    }
    Use::Other
}

fn walk(body: &[Stmt], mut at: impl FnMut(&[ASTNode<'_>])) {
    for statement in body {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            at(path);
            true
        });
    }
}
