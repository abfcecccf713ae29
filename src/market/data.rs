//! All series of a run in memory, and the walk through them: one [`View`] a step.

use std::sync::Arc;

use crate::types::{MarketId, Span, Timestamp, TokenId};

use super::series::Series;
use super::view::{Cursors, View};

/// All loaded series of a run.
#[derive(Debug)]
pub struct MarketData {
    pub(super) step: Span,
    pub(super) from: Timestamp,
    pub(super) steps: usize,
    /// Series as they are stored: the subscribed ones that the data has, and proxies that are not subscribed themselves.
    pub(super) stored: Vec<Arc<Series>>,
    /// By subscribed series, as in the setup.
    pub(super) slots: Vec<Slot>,
    /// By market, its candles.
    pub(super) candles: Vec<Option<Slot>>,
    /// By market, its funding.
    pub(super) fundings: Vec<Option<Slot>>,
    /// By token.
    pub(super) references: Vec<Reference>,
    /// The stored gas prices.
    pub(super) gas: Option<usize>,
}

/// Where a subscribed series' rows are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// Its own rows, or those of the proxy that stands in for all of it.
    pub(super) own: usize,
    /// The series that values its gaps.
    pub(super) proxy: Option<usize>,
}

/// From where a token's reference price comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// It is the quote token.
    Quote,
    /// These candles.
    Series(Slot),
    /// It has none.
    None,
}

impl MarketData {
    /// No series at all: every question is answered with nothing.
    pub(super) fn nothing(at: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            step: Span::from_hours(1),
            from: at,
            steps: 0,
            stored: Vec::new(),
            slots: Vec::new(),
            candles: Vec::new(),
            fundings: Vec::new(),
            references: Vec::new(),
            gas: None,
        })
    }

    /// The number of steps from the first to the last, both included.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The length of a step and of a bar.
    #[inline]
    pub fn step(&self) -> Span {
        self.step
    }

    /// The first step.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The last step.
    pub fn to(&self) -> Timestamp {
        self.time_of(self.steps.saturating_sub(1))
    }

    /// The view at a step, counted from 0. [`MarketData::views`] is the cheaper way to walk through all of them.
    pub fn view_at(self: &Arc<Self>, step: usize) -> View {
        self.view_at_time(self.time_of(step))
    }

    /// The view at any time.
    pub fn view_at_time(self: &Arc<Self>, now: Timestamp) -> View {
        let cursors = self.stored.iter().map(|series| series.rows_until(now) as u32).collect();
        View { data: self.clone(), now, cursors }
    }

    /// All views from the first step to the last.
    pub fn views(self: &Arc<Self>) -> Views {
        self.views_from(0)
    }

    /// All views from a step to the last.
    pub fn views_from(self: &Arc<Self>, step: usize) -> Views {
        Views { next: step, cursors: self.view_at(step).cursors, data: self.clone() }
    }

    /// Heap bytes of all series.
    pub fn bytes(&self) -> usize {
        self.stored.iter().map(|series| series.bytes()).sum()
    }

    fn time_of(&self, step: usize) -> Timestamp {
        self.from + Span::from_ms(self.step.ms() * step as i64)
    }

    #[inline]
    pub(super) fn stored(&self, index: usize) -> &Series {
        &self.stored[index]
    }

    #[inline]
    pub(super) fn slot(&self, series: usize) -> Slot {
        self.slots[series]
    }

    #[inline]
    pub(super) fn candles(&self, market: MarketId) -> Option<Slot> {
        self.candles.get(market.index()).copied().flatten()
    }

    #[inline]
    pub(super) fn funding(&self, market: MarketId) -> Option<Slot> {
        self.fundings.get(market.index()).copied().flatten()
    }

    #[inline]
    pub(super) fn reference(&self, token: TokenId) -> Reference {
        self.references.get(token.index()).copied().unwrap_or(Reference::None)
    }

    pub(super) fn gas(&self) -> Option<usize> {
        self.gas
    }
}

/// The views of a run in order; its cursors only ever advance.
#[derive(Clone, Debug)]
pub struct Views {
    data: Arc<MarketData>,
    next: usize,
    cursors: Cursors,
}

impl Iterator for Views {
    type Item = View;

    fn next(&mut self) -> Option<View> {
        if self.next >= self.data.steps {
            return None;
        }
        let now = self.data.time_of(self.next);
        self.next += 1;
        for (cursor, series) in self.cursors.iter_mut().zip(&self.data.stored) {
            let mut rows = *cursor as usize;
            while rows < series.len() && series.stamp(rows) <= now {
                rows += 1;
            }
            *cursor = rows as u32;
        }
        Some(View { data: self.data.clone(), now, cursors: Cursors::from_slice(&self.cursors) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.data.steps.saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Views {}
