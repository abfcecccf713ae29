//! A series in memory: stamps and columns, as narrow as their numbers allow.
//!
//! Sixteen years of hours are 140 160 rows; spot, perp and funding of one market fit into 7 MB this way, where a vector of
//! decimals would take 25. Numbers come back exactly as they were read.

use std::fmt;

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::types::{Span, Timestamp};

use super::column::Column;
use super::number::Number;
use super::stamps::{BadStamp, Stamps};

/// What columns a series has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Stamps alone.
    Stamps,
    /// Funding rates.
    Funding,
    /// Gas prices in gwei.
    Gas,
    /// Snapshots of a staking token's rate.
    Rate,
    /// What a staking token is sold for.
    MarketRate,
    /// Snapshots of a lending reserve.
    Reserve,
    /// What was handed out to holders of a staking token, period by period.
    Distributions,
    /// What a model said of bars.
    Signal,
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
            Self::Rate => &["exchange_rate"],
            Self::MarketRate => &["rate"],
            Self::Reserve => &[
                "liquidity_index",
                "variable_borrow_index",
                "liquidity_rate",
                "variable_borrow_rate",
                "total_supplied",
                "total_variable_debt",
            ],
            Self::Distributions => &["period_start", "period_end", "_per_eeth", "dated"],
            Self::Signal => &[
                "signal",
                "confidence",
                "sd",
                "delay_s",
                "version_1",
                "version_2",
                "version_3",
                "version_4",
            ],
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
/// The one column of funding rates, gas prices and staking tokens' rates.
pub(super) const RATE: usize = 0;
/// The most columns that a series has.
pub(super) const COLUMNS_MAX: usize = 8;
/// The columns of a reserve.
pub(super) mod reserve {
    /// By what a scaled supply is multiplied.
    pub const LIQUIDITY_INDEX: usize = 0;
    /// By what a scaled debt is multiplied.
    pub const BORROW_INDEX: usize = 1;
    /// What suppliers earn, a fraction a year.
    pub const LIQUIDITY_RATE: usize = 2;
    /// What borrowers pay, a fraction a year.
    pub const BORROW_RATE: usize = 3;
    /// Tokens supplied by all.
    pub const SUPPLIED: usize = 4;
    /// Tokens owed by all.
    pub const BORROWED: usize = 5;
}

/// The columns of distributions. Days are counted since the epoch.
pub(super) mod distribution {
    /// The first day of the period.
    pub const START: usize = 0;
    /// The day after its last.
    pub const END: usize = 1;
    /// What each unit of the base token was handed out.
    pub const PER_UNIT: usize = 2;
    /// 1 where the data says when it was paid, which is the stamp; else 0, and the stamp is the end of the period.
    pub const DATED: usize = 3;
}

/// Rows in strictly ascending time.
#[derive(Clone, PartialEq)]
pub(super) struct Series {
    stamps: Stamps,
    columns: Vec<Column>,
    /// Of signals, the bars whose own was known no earlier than the next one's, each with the time from which it was, in
    /// their order: no view shows them, and they are no gaps.
    pub(super) overtaken: Vec<(Timestamp, Timestamp)>,
}

impl Series {
    /// A series without rows.
    pub(super) fn new(kind: Kind) -> Self {
        Self::of_width(kind.columns().len())
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

    /// A series without rows that has so many columns.
    pub(super) fn of_width(columns: usize) -> Self {
        let columns = vec![Column::default(); columns];
        Self { stamps: Stamps::default(), columns, overtaken: Vec::new() }
    }

    /// The number of columns.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The numbers of a row, in the order of the columns.
    pub(super) fn row(&self, row: usize) -> SmallVec<[Number; COLUMNS_MAX]> {
        (0..self.columns.len()).map(|column| self.number(column, row).into()).collect()
    }

    /// Adds the rows of another series; one with the stamp of the last row replaces it, because a bar is told again when it
    /// has closed.
    pub(super) fn extend(&mut self, later: &Series) -> Result<(), (Timestamp, BadStamp)> {
        for row in 0..later.len() {
            let (at, numbers) = (later.stamp(row), later.row(row));
            if self.ends().is_some_and(|(_, last)| last == at) {
                for (column, number) in self.columns.iter_mut().zip(&numbers) {
                    column.replace_last(*number);
                }
            } else {
                self.push(at, &numbers).map_err(|bad| (at, bad))?;
            }
        }
        Ok(())
    }

    /// The rows whose stamps are wanted.
    pub(super) fn filtered(&self, keep: impl Fn(Timestamp) -> bool) -> Self {
        let mut kept = Self::of_width(self.width());
        for row in (0..self.len()).filter(|&row| keep(self.stamp(row))) {
            // Rows that ascend still do when some are left out.
            let _ = kept.push(self.stamp(row), &self.row(row));
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hour(n: i64) -> Timestamp {
        Timestamp::from_ms(1_704_067_200_000 + n * 3_600_000)
    }

    proptest! {
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
    fn sixteen_years_of_hours_of_one_market_fit_into_12_mb() {
        let mut candles = Series::new(Kind::Candles);
        let mut funding = Series::new(Kind::Funding);
        for n in 0..16 * 8760 {
            let cents = |n| Number::Small { mantissa: 4_200_000 + n % 6_000_000, scale: 2 };
            let volume = Number::Small { mantissa: n % 200_000_000, scale: 5 };
            candles
                .push(hour(n), &[cents(n), cents(n + 1), cents(n + 9), cents(n), volume])
                .unwrap();
            if n % 8 == 0 {
                funding.push(hour(n), &[Number::Small { mantissa: n, scale: 8 }]).unwrap();
            }
        }
        candles.shrink();
        funding.shrink();
        let bytes = 2 * candles.bytes() + funding.bytes();
        assert!(bytes <= 6_000_000, "{bytes} bytes; a list of stamps each would add 1.1 MB");
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
