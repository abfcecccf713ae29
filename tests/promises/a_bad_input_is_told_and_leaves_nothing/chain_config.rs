//! What is lent, borrowed, staked and swapped, where a configuration contradicts itself or the protocols.

use super::{Case, Kind, Ready, case};
use crate::desk::Desk;

const LOOP: &[&str] = &["run", "eth_leveraged", "--data", "data"];
const STAKE: &[&str] = &["run", "eth_staking_only", "--data", "data"];
const MODE: &str = "configs/modes/eth_leveraged.yaml";
const STAKE_MODE: &str = "configs/modes/eth_staking_only.yaml";
const AAVE: &str = "configs/venues/aave_v3.yaml";
const UNISWAP: &str = "configs/venues/uniswap.yaml";

/// The loop with a setting.
macro_rules! set {
    ($setting:literal) => {
        &["run", "eth_leveraged", "--data", "data", "--set", $setting]
    };
}

const fn ready(_: &Desk) -> Ready {
    Ready::Yes
}

pub const CASES: &[Case] = &[
    case("an unknown staking token", 2, "CONFIG-003", set!("lst=stETH"), ready),
    case("a staking token in small letters", 2, "CONFIG-003", set!("lst=weeth"), ready),
    case(
        "a staking token whose venue the mode lacks",
        2,
        "CONFIG-003",
        set!("lst=wstETH"),
        |desk| spoil(desk, MODE, "  lido:\n", ""),
    ),
    case("a staking token that is not lent", 2, "CONFIG-005", LOOP, |desk| {
        desk.replace(MODE, "  aave_v3/weETH_rates:\n", "");
        spoil(desk, MODE, "supply: [weETH, wstETH]", "supply: [wstETH]")
    }),
    case("two venues that issue one token", 2, "CONFIG-005", STAKE, |desk| {
        spoil(desk, "configs/venues/etherfi.yaml", "lst: weETH", "lst: wstETH")
    }),
    case("a staking venue that issues ETH", 2, "CONFIG-005", STAKE, |desk| {
        spoil(desk, "configs/venues/etherfi.yaml", "lst: weETH", "lst: ETH")
    }),
    case("a token without a reserve is lent", 2, "CONFIG-003", LOOP, |desk| {
        spoil(desk, MODE, "supply: [weETH, wstETH]", "supply: [weETH, wstETH, ETH]")
    }),
    case("an unknown token is lent", 2, "CONFIG-003", set!("venues.aave_v3.supply=stETH"), ready),
    case("nothing is lent", 2, "CONFIG-004", set!("venues.aave_v3.supply="), ready),
    case(
        "an unknown efficiency mode",
        2,
        "CONFIG-003",
        set!("venues.aave_v3.e_mode=eth_corelated"),
        ready,
    ),
    case("collateral that is not in the efficiency mode", 2, "CONFIG-005", LOOP, |desk| {
        spoil(desk, AAVE, "collateral: [WETH, wstETH, weETH]", "collateral: [WETH, wstETH]")
    }),
    case("an efficiency mode with a misspelt token", 2, "CONFIG-003", LOOP, |desk| {
        spoil(desk, AAVE, "collateral: [WETH, wstETH, weETH]", "collateral: [WETH, wstETH, weEHT]")
    }),
    case("a debt that is not in the efficiency mode", 2, "CONFIG-005", LOOP, |desk| {
        desk.replace(MODE, "  aave_v3/WETH_rates:\n", "");
        spoil(desk, MODE, "borrow: [WETH]", "borrow: [wstETH]")
    }),
    case(
        "a target beyond what is lent without an efficiency mode",
        2,
        "CONFIG-005",
        LOOP,
        |desk| {
            desk.replace(MODE, "value: 0.909075", "value: 0.78");
            desk.replace(MODE, "value: 0.93", "value: 0.775");
            let limits = "risk:\n  health_factor: { warn: 1.005, reduce: 1.003, exit: 1.001 }\n";
            desk.replace(MODE, "gas_tank: 0.1\n", &format!("gas_tank: 0.1\n{limits}"));
            spoil(desk, MODE, ", e_mode: eth_correlated", "")
        },
    ),
    case("no efficiency mode", 2, "CONFIG-005", set!("venues.aave_v3.e_mode="), ready),
    case("a limit above the venue's", 2, "CONFIG-005", set!("max_ltv=0.95"), ready),
    case("a target too near the warning", 2, "CONFIG-005", set!("target_ltv=0.91"), ready),
    case("a debt of dollars against ether", 2, "CONFIG-005", LOOP, |desk| {
        desk.replace(MODE, "  aave_v3/WETH_rates:\n", "  aave_v3/USDT_rates:\n");
        spoil(desk, MODE, "borrow: [WETH]", "borrow: [USDT]")
    }),
    case("figures of collateral that begin after the run", 2, "CONFIG-005", LOOP, |desk| {
        spoil(desk, AAVE, "as_of: 2024-01-01", "as_of: 2024-03-01")
    }),
    case("a loan that could be liquidated at once", 2, "CONFIG-005", LOOP, |desk| {
        spoil(desk, AAVE, "ltv: 0.93, threshold: 0.95", "ltv: 0.96, threshold: 0.95")
    }),
    case("a bonus beyond the collateral", 2, "CONFIG-005", LOOP, |desk| {
        spoil(desk, AAVE, "bonus: 0.01", "bonus: 0.1")
    }),
    case(
        "a liquidation of nothing",
        2,
        "CONFIG-003",
        set!("venues.aave_v3.liquidation.close_factor=0"),
        ready,
    ),
    case(
        "a supply cap of nothing",
        2,
        "CONFIG-003",
        set!("venues.aave_v3.reserves.weETH.supply_cap=0"),
        ready,
    ),
    Case {
        what: "a supply cap that is exceeded",
        status: 0,
        begins: "",
        spoil: ready,
        arguments: set!("venues.aave_v3.reserves.weETH.supply_cap=900100"),
        kind: Kind::Warned,
    },
    case("a queue that is none", 2, "CONFIG-005", set!("venues.etherfi.queue_days="), ready),
    case(
        "a queue of less than nothing",
        2,
        "CONFIG-003",
        set!("venues.etherfi.queue_days=-1"),
        ready,
    ),
    case(
        "a queue longer than a life",
        2,
        "CONFIG-003",
        set!("venues.etherfi.queue_days=100000000000000"),
        ready,
    ),
    case("an exit by a dex that is none", 2, "CONFIG-005", set!("exit_route=dex"), |desk| {
        without_dex(desk, MODE)
    }),
    case("an exit by a dex without the pool", 2, "CONFIG-005", set!("exit_route=dex"), |desk| {
        desk.edit_lines(UNISWAP, |lines| {
            let at = lines.iter().position(|line| line == "  weETH:").expect("it is there");
            lines.drain(at..at + 5);
        });
        spoil(desk, MODE, "  lst/weETH_dex_rate_24h_median_1h:\n", "")
    }),
    case("a script that swaps where no dex is", 2, "STRAT-004", STAKE, |desk| {
        without_dex(desk, STAKE_MODE)
    }),
    case("a flash lender that the mode lacks", 2, "STRAT-004", LOOP, |desk| {
        spoil(desk, MODE, "  morpho:\n", "")
    }),
    case("a flash lender without the token", 1, "STRAT-003", LOOP, |desk| {
        spoil(desk, "configs/venues/morpho.yaml", "[WETH, USDT]", "[USDT]")
    }),
    case("sizes of a cost table that do not ascend", 2, "CONFIG-005", STAKE, |desk| {
        spoil(desk, UNISWAP, "{ size: 100000, bps: 24 }", "{ size: 5000, bps: 24 }")
    }),
    case("costs that fall with size", 2, "CONFIG-005", STAKE, |desk| {
        spoil(desk, UNISWAP, "{ size: 100000, bps: 24 }", "{ size: 100000, bps: 14 }")
    }),
    case("costs below zero", 2, "CONFIG-003", STAKE, |desk| {
        spoil(desk, UNISWAP, "{ size: 100000, bps: 24 }", "{ size: 100000, bps: -24 }")
    }),
    case("a cost that leaves nothing", 2, "CONFIG-005", STAKE, |desk| {
        spoil(desk, UNISWAP, "{ size: 1000000, bps: 35 }", "{ size: 1000000, bps: 10000 }")
    }),
    case("a cost table without rows", 2, "CONFIG-004", STAKE, |desk| {
        desk.edit_lines(UNISWAP, |lines| {
            for line in lines.iter_mut().filter(|line| line.starts_with("    costs:")) {
                "    costs: []".clone_into(line);
            }
        });
        Ready::Yes
    }),
    case("a cost that grows too slowly", 2, "CONFIG-003", STAKE, |desk| {
        spoil(desk, UNISWAP, "power: 0.5", "power: 0.3")
    }),
    case(
        "--set into a list",
        2,
        "CONFIG-003",
        set!("venues.uniswap.swaps.weETH.costs.0.bps=20"),
        ready,
    ),
    case("a venue that swaps nothing", 2, "CONFIG-004", set!("venues.lido.kind=dex"), ready),
    case("gas in a staking token", 2, "CONFIG-005", set!("venues.wallet.gas.token=weETH"), ready),
    case(
        "a staking token with other decimals",
        2,
        "CONFIG-005",
        set!("venues.wallet.tokens.weETH.decimals=0"),
        ready,
    ),
    case(
        "an answer that comes after the plan's end",
        2,
        "CONFIG-005",
        set!("venues.etherfi.latency_ms=100000"),
        ready,
    ),
    case(
        "an exit below the liquidation",
        2,
        "CONFIG-005",
        set!("risk.health_factor.exit=0.9"),
        ready,
    ),
    case("a gas tank of all the capital", 2, "CONFIG-005", set!("gas_tank=100"), ready),
    case(
        "a gas tank that costs more than the capital",
        2,
        "CONFIG-005",
        &["run", "pure_lending_usdt", "--data", "data", "--set", "gas_tank=100"],
        ready,
    ),
    case("a reserve of everything", 2, "CONFIG-003", set!("reserve.ratio=1"), ready),
    case("prices in a circle", 2, "CONFIG-005", set!("pricing.ETH=WETH"), ready),
    case("a token that prices itself", 2, "CONFIG-005", set!("pricing.ETH=ETH"), ready),
    case("a price by a token that has none", 2, "CONFIG-005", set!("pricing.WETH=weETH"), ready),
    case("a price by an unknown token", 2, "CONFIG-003", set!("pricing.WETH=ETHER"), ready),
    case(
        "a price by a series that is not subscribed",
        2,
        "CONFIG-005",
        set!("pricing.weETH=lst/weETH_exchange_rat"),
        ready,
    ),
    case("a series of a reserve is not subscribed", 2, "CONFIG-004", LOOP, |desk| {
        spoil(desk, MODE, "  aave_v3/WETH_rates:\n", "")
    }),
    case(
        "a series that nothing needs",
        2,
        "CONFIG-003",
        set!("venues.aave_v3.supply=weETH"),
        ready,
    ),
    case("no wallet", 2, "CONFIG-005", STAKE, |desk| spoil(desk, STAKE_MODE, "  wallet:\n", "")),
];

fn spoil(desk: &Desk, file: &str, from: &str, to: &str) -> Ready {
    desk.replace(file, from, to);
    Ready::Yes
}

/// A mode without the venue that swaps, and without its series.
fn without_dex(desk: &Desk, mode: &str) -> Ready {
    desk.edit_lines(mode, |lines| {
        lines.retain(|line| line != "  uniswap:" && !line.contains("_dex_rate_"));
    });
    Ready::Yes
}
