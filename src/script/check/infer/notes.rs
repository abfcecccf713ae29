//! Where values come from, noted by the place where they are used.

use rhai::{Expr, FnCallExpr, Position, Stmt};

use super::super::env::Env;
use super::super::facts::Place;
use super::super::origins::Origin;
use super::super::types::Type;
use super::sources::{self, Source as From};
use super::{Key, LOOKS, Look, Sort};
use crate::script::fault::nearest;

impl Look<'_> {
    /// Where a function gives nothing, in itself or in what it calls.
    pub(super) fn nothing_of(&self, key: &Key) -> Option<Place> {
        self.nothing_by(key).map(|(_, place)| place)
    }

    /// The same, with the function that it is.
    pub(super) fn nothing_by(&self, key: &Key) -> Option<(Key, Place)> {
        let mut key = key;
        // A circle of calls ends somewhere.
        for _ in 0..LOOKS {
            match self.functions.get(key)?.nothing.as_ref()? {
                (_, Some(by)) if self.functions.get(by).is_some_and(|it| it.nothing.is_some()) => {
                    key = by;
                }
                (place, _) => return Some((key.clone(), *place)),
            }
        }
        None
    }

    /// The function of the script or its modules that a call calls.
    pub(super) fn own_function(&self, call: &FnCallExpr) -> Option<Key> {
        let file = match call.namespace.path.first() {
            None => self.at,
            Some(module) => *self.imports[self.at].get(module.name.as_str())?,
        };
        let key = (file, call.name.to_string(), call.args.len());
        self.functions.contains_key(&key).then_some(key)
    }

    /// Where a function is defined that takes other arguments than it is given.
    pub(super) fn defined_near(&mut self, module: Option<&str>, name: &str, at: Position) {
        let file = match module {
            None => Some(self.at),
            Some(alias) => self.imports[self.at].get(alias).copied(),
        };
        let mut known = self.functions.iter();
        let known = known.find(|(key, _)| Some(key.0) == file && key.1 == name);
        if let Some((key, known)) = known {
            let (place, start) = (Place { file: self.at, at }, known.definition.start);
            let at = Place { file: key.0, at: start };
            self.origins.add(place, Origin::Defined { function: name.to_owned(), at });
        }
    }

    /// Where the module is imported that lacks what is called of it.
    pub(super) fn imported_at(&mut self, alias: Option<&str>, at: Position) {
        let Some(alias) = alias else { return };
        let mut statements = self.files[self.at].file.ast.statements().iter();
        let import = statements.find_map(|statement| match statement {
            Stmt::Import(parts, at) if parts.1.name == alias => Some(*at),
            _ => None,
        });
        if let Some(import) = import {
            let (place, name) = (Place { file: self.at, at }, alias.to_owned());
            let at = Place { file: self.at, at: import };
            self.origins.add(place, Origin::Imported { name, at });
        }
    }

    /// The constant that is meant by a name that is none.
    pub(super) fn meant_constant(&mut self, name: &str, known: &[String], at: Position) {
        let near = nearest(name, known.iter().map(String::as_str));
        let declared = near.and_then(|near| Some((near, self.constants[self.at].get(near)?.1?)));
        if let Some((near, declared)) = declared {
            let (place, at) = (Place { file: self.at, at }, Place { file: self.at, at: declared });
            self.origins.add(place, Origin::Constant { name: near.to_owned(), at });
        }
    }

    /// A field of a map stands in a function.
    pub(super) fn has_field(&mut self, name: &str, at: Position) {
        let known = self.inside.as_ref().and_then(|key| self.functions.get_mut(key));
        if let Some(known) = known {
            known.fields.entry(name.to_owned()).or_insert(at);
        }
    }

    /// Where a field of what callers hand over is made, where that is one place alone.
    fn made_elsewhere(&mut self, place: Place, field: Option<&str>) {
        let Some(name) = field else { return };
        let known = self.functions.values();
        let mut made =
            known.filter_map(|it| Some(Place { file: it.file, at: *it.fields.get(name)? }));
        if let (Some(at), None) = (made.next(), made.next()) {
            self.origins.add(place, Origin::Field { name: name.to_owned(), at });
        }
    }

    /// Where a function makes what it gives, or a field of it.
    fn made(&mut self, place: Place, key: &Key, field: Option<&str>) {
        let Some(known) = self.functions.get(key) else { return };
        let at = |at: Position| Place { file: known.file, at };
        let field = field.and_then(|name| Some((name, *known.fields.get(name)?)));
        let origin = match field {
            Some((name, place)) => Origin::Field { name: name.to_owned(), at: at(place) },
            None if !known.ending.is_none() => {
                Origin::Made { function: key.1.clone(), at: at(known.ending) }
            }
            None => return,
        };
        self.origins.add(place, origin);
    }

    /// Where a parameter is given what it is: by the only caller, or by the one that gives something else than all others.
    pub(super) fn given_by_callers(&mut self) {
        for (place, name, key, param) in std::mem::take(&mut self.of_params) {
            let Some(given) = self.handed_over.get(&(key, param)) else { continue };
            let class = |of: &Type| (Sort::of(of), of.kept().unit().cloned());
            let odd = given.iter().filter(|(_, of)| {
                given.len() == 1 || given.iter().filter(|it| class(&it.1) == class(of)).count() == 1
            });
            if let [(at, _)] = odd.collect::<Vec<_>>()[..] {
                self.origins.add(place, Origin::Given { name, at: *at });
            }
        }
    }

    /// What stands at a place is not reached, because it is left before.
    pub(super) fn leaves(&mut self, at: Position, leaves: Position) {
        let (place, at) = (Place { file: self.at, at }, Place { file: self.at, at: leaves });
        self.origins.add(place, Origin::Leaves { at });
    }

    /// Notes where what stands at a place comes from.
    pub(super) fn note(&mut self, at: Position, exprs: &[&Expr], env: &Env) {
        if !self.is_last {
            return;
        }
        let place = Place { file: self.at, at };
        for expr in exprs {
            for source in sources::of(expr) {
                let field = member_of(expr);
                let function = match source {
                    From::Variable(name) => {
                        if let Some(param) = env.param(name) {
                            self.made_elsewhere(place, field);
                            if let Some(key) = self.inside.clone() {
                                self.of_params.push((place, name.to_owned(), key, param));
                            }
                        }
                        let Some((at, by)) = env.origin(name) else { continue };
                        let at = Place { file: self.at, at };
                        self.origins.add(place, Origin::Set { name: name.to_owned(), at });
                        let by = by.cloned();
                        if let Some(at) = env.nothing_at(name) {
                            let (name, at) = (name.to_owned(), Place { file: self.at, at });
                            self.origins.add(place, Origin::Nothing { name, at });
                        }
                        by
                    }
                    From::Constant(name) => {
                        if let Some((_, Some(at))) = self.constants[self.at].get(name) {
                            let at = Place { file: self.at, at: *at };
                            self.origins.add(place, Origin::Constant { name: name.to_owned(), at });
                        }
                        None
                    }
                    From::Call(call) => self.own_function(call),
                };
                if let Some(key) = &function {
                    self.made(place, key, field);
                }
                if let Some(key) = function
                    && let Some(at) = self.nothing_of(&key)
                {
                    self.origins.add(place, Origin::GivesNothing { function: key.1, at });
                }
            }
        }
    }
}

/// `name` of `variable.name`.
fn member_of(expr: &Expr) -> Option<&str> {
    let Expr::Dot(parts, ..) = expr else { return None };
    match &parts.rhs {
        Expr::Property(name, _) => Some(&name.2),
        _ => None,
    }
}
