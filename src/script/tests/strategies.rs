//! Decisions of whole scripts on steps made by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::{Memory, Strategy};
use crate::script::testing::{HandMadeStep, number};
use crate::script::{Bundle, ScriptStrategy};
use crate::types::{Action, Decision, Item, MarketKind, Operation, Order, Side};

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
