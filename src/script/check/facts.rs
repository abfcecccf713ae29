//! What the look through a script has found, for the lints: each fact with its place.

use rhai::Position;

use super::types::Type;

/// A place in one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of the file.
    pub(super) file: usize,
    pub(super) at: Position,
}

/// Something that a script does.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) place: Place,
    pub(super) what: What,
}

/// An argument of a call, as far as it is known.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) of: Type,
    pub(super) at: Position,
}

/// What is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// A function of the script or of a module, as it is defined.
    Defined,
    /// One that is defined with so many parameters, and called with others.
    WithOther(Vec<usize>),
    /// Nothing in a module that has these.
    Nowhere(Vec<String>),
    /// Something of the host or of the language, if anything.
    Outside,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// `subject.name`
    Read { subject: Type, name: String },
    /// `subject.name(…)`
    Method { subject: Type, name: String, given: Vec<Given> },
    /// `name(…)` or `module::name(…)`; `of` is what the script or its module has by that name.
    Call { module: Option<String>, name: String, given: Vec<Given>, of: Called },
    /// `left op right`
    Operator { op: &'static str, left: Type, right: Type },
    /// Both sides of an operator are the same words.
    Same { op: &'static str },
    /// What an `if`, `while`, `&&`, `||` or `!` asks.
    Condition { of: Type },
    /// A value that nobody takes.
    Dropped { of: Type },
    /// A statement that is never reached.
    Unreachable,
    /// What is kept in `this`.
    Stored { of: Type },
    /// How a function ends.
    Ends { name: String, of: Type },
    /// A variable that nobody reads.
    Unread { name: String },
}
