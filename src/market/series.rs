//! A series in memory: stamps and columns, as narrow as their numbers allow.
//!
//! Sixteen years of hours are 140 160 rows; spot, perp and funding of one market fit into 7 MB this way, where a vector of
//! decimals would take 25. Numbers come back exactly as they were read.

use std::fmt;

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::types::{Span, Timestamp};

use super::number::{Number, trimmed};

/// What columns a series has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Stamps alone.
    Stamps,
    /// Funding rates.
    Funding,
    /// Gas prices in gwei.
    Gas,
    /// First and last price of candles.
    Prices,
    /// Whole candles.
    Candles,
}

impl Kind {
    /// The columns' names in the files, in the order of [`Series::number`].
    pub(super) const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Stamps => &[],
            Self::Funding => &["funding_rate"],
            Self::Gas => &["gas_price_gwei"],
            Self::Prices => &["open", "close"],
            Self::Candles => &["open", "close", "high", "low", "volume"],
        }
    }
}

/// The column of candles with the first price.
pub(super) const OPEN: usize = 0;
/// The column of candles with the last price.
pub(super) const CLOSE: usize = 1;
/// The column of candles with the highest price.
pub(super) const HIGH: usize = 2;
/// The column of candles with the lowest price.
pub(super) const LOW: usize = 3;
/// The column of candles with the coins traded.
pub(super) const VOLUME: usize = 4;
/// The one column of funding rates and gas prices.
pub(super) const RATE: usize = 0;

/// Rows in strictly ascending time.
#[derive(Clone, PartialEq)]
pub(super) struct Series {
    stamps: Stamps,
    columns: Vec<Column>,
}

/// Why a row cannot follow the rows before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadStamp {
    /// It is not later than the last one.
    NotAscending,
    /// It is no whole second between 1970 and 2106.
    OutOfRange,
}

impl Series {
    /// A series without rows.
    pub(super) fn new(kind: Kind) -> Self {
        Self { stamps: Stamps::default(), columns: vec![Column::default(); kind.columns().len()] }
    }

    /// Adds a row; `numbers` in the order of the kind's columns.
    pub(super) fn push(&mut self, at: Timestamp, numbers: &[Number]) -> Result<(), BadStamp> {
        self.stamps.push(at)?;
        for (column, number) in self.columns.iter_mut().zip(numbers) {
            column.push(*number);
        }
        Ok(())
    }

    /// The number of rows.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.stamps.len()
    }

    /// The stamp of a row.
    #[inline]
    pub(super) fn stamp(&self, row: usize) -> Timestamp {
        self.stamps.at(row)
    }

    /// The first and last stamps; `None` without rows.
    pub(super) fn ends(&self) -> Option<(Timestamp, Timestamp)> {
        let last = self.len().checked_sub(1)?;
        Some((self.stamp(0), self.stamp(last)))
    }

    /// How many rows are stamped at or before `at`: the cursor of a view.
    pub(super) fn rows_until(&self, at: Timestamp) -> usize {
        self.stamps.until(at)
    }

    /// The row stamped exactly `at`.
    pub(super) fn row_at(&self, at: Timestamp) -> Option<usize> {
        let row = self.rows_until(at).checked_sub(1)?;
        (self.stamp(row) == at).then_some(row)
    }

    /// A number, without zeros at its end.
    #[inline]
    pub(super) fn number(&self, column: usize, row: usize) -> Decimal {
        self.columns[column].at(row)
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.stamps.bytes() + self.columns.iter().map(Column::bytes).sum::<usize>()
    }

    /// Gives back what growing left over.
    pub(super) fn shrink(&mut self) {
        if let Stamps::Listed(stamps) = &mut self.stamps {
            stamps.shrink_to_fit();
        }
        for column in &mut self.columns {
            column.shrink();
        }
    }

    /// The rows whose stamps are wanted.
    pub(super) fn filtered(&self, keep: impl Fn(Timestamp) -> bool) -> Self {
        let columns = self.columns.len();
        let mut kept =
            Self { stamps: Stamps::default(), columns: vec![Column::default(); columns] };
        for row in (0..self.len()).filter(|&row| keep(self.stamp(row))) {
            let numbers: SmallVec<[Number; 5]> =
                (0..columns).map(|column| self.number(column, row).into()).collect();
            // Rows that ascend still do when some are left out.
            let _ = kept.push(self.stamp(row), &numbers);
        }
        kept
    }

    /// Runs of missing rows between the first and the last, for a series with a fixed step: (first missing, last missing,
    /// how many).
    pub(super) fn holes(&self, step: Span) -> Vec<(Timestamp, Timestamp, usize)> {
        if step.ms() <= 0
            || matches!(self.stamps, Stamps::Regular { step: s, .. } if i64::from(s) * 1000 == step.ms())
        {
            return Vec::new();
        }
        let mut holes = Vec::new();
        for row in 1..self.len() {
            let (before, after) = (self.stamp(row - 1), self.stamp(row));
            let missing = ((after - before).ms() - 1) / step.ms();
            if missing > 0 {
                let last = before + Span::from_ms(missing * step.ms());
                holes.push((before + step, last, missing as usize));
            }
        }
        holes
    }

    /// The most common distance of two rows.
    pub(super) fn usual_step(&self) -> Option<Span> {
        let mut counts = std::collections::BTreeMap::new();
        for row in 1..self.len() {
            *counts.entry((self.stamp(row) - self.stamp(row - 1)).ms()).or_insert(0_usize) += 1;
        }
        counts
            .into_iter()
            .max_by_key(|&(step, count)| (count, std::cmp::Reverse(step)))
            .map(|(step, _)| Span::from_ms(step))
    }
}

impl fmt::Debug for Series {
    /// Its size; rows would fill screens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Series").field("rows", &self.len()).field("ends", &self.ends()).finish()
    }
}

/// Stamps in whole seconds: a rule while they are regular, a list from the first irregular one on.
#[derive(Clone, PartialEq)]
enum Stamps {
    Regular { start: u32, step: u32, len: u32 },
    Listed(Vec<u32>),
}

impl Default for Stamps {
    fn default() -> Self {
        Self::Regular { start: 0, step: 0, len: 0 }
    }
}

impl Stamps {
    fn push(&mut self, at: Timestamp) -> Result<(), BadStamp> {
        let second = match (at.ms() % 1000, u32::try_from(at.ms() / 1000)) {
            (0, Ok(second)) => second,
            _ => return Err(BadStamp::OutOfRange),
        };
        if self.len() > 0 && self.at(self.len() - 1) >= at {
            return Err(BadStamp::NotAscending);
        }
        match self {
            Self::Regular { start, len: len @ 0, .. } => (*start, *len) = (second, 1),
            Self::Regular { start, step, len: len @ 1 } => (*step, *len) = (second - *start, 2),
            Self::Regular { start, step, len } if *start + *step * *len == second => *len += 1,
            Self::Regular { start, step, len } => {
                let mut list: Vec<u32> = (0..*len).map(|row| *start + *step * row).collect();
                list.push(second);
                *self = Self::Listed(list);
            }
            Self::Listed(list) => list.push(second),
        }
        Ok(())
    }

    #[inline]
    fn len(&self) -> usize {
        match self {
            Self::Regular { len, .. } => *len as usize,
            Self::Listed(list) => list.len(),
        }
    }

    #[inline]
    fn at(&self, row: usize) -> Timestamp {
        let second = match self {
            Self::Regular { start, step, .. } => *start + *step * row as u32,
            Self::Listed(list) => list[row],
        };
        Timestamp::from_ms(i64::from(second) * 1000)
    }

    fn until(&self, at: Timestamp) -> usize {
        let second = at.ms().div_euclid(1000);
        match self {
            Self::Regular { len: 0, .. } => 0,
            Self::Regular { start, step, len } => {
                let past = second - i64::from(*start);
                let rows = past.div_euclid(i64::from((*step).max(1))) + 1;
                rows.clamp(0, i64::from(*len)) as usize
            }
            Self::Listed(list) => list.partition_point(|&stamp| i64::from(stamp) <= second),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Regular { .. } => 0,
            Self::Listed(list) => list.capacity() * size_of::<u32>(),
        }
    }
}

/// Numbers of one scale: as `i32` while they fit, then as `i64`, then as decimals.
#[derive(Clone, PartialEq)]
struct Column {
    scale: u32,
    cells: Cells,
}

#[derive(Clone, PartialEq)]
enum Cells {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
    Exact(Vec<Decimal>),
}

impl Default for Column {
    fn default() -> Self {
        Self { scale: 0, cells: Cells::Narrow(Vec::new()) }
    }
}

impl Column {
    fn push(&mut self, number: Number) {
        let Number::Small { mantissa, scale } = number else { return self.push_exact(number) };
        if scale > self.scale {
            self.rescale(scale);
        }
        let factor = 10_i64.checked_pow(self.scale - scale.min(self.scale));
        let Some(scaled) = factor.and_then(|factor| mantissa.checked_mul(factor)) else {
            return self.push_exact(number);
        };
        match &mut self.cells {
            Cells::Exact(cells) => cells.push(number.decimal()),
            Cells::Wide(cells) => cells.push(scaled),
            Cells::Narrow(cells) => match i32::try_from(scaled) {
                Ok(narrow) => cells.push(narrow),
                Err(_) => {
                    let mut wide: Vec<i64> = cells.iter().map(|&cell| i64::from(cell)).collect();
                    wide.push(scaled);
                    self.cells = Cells::Wide(wide);
                }
            },
        }
    }

    /// Makes room for more digits behind the point.
    fn rescale(&mut self, scale: u32) {
        let factor = 10_i64.checked_pow(scale - self.scale);
        let times = |cell: i64| factor.and_then(|factor| cell.checked_mul(factor));
        let rescaled = match &self.cells {
            Cells::Exact(_) => return,
            Cells::Narrow(cells) => {
                let narrow: Option<Vec<i32>> = cells
                    .iter()
                    .map(|&cell| times(i64::from(cell)).and_then(|cell| i32::try_from(cell).ok()))
                    .collect();
                narrow.map(Cells::Narrow).or_else(|| {
                    let wide: Option<Vec<i64>> =
                        cells.iter().map(|&cell| times(i64::from(cell))).collect();
                    wide.map(Cells::Wide)
                })
            }
            Cells::Wide(cells) => {
                let wide: Option<Vec<i64>> = cells.iter().map(|&cell| times(cell)).collect();
                wide.map(Cells::Wide)
            }
        };
        match rescaled {
            Some(cells) => (self.cells, self.scale) = (cells, scale),
            None => self.make_exact(),
        }
    }

    fn push_exact(&mut self, number: Number) {
        self.make_exact();
        if let Cells::Exact(cells) = &mut self.cells {
            cells.push(number.decimal());
        }
    }

    fn make_exact(&mut self) {
        if !matches!(self.cells, Cells::Exact(_)) {
            self.cells = Cells::Exact((0..self.len()).map(|row| self.at(row)).collect());
        }
    }

    fn len(&self) -> usize {
        match &self.cells {
            Cells::Narrow(cells) => cells.len(),
            Cells::Wide(cells) => cells.len(),
            Cells::Exact(cells) => cells.len(),
        }
    }

    #[inline]
    fn at(&self, row: usize) -> Decimal {
        match &self.cells {
            Cells::Narrow(cells) => trimmed(i64::from(cells[row]), self.scale),
            Cells::Wide(cells) => trimmed(cells[row], self.scale),
            Cells::Exact(cells) => cells[row],
        }
    }

    fn bytes(&self) -> usize {
        match &self.cells {
            Cells::Narrow(cells) => cells.capacity() * size_of::<i32>(),
            Cells::Wide(cells) => cells.capacity() * size_of::<i64>(),
            Cells::Exact(cells) => cells.capacity() * size_of::<Decimal>(),
        }
    }

    fn shrink(&mut self) {
        match &mut self.cells {
            Cells::Narrow(cells) => cells.shrink_to_fit(),
            Cells::Wide(cells) => cells.shrink_to_fit(),
            Cells::Exact(cells) => cells.shrink_to_fit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hour(n: i64) -> Timestamp {
        Timestamp::from_ms(1_704_067_200_000 + n * 3_600_000)
    }

    fn number(text: &str) -> Number {
        Number::parse(text.as_bytes()).unwrap()
    }

    proptest! {
        #[test]
        fn numbers_come_back_as_they_were_put_in(
            rows in proptest::collection::vec((any::<i64>(), 0_u32..=18), 1..40)
        ) {
            let mut column = Column::default();
            let numbers: Vec<Number> = rows
                .iter()
                .map(|&(n, scale)| Number::Small { mantissa: n % 1_000_000_000_000_000_000, scale })
                .collect();
            for number in &numbers {
                column.push(*number);
            }
            for (row, number) in numbers.iter().enumerate() {
                prop_assert_eq!(column.at(row), number.decimal());
            }
        }

        #[test]
        fn rows_are_found_by_time_whether_regular_or_not(
            skipped in proptest::collection::btree_set(0_i64..60, 0..20), probe in -5_i64..70
        ) {
            let mut series = Series::new(Kind::Stamps);
            let hours: Vec<i64> = (0..60).filter(|n| !skipped.contains(n)).collect();
            for &n in &hours {
                series.push(hour(n), &[]).unwrap();
            }
            let expected = hours.iter().filter(|&&n| n <= probe).count();
            prop_assert_eq!(series.rows_until(hour(probe)), expected);
            prop_assert_eq!(series.row_at(hour(probe)).is_some(), hours.contains(&probe));
            let (first, last) = (hours[0], hours[hours.len() - 1]);
            let missing: usize = series.holes(Span::from_hours(1)).iter().map(|hole| hole.2).sum();
            prop_assert_eq!(missing, (last - first + 1) as usize - hours.len());
        }
    }

    #[test]
    fn columns_stay_as_narrow_as_their_numbers_allow() {
        let mut column = Column::default();
        for text in ["42283.58", "67500.1", "1"] {
            column.push(number(text));
        }
        assert!(matches!(column.cells, Cells::Narrow(_)));
        column.push(number("0.00000001"));
        assert!(matches!(column.cells, Cells::Wide(_)));
        column.push(number("1.0381622777538226777"));
        assert!(matches!(column.cells, Cells::Exact(_)));
        assert_eq!(column.at(0).to_string(), "42283.58");
        assert_eq!(column.at(1).to_string(), "67500.1");
    }

    #[test]
    fn time_must_ascend() {
        let mut series = Series::new(Kind::Stamps);
        series.push(hour(1), &[]).unwrap();
        assert_eq!(series.push(hour(1), &[]), Err(BadStamp::NotAscending));
        assert_eq!(series.push(hour(0), &[]), Err(BadStamp::NotAscending));
        let off = hour(2) + Span::from_ms(1);
        assert_eq!(series.push(off, &[]), Err(BadStamp::OutOfRange));
        series.push(hour(2), &[]).unwrap();
        assert_eq!(series.len(), 2);
    }
}
