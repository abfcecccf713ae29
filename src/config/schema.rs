//! What may stand where in a configuration: the one list of all keys, and the check of a file against it.
//!
//! Only names and forms are checked here, so that all misspellings of a file are told at once; what a value means and
//! whether it may be so is judged when it is read, in `lower`.

use crate::types::Code;

use super::faults::{Fault, Faults};
use super::raw::Node;

/// What may stand at a place.
#[derive(Debug)]
pub(super) enum Shape {
    /// One value.
    Scalar,
    /// Values of one shape in order.
    List(&'static Shape),
    /// Any names, each with this below it.
    Each(&'static Shape),
    /// These names.
    Map(&'static [(&'static str, Shape)]),
}

use Shape::{Each, List, Map, Scalar};

/// The merged configuration, and each of the files but the venues'.
pub(super) static ROOT: Shape = Map(&[
    ("script", Scalar),
    ("share_class", Scalar),
    ("asset", Scalar),
    ("quote", Scalar),
    ("step", Scalar),
    ("from", Scalar),
    ("to", Scalar),
    ("unwind_at", Scalar),
    ("capital", Scalar),
    ("initial_balances", Each(&Scalar)),
    ("markets", List(&Scalar)),
    ("margin_mode", Scalar),
    ("missing_funding", Scalar),
    ("gas_tank", Scalar),
    ("reserve", Map(&[("ratio", Scalar)])),
    ("targets", Map(&[("apy", Scalar), ("max_drawdown", Scalar)])),
    ("share", SHARE),
    ("risk", RISK),
    ("execution", EXECUTION),
    ("parameters", Each(&PARAMETER)),
    ("pricing", Each(&Scalar)),
    ("subscriptions", Each(&Map(&[("proxy", Scalar)]))),
    ("venues", Each(&VENUE)),
]);

const SHARE: Shape = Map(&[
    ("token", Scalar),
    ("decimals", Scalar),
    ("market_neutral", Scalar),
    ("assets", List(&Scalar)),
]);

const RISK: Shape = Map(&[
    ("margin_ratio", THRESHOLDS),
    ("health_factor", THRESHOLDS),
    ("delta_drift", Scalar),
    ("emergency_drawdown", Scalar),
    ("emergency_drawdown_multiple", Scalar),
    ("max_age_hours", Scalar),
    ("max_order_notional", Scalar),
]);

const THRESHOLDS: Shape = Map(&[("warn", Scalar), ("reduce", Scalar), ("exit", Scalar)]);

const EXECUTION: Shape = Map(&[
    ("plan_timeout_s", Scalar),
    ("slippage_bps", Scalar),
    ("query_backoff_s", List(&Scalar)),
    ("failure_backoff_h", List(&Scalar)),
    ("validity_s", Scalar),
    ("reconcile_attempts", Scalar),
    ("dust_units", Scalar),
    ("max_attempts", Scalar),
    ("observe_every_s", Scalar),
]);

const PARAMETER: Shape = Map(&[
    ("value", Scalar),
    ("values", Each(&Scalar)),
    ("keys", Scalar),
    ("sum", Scalar),
    ("type", Scalar),
    ("optional", Scalar),
    ("unit", Scalar),
    ("min", Scalar),
    ("max", Scalar),
    ("above", Scalar),
    ("below", Scalar),
    ("one_of", List(&Scalar)),
    ("is", Scalar),
    ("doc", Scalar),
]);

/// A venue's file, and what a mode may override of it.
pub(super) static VENUE: Shape = Map(&[
    ("kind", Scalar),
    ("tokens", Each(&Map(&[("decimals", Scalar)]))),
    ("markets", Map(&[("spot", MARKET), ("perp", MARKET)])),
    ("margin", MARGIN),
    ("transfers", Each(&Map(&[("fee", Scalar), ("minutes", Scalar)]))),
    ("gas", GAS),
    ("reserves", Each(&Map(&[("collateral", List(&COLLATERAL)), ("supply_cap", Scalar)]))),
    ("e_modes", Each(&E_MODE)),
    ("e_mode", Scalar),
    ("supply", List(&Scalar)),
    ("borrow", List(&Scalar)),
    (
        "liquidation",
        Map(&[("close_factor", Scalar), ("full_close_below", Scalar), ("small_position", Scalar)]),
    ),
    ("lst", Scalar),
    ("queue_days", Scalar),
    ("swaps", Each(&SWAP)),
    ("flash", Map(&[("fee", Scalar), ("tokens", List(&Scalar))])),
    ("impact", Map(&[("coefficient_bps", Scalar), ("power", Scalar)])),
    ("latency_ms", Scalar),
    ("fill", Scalar),
]);

const GAS: Shape = Map(&[
    ("token", Scalar),
    ("transfer_units", Scalar),
    ("wrap_units", Scalar),
    ("supply_units", Scalar),
    ("withdraw_units", Scalar),
    ("borrow_units", Scalar),
    ("repay_units", Scalar),
    ("stake_units", Scalar),
    ("unstake_units", Scalar),
    ("swap_units", Scalar),
    ("flash_borrow_units", Scalar),
    ("flash_repay_units", Scalar),
]);

static COLLATERAL: Shape =
    Map(&[("as_of", Scalar), ("ltv", Scalar), ("threshold", Scalar), ("bonus", Scalar)]);

static E_MODE: Shape =
    Map(&[("collateral", List(&Scalar)), ("borrow", List(&Scalar)), ("rules", List(&COLLATERAL))]);

static SWAP: Shape = Map(&[
    ("market_rate", Scalar),
    ("fee", Scalar),
    ("costs", List(&SWAP_COST)),
    ("power", Scalar),
]);

static SWAP_COST: Shape = Map(&[("size", Scalar), ("bps", Scalar)]);

const MARKET: Shape = Map(&[
    ("fee", Scalar),
    ("fee_asset", Scalar),
    ("half_spread_bps", Scalar),
    ("symbols", Each(&Map(&[("lot", Scalar), ("min_notional", Scalar)]))),
]);

const MARGIN: Shape = Map(&[
    ("cash", Scalar),
    ("collateral_ratio", Each(&Scalar)),
    ("credit_limit", Scalar),
    ("interest_free", Scalar),
    ("interest_per_year", Scalar),
    ("max_leverage", Scalar),
    ("liquidation_fee", Scalar),
    ("tiers", Each(&List(&TABLE))),
]);

static TABLE: Shape = Map(&[("as_of", Scalar), ("tiers", List(&TIER))]);

static TIER: Shape = Map(&[("up_to", Scalar), ("rate", Scalar), ("deduction", Scalar)]);

/// Adds a fault for every unknown name and every wrong form of one file.
pub(super) fn check(node: &Node, shape: &'static Shape, file: &str, faults: &mut Faults) {
    check_at(node, shape, &mut String::new(), file, faults);
}

fn check_at(
    node: &Node,
    shape: &'static Shape,
    path: &mut String,
    file: &str,
    faults: &mut Faults,
) {
    match (shape, node) {
        (Scalar, Node::Text { .. }) => {}
        // Nothing below a name is an empty map or list.
        (Each(_) | Map(_) | List(_), node) if node.is_unset() => {}
        (List(inner), Node::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                within(path, &index.to_string(), |path| check_at(item, inner, path, file, faults));
            }
        }
        (Each(inner), Node::Map(entries)) => {
            for (name, below) in entries {
                within(path, name, |path| check_at(below, inner, path, file, faults));
            }
        }
        (Map(known), Node::Map(entries)) => {
            for (name, below) in entries {
                within(path, name, |path| match known.iter().find(|(known, _)| known == name) {
                    Some((_, inner)) => check_at(below, inner, path, file, faults),
                    None => faults.push(
                        Fault::new(Code::Config002, "unknown key")
                            .at(file)
                            .on(path.as_str())
                            .nearest(name, known.iter().map(|(known, _)| *known)),
                    ),
                });
            }
        }
        (shape, node) => {
            let sentence = format!("{} is expected here, not {}", wanted(shape), found(node));
            faults.push(Fault::new(Code::Config003, sentence).at(file).on(path.as_str()));
        }
    }
}

/// Calls `act` with the path one name longer.
fn within(path: &mut String, name: &str, act: impl FnOnce(&mut String)) {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(name);
    act(path);
    path.truncate(length);
}

fn wanted(shape: &Shape) -> String {
    match shape {
        Scalar => "one value".to_owned(),
        List(_) => "a list".to_owned(),
        Each(_) => "a map of names".to_owned(),
        Map(known) => {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            format!("a map of {}", names.join(", "))
        }
    }
}

fn found(node: &Node) -> String {
    match node {
        Node::Map(_) => "a map".to_owned(),
        Node::List(_) => "a list".to_owned(),
        Node::Text { value, .. } => format!("'{value}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(yaml: &str) -> Vec<String> {
        let node = super::super::raw::read(yaml, &"m.yaml".into()).unwrap();
        let mut faults = Faults::default();
        check(&node, &ROOT, "m.yaml", &mut faults);
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_misspellings_and_wrong_forms_of_a_file_are_told_at_once() {
        let faults = faults_of(
            "asett: BTC\nrisk: { margin_ratio: 0.2, max_age: 3 }\nvenues: { okx: { markets: { spto: {} } } }\n\
             markets: spot\nstep: [1h]\nsubscriptions:\n",
        );
        assert_eq!(
            faults,
            [
                "CONFIG-002 m.yaml: asett: unknown key; did you mean 'asset'?",
                "CONFIG-003 m.yaml: risk.margin_ratio: a map of warn, reduce, exit is expected here, not '0.2'",
                "CONFIG-002 m.yaml: risk.max_age: unknown key; did you mean 'max_age_hours'?",
                "CONFIG-002 m.yaml: venues.okx.markets.spto: unknown key; did you mean 'spot'?",
                "CONFIG-003 m.yaml: markets: a list is expected here, not 'spot'",
                "CONFIG-003 m.yaml: step: one value is expected here, not a list",
            ]
        );
    }
}
