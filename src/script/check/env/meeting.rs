//! What is known of variables where two ways come together.

use std::rc::Rc;

use rhai::Position;

use super::{Env, Flow, Variable};

impl Env {
    /// Where two ways come together again; one that has ended does not come.
    pub(in crate::script::check) fn meet(
        &mut self,
        first: Self,
        first_ended: bool,
        second: Self,
        second_ended: bool,
    ) {
        match (first_ended, second_ended) {
            (true, false) => self.1.clone_from(&second.1),
            (false, true) => self.1.clone_from(&first.1),
            _ => {}
        }
        let count = self.0.len();
        for (index, variable) in self.0.iter_mut().enumerate().take(count) {
            let (a, b) = (&first.0[index], &second.0[index]);
            variable.is_read |= a.is_read || b.is_read;
            variable.is_taken |= a.is_taken || b.is_taken;
            variable.is_asked |= a.is_asked || b.is_asked;
            variable.used_at = variable.used_at.or(a.used_at).or(b.used_at);
            variable.hidden_at = variable.hidden_at.or(a.hidden_at).or(b.hidden_at);
            variable.is_missed |= a.is_missed || b.is_missed;
            variable.means = match (first_ended, second_ended) {
                (true, false) => b.means.clone(),
                (false, true) => a.means.clone(),
                _ => a
                    .means
                    .clone()
                    .filter(|of| b.means.as_ref().is_some_and(|other| Rc::ptr_eq(of, other))),
            };
            variable.changed_at = variable.changed_at.or(a.changed_at).or(b.changed_at);
            variable.nothing_at = a.nothing_at.or(b.nothing_at);
            variable.pending = pending(variable.pending, (a, first_ended), (b, second_ended));
            variable.param = a.param.and(b.param);
            variable.most = match (first_ended, second_ended) {
                (true, false) => b.most.clone(),
                (false, true) => a.most.clone(),
                _ => a.most.both(&b.most),
            };
            variable.flow = match (first_ended, second_ended) {
                (true, false) => b.flow.clone(),
                (false, true) => a.flow.clone(),
                _ => both(&a.flow, &b.flow),
            };
            // Of two places the later says more.
            let later = if a.set_at > b.set_at { a } else { b };
            variable.set_at = later.set_at;
            variable.given_by = later.given_by.clone();
            variable.of = match (first_ended, second_ended) {
                (true, false) => b.of.clone(),
                (false, true) => a.of.clone(),
                _ if Rc::ptr_eq(&a.of, &b.of) => a.of.clone(),
                _ => (*a.of).clone().join((*b.of).clone()).into(),
            };
        }
    }

    /// What was read in a copy was read.
    pub(in crate::script::check) fn learn_reads(&mut self, copy: &Self) {
        for (variable, other) in self.0.iter_mut().zip(&copy.0) {
            variable.is_read |= other.is_read;
            variable.is_taken |= other.is_taken;
            variable.is_asked |= other.is_asked;
            variable.used_at = variable.used_at.or(other.used_at);
            variable.is_missed |= other.is_missed;
            variable.pending = variable.pending.and(other.pending);
        }
    }
}

/// What is given and not read where two ways come together, one of which may end: what either of them has read is read.
fn pending(
    before: Option<Position>,
    (a, a_ended): (&Variable, bool),
    (b, b_ended): (&Variable, bool),
) -> Option<Position> {
    let is_read = before.is_some() && (a.pending.is_none() || b.pending.is_none());
    let of = |way: &Variable| way.pending.filter(|_| !is_read || way.pending != before);
    match (a_ended, b_ended) {
        (true, false) => of(b),
        (false, true) => of(a),
        _ => of(a).or(of(b)),
    }
}

/// What a number grows and shrinks with that comes from either of two places.
fn both(a: &Option<Rc<Flow>>, b: &Option<Rc<Flow>>) -> Option<Rc<Flow>> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => Some(Rc::new((**a).clone().and((**b).clone()))),
        (a, b) => a.clone().or_else(|| b.clone()),
    }
}
