//! Orders whose fate is unknown, fills outside their bounds, books that do not agree after an order.

use basis::engine::{Command, Effect, End, Input, Mode, Phase};
use basis::types::event::Loudness;
use basis::types::{
    Amount, Code, Decision, MarketKind, Operation, OrderState, Outcome, Price, Quantity, Side,
    Span, TimerId,
};

use super::hand::{Hand, queried, submitted, timers};
use crate::desk::{Desk, entry, market, one};
use crate::scene::{Scripted, hour, qty};

const COINS: &str = "bybit:BaseToken:BTC";

/// Buys 0.1 at Bybit in hour 0 and then 0.02 at Binance; afterwards 0.2 at Bybit in hours 1, 2 and 3.
fn buyer() -> Box<Scripted> {
    Scripted::new(|step| {
        let mut desk = Desk::new(step);
        match hour(step) {
            0 => entry(vec![
                one(desk.spot("bybit", Side::Buy, "0.1")),
                one(desk.spot("binance", Side::Buy, "0.02")),
            ]),
            1..=3 => entry(vec![one(desk.spot("bybit", Side::Buy, "0.2"))]),
            _ => Decision::hold("nothing more"),
        }
    })
}

#[test]
fn an_unknown_order_is_only_asked_about_and_locks_its_keys() {
    let mut hand = Hand::new(buyer(), Mode::Paper, &[]);
    let effects = hand.tick();
    let (id, order) = submitted(&effects)[0].clone();
    hand.give(Input::Sent(id));
    hand.later(Span::from_s(5));
    let mut effects = hand.give(Input::Outcome(id, Outcome::Unknown));
    assert!(matches!(hand.engine.state().plans[0].legs[0].state, OrderState::Unknown { .. }));
    // Asked again and again, each time a little later, and never sent again.
    let mut waits = Vec::new();
    for _ in 0..7 {
        assert!(submitted(&effects).is_empty());
        let (timer, at) = timers(&effects)
            .into_iter()
            .find(|(timer, _)| matches!(timer, TimerId::Order(_)))
            .expect("a wait");
        assert_eq!(timer, TimerId::Order(id));
        waits.push((at - hand.now).ms() / 1000);
        hand.now = at;
        assert_eq!(queried(&hand.give(Input::Deadline(timer))), [id]);
        effects = hand.give(Input::Outcome(id, Outcome::Unknown));
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    // The plan is over at its deadline, the order is not.
    hand.later(Span::from_s(60));
    let plan = hand.engine.state().active.expect("the plan is active");
    hand.give(Input::Deadline(TimerId::Plan(plan)));
    assert_eq!((hand.engine.state().active, hand.engine.state().plans.len()), (None, 1));
    let effects = hand.tick();
    assert!(submitted(&effects).is_empty(), "the key is locked");
    assert!(
        hand.constraints()[0].contains("is locked until an earlier order there is settled"),
        "{:?}",
        hand.constraints()
    );
    // Found at last: posted once, reconciled, free.
    let effects = hand.fill(id, &order, "60000");
    assert!(submitted(&effects).is_empty(), "the plan's second order was dropped at the deadline");
    hand.answer_observations(effects, 3);
    assert_eq!(hand.books(COINS), qty("0.1"));
    assert!(hand.engine.state().plans.is_empty());
    hand.give(Input::Outcome(id, Outcome::Done(hand.filled(&order, "60000"))));
    assert_eq!(hand.books(COINS), qty("0.1"), "a repeated answer changes nothing");
    let next = submitted(&hand.tick());
    assert_eq!(next.len(), 1, "the key is free again");
    assert_ne!(next[0].0, id);
}

#[test]
fn a_protection_of_unknown_fate_locks_the_position_that_it_guards() {
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        if hour(step) > 0 {
            return entry(vec![one(desk.perp("bybit", Side::Sell, "0.1"))]);
        }
        let perp = market(step, "bybit", MarketKind::Perp);
        let stop_loss = Some(Price::new("70000".parse().unwrap()));
        let protect = Operation::Protect { market: perp, take_profit: None, stop_loss };
        entry(vec![one(desk.order(protect, Amount::fixed(Quantity::ZERO)))])
    });
    let mut hand = Hand::new(strategy, Mode::Paper, &[]);
    let (id, _) = submitted(&hand.tick())[0].clone();
    hand.give(Input::Outcome(id, Outcome::Unknown));
    let plan = hand.engine.state().active.expect("the plan is active");
    hand.give(Input::Deadline(TimerId::Plan(plan)));
    // The stop may rest or not: a trade of that position would meet it or not.
    assert!(submitted(&hand.tick()).is_empty());
    let why = hand.constraints();
    assert!(why[0].contains("bybit:Perp:BTCUSDT is locked until"), "{why:?}");
    hand.give(Input::Outcome(id, Outcome::Resting));
    assert_eq!(submitted(&hand.tick()).len(), 1, "the key is free again");
}

#[test]
fn an_order_that_can_no_longer_arrive_is_tried_again_under_a_new_id_and_not_for_ever() {
    let mut hand = Hand::new(buyer(), Mode::Paper, &[]);
    let mut effects = hand.tick();
    let mut ids = Vec::new();
    while let Some((id, _)) = submitted(&effects).first().cloned() {
        ids.push(id);
        hand.give(Input::Outcome(id, Outcome::Unknown));
        hand.later(Span::from_s(10));
        assert!(
            submitted(&hand.give(Input::Outcome(id, Outcome::NotFound { is_final: false })))
                .is_empty(),
            "it may still arrive"
        );
        effects = hand.give(Input::Outcome(id, Outcome::NotFound { is_final: true }));
    }
    let attempts: Vec<u8> = ids.iter().map(|id| id.attempt).collect();
    assert_eq!(attempts, [1, 2, 3], "max_attempts is three");
    assert!(ids.iter().all(|id| (id.plan, id.leg) == (ids[0].plan, ids[0].leg)));
    assert!(hand.engine.state().plans.is_empty() && hand.books(COINS).is_zero());
    assert!(hand.notes(Loudness::Warn).iter().any(|note| note.contains("never arrived")));
}

#[test]
fn a_fill_outside_its_bounds_is_posted_and_stops_the_plan() {
    let mut hand = Hand::new(buyer(), Mode::Paper, &[]);
    let effects = hand.tick();
    let (id, order) = submitted(&effects)[0].clone();
    // The limit was half a percent over 60 000; the venue filled at two percent.
    let effects = hand.fill(id, &order, "61200");
    let rest = hand.answer_observations(effects, 3);
    assert!(submitted(&rest).is_empty(), "the second order is not sent");
    assert_eq!(hand.books(COINS), qty("0.1"), "what happened has happened");
    assert_eq!(hand.books("bybit:BaseToken:USDT"), qty("23880"));
    let alarms = hand.notes(Loudness::Alarm);
    assert!(
        alarms.len() == 1
            && alarms[0].starts_with("EXEC-006")
            && alarms[0].contains("bybit:BaseToken:USDT"),
        "{alarms:?}"
    );
    assert!(hand.engine.state().plans.is_empty() && hand.engine.state().locks.is_empty());
    assert!(!hand.engine.state().has_ended());
}

/// Fills the order of hour 0 and lets the venue hold `extra` coins more than we know of.
fn disagree(hand: &mut Hand, extra: &str) -> Vec<Effect> {
    let effects = hand.tick();
    let (id, order) = submitted(&effects)[0].clone();
    let key = hand.key(COINS);
    *hand.held.entry(key).or_default() += qty(extra);
    let mut effects = hand.fill(id, &order, "60000");
    // Three looks, each on its timer.
    for _ in 0..2 {
        effects = hand.answer_observations(effects, 1);
        let again = timers(&effects)
            .into_iter()
            .find(|(timer, _)| matches!(timer, TimerId::Observation(_)));
        let (timer, at) = again.expect("it looks again");
        hand.now = at;
        effects = hand.give(Input::Deadline(timer));
    }
    hand.answer_observations(effects, 1)
}

#[test]
fn books_that_do_not_agree_after_an_order_lock_the_key_until_it_is_accepted() {
    let mut hand = Hand::new(buyer(), Mode::Paper, &[]);
    let effects = disagree(&mut hand, "0.005");
    assert!(submitted(&effects).is_empty(), "the plan has stopped");
    let alarms = hand.notes(Loudness::Alarm);
    assert!(
        alarms.len() == 1
            && alarms[0].starts_with("EXEC-003")
            && alarms[0].contains("differs by 0.005"),
        "{alarms:?}"
    );
    let key = hand.key(COINS);
    assert_eq!(hand.engine.state().locks.get(&key), Some(&qty("0.005")));
    assert!(submitted(&hand.tick()).is_empty(), "no order for the key");
    assert!(hand.constraints()[0].contains("is locked"), "{:?}", hand.constraints());
    assert_eq!(hand.books(COINS), qty("0.1"), "the books keep what they know");

    let effects = hand.command(Command::AcceptDifference(key));
    hand.answer_observations(effects, 1);
    assert_eq!(hand.books(COINS), qty("0.105"));
    assert!(hand.engine.state().locks.is_empty());
    assert_eq!(
        hand.engine.state().ledger.step[basis::types::PnlCause::Other].get(),
        crate::scene::dec("300"),
        "0.005 coins at 60 000 came from outside"
    );
    assert_eq!(submitted(&hand.tick()).len(), 1, "the key is free");
}

#[test]
fn a_difference_that_goes_away_by_itself_frees_the_key() {
    let mut hand = Hand::new(buyer(), Mode::Paper, &[("execution.observe_every_s", "60")]);
    disagree(&mut hand, "0.005");
    let key = hand.key(COINS);
    assert!(hand.engine.state().locks.contains_key(&key));
    *hand.held.entry(key).or_default() += qty("-0.005");
    let effects = hand.tick();
    hand.answer_observations(effects, 1);
    assert!(hand.engine.state().locks.is_empty());
    assert_eq!(hand.books(COINS), qty("0.1"));
}

#[test]
fn dust_is_no_difference() {
    let mut hand = Hand::new(buyer(), Mode::Backtest, &[]);
    let effects = hand.tick();
    let (id, order) = submitted(&effects)[0].clone();
    let key = hand.key(COINS);
    // Two smallest units are dust.
    *hand.held.entry(key).or_default() += qty("0.00000002");
    let effects = hand.fill(id, &order, "60000");
    let next = hand.answer_observations(effects, 1);
    assert_eq!(submitted(&next).len(), 1, "the plan goes on");
    assert!(!hand.engine.state().has_ended());
}

#[test]
fn in_a_backtest_books_that_do_not_agree_end_the_run() {
    let mut hand = Hand::new(buyer(), Mode::Backtest, &[]);
    disagree(&mut hand, "-0.001");
    assert!(
        matches!(&hand.engine.state().phase, Phase::Ended(End::Stopped(why)) if why.code == Code::Exec003)
    );
}

#[test]
fn after_a_restart_what_was_sent_is_asked_about_before_anything_is_sent() {
    let mut hand = Hand::new(buyer(), Mode::Paper, &[]);
    let effects = hand.tick();
    let (id, order) = submitted(&effects)[0].clone();
    hand.later(Span::from_s(30));
    let effects = hand.give(Input::Restarted);
    assert_eq!(queried(&effects), [id]);
    assert!(submitted(&effects).is_empty());
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::History(..))),
        "settlements are asked for"
    );
    let effects = hand.fill(id, &order, "60000");
    let next = hand.answer_observations(effects, 1);
    assert_eq!(submitted(&next).len(), 1, "then the plan goes on");
    assert_eq!(hand.books(COINS), Quantity::new(crate::scene::dec("0.1")));
}
