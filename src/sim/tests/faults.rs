//! What goes wrong on the wire, one fault at a time, and a careful client that gets through all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::sim::fault::Dice;
use crate::sim::testkit::{Kit, bound, dec, qty};
use crate::sim::{FaultKind, Faults, Violation};
use crate::types::{Code, Operation, Quantity, Rate, Report, Span, VenueId};

fn s(seconds: i64) -> Timestamp {
    hour(0) + Span::from_s(seconds)
}

fn world(kit: &Kit, faults: Faults, seed: u64) -> World<Table> {
    let mut world = World::new(kit.setup.clone(), seed, faults);
    world.tick(hour(0), &kit.at(0, "100"));
    world
}

/// The wire is mended.
fn mend(world: &mut World<Table>) {
    world.post.dice = Dice::new(Faults::NONE, 0, 2);
}

fn last_outcome(told: &[(Timestamp, Message)]) -> (Timestamp, Outcome) {
    let mut outcomes = told.iter().rev().filter_map(|(at, message)| match message {
        Message::Outcome(_, outcome) => Some((*at, outcome.clone())),
        _ => None,
    });
    outcomes.next().expect("an outcome was told")
}

#[test]
fn a_lost_request_is_unknown_then_not_found_and_final_only_after_its_validity() {
    let kit = Kit::usdt();
    let mut world = world(&kit, Faults { request_lost: 1000, ..Faults::NONE }, 1);
    world.submit(s(0), id(1), &kit.buy(kit.perp, "1"));
    assert_eq!(last_outcome(&drain(&mut world, s(60))), (s(10), Outcome::Unknown));
    for (asked, is_final) in [(11, false), (20, false), (21, true)] {
        world.query(s(asked), kit.exchange, id(1));
        let (_, told) = last_outcome(&drain(&mut world, s(60)));
        assert_eq!(told, Outcome::NotFound { is_final }, "after {asked} s");
    }
    assert!(world.balance(kit.position).quantity.is_zero());
    assert_eq!(world.faults_met().count(FaultKind::RequestLost), 1);
}

#[test]
fn an_order_that_was_never_sent_is_final_only_a_validity_after_it_was_asked_for() {
    let kit = Kit::usdt();
    let mut world = kit.world();
    for (asked, is_final) in [(100, false), (120, false), (121, true)] {
        world.query(s(asked), kit.exchange, id(9));
        let (_, told) = last_outcome(&drain(&mut world, s(200)));
        assert_eq!(told, Outcome::NotFound { is_final });
    }
}

#[test]
fn a_lost_answer_hides_a_fill_that_a_query_finds() {
    let kit = Kit::usdt();
    let mut world = world(&kit, Faults { answer_lost: 1000, ..Faults::NONE }, 1);
    world.submit(s(0), id(1), &kit.buy(kit.perp, "1"));
    assert_eq!(last_outcome(&drain(&mut world, s(60))), (s(10), Outcome::Unknown));
    assert_eq!(world.balance(kit.position).quantity, qty("1"));
    mend(&mut world);
    world.query(s(11), kit.exchange, id(1));
    let (_, told) = last_outcome(&drain(&mut world, s(60)));
    assert!(matches!(told, Outcome::Done(fill) if fill.executed == qty("1")));
}

#[test]
fn a_late_request_fills_within_its_validity_or_never_whatever_was_told_meanwhile() {
    let kit = Kit::usdt();
    let (mut filled, mut expired) = (0, 0);
    for seed in 0..60 {
        let mut world = world(&kit, Faults { request_delayed: 1000, ..Faults::NONE }, seed);
        world.submit(s(0), id(1), &kit.buy(kit.perp, "1"));
        let told = drain(&mut world, s(20));
        assert_eq!(last_outcome(&told), (s(10), Outcome::Unknown), "nobody hears its answer");
        let at_validity = world.balance(kit.position).quantity;
        mend(&mut world);
        world.query(s(21), kit.exchange, id(1));
        let (_, verdict) = last_outcome(&drain(&mut world, s(21)));
        assert_eq!(matches!(verdict, Outcome::Done(_)), !at_validity.is_zero());
        drain(&mut world, s(3600));
        assert_eq!(world.balance(kit.position).quantity, at_validity, "no fill after its validity");
        if at_validity.is_zero() { expired += 1 } else { filled += 1 }
    }
    assert!(filled > 10 && expired > 10, "{filled} filled, {expired} expired");
}

#[test]
fn an_answer_told_twice_is_the_same_answer() {
    let kit = Kit::usdt();
    let mut world = world(&kit, Faults { answer_duplicated: 1000, ..Faults::NONE }, 1);
    world.submit(s(0), id(1), &kit.buy(kit.perp, "1"));
    let told = drain(&mut world, s(60));
    assert_eq!(told.len(), 3);
    assert_eq!(told[1].1, told[2].1);
    assert!(told[1].0 < told[2].0);
    assert_eq!(world.balance(kit.position).quantity, qty("1"));
}

#[test]
fn a_venue_that_is_down_refuses_or_is_silent_and_executes_nothing() {
    let kit = Kit::usdt();
    let (mut refused, mut silent) = (0, 0);
    for seed in 0..20 {
        let mut world = world(&kit, Faults { venue_down: 1000, ..Faults::NONE }, seed);
        world.submit(s(0), id(1), &kit.buy(kit.perp, "1"));
        match last_outcome(&drain(&mut world, s(60))).1 {
            Outcome::Rejected(rejection) => {
                assert_eq!(rejection.code, Code::Ven003);
                refused += 1;
            }
            Outcome::Unknown => silent += 1,
            other => panic!("{other:?}"),
        }
        world.observe(s(1), kit.exchange, &[kit.cash]);
        assert_eq!(drain(&mut world, s(60)), [], "no answer to an observation");
        assert!(world.balance(kit.position).quantity.is_zero());
    }
    assert!(refused > 0 && silent > 0);
}

#[test]
fn stale_balances_say_so_and_mislabelled_ones_do_not() {
    let kit = Kit::usdt();
    let observed = |faults: Faults| {
        let mut world = world(&kit, faults, 1);
        world.submit(s(60), id(1), &kit.buy(kit.perp, "1"));
        drain(&mut world, s(60));
        world.observe(s(61), kit.exchange, &[kit.position]);
        match drain(&mut world, s(61)).pop() {
            Some((_, Message::Report(Report { as_of, body: ReportBody::Balances(it), .. }))) => {
                (as_of, it[0].quantity)
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(observed(Faults::NONE), (s(61), qty("1")));
    let stale = Faults { observation_stale: 1000, ..Faults::NONE };
    assert_eq!(observed(stale), (s(0), qty("0")));
    let mislabelled = Faults { observation_mislabelled: 1000, ..Faults::NONE };
    assert_eq!(observed(mislabelled), (s(61), qty("0")));
}

#[test]
fn a_refusal_of_the_venues_own_and_a_partial_fill() {
    let kit = Kit::usdt();
    let mut busy = world(&kit, Faults { rejected: 1000, ..Faults::NONE }, 1);
    assert_eq!(native(rejected(&mut busy, 0, 1, &kit.buy(kit.perp, "1"))), "BUSY");
    let mut thin = world(&kit, Faults { partial_fill: 1000, ..Faults::NONE }, 1);
    let fill = done(&mut thin, 0, 1, &kit.buy(kit.perp, "1"));
    assert!(fill.executed.is_positive() && fill.executed < qty("1"), "{}", fill.executed);
    assert!(fill.executed.is_multiple_of(qty("0.001")));
    assert_eq!(thin.balance(kit.position).quantity, fill.executed);
}

#[test]
fn an_order_for_a_key_in_doubt_is_held_against_the_client_until_the_doubt_is_gone() {
    let kit = Kit::usdt();
    let mut world = world(&kit, Faults { request_lost: 1000, ..Faults::NONE }, 1);
    world.submit(s(0), id(1), &kit.buy(kit.perp, "1"));
    drain(&mut world, s(10));
    mend(&mut world);
    world.submit(s(11), id(2), &kit.buy(kit.spot, "1"));
    assert_eq!(world.violations(), [], "another key is free");
    world.submit(s(11), id(3), &kit.buy(kit.perp, "1"));
    let doubt = Violation::KeyInDoubt { id: id(3), doubtful: id(1), key: kit.position, at: s(11) };
    assert_eq!(world.violations(), [doubt]);
    world.query(s(21), kit.exchange, id(1));
    drain(&mut world, s(21));
    world.submit(s(22), id(4), &kit.buy(kit.perp, "1"));
    assert_eq!(world.violations(), [doubt], "the order is known never to have arrived");
}

/// A client that keeps books from what it is told, each order and each reference once, and asks until it knows.
#[derive(Default)]
struct Careful {
    books: BTreeMap<KeyId, Quantity>,
    ended: BTreeSet<crate::types::OrderId>,
    references: BTreeSet<(VenueId, u64)>,
}

impl Careful {
    fn hear(&mut self, message: Message) {
        match message {
            Message::Outcome(id, Outcome::Done(fill)) if self.ended.insert(id) => {
                self.post(&fill.deltas);
            }
            Message::Outcome(id, Outcome::Rejected(_) | Outcome::NotFound { is_final: true }) => {
                self.ended.insert(id);
            }
            Message::Report(Report {
                venue,
                body: ReportBody::Settled { reference, postings, .. },
                ..
            }) if self.references.insert((venue, reference)) => self.post(&postings),
            _ => {}
        }
    }

    fn post(&mut self, postings: &[Posting]) {
        for posting in postings {
            *self.books.entry(posting.key).or_default() += posting.amount;
        }
    }
}

/// Sends an order and asks every ten seconds until its end is known.
fn see_through(
    world: &mut World<Table>,
    client: &mut Careful,
    mut now: Timestamp,
    venue: VenueId,
    number: u16,
    order: &BoundOrder,
) {
    world.submit(now, id(number), order);
    for _ in 0..100 {
        now = now + Span::from_s(10);
        for (_, message) in drain(world, now) {
            client.hear(message);
        }
        if client.ended.contains(&id(number)) {
            return;
        }
        world.query(now, venue, id(number));
    }
    panic!("order {number} was asked for a hundred times");
}

#[test]
fn a_careful_client_knows_every_balance_whatever_goes_wrong() {
    let mut kit = Kit::unified();
    kit.change(|setup| setup.conditions.iter_mut().for_each(|it| it.latency = Span::from_ms(80)));
    let mut met = BTreeSet::new();
    for seed in 0..40 {
        let mut world = World::new(kit.setup.clone(), seed, Faults::each(150));
        let mut client = Careful::default();
        client.books.extend(world.balances().map(|balance| (balance.key, balance.quantity)));
        for n in 0..8_i64 {
            let bar = [["100", "101", "99"], ["100", "106", "97"]][(n % 2) as usize];
            let weather = kit.after_bar(n, bar, "100").funding(kit.perp, Rate::new(dec("0.0003")));
            world.tick(hour(n), &weather);
            let send = Operation::Transfer { from: kit.usdt, to: kit.cash };
            let orders = [
                (kit.wallet, bound(send, "10")),
                (kit.exchange, kit.buy(kit.spot, "1")),
                (kit.exchange, kit.sell(kit.perp, "1")),
                (kit.exchange, kit.sell(kit.spot, "0.9")),
            ];
            for (leg, (venue, order)) in orders.iter().enumerate() {
                let at = hour(n) + Span::from_minutes(14 * leg as i64);
                let number = (n * 4) as u16 + leg as u16;
                see_through(&mut world, &mut client, at, *venue, number, order);
            }
        }
        drain(&mut world, hour(20)).into_iter().for_each(|(_, message)| client.hear(message));
        for balance in world.balances() {
            assert_eq!(
                client.books[&balance.key], balance.quantity,
                "seed {seed}, {:?}",
                balance.key
            );
        }
        assert_eq!(world.violations(), []);
        assert_eq!(world.unexplained().count(), 0);
        met.extend(world.faults_met().iter().map(|(kind, _)| kind));
    }
    // It asks for no balances and sends no groups.
    let missed =
        [FaultKind::ObservationStale, FaultKind::ObservationMislabelled, FaultKind::Reverted];
    assert_eq!(met.len() + missed.len(), FaultKind::ALL.len(), "met only {met:?}");
}

#[test]
fn the_same_seed_tells_the_same_story_and_a_copy_goes_its_own_way() {
    let kit = Kit::usdt();
    let story = |seed| {
        let mut world = world(&kit, Faults::each(300), seed);
        for n in 0..30 {
            world.submit(s(n), id(n as u16), &kit.buy(kit.perp, "0.1"));
        }
        let copy = world.clone();
        let told = drain(&mut world, s(600));
        assert_ne!(copy, world);
        (told, world)
    };
    assert_eq!(story(3), story(3));
    assert_ne!(story(3).0, story(4).0);
}
