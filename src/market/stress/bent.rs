//! A run's data while it is bent: whose rows a series holds, and rows taken out, changed and put back.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::config::{SeriesRole, Setup};
use crate::types::{Timestamp, Universe};

use super::super::data::MarketData;
use super::super::number::Number;
use super::super::series::Series;
use super::super::told::Gap;

/// What is bent, and what it belongs to.
pub(super) struct Bent {
    pub(super) setup: Setup,
    pub(super) data: MarketData,
    /// The setup's, with rules that are cut.
    pub(super) universe: Arc<Universe>,
    /// Rows that were taken away.
    pub(super) gaps: Vec<Gap>,
}

/// A row: its stamp and its numbers, in the order of the columns.
pub(super) type Row = (Timestamp, Vec<Decimal>);

impl Bent {
    pub(super) fn of(setup: &Setup, data: &MarketData) -> Self {
        let universe = setup.universe.clone();
        Self { setup: setup.clone(), data: data.clone(), universe, gaps: Vec::new() }
    }

    /// Changes every stored series that has such a role, once, whatever else reads it; whether there was one.
    pub(super) fn each(
        &mut self,
        is_meant: impl Fn(&Universe, SeriesRole) -> bool,
        mut change: impl FnMut(&Series) -> Series,
    ) -> bool {
        let mut meant: Vec<usize> = Vec::new();
        for (spec, slot) in self.setup.series.iter().zip(&self.data.slots) {
            if is_meant(&self.universe, spec.role) {
                meant.extend([Some(slot.own), slot.proxy].into_iter().flatten());
            }
        }
        meant.sort_unstable();
        meant.dedup();
        for &stored in &meant {
            self.data.stored[stored] = Arc::new(change(&self.data.stored[stored]));
        }
        !meant.is_empty()
    }

    /// Stores a series beside the others; its index.
    pub(super) fn store(&mut self, name: &str, series: Series) -> usize {
        self.data.names.push(name.to_owned());
        self.data.stored.push(Arc::new(series));
        self.data.stored.len() - 1
    }
}

/// The rows of a series.
pub(super) fn rows(series: &Series) -> Vec<Row> {
    let row = |row| {
        let numbers = series.row(row).iter().map(|number| number.decimal()).collect();
        (series.stamp(row), numbers)
    };
    (0..series.len()).map(row).collect()
}

/// A series of rows in the order of time.
pub(super) fn series(width: usize, rows: &[Row]) -> Series {
    let mut series = Series::of_width(width);
    for (at, numbers) in rows {
        let numbers: Vec<Number> = numbers.iter().map(|&number| number.into()).collect();
        let pushed = series.push(*at, &numbers);
        debug_assert!(
            pushed.is_ok(),
            "rows of a series ascend, and new ones are put in their place"
        );
    }
    series.shrink();
    series
}

/// Makes sure that there is a row at a time, made of the rows before it; without any there is nothing to make it of. Its index.
pub(super) fn row_at(
    rows: &mut Vec<Row>,
    at: Timestamp,
    made: impl FnOnce(&[Row]) -> Vec<Decimal>,
) -> Option<usize> {
    let place = rows.partition_point(|(stamp, _)| *stamp < at);
    if rows.get(place).is_none_or(|(stamp, _)| *stamp != at) {
        if place == 0 {
            return None;
        }
        let row = made(&rows[..place]);
        rows.insert(place, (at, row));
    }
    Some(place)
}

/// The row before again.
pub(super) fn as_before(rows: &[Row]) -> Vec<Decimal> {
    rows.last().map(|(_, numbers)| numbers.clone()).unwrap_or_default()
}
