//! Tests of the script host as a whole: scripts run on steps made by hand.

mod api;
mod bundles;
mod faults;
mod hostile;
mod memory;
mod orders;
mod specialise;
mod strategies;

use std::sync::Arc;

use crate::engine::{Memory, Strategy, StrategyError};
use crate::types::{Decision, MarketKind};

use super::testing::{HandMadeStep, number};
use super::{Bundle, ScriptFault, ScriptStrategy};

/// A step with both exchanges priced, coins and a short at binance, cash everywhere.
fn step() -> HandMadeStep {
    use crate::config::ParamValue;
    let allocation = vec![
        ("binance".to_owned(), "0.6".parse().unwrap()),
        ("bybit".to_owned(), "0.4".parse().unwrap()),
    ];
    let parameters = [
        ("threshold", number("0.02")),
        ("rounds", ParamValue::Integer(3)),
        ("style", ParamValue::Text("atomic".to_owned())),
        ("hedge_allocation", ParamValue::Map(allocation)),
        ("optional", ParamValue::Unset),
    ];
    HandMadeStep::new(&parameters)
        .price("binance", MarketKind::Spot, "BTCUSDT", "67500")
        .price("binance", MarketKind::Perp, "BTCUSDT", "67510")
        .price("bybit", MarketKind::Spot, "BTCUSDT", "67490")
        .price("bybit", MarketKind::Perp, "BTCUSDT", "67505")
        .hold("wallet:BaseToken:USDT", "40000")
        .hold("wallet:BaseToken:ETH", "2")
        .hold("binance:BaseToken:USDT", "20000")
        .hold("binance:BaseToken:BTC", "0.5")
        .hold("binance:Perp:BTCUSDT", "-0.5")
        .incoming("bybit:BaseToken:USDT", "1000")
        .margin("binance", "50000", "33755")
}

/// The bundle of one text, against the setup of [`step`].
fn bundle(text: &str) -> Result<Bundle, Vec<ScriptFault>> {
    Bundle::from_texts(vec![("test.rhai".to_owned(), text.to_owned())], &step().view.setup)
}

/// A strategy of one text that must load.
fn strategy(text: &str) -> ScriptStrategy {
    let bundle = bundle(text).unwrap_or_else(|faults| panic!("{}", listed(&faults)));
    ScriptStrategy::new(Arc::new(bundle))
}

fn listed(faults: &[ScriptFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}

/// What a text decides on [`step`]: made for the run and as it is written, which must be one.
fn decide(text: &str) -> Result<Decision, StrategyError> {
    let mut memory = Memory::default();
    let decision = strategy(text).decide(&step().share(), &mut memory);
    let mut memory_as_written = Memory::default();
    let mut as_written = ScriptStrategy::new(Arc::new(bundle(text).unwrap().unmade()));
    let decision_as_written = as_written.decide(&step().share(), &mut memory_as_written);
    assert_eq!(format!("{decision:?}"), format!("{decision_as_written:?}"));
    assert_eq!(memory, memory_as_written);
    decision
}

/// What the body of `decide` decides.
fn decide_body(body: &str) -> Result<Decision, StrategyError> {
    decide(&format!("fn decide(ctx) {{\n{body}\n}}\nfn exit(ctx) {{ hold(\"\") }}\n"))
}

/// The text of an expression's value; its error's message otherwise.
fn value_of(expression: &str) -> Result<String, String> {
    decide_body(&format!("let value = {expression};\nhold(\"\" + value)"))
        .map(|decision| decision.reason.to_string())
        .map_err(|error| error.message)
}
