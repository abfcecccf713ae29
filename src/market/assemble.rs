//! Puts a run's series together: reads what is needed, lists gaps, lets proxies stand in, and fills missing payments.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Fault, Faults, MissingFunding, SeriesRole, SeriesSpec, Setup};
use crate::types::{Code, Coded, Span, Timestamp};

use super::csv::Window;
use super::data::{MarketData, Reference, Slot};
use super::load::DataFile;
use super::range::{Plan, Source};
use super::series::{Kind, RATE, Series};

/// How far before the first step rows are kept, for closes and trailing funding.
const LOOKBACK: Span = Span::from_hours(31 * 24);

/// The market of a run, with what there is to say about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The data.
    pub data: Arc<MarketData>,
    /// The first step.
    pub from: Timestamp,
    /// The last step.
    pub to: Timestamp,
    /// Rows that are missing inside the range, by series.
    pub gaps: Vec<Gap>,
    /// What stood in for what.
    pub proxies: Vec<ProxyUse>,
    /// The files that were read, with their hashes, for the data manifest.
    pub files: Vec<DataFile>,
    /// What a person should know: gaps and proxies in sentences.
    pub warnings: Vec<Coded>,
}

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

/// Reads one series: its name, the columns wanted, and the rows.
pub(super) type Read<'a> = dyn FnMut(&str, Kind, Window) -> Result<Series, Faults> + 'a;

/// Assembles the market of a run.
///
/// # Errors
/// Faults of the reading, and DATA-005 for missing payments that nothing stands in for.
pub(super) fn assemble(setup: &Setup, plan: &Plan, read: &mut Read<'_>) -> Result<Loaded, Faults> {
    let mut store =
        Store { setup, plan, kinds: kinds(setup), names: Vec::new(), series: Vec::new() };
    let mut faults = Faults::default();
    for (spec, source) in setup.series.iter().zip(&plan.sources) {
        if let Err(found) = store.index(source_name(spec, *source), read) {
            faults.append(found);
        }
    }
    faults.check()?;

    let mut faults = Faults::default();
    let mut told = Told::default();
    let mut slots = Vec::with_capacity(setup.series.len());
    for (spec, source) in setup.series.iter().zip(&plan.sources) {
        match store.slot(spec, *source, read, &mut told) {
            Ok(slot) => slots.push(slot),
            Err(found) => faults.append(found),
        }
    }
    faults.check()?;
    told.warn_of_gas(setup, &slots, &store);
    let data = Arc::new(store.into_market(slots));
    let Told { gaps, proxies, warnings } = told;
    Ok(Loaded {
        from: data.from(),
        to: data.to(),
        data,
        gaps,
        proxies,
        files: Vec::new(),
        warnings,
    })
}

/// The columns that each series needs, its proxies included.
fn kinds(setup: &Setup) -> BTreeMap<&str, Kind> {
    let mut kinds = BTreeMap::new();
    for spec in &setup.series {
        let kind = match spec.role {
            SeriesRole::Spot(_) | SeriesRole::Perp(_) => Kind::Candles,
            SeriesRole::Funding(_) => Kind::Funding,
            SeriesRole::Price(_) => Kind::Prices,
            SeriesRole::Gas => Kind::Gas,
        };
        for name in [Some(&spec.name), spec.proxy.as_ref()].into_iter().flatten() {
            let known = kinds.entry(name.as_str()).or_insert(kind);
            *known = kind.max(*known);
        }
    }
    kinds
}

fn source_name(spec: &SeriesSpec, source: Source) -> &str {
    match (source, &spec.proxy) {
        (Source::Proxy, Some(proxy)) => proxy,
        _ => &spec.name,
    }
}

/// The series read so far.
struct Store<'a> {
    setup: &'a Setup,
    plan: &'a Plan,
    kinds: BTreeMap<&'a str, Kind>,
    names: Vec<String>,
    series: Vec<Arc<Series>>,
}

impl Store<'_> {
    /// Where a series is stored; reads it when it is not yet.
    fn index(&mut self, name: &str, read: &mut Read<'_>) -> Result<usize, Faults> {
        if let Some(index) = self.names.iter().position(|known| known == name) {
            return Ok(index);
        }
        let kind = self.kinds.get(name).copied().unwrap_or(Kind::Candles);
        let back = if kind == Kind::Gas { Span::from_ms(0) } else { LOOKBACK };
        let grid = matches!(kind, Kind::Candles | Kind::Prices).then_some(self.setup.step);
        let window = Window { from: self.plan.from - back, to: self.plan.to, grid };
        let series = read(name, kind, window)?;
        self.names.push(name.to_owned());
        self.series.push(Arc::new(series));
        Ok(self.series.len() - 1)
    }

    /// The rows of a subscribed series, with what stands in for those that are missing.
    fn slot(
        &mut self,
        spec: &SeriesSpec,
        source: Source,
        read: &mut Read<'_>,
        told: &mut Told,
    ) -> Result<Slot, Faults> {
        let own = self.index(source_name(spec, source), read)?;
        if let (Source::Proxy, Some(proxy)) = (source, &spec.proxy) {
            told.whole(spec, proxy);
            return Ok(Slot { own, proxy: None });
        }
        let is_funding = matches!(spec.role, SeriesRole::Funding(_));
        let step = match spec.role {
            SeriesRole::Funding(_) | SeriesRole::Gas => self.series[own].usual_step(),
            _ => Some(self.setup.step),
        };
        let holes = step.map_or(Vec::new(), |step| self.holes(own, step));
        let missing: usize = holes.iter().map(|gap| gap.2).sum();
        if missing == 0 {
            return Ok(Slot { own, proxy: None });
        }
        told.gaps(&spec.name, &holes);
        let proxy = match spec.proxy.as_deref().map(|name| self.index(name, read)) {
            // A proxy without data leaves gaps at the last good price.
            Some(Err(found)) if found.iter().all(|fault| fault.code == Code::Data001) => None,
            proxy => proxy.transpose()?,
        };
        if is_funding {
            self.fill_payments(spec, own, proxy, &holes, told)?;
            return Ok(Slot { own, proxy: None });
        }
        told.valued(spec, missing, holes.len(), proxy.is_some());
        Ok(Slot { own, proxy })
    }

    /// Missing rows inside the range.
    fn holes(&self, stored: usize, step: Span) -> Vec<(Timestamp, Timestamp, usize)> {
        let (from, to) = (self.plan.from, self.plan.to);
        let beyond = |span: Span| (span.ms().max(0) + step.ms() - 1) / step.ms();
        let clip = |(first, last, rows): (Timestamp, Timestamp, usize)| {
            let (before, after) = (beyond(from - first), beyond(last - to));
            let rows =
                usize::try_from(rows as i64 - before - after).ok().filter(|&rows| rows > 0)?;
            let steps = |count: i64| Span::from_ms(step.ms() * count);
            Some((first + steps(before), last - steps(after), rows))
        };
        self.series[stored].holes(step).into_iter().filter_map(clip).collect()
    }

    /// What missing payments are worth, by the configuration.
    fn fill_payments(
        &mut self,
        spec: &SeriesSpec,
        own: usize,
        proxy: Option<usize>,
        holes: &[(Timestamp, Timestamp, usize)],
        told: &mut Told,
    ) -> Result<(), Faults> {
        let missing: usize = holes.iter().map(|gap| gap.2).sum();
        let refused = |rest: usize, advice: &str| {
            let first =
                holes.first().map_or(String::new(), |gap| format!(", the first at {}", gap.0));
            let sentence = format!("{rest} payments are missing inside the range{first}");
            Faults::from(Fault::new(Code::Data005, sentence).on(&spec.name).suggest(advice))
        };
        match (self.setup.missing_funding, proxy, &spec.proxy) {
            (MissingFunding::Zero, ..) => {
                told.warn(format!("{}: {missing} missing payments count as nothing", spec.name));
            }
            (MissingFunding::Refuse, ..) => {
                return Err(refused(missing, "set missing_funding to proxy or zero"));
            }
            (MissingFunding::Proxy, Some(proxy), Some(name)) => {
                let filled = with_payments_of(&self.series[own], &self.series[proxy], holes);
                let count = filled.len() - self.series[own].len();
                if count < missing {
                    let advice =
                        format!("the proxy '{name}' lacks them, too; set missing_funding to zero");
                    return Err(refused(missing - count, &advice));
                }
                self.series[own] = Arc::new(filled);
                told.payments(spec, name, count);
            }
            (MissingFunding::Proxy, ..) => {
                return Err(refused(
                    missing,
                    "name a proxy that has them, or set missing_funding to zero",
                ));
            }
        }
        Ok(())
    }

    fn into_market(self, slots: Vec<Slot>) -> MarketData {
        let universe = &self.setup.universe;
        let mut candles = vec![None; universe.markets().len()];
        let mut fundings = candles.clone();
        let mut gas = None;
        for (spec, slot) in self.setup.series.iter().zip(&slots) {
            match spec.role {
                SeriesRole::Spot(market) | SeriesRole::Perp(market) => {
                    candles[market.index()] = Some(*slot);
                }
                SeriesRole::Funding(market) => fundings[market.index()] = Some(*slot),
                SeriesRole::Gas => gas = Some(slot.own),
                SeriesRole::Price(_) => {}
            }
        }
        let reference = |(token, series): (usize, &Option<usize>)| match series {
            _ if token == self.setup.quote.index() => Reference::Quote,
            Some(series) => Reference::Series(slots[*series]),
            None => Reference::None,
        };
        let span = (self.plan.to - self.plan.from).ms();
        MarketData {
            step: self.setup.step,
            from: self.plan.from,
            steps: (span / self.setup.step.ms() + 1) as usize,
            references: self.setup.reference.iter().enumerate().map(reference).collect(),
            stored: self.series,
            candles,
            fundings,
            gas,
            slots,
        }
    }
}

/// A series of payments with those of another inside its holes.
fn with_payments_of(
    own: &Series,
    proxy: &Series,
    holes: &[(Timestamp, Timestamp, usize)],
) -> Series {
    let is_missing =
        |at: Timestamp| holes.iter().any(|(first, last, _)| *first <= at && at <= *last);
    let rows = |series: &Series| -> Vec<_> {
        (0..series.len()).map(|row| (series.stamp(row), series.number(RATE, row))).collect()
    };
    let mut all = rows(own);
    all.extend(rows(proxy).into_iter().filter(|(at, _)| is_missing(*at)));
    all.sort_by_key(|(at, _)| *at);
    let mut filled = Series::new(Kind::Funding);
    for (at, rate) in all {
        // Stamps of both are distinct: a hole has no rows of its own. What cannot follow is left out, and so counted missing.
        let _ = filled.push(at, &[rate.into()]);
    }
    filled.shrink();
    filled
}

/// What there is to say about the data.
#[derive(Default)]
struct Told {
    gaps: Vec<Gap>,
    proxies: Vec<ProxyUse>,
    warnings: Vec<Coded>,
}

impl Told {
    fn warn(&mut self, sentence: String) {
        self.warnings.push(Coded::new(Code::Data005, sentence));
    }

    fn gaps(&mut self, series: &str, holes: &[(Timestamp, Timestamp, usize)]) {
        let gap = |&(first, last, rows)| Gap { series: series.to_owned(), first, last, rows };
        self.gaps.extend(holes.iter().map(gap));
    }

    fn uses(&mut self, spec: &SeriesSpec, proxy: &str, stand_in: StandIn) {
        let (series, proxy) = (spec.name.clone(), proxy.to_owned());
        self.proxies.push(ProxyUse { series, proxy, stand_in });
    }

    fn whole(&mut self, spec: &SeriesSpec, proxy: &str) {
        self.uses(spec, proxy, StandIn::Whole);
        self.warn(format!(
            "{}: it is absent or does not cover the range; {proxy} stands in for all of it",
            spec.name
        ));
    }

    fn valued(&mut self, spec: &SeriesSpec, rows: usize, gaps: usize, has_proxy: bool) {
        let name = &spec.name;
        let value = match spec.proxy.as_deref().filter(|_| has_proxy) {
            Some(proxy) => {
                self.uses(spec, proxy, StandIn::Prices(rows));
                format!("valued by {proxy} at the last common ratio")
            }
            None => "valued at the last good price".to_owned(),
        };
        self.warn(format!(
            "{name}: {rows} rows are missing in {gaps} gaps; {value}, nothing trades there"
        ));
    }

    fn payments(&mut self, spec: &SeriesSpec, proxy: &str, count: usize) {
        self.uses(spec, proxy, StandIn::Payments(count));
        self.warn(format!("{}: {count} missing payments are those of {proxy}", spec.name));
    }

    /// Gas uses the row before the current one; where the file begins with the range there is none.
    fn warn_of_gas(&mut self, setup: &Setup, slots: &[Slot], store: &Store<'_>) {
        let gas = setup.series.iter().zip(slots).find(|(spec, _)| spec.role == SeriesRole::Gas);
        let Some((spec, slot)) = gas else { return };
        if store.series[slot.own].rows_until(store.plan.from) < 2 {
            let name = &spec.name;
            self.warn(format!(
                "{name}: no row before the range; its first row stands in at the first step"
            ));
        }
    }
}
