//! `this` where nobody gives it.

use super::super::facts::{Fact, What};
use super::{Lint, NOTHING, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("unbound-this", "this in a function or closure that is called without it");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::CallsItself { name } => {
            let help = format!("{name} is called by the host, once a step");
            let message = format!("{name} calls itself");
            report.tell(super::LOOP, fact.place, message, Some(help));
        }
        What::Unbound { function } => {
            let message = format!("{function} does not have this");
            let help = "hand over what it needs as an argument, or call it as this.name(ctx)";
            report.tell(LINT, fact.place, message, Some(help.to_owned()));
        }
        What::NeverSet { name } if name == "[…]" => {
            let message = "what lies in this under a name is () at first, and nothing sets it";
            let help =
                "write this[name] = this[name] ?? #{}; before a part of it is set".to_owned();
            report.tell(NOTHING, fact.place, message, Some(help));
        }
        What::NeverSet { name } => {
            let message = format!("this.{name} is () at first, and nothing sets it");
            let help = format!("write this.{name} = (this.{name} ?? 0) + …");
            report.tell(NOTHING, fact.place, message, Some(help));
        }
        What::Unasked { name } => {
            let message = format!("{name} is () until it is kept for the first time");
            let help = format!("ask before: {name} == () || …");
            report.tell(NOTHING, fact.place, message, Some(help));
        }
        _ => {}
    }
}
