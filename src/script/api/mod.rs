//! Everything that a script can call, in one table: a function is registered and described in the same place.
//!
//! [`Api::build`] makes the modules that an engine is given and the list of [`Entry`]s from which load checks, suggestions
//! and the reference are made. A host function neither blocks nor does I/O: the sandbox counts operations, and one call of a
//! host function is one operation however long it takes.

mod amount;
mod chain;
mod ctx;
mod decision;
mod market;
mod maths;
mod options;
mod order;
mod orders;
mod pair;
mod params;
mod rewards;
mod risk;
mod signal;

use std::sync::LazyLock;

use rhai::{Dynamic, Engine, FuncRegistration, Module, RhaiNativeFunc};

use crate::config::Setup;
use crate::types::Code;

use super::host::{Answer, Ctx, HostError};

pub(super) use decision::{ScriptDecision, hold};
pub(super) use market::rule as market_rule;
pub(super) use params::values as parameter_values;
pub(super) use rewards::DUST;
pub(crate) use risk::risk_of;
pub(super) use signal::SIGNAL_FIELDS;

/// What an entry belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Called by its bare name: decisions, groups, maths, `log`.
    Global,
    /// `orders::`
    Orders,
    /// `ctx.`
    Ctx,
    /// `ctx.risk.`
    Risk,
    /// What `ctx.market(…)` gives.
    Market,
    /// What `ctx.pair(…)` gives.
    Pair,
    /// An amount that may be known only at execution.
    Amount,
    /// An order.
    Order,
    /// An error that a script has caught.
    Error,
    /// In tests: a world in which a strategy is tried.
    World,
    /// In tests: what a step was.
    Step,
    /// In tests: an order that was sent.
    Sent,
    /// In tests: one case of `check_all`.
    Case,
}

impl Owner {
    /// The type whose values it is of, as errors name it; `None` for what is called by itself.
    pub const fn subject(self) -> Option<&'static str> {
        Some(match self {
            Self::Global | Self::Orders => return None,
            Self::Ctx => "Ctx",
            Self::Risk => "Risk",
            Self::Market => "Market",
            Self::Pair => "Pair",
            Self::Amount => "Amount",
            Self::Order => "Order",
            Self::Error => "Error",
            Self::World => "World",
            Self::Step => "Step",
            Self::Sent => "Sent order",
            Self::Case => "Draw",
        })
    }

    /// What stands before a name of this owner.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Global => "",
            Self::Orders => "orders::",
            Self::Ctx => "ctx.",
            Self::Risk => "ctx.risk.",
            Self::Market => "market.",
            Self::Pair => "pair.",
            Self::Amount => "amount.",
            Self::Order => "order.",
            Self::Error => "error.",
            Self::World => "world.",
            Self::Step => "step.",
            Self::Sent => "sent.",
            Self::Case => "draw.",
        }
    }
}

/// Whether an entry is read or called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Read without parentheses.
    Property,
    /// Called.
    Call,
}

/// What a parameter is; names are checked against the run's universe when they stand literally in a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An instrument key.
    Key,
    /// A venue.
    Venue,
    /// A token.
    Token,
    /// A symbol of a spot market.
    SpotSymbol,
    /// A symbol of a perp market.
    PerpSymbol,
    /// A symbol of any market.
    Symbol,
    /// `"spot"` or `"perp"`.
    MarketKind,
    /// A subscribed series.
    Series,
    /// A number.
    Number,
    /// A number or an amount.
    Amount,
    /// A text.
    Text,
    /// A map of options.
    Options,
    /// A list of orders.
    Orders,
    /// A decision.
    Decision,
    /// A function, mostly written where it is used.
    Function,
    /// Anything.
    Any,
}

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Its unit, or what may stand there.
    pub unit: &'static str,
    /// Whether it may be left out.
    pub is_optional: bool,
    /// The words that a text may be; empty when it may be any.
    pub choices: &'static [&'static str],
}

impl Param {
    pub(crate) const fn new(name: &'static str, kind: Kind, unit: &'static str) -> Self {
        Self { name, kind, unit, is_optional: false, choices: &[] }
    }

    /// A text that is one of these words.
    pub(crate) const fn one_of(
        name: &'static str,
        choices: &'static [&'static str],
        unit: &'static str,
    ) -> Self {
        Self { choices, ..Self::new(name, Kind::Text, unit) }
    }

    pub(crate) const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }
}

pub(crate) const KEY: Param = Param::new("key", Kind::Key, "instrument key");
pub(crate) const VENUE: Param = Param::new("venue", Kind::Venue, "venue");
pub(crate) const TOKEN: Param = Param::new("token", Kind::Token, "token");
pub(crate) const SPOT_SYMBOL: Param = Param::new("symbol", Kind::SpotSymbol, "BTCUSDT");
pub(crate) const PERP_SYMBOL: Param = Param::new("symbol", Kind::PerpSymbol, "BTCUSDT");
pub(crate) const SYMBOL: Param = Param::new("symbol", Kind::Symbol, "BTCUSDT");
pub(crate) const MARKET_KIND: Param = Param::new("kind", Kind::MarketKind, "\"spot\" or \"perp\"");

/// One line of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it belongs to.
    pub owner: Owner,
    /// Its name.
    pub name: &'static str,
    /// Read or called.
    pub shape: Shape,
    /// Its parameters.
    pub params: &'static [Param],
    /// What it gives, with its unit.
    pub returns: &'static str,
    /// The words that a text which it gives can be; empty when it can be any.
    pub choices: &'static [&'static str],
    /// What it means.
    pub doc: &'static str,
    /// When it fails, beside what is wrong with the kind of a parameter; empty when it does not.
    pub fails: &'static str,
}

impl Entry {
    /// A property.
    pub(crate) const fn property(
        owner: Owner,
        name: &'static str,
        returns: &'static str,
        doc: &'static str,
    ) -> Self {
        let (shape, params) = (Shape::Property, &[]);
        Self { owner, name, shape, params, returns, choices: &[], doc, fails: "" }
    }

    /// A function or method.
    pub(crate) const fn call(
        owner: Owner,
        name: &'static str,
        params: &'static [Param],
        returns: &'static str,
        doc: &'static str,
    ) -> Self {
        let shape = Shape::Call;
        Self { owner, name, shape, params, returns, choices: &[], doc, fails: "" }
    }

    /// When it fails, in a sentence's second half.
    pub(crate) const fn fails(self, fails: &'static str) -> Self {
        Self { fails, ..self }
    }

    /// The same, of a text that is one of these words.
    pub(crate) const fn one_of(self, choices: &'static [&'static str]) -> Self {
        Self { choices, ..self }
    }

    /// What it gives, with its unit or its words: `"spot" or "perp"`.
    pub fn gives(&self) -> String {
        match self.choices {
            [] => self.returns.to_owned(),
            choices => either(choices),
        }
    }

    /// How it is written: `orders::spot_buy(venue, symbol, quantity [, options])`.
    pub fn signature(&self) -> String {
        let mut text = format!("{}{}", self.owner.prefix(), self.name);
        if self.shape == Shape::Property {
            return text;
        }
        text.push('(');
        for (index, param) in self.params.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            if param.is_optional {
                text.push_str(&format!(" [{comma}{}]", param.name));
            } else {
                text.push_str(&format!("{comma}{}", param.name));
            }
        }
        text.push(')');
        text
    }

    /// Whether a call with this many arguments fits.
    pub fn takes(&self, arguments: usize) -> bool {
        let needed = self.params.iter().filter(|param| !param.is_optional).count();
        (needed..=self.params.len()).contains(&arguments)
    }
}

/// Words to choose from: `"warn", "reduce" or "exit"`.
pub(crate) fn either(choices: &[&str]) -> String {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("\"{choice}\"")).collect();
    match &quoted[..] {
        [rest @ .., before, last] => {
            let rest: String = rest.iter().map(|word| format!("{word}, ")).collect();
            format!("{rest}{before} or {last}")
        }
        alone => alone.concat(),
    }
}

/// Everything that strategies can call, whatever their run.
pub fn entries() -> &'static [Entry] {
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| Api::build(None).entries);
    &ENTRIES
}

/// The functions of the host, ready to be given to engines.
pub struct Api {
    global: Module,
    orders: Module,
    entries: Vec<Entry>,
}

impl Api {
    /// All functions of the host. `setup` gives the values of `ctx.params`; without one they are those of the step's own run.
    pub fn build(setup: Option<&Setup>) -> Self {
        let mut api = Self::empty();
        ctx::register(&mut api);
        signal::register(&mut api);
        market::register(&mut api);
        pair::register(&mut api);
        match setup {
            Some(setup) => params::register(&mut api, setup),
            None => params::register_any(&mut api),
        }
        rewards::register(&mut api);
        risk::register(&mut api);
        orders::register(&mut api);
        order::register(&mut api);
        chain::register(&mut api);
        amount::register(&mut api);
        decision::register(&mut api);
        maths::register(&mut api);
        // When all of its properties are there: an unknown one is told the nearest of them.
        api.name_type::<Ctx>("Ctx", Owner::Ctx);
        api
    }

    /// The table.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// No function at all.
    pub(crate) fn empty() -> Self {
        Self { global: Module::new(), orders: Module::new(), entries: Vec::new() }
    }

    /// Gives the functions to an engine and returns the table.
    pub(super) fn install(self, engine: &mut Engine) -> Vec<Entry> {
        engine.register_global_module(self.global.into());
        engine.register_static_module("orders", self.orders.into());
        self.entries
    }

    /// Registers a function under its line of the table.
    pub(crate) fn add<A: 'static, const N: usize, const X: bool, R, const F: bool>(
        &mut self,
        entry: Entry,
        function: impl RhaiNativeFunc<A, N, X, R, F> + Send + Sync + 'static,
    ) where
        R: rhai::Variant + Clone,
    {
        if !self.entries.contains(&entry) {
            self.entries.push(entry);
        }
        let registration = match entry.shape {
            Shape::Property => FuncRegistration::new_getter(entry.name),
            Shape::Call => FuncRegistration::new(entry.name),
        };
        let module = if entry.owner == Owner::Orders { &mut self.orders } else { &mut self.global };
        registration
            .with_comments([format!("/// {}", entry.doc)])
            .set_into_module(module, function);
    }

    /// Registers a function that is no part of the table: operators, and what only refuses.
    fn add_unlisted<A: 'static, const N: usize, const X: bool, R, const F: bool>(
        &mut self,
        name: &str,
        function: impl RhaiNativeFunc<A, N, X, R, F> + Send + Sync + 'static,
    ) where
        R: rhai::Variant + Clone,
    {
        FuncRegistration::new(name).set_into_module(&mut self.global, function);
    }

    /// How a value of a type reads when it is printed or put into a text.
    pub(crate) fn add_display<T: rhai::Variant + Clone>(
        &mut self,
        shown: impl Fn(&mut T) -> String + Send + Sync + Clone + 'static,
    ) {
        for name in ["to_string", "to_debug"] {
            FuncRegistration::new(name).set_into_module(&mut self.global, shown.clone());
        }
    }

    /// Names a type in error messages, and makes an unknown property of it an error with the nearest name.
    pub(crate) fn name_type<T: rhai::Variant + Clone>(&mut self, name: &'static str, owner: Owner) {
        self.global.set_custom_type::<T>(name);
        let known: Vec<Entry> =
            self.entries.iter().filter(|entry| entry.owner == owner).copied().collect();
        self.global.set_indexer_get_fn(move |_: &mut T, property: &str| -> Answer<Dynamic> {
            let of = owner.prefix().trim_end_matches('.');
            // What is there is asked for in brackets.
            if let Some(entry) = known.iter().find(|entry| entry.name == property) {
                let error =
                    HostError::new(Code::Strat001, format!("{of} has no items in brackets"));
                return Err(error.with_help(format!("write {}", entry.signature())).into());
            }
            let names = known.iter().map(|entry| entry.name);
            Err(HostError::unknown(&format!("property of {of}"), property, names).into())
        });
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}
