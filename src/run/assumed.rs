//! What a run assumes where its data is silent, in sentences: caps that nobody recorded, sizes that nobody sold.

use crate::config::{Costs, Setup};
use crate::types::chain::{LendingRules, Protocol, SwapRule};
use crate::types::venue::Venue;

/// The sentences, by venue.
pub(super) fn assumed(setup: &Setup) -> Vec<String> {
    let mut told = Vec::new();
    for venue in setup.universe.venues() {
        match &venue.protocol {
            Protocol::Lending(rules) => lending(setup, venue, rules, &mut told),
            Protocol::Swaps(swaps) if setup.costs == Costs::Full => {
                told.extend(swaps.first().map(|swap| sizes(setup, venue, swap)));
            }
            _ => {}
        }
    }
    told.extend(exchanges(setup));
    told
}

fn lending(setup: &Setup, venue: &Venue, rules: &LendingRules, told: &mut Vec<String>) {
    let universe = &setup.universe;
    let reserves = || universe.reserves().iter().filter(|reserve| reserve.venue == venue.id);
    let uncapped: Vec<&str> = reserves()
        .filter(|reserve| reserve.supplied.is_some())
        .filter(|reserve| rules.reserve(reserve.id).is_none_or(|rules| rules.supply_cap.is_none()))
        .map(|reserve| &**universe.token(reserve.token))
        .collect();
    let name = &venue.name;
    if !uncapped.is_empty() {
        let tokens = uncapped.join(", ");
        told.push(format!("{name}: no supply cap is set, so none is kept for {tokens}"));
    }
    told.push(format!("{name}: what the strategy lends and borrows does not move the rates"));
}

fn sizes(setup: &Setup, venue: &Venue, swap: &SwapRule) -> String {
    let largest = swap.costs.last().map(|cost| cost.size.get().normalize()).unwrap_or_default();
    let quote = setup.universe.token(setup.quote);
    format!(
        "{}: what a swap loses by its size is a setting, the same on every day, and the pool is full again at each step; beyond {largest} {quote} it grows with the power {}",
        venue.name, swap.power
    )
}

/// Spread and impact of fills at exchanges, where they are charged.
fn exchanges(setup: &Setup) -> Option<String> {
    let is_charged = |venue: &&Venue| {
        setup.conditions.get(venue.id.index()).is_some_and(|rules| rules.impact.is_some())
    };
    let charged = setup.universe.venues().iter().filter(is_charged);
    let names: Vec<&str> = charged.map(|venue| &*venue.name).collect();
    let told = format!(
        "{}: spread and impact of a fill are settings, an order book is full again at each step, and a stop or target meets no impact",
        names.join(", ")
    );
    (!names.is_empty()).then_some(told)
}
