//! How much a model may leave unsaid, or say too late: with more of a run's bars without a signal in time a run is refused,
//! because its figures would be those of a strategy that was mostly asleep.

use rust_decimal::Decimal;

use crate::config::{Fault, SeriesRole, Setup};
use crate::types::{Code, Span, Timestamp};

use super::loaded::Loaded;
use super::series::Series;
use super::signal;
use super::told::length;

/// What a model has said late of a range's bars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Late {
    /// Bars whose signal is known later than at their close.
    pub bars: usize,
    /// Those of them whose signal nobody can act on: at the step at which it is known it is older than `signal.max_age`, or the
    /// next bar's is known with it or before.
    pub too_late: usize,
    /// By how much the latest is known after its bar's close.
    pub most: Span,
    /// The age at which each signal that no later one overtakes would be acted on.
    pub age_needed: Span,
}

/// What of the bars of a range is known late.
pub(super) fn late(
    series: &Series,
    (step, max_age): (Span, Span),
    (from, to): (Timestamp, Timestamp),
) -> Late {
    let mut late = Late::default();
    for (bar, known_at) in
        signal::bars(series).into_iter().filter(|(bar, _)| (from..=to).contains(bar))
    {
        let closed = bar + step;
        if known_at <= closed {
            continue;
        }
        late.bars += 1;
        late.most = late.most.max(known_at - closed);
        let age = (known_at - closed).ms().div_euclid(step.ms());
        let is_between = (known_at - closed).ms() % step.ms() != 0;
        // It is acted on at the first step at which it is known.
        let age = Span::from_ms((age + i64::from(is_between)) * step.ms());
        let is_overtaken = series.overtaken.binary_search(&(bar, known_at)).is_ok();
        if is_overtaken || age > max_age {
            late.too_late += 1;
        }
        // What is known after the last step may still be overtaken.
        if !is_overtaken && known_at <= to {
            late.age_needed = late.age_needed.max(age);
        }
    }
    late
}

/// Whether a file of signals says enough of the run's bars, and in time.
///
/// # Errors
/// DATA-005 where more than `signal.max_missing` of them have none in time, or all of them.
pub(super) fn check(setup: &Setup, loaded: &Loaded) -> Result<(), Fault> {
    let Some(spec) = setup.series.iter().find(|spec| spec.role == SeriesRole::Signal) else {
        return Ok(());
    };
    let gaps = || loaded.gaps.iter().filter(|gap| gap.series == spec.name);
    let (missing, late) = (gaps().map(|gap| gap.rows).sum::<usize>(), loaded.late);
    let silent = missing + late.too_late;
    let bars = usize::try_from((loaded.to - loaded.from).ms() / setup.step.ms()).unwrap_or(0) + 1;
    let (share, allowed) = (Decimal::from(silent) / Decimal::from(bars), setup.signal.max_missing);
    if share <= allowed.get() && silent < bars {
        return Ok(());
    }
    let gap = gaps().max_by_key(|gap| gap.rows).map_or(String::new(), |longest| {
        format!("the longest gap from {} to {}", longest.first, longest.last)
    });
    let (rows, they, their) = match late.too_late {
        1 => ("row", "it is", "its bar"),
        _ => ("rows", "they are", "their bars"),
    };
    let known = format!(
        "known up to {} after the close of {their} (known_at), too late to act on",
        length(late.most)
    );
    let too_late = late.too_late;
    let what = match (missing, too_late) {
        (_, 0) => format!("{silent} of {bars} bars have no signal, {gap}"),
        (0, _) => format!("{silent} of {bars} bars have no signal in time: {they} {known}"),
        _ => format!(
            "{silent} of {bars} bars have no signal in time: {missing} have no row, {gap}; {too_late} {rows} {} {known}",
            if too_late == 1 { "is" } else { "are" }
        ),
    };
    let sentence =
        format!("{what}; signal.max_missing allows {} of them", allowed.get().normalize());
    Err(Fault::new(Code::Data005, sentence).on(&spec.name).suggest(advice(
        setup,
        (missing, silent, bars),
        late,
    )))
}

/// What to do where bars have no signal in time.
fn advice(setup: &Setup, (missing, silent, bars): (usize, usize, usize), late: Late) -> String {
    let mut ways = Vec::new();
    if missing > 0 {
        ways.push("bring the missing rows".to_owned());
    }
    if late.too_late > 0 {
        ways.push("bring rows that are known in time".to_owned());
    }
    if late.age_needed > setup.signal.max_age {
        let minutes = Decimal::from(late.age_needed.ms()) / Decimal::from(60_000);
        let minutes = minutes.normalize();
        ways.push(format!("let older ones stand with signal.max_age_minutes={minutes}"));
    }
    ways.push("choose a range inside".to_owned());
    if silent < bars {
        let share = Decimal::from(silent) / Decimal::from(bars) + Decimal::new(5, 3);
        let share = share.round_dp(2).min(Decimal::ONE).normalize();
        ways.push(format!("set signal.max_missing={share} where the model is meant to be silent"));
    }
    match ways.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{}, or {last}", first.join(", ")),
        None => String::new(),
    }
}
