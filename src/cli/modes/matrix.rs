//! What becomes of modes under stresses: a cell says what the mode did and what that cost against the same run without
//! the stress; below, where the loss came from.

use rust_decimal::Decimal;

use crate::market::stress::Stress;
use crate::records::summary::RunStatus;
use crate::run::backtest::Finished;
use crate::types::PnlCause;

use super::survey::Surveyed;
use super::table::{Align, Table};
use super::tables::short;

/// Losses below this part of the capital are not told by cause: a tenth of a percent.
const TOLD_FROM: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

/// The matrix and the causes of its losses.
pub(super) fn told(surveyed: &[Surveyed], show: impl Fn(&Table) -> String) -> String {
    let mut modes: Vec<&str> = surveyed.iter().map(|it| &*it.mode).collect();
    modes.dedup();
    let mut stresses: Vec<&Stress> = surveyed.iter().filter_map(|it| it.stress).collect();
    let under = stresses.len() / modes.len().max(1);
    stresses.truncate(under);
    let mut matrix =
        Table::new(std::iter::once("stress").chain(modes.iter().copied()), Align::Left);
    let head = ["stress", "mode", "against the run without it, % of capital, by cause"];
    let mut causes = Table::new(head, Align::Left).led_by(2);
    for stress in &stresses {
        let mut row = vec![stress.name.to_owned()];
        for mode in &modes {
            let (plain, stressed) =
                (find(surveyed, mode, None), find(surveyed, mode, Some(stress)));
            row.push(cell(plain, stressed));
            causes.extend(lost_by(stress, mode, plain, stressed));
        }
        matrix.push(row);
    }
    let mut out = show(&matrix);
    if !causes.is_empty() {
        out.push('\n');
        out += &show(&causes);
    }
    out
}

/// What became of a run under a stress against the same without it, for programs.
pub(super) fn became(surveyed: &[Surveyed], run: &Surveyed) -> Option<(&'static str, f64)> {
    let plain = find(surveyed, &run.mode, None)?.as_ref().ok()?;
    let stressed = run.outcome.as_ref().ok().filter(|_| run.stress.is_some())?;
    let part = |finished: &Finished| finished.summary.total_return.unwrap_or_default();
    Some((word(plain, stressed), part(stressed) - part(plain)))
}

type Outcome = Result<Box<Finished>, String>;

fn find<'a>(surveyed: &'a [Surveyed], mode: &str, stress: Option<&Stress>) -> Option<&'a Outcome> {
    let is_it = |it: &&Surveyed| it.mode == mode && it.stress == stress;
    surveyed.iter().find(is_it).map(|it| &it.outcome)
}

/// What a mode did, in a word, and its loss in percent of the capital.
fn cell(plain: Option<&Outcome>, stressed: Option<&Outcome>) -> String {
    match (plain, stressed) {
        (Some(Ok(plain)), Some(Ok(stressed))) => {
            let part = |finished: &Finished| finished.summary.total_return.unwrap_or_default();
            let (word, change) = (word(plain, stressed), part(stressed) - part(plain));
            format!("{word} {:+.2}{}", change * 100.0, cut_short(plain, stressed))
        }
        (_, Some(Err(why))) => {
            let line = why.lines().next().unwrap_or_default();
            format!("failed: {line}")
        }
        _ => "—".to_owned(),
    }
}

/// How long a run went that was stopped where the one without the stress went on.
fn cut_short(plain: &Finished, stressed: &Finished) -> String {
    let lasted = |run: &Finished| run.ended_at - run.summary.data.from;
    match lasted(stressed) < lasted(plain) {
        true => format!(" after {}", short(lasted(stressed))),
        false => String::new(),
    }
}

/// `liquidated`, `exited`, `reduced` or `ok`: the worst that the run did because of the stress. A mode that leaves all the time, as one
/// does that follows signals, has exited only where it was stopped.
fn word(plain: &Finished, stressed: &Finished) -> &'static str {
    let (before, now) = (&plain.tally, &stressed.tally);
    if now.liquidations > before.liquidations {
        "liquidated"
    } else if stressed.summary.status == RunStatus::Stopped
        || (before.emptied == 0 && now.emptied > 0)
    {
        "exited"
    } else if now.reductions > before.reductions {
        "reduced"
    } else {
        "ok"
    }
}

/// A row for a loss that is worth one.
fn lost_by(
    stress: &Stress,
    mode: &str,
    plain: Option<&Outcome>,
    stressed: Option<&Outcome>,
) -> Option<Vec<String>> {
    let (Some(Ok(plain)), Some(Ok(stressed))) = (plain, stressed) else { return None };
    let part = |finished: &Finished, cause: PnlCause| {
        let summary = &finished.summary;
        let capital = summary.initial_equity.get();
        summary.attribution[cause].get().checked_div(capital).unwrap_or_default()
    };
    let changes = PnlCause::ALL.map(|cause| (cause, part(stressed, cause) - part(plain, cause)));
    let total: Decimal = changes.iter().map(|(_, change)| *change).sum();
    if total > -TOLD_FROM {
        return None;
    }
    // Where many small things make the loss, the largest of them is told.
    let largest = changes.iter().map(|(_, change)| -*change).max().unwrap_or_default();
    let told: Vec<String> = changes
        .iter()
        .filter(|(_, change)| change.abs() >= TOLD_FROM || -*change == largest)
        .map(|(cause, change)| {
            let percent = (*change * Decimal::ONE_HUNDRED).round_dp(2);
            format!("{} {percent:+}", cause.text().replace('_', " "))
        })
        .collect();
    Some(vec![stress.name.to_owned(), mode.to_owned(), told.join(", ")])
}
