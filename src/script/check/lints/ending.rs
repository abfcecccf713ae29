//! `decide` and `exit` end with a decision, whichever way they go.

use super::super::facts::{Fact, What};
use super::super::types::{Object, Type};
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("no-decision", "decide or exit that can end without a decision");

pub(in crate::script::check) const ENTRY: Lint =
    Lint::error("entry-on-exit", "a decision to enter, where all is to be left");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::EntryOnExit = &fact.what {
        let help = "leave by exit_partial or exit_full; hold where there is nothing to leave";
        let message = "exit enters: it is called to leave everything";
        return report.tell(ENTRY, fact.place, message, Some(help.to_owned()));
    }
    if let What::Undecided { of } = &fact.what {
        let message = format!("this is {}, and other ways give a decision", of.name());
        let help = "give hold(reason), or another decision".to_owned();
        return report.tell(LINT, fact.place, message, Some(help));
    }
    if let What::Decided = &fact.what {
        let message = "this is a decision, and other ways give a number";
        let help = "decide and exit give decisions; what they call gives what they ask for";
        return report.tell(LINT, fact.place, message, Some(help.to_owned()));
    }
    let What::Ends { name, by, of } = &fact.what else { return };
    if fact.place.file != report.main || !["decide", "exit"].contains(&name.as_str()) {
        return;
    }
    let message = match of {
        Type::Host(Object::Decision) | Type::Any | Type::Never => return,
        Type::Optional(of) if **of == Type::Host(Object::Decision) => {
            format!("{by} can end without a decision")
        }
        of => format!("{name} ends with {}, which is no decision", of.name()),
    };
    let help = "each way must end with hold(reason), or with entry_full, entry_partial, exit_partial, exit_full or sell_dust(reason, plan)";
    report.tell(LINT, fact.place, message, Some(help.to_owned()));
}
