//! The runs of a survey for programs.

use serde_json::json;

use super::matrix::became;
use super::survey::Surveyed;

/// A list, one run an item: its mode, the stress it was under or `null`, why it did not run or `null`, and its summary as in
/// `summary.json`. Under a stress also what became of it (`ok`, `reduced`, `exited`, `liquidated`) and `change`, by what its total
/// return differs from that of the run without it, a fraction.
pub(super) fn json(surveyed: &[Surveyed]) -> String {
    let runs = surveyed.iter().map(|run| {
        let (became, change) = became(surveyed, run).unzip();
        json!({
            "mode": run.mode,
            "stress": run.stress.map(|stress| stress.name),
            "failed": run.outcome.as_ref().err(),
            "became": became,
            "change": change,
            "summary": run.outcome.as_ref().ok().map(|finished| &finished.summary),
        })
    });
    let runs: Vec<_> = runs.collect();
    format!("{:#}\n", json!(runs))
}
