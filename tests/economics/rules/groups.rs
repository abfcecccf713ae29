//! Groups: atomic ones commit or leave nothing but gas; parallel ones are completed, cut back or unwound.

use basis::config::Costs;
use basis::run::Pump;
use basis::sim::Faults;
use basis::types::event::{Event, GroupEvent};
use basis::types::{Amount, Cause, Decision, Item, Quantity, Side};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::desk::{Desk, entry, exit, one, parallel, parallel_or_unwind};
use crate::scene::{Prices, Scripted, Tape, calm, dec, hour, qty, run, run_in, setup};

fn groups(pump: &Pump<Tape>) -> Vec<&GroupEvent> {
    pump.witness
        .events()
        .filter_map(|event| if let Event::Group(group) = event { Some(&**group) } else { None })
        .collect()
}

fn quantity(pump: &Pump<Tape>, name: &str) -> Quantity {
    let key = pump.engine.step().universe().key_named(name).expect("a key of the scene");
    let ours = pump.engine.state().books.quantity(key);
    assert_eq!(ours, pump.world.balance(key).quantity, "{name}: ours and the venue's");
    ours
}

fn gas_paid(pump: &Pump<Tape>) -> Quantity {
    let key = pump.engine.step().universe().key_named("wallet:BaseToken:ETH").expect("the gas key");
    -pump.world.brought(key, Cause::Gas)
}

#[test]
fn an_atomic_group_that_fails_at_any_leg_leaves_nothing_but_gas() {
    const LEGS: usize = 4;
    for failing in 0..=LEGS {
        let setup = setup("economics", Costs::Full, &[]);
        let data = calm(3).data(&setup);
        let strategy = Scripted::new(move |step| {
            if hour(step) != 0 {
                return Decision::hold("once");
            }
            let mut desk = Desk::new(step);
            let wrap = desk.wrap("0.5");
            let some = desk.unwrap("0.3");
            // 0.2 are left. One leg wants the whole output of the wrap, of which the strategy expected less: the chain refuses.
            let whole = Amount::output(wrap.operation_id, qty("0.01"));
            let legs = (0..LEGS)
                .map(|leg| if leg == failing { desk.unwrap(whole) } else { desk.unwrap("0.01") });
            let group = Item::Atomic(legs.collect());
            let after = desk.unwrap("0.02");
            exit(vec![one(wrap), one(some), group, one(after)])
        });
        let pump = run(setup, &data, strategy);
        let groups = groups(&pump);
        assert_eq!(groups.len(), 1);
        let tank = dec("1");
        if failing == LEGS {
            assert_eq!((groups[0].status, &groups[0].reason), ("completed", &None));
            assert_eq!(quantity(&pump, "wallet:BaseToken:WETH"), qty("0.14"));
            assert_eq!(pump.witness.orders().len(), 2 + LEGS + 1);
            continue;
        }
        assert_eq!(groups[0].status, "rolled_back");
        let reason = groups[0].reason.as_deref().unwrap_or_default();
        assert!(reason.starts_with(&format!("leg {} ", failing + 1)), "{reason}");
        assert!(groups[0].gas.is_positive(), "a failed attempt costs its gas");
        // Exactly what lay there before the group, but for gas; and the order after it was never sent.
        assert_eq!(
            quantity(&pump, "wallet:BaseToken:WETH"),
            qty("0.2"),
            "failing at leg {failing}"
        );
        assert_eq!(
            quantity(&pump, "wallet:BaseToken:ETH").get(),
            tank - dec("0.2") - gas_paid(&pump).get()
        );
        assert_eq!(pump.witness.orders().len(), 2 + LEGS);
        assert!(pump.engine.state().plans.is_empty());
    }
}

#[test]
fn a_leg_of_an_atomic_group_may_use_the_output_of_one_before_it() {
    let setup = setup("economics", Costs::Full, &[]);
    let data = calm(3).data(&setup);
    let strategy = Scripted::new(move |step| {
        if hour(step) != 0 {
            return Decision::hold("once");
        }
        let mut desk = Desk::new(step);
        let wrap = desk.wrap("0.4");
        let half = Amount { times: dec("0.5"), ..Amount::output(wrap.operation_id, qty("0.2")) };
        let back = desk.unwrap(half);
        let weth = crate::desk::key(step, "wallet:BaseToken:WETH");
        let rest = desk.unwrap(Amount { times: dec("0.5"), ..Amount::all(weth, qty("0.1")) });
        exit(vec![Item::Atomic(vec![wrap, back, rest])])
    });
    let pump = run(setup, &data, strategy);
    assert_eq!(pump.witness.sent(), [dec("0.4"), dec("0.2"), dec("0.1")]);
    assert_eq!(quantity(&pump, "wallet:BaseToken:WETH"), qty("0.1"));
}

/// Spot at Bybit, where an order of 0.2 moves the price by 57 basis points and the limit allows 50; the perp at Binance, deep.
fn shallow(policy: fn(Vec<basis::types::Order>) -> Item) -> Pump<Tape> {
    pair(policy, "400", (0, Faults::NONE))
}

/// Spot at Bybit and a perp at Binance, at hour 1, with an impact at Bybit.
fn pair(
    policy: fn(Vec<basis::types::Order>) -> Item,
    impact: &str,
    world: (u64, Faults),
) -> Pump<Tape> {
    let sets = [
        ("venues.bybit.impact.coefficient_bps", impact),
        ("venues.binance.impact.coefficient_bps", "1"),
    ];
    let setup = setup("economics", Costs::Full, &sets);
    let prices = Prices { volume: dec("10"), ..calm(4) };
    let data = prices.data(&setup);
    // The first bar has not closed at hour 0, so there is no impact yet.
    let strategy = Scripted::new(move |step| {
        if hour(step) != 1 {
            return Decision::hold("once");
        }
        let mut desk = Desk::new(step);
        entry(vec![policy(vec![
            desk.spot("bybit", Side::Buy, "0.2"),
            desk.perp("binance", Side::Sell, "0.2"),
        ])])
    });
    let pump = run_in(setup, &data, strategy, world);
    assert!(pump.engine.state().plans.is_empty(), "the plan has ended");
    pump
}

#[test]
fn a_leg_that_fills_in_part_is_completed() {
    // With this seed half of the counterparties are missing for the first order, and none for those after it.
    let faults = Faults { partial_fill: 300, ..Faults::NONE };
    let pump = pair(parallel, "1", (3, faults));
    let sent = pump.witness.sent();
    assert_eq!(sent[..2], [dec("0.2"), dec("0.2")]);
    assert_eq!(sent.len(), 3, "one more order for what was missing: {sent:?}");
    assert!(sent[2] > dec("0.02") && sent[2] < dec("0.18"), "{sent:?}");
    assert_eq!(
        quantity(&pump, "bybit:BaseToken:BTC"),
        qty("0.1998"),
        "less a fee of a tenth of a percent"
    );
    assert_eq!(quantity(&pump, "binance:Perp:BTCUSDT"), qty("-0.2"));
}

#[test]
fn what_an_order_book_does_not_have_is_tried_again_and_then_the_other_leg_is_cut_back() {
    let pump = shallow(parallel);
    let sent = pump.witness.sent();
    // Until the next step the book is as empty as the first order left it.
    let [_, _, missing, again, back] = sent[..] else { panic!("{sent:?}") };
    assert_eq!(missing, again, "{sent:?}");
    // Of the short what the coins lack, less than a lot of it stays.
    let coins = (dec("0.2") - missing) * dec("0.999");
    let coins = coins.round_dp_with_strategy(8, RoundingStrategy::ToZero);
    let lacking = dec("0.1998") - coins;
    assert_eq!(back, lacking.round_dp_with_strategy(3, RoundingStrategy::ToZero));
    assert_eq!(quantity(&pump, "bybit:BaseToken:BTC").get(), coins);
    assert_eq!(quantity(&pump, "binance:Perp:BTCUSDT").get(), back - dec("0.2"));
}

#[test]
fn a_leg_that_fills_in_part_is_unwound_with_its_group() {
    let pump = shallow(parallel_or_unwind);
    let sent = pump.witness.sent();
    assert_eq!(sent.len(), 4, "both legs were taken back: {sent:?}");
    assert_eq!(quantity(&pump, "binance:Perp:BTCUSDT"), Quantity::ZERO);
    let left = quantity(&pump, "bybit:BaseToken:BTC").get();
    assert!(left >= Decimal::ZERO && left < dec("0.000001"), "less than a lot is left, not {left}");
}

#[test]
fn a_refused_operation_on_chain_stops_the_plan_of_its_parallel_group() {
    for policy in [parallel, parallel_or_unwind] {
        let setup = setup("economics", Costs::Full, &[]);
        let data = calm(3).data(&setup);
        let strategy = Scripted::new(move |step| {
            if hour(step) != 0 {
                return Decision::hold("once");
            }
            let mut desk = Desk::new(step);
            let wrap = desk.wrap("0.5");
            let some = desk.unwrap("0.3");
            // 0.2 are left, and one leg wants 0.5: the chain refuses it. The other cannot be taken back.
            let whole = Amount::output(wrap.operation_id, qty("0.01"));
            let group = policy(vec![desk.unwrap(whole), desk.unwrap("0.05")]);
            let after = desk.unwrap("0.02");
            exit(vec![one(wrap), one(some), group, one(after)])
        });
        let pump = run(setup, &data, strategy);
        assert_eq!(quantity(&pump, "wallet:BaseToken:WETH"), qty("0.15"), "nothing came after");
        let notes = pump.witness.notes(basis::types::event::Loudness::Warn);
        assert!(notes.iter().any(|note| note.contains("beside it stays")), "{notes:?}");
    }
}
