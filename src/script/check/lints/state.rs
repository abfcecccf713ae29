//! What is kept in `this` is data.

use super::super::facts::{Fact, What};
use super::super::types::Type;
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("state", "something kept in this that is no data, or in place of all that is kept");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::Replaced = &fact.what {
        let help = "write this.name = …, or this[name] = …; this = #{} forgets all on purpose";
        let message = "this replaces all that is kept";
        return report.tell(LINT, fact.place, message, Some(help.to_owned()));
    }
    let What::Stored { of } = &fact.what else { return };
    if let Some(of) = no_data(of) {
        let message = format!("this keeps data, and {} is none", of.name());
        let help = "keep numbers, texts, lists and maps: what outlives a step is written down";
        report.tell(LINT, fact.place, message, Some(help.to_owned()));
    }
}

fn no_data(of: &Type) -> Option<&Type> {
    match of {
        Type::Host(_) | Type::Function => Some(of),
        Type::List(of) | Type::Optional(of) => no_data(of),
        Type::Map(fields) => fields.known.values().find_map(no_data),
        _ => None,
    }
}
