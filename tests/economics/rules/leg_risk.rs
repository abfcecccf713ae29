//! Leg risk: what of a pair stands alone is completed within `execution.leg_risk`, taken back beyond it, and counted.

use basis::engine::{Effect, Input, Mode};
use basis::portfolio::Unhedged;
use basis::types::event::Loudness;
use basis::types::{
    BoundOrder, Code, Decision, Item, OnLegFailure, Operation, Order, OrderId, Outcome, Quantity,
    Rejection, Side, Span, TimerId,
};
use rust_decimal::Decimal;
use std::sync::Arc;

use super::hand::{Hand, submitted, timers};
use crate::desk::{Desk, decision, entry, exit, one, parallel, parallel_or_unwind};
use crate::scene::{Scripted, dec, hour, qty};

type Sent = (OrderId, Arc<BoundOrder>);

const COINS: &str = "bybit:BaseToken:BTC";
pub(super) const PERP: &str = "binance:Perp:BTCUSDT";

/// Half a coin bought at Bybit and sold as a perp at Binance in hour 0: 30 000 a leg.
pub(super) fn pair(policy: fn(Vec<Order>) -> Item) -> Box<Scripted> {
    Scripted::new(move |step| {
        if hour(step) != 0 {
            return Decision::hold("once");
        }
        let mut desk = Desk::new(step);
        let coins = desk.spot("bybit", Side::Buy, "0.5");
        entry(vec![policy(vec![coins, desk.perp("binance", Side::Sell, "0.5")])])
    })
}

/// The pair on its way: spot first, then the perp.
fn begun(policy: fn(Vec<Order>) -> Item, sets: &[(&str, &str)]) -> (Hand, [Sent; 2]) {
    let mut hand = Hand::new(pair(policy), Mode::Paper, sets);
    let orders = submitted(&hand.tick());
    let [spot, perp] = &orders[..] else { panic!("two legs: {orders:?}") };
    let orders = [spot.clone(), perp.clone()];
    (hand, orders)
}

fn refused(id: OrderId) -> Input {
    let message = "no".to_owned();
    Input::Outcome(id, Outcome::Rejected(Rejection { code: Code::Exec001, native: None, message }))
}

/// A part of an order fills at 60 000, the rest is cancelled.
fn fill_part(hand: &mut Hand, (id, order): &Sent, part: &str) -> Vec<Effect> {
    let part = BoundOrder { quantity: qty(part), ..BoundOrder::clone(order) };
    hand.fill(*id, &part, "60000")
}

fn fill(hand: &mut Hand, (id, order): &Sent) -> Vec<Effect> {
    hand.fill(*id, order, "60000")
}

/// Balances are told as they are; the orders that follow.
fn reconciled(hand: &mut Hand, effects: Vec<Effect>) -> Vec<Sent> {
    submitted(&hand.answer_observations(effects, 3))
}

fn what((_, order): &Sent) -> (&'static str, Decimal) {
    let name = match order.operation {
        Operation::SpotTrade { side: Side::Buy, .. } => "spot_buy",
        Operation::SpotTrade { side: Side::Sell, .. } => "spot_sell",
        Operation::PerpTrade { side: Side::Buy, .. } => "perp_buy",
        Operation::PerpTrade { side: Side::Sell, .. } => "perp_sell",
        _ => panic!("only trades are sent here"),
    };
    (name, order.quantity.get().normalize())
}

fn told(hand: &Hand) -> Vec<String> {
    let notes = hand.notes(Loudness::Alarm).into_iter();
    notes.filter(|note| note.starts_with("EXEC-007")).collect()
}

/// Notional times seconds, the most at a time, the longest in milliseconds.
pub(super) fn counted(unhedged: Unhedged) -> (Decimal, Decimal, i64) {
    let (sum, most) = (unhedged.notional_seconds, unhedged.worst.get());
    (sum.normalize(), most.normalize(), unhedged.longest.ms())
}

#[test]
fn a_refused_leg_is_completed_within_the_limits_and_its_time_alone_is_counted() {
    let (mut hand, [spot, perp]) = begun(parallel, &[]);
    fill(&mut hand, &spot);
    hand.later(Span::from_ms(1_500));
    let effects = hand.give(refused(perp.0));
    hand.later(Span::from_ms(500));
    let again = reconciled(&mut hand, effects);
    assert_eq!(again.iter().map(what).collect::<Vec<_>>(), [("perp_sell", dec("0.5"))]);
    assert_eq!(counted(hand.engine.unhedged()), (dec("60000"), dec("30000"), 2_000), "so far");
    hand.later(Span::from_s(1));
    // Half of it fills, and the other half two seconds later: 30 000 for 3 s, 15 000 for 2 s.
    let effects = fill_part(&mut hand, &again[0], "0.25");
    hand.later(Span::from_s(2));
    let rest = reconciled(&mut hand, effects);
    assert_eq!(rest.iter().map(what).collect::<Vec<_>>(), [("perp_sell", dec("0.25"))]);
    let effects = fill(&mut hand, &rest[0]);
    hand.later(Span::from_s(7));
    assert!(reconciled(&mut hand, effects).is_empty());
    assert!(hand.engine.state().plans.is_empty());
    assert_eq!((hand.books(COINS), hand.books(PERP)), (qty("0.5"), qty("-0.5")));
    assert_eq!(counted(hand.engine.unhedged()), (dec("120000"), dec("30000"), 5_000));
    assert_eq!(hand.engine.unhedged(), hand.engine.state().tally.unhedged);
    assert!(told(&hand).is_empty(), "{:?}", told(&hand));
}

#[test]
fn more_than_max_notional_is_taken_back_at_once() {
    let limit = [("execution.leg_risk.max_notional", "29999.99")];
    let (mut hand, [spot, perp]) = begun(parallel, &limit);
    fill(&mut hand, &spot);
    let effects = hand.give(refused(perp.0));
    hand.later(Span::from_s(1));
    let back = reconciled(&mut hand, effects);
    assert_eq!(back.iter().map(what).collect::<Vec<_>>(), [("spot_sell", dec("0.5"))]);
    let alarms = told(&hand);
    assert!(alarms.len() == 1 && alarms[0].contains("30000 USDT of the group at desk:1 stand"));
    assert!(alarms[0].contains("more than max_notional, 29999.99"), "{alarms:?}");
    let effects = fill(&mut hand, &back[0]);
    assert!(reconciled(&mut hand, effects).is_empty());
    assert_eq!((hand.books(COINS), hand.books(PERP)), (Quantity::ZERO, Quantity::ZERO));
    assert_eq!(counted(hand.engine.unhedged()), (dec("30000"), dec("30000"), 1_000));
    assert_eq!(told(&hand).len(), 1, "nothing stands at the end of the plan");
}

#[test]
fn what_a_half_filled_leg_leaves_counts_against_max_notional_and_not_the_leg() {
    // 30 000 a leg and 15 000 left alone: within 15 000, beyond 14 999.
    for (limit, next) in [("15000", "perp_sell"), ("14999", "spot_sell")] {
        let (mut hand, [spot, perp]) =
            begun(parallel, &[("execution.leg_risk.max_notional", limit)]);
        fill(&mut hand, &spot);
        let effects = fill_part(&mut hand, &perp, "0.25");
        let orders = reconciled(&mut hand, effects);
        assert_eq!(what(&orders[0]).0, next, "{orders:?}");
        assert_eq!(told(&hand).len(), usize::from(next == "spot_sell"));
    }
}

#[test]
fn what_leaves_is_completed_whatever_its_notional() {
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        let mut both = |coins, perp| {
            let coins = desk.spot("bybit", coins, "0.5");
            parallel(vec![coins, desk.perp("binance", perp, "0.5")])
        };
        match hour(step) {
            0 => entry(vec![both(Side::Buy, Side::Sell)]),
            1 => exit(vec![both(Side::Sell, Side::Buy)]),
            _ => Decision::hold("done"),
        }
    });
    let limit = [("execution.leg_risk.max_notional", "10000")];
    let mut hand = Hand::new(strategy, Mode::Paper, &limit);
    for order in submitted(&hand.tick()) {
        let effects = fill(&mut hand, &order);
        reconciled(&mut hand, effects);
    }
    let orders = submitted(&hand.tick());
    fill(&mut hand, &orders[0]);
    let effects = hand.give(refused(orders[1].0));
    // To take back would be to buy again what is to be left.
    let next = reconciled(&mut hand, effects);
    assert_eq!(next.iter().map(what).collect::<Vec<_>>(), [("perp_buy", dec("0.5"))]);
    assert!(told(&hand).is_empty());
}

#[test]
fn after_max_seconds_nothing_more_is_tried_and_what_stands_is_taken_back() {
    let limit = [("execution.leg_risk.max_seconds", "5")];
    for (later, next) in [(4_999, "perp_sell"), (5_000, "spot_sell")] {
        let (mut hand, [spot, perp]) = begun(parallel, &limit);
        fill(&mut hand, &spot);
        let effects = hand.give(refused(perp.0));
        hand.later(Span::from_ms(later));
        let orders = reconciled(&mut hand, effects);
        assert_eq!(what(&orders[0]).0, next, "{orders:?}");
        assert_eq!(told(&hand).len(), usize::from(next == "spot_sell"));
    }
}

#[test]
fn an_unknown_leg_beyond_max_seconds_is_told_and_nothing_is_sent_before_it_is_known() {
    let limit = [("execution.leg_risk.max_seconds", "5")];
    for is_filled in [true, false] {
        let (mut hand, [spot, perp]) = begun(parallel, &limit);
        let begun = hand.now;
        let set = timers(&fill(&mut hand, &spot));
        let group = TimerId::Group(spot.0);
        assert_eq!(set, [(group, begun + Span::from_s(5))]);
        hand.give(Input::Outcome(perp.0, Outcome::Unknown));
        hand.later(Span::from_ms(4_999));
        hand.give(Input::Deadline(group));
        assert!(told(&hand).is_empty(), "it is not time");
        hand.later(Span::from_ms(1));
        let effects = hand.give(Input::Deadline(group));
        assert!(effects.is_empty(), "to act on a guess could make it worse: {effects:?}");
        assert_eq!(told(&hand).len(), 1);
        assert!(told(&hand)[0].contains("for longer than max_seconds, 5"), "{:?}", told(&hand));
        assert!(told(&hand)[0].contains("the fate of 1 order is awaited"), "{:?}", told(&hand));
        hand.give(Input::Deadline(group));
        assert_eq!(told(&hand).len(), 1, "it is told once");
        hand.later(Span::from_s(5));
        if is_filled {
            let effects = fill(&mut hand, &perp);
            assert!(reconciled(&mut hand, effects).is_empty());
            assert_eq!((hand.books(COINS), hand.books(PERP)), (qty("0.5"), qty("-0.5")));
        } else {
            // It never arrived, and there are attempts left; but no time.
            let effects = hand.give(Input::Outcome(perp.0, Outcome::NotFound { is_final: true }));
            assert!(submitted(&effects).is_empty(), "{effects:?}");
            let back = reconciled(&mut hand, effects);
            assert_eq!(back.iter().map(what).collect::<Vec<_>>(), [("spot_sell", dec("0.5"))]);
            let effects = fill(&mut hand, &back[0]);
            reconciled(&mut hand, effects);
            assert_eq!((hand.books(COINS), hand.books(PERP)), (Quantity::ZERO, Quantity::ZERO));
        }
        assert_eq!(told(&hand).len(), 1);
        assert_eq!(counted(hand.engine.unhedged()), (dec("300000"), dec("30000"), 10_000));
        assert!(hand.engine.state().plans.is_empty());
    }
}

#[test]
fn a_leg_that_never_arrived_is_sent_again_within_the_limits() {
    let (mut hand, [spot, perp]) = begun(parallel, &[]);
    fill(&mut hand, &spot);
    hand.give(Input::Outcome(perp.0, Outcome::Unknown));
    hand.later(Span::from_s(61));
    let effects = hand.give(Input::Outcome(perp.0, Outcome::NotFound { is_final: true }));
    let again = submitted(&effects);
    assert_eq!((what(&again[0]), again[0].0.attempt), (("perp_sell", dec("0.5")), 2));
}

#[test]
fn what_is_taken_back_in_part_is_taken_back_again() {
    let (mut hand, [spot, perp]) = begun(parallel_or_unwind, &[]);
    fill(&mut hand, &spot);
    let effects = hand.give(refused(perp.0));
    let back = reconciled(&mut hand, effects);
    assert_eq!(back.iter().map(what).collect::<Vec<_>>(), [("spot_sell", dec("0.5"))]);
    let effects = fill_part(&mut hand, &back[0], "0.2");
    let rest = reconciled(&mut hand, effects);
    assert_eq!(rest.iter().map(what).collect::<Vec<_>>(), [("spot_sell", dec("0.3"))]);
    let effects = hand.give(refused(rest[0].0));
    let last = reconciled(&mut hand, effects);
    assert_eq!(last.iter().map(what).collect::<Vec<_>>(), [("spot_sell", dec("0.3"))]);
    // Three tries are all there are. What stands then is told.
    hand.later(Span::from_s(4));
    let effects = hand.give(refused(last[0].0));
    assert!(reconciled(&mut hand, effects).is_empty());
    assert!(hand.engine.state().plans.is_empty());
    assert_eq!(hand.books(COINS), qty("0.3"));
    let alarms = told(&hand);
    assert!(alarms.len() == 1 && alarms[0].contains("18000 USDT"), "{alarms:?}");
    assert!(alarms[0].contains("at the end of its plan"), "{alarms:?}");
    assert_eq!(counted(hand.engine.unhedged()).0, dec("72000"), "18 000 for 4 s");
}

#[test]
fn legs_that_fill_in_part_and_evenly_stay_when_all_tries_are_used_up() {
    for is_even in [true, false] {
        let (mut hand, orders) = begun(parallel, &[]);
        let mut orders = orders.to_vec();
        for (tries, part) in [("0.2", "0.2"), ("0.2", "0.2"), ("0.05", "0.05")].iter().enumerate() {
            let mut effects = fill_part(&mut hand, &orders[0], part.0);
            if is_even || tries < 2 {
                effects.extend(fill_part(&mut hand, &orders[1], part.1));
            } else {
                effects.extend(hand.give(refused(orders[1].0)));
            }
            orders = reconciled(&mut hand, effects);
        }
        if is_even {
            // To take back 0.45 of a pair because 0.05 are missing would only cost.
            assert!(orders.is_empty() && hand.engine.state().plans.is_empty(), "{orders:?}");
            assert_eq!((hand.books(COINS), hand.books(PERP)), (qty("0.45"), qty("-0.45")));
        } else {
            let back: Vec<_> = orders.iter().map(what).collect();
            assert_eq!(back, [("spot_sell", dec("0.05"))], "what is hedged of them stays");
        }
    }
}

#[test]
fn what_a_plan_out_of_time_leaves_alone_is_taken_back_until_a_later_plan_has_begun() {
    for is_later in [false, true] {
        let strategy = Scripted::new(move |step| {
            let mut desk = Desk::new(step);
            let coins = desk.spot("bybit", Side::Buy, "0.5");
            match hour(step) {
                0 => entry(vec![
                    parallel(vec![coins, desk.perp("binance", Side::Sell, "0.5")]),
                    one(desk.spot("binance", Side::Buy, "0.1")),
                ]),
                1 if is_later => entry(vec![one(desk.spot("bybit", Side::Buy, "0.02"))]),
                _ => Decision::hold("nothing more"),
            }
        });
        let mut hand = Hand::new(strategy, Mode::Paper, &[]);
        let orders = submitted(&hand.tick());
        fill(&mut hand, &orders[0]);
        hand.give(Input::Outcome(orders[1].0, Outcome::Unknown));
        hand.later(Span::from_s(120));
        let plan = hand.engine.state().active.expect("the plan is active");
        hand.give(Input::Deadline(TimerId::Plan(plan)));
        assert_eq!(hand.engine.state().active, None);
        for order in submitted(&hand.tick()) {
            let effects = fill(&mut hand, &order);
            reconciled(&mut hand, effects);
        }
        // There are attempts left, but the plan's time is over.
        let never = Input::Outcome(orders[1].0, Outcome::NotFound { is_final: true });
        let effects = hand.give(never);
        assert!(submitted(&effects).is_empty(), "{effects:?}");
        let back = reconciled(&mut hand, effects);
        if is_later {
            assert!(back.is_empty(), "{back:?}");
            assert_eq!(hand.books(COINS), qty("0.52"));
            assert!(told(&hand)[0].contains("30000 USDT"), "{:?}", told(&hand));
            assert!(told(&hand)[0].contains("at the end of its plan"), "{:?}", told(&hand));
        } else {
            assert_eq!(back.iter().map(what).collect::<Vec<_>>(), [("spot_sell", dec("0.5"))]);
            // It is followed as any: lost, it is sent again.
            hand.give(Input::Outcome(back[0].0, Outcome::Unknown));
            let lost = Input::Outcome(back[0].0, Outcome::NotFound { is_final: true });
            let again = submitted(&hand.give(lost));
            assert_eq!((again[0].0.attempt, what(&again[0])), (2, ("spot_sell", dec("0.5"))));
            let effects = fill(&mut hand, &again[0]);
            let more = reconciled(&mut hand, effects);
            assert!(more.is_empty(), "the plan's next order is not sent: {more:?}");
            assert_eq!(hand.books(COINS), Quantity::ZERO);
            assert!(told(&hand).is_empty(), "{:?}", told(&hand));
        }
        assert!(hand.engine.state().plans.is_empty());
    }
}

#[test]
fn what_stands_alone_of_a_plan_that_met_something_wrong_is_told_and_nothing_is_sent() {
    let (mut hand, [spot, perp]) = begun(parallel, &[]);
    // Two percent above the price, where half of one was allowed.
    hand.fill(spot.0, &spot.1, "61200");
    let effects = hand.give(refused(perp.0));
    assert!(reconciled(&mut hand, effects).is_empty());
    assert!(hand.engine.state().plans.is_empty());
    assert!(told(&hand)[0].contains("30600 USDT"), "{:?}", told(&hand));
}

#[test]
fn the_timer_of_what_stands_alone_is_set_again_after_a_restart() {
    let (mut hand, [spot, _]) = begun(parallel, &[]);
    let at = hand.now + Span::from_s(90);
    fill(&mut hand, &spot);
    hand.later(Span::from_s(10));
    let set = timers(&hand.give(Input::Restarted));
    assert!(set.contains(&(TimerId::Group(spot.0), at)), "{set:?}");
    hand.later(Span::from_s(100));
    let set = timers(&hand.give(Input::Restarted));
    assert!(set.contains(&(TimerId::Group(spot.0), hand.now)), "it is over: {set:?}");
}

#[test]
fn legs_that_are_no_pair_are_not_unhedged() {
    let strategy = Scripted::new(|step| {
        if hour(step) != 0 {
            return Decision::hold("once");
        }
        let mut desk = Desk::new(step);
        let here = desk.spot("bybit", Side::Buy, "0.2");
        let there = desk.spot("binance", Side::Buy, "0.2");
        let orders = vec![here, there];
        let item = Item::Parallel { orders, on_leg_failure: OnLegFailure::Complete };
        decision(basis::types::Action::EntryPartial, vec![item])
    });
    let limits =
        [("execution.leg_risk.max_notional", "1"), ("execution.leg_risk.max_seconds", "1")];
    let mut hand = Hand::new(strategy, Mode::Paper, &limits);
    let orders = submitted(&hand.tick());
    assert!(timers(&fill(&mut hand, &orders[0])).is_empty());
    hand.later(Span::from_s(2));
    let effects = hand.give(refused(orders[1].0));
    let again = reconciled(&mut hand, effects);
    assert_eq!(again.iter().map(what).collect::<Vec<_>>(), [("spot_buy", dec("0.2"))]);
    assert_eq!(hand.engine.unhedged(), Unhedged::default());
}
