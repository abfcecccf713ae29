//! What the look through a script has found, for the lints: each fact with its place.

use rhai::Position;
use rust_decimal::Decimal;

use super::super::api::Kind;
use super::infer::Sort;
use super::types::{Object, Type};

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
    /// The last name in it: `debt` of `debt` and of `state.debt`.
    pub(super) name: Option<String>,
    /// The parameter of the function around it that it is, unchanged.
    pub(super) param: Option<usize>,
    /// The parameters of the function around it of which it is the sum.
    pub(super) summands: Vec<usize>,
    /// Whether it is never above 0, by the conditions on the way.
    pub(super) is_nothing: bool,
    /// The parameter of which it is the negative, where that is a quantity of another order.
    pub(super) turned: Option<String>,
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

/// Why something may not stand where it stands in a list of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misplaced {
    /// It stands there twice.
    Twice,
    /// It uses what an order brings that comes only later.
    Before,
    /// It uses what another leg of the same parallel group brings.
    Beside,
    /// A flash loan that is not paid back, or paid back and not taken.
    Unpaid,
    /// An order of an exchange in an atomic group.
    OffChain,
    /// A flash loan in a group that is no transaction.
    Loose,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// `subject.name`
    Read { subject: Type, name: String },
    /// `subject.name(…)`
    Method { subject: Type, name: String, given: Vec<Given> },
    /// `name(…)` or `module::name(…)`; `of` is what the script or its module has by that name.
    Call { module: Option<String>, name: String, given: Vec<Given>, of: Called },
    /// `left op right`; whether one of them is a number that stands there
    Operator { op: &'static str, left: Type, right: Type, literal: bool },
    /// `-of`
    Negated { of: Type },
    /// Something is given to a variable that is not there.
    NoVariable { name: String },
    /// A way that gives no decision, beside one that does.
    Undecided { of: Type },
    /// A way that gives a decision, beside others that give numbers.
    Decided,
    /// Both sides of an operator are the same words.
    Same { op: &'static str },
    /// What an `if`, `while`, `&&`, `||` or `!` asks.
    Condition { of: Type },
    /// What a closure gives that a method of a list is handed.
    Closure { method: String, of: Type },
    /// A closure reads the variable on which it is called.
    Caught { name: String },
    /// A closure with a parameter is handed to `for_each`.
    ForEach,
    /// Something of the host is given another value.
    HostSet { object: Object, member: Option<String> },
    /// A value that nobody takes; whether nothing was done to get it.
    Dropped { of: Type, is_pure: bool },
    /// A block of an `if` without anything in it.
    Empty,
    /// `let x = {};`
    EmptyBraces,
    /// An `if` whose two blocks are the same words.
    SameBlocks,
    /// A part of a loop's condition that the loop does not change.
    Invariant,
    /// A text that stands in the script, and the variables in sight.
    Literal { text: String, is_name: bool },
    /// A field of a map that stands in the script.
    Field { name: String },
    /// A variable of an order that is read and put into no plan.
    Unplanned { name: String, of: Type, used_at: Option<Position> },
    /// Something that stands in a list of orders, and why it may not.
    InList { why: Misplaced, name: String },
    /// An import, constant, function or parameter that nobody uses.
    Unneeded { what: &'static str, name: String },
    /// An import under a name that is taken.
    Alias { name: String },
    /// An argument of a script's function that is not what it needs.
    Unmet { called: String, param: String, wanted: &'static str, of: Type },
    /// An argument of a script's function that is to be a part of one and is more.
    NoShare { called: String, param: String, number: Decimal },
    /// A parameter that an order takes as its quantity, with its sign turned for another.
    Turned { name: String },
    /// A market of one kind under the name of the other.
    MarketNamed { name: String, kind: String },
    /// A map without a field that the function reads, and with one of a name near to it.
    Lacks { called: String, param: String, field: String, near: String },
    /// A worth in the quote, where so many coins are wanted.
    QuoteForCoins { called: String, param: String },
    /// A quantity for a script's function that is never above 0.
    NeverAbove { called: String, param: String },
    /// An argument of a script's function that names something of the run.
    Named { kind: Kind, of: Type },
    /// Two arguments that have each other's names.
    Exchanged { called: String, first: String, second: String },
    /// A function that gives nothing stands where something is wanted.
    NothingTaken { name: String },
    /// A function of a module that is named and not called; how it is called.
    NotCalled { call: String },
    /// `=-` or `=+`, apart from what stands around.
    TurnedSign { sign: char },
    /// A time before is lessened by the time of the step.
    Elapsed { name: String },
    /// A constant that the file does not have.
    NoConstant { name: String, known: Vec<String> },
    /// `import "stdlib/x";`
    Nameless { path: String },
    /// `global::NAME = …`
    ConstantSet { name: String },
    /// Something is put into a list.
    Pushed { list: Type, of: Type },
    /// A field of `this` that nobody keeps.
    NeverKept { name: String, kept: Vec<String> },
    /// A `for` over something.
    Over { of: Type },
    /// `subject[by]`
    Indexed { subject: Type, by: Type },
    /// A function that the host calls calls itself.
    CallsItself { name: String },
    /// `this` in a function that is called without it.
    Unbound { function: String },
    /// A field of `this` that something is added to, and nothing is set to.
    NeverSet { name: String },
    /// A member of something kept in `this` that is never asked for being there.
    Unasked { name: String },
    /// All that lies under a key is the amount of an order.
    AllOf { order: String, key: String },
    /// An order moves an amount to where it lies.
    MovedBack { order: String, to: String },
    /// A variable is set to something of another sort.
    OtherSort { name: String, was: Sort, is: Sort },
    /// A way of a function whose other ways give something of another sort.
    OddWay { is: Sort, others: Sort },
    /// A way of an `if` whose other way gives a number.
    OtherWay { of: Type },
    /// An exchange by its name, where all others go by a variable.
    OddVenue { venue: String, variable: String },
    /// A constant of one or more that is added to one, or taken from it.
    OneAnd { op: &'static str, share: Decimal },
    /// A constant that is one multiplies something.
    TimesOne { name: String },
    /// Two legs of a group that both buy, or both sell.
    SameWay { first: String },
    /// A decision to enter where all is to be left.
    EntryOnExit,
    /// The name of a variable in quotes, as a key.
    QuotedVariable { name: String },
    /// A condition that leaves where a market can be traded, before orders.
    TurnedGuard,
    /// A condition that cannot hold where it stands; why.
    Contradiction { why: &'static str },
    /// An argument that is none of the words with which the function compares it, and near to one of them.
    Misspelt { word: String, known: Vec<String>, is_refused: bool },
    /// An argument that a function hands on as a quantity, and that counts something else.
    NoQuantity { called: String, param: String, of: Type },
    /// An argument that may be `()`, where the function reckons with it.
    MaybeGiven { called: String, param: String, of: Type },
    /// What a method gives is not used, and the method does nothing else.
    PureDropped { name: String },
    /// A statement that is never reached.
    Unreachable,
    /// `this` is given another value as a whole.
    Replaced,
    /// What is kept in `this`.
    Stored { of: Type },
    /// How a function ends; `by` is itself, or what it calls last.
    Ends { name: String, by: String, of: Type },
    /// A parameter is changed, and nobody reads it: it is a copy of what the caller has.
    CopyChanged { name: String },
    /// A variable is given a value that nobody reads.
    Overwritten { name: String },
    /// A variable of the name of one outside of the braces.
    Shadowed { name: String },
    /// One way gives an order, the other a list.
    OrderOrList,
    /// `map.name = …`, where `name` is a variable that holds a text.
    NamedAsVariable { map: String, name: String },
    /// A variable that nobody reads.
    Unread { name: String, of: Type },
}
