//! For how long something is unhedged: in a fair run no longer than its venues' latencies, after a plan until it is evened.

use basis::config::Costs;
use basis::engine::{Input, Mode};
use basis::run::Pump;
use basis::sim::Faults;
use basis::types::event::Loudness;
use basis::types::{Cause, Decision, KeyId, Outcome, Settlement, Side, Span, TimerId};
use rust_decimal::Decimal;

use super::hand::{Hand, submitted};
use super::leg_risk::{PERP, counted, pair};
use crate::desk::{Desk, entry, exit, one, parallel};
use crate::scene::{Scripted, Tape, calm, dec, hour, qty, run_in, setup};

/// A run of the pair in a world where nothing goes wrong, but for how long a request is on its way.
fn fair(bybit_ms: &str, binance_ms: &str) -> (Decimal, Decimal, i64) {
    let latency =
        [("venues.bybit.latency_ms", bybit_ms), ("venues.binance.latency_ms", binance_ms)];
    let setup = setup("economics", Costs::None, &latency);
    let data = calm(4).data(&setup);
    let pump = run_in(setup, &data, pair(parallel), (0, Faults::NONE));
    assert_eq!(pump.engine.state().books.quantity(key(&pump, PERP)), qty("-0.5"));
    let notes = pump.witness.notes(Loudness::Alarm);
    assert!(notes.is_empty(), "{notes:?}");
    counted(pump.engine.unhedged())
}

fn key(pump: &Pump<Tape>, name: &str) -> KeyId {
    pump.engine.step().universe().key_named(name).expect("a key of the scene")
}

#[test]
fn a_fair_run_counts_what_its_latencies_leave_alone_and_nothing_without_them() {
    assert_eq!(fair("0", "0"), (Decimal::ZERO, Decimal::ZERO, 0));
    assert_eq!(fair("200", "200"), (Decimal::ZERO, Decimal::ZERO, 0), "both at the same moment");
    // 30 000 for the 50 ms by which the perp comes later.
    assert_eq!(fair("200", "250"), (dec("1500"), dec("30000"), 50));
}

/// A pair of which the coins are bought and the short is lost, and known to be lost when a later plan has begun: 30 000 stay
/// naked. At hour 3 the strategy sends what `last` says. Answered up to an hour and a half, when the pair's plan has ended.
fn naked(last: fn(&mut Desk<'_>) -> Decision) -> Hand {
    let strategy = Scripted::new(move |step| {
        let mut desk = Desk::new(step);
        match hour(step) {
            0 => {
                let coins = desk.spot("bybit", Side::Buy, "0.5");
                entry(vec![parallel(vec![coins, desk.perp("binance", Side::Sell, "0.5")])])
            }
            1 => entry(vec![one(desk.spot("bybit", Side::Buy, "0.02"))]),
            3 => last(&mut desk),
            _ => Decision::hold("nothing"),
        }
    });
    let mut hand = Hand::new(strategy, Mode::Paper, &[]);
    let orders = submitted(&hand.tick());
    hand.fill(orders[0].0, &orders[0].1, "60000");
    hand.give(Input::Outcome(orders[1].0, Outcome::Unknown));
    hand.later(Span::from_s(120));
    let plan = hand.engine.state().active.expect("the plan is active");
    hand.give(Input::Deadline(TimerId::Plan(plan)));
    next(&mut hand);
    hand.later(Span::from_s(1_800));
    let never = Input::Outcome(orders[1].0, Outcome::NotFound { is_final: true });
    let effects = hand.give(never);
    let back = submitted(&hand.answer_observations(effects, 3));
    assert!(back.is_empty() && hand.engine.state().plans.is_empty(), "it is the strategy's");
    assert_eq!(counted(hand.engine.unhedged()), (dec("162000000"), dec("30000"), 5_400_000));
    hand
}

/// The next step; all that it sends is filled.
fn next(hand: &mut Hand) {
    for (id, order) in submitted(&hand.tick()) {
        let effects = hand.fill(id, &order, "60000");
        hand.answer_observations(effects, 3);
    }
}

#[test]
fn what_a_plan_left_alone_is_counted_until_a_later_plan_has_hedged_or_sold_it() {
    let ways: [fn(&mut Desk<'_>) -> Decision; 2] = [
        |desk| entry(vec![one(desk.perp("binance", Side::Sell, "0.5"))]),
        |desk| exit(vec![one(desk.spot("bybit", Side::Sell, "0.5"))]),
    ];
    for way in ways {
        let mut hand = naked(way);
        next(&mut hand);
        assert_eq!(counted(hand.engine.unhedged()), (dec("216000000"), dec("30000"), 7_200_000));
        next(&mut hand);
        hand.later(Span::from_s(1_000));
        assert_eq!(counted(hand.engine.unhedged()), (dec("324000000"), dec("30000"), 10_800_000));
        next(&mut hand);
        // The 0.02 that the second plan bought were nobody's counterpart.
        assert_eq!(counted(hand.engine.unhedged()), (dec("324000000"), dec("30000"), 10_800_000));
        assert_eq!(hand.engine.unhedged(), hand.engine.state().tally.unhedged);
    }
}

#[test]
fn what_is_left_of_it_is_counted_on() {
    let mut hand = naked(|desk| exit(vec![one(desk.spot("bybit", Side::Sell, "0.3"))]));
    next(&mut hand);
    next(&mut hand);
    next(&mut hand);
    // 30 000 for three hours, 12 000 for one.
    assert_eq!(counted(hand.engine.unhedged()), (dec("367200000"), dec("30000"), 14_400_000));
}

#[test]
fn what_a_venue_takes_of_it_is_counted_until_the_next_step() {
    let mut hand = naked(|_| Decision::hold("nothing"));
    hand.settle(Settlement::Liquidation, "bybit:BaseToken:BTC", "-0.5", Cause::Liquidation);
    next(&mut hand);
    next(&mut hand);
    assert_eq!(counted(hand.engine.unhedged()), (dec("216000000"), dec("30000"), 7_200_000));
}
