//! One misbehaviour a test, then all of them drawn from a seed.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::mischief::{Mischief, Script, Telling};
use crate::world::Weather;
use crate::{Drill, check};

const STEPS: u64 = 12;

fn weather() -> Weather {
    Weather { seed: 7, steps: STEPS, swing: 500 }
}

/// The script of one misbehaviour, played to its end.
fn orders_that(mischief: Mischief) -> Drill {
    let drill = Drill::run(Script::Each(mischief), weather());
    check(&drill.exchange, &drill.engine, drill.folder.path());
    let met = drill.exchange.met().get(&mischief).copied().unwrap_or(0);
    assert!(met >= 3, "{mischief:?} happened {met} times, which is no test of it");
    // An entry that was taken back waits before it is tried again.
    let least = if mischief == Mischief::FillsInPart { 4 } else { 8 };
    let begun = drill.engine.state().plans_begun;
    assert!(begun >= least, "{begun} plans");
    drill
}

#[test]
fn when_all_is_well_every_order_is_filled_at_its_first_attempt() {
    let drill = orders_that(Mischief::None);
    let (posted, filled) =
        drill.exchange.with_books(|books| (books.posted.len(), books.fills.len()));
    assert_eq!(posted, filled);
    assert_eq!(drill.engine.state().tally.orders, posted as u64);
}

#[test]
fn an_answer_that_comes_too_late_is_asked_for_and_the_order_is_not_sent_again() {
    let drill = orders_that(Mischief::AnswersLate);
    let (posted, filled) =
        drill.exchange.with_books(|books| (books.posted.len(), books.fills.len()));
    assert_eq!(posted, filled, "every order had filled, so none needed a second attempt");
}

#[test]
fn an_order_that_arrives_after_we_gave_up_on_it_is_found() {
    let drill = orders_that(Mischief::ArrivesLate);
    let (posted, filled) =
        drill.exchange.with_books(|books| (books.posted.len(), books.fills.len()));
    assert_eq!(posted, filled, "every order had filled, so none needed a second attempt");
}

#[test]
fn an_order_that_arrives_past_its_validity_is_sent_again_under_a_new_id() {
    let drill = orders_that(Mischief::ArrivesTooLate);
    let (posted, filled) =
        drill.exchange.with_books(|books| (books.posted.len(), books.fills.len()));
    assert!(posted > filled, "{posted} sent, {filled} filled");
}

#[test]
fn an_internal_error_after_the_fill_is_no_failure() {
    let drill = orders_that(Mischief::FailsAfterTheFill);
    let (posted, filled) =
        drill.exchange.with_books(|books| (books.posted.len(), books.fills.len()));
    assert_eq!(posted, filled);
}

#[test]
fn an_internal_error_before_the_fill_is_no_fill() {
    let drill = orders_that(Mischief::FailsBeforeTheFill);
    let (posted, filled) =
        drill.exchange.with_books(|books| (books.posted.len(), books.fills.len()));
    assert!(posted > filled, "{posted} sent, {filled} filled");
}

#[test]
fn a_connection_that_breaks_after_the_fill_is_no_failure() {
    let drill = orders_that(Mischief::DropsAfterTheFill);
    let (posted, filled) =
        drill.exchange.with_books(|books| (books.posted.len(), books.fills.len()));
    assert_eq!(posted, filled);
}

#[test]
fn a_connection_that_breaks_before_the_order_is_read_is_no_fill() {
    orders_that(Mischief::DropsBeforeTheFill);
}

#[test]
fn a_fill_in_part_is_completed_or_unwound_so_that_both_legs_agree() {
    orders_that(Mischief::FillsInPart);
}

#[test]
fn an_order_that_stays_open_is_followed_to_its_fill() {
    let drill = orders_that(Mischief::StaysOpen);
    let (posted, filled) =
        drill.exchange.with_books(|books| (books.posted.len(), books.fills.len()));
    assert_eq!(posted, filled);
}

#[test]
fn a_rate_limit_is_waited_out_and_the_order_sent_under_a_new_id() {
    let drill = orders_that(Mischief::IsRateLimited);
    let (posted, filled) =
        drill.exchange.with_books(|books| (books.posted.len(), books.fills.len()));
    assert!(posted > filled, "{posted} sent, {filled} filled");
}

#[test]
fn balances_that_are_stale_do_not_reconcile_and_are_asked_for_again() {
    for telling in [Telling::Stale, Telling::Lagging, Telling::Fails, Telling::Drops] {
        let drill = Drill::run(Script::Balances(telling), weather());
        check(&drill.exchange, &drill.engine, drill.folder.path());
        let begun = drill.engine.state().plans_begun;
        // How many steps a suspicion outlasts is a matter of the machine's load.
        assert!(begun >= 6, "{telling:?}: {begun} plans");
    }
}

#[test]
fn settlements_that_are_told_late_and_twice_are_posted_once() {
    let drill = Drill::run(Script::Settlements, weather());
    check(&drill.exchange, &drill.engine, drill.folder.path());
    let (settled, funding) =
        drill.exchange.with_books(|books| (books.settled.len(), books.funding));
    assert!(settled >= 2, "{settled} settlements are no test");
    let posted = drill.engine.state().ledger.total[basis::types::PnlCause::Funding];
    assert_eq!(posted.get(), funding);
}

/// Every kind of misbehaviour at prices that stand still, so that value changes by fees and funding alone.
#[test]
fn through_a_soak_of_forty_decisions_value_is_conserved_to_fees_and_funding() {
    let mut met = BTreeSet::new();
    for seed in [11, 12] {
        let drill = Drill::run(Script::Seeded(seed), Weather { seed, steps: 42, swing: 0 });
        check(&drill.exchange, &drill.engine, drill.folder.path());
        met.extend(drill.exchange.met().into_keys());
        let state = drill.engine.state();
        assert!(state.tally.decisions >= 40, "{} decisions", state.tally.decisions);
        let (equity, fees, funding) =
            drill.exchange.with_books(|books| (books.equity(), books.fees, books.funding));
        let expected = Decimal::from(100_000) - fees + funding;
        // Each fill rounds once or twice, to eight places and against us.
        assert!((equity - expected).abs() < Decimal::new(1, 5), "{equity} is not {expected}");
        assert!((state.recorded_equity.get() - equity).abs() < Decimal::new(1, 8));
        assert!(fees > Decimal::ZERO);
    }
    assert_eq!(met.len(), Mischief::ALL.len(), "some misbehaviour never happened: {met:?}");
}
