//! Atomic groups on chain: all legs happen in order, or none does and only gas is gone.
//!
//! Each leg sees what the legs before it left. An undo log takes a failed group back; nothing is copied.

use crate::types::{Cause, GroupOutcome, Operation, Posting, Rejection};

use super::chain::{self, Within};
use super::floor::refused_group;
use super::refusal::refused;
use super::request::Request;
use super::session::Session;
use super::wallet::Arrival;

/// A group's end, and what is on its way after it.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) outcome: GroupOutcome,
    pub(super) arrivals: Vec<Arrival>,
}

/// Executes the legs as one transaction; the leg of this index, where there is one, reverts for reasons of its protocol's own.
pub(super) fn execute(
    session: &mut Session,
    legs: &[Request],
    reverting: Option<usize>,
) -> Settled {
    let gas = legs.iter().filter_map(|leg| chain::gas_posting(session, &leg.operation));
    let gas = gas.reduce(|sum, gas| Posting { amount: sum.amount + gas.amount, ..sum });
    if let Err(rejection) = chain::pays_gas(session, gas) {
        return Settled { outcome: refused_group(rejection), arrivals: Vec::new() };
    }
    let mut undo = session.ledger.undo_log();
    let mut executions = Vec::with_capacity(legs.len());
    let mut arrivals = Vec::new();
    for (index, leg) in legs.iter().enumerate() {
        let prepared = if reverting == Some(index) {
            let name = leg.operation.name();
            Err(refused("REVERTED", format!("the {name} reverted without a reason")))
        } else {
            on_chain(session, &leg.operation)
                .and_then(|()| chain::prepare(session, leg, Within::Group))
        };
        let is_last = index + 1 == legs.len();
        let rejection = match prepared {
            Ok(prepared) => {
                session.ledger.post_logged(&prepared.execution.deltas, &mut undo);
                session.ledger.depth_mut().draws.extend(prepared.draw);
                arrivals.extend(prepared.arrival);
                executions.push(prepared.execution);
                if is_last { chain::open_flash_loan(session) } else { None }
            }
            Err(rejection) => Some(rejection),
        };
        if let Some(rejection) = rejection {
            session.ledger.roll_back(undo);
            let outcome = rolled_back(session, &legs[..=index], rejection);
            return Settled { outcome, arrivals: Vec::new() };
        }
    }
    session.ledger.commit(&executions);
    Settled { outcome: GroupOutcome::Committed(executions), arrivals }
}

/// Whether an operation can be part of a transaction at all.
fn on_chain(session: &Session, operation: &Operation) -> Result<(), Rejection> {
    let universe = session.universe();
    if universe.venue(operation.venue(universe)).kind.is_on_chain() {
        return Ok(());
    }
    let message =
        format!("{} is no operation on chain and cannot be part of a group", operation.name());
    Err(refused("NOT_ATOMIC", message))
}

/// The gas of the legs that ran is gone, as far as there is any; the failing leg counts.
fn rolled_back(session: &mut Session, tried: &[Request], rejection: Rejection) -> GroupOutcome {
    let mut deltas = Vec::new();
    for leg in tried {
        let Some(gas) = chain::gas_posting(session, &leg.operation) else { continue };
        let held = session.ledger.quantity(gas.key);
        let burnt = Posting::plain(gas.key, gas.amount.max(-held), Cause::Gas);
        if burnt.amount.is_negative() {
            session.ledger.post(&[burnt]);
            deltas.push(burnt);
        }
    }
    GroupOutcome::RolledBack { leg: (tried.len() - 1) as u16, rejection, deltas }
}
