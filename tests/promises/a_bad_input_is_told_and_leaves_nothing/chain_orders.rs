//! Orders on chain that no protocol would take, or that would leave a loan uncovered.

use super::{Case, Kind, Ready, case};
use crate::desk::Desk;

const CONFIG: &str = "configs/modes/eth_leveraged.yaml";
const ON: &[&str] = &["run", "on.rhai", "--config", CONFIG, "--data", "data"];

pub const CASES: &[Case] = &[
    case("a flash loan outside of an atomic group", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "orders::flash_borrow(\"morpho\", \"WETH\", 5.0)")
    }),
    case("a flash loan that is not repaid", 1, "STRAT-003", ON, |desk| {
        let group =
            "atomic([orders::flash_borrow(\"morpho\", \"WETH\", 5.0), orders::unwrap(5.0)])";
        plan(desk, "", group)
    }),
    case("a flash loan that is repaid in part", 1, "STRAT-003", ON, |desk| {
        let loan = "orders::flash_borrow(\"morpho\", \"WETH\", 5.0)";
        let back = "orders::flash_repay(\"morpho\", \"WETH\", 4.0)";
        plan(desk, "", &format!("atomic([{loan}, {back}])"))
    }),
    case("a flash loan that was never taken is repaid", 1, "STRAT-003", ON, |desk| {
        let back = "orders::flash_repay(\"morpho\", \"WETH\", 4.0)";
        plan(desk, "", &format!("orders::wrap(5.0), atomic([{back}])"))
    }),
    case("a flash loan where none is given", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "atomic([orders::flash_borrow(\"aave_v3\", \"WETH\", 5.0)])")
    }),
    case("a loan beyond what the collateral carries", 1, "RISK-002", ON, |desk| {
        lent(desk, "orders::borrow(\"aave_v3\", \"WETH\", 60.0)")
    }),
    Case {
        what: "a loan near a liquidation",
        status: 0,
        begins: "",
        spoil: |desk| lent(desk, "orders::borrow(\"aave_v3\", \"WETH\", 46.4)"),
        arguments: ON,
        kind: Kind::Warned,
    },
    case("a loan of a token that the mode does not borrow", 1, "STRAT-003", ON, |desk| {
        lent(desk, "orders::borrow(\"aave_v3\", \"weETH\", 4.0)")
    }),
    case("collateral is taken from under a debt", 1, "RISK-002", ON, |desk| {
        lent(
            desk,
            "orders::borrow(\"aave_v3\", \"WETH\", 40.0), orders::withdraw(\"aave_v3\", \"weETH\", 20.0)",
        )
    }),
    case("more is withdrawn than is lent", 1, "STRAT-003", ON, |desk| {
        lent(desk, "orders::withdraw(\"aave_v3\", \"weETH\", 60.0)")
    }),
    case("all is withdrawn of nothing", 1, "STRAT-003", ON, |desk| {
        let all = "orders::all(\"aave_v3:aToken:aweETH\")";
        plan(desk, "", &format!("orders::withdraw(\"aave_v3\", \"weETH\", {all})"))
    }),
    case("more is repaid than is owed", 1, "STRAT-003", ON, |desk| {
        let loan = "orders::borrow(\"aave_v3\", \"WETH\", 10.0), orders::wrap(9.0)";
        lent(desk, &format!("{loan}, orders::repay(\"aave_v3\", \"WETH\", 15.0)"))
    }),
    case("a debt is repaid that is none", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "orders::wrap(9.0), orders::repay(\"aave_v3\", \"WETH\", 5.0)")
    }),
    case("a token is lent that the mode does not lend", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "orders::wrap(9.0), orders::supply(\"aave_v3\", \"WETH\", 5.0)")
    }),
    case("a token is lent that has no reserve", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "orders::supply(\"aave_v3\", \"ETH\", 5.0)")
    }),
    case("an unknown token is lent by a script", 2, "STRAT-004", ON, |desk| {
        plan(desk, "", "orders::supply(\"aave_v3\", \"stETH\", 5.0)")
    }),
    case("a stake at a venue that lends", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "orders::stake(\"aave_v3\", 5.0)")
    }),
    case("a stake that leaves nothing for gas", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "orders::stake(\"etherfi\", 100.0)")
    }),
    case(
        "a way out by a queue that is none",
        1,
        "STRAT-003",
        &[
            "run",
            "on.rhai",
            "--config",
            CONFIG,
            "--data",
            "data",
            "--set",
            "exit_route=dex",
            "--set",
            "venues.etherfi.queue_days=",
        ],
        |desk| {
            let staked = "let staked = orders::stake(\"etherfi\", 50.0);";
            plan(desk, staked, "staked, orders::unstake(\"etherfi\", staked.out)")
        },
    ),
    case("a swap of a pair that has no pool", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "orders::swap(\"uniswap\", \"ETH\", \"USDT\", 5.0)")
    }),
    case("a swap at a venue that stakes", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "orders::swap(\"lido\", \"ETH\", \"wstETH\", 5.0)")
    }),
    case("more is unwrapped than there is", 1, "STRAT-003", ON, |desk| {
        plan(desk, "", "orders::wrap(5.0), orders::unwrap(8.0)")
    }),
];

/// A script that enters with these orders.
fn plan(desk: &Desk, before: &str, orders: &str) -> Ready {
    desk.write(
        "on.rhai",
        format!(
            "fn decide(ctx) {{\n    {before}\n    entry_full(\"going in\", [{orders}])\n}}\n\nfn exit(ctx) {{\n    hold(\"nothing is held\")\n}}\n"
        ),
    );
    Ready::Yes
}

/// The same with 50 ETH staked and lent before.
fn lent(desk: &Desk, orders: &str) -> Ready {
    let staked = "let staked = orders::stake(\"etherfi\", 50.0);";
    plan(
        desk,
        staked,
        &format!("staked, orders::supply(\"aave_v3\", \"weETH\", staked.out), {orders}"),
    )
}
