//! Every bad input is told in words with its exit status, and leaves nothing that looks like a result.
//!
//! The cases run through the real binary on a temporary folder. What they print is `docs/bad-inputs.md`, which this test
//! writes anew under `BASIS_BLESS=1` and otherwise compares: a changed message is seen in the review.

mod chain_config;
mod chain_data;
mod chain_orders;
mod command;
mod config;
mod data;
mod orders;
mod records;
mod script;

use std::fmt::Write;
use std::path::Path;

use crate::desk::{Desk, Ran};

/// One bad input.
pub struct Case {
    /// What is wrong, as a heading.
    what: &'static str,
    /// The exit status.
    status: i32,
    /// What the first line begins with after `error: `: the code, where our registry has one.
    begins: &'static str,
    /// Spoils the desk.
    spoil: fn(&Desk) -> Ready,
    /// The command line.
    arguments: &'static [&'static str],
    /// What else holds of a case that is not like the others.
    kind: Kind,
}

/// Whether a case can be tried on this machine.
pub enum Ready {
    Yes,
    /// The sentence says why not.
    No(&'static str),
}

/// What a case leaves behind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An error and no results.
    Refused,
    /// A run that goes through; its summary's notes are what is told.
    Warned,
    /// A run stopped by risk: complete results, and the reason on stderr.
    Stopped,
    /// Complete results that could not be printed: stdout is a full disk.
    Unprinted,
}

const MINE: &[&str] = &["run", "mine.rhai", "--data", "data"];

const fn case(
    what: &'static str,
    status: i32,
    begins: &'static str,
    arguments: &'static [&'static str],
    spoil: fn(&Desk) -> Ready,
) -> Case {
    Case { what, status, begins, spoil, arguments, kind: Kind::Refused }
}

const CHAPTERS: &[(&str, &[Case])] = &[
    ("Market data", data::CASES),
    ("Market data of the chain", chain_data::CASES),
    ("Configuration", config::CASES),
    ("Configuration of what is on chain", chain_config::CASES),
    ("Scripts", script::CASES),
    ("Orders", orders::CASES),
    ("Orders on chain", chain_orders::CASES),
    ("Command line", command::CASES),
    ("Output, disks and resuming", records::CASES),
];

/// `BASIS_BLESS=1 cargo test --test promises a_bad_input` writes `docs/bad-inputs.md` anew.
#[test]
fn a_bad_input_is_told_and_leaves_nothing() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bad-inputs.md");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let mut faults = Vec::new();
    let told: Vec<Vec<Told>> = CHAPTERS
        .iter()
        .map(|(_, cases)| {
            let one = |case: &Case| try_case(case, &committed, &mut faults);
            cases.iter().map(one).collect()
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n\n"));
    let page = page(&told);
    if std::env::var_os("BASIS_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the document can be written");
        return;
    }
    let differing = page.lines().zip(committed.lines()).find(|(is, was)| is != was);
    assert!(
        page == committed,
        "docs/bad-inputs.md says otherwise, first here:\n  {differing:?}\nif the new texts are good, run BASIS_BLESS=1 cargo test --test promises a_bad_input"
    );
}

/// A case with the text that a user sees.
struct Told {
    what: &'static str,
    command: String,
    status: i32,
    text: String,
}

fn try_case(case: &Case, committed: &str, faults: &mut Vec<String>) -> Told {
    let desk = Desk::new();
    let command = command_line(case.arguments, case.kind);
    let (what, status) = (case.what, case.status);
    if let Ready::No(why) = (case.spoil)(&desk) {
        println!("skipped: {what}: {why}");
        let text = section(committed, what).unwrap_or(why).to_owned();
        return Told { what, command, status, text };
    }
    let before = desk.files("results");
    let ran = match case.kind {
        Kind::Unprinted => desk.basis_onto("/dev/full", case.arguments),
        _ => desk.basis(case.arguments),
    };
    for fault in broken_rules(case, &ran, &desk, &before) {
        faults.push(format!("{what}: {fault}\n  $ {command}\n{}", ran.stderr));
    }
    Told { what, command, status, text: text(case.kind, &ran) }
}

/// What must hold whatever the text says.
fn broken_rules(case: &Case, ran: &Ran, desk: &Desk, before: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut insist = |holds: bool, otherwise: String| {
        if !holds {
            faults.push(otherwise);
        }
    };
    insist(ran.status == Some(case.status), format!("the status is {:?}", ran.status));
    let lead = if case.kind == Kind::Stopped { "stopped: " } else { "error: " };
    let begins = format!("{lead}{}", case.begins);
    let is_told = case.kind == Kind::Warned || ran.stderr.starts_with(&begins);
    insist(is_told, format!("the text does not begin with '{begins}'"));
    insist(!ran.stderr.contains("panicked"), "it panicked".to_owned());
    let left = desk.files("results");
    let (is_complete, unnamed) = (
        left.iter().any(|file| file.ends_with("/summary.json")),
        desk.files(".").into_iter().find(|file| file.ends_with(".tmp")),
    );
    if case.kind == Kind::Refused {
        insist(ran.stdout.is_empty(), format!("it printed {:?} on stdout", ran.stdout));
        insist(left == before, format!("it left {left:?} in results, where {before:?} was"));
    } else {
        insist(is_complete, "the results are not there".to_owned());
    }
    insist(unnamed.is_none(), format!("it left {unnamed:?}"));
    faults
}

/// What a user sees, with what differs from run to run replaced.
fn text(kind: Kind, ran: &Ran) -> String {
    let text = match kind {
        Kind::Warned => {
            let notes = ran.stdout.split_once("  to know\n").map_or("", |(_, notes)| notes);
            notes.split("\n\n").next().unwrap_or_default()
        }
        _ => &ran.stderr,
    };
    let lines = text.trim_end().lines().map(|line| without_ids(line.trim_end()));
    lines.collect::<Vec<_>>().join("\n")
}

/// A line with run ids as `ID` and the folders of processes as `PID`.
fn without_ids(line: &str) -> String {
    let is_id = |word: &str| word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut out = String::new();
    for word in line.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let name = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let replaced = match name {
            _ if is_id(name) => "ID",
            _ if out.ends_with("ID/") && !name.is_empty() && is_number(name) => "PID",
            _ => name,
        };
        out.push_str(replaced);
        out.push_str(&word[name.len()..]);
    }
    out
}

fn command_line(arguments: &[&str], kind: Kind) -> String {
    let quoted = arguments.iter().map(|argument| {
        if argument.contains(' ') { format!("'{argument}'") } else { (*argument).to_owned() }
    });
    let redirection = if kind == Kind::Unprinted { " > /dev/full" } else { "" };
    format!("basis {}{redirection}", quoted.collect::<Vec<_>>().join(" "))
}

/// The text of a case in the committed document.
fn section<'a>(committed: &'a str, what: &str) -> Option<&'a str> {
    let (_, rest) = committed.split_once(&format!("\n### {what}\n"))?;
    let (_, text) = rest.split_once("\n\n")?;
    let (_, text) = text.split_once('\n')?;
    text.split_once("\n```").map(|(text, _)| text)
}

/// The document.
fn page(told: &[Vec<Told>]) -> String {
    let mut page = String::from(
        "# Bad inputs\n\nWhat a user sees when something is wrong, through the real program. Written by \
         `tests/promises/a_bad_input_is_told_and_leaves_nothing.rs`,\nwhich keeps this page and the program equal. None of \
         these panics, and none leaves half a result.\n\nExit status: 1 the run failed, 2 command line, configuration, data \
         or script wrong, 3 stopped by risk or reconciliation,\n0 done: a gap in the data is a warning. `mine.rhai` and \
         `mine.yaml` are BASIS-1 under another name, with one thing spoilt; `on.rhai` is a script that wants one plan.\n",
    );
    for ((title, _), told) in CHAPTERS.iter().zip(told) {
        let _ = write!(
            page,
            "\n## {title}\n\n| what is wrong | status | first words |\n| --- | --- | --- |\n"
        );
        for told in told {
            let first = told.text.lines().next().unwrap_or_default().trim();
            let _ = writeln!(page, "| {} | {} | {} |", told.what, told.status, cell(first));
        }
        for Told { what, command, status, text } in told {
            let _ = write!(page, "\n### {what}\n`{command}` → {status}\n\n```text\n{text}\n```\n");
        }
    }
    page
}

/// A text as a cell of a table, cut after a hundred characters.
fn cell(text: &str) -> String {
    let mut cell: String = text.chars().take(100).collect();
    if text.chars().count() > 100 {
        cell.push('…');
    }
    cell.replace('|', "\\|").replace('<', "&lt;")
}
