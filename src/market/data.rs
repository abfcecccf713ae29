//! All series of a run in memory, and the walk through them: one [`View`] a step.

use std::sync::Arc;

use crate::config::Fault;
use crate::types::{Code, MarketId, ReserveId, RewardId, Span, Timestamp, TokenId};

use super::rows::{MarketRows, bad_row};
use super::series::Series;
use super::view::{Cursors, View};

/// All loaded series of a run.
#[derive(Clone, Debug)]
pub struct MarketData {
    pub(super) step: Span,
    pub(super) from: Timestamp,
    pub(super) steps: usize,
    /// The names of the stored series.
    pub(super) names: Vec<String>,
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
    /// The stored signals.
    pub(super) signal: Option<usize>,
    /// By token: what it is sold for, where the run needs to know.
    pub(super) market_rates: Vec<Option<usize>>,
    /// By reserve, its snapshots.
    pub(super) reserves: Vec<Option<usize>>,
    /// By reward, what was handed out.
    pub(super) distributions: Vec<Option<usize>>,
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
    /// The price of another token.
    Base(TokenId),
    /// The price of another token at a stored rate.
    Rated(TokenId, usize),
    /// These candles, at the price of another token.
    In(Slot, TokenId),
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
            names: Vec::new(),
            stored: Vec::new(),
            slots: Vec::new(),
            candles: Vec::new(),
            fundings: Vec::new(),
            references: Vec::new(),
            gas: None,
            signal: None,
            market_rates: Vec::new(),
            reserves: Vec::new(),
            distributions: Vec::new(),
        })
    }

    /// The data with the rows of a live tick at its end. Views of the old data stay as they are. A row with the stamp of a
    /// series' last row replaces it: a bar is told at its opening and again, whole, when it has closed.
    ///
    /// # Errors
    /// DATA-001 for a series that the run does not have, DATA-003 for an impossible stamp or a row that lacks columns,
    /// DATA-004 for a row that comes before the last.
    pub fn extended(&self, rows: &MarketRows) -> Result<Arc<Self>, Fault> {
        let mut stored = self.stored.clone();
        for (name, later) in rows.iter() {
            let Some(index) = self.names.iter().position(|known| known == name) else {
                let fault = Fault::new(Code::Data001, "the run has no such series").on(name);
                return Err(fault.nearest(name, &self.names));
            };
            let series = Arc::make_mut(&mut stored[index]);
            if later.width() < series.width() {
                let sentence =
                    format!("its rows have {} columns of {}", later.width(), series.width());
                return Err(Fault::new(Code::Data003, sentence).on(name));
            }
            series.extend(later).map_err(|(at, bad)| bad_row(at, bad).on(name))?;
        }
        Ok(Arc::new(Self { stored, ..self.clone() }))
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

    pub(super) fn signal(&self) -> Option<usize> {
        self.signal
    }

    pub(super) fn market_rate(&self, token: TokenId) -> Option<usize> {
        self.market_rates.get(token.index()).copied().flatten()
    }

    pub(super) fn distribution(&self, reward: RewardId) -> Option<usize> {
        self.distributions.get(reward.index()).copied().flatten()
    }

    pub(super) fn reserve(&self, reserve: ReserveId) -> Option<usize> {
        self.reserves.get(reserve.index()).copied().flatten()
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
            let rows = *cursor as usize;
            let is_due = |row| row < series.len() && series.stamp(row) <= now;
            // One row a step is the usual case; a loop here is made into vector code that costs as much as a whole script call.
            if is_due(rows) {
                let next = rows + 1;
                *cursor = if is_due(next) { series.rows_until(now) } else { next } as u32;
            }
        }
        Some(View { data: self.data.clone(), now, cursors: Cursors::from_slice(&self.cursors) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.data.steps.saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Views {}
