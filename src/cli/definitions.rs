//! `basis definitions DIR`: what editors need to know of the functions that scripts can call.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::manual::definitions;

use super::Failure;

#[derive(Debug, Args)]
pub struct DefinitionsArguments {
    /// The folder that the files are written to; it is made where it is not there.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The folder with defaults, share classes, venues and modes; stdlib/ lies beside it.
    #[arg(long, value_name = "DIR", default_value = "configs")]
    config_dir: PathBuf,
}

pub fn run(arguments: DefinitionsArguments) -> Result<(), Failure> {
    let DefinitionsArguments { dir, config_dir } = arguments;
    let home = config_dir.parent().unwrap_or(Path::new(""));
    let files = definitions(&home.join("stdlib")).map_err(Failure::Usage)?;
    let unwritten = |path: &Path, error: std::io::Error| {
        Failure::Usage(format!("{} cannot be written: {error}", path.display()))
    };
    std::fs::create_dir_all(&dir).map_err(|error| unwritten(&dir, error))?;
    for (name, text) in &files {
        let path = dir.join(name);
        std::fs::write(&path, text).map_err(|error| unwritten(&path, error))?;
    }
    let told = format!("{} files in {}\n", files.len(), dir.display());
    super::print(&told).map_err(Failure::Failed)
}
