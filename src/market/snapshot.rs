//! Values that are known once a day: staking tokens' rates and lending indices.
//!
//! At its stamp a snapshot is exact. Between two, a value grows as it did between the two before: x(t) = x_k +
//! (x_k − x_{k−1})·τ/Δ, and is trued up at the next. To interpolate towards the next would see the future; a step function
//! would give days away. A fall does not go on: a slash is an event and no rate.

use rust_decimal::Decimal;

use crate::types::{Quantity, Rate, ReserveId, Span, Timestamp, TokenId};

use super::data::Reference;
use super::series::{RATE, Series, reserve};
use super::view::View;

/// The distance of two snapshots.
pub(super) const SNAPSHOT_PERIOD: Span = Span::from_hours(24);
/// Places after the point of a value between two snapshots.
const PLACES: u32 = 18;

/// What a lending reserve said of itself at its last snapshot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReserveFigures {
    /// When.
    pub as_of: Timestamp,
    /// What suppliers earn, a fraction a year.
    pub supply_rate: Rate,
    /// What borrowers pay, a fraction a year.
    pub borrow_rate: Rate,
    /// Tokens supplied by all.
    pub supplied: Quantity,
    /// Tokens owed by all.
    pub borrowed: Quantity,
}

impl View {
    /// What one staking token is worth in its base token by the protocol; `None` for tokens without a rate.
    #[inline]
    pub fn lst_rate(&self, token: TokenId) -> Option<Decimal> {
        match self.data.reference(token) {
            Reference::Rated(_, stored) => self.grown(stored, RATE),
            _ => None,
        }
    }

    /// How long a staking token's rate has been waiting for a snapshot that should have come; zero where it is not late.
    pub fn rate_overdue(&self, token: TokenId) -> Span {
        match self.data.reference(token) {
            Reference::Rated(_, stored) => self.overdue(stored),
            _ => Span::default(),
        }
    }

    /// The same of a reserve's figures.
    pub fn reserve_overdue(&self, of: ReserveId) -> Span {
        self.data.reserve(of).map_or(Span::default(), |stored| self.overdue(stored))
    }

    fn overdue(&self, stored: usize) -> Span {
        let Some(row) = self.rows(stored).checked_sub(1) else { return Span::default() };
        let due = self.data.stored(stored).stamp(row) + SNAPSHOT_PERIOD;
        (self.now - due).max(Span::default())
    }

    /// What one staking token is sold for in its base token, where the run has a market for it.
    pub fn lst_market_rate(&self, token: TokenId) -> Option<Decimal> {
        let stored = self.data.market_rate(token)?;
        let row = self.rows(stored).checked_sub(1)?;
        Some(self.data.stored(stored).number(RATE, row))
    }

    /// By what a scaled supply is multiplied.
    #[inline]
    pub fn supply_index(&self, of: ReserveId) -> Option<Decimal> {
        self.grown(self.data.reserve(of)?, reserve::LIQUIDITY_INDEX)
    }

    /// By what a scaled debt is multiplied.
    #[inline]
    pub fn borrow_index(&self, of: ReserveId) -> Option<Decimal> {
        self.grown(self.data.reserve(of)?, reserve::BORROW_INDEX)
    }

    /// The last snapshot of a reserve.
    pub fn reserve(&self, of: ReserveId) -> Option<ReserveFigures> {
        let stored = self.data.reserve(of)?;
        let row = self.rows(stored).checked_sub(1)?;
        let series = self.data.stored(stored);
        let number = |column| series.number(column, row);
        Some(ReserveFigures {
            as_of: series.stamp(row),
            supply_rate: Rate::new(number(reserve::LIQUIDITY_RATE)),
            borrow_rate: Rate::new(number(reserve::BORROW_RATE)),
            supplied: Quantity::new(number(reserve::SUPPLIED)),
            borrowed: Quantity::new(number(reserve::BORROWED)),
        })
    }

    /// By what fraction a year a debt has grown over the last `span`, without compounding; a snapshot's own rate lies where
    /// utilisation moves within a day. `None` where the data does not reach back.
    pub fn realised_borrow_rate(&self, of: ReserveId, span: Span) -> Option<Rate> {
        let stored = self.data.reserve(of)?;
        let now = self.grown(stored, reserve::BORROW_INDEX)?;
        let then = self.value_at(stored, reserve::BORROW_INDEX, self.now - span)?;
        let growth = now.checked_div(then)? - Decimal::ONE;
        let year = Decimal::from(Span::from_hours(24 * 365).ms());
        Some(Rate::new(growth * year.checked_div(Decimal::from(span.ms()))?))
    }

    /// What a staking token was worth in its base token at its last snapshot; one for tokens without a rate.
    pub fn told_rate(&self, token: TokenId) -> Option<Decimal> {
        match self.data.reference(token) {
            Reference::Rated(_, stored) => self.told(stored, RATE),
            _ => Some(Decimal::ONE),
        }
    }

    /// By what a scaled supply was multiplied at the last snapshot.
    pub fn told_supply_index(&self, of: ReserveId) -> Option<Decimal> {
        self.told(self.data.reserve(of)?, reserve::LIQUIDITY_INDEX)
    }

    /// By what a scaled debt was multiplied at the last snapshot.
    pub fn told_borrow_index(&self, of: ReserveId) -> Option<Decimal> {
        self.told(self.data.reserve(of)?, reserve::BORROW_INDEX)
    }

    fn told(&self, stored: usize, column: usize) -> Option<Decimal> {
        let row = self.rows(stored).checked_sub(1)?;
        Some(self.data.stored(stored).number(column, row))
    }

    /// A value of daily snapshots now.
    fn grown(&self, stored: usize, column: usize) -> Option<Decimal> {
        let series = self.data.stored(stored);
        let row = self.rows(stored).checked_sub(1)?;
        Some(grown(series, column, row, self.now))
    }

    /// A value at a time that has passed: between two snapshots that are both known, a straight line.
    fn value_at(&self, stored: usize, column: usize, at: Timestamp) -> Option<Decimal> {
        let series = self.data.stored(stored);
        let rows = self.rows(stored);
        let row = series.rows_until(at).checked_sub(1)?;
        if row + 1 >= rows {
            return Some(grown(series, column, row, at));
        }
        let [first, next] =
            [row, row + 1].map(|row| (series.stamp(row), series.number(column, row)));
        Some(line(first.1, next.1 - first.1, at - first.0, next.0 - first.0))
    }
}

/// The value of a series of snapshots at a time, of what was known by then; zero before its first row.
pub(super) fn grown_to(series: &Series, column: usize, at: Timestamp) -> Decimal {
    let row = series.rows_until(at).checked_sub(1);
    row.map_or(Decimal::ZERO, |row| grown(series, column, row, at))
}

/// The value of a row, or what it has grown to since.
fn grown(series: &Series, column: usize, row: usize, now: Timestamp) -> Decimal {
    let (at, value) = (series.stamp(row), series.number(column, row));
    let Some(before) = row.checked_sub(1).filter(|_| at < now) else { return value };
    let growth = value - series.number(column, before);
    if growth.is_sign_negative() {
        return value;
    }
    line(value, growth, now - at, at - series.stamp(before))
}

/// from + growth · passed / period, rounded towards minus infinity to [`PLACES`]. In integers: a division of decimals costs
/// as much as the rest of the step.
fn line(from: Decimal, growth: Decimal, passed: Span, period: Span) -> Decimal {
    let whole = |number: Decimal| {
        let missing = PLACES.checked_sub(number.scale())?;
        number.mantissa().checked_mul(10_i128.checked_pow(missing)?)
    };
    let exact = whole(from).zip(whole(growth)).and_then(|(from, growth)| {
        let grown = growth.checked_mul(i128::from(passed.ms()))?;
        let value = from.checked_add(grown.div_euclid(i128::from(period.ms())))?;
        Decimal::try_from_i128_with_scale(value, PLACES).ok()
    });
    exact.unwrap_or_else(|| {
        let share = Decimal::from(passed.ms()) / Decimal::from(period.ms());
        (from + growth * share).round_dp(PLACES)
    })
}
