//! What became of each owner's withdrawal, as a table.

use std::fmt::Write;

use crate::config::Setup;
use crate::records::summary::{Summary, WithdrawalSummary};
use crate::types::Value;

use super::numbers::{minute, money_of};

/// How many are shown; `summary.json` has all.
const SHOWN: usize = 12;

/// A row for each withdrawal; nothing where none was asked for.
pub(super) fn withdrawals(out: &mut String, summary: &Summary, setup: &Setup) {
    if summary.withdrawals.is_empty() {
        return;
    }
    let unit = &setup.share_class.name;
    let _ = writeln!(
        out,
        "\n  {:<24} {:>14} {:>14} {:>10} {:>9}",
        format!("withdrawals, {unit}"),
        "asked",
        "paid",
        "cost",
        "waited"
    );
    let places = setup.share_class.decimals;
    let tokens = |number| money_of(Value::new(number), places);
    for row in summary.withdrawals.iter().take(SHOWN) {
        let WithdrawalSummary { asked_at, speed, asked, paid, cost, waited_h, .. } = row;
        let _ = writeln!(
            out,
            "    {:<16} {speed:<5} {:>14} {:>14} {:>10} {:>9}",
            minute(*asked_at),
            tokens(*asked),
            paid.map_or("waits".to_owned(), tokens),
            money_of(*cost, places),
            waited(*waited_h)
        );
    }
    if summary.withdrawals.len() > SHOWN {
        let _ =
            writeln!(out, "    … and {} more in summary.json", summary.withdrawals.len() - SHOWN);
    }
}

/// A time that somebody waited: `at once`, `3 h`, `12.5 days`.
fn waited(hours: f64) -> String {
    match hours {
        0.0 => "at once".into(),
        hours if hours < 48.0 => format!("{} h", (hours * 10.0).round() / 10.0),
        hours => format!("{} days", (hours / 2.4).round() / 10.0),
    }
}

#[cfg(test)]
mod tests {
    use super::waited;

    #[test]
    fn a_wait_is_told_in_hours_and_from_two_days_on_in_days() {
        assert_eq!(waited(0.0), "at once");
        assert_eq!(waited(3.0), "3 h");
        assert_eq!(waited(0.26), "0.3 h");
        assert_eq!(waited(300.0), "12.5 days");
    }
}
