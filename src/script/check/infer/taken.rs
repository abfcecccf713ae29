//! What is taken of functions and is not to be had: one that is named and not called, one that gives nothing.

use rhai::Expr;

use super::super::facts::{Place, What};
use super::super::origins::Origin;
use super::super::types::Type;
use super::Look;

impl Look<'_> {
    /// `sizing::deployed`, which names a function of a module and does not call it.
    pub(super) fn not_called(&mut self, alias: Option<&str>, name: &str, expr: &Expr) {
        let file = match alias {
            None => Some(self.at),
            Some(alias) => self.imports[self.at].get(alias).copied(),
        };
        let mut functions = self.functions.iter();
        let Some((_, known)) = functions.find(|(key, _)| Some(key.0) == file && key.1 == name)
        else {
            return;
        };
        let params = known.definition.params.join(", ");
        let call = match alias {
            None => format!("{name}({params})"),
            Some(alias) => format!("{alias}::{name}({params})"),
        };
        self.tell(expr.position(), What::NotCalled { call });
    }

    /// A function that gives nothing is taken for something.
    pub(super) fn nothing_taken(&mut self, from: &Expr, of: &Type) {
        let mut last = from;
        while let Expr::Dot(parts, ..) = last {
            last = &parts.rhs;
        }
        if let (Expr::FnCall(call, at) | Expr::MethodCall(call, at), Type::Unit) = (last, of)
            && call.op_token.is_none()
        {
            if self.is_last
                && let Some(key) = self.own_function(call)
                && let Some(nothing) = self.nothing_of(&key)
            {
                let place = Place { file: self.at, at: *at };
                self.origins.add(place, Origin::GivesNothing { function: key.1, at: nothing });
            }
            self.tell(*at, What::NothingTaken { name: call.name.to_string() });
        }
    }
}
