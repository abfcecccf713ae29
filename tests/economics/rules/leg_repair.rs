//! What becomes of legs that cannot be completed: no more is traded than what stands alone, and no more stands alone after it
//! than venues let nobody trade.

use basis::engine::{Effect, Input, Mode};
use basis::types::event::Loudness;
use basis::types::{
    BoundOrder, Code, Decision, MarketKind, Operation, Order, OrderId, Outcome, Quantity,
    Rejection, Side, TimerId,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::sync::Arc;

use super::hand::{Hand, submitted};
use crate::desk::{Desk, decision, entry, one, parallel};
use crate::scene::{Scripted, dec, hour, qty};

type Sent = (OrderId, Arc<BoundOrder>);
/// Kind, venue, and coins that a leg changes, signed, in thousandths.
type Leg = (MarketKind, &'static str, i64);

const PRICE: &str = "60000";
const TRIES: usize = 3;

fn leg_order(desk: &mut Desk<'_>, &(kind, venue, thousandths): &Leg) -> Order {
    let side = if thousandths > 0 { Side::Buy } else { Side::Sell };
    let coins = Quantity::new(Decimal::new(thousandths.abs(), 3));
    match kind {
        MarketKind::Spot => desk.spot(venue, side, coins),
        MarketKind::Perp => desk.perp(venue, side, coins),
    }
}

/// A strategy that sends groups of legs, one an hour: the last by this action, all before it as entries.
fn groups(groups: Vec<Vec<Leg>>, last: basis::types::Action) -> Box<Scripted> {
    Scripted::new(move |step| {
        let Some(legs) = groups.get(hour(step) as usize) else { return Decision::hold("done") };
        let mut desk = Desk::new(step);
        let orders = legs.iter().map(|leg| leg_order(&mut desk, leg)).collect();
        let items = vec![parallel(orders)];
        if hour(step) as usize + 1 == groups.len() { decision(last, items) } else { entry(items) }
    })
}

/// Coins that an order changes when it is filled.
fn change((_, order): &Sent) -> Decimal {
    let (Operation::SpotTrade { side, .. } | Operation::PerpTrade { side, .. }) = order.operation
    else {
        panic!("only trades are sent here");
    };
    side.signed(order.quantity).get()
}

fn market((_, order): &Sent) -> Option<basis::types::MarketId> {
    order.operation.market()
}

/// Coins and perps of all venues together.
fn net(hand: &Hand) -> Decimal {
    let universe = &hand.setup.universe;
    let markets = universe.markets().iter().filter(|market| &*market.symbol == "BTCUSDT");
    markets.map(|market| hand.engine.state().books.quantity(market.position).get()).sum()
}

/// The venue fills so many thousandths of an order, or refuses it where that is none.
fn answer(hand: &mut Hand, sent: &Sent, thousandths: i64) -> Vec<Effect> {
    let part = Quantity::new(Decimal::new(thousandths, 3)).min(sent.1.quantity);
    if part.is_zero() {
        let (code, native, message) = (Code::Exec001, None, "no".to_owned());
        let refused = Outcome::Rejected(Rejection { code, native, message });
        return hand.give(Input::Outcome(sent.0, refused));
    }
    let part = BoundOrder { quantity: part, ..BoundOrder::clone(&sent.1) };
    hand.fill(sent.0, &part, PRICE)
}

/// All of an order is filled.
fn fill(hand: &mut Hand, sent: &Sent) -> Vec<Effect> {
    hand.fill(sent.0, &sent.1, PRICE)
}

fn reconciled(hand: &mut Hand, effects: Vec<Effect>) -> Vec<Sent> {
    submitted(&hand.answer_observations(effects, 4))
}

/// The group is sent and each of its orders is answered by the next part of `fills`, until no more orders come; what was sent to
/// take back is filled whole. What that were, and the net coins before it.
fn played(hand: &mut Hand, fills: &[i64]) -> (Vec<Sent>, Decimal) {
    let mut orders = submitted(&hand.tick());
    let meant: Vec<_> =
        orders.iter().map(|order| (market(order), change(order) > dec("0"))).collect();
    let mut fills = fills.iter().copied().cycle();
    let (mut back, mut before) = (Vec::new(), net(hand));
    for _ in 0..=TRIES + 1 {
        let mut effects = Vec::new();
        let is_back = |order: &Sent| !meant.contains(&(market(order), change(order) > dec("0")));
        if orders.iter().any(is_back) {
            assert!(back.is_empty(), "it is filled whole, so nothing follows: {orders:?}");
            assert!(orders.iter().all(is_back), "completed or taken back, not both: {orders:?}");
            (back, before) = (orders.clone(), net(hand));
            orders.iter().for_each(|order| effects.extend(fill(hand, order)));
        } else {
            let parts: Vec<i64> = orders.iter().map(|_| fills.next().unwrap_or_default()).collect();
            let answered = orders.iter().zip(parts);
            answered.for_each(|(order, part)| effects.extend(answer(hand, order, part)));
        }
        if orders.is_empty() {
            break;
        }
        orders = reconciled(hand, effects);
    }
    assert!(hand.engine.state().plans.is_empty(), "the plan has ended");
    let before = if back.is_empty() { net(hand) } else { before };
    (back, before)
}

/// The smallest order of the market that takes the most for one, in coins.
fn coarsest(hand: &Hand) -> Decimal {
    let markets = hand.setup.universe.markets().iter();
    let least = |market: &basis::types::Market| {
        (market.min_notional.get() / dec(PRICE)).max(market.lot.get())
    };
    markets.filter(|market| &*market.symbol == "BTCUSDT").map(least).max().unwrap_or_default()
}

/// What stands alone, of a group whose legs together change nothing: all that it has changed.
fn is_mended(hand: &Hand, back: &[Sent], before: Decimal) {
    let (traded, after) =
        (back.iter().map(|order| change(order).abs()).sum::<Decimal>(), net(hand));
    assert!(traded <= before.abs(), "{traded} traded for {before} that stood alone: {back:?}");
    assert!(after.abs() < coarsest(hand), "{after} stand alone of {before} after {back:?}");
    let sides: Vec<bool> = back.iter().map(|order| change(order) > dec("0")).collect();
    assert!(sides.iter().all(|side| *side == sides[0]), "on one side only: {back:?}");
    let notes = hand.notes(Loudness::Alarm);
    assert!(!notes.iter().any(|note| note.contains("at the end of its plan")), "{notes:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_more_is_taken_back_than_stands_alone_and_no_more_stands_alone_than_a_smallest_order(
        size in 20_i64..400,
        first in 1_i64..99,
        fills in prop::collection::vec(0_i64..160, 9),
        (is_three, is_exit) in (any::<bool>(), any::<bool>()),
    ) {
        use basis::types::Action;
        // Three legs: the coins are bought at two venues. They leave as they came.
        let split = (size * first / 100).clamp(2, size - 2);
        let coins: &[(&str, i64)] =
            if is_three { &[("bybit", split), ("binance", size - split)] } else { &[("bybit", size)] };
        let mut legs: Vec<Leg> = coins.iter().map(|(at, n)| (MarketKind::Spot, *at, *n)).collect();
        legs.push((MarketKind::Perp, "binance", -size));
        let back: Vec<Leg> = legs.iter().map(|(kind, at, n)| (*kind, *at, -n)).collect();
        let limits = [("execution.leg_risk.max_notional", "1000000")];
        let mut hand = if is_exit {
            let mut hand = Hand::new(groups(vec![legs, back], Action::ExitPartial), Mode::Paper, &limits);
            let (nothing, _) = played(&mut hand, &[size]);
            prop_assert!(nothing.is_empty() && net(&hand).is_zero());
            hand
        } else {
            Hand::new(groups(vec![legs], Action::EntryPartial), Mode::Paper, &limits)
        };
        let (back, before) = played(&mut hand, &fills);
        is_mended(&hand, &back, before);
    }
}

/// Coins of a group that is sent and answered by these parts; what was taken back, as coins changed.
fn taken_back(legs: Vec<Leg>, fills: &[i64], sets: &[(&str, &str)]) -> (Hand, Vec<Decimal>) {
    let action = basis::types::Action::EntryPartial;
    let mut hand = Hand::new(groups(vec![legs], action), Mode::Paper, sets);
    let (back, _) = played(&mut hand, fills);
    let back = back.iter().map(|order| change(order).normalize()).collect();
    (hand, back)
}

const COINS: Leg = (MarketKind::Spot, "bybit", 500);
const SHORT: Leg = (MarketKind::Perp, "binance", -500);

#[test]
fn a_nearly_whole_pair_keeps_what_is_hedged_of_it() {
    // All of the coins, nine tenths of the short, and nothing more: a tenth of the coins is sold.
    let (hand, back) = taken_back(vec![COINS, SHORT], &[500, 450, 0, 0], &[]);
    assert_eq!(back, [dec("-0.05")]);
    assert_eq!(hand.books("bybit:BaseToken:BTC"), qty("0.45"));
    assert_eq!(hand.books("binance:Perp:BTCUSDT"), qty("-0.45"));
    let notes = hand.notes(Loudness::Warn);
    assert!(
        notes.iter().any(|note| note.contains("what stood alone of its group was taken back")),
        "{notes:?}"
    );
}

#[test]
fn beyond_max_notional_the_surplus_is_taken_back_at_once_and_no_more() {
    let limit = [("execution.leg_risk.max_notional", "5999")];
    let (hand, back) = taken_back(vec![COINS, SHORT], &[400, 500], &limit);
    assert_eq!(back, [dec("0.1")], "the short is made smaller");
    assert_eq!(hand.books("binance:Perp:BTCUSDT"), qty("-0.4"));
}

#[test]
fn what_stands_alone_is_taken_back_where_most_of_it_was_done() {
    let legs = vec![
        (MarketKind::Spot, "bybit", 200),
        (MarketKind::Spot, "binance", 300),
        (MarketKind::Perp, "binance", -500),
    ];
    let (hand, back) = taken_back(legs, &[200, 300, 450, 0, 0], &[]);
    assert_eq!(back, [dec("-0.05")]);
    assert_eq!(hand.books("binance:BaseToken:BTC"), qty("0.25"), "one order, at the larger leg");
}

/// Two shorts that go together; of each 0.1 fills, then nothing.
fn shorts(sets: &[(&str, &str)], held: Option<i64>) -> (Hand, Vec<Decimal>) {
    let shorts = vec![(MarketKind::Perp, "bybit", -200), (MarketKind::Perp, "binance", -200)];
    let action = basis::types::Action::EntryPartial;
    let before = held.map(|coins| vec![(MarketKind::Spot, "bybit", coins)]);
    let (is_held, all) = (held.is_some(), before.into_iter().chain([shorts]).collect());
    let mut hand = Hand::new(groups(all, action), Mode::Paper, sets);
    if is_held {
        played(&mut hand, &[1_000]);
    }
    let (back, _) = played(&mut hand, &[100, 100, 0, 0, 0, 0]);
    let back = back.iter().map(|order| change(order).normalize()).collect();
    (hand, back)
}

#[test]
fn shorts_that_fill_in_part_do_not_hedge_each_other() {
    // Nothing is held that they could hedge.
    let (hand, back) = shorts(&[], None);
    assert_eq!(back, [dec("0.1"), dec("0.1")]);
    assert!(net(&hand).is_zero());
    // They hedge 0.15 of the coins that are held: the rest goes.
    let (hand, back) = shorts(&[], Some(150));
    assert_eq!(back, [dec("0.05")]);
    assert!(net(&hand).is_zero());
    // They hedge all that they are: they stay, and are not said to hedge each other.
    let (hand, back) = shorts(&[], Some(400));
    assert!(back.is_empty(), "{back:?}");
    assert_eq!(net(&hand), dec("0.2"));
    let notes = hand.notes(Loudness::Warn);
    assert!(!notes.iter().any(|note| note.contains("hedge each other")), "{notes:?}");
    assert!(
        notes.iter().any(|note| note.contains("bring net exposure nearer to nothing")),
        "{notes:?}"
    );
}

#[test]
fn legs_that_hedge_each_other_are_said_to() {
    let (hand, back) = taken_back(vec![COINS, SHORT], &[450, 450, 0, 0, 0, 0], &[]);
    assert!(back.is_empty(), "{back:?}");
    let notes = hand.notes(Loudness::Warn);
    assert!(notes.iter().any(|note| note.contains("hedge each other: they stay")), "{notes:?}");
}

#[test]
fn a_short_of_a_plan_out_of_time_whose_other_short_never_came_is_taken_back() {
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        let mut short = |venue| desk.perp(venue, Side::Sell, "0.2");
        match hour(step) {
            0 => entry(vec![
                parallel(vec![short("bybit"), short("binance")]),
                one(desk.spot("bybit", Side::Buy, "0.4")),
            ]),
            _ => Decision::hold("done"),
        }
    });
    let mut hand = Hand::new(strategy, Mode::Paper, &[]);
    let orders = submitted(&hand.tick());
    fill(&mut hand, &orders[0]);
    hand.give(Input::Outcome(orders[1].0, Outcome::Unknown));
    hand.later(basis::types::Span::from_s(120));
    let plan = hand.engine.state().active.expect("the plan is active");
    hand.give(Input::Deadline(TimerId::Plan(plan)));
    let never = Input::Outcome(orders[1].0, Outcome::NotFound { is_final: true });
    let effects = hand.give(never);
    let back = reconciled(&mut hand, effects);
    assert_eq!(back.iter().map(change).collect::<Vec<_>>(), [dec("0.2")]);
}
