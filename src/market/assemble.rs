//! Puts a run's series together: reads what is needed, lists gaps, lets proxies stand in, and fills missing payments.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Fault, Faults, MissingFunding, Pricing, SeriesRole, SeriesSpec, Setup};
use crate::types::{Code, Span, Timestamp, TokenId};

use super::csv::Window;
use super::data::{MarketData, Reference, Slot};
use super::distribution;
use super::loaded::Loaded;
use super::range::{Plan, Source};
use super::series::{Kind, RATE, Series};
use super::signal;
use super::silence;
use super::stress::Stressed;
use super::told::Told;

/// How far before the first step rows are kept, for closes and trailing funding.
const LOOKBACK: Span = Span::from_hours(31 * 24);

/// A series to be read.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Its name.
    pub(super) name: String,
    /// The columns.
    pub(super) kind: Kind,
    /// The rows.
    pub(super) window: Window,
}

/// Reads series; the answers are in the order of the questions.
pub(super) type Read<'a> = dyn FnMut(&[Wanted]) -> Vec<Result<Series, Faults>> + 'a;

/// Assembles the market of a run.
///
/// # Errors
/// Faults of the reading, and DATA-005 for missing payments that nothing stands in for.
pub(super) fn assemble(setup: &Setup, plan: &Plan, read: &mut Read<'_>) -> Result<Loaded, Faults> {
    let mut store =
        Store { setup, plan, kinds: kinds(setup), names: Vec::new(), series: Vec::new() };
    let sources = setup.series.iter().zip(&plan.sources);
    let names: Vec<&str> = sources.map(|(spec, source)| source_name(spec, *source)).collect();
    store.read_all(&names, read)?;

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
    store.pay_distributions(&slots, &mut told)?;
    let gas = setup.series.iter().zip(&slots).find(|(spec, _)| spec.role == SeriesRole::Gas);
    if let Some((spec, slot)) = gas
        && store.series[slot.own].rows_until(plan.from) < 2
    {
        told.first_gas(&spec.name);
    }
    let data = Arc::new(store.into_market(slots));
    let Told { gaps, late, proxies, warnings } = told;
    Ok(Loaded {
        from: data.from(),
        to: data.to(),
        why: plan.why.clone(),
        data,
        gaps,
        late,
        proxies,
        files: Vec::new(),
        warnings,
        stress: Stressed::default(),
    })
}

/// The columns that each series needs, its proxies included.
fn kinds(setup: &Setup) -> BTreeMap<&str, Kind> {
    let mut kinds = BTreeMap::new();
    for spec in &setup.series {
        let kind = match spec.role {
            SeriesRole::Spot(_) | SeriesRole::Perp(_) => Kind::Candles,
            SeriesRole::Funding(_) => Kind::Funding,
            SeriesRole::Price(_) | SeriesRole::PriceIn(_) => Kind::Prices,
            SeriesRole::Distributions(_) => Kind::Distributions,
            SeriesRole::Gas => Kind::Gas,
            SeriesRole::Rate(_) => Kind::Rate,
            SeriesRole::MarketRate(_) => Kind::MarketRate,
            SeriesRole::Reserve(_) => Kind::Reserve,
            SeriesRole::Signal => Kind::Signal,
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
    /// Reads those of these series that are not stored yet, all at once.
    fn read_all(&mut self, names: &[&str], read: &mut Read<'_>) -> Result<(), Faults> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for name in names {
            let is_known = self.names.iter().any(|known| known == name);
            if !is_known && !wanted.iter().any(|wanted| wanted.name == *name) {
                wanted.push(self.wanted(name));
            }
        }
        let mut faults = Faults::default();
        for (wanted, series) in wanted.iter().zip(read(&wanted)) {
            match series {
                Ok(series) => {
                    self.names.push(wanted.name.clone());
                    self.series.push(Arc::new(series));
                }
                Err(found) => faults.append(found),
            }
        }
        faults.check()
    }

    fn wanted(&self, name: &str) -> Wanted {
        let kind = self.kinds.get(name).copied().unwrap_or(Kind::Candles);
        let back = if kind == Kind::Gas { Span::from_ms(0) } else { LOOKBACK };
        let is_of_bars = matches!(kind, Kind::Candles | Kind::Prices | Kind::Signal);
        let grid = is_of_bars.then_some(self.setup.step);
        let window = Window { from: self.plan.from - back, to: self.plan.to, grid };
        Wanted { name: name.to_owned(), kind, window }
    }

    /// Where a series is stored; reads it when it is not yet.
    fn index(&mut self, name: &str, read: &mut Read<'_>) -> Result<usize, Faults> {
        self.read_all(&[name], read)?;
        let index = self.names.iter().position(|known| known == name);
        index.ok_or_else(|| Fault::new(Code::Data001, "there is no such series").on(name).into())
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
        if spec.role == SeriesRole::Signal {
            self.tell_silence(spec, own, told);
            return Ok(Slot { own, proxy: None });
        }
        let is_funding = matches!(spec.role, SeriesRole::Funding(_));
        let step = match spec.role {
            SeriesRole::Spot(_)
            | SeriesRole::Perp(_)
            | SeriesRole::Price(_)
            | SeriesRole::PriceIn(_) => Some(self.setup.step),
            // Between two of them there may be any time.
            SeriesRole::Distributions(_) => None,
            _ => self.series[own].usual_step(),
        };
        let holes = step.map_or(Vec::new(), |step| self.holes(own, step));
        let missing: usize = holes.iter().map(|gap| gap.2).sum();
        if missing == 0 {
            return Ok(Slot { own, proxy: None });
        }
        told.gaps(&spec.name, &holes);
        if matches!(spec.role, SeriesRole::Rate(_) | SeriesRole::Reserve(_)) {
            let are = if missing == 1 { "snapshot is" } else { "snapshots are" };
            told.warn(format!("{}: {missing} {are} missing; what grew before grows on", spec.name));
            return Ok(Slot { own, proxy: None });
        }
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

    /// Gives what is handed out its time of payment, and checks that it has a price then.
    fn pay_distributions(&mut self, slots: &[Slot], told: &mut Told) -> Result<(), Faults> {
        let mut faults = Faults::default();
        for (spec, slot) in self.setup.series.iter().zip(slots) {
            let SeriesRole::Distributions(reward) = spec.role else { continue };
            let rules = &self.setup.universe.rewards()[reward.index()];
            let paid = distribution::paid(&self.series[slot.own], rules.delay);
            let begin = |index: usize| Some(self.series[slots[index].own].ends()?.0);
            let range = (self.plan.from, self.plan.to);
            match distribution::check(self.setup, rules, (&spec.name, &paid), begin, range) {
                Ok(sentence) => sentence.into_iter().for_each(|sentence| told.warn(sentence)),
                Err(found) => faults.append(found),
            }
            self.series[slot.own] = Arc::new(paid);
        }
        faults.check()
    }

    /// Bars inside the range of which the model has said nothing, and those of which it has said it late.
    fn tell_silence(&self, spec: &SeriesSpec, own: usize, told: &mut Told) {
        let step = self.setup.step;
        let holes = self.clipped(signal::holes(&self.series[own], step), step);
        if !holes.is_empty() {
            told.gaps(&spec.name, &holes);
            told.silent(&spec.name, &holes, step, self.setup.signal.max_age);
        }
        let rules = (step, self.setup.signal.max_age);
        told.late = silence::late(&self.series[own], rules, (self.plan.from, self.plan.to));
        if told.late.bars > 0 {
            told.late(&spec.name);
        }
    }

    /// Missing rows inside the range. Those after the last that was read are a hole as well: it goes on beyond the range.
    fn holes(&self, stored: usize, step: Span) -> Vec<(Timestamp, Timestamp, usize)> {
        let series = &self.series[stored];
        let mut holes = series.holes(step);
        if let Some((_, end)) = series.ends()
            && step.ms() > 0
        {
            let missing = (self.plan.to - end).ms() / step.ms();
            if missing > 0 {
                let last = end + Span::from_ms(missing * step.ms());
                holes.push((end + step, last, missing as usize));
            }
        }
        self.clipped(holes, step)
    }

    /// The parts of holes that lie inside the range.
    fn clipped(
        &self,
        holes: Vec<(Timestamp, Timestamp, usize)>,
        step: Span,
    ) -> Vec<(Timestamp, Timestamp, usize)> {
        let (from, to) = (self.plan.from, self.plan.to);
        let beyond = |span: Span| (span.ms().max(0) + step.ms() - 1) / step.ms();
        let clip = |(first, last, rows): (Timestamp, Timestamp, usize)| {
            let (before, after) = (beyond(from - first), beyond(last - to));
            let rows =
                usize::try_from(rows as i64 - before - after).ok().filter(|&rows| rows > 0)?;
            let steps = |count: i64| Span::from_ms(step.ms() * count);
            Some((first + steps(before), last - steps(after), rows))
        };
        holes.into_iter().filter_map(clip).collect()
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
        let mut market_rates = vec![None; universe.tokens().len()];
        let mut reserves = vec![None; universe.reserves().len()];
        let mut distributions = vec![None; universe.rewards().len()];
        let (mut gas, mut signal) = (None, None);
        for (spec, slot) in self.setup.series.iter().zip(&slots) {
            match spec.role {
                SeriesRole::Spot(market) | SeriesRole::Perp(market) => {
                    candles[market.index()] = Some(*slot);
                }
                SeriesRole::Funding(market) => fundings[market.index()] = Some(*slot),
                SeriesRole::Gas => gas = Some(slot.own),
                SeriesRole::Signal => signal = Some(slot.own),
                SeriesRole::MarketRate(token) => market_rates[token.index()] = Some(slot.own),
                SeriesRole::Reserve(reserve) => reserves[reserve.index()] = Some(slot.own),
                SeriesRole::Distributions(reward) => distributions[reward.index()] = Some(slot.own),
                SeriesRole::Price(_) | SeriesRole::PriceIn(_) | SeriesRole::Rate(_) => {}
            }
        }
        let reference = |(index, pricing): (usize, &Pricing)| {
            let token = TokenId(index as u8);
            match *pricing {
                _ if token == self.setup.quote => Reference::Quote,
                Pricing::Series(series) => Reference::Series(slots[series]),
                Pricing::Base => Reference::Base(universe.base(token)),
                Pricing::In(series, token) => Reference::In(slots[series], token),
                Pricing::Rated(series) => Reference::Rated(universe.base(token), slots[series].own),
                Pricing::None => Reference::None,
            }
        };
        let span = (self.plan.to - self.plan.from).ms();
        MarketData {
            step: self.setup.step,
            from: self.plan.from,
            steps: (span / self.setup.step.ms() + 1) as usize,
            references: self.setup.pricing.iter().enumerate().map(reference).collect(),
            names: self.names,
            stored: self.series,
            candles,
            fundings,
            gas,
            signal,
            market_rates,
            reserves,
            distributions,
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
