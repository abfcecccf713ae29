//! `basis run STRATEGY`: a backtest from its files to its summary.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use rust_decimal::Decimal;

use crate::config::{Costs, Fault, LoadRequest, Setup, StrategyRef, load};
use crate::records::RecordLevel;
use crate::run::backtest::{self, Resume, backtest};
use crate::run::failure;
use crate::script::{Bundle, ScriptFault, ScriptStrategy};
use crate::sim::Faults;
use crate::types::{Code, Timestamp};

use super::progress::{Progress, Quiet};
use super::{Failure, summary};

/// The arguments of `basis run`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    basis run strategies/btc_basis.rhai --data DIR --from 2024-06-01 --to 2025-06-01\n  \
    basis run btc_basis --data DIR --costs none --set cash_buffer=0.05 --format json\n\n\
    Exit status: 0 done, 1 the run failed, 2 command line, configuration, data or script wrong, 3 stopped by risk or \
    reconciliation, with complete results.")]
pub struct RunArguments {
    /// A script's path or a mode's name.
    #[arg(required_unless_present_any = ["resume", "stress"])]
    strategy: Option<String>,
    /// How to run it.
    #[arg(long, value_enum, default_value_t = Mode::Backtest)]
    mode: Mode,
    /// The configuration file; found by the strategy's name otherwise.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder with defaults, share classes, venues and modes.
    #[arg(long, value_name = "DIR", default_value = "configs")]
    config_dir: PathBuf,
    /// The folder with the market data. The bundled sample otherwise: `data` beside the folder of configurations.
    #[arg(long, value_name = "DIR", env = "BASIS_DATA_DIR")]
    data: Option<PathBuf>,
    /// First step: 2024-06-01 or 2024-06-01T12:00Z. The longest range that the data serves otherwise.
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Last step, inclusive.
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    /// Capital at the start, in the share class.
    #[arg(long, value_name = "AMOUNT", value_parser = amount, allow_negative_numbers = true)]
    capital: Option<Decimal>,
    /// Change a value: a parameter by its name, anything else by its path. May be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = super::set::key_value)]
    sets: Vec<(String, String)>,
    /// Bend the data: NAME, or NAME@TIME with its start, several with commas; `list` tells the names, docs/stress.md what each is.
    #[arg(long, value_name = "STRESS", value_delimiter = ',', value_parser = super::stress::argument)]
    stress: Vec<super::stress::Argument>,
    /// Which costs are charged: all; venue fees alone; or none. Funding, interest and prices always are.
    #[arg(long, value_enum, default_value_t = CostsArgument::Full)]
    costs: CostsArgument,
    /// Which event files are written.
    #[arg(long, value_enum, default_value_t = Events::Full)]
    events: Events,
    /// Where `results/` and `logs/` are put.
    #[arg(long, value_name = "DIR", default_value = ".", env = "BASIS_RESULTS_DIR")]
    out: PathBuf,
    /// Finish the run of this id, which was cut off, with the arguments it was begun with.
    #[arg(long, value_name = "RUN", conflicts_with_all = BEGINNING)]
    resume: Option<String>,
    /// What to call the run.
    #[arg(long, value_name = "TEXT")]
    tag: Option<String>,
    /// Signals that an earlier run has kept (results/ID/inputs/signals/NAME_5m.csv), in the place of the service that would be asked.
    #[arg(long, value_name = "FILE")]
    signals: Option<PathBuf>,
    /// What is printed on stdout at the end.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// No progress, no summary.
    #[arg(long)]
    quiet: bool,
}

/// What decides a run's bytes, and so cannot be said again where one is gone on with. (`--data` can come from the environment,
/// so it is not refused; the run's own is used.)
const BEGINNING: [&str; 11] = [
    "strategy",
    "config",
    "config_dir",
    "from",
    "to",
    "capital",
    "sets",
    "stress",
    "costs",
    "events",
    "tag",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    Backtest,
    Paper,
    Live,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CostsArgument {
    Full,
    Fees,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Events {
    Full,
    Decisions,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Reads an amount of money, all its digits kept.
fn amount(text: &str) -> Result<Decimal, String> {
    Decimal::from_str_exact(text).map_err(|_| "write it as a number, such as 100000".to_owned())
}

pub fn run(arguments: RunArguments) -> Result<(), Failure> {
    if arguments.mode != Mode::Backtest {
        let message = "paper and live need the venues' gateways, which are not part of this version; run a backtest";
        return Err(Failure::Usage(message.to_owned()));
    }
    if let Some(told) = super::stress::told(&arguments.stress) {
        return super::print(&told).map_err(Failure::Failed);
    }
    let mut arguments = arguments;
    let (correlation_id, resume) = match arguments.resume.clone() {
        Some(id) => {
            recall(&mut arguments, &id)?;
            (id, Resume::Yes)
        }
        None => (new_id(), Resume::No),
    };
    let Some(strategy) = arguments.strategy.clone() else {
        return Err(Failure::Usage("name the strategy that is to be stressed".to_owned()));
    };
    super::is_strategy(&strategy)?;
    let setup = load(LoadRequest {
        strategy: StrategyRef { name: strategy.clone(), config: arguments.config.clone() },
        config_dir: arguments.config_dir.clone(),
        sets: arguments.sets.clone(),
        capital: arguments.capital,
        from: arguments.from,
        to: arguments.to,
        costs: match arguments.costs {
            CostsArgument::Full => Costs::Full,
            CostsArgument::Fees => Costs::Fees,
            CostsArgument::None => Costs::None,
        },
    })
    .map_err(|faults| Failure::Usage(faults.to_string()))?;
    let home = arguments.config_dir.parent().unwrap_or(Path::new("")).to_owned();
    let data = match arguments.data.clone() {
        Some(data) => data,
        None => bundled(&home)?,
    };
    arguments.data = Some(data.clone());
    let quiet =
        if arguments.quiet || arguments.format == Format::Json { Quiet::Yes } else { Quiet::No };
    let stdlib = home.join("stdlib");
    let (out, id) = (arguments.out.clone(), correlation_id.clone());
    let request = backtest::Request {
        setup,
        data,
        stress: super::stress::asked(&arguments.stress),
        out: arguments.out.clone(),
        level: match arguments.events {
            Events::Full => RecordLevel::Full,
            Events::Decisions => RecordLevel::Decisions,
            Events::None => RecordLevel::None,
        },
        correlation_id,
        tag: arguments.tag.clone(),
        seed: 0,
        faults: Faults::NONE,
        started_at: backtest::real_time(),
        resume,
        signals: arguments.signals.clone(),
        command: command_of(&arguments),
    };
    let mut bar: Option<Progress> = None;
    let finished =
        backtest(request, Box::new(|setup| script(setup, &stdlib)), &mut |step, steps, at| {
            let bar = bar.get_or_insert_with(|| Progress::new(&id, &out, steps, quiet));
            bar.at(step, &at.to_string()[..10]);
        });
    if let Some(bar) = &bar {
        bar.done();
    }
    let finished = finished.map_err(|failure| match failure {
        failure::Failure::Input(text) => Failure::Usage(text),
        failure::Failure::Run(error) => {
            let logs = out.join("logs").join(&id);
            let place = if logs.is_dir() {
                format!("\n  logs     {}", logs.display())
            } else {
                String::new()
            };
            Failure::Failed(format!("{error}{place}"))
        }
    })?;
    match arguments.format {
        Format::Json => super::print(&format!("{}\n", finished.summary.to_json())),
        Format::Text if quiet == Quiet::No => super::print(&summary::text(&finished)),
        Format::Text => Ok(()),
    }
    .map_err(|why| {
        Failure::Failed(format!("{why}; the results are in {}", finished.results.display()))
    })?;
    match finished.stopped {
        Some(why) => Err(Failure::Stopped(why.to_string())),
        None => Ok(()),
    }
}

/// The folder of the bundled sample.
pub(super) fn bundled(home: &Path) -> Result<PathBuf, Failure> {
    let data = home.join("data");
    if data.is_dir() {
        return Ok(data);
    }
    let sentence =
        format!("no data folder is named, and the bundled sample is not in {}", data.display());
    let advice = format!("give --data, or write it: basis data sample --out {}", data.display());
    Err(Failure::Usage(Fault::new(Code::Data001, sentence).suggest(advice).to_string()))
}

/// The strategy of a setup's script, and the texts that go into the run's inputs.
pub(super) fn script(
    setup: &Arc<Setup>,
    stdlib: &Path,
) -> Result<backtest::Built, failure::Failure> {
    let path = setup.script.clone().ok_or_else(|| {
        let advice = "add 'script: PATH' to its configuration, or name the script's path";
        let message =
            format!("{}: the mode {} names no script; {advice}", Code::Config004, setup.mode);
        failure::Failure::Input(message)
    })?;
    let bundle = Bundle::load(&path, stdlib, setup).map_err(|faults| {
        let told = |fault: &ScriptFault| format!("{}: {fault}", fault.code);
        let texts: Vec<String> = faults.iter().map(told).collect();
        failure::Failure::Input(texts.join("\n\n"))
    })?;
    let files = bundle.files().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    Ok((Box::new(ScriptStrategy::new(Arc::new(bundle))), files))
}

/// What a resumed run needs to be begun again: the folder it was begun in and the arguments that decide its bytes.
fn command_of(arguments: &RunArguments) -> Vec<(String, String)> {
    let mut command = Vec::new();
    let mut keep = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            command.push((name.to_owned(), value));
        }
    };
    let path = |path: &Path| path.display().to_string();
    keep("directory", std::env::current_dir().ok().as_deref().map(path));
    keep("strategy", arguments.strategy.clone());
    keep("config", arguments.config.as_deref().map(path));
    keep("config-dir", Some(path(&arguments.config_dir)));
    keep("data", arguments.data.as_deref().map(path));
    keep("from", arguments.from.map(|at| at.to_string()));
    keep("to", arguments.to.map(|at| at.to_string()));
    keep("capital", arguments.capital.map(|amount| amount.to_string()));
    keep("costs", arguments.costs.to_possible_value().map(|value| value.get_name().to_owned()));
    keep("events", arguments.events.to_possible_value().map(|value| value.get_name().to_owned()));
    keep("tag", arguments.tag.clone());
    for stress in super::stress::asked(&arguments.stress) {
        keep("stress", Some(stress.to_string()));
    }
    keep("signals", arguments.signals.as_deref().map(path));
    for (key, value) in &arguments.sets {
        keep("set", Some(format!("{key}={value}")));
    }
    command
}

/// Takes over the arguments with which a run was begun, and goes to the folder from which their paths are told.
fn recall(arguments: &mut RunArguments, id: &str) -> Result<(), Failure> {
    let usage = |text: String| Failure::Usage(text);
    let logs = arguments.out.join("logs");
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let logs = logs.display();
        return Err(usage(format!(
            "'{id}' is no run's id; ids are the names of the folders in {logs}"
        )));
    }
    let path = logs.join(id).join("command.json");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        usage(format!("there is no run {id} to resume: {} cannot be read: {error}", path.display()))
    })?;
    let damaged = || usage(format!("{} is damaged; start a new run", path.display()));
    let command: Vec<(String, String)> = serde_json::from_str(&text).map_err(|_| damaged())?;
    let summary = arguments.out.join("results").join(id).join("summary.json");
    if summary.exists() {
        return Err(usage(format!("the run {id} is finished: {}", summary.display())));
    }
    for (name, value) in command {
        match name.as_str() {
            "directory" => go_back_to(&value, arguments)?,
            "strategy" => arguments.strategy = Some(value),
            "config" => arguments.config = Some(value.into()),
            "config-dir" => arguments.config_dir = value.into(),
            "data" => arguments.data = Some(value.into()),
            "from" => arguments.from = Some(value.parse().map_err(|_| damaged())?),
            "to" => arguments.to = Some(value.parse().map_err(|_| damaged())?),
            "capital" => arguments.capital = Some(value.parse().map_err(|_| damaged())?),
            "costs" => {
                arguments.costs = CostsArgument::from_str(&value, false).map_err(|_| damaged())?
            }
            "events" => {
                arguments.events = Events::from_str(&value, false).map_err(|_| damaged())?
            }
            "tag" => arguments.tag = Some(value),
            "stress" => {
                arguments.stress.push(super::stress::argument(&value).map_err(|_| damaged())?);
            }
            "signals" => arguments.signals = Some(value.into()),
            "set" => arguments.sets.push(super::set::key_value(&value).map_err(|_| damaged())?),
            _ => return Err(damaged()),
        }
    }
    Ok(())
}

/// Makes the folder in which a run was begun the current one, so that its paths mean the same and are told the same.
fn go_back_to(directory: &str, arguments: &mut RunArguments) -> Result<(), Failure> {
    if std::env::current_dir().is_ok_and(|here| here == Path::new(directory)) {
        return Ok(());
    }
    let out = std::path::absolute(&arguments.out);
    arguments.out = out.unwrap_or_else(|_| arguments.out.clone());
    std::env::set_current_dir(directory).map_err(|error| {
        Failure::Usage(format!(
            "the run was begun in {directory}, which cannot be entered: {error}"
        ))
    })
}

/// A new run's id: lower-case hex of the real time and the process.
pub(super) fn new_id() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:011x}{:05x}", since.as_millis(), std::process::id() & 0xf_ffff)
}
