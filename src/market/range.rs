//! Which steps a run has, and whose rows stand for each series over them: its own, or all of its proxy's.

use std::collections::BTreeMap;

use crate::config::{Fault, Faults, SeriesRole, SeriesSpec, Setup};
use crate::types::{Code, Span, Timestamp};

use super::load::RANGE;
use super::snapshot::SNAPSHOT_PERIOD;
use super::view::FUNDING_PERIOD;

/// What is said of a range whose ends were both named.
pub const AS_ASKED: &str = "as asked for";

/// The first and last stamps of each series that there is, by name.
pub(super) type Ends = BTreeMap<String, (Timestamp, Timestamp)>;

/// The range of a run and the sources of its series.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// The first step.
    pub(super) from: Timestamp,
    /// The last step.
    pub(super) to: Timestamp,
    /// By subscribed series: whose rows it uses.
    pub(super) sources: Vec<Source>,
    /// Why it begins and ends there, in words.
    pub(super) why: String,
}

/// Whose rows a series uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Its own.
    Own,
    /// All of its proxy's.
    Proxy,
}

/// Steps that a series can serve, first and last.
type Reach = (Timestamp, Timestamp);

/// From 1970 to 2100: what serves any range.
pub(super) const ALWAYS: Reach = (Timestamp::from_ms(0), Timestamp::from_ms(4_102_444_800_000));

/// Which range is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// The first step, where somebody named it.
    pub(super) from: Option<Timestamp>,
    /// The last step, where somebody named it.
    pub(super) to: Option<Timestamp>,
    /// What the folder is meant for: rows outside of it are there to look back on.
    pub(super) usual: Option<(Timestamp, Timestamp)>,
}

/// Settles range and sources. An end that nobody asked for is the folder's usual one, else the longest that all series serve.
///
/// # Errors
/// DATA-001 for series that are absent with their proxies, DATA-002 for those that do not cover the range, DATA-006 when the
/// range is empty, reversed or off the grid.
pub(super) fn plan(setup: &Setup, ends: &Ends, folder: &str, asked: Asked) -> Result<Plan, Faults> {
    let mut faults = Faults::default();
    let mut reaches: Vec<(&SeriesSpec, Option<Reach>, Option<Reach>)> = Vec::new();
    for spec in &setup.series {
        let is_asked = spec.role == SeriesRole::Signal && setup.signal.service.is_some();
        let reach_of = |name: &str| {
            let ends = ends.get(name)?;
            // A service was asked for every bar of the range; that it said nothing of the last ones is told with the others.
            Some(if is_asked { ALWAYS } else { reach(spec.role, *ends, setup.step) })
        };
        let (own, proxy) = (reach_of(&spec.name), spec.proxy.as_deref().and_then(reach_of));
        if own.is_none() && proxy.is_none() {
            faults.push(absent(spec, folder));
        }
        reaches.push((spec, own, proxy));
    }
    faults.check()?;
    let ((from, to), why) = range(setup, &reaches, asked)?;

    let mut faults = Faults::default();
    let covers =
        |reach: &Option<Reach>| reach.is_some_and(|(first, last)| first <= from && to <= last);
    let mut sources = Vec::with_capacity(reaches.len());
    for (spec, own, proxy) in &reaches {
        sources.push(if covers(own) || !covers(proxy) { Source::Own } else { Source::Proxy });
        if !covers(own) && !covers(proxy) {
            faults.push(not_covered(spec, *own, *proxy, (from, to)));
        }
    }
    if !faults.is_empty() {
        faults.push(common(&reaches));
    }
    faults.check()?;
    Ok(Plan { from, to, sources, why })
}

/// The range that could have been asked for.
fn common(reaches: &[(&SeriesSpec, Option<Reach>, Option<Reach>)]) -> Fault {
    // Its own rows or all of its proxy's: the longer of the two.
    let length = |reach: &Reach| reach.1.ms() - reach.0.ms();
    let served = || {
        reaches
            .iter()
            .filter_map(|(_, own, proxy)| [*own, *proxy].into_iter().flatten().max_by_key(length))
    };
    let first = served().map(|(first, _)| first).max();
    let last = served().map(|(_, last)| last).min();
    let (sentence, advice) = match first.zip(last) {
        Some((first, last)) if first <= last => (
            format!("all series together serve {first} to {last}"),
            "choose a range inside, or name proxies for those that are shorter",
        ),
        _ => (
            "the longest ranges of the series do not meet".to_owned(),
            "name proxies for the shortest",
        ),
    };
    Fault::new(Code::Data002, sentence).suggest(advice)
}

/// The steps that rows with these ends can serve. Payments need only begin and end within one interval of the range.
fn reach(role: SeriesRole, (first, last): (Timestamp, Timestamp), step: Span) -> Reach {
    let (first, last) = match role {
        SeriesRole::Funding(_) => {
            (first - FUNDING_PERIOD, last + FUNDING_PERIOD - Span::from_ms(1))
        }
        // A signal is known a step after its bar's opening; the first step may be without one, as it may be without a payment.
        SeriesRole::Signal => (first, last + step),
        // Between snapshots a value grows as it did between the two before, so the first one serves only itself.
        SeriesRole::Rate(_) | SeriesRole::Reserve(_) => (first + SNAPSHOT_PERIOD, last),
        // Before it begins nothing of the token is held.
        SeriesRole::PriceIn(_) => (ALWAYS.0, last),
        // Outside of its periods nothing is handed out.
        SeriesRole::Distributions(_) => ALWAYS,
        _ => (first, last),
    };
    let up = first.ms() + (-first.ms()).rem_euclid(step.ms());
    (Timestamp::from_ms(up), Timestamp::from_ms(last.ms() - last.ms().rem_euclid(step.ms())))
}

fn range(
    setup: &Setup,
    reaches: &[(&SeriesSpec, Option<Reach>, Option<Reach>)],
    asked: Asked,
) -> Result<(Reach, String), Faults> {
    let served = |(spec, own, proxy): &(&SeriesSpec, Option<Reach>, Option<Reach>)| {
        own.or(*proxy).map(|reach| (reach, spec.name.clone()))
    };
    let latest = reaches.iter().filter_map(served).max_by_key(|((first, _), _)| *first);
    let earliest = reaches.iter().filter_map(served).min_by_key(|((_, last), _)| *last);
    let (Some(((first, _), begins)), Some(((_, last), ends))) = (latest, earliest) else {
        return Err(
            Fault::new(Code::Data006, "no series is subscribed, so there is no range").into()
        );
    };
    let wanted = (asked.from.or(setup.from), asked.to.or(setup.to));
    let from = wanted.0.unwrap_or_else(|| {
        let usual = asked.usual.map_or(first, |(usual, _)| usual.max(first));
        if usual <= wanted.1.unwrap_or(last) { usual } else { first }
    });
    let to = wanted.1.unwrap_or_else(|| {
        let usual = asked.usual.map_or(last, |(_, usual)| usual.min(last));
        if usual >= from { usual } else { last }
    });
    let step = setup.step.ms();
    for time in [from, to] {
        if time.ms() % step != 0 {
            let sentence = format!("{time} is not on the grid of {} minutes", step / 60_000);
            return Err(Fault::new(Code::Data006, sentence).suggest("choose a whole step").into());
        }
    }
    if from > to {
        let sentence = match wanted {
            (Some(_), Some(_)) => format!("the range is reversed: from {from} to {to}"),
            _ => format!(
                "the range is empty: it would begin at {from} ({begins}) and end at {to} ({ends})"
            ),
        };
        let advice = format!("the subscribed series serve {first} to {last}");
        return Err(Fault::new(Code::Data006, sentence).suggest(advice).into());
    }
    let is_usual =
        |end: fn((Timestamp, Timestamp)) -> Timestamp, time| asked.usual.map(end) == Some(time);
    let reason = |is_asked: bool, is_usual: bool, verb: &str, series: &str| match is_asked {
        true => AS_ASKED.to_owned(),
        false if is_usual => format!("as {RANGE} of the data folder says"),
        false => format!("where {series} {verb}"),
    };
    let begins = reason(wanted.0.is_some(), is_usual(|it| it.0, from), "begins", &begins);
    let ends = reason(wanted.1.is_some(), is_usual(|it| it.1, to), "ends", &ends);
    let why = match (begins, ends) {
        (begins, ends) if begins == ends => begins,
        (begins, ends) => format!("it begins {begins} and ends {ends}"),
    };
    Ok(((from, to), why))
}

fn absent(spec: &SeriesSpec, folder: &str) -> Fault {
    let sentence = match &spec.proxy {
        Some(proxy) => format!("there is no such series in {folder}, nor its proxy '{proxy}'"),
        None => format!("there is no such series in {folder}, and no proxy is named for it"),
    };
    Fault::new(Code::Data001, sentence)
        .on(&spec.name)
        .suggest("add the file, or name a proxy under subscriptions in the mode's configuration")
}

fn not_covered(spec: &SeriesSpec, own: Option<Reach>, proxy: Option<Reach>, asked: Reach) -> Fault {
    let told = |reach: Option<Reach>| match reach {
        Some((first, last)) => format!("serves {first} to {last}"),
        None => "is absent".to_owned(),
    };
    let mut sentence = format!("it {}", told(own));
    if let Some(name) = &spec.proxy {
        sentence.push_str(&format!(" and its proxy '{name}' {}", told(proxy)));
    }
    sentence.push_str(&format!("; the run needs {} to {}", asked.0, asked.1));
    if matches!(spec.role, SeriesRole::Rate(_) | SeriesRole::Reserve(_)) {
        sentence.push_str(", and a snapshot before");
    }
    Fault::new(Code::Data002, sentence).on(&spec.name)
}
