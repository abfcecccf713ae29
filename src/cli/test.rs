//! `basis test [FILES]`: runs the tests of scripts and says how they went.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::thread;

use clap::{Args, ValueEnum};

use crate::trial::report::{junit, lcov};
use crate::trial::suite::{
    self, Failure as TestFailure, FileCoverage, Request, TestResult, Verdict,
};

use super::Failure;

#[derive(Debug, Args)]
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
    let files = files(&arguments)?;
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get());
    let request = Request {
        files,
        config_dir: arguments.config_dir.clone(),
        filter: arguments.filter.clone(),
        coverage: arguments.coverage || arguments.lcov.is_some(),
        threads: arguments.threads.unwrap_or(threads),
    };
    let verdict = suite::run(&request, &|_| ());
    if verdict.results.is_empty() && verdict.broken.is_empty() {
        let what = match &arguments.filter {
            Some(filter) => format!("no test has '{filter}' in its file and name"),
            None => {
                "there is no test: a test is a function whose name begins with test_".to_owned()
            }
        };
        return Err(Failure::Usage(what));
    }
    let written = [
        (&arguments.junit, junit(&verdict)),
        (&arguments.lcov, lcov(&verdict.coverage, |file| path_of(&arguments, file))),
    ];
    for (path, text) in written {
        if let Some(path) = path {
            std::fs::write(path, text).map_err(|error| {
                Failure::Usage(format!("{} cannot be written: {error}", path.display()))
            })?;
        }
    }
    let told = match arguments.format {
        Format::Text => text(&verdict, &arguments),
        Format::Json => json(&verdict),
    };
    super::print(&told).map_err(Failure::Failed)?;
    if verdict.is_good() { Ok(()) } else { Err(Failure::Found) }
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
            files.extend(suite::files_below(&folder).map_err(|error| unlisted(&folder, error))?);
        }
        return Ok(files);
    }
    let mut files = Vec::new();
    for file in &arguments.files {
        if file.is_dir() {
            files.extend(suite::files_below(file).map_err(|error| unlisted(file, error))?);
            continue;
        }
        let is_test = file.to_string_lossy().ends_with(suite::ENDING);
        let tests = if is_test { file.clone() } else { file.with_extension("test.rhai") };
        if !tests.is_file() {
            let what = match is_test {
                true => format!("there is no file {}", file.display()),
                false => {
                    format!("{} has no tests: there is no {}", file.display(), tests.display())
                }
            };
            return Err(Failure::Usage(what));
        }
        files.push(tests);
    }
    Ok(files)
}

/// Where a script lies that imports know by this name.
fn path_of(arguments: &TestArguments, file: &str) -> String {
    let home = arguments.config_dir.parent().unwrap_or(Path::new(""));
    let candidates = [home.join(file), home.join("strategies").join(file)];
    let beside = arguments.files.iter().map(|test| test.with_file_name(file));
    let mut found = candidates.into_iter().chain(beside).filter(|path| path.is_file());
    found.next().map_or_else(|| file.to_owned(), |path| path.display().to_string())
}

fn text(verdict: &Verdict, arguments: &TestArguments) -> String {
    let mut text = String::new();
    if !arguments.quiet {
        for results in verdict.results.chunk_by(|a, b| a.file == b.file) {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{}", results[0].file);
            for result in results {
                let word = if result.failure.is_some() { "FAIL" } else { "ok" };
                let _ = writeln!(text, "  {word:<4}  {}", spoken(&result.name));
            }
        }
        text.push('\n');
    }
    for (file, faults) in &verdict.broken {
        let _ = writeln!(text, "{file} does not compile:");
        for fault in faults {
            let _ = writeln!(text, "{fault}\n");
        }
    }
    for result in &verdict.results {
        if let Some(failure) = &result.failure {
            failed(&mut text, result, failure);
        }
    }
    if arguments.coverage {
        covered(&mut text, &verdict.coverage);
    }
    let (all, failed) = (verdict.results.len(), verdict.failed());
    let _ = write!(text, "{} passed", all - failed);
    if failed > 0 {
        let _ = write!(text, ", {failed} failed");
    }
    if !verdict.broken.is_empty() {
        let files = verdict.broken.len();
        let _ = write!(text, ", {files} file{} did not compile", if files == 1 { "" } else { "s" });
    }
    let _ = writeln!(text, " in {:.2} s", verdict.took.as_secs_f64());
    text
}

/// A test's name as it is spoken: without `test_`, with spaces.
fn spoken(name: &str) -> String {
    name.strip_prefix("test_").unwrap_or(name).replace('_', " ")
}

fn failed(text: &mut String, result: &TestResult, failure: &TestFailure) {
    let _ = writeln!(text, "FAIL {}: {}\n{}", result.file, result.name, failure.fault);
    if let Some(case) = &failure.case {
        let _ = writeln!(text, "{case}");
    }
    if !failure.trace.is_empty() {
        let _ = write!(text, "what happened:\n{}", failure.trace);
    }
    text.push('\n');
}

/// Lines by script, with the lines that did not run.
fn covered(text: &mut String, files: &[FileCoverage]) {
    let _ = writeln!(text, "{:>7}  {:>9}  script and lines that did not run", "covered", "lines");
    let (mut all, mut hit) = (0, 0);
    for file in files {
        let missed: Vec<u32> = file.lines.difference(&file.hit).copied().collect();
        (all, hit) = (all + file.lines.len(), hit + file.hit.len());
        let part = percent(file.hit.len(), file.lines.len());
        let lines = format!("{}/{}", file.hit.len(), file.lines.len());
        let _ = writeln!(text, "{part:>7}  {lines:>9}  {}{}", file.file, ranges(&missed));
    }
    let _ = writeln!(text, "{:>7}  {:>9}  all\n", percent(hit, all), format!("{hit}/{all}"));
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    format!("{:.1} %", 100.0 * part as f64 / whole as f64)
}

/// `: 3-5, 9`
fn ranges(lines: &[u32]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for run in lines.chunk_by(|a, b| a + 1 == *b) {
        match run {
            [one] => parts.push(one.to_string()),
            [first, .., last] => parts.push(format!("{first}-{last}")),
            [] => {}
        }
    }
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn json(verdict: &Verdict) -> String {
    let tests = verdict.results.iter().map(|result| {
        serde_json::json!({
            "file": result.file,
            "name": result.name,
            "passed": result.failure.is_none(),
            "took_s": result.took.as_secs_f64(),
            "failure": result.failure.as_ref().map(|failure| serde_json::json!({
                "code": failure.fault.code,
                "message": failure.fault.message,
                "file": &*failure.fault.file,
                "line": failure.fault.line,
                "column": failure.fault.column,
                "help": failure.fault.help,
                "case": failure.case,
                "trace": failure.trace,
            })),
        })
    });
    let broken = verdict.broken.iter().map(|(file, faults)| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        serde_json::json!({ "file": file, "faults": faults })
    });
    let coverage = verdict.coverage.iter().map(|file| {
        serde_json::json!({
            "file": file.file,
            "lines": file.lines.len(),
            "hit": file.hit.len(),
            "missed": file.lines.difference(&file.hit).collect::<Vec<_>>(),
        })
    });
    let verdict = serde_json::json!({
        "tests": tests.collect::<Vec<_>>(),
        "broken": broken.collect::<Vec<_>>(),
        "coverage": coverage.collect::<Vec<_>>(),
        "took_s": verdict.took.as_secs_f64(),
    });
    format!("{verdict:#}\n")
}
