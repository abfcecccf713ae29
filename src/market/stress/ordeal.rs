//! What venues do under stress beside what their data says; the simulated world carries it out.

use rust_decimal::Decimal;

use crate::types::venue::VenueKind;
use crate::types::{MarketKind, Timestamp, Universe, VenueId};

use super::During;
use super::bent::Bent;

/// Something that the venues of a run do from a time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ordeal {
    /// What.
    pub plight: Plight,
    /// From when on.
    pub from: Timestamp,
    /// Until when, this not included.
    pub until: Timestamp,
}

/// What venues do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plight {
    /// The venue refuses orders and answers no questions.
    Down(VenueId),
    /// The venue fills this fraction of each order, in whole lots and one at least; the rest is cancelled.
    Fills(VenueId, Decimal),
    /// Lending pools give nothing out: what we supplied is lent, too.
    LentOut,
    /// The exchange with the largest short closes it at its price, once, as soon as there is one.
    Deleverage,
}

/// The venue that a stress is about: the mode's first exchange, else its first venue that lends, else the first that stakes.
pub(super) fn venue(universe: &Universe) -> Option<VenueId> {
    [VenueKind::Exchange, VenueKind::Lending, VenueKind::Staking]
        .into_iter()
        .find_map(|kind| first(universe, kind))
}

fn first(universe: &Universe, kind: VenueKind) -> Option<VenueId> {
    universe.venues().iter().find(|venue| venue.kind == kind).map(|venue| venue.id)
}

/// The first exchange fills a part of each order; whether there is an exchange.
pub(super) fn fills(bent: &Bent, ordeals: &mut Vec<Ordeal>, during: During, percent: i64) -> bool {
    let Some(venue) = first(&bent.universe, VenueKind::Exchange) else { return false };
    let plight = Plight::Fills(venue, Decimal::new(percent, 2));
    ordeals.push(Ordeal { plight, from: during.from, until: during.until });
    true
}

/// A short is closed; whether the mode has a perp to be short of.
pub(super) fn deleverage(bent: &Bent, ordeals: &mut Vec<Ordeal>, during: During) -> bool {
    let has_perps = bent.universe.markets().iter().any(|market| market.kind == MarketKind::Perp);
    if has_perps {
        let During { from, until } = during;
        ordeals.push(Ordeal { plight: Plight::Deleverage, from, until });
    }
    has_perps
}
