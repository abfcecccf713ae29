//! `basis modes`: what is shipped, each mode with its thesis, its venues and what it aims at; with `--run` what each does on a
//! range of data, as tables.

mod list;
mod matrix;
mod results;
mod survey;
mod table;
mod tables;

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::market::stress::{self, Asked};
use crate::types::Timestamp;

use super::Failure;
use survey::Surveyed;
use table::Table;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    basis modes\n  \
    basis modes eth_leveraged --format json\n  \
    basis modes --run --data DIR --from 2024-06-01 --to 2025-06-01\n  \
    basis modes --run --stress all\n  \
    basis modes btc_basis --run --format json")]
pub struct ModesArguments {
    /// Modes by their names; all of them otherwise.
    modes: Vec<String>,
    /// Run each of them and print tables: return and drawdown against targets, profit by cause, costs, how near
    /// limits came.
    #[arg(long)]
    run: bool,
    /// The folder with defaults, share classes, venues and modes.
    #[arg(long, value_name = "DIR", default_value = "configs")]
    config_dir: PathBuf,
    /// The folder with the market data of the runs. The bundled sample otherwise.
    #[arg(long, value_name = "DIR", env = "BASIS_DATA_DIR", requires = "run")]
    data: Option<PathBuf>,
    /// First step of the runs.
    #[arg(long, value_name = "TIME", requires = "run")]
    from: Option<Timestamp>,
    /// Last step of the runs, inclusive.
    #[arg(long, value_name = "TIME", requires = "run")]
    to: Option<Timestamp>,
    /// Run each mode also under these stresses, and print what becomes of it: `all`, or names with commas; docs/stress.md tells them.
    #[arg(long, value_name = "STRESS", value_delimiter = ',', value_parser = stress_of, requires = "run")]
    stress: Vec<Stresses>,
    /// Keep the runs' `results/` and `logs/` here; thrown away otherwise.
    #[arg(long, value_name = "DIR", requires = "run")]
    out: Option<PathBuf>,
    /// How the list or the tables are printed. Of runs, where it is not said: `text` on a terminal, `markdown` into a file or a
    /// pipe; `json` gives each run's `summary.json`.
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// In columns of at most 80 characters.
    Text,
    /// Tables for documents; of runs alone.
    Markdown,
    /// For programs.
    Json,
}

pub fn run(arguments: ModesArguments) -> Result<(), Failure> {
    if arguments.stress.iter().any(|asked| matches!(asked, Stresses::List)) {
        return super::print(&super::stress::names()).map_err(Failure::Failed);
    }
    let modes = list::modes(&arguments.modes, &arguments.config_dir)?;
    if !arguments.run {
        let text = match arguments.format {
            Some(Format::Json) => list::json(&modes),
            Some(Format::Markdown) => {
                let sentence = "--format markdown is for the tables of runs; add --run";
                return Err(Failure::Usage(sentence.to_owned()));
            }
            Some(Format::Text) | None => list::text(&modes),
        };
        return super::print(&text).map_err(Failure::Failed);
    }
    let stresses = stresses(&arguments.stress);
    let surveyed = survey::survey(&modes, &stresses, &arguments)?;
    let usual = if std::io::stdout().is_terminal() { Format::Text } else { Format::Markdown };
    let text = match arguments.format.unwrap_or(usual) {
        Format::Text => tables(&surveyed, &stresses, Table::text),
        Format::Markdown => tables(&surveyed, &stresses, Table::markdown),
        Format::Json => results::json(&surveyed),
    };
    super::print(&text).map_err(Failure::Failed)
}

fn tables(surveyed: &[Surveyed], stresses: &[Asked], show: fn(&Table) -> String) -> String {
    match stresses.is_empty() {
        true => tables::told(surveyed, show),
        false => matrix::told(surveyed, show),
    }
}

/// The stresses that are asked for; all of them by `all`.
fn stresses(asked: &[Stresses]) -> Vec<Asked> {
    let every = stress::all().iter().map(|stress| Asked { stress, at: None });
    asked
        .iter()
        .flat_map(|asked| match asked {
            Stresses::All => every.clone().collect(),
            Stresses::List => Vec::new(),
            Stresses::One(asked) => vec![*asked],
        })
        .collect()
}

/// A part of `--stress`.
#[derive(Clone, Copy, Debug)]
enum Stresses {
    All,
    List,
    One(Asked),
}

fn stress_of(text: &str) -> Result<Stresses, String> {
    match text.trim() {
        "all" => Ok(Stresses::All),
        "list" => Ok(Stresses::List),
        one => one.parse().map(Stresses::One),
    }
}
