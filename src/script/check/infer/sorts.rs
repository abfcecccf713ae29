//! Variables and ways that are a number here and something else there.

use rhai::{Expr, FlowControl, Position, Stmt};

use super::super::bodies;
use super::super::env::Env;
use super::super::facts::{Place, What};
use super::super::needs::Need;
use super::super::origins::Origin;
use super::super::types::{Fields, Object, Type};
use super::Look;

/// What a variable is, as coarsely as everybody keeps to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::script::check) enum Sort {
    Number,
    Bool,
    Text,
    List,
    Map,
    Order,
}

impl Sort {
    /// The sort of a type, where it has one.
    pub(in crate::script::check) fn of(of: &Type) -> Option<Self> {
        Some(match of {
            Type::Bool => Self::Bool,
            Type::Text(_) => Self::Text,
            Type::List(_) => Self::List,
            Type::Map(_) => Self::Map,
            Type::Host(Object::Order(_) | Object::Group) => Self::Order,
            Type::Optional(of) | Type::Stored(of) => return Self::of(of),
            of if of.is_number() => Self::Number,
            _ => return None,
        })
    }

    /// As a sentence has it.
    pub(in crate::script::check) const fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Order => "an order",
        }
    }
}

impl Look<'_> {
    /// A variable is set to something of another sort than it was declared with.
    pub(super) fn sort_kept(&mut self, name: &str, at: Position, of: &Type, env: &Env) {
        if let (Some(was), Some(is)) = (env.sort(name), Sort::of(of))
            && was != is
            // Many a number ends as a label.
            && is != Sort::Text
        {
            self.tell(at, What::OtherSort { name: name.to_owned(), was, is });
            if let Some(declared) = env.declared_at(name) {
                let (place, name) = (Place { file: self.at, at }, name.to_owned());
                let at = Place { file: self.at, at: declared };
                self.origins.add(place, Origin::Set { name, at });
            }
        }
    }

    /// One way of an `if` that gives something gives a number, and the other what no number can be meant by.
    pub(super) fn other_sort(&mut self, parts: &FlowControl, (first, second): (&Type, &Type)) {
        let is_number = |of: &Type| of.is_number() || of.is_amount();
        let is_other = |of: &Type| match of {
            Type::Text(texts) => texts.all().all(|text| text.contains(':')) && texts.are_known(),
            Type::Bool | Type::List(_) | Type::Map(_) => true,
            Type::Host(Object::Market(_) | Object::Pair(_) | Object::Hedge(_)) => true,
            _ => false,
        };
        let (block, of) = if is_number(first) && is_other(second) {
            (parts.branch.statements(), second)
        } else if is_number(second) && is_other(first) {
            (parts.body.statements(), first)
        } else {
            return;
        };
        if let Some(Stmt::Expr(last)) = block.last() {
            let at = bodies::begins(&Stmt::Expr(last.clone()));
            self.tell(at, What::OtherWay { of: of.clone() });
        }
    }

    /// What is asked for being true; a parameter of which members are read is a map, whoever calls.
    pub(super) fn condition(&mut self, expr: &Expr, env: &mut Env) {
        let mut of = self.expr(expr, env);
        if let Expr::Variable(variable, ..) = expr
            && let Some(param) = env.param(&variable.1)
            && matches!(of, Type::Any | Type::Never)
            && self.param_needs(param).is_some_and(|need| !need.members.is_empty())
        {
            of = Type::Map(Fields { known: Default::default(), is_closed: false });
        }
        self.tell(expr.start_position(), What::Condition { of });
    }

    fn param_needs(&self, param: usize) -> Option<&Need> {
        self.functions.get(self.inside.as_ref()?)?.needs.get(param)
    }
}
