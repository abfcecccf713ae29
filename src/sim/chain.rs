//! What an operation on chain will do: whose protocol it is, its postings, its gas, and whether it is covered.
//!
//! Nothing is posted here: a single operation is posted when it passes, a group when all of it does.

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::types::chain::{Draw, Protocol};
use crate::types::{Cause, Execution, Operation, Posting, Price, Quantity, Rejection, Reserve};

use super::dex::{self, Swap, Swapped};
use super::lending::{self, reserve};
use super::refusal::refused;
use super::request::Request;
use super::session::Session;
use super::staking;
use super::wallet::{self, Arrival};

const GWEI: u32 = 9;

/// What an operation will do, checked and not posted yet.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) execution: Execution,
    /// What is then on its way.
    pub(super) arrival: Option<Arrival>,
    /// What is then gone from a pool.
    pub(super) draw: Option<Draw>,
}

/// Whether an operation is sent by itself or as part of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    Itself,
    Group,
}

/// What an operation changes before its gas.
pub(super) struct Parts {
    pub(super) postings: SmallVec<[Posting; 4]>,
    pub(super) arrival: Option<Arrival>,
    pub(super) draw: Option<Draw>,
    /// How much was done of what was asked.
    pub(super) executed: Quantity,
    pub(super) price: Option<Price>,
}

/// Checks an operation on chain and works out its postings. Costs nothing and changes nothing when it refuses.
pub(super) fn prepare(
    session: &Session,
    request: &Request,
    within: Within,
) -> Result<Prepared, Rejection> {
    let Request { operation, quantity, .. } = request;
    if let Some(counted) = operation.counted_in(session.universe()) {
        wallet::whole_units(session, counted, *quantity)?;
    }
    let gas = gas_posting(session, operation);
    if within == Within::Itself {
        pays_gas(session, gas)?;
    }
    let mut parts = parts(session, request, within)?;
    parts.postings.extend(gas);
    wallet::covered(session, &parts.postings)?;
    let units = gas.and(session.universe().gas_of(operation)).map(|(_, units)| units);
    let execution = Execution {
        executed: parts.executed,
        average_price: parts.price,
        deltas: parts.postings.into_vec(),
        gas_used: units,
        submitted_at: session.now,
        executed_at: session.now,
    };
    Ok(Prepared { execution, arrival: parts.arrival, draw: parts.draw })
}

fn parts(session: &Session, request: &Request, within: Within) -> Result<Parts, Rejection> {
    let Request { operation, quantity, limit, .. } = *request;
    let plain = |(postings, executed): lending::Parts| Parts {
        postings,
        arrival: None,
        draw: None,
        executed,
        price: None,
    };
    match operation {
        Operation::Transfer { from, to } => {
            let (postings, arrival) = wallet::transfer(session, from, to, quantity)?;
            Ok(Parts { arrival, ..plain((postings, quantity)) })
        }
        Operation::Wrap { from, to } => {
            Ok(plain((wallet::wrap(session, from, to, quantity)?, quantity)))
        }
        Operation::Supply { reserve: id } => {
            lending::supply(session, reserve(session, id), quantity).map(plain)
        }
        Operation::Withdraw { reserve: id } => {
            lending::withdraw(session, reserve(session, id), quantity).map(plain)
        }
        Operation::Borrow { reserve: id } => {
            lending::borrow(session, reserve(session, id), quantity).map(plain)
        }
        Operation::Repay { reserve: id } => {
            lending::repay(session, reserve(session, id), quantity).map(plain)
        }
        Operation::Stake { venue } => {
            Ok(plain((staking::stake(session, venue, quantity)?, quantity)))
        }
        Operation::Unstake { venue } => {
            let (postings, arrival) = staking::unstake(session, venue, quantity)?;
            Ok(Parts { arrival: Some(arrival), ..plain((postings, quantity)) })
        }
        Operation::Swap { venue, from, to, exact } => {
            let swap = Swap { venue, from, to, exact, amount: quantity, limit };
            let Swapped { postings, price, draw } = dex::swap(session, &swap)?;
            Ok(Parts { price: Some(price), draw: Some(draw), ..plain((postings, quantity)) })
        }
        Operation::FlashBorrow { .. } | Operation::FlashRepay { .. }
            if within == Within::Itself =>
        {
            let message = "a flash loan lasts for one atomic group".to_owned();
            Err(refused("NOT_ATOMIC", message))
        }
        Operation::FlashBorrow { reserve: id } => {
            Ok(plain((flash(session, reserve(session, id), quantity, Decimal::ONE)?, quantity)))
        }
        Operation::FlashRepay { reserve: id } => {
            let back = Decimal::NEGATIVE_ONE;
            Ok(plain((flash(session, reserve(session, id), quantity, back)?, quantity)))
        }
        Operation::SpotTrade { .. } | Operation::PerpTrade { .. } | Operation::Protect { .. } => {
            let message = format!("{} is no operation on chain", operation.name());
            Err(refused("UNSUPPORTED", message))
        }
    }
}

/// A flash loan taken (direction 1) or paid back with its fee (−1).
fn flash(
    session: &Session,
    reserve: &Reserve,
    amount: Quantity,
    direction: Decimal,
) -> Result<SmallVec<[Posting; 4]>, Rejection> {
    let venue = session.universe().venue(reserve.venue);
    let (Protocol::Flash { fee }, Some(debt)) = (&venue.protocol, reserve.borrowed) else {
        return Err(refused("UNSUPPORTED", format!("{} gives no flash loans", venue.name)));
    };
    let change = Quantity::new(amount.get() * direction);
    let mut postings = SmallVec::new();
    postings.push(Posting::plain(reserve.underlying, change, Cause::Borrow));
    postings.push(Posting::plain(debt, change, Cause::Borrow));
    let decimals = session.key(reserve.underlying).decimals;
    let fee = (amount * *fee).away_from_zero(decimals);
    if direction.is_sign_negative() && !fee.is_zero() {
        postings.push(Posting::plain(reserve.underlying, -fee, Cause::Fee));
    }
    Ok(postings)
}

/// What a chain takes for an operation, from the gas key. `None` where gas is free: costs switched off, an exchange, or no
/// gas price known yet.
pub(super) fn gas_posting(session: &Session, operation: &Operation) -> Option<Posting> {
    let (rules, units) = session.universe().gas_of(operation)?;
    let gwei = session.weather.gas_gwei()?;
    let ether = Decimal::from(units) * gwei * Decimal::new(1, GWEI);
    let cost = Quantity::new(ether).away_from_zero(session.key(rules.key).decimals);
    (!cost.is_zero()).then(|| Posting::plain(rules.key, -cost, Cause::Gas))
}

/// Whether what a transaction pays for gas lies in the wallet before it: what it brings comes too late.
pub(super) fn pays_gas(session: &Session, gas: Option<Posting>) -> Result<(), Rejection> {
    let Some(gas) = gas else { return Ok(()) };
    let held = session.ledger.quantity(gas.key);
    if held + gas.amount >= Quantity::ZERO {
        return Ok(());
    }
    let key = &session.key(gas.key).name;
    let message = format!("{} are needed for gas, and {held} lie at {key}", -gas.amount);
    Err(refused("INSUFFICIENT_FUNDS", message))
}

/// Whether a transaction leaves a flash loan open, and where.
pub(super) fn open_flash_loan(session: &Session) -> Option<Rejection> {
    let universe = session.universe();
    let open = universe.reserves().iter().find(|reserve| {
        matches!(universe.venue(reserve.venue).protocol, Protocol::Flash { .. })
            && reserve.borrowed.is_some_and(|key| !session.ledger.quantity(key).is_zero())
    })?;
    let owed = session.ledger.quantity(open.borrowed?);
    let (token, venue) = (universe.token(open.token), &universe.venue(open.venue).name);
    let message =
        format!("{owed} {token} of {venue}'s flash loan are not paid back at the end of the group");
    Some(refused("FLASH_LOAN_NOT_REPAID", message))
}
