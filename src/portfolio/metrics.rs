//! Figures of a whole run, from the value of a share: returns by the day at 00:00 UTC, 365 days a year, no risk-free rate.
//!
//! Statistics, so in binary floating point; nothing here goes back into the books.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::types::{Span, Timestamp, Value};

/// Collects equity as it goes and tells the figures at the end.
#[derive(Clone, Debug, Default)]
pub struct Track {
    first: Option<(Timestamp, Value)>,
    last: Option<(Timestamp, Value)>,
    peak: f64,
    peak_at: Option<Timestamp>,
    max_drawdown: f64,
    longest_drawdown_ms: i64,
    daily: Vec<f64>,
}

/// The figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Last share value over the capital of the opening, before the first order, less one.
    pub total_return: Decimal,
    /// The same a year, compounded; `None` for less than a year, which is not annualised.
    pub annualised_return: Option<f64>,
    /// Standard deviation of daily returns × √365.
    pub volatility: Option<f64>,
    /// Mean over deviation of daily returns × √365.
    pub sharpe: Option<f64>,
    /// Mean over downside deviation of daily returns × √365.
    pub sortino: Option<f64>,
    /// Annualised return over the largest drawdown.
    pub calmar: Option<f64>,
    /// Largest 1 − share value ÷ its highest before, of all steps, a positive fraction. The opening counts as a peak.
    pub max_drawdown: f64,
    /// Longest time below a peak, in days.
    pub longest_drawdown_days: f64,
}

/// The shortest range, in days from its first step to its last, of which a return a year is told: a year, whose last step may open
/// its last day. Returns of shorter ones are not annualised (GIPS): what a quarter lost would be told four times over.
const ANNUALISED_FROM_DAYS: f64 = 364.0;

/// A return over a stretch of time as one a year of 365 days, compounded. `None` for less than a year, and where all was lost.
pub fn annualised(total_return: f64, span: Span) -> Option<f64> {
    let (days, growth) = (span.ms() as f64 / 86_400_000.0, 1.0 + total_return);
    (days >= ANNUALISED_FROM_DAYS && growth > 0.0).then(|| growth.powf(365.0 / days) - 1.0)
}

impl Track {
    /// A track that begins with an equity, before anything is traded: what the first step's orders cost is part of the
    /// return and of the drawdown.
    pub fn open(at: Timestamp, equity: Value) -> Self {
        let value = equity.get().to_f64().unwrap_or(f64::NAN);
        Self {
            first: Some((at, equity)),
            last: Some((at, equity)),
            peak: value,
            peak_at: Some(at),
            daily: vec![value],
            ..Self::default()
        }
    }

    /// Whether nothing has been taken yet.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Takes what the capital of the start is worth at one step: equity, but for money that came or went since.
    pub fn push(&mut self, at: Timestamp, equity: Value) {
        let value = equity.get().to_f64().unwrap_or(f64::NAN);
        let (opened, _) = *self.first.get_or_insert((at, equity));
        if self.daily.is_empty() || (is_midnight(at) && at > opened) {
            self.daily.push(value);
        }
        if value > self.peak {
            self.peak = value;
            self.peak_at = Some(at);
        } else if self.peak > 0.0 {
            self.max_drawdown = self.max_drawdown.max(1.0 - value / self.peak);
            let since = self.peak_at.map_or(0, |peak| (at - peak).ms());
            self.longest_drawdown_ms = self.longest_drawdown_ms.max(since);
        }
        self.last = Some((at, equity));
    }

    /// The figures of what was pushed.
    pub fn figures(&self) -> Figures {
        let (Some((start, first)), Some((end, last))) = (self.first, self.last) else {
            return Figures::default();
        };
        if first.is_zero() {
            return Figures::default();
        }
        let total_return = last.get() / first.get() - Decimal::ONE;
        let annualised_return = annualised(total_return.to_f64().unwrap_or(f64::NAN), end - start);
        // What the hours after the last midnight did counts as a day: where a run is stopped, they are those of its exit.
        let mut daily = self.daily.clone();
        if !is_midnight(end) && end > start {
            daily.push(last.get().to_f64().unwrap_or(f64::NAN));
        }
        let returns: Vec<f64> = daily.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
        let (volatility, sharpe, sortino) = ratios(&returns);
        Figures {
            total_return,
            annualised_return,
            volatility,
            sharpe,
            sortino,
            calmar: annualised_return
                .filter(|_| self.max_drawdown > 0.0)
                .map(|year| year / self.max_drawdown),
            max_drawdown: self.max_drawdown,
            longest_drawdown_days: self.longest_drawdown_ms as f64 / 86_400_000.0,
        }
    }
}

fn is_midnight(at: Timestamp) -> bool {
    at.ms() % 86_400_000 == 0
}

/// Volatility, Sharpe and Sortino of daily returns, a year.
fn ratios(returns: &[f64]) -> (Option<f64>, Option<f64>, Option<f64>) {
    if returns.len() < 2 {
        return (None, None, None);
    }
    let n = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / n;
    let variance = returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let downside = returns.iter().map(|r| r.min(0.0).powi(2)).sum::<f64>() / n;
    let year = 365f64.sqrt();
    let over = |deviation: f64| (deviation > 0.0).then(|| mean / deviation * year);
    (Some(variance.sqrt() * year), over(variance.sqrt()), over(downside.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_of_steady_growth_has_its_return_and_no_drawdown() {
        let mut track = Track::default();
        for day in 0..=365 {
            let equity = Value::new(Decimal::from(1000 + day));
            track.push(Timestamp::from_ms(day * 86_400_000), equity);
        }
        let figures = track.figures();
        assert_eq!(figures.total_return, Decimal::new(365, 3));
        assert!((figures.annualised_return.unwrap() - 0.365).abs() < 1e-12);
        assert_eq!(figures.max_drawdown, 0.0);
        assert!(figures.sortino.is_none(), "no day lost anything");
    }

    #[test]
    fn what_the_last_hours_did_counts_as_a_day() {
        let pushed = |last_hour: i64| {
            let mut track = Track::open(Timestamp::from_ms(0), Value::new(Decimal::from(1000)));
            for hour in 1..=last_hour {
                let lost = if hour > 72 { 500 } else { 0 };
                let equity = Value::new(Decimal::from(1000 + hour - lost));
                track.push(Timestamp::from_ms(hour * 3_600_000), equity);
            }
            track.figures().sharpe
        };
        assert!(pushed(72).is_some_and(|sharpe| sharpe > 0.0));
        assert!(pushed(75).is_some_and(|sharpe| sharpe < 0.0), "the exit lost it");
    }

    #[test]
    fn less_than_a_year_is_not_annualised() {
        let of_days = |days: i64| annualised(-0.3, Span::from_hours(24 * days));
        assert_eq!(of_days(92), None);
        assert_eq!(of_days(363), None);
        assert!((of_days(365).unwrap() + 0.3).abs() < 1e-12);
        // Two years.
        assert!((of_days(730).unwrap() - (0.7_f64.sqrt() - 1.0)).abs() < 1e-12);
        assert_eq!(annualised(-1.0, Span::from_hours(24 * 365)), None, "nothing is left to grow");
    }

    #[test]
    fn what_the_entry_costs_is_part_of_the_return_and_of_the_drawdown() {
        let day = |day: i64| Timestamp::from_ms(day * 86_400_000);
        let value = |number: i64| Value::new(Decimal::from(number));
        let mut track = Track::open(day(0), value(100));
        for (at, equity) in [(0, 98), (1, 99), (2, 99)] {
            track.push(day(at), value(equity));
        }
        let figures = track.figures();
        assert_eq!(figures.total_return, Decimal::new(-1, 2));
        assert!((figures.max_drawdown - 0.02).abs() < 1e-12);
        assert_eq!(track.daily, [100.0, 99.0, 99.0], "the first day holds the entry");
        assert_eq!(figures.annualised_return, None, "two days are no year");
    }

    #[test]
    fn a_drawdown_is_measured_from_its_peak() {
        let mut track = Track::default();
        for (day, equity) in [100, 120, 90, 119, 121].into_iter().enumerate() {
            track.push(
                Timestamp::from_ms(day as i64 * 86_400_000),
                Value::new(Decimal::from(equity)),
            );
        }
        let figures = track.figures();
        assert!((figures.max_drawdown - 0.25).abs() < 1e-12);
        assert!((figures.longest_drawdown_days - 2.0).abs() < 1e-12);
    }
}
