//! `basis data check DIR`: what a folder of market data holds, its gaps, and which modes it can serve.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::market::check;

use super::Failure;

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// List what a folder holds: series, ranges, gaps, faults, and the modes that it can serve.
    ///
    /// Example: basis data check data
    Check(CheckArguments),
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The folder with the market data.
    dir: PathBuf,
    /// The folder with defaults, share classes, venues and modes.
    #[arg(long, value_name = "DIR", default_value = "configs")]
    config_dir: PathBuf,
}

pub fn run(command: DataCommand) -> Result<(), Failure> {
    let DataCommand::Check(arguments) = command;
    let report = check::check(&arguments.dir, &arguments.config_dir)
        .map_err(|faults| Failure::Usage(faults.to_string()))?;
    print!("{}", check::render(&report));
    Ok(())
}
