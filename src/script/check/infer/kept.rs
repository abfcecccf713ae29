//! What is kept in `this`, and what is read of it.

use std::collections::BTreeMap;

use rhai::{ASTFlags, Expr};

use super::super::env::Env;
use super::super::facts::Place;
use super::super::types::{Fields, Type};
use super::Look;

impl Look<'_> {
    /// What is read of `this`.
    pub(super) fn of_this(&mut self, rest: &Expr, env: &mut Env) -> Type {
        let (head, tail) = match rest {
            Expr::Dot(parts, flags, _) => (&parts.lhs, Some((parts, *flags, true))),
            Expr::Index(parts, flags, _) => (&parts.lhs, Some((parts, *flags, false))),
            single => (single, None),
        };
        let of = match head {
            Expr::Property(property, at) => {
                let name = property.2.to_string();
                if self.is_last {
                    self.asked.push((Place { file: self.at, at: *at }, name.clone()));
                }
                let known = self.kept.get(&name).cloned().unwrap_or(Type::Never);
                // What is set by itself alone is () all the same at first.
                let known = match known {
                    Type::Never if self.is_last && self.sets(&name) => Type::Any,
                    known => known,
                };
                let of = self.stored(known.join(self.kept_anywhere.clone()));
                // Where the script asks for it, or sets it up, it knows when it is there.
                let is_set_up = self.is_last && self.is_set_up(&name, *at);
                if is_set_up { of.expected() } else { of }
            }
            Expr::MethodCall(call, at) => match self.own_method(call, *at, env) {
                Some(gives) => gives,
                // What a method does to it is not followed.
                None => {
                    if let ("contains", [Expr::StringConstant(name, _)]) =
                        (&*call.name, &*call.args)
                    {
                        self.asks_named(name);
                    }
                    let only_looks = ["contains", "keys", "len", "values"];
                    self.state_is_open |= !only_looks.contains(&&*call.name);
                    self.method(Type::Any, None, call, *at, env)
                }
            },
            other => self.expr(other, env),
        };
        match tail {
            None => of,
            Some((parts, flags, true)) => {
                self.chain(of, (None, flags.contains(ASTFlags::NEGATED)), &parts.rhs, env)
            }
            Some((parts, flags, false)) => self.index(of, flags, &parts.rhs, env),
        }
    }

    /// What was kept; until all has been seen once, what is not known yet is nothing.
    fn stored(&self, of: Type) -> Type {
        match of {
            Type::Never if self.is_last || self.state_is_open => Type::Any,
            Type::Never => Type::Never,
            of => Type::Stored(Box::new(of)),
        }
    }

    /// `this[…]`
    pub(super) fn in_this(&mut self, flags: ASTFlags, by: &Expr, env: &mut Env) -> Type {
        let all = self.kept.values().cloned().fold(self.kept_anywhere.clone(), Type::join);
        let known = BTreeMap::new();
        let subject = Type::Map(Fields { known, is_closed: false });
        let gives = self.index(subject, flags, by, env);
        let is_chain =
            matches!(by, Expr::Dot(..) | Expr::Index(..)) && !flags.contains(ASTFlags::BREAK);
        if is_chain { gives } else { self.stored(all) }
    }

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
