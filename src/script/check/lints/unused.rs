//! Orders, decisions and variables that nobody uses.

use super::super::Of;
use super::super::facts::{Fact, What};
use super::super::types::{Object, Type};
use super::{Lint, Report};

pub(in crate::script::check) const DROPPED: Lint =
    Lint::error("unused-result", "an order, group or decision that is made and not used");
pub(in crate::script::check) const UNREAD: Lint =
    Lint::warning("unused-variable", "a variable that is never read");

pub(in crate::script::check) const HIDING: Lint = Lint::warning(
    "hidden-variable",
    "a variable inside of braces that hides one of the same name outside",
);

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::Dropped { of, .. } => {
            let object = match of {
                Type::Host(object) => *object,
                Type::Optional(of) => match **of {
                    Type::Host(object) => object,
                    _ => return,
                },
                _ => return,
            };
            // What a test does is done, whether it looks at what came of it or not; an order or decision does nothing by itself.
            let is_made = matches!(object, Object::Order(_) | Object::Group | Object::Decision);
            if report.of == Of::Tests && !is_made {
                return;
            }
            let help = match object {
                _ if report.of == Of::Tests => {
                    "play it: world.play(entry_partial(\"test\", [order]))"
                }
                Object::Order(_) | Object::Group => "put it into the plan of a decision",
                Object::Decision => "return it",
                _ => "use it, or take it out",
            };
            let message = format!("{} is made here and not used", object.name());
            report.tell(DROPPED, fact.place, message, Some(help.to_owned()));
        }
        What::CopyChanged { name } => {
            let help = format!("give {name} back, and set it where it is called: x = f(x)");
            let message = format!("{name} is a copy here: the caller's does not change");
            report.tell(UNREAD, fact.place, message, Some(help));
        }
        What::Overwritten { name } => {
            let help = "read it, or take the line out".to_owned();
            let message = format!("what {name} is given here is never read");
            report.tell(UNREAD, fact.place, message, Some(help));
        }
        What::Shadowed { name } if name == "world()" => {
            let help = "write world, without parentheses, for the one that is there".to_owned();
            report.tell(HIDING, fact.place, "this makes another world", Some(help));
        }
        What::Shadowed { name } if report.of == Of::Strategy => {
            let message = format!("{name} hides a variable of the same name around these braces");
            let help = format!("write {name} = … to change that one, or choose another name");
            report.tell(HIDING, fact.place, message, Some(help));
        }
        What::PureDropped { name } => {
            let message = format!("{name} changes nothing, and what it gives is not used");
            let help = match name.as_str() {
                "filter" => "write retain to change the list itself, or take the result",
                _ => "take the result, or take the call out",
            };
            report.tell(DROPPED, fact.place, message, Some(help.to_owned()));
        }
        // To take a ctx is to look.
        What::Unread { name, .. } if report.of == Of::Tests && name == "ctx" => {}
        What::Unread { name, of } if !name.starts_with('_') => {
            let help = match of {
                Type::Host(Object::Order(_) | Object::Group) => {
                    format!("put {name} into the plan of a decision, or take it out")
                }
                Type::Host(Object::Decision) => format!("return {name}, or take it out"),
                _ => format!("take it out, or call it _{name}"),
            };
            report.tell(UNREAD, fact.place, format!("{name} is never read"), Some(help));
        }
        _ => {}
    }
}
