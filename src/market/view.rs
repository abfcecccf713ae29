//! What can be known at one moment: a time and one cursor a series. Components hold a [`View`], never the data.

use std::sync::Arc;

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::types::{MarketId, Price, Quantity, Rate, Span, Timestamp, TokenId};

/// All loaded series of a run.
#[derive(Debug, Default)]
pub struct MarketData {}

/// The data as it could be known at `now`. Cheap to clone; frozen.
#[derive(Clone, Debug)]
pub struct View {
    data: Arc<MarketData>,
    now: Timestamp,
    cursors: SmallVec<[u32; 24]>,
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

impl View {
    /// A view of no data at all, for steps that are made by hand.
    pub fn empty(now: Timestamp) -> Self {
        Self { data: Arc::new(MarketData::default()), now, cursors: SmallVec::new() }
    }

    /// The moment.
    #[inline]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The price of a market now; `None` before its first row.
    pub fn quote(&self, market: MarketId) -> Option<Quote> {
        let _ = (market, &self.data, &self.cursors);
        todo!()
    }

    /// The reference price of a token in the quote token (one for the quote token itself).
    pub fn reference(&self, token: TokenId) -> Option<Price> {
        let _ = token;
        todo!()
    }

    /// The last closed bar of a market: stamped at least one bar before now.
    pub fn closed_bar(&self, market: MarketId) -> Option<Bar> {
        let _ = market;
        todo!()
    }

    /// The bar that has just closed: stamped exactly one bar before now. `None` in a gap.
    pub fn just_closed(&self, market: MarketId) -> Option<Bar> {
        let _ = market;
        todo!()
    }

    /// The last `n` closes of a market that are known now, oldest first; fewer at the start of the data.
    pub fn closes(&self, market: MarketId, n: usize) -> Vec<Price> {
        let _ = (market, n);
        Vec::new()
    }

    /// The latest funding payment at or before now.
    pub fn last_funding(&self, market: MarketId) -> Option<Funding> {
        let _ = market;
        None
    }

    /// The payments stamped in (`since`, now], oldest first.
    pub fn fundings_since(&self, market: MarketId, since: Timestamp) -> SmallVec<[Funding; 4]> {
        let _ = (market, since);
        todo!()
    }

    /// The mean rate per 8 hours of the payments in (now − span, now].
    pub fn trailing_funding(&self, market: MarketId, span: Span) -> Option<Rate> {
        let _ = (market, span);
        None
    }

    /// The gas price in gwei of the row before the current one (half of the rows sample a block of an hour earlier).
    pub fn gas_gwei(&self) -> Option<Decimal> {
        None
    }

    /// How old the newest row of a subscribed series is, by its index in the setup.
    pub fn age(&self, series: usize) -> Span {
        let _ = series;
        todo!()
    }
}
