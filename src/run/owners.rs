//! What a run says of the money that owners bring and take.

use rust_decimal::Decimal;

use crate::config::{ScheduledFlow, Setup};
use crate::engine::{Flow, State};
use crate::market::Loaded;
use crate::records::summary::WithdrawalSummary;
use crate::types::{Code, Coded, Quantity, Timestamp, Value};

use super::summarise::hours;

/// Refuses a flow that no step can see as one: what is there at the first step is the capital.
///
/// # Errors
/// CONFIG-005 with the flow and the first step.
pub(super) fn check(setup: &Setup, loaded: &Loaded) -> Result<(), Coded> {
    match setup.capital_flows.first() {
        Some(flow) if flow.at <= loaded.from => {
            let (flow, from) = (told(setup, flow), loaded.from);
            let message = format!(
                "capital_flows: {flow} is not after the first step, {from}: what is there at the first step is `capital`"
            );
            Err(Coded::new(Code::Config005, message))
        }
        _ => Ok(()),
    }
}

/// Sentences about flows that did not happen.
pub(super) fn warnings(setup: &Setup, state: &State, loaded: &Loaded) -> Vec<String> {
    let late = setup.capital_flows.iter().filter(|flow| flow.at > loaded.to);
    let late = late
        .map(|flow| format!("{} is after the last step: nothing came of it", told(setup, flow)));
    let universe = &setup.universe;
    let unpaid = state.flows.iter().map(|asked| {
        let key = universe.instrument(asked.flow.key);
        let (amount, at) = (-asked.flow.amount, asked.flow.at);
        format!(
            "the withdrawal of {amount} {} asked for at {at} is not paid yet",
            universe.token(key.token)
        )
    });
    late.chain(large(setup)).chain(unpaid).collect()
}

/// Deposits of more than this many times the capital are told: they are more often a slip than meant.
const LARGE: Decimal = Decimal::TEN;

/// Deposits that dwarf the capital.
fn large(setup: &Setup) -> impl Iterator<Item = String> + '_ {
    let times = |flow: &ScheduledFlow| flow.amount.get().checked_div(setup.capital.get());
    setup.capital_flows.iter().filter_map(move |flow| {
        let times = times(flow).filter(|times| *times > LARGE)?.round();
        let flow = told(setup, flow);
        Some(format!(
            "capital_flows: {flow} is {times} times the capital: look whether that is meant"
        ))
    })
}

fn told(setup: &Setup, flow: &ScheduledFlow) -> String {
    let (kind, amount) = match flow.amount.is_negative() {
        true => ("withdrawal", -flow.amount),
        false => ("deposit", flow.amount),
    };
    format!("the {kind} of {amount} {} at {}", setup.share_class.name, flow.at)
}

/// What became of each withdrawal.
pub(super) fn withdrawals(state: &State, setup: &Setup) -> Vec<WithdrawalSummary> {
    let of =
        |asked: &Flow, paid: Option<Quantity>, cost: Value, until: Timestamp| WithdrawalSummary {
            asked_at: asked.at,
            key: setup.universe.instrument(asked.key).name.to_string(),
            speed: asked.speed.text(),
            asked: -asked.amount.get(),
            paid: paid.map(Quantity::get),
            cost,
            waited_h: hours(until - asked.at),
        };
    let paid = state.tally.paid.iter();
    let waiting = state.flows.iter();
    paid.map(|paid| of(&paid.asked, Some(paid.tokens), paid.borne, paid.at))
        .chain(waiting.map(|waiting| of(&waiting.flow, None, waiting.borne, state.now)))
        .collect()
}
