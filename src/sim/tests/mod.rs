//! The simulated venues through their door: what an order, a bar, an hour and a fault do.

mod accounts;
mod faults;
mod lending;
mod properties;
mod trading;
mod transfers;

use crate::sim::testkit::hour;
use crate::sim::{Message, Table, World};
use crate::types::{
    BoundOrder, Cause, Execution, KeyId, Outcome, Posting, Rejection, ReportBody, Settlement,
    Timestamp,
};

use super::testkit::id;

/// Everything that is told until a time.
fn drain(world: &mut World<Table>, until: Timestamp) -> Vec<(Timestamp, Message)> {
    std::iter::from_fn(|| world.pop_until(until)).collect()
}

/// Sends an order at an hour and returns its outcome of that moment.
fn outcome(world: &mut World<Table>, hours: i64, number: u16, order: &BoundOrder) -> Outcome {
    world.submit(hour(hours), id(number), order);
    let mut outcomes =
        drain(world, hour(hours)).into_iter().rev().filter_map(|(_, message)| match message {
            Message::Outcome(told, outcome) if told == id(number) => Some(outcome),
            _ => None,
        });
    outcomes.next().expect("an order without latency is answered at once")
}

fn done(world: &mut World<Table>, hours: i64, number: u16, order: &BoundOrder) -> Execution {
    match outcome(world, hours, number, order) {
        Outcome::Done(execution) => execution,
        other => panic!("not executed: {other:?}"),
    }
}

fn rejected(world: &mut World<Table>, hours: i64, number: u16, order: &BoundOrder) -> Rejection {
    match outcome(world, hours, number, order) {
        Outcome::Rejected(rejection) => rejection,
        other => panic!("not rejected: {other:?}"),
    }
}

/// The venue's own word for a refusal.
fn native(rejection: Rejection) -> String {
    assert!(rejection.message.contains(' '), "no sentence: {}", rejection.message);
    rejection.native.expect("every refusal of a venue has its word")
}

/// What was settled until a time, with what it changed.
fn settled(world: &mut World<Table>, until: Timestamp) -> Vec<(Settlement, Vec<Posting>)> {
    let reports = drain(world, until).into_iter().filter_map(|(_, message)| match message {
        Message::Report(report) => match report.body {
            ReportBody::Settled { kind, postings, .. } => Some((kind, postings)),
            ReportBody::Balances(_) => None,
        },
        _ => None,
    });
    reports.collect()
}

/// (key, amount, cause) of postings, as text.
fn lines(postings: &[Posting]) -> Vec<(KeyId, String, Cause)> {
    postings.iter().map(|it| (it.key, it.amount.to_string(), it.cause)).collect()
}

fn line(key: KeyId, amount: &str, cause: Cause) -> (KeyId, String, Cause) {
    (key, amount.to_owned(), cause)
}
