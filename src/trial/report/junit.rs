//! Results as JUnit XML, the form that CI systems read: one suite a file, one case a test.

use std::fmt::Write;

use crate::trial::suite::{TestResult, Verdict};

/// The document.
pub fn junit(verdict: &Verdict) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let failures = verdict.failed();
    let (tests, errors) = (verdict.results.len() + verdict.broken.len(), verdict.broken.len());
    let time = verdict.took.as_secs_f64();
    // Writing into a string cannot fail.
    let _ = writeln!(
        text,
        "<testsuites name=\"basis test\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{time:.3}\">"
    );
    for results in verdict.results.chunk_by(|a, b| a.file == b.file) {
        suite(&mut text, results);
    }
    for (file, faults) in &verdict.broken {
        let file = escaped(file);
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{file}\" tests=\"1\" failures=\"0\" errors=\"1\">\n    <testcase classname=\"{file}\" name=\"compiles\">\n      <error message=\"it does not compile\">{}</error>\n    </testcase>\n  </testsuite>",
            escaped(&told.join("\n"))
        );
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(text: &mut String, results: &[TestResult]) {
    let Some(first) = results.first() else { return };
    let failures = results.iter().filter(|result| result.failure.is_some()).count();
    let time: f64 = results.iter().map(|result| result.took.as_secs_f64()).sum();
    let file = escaped(&first.file);
    let _ = writeln!(
        text,
        "  <testsuite name=\"{file}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" time=\"{time:.3}\">",
        results.len()
    );
    for result in results {
        let (name, time) = (escaped(&result.name), result.took.as_secs_f64());
        let _ =
            write!(text, "    <testcase classname=\"{file}\" name=\"{name}\" time=\"{time:.3}\"");
        match &result.failure {
            None => text.push_str("/>\n"),
            Some(failure) => {
                let first = failure.fault.message.lines().next().unwrap_or_default();
                let _ = writeln!(
                    text,
                    ">\n      <failure message=\"{}\">{}\n{}</failure>\n    </testcase>",
                    escaped(first),
                    escaped(&failure.fault.to_string()),
                    escaped(&failure.trace)
                );
            }
        }
    }
    text.push_str("  </testsuite>\n");
}

/// Text as XML has it; characters that XML 1.0 does not know are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => escaped.push(c),
        }
    }
    escaped
}
