//! What loops do to variables: a body that runs never, once or often.

use rhai::{Expr, Stmt};

use super::super::changes;
use super::super::env::Env;
use super::super::facts::What;
use super::super::types::Type;
use super::Look;

/// How often a loop turns, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turns {
    Any,
    /// What its first turn gives to variables is there behind it.
    OneAtLeast,
}

impl Look<'_> {
    /// A body that may run never, once or often. What `break` gives, where it can be broken off.
    pub(super) fn looped(
        &mut self,
        env: &mut Env,
        turns: Turns,
        body: impl Fn(&mut Self, &mut Env),
    ) -> Option<Type> {
        self.broken.push(None);
        let (is_last, facts) = (self.is_last, self.facts.len());
        let mut behind: Option<Env> = None;
        for is_second in [false, true] {
            // What a second turn knows less of must not be told as certain.
            self.is_last = is_last && is_second;
            let mut inside = env.clone();
            self.leaving.push(Vec::new());
            body(self, &mut inside);
            let left = self.leaving.pop().unwrap_or_default();
            for out in std::iter::once(inside).chain(left) {
                if turns == Turns::OneAtLeast {
                    let other = behind.take().unwrap_or_else(|| out.clone());
                    let mut both = env.clone();
                    both.meet(other, false, out.clone(), false);
                    behind = Some(both);
                }
                let before = env.clone();
                env.meet(before, false, out, false);
                env.may_be_read_again();
            }
        }
        if let Some(mut behind) = behind {
            behind.may_be_read_again();
            *env = behind;
        }
        debug_assert!(self.facts.len() >= facts);
        self.is_last = is_last;
        self.broken.pop().flatten()
    }

    /// How often a `for` turns: over a list that stands there, or is a constant, as often as that has items.
    pub(super) fn turns(&self, over: &Expr) -> Turns {
        let has_items = match over {
            Expr::Array(items, _) => !items.is_empty(),
            Expr::Variable(variable, ..) if !variable.2.is_empty() => {
                let known = self.constants[self.at].get(variable.1.as_str());
                let is_own = variable.2.path.first().is_some_and(|it| it.name == "global");
                let is_filled = |of: &Type| matches!(of, Type::List(of) if **of != Type::Never);
                is_own && known.is_some_and(|(of, _)| is_filled(of))
            }
            _ => false,
        };
        if has_items { Turns::OneAtLeast } else { Turns::Any }
    }

    /// The parts of a loop's condition of which nothing changes in the loop.
    pub(super) fn invariant(&mut self, condition: &Expr, body: &[Stmt]) {
        let parts: Vec<&Expr> = match condition {
            Expr::And(all, _) | Expr::Or(all, _) => all.iter().collect(),
            one => vec![one],
        };
        let changed = changes::of(body);
        if parts.len() == 1 && changes::may_leave(body) {
            return;
        }
        for part in parts {
            let (read, calls) = changes::reads(part);
            if !calls && !read.is_empty() && read.is_disjoint(&changed) {
                self.tell(part.start_position(), What::Invariant);
            }
        }
    }
}
