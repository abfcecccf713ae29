//! `basis test [FILES]`: runs the tests of scripts and says how they went.

mod json;
mod text;
mod watch;

use std::path::{Path, PathBuf};
use std::thread;

use clap::{Args, ValueEnum};

use crate::config::{is_configuration, script_meant};
use crate::trial::files::{files_below, once};
use crate::trial::report::{junit, lcov};
use crate::trial::suite::{self, Request, Verdict};

use super::Failure;
use watch::Watch;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 all passed, 1 a test failed or a file of tests does not compile, 2 the command line is \
    wrong or there is no test."
)]
pub struct TestArguments {
    /// Files of tests, or scripts that have one beside them. Without any: all below strategies/ and stdlib/.
    #[arg(value_name = "FILES")]
    files: Vec<PathBuf>,
    /// Only tests whose file and name contain this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Tells the lines of scripts that ran, and those that did not.
    #[arg(long)]
    coverage: bool,
    /// Writes the lines that ran as an lcov tracefile.
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    /// Writes the results as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Runs the tests again whenever a script or a configuration is written.
    #[arg(long)]
    watch: bool,
    /// Tells failures and the sum alone.
    #[arg(long)]
    quiet: bool,
    /// How many tests run at a time; as many as there are processors.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// The folder with defaults, share classes, venues and modes; strategies/ and stdlib/ lie beside it.
    #[arg(long, value_name = "DIR", default_value = "configs")]
    config_dir: PathBuf,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn run(arguments: TestArguments) -> Result<(), Failure> {
    two_files(&arguments)?;
    if !arguments.watch {
        return run_once(&arguments);
    }
    let home = arguments.config_dir.parent().unwrap_or(Path::new(""));
    let mut folders = ["strategies", "stdlib"].map(|name| home.join(name)).to_vec();
    folders.push(arguments.config_dir.clone());
    folders.extend(arguments.files.iter().filter_map(|file| Some(file.parent()?.to_owned())));
    folders.sort();
    folders.dedup();
    // A folder inside another is watched with it.
    let outer = folders.clone();
    folders
        .retain(|folder| !outer.iter().any(|other| other != folder && folder.starts_with(other)));
    let watch = Watch::begin(folders.iter().map(PathBuf::as_path))?;
    loop {
        match run_once(&arguments) {
            Ok(()) | Err(Failure::Found) => {}
            // What is wrong now may be mended by the next change.
            Err(Failure::Usage(why)) => super::told("error", &why),
            Err(other) => return Err(other),
        }
        super::tell("waiting for a change; end with Ctrl-C");
        watch.wait()?;
    }
}

/// The one would be written over the other.
fn two_files(arguments: &TestArguments) -> Result<(), Failure> {
    let (Some(lcov), Some(junit)) = (&arguments.lcov, &arguments.junit) else { return Ok(()) };
    let place = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).ok();
    if lcov != junit && (place(lcov).is_none() || place(lcov) != place(junit)) {
        return Ok(());
    }
    let what =
        format!("--lcov and --junit would both write {}; give each its own file", lcov.display());
    Err(Failure::Usage(what))
}

fn run_once(arguments: &TestArguments) -> Result<(), Failure> {
    let verdict = tested(arguments)?;
    let written = [
        (&arguments.junit, junit(&verdict)),
        (&arguments.lcov, lcov(&verdict.coverage, |file| path_of(arguments, file))),
    ];
    for (path, text) in written {
        if let Some(path) = path {
            std::fs::write(path, text).map_err(|error| {
                Failure::Usage(format!("{} cannot be written: {error}", path.display()))
            })?;
        }
    }
    let told = match arguments.format {
        Format::Text => text::text(&verdict, arguments.quiet, arguments.coverage),
        Format::Json => json::json(&verdict),
    };
    super::print(&told).map_err(Failure::Failed)?;
    if verdict.is_good() { Ok(()) } else { Err(Failure::Found) }
}

/// Runs the tests that are asked for; no test at all is a mistake.
fn tested(arguments: &TestArguments) -> Result<Verdict, Failure> {
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get());
    let request = Request {
        files: files(arguments)?,
        config_dir: arguments.config_dir.clone(),
        filter: arguments.filter.clone(),
        coverage: arguments.coverage || arguments.lcov.is_some(),
        threads: arguments.threads.unwrap_or(threads),
    };
    let verdict = suite::run(&request);
    if verdict.results.is_empty() && verdict.broken.is_empty() {
        let what = match &arguments.filter {
            Some(filter) => format!("no test has '{filter}' in its file and name"),
            None => {
                let files: Vec<String> =
                    request.files.iter().map(|file| format!(" in {}", file.display())).collect();
                let of = if let [file] = &files[..] { file } else { "" };
                format!("there is no test{of}: a test is a function whose name begins with test_")
            }
        };
        return Err(Failure::Usage(what));
    }
    Ok(verdict)
}

/// The files of tests that are asked for.
fn files(arguments: &TestArguments) -> Result<Vec<PathBuf>, Failure> {
    let home = arguments.config_dir.parent().unwrap_or(Path::new(""));
    let unlisted = |folder: &Path, error: std::io::Error| {
        Failure::Usage(format!("{} cannot be listed: {error}", folder.display()))
    };
    if arguments.files.is_empty() {
        let mut files = Vec::new();
        for folder in ["strategies", "stdlib"].map(|name| home.join(name)) {
            files.extend(
                files_below(&folder, suite::ENDING).map_err(|error| unlisted(&folder, error))?,
            );
        }
        return Ok(files);
    }
    let mut files = Vec::new();
    for file in &arguments.files {
        if file.is_dir() {
            files.extend(files_below(file, suite::ENDING).map_err(|error| unlisted(file, error))?);
            continue;
        }
        let is_test = file.to_string_lossy().ends_with(suite::ENDING);
        let tests = if is_test { file.clone() } else { file.with_extension("test.rhai") };
        if !tests.is_file() {
            return Err(Failure::Usage(untested(file, &tests, &arguments.config_dir)));
        }
        files.push(tests);
    }
    Ok(once(files))
}

/// Said of a file that has no tests.
fn untested(file: &Path, tests: &Path, config_dir: &Path) -> String {
    let (shown, tests) = (file.display(), tests.display());
    if !file.is_file() {
        return crate::cli::no_file(file, config_dir);
    }
    if is_configuration(file) {
        let script = script_meant(&file.with_extension("rhai"), config_dir).or_else(|| {
            let name = Path::new(file.file_name()?).with_extension("rhai");
            script_meant(&name, config_dir)
        });
        let named = script.map_or("its script".to_owned(), |script| script.display().to_string());
        return format!("{shown} is a configuration; its script is tested by: basis test {named}");
    }
    if file.extension().is_none_or(|ending| ending != "rhai") {
        return format!("{shown} is no script: its name does not end in .rhai");
    }
    format!("{shown} has no tests: there is no {tests}; write it, its functions named test_…")
}

/// Where a script lies that imports know by this name.
fn path_of(arguments: &TestArguments, file: &str) -> String {
    let home = arguments.config_dir.parent().unwrap_or(Path::new(""));
    let candidates = [home.join(file), home.join("strategies").join(file)];
    let beside = arguments.files.iter().map(|test| test.with_file_name(file));
    let mut found = candidates.into_iter().chain(beside).filter(|path| path.is_file());
    found.next().map_or_else(|| file.to_owned(), |path| path.display().to_string())
}
