//! `basis check [FILES]`: what is wrong or odd with scripts, before they run.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use clap::{Args, ValueEnum};

use crate::config::{Drafts, is_configuration, mode_names, strategy_of};
use crate::script::{Bundle, EXAMPLES, Finding, Lint, Severity, check_module, check_readable};
use crate::trial::files::{files_below, once};
use crate::trial::suite::{self, ENDING};

use super::Failure;
use super::paint::{self, BAD, ODD, in_style};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 nothing found, 1 something found, be it warnings alone, 2 the command line or a \
    configuration is wrong.\nWhat a configuration says is checked by basis config show."
)]
pub struct CheckArguments {
    /// Scripts, modules of stdlib/, files of tests. Without any: all of strategies/ and stdlib/.
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
    for file in &arguments.files {
        is_checked(file, &arguments.config_dir)?;
    }
    let home = arguments.config_dir.parent().unwrap_or(Path::new("")).to_owned();
    let is_module = |file: &PathBuf| file.parent().is_some_and(|folder| folder.ends_with("stdlib"));
    let is_test = |file: &PathBuf| file.to_string_lossy().ends_with(ENDING);
    let (tests, scripts): (Vec<_>, Vec<_>) =
        once(arguments.files.clone()).into_iter().partition(is_test);
    // A module is checked with the scripts that import it: what it is given is known there.
    let (mut modules, own): (Vec<_>, Vec<_>) = scripts.into_iter().partition(is_module);
    let is_all = arguments.files.is_empty();
    let below = |folder: &str| {
        let folder = home.join(folder);
        files_below(&folder, ".rhai").map_err(|error| {
            Failure::Usage(format!("{} cannot be listed: {error}", folder.display()))
        })
    };
    let mut chosen = own;
    if is_all || !modules.is_empty() {
        chosen.extend(below("strategies")?.into_iter().filter(|file| is_all || !is_test(file)));
    }
    if is_all {
        chosen.extend(below("stdlib")?.into_iter().filter(is_test));
    }
    chosen.extend(tests);
    let count = if is_all { chosen.len() } else { arguments.files.len() };
    let mut found: Vec<Finding> = Vec::new();
    let drafts = Drafts::of(&arguments.config_dir);
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get());
    let check = |file: &PathBuf| match is_test(file) {
        // A link that leads nowhere keeps nobody from checking the others.
        _ if !file.is_file() => Ok(by_path(check_readable(file), file, &home)),
        true => suite::check(file, &home.join("stdlib"), &drafts).map_err(Failure::Usage),
        false => match check_script(file, &home, &drafts) {
            // Nobody has asked for the script, but for what it imports.
            Err(_) if !is_all && !arguments.files.contains(file) => Ok(Vec::new()),
            checked => checked,
        },
    };
    // The longest first, so that no thread is left with one of them while the others have nothing to do.
    let mut work: Vec<(usize, &PathBuf)> = chosen.iter().enumerate().collect();
    work.sort_by_key(|(_, file)| Reverse(file.metadata().map_or(0, |file| file.len())));
    let mut checked = suite::side_by_side(&work, threads, |(index, file)| (*index, check(file)));
    checked.sort_by_key(|(index, _)| *index);
    for (_, one) in checked {
        found.extend(one?);
    }
    if !modules.is_empty() {
        let names: BTreeSet<String> = modules
            .iter()
            .filter_map(|module| {
                Some(home.join("stdlib").join(module.file_name()?).display().to_string())
            })
            .collect();
        found.retain(|Finding { fault, notes, .. }| {
            std::iter::once(fault).chain(notes).any(|it| names.contains(&*it.file))
        });
    }
    if is_all {
        modules = below("stdlib")?.into_iter().filter(|file| !is_test(file)).collect();
    }
    found.extend(by_themselves(&modules, &home, &drafts));
    // A module that two scripts import is told once.
    let mut told = BTreeSet::new();
    found.retain(|Finding { lint, fault, .. }| {
        told.insert((fault.file.clone(), fault.line, fault.column, lint.name))
    });
    let text = match arguments.format {
        Format::Text => text(&found, count + if is_all { modules.len() } else { 0 }),
        Format::Json => json(&found),
    };
    super::print(&text).map_err(Failure::Failed)?;
    if found.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

/// What is told of modules whoever imports them. Where no script does, their names are held against those of any mode.
fn by_themselves(modules: &[PathBuf], home: &Path, drafts: &Drafts) -> Vec<Finding> {
    if modules.is_empty() {
        return Vec::new();
    }
    let imports = texts_of_scripts(home);
    let is_imported = |module: &&PathBuf| {
        let name = module.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        imports.contains(&format!("\"stdlib/{name}\""))
    };
    let lent = mode_names(drafts.config_dir())
        .first()
        .filter(|_| !modules.iter().all(|module| is_imported(&module)))
        .and_then(|mode| drafts.get(mode).ok());
    let mut found = Vec::new();
    for module in modules {
        let setup = lent.as_ref().filter(|_| !is_imported(&module)).map(|lent| &*lent.1);
        found.extend(by_path(check_module(module, &home.join("stdlib"), setup), module, home));
    }
    found
}

/// The texts of all strategies and modules, one behind the other.
fn texts_of_scripts(home: &Path) -> String {
    let files = ["strategies", "stdlib"].map(|folder| files_below(&home.join(folder), ".rhai"));
    let files = files.into_iter().flatten().flatten();
    let scripts = files.filter(|file| !file.to_string_lossy().ends_with(ENDING));
    scripts.filter_map(|file| std::fs::read_to_string(file).ok()).collect()
}

/// What is checked is a file, and no configuration.
fn is_checked(file: &Path, config_dir: &Path) -> Result<(), Failure> {
    let shown = file.display();
    let what = if is_configuration(file) {
        let strategy = strategy_of(file).unwrap_or_else(|| format!("STRATEGY --config {shown}"));
        format!(
            "{shown} is a configuration, and check looks at scripts; it is checked by: basis config show {strategy}"
        )
    } else if file.is_dir() {
        format!(
            "{shown} is a folder; name scripts in it, or none for all of strategies/ and stdlib/"
        )
    } else if file.is_file() && file.extension().is_some_and(|ending| ending == "rhai") {
        return Ok(());
    } else if file.is_file() {
        format!("{shown} is no script: its name does not end in .rhai")
    } else {
        super::no_file(file, config_dir)
    };
    Err(Failure::Usage(what))
}

fn check_script(file: &Path, home: &Path, drafts: &Drafts) -> Result<Vec<Finding>, Failure> {
    let drafted = drafts.get(&file.display().to_string());
    let drafted =
        drafted.map_err(|faults| Failure::Usage(format!("{}:\n{faults}", file.display())))?;
    Ok(by_path(Bundle::check(file, &home.join("stdlib"), &drafted.1), file, home))
}

/// Findings by the path by which their file was asked for: a person clicks on it.
fn by_path(mut found: Vec<Finding>, file: &Path, home: &Path) -> Vec<Finding> {
    let own = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let shown: Arc<str> = file.display().to_string().into();
    for fault in found.iter_mut().flat_map(|it| std::iter::once(&mut it.fault).chain(&mut it.notes))
    {
        if &*fault.file == own {
            fault.file = shown.clone();
        } else {
            fault.file = home.join(&*fault.file).display().to_string().into();
        }
    }
    found
}

/// All lints, one a line.
fn lints() -> String {
    let line = |lint: &Lint| {
        let severity = if lint.severity == Severity::Error { "error" } else { "warning" };
        format!("{:<20} {severity:<8} {}\n", lint.name, lint.finds)
    };
    EXAMPLES.iter().map(|example| line(&example.lint)).collect()
}

fn text(found: &[Finding], files: usize) -> String {
    let mut text = String::new();
    for Finding { lint, fault, notes } in found {
        let (kind, style) = match lint.severity {
            Severity::Error => ("error", BAD),
            Severity::Warning => ("warning", ODD),
        };
        let head = format!("{kind}[{}]", lint.name);
        let told = paint::fault(fault, head.len() + 2);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{}: {told}", in_style(style, head));
        for note in notes {
            let told = paint::fault(note, "note: ".len());
            let _ = writeln!(text, "{}: {told}", in_style(paint::HEAD, "note"));
        }
        text.push('\n');
    }
    let errors = found.iter().filter(|finding| finding.lint.severity == Severity::Error).count();
    let files = counted(files, "file");
    let _ = if found.is_empty() {
        writeln!(text, "{files}: nothing found")
    } else {
        let warnings = counted(found.len() - errors, "warning");
        writeln!(text, "{files}: {}, {warnings}", counted(errors, "error"))
    };
    text
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn json(found: &[Finding]) -> String {
    let severity = |lint: &Lint| match lint.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    // A note follows what it belongs to, as a finding of its own: editors show a list of places.
    let all = found.iter().flat_map(|Finding { lint, fault, notes }| {
        let own = std::iter::once((lint, severity(lint), fault));
        own.chain(notes.iter().map(move |note| (lint, "note", note)))
    });
    let told = all.map(|(lint, severity, fault)| {
        serde_json::json!({
            "lint": lint.name,
            "severity": severity,
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
