//! What cannot be seen: a venue that is down, and references that stand still.

use std::sync::Arc;

use crate::config::SeriesRole;
use crate::types::{MarketId, VenueId};

use super::super::data::{Reference, Slot};
use super::super::series::Series;
use super::super::told::Gap;
use super::During;
use super::bent::Bent;
use super::ordeal::{self, Ordeal, Plight};
use super::rates::standing;

/// The venue of the stress takes no orders, and its markets have no rows.
pub(super) fn down(bent: &mut Bent, ordeals: &mut Vec<Ordeal>, during: During) -> bool {
    let Some(venue) = ordeal::venue(&bent.universe) else { return false };
    ordeals.push(Ordeal { plight: Plight::Down(venue), from: during.from, until: during.until });
    for index in 0..bent.setup.series.len() {
        let (SeriesRole::Spot(market) | SeriesRole::Perp(market)) = bent.setup.series[index].role
        else {
            continue;
        };
        if bent.universe.market(market).venue == venue {
            silence(bent, index, market, during);
        }
    }
    true
}

/// Takes the rows of a market's candles away. What stands in for its gaps values these, too.
fn silence(bent: &mut Bent, index: usize, market: MarketId, during: During) {
    let spec = bent.setup.series[index].clone();
    let slot = bent.data.slots[index];
    let silent = without(&bent.data.stored[slot.own], during);
    let gap = gap(&bent.data.stored[slot.own], &spec.name, during);
    bent.gaps.extend(gap);
    let own = if is_of_others(bent, slot.own, bent.universe.market(market).venue) {
        bent.store(&spec.name, silent)
    } else {
        bent.data.stored[slot.own] = Arc::new(silent);
        slot.own
    };
    let stands_in = |name: &String| bent.data.names.iter().position(|known| known == name);
    let proxy = slot.proxy.or(spec.proxy.as_ref().and_then(stands_in));
    let now = Slot { own, proxy: proxy.filter(|proxy| *proxy != own) };
    bent.data.slots[index] = now;
    bent.data.candles[market.index()] = Some(now);
    for reference in &mut bent.data.references {
        if *reference == Reference::Series(slot) && own == slot.own {
            *reference = Reference::Series(now);
        }
    }
}

/// Whether the market of another venue goes by the same rows.
fn is_of_others(bent: &Bent, stored: usize, venue: VenueId) -> bool {
    bent.setup.series.iter().zip(&bent.data.slots).any(|(spec, slot)| match spec.role {
        SeriesRole::Spot(market) | SeriesRole::Perp(market) => {
            let uses = slot.own == stored || slot.proxy == Some(stored);
            uses && bent.universe.market(market).venue != venue
        }
        _ => false,
    })
}

/// Prices of tokens stay at what was last known before, and protocol rates at what they are when it begins. Markets that are
/// traded have prices of their own, which go on.
pub(super) fn stale(bent: &mut Bent, during: During) -> bool {
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for token in 0..bent.data.references.len() {
        let Reference::Series(slot) = bent.data.references[token] else { continue };
        let known = seen.iter().find(|(own, _)| *own == slot.own).map(|(_, still)| *still);
        let still = known.unwrap_or_else(|| {
            let name = bent.data.names[slot.own].clone();
            bent.store(&name, without(&bent.data.stored[slot.own], during))
        });
        seen.push((slot.own, still));
        bent.data.references[token] = Reference::Series(Slot { own: still, proxy: None });
    }
    for (spec, slot) in bent.setup.series.iter().zip(&mut bent.data.slots) {
        let still = seen.iter().find(|(own, _)| *own == slot.own).map(|(_, still)| *still);
        if let (SeriesRole::Price(_), Some(own)) = (spec.role, still) {
            *slot = Slot { own, proxy: None };
        }
    }
    let is_rated =
        bent.each(|_, role| matches!(role, SeriesRole::Rate(_)), |rates| standing(rates, during));
    is_rated || !seen.is_empty()
}

fn without(series: &Series, during: During) -> Series {
    let mut kept = series.filtered(|at| !during.has(at));
    kept.shrink();
    kept
}

/// The rows of a series that are taken away.
fn gap(series: &Series, name: &str, during: During) -> Option<Gap> {
    let stamps = (0..series.len()).map(|row| series.stamp(row));
    let gone: Vec<_> = stamps.filter(|at| during.has(*at)).collect();
    let (first, last) = (*gone.first()?, *gone.last()?);
    Some(Gap { series: name.to_owned(), first, last, rows: gone.len() })
}
