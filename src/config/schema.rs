//! What may stand where in a configuration: the one list of all keys, and the check of a file against it.
//!
//! Only names and forms are checked here, so that all misspellings of a file are told at once; what a value means and
//! whether it may be so is judged when it is read, in `lower`.

use crate::types::Code;

use super::faults::{Fault, Faults, nearest};
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

/// The longest list of names that is told where none of them is near.
const NAMES_TOLD_MAX: usize = 16;

/// Adds a fault for every unknown name and every wrong form of one file. A name that is misspelt is put right when that is told:
/// nothing further is missing then.
pub(super) fn check(node: &mut Node, shape: &'static Shape, file: &str, faults: &mut Faults) {
    check_at(node, shape, &mut String::new(), file, faults);
}

fn check_at(
    node: &mut Node,
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
            for (index, item) in items.iter_mut().enumerate() {
                within(path, &index.to_string(), |path| check_at(item, inner, path, file, faults));
            }
        }
        (Each(inner), Node::Map(entries)) => {
            for (name, below) in entries {
                within(path, name, |path| check_at(below, inner, path, file, faults));
            }
        }
        (Map(known), Node::Map(entries)) => {
            let mut given: Vec<String> = entries.iter().map(|(name, _)| name.clone()).collect();
            for (name, below) in entries {
                let written = name.clone();
                within(path, &written, |path| {
                    let is_known = known.iter().any(|(known, _)| known == name);
                    if !is_known {
                        let fault = unknown((name, below), known, !path.contains('.'));
                        faults.push(fault.at(file).on(path.as_str()));
                        let meant = nearest(name, known.iter().map(|(known, _)| *known));
                        // What stands there under its right name, too, is another mistake.
                        let Some(meant) = meant.filter(|meant| !given.contains(meant)) else {
                            return;
                        };
                        given.push(meant.clone());
                        *name = meant;
                    }
                    if let Some((_, inner)) = known.iter().find(|(known, _)| known == name) {
                        check_at(below, inner, path, file, faults);
                    }
                });
            }
        }
        (shape, node) => {
            let sentence = format!("{} is expected here, not {}", wanted(shape), found(node));
            let mut fault = Fault::new(Code::Config003, sentence).at(file).on(path.as_str());
            fault.suggestion = as_field(shape, path, node);
            faults.push(fault);
        }
    }
}

/// A name that no shape has, with the nearest, or all that there are.
fn unknown((name, below): (&str, &Node), known: &[(&'static str, Shape)], is_root: bool) -> Fault {
    let fault = Fault::new(Code::Config002, "unknown key");
    let names = known.iter().map(|(known, _)| *known);
    // `ratio:0.1`, `ratio 0.1` and `reserve { ratio: 0.1 }` are names for YAML.
    if let Some((first, rest)) = name.split_once([':', ' '])
        && names.clone().any(|known| known == first)
    {
        let rest = rest.trim();
        return fault.suggest(match rest.starts_with(['{', '[']) {
            true => format!("write {first}: {}…", &rest[..1]),
            false => format!("a space belongs behind the ':': write {first}: {rest}"),
        });
    }
    match nearest(name, names.clone()) {
        Some(near) => fault.suggest(format!("did you mean '{near}'?")),
        None if is_root => fault.suggest("what a script alone reads belongs under parameters"),
        None if known.len() <= NAMES_TOLD_MAX => {
            fault.suggest(format!("known: {}", names.collect::<Vec<_>>().join(", ")))
        }
        None if below.is_unset() || matches!(below, Node::Map(_)) => {
            fault.suggest("does it stand too far to the right?")
        }
        None => fault,
    }
}

/// How a value would be written that stands where a map belongs: in its only field, or in the one that is called so.
fn as_field(shape: &Shape, path: &str, node: &Node) -> Option<String> {
    let (Map(known), Node::Text { value, .. }) = (shape, node) else { return None };
    let field = match known {
        [(only, Scalar)] => *only,
        known => known.iter().map(|(name, _)| *name).find(|name| *name == "value")?,
    };
    let is_plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
    let name = path.rsplit('.').next()?;
    value.chars().all(is_plain).then(|| format!("write {name}: {{ {field}: {value} }}"))
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
        let mut node = super::super::raw::read(yaml, &"m.yaml".into()).unwrap();
        let mut faults = Faults::default();
        check(&mut node, &ROOT, "m.yaml", &mut faults);
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_misspelt_name_is_put_right_and_what_stands_below_it_is_read() {
        let yaml = "parmeters: { a: { valeu: 1, minn: { b: 1 } } }\nasset: BTC\nassett: ETH\n";
        let mut node = super::super::raw::read(yaml, &"m.yaml".into()).unwrap();
        let mut faults = Faults::default();
        check(&mut node, &ROOT, "m.yaml", &mut faults);
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "CONFIG-002 m.yaml: parmeters: unknown key; did you mean 'parameters'?",
                "CONFIG-002 m.yaml: parmeters.a.valeu: unknown key; did you mean 'value'?",
                "CONFIG-002 m.yaml: parmeters.a.minn: unknown key; did you mean 'min'?",
                "CONFIG-003 m.yaml: parmeters.a.minn: one value is expected here, not a map",
                "CONFIG-002 m.yaml: assett: unknown key; did you mean 'asset'?",
            ]
        );
        let parameter = node.get("parameters").and_then(|node| node.get("a")).unwrap();
        assert!(parameter.get("value").is_some(), "{parameter:?}");
        let kept: Vec<&str> = node.names().collect();
        assert_eq!(kept, ["parameters", "asset", "assett"], "nothing stands twice");
    }

    #[test]
    fn a_value_that_belongs_in_a_field_is_shown_there() {
        let faults = faults_of(
            "parameters: { a: 0.05, b: [1] }\nreserve: 0.1\ntargets: 5\nzzzz: 1\nrisk: { zzzz: 1 }\n",
        );
        let fields = "a map of value, values, keys, sum, type, optional, unit, min, max, above, below, one_of, is, doc is \
                      expected here";
        assert_eq!(
            faults,
            [
                &*format!(
                    "CONFIG-003 m.yaml: parameters.a: {fields}, not '0.05'; write a: {{ value: 0.05 }}"
                ),
                &*format!("CONFIG-003 m.yaml: parameters.b: {fields}, not a list"),
                "CONFIG-003 m.yaml: reserve: a map of ratio is expected here, not '0.1'; write reserve: { ratio: 0.1 }",
                "CONFIG-003 m.yaml: targets: a map of apy, max_drawdown is expected here, not '5'",
                "CONFIG-002 m.yaml: zzzz: unknown key; what a script alone reads belongs under parameters",
                "CONFIG-002 m.yaml: risk.zzzz: unknown key; known: margin_ratio, health_factor, delta_drift, \
                 emergency_drawdown, emergency_drawdown_multiple, max_age_hours, max_order_notional",
            ]
        );
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
