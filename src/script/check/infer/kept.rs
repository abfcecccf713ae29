//! What is kept in `this`, by name.

use std::collections::BTreeMap;

use rhai::Expr;

use super::super::env::Env;
use super::super::types::{Fields, Type};
use super::Look;

impl Look<'_> {
    /// A field of `this` is kept.
    pub(super) fn keep(&mut self, field: &Expr, is_chain: bool, of: Type, env: &mut Env) {
        let names: Vec<String> = match field {
            Expr::Property(property, _) => vec![property.2.to_string()],
            // this.seen[x] = …: a field of what is kept, whatever its others are.
            Expr::Index(inner, ..) | Expr::Dot(inner, ..)
                if matches!(inner.lhs, Expr::Property(..)) =>
            {
                self.expr(&inner.rhs, env);
                if let Expr::Property(property, _) = &inner.lhs {
                    let name = property.2.to_string();
                    let before = self.kept.remove(&name).unwrap_or(Type::Never);
                    let known = BTreeMap::new();
                    let open = Type::Map(Fields { known, is_closed: false });
                    let joined = if before.kept().is_list() { before } else { before.join(open) };
                    self.kept.insert(name, joined);
                }
                return;
            }
            // this[venue].since = …
            Expr::Index(inner, ..) | Expr::Dot(inner, ..) if is_chain => {
                self.expr(&inner.lhs, env);
                self.state_is_open = true;
                return;
            }
            by => match self.expr(by, env) {
                Type::Text(texts) if texts.are_known() => texts.all().map(str::to_owned).collect(),
                _ => {
                    self.state_is_open = true;
                    let before = std::mem::replace(&mut self.kept_anywhere, Type::Never);
                    self.kept_anywhere = before.join(of.loosened());
                    return;
                }
            },
        };
        for name in names {
            let before = self.kept.remove(&name).unwrap_or(Type::Never);
            let joined = before.clone().join(of.clone().loosened());
            if joined != before {
                // Who reads it is not noted.
                self.functions.values_mut().for_each(|known| known.is_stale = true);
            }
            self.kept.insert(name, joined);
        }
    }
}
