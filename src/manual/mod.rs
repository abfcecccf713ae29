//! What scripts can call, for people and for editors: the reference page and Rhai definition files, both made from the tables
//! in which functions are registered, so that they cannot drift from the code.

mod definitions;
mod examples;
mod reference;
mod stdlib;

pub use definitions::definitions;
pub use reference::{Pages, reference};
pub use stdlib::{Function, Module};

use crate::script::api::{Entry, Kind, Param};

/// What scripts and tests of scripts can call.
pub fn tables() -> [Vec<Entry>; 2] {
    [crate::script::api::entries().to_vec(), crate::trial::vocabulary()]
}

/// The type of a parameter as scripts know it.
const fn type_of(param: &Param) -> &'static str {
    match param.kind {
        Kind::Key
        | Kind::Venue
        | Kind::Token
        | Kind::SpotSymbol
        | Kind::PerpSymbol
        | Kind::Symbol
        | Kind::MarketKind
        | Kind::Series
        | Kind::Text => "text",
        Kind::Number => "number",
        Kind::Amount => "number or amount",
        Kind::Options | Kind::Parts => "map",
        Kind::Orders => "list",
        Kind::Decision => "decision",
        Kind::Function => "function",
        Kind::Any => "anything",
    }
}
