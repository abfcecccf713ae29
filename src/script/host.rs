//! The host's side of one call: what a script's `ctx` stands for, how a name is resolved, how a host function refuses.
//!
//! The step reaches the host functions by Rhai's call tag, never by a thread-local, so that calls of different runs on
//! different threads cannot meet.

use std::any::Any;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Dynamic, EvalAltResult, NativeCallContext, Position};
use rust_decimal::Decimal;

use crate::engine::{Memory, StepView};
use crate::types::event::Loudness;
use crate::types::{
    Code, Coded, InstrumentKey, KeyId, Market, MarketId, MarketKind, OperationId, TokenId,
    Universe, VenueId,
};

use super::fault::nearest;

/// What a fallible host function returns to Rhai.
pub(crate) type Answer<T> = Result<T, Box<EvalAltResult>>;

/// The most sentences that one call may log, and the most characters of one.
const LOG_LINES_MAX: usize = 100;
const LOG_CHARS_MAX: usize = 1_000;

/// The step that a script looks at, and what it has built and said so far. Scripts know it as `ctx`.
#[derive(Clone, Debug)]
pub(super) struct Ctx(Option<Arc<Frame>>);

/// One call of a script.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) step: Arc<StepView>,
    operations: AtomicU32,
    logs: Mutex<Vec<(Loudness, String)>>,
}

impl Ctx {
    pub(super) fn new(step: Arc<StepView>) -> Self {
        let frame = Frame { step, operations: AtomicU32::new(0), logs: Mutex::new(Vec::new()) };
        Self(Some(Arc::new(frame)))
    }

    /// The context while no call is under way, when nobody can ask it anything.
    pub(super) const IDLE: Self = Self(None);

    fn frame(&self) -> &Frame {
        match &self.0 {
            Some(frame) => frame,
            None => unreachable!("a context outlived its call"),
        }
    }

    /// The context of the call that a host function serves.
    pub(super) fn of(call: &NativeCallContext) -> Result<Self, HostError> {
        let tag = call.tag().and_then(|tag| tag.read_lock::<Ctx>());
        if let Some(ctx) = tag {
            return Ok(ctx.clone());
        }
        let name = call.fn_name();
        match Prompt::of(call) {
            Some(prompt) => prompt.ctx().ok_or_else(|| {
                let message = format!("{name} needs a step to look at");
                HostError::new(Code::Test001, message)
                    .with_help("take it from a world before: let ctx = world.ctx();")
            }),
            None => {
                let message = format!("{name} works only inside decide, exit and on_start");
                Err(HostError::new(Code::Strat001, message))
            }
        }
    }

    pub(super) fn step(&self) -> &StepView {
        &self.frame().step
    }

    pub(super) fn universe(&self) -> &Universe {
        self.frame().step.universe()
    }

    /// The id of the next order that is built, counted from 1 within this call.
    pub(super) fn next_operation(&self) -> OperationId {
        OperationId(self.frame().operations.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Keeps a sentence of the script or the test that calls.
    pub(super) fn say(
        call: &NativeCallContext,
        loudness: Loudness,
        text: &str,
    ) -> Result<(), HostError> {
        match Prompt::of(call) {
            Some(prompt) => prompt.say(text),
            None => Self::of(call)?.log(loudness, text),
        }
        Ok(())
    }

    /// Keeps a sentence for the log; what is too much is cut, not refused, because a log must not stop a strategy.
    pub(super) fn log(&self, loudness: Loudness, text: &str) {
        let mut logs = self.frame().logs.lock().unwrap_or_else(PoisonError::into_inner);
        if logs.len() < LOG_LINES_MAX {
            logs.push((loudness, text.chars().take(LOG_CHARS_MAX).collect()));
        }
    }

    pub(super) fn take_logs(&self) -> Vec<(Loudness, String)> {
        std::mem::take(&mut *self.frame().logs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the calls of a test of scripts are made with: the step that it looks at, and what its runner keeps for it.
#[derive(Clone)]
pub(crate) struct Prompt {
    ctx: Arc<Mutex<Option<Ctx>>>,
    said: Arc<Mutex<Vec<String>>>,
    /// What the runner keeps for the test.
    pub(crate) props: Arc<dyn Any + Send + Sync>,
}

impl Prompt {
    pub(crate) fn new(props: Arc<dyn Any + Send + Sync>) -> Self {
        Self { ctx: Arc::default(), said: Arc::default(), props }
    }

    /// The prompt of the test that a host function serves; `None` in a strategy.
    pub(crate) fn of(call: &NativeCallContext) -> Option<Self> {
        Some(call.tag()?.read_lock::<Self>()?.clone())
    }

    /// From now on host functions look at this step; the value that scripts know as `ctx`.
    pub(crate) fn show(&self, step: Arc<StepView>) -> Dynamic {
        let ctx = Ctx::new(step);
        *self.ctx.lock().unwrap_or_else(PoisonError::into_inner) = Some(ctx.clone());
        Dynamic::from(ctx)
    }

    /// What the test has logged and printed; what is too much is cut.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn say(&self, text: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < LOG_LINES_MAX {
            said.push(text.chars().take(LOG_CHARS_MAX).collect());
        }
    }

    fn ctx(&self) -> Option<Ctx> {
        self.ctx.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why a host function refuses; a script may catch it and read `.code` and `.message`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HostError {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl HostError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// "unknown venue 'x'", with the nearest of the known names, or all of them when none is near.
    pub(crate) fn unknown<'a>(
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let help = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("known are: {}", known.collect::<Vec<_>>().join(", ")),
        };
        Self::new(Code::Strat001, format!("unknown {what} '{name}'")).with_help(help)
    }

    /// The error at the place from which the host function was called. Functions in namespaces need this: Rhai does not fill
    /// in their position by itself.
    pub(crate) fn at(self, call: &NativeCallContext) -> Box<EvalAltResult> {
        EvalAltResult::ErrorRuntime(Dynamic::from(self), call.call_position()).into()
    }
}

impl From<HostError> for Box<EvalAltResult> {
    fn from(error: HostError) -> Self {
        EvalAltResult::ErrorRuntime(Dynamic::from(error), Position::NONE).into()
    }
}

impl From<Coded> for HostError {
    fn from(error: Coded) -> Self {
        Self::new(error.code, error.message)
    }
}

/// A strategy's memory of a map.
pub(crate) fn memory(map: rhai::Map) -> Result<Memory, HostError> {
    let mut state = super::memory::State::new();
    state.working = Dynamic::from_map(map);
    let mut memory = Memory::default();
    state.save(&mut memory)?;
    Ok(memory)
}

/// The venue of a name.
pub(crate) fn venue(universe: &Universe, name: &str) -> Result<VenueId, HostError> {
    universe.venue_named(name).ok_or_else(|| {
        let known = universe.venues().iter().map(|venue| &*venue.name);
        let mut error = HostError::unknown("venue", name, known.clone());
        if let (Some(help), None) = (&mut error.help, nearest(name, known)) {
            help.push_str("; a mode names its venues under venues");
        }
        error
    })
}

/// The token of a name.
pub(crate) fn token(universe: &Universe, name: &str) -> Result<TokenId, HostError> {
    universe.token_named(name).ok_or_else(|| {
        HostError::unknown("token", name, universe.tokens().iter().map(|token| &**token))
    })
}

/// The key of a text; says which part of it is wrong.
pub(crate) fn key(universe: &Universe, name: &str) -> Result<KeyId, HostError> {
    universe.key_named(name).ok_or_else(|| match name.parse::<InstrumentKey>() {
        Err(not_a_key) => HostError::new(Code::Strat001, not_a_key.to_string()),
        Ok(parsed) => match venue(universe, &parsed.venue) {
            Err(unknown) => unknown,
            Ok(_) => {
                let known = universe.instruments().iter().map(|instrument| &*instrument.name);
                HostError::unknown("key", name, known)
            }
        },
    })
}

/// The market of a symbol at a venue.
pub(crate) fn market(
    universe: &Universe,
    venue_name: &str,
    kind: MarketKind,
    symbol: &str,
) -> Result<MarketId, HostError> {
    let venue = venue(universe, venue_name)?;
    universe.market_named(venue, kind, symbol).ok_or_else(|| {
        let of_kind = |market: &&Market| market.venue == venue && market.kind == kind;
        let known = universe.markets().iter().filter(of_kind).map(|market| &*market.symbol);
        let kind = kind_name(kind);
        if known.clone().next().is_none() {
            let message = format!("{venue_name} has no {kind} market in this run's configuration");
            let help = format!(
                "name {kind} among its markets, and subscribe {kind}/{venue_name}_{symbol}"
            );
            return HostError::new(Code::Strat001, message).with_help(help);
        }
        HostError::unknown(&format!("{kind} symbol at {venue_name}"), symbol, known)
    })
}

/// `"spot"` or `"perp"`.
pub(crate) fn market_kind(text: &str) -> Result<MarketKind, HostError> {
    match text {
        "spot" => Ok(MarketKind::Spot),
        "perp" => Ok(MarketKind::Perp),
        _ => Err(HostError::unknown("kind of market", text, ["spot", "perp"].into_iter())),
    }
}

pub(crate) const fn kind_name(kind: MarketKind) -> &'static str {
    match kind {
        MarketKind::Spot => "spot",
        MarketKind::Perp => "perp",
    }
}

/// The largest number that a host function takes: products of two such stay within what a decimal holds.
const NUMBER_MAX: Decimal = Decimal::from_parts(2_808_348_672, 232_830_643, 0, false, 0);

/// The exact number of a script's value; whole numbers are taken where a decimal is expected.
pub(crate) fn number(what: &str, value: &Dynamic) -> Result<Decimal, HostError> {
    let told = value.as_decimal().or_else(|_| value.as_int().map(Decimal::from));
    if let Ok(number) = told {
        if number.abs() > NUMBER_MAX {
            let message = format!("{what} is beyond 1e18, more than can be reckoned with");
            return Err(HostError::new(Code::Strat001, message));
        }
        return Ok(number);
    }
    let found = type_name(value);
    let error = HostError::new(Code::Strat001, format!("{what} must be a number, not {found}"));
    Err(match found {
        "an amount" => error.with_help(
            "an amount is known only at execution; its number as far as known now is .expected",
        ),
        "nothing ()" => error.with_help("check for () before: the value is not there"),
        _ => error,
    })
}

/// A script value's type, as a person calls it.
pub(crate) fn type_name(value: &Dynamic) -> &'static str {
    match value.type_name() {
        "()" => "nothing ()",
        "bool" => "true or false",
        "i64" => "a whole number",
        "decimal" | "rust_decimal::decimal::Decimal" => "a decimal",
        "string" => "a text",
        "char" => "a character",
        "array" => "a list",
        "map" => "a map",
        "Fn" => "a function",
        name if name.ends_with("ScriptAmount") => "an amount",
        name if name.ends_with("ScriptOrder") => "an order",
        name if name.ends_with("ScriptGroup") => "a group of orders",
        name if name.ends_with("ScriptDecision") => "a decision",
        name if name.ends_with("Ctx") => "ctx",
        _ => "something else",
    }
}
