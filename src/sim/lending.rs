//! A lending venue after Aave V3: scaled balances, indices in ray, and the checks that the pool makes, in its order.
//!
//! Interest needs no posting: a scaled balance is what it is, and its index grows. Indices come from the data, so our own
//! supply and debt do not move the rates; free liquidity and caps are checked where the data has totals.

use ruint::aliases::U256;
use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::types::chain::{LendingRules, Reserve};
use crate::types::{Cause, KeyId, Posting, Quantity, Rejection, ReserveId, TokenId, VenueId};

use super::ray::{
    WAD_PLACES, as_percentage, as_ray, percent_div, percent_mul, quantity, ray_div, ray_mul, units,
    wad, wad_div,
};
use super::refusal::{refused, unavailable};
use super::session::Session;

/// The postings of an operation, and how much of the asked amount it was for.
pub(super) type Parts = (SmallVec<[Posting; 4]>, Quantity);

/// A token is lent.
pub(super) fn supply(
    session: &Session,
    reserve: &Reserve,
    amount: Quantity,
) -> Result<Parts, Rejection> {
    let key = reserve.supplied.ok_or_else(|| closed(session, reserve, "supplied"))?;
    let pool = Pool::open(session, reserve)?;
    let asked = pool.units(amount);
    pool.has_room(session, reserve, key, amount)?;
    let minted = ray_div(asked, pool.supply_index);
    if minted.is_zero() {
        return Err(less_than_a_unit("INVALID_MINT_AMOUNT", amount));
    }
    let claim = pool.quantity(minted)?;
    Ok((moved(Cause::Supply, reserve.underlying, -amount, key, claim), amount))
}

/// A lent token is taken back; what is owed must stay covered.
pub(super) fn withdraw(
    session: &Session,
    reserve: &Reserve,
    amount: Quantity,
) -> Result<Parts, Rejection> {
    let key = reserve.supplied.ok_or_else(|| closed(session, reserve, "supplied"))?;
    let pool = Pool::open(session, reserve)?;
    let asked = pool.units(amount);
    let scaled = pool.units(session.ledger.quantity(key));
    let balance = ray_mul(scaled, pool.supply_index);
    if asked > balance {
        let message = format!(
            "{} of {} is supplied; {amount} is more",
            pool.quantity(balance)?,
            session.universe().token(reserve.token)
        );
        return Err(refused("NOT_ENOUGH_AVAILABLE_USER_BALANCE", message));
    }
    pool.has_liquidity(session, reserve, asked)?;
    let burnt = ray_div(asked, pool.supply_index).min(scaled);
    if burnt.is_zero() {
        return Err(less_than_a_unit("INVALID_BURN_AMOUNT", amount));
    }
    let account = account(session, reserve.venue, Some((key, scaled - burnt)))?;
    if account.health_factor() < wad() {
        let message = format!(
            "without {amount} of {} the debt would not be covered any more",
            session.universe().token(reserve.token)
        );
        return Err(refused("HEALTH_FACTOR_LOWER_THAN_LIQUIDATION_THRESHOLD", message));
    }
    let claim = pool.quantity(burnt)?;
    Ok((moved(Cause::Supply, reserve.underlying, amount, key, -claim), amount))
}

/// A token is borrowed against what is supplied.
pub(super) fn borrow(
    session: &Session,
    reserve: &Reserve,
    amount: Quantity,
) -> Result<Parts, Rejection> {
    let key = reserve.borrowed.ok_or_else(|| closed(session, reserve, "borrowed"))?;
    let pool = Pool::open(session, reserve)?;
    let asked = pool.units(amount);
    let token = session.universe().token(reserve.token);
    let lending = rules(session, reserve.venue)?;
    if lending.e_mode.as_ref().is_some_and(|mode| !mode.borrow.contains(&reserve.token)) {
        let message = format!("{token} cannot be borrowed in this efficiency mode");
        return Err(refused("NOT_BORROWABLE_IN_EMODE", message));
    }
    pool.has_liquidity(session, reserve, asked)?;
    let before = account(session, reserve.venue, None)?;
    if before.collateral.is_zero() {
        return Err(refused(
            "COLLATERAL_BALANCE_IS_ZERO",
            format!("nothing is supplied against {token}"),
        ));
    }
    if before.health_factor() < wad() {
        let message = "the account can be liquidated; it cannot borrow".to_owned();
        return Err(refused("HEALTH_FACTOR_LOWER_THAN_LIQUIDATION_THRESHOLD", message));
    }
    let value = asked * price(session, reserve.token)? / unit(pool.decimals);
    let needed = match before.max_ltv {
        ltv if ltv.is_zero() => U256::MAX,
        ltv => percent_div(before.debt + value, ltv),
    };
    if needed > before.collateral {
        let message = format!(
            "the collateral carries a loan-to-value of {}; {amount} {token} more would go beyond it",
            quantity(before.max_ltv, 4).unwrap_or_default()
        );
        return Err(refused("COLLATERAL_CANNOT_COVER_NEW_BORROW", message));
    }
    let minted = ray_div(asked, pool.borrow_index);
    if minted.is_zero() {
        return Err(less_than_a_unit("INVALID_MINT_AMOUNT", amount));
    }
    let debt = pool.quantity(minted)?;
    Ok((moved(Cause::Borrow, reserve.underlying, amount, key, debt), amount))
}

/// A borrowed token is paid back, at most what is owed.
pub(super) fn repay(
    session: &Session,
    reserve: &Reserve,
    amount: Quantity,
) -> Result<Parts, Rejection> {
    let key = reserve.borrowed.ok_or_else(|| closed(session, reserve, "borrowed"))?;
    let pool = Pool::open(session, reserve)?;
    let scaled = pool.units(session.ledger.quantity(key));
    let debt = ray_mul(scaled, pool.borrow_index);
    if debt.is_zero() {
        let token = session.universe().token(reserve.token);
        return Err(refused("NO_DEBT_OF_SELECTED_TYPE", format!("no {token} is owed")));
    }
    let paid = pool.units(amount).min(debt);
    let burnt = if paid == debt { scaled } else { ray_div(paid, pool.borrow_index).min(scaled) };
    if burnt.is_zero() {
        return Err(less_than_a_unit("INVALID_BURN_AMOUNT", amount));
    }
    let (paid, burnt) = (pool.quantity(paid)?, pool.quantity(burnt)?);
    Ok((moved(Cause::Borrow, reserve.underlying, -paid, key, -burnt), paid))
}

/// An amount that rounds to nothing of a scaled balance: without this it could be taken for nothing, wei by wei.
fn less_than_a_unit(code: &'static str, amount: Quantity) -> Rejection {
    refused(code, format!("{amount} is less than one unit"))
}

fn moved(
    cause: Cause,
    token: KeyId,
    tokens: Quantity,
    claim: KeyId,
    scaled: Quantity,
) -> SmallVec<[Posting; 4]> {
    let mut postings = SmallVec::new();
    postings.push(Posting::plain(token, tokens, cause));
    postings.push(Posting::plain(claim, scaled, cause));
    postings
}

/// A reserve at one moment, in whole units.
pub(super) struct Pool {
    pub(super) decimals: u32,
    pub(super) supply_index: U256,
    pub(super) borrow_index: U256,
}

impl Pool {
    pub(super) fn open(session: &Session, reserve: &Reserve) -> Result<Self, Rejection> {
        let indices =
            session.weather.supply_index(reserve.id).zip(session.weather.borrow_index(reserve.id));
        let (supply, borrow) = indices.ok_or_else(|| {
            let name = &session.universe().venue(reserve.venue).name;
            let token = session.universe().token(reserve.token);
            unavailable(format!("{name} has no figures of {token} at {}", session.now))
        })?;
        Ok(Self {
            decimals: session.key(reserve.underlying).decimals,
            supply_index: as_ray(supply),
            borrow_index: as_ray(borrow),
        })
    }

    pub(super) fn units(&self, amount: Quantity) -> U256 {
        units(amount.get(), self.decimals)
    }

    pub(super) fn quantity(&self, whole: U256) -> Result<Quantity, Rejection> {
        quantity(whole, self.decimals).ok_or_else(|| {
            refused("AMOUNT_TOO_LARGE", "the amount is beyond any balance".to_owned())
        })
    }

    /// Whether the supply cap, where one is set, leaves room for so much more beside what all others and we have supplied.
    fn has_room(
        &self,
        session: &Session,
        reserve: &Reserve,
        supplied: KeyId,
        amount: Quantity,
    ) -> Result<(), Rejection> {
        let rules = rules(session, reserve.venue)?.reserve(reserve.id);
        let cap = rules.and_then(|rules| rules.supply_cap);
        let (Some(cap), Some(figures)) = (cap, session.weather.reserve(reserve.id)) else {
            return Ok(());
        };
        let ours = ray_mul(self.units(session.ledger.quantity(supplied)), self.supply_index);
        let total = self.units(figures.supplied) + ours + self.units(amount);
        if total <= self.units(cap) {
            return Ok(());
        }
        let universe = session.universe();
        let (venue, token) = (&universe.venue(reserve.venue).name, universe.token(reserve.token));
        let message = format!(
            "{venue} holds {} {token} of all suppliers, and {amount} more would exceed its supply_cap of {cap}",
            figures.supplied
        );
        Err(refused("SUPPLY_CAP_EXCEEDED", message))
    }

    /// Whether so much lies in the pool: what all have supplied and not borrowed, with what is ours.
    fn has_liquidity(
        &self,
        session: &Session,
        reserve: &Reserve,
        asked: U256,
    ) -> Result<(), Rejection> {
        let Some(figures) = session.weather.reserve(reserve.id) else { return Ok(()) };
        let ours = |key: Option<KeyId>, index: U256| {
            let held = key.map(|key| session.ledger.quantity(key)).unwrap_or_default();
            ray_mul(self.units(held), index)
        };
        let lies = self.units(figures.supplied) + ours(reserve.supplied, self.supply_index);
        let lent = self.units(figures.borrowed) + ours(reserve.borrowed, self.borrow_index);
        let free = match session.ledger.depth().is_lent_out(session.now) {
            true => U256::ZERO,
            false => lies.saturating_sub(lent),
        };
        if asked <= free {
            return Ok(());
        }
        let message = format!(
            "{} {} are asked for, and {} lie in the pool of {}",
            self.quantity(asked)?,
            session.universe().token(reserve.token),
            self.quantity(free)?,
            session.universe().venue(reserve.venue).name
        );
        Err(refused("NOT_ENOUGH_LIQUIDITY", message))
    }
}

/// An account in the base currency of correlated tokens: wei of their common base.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Account {
    pub(super) collateral: U256,
    pub(super) debt: U256,
    /// Weighted by collateral, in hundredths of a per cent.
    max_ltv: U256,
    threshold: U256,
}

impl Account {
    /// In wad; the largest number without debt.
    pub(super) fn health_factor(&self) -> U256 {
        if self.debt.is_zero() {
            return U256::MAX;
        }
        wad_div(percent_mul(self.collateral, self.threshold), self.debt)
    }
}

/// The account at a venue, with one key's scaled balance replaced for a trial.
pub(super) fn account(
    session: &Session,
    venue: VenueId,
    trial: Option<(KeyId, U256)>,
) -> Result<Account, Rejection> {
    let lending = rules(session, venue)?;
    let mut account = Account::default();
    let (mut ltv, mut threshold) = (U256::ZERO, U256::ZERO);
    for reserve in session.universe().reserves().iter().filter(|it| it.venue == venue) {
        let scaled = |key: KeyId| match trial {
            Some((of, scaled)) if of == key => scaled,
            _ => units(session.ledger.quantity(key).get(), session.key(key).decimals),
        };
        let supplied = reserve.supplied.map_or(U256::ZERO, scaled);
        let borrowed = reserve.borrowed.map_or(U256::ZERO, scaled);
        if supplied.is_zero() && borrowed.is_zero() {
            continue;
        }
        let pool = Pool::open(session, reserve)?;
        let price = price(session, reserve.token)?;
        let worth = |scaled, index| ray_mul(scaled, index) * price / unit(pool.decimals);
        account.debt += worth(borrowed, pool.borrow_index);
        let value = worth(supplied, pool.supply_index);
        account.collateral += value;
        if let Some(figures) = lending.collateral(reserve.id, reserve.token, session.now) {
            ltv += value * as_percentage(figures.max_ltv);
            threshold += value * as_percentage(figures.threshold);
        }
    }
    if !account.collateral.is_zero() {
        account.max_ltv = ltv / account.collateral;
        account.threshold = threshold / account.collateral;
    }
    Ok(account)
}

/// A token's price in its base token, in wad: the protocol's rate for a staking token, one otherwise.
pub(super) fn price(session: &Session, token: TokenId) -> Result<U256, Rejection> {
    let rate = if session.universe().base(token) == token {
        Some(Decimal::ONE)
    } else {
        session.weather.rate(token)
    };
    rate.map(|rate| units(rate, WAD_PLACES)).ok_or_else(|| {
        let token = session.universe().token(token);
        unavailable(format!("{token} has no rate at {}", session.now))
    })
}

/// The rules of a lending venue.
pub(super) fn rules<'a>(
    session: &Session<'a>,
    venue: VenueId,
) -> Result<&'a LendingRules, Rejection> {
    session.universe().lending(venue).ok_or_else(|| {
        let name = &session.universe().venue(venue).name;
        refused("UNSUPPORTED", format!("{name} does not lend"))
    })
}

/// One token in its smallest units.
pub(super) fn unit(decimals: u32) -> U256 {
    units(Decimal::ONE, decimals)
}

fn closed(session: &Session, reserve: &Reserve, what: &str) -> Rejection {
    let (venue, token) = (session.universe().venue(reserve.venue), reserve.token);
    let token = session.universe().token(token);
    refused("UNSUPPORTED", format!("{token} is not {what} at {} in this run", venue.name))
}

/// The reserve behind an id.
pub(super) fn reserve<'a>(session: &Session<'a>, id: ReserveId) -> &'a Reserve {
    session.universe().reserve(id)
}
