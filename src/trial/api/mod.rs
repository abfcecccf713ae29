//! The vocabulary of tests: worlds, weather, mishaps, what was done, and assertions.
//!
//! Registered like the functions of the host, each with its line of the table, so that checks and the reference know them.

mod assertions;
mod cases;
mod mishaps;
mod reading;
mod step;
mod weather;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::NativeCallContext;

use crate::script::api::{Api, Entry, Owner, Param};
use crate::script::host::{Answer, HostError, Prompt};
use crate::types::{Code, Timestamp, TokenId, VenueId};

use super::shelf::Shelf;
use super::stage::{Stage, Trouble};

pub(super) use mishaps::unmet;
pub(super) use step::trace;

/// Registers everything that tests can call beside the functions of the host.
pub(super) fn register(api: &mut Api) {
    world::register(api);
    reading::register(api);
    weather::register(api);
    mishaps::register(api);
    step::register(api);
    assertions::register(api);
    cases::register(api);
}

/// A world as a test holds it; copies are the same world.
#[derive(Clone)]
pub(super) struct World(pub(super) Arc<Mutex<Stage>>);

impl World {
    pub(super) fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn venue(&self, name: &str) -> Result<VenueId, HostError> {
        crate::script::host::venue(&self.stage().setup().universe, name)
    }

    fn token(&self, name: &str) -> Result<TokenId, HostError> {
        crate::script::host::token(&self.stage().setup().universe, name)
    }
}

/// What the runner keeps for one test.
pub(super) struct Props {
    /// Where worlds are made.
    pub(super) shelf: Arc<Shelf>,
    /// The worlds that it has made.
    pub(super) worlds: Mutex<Vec<World>>,
    /// What its properties drew at last.
    pub(super) drawn: Mutex<Option<String>>,
}

impl Props {
    fn of(call: &NativeCallContext) -> Result<(Prompt, Arc<Self>), HostError> {
        let prompt = Prompt::of(call);
        let props = prompt.and_then(|prompt| {
            let props = prompt.props.clone().downcast::<Self>().ok()?;
            Some((prompt, props))
        });
        props.ok_or_else(|| {
            HostError::new(Code::Test001, format!("{} works only in a test", call.fn_name()))
        })
    }
}

impl From<Trouble> for HostError {
    fn from(trouble: Trouble) -> Self {
        Self::new(trouble.0.code, trouble.0.message)
    }
}

/// What a host function was asked for that its world does not have.
fn absent(what: String, help: &str) -> HostError {
    HostError::new(Code::Test001, what).with_help(help)
}

/// The result of a host function at the place of its call: methods of values get none from Rhai.
fn placed<T>(call: &NativeCallContext, result: Result<T, HostError>) -> Answer<T> {
    result.map_err(|error| error.at(call))
}

const fn property(
    owner: Owner,
    name: &'static str,
    returns: &'static str,
    doc: &'static str,
) -> Entry {
    Entry::property(owner, name, returns, doc)
}

const fn method(
    name: &'static str,
    params: &'static [Param],
    returns: &'static str,
    doc: &'static str,
) -> Entry {
    Entry::call(Owner::World, name, params, returns, doc)
}

/// `2024-06-01 03:00`, as traces and messages tell times.
pub(super) fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..16).unwrap_or(&text).replace('T', " ")
}
