//! What may stand where in a configuration: the one list of all keys. Files are checked against it in `forms`.

use super::faults::nearest;

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

/// Whether a file of a mode or of a venue has such a name at its root, or one that is near.
pub(super) fn begins_a_file(name: &str) -> bool {
    let has = |shape: &Shape| match shape {
        Map(known) => nearest(name, known.iter().map(|(known, _)| *known)).is_some(),
        _ => false,
    };
    has(&ROOT) || has(&VENUE)
}
