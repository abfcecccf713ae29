//! How much a model may leave unsaid: with more of a run's bars without a signal a run is refused, because its figures would be
//! those of a strategy that was mostly asleep.

use rust_decimal::Decimal;

use crate::config::{Fault, SeriesRole, Setup};
use crate::types::Code;

use super::loaded::Loaded;

/// Whether a file of signals says enough of the run's bars.
///
/// # Errors
/// DATA-005 where more than `signal.max_missing` of them have none.
pub(super) fn check(setup: &Setup, loaded: &Loaded) -> Result<(), Fault> {
    let Some(spec) = setup.series.iter().find(|spec| spec.role == SeriesRole::Signal) else {
        return Ok(());
    };
    let gaps = || loaded.gaps.iter().filter(|gap| gap.series == spec.name);
    let silent: usize = gaps().map(|gap| gap.rows).sum();
    let bars = (loaded.to - loaded.from).ms() / setup.step.ms() + 1;
    let (share, allowed) = (Decimal::from(silent) / Decimal::from(bars), setup.signal.max_missing);
    let Some(longest) = gaps().max_by_key(|gap| gap.rows).filter(|_| share > allowed.get()) else {
        return Ok(());
    };
    let sentence = format!(
        "{silent} of {bars} bars have no signal, the longest gap from {} to {}; signal.max_missing allows {} of them",
        longest.first,
        longest.last,
        allowed.get().normalize()
    );
    let advice = format!(
        "bring the missing rows, choose a range inside, or set signal.max_missing={} where the model is meant to be silent",
        (share + Decimal::new(5, 3)).round_dp(2).min(Decimal::ONE).normalize()
    );
    Err(Fault::new(Code::Data005, sentence).on(&spec.name).suggest(advice))
}
