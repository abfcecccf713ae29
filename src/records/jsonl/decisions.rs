//! `strategy_decisions.jsonl`: what the strategy answered, and why.

use rust_decimal::Decimal;

use crate::records::names::Names;
use crate::types::event::DecisionEvent;

use super::line::Line;

/// Fields of `strategy_decisions.jsonl`; `prices` is the decision's list by market.
pub fn decision(line: &mut Line, names: &Names, decision: &DecisionEvent, prices: &[Decimal]) {
    line.word("action", decision.action.text());
    line.text("reason", &decision.reason);
    line.word("trigger_source", decision.trigger.text());
    line.count("orders_generated", decision.orders.into());
    line.word("risk_level", decision.level.text());
    line.open("market_conditions");
    for (name, &price) in names.markets().iter().zip(prices) {
        if !price.is_zero() {
            line.decimal_of(name, price);
        }
    }
    line.close();
    line.open("portfolio_state");
    line.decimal("equity", decision.equity.get());
    line.close();
    line.texts("constraints_violated", decision.constraints.iter().map(ToString::to_string));
    // The core has no clock: how long a decision took is measured by `bench`, not by the engine.
    line.null("decide_us");
    line.text("script_version", &decision.script_version);
    line.open("metadata");
    line.close();
}
