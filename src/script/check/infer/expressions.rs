//! What expressions give: constants, variables, and chains of members.

use rhai::{ASTFlags, Expr};

use super::super::super::api::{Entry, Shape};
use super::super::env::Env;
use super::super::facts::What;
use super::super::gives;
use super::super::lints::owner;
use super::super::texts::Texts;
use super::super::types::{Fields, Object, Type};
use super::Look;

impl<'a> Look<'a> {
    pub(super) fn expr(&mut self, expr: &Expr, env: &mut Env) -> Type {
        match expr {
            Expr::DynamicConstant(value, _) => match value.as_decimal() {
                Ok(number) => Type::Fixed(number, false),
                Err(_) => Type::of(value),
            },
            Expr::BoolConstant(..) => Type::Bool,
            Expr::IntegerConstant(number, _) => Type::Fixed((*number).into(), true),
            Expr::CharConstant(..) => Type::Char,
            Expr::StringConstant(text, _) => Type::Text(Texts::one(text)),
            Expr::InterpolatedString(parts, _) => {
                let mut whole = Texts::one("");
                for part in parts {
                    let of = match self.expr(part, env) {
                        Type::Text(texts) => texts,
                        _ => Texts::default(),
                    };
                    whole = whole.then(&of);
                }
                Type::Text(whole)
            }
            Expr::Array(items, _) => {
                let items = items.iter().map(|item| self.expr(item, env));
                Type::List(Box::new(items.fold(Type::Never, Type::join)))
            }
            Expr::Map(parts, _) => {
                let known = parts
                    .0
                    .iter()
                    .map(|(name, value)| (name.name.to_string(), self.expr(value, env)));
                Type::Map(Fields { known: known.collect(), is_closed: true })
            }
            Expr::Unit(_) => Type::Unit,
            Expr::Variable(variable, ..) if !variable.2.is_empty() => {
                self.constants[self.at].get(variable.1.as_str()).cloned().unwrap_or(Type::Any)
            }
            Expr::Variable(variable, ..) => env.read(&variable.1),
            Expr::ThisPtr(_) => Type::Any,
            Expr::Stmt(block) => self.block(block.statements(), env),
            Expr::FnCall(call, at) => self.call(call, *at, env),
            Expr::Dot(parts, flags, _) => {
                let subject = self.expr(&parts.lhs, env);
                let is_safe = flags.contains(ASTFlags::NEGATED);
                let of_variable = match &parts.lhs {
                    Expr::Variable(variable, ..) => Some(variable.1.as_str()),
                    _ => None,
                };
                self.chain(subject, (of_variable, is_safe), &parts.rhs, env)
            }
            Expr::Index(parts, flags, _) => {
                let subject = self.expr(&parts.lhs, env);
                self.index(subject, *flags, &parts.rhs, env)
            }
            Expr::And(all, _) => {
                let mut inside = env.clone();
                for one in all.iter() {
                    self.condition(one, &mut inside);
                    inside.assume(one, true);
                }
                env.learn_reads(&inside);
                Type::Bool
            }
            Expr::Or(any, _) => {
                let mut inside = env.clone();
                for one in any.iter() {
                    self.condition(one, &mut inside);
                    inside.assume(one, false);
                }
                env.learn_reads(&inside);
                Type::Bool
            }
            Expr::Coalesce(parts, _) => {
                let mut gives = Type::Never;
                let count = parts.len();
                for (number, part) in parts.iter().enumerate() {
                    let of = self.expr(part, env);
                    gives = gives.join(if number + 1 < count { of.without_unit() } else { of });
                }
                gives
            }
            _ => Type::Any,
        }
    }

    /// What stands right of a point: one member, or a chain of them.
    /// `of_variable` is the variable whose member it is, where it is one's.
    pub(super) fn chain(
        &mut self,
        subject: Type,
        (of_variable, is_safe): (Option<&str>, bool),
        rest: &Expr,
        env: &mut Env,
    ) -> Type {
        match rest {
            Expr::Dot(parts, flags, _) => {
                let of = self.chain(subject, (of_variable, is_safe), &parts.lhs, env);
                self.chain(of, (None, flags.contains(ASTFlags::NEGATED)), &parts.rhs, env)
            }
            Expr::Index(parts, flags, _) => {
                let of = self.chain(subject, (of_variable, is_safe), &parts.lhs, env);
                self.index(of, *flags, &parts.rhs, env)
            }
            Expr::Property(property, at) => {
                let subject = if is_safe { subject.without_unit() } else { subject };
                let name = property.2.to_string();
                let gives = self.member(&subject, &name);
                self.tell(*at, What::Read { subject, name });
                gives
            }
            Expr::MethodCall(call, at) => {
                let subject = if is_safe { subject.without_unit() } else { subject };
                self.method(subject, of_variable, call, *at, env)
            }
            other => self.expr(other, env),
        }
    }

    /// What an index gives, and the rest of the chain behind it.
    pub(super) fn index(
        &mut self,
        subject: Type,
        flags: ASTFlags,
        by: &Expr,
        env: &mut Env,
    ) -> Type {
        let (by, rest) = match by {
            Expr::Dot(parts, ..) if !flags.contains(ASTFlags::BREAK) => {
                (&parts.lhs, Some((&parts.rhs, true)))
            }
            Expr::Index(parts, ..) if !flags.contains(ASTFlags::BREAK) => {
                (&parts.lhs, Some((&parts.rhs, false)))
            }
            by => (by, None),
        };
        let by_type = self.expr(by, env);
        let item = match (&subject, &by_type) {
            (Type::Never, _) => Type::Never,
            (Type::List(of), _) => (**of).clone(),
            (Type::Map(_) | Type::Host(_), Type::Text(texts)) if texts.are_known() => {
                let names: Vec<String> = texts.all().map(str::to_owned).collect();
                if let [name] = &names[..] {
                    let name = name.clone();
                    self.tell(by.start_position(), What::Read { subject: subject.clone(), name });
                }
                let types = names.iter().map(|name| self.member(&subject, name));
                types.fold(Type::Never, Type::join)
            }
            (Type::Map(fields), Type::Text(_)) if fields.is_closed => {
                let types = fields.known.values().cloned();
                types.fold(Type::Never, Type::join)
            }
            (Type::Text(_), _) => Type::Char,
            _ => Type::Any,
        };
        match rest {
            None => item,
            Some((rest, true)) => self.chain(item, (None, false), rest, env),
            Some((rest, false)) => self.index(item, flags, rest, env),
        }
    }

    /// What a member of a value is.
    pub(super) fn member(&self, subject: &Type, name: &str) -> Type {
        match subject {
            Type::Host(Object::Params) => match &self.parameters {
                Type::Map(fields) => fields.known.get(name).cloned().unwrap_or(Type::Any),
                _ => Type::Any,
            },
            Type::Host(object) => {
                let entry = self.entry(*object, name, Shape::Property);
                entry.map_or(Type::Any, |entry| gives::of(entry, *object, &[], self.setup))
            }
            Type::Map(fields) => match fields.known.get(name) {
                Some(of) => of.clone(),
                // Where it has no others, that is told once, where it is read.
                None => Type::Any,
            },
            Type::List(_) | Type::Text(_) if name == "len" => Type::Int,
            Type::Never => Type::Never,
            _ => Type::Any,
        }
    }

    pub(super) fn entry(&self, object: Object, name: &str, shape: Shape) -> Option<&'a Entry> {
        let owner = owner(object)?;
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.owner == owner && entry.name == name && entry.shape == shape)
    }
}
