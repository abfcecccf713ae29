//! `basis modes`: what is shipped, each mode with its thesis, its venues and what it aims at; with `--run` what each does on a
//! range of data, as tables.

mod list;
mod survey;
mod tables;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::types::Timestamp;

use super::Failure;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    basis modes\n  \
    basis modes eth_leveraged --format json\n  \
    basis modes --run --data DIR --from 2024-06-01 --to 2025-06-01")]
pub struct ModesArguments {
    /// Modes by their names; all of them otherwise.
    modes: Vec<String>,
    /// Run each of them and print tables in Markdown: return and drawdown against targets, profit by cause, costs, how near
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
    /// Keep the runs' `results/` and `logs/` here; thrown away otherwise.
    #[arg(long, value_name = "DIR", requires = "run")]
    out: Option<PathBuf>,
    /// How the list is printed.
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "run")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn run(arguments: ModesArguments) -> Result<(), Failure> {
    let modes = list::modes(&arguments.modes, &arguments.config_dir)?;
    if !arguments.run {
        let text = match arguments.format {
            Format::Text => list::text(&modes),
            Format::Json => list::json(&modes),
        };
        return super::print(&text).map_err(Failure::Failed);
    }
    let surveyed = survey::survey(modes, &arguments)?;
    super::print(&tables::markdown(&surveyed)).map_err(Failure::Failed)
}
