//! Collateral that counts for less from a date on: the protocol's largest loan-to-value and its liquidation threshold are cut.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::types::chain::{CollateralRules, Protocol, in_force};
use crate::types::{Rate, Timestamp, Universe};

/// Cuts both at every lending venue, in efficiency modes and outside; whether anything is borrowed anywhere.
pub(super) fn cut(universe: &mut Arc<Universe>, at: Timestamp, points: i64) -> bool {
    let points = Decimal::new(points, 2);
    let cut: Vec<_> = universe
        .venues()
        .iter()
        .filter_map(|venue| match &venue.protocol {
            Protocol::Lending(rules) => Some((venue.id, rules.clone())),
            _ => None,
        })
        .collect();
    let mut is_borrowed = false;
    for (venue, mut rules) in cut {
        let mut reserves = universe.reserves().iter().filter(|reserve| reserve.venue == venue);
        is_borrowed |= reserves.any(|reserve| reserve.borrowed.is_some());
        for reserve in &mut rules.reserves {
            lower(&mut reserve.collateral, at, points);
        }
        if let Some(mode) = &mut rules.e_mode {
            lower(&mut mode.rules, at, points);
        }
        Arc::make_mut(universe).set_protocol(venue, Protocol::Lending(rules));
    }
    is_borrowed
}

/// The figures in force at the time hold until it; from then on they, and those of later dates, are lower.
fn lower(table: &mut Vec<CollateralRules>, at: Timestamp, points: Decimal) {
    let held = in_force(table, at).filter(|rules| rules.as_of < at).copied();
    table.extend(held.map(|rules| CollateralRules { as_of: at, ..rules }));
    table.sort_by_key(|rules| rules.as_of);
    for rules in table.iter_mut().filter(|rules| rules.as_of >= at) {
        for figure in [&mut rules.max_ltv, &mut rules.threshold] {
            *figure = Rate::new((figure.get() - points).max(Decimal::ZERO));
        }
    }
}
