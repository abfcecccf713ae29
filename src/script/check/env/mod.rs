//! The variables that stand at a place of a function, and what a condition says of them.

mod assumed;
mod meeting;

use std::collections::BTreeMap;
use std::rc::Rc;

use rhai::{Expr, Position};

use super::facts::What;
use super::infer::{Flow, Key, Sort};
use super::order::Most;
use super::types::{Fields, Object, Type};

/// Variables, the innermost last; and what else has been asked for and is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Env(Vec<Variable>, Vec<Rc<Expr>>);

#[derive(Clone, Debug)]
struct Variable {
    name: Rc<str>,
    /// Shared: at each way that parts, all variables are copied.
    of: Rc<Type>,
    /// Where it is declared, when it must be read by somebody.
    at: Option<Position>,
    is_read: bool,
    /// Whether it is read as a whole, not only a member of it.
    is_taken: bool,
    /// Whether it was asked for being `()`.
    is_asked: bool,
    /// Where a member of it was first read.
    used_at: Option<Position>,
    /// Where it was given `()`.
    nothing_at: Option<Position>,
    /// Where it was given a value that nobody has read yet.
    pending: Option<Position>,
    /// Where it was last given a value.
    set_at: Option<Position>,
    /// The function that has given it, when one of the script's own has.
    given_by: Option<Rc<Key>>,
    /// Where a variable of an inner block has its name.
    hidden_at: Option<Position>,
    /// Whether it is read once that one is gone.
    is_missed: bool,
    /// The condition that it is: whether something is there.
    means: Option<Rc<Expr>>,
    /// Its number among the parameters of the function, until it is given another value.
    param: Option<usize>,
    /// Where it was changed by a method, with nothing read of it since: a parameter is a copy.
    changed_at: Option<Position>,
    /// What it is at most, by the conditions on the way.
    most: Most,
    /// What it was declared as.
    sort: Option<Sort>,
    /// The positions from which it is reckoned.
    flow: Option<Rc<Flow>>,
}

impl Env {
    /// A new block; what it declares goes with [`Env::close`].
    pub(super) fn open(&self) -> usize {
        self.0.len()
    }

    /// Ends a block; what there is to say of the variables in it.
    pub(super) fn close(&mut self, depth: usize) -> Vec<(What, Position)> {
        let gone = self.0.split_off(depth.min(self.0.len()));
        let missed = gone.iter().filter_map(missed).collect::<Vec<_>>();
        missed.into_iter().chain(gone.into_iter().filter_map(left)).collect()
    }

    pub(super) fn all(self) -> impl Iterator<Item = (String, (Type, Option<Position>))> {
        self.0
            .into_iter()
            .map(|variable| (variable.name.to_string(), ((*variable.of).clone(), variable.set_at)))
    }

    pub(super) fn declare(&mut self, name: &str, of: Type, at: Option<Position>) {
        self.means_no_longer(name);
        let sort = Sort::of(&of);
        self.0.push(Variable {
            name: name.into(),
            of: of.into(),
            at,
            is_read: false,
            is_taken: false,
            is_asked: false,
            used_at: None,
            nothing_at: None,
            pending: None,
            set_at: None,
            given_by: None,
            hidden_at: None,
            is_missed: false,
            means: None,
            param: None,
            changed_at: None,
            most: Most::default(),
            sort,
            flow: None,
        });
    }

    /// A method changes a variable.
    pub(super) fn change(&mut self, name: &str, at: Position) {
        if let Some(variable) = self.named(name) {
            variable.changed_at = variable.changed_at.or(Some(at));
        }
    }

    /// Parameters that are changed, and of which nothing is read: the caller sees nothing of it.
    pub(super) fn changed_copies(&self) -> Vec<(String, Position)> {
        let copies = self.0.iter().filter(|it| it.param.is_some() && !it.is_taken);
        copies.filter_map(|it| Some((it.name.to_string(), it.changed_at?))).collect()
    }

    /// Parameters that nobody reads; `ctx` is handed on by habit.
    pub(super) fn unread_params(&self) -> Vec<String> {
        let unread = self.0.iter().filter(|it| it.param.is_some() && !it.is_read);
        let named = unread.filter(|it| !it.name.starts_with('_') && *it.name != *"ctx");
        named.map(|it| it.name.to_string()).collect()
    }

    /// Somebody asks whether a variable is `()`.
    pub(super) fn ask(&mut self, name: &str) {
        if let Some(variable) = self.named(name) {
            variable.is_asked = true;
        }
    }

    /// Whether that was asked of a variable; of one that is not there, too.
    pub(super) fn is_asked(&self, name: &str) -> bool {
        let mut variables = self.0.iter().rev();
        variables.find(|variable| *variable.name == *name).is_none_or(|variable| variable.is_asked)
    }

    /// What a variable is, without reading it.
    pub(super) fn is(&self, name: &str) -> Type {
        let mut variables = self.0.iter().rev();
        let variable = variables.find(|variable| *variable.name == *name);
        variable.map_or(Type::Any, |variable| (*variable.of).clone())
    }

    /// Where a variable is given its value, and by what function.
    pub(super) fn set(&mut self, name: &str, at: Position, given_by: Option<Key>) {
        if let Some(variable) = self.named(name) {
            variable.set_at = Some(at);
            variable.given_by = given_by.map(Rc::new);
            if matches!(*variable.of, Type::Unit) {
                variable.nothing_at = Some(at);
            }
        }
    }

    /// A variable is given another value, which somebody should read.
    pub(super) fn expect_reader(&mut self, name: &str, at: Position) {
        if let Some(variable) = self.named(name) {
            variable.pending = Some(at);
        }
    }

    /// What a turn of a loop gives to variables around it, the next may read.
    pub(super) fn may_be_read_again(&mut self) {
        self.0.iter_mut().for_each(|variable| variable.pending = None);
    }

    /// The sort of what a variable was declared with.
    pub(super) fn sort(&self, name: &str) -> Option<Sort> {
        self.0.iter().rev().find(|variable| *variable.name == *name)?.sort
    }

    /// The positions from which a variable is reckoned.
    pub(super) fn flow(&self, name: &str) -> Flow {
        let variable = self.0.iter().rev().find(|variable| *variable.name == *name);
        variable.and_then(|variable| variable.flow.as_deref().cloned()).unwrap_or_default()
    }

    /// A variable is reckoned from other positions from here on.
    pub(super) fn flows_from(&mut self, name: &str, flow: Flow) {
        if let Some(variable) = self.named(name) {
            variable.flow = (flow != Flow::default()).then(|| Rc::new(flow));
        }
    }

    /// Where a variable was declared.
    pub(super) fn declared_at(&self, name: &str) -> Option<Position> {
        self.0.iter().rev().find(|variable| *variable.name == *name)?.at
    }

    /// The innermost variable of a name and type.
    pub(super) fn find(&self, is: impl Fn(&str, &Type) -> bool) -> Option<String> {
        let mut variables = self.0.iter().rev();
        variables.find(|it| is(&it.name, &it.of)).map(|it| it.name.to_string())
    }

    /// Where a variable was given `()`.
    pub(super) fn nothing_at(&self, name: &str) -> Option<Position> {
        self.0.iter().rev().find(|variable| *variable.name == *name)?.nothing_at
    }

    /// Where a variable was given its value, and by what function.
    pub(super) fn origin(&self, name: &str) -> Option<(Position, Option<&Key>)> {
        let variable = self.0.iter().rev().find(|variable| *variable.name == *name)?;
        Some((variable.set_at?, variable.given_by.as_deref()))
    }

    pub(super) fn declare_param(&mut self, name: &str, of: Type, number: usize) {
        self.declare(name, of, None);
        if let Some(variable) = self.0.last_mut() {
            variable.param = Some(number);
        }
    }

    /// The number of the parameter that a variable is, unchanged.
    pub(super) fn param(&self, name: &str) -> Option<usize> {
        self.0.iter().rev().find(|variable| *variable.name == *name)?.param
    }

    /// Whether there is a variable of a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|variable| *variable.name == *name)
    }

    /// Whether there is a variable of a name outside of the innermost block, in the same function.
    pub(super) fn has_outside(&self, name: &str, depth: usize) -> bool {
        self.0[..depth.min(self.0.len())].iter().any(|variable| *variable.name == *name)
    }

    /// A variable of an inner block takes the name of one outside.
    pub(super) fn hide(&mut self, name: &str, at: Position) {
        if let Some(variable) = self.named(name) {
            variable.hidden_at = variable.hidden_at.or(Some(at));
        }
    }

    /// As [`Env::read`], of a variable of which only a member is wanted.
    pub(super) fn read_for_member(&mut self, name: &str, at: Position) -> Type {
        self.named(name).map_or(Type::Any, |variable| {
            variable.is_read = true;
            variable.is_missed |= variable.hidden_at.is_some();
            variable.used_at = variable.used_at.or(Some(at));
            variable.pending = None;
            (*variable.of).clone()
        })
    }

    /// What is known of a variable's size.
    pub(super) fn most(&mut self, name: &str) -> Option<&mut Most> {
        self.named(name).map(|variable| &mut variable.most)
    }

    /// Whether something is known of a variable's size.
    pub(super) fn knows(&self, name: &str, what: impl Fn(&Most) -> bool) -> bool {
        let mut variables = self.0.iter().rev();
        variables.find(|variable| *variable.name == *name).is_some_and(|it| what(&it.most))
    }

    /// A variable is given another value: what was said of its size holds no longer.
    fn forget_order(&mut self, name: &str) {
        self.0.iter_mut().for_each(|variable| variable.most.forget(name));
        if let Some(most) = self.most(name) {
            *most = Most::default();
        }
    }

    fn named(&mut self, name: &str) -> Option<&mut Variable> {
        self.0.iter_mut().rev().find(|variable| *variable.name == *name)
    }

    /// What a variable is; that somebody reads it is noted.
    pub(super) fn read(&mut self, name: &str) -> Type {
        self.named(name).map_or(Type::Any, |variable| {
            variable.is_read = true;
            variable.is_missed |= variable.hidden_at.is_some();
            variable.is_taken = true;
            variable.pending = None;
            (*variable.of).clone()
        })
    }

    pub(super) fn assign(&mut self, name: &str, of: Type) {
        self.forget_order(name);
        self.means_no_longer(name);
        if let Some(variable) = self.named(name) {
            variable.of = of.into();
            variable.param = None;
        }
    }

    /// A field of a map is set; `None` where its name is not known.
    pub(super) fn put_field(&mut self, name: &str, field: Option<String>, of: Type) {
        let Some(variable) = self.named(name) else { return };
        let before = Rc::unwrap_or_clone(std::mem::take(&mut variable.of));
        variable.of = before.with_field(field, of).into();
    }

    /// A part of an item is set: nothing is known of the items any longer.
    pub(super) fn put_anything(&mut self, name: &str) {
        let Some(variable) = self.named(name) else { return };
        let of = match Rc::unwrap_or_clone(std::mem::take(&mut variable.of)) {
            Type::Map(Fields { .. }) => {
                Type::Map(Fields { known: BTreeMap::new(), is_closed: false })
            }
            Type::List(_) => Type::List(Box::new(Type::Any)),
            other => other,
        };
        variable.of = of.into();
    }

    /// Something is put into a list.
    pub(super) fn push(&mut self, name: &str, of: Type) {
        if let Some(variable) = self.named(name)
            && let Type::List(items) = Rc::unwrap_or_clone(std::mem::take(&mut variable.of))
        {
            variable.of = Type::List(Box::new(items.join(of))).into();
        }
    }
}

/// A variable that is read where one of an inner block, which took its name, was to have changed it.
fn missed(variable: &Variable) -> Option<(What, Position)> {
    let at = variable.hidden_at.filter(|_| variable.is_missed)?;
    Some((What::Shadowed { name: variable.name.to_string() }, at))
}

/// What is left to say of a variable that goes: nobody has read it, or it is an order that is in no plan.
fn left(variable: Variable) -> Option<(What, Position)> {
    let at = variable.at?;
    let Variable { name, of, is_read, is_taken, used_at, pending, .. } = variable;
    let (name, of) = (name.to_string(), Rc::unwrap_or_clone(of));
    let is_order = match &of {
        Type::Optional(of) => is_made(of),
        of => is_made(of),
    };
    match (is_read, is_taken) {
        (false, _) => Some((What::Unread { name, of }, at)),
        (true, _) if pending.is_some() => Some((What::Overwritten { name }, pending?)),
        (true, false) if is_order => Some((What::Unplanned { name, of, used_at }, at)),
        _ => None,
    }
}

fn is_made(of: &Type) -> bool {
    matches!(of, Type::Host(Object::Order(_) | Object::Group | Object::Decision))
}
