//! `basis data check DIR`: what a folder of market data holds, its gaps, and which modes it can serve. `basis data sample`: writes
//! the synthetic sample.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::config::{LoadRequest, Setup, load};
use crate::market::{RANGE, check, sample};

use super::Failure;

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// List what a folder holds: series, ranges, gaps, faults, and the modes that it can serve.
    ///
    /// Example: basis data check data
    Check(CheckArguments),
    /// Write a year of synthetic market data, anchored month by month to figures of the real market.
    ///
    /// The same seed writes the same bytes. The bundled folder `data` is of the default seed.
    ///
    /// Example: basis data sample --seed 2 --out other
    Sample(SampleArguments),
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The folder with the market data.
    dir: PathBuf,
    /// The folder with defaults, share classes, venues and modes.
    #[arg(long, value_name = "DIR", default_value = "configs")]
    config_dir: PathBuf,
}

#[derive(Debug, Args)]
pub struct SampleArguments {
    /// What decides every row.
    #[arg(long, value_name = "N", default_value_t = sample::BUNDLED_SEED)]
    seed: u64,
    /// The folder to write: a new one, an empty one, or an older sample.
    #[arg(long, value_name = "DIR", default_value = "data")]
    out: PathBuf,
}

pub fn run(command: DataCommand) -> Result<(), Failure> {
    match command {
        DataCommand::Check(arguments) => run_check(&arguments),
        DataCommand::Sample(arguments) => run_sample(&arguments),
    }
}

fn run_check(arguments: &CheckArguments) -> Result<(), Failure> {
    let modes = modes(&arguments.config_dir)?;
    let report = check::check(&arguments.dir, &modes)
        .map_err(|faults| Failure::Usage(faults.to_string()))?;
    super::print(&check::render(&report)).map_err(Failure::Failed)
}

fn run_sample(SampleArguments { seed, out }: &SampleArguments) -> Result<(), Failure> {
    let files = sample::files(*seed);
    refuse_foreign(out, &files)?;
    let bytes = write_sample(*seed, out, &files)
        .map_err(|(path, error)| Failure::Failed(format!("{}: {error}", path.display())))?;
    let rows: usize = files.iter().map(|file| file.rows).sum();
    let megabytes = format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10);
    super::print(&format!(
        "{}: {} files of synthetic market data by seed {seed}, {} rows, {megabytes}\n",
        out.display(),
        files.len(),
        super::numbers::grouped(rows.try_into().unwrap_or(u64::MAX)),
    ))
    .map_err(Failure::Failed)
}

/// Refuses a folder in which the sample would be mixed with something else: anything where nothing marks the data as synthetic,
/// series of other names or forms where something does.
fn refuse_foreign(out: &Path, files: &[sample::SampleFile]) -> Result<(), Failure> {
    let dir = out.display();
    let unreadable = |error: io::Error| Failure::Usage(format!("{dir} cannot be read: {error}"));
    let refused = |sentence: String| Err(Failure::Usage(format!("{sentence}; give another --out")));
    if !out.exists() {
        return Ok(());
    }
    if !sample::is_synthetic(out) {
        return match fs::read_dir(out).map_err(unreadable)?.next() {
            Some(_) => refused(format!(
                "{dir} is not empty, and no file {} in it says that its data is synthetic",
                sample::MARKER
            )),
            None => Ok(()),
        };
    }
    let is_ours = |name: &String| files.iter().any(|file| file.packed_name() == *name);
    match check::files(out).map_err(unreadable)?.into_iter().find(|name| !is_ours(name)) {
        Some(name) => refused(format!("{dir} holds {name}, which is not of the sample")),
        None => Ok(()),
    }
}

/// Writes the sample and tells its size; the mark first, so that half of one is marked, too.
fn write_sample(
    seed: u64,
    out: &Path,
    files: &[sample::SampleFile],
) -> Result<usize, (PathBuf, io::Error)> {
    let put = |name: &str, content: &[u8]| {
        let path = out.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&path, content)).map_err(|error| (path, error))
    };
    put(sample::MARKER, sample::marker(seed).as_bytes())?;
    put("README.md", sample::readme(seed, files).as_bytes())?;
    put(RANGE, sample::range().as_bytes())?;
    let mut bytes = 0;
    for file in files {
        let packed = file.packed().map_err(|error| (out.join(&file.name), error))?;
        put(&file.packed_name(), &packed)?;
        bytes += packed.len();
    }
    Ok(bytes)
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
