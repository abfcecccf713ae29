//! The candles of one market of a trial: told flat at their opening, and whole when they have closed.

use rust_decimal::Decimal;

use crate::market::Bar;
use crate::types::{Price, Quantity, Timestamp};

/// One series of candles.
#[derive(Clone, Debug)]
pub(super) struct Candles {
    pub(super) price: Decimal,
    /// Coins traded in a bar.
    pub(super) volume: Decimal,
    /// Extremes of the bar that is open, where the test has named them.
    pub(super) high: Option<Decimal>,
    pub(super) low: Option<Decimal>,
    /// Whether the series has no rows now.
    pub(super) is_gap: bool,
    /// At what the bar that is open has opened.
    pub(super) opened: Option<Decimal>,
}

impl Candles {
    /// A price that stays where it is, and coins that trade in every bar.
    pub(super) const fn flat_at(price: Decimal, volume: Decimal) -> Self {
        Self { price, volume, high: None, low: None, is_gap: false, opened: None }
    }

    /// A bar that does not move.
    pub(super) fn flat(&self, at: Timestamp) -> Bar {
        let price = Price::new(self.price);
        let volume = Quantity::new(self.volume);
        Bar { at, open: price, high: price, low: price, close: price, volume }
    }

    /// The bar that was open, whole; it closes at what the next one opens at. `None` where there was none.
    pub(super) fn closed(&mut self, at: Timestamp) -> Option<Bar> {
        let (high, low) = (self.high.take(), self.low.take());
        let open = self.opened?;
        let close = if self.is_gap { open } else { self.price };
        let price = Price::new;
        Some(Bar {
            at,
            open: price(open),
            high: price(high.unwrap_or(open).max(open).max(close)),
            low: price(low.unwrap_or(open).min(open).min(close)),
            close: price(close),
            volume: Quantity::new(self.volume),
        })
    }
}
