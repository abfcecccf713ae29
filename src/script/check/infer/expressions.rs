//! What expressions give: constants, variables, and chains of members.

use std::collections::BTreeSet;

use rhai::{ASTFlags, Expr};

use super::super::super::api::{Entry, Shape};
use super::super::env::Env;
use super::super::facts::What;
use super::super::gives;
use super::super::lints::owner;
use super::super::needs::Need;
use super::super::same;
use super::super::texts::Texts;
use super::super::types::{Fields, Object, Type};
use super::{Look, words};

/// Methods that change what they are called on.
const CHANGING: [&str; 6] = ["push", "insert", "append", "clear", "retain", "sort"];

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
            Expr::StringConstant(text, at) => {
                if self.tells() {
                    let is_name = text.split('.').next().is_some_and(|first| env.has(first));
                    self.tell(*at, What::Literal { text: text.to_string(), is_name });
                }
                Type::Text(Texts::one(text))
            }
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
                self.list_of(items, env);
                let items = items.iter().map(|item| self.expr(item, env));
                Type::List(Box::new(items.fold(Type::Never, Type::join)))
            }
            Expr::Map(parts, _) => {
                for (name, _) in &parts.0 {
                    self.has_field(&name.name, name.pos);
                    self.tell(name.pos, What::Field { name: name.name.to_string() });
                }
                for (name, value) in &parts.0 {
                    self.market_named(&name.name, value);
                }
                let known = parts
                    .0
                    .iter()
                    .map(|(name, value)| (name.name.to_string(), self.expr(value, env)));
                Type::Map(Fields { known: known.collect(), is_closed: true })
            }
            Expr::Unit(_) => Type::Unit,
            Expr::Variable(variable, ..) if !variable.2.is_empty() => {
                self.note(expr.position(), &[expr], env);
                let of = self.constants[self.at].get(variable.1.as_str()).cloned();
                let of = of.map(|(of, _)| of);
                self.not_called(
                    variable.2.path.first().map(|it| it.name.as_str()),
                    &variable.1,
                    expr,
                );
                let is_global = variable.2.path.first().is_some_and(|it| it.name == "global");
                if of.is_none() && is_global {
                    let known: Vec<String> = self.constants[self.at].keys().cloned().collect();
                    let name = variable.1.to_string();
                    self.meant_constant(&name, &known, expr.position());
                    self.tell(expr.position(), What::NoConstant { name, known });
                }
                of.unwrap_or(Type::Any)
            }
            Expr::Variable(variable, ..) => {
                if !env.has(&variable.1) {
                    self.not_called(None, &variable.1, expr);
                }
                self.note(expr.position(), &[expr], env);
                env.read(&variable.1)
            }
            Expr::ThisPtr(at) => {
                self.uses_this(*at);
                self.state_is_open = true;
                Type::Any
            }
            Expr::Stmt(block) => self.block(block.statements(), env),
            Expr::FnCall(call, at) => self.call(call, *at, env),
            Expr::Dot(parts, flags, _) => {
                if let Expr::ThisPtr(at) = &parts.lhs {
                    self.uses_this(*at);
                    return self.of_this(&parts.rhs, env);
                }
                let subject = match &parts.lhs {
                    Expr::Variable(variable, ..) if variable.2.is_empty() => match &parts.rhs {
                        Expr::MethodCall(call, at) if CHANGING.contains(&call.name.as_str()) => {
                            env.change(&variable.1, *at);
                            env.read_for_member(&variable.1, parts.lhs.position())
                        }
                        // Of a parameter to read a member is to use it; an order may be made for its deltas.
                        rest if env.param(&variable.1).is_some() || is_deltas(rest) => {
                            env.read(&variable.1)
                        }
                        _ => env.read_for_member(&variable.1, parts.lhs.position()),
                    },
                    other => self.expr(other, env),
                };
                if let Expr::Variable(variable, ..) = &parts.lhs {
                    let param = env.param(&variable.1);
                    let name = match &parts.rhs {
                        Expr::Property(property, _) => Some(&property.2),
                        Expr::Dot(inner, ..) | Expr::Index(inner, ..) => match &inner.lhs {
                            Expr::Property(property, _) => Some(&property.2),
                            _ => None,
                        },
                        _ => None,
                    };
                    if let Some(name) = name {
                        let members = BTreeSet::from([name.to_string()]);
                        self.need(param, &Need { members, ..Need::default() });
                    }
                }
                if let Expr::Variable(variable, ..) = &parts.lhs {
                    self.catches(&variable.1, &parts.rhs);
                }
                self.note(parts.rhs.start_position(), &[&parts.lhs], env);
                let is_safe = flags.contains(ASTFlags::NEGATED);
                let of_variable = match &parts.lhs {
                    Expr::Variable(variable, ..) => Some(variable.1.as_str()),
                    _ => None,
                };
                self.chain(subject, (of_variable, is_safe), &parts.rhs, env)
            }
            Expr::Index(parts, flags, _) => {
                if let Expr::ThisPtr(at) = &parts.lhs {
                    self.uses_this(*at);
                    return self.in_this(*flags, &parts.rhs, env);
                }
                if let Expr::Variable(variable, ..) = &parts.lhs {
                    let is_indexed = true;
                    self.need(env.param(&variable.1), &Need { is_indexed, ..Need::default() });
                }
                let subject = self.expr(&parts.lhs, env);
                self.index(subject, *flags, &parts.rhs, env)
            }
            Expr::And(all, _) => {
                let mut inside = env.clone();
                self.repeated(all, "&&");
                self.against_itself(all);
                for one in all.iter() {
                    self.condition(one, &mut inside);
                    inside.assume(one, true);
                }
                env.learn_reads(&inside);
                Type::Bool
            }
            Expr::Or(any, _) => {
                let mut inside = env.clone();
                self.repeated(any, "||");
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
                    self.asks_field(part);
                    let is_last = number + 1 == count;
                    let around = std::mem::replace(&mut self.is_asked_for, !is_last);
                    let of = self.expr(part, env);
                    self.is_asked_for = around;
                    gives = gives.join(if is_last { of } else { of.kept().clone().without_unit() });
                }
                gives
            }
            _ => Type::Any,
        }
    }

    /// Parts of a condition that stand in it twice.
    fn repeated(&mut self, parts: &[Expr], op: &'static str) {
        for (index, part) in parts.iter().enumerate() {
            if parts[..index].iter().any(|before| same::are(before, part)) {
                self.tell(part.start_position(), What::Same { op });
            }
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
                if subject.is_unexpected()
                    && !is_safe
                    && !self.sets_up()
                    && let Some(name) = of_variable.filter(|name| !env.is_asked(name))
                {
                    self.tell(*at, What::Unasked { name: name.to_owned() });
                }
                let is_unsure = matches!(subject, Type::Stored(_) | Type::Optional(_));
                let subject = if is_safe { subject.without_unit() } else { subject };
                let name = property.2.to_string();
                let gives = match self.member(&subject, &name) {
                    gives @ (Type::Any | Type::Never) => gives,
                    gives if is_safe && is_unsure => gives.join(Type::Unit),
                    gives => gives,
                };
                let is_missing = (is_safe || self.is_asked_for)
                    && matches!(subject.kept(), Type::Map(fields) if !fields.has_near(&name));
                if !is_missing {
                    self.tell(*at, What::Read { subject, name });
                }
                gives
            }
            Expr::MethodCall(call, at) => {
                let subject = if is_safe { subject.without_unit() } else { subject };
                self.method(subject, of_variable, call, *at, env)
            }
            other => self.expr(other, env),
        }
    }

    /// What stands in brackets: of a map, a text of digits is a name as any other.
    pub(super) fn key(&mut self, by: &Expr, subject: &Type, env: &mut Env) -> Type {
        match by {
            Expr::StringConstant(text, _)
                if !subject.kept().is_list() && text.bytes().all(|it| it.is_ascii_digit()) =>
            {
                Type::Text(Texts::one(text))
            }
            by => self.expr(by, env),
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
        let by_type = self.key(by, &subject, env);
        self.quoted_index(by, &subject, None, env);
        if self.is_last {
            let what = What::Indexed { subject: subject.clone(), by: by_type.clone() };
            self.tell(by.start_position(), what);
        }
        let item = match (&subject, &by_type) {
            (Type::Never, _) => Type::Never,
            (Type::Stored(of), _) => match &**of {
                Type::List(of) => (**of).clone(),
                _ => Type::Any,
            },
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

    /// `map["venue"]`, where `venue` is a variable of a text and the map has no such field.
    pub(super) fn quoted_index(&mut self, by: &Expr, of: &Type, from: Option<&Expr>, env: &Env) {
        let Expr::StringConstant(name, at) = by else { return };
        let is_text = env.has(name)
            && match env.is(name) {
                Type::Text(_) => true,
                Type::Any | Type::Never => words::is_named(name),
                _ => false,
            };
        let has_field =
            matches!(of.kept(), Type::Map(fields) if fields.known.contains_key(&**name));
        let is_map = matches!(of.kept(), Type::Map(_) | Type::Any | Type::Host(Object::Params));
        let is_itself = matches!(from, Some(Expr::Variable(variable, ..)) if variable.1 == *name);
        // What is written there is a field from then on.
        if is_text && is_map && !is_itself && (from.is_some() || !has_field) {
            self.tell(*at, What::QuotedVariable { name: name.to_string() });
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
            Type::Stored(of) => self.member(of, name),
            _ => Type::Any,
        }
    }

    pub(super) fn entry(&self, object: Object, name: &str, shape: Shape) -> Option<&'a Entry> {
        let owner = owner(object)?;
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.owner == owner && entry.name == name && entry.shape == shape)
    }
}

/// `.deltas[…]`
fn is_deltas(rest: &Expr) -> bool {
    match rest {
        Expr::Property(property, _) => property.2 == "deltas",
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => is_deltas(&parts.lhs),
        _ => false,
    }
}
