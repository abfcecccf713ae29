//! What there is to say about a run's data: missing rows, and what stood in for them.

use crate::config::SeriesSpec;
use crate::types::{Code, Coded, Span, Timestamp};

use super::silence::Late;

/// Missing rows of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The series.
    pub series: String,
    /// The first missing stamp.
    pub first: Timestamp,
    /// The last missing stamp.
    pub last: Timestamp,
    /// How many rows.
    pub rows: usize,
}

/// A series that stood in for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyUse {
    /// The series that the run asked for.
    pub series: String,
    /// The one that stood in.
    pub proxy: String,
    /// For what.
    pub stand_in: StandIn,
}

/// For what a proxy stood in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandIn {
    /// For the whole series, which is absent or does not cover the range.
    Whole,
    /// For the prices of this many missing rows.
    Prices(usize),
    /// For this many missing payments.
    Payments(usize),
}

/// What there is to say about the data.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Where rows are missing.
    pub(super) gaps: Vec<Gap>,
    /// What a model has said late.
    pub(super) late: Late,
    /// What stood in for what.
    pub(super) proxies: Vec<ProxyUse>,
    /// Sentences about both.
    pub(super) warnings: Vec<Coded>,
}

impl Told {
    /// Adds a sentence.
    pub(super) fn warn(&mut self, sentence: String) {
        self.warnings.push(Coded::new(Code::Data005, sentence));
    }

    /// Lists where rows are missing.
    pub(super) fn gaps(&mut self, series: &str, holes: &[(Timestamp, Timestamp, usize)]) {
        let gap = |&(first, last, rows)| Gap { series: series.to_owned(), first, last, rows };
        self.gaps.extend(holes.iter().map(gap));
    }

    fn uses(&mut self, spec: &SeriesSpec, proxy: &str, stand_in: StandIn) {
        let (series, proxy) = (spec.name.clone(), proxy.to_owned());
        self.proxies.push(ProxyUse { series, proxy, stand_in });
    }

    /// A proxy stands for all of a series.
    pub(super) fn whole(&mut self, spec: &SeriesSpec, proxy: &str) {
        self.uses(spec, proxy, StandIn::Whole);
        self.warn(format!(
            "{}: it is absent or does not cover the range; {proxy} stands in for all of it",
            spec.name
        ));
    }

    /// What missing prices are worth.
    pub(super) fn valued(&mut self, spec: &SeriesSpec, rows: usize, gaps: usize, has_proxy: bool) {
        let name = &spec.name;
        let value = match spec.proxy.as_deref().filter(|_| has_proxy) {
            Some(proxy) => {
                self.uses(spec, proxy, StandIn::Prices(rows));
                format!("valued by {proxy} at the last common ratio")
            }
            None => "valued at the last good price".to_owned(),
        };
        self.warn(format!(
            "{name}: {rows} rows are missing in {gaps} {}; {value}, nothing trades there",
            if gaps == 1 { "gap" } else { "gaps" }
        ));
    }

    /// Bars of which a model has said nothing.
    pub(super) fn silent(
        &mut self,
        name: &str,
        holes: &[(Timestamp, Timestamp, usize)],
        step: Span,
        max_age: Span,
    ) {
        let bars: usize = holes.iter().map(|hole| hole.2).sum();
        let span = length(Span::from_ms(bars as i64 * step.ms()));
        let first = holes.first().map_or(String::new(), |hole| hole.0.to_string());
        let gaps = if holes.len() == 1 { "gap" } else { "gaps" };
        self.warn(format!(
            "{name}: {bars} bars, {span}, have no signal, in {} {gaps}, the first at {first}; the last one stands for {} minutes, \
             then there is none",
            holes.len(),
            max_age.ms() / 60_000
        ));
    }

    /// What a model has said later than at the close of its bar.
    pub(super) fn late(&mut self, name: &str) {
        let Late { bars, too_late, most, .. } = self.late;
        let (signals, their, them) = match bars {
            1 => ("signal is", "its", "it"),
            _ => ("signals are", "their", "them"),
        };
        let never = match too_late {
            0 => String::new(),
            _ => format!(", and on {too_late} of them not at all"),
        };
        let most = length(most);
        self.warn(format!(
            "{name}: {bars} {signals} known later than at the close of {their} bar (known_at), by up to {most}; nothing acts on \
             {them} before{never}"
        ));
    }

    /// Missing payments are the proxy's.
    pub(super) fn payments(&mut self, spec: &SeriesSpec, proxy: &str, count: usize) {
        self.uses(spec, proxy, StandIn::Payments(count));
        self.warn(format!("{}: {count} missing payments are those of {proxy}", spec.name));
    }

    /// Gas uses the row before the current one; where the file begins with the range there is none.
    pub(super) fn first_gas(&mut self, name: &str) {
        self.warn(format!(
            "{name}: no row before the range; its first row stands in at the first step"
        ));
    }
}

/// A stretch of time in words, in whole minutes, or in seconds below two.
pub(super) fn length(span: Span) -> String {
    let minutes = span.ms() / 60_000;
    match minutes % 60 {
        _ if minutes < 2 => format!("{} s", span.ms() / 1000),
        _ if minutes < 120 => format!("{minutes} minutes"),
        0 => format!("{} hours", minutes / 60),
        rest => format!("{} hours and {rest} minutes", minutes / 60),
    }
}
