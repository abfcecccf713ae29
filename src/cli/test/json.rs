//! Results of tests for programs.

use crate::trial::Unmade;
use crate::trial::suite::Verdict;

/// One object: tests, files that do not compile, worlds that could not be made, lines by script.
pub(super) fn json(verdict: &Verdict) -> String {
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
                "said": failure.said,
                "trace": failure.trace,
            })),
        })
    });
    let broken = verdict.broken.iter().map(|(file, faults)| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        serde_json::json!({ "file": file, "faults": faults })
    });
    let mut unmade: Vec<&Unmade> = Vec::new();
    for failure in verdict.results.iter().filter_map(|result| result.failure.as_ref()) {
        if let Some(cause) = failure.unmade.as_deref().filter(|cause| !unmade.contains(cause)) {
            unmade.push(cause);
        }
    }
    let unmade = unmade.into_iter().map(|cause| {
        let script = cause.script.iter().map(ToString::to_string);
        let faults: Vec<String> = script.chain(cause.configuration.iter().cloned()).collect();
        serde_json::json!({ "message": cause.message, "faults": faults })
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
        "unmade": unmade.collect::<Vec<_>>(),
        "coverage": coverage.collect::<Vec<_>>(),
        "took_s": verdict.took.as_secs_f64(),
    });
    format!("{verdict:#}\n")
}
