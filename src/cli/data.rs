//! `basis data check DIR`: what a folder of market data holds, its gaps, and which modes it can serve.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::config::{LoadRequest, Setup, load};
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
    let modes = modes(&arguments.config_dir)?;
    let report = check::check(&arguments.dir, &modes)
        .map_err(|faults| Failure::Usage(faults.to_string()))?;
    super::print(&check::render(&report)).map_err(Failure::Failed)
}

/// The modes of a configuration folder, by name; one that does not load is told and left out.
fn modes(config_dir: &Path) -> Result<Vec<Setup>, Failure> {
    let dir = config_dir.join("modes");
    let entries = std::fs::read_dir(&dir).map_err(|error| {
        Failure::Usage(format!("CONFIG-001: {} cannot be read: {error}", dir.display()))
    })?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
            is_yaml.then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))?
        })
        .collect();
    names.sort();
    let mut modes = Vec::new();
    for name in names {
        match load(LoadRequest::of_mode(&name, config_dir)) {
            Ok(setup) => modes.push(setup),
            Err(faults) => super::tell(&format!("the mode {name} does not load:\n{faults}")),
        }
    }
    Ok(modes)
}
