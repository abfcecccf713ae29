//! Stresses: what a desk fears, each a defined path that a run's data is bent to before the run is made of it.
//!
//! A stress changes rows from its start on and leaves every row before it as it was, so the script, the engine and the simulated
//! venues meet it through the views that they always look through, and nothing can know it early. What a venue does beside its
//! data (it is down, fills half, closes a short) is handed to the simulated world as an [`Ordeal`]. The catalogue is
//! [`all`]; `docs/stress.md` is written from it.

mod asked;
mod bent;
mod catalogue;
mod ordeal;
mod page;
mod path;
mod prices;
mod rates;
mod reserves;
mod silence;
#[cfg(test)]
mod tests;
mod thresholds;
mod words;

use rust_decimal::Decimal;

use crate::config::{Faults, Setup};
use crate::types::{Code, Coded, Span, Timestamp};

use super::loaded::Loaded;
use bent::Bent;
use catalogue::Shock;
use path::Path;

pub use asked::{Asked, Begun};
pub use catalogue::{Stress, all, named};
pub use ordeal::{Ordeal, Plight};
pub use page::{list, stress_md};

/// What of a run is stressed; nothing by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stressed {
    /// The stresses, in the order of their starts.
    pub begun: Vec<Begun>,
    /// What venues do beside their data.
    pub ordeals: Vec<Ordeal>,
    /// The way of prices in a quote token that loses its peg.
    depegs: Vec<Path>,
}

impl Stressed {
    /// What one quote token is worth in US dollars at a time; `None` where it is not stressed, and taken for one.
    pub fn quote_in_usd(&self, at: Timestamp) -> Option<Decimal> {
        let ways = (!self.depegs.is_empty()).then_some(&self.depegs)?;
        let risen: Decimal = ways.iter().map(|way| way.at(at)).product();
        Decimal::ONE.checked_div(risen)
    }

    /// The stresses as they are asked for, each with its start: `slash@2024-10-01T00:00:00Z`.
    pub fn told(&self) -> Vec<String> {
        self.begun.iter().map(ToString::to_string).collect()
    }
}

/// Bends what was loaded for a run, and the dated rules of its setup. What does nothing for this run is told among the warnings.
///
/// # Errors
/// DATA-007 for a start outside of the run or off its grid, and for the same stress twice at one start.
pub fn apply(setup: &mut Setup, mut loaded: Loaded, asked: &[Asked]) -> Result<Loaded, Faults> {
    let begun = asked::begun(asked, loaded.from, loaded.to, setup.step)?;
    if begun.is_empty() {
        return Ok(loaded);
    }
    // Values are bent before rows are taken away: who does not see a price does not see the stressed one either.
    let mut in_order = begun.clone();
    in_order.sort_by_key(|begun| begun.stress.shock.silences());
    let mut bent = Bent::of(setup, &loaded.data);
    let mut stressed = Stressed { begun, ..Stressed::default() };
    for begun in in_order {
        let works = work(&mut bent, &mut stressed, begun);
        loaded.warnings.extend(remarks(begun, loaded.to, works));
    }
    let Bent { data, universe, gaps, .. } = bent;
    setup.universe = universe;
    loaded.gaps.extend(gaps);
    loaded.data = data.into();
    loaded.stress = stressed;
    Ok(loaded)
}

/// Does what a stress is; whether there was anything to do it to.
fn work(bent: &mut Bent, stressed: &mut Stressed, begun: Begun) -> bool {
    let Begun { stress, from } = begun;
    let during = During { from, until: from + stress.lasts.unwrap_or(FOR_GOOD) };
    match stress.shock {
        Shock::Prices { percent } => {
            prices::bend(bent, Path::between(during, Decimal::new(100 + percent, 2)))
        }
        Shock::Quote { percent } => {
            let way = Path::between(during, Decimal::ONE_HUNDRED / Decimal::from(percent));
            stressed.depegs.push(way);
            prices::bend(bent, way)
        }
        Shock::MarketRate { percent } => rates::sold_for(bent, during, percent),
        Shock::Slash { percent } => rates::slash(bent, during, percent),
        Shock::Funding { percent_a_year } => rates::funding(bent, during, percent_a_year),
        Shock::Gas { times } => rates::gas(bent, during, times),
        Shock::BorrowRate { percent_a_year } => reserves::dearer(bent, during, percent_a_year),
        Shock::Drained { percent_a_year } => {
            reserves::drained(bent, &mut stressed.ordeals, during, percent_a_year)
        }
        Shock::Down => silence::down(bent, &mut stressed.ordeals, during),
        Shock::Fills { percent } => ordeal::fills(bent, &mut stressed.ordeals, during, percent),
        Shock::Deleverage => ordeal::deleverage(bent, &mut stressed.ordeals, during),
        Shock::Stale => silence::stale(bent, during),
        Shock::Thresholds { points } => thresholds::cut(&mut bent.universe, during.from, points),
    }
}

/// From when until when a stress lasts, the end not included.
#[derive(Clone, Copy, Debug)]
struct During {
    from: Timestamp,
    until: Timestamp,
}

impl During {
    fn has(self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// Longer than any run.
const FOR_GOOD: Span = Span::from_hours(24 * 365 * 200);

/// What a person should know of a stress in this run.
fn remarks(begun: Begun, to: Timestamp, works: bool) -> Option<Coded> {
    let name = begun.stress.name;
    let told = |sentence: String| Some(Coded::new(Code::Data007, sentence));
    if !works {
        let needs = words::needs(begun.stress.shock);
        return told(format!("{name} does nothing in this run, whose mode has no {needs}"));
    }
    let ends = begun.from + begun.stress.lasts.unwrap_or_default();
    if ends > to {
        return told(format!("{name} would last until {ends}; the run ends before it, at {to}"));
    }
    None
}
