//! Rows collected in memory: what a test or a live feed hands in, series by series.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::config::Fault;
use crate::types::{Code, Timestamp};

use super::csv::SIGNALS;
use super::distribution::Distribution;
use super::number::Number;
use super::range::Ends;
use super::series::{Kind, Series};
use super::signal::{self, Signal};
use super::snapshot::ReserveFigures;
use super::stamps::BadStamp;
use super::view::{Bar, Funding};

/// Series by name, each growing at its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "Plain", try_from = "Plain")]
pub struct MarketRows {
    series: BTreeMap<String, Series>,
}

impl MarketRows {
    /// Adds a candle to `spot/…` or `perp/…`.
    ///
    /// # Errors
    /// DATA-003 for an impossible stamp, DATA-004 for one that is not later than the last.
    pub fn push_bar(&mut self, series: &str, bar: &Bar) -> Result<(), Fault> {
        let prices =
            [bar.open, bar.close, bar.high, bar.low].map(|price| Number::from(price.get()));
        let [open, close, high, low] = prices;
        let volume = Number::from(bar.volume.get());
        self.push(series, Kind::Candles, bar.at, &[open, close, high, low, volume])
    }

    /// Adds a payment to `funding/…`.
    ///
    /// # Errors
    /// As [`MarketRows::push_bar`].
    pub fn push_funding(&mut self, series: &str, funding: &Funding) -> Result<(), Fault> {
        self.push(series, Kind::Funding, funding.at, &[funding.rate.get().into()])
    }

    /// Adds a gas price in gwei to `gas/…`.
    ///
    /// # Errors
    /// As [`MarketRows::push_bar`].
    pub fn push_gas(&mut self, series: &str, at: Timestamp, gwei: Decimal) -> Result<(), Fault> {
        self.push(series, Kind::Gas, at, &[gwei.into()])
    }

    /// Adds a snapshot of a staking token's rate, in its base token, to `lst/…_exchange_rate`.
    ///
    /// # Errors
    /// As [`MarketRows::push_bar`].
    pub fn push_rate(&mut self, series: &str, at: Timestamp, rate: Decimal) -> Result<(), Fault> {
        self.push(series, Kind::Rate, at, &[rate.into()])
    }

    /// Adds what a staking token is sold for, in its base token, to `lst/…_dex_rate_…`.
    ///
    /// # Errors
    /// As [`MarketRows::push_bar`].
    pub fn push_market_rate(
        &mut self,
        series: &str,
        at: Timestamp,
        rate: Decimal,
    ) -> Result<(), Fault> {
        self.push(series, Kind::MarketRate, at, &[rate.into()])
    }

    /// Adds a snapshot of a lending reserve to `aave_v3/…_rates`: its figures, and by what a scaled supply and a scaled debt
    /// are multiplied.
    ///
    /// # Errors
    /// As [`MarketRows::push_bar`].
    pub fn push_reserve(
        &mut self,
        series: &str,
        figures: &ReserveFigures,
        [supply_index, borrow_index]: [Decimal; 2],
    ) -> Result<(), Fault> {
        let numbers = [
            supply_index,
            borrow_index,
            figures.supply_rate.get(),
            figures.borrow_rate.get(),
            figures.supplied.get(),
            figures.borrowed.get(),
        ];
        self.push(series, Kind::Reserve, figures.as_of, &numbers.map(Number::from))
    }

    /// Adds what was handed out for a period to `rewards/…`. It begins and ends at 00:00.
    ///
    /// # Errors
    /// As [`MarketRows::push_bar`].
    pub fn push_distribution(&mut self, series: &str, paid: &Distribution) -> Result<(), Fault> {
        let whole = |number: i64| Number::Small { mantissa: number, scale: 0 };
        let (start, end) = (whole(paid.start.day()), whole(paid.end.day()));
        let numbers = [start, end, paid.per_unit.get().into(), whole(1)];
        self.push(series, Kind::Distributions, paid.at, &numbers)
    }

    /// Adds a signal to `signals/…`, under the time from which it is known.
    ///
    /// # Errors
    /// As [`MarketRows::push_bar`], and DATA-003 for numbers that cannot be.
    pub fn push_signal(&mut self, series: &str, signal: &Signal) -> Result<(), Fault> {
        if let Some(words) = signal.impossible_numbers() {
            return Err(Fault::new(Code::Data003, words).on(series));
        }
        let (known_at, numbers) = signal::row_of(signal);
        self.push(series, Kind::Signal, known_at, &numbers)
    }

    /// Keeps the rows of a series whose stamps are wanted, for example those that are young enough to be needed.
    pub fn retain(&mut self, series: &str, keep: impl Fn(Timestamp) -> bool) {
        if let Some(rows) = self.series.get_mut(series) {
            *rows = rows.filtered(keep);
        }
    }

    /// Adds the rows of a later collection; where a stamp returns, the later row holds.
    ///
    /// # Errors
    /// DATA-004 for a row that comes before the last one of its series.
    pub fn append(&mut self, later: &MarketRows) -> Result<(), Fault> {
        for (name, rows) in later.iter() {
            match self.series.get_mut(name) {
                Some(series) => {
                    series.extend(rows).map_err(|(at, bad)| bad_row(at, bad).on(name))?
                }
                None => drop(self.series.insert(name.clone(), rows.clone())),
            }
        }
        Ok(())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Series)> {
        self.series.iter()
    }

    pub(super) fn series(&self, name: &str) -> Option<&Series> {
        self.series.get(name)
    }

    pub(super) fn ends(&self) -> Ends {
        let ends = |(name, series): (&String, &Series)| {
            let ends = if name.starts_with(SIGNALS) { signal::ends(series) } else { series.ends() };
            Some((name.clone(), ends?))
        };
        self.series.iter().filter_map(ends).collect()
    }

    fn push(
        &mut self,
        name: &str,
        kind: Kind,
        at: Timestamp,
        numbers: &[Number],
    ) -> Result<(), Fault> {
        let series = self.series.entry(name.to_owned()).or_insert_with(|| Series::new(kind));
        series.push(at, numbers).map_err(|bad| bad_row(at, bad).on(name))
    }
}

/// Why a row cannot follow the rows before it, in words.
pub(super) fn bad_row(at: Timestamp, bad: BadStamp) -> Fault {
    match bad {
        BadStamp::NotAscending => {
            Fault::new(Code::Data004, format!("{at} is not later than the row before it"))
        }
        BadStamp::OutOfRange => {
            Fault::new(Code::Data003, format!("{at} is no whole second between 1970 and 2106"))
        }
    }
}

/// Rows as a journal keeps them: by series, each a stamp and its numbers.
type Plain = BTreeMap<String, Vec<(Timestamp, Vec<Decimal>)>>;

impl From<MarketRows> for Plain {
    fn from(rows: MarketRows) -> Self {
        let plain = |series: &Series| {
            let row =
                |row| (series.stamp(row), series.row(row).iter().map(|n| n.decimal()).collect());
            (0..series.len()).map(row).collect()
        };
        rows.series.iter().map(|(name, series)| (name.clone(), plain(series))).collect()
    }
}

impl TryFrom<Plain> for MarketRows {
    type Error = Fault;

    fn try_from(plain: Plain) -> Result<Self, Fault> {
        let mut rows = Self::default();
        for (name, lines) in plain {
            let width = lines.first().map_or(0, |(_, numbers)| numbers.len());
            let mut series = Series::of_width(width);
            for (at, numbers) in lines {
                let numbers: Vec<Number> = numbers.into_iter().map(Number::from).collect();
                if numbers.len() != width {
                    let sentence =
                        format!("the row of {at} has {} numbers of {width}", numbers.len());
                    return Err(Fault::new(Code::Data003, sentence).on(&name));
                }
                series.push(at, &numbers).map_err(|bad| bad_row(at, bad).on(&name))?;
            }
            rows.series.insert(name, series);
        }
        Ok(rows)
    }
}
