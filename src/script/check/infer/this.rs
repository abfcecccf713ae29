//! What is done with `this`: where it is known, what is kept in it, and what is added to before it is there.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{Expr, FnCallExpr, Position, Stmt};

use super::super::env::Env;
use super::super::facts::{Called, Fact, Place, What};
use super::super::origins::Origin;
use super::super::types::Type;
use super::{Key, Look};

/// Functions to which the host gives `this`.
const BOUND: [&str; 4] = ["decide", "exit", "on_start", "migrate"];

/// What cannot be done with `()`, or says nothing of it: `() > 3` is false.
const RECKONING: [&str; 10] = ["+", "-", "*", "/", "%", "**", "<", "<=", ">", ">="];

/// `this.name`
fn field(expr: &Expr) -> Option<(String, Position)> {
    let Expr::Dot(parts, ..) = expr else { return None };
    match (&parts.lhs, &parts.rhs) {
        (Expr::ThisPtr(_), Expr::Property(property, at)) => Some((property.2.to_string(), *at)),
        _ => None,
    }
}

/// What has been seen of `this`.
#[derive(Default)]
pub(super) struct This {
    /// By function: where it first asks for it.
    used: BTreeMap<Key, Place>,
    /// By function: where it is called without it.
    plainly: BTreeMap<Key, Place>,
    /// Fields that something is added to.
    added: Vec<(Place, String)>,
    /// Fields that are set to something.
    set: BTreeSet<String>,
    /// Fields that are reckoned with, and the function where.
    reckoned: Vec<(Place, Option<Key>, String)>,
    /// Fields of which it is asked whether they are there.
    asked: BTreeSet<String>,
    /// Fields that are held against something: nothing is no such thing.
    compared: BTreeSet<String>,
    /// Where a part is set of what lies in `this` under a name.
    parts: Vec<Place>,
    /// Whether anything is put there as a whole.
    has_items: bool,
    /// Closures that are called with `this`.
    bound: BTreeSet<String>,
    /// Fields by others that are set beside them, wherever they are set.
    beside: BTreeMap<String, BTreeSet<String>>,
    /// Variables that hold fields, by the function where.
    held: BTreeMap<(Key, String), String>,
    /// Fields of which it is asked whether they are there, once they are held in a variable.
    asked_held: BTreeSet<String>,
    /// Functions that are called on something else, which is `this` there.
    of_others: BTreeSet<Key>,
    /// Fields that are set whenever a function runs, by function.
    surely: Vec<(Place, Option<Key>, String)>,
}

impl This {
    /// Whether it is asked for another field that is set wherever this one is.
    fn is_asked_beside(&self, name: &str) -> bool {
        let is_asked = |other: &String| {
            [&self.asked, &self.asked_held, &self.compared].iter().any(|it| it.contains(other))
        };
        self.beside.get(name).is_some_and(|others| others.iter().any(is_asked))
    }
}

impl Look<'_> {
    /// `this.price = …; this.since = …;`: where the one is there, the other is.
    pub(super) fn set_together(&mut self, statements: &[Stmt]) {
        let set = |statement: &Stmt| match statement {
            Stmt::Assignment(parts) if !parts.0.is_op_assignment() => {
                field(&parts.1.lhs).map(|(name, _)| name)
            }
            _ => None,
        };
        let names: BTreeSet<String> = statements.iter().filter_map(set).collect();
        for name in &names {
            let others = names.iter().filter(|other| *other != name).cloned().collect();
            match self.this.beside.get_mut(name) {
                Some(known) => *known = known.intersection(&others).cloned().collect(),
                None => drop(self.this.beside.insert(name.clone(), others)),
            }
        }
    }

    /// `let since = this.since;`
    pub(super) fn holds_field(&mut self, variable: &str, of: &Expr) {
        if let (Some((name, _)), Some(inside)) = (field(of), &self.inside) {
            self.this.held.insert((inside.clone(), variable.to_owned()), name);
        }
    }

    /// A variable is asked whether it is there.
    pub(super) fn asks_held(&mut self, variable: &str) {
        let Some(inside) = self.inside.clone().filter(|_| !self.this.held.is_empty()) else {
            return;
        };
        let held = self.this.held.get(&(inside, variable.to_owned()));
        self.this.asked_held.extend(held.cloned());
    }

    /// `this` stands there.
    pub(super) fn uses_this(&mut self, at: Position) {
        if let Some(key) = &self.inside {
            let place = Place { file: self.at, at };
            self.this.used.entry(key.clone()).or_insert(place);
        }
    }

    /// A function of the script is called by its name alone.
    pub(super) fn called_plainly(&mut self, key: Key, at: Position) {
        let place = Place { file: self.at, at };
        if BOUND.contains(&key.1.as_str()) && self.inside.as_ref() == Some(&key) {
            return self.tell(at, What::CallsItself { name: key.1 });
        }
        self.this.plainly.entry(key).or_insert(place);
    }

    /// `this.name(…)`, where the script has a function of the name; `None` where it has not.
    pub(super) fn own_method(
        &mut self,
        call: &FnCallExpr,
        at: Position,
        env: &mut Env,
    ) -> Option<Type> {
        let name = call.name.as_str();
        let file = self.at;
        if !self.functions.keys().any(|key| key.0 == file && key.1 == name) {
            return None;
        }
        let given = self.given(call, env);
        let (gives, of) = self.called(None, name, &given);
        if of != Called::Defined {
            let name = name.to_owned();
            self.tell(at, What::Call { module: None, name, given, of });
        }
        Some(gives)
    }

    /// Something is added to a field, or it is set.
    pub(super) fn changes_field(&mut self, to: &Expr, is_added: bool) {
        let (Expr::Dot(parts, ..) | Expr::Index(parts, ..)) = to else { return };
        if !matches!(parts.lhs, Expr::ThisPtr(_)) {
            return;
        }
        if let Expr::Property(property, at) = &parts.rhs {
            let place = Place { file: self.at, at: *at };
            self.kept_at.entry(property.2.to_string()).or_insert(place);
        }
        match &parts.rhs {
            Expr::Property(property, at) if is_added => {
                let place = Place { file: self.at, at: *at };
                self.this.added.push((place, property.2.to_string()));
            }
            Expr::Property(property, at) => {
                self.this.set.insert(property.2.to_string());
                if self.nested == 1 {
                    let place = Place { file: self.at, at: *at };
                    let name = property.2.to_string();
                    self.this.surely.push((place, self.inside.clone(), name));
                }
            }
            Expr::StringConstant(name, _) => {
                self.this.set.insert(name.to_string());
            }
            // this.seen[x] = …
            Expr::Index(inner, ..) | Expr::Dot(inner, ..) => {
                if let Expr::Property(property, at) = &inner.lhs {
                    let place = Place { file: self.at, at: *at };
                    self.this.added.push((place, property.2.to_string()));
                }
            }
            _ => {}
        }
    }

    /// `this[name] = …`, or a part of what lies there.
    pub(super) fn keeps_item(&mut self, to: &Expr, is_part: bool) {
        if let (true, Expr::Index(parts, ..)) = (is_part, to) {
            let place = Place { file: self.at, at: parts.rhs.start_position() };
            self.this.parts.push(place);
        } else if matches!(to, Expr::Index(..)) {
            self.this.has_items = true;
        }
    }

    /// A field of `this` stands beside an operator.
    pub(super) fn field_beside(&mut self, op: &str, side: &Expr, other: &Expr) {
        let Some((name, at)) = field(side) else { return };
        let is_asked = matches!(other, Expr::Unit(_)) || ["in", "!in", "??"].contains(&op);
        if is_asked {
            self.this.asked.insert(name);
        } else if ["==", "!="].contains(&op) {
            self.this.compared.insert(name);
        } else if self.is_last
            && RECKONING.contains(&op)
            && !matches!(other, Expr::StringConstant(..) | Expr::InterpolatedString(..))
        {
            let place = Place { file: self.at, at };
            self.this.reckoned.push((place, self.inside.clone(), name));
        }
    }

    /// A variable that holds a field of `this` stands beside an operator.
    pub(super) fn variable_beside(&mut self, op: &str, side: &Expr, other: &Expr, env: &Env) {
        let Expr::Variable(variable, ..) = side else { return };
        let name = &*variable.1;
        let is_stored = env.is(name).is_unexpected() && env.param(name).is_none();
        let is_text = matches!(other, Expr::StringConstant(..) | Expr::InterpolatedString(..));
        if is_stored
            && RECKONING.contains(&op)
            && !is_text
            && !env.is_asked(name)
            && !self.sets_up()
        {
            self.tell(side.position(), What::Unasked { name: name.to_owned() });
        }
    }

    /// It is asked whether a field of `this` is there.
    pub(super) fn asks_field(&mut self, expr: &Expr) {
        self.this.asked.extend(field(expr).map(|(name, _)| name));
    }

    /// Whether it is asked for a field anywhere, or it is set before a place, in `on_start` or in another function.
    pub(super) fn is_set_up(&self, name: &str, at: Position) -> bool {
        let is_before = |(place, of, it): &(Place, Option<Key>, String)| {
            it == name && (*of != self.inside || place.at.line() < at.line())
        };
        let is_asked = self.this.asked.contains(name) || self.this.is_asked_beside(name);
        self.sets_up() || is_asked || self.this.surely.iter().any(is_before)
    }

    /// Whether a field is set anywhere.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.this.set.contains(name)
    }

    /// A closure is called with `this`.
    pub(super) fn bound(&mut self, name: &str) {
        self.this.bound.insert(name.to_owned());
    }

    /// A function of the script is called on something that is not `this`.
    pub(super) fn called_on(&mut self, key: Key) {
        if self.functions.contains_key(&key) {
            self.this.of_others.insert(key);
        }
    }

    /// Whether `this` is no memory here, but what the function is called on.
    pub(super) fn is_of_another(&self) -> bool {
        self.inside.as_ref().is_some_and(|key| {
            self.this.of_others.contains(key) || self.this.bound.contains(&key.1)
        })
    }

    /// `this.contains("name")`
    pub(super) fn asks_named(&mut self, name: &str) {
        self.this.asked.insert(name.to_owned());
    }

    /// What can be said of it when all has been seen.
    pub(super) fn after_this(&mut self) {
        let mut seen = std::mem::take(&mut self.this);
        for (key, place) in std::mem::take(&mut seen.used) {
            let is_closure = key.1.starts_with("anon$");
            let is_bound = BOUND.contains(&key.1.as_str()) || seen.bound.contains(key.1.as_str());
            let plainly = seen.plainly.get(&key);
            if plainly.is_none() && (is_bound || !is_closure) {
                continue;
            }
            if let Some(at) = plainly {
                self.origins.add(place, Origin::Called { function: key.1.clone(), at: *at });
            }
            let function =
                if is_closure { "a closure".to_owned() } else { format!("fn {}", key.1) };
            self.facts.push(Fact { place, what: What::Unbound { function } });
        }
        if !seen.has_items && !self.sets_up() {
            for place in std::mem::take(&mut seen.parts) {
                let name = "[…]".to_owned();
                self.facts.push(Fact { place, what: What::NeverSet { name } });
            }
        }
        let has_migrate = self.functions.keys().any(|(_, name, _)| name == "migrate");
        if self.state_is_open || has_migrate {
            return;
        }
        for (place, function, name) in std::mem::take(&mut seen.reckoned) {
            let line = place.at.line();
            let is_before = |(at, of, it): &(Place, Option<Key>, String)| {
                *it == name && (*of != function || at.at.line() < line)
            };
            let is_set_up = self.sets_up() || seen.surely.iter().any(is_before);
            let is_asked = seen.asked.contains(&name) || seen.is_asked_beside(&name);
            if !is_set_up && !is_asked && seen.set.contains(&name) {
                let name = format!("this.{name}");
                self.facts.push(Fact { place, what: What::Unasked { name } });
            }
        }
        for (place, name) in seen.added {
            if !seen.set.contains(&name) {
                self.facts.push(Fact { place, what: What::NeverSet { name } });
            }
        }
    }

    /// Whether the script sets up what it keeps before its first step.
    pub(super) fn sets_up(&self) -> bool {
        self.functions.keys().any(|(_, name, _)| ["on_start", "migrate"].contains(&name.as_str()))
    }
}
