//! What bars and hours do to an exchange account: stops, targets, liquidations, funding, interest.

use super::*;
use crate::sim::testkit::{Kit, dec, price, qty};
use crate::types::Rate;

/// A usdt account of 1 000 that is long 10 at 1 000: it is worth 1 000 − 10·(1 000 − p), keeps 0.4 % and is liquidated at
/// 900 / 0.996 = 903.61445783…
fn long_ten(kit: &Kit) -> World<Table> {
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "1000"));
    done(&mut world, 0, 1, &kit.buy(kit.perp, "10"));
    world
}

fn kit() -> Kit {
    Kit::usdt().free()
}

#[test]
fn an_account_survives_one_unit_above_maintenance_and_not_at_it() {
    let mut kit = kit();
    // Cash 1 900 and a maintenance of a tenth: 10·p − 8 100 = p at exactly 900.
    kit.rules(|venues| {
        let margin = venues[1].margin.as_mut().unwrap();
        margin.tiers[0].tiers[0].rate = Rate::new(dec("0.1"));
    });
    kit.start_with(&[(kit.cash, "1900")]);
    let run = |low: &str| {
        let mut world = long_ten(&kit);
        world.tick(hour(1), &kit.after_bar(1, ["1000", "1000", low], "950"));
        settled(&mut world, hour(1))
    };
    assert_eq!(run("900.00000001"), []);
    for low in ["900", "899.99999999", "850"] {
        let told = run(low);
        let [(Settlement::Liquidation, postings)] = &told[..] else { panic!("{low}: {told:?}") };
        assert_eq!(postings[0].price, Some(price("900")), "at the boundary, wherever the low is");
        assert_eq!(
            lines(postings),
            [
                line(kit.position, "-10", Cause::Liquidation),
                line(kit.cash, "-1000", Cause::Liquidation),
                line(kit.cash, "-90", Cause::Liquidation),
            ]
        );
    }
}

#[test]
fn a_bar_that_opens_beyond_the_boundary_liquidates_at_its_open() {
    let kit = kit();
    let mut world = long_ten(&kit);
    world.tick(hour(1), &kit.after_bar(1, ["890", "1200", "880"], "1100"));
    let told = settled(&mut world, hour(1));
    let [(Settlement::Liquidation, postings)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(postings[0].price, Some(price("890")));
    assert!(world.balance(kit.position).quantity.is_zero());
    assert!(world.balance(kit.position).cost.is_zero());
}

#[test]
fn a_short_is_liquidated_by_the_high_and_its_price_is_rounded_away_from_the_open() {
    let kit = kit();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "1000"));
    done(&mut world, 0, 1, &kit.sell(kit.perp, "10"));
    world.tick(hour(1), &kit.after_bar(1, ["1000", "1200", "990"], "1000"));
    let told = settled(&mut world, hour(1));
    let [(Settlement::Liquidation, postings)] = &told[..] else { panic!("{told:?}") };
    // 11 000 − 10·p = 0.04·p at p = 1 095.617529880478…
    assert_eq!(postings[0].price, Some(price("1095.61752989")));
}

#[test]
fn the_crossing_is_found_across_tiers() {
    let mut kit = kit();
    // Short 100 at 3 000 = 300 000, the edge of the first tier; above it 0.5 % less 300.
    kit.start_with(&[(kit.cash, "31695")]);
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "3000"));
    done(&mut world, 0, 1, &kit.sell(kit.perp, "100"));
    world.tick(hour(1), &kit.after_bar(1, ["2900", "3500", "2900"], "2900"));
    let told = settled(&mut world, hour(1));
    let [(Settlement::Liquidation, postings)] = &told[..] else { panic!("{told:?}") };
    // 331 695 − 100·p = 0.5·p − 300 at p = 331 995 / 100.5 = 3 303.43283582…
    assert_eq!(postings[0].price, Some(price("3303.43283583")));
}

#[test]
fn collateral_falls_with_the_perp_of_its_coin_in_unified_mode() {
    let mut kit = Kit::unified().free();
    kit.start_with(&[(kit.coins, "2")]);
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "1000"));
    done(&mut world, 0, 1, &kit.buy(kit.perp, "8"));
    // 1.9·p + 8·(p − 1 000) = 0.032·p at p = 8 000 / 9.868 = 810.70125658…; the spot opens at 1 000 as the perp does.
    let bar = ["1000", "1000", "810.71"];
    world.tick(hour(1), &kit.after_bar(1, bar, "1000"));
    assert_eq!(settled(&mut world, hour(1)), []);
    world.tick(hour(2), &kit.after_bar(2, ["1000", "1000", "810.7"], "1000"));
    let told = settled(&mut world, hour(2));
    let [(Settlement::Liquidation, postings)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(postings[0].price, Some(price("810.70125658")));
    assert_eq!(world.balance(kit.coins).quantity, qty("2"), "coins are not sold");
}

#[test]
fn nothing_happens_on_a_gap() {
    let kit = kit();
    let mut world = long_ten(&kit);
    rests(&mut world, 2, &kit.protect("990", ""));
    world.tick(hour(1), &kit.at(1, "1000").gap(kit.perp, price("500")));
    assert_eq!(settled(&mut world, hour(1)), []);
}

#[test]
fn a_stop_fills_at_the_worse_of_trigger_and_open_and_pays_its_fee() {
    let mut kit = Kit::usdt();
    kit.start_with(&[(kit.cash, "2000")]);
    for (bar, fill, cash) in
        [(["1000", "1010", "980"], "980", "-200"), (["970", "1010", "960"], "970", "-300")]
    {
        let mut world = long_ten(&kit);
        assert_eq!(outcome(&mut world, 0, 2, &kit.protect("980", "1020")), Outcome::Resting);
        world.tick(hour(1), &kit.after_bar(1, bar, "1000"));
        let told = settled(&mut world, hour(1));
        let [(Settlement::Protection(market), postings)] = &told[..] else { panic!("{told:?}") };
        let fee = (price(fill) * qty("10") * Rate::new(dec("0.0005"))).as_quantity();
        assert_eq!((*market, postings[0].price), (kit.perp, Some(price(fill))));
        assert_eq!(
            lines(postings),
            [
                line(kit.position, "-10", Cause::Trade),
                line(kit.cash, cash, Cause::Realised),
                line(kit.cash, &(-fee).to_string(), Cause::Fee),
            ]
        );
    }
}

#[test]
fn the_stop_comes_first_when_both_are_hit() {
    let kit = kit();
    let mut world = long_ten(&kit);
    rests(&mut world, 2, &kit.protect("980", "1020"));
    world.tick(hour(1), &kit.after_bar(1, ["1000", "1030", "970"], "1000"));
    let told = settled(&mut world, hour(1));
    let [(Settlement::Protection(_), postings)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(postings[0].price, Some(price("980")));
}

#[test]
fn a_target_fills_at_its_trigger() {
    let kit = kit();
    let mut world = long_ten(&kit);
    rests(&mut world, 2, &kit.protect("980", "1020"));
    world.tick(hour(1), &kit.after_bar(1, ["1030", "1040", "985"], "1000"));
    let told = settled(&mut world, hour(1));
    let [(Settlement::Protection(_), postings)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(postings[0].price, Some(price("1020")));
}

#[test]
fn a_stop_nearer_to_the_open_saves_the_account_and_a_farther_one_does_not() {
    let kit = kit();
    let run = |stop: &str| {
        let mut world = long_ten(&kit);
        rests(&mut world, 2, &kit.protect(stop, "1500"));
        world.tick(hour(1), &kit.after_bar(1, ["1000", "1600", "800"], "1000"));
        settled(&mut world, hour(1)).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>()
    };
    assert_eq!(run("903.62"), [Settlement::Protection(kit.perp)]);
    assert_eq!(run("903.61"), [Settlement::Liquidation], "and no target after it");
}

#[test]
fn a_position_that_is_gone_or_turned_has_no_protection_left() {
    let kit = kit();
    for change in ["10", "12"] {
        let mut world = long_ten(&kit);
        rests(&mut world, 2, &kit.protect("980", "1020"));
        done(&mut world, 0, 3, &kit.sell(kit.perp, change));
        done(&mut world, 0, 4, &kit.buy(kit.perp, "5"));
        world.tick(hour(1), &kit.after_bar(1, ["1000", "1030", "970"], "1000"));
        assert_eq!(settled(&mut world, hour(1)), []);
    }
    let mut world = long_ten(&kit);
    rests(&mut world, 2, &kit.protect("980", "1020"));
    done(&mut world, 0, 3, &kit.sell(kit.perp, "4"));
    rests(&mut world, 4, &kit.protect("", "1030"));
    world.tick(hour(1), &kit.after_bar(1, ["1000", "1030", "970"], "1000"));
    let told = settled(&mut world, hour(1));
    assert_eq!(told[0].1[0].price, Some(price("1030")), "set as a whole: the stop is off");
    assert_eq!(told[0].1[0].amount, qty("-6"), "what is left of the position");
}

fn rests(world: &mut World<Table>, number: u16, order: &BoundOrder) {
    assert_eq!(outcome(world, 0, number, order), Outcome::Resting);
}

#[test]
fn funding_is_paid_on_the_position_held_before_the_trades_of_its_hour() {
    let kit = kit();
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "1000"));
    done(&mut world, 0, 1, &kit.sell(kit.perp, "3"));
    let rate = Rate::new(dec("0.000123456789"));
    world.tick(hour(8), &kit.at(8, "1100.5").funding(kit.perp, rate));
    // Shorts get 3 × 1 100.5 × rate = 0.40759258889, rounded down.
    let told = settled(&mut world, hour(8));
    let [(Settlement::Funding(market), postings)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(*market, kit.perp);
    assert_eq!(lines(postings), [line(kit.cash, "0.40759258", Cause::Funding)]);
    // The next hour pays nothing, and a negative rate takes from shorts, rounded up.
    world.tick(hour(9), &kit.at(9, "1100.5"));
    assert_eq!(settled(&mut world, hour(9)), []);
    world.tick(hour(16), &kit.at(16, "1100.5").funding(kit.perp, -rate));
    let told = settled(&mut world, hour(16));
    assert_eq!(lines(&told[0].1), [line(kit.cash, "-0.40759259", Cause::Funding)]);
}

#[test]
fn funding_is_due_in_a_gap_too_at_the_last_price() {
    let kit = kit();
    let mut world = long_ten(&kit);
    let gap =
        kit.at(8, "1000").gap(kit.perp, price("1001")).funding(kit.perp, Rate::new(dec("0.001")));
    world.tick(hour(8), &gap);
    let told = settled(&mut world, hour(8));
    assert_eq!(lines(&told[0].1), [line(kit.cash, "-10.01", Cause::Funding)]);
}

#[test]
fn stops_come_before_funding_and_funding_before_interest() {
    let mut kit = Kit::unified().free();
    kit.start_with(&[(kit.cash, "1000"), (kit.coins, "9")]);
    let mut world = kit.world();
    world.tick(hour(0), &kit.at(0, "100"));
    done(&mut world, 0, 1, &kit.buy(kit.spot, "12"));
    done(&mut world, 0, 2, &kit.sell(kit.perp, "10"));
    let rate = Rate::new(dec("0.001"));
    world.tick(hour(8), &kit.after_bar(8, ["100", "101", "99"], "100").funding(kit.perp, rate));
    // Cash was −200 for eight hours: 100 above the free amount at 8.76 % a year are 0.001 an hour.
    let told = settled(&mut world, hour(8));
    let kinds: Vec<Settlement> = told.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [Settlement::Funding(kit.perp), Settlement::Interest]);
    assert_eq!(lines(&told[1].1), [line(kit.cash, "-0.008", Cause::Interest)]);
    assert_eq!(outcome(&mut world, 8, 3, &kit.protect("101", "")), Outcome::Resting);
    world.tick(hour(16), &kit.after_bar(16, ["100", "102", "99"], "100").funding(kit.perp, rate));
    let kinds: Vec<Settlement> = settled(&mut world, hour(16)).iter().map(|it| it.0).collect();
    assert_eq!(
        kinds,
        [Settlement::Protection(kit.perp), Settlement::Interest],
        "a position that was stopped out in the hour before gets no funding"
    );
}

#[test]
fn every_settlement_has_its_own_reference() {
    let kit = kit();
    let mut world = long_ten(&kit);
    let mut references = Vec::new();
    for n in 1..6 {
        world.tick(hour(n), &kit.at(n, "1000").funding(kit.perp, Rate::new(dec("0.0001"))));
        for (_, message) in drain(&mut world, hour(n)) {
            if let Message::Report(report) = message
                && let ReportBody::Settled { reference, .. } = report.body
            {
                references.push(reference);
            }
        }
    }
    assert_eq!(references, [1, 2, 3, 4, 5]);
}

#[test]
fn a_hold_tells_nothing() {
    let kit = kit();
    let mut world = long_ten(&kit);
    let before = world.balances().collect::<Vec<_>>();
    world.tick(hour(1), &kit.after_bar(1, ["1000", "1001", "999"], "1000"));
    assert_eq!(world.next_at(), None);
    assert_eq!(world.balances().collect::<Vec<_>>(), before);
}
