//! Spot and perp orders: fills, fees, checks, limits, the fill of the next open.

use rust_decimal::Decimal;

use super::*;
use crate::sim::testkit::{Kit, dec, price, qty};
use crate::types::{BoundOrder, Code, FeeAsset, Rate, Span};

#[test]
fn a_spot_buy_pays_rounded_up_and_its_fee_in_coins() {
    let kit = Kit::unified();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "33333.3333333"));
    let fill = done(&mut world, 0, 1, &kit.buy(kit.spot, "0.001"));
    assert_eq!(fill.average_price, Some(price("33333.3333333")));
    assert_eq!(
        lines(&fill.deltas),
        [
            line(kit.coins, "0.001", Cause::Trade),
            line(kit.cash, "-33.33333334", Cause::Trade),
            line(kit.coins, "-0.000001", Cause::Fee),
        ]
    );
    assert_eq!(world.balance(kit.coins).quantity, qty("0.000999"));
    assert_eq!(world.balance(kit.cash).quantity, qty("966.66666666"));
}

#[test]
fn a_spot_sale_pays_its_fee_in_quote_whatever_the_fee_asset() {
    for asset in [FeeAsset::Received, FeeAsset::Quote] {
        let mut kit = Kit::usdt();
        kit.markets(|market| market.fee_asset = asset);
        kit.start_with(&[(kit.coins, "1")]);
        let mut world = kit.world();
        world.tick(hour(0), &kit.at(0, "100.5"));
        let fill = done(&mut world, 0, 1, &kit.sell(kit.spot, "0.5"));
        assert_eq!(
            lines(&fill.deltas),
            [
                line(kit.coins, "-0.5", Cause::Trade),
                line(kit.cash, "50.25", Cause::Trade),
                line(kit.cash, "-0.05025", Cause::Fee),
            ]
        );
    }
}

#[test]
fn a_perp_opens_closes_and_flips_with_its_profit_paid_in_cash() {
    let kit = Kit::unified();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "1000"));
    let open = done(&mut world, 0, 1, &kit.sell(kit.perp, "2"));
    assert_eq!(open.deltas[0].cost.get(), dec("-2000"));
    assert_eq!(
        lines(&open.deltas),
        [line(kit.position, "-2", Cause::Trade), line(kit.cash, "-1", Cause::Fee)]
    );
    world.tick(hour(1), &kit.at(1, "900"));
    let flip = done(&mut world, 1, 2, &kit.buy(kit.perp, "3"));
    assert_eq!(
        lines(&flip.deltas),
        [
            line(kit.position, "3", Cause::Trade),
            line(kit.cash, "200", Cause::Realised),
            line(kit.cash, "-1.35", Cause::Fee),
        ]
    );
    let balance = world.balance(kit.position);
    assert_eq!((balance.quantity, balance.cost.get()), (qty("1"), dec("900")));
    assert_eq!(world.balance(kit.cash).quantity, qty("1197.65"));
    assert_eq!(world.brought(kit.cash, Cause::Fee), qty("-2.35"));
}

#[test]
fn spread_and_impact_move_the_fill_and_a_limit_cuts_it() {
    let mut kit = Kit::unified().free().with_impact();
    kit.markets(|market| market.half_spread = Rate::new(dec("0.001")));
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100").volume(kit.perp, qty("400")));
    // A hundredth of the volume: 0.001 of impact and 0.001 of spread.
    let whole = done(&mut world, 0, 1, &kit.buy(kit.perp, "4"));
    assert_eq!(whole.average_price, Some(price("100.2")));
    let bounded = |limit: &str, quantity| BoundOrder {
        limit: Some(price(limit)),
        ..kit.buy(kit.perp, quantity)
    };
    world.tick(hour(1), &kit.at(1, "100").volume(kit.perp, qty("400")));
    let part = done(&mut world, 1, 2, &bounded("100.2", "9"));
    assert_eq!((part.executed, part.average_price), (qty("4"), Some(price("100.2"))));
    let none = rejected(&mut world, 1, 3, &bounded("100.1", "9"));
    assert_eq!(native(none), "LIMIT_EXCEEDED");
}

#[test]
fn an_order_book_remembers_within_a_step_what_was_taken_on_a_side() {
    let kit = Kit::unified().free().with_impact();
    let mut world = kit.world();
    let market = |hours| kit.at(hours, "100").volume(kit.perp, qty("400"));
    let fill = |world: &mut World<Table>, hours, number, order: &BoundOrder| {
        done(world, hours, number, order).average_price.unwrap()
    };
    world.tick(hour(0), &market(0));
    // At once 16 of 400 pay a hundredth times the root of 0.04: 100.2. In four parts they pay the same sum.
    let parts: Vec<_> =
        (1..5).map(|number| fill(&mut world, 0, number, &kit.buy(kit.perp, "4"))).collect();
    assert_eq!(parts[0], price("100.1"), "the first meets a full book");
    assert!(parts.is_sorted() && parts[3] > price("100.2"));
    let average = parts.iter().map(|price| price.get()).sum::<Decimal>() / dec("4");
    assert!((average - dec("100.2")).abs() < dec("0.00000001"), "{average}");
    assert_eq!(fill(&mut world, 0, 5, &kit.sell(kit.perp, "4")), price("99.9"), "the other side");
    world.tick(hour(1), &market(1));
    assert_eq!(fill(&mut world, 1, 6, &kit.buy(kit.perp, "4")), price("100.1"), "a new step");
}

#[test]
fn an_exchange_says_why_it_refuses() {
    let kit = Kit::usdt();
    let mut world = kit.world();
    let early = rejected(&mut world, 0, 1, &kit.buy(kit.spot, "1"));
    assert_eq!(early.code, Code::Ven003, "there is no price before the first tick");
    world.tick(hour(0), &kit.at(0, "100"));
    let mut why = |number, order: &BoundOrder| native(rejected(&mut world, 0, number, order));
    assert_eq!(why(2, &kit.buy(kit.spot, "0.0015")), "LOT_SIZE");
    assert_eq!(why(3, &kit.buy(kit.spot, "0")), "LOT_SIZE");
    assert_eq!(why(4, &kit.buy(kit.spot, "0.049")), "MIN_NOTIONAL");
    assert_eq!(why(5, &kit.buy(kit.spot, "10.001")), "INSUFFICIENT_BALANCE");
    assert_eq!(why(6, &kit.sell(kit.spot, "1")), "INSUFFICIENT_BALANCE");
    assert_eq!(why(7, &kit.buy(kit.perp, "100")), "INSUFFICIENT_MARGIN", "the fee is not covered");
    let reduce = BoundOrder { reduce_only: true, ..kit.buy(kit.perp, "1") };
    assert_eq!(why(8, &reduce), "REDUCE_ONLY");
    assert_eq!(why(9, &kit.protect("90", "")), "NO_POSITION");
    let gap = kit.at(1, "100").gap(kit.spot, price("100"));
    world.tick(hour(1), &gap);
    let rejection = rejected(&mut world, 1, 10, &kit.buy(kit.spot, "1"));
    assert_eq!(rejection.code, Code::Ven003);
    assert!(rejection.message.contains("binance spot BTCUSDT"), "{}", rejection.message);
}

#[test]
fn credit_buys_coins_in_unified_margin_and_to_its_last_unit() {
    let kit = Kit::unified().free();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    let too_much = rejected(&mut world, 0, 1, &kit.buy(kit.spot, "20.001"));
    assert_eq!(native(too_much), "INSUFFICIENT_BALANCE");
    done(&mut world, 0, 2, &kit.buy(kit.spot, "20"));
    assert_eq!(world.balance(kit.cash).quantity, qty("-1000"));
}

#[test]
fn initial_margin_is_checked_to_the_unit_and_never_stops_a_reduction() {
    let kit = Kit::usdt().free();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "1000"));
    let too_much = rejected(&mut world, 0, 1, &kit.buy(kit.perp, "10.001"));
    assert_eq!(native(too_much), "INSUFFICIENT_MARGIN");
    done(&mut world, 0, 2, &kit.buy(kit.perp, "10"));
    // At 950 the margin is 500 and the position needs 950: nothing can be added, but it can be cut.
    world.tick(hour(1), &kit.at(1, "950"));
    let more = rejected(&mut world, 1, 3, &kit.buy(kit.perp, "0.01"));
    assert_eq!(native(more), "INSUFFICIENT_MARGIN");
    done(&mut world, 1, 4, &kit.sell(kit.perp, "1"));
    let flip = rejected(&mut world, 1, 5, &kit.sell(kit.perp, "30"));
    assert_eq!(native(flip), "INSUFFICIENT_MARGIN", "a flip is no reduction beyond its size");
}

#[test]
fn reduce_only_is_clipped_to_the_position_and_may_be_small() {
    let kit = Kit::usdt().free();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    done(&mut world, 0, 1, &kit.sell(kit.perp, "1"));
    let reduce = |quantity| BoundOrder { reduce_only: true, ..kit.buy(kit.perp, quantity) };
    assert_eq!(done(&mut world, 0, 2, &reduce("0.999")).executed, qty("0.999"));
    assert_eq!(done(&mut world, 0, 3, &reduce("5")).executed, qty("0.001"));
    assert!(world.balance(kit.position).quantity.is_zero());
    assert!(world.balance(kit.position).cost.is_zero());
}

#[test]
fn the_fill_of_the_next_open_works_until_the_next_tick() {
    let kit = Kit::usdt().with_next_open();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    let order = kit.buy(kit.perp, "1");
    let working = outcome(&mut world, 0, 1, &order);
    assert_eq!(working, Outcome::Working { filled: qty("0") });
    assert!(world.balance(kit.position).quantity.is_zero());
    world.query(hour(0), kit.exchange, id(1));
    let asked = drain(&mut world, hour(0));
    assert_eq!(asked, [(hour(0), Message::Outcome(id(1), working))]);
    world.tick(hour(1), &kit.at(1, "110"));
    let told = drain(&mut world, hour(1));
    let [(at, Message::Outcome(_, Outcome::Done(fill)))] = &told[..] else { panic!("{told:?}") };
    assert_eq!((*at, fill.average_price), (hour(1), Some(price("110"))));
    assert_eq!((fill.submitted_at, fill.executed_at), (hour(0), hour(1)));
}

#[test]
fn latency_is_paid_both_ways_and_the_order_meets_the_prices_of_its_arrival() {
    let mut kit = Kit::usdt().with_latency(Span::from_minutes(40));
    let late = |minutes| hour(0) + Span::from_minutes(minutes);
    kit.change(|setup| setup.execution.validity = Span::from_hours(2));
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    world.submit(late(30), id(1), &kit.buy(kit.perp, "1"));
    let sent = drain(&mut world, hour(1));
    assert_eq!(sent, [(late(30), Message::Sent(id(1)))]);
    world.tick(hour(1), &kit.at(1, "110"));
    assert_eq!(world.next_at(), Some(late(70)));
    let told = drain(&mut world, hour(2));
    let [(at, Message::Outcome(_, Outcome::Done(fill)))] = &told[..] else { panic!("{told:?}") };
    assert_eq!((*at, fill.executed_at), (late(110), late(70)));
    assert_eq!(fill.average_price, Some(price("110")));
}

#[test]
fn an_id_is_used_once_and_sending_it_again_is_held_against_the_client() {
    let kit = Kit::usdt();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    let order = kit.buy(kit.perp, "1");
    let first = done(&mut world, 0, 1, &order);
    let again = rejected(&mut world, 0, 1, &order);
    assert_eq!(native(again), "DUPLICATE_ID");
    assert_eq!(world.balance(kit.position).quantity, qty("1"));
    assert_eq!(world.violations(), [crate::sim::Violation::IdSentTwice { id: id(1), at: hour(0) }]);
    world.query(hour(0), kit.exchange, id(1));
    let told = drain(&mut world, hour(0));
    assert_eq!(told, [(hour(0), Message::Outcome(id(1), Outcome::Done(first)))]);
}
