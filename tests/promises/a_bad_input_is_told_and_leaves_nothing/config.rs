//! Configurations that contradict themselves or say what nobody knows.

use super::{Case, MINE, Ready, case};
use crate::desk::Desk;

const BASIS: &[&str] = &["run", "btc_basis", "--data", "data"];

pub const CASES: &[Case] = &[
    case("an unknown mode", 2, "CONFIG-006", &["run", "btc_basys", "--data", "data"], |_| {
        Ready::Yes
    }),
    case(
        "an unknown mode that resembles none",
        2,
        "CONFIG-006",
        &["run", "gold", "--data", "data"],
        |_| Ready::Yes,
    ),
    case("an unknown key", 2, "CONFIG-002", MINE, |desk| {
        spoil(desk, "emergency_drawdown: 0.9", "emergency_drowdown: 0.9")
    }),
    case("a misspelt share class", 2, "CONFIG-002", MINE, |desk| {
        spoil(desk, "share_class: USDT", "share_clas: USDT")
    }),
    case("no share class", 2, "CONFIG-004", MINE, |desk| spoil(desk, "share_class: USDT\n", "")),
    case("a share class that is not there", 2, "CONFIG-003", MINE, |desk| {
        spoil(desk, "share_class: USDT", "share_class: EUR")
    }),
    case("a parameter that is only its value", 2, "CONFIG-003", MINE, |desk| {
        spoil(desk, "parameters:\n", "parameters:\n  enter_above: 0.05\n")
    }),
    case("a misspelt field of a parameter", 2, "CONFIG-002", MINE, |desk| {
        spoil(desk, "value: 0.02", "valeu: 0.02")
    }),
    case("a parameter with a unit that nobody knows", 2, "CONFIG-003", MINE, |desk| {
        spoil(desk, "parameters:\n", "parameters:\n  wait: { value: 2, unit: fortnights }\n")
    }),
    case("a parameter whose minimum is above its maximum", 2, "CONFIG-005", MINE, |desk| {
        spoil(desk, "parameters:\n", "parameters:\n  wait: { value: 2, min: 5, max: 1 }\n")
    }),
    case("a line that is indented by one space more", 2, "CONFIG-001", MINE, |desk| {
        spoil(desk, "    value: 0.02", "     value: 0.02")
    }),
    case("a setting without its ':'", 2, "CONFIG-001", MINE, |desk| {
        spoil(desk, "value: 0.02", "value = 0.02")
    }),
    case("venues as a list", 2, "CONFIG-003", BASIS, |desk| {
        desk.replace(
            "configs/modes/btc_basis.yaml",
            "  wallet:\n  binance:\n  bybit:\n  okx:\n",
            "  - wallet\n  - binance\n  - bybit\n  - okx\n",
        );
        Ready::Yes
    }),
    case(
        "legs that may stand alone for no time at all",
        2,
        "CONFIG-003",
        &["run", "btc_basis", "--data", "data", "--set", "execution.leg_risk.max_seconds=0"],
        |_| Ready::Yes,
    ),
    case("a mode whose script is misspelt", 2, "CONFIG-003", BASIS, |desk| {
        desk.replace("configs/modes/btc_basis.yaml", "btc_basis.rhai", "btc_bases.rhai");
        Ready::Yes
    }),
    case("a parameter with the name of a setting", 2, "CONFIG-005", MINE, |desk| {
        spoil(desk, "parameters:\n", "parameters:\n  gas_tank: { value: 2 }\n")
    }),
    case("a target in percent", 2, "CONFIG-003", MINE, |desk| {
        spoil(
            desk,
            "share_class: USDT",
            "share_class: USDT\ntargets: { apy: 5, max_drawdown: 0.02 }",
        )
    }),
    case("a file of settings without end", 2, "CONFIG-001", MINE, |desk| {
        let more: String = (0..20_000).map(|n| format!("unknown_{n}: 1\n")).collect();
        spoil(desk, "share_class: USDT", &format!("{more}share_class: USDT"))
    }),
    case("balances of nothing", 2, "CONFIG-005", MINE, |desk| {
        spoil(desk, "binance.USDT: 100000", "binance.USDT: 0")
    }),
    case("an unknown key of a venue", 2, "CONFIG-002", BASIS, |desk| {
        desk.replace("configs/venues/bybit.yaml", "latency_ms", "latency_s");
        Ready::Yes
    }),
    case("a value of the wrong type", 2, "CONFIG-003", MINE, |desk| {
        spoil(desk, "value: 0.02", "value: two per cent")
    }),
    case("a number with a decimal comma", 2, "CONFIG-003", MINE, |desk| {
        spoil(desk, "value: 0.02", "value: 0,02")
    }),
    case("a value out of its range", 2, "CONFIG-003", MINE, |desk| {
        spoil(desk, "value: 0.5", "value: 1.5")
    }),
    case("a map where a value belongs", 2, "CONFIG-", MINE, |desk| {
        spoil(desk, "gas_tank: 0", "gas_tank: { ETH: 0 }")
    }),
    case("a value is missing", 2, "CONFIG-004", MINE, |desk| {
        spoil(desk, "asset: BTC\n", "asset:\n")
    }),
    case("a key stands twice", 2, "CONFIG-001", MINE, |desk| {
        spoil(desk, "asset: BTC\n", "asset: BTC\nasset: ETH\n")
    }),
    case("a configuration is no YAML", 2, "CONFIG-001", MINE, |desk| {
        spoil(desk, "asset: BTC\n", "asset: [BTC\n")
    }),
    case("an unknown share class", 2, "CONFIG-003", MINE, |desk| {
        spoil(desk, "share_class: USDT", "share_class: USDC")
    }),
    case("an unknown venue", 2, "CONFIG-003", MINE, |desk| {
        spoil(desk, "  binance:\n", "  binanse:\n")
    }),
    case("a token without a price", 2, "CONFIG-", MINE, |desk| {
        spoil(desk, "pricing:\n  BTC: spot/binance_BTCUSDT\n", "")
    }),
    case(
        "a target that breaches the mode's own limits",
        2,
        "CONFIG-005",
        &["run", "btc_basis", "--data", "data", "--set", "margin_ratio_target=0.18"],
        |_| Ready::Yes,
    ),
    case(
        "limits in the wrong order",
        2,
        "CONFIG-005",
        &["run", "btc_basis", "--data", "data", "--set", "risk.margin_ratio.reduce=0.3"],
        |_| Ready::Yes,
    ),
    case(
        "an allocation that does not sum to 1",
        2,
        "CONFIG-005",
        &["run", "btc_basis", "--data", "data", "--set", "hedge_allocation.okx=0"],
        |_| Ready::Yes,
    ),
    case(
        "balances that do not sum to the capital",
        2,
        "CONFIG-005",
        &["run", "mine.rhai", "--data", "data", "--capital", "50000"],
        |_| Ready::Yes,
    ),
    case("a balance at a place that is not there", 2, "CONFIG-003", MINE, |desk| {
        spoil(desk, "binance.USDT: 100000", "bybit.USDT: 100000")
    }),
    case(
        "a capital of nothing",
        2,
        "CONFIG-003",
        &["run", "btc_basis", "--data", "data", "--capital", "0"],
        |_| Ready::Yes,
    ),
    case(
        "--set of an unknown parameter",
        2,
        "CONFIG-002",
        &["run", "btc_basis", "--data", "data", "--set", "rebalance_bandd=0.2"],
        |_| Ready::Yes,
    ),
    case(
        "--set of a value out of range",
        2,
        "CONFIG-003",
        &["run", "btc_basis", "--data", "data", "--set", "rebalance_band=5"],
        |_| Ready::Yes,
    ),
    case(
        "a script without a configuration",
        2,
        "CONFIG-006",
        &["run", "lonely.rhai", "--data", "data"],
        |desk| {
            desk.write(
                "lonely.rhai",
                "fn decide(ctx) { hold(\"nothing\") }\nfn exit(ctx) { hold(\"nothing\") }\n",
            );
            Ready::Yes
        },
    ),
    case(
        "a configuration without a script",
        2,
        "CONFIG-004",
        &["run", "bare", "--data", "data"],
        |desk| {
            desk.write("configs/modes/bare.yaml", desk.read("mine.yaml"));
            Ready::Yes
        },
    ),
    case(
        "the named configuration is not there",
        2,
        "CONFIG-001",
        &["run", "mine.rhai", "--data", "data", "--config", "other.yaml"],
        |_| Ready::Yes,
    ),
    case(
        "the folder of configurations is not there",
        2,
        "CONFIG-006",
        &["run", "btc_basis", "--data", "data", "--config-dir", "config"],
        |_| Ready::Yes,
    ),
    case(
        "a gas tank that the capital cannot buy",
        2,
        "CONFIG-005",
        &["run", "btc_basis", "--data", "data", "--set", "gas_tank=100"],
        |_| Ready::Yes,
    ),
    case("several faults at once", 2, "CONFIG-", MINE, |desk| {
        desk.replace("mine.yaml", "value: 0.02", "value: much");
        desk.replace("mine.yaml", "reserve: { ratio: 0 }", "reserve: { ratio: 2 }");
        desk.replace("mine.yaml", "spot/binance_BTCUSDT:\n", "spot/binanse_BTCUSDT:\n");
        Ready::Yes
    }),
];

fn spoil(desk: &Desk, from: &str, to: &str) -> Ready {
    desk.replace("mine.yaml", from, to);
    Ready::Yes
}
