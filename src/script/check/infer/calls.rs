//! What calls give: of the script's own functions, of the host's, and of the language's.

use std::collections::BTreeSet;

use rhai::{Expr, FnCallExpr, Position};

use super::super::super::api::{Owner, Shape};
use super::super::env::Env;
use super::super::facts::{Called, Given, Place, What};
use super::super::gives;
use super::super::needs::Need;
use super::super::order::is_zero;
use super::super::same;
use super::super::texts::Texts;
use super::super::types::{Object, Type};
use super::arguments::last_name;
use super::{Look, words};
use crate::script::fault::nearest;

const COMPARISONS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];

/// `ctx.now`
fn is_clock(expr: &Expr) -> bool {
    match expr {
        Expr::Dot(parts, ..) => matches!(&parts.rhs, Expr::Property(name, _) if name.2 == "now"),
        _ => false,
    }
}

/// Whether a number stands there.
fn is_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::IntegerConstant(..) | Expr::DynamicConstant(..))
}

impl Look<'_> {
    pub(super) fn method(
        &mut self,
        subject: Type,
        of_variable: Option<&str>,
        call: &FnCallExpr,
        at: Position,
        env: &mut Env,
    ) -> Type {
        let given = self.given(call, env);
        if matches!(subject, Type::Host(Object::Ctx | Object::Risk)) {
            self.at_venue(call, env);
        }
        let name = call.name.to_string();
        if of_variable.is_some() {
            self.called_on((self.at, name.clone(), given.len()));
        }
        if let Some(param) = of_variable.and_then(|name| env.param(name)) {
            let methods = BTreeSet::from([name.clone()]);
            self.need(Some(param), &Need { methods, ..Need::default() });
        }
        if let Type::List(items) = &subject {
            let items = (**items).clone().loosened();
            call.args.iter().for_each(|argument| self.closure(&name, argument, &items, env));
        }
        if let Type::Host(object) = &subject
            && let Some(entry) = self.entry(*object, &name, Shape::Call)
        {
            self.need_kinds(entry, &given);
        }
        let fills = ["remove", "clear", "fill_with", "mixin", "set", "drain", "retain"];
        if let (Type::Map(_), Some(map), true) =
            (&subject, of_variable, fills.contains(&name.as_str()))
        {
            env.put_anything(map);
        }
        if let (Type::List(_), "push", [given]) = (&subject, name.as_str(), &given[..])
            && let Some(list) = of_variable
        {
            let of = given.of.clone();
            let items = match &subject {
                Type::List(items) => (**items).clone(),
                _ => Type::Any,
            };
            self.tell(given.at, What::Pushed { list: items, of: of.clone() });
            env.push(list, of);
        }
        let gives = match &subject {
            // Each of them comes by, sooner or later.
            Type::Host(Object::Case) if name == "pick" => {
                let each = call.args.first().and_then(|list| self.each(list));
                each.unwrap_or(Type::Any)
            }
            Type::Host(object) => {
                let entry = self.entry(*object, &name, Shape::Call);
                entry.map_or(Type::Any, |entry| gives::of(entry, *object, &given, self.setup))
            }
            of => gives::of_method(of, &name, &given),
        };
        self.tell(at, What::Method { subject, name, given });
        gives
    }

    pub(super) fn call(&mut self, call: &FnCallExpr, at: Position, env: &mut Env) -> Type {
        if let Some(op) = call.op_token.as_ref() {
            let sign = op.literal_syntax();
            return match &*call.args {
                [left, right] => {
                    self.reckoned(sign, left, right, env);
                    for (side, other) in [(left, right), (right, left)] {
                        if let (Expr::Variable(variable, ..), Expr::Unit(_)) = (side, other) {
                            env.ask(&variable.1);
                            self.asks_held(&variable.1);
                        }
                        self.field_beside(sign, side, other);
                        self.variable_beside(sign, side, other, env);
                    }
                    if same::are(left, right) {
                        self.tell(at, What::Same { op: sign });
                    }
                    // Whether anything is left: then it does not matter what is counted in what.
                    let is_asked = COMPARISONS.contains(&sign) && (is_zero(left) || is_zero(right))
                        || self.is_asked_for_nothing && sign == "+";
                    let before = std::mem::replace(&mut self.is_asked_for_nothing, is_asked);
                    if sign == "-"
                        && is_clock(right)
                        && let Some(name) = last_name(left)
                        && words::is_past(&name)
                    {
                        self.tell(at, What::Elapsed { name });
                    }
                    let is_clock = sign == "/" && is_clock(left);
                    let is_asked = |side: &Expr, other: &Expr| {
                        matches!((side, other), (Expr::Variable(variable, ..), Expr::Unit(_))
                            if variable.2.is_empty() && env.has(&variable.1))
                    };
                    let (asked_left, asked_right) = (is_asked(left, right), is_asked(right, left));
                    let mut side = |look: &mut Self, side: &Expr, is_asked: bool| match side {
                        // A function may be ready for what its callers do not hand over yet.
                        Expr::Variable(variable, ..)
                            if is_asked && env.param(&variable.1).is_some() =>
                        {
                            env.read_for_member(&variable.1, side.position());
                            Type::Any
                        }
                        Expr::Variable(variable, ..) if is_asked => {
                            env.read_for_member(&variable.1, side.position())
                        }
                        // What is filled up with noughts is to be a text.
                        Expr::StringConstant(text, _)
                            if sign == "+" && text.bytes().all(|it| it == b'0') =>
                        {
                            Type::Text(Texts::one(text))
                        }
                        side if sign != "==" && sign != "!=" && env.is_there(side) => {
                            look.expr(side, env).without_unit()
                        }
                        side => look.expr(side, env),
                    };
                    // What is not there is `()`, and that is asked.
                    let is_for = |other: &Expr| {
                        ["==", "!="].contains(&sign) && matches!(other, Expr::Unit(_))
                    };
                    let (for_left, for_right) = (is_for(right), is_for(left));
                    let around = std::mem::replace(&mut self.is_asked_for, for_left);
                    let left = side(self, left, asked_left);
                    self.is_asked_for = for_right;
                    let right = side(self, right, asked_right);
                    self.is_asked_for = around;
                    // The hours and days of the clock are counted whole, and that is meant.
                    let left = match left {
                        Type::Measure(unit, _) if is_clock => Type::Measure(unit, false),
                        left => left,
                    };
                    self.is_asked_for_nothing = before && sign == "+";
                    let literal = call.args.iter().any(is_literal);
                    self.note(at, &[&call.args[0], &call.args[1]], env);
                    self.one_and_share((sign, at), &call.args, &right);
                    self.times_one((sign, at), &call.args, (&left, &right));
                    self.operator((sign, literal), left, right, at)
                }
                [single] => {
                    let of = self.expr(single, env);
                    if sign == "!" {
                        self.tell(at, What::Condition { of });
                        return Type::Bool;
                    }
                    if sign == "-" {
                        self.tell(at, What::Negated { of: of.clone() });
                    }
                    match of {
                        Type::Fixed(value, is_whole) if sign == "-" => {
                            Type::Fixed(-value, is_whole)
                        }
                        of => of,
                    }
                }
                _ => Type::Any,
            };
        }
        let given = self.given(call, env);
        if ["curry", "Fn"].contains(&call.name.as_str()) && call.namespace.path.is_empty() {
            return Type::Function;
        }
        if call.namespace.path.is_empty() {
            self.group(call, at);
            if let ("min" | "max", [a, b]) = (call.name.as_str(), &*call.args)
                && same::are(a, b)
            {
                self.tell(at, What::Same { op: "a comma" });
            }
        }
        if ["min", "max", "clamp"].contains(&call.name.as_str()) {
            let all: Vec<&Expr> = call.args.iter().collect();
            call.args.iter().for_each(|it| self.note(it.start_position(), &all, env));
        }
        let name = call.name.to_string();
        if name == "world" && given.is_empty() && env.has(&name) {
            self.tell(at, What::Shadowed { name: "world()".to_owned() });
        }
        if let ("check_all", Some(property)) = (name.as_str(), call.args.get(2)) {
            self.handed(property, &Type::Host(Object::Case), env);
        }
        if let ("type_of", [asked]) = (name.as_str(), &*call.args) {
            self.asks_field(asked);
            if let Expr::Variable(variable, ..) = asked {
                env.ask(&variable.1);
            }
        }
        let pair = match name.as_str() {
            "transfer" => call.args.get(0..2),
            "swap" | "swap_exact_out" => call.args.get(1..3),
            _ => None,
        };
        if let Some([from, to]) = pair
            && same::are(from, to)
        {
            self.tell(to.start_position(), What::Same { op: "a comma" });
        }
        let module = call.namespace.path.first().map(|module| module.name.to_string());
        self.own_at_venue(call, env);
        if module.as_deref() == Some("orders") {
            self.at_venue(call, env);
            self.all_of(call);
            self.sells_perp(&name);
            let types: Vec<Type> = given.iter().map(|given| given.of.clone()).collect();
            self.moved_back(call, &types, env);
        }
        if name == "entry_full" && self.is_leaving() {
            self.tell(at, What::EntryOnExit);
        }
        let (gives, of) = self.called(module.as_deref(), &name, &given);
        match &of {
            Called::WithOther(_) => self.defined_near(module.as_deref(), &name, at),
            Called::Nowhere(known) => {
                self.imported_at(module.as_deref(), at);
                if let Some(near) = nearest(&name, known.iter().map(String::as_str)) {
                    self.defined_near(module.as_deref(), near, at);
                }
            }
            _ => {}
        }
        if let (Called::Defined, Some(key)) = (&of, self.own_function(call)) {
            self.called_plainly(key, at);
        }
        self.tell(at, What::Call { module, name, given, of });
        gives
    }

    /// What a call gives; callers' arguments are learned.
    pub(super) fn called(
        &mut self,
        module: Option<&str>,
        name: &str,
        given: &[Given],
    ) -> (Type, Called) {
        let file = match module {
            None => Some(self.at),
            Some("orders") => {
                let mut entries = self.entries.iter();
                let entry = entries.find(|it| it.owner == Owner::Orders && it.name == name);
                if let Some(entry) = entry {
                    self.need_kinds(entry, given);
                }
                let gives = entry
                    .map_or(Type::Any, |entry| gives::of(entry, Object::Ctx, given, self.setup));
                return (gives, Called::Outside);
            }
            Some(alias) => self.imports[self.at].get(alias).copied(),
        };
        if let Some(file) = file
            && let is_own = self.is_told(file)
            && let Some(known) = self.functions.get_mut(&(file, name.to_owned(), given.len()))
        {
            known.is_stale |= !known.is_called && !is_own;
            known.is_called = true;
            if let Some(inside) = &self.inside
                && !known.callers.contains(inside)
            {
                known.callers.insert(inside.clone());
            }
            let (needs, definition) = (known.needs.clone(), known.definition.clone());
            // What only somebody from outside could hand over says nothing where others hand over something.
            let is_from_outside = self.inside.as_ref().is_some_and(|it| self.uncalled.contains(it));
            for (index, given) in given.iter().enumerate().take(known.given.len()) {
                if is_from_outside && given.of == Type::Any && known.given[index] != Type::Never {
                    continue;
                }
                let joined = known.given[index].clone().join(given.of.clone());
                known.is_stale |= known.given[index] != joined;
                known.given[index] = joined;
            }
            if self.is_last {
                let key = (file, name.to_owned(), given.len());
                for (index, given) in given.iter().enumerate() {
                    let place = Place { file: self.at, at: given.at };
                    let all = self.handed_over.entry((key.clone(), index)).or_default();
                    all.push((place, given.of.clone()));
                }
            }
            let gives = known.gives.clone();
            let defined = Place { file, at: definition.start };
            self.judge((defined, name), &definition.params, &needs, given);
            return (gives, Called::Defined);
        }
        if let Some(file) = file {
            let of_file = || self.functions.keys().filter(|key| key.0 == file);
            let arities: Vec<usize> =
                of_file().filter(|key| key.1 == name).map(|key| key.2).collect();
            if !arities.is_empty() {
                return (Type::Any, Called::WithOther(arities));
            }
            if module.is_some() {
                let names = of_file().map(|key| key.1.clone());
                let names = names.filter(|name| !name.starts_with("anon$")).collect();
                return (Type::Any, Called::Nowhere(names));
            }
        }
        if module.is_none() {
            let mut entries = self.entries.iter();
            if let Some(entry) = entries.find(|it| it.owner == Owner::Global && it.name == name) {
                self.need_kinds(entry, given);
            }
        }
        let gives = if module.is_some() { Type::Any } else { self.called_outside(name, given) };
        (gives, Called::Outside)
    }

    /// What a function of the host or of the language gives.
    pub(super) fn called_outside(&self, name: &str, given: &[Given]) -> Type {
        let mut entries = self.entries.iter();
        let entry = entries.find(|it| it.owner == Owner::Global && it.name == name);
        match entry {
            Some(entry) => gives::of_global(entry, given, self.setup),
            None => gives::of_language(name, given),
        }
    }

    pub(super) fn operator(
        &mut self,
        (op, literal): (&'static str, bool),
        left: Type,
        right: Type,
        at: Position,
    ) -> Type {
        let (left, right) = match self.is_asked_for_nothing && op == "+" {
            true => (left.uncounted(), right.uncounted()),
            false => (left, right),
        };
        let gives = gives::of_operator((op, literal), &left, &right);
        if self.tells() {
            let left = if op == "/" { self.divided(left, &right, at) } else { left };
            self.tell(at, What::Operator { op, left, right, literal });
        }
        gives
    }
}
