//! The capital at the start and where it lies: all in the wallet unless the configuration spreads it.

use rust_decimal::Decimal;

use crate::types::venue::VenueKind;
use crate::types::{Code, KeyId, Quantity};

use super::super::section::{Bounds, Section};
use super::world::World;

/// The capital in the share class, and the balances that make it up.
pub(super) struct Capital {
    pub(super) total: Decimal,
    pub(super) balances: Vec<(KeyId, Quantity)>,
}

/// Reads capital and initial balances. A share class's capital is a proposal that given balances replace; a capital from
/// anywhere else must be their sum.
pub(super) fn read(root: &Section<'_>, world: &World) -> Capital {
    let section = root.at("capital");
    let capital = section.decimal(Bounds::Positive);
    let spread = root.at("initial_balances");
    if !spread.is_set() || spread.entries().is_empty() {
        let balances = in_wallet(&section, world, capital);
        return Capital { total: capital, balances: balances.into_iter().collect() };
    }
    let balances: Vec<(KeyId, Quantity)> = spread
        .entries()
        .into_iter()
        .filter_map(|(name, amount)| balance(name, &amount, world))
        .collect();
    let total: Decimal = balances.iter().map(|(_, quantity)| quantity.get()).sum();
    if total.is_zero() && !balances.is_empty() {
        spread.fault(Code::Config005, "they sum to 0; a run begins with capital".to_owned());
    }
    let is_proposal = section.origin().is_some_and(|origin| origin.contains("share_classes/"));
    if !is_proposal && total != capital && !total.is_zero() {
        section.fault(
            Code::Config005,
            match &spread.entries()[..] {
                [(name, _)] => format!(
                    "initial_balances sum to {total}, but the capital is {capital}; set initial_balances.{name} to {capital} as well"
                ),
                _ => format!(
                    "initial_balances sum to {total}, but the capital is {capital}; make them equal"
                ),
            },
        );
    }
    Capital { total, balances }
}

fn in_wallet(section: &Section<'_>, world: &World, capital: Decimal) -> Option<(KeyId, Quantity)> {
    let wallet = world.universe.venues().iter().find(|venue| venue.kind == VenueKind::Wallet);
    let key = wallet.and_then(|wallet| world.universe.token_key(wallet.id, world.share));
    match key {
        Some(key) => Some((key, fitting(section, world, key, capital))),
        None => {
            section.fault(
                Code::Config004,
                "without a wallet that holds the share class's token the capital needs initial_balances: { venue.token: amount }",
            );
            None
        }
    }
}

/// One `venue.token: amount`.
fn balance(name: &str, amount: &Section<'_>, world: &World) -> Option<(KeyId, Quantity)> {
    let universe = &world.universe;
    let number = amount.decimal(Bounds::NotNegative);
    let parts = name.split_once('.');
    let key = parts.and_then(|(venue, token)| {
        universe.token_key(universe.venue_named(venue)?, universe.token_named(token)?)
    });
    let share = universe.token(world.share);
    match key {
        Some(key) if universe.instrument(key).token == world.share => {
            Some((key, fitting(amount, world, key, number)))
        }
        Some(_) => {
            // Another token's worth is unknown before the data is read, so it could not be checked against the capital.
            amount.fault(
                Code::Config003,
                format!("capital starts as {share}, the share class's token"),
            );
            None
        }
        None => {
            let known: Vec<String> = universe
                .venues()
                .iter()
                .filter(|venue| universe.token_key(venue.id, world.share).is_some())
                .map(|venue| format!("{}.{share}", venue.name))
                .collect();
            amount.unknown(name, "a venue.token of the mode is expected", &known);
            None
        }
    }
}

/// The amount, which must not be finer than its key's smallest unit.
pub(super) fn fitting(
    section: &Section<'_>,
    world: &World,
    key: KeyId,
    amount: Decimal,
) -> Quantity {
    let decimals = world.universe.instrument(key).decimals;
    if amount.normalize().scale() > decimals {
        let name = &world.universe.instrument(key).name;
        section.fault(
            Code::Config003,
            format!("{amount} is finer than the {decimals} decimals of {name}"),
        );
    }
    Quantity::new(amount)
}
