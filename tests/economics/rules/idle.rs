//! Differences while nothing is in flight: external, and taken back when a late settlement explains them.

use basis::engine::{Effect, Input, Mode};
use basis::types::event::Loudness;
use basis::types::{Cause, Decision, PnlCause, Settlement, Span, TimerId};

use super::hand::{Hand, timers};
use crate::scene::{Scripted, dec, qty};

const CASH: &str = "bybit:BaseToken:USDT";

/// A venue that holds so much more than we know of, looked at until it is posted as external.
fn external(amount: &str) -> Hand {
    let idle = Scripted::new(|_| Decision::hold("idle"));
    let mut hand = Hand::new(idle, Mode::Paper, &[("execution.observe_every_s", "60")]);
    let effects = hand.tick();
    hand.answer_observations(effects, 1);
    let key = hand.key(CASH);
    *hand.held.entry(key).or_default() += qty(amount);
    let mut effects = hand.tick();
    for look in 1..=3 {
        assert_eq!(hand.books(CASH), qty("30000"), "look {look}: one look is no proof");
        effects = hand.answer_observations(effects, 1);
        if look < 3 {
            let (timer, at) = timers(&effects)
                .into_iter()
                .find(|(timer, _)| *timer == TimerId::Idle)
                .expect("it looks again");
            hand.now = at;
            effects = hand.give(Input::Deadline(timer));
        }
    }
    hand
}

#[test]
fn a_difference_that_stays_is_posted_as_external_with_an_alarm() {
    let mut hand = external("5");
    assert_eq!(hand.books(CASH), qty("30005"));
    assert_eq!(hand.engine.state().ledger.step[PnlCause::Other].get(), dec("5"));
    let alarms = hand.notes(Loudness::Alarm);
    assert!(
        alarms.len() == 1 && alarms[0].starts_with("POS-001") && alarms[0].contains(CASH),
        "{alarms:?}"
    );
    hand.tick();
    assert_eq!(hand.engine.state().ledger.total[PnlCause::Other].get(), dec("5"));
    assert!(hand.engine.state().tally.worst_residual.is_zero());
}

#[test]
fn a_late_settlement_takes_the_external_posting_back() {
    let mut hand = external("5");
    hand.settle(Settlement::Interest, CASH, "5", Cause::Funding);
    assert_eq!(hand.books(CASH), qty("30005"), "the same five, not five more");
    hand.tick();
    hand.tick();
    let total = hand.engine.state().ledger.total;
    assert_eq!(
        (total[PnlCause::Other].get(), total[PnlCause::Funding].get()),
        (dec("0"), dec("5"))
    );
    assert!(hand.engine.state().external.is_empty());
    assert!(hand.engine.state().tally.worst_residual.is_zero());
}

#[test]
fn the_venue_is_asked_for_what_explains_an_external_posting_until_something_does() {
    let asked = |effects: Vec<Effect>| {
        effects.iter().filter(|effect| matches!(effect, Effect::History(..))).count()
    };
    let mut hand = external("5");
    assert_eq!((asked(hand.tick()), asked(hand.tick())), (1, 1), "at every look");
    hand.settle(Settlement::Interest, CASH, "5", Cause::Funding);
    assert_eq!(asked(hand.tick()), 0);
}

#[test]
fn a_loss_that_a_late_settlement_explains_is_taken_back_too() {
    let mut hand = external("-7");
    assert_eq!(hand.books(CASH), qty("29993"));
    hand.settle(Settlement::Interest, CASH, "-7", Cause::Interest);
    assert_eq!(hand.books(CASH), qty("29993"));
    hand.tick();
    hand.tick();
    let total = hand.engine.state().ledger.total;
    assert_eq!(
        (total[PnlCause::Other].get(), total[PnlCause::BorrowCost].get()),
        (dec("0"), dec("-7"))
    );
}

#[test]
fn a_settlement_told_twice_counts_once() {
    let mut hand = Hand::new(Scripted::new(|_| Decision::hold("idle")), Mode::Paper, &[]);
    hand.tick();
    hand.settle(Settlement::Interest, CASH, "-3", Cause::Interest);
    let again = basis::types::Report {
        venue: hand.setup.universe.instrument(hand.key(CASH)).venue,
        as_of: hand.now,
        body: basis::types::ReportBody::Settled {
            reference: 1,
            kind: Settlement::Interest,
            postings: vec![basis::types::Posting::plain(
                hand.key(CASH),
                qty("-3"),
                Cause::Interest,
            )],
        },
    };
    hand.give(Input::Report(again));
    assert_eq!(hand.books(CASH), qty("29997"));
}

#[test]
fn an_answer_told_twice_is_one_look() {
    let idle = Scripted::new(|_| Decision::hold("idle"));
    let mut hand = Hand::new(idle, Mode::Paper, &[("execution.observe_every_s", "60")]);
    let key = hand.key(CASH);
    *hand.held.entry(key).or_default() += qty("5");
    let effects = hand.tick();
    for _ in 0..5 {
        hand.answer_observations(effects.clone(), 1);
    }
    assert_eq!(hand.books(CASH), qty("30000"), "it was seen once");
    for later in 1..=2 {
        hand.later(Span::from_s(later));
        let effects = hand.give(Input::Deadline(TimerId::Idle));
        hand.answer_observations(effects, 1);
    }
    assert_eq!(hand.books(CASH), qty("30005"), "now three times");
}

#[test]
fn what_was_posted_as_external_is_looked_at_once_more() {
    let look = |hand: &mut Hand| {
        hand.later(Span::from_s(1));
        let effects = hand.give(Input::Deadline(TimerId::Idle));
        let asked = effects.iter().any(|effect| matches!(effect, Effect::Observe(..)));
        hand.answer_observations(effects, 1);
        asked
    };
    // It is so: one look, and no more.
    let mut hand = external("-20000");
    assert_eq!(hand.books(CASH), qty("10000"));
    assert_eq!((look(&mut hand), look(&mut hand)), (true, false));
    assert_eq!(hand.books(CASH), qty("10000"));
    // It was a lie, told three times: the books are right again before the next step, and no limit of risk has seen it.
    let mut hand = external("-20000");
    let key = hand.key(CASH);
    *hand.held.entry(key).or_default() += qty("20000");
    let looks = (0..10).filter(|_| look(&mut hand)).count();
    assert_eq!(looks, 4, "three that differ, and one more that agrees");
    assert_eq!(hand.books(CASH), qty("30000"));
    hand.tick();
    let state = hand.engine.state();
    assert!(!state.has_ended() && state.suspected.is_empty());
    assert!(state.ledger.total[PnlCause::Other].is_zero());
}
