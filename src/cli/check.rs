//! `basis check [FILES]`: what is wrong or odd with scripts, before they run.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::config::{LoadRequest, load};
use crate::script::{Bundle, EXAMPLES, Finding, Lint, Severity};

use super::Failure;

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Scripts, or modules of stdlib/. Without any: all scripts of strategies/.
    #[arg(value_name = "FILES")]
    files: Vec<PathBuf>,
    /// The folder with defaults, share classes, venues and modes; strategies/ and stdlib/ lie beside it.
    #[arg(long, value_name = "DIR", default_value = "configs")]
    config_dir: PathBuf,
    /// How the findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Lists the lints and what they find.
    #[arg(long)]
    lints: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn run(arguments: CheckArguments) -> Result<(), Failure> {
    if arguments.lints {
        return super::print(&lints()).map_err(Failure::Failed);
    }
    let home = arguments.config_dir.parent().unwrap_or(Path::new("")).to_owned();
    let scripts = scripts(&home.join("strategies")).map_err(|error| {
        Failure::Usage(format!("{} cannot be listed: {error}", home.join("strategies").display()))
    })?;
    let is_module = |file: &PathBuf| file.parent().is_some_and(|folder| folder.ends_with("stdlib"));
    // A module is checked with the scripts that import it: what it is given is known there.
    let (modules, own): (Vec<_>, Vec<_>) = arguments.files.iter().cloned().partition(is_module);
    let chosen = if own.is_empty() { scripts } else { own };
    let mut found: Vec<Finding> = Vec::new();
    // Each script is for itself; all of them at once take as long as the longest.
    let check = |script: &Path| -> Result<Vec<Finding>, Failure> {
        let request = LoadRequest::of_mode(&script.display().to_string(), &arguments.config_dir);
        let setup = load(request)
            .map_err(|faults| Failure::Usage(format!("{}:\n{faults}", script.display())))?;
        Ok(Bundle::check(script, &home.join("stdlib"), &setup))
    };
    let check = &check;
    let checked: Vec<Result<Vec<Finding>, Failure>> = std::thread::scope(|threads| {
        let started: Vec<_> =
            chosen.iter().map(|script| threads.spawn(move || check(script))).collect();
        started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    for one in checked {
        found.extend(one?);
    }
    if !modules.is_empty() {
        let names: BTreeSet<String> = modules
            .iter()
            .filter_map(|module| Some(format!("stdlib/{}", module.file_name()?.to_str()?)))
            .collect();
        found.retain(|finding| names.contains(&*finding.fault.file));
    }
    // A module that two scripts import is told once.
    let mut told = BTreeSet::new();
    found.retain(|Finding { lint, fault }| {
        told.insert((fault.file.clone(), fault.line, fault.column, lint.name))
    });
    let text = match arguments.format {
        Format::Text => {
            let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let is_coloured = !is_plain && std::io::stdout().is_terminal();
            text(&found, chosen.len(), is_coloured)
        }
        Format::Json => json(&found),
    };
    super::print(&text).map_err(Failure::Failed)?;
    if found.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

/// All scripts below a folder, sorted; tests are none.
fn scripts(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(scripts(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rhai")
            && !path.to_string_lossy().ends_with(".test.rhai")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What a terminal shows in a line.
const COLUMNS: usize = 80;
const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const PLAIN: &str = "\x1b[0m";

/// All lints, one a line.
fn lints() -> String {
    let line = |lint: &Lint| {
        let severity = if lint.severity == Severity::Error { "error" } else { "warning" };
        format!("{:<20} {severity:<8} {}\n", lint.name, lint.finds)
    };
    EXAMPLES.iter().map(|example| line(&example.lint)).collect()
}

fn text(found: &[Finding], scripts: usize, is_coloured: bool) -> String {
    let mut text = String::new();
    for Finding { lint, fault } in found {
        let (kind, colour) = match lint.severity {
            Severity::Error => ("error", RED),
            Severity::Warning => ("warning", YELLOW),
        };
        let shown = fault.within(COLUMNS);
        // Writing into a string cannot fail.
        let _ = match is_coloured {
            false => writeln!(text, "{kind}[{}]: {shown}\n", lint.name),
            true => {
                let shown: Vec<String> = shown
                    .lines()
                    .map(|line| match line.trim_end().ends_with('^') && line.contains('|') {
                        true => line.replace('^', &format!("{colour}^{PLAIN}")),
                        false => line.to_owned(),
                    })
                    .collect();
                writeln!(text, "{colour}{kind}[{}]{PLAIN}: {}\n", lint.name, shown.join("\n"))
            }
        };
    }
    let errors = found.iter().filter(|finding| finding.lint.severity == Severity::Error).count();
    let scripts = counted(scripts, "script");
    let _ = if found.is_empty() {
        writeln!(text, "{scripts}: nothing found")
    } else {
        let warnings = counted(found.len() - errors, "warning");
        writeln!(text, "{scripts}: {}, {warnings}", counted(errors, "error"))
    };
    text
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn json(found: &[Finding]) -> String {
    let told = found.iter().map(|Finding { lint, fault }| {
        serde_json::json!({
            "lint": lint.name,
            "severity": if lint.severity == Severity::Error { "error" } else { "warning" },
            "code": fault.code,
            "message": fault.message,
            "file": &*fault.file,
            "line": fault.line,
            "column": fault.column,
            "source": fault.source_line,
            "help": fault.help,
        })
    });
    format!("{:#}\n", serde_json::Value::Array(told.collect()))
}
