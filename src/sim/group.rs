//! Atomic groups of a wallet: all legs happen in order, or none does and only gas is gone.
//!
//! Each leg sees what the legs before it left. An undo log takes a failed group back; nothing is copied.

use crate::types::venue::VenueKind;
use crate::types::{Cause, GroupOutcome, Operation, Posting, Quantity, Rejection};

use super::ledger::UndoLog;
use super::refusal::refused;
use super::session::Session;
use super::wallet::{self, Arrival};

/// A group's end, and what is on its way after it.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) outcome: GroupOutcome,
    pub(super) arrivals: Vec<Arrival>,
}

/// Executes the legs as one transaction.
pub(super) fn execute(session: &mut Session, legs: &[(Operation, Quantity)]) -> Settled {
    let mut undo = UndoLog::default();
    let mut executions = Vec::with_capacity(legs.len());
    let mut arrivals = Vec::new();
    for (index, (operation, quantity)) in legs.iter().enumerate() {
        let prepared = on_chain(session, operation)
            .and_then(|()| wallet::prepare(session, operation, *quantity));
        match prepared {
            Ok(prepared) => {
                session.ledger.post_logged(&prepared.execution.deltas, &mut undo);
                arrivals.extend(prepared.arrival);
                executions.push(prepared.execution);
            }
            Err(rejection) => {
                session.ledger.roll_back(undo);
                let outcome = rolled_back(session, &legs[..=index], rejection);
                return Settled { outcome, arrivals: Vec::new() };
            }
        }
    }
    session.ledger.commit(&executions);
    Settled { outcome: GroupOutcome::Committed(executions), arrivals }
}

/// Whether an operation can be part of a transaction at all.
fn on_chain(session: &Session, operation: &Operation) -> Result<(), Rejection> {
    let from = match *operation {
        Operation::Transfer { from, .. } | Operation::Wrap { from, .. } => Some(from),
        _ => None,
    };
    let is_wallet = from.is_some_and(|from| {
        session.universe().venue(session.key(from).venue).kind == VenueKind::Wallet
    });
    if is_wallet {
        return Ok(());
    }
    let message =
        format!("{} is no operation of a wallet and cannot be part of a group", operation.name());
    Err(refused("NOT_ATOMIC", message))
}

/// The gas of the legs that ran is gone, as far as there is any; the failing leg counts.
fn rolled_back(
    session: &mut Session,
    tried: &[(Operation, Quantity)],
    rejection: Rejection,
) -> GroupOutcome {
    let mut deltas = Vec::new();
    for (operation, _) in tried {
        let units = wallet::gas_units(session, operation);
        let gas = units.and_then(|units| wallet::gas_posting(session, operation, units));
        let Some(gas) = gas else { continue };
        let held = session.ledger.quantity(gas.key);
        let burnt = Posting::plain(gas.key, gas.amount.max(-held), Cause::Gas);
        if burnt.amount.is_negative() {
            session.ledger.post(&[burnt]);
            deltas.push(burnt);
        }
    }
    GroupOutcome::RolledBack { leg: (tried.len() - 1) as u16, rejection, deltas }
}
