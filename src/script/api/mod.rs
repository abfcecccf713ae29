//! Everything that a script can call, in one table: a function is registered and described in the same place.
//!
//! [`Api::build`] makes the modules that an engine is given and the list of [`Entry`]s from which load checks, suggestions
//! and the reference are made. A host function neither blocks nor does I/O: the sandbox counts operations, and one call of a
//! host function is one operation however long it takes.

mod amount;
mod chain;
mod chain_rates;
mod ctx;
mod decision;
mod entry;
mod hedge;
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

pub use entry::{Entry, Kind, Owner, Param, Shape};

pub(super) use chain_rates::steady_limit;
pub(super) use decision::{ScriptDecision, hold};
pub(crate) use entry::{KEY, MARKET_KIND, PERP_SYMBOL, SPOT_SYMBOL, SYMBOL, TOKEN, VENUE, either};
pub(super) use market::rule as market_rule;
pub(super) use params::values as parameter_values;
pub(super) use rewards::DUST;
pub(crate) use risk::risk_of;
pub(super) use signal::SIGNAL_FIELDS;

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
        hedge::register(&mut api);
        match setup {
            Some(setup) => params::register(&mut api, setup),
            None => params::register_any(&mut api),
        }
        rewards::register(&mut api);
        risk::register(&mut api);
        orders::register(&mut api);
        order::register(&mut api);
        chain::register(&mut api);
        chain_rates::register(&mut api);
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
