//! Decisions of whole scripts on steps made by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::ParamValue;
use crate::engine::{Memory, Strategy};
use crate::script::testing::{HandMadeStep, number};
use crate::script::{Bundle, ScriptStrategy};
use crate::types::{
    Action, Decision, Item, MarketKind, Operation, Order, RiskLevel, Side, Universe,
};

const SPOT: MarketKind = MarketKind::Spot;
const PERP: MarketKind = MarketKind::Perp;

/// The repository's folder.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn basis1() -> (HandMadeStep, ScriptStrategy) {
    let step = HandMadeStep::new(&[("threshold", number("0.02")), ("allocation", number("0.5"))])
        .price("binance", SPOT, "BTCUSDT", "67500")
        .price("binance", PERP, "BTCUSDT", "67510");
    let script = root().join("strategies/bench/basis1.rhai");
    let bundle = load(&script, &step);
    (step, ScriptStrategy::new(Arc::new(bundle)))
}

fn load(script: &Path, step: &HandMadeStep) -> Bundle {
    Bundle::load(script, &root().join("stdlib"), &step.view.setup).unwrap_or_else(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", faults.join("\n\n"))
    })
}

fn decide(strategy: &mut ScriptStrategy, step: HandMadeStep) -> Decision {
    strategy.decide(&step.share(), &mut Memory::default()).unwrap()
}

/// The trades of a decision: kind, side and quantity.
fn trades(decision: &Decision) -> Vec<(&'static str, Side, String)> {
    decision
        .plan
        .orders()
        .map(|order| match order.operation {
            Operation::SpotTrade { side, .. } => ("spot", side, quantity(order)),
            Operation::PerpTrade { side, .. } => ("perp", side, quantity(order)),
            ref other => panic!("{other:?} is no trade"),
        })
        .collect()
}

fn quantity(order: &Order) -> String {
    order.amount.expected.to_string()
}

#[test]
fn basis1_enters_with_both_legs_at_once() {
    let (step, mut strategy) = basis1();
    let decision = decide(&mut strategy, step.hold("binance:BaseToken:USDT", "100000"));
    assert_eq!(decision.action, Action::EntryFull);
    // floor(0.5 × 100000 / 67500) = floor(0.74074…)
    let expected =
        [("spot", Side::Buy, "0.74".to_owned()), ("perp", Side::Sell, "0.74".to_owned())];
    assert_eq!(trades(&decision), expected);
    assert!(matches!(&decision.plan.items[..], [Item::Parallel { .. }]), "the legs go together");
}

#[test]
fn basis1_holds_inside_the_band_and_resizes_outside() {
    let (step, mut strategy) = basis1();
    let step = step.hold("binance:BaseToken:BTC", "0.74").hold("binance:Perp:BTCUSDT", "-0.74");
    // 0.74 × 67500 / 99900 = 0.50 exactly; 0.5 × 96056 leaves 0.52 by a hair.
    let inside = decide(&mut strategy, step.clone().equity("99900"));
    assert_eq!(inside.action, Action::Hold);
    assert_eq!(&*inside.reason, "the spot leg is within its band");
    let edge = decide(&mut strategy, step.clone().equity("96057.7"));
    assert_eq!(edge.action, Action::Hold, "0.51999… is inside");
    let above = decide(&mut strategy, step.clone().equity("96050"));
    assert_eq!(above.action, Action::ExitPartial);
    // floor(0.5 × 96050 / 67500) = 0.711
    let expected =
        [("spot", Side::Sell, "0.029".to_owned()), ("perp", Side::Buy, "0.029".to_owned())];
    assert_eq!(trades(&above), expected);
    let below = decide(&mut strategy, step.equity("105000"));
    assert_eq!(below.action, Action::EntryPartial);
    let expected =
        [("spot", Side::Buy, "0.037".to_owned()), ("perp", Side::Sell, "0.037".to_owned())];
    assert_eq!(trades(&below), expected);
}

#[test]
fn basis1_leaves_everything_and_then_holds() {
    let (step, mut strategy) = basis1();
    let held =
        step.clone().hold("binance:BaseToken:BTC", "0.74").hold("binance:Perp:BTCUSDT", "-0.74");
    let leaving = strategy.exit(&held.share(), &mut Memory::default()).unwrap();
    assert_eq!(leaving.action, Action::ExitFull);
    let expected =
        [("spot", Side::Sell, "0.74".to_owned()), ("perp", Side::Buy, "0.74".to_owned())];
    assert_eq!(trades(&leaving), expected);
    let left = strategy.exit(&step.share(), &mut Memory::default()).unwrap();
    assert_eq!(left.action, Action::Hold);
}

#[test]
fn a_decision_leaves_no_reference_to_the_step() {
    let (step, mut strategy) = basis1();
    let step = step.hold("binance:BaseToken:USDT", "100000").share();
    strategy.decide(&step, &mut Memory::default()).unwrap();
    assert_eq!(Arc::strong_count(&step), 1, "the engine fills the step in place");
}

/// BTC basis on the two exchanges of the hand-made world: 60 and 40 per cent, no reserve, no buffer.
fn btc_basis(changed: &[(&'static str, ParamValue)]) -> (HandMadeStep, ScriptStrategy) {
    let allocation = [("binance", "0.6"), ("bybit", "0.4")]
        .map(|(venue, share)| (venue.to_owned(), share.parse().unwrap()));
    let mut parameters = vec![
        ("hedge_allocation", ParamValue::Map(allocation.to_vec())),
        ("margin_mode", ParamValue::Text("unified".to_owned())),
        ("margin_ratio_target", number("0.5")),
        ("rebalance_band", number("0.10")),
        ("cash_buffer", number("0")),
        ("funding_threshold", number("-0.0001")),
        ("funding_reentry", number("0.00003")),
        ("dwell_hours", ParamValue::Integer(72)),
    ];
    for (name, value) in changed {
        let slot =
            parameters.iter_mut().find(|(known, _)| known == name).expect("a known parameter");
        slot.1 = value.clone();
    }
    let mut step = HandMadeStep::new(&parameters);
    for venue in ["binance", "bybit"] {
        step = step.price(venue, SPOT, "BTCUSDT", "67500").price(venue, PERP, "BTCUSDT", "67500");
    }
    let bundle = load(&root().join("strategies/btc_basis.rhai"), &step);
    (step, ScriptStrategy::new(Arc::new(bundle)))
}

/// Both venues hold so many coins and the same short.
fn hedged(step: HandMadeStep, coins: [&str; 2]) -> HandMadeStep {
    ["binance", "bybit"].into_iter().zip(coins).fold(step, |step, (venue, coins)| {
        step.hold(&format!("{venue}:BaseToken:BTC"), coins)
            .hold(&format!("{venue}:Perp:BTCUSDT"), &format!("-{coins}"))
    })
}

#[test]
fn btc_basis_sends_the_money_out_first() {
    let (step, mut strategy) = btc_basis(&[]);
    let decision = decide(&mut strategy, step.hold("wallet:BaseToken:USDT", "100000"));
    assert_eq!(decision.action, Action::EntryPartial);
    let sent: Vec<(&str, String)> =
        decision.plan.orders().map(|order| (order.operation.name(), quantity(order))).collect();
    assert_eq!(sent, [("transfer", "60000".to_owned()), ("transfer", "40000".to_owned())]);
    // A sum that is not worth a transfer stays.
    let (step, mut strategy) = btc_basis(&[]);
    let decision = decide(&mut strategy, step.hold("wallet:BaseToken:USDT", "999"));
    assert_eq!(decision.action, Action::Hold);
}

#[test]
fn btc_basis_waits_for_money_on_its_way() {
    let (step, mut strategy) = btc_basis(&[]);
    let decision = decide(&mut strategy, step.incoming("binance:BaseToken:USDT", "60000"));
    assert_eq!((decision.action, &*decision.reason), (Action::Hold, "money is on its way"));
}

#[test]
fn btc_basis_takes_equal_legs_sized_with_their_fees() {
    let (step, mut strategy) = btc_basis(&[]);
    let step = step.hold("binance:BaseToken:USDT", "60000").hold("bybit:BaseToken:USDT", "40000");
    let decision = decide(&mut strategy, step);
    assert_eq!(decision.action, Action::EntryFull);
    // 60000 / (67500 × 1.001 + 67500 × 0.0005) = 0.88755, 40000 / … = 0.59170
    let leg = |kind, side, coins: &str| (kind, side, coins.to_owned());
    let expected = [
        leg("spot", Side::Buy, "0.887"),
        leg("perp", Side::Sell, "0.887"),
        leg("spot", Side::Buy, "0.591"),
        leg("perp", Side::Sell, "0.591"),
    ];
    assert_eq!(trades(&decision), expected);
    assert!(decision.plan.items.iter().all(|item| matches!(item, Item::Parallel { .. })));
}

#[test]
fn btc_basis_does_all_in_one_plan_when_money_arrives_at_once() {
    // SPEC's example with two venues: no costs, no reserve, no transfer time.
    let (mut step, _) = btc_basis(&[]);
    let setup = Arc::make_mut(&mut step.view.setup);
    let universe = without_costs(&setup.universe);
    setup.universe = Arc::new(universe);
    let mut again = HandMadeStep::of(setup.clone()).hold("wallet:BaseToken:USDT", "100000");
    for venue in ["binance", "bybit"] {
        again = again.price(venue, SPOT, "BTCUSDT", "67500").price(venue, PERP, "BTCUSDT", "67500");
    }
    let bundle = load(&root().join("strategies/btc_basis.rhai"), &again);
    let decision = decide(&mut ScriptStrategy::new(Arc::new(bundle)), again);
    assert_eq!(decision.action, Action::EntryFull);
    let quantities: Vec<String> = decision.plan.orders().map(quantity).collect();
    assert_eq!(quantities, ["60000", "40000", "0.888", "0.888", "0.592", "0.592"]);
}

/// The same universe with fees and transfer times of zero.
fn without_costs(universe: &Universe) -> Universe {
    let mut text = serde_json::to_value(universe).unwrap();
    for market in text["markets"].as_array_mut().unwrap() {
        market["fee"] = "0".into();
    }
    for venue in text["venues"].as_array_mut().unwrap() {
        for rule in venue["transfers"].as_array_mut().unwrap() {
            rule["duration"] = 0.into();
        }
    }
    serde_json::from_value(text).unwrap()
}

#[test]
fn btc_basis_keeps_cash_aside_where_only_cash_is_margin() {
    let (step, mut strategy) = btc_basis(&[("margin_mode", ParamValue::Text("usdt".to_owned()))]);
    let step = step.hold("binance:BaseToken:USDT", "60000").hold("bybit:BaseToken:USDT", "40000");
    // 60000 / (67500 × 1.001 + 67500 × 0.0005 + 67500 × 0.5) = 0.59200
    assert_eq!(trades(&decide(&mut strategy, step))[0].2, "0.592");
}

#[test]
fn btc_basis_resizes_only_outside_the_band_of_the_position() {
    let (step, mut strategy) = btc_basis(&[]);
    let held = decide(&mut strategy, hedged(step.clone(), ["0.887", "0.591"]));
    assert_eq!((held.action, &*held.reason), (Action::Hold, "positions are within their bands"));
    // A tenth of 0.98 is 0.098 and 0.98 − 0.887 = 0.093 is within; a tenth of 0.99 is 0.099 < 0.103.
    let within = decide(&mut strategy, hedged(step.clone(), ["0.98", "0.591"]));
    assert_eq!(within.action, Action::Hold);
    let above = decide(&mut strategy, hedged(step.clone(), ["0.99", "0.591"]));
    assert_eq!(above.action, Action::ExitPartial);
    let expected =
        [("spot", Side::Sell, "0.103".to_owned()), ("perp", Side::Buy, "0.103".to_owned())];
    assert_eq!(trades(&above), expected);
}

#[test]
fn btc_basis_grows_only_as_far_as_cash_goes() {
    let (step, mut strategy) = btc_basis(&[]);
    let small = hedged(step, ["0.5", "0.591"]);
    let poor = decide(&mut strategy, small.clone().hold("binance:BaseToken:USDT", "3000"));
    assert_eq!(
        (poor.action, &*poor.reason),
        (Action::Hold, "binance has no cash for a larger position")
    );
    // 10000 / 67601.25 = 0.1479 of the wanted 0.387
    let better = decide(&mut strategy, small.hold("binance:BaseToken:USDT", "10000"));
    assert_eq!(better.action, Action::EntryPartial);
    assert_eq!(trades(&better)[0], ("spot", Side::Buy, "0.147".to_owned()));
}

#[test]
fn btc_basis_cuts_a_leg_that_stands_alone() {
    let (step, mut strategy) = btc_basis(&[]);
    let long = hedged(step.clone(), ["0.887", "0.591"]).hold("binance:Perp:BTCUSDT", "-0.8");
    let decision = decide(&mut strategy, long);
    assert_eq!(
        (decision.action, &*decision.reason),
        (Action::ExitPartial, "a leg stands alone and is cut")
    );
    assert_eq!(trades(&decision), [("spot", Side::Sell, "0.087".to_owned())]);
    let short = hedged(step, ["0.887", "0.591"]).hold("bybit:BaseToken:BTC", "0");
    assert_eq!(trades(&decide(&mut strategy, short)), [("perp", Side::Buy, "0.591".to_owned())]);
}

#[test]
fn btc_basis_only_reduces_when_risk_says_so() {
    let usdt = ParamValue::Text("usdt".to_owned());
    let (step, mut strategy) = btc_basis(&[("margin_mode", usdt)]);
    let mut step = hedged(step, ["0.4", "0.4"])
        .hold("wallet:BaseToken:USDT", "50000")
        .margin("binance", "2700", "27000")
        .margin("bybit", "20000", "27000");
    step.view.risk.level = RiskLevel::Reduce;
    let decision = decide(&mut strategy, step.clone());
    assert_eq!(decision.action, Action::ExitPartial);
    // 27000 × (0.5 − 0.1) / (67500 × 1.5) = 0.10667, a lot more so that the ratio is reached; bybit is above its target.
    let expected =
        [("spot", Side::Sell, "0.107".to_owned()), ("perp", Side::Buy, "0.107".to_owned())];
    assert_eq!(trades(&decision), expected);
    let enough = decide(&mut strategy, step.margin("binance", "20000", "27000"));
    assert_eq!(enough.action, Action::Hold, "no new risk, although the wallet is full");
}

#[test]
fn btc_basis_holds_in_a_gap_with_the_venues_name() {
    let (step, mut strategy) = btc_basis(&[]);
    let step = hedged(step, ["0.5", "0.591"])
        .hold("binance:BaseToken:USDT", "60000")
        .gap("binance", SPOT, "BTCUSDT", "67500");
    let decision = decide(&mut strategy, step);
    assert_eq!(
        (decision.action, &*decision.reason),
        (Action::Hold, "binance has no price at this step")
    );
}

#[test]
fn btc_basis_stays_out_of_a_venue_that_it_left() {
    let (step, mut strategy) = btc_basis(&[]);
    let out = Memory("{\"turns\":{\"binance\":{\"is_out\":true,\"since\":0}}}".to_owned());
    let step = step.hold("binance:BaseToken:USDT", "60000").hold("bybit:BaseToken:USDT", "40000");
    let decision = strategy.decide(&step.clone().share(), &mut out.clone()).unwrap();
    assert_eq!(decision.action, Action::EntryPartial, "bybit alone is not the whole");
    assert_eq!(trades(&decision)[0].2, "0.591");
    let left = hedged(step, ["0.887", "0.591"]).share();
    let decision = strategy.decide(&left, &mut out.clone()).unwrap();
    assert_eq!(decision.action, Action::ExitPartial);
    assert_eq!(trades(&decision)[0], ("spot", Side::Sell, "0.887".to_owned()));
}

#[test]
fn btc_basis_unwinds_everything_on_exit_and_on_wind_down() {
    let (step, mut strategy) = btc_basis(&[]);
    let mut full = hedged(step.clone(), ["0.887", "0.591"]);
    let leaving = strategy.exit(&full.clone().share(), &mut Memory::default()).unwrap();
    assert_eq!((leaving.action, trades(&leaving).len()), (Action::ExitFull, 4));
    full.view.wind_down = true;
    assert_eq!(decide(&mut strategy, full.clone()), leaving);
    let gap = full.gap("bybit", PERP, "BTCUSDT", "67500");
    let partly = strategy.exit(&gap.share(), &mut Memory::default()).unwrap();
    assert_eq!((partly.action, trades(&partly).len()), (Action::ExitPartial, 2));
    let left = strategy.exit(&step.share(), &mut Memory::default()).unwrap();
    assert_eq!((left.action, &*left.reason), (Action::Hold, "everything is left"));
}
