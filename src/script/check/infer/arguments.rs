//! The arguments of calls, and a constant that stands among the factors of a product.

use rhai::{Expr, FnCallExpr, Position};
use rust_decimal::Decimal;

use super::super::env::Env;
use super::super::facts::{Given, What};
use super::super::types::Type;
use super::judged::{is_one, summands};
use super::{Key, Look, words};

impl Look<'_> {
    pub(super) fn given(&mut self, call: &FnCallExpr, env: &mut Env) -> Vec<Given> {
        // `assert_eq(map.field, ())`: that it is not there is what is meant.
        let is_for_nothing = call.name.starts_with("assert_")
            && call.args.iter().any(|argument| matches!(argument, Expr::Unit(_)));
        let around = std::mem::replace(&mut self.is_asked_for, is_for_nothing);
        let given = self.each_given(call, env);
        self.is_asked_for = around;
        given
    }

    fn each_given(&mut self, call: &FnCallExpr, env: &mut Env) -> Vec<Given> {
        call.args
            .iter()
            .map(|argument| {
                self.note(argument.start_position(), &[argument], env);
                // A function is handed over by its name.
                let is_pointer = matches!(argument, Expr::Variable(variable, ..)
                    if variable.2.is_empty() && !env.has(&variable.1));
                let of = match argument {
                    _ if is_pointer => Type::Any,
                    // To ask what it is, is not to take it.
                    Expr::Variable(variable, ..) if call.name == "type_of" => {
                        self.note(argument.position(), &[argument], env);
                        env.read_for_member(&variable.1, argument.position())
                    }
                    // A number in quotes is meant there.
                    Expr::StringConstant(..) if call.name.starts_with("parse_") => Type::text(),
                    _ => self.expr(argument, env),
                };
                self.nothing_taken(argument, &of);
                let param = match argument {
                    Expr::Variable(variable, ..) if variable.2.is_empty() => env.param(&variable.1),
                    _ => None,
                };
                let turned = if self.tells() { self.turned(argument, env) } else { None };
                let is_nothing = env.is_at_most_0(argument);
                let name = if self.tells() { last_name(argument) } else { None };
                let at = argument.start_position();
                let summands = summands(argument, env);
                Given { of, at, name, param, summands, is_nothing, turned }
            })
            .collect()
    }

    /// `1 + SHARE` and `1 - SHARE`, where the constant is no part of one.
    pub(super) fn one_and_share(
        &mut self,
        (op, at): (&'static str, Position),
        args: &[Expr],
        share: &Type,
    ) {
        let ([one, Expr::Variable(name, ..)], &Type::Fixed(share, _)) = (args, share) else {
            return;
        };
        let is_constant = name.2.path.first().is_some_and(|it| it.name == "global");
        if ["+", "-"].contains(&op)
            && is_one(one)
            && is_constant
            && !words::is_multiple(&name.1)
            && share.abs() >= Decimal::ONE
        {
            self.tell(at, What::OneAnd { op, share });
        }
    }

    /// A constant of 1 times what is held: it reads like a part of it, and is all of it.
    pub(super) fn times_one(
        &mut self,
        (op, at): (&str, Position),
        args: &[Expr],
        of: (&Type, &Type),
    ) {
        let is_one = |of: &Type| matches!(of, Type::Fixed(number, _) if *number == 1.into());
        let name = match (args, of) {
            ([name, _], (one, Type::Measure(..))) if is_one(one) => share_named(name),
            ([_, name], (Type::Measure(..), one)) if is_one(one) => share_named(name),
            _ => None,
        };
        if let ("*", Some(name)) = (op, name) {
            self.tell(at, What::TimesOne { name: name.to_owned() });
        }
    }

    /// `orders::all(key)` as the amount of an order.
    pub(super) fn all_of(&mut self, call: &FnCallExpr) {
        for argument in &call.args {
            if let Expr::FnCall(inner, at) = argument
                && inner.name == "all"
                && let [key] = &*inner.args
                && let Some(key) = first_text(key)
            {
                let (order, key) = (call.name.to_string(), key.to_owned());
                self.tell(*at, What::AllOf { order, key });
            }
        }
    }

    /// Whether the look is in `exit`, or in what `exit` alone calls.
    pub(super) fn is_leaving(&self) -> bool {
        let is_exit = |key: &Key| key.1 == "exit" && key.2 == 1;
        let Some(inside) = &self.inside else { return false };
        let callers = self.functions.get(inside).map(|known| &known.callers);
        is_exit(inside)
            || callers.is_some_and(|callers| !callers.is_empty() && callers.iter().all(is_exit))
    }
}

/// The text with which a key begins.
fn first_text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::StringConstant(text, _) => Some(text),
        Expr::FnCall(call, _) if call.name == "+" => first_text(call.args.first()?),
        _ => None,
    }
}

/// `NAME` of `global::NAME`, where it is the name of a part of something.
fn share_named(expr: &Expr) -> Option<&str> {
    let Expr::Variable(variable, ..) = expr else { return None };
    let is_global = variable.2.path.first().is_some_and(|it| it.name == "global");
    (is_global && words::is_part(&variable.1)).then_some(variable.1.as_str())
}

/// The last name in an argument: `debt` of `debt` and of `state.debt`.
pub(super) fn last_name(argument: &Expr) -> Option<String> {
    match argument {
        Expr::Variable(variable, ..) => Some(variable.1.to_string()),
        Expr::Property(property, _) => Some(property.2.to_string()),
        Expr::Dot(parts, ..) => last_name(&parts.rhs),
        // The larger of two lots is one.
        Expr::FnCall(call, _) if ["min", "max"].contains(&&*call.name) => {
            let mut names = call.args.iter().map(last_name);
            let first = names.next().flatten()?;
            (first == "lot" && names.all(|name| name.as_ref() == Some(&first))).then_some(first)
        }
        _ => None,
    }
}
