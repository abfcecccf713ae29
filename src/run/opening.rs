//! What lies at the venues when a run begins: the configuration's balances, with the gas tank bought from the capital.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::config::Setup;
use crate::market::View;
use crate::types::{Code, Coded, KeyId, Quantity, Timestamp, VenueId};

/// Replaces the setup's initial balances by those of the opening: as much of the first wallet balance as the gas tank costs
/// is held as the gas token instead, at the reference prices of the first step.
///
/// # Errors
/// CONFIG-005 when there is no gas key or nothing to buy the gas from, and when what is borrowed against does not count as
/// collateral yet; EXP-003 when a price is missing.
pub fn opening(setup: Arc<Setup>, view: &View) -> Result<Arc<Setup>, Coded> {
    collateral_counts(&setup, view.now())?;
    if setup.gas_tank.is_zero() {
        return Ok(setup);
    }
    let mut setup = Arc::unwrap_or_clone(setup);
    let universe = setup.universe.clone();
    let gas = universe.venues().iter().find_map(|venue| venue.gas.as_ref()).ok_or_else(|| {
        Coded::new(
            Code::Config005,
            "a gas tank is configured, but no venue of the mode charges gas; set gas_tank to 0",
        )
    })?;
    let wallet = universe.instrument(gas.key).venue;
    let price_of = |key: KeyId| -> Result<Decimal, Coded> {
        let token = universe.instrument(key).token;
        view.reference(token).map(|price| price.get()).ok_or_else(|| {
            let name = universe.token(token);
            Coded::new(
                Code::Exp003,
                format!("{name} has no price at {}, so the gas tank cannot be funded", view.now()),
            )
        })
    };
    let cost = price_of(gas.key)? * setup.gas_tank.get();
    let mut has_paid = false;
    for (key, amount) in &mut setup.initial_balances {
        let instrument = universe.instrument(*key);
        if instrument.venue != wallet || *key == gas.key {
            continue;
        }
        let price = price_of(*key)?;
        let paid = Quantity::new(cost / price).away_from_zero(instrument.decimals);
        if *amount > paid {
            *amount -= paid;
            has_paid = true;
            break;
        }
    }
    let tank = setup.gas_tank;
    match setup.initial_balances.iter_mut().find(|(key, _)| *key == gas.key) {
        // Capital in the gas token itself: part of it is the tank.
        Some((_, amount)) if !has_paid && *amount > tank => {}
        Some((_, amount)) if has_paid => *amount += tank,
        None if has_paid => setup.initial_balances.push((gas.key, tank)),
        _ => return Err(too_dear(&setup, gas.key, cost, view.now())),
    }
    Ok(Arc::new(setup))
}

/// Nothing pays for the gas tank, or nothing would be left beside it.
fn too_dear(setup: &Setup, gas: KeyId, cost: Decimal, now: Timestamp) -> Coded {
    let universe = &setup.universe;
    let token = universe.token(universe.instrument(gas).token);
    let why = match setup.initial_balances.iter().find(|(key, _)| *key == gas) {
        Some((_, amount)) => format!("leaves nothing of the {amount} {token} in the wallet"),
        None => format!(
            "costs {} {} at {now}, more than any balance of the wallet",
            cost.round_dp(2).normalize(),
            universe.token(setup.quote)
        ),
    };
    let tank = setup.gas_tank;
    let message =
        format!("a gas tank of {tank} {token} {why}; lower gas_tank or put more into the wallet");
    Coded::new(Code::Config005, message)
}

/// What a mode borrows against must count as collateral from the first step on: figures carry the date from which they hold.
fn collateral_counts(setup: &Setup, now: Timestamp) -> Result<(), Coded> {
    let universe = &setup.universe;
    let borrows = |venue: VenueId| {
        let mut reserves = universe.reserves().iter();
        reserves.any(|reserve| reserve.venue == venue && reserve.borrowed.is_some())
    };
    for reserve in universe.reserves().iter().filter(|reserve| reserve.supplied.is_some()) {
        let rules = universe.lending(reserve.venue).filter(|_| borrows(reserve.venue));
        let Some(rules) = rules else { continue };
        if rules.collateral(reserve.id, reserve.token, now).is_none() {
            let (venue, token) =
                (&universe.venue(reserve.venue).name, universe.token(reserve.token));
            let message = format!(
                "{venue} has no ltv and threshold of {token} for {now}: every as_of of its tables is later; begin later, or add \
                 a table with an earlier as_of"
            );
            return Err(Coded::new(Code::Config005, message));
        }
    }
    Ok(())
}
