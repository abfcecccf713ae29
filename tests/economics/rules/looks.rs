//! Whom the engine believes after an order: a venue that tells by itself, and often enough, what differs.

use basis::engine::{Effect, Input, Mode};
use basis::types::{
    Balance, Decision, KeyId, Quantity, Report, ReportBody, Side, Span, TimerId, Timestamp, VenueId,
};

use super::hand::{Hand, submitted};
use crate::desk::{Desk, entry, one};
use crate::scene::{Scripted, hour, qty};

const COINS: &str = "bybit:BaseToken:BTC";

/// Buys 0.1 at Bybit in hour 0 and then 0.02 at Binance; the first is filled, and its balances are asked for.
fn filled() -> (Hand, VenueId, Vec<KeyId>) {
    let buyer = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        if hour(step) > 0 {
            return Decision::hold("nothing more");
        }
        let (first, then) =
            (desk.spot("bybit", Side::Buy, "0.1"), desk.spot("binance", Side::Buy, "0.02"));
        entry(vec![one(first), one(then)])
    });
    let mut hand = Hand::new(buyer, Mode::Paper, &[]);
    let (id, order) = submitted(&hand.tick())[0].clone();
    hand.later(Span::from_s(1));
    let effects = hand.fill(id, &order, "60000");
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Observe(venue, keys) => Some((*venue, keys.to_vec())),
        _ => None,
    });
    let (venue, keys) = asked.expect("the balances are asked for");
    (hand, venue, keys)
}

/// The venue answers that nothing was bought, as of a time.
fn denied(hand: &mut Hand, venue: VenueId, keys: &[KeyId], as_of: Timestamp) -> Vec<Effect> {
    let coins = hand.key(COINS);
    let quantity = |key: KeyId| if key == coins { Quantity::ZERO } else { hand.held[&key] };
    let balance =
        |key: &KeyId| Balance { key: *key, quantity: quantity(*key), cost: Default::default() };
    let body = ReportBody::Balances(keys.iter().map(balance).collect());
    hand.give(Input::Report(Report { venue, as_of, body }))
}

#[test]
fn an_answer_that_is_old_or_told_twice_speaks_against_nobody() {
    let (mut hand, venue, keys) = filled();
    let before = hand.now - Span::from_s(1);
    // Two that say themselves that they are older than the order, and one that claims to be fresh, told four times.
    denied(&mut hand, venue, &keys, before);
    denied(&mut hand, venue, &keys, before);
    let fresh = hand.now;
    for _ in 0..4 {
        hand.later(Span::from_s(1));
        denied(&mut hand, venue, &keys, fresh);
    }
    assert!(hand.engine.state().locks.is_empty(), "one answer is no proof");
    let next = hand.tell(venue, &keys);
    assert_eq!(submitted(&next).len(), 1, "the venue agrees, and the plan goes on");
}

#[test]
fn three_answers_each_newer_than_the_last_lock_the_key() {
    let (mut hand, venue, keys) = filled();
    for look in 1..=3 {
        assert!(hand.engine.state().locks.is_empty(), "look {look}");
        hand.later(Span::from_s(1));
        let now = hand.now;
        denied(&mut hand, venue, &keys, now);
    }
    let coins = hand.key(COINS);
    assert_eq!(hand.engine.state().locks.get(&coins), Some(&qty("-0.1")));
    assert!(hand.engine.state().plans.is_empty());
}

#[test]
fn a_venue_that_tells_only_of_before_is_given_up_on_without_a_lock() {
    let (mut hand, venue, keys) = filled();
    let before = hand.now - Span::from_s(1);
    for _ in 0..3 {
        denied(&mut hand, venue, &keys, before);
    }
    let notes = hand.notes(basis::types::event::Loudness::Alarm);
    let told = "reports no balances newer than our order after 3 looks";
    assert!(notes.len() == 1 && notes[0].contains(told), "{notes:?}");
    let state = hand.engine.state();
    assert!(state.locks.is_empty() && state.plans.is_empty());
    assert!(hand.give(Input::Deadline(TimerId::Idle)).is_empty());
}
