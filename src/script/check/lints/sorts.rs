//! A variable that is one thing here and another there.

use super::super::facts::{Fact, What};
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint = Lint::warning(
    "changed-type",
    "a variable that is a number here and a text, a list or a bool there",
);

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::OtherSort { name, was, is } => {
            let message = format!("{name} was {}, and becomes {}", was.name(), is.name());
            let help = "let it stay what it is, or give what is new a name of its own".to_owned();
            report.tell(LINT, fact.place, message, Some(help));
        }
        What::OddWay { is, others } => {
            let message = format!("this way gives {}, and others {}", is.name(), others.name());
            let help = "all ways of a function give the same kind of thing, or ()".to_owned();
            report.tell(LINT, fact.place, message, Some(help));
        }
        What::OtherWay { of } => {
            let message = format!("this is {}, and the other way gives a number", of.name());
            let help = "both ways of an if give the same kind of thing".to_owned();
            report.tell(LINT, fact.place, message, Some(help));
        }
        _ => {}
    }
}
