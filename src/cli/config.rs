//! `basis config show MODE`: the merged configuration with the origin of every value.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::config::{LoadRequest, StrategyRef, load};

use super::Failure;

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the merged configuration of a mode or script, each value with its origin.
    ///
    /// Example: basis config show btc_basis --set cash_buffer=0.05
    Show(ShowArguments),
}

#[derive(Debug, Args)]
pub struct ShowArguments {
    /// A mode's name or a script's path.
    strategy: String,
    /// The configuration file, instead of the one found by the strategy's name.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder with defaults, share classes, venues and modes.
    #[arg(long, value_name = "DIR", default_value = "configs")]
    config_dir: PathBuf,
    /// Change a value: a parameter by its name, anything else by its path.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = super::set::key_value)]
    sets: Vec<(String, String)>,
}

pub fn run(command: ConfigCommand) -> Result<(), Failure> {
    let ConfigCommand::Show(arguments) = command;
    super::is_strategy(&arguments.strategy)?;
    let mut request = LoadRequest::of_mode(&arguments.strategy, &arguments.config_dir);
    request.strategy = StrategyRef { name: arguments.strategy, config: arguments.config };
    request.sets = arguments.sets;
    let setup = load(request).map_err(|faults| Failure::Usage(faults.to_string()))?;
    super::print(&setup.merged).map_err(Failure::Failed)
}
