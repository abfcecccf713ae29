//! What can be known at one moment: a time and one cursor a series. Components hold a [`View`], never the data.
//!
//! A candle is stamped with its opening: its open is known at the stamp, its high, low, close and volume one bar later. So a
//! cursor counts the rows stamped at or before now, and only the newest of them may still be open.

use std::sync::Arc;

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::types::{MarketId, Price, Quantity, Rate, Span, Timestamp, TokenId};

use super::data::{MarketData, Reference, Slot};
use super::series::{CLOSE, HIGH, LOW, OPEN, RATE, Series, VOLUME};

/// How many bars back a bar of both series is sought to value a gap by the proxy.
const COMMON_BARS: usize = 96;

/// Digits to which a price of a gap is rounded: enough for any market, few enough to stay fast.
const GAP_DIGITS: u32 = 12;

/// The time for which funding rates are told, and the longest interval of payments.
pub(super) const FUNDING_PERIOD: Span = Span::from_hours(8);

/// Rows stamped at or before a view's time, by stored series.
pub(super) type Cursors = SmallVec<[u32; 24]>;

/// The data as it could be known at `now`. Cheap to clone; frozen.
#[derive(Debug)]
pub struct View {
    pub(super) data: Arc<MarketData>,
    pub(super) now: Timestamp,
    pub(super) cursors: Cursors,
}

/// The price of a market at the view's time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quote {
    /// The open of the bar stamped now; in a gap the last good price, or the proxy's moved by the last common ratio.
    pub price: Price,
    /// The time at which a real price of this market was last known.
    pub as_of: Timestamp,
    /// Whether the market has a bar stamped now. Without one nothing trades, triggers or is liquidated.
    pub tradable: bool,
}

/// A closed bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Opening time.
    pub at: Timestamp,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Coins traded.
    pub volume: Quantity,
}

/// A funding payment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Funding {
    /// When it is paid.
    pub at: Timestamp,
    /// Fraction of the mark notional; positive: longs pay shorts.
    pub rate: Rate,
}

impl Clone for View {
    fn clone(&self) -> Self {
        // `from_slice` copies bytes; the derived clone would go number by number.
        Self { data: self.data.clone(), now: self.now, cursors: Cursors::from_slice(&self.cursors) }
    }
}

impl View {
    /// A view of no data at all, for steps that are made by hand.
    pub fn empty(now: Timestamp) -> Self {
        Self { data: MarketData::nothing(now), now, cursors: Cursors::new() }
    }

    /// The moment.
    #[inline]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The price of a market now; `None` before its first row.
    pub fn quote(&self, market: MarketId) -> Option<Quote> {
        self.quote_of(self.data.candles(market)?)
    }

    /// The reference price of a token in the quote token (one for the quote token itself).
    pub fn reference(&self, token: TokenId) -> Option<Price> {
        match self.data.reference(token) {
            Reference::Quote => Some(Price::new(Decimal::ONE)),
            Reference::Series(slot) => self.quote_of(slot).map(|quote| quote.price),
            Reference::Base(base) => self.reference(base),
            Reference::Rated(base, _) => {
                let rate = self.lst_rate(token)?;
                Some(Price::new(self.reference(base)?.get().checked_mul(rate)?))
            }
            Reference::In(slot, token) => {
                let price = self.quote_of(slot)?.price.get();
                Some(Price::new(price.checked_mul(self.reference(token)?.get())?))
            }
            Reference::None => None,
        }
    }

    /// The reference price of a token that follows no other.
    #[inline]
    pub fn own_reference(&self, token: TokenId) -> Option<Price> {
        match self.data.reference(token) {
            Reference::Base(_) | Reference::Rated(..) => None,
            _ => self.reference(token),
        }
    }

    /// How many of its base token a token is worth by the protocol; one for tokens without a rate.
    #[inline]
    pub fn rate(&self, token: TokenId) -> Option<Decimal> {
        match self.data.reference(token) {
            Reference::Rated(..) => self.lst_rate(token),
            _ => Some(Decimal::ONE),
        }
    }

    /// The last closed bar of a market: stamped at least one bar before now.
    pub fn closed_bar(&self, market: MarketId) -> Option<Bar> {
        let slot = self.data.candles(market)?;
        let series = self.data.stored(slot.own);
        Some(bar(series, self.closed_rows(slot.own).checked_sub(1)?))
    }

    /// The bar that has just closed: stamped exactly one bar before now. `None` in a gap.
    pub fn just_closed(&self, market: MarketId) -> Option<Bar> {
        self.closed_bar(market).filter(|bar| bar.at + self.data.step() == self.now)
    }

    /// The last `n` closes of a market that are known now, oldest first; fewer at the start of the data.
    pub fn closes(&self, market: MarketId, n: usize) -> Vec<Price> {
        let Some(slot) = self.data.candles(market) else { return Vec::new() };
        let series = self.data.stored(slot.own);
        let rows = self.closed_rows(slot.own);
        (rows.saturating_sub(n)..rows).map(|row| Price::new(series.number(CLOSE, row))).collect()
    }

    /// The latest funding payment at or before now.
    pub fn last_funding(&self, market: MarketId) -> Option<Funding> {
        let (series, rows) = self.funding_rows(market)?;
        Some(funding(series, rows.checked_sub(1)?))
    }

    /// The payments stamped in (`since`, now], oldest first.
    pub fn fundings_since(&self, market: MarketId, since: Timestamp) -> SmallVec<[Funding; 4]> {
        let Some((series, rows)) = self.funding_rows(market) else { return SmallVec::new() };
        let mut first = rows;
        while first > 0 && series.stamp(first - 1) > since {
            first -= 1;
        }
        (first..rows).map(|row| funding(series, row)).collect()
    }

    /// The mean rate per 8 hours of the payments in (now − span, now].
    ///
    /// Each payment counts for the time since the one before it, 8 hours at most, so that markets that pay every 4 hours
    /// compare with those that pay every 8.
    pub fn trailing_funding(&self, market: MarketId, span: Span) -> Option<Rate> {
        let (series, rows) = self.funding_rows(market)?;
        let since = self.now - span;
        let (mut total, mut covered) = (Decimal::ZERO, 0_i64);
        for row in (0..rows).rev() {
            let at = series.stamp(row);
            if at <= since {
                break;
            }
            let interval = match row.checked_sub(1) {
                Some(before) => (at - series.stamp(before)).min(FUNDING_PERIOD),
                None => FUNDING_PERIOD,
            };
            total += series.number(RATE, row);
            covered += interval.ms();
        }
        if covered == 0 {
            return None;
        }
        Some(Rate::new(total * Decimal::from(FUNDING_PERIOD.ms()) / Decimal::from(covered)))
    }

    /// The gas price in gwei of the row before the current one (half of the rows sample a block of an hour earlier).
    pub fn gas_gwei(&self) -> Option<Decimal> {
        let stored = self.data.gas()?;
        // The very first row of a file has none before it and stands in for it; the loader warns when a range begins there.
        let row = self.rows(stored).checked_sub(2).or(self.rows(stored).checked_sub(1))?;
        Some(self.data.stored(stored).number(RATE, row))
    }

    /// How old the newest row of a subscribed series is, by its index in the setup.
    pub fn age(&self, series: usize) -> Span {
        let stored = self.data.slot(series).own;
        match self.rows(stored).checked_sub(1) {
            Some(row) => self.now - self.data.stored(stored).stamp(row),
            None => self.now - Timestamp::from_ms(0),
        }
    }

    /// Rows of a stored series that are stamped at or before now.
    #[inline]
    pub(super) fn rows(&self, stored: usize) -> usize {
        self.cursors[stored] as usize
    }

    /// Candles of a stored series that have closed by now.
    #[inline]
    fn closed_rows(&self, stored: usize) -> usize {
        let series = self.data.stored(stored);
        let mut rows = self.rows(stored);
        while rows > 0 && series.stamp(rows - 1) + self.data.step() > self.now {
            rows -= 1;
        }
        rows
    }

    fn funding_rows(&self, market: MarketId) -> Option<(&Series, usize)> {
        let stored = self.data.funding(market)?.own;
        Some((self.data.stored(stored), self.rows(stored)))
    }

    fn quote_of(&self, slot: Slot) -> Option<Quote> {
        let series = self.data.stored(slot.own);
        let row = self.rows(slot.own).checked_sub(1)?;
        let at = series.stamp(row);
        let closes = at + self.data.step();
        if at == self.now || closes > self.now {
            let price = Price::new(series.number(OPEN, row));
            return Some(Quote { price, as_of: at, tradable: at == self.now });
        }
        let price = self.price_by_proxy(slot, row).unwrap_or_else(|| series.number(CLOSE, row));
        Some(Quote { price: Price::new(price), as_of: closes, tradable: false })
    }

    /// The price in a gap: the proxy's price now times the ratio of both closes at the last bar that both have.
    fn price_by_proxy(&self, slot: Slot, row: usize) -> Option<Decimal> {
        let stored = slot.proxy?;
        let (own, proxy) = (self.data.stored(slot.own), self.data.stored(stored));
        let (own_row, common) = (row.saturating_sub(COMMON_BARS)..=row)
            .rev()
            .find_map(|row| Some((row, proxy.row_at(own.stamp(row))?)))?;
        let price = self.quote_of(Slot { own: stored, proxy: None })?.price.get();
        let moved = own.number(CLOSE, own_row).checked_mul(price)?;
        moved.checked_div(proxy.number(CLOSE, common))?.round_sf(GAP_DIGITS)
    }
}

fn bar(series: &Series, row: usize) -> Bar {
    let price = |column| Price::new(series.number(column, row));
    Bar {
        at: series.stamp(row),
        open: price(OPEN),
        high: price(HIGH),
        low: price(LOW),
        close: price(CLOSE),
        volume: Quantity::new(series.number(VOLUME, row)),
    }
}

fn funding(series: &Series, row: usize) -> Funding {
    Funding { at: series.stamp(row), rate: Rate::new(series.number(RATE, row)) }
}
