//! Results of tests for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::cli::paint::{self, BAD, GOOD, HEAD, PALE, in_style};
use crate::script::ScriptFault;
use crate::trial::suite::{Failure, FileCoverage, TestResult, Verdict};

/// The results, the failures, the lines that ran, and the sum.
pub(super) fn text(verdict: &Verdict, is_quiet: bool, has_coverage: bool) -> String {
    let mut text = String::new();
    if !is_quiet {
        for results in verdict.results.chunk_by(|a, b| a.file == b.file) {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{}", in_style(HEAD, &results[0].file));
            for result in results {
                let word = match result.failure {
                    Some(_) => in_style(BAD, "FAIL"),
                    None => in_style(GOOD, "ok  "),
                };
                let _ = writeln!(text, "  {word}  {}", spoken(&result.name));
            }
        }
        text.push('\n');
    }
    for (file, faults) in &verdict.broken {
        let _ = writeln!(text, "{file} does not compile:");
        for fault in faults {
            let _ = writeln!(text, "{}\n", paint::fault(fault, 0));
        }
    }
    let mut told: BTreeMap<&str, &str> = BTreeMap::new();
    for alike in causes(&verdict.results) {
        match alike[..] {
            [(result, failure)] => {
                let message = failure.fault.message.as_str();
                let is_of_script = message.contains("\n --> ");
                match told.get(message).filter(|_| is_of_script) {
                    Some(first) => again(&mut text, result, failure, first),
                    None => {
                        told.insert(message, &result.name);
                        failed(&mut text, result, failure);
                    }
                }
            }
            _ => unmade(&mut text, &alike),
        }
    }
    if has_coverage {
        covered(&mut text, &verdict.coverage);
    }
    let (all, failed) = (verdict.results.len(), verdict.failed());
    let style = if failed > 0 { HEAD } else { GOOD };
    let _ = write!(text, "{}", in_style(style, format!("{} passed", all - failed)));
    if failed > 0 {
        let _ = write!(text, ", {}", in_style(BAD, format!("{failed} failed")));
    }
    if !verdict.broken.is_empty() {
        let files = verdict.broken.len();
        let _ = write!(text, ", {files} file{} did not compile", if files == 1 { "" } else { "s" });
    }
    let _ = writeln!(text, " in {:.2} s", verdict.took.as_secs_f64());
    text
}

/// The failures, each by itself; but those together, where the first of them stands, whose world could not be made for one cause.
fn causes(results: &[TestResult]) -> Vec<Vec<(&TestResult, &Failure)>> {
    let mut causes: Vec<Vec<(&TestResult, &Failure)>> = Vec::new();
    for result in results {
        let Some(failure) = &result.failure else { continue };
        let is_alike = |(_, first): &(&TestResult, &Failure)| {
            failure.unmade.is_some() && first.unmade == failure.unmade
        };
        match causes.iter_mut().find(|alike| alike.first().is_some_and(is_alike)) {
            Some(alike) => alike.push((result, failure)),
            None => causes.push(vec![(result, failure)]),
        }
    }
    causes
}

/// Tests that fail because their world cannot be made.
fn unmade(text: &mut String, alike: &[(&TestResult, &Failure)]) {
    let Some((first, Failure { unmade: Some(cause), .. })) = alike.first() else { return };
    let files: BTreeSet<&str> = alike.iter().map(|(result, _)| result.file.as_str()).collect();
    let of = match files.len() {
        1 => first.file.clone(),
        files => format!("{files} files"),
    };
    let word = in_style(BAD, "FAIL");
    let head = in_style(HEAD, format!("{} tests of {of}", alike.len()));
    let _ = writeln!(text, "{word} {head}\n{}:", cause.what);
    faults(text, &cause.script, &cause.configuration);
    text.push('\n');
}

/// Faults of a script, and lines about a configuration.
fn faults(text: &mut String, script: &[ScriptFault], configuration: &[String]) {
    for fault in script {
        let _ = writeln!(text, "{}", paint::fault(fault, 0));
    }
    for line in configuration {
        let _ = writeln!(text, "{line}");
    }
}

/// A test's name as it is spoken: without `test_`, with spaces.
fn spoken(name: &str) -> String {
    name.strip_prefix("test_").unwrap_or(name).replace('_', " ")
}

/// A test that fails at the same line of the script as one before.
fn again(text: &mut String, result: &TestResult, failure: &Failure, first: &str) {
    let (word, name) = (in_style(BAD, "FAIL"), in_style(HEAD, &result.name));
    let what = failure.fault.message.lines().next().unwrap_or_default();
    let place = format!("{}:{}", failure.fault.file, failure.fault.line);
    let _ = writeln!(text, "{word} {name}\n  in {place}\n{what}, as in {first}\n",);
}

fn failed(text: &mut String, result: &TestResult, failure: &Failure) {
    let (word, fault) = (in_style(BAD, "FAIL"), paint::fault(&failure.fault, 0));
    let _ =
        writeln!(text, "{word} {}\n  in {}\n{fault}", in_style(HEAD, &result.name), result.file);
    if let Some(cause) = &failure.unmade {
        // Its first fault is the message; of a script the line is worth showing.
        faults(text, &cause.script, cause.configuration.get(1..).unwrap_or_default());
    }
    for line in &failure.said {
        let _ = writeln!(text, "said: {line}");
    }
    if let Some(case) = &failure.case {
        let _ = writeln!(text, "{case}");
    }
    if !failure.trace.is_empty() {
        let _ = write!(text, "what happened:\n{}", in_style(PALE, &failure.trace));
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
