//! Where worlds are made: a configuration is read and a script compiled once for all tests of a file that ask for the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Dynamic, Map};
use rust_decimal::Decimal;

use crate::config::{Costs, Faults, LoadRequest, Setup, StrategyRef, load};
use crate::script::coverage::Coverage;
use crate::script::host::{self, HostError};
use crate::script::{Bundle, ScriptFault};
use crate::types::{Code, KeyId, PositionType, Quantity, Span, Timestamp};

use super::api;
use super::stage::{Plot, Stage};

/// The first step of a world that names none.
const START: &str = "2024-06-01";
/// For how long before its first step a world was as it is then.
const HISTORY_H: i64 = 7 * 24;
/// The longest history.
const HISTORY_H_MAX: i64 = 31 * 24;

/// What `world(#{…})` takes.
pub(super) const OPTIONS: [&str; 7] =
    ["mode", "set", "capital", "costs", "start", "history_h", "balances"];

/// Which costs a world can charge.
pub(super) const COSTS: [&str; 3] = ["full", "fees", "none"];

/// A configuration and the script that it is for.
pub(super) type Made = (Arc<Setup>, Arc<Bundle>);

/// Why no world could be made of a configuration or a script. All tests that ask for it fail by it, so it is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmade {
    /// What is wrong.
    pub what: String,
    /// That and the first of its faults: how each of the tests fails.
    pub message: String,
    /// Everything that is wrong with the script; nothing where it is the configuration.
    pub script: Vec<ScriptFault>,
    /// Everything that is wrong with the configuration, a line each.
    pub configuration: Vec<String>,
}

impl Unmade {
    fn of_configuration(faults: &Faults) -> Self {
        let what = "the world's configuration is wrong".to_owned();
        let configuration: Vec<String> = faults.lines().map(|fault| fault.to_string()).collect();
        let first = configuration.first().map_or("", String::as_str);
        let message = format!("{what}: {first}{}", and_more(configuration.len()));
        Self { what, message, script: Vec::new(), configuration }
    }

    fn of_script(path: &Path, script: Vec<ScriptFault>) -> Self {
        let what = format!("{} does not load", path.display());
        let first = script.first().map_or(String::new(), |fault| {
            let ScriptFault { file, line, column, .. } = fault;
            format!("{} at {file}:{line}:{column}", fault.message)
        });
        let message = format!("{what}: {first}{}", and_more(script.len()));
        Self { what, message, script, configuration: Vec::new() }
    }
}

fn and_more(faults: usize) -> String {
    match faults.saturating_sub(1) {
        0 => String::new(),
        more => format!(", and {more} more"),
    }
}

/// What worlds of one file are made of.
#[derive(Debug)]
pub(super) struct Shelf {
    /// The folder with the configuration.
    pub(super) config_dir: PathBuf,
    /// The folder with what scripts import.
    pub(super) stdlib: PathBuf,
    /// The strategy beside the test: its script.
    pub(super) own: Option<PathBuf>,
    /// Who notes the lines that run.
    pub(super) coverage: Option<Coverage>,
    /// What was asked for before.
    pub(super) made: Mutex<BTreeMap<String, Made>>,
    /// What could not be made.
    pub(super) unmade: Mutex<Vec<Arc<Unmade>>>,
}

impl Shelf {
    /// A world in calm weather.
    pub(super) fn stage(&self, options: &Map) -> Result<Stage, HostError> {
        if let Some(unknown) = options.keys().find(|key| !OPTIONS.contains(&key.as_str())) {
            return Err(api::unknown("option of world", unknown, OPTIONS.into_iter()));
        }
        let (setup, bundle) = self.made(options)?;
        let start: Timestamp = match text(options, "start")? {
            Some(start) => time(&start).ok_or_else(|| {
                wrong(format!("start '{start}' is no time"), "write 2024-06-01 or 2024-06-01T08:00")
            })?,
            None => START.parse().unwrap_or_default(),
        };
        let history = Span::from_hours(match given(options, "history_h") {
            Some(hours) => hours_of(hours)?,
            None => HISTORY_H,
        });
        let universe = setup.universe.clone();
        let mut stage = Stage::new(Plot { setup, bundle, start, history });
        if let Some(balances) = given(options, "balances") {
            let map = balances.as_map_ref().map_err(|_| {
                wrong("balances is no map".to_owned(), "write #{ \"wallet:BaseToken:USDT\": 1000 }")
            })?;
            let lay = |(name, amount): (&rhai::Identifier, &Dynamic)| {
                let (key, amount) = (host::key(&universe, name)?, host::number(name, amount)?);
                let kind = universe.instrument(key).position_type;
                if kind == PositionType::Perp || amount.is_sign_negative() {
                    let what = format!("balances cannot begin with {amount} at {name}");
                    let help = "positions and credit are taken by orders: world.play(decision)";
                    return Err(wrong(what, help));
                }
                Ok((key, Quantity::new(amount)))
            };
            let balances: Vec<(KeyId, Quantity)> =
                map.iter().map(lay).collect::<Result<_, HostError>>()?;
            stage.lay_out(balances)?;
        }
        Ok(stage)
    }

    /// The configuration and the script that options name.
    fn made(&self, options: &Map) -> Result<Made, HostError> {
        let mode = text(options, "mode")?;
        let sets = sets(options)?;
        let [full, fees, none] = COSTS;
        let costs = match text(options, "costs")?.as_deref() {
            None => Costs::Full,
            Some(asked) if asked == full => Costs::Full,
            Some(asked) if asked == fees => Costs::Fees,
            Some(asked) if asked == none => Costs::None,
            Some(other) => return Err(api::unknown("costs", other, COSTS.into_iter())),
        };
        let capital: Option<Decimal> =
            given(options, "capital").map(|value| host::number("capital", value)).transpose()?;
        let asked = format!("{mode:?} {sets:?} {costs:?} {capital:?}");
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = made.get(&asked) {
            return Ok(found.clone());
        }
        let name = match (&mode, &self.own) {
            (Some(mode), _) => mode.clone(),
            (None, Some(own)) => own.display().to_string(),
            (None, None) => {
                return Err(wrong(
                    "there is no strategy beside this test".to_owned(),
                    "name a mode: world(\"btc_basis\")",
                ));
            }
        };
        let request = LoadRequest {
            strategy: StrategyRef { name, config: None },
            sets,
            capital,
            costs,
            ..LoadRequest::of_mode("", &self.config_dir)
        };
        let setup = load(request).map_err(|faults| {
            let error = self.refused(Unmade::of_configuration(&faults));
            match mode.as_deref().and_then(time) {
                Some(_) => {
                    error.with_help("the text alone is a mode; a start is world(#{ start: … })")
                }
                None => error,
            }
        })?;
        let script = setup.script.clone().ok_or_else(|| {
            wrong(format!("the mode {} names no script", setup.mode), "give it one: script: …")
        })?;
        let home = self.config_dir.parent().unwrap_or(&self.config_dir).to_owned();
        let script =
            if script.is_absolute() || script.exists() { script } else { home.join(script) };
        let bundle = Bundle::load(&script, &self.stdlib, &setup)
            .map_err(|faults| self.refused(Unmade::of_script(&script, faults)))?;
        let bundle = match &self.coverage {
            Some(coverage) => bundle.watched(coverage),
            None => bundle,
        };
        let found = (Arc::new(setup), Arc::new(bundle));
        made.insert(asked, found.clone());
        Ok(found)
    }

    /// Keeps what could not be made, and says so in short.
    fn refused(&self, unmade: Unmade) -> HostError {
        let error = HostError::new(Code::Test001, unmade.message.clone());
        let mut known = self.unmade.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.iter().any(|known| **known == unmade) {
            known.push(Arc::new(unmade));
        }
        error
    }

    /// What could not be made, by how a test fails by it.
    pub(super) fn unmade_by(&self, message: &str) -> Option<Arc<Unmade>> {
        let known = self.unmade.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|unmade| unmade.message == message).cloned()
    }
}

/// A time as people write it; UTC.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let forms = [text.to_owned(), format!("{text}Z"), format!("{text}:00Z")];
    forms.iter().find_map(|form| form.parse().ok())
}

/// A number of hours of history.
fn hours_of(value: &Dynamic) -> Result<i64, HostError> {
    let found = match value.as_int() {
        Ok(hours) if (1..=HISTORY_H_MAX).contains(&hours) => return Ok(hours),
        Ok(hours) => hours.to_string(),
        Err(_) => host::type_name(value).to_owned(),
    };
    let message =
        format!("history_h is a whole number of hours from 1 to {HISTORY_H_MAX}, not {found}");
    Err(HostError::new(Code::Test001, message))
}

fn wrong(message: String, help: &str) -> HostError {
    HostError::new(Code::Test001, message).with_help(help)
}

fn given<'a>(options: &'a Map, name: &str) -> Option<&'a Dynamic> {
    options.get(name).filter(|value| !value.is_unit())
}

fn text(options: &Map, name: &str) -> Result<Option<String>, HostError> {
    let Some(value) = given(options, name) else { return Ok(None) };
    let found = host::type_name(value);
    value.clone().into_string().map(Some).map_err(|_| {
        wrong(format!("option {name} of world must be a text, not {found}"), "put it in quotes")
    })
}

/// `set: #{ "reserve.ratio": 0, lst: "wstETH" }` as `--set` has it.
fn sets(options: &Map) -> Result<Vec<(String, String)>, HostError> {
    let Some(value) = given(options, "set") else { return Ok(Vec::new()) };
    let map = value.as_map_ref().map_err(|_| {
        wrong("set is no map".to_owned(), "write set: #{ \"reserve.ratio\": 0, lst: \"wstETH\" }")
    })?;
    let mut sets = Vec::new();
    for (name, value) in map.iter() {
        match value.as_map_ref() {
            Ok(fields) => {
                for (field, value) in fields.iter() {
                    sets.push((format!("{name}.{field}"), value.to_string()));
                }
            }
            Err(_) => sets.push((name.to_string(), value.to_string())),
        }
    }
    Ok(sets)
}
