//! Calls of functions that a script or a module does not have, or has with other parameters.

use super::super::facts::{Called, Fact, What};
use super::{Lint, Report, so_many};
use crate::script::api::Owner;
use crate::script::fault::nearest;

pub(in crate::script::check) const ARITY: Lint =
    Lint::error("wrong-arity", "a call with too many or too few arguments");
pub(in crate::script::check) const FUNCTION: Lint =
    Lint::error("unknown-function", "a function that nobody has, or that is not called");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::NotCalled { call } = &fact.what {
        let help = Some(format!("write {call}"));
        return report.tell(FUNCTION, fact.place, "this is a function, and is not called", help);
    }
    let What::Call { module, name, given, of } = &fact.what else { return };
    let called = module.as_ref().map_or(name.clone(), |module| format!("{module}::{name}"));
    match of {
        Called::Outside if module.is_none() => {
            let entries = report.entries;
            let mut known =
                entries.iter().filter(|entry| entry.owner == Owner::Global && entry.name == name);
            let Some(entry) = known.clone().next() else { return };
            if !known.any(|entry| entry.takes(given.len())) {
                let message = format!("{called} is called with {}", so_many(given.len()));
                let help = format!("it is called as {}", entry.signature());
                report.tell(ARITY, fact.place, message, Some(help));
            }
        }
        Called::Defined | Called::Outside => {}
        Called::WithOther(arities) => {
            let takes: Vec<String> = arities.iter().map(usize::to_string).collect();
            let message = format!("{called} is called with {}", so_many(given.len()));
            report.tell(
                ARITY,
                fact.place,
                message,
                Some(format!("it takes {}", takes.join(" or "))),
            );
        }
        Called::Nowhere(known) => {
            let known = known.iter().map(String::as_str);
            let help = match nearest(name, known.clone()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("it has {}", known.collect::<Vec<_>>().join(", ")),
            };
            report.tell(FUNCTION, fact.place, format!("there is no function {called}"), Some(help));
        }
    }
}
