//! The command line: one file a command. Parses, calls the library, prints; decides nothing.
//!
//! What programs read goes to stdout, everything else to stderr. Exit status: 0 done, 1 the run failed, 2 command line,
//! configuration or data wrong, 3 stopped by risk or reconciliation.

mod check;
mod config;
mod data;
mod definitions;
mod flags;
mod lines;
mod modes;
mod new;
mod numbers;
mod owners;
mod paint;
mod progress;
mod run;
mod set;
mod stress;
mod summary;
mod test;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::config::{Fault, is_configuration, script_meant, strategy_of};
use crate::trial::suite::{ENDING, script_of};
use crate::types::Code;

/// Runs basis and yield strategies: backtest, paper and live through one engine.
#[derive(Debug, Parser)]
#[command(
    name = "basis",
    version,
    about,
    max_term_width = 100,
    after_help = "Example: basis run strategies/btc_basis.rhai --data DIR"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a strategy.
    Run(run::RunArguments),
    /// Say what is wrong or odd with scripts.
    ///
    /// Example: basis check strategies/btc_basis.rhai
    Check(check::CheckArguments),
    /// Test scripts against simulated venues.
    ///
    /// Example: basis test strategies/btc_basis.test.rhai
    Test(test::TestArguments),
    /// List the modes that are shipped, or run them all and print what became of them.
    Modes(modes::ModesArguments),
    /// Begin a strategy of your own from one that is shipped.
    ///
    /// Example: basis new my_lending --from pure_lending_usdt
    New(new::NewArguments),
    /// Write Rhai definition files, by which editors complete and explain what scripts can call.
    ///
    /// Example: basis definitions .rhai
    Definitions(definitions::DefinitionsArguments),
    /// Look at market data.
    #[command(subcommand, after_help = "Example: basis data check DIR")]
    Data(data::DataCommand),
    /// Look at configuration.
    #[command(subcommand, after_help = "Example: basis config show btc_basis")]
    Config(config::ConfigCommand),
}

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub enum Failure {
    /// Command line, configuration or data is wrong: status 2.
    Usage(String),
    /// The run failed: status 1.
    Failed(String),
    /// A check has found something, and has said it: status 1.
    Found,
    /// Risk or reconciliation stopped the run: status 3. Its results are complete.
    Stopped(String),
}

impl Failure {
    fn status(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::Found => 1,
            Self::Usage(_) => 2,
            Self::Stopped(_) => 3,
        }
    }
}

/// Writes to stdout, colours on a terminal alone. Who closed the pipe has read enough; that is no failure.
fn print(text: &str) -> Result<(), String> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(format!("stdout cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// Writes a line to stderr. Whoever closed it does not want to know; the exit status still tells.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Says how a command ended. Who looks at a terminal gets lines that fit it; a log keeps each sentence on its line.
fn told(how: &str, text: &str) {
    let text = match std::io::stderr().is_terminal() {
        true => paint::wrapped(text, how.len() + 2),
        false => text.to_owned(),
    };
    tell(&format!("{how}: {text}"));
}

/// A strategy is named by its script or its mode, never by its configuration, its tests or a module.
fn is_strategy(strategy: &str) -> Result<(), Failure> {
    let path = Path::new(strategy);
    let fault = |what: &str| Fault::new(Code::Config006, format!("{strategy} is {what}"));
    let is_module =
        path.is_file() && path.parent().is_some_and(|folder| folder.ends_with("stdlib"));
    let fault = if is_configuration(path) {
        fault("a configuration, no script").suggest(match strategy_of(path) {
            Some(named) => format!("name its strategy: {named}"),
            None => format!("name a script or a mode, and it by --config {strategy}"),
        })
    } else if strategy.ends_with(ENDING) && path.is_file() {
        let (script, _) = script_of(path);
        let of = if script.is_file() {
            format!("; its script is {}", script.display())
        } else {
            String::new()
        };
        fault("a file of tests").suggest(format!("run them: basis test {strategy}{of}"))
    } else if is_module {
        fault("a module, which scripts import").suggest("name a script that imports it")
    } else {
        return Ok(());
    };
    Err(Failure::Usage(fault.to_string()))
}

/// Said of a script or of its tests that are not there, with the script that is meant.
fn no_file(file: &Path, config_dir: &Path) -> String {
    let is_test = file.to_string_lossy().ends_with(ENDING);
    let script = if is_test { script_of(file).0 } else { file.to_owned() };
    let help = match script_meant(&script, config_dir) {
        Some(meant) if is_test => {
            format!("; did you mean {}?", meant.with_extension("test.rhai").display())
        }
        Some(meant) => format!("; did you mean {}?", meant.display()),
        None => String::new(),
    };
    format!("there is no file {}{help}", file.display())
}

/// Parses the command line, runs its command and says how it went.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let typed: Vec<String> = std::env::args().collect();
            match set::torn(&typed).filter(|_| error.kind() == ErrorKind::UnknownArgument) {
                Some(text) => told("error", &text),
                None => flags::told(error).exit(),
            }
            return ExitCode::from(2);
        }
    };
    let done = match arguments.command {
        Command::Run(arguments) => run::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Modes(arguments) => modes::run(arguments),
        Command::New(arguments) => new::run(arguments),
        Command::Definitions(arguments) => definitions::run(arguments),
        Command::Data(command) => data::run(command),
        Command::Config(command) => config::run(command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            match &failure {
                Failure::Usage(text) | Failure::Failed(text) => told("error", text),
                Failure::Stopped(text) => told("stopped", text),
                Failure::Found => {}
            }
            ExitCode::from(failure.status())
        }
    }
}
