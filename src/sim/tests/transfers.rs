//! Tokens on the move: transfers, wrapping, gas, atomic groups.

use super::*;
use crate::sim::testkit::{Kit, bound, qty};
use crate::types::{GroupOutcome, Operation, OrderId, Report, Span};

fn transfer(from: KeyId, to: KeyId, amount: &str) -> BoundOrder {
    bound(Operation::Transfer { from, to }, amount)
}

fn wrap(from: KeyId, to: KeyId, amount: &str) -> BoundOrder {
    bound(Operation::Wrap { from, to }, amount)
}

#[test]
fn a_transfer_leaves_at_once_is_in_transit_and_arrives_after_its_time() {
    let kit = Kit::unified();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    let left = done(&mut world, 0, 1, &transfer(kit.usdt, kit.cash, "400"));
    assert_eq!(
        lines(&left.deltas),
        [
            line(kit.usdt, "-400", Cause::Move),
            line(kit.transit, "400", Cause::Move),
            // 100 000 units at 10 gwei.
            line(kit.ether, "-0.001", Cause::Gas),
        ]
    );
    assert_eq!(left.gas_used, Some(100_000));
    let due = hour(0) + Span::from_minutes(20);
    assert_eq!(world.next_at(), Some(due));
    let told = drain(&mut world, hour(1));
    let [(at, Message::Report(Report { venue, as_of, body }))] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!((*at, *venue, *as_of), (due, kit.exchange, due));
    let ReportBody::Settled { reference: 1, kind: Settlement::Arrival, postings } = body else {
        panic!("{body:?}")
    };
    assert_eq!(
        lines(postings),
        [line(kit.transit, "-400", Cause::Move), line(kit.cash, "400", Cause::Move)]
    );
    assert_eq!(world.balance(kit.cash).quantity, qty("1400"));
    assert!(world.balance(kit.transit).quantity.is_zero());
}

#[test]
fn an_exchange_keeps_its_withdrawal_fee_and_what_the_chain_cannot_hold() {
    let kit = Kit::unified();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    let left = done(&mut world, 0, 1, &transfer(kit.cash, kit.usdt, "100.12345678"));
    let on_the_way = kit.setup.universe.key_named("wallet:Transit:USDT").unwrap();
    assert_eq!(
        lines(&left.deltas),
        [
            line(kit.cash, "-99.123456", Cause::Move),
            line(kit.cash, "-1.00000078", Cause::Fee),
            line(on_the_way, "99.123456", Cause::Move),
        ]
    );
    assert_eq!(left.gas_used, None);
}

#[test]
fn a_transfer_without_duration_is_there_at_once() {
    let mut kit = Kit::unified();
    kit.rules(|venues| venues[0].transfers[0].duration = Span::from_ms(0));
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    done(&mut world, 0, 1, &transfer(kit.usdt, kit.cash, "400"));
    assert_eq!(world.balance(kit.cash).quantity, qty("1400"));
    assert_eq!(world.next_at(), None);
}

#[test]
fn a_wallet_says_why_it_refuses_and_takes_nothing_for_it() {
    let kit = Kit::unified();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    let before = world.balances().collect::<Vec<_>>();
    let mut why = |number, order: &BoundOrder| native(rejected(&mut world, 0, number, order));
    assert_eq!(why(1, &transfer(kit.usdt, kit.cash, "10000.000001")), "INSUFFICIENT_BALANCE");
    assert_eq!(why(2, &transfer(kit.usdt, kit.cash, "1.0000001")), "PRECISION");
    assert_eq!(why(3, &transfer(kit.usdt, kit.cash, "0")), "PRECISION");
    assert_eq!(why(4, &transfer(kit.cash, kit.usdt, "1")), "AMOUNT_TOO_SMALL");
    assert_eq!(why(5, &transfer(kit.usdt, kit.coins, "1")), "ASSET_MISMATCH");
    assert_eq!(why(6, &transfer(kit.ether, kit.ether, "1")), "ASSET_MISMATCH");
    assert_eq!(why(7, &wrap(kit.usdt, kit.weth, "1")), "ASSET_MISMATCH");
    // All of the ether cannot be wrapped: the gas is paid from it.
    assert_eq!(why(8, &wrap(kit.ether, kit.weth, "1")), "INSUFFICIENT_BALANCE");
    assert_eq!(why(9, &wrap(kit.ether, kit.weth, "0.99951")), "INSUFFICIENT_BALANCE");
    assert_eq!(world.balances().collect::<Vec<_>>(), before);
    done(&mut world, 0, 10, &wrap(kit.ether, kit.weth, "0.9995"));
    assert!(world.balance(kit.ether).quantity.is_zero(), "to the last wei");
}

#[test]
fn margin_of_open_positions_cannot_be_sent_away_nor_can_credit() {
    let kit = Kit::unified().free();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "1000"));
    done(&mut world, 0, 1, &kit.buy(kit.perp, "5"));
    let held = rejected(&mut world, 0, 2, &transfer(kit.cash, kit.usdt, "500.00000001"));
    assert_eq!(native(held), "INSUFFICIENT_MARGIN");
    done(&mut world, 0, 3, &transfer(kit.cash, kit.usdt, "500"));
    let more = rejected(&mut world, 0, 4, &transfer(kit.cash, kit.usdt, "501"));
    assert_eq!(native(more), "INSUFFICIENT_MARGIN");
    done(&mut world, 0, 5, &kit.sell(kit.perp, "5"));
    let credit = rejected(&mut world, 0, 6, &transfer(kit.cash, kit.usdt, "501"));
    assert_eq!(native(credit), "INSUFFICIENT_BALANCE");
}

fn group(world: &mut World<Table>, legs: &[BoundOrder]) -> GroupOutcome {
    let legs: Vec<(OrderId, BoundOrder)> =
        legs.iter().enumerate().map(|(n, leg)| (id(n as u16), leg.clone())).collect();
    world.submit_group(hour(0), &legs);
    let told = drain(world, hour(0));
    let sent = told.iter().filter(|(_, message)| matches!(message, Message::Sent(_))).count();
    assert_eq!(sent, legs.len());
    match told.into_iter().next_back() {
        Some((_, Message::GroupOutcome(first, outcome))) if first == id(0) => outcome,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_group_commits_whole_and_each_leg_sees_the_legs_before_it() {
    let kit = Kit::unified();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    let legs = [
        wrap(kit.ether, kit.weth, "0.9"),
        wrap(kit.weth, kit.ether, "0.9"),
        transfer(kit.usdt, kit.cash, "50"),
    ];
    let GroupOutcome::Committed(executions) = group(&mut world, &legs) else { panic!() };
    assert_eq!(executions.len(), 3);
    assert_eq!(world.balance(kit.ether).quantity, qty("0.998"));
    assert_eq!(world.brought(kit.ether, Cause::Gas), qty("-0.002"));
    assert_eq!(world.unexplained().count(), 0);
    assert_eq!(settled(&mut world, hour(1)).len(), 1, "the transfer arrives");
}

#[test]
fn a_group_that_fails_leaves_every_byte_but_gas_and_nothing_on_its_way() {
    let kit = Kit::unified();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    let before = world.balances().collect::<Vec<_>>();
    let legs = [
        transfer(kit.usdt, kit.cash, "50"),
        wrap(kit.ether, kit.weth, "0.5"),
        wrap(kit.ether, kit.weth, "0.5"),
        wrap(kit.ether, kit.weth, "0.1"),
    ];
    let GroupOutcome::RolledBack { leg: 2, rejection, deltas } = group(&mut world, &legs) else {
        panic!()
    };
    assert_eq!(native(rejection), "INSUFFICIENT_BALANCE");
    let gas = [
        line(kit.ether, "-0.001", Cause::Gas),
        line(kit.ether, "-0.0005", Cause::Gas),
        line(kit.ether, "-0.0005", Cause::Gas),
    ];
    assert_eq!(lines(&deltas), gas);
    for (now, then) in world.balances().zip(before) {
        let burnt = if now.key == kit.ether { qty("0.002") } else { qty("0") };
        assert_eq!((now.quantity + burnt, now.cost), (then.quantity, then.cost));
        if now.key != kit.ether {
            assert_eq!(now.quantity.get().serialize(), then.quantity.get().serialize());
        }
    }
    assert_eq!(world.unexplained().count(), 0);
    assert_eq!(world.next_at(), None, "nothing is on its way");
}

#[test]
fn an_exchange_order_cannot_be_part_of_a_group() {
    let kit = Kit::unified();
    for stranger in [kit.buy(kit.spot, "1"), transfer(kit.cash, kit.usdt, "10")] {
        let mut world = kit.world();
        world.tick(hour(0), &kit.at(0, "100"));
        let GroupOutcome::RolledBack { leg: 1, rejection, .. } =
            group(&mut world, &[wrap(kit.ether, kit.weth, "0.5"), stranger])
        else {
            panic!()
        };
        assert_eq!(native(rejection), "NOT_ATOMIC");
        assert!(world.balance(kit.weth).quantity.is_zero());
    }
}

#[test]
fn a_group_is_asked_for_by_its_first_leg() {
    let kit = Kit::unified();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    let legs = [wrap(kit.ether, kit.weth, "0.5"), wrap(kit.weth, kit.ether, "0.5")];
    let outcome = group(&mut world, &legs);
    world.query_group(hour(0), kit.wallet, id(0));
    world.query(hour(0), kit.wallet, id(1));
    let told = drain(&mut world, hour(0));
    assert_eq!(told[0].1, Message::GroupOutcome(id(0), outcome));
    assert_eq!(told[1].1, Message::Outcome(id(1), Outcome::Unknown));
}
