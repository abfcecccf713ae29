//! Rows collected in memory: what a test or a live feed hands in, series by series.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::config::Fault;
use crate::types::{Code, Timestamp};

use super::number::Number;
use super::range::Ends;
use super::series::{Kind, Series};
use super::stamps::BadStamp;
use super::view::{Bar, Funding};

/// Series by name, each growing at its end.
#[derive(Clone, Debug, Default, PartialEq)]
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

    /// Keeps the rows of a series whose stamps are wanted, for example those that are young enough to be needed.
    pub fn retain(&mut self, series: &str, keep: impl Fn(Timestamp) -> bool) {
        if let Some(rows) = self.series.get_mut(series) {
            *rows = rows.filtered(keep);
        }
    }

    pub(super) fn series(&self, name: &str) -> Option<&Series> {
        self.series.get(name)
    }

    pub(super) fn ends(&self) -> Ends {
        let ends = |(name, series): (&String, &Series)| Some((name.clone(), series.ends()?));
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
        series.push(at, numbers).map_err(|bad| {
            match bad {
                BadStamp::NotAscending => {
                    Fault::new(Code::Data004, format!("{at} is not later than the row before it"))
                }
                BadStamp::OutOfRange => Fault::new(
                    Code::Data003,
                    format!("{at} is no whole second between 1970 and 2106"),
                ),
            }
            .on(name)
        })
    }
}
