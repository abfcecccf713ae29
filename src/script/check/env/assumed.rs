//! What a condition says of variables, where it holds and where it does not.

use std::rc::Rc;

use rhai::Expr;

use super::super::changes;
use super::super::same;
use super::super::types::Type;
use super::Env;

impl Env {
    /// Whether it was asked for the same before, and is there: `ctx.gas_gwei != () && ctx.gas_gwei > 20`.
    pub(in crate::script::check) fn is_there(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Dot(..) | Expr::Index(..))
            && self.1.iter().any(|known| same::alike(known, expr))
    }

    /// What is known of variables where a condition holds, or does not.
    pub(in crate::script::check) fn assume(&mut self, condition: &Expr, holds: bool) {
        self.doubt(condition);
        match condition {
            Expr::And(all, _) if holds => all.iter().for_each(|one| self.assume(one, true)),
            Expr::Or(any, _) if !holds => any.iter().for_each(|one| self.assume(one, false)),
            // A flag stands for what it was set to.
            Expr::Variable(flag, ..) => {
                if let Some(means) = self.named(&flag.1).and_then(|flag| flag.means.clone()) {
                    self.assume(&means, holds);
                }
            }
            Expr::FnCall(call, _) => {
                let sign = call.op_token.as_ref().map(|op| op.literal_syntax());
                match (sign, &*call.args) {
                    (Some("!"), [inner]) => self.assume(inner, !holds),
                    (Some("=="), [left, right]) => self.compared(left, right, holds),
                    (Some("!="), [left, right]) => self.compared(left, right, !holds),
                    (Some(sign @ ("<" | "<=" | ">" | ">=")), [left, right]) => {
                        let is_below = sign.starts_with('<') == holds;
                        let (low, high) = if is_below { (left, right) } else { (right, left) };
                        self.at_most(low, high);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Where something is asked of a variable, not each of its values comes by.
    pub(in crate::script::check) fn doubt(&mut self, asked: &Expr) {
        for name in changes::reads(asked).0 {
            if let Some(variable) = self.named(&name)
                && let Type::Text(texts) = Rc::make_mut(&mut variable.of)
            {
                *texts = std::mem::take(texts).doubted();
            }
        }
    }

    /// `let known = x != ();`
    pub(in crate::script::check) fn stands_for(&mut self, name: &str, of: &Expr) {
        if asks_for_nothing(of)
            && !changes::reads(of).0.contains(name)
            && let Some(variable) = self.named(name)
        {
            variable.means = Some(Rc::new(of.clone()));
        }
    }

    /// A variable is another: flags that ask for it say nothing of it any longer.
    pub(super) fn means_no_longer(&mut self, name: &str) {
        for variable in &mut self.0 {
            let asks = |of: &mut Rc<Expr>| changes::reads(of).0.contains(name);
            if *variable.name == *name || variable.means.as_mut().is_some_and(asks) {
                variable.means = None;
            }
        }
    }

    /// Where a switch says that a variable is `()`, or something else.
    pub(in crate::script::check) fn switched(&mut self, name: &str, is_nothing: bool) {
        if let Some(variable) = self.named(name) {
            let of = Rc::unwrap_or_clone(std::mem::take(&mut variable.of));
            variable.of = if is_nothing { Type::Unit } else { of.without_unit() }.into();
        }
    }

    /// `x.name == ()`
    fn field_compared(&mut self, left: &Expr, right: &Expr, is_equal: bool) {
        let (Expr::Dot(parts, ..), Expr::Unit(_)) = (left, right) else { return };
        let (Expr::Variable(variable, ..), Expr::Property(property, _)) = (&parts.lhs, &parts.rhs)
        else {
            return;
        };
        if let Some(variable) = self.named(&variable.1)
            && let Type::Map(fields) = Rc::make_mut(&mut variable.of)
            && let Some(of) = fields.known.get_mut(property.2.as_str())
        {
            let known = std::mem::take(of);
            *of = if is_equal { Type::Unit } else { known.without_unit() };
        }
    }

    /// `x == ()` or `type_of(x) == "()"`, which holds or does not.
    fn compared(&mut self, left: &Expr, right: &Expr, is_equal: bool) {
        self.field_compared(left, right, is_equal);
        if let (Expr::Dot(..) | Expr::Index(..), Expr::Unit(_), false) = (left, right, is_equal) {
            self.1.push(Rc::new(left.clone()));
        }
        if let (Expr::FnCall(call, _), Expr::StringConstant(text, _), true) =
            (left, right, is_equal)
            && let ("type_of", [Expr::Variable(asked, ..)]) = (&*call.name, &*call.args)
            && text != "()"
            && let Some(variable) = self.named(&asked.1)
        {
            let of = Rc::unwrap_or_clone(std::mem::take(&mut variable.of));
            variable.of = of.without_unit().into();
            return;
        }
        let Some(name) = asked_for_unit(left, right).or_else(|| asked_for_unit(right, left)) else {
            return;
        };
        if let Some(variable) = self.named(name) {
            let of = Rc::unwrap_or_clone(std::mem::take(&mut variable.of));
            variable.of = if is_equal { Type::Unit } else { of.without_unit() }.into();
        }
    }
}

/// Whether a condition asks whether something is there.
fn asks_for_nothing(expr: &Expr) -> bool {
    match expr {
        Expr::And(parts, _) | Expr::Or(parts, _) => parts.iter().any(asks_for_nothing),
        Expr::FnCall(call, _) => match (&*call.name, &*call.args) {
            ("!", [inner]) => asks_for_nothing(inner),
            ("==" | "!=", [left, right]) => {
                asked_for_unit(left, right).or_else(|| asked_for_unit(right, left)).is_some()
            }
            _ => false,
        },
        _ => false,
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
