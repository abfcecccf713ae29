//! The shipped scripts are clean, and mistakes in them are found at their lines.

use std::path::{Path, PathBuf};

use super::Finding;
use crate::config::{LoadRequest, load};
use crate::script::Bundle;

const MODES: [&str; 7] = [
    "btc_basis",
    "eth_leveraged",
    "eth_staking_only",
    "ml_btc_directional_btc_margin",
    "ml_btc_directional_usdt_margin",
    "pure_lending_eth",
    "pure_lending_usdt",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The findings in a mode's script.
fn checked(mode: &str, script: &Path) -> Vec<Finding> {
    let setup = load(LoadRequest::of_mode(mode, &root().join("configs"))).unwrap();
    Bundle::check(script, &root().join("stdlib"), &setup)
}

#[test]
fn the_shipped_scripts_are_clean() {
    for mode in MODES {
        let found = checked(mode, &root().join(format!("strategies/{mode}.rhai")));
        let told: Vec<String> =
            found.iter().map(|it| format!("{} {}", it.lint.name, it.fault)).collect();
        assert!(told.is_empty(), "{mode}:\n{}", told.join("\n"));
    }
}

/// A mistake in a shipped script: the mode, the file, what is written, what is written instead, and the lint that finds it.
type Mistake = (&'static str, &'static str, &'static str, &'static str, &'static str);

const LOOP: &str = "strategies/eth_leveraged.rhai";
const LEVERAGE: &str = "stdlib/leverage.rhai";
const DELEVERAGE: &str = "stdlib/deleverage.rhai";
const BTC: &str = "strategies/btc_basis.rhai";
const SPOT_PERP: &str = "stdlib/spot_perp.rhai";

const ML: &str = "ml_btc_directional_usdt_margin";
const SIGNALS: &str = "stdlib/signals.rhai";

const MISTAKES: &[Mistake] = &[
    (ML, SIGNALS, "said.confidence <", "said.confidense <", "unknown-member"),
    (ML, SIGNALS, "    if said == () { return 0.0; }\n", "", "unknown-member"),
    (ML, SIGNALS, "clamp(said.sd *", "clamp(said.at *", "implausible-number"),
    (ML, SIGNALS, "    said.signal\n", "    said.signal()\n", "unknown-method"),
    (
        ML,
        "strategies/ml_btc_directional_usdt_margin.rhai",
        "if word == \"neutral\" {",
        "if word == \"neutrl\" {",
        "unknown-choice",
    ),
    (
        "eth_leveraged",
        LEVERAGE,
        "ctx.params.target_ltv, ctx",
        "ctx.params.target_ltw, ctx",
        "unknown-parameter",
    ),
    ("eth_leveraged", LOOP, "risk.must_reduce {", "risk.must_redcue {", "unknown-member"),
    ("eth_leveraged", LOOP, "ctx.wind_down {", "ctx.winddown {", "unknown-member"),
    ("eth_leveraged", LOOP, "if risk.ltv > target", "if risk.ltv() > target", "unknown-member"),
    (
        "eth_leveraged",
        LOOP,
        "state.collateral - state.debt + state.idle",
        "state.colateral - state.debt + state.idle",
        "unknown-member",
    ),
    (
        "eth_leveraged",
        LOOP,
        "leverage::debt_at(equity, target) - state.debt",
        "leverage::debt_at(equity) - state.debt",
        "wrong-arity",
    ),
    (
        "eth_leveraged",
        LOOP,
        "leverage::loop_of(ctx, lst);\n    let equity",
        "leverage::loopof(ctx, lst);\n    let equity",
        "unknown-function",
    ),
    (
        "eth_leveraged",
        LOOP,
        "ctx.balance(\"wallet:BaseToken:ETH\") - reserve",
        "ctx.balance(\"wallet:BaseToken:EHT\") - reserve",
        "unknown-name",
    ),
    (
        "eth_leveraged",
        LOOP,
        "let supplied = \"aave_v3:aToken:a\" + lst",
        "let supplied = \"aave_v3:aToken:\" + lst",
        "unknown-name",
    ),
    ("eth_leveraged", LOOP, "orders::all(supplied))", "supplied)", "wrong-type"),
    (
        "eth_leveraged",
        LOOP,
        "return exit_full(\"the collateral is taken back\", [orders",
        "exit_full(\"the collateral is taken back\", [orders",
        "unused-result",
    ),
    (
        "eth_leveraged",
        DELEVERAGE,
        "orders::withdraw(\"aave_v3\", lst, free",
        "orders::withdraws(\"aave_v3\", lst, free",
        "unknown-function",
    ),
    (
        "eth_leveraged",
        LOOP,
        "ctx.params.style == \"sequential\" { return",
        "ctx.params.style == 1 { return",
        "never-equal",
    ),
    (
        "eth_leveraged",
        DELEVERAGE,
        "orders::repay(\"aave_v3\", \"WETH\", repaid)",
        "orders::repay(\"aave_v3\", repaid, \"WETH\")",
        "wrong-type",
    ),
    (
        "eth_leveraged",
        LOOP,
        "floor_to(max(min(room, more), 0), 0.000000001)",
        "floor_to(min(room, more))",
        "wrong-arity",
    ),
    (
        "eth_leveraged",
        LOOP,
        "let room = ctx.params.max_ltv",
        "let rooms = ctx.params.max_ltv",
        "undefined-variable",
    ),
    (
        "eth_leveraged",
        LEVERAGE,
        "orders::flash_repay(\"morpho\", \"WETH\", more)",
        "orders::flash_repay(\"morfo\", \"WETH\", more)",
        "unknown-name",
    ),
    (
        "eth_leveraged",
        LEVERAGE,
        "staked.out),\n        orders::borrow",
        "staked),\n        orders::borrow",
        "wrong-type",
    ),
    (
        "eth_leveraged",
        LEVERAGE,
        "staked.out),\n        orders::borrow",
        "staked.outt),\n        orders::borrow",
        "unknown-member",
    ),
    (
        "eth_leveraged",
        LEVERAGE,
        "fn debt_at(equity, ltv) { equity * ltv / (1 - ltv) }",
        "fn debt_at(equity, ltv) { equity * ltv / \"1\" }",
        "operands",
    ),
    (
        "eth_leveraged",
        DELEVERAGE,
        "let over = state.debt - ltv * state.collateral;",
        "let over = state.debt - ltv * state;",
        "operands",
    ),
    (
        "btc_basis",
        SPOT_PERP,
        "ctx.market(venue, \"spot\", symbol);\n        let perp",
        "ctx.market(venue, \"spt\", symbol);\n        let perp",
        "unknown-name",
    ),
    (
        "btc_basis",
        SPOT_PERP,
        "if !pair.tradable { note",
        "if !pair.tradeable { note",
        "unknown-member",
    ),
    (
        "btc_basis",
        SPOT_PERP,
        "sizing::deployed(ctx) * (1",
        "sizing::deploid(ctx) * (1",
        "unknown-function",
    ),
    (
        "btc_basis",
        BTC,
        "this.turns[venue] = turn;",
        "this.turns[venue] = ctx.market(venue, \"spot\", \"BTCUSDT\");",
        "state",
    ),
    (
        "btc_basis",
        "stdlib/hedging.rhai",
        "spot.received(quantity)",
        "spot.receive(quantity)",
        "unknown-member",
    ),
    (
        "btc_basis",
        "stdlib/sizing.rhai",
        "perp.price * (perp.fee + margin)",
        "perp.price * (perp.fees + margin)",
        "unknown-member",
    ),
    (
        "btc_basis",
        "stdlib/carry.rhai",
        "ctx.trailing_funding(venue, symbol, 72)",
        "ctx.trailing_funding(venue, symbol, \"72\")",
        "wrong-type",
    ),
    ("btc_basis", "stdlib/carry.rhai", "if mean == () { return turn; }\n", "", "maybe-nothing"),
];

#[test]
fn a_mistake_in_a_shipped_script_is_found_at_its_line() {
    let (mut missed, mut made) = (Vec::new(), 0);
    for &(mode, file, written, instead, lint) in MISTAKES {
        let folder = tempfile::tempdir().unwrap();
        for part in ["strategies", "stdlib"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
            for entry in std::fs::read_dir(root().join(part)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let to = folder.path().join(part).join(path.file_name().unwrap());
                    std::fs::copy(&path, to).unwrap();
                }
            }
        }
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let at = text.find(written).unwrap_or_else(|| panic!("{file} has no {written}"));
        let line = text[..at].matches('\n').count() as u32 + 1;
        std::fs::write(folder.path().join(file), text.replacen(written, instead, 1)).unwrap();
        let setup = load(LoadRequest::of_mode(mode, &root().join("configs"))).unwrap();
        let script = folder.path().join(format!("strategies/{mode}.rhai"));
        let found = Bundle::check(&script, &folder.path().join("stdlib"), &setup);
        made += 1;
        let lines = line..=line + 8;
        if !found.iter().any(|it| it.lint.name == lint && lines.contains(&it.fault.line)) {
            let told: Vec<_> =
                found.iter().map(|it| format!("{} {}", it.lint.name, it.fault)).collect();
            missed.push(format!("{file}:{line} {instead}\n  wants {lint}, found {told:?}"));
        }
    }
    assert!(missed.is_empty(), "{} of {made} missed:\n{}", missed.len(), missed.join("\n"));
}
