//! What a test has ordered to go wrong, and where: what never happens has tested nothing, and is told at its order.

use std::sync::Arc;

use crate::sim::{FaultKind, Mishap};
use crate::types::{Universe, VenueId};

use super::words;

/// A place in a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The file, as imports name it; empty where it is not known.
    pub(super) file: String,
    /// Line from 1; 0 where it is not known.
    pub(super) line: u32,
    /// Column from 1.
    pub(super) column: u32,
}

/// All orders of a test to one world.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    mishaps: Vec<(FaultKind, Option<VenueId>, Place)>,
    /// Liquidations of the next step.
    coming: Vec<(VenueId, Place)>,
    /// Liquidations that found nothing.
    missed: Vec<(VenueId, Place)>,
}

impl Orders {
    pub(super) fn add(&mut self, mishap: &Mishap, place: Place) {
        self.mishaps.push((mishap.kind, mishap.venue, place));
    }

    pub(super) fn add_liquidation(&mut self, venue: VenueId, place: Place) {
        self.coming.push((venue, place));
    }

    /// The venues at which the next step is to liquidate us.
    pub(super) fn liquidating(&self, universe: &Universe) -> Vec<Arc<str>> {
        self.coming.iter().map(|(venue, _)| universe.venue(*venue).name.clone()).collect()
    }

    /// A step has passed; at these venues there was nothing to liquidate.
    pub(super) fn stepped(&mut self, missed: &[Arc<str>], universe: &Universe) {
        let is_missed =
            |(venue, _): &(VenueId, Place)| missed.contains(&universe.venue(*venue).name);
        self.missed.extend(self.coming.drain(..).filter(is_missed));
    }

    /// What has not happened; `left` is what the world still has to do.
    pub(super) fn unmet(&self, left: &[Mishap], universe: &Universe) -> Vec<(String, Place)> {
        // Of two alike the first happens first.
        let mut ordered = self.mishaps.clone();
        let mut unmet: Vec<(String, Place)> = left
            .iter()
            .rev()
            .map(|mishap| {
                let is_it = |(kind, venue, _): &(FaultKind, Option<VenueId>, Place)| {
                    (*kind, *venue) == (mishap.kind, mishap.venue)
                };
                let order = ordered.iter().rposition(is_it).map(|index| ordered.remove(index));
                let place = order.map_or_else(Place::default, |(_, _, place)| place);
                (words::mishap(universe, mishap), place)
            })
            .collect();
        unmet.reverse();
        let liquidations = self.missed.iter().chain(&self.coming);
        unmet.extend(liquidations.map(|(venue, place)| {
            (words::liquidation(&universe.venue(*venue).name), place.clone())
        }));
        unmet
    }
}
