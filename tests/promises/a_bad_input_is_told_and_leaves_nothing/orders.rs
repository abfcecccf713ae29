//! Orders that cannot be sent, and plans that cannot be.

use super::{Case, Kind, MINE, Ready, case};
use crate::desk::Desk;

pub const CASES: &[Case] = &[
    case("an amount over the balance", 1, "STRAT-003", MINE, |desk| {
        plan(desk, "[orders::spot_buy(\"binance\", \"BTCUSDT\", 100.0)]")
    }),
    case("a sale of what is not held", 1, "STRAT-003", MINE, |desk| {
        plan(desk, "[orders::spot_sell(\"binance\", \"BTCUSDT\", 0.5)]")
    }),
    case("an order at an exchange inside an atomic group", 1, "STRAT-003", MINE, |desk| {
        plan(
            desk,
            "[atomic([\n        orders::spot_buy(\"binance\", \"BTCUSDT\", 0.5),\n        orders::perp_sell(\"binance\", \"BTCUSDT\", 0.5),\n    ])]",
        )
    }),
    case("an order below the venue's minimum", 1, "STRAT-003", MINE, |desk| {
        desk.replace(
            "mine.yaml",
            "{ lot: 0.001, min_notional: 0 }",
            "{ lot: 0.001, min_notional: 100 }",
        );
        plan(desk, "[orders::spot_buy(\"binance\", \"BTCUSDT\", 0.002)]")
    }),
    case("an order below a lot", 1, "STRAT-003", MINE, |desk| {
        plan(desk, "[orders::spot_buy(\"binance\", \"BTCUSDT\", 0.0004)]")
    }),
    case("a quantity below zero", 1, "STRAT-003", MINE, |desk| {
        plan(desk, "[orders::spot_buy(\"binance\", \"BTCUSDT\", -0.5)]")
    }),
    case("an empty plan", 1, "STRAT-00", MINE, |desk| plan(desk, "[]")),
    case("a plan with something else in it", 1, "STRAT-00", MINE, |desk| {
        plan(desk, "[orders::spot_buy(\"binance\", \"BTCUSDT\", 0.5), \"and a perp\"]")
    }),
    case("a group in a group", 1, "STRAT-00", MINE, |desk| {
        plan(desk, "[parallel([parallel([orders::spot_buy(\"binance\", \"BTCUSDT\", 0.5)])])]")
    }),
    case("an unknown option", 1, "STRAT-00", MINE, |desk| {
        plan(desk, "[orders::spot_buy(\"binance\", \"BTCUSDT\", 0.5, #{ slipage_bps: 10 })]")
    }),
    Case {
        what: "an order over its cap",
        status: 0,
        begins: "",
        spoil: |_| Ready::Yes,
        arguments: &["run", "mine.rhai", "--data", "data", "--set", "risk.max_order_notional=1000"],
        kind: Kind::Warned,
    },
    case("a perp beyond the account's margin", 1, "", MINE, |desk| {
        plan(desk, "[orders::perp_sell(\"binance\", \"BTCUSDT\", 90.0)]")
    }),
    Case {
        what: "risk stops the run",
        status: 3,
        begins: "RISK-004",
        arguments: &[
            "run",
            "mine.rhai",
            "--data",
            "data",
            "--set",
            "risk.emergency_drawdown=0.0001",
        ],
        spoil: |_| Ready::Yes,
        kind: Kind::Stopped,
    },
];

/// A script that enters with this plan.
fn plan(desk: &Desk, plan: &str) -> Ready {
    desk.write(
        "mine.rhai",
        format!(
            "fn decide(ctx) {{\n    entry_full(\"going in\", {plan})\n}}\n\nfn exit(ctx) {{\n    hold(\"nothing is held\")\n}}\n"
        ),
    );
    Ready::Yes
}
