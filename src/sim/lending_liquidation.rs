//! Liquidation at a lending venue, after Aave V3.3: somebody repays a part of the debt and takes collateral for it.
//!
//! Below a health factor of 1 the close factor of the whole debt may be repaid; all of it at a health factor of 0.95 and
//! below, or when debt or collateral are small. What is seized is worth what is repaid and the bonus. What cannot be covered
//! when all collateral is gone is written off by the pool.

use ruint::aliases::U256;
use rust_decimal::Decimal;

use crate::types::chain::Reserve;
use crate::types::{Cause, KeyId, Posting, Rejection, VenueId};

use super::lending::{Account, Pool, account, price, rules, unit};
use super::ray::{
    WAD_PLACES, as_percentage, percent_div, percent_mul, ray_div, ray_mul, units, wad,
};
use super::session::Session;

/// Liquidators come back until the account is healthy; each time a part is gone, so few times are enough.
const ROUNDS_MAX: usize = 32;

/// Repays and seizes until the account is healthy again; the postings of all rounds. Nothing where nothing is owed.
pub(super) fn run(session: &mut Session, venue: VenueId) -> Vec<Posting> {
    let mut all = Vec::new();
    if !owes(session, venue) {
        return all;
    }
    for _ in 0..ROUNDS_MAX {
        // Without figures nobody can liquidate.
        let Ok(postings) = round(session, venue, When::Unhealthy) else { break };
        if postings.is_empty() {
            break;
        }
        session.ledger.post(&postings);
        all.extend(postings);
    }
    all
}

/// One liquidation whatever the account's health; nothing where nothing is owed.
pub(super) fn at_once(session: &mut Session, venue: VenueId) -> Vec<Posting> {
    let postings = match round(session, venue, When::Anyway) {
        Ok(postings) if owes(session, venue) => postings,
        _ => Vec::new(),
    };
    session.ledger.post(&postings);
    postings
}

/// When a liquidator may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Below a health factor of 1.
    Unhealthy,
    /// Ordered by hand.
    Anyway,
}

fn owes(session: &Session, venue: VenueId) -> bool {
    let reserves = session.universe().reserves().iter().filter(|reserve| reserve.venue == venue);
    reserves
        .filter_map(|reserve| reserve.borrowed)
        .any(|key| session.ledger.quantity(key).is_positive())
}

/// One liquidation of the largest debt against the largest collateral.
fn round(session: &Session, venue: VenueId, when: When) -> Result<Vec<Posting>, Rejection> {
    let account = account(session, venue, None)?;
    let is_safe = when == When::Unhealthy && account.health_factor() >= wad();
    if account.debt.is_zero() || is_safe {
        return Ok(Vec::new());
    }
    let debt = largest(session, venue, |reserve| reserve.borrowed, |pool| pool.borrow_index)?;
    let Some(debt) = debt else { return Ok(Vec::new()) };
    let collateral = largest(session, venue, |reserve| reserve.supplied, |pool| pool.supply_index)?;
    let Some(collateral) = collateral else {
        // All collateral is gone: the pool takes the loss, as V3.3 does.
        return Ok(vec![Posting::plain(
            debt.key,
            -session.ledger.quantity(debt.key),
            Cause::Liquidation,
        )]);
    };
    let lending = rules(session, venue)?;
    let figures = lending.collateral(collateral.reserve.id, collateral.reserve.token, session.now);
    let bonus = figures.map(|figures| as_percentage(figures.bonus)).unwrap_or_default();
    let with_bonus = U256::from(10_000) + bonus;
    let may_repay = closable(session, &account, &debt, &collateral, venue)?;
    let mut repaid = may_repay.min(debt.balance);
    let worth = |amount: U256, of: &Side| amount * of.price / unit(of.pool.decimals);
    let mut seized = percent_mul(worth(repaid, &debt), with_bonus) * unit(collateral.pool.decimals)
        / collateral.price;
    if seized > collateral.balance {
        seized = collateral.balance;
        repaid = percent_div(worth(seized, &collateral), with_bonus) * unit(debt.pool.decimals)
            / debt.price;
        repaid = repaid.min(debt.balance);
    }
    let scaled = |side: &Side, amount: U256, index: U256| {
        let all = units(session.ledger.quantity(side.key).get(), side.pool.decimals);
        let part = if amount == side.balance { all } else { ray_div(amount, index).min(all) };
        side.pool.quantity(part)
    };
    let burnt = scaled(&debt, repaid, debt.pool.borrow_index)?;
    let taken = scaled(&collateral, seized, collateral.pool.supply_index)?;
    if burnt.is_zero() && taken.is_zero() {
        return Ok(Vec::new());
    }
    Ok(vec![
        Posting::plain(debt.key, -burnt, Cause::Liquidation),
        Posting::plain(collateral.key, -taken, Cause::Liquidation),
    ])
}

/// How much of a debt may be repaid: the close factor of the whole debt, or all of it.
fn closable(
    session: &Session,
    account: &Account,
    debt: &Side,
    collateral: &Side,
    venue: VenueId,
) -> Result<U256, Rejection> {
    let lending = rules(session, venue)?;
    let in_quote = |side: &Side| -> Option<Decimal> {
        let base = session.universe().base(side.reserve.token);
        let price = session.weather.reference(base)?.get();
        let whole =
            super::ray::quantity(side.balance * side.price / unit(side.pool.decimals), WAD_PLACES)?;
        whole.get().checked_mul(price)
    };
    let is_small = [debt, collateral]
        .into_iter()
        .any(|side| in_quote(side).is_some_and(|value| value < lending.small_position.get()));
    let is_deep = account.health_factor() <= units(lending.full_close_below, WAD_PLACES);
    if is_small || is_deep {
        return Ok(debt.balance);
    }
    let part = percent_mul(account.debt, as_percentage(lending.close_factor));
    Ok(part * unit(debt.pool.decimals) / debt.price)
}

/// One side of a liquidation.
struct Side<'a> {
    reserve: &'a Reserve,
    key: KeyId,
    pool: Pool,
    price: U256,
    /// In whole units of the token.
    balance: U256,
}

fn largest<'a>(
    session: &Session<'a>,
    venue: VenueId,
    key_of: impl Fn(&Reserve) -> Option<KeyId>,
    index_of: impl Fn(&Pool) -> U256,
) -> Result<Option<Side<'a>>, Rejection> {
    let mut found: Option<(U256, Side<'a>)> = None;
    for reserve in session.universe().reserves().iter().filter(|it| it.venue == venue) {
        let Some(key) = key_of(reserve) else { continue };
        let held = session.ledger.quantity(key);
        if !held.is_positive() {
            continue;
        }
        let (pool, price) = (Pool::open(session, reserve)?, price(session, reserve.token)?);
        let balance = ray_mul(pool.units(held), index_of(&pool));
        let value = balance * price / unit(pool.decimals);
        if found.as_ref().is_none_or(|(known, _)| value > *known) {
            found = Some((value, Side { reserve, key, pool, price, balance }));
        }
    }
    Ok(found.map(|(_, side)| side))
}
