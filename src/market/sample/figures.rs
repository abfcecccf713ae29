//! The monthly figures to which the sample is anchored: means, deviations and growth of the real market, month by month.
//!
//! A line of the table is a figure, a column a month, from 2024-05 to 2025-06. An empty cell is one that could not be measured, or
//! rests on a handful of hours; another venue's figure is named for it where the sample is made.

use std::collections::BTreeMap;

use crate::types::Timestamp;

use super::calendar::{PATHS_FROM, month_number};

const TABLE: &str = include_str!("figures.csv");

/// The table.
pub(super) struct Figures(BTreeMap<&'static str, Figure>);

/// One figure, by month.
#[derive(Clone)]
pub(super) struct Figure(Vec<Option<f64>>);

impl Figures {
    /// Reads the table that is part of the program.
    pub(super) fn read() -> Self {
        let figure = |line: &'static str| -> Option<(&'static str, Figure)> {
            let (name, cells) = line.split_once(',')?;
            Some((name, Figure(cells.split(',').map(|cell| cell.parse().ok()).collect())))
        };
        Self(TABLE.lines().skip(1).filter_map(figure).collect())
    }

    /// A figure by its name.
    pub(super) fn of(&self, name: &str) -> Figure {
        self.0.get(name).cloned().unwrap_or_else(|| Figure(Vec::new()))
    }
}

impl Figure {
    /// This figure, and where a month has none, the other's.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(own, other)| own.or(*other)).collect())
    }

    /// The figure of a time's month.
    pub(super) fn at(&self, at: Timestamp) -> f64 {
        let month = usize::try_from(month_number(at) - month_number(PATHS_FROM)).ok();
        let cell = month.and_then(|month| self.0.get(month).copied().flatten());
        cell.expect("the table is part of the program; its test makes the whole sample of it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_but_for_what_is_told() {
        let figures = Figures::read();
        assert_eq!(figures.0.len(), TABLE.lines().count() - 1);
        for (name, figure) in &figures.0 {
            let missing = figure.0.iter().filter(|cell| cell.is_none()).count();
            let expected = match *name {
                name if name.starts_with("basis_okx") => 5,
                name if name.starts_with("funding_okx") => 1,
                _ => 0,
            };
            assert_eq!((figure.0.len(), missing), (14, expected), "{name}");
        }
        let volatility = figures.of("bybit_BTCUSDT_hourly_logret_std");
        assert_eq!(volatility.at("2024-08-31T23:00Z".parse().unwrap()), 0.007246632403);
    }
}
