//! Ways of a function, or of an `if`, that do not fit each other.

use rhai::FlowControl;

use super::super::bodies;
use super::super::facts::{Place, What};
use super::super::origins::Origin;
use super::super::types::{Object, Type};
use super::{Key, Look, Sort, Way};

impl Look<'_> {
    /// Some ways give a decision, others something else.
    pub(super) fn undecided(&mut self, ways: &[Way]) {
        if !ways.iter().any(|way| way.of == Type::Host(Object::Decision)) {
            return;
        }
        let is_door = |key: &Key| ["decide", "exit", "on_start"].contains(&key.1.as_str());
        let is_number = |way: &&Way| way.of.is_number();
        let numbers = ways.iter().filter(is_number).count();
        // Where the other ways give numbers, the decision is what does not belong.
        if !self.inside.as_ref().is_some_and(is_door) && numbers > 0 && 2 * numbers >= ways.len() {
            for way in ways.iter().filter(|way| way.of == Type::Host(Object::Decision)) {
                self.tell(way.at, What::Decided);
            }
            return;
        }
        for Way { of, at, .. } in ways {
            let is_other = of.is_number()
                || of.is_amount()
                || matches!(of, Type::Text(_) | Type::List(_) | Type::Map(_) | Type::Bool)
                || matches!(of, Type::Host(Object::Order(_) | Object::Group));
            if is_other && !at.is_none() {
                self.tell(*at, What::Undecided { of: of.clone() });
            }
        }
    }

    /// A function gives a number on one way, and true or false on another.
    pub(super) fn odd_way(&mut self, ways: &[Way]) {
        let sorts: Vec<Option<Sort>> = ways.iter().map(|way| Sort::of(&way.of)).collect();
        let count = |sort: Sort| sorts.iter().filter(|it| **it == Some(sort)).count();
        for (index, way) in ways.iter().enumerate() {
            let Some(sort) = sorts[index] else { continue };
            // An order may be one of a list, and a text says what a number is not.
            let is_odd_beside = |it: &Sort| match (sort, *it) {
                (Sort::Text, _) | (_, Sort::Text) => false,
                (Sort::Order, other) | (other, Sort::Order) => {
                    matches!(other, Sort::Number | Sort::Bool)
                }
                (one, other) => one != other,
            };
            let mut others = sorts.iter().flatten().filter(|it| is_odd_beside(it));
            let Some(&other) = others.next() else { continue };
            // Of two that are as many, the later is told.
            let is_odd = count(sort) < count(other)
                || count(sort) == count(other)
                    && sorts[index + 1..].iter().all(|it| *it != Some(other));
            if is_odd && !way.at.is_none() {
                let (is, others) = (sort, other);
                let other = ways.iter().zip(&sorts).find(|(_, it)| **it == Some(others));
                if let Some((other, _)) = other {
                    let (place, at) = (Place { file: self.at, at: way.at }, other.at);
                    self.origins.add(place, Origin::Way { at: Place { file: self.at, at } });
                }
                self.tell(way.at, What::OddWay { is, others });
            }
        }
    }

    /// One way of an `if` gives an order, the other a list.
    pub(super) fn order_or_list(&mut self, parts: &FlowControl, (first, second): (&Type, &Type)) {
        let is_order = |of: &Type| matches!(of, Type::Host(Object::Order(_) | Object::Group));
        let is_list = |of: &Type| matches!(of, Type::List(_));
        let block = match (is_order(first) && is_list(second), is_list(first) && is_order(second)) {
            (true, _) => parts.body.statements(),
            (_, true) => parts.branch.statements(),
            _ => return,
        };
        if let Some(last) = block.last() {
            self.tell(bodies::begins(last), What::OrderOrList);
        }
    }
}
