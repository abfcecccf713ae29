//! The vocabulary of tests: worlds, weather, mishaps, what was done, and assertions.
//!
//! Registered like the functions of the host, each with its line of the table, so that checks and the reference know them.

mod assertions;
mod cases;
mod mishaps;
mod reading;
mod rewards;
mod set;
mod signals;
mod step;
mod weather;
mod world;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::NativeCallContext;

use crate::config::nearest;
use crate::script::api::{Api, Entry, Owner, Param};
use crate::script::host::{Answer, HostError, Prompt};
use crate::types::{Code, Timestamp, TokenId, VenueId};

use super::orders::Place;
use super::shelf::Shelf;
use super::stage::{Stage, Trouble};

pub(super) use assertions::{NEITHER, NOT_TRUE, SEEN};
pub(super) use step::trace;

/// Registers everything that tests can call beside the functions of the host.
pub(super) fn register(api: &mut Api) {
    world::register(api);
    reading::register(api);
    weather::register(api);
    signals::register(api);
    mishaps::register(api);
    rewards::register(api);
    step::register(api);
    assertions::register(api);
    cases::register(api);
}

/// As [`register`], with what looks at the parts of an assertion: no word of tests, so it stands in no table.
pub(super) fn register_seeing(api: &mut Api) {
    register(api);
    assertions::register_seen(api);
}

/// A world as a test holds it; copies are the same world.
#[derive(Clone)]
pub(super) struct World(pub(super) Arc<Mutex<Stage>>);

impl World {
    pub(super) fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn venue(&self, name: &str) -> Result<VenueId, HostError> {
        let stage = self.stage();
        let universe = &stage.setup().universe;
        let known = universe.venues().iter().map(|venue| &*venue.name);
        universe.venue_named(name).ok_or_else(|| unknown("venue of this run", name, known))
    }

    fn token(&self, name: &str) -> Result<TokenId, HostError> {
        let stage = self.stage();
        let universe = &stage.setup().universe;
        let known = universe.tokens().iter().map(|token| &**token);
        universe.token_named(name).ok_or_else(|| unknown("token of this run", name, known))
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
    /// What the parts of an assertion were that is looked at, and what they were when it failed at last.
    pub(super) sight: Mutex<Sight>,
}

/// Parts of an assertion by their number, as they read.
type Parts = BTreeMap<i64, String>;

/// What is seen of one assertion.
#[derive(Debug, Default)]
pub(super) struct Sight {
    now: Parts,
    /// At the last failure.
    pub(super) failed: Parts,
}

impl Props {
    /// Those of a test that has not begun.
    pub(super) fn new(shelf: Arc<Shelf>) -> Arc<Self> {
        let (worlds, drawn, sight) = Default::default();
        Arc::new(Self { shelf, worlds, drawn, sight })
    }

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

/// An unknown name with the nearest of those that there are, then all of them, sorted.
pub(super) fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> HostError {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    let near =
        nearest(name, &known).map_or(String::new(), |near| format!("did you mean '{near}'? "));
    let message = format!("unknown {what} '{name}'");
    if known.is_empty() {
        return HostError::new(Code::Test001, message).with_help("this run has none");
    }
    let help = format!("{near}known are: {}", known.join(", "));
    HostError::new(Code::Test001, message).with_help(help)
}

/// Where a host function was called.
fn place_of(call: &NativeCallContext) -> Place {
    let at = call.call_position();
    Place {
        file: call.call_source().unwrap_or_default().to_owned(),
        line: at.line().unwrap_or_default() as u32,
        column: at.position().unwrap_or_default() as u32,
    }
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
