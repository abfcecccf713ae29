//! Slips in the shipped modes, as a newcomer makes them: each is told in one line, at the line to mend, with what would be right.

use std::path::{Path, PathBuf};

use super::super::{LoadRequest, Setup, load};

/// The shipped configurations and scripts in a folder of their own.
fn copied() -> tempfile::TempDir {
    let (from, to) = (Path::new(env!("CARGO_MANIFEST_DIR")), tempfile::tempdir().unwrap());
    for folder in
        ["configs", "configs/modes", "configs/venues", "configs/share_classes", "strategies"]
    {
        std::fs::create_dir(to.path().join(folder)).unwrap();
        for entry in std::fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap();
                std::fs::copy(&path, to.path().join(folder).join(name)).unwrap();
            }
        }
    }
    to
}

/// A mode with pieces of its file exchanged, and the line of the last of them that was.
fn spoilt(mode: &str, pieces: &[(&str, &str)]) -> (Result<Setup, String>, usize) {
    let home = copied();
    let configs: PathBuf = home.path().join("configs");
    let file = configs.join("modes").join(format!("{mode}.yaml"));
    let mut yaml = std::fs::read_to_string(&file).unwrap();
    let mut line = 0;
    for (right, wrong) in pieces {
        let at = yaml.find(right).unwrap_or_else(|| panic!("{mode} has no {right:?}"));
        yaml.replace_range(at..at + right.len(), wrong);
        line = yaml[..at].matches('\n').count() + 1;
    }
    std::fs::write(&file, yaml).unwrap();
    let read = load(LoadRequest::of_mode(mode, &configs));
    let home = home.path().display().to_string();
    (read.map_err(|faults| faults.to_string().replace(&format!("{home}/"), "")), line)
}

#[test]
fn a_slip_in_a_mode_is_one_line_with_its_place_and_what_is_right() {
    const BAND: &str = "min: 0.01\n    max: 1\n";
    for (mode, right, wrong, told) in [
        (
            "btc_basis",
            "above: risk.margin_ratio.warn",
            "abov: risk.margin_ratio.warn",
            "did you mean 'above'?",
        ),
        (
            "btc_basis",
            "above: risk.margin_ratio.warn",
            "above: risk.margin_ratio.wran",
            "there is no number at 'risk.margin_ratio.wran'; did you mean 'risk.margin_ratio.warn'?",
        ),
        (
            "btc_basis",
            "above: risk.margin_ratio.warn",
            "above: risk.margin_ratio",
            "there is no number at 'risk.margin_ratio'; did you mean 'risk.margin_ratio.warn'?",
        ),
        (
            "btc_basis",
            "above: parameters.funding_threshold",
            "above: parameters.funding_treshold",
            "did you mean 'parameters.funding_threshold'?",
        ),
        (
            "btc_basis",
            "above: parameters.funding_threshold",
            "above: 0.5",
            "the path of another number is expected here, not '0.5'; write min: 0.5",
        ),
        (
            "btc_basis",
            "above: parameters.funding_threshold",
            "above: parameters.funding_reentry",
            "a value cannot be above itself; name another",
        ),
        (
            "btc_basis",
            BAND,
            "min: 2\n    max: 1\n",
            "parameters.rebalance_band.min: the minimum, 2, is above the maximum, 1: no value fits; exchange the two",
        ),
        ("btc_basis", BAND, "min: low\n    max: 1\n", "min: a number is expected, not 'low'"),
        (
            "btc_basis",
            BAND,
            "min: 1%\n    max: 1\n",
            "a number is expected, not '1%'; 1 % is written 0.01",
        ),
        ("btc_basis", "sum: 1", "sum: one", "sum: a number is expected, not 'one'"),
        (
            "btc_basis",
            "asset: BTC",
            "asset: btc",
            "share class USDT is for USDT, BTC, ETH, not for 'btc'; did you mean 'BTC'?",
        ),
        (
            "eth_leveraged",
            "is: staking_token",
            "is: loan_to_value",
            "loan_to_value is said of a number, which this value is not",
        ),
        (
            "btc_basis",
            "script: strategies/btc_basis.rhai",
            "script: strategies/btc_bases.rhai",
            "strategies/btc_bases.rhai is not there; did you mean strategies/btc_basis.rhai?",
        ),
        (
            "btc_basis",
            "script: strategies/btc_basis.rhai",
            "script: strategies",
            "strategies is a folder, no script; name a file",
        ),
        (
            "btc_basis",
            "script: strategies/btc_basis.rhai",
            "script: strategies/btc_basis",
            "did you mean strategies/btc_basis.rhai?",
        ),
        (
            "btc_basis",
            "script: strategies/btc_basis.rhai",
            "script: btc_basis.rhai",
            "did you mean strategies/btc_basis.rhai?",
        ),
        (
            "btc_basis",
            "script: strategies/btc_basis.rhai",
            "script: strategies/btc_basis.test.rhai",
            "is a file of tests, no strategy; did you mean strategies/btc_basis.rhai?",
        ),
        (
            "btc_basis",
            "script: strategies/btc_basis.rhai",
            "script: configs/modes/btc_basis.yaml",
            "its name does not end in .rhai; did you mean strategies/btc_basis.rhai?",
        ),
        (
            "btc_basis",
            "script: strategies/btc_basis.rhai",
            "script: ../../strategies/btc_basis.rhai",
            "did you mean strategies/btc_basis.rhai?",
        ),
        (
            "btc_basis",
            "script: strategies/btc_basis.rhai",
            "script:",
            "write script: strategies/mine.rhai, or take it out",
        ),
        (
            "pure_lending_eth",
            "{ supply: [WETH] }",
            "",
            "names the tokens that it supplies; write supply: […], of USDT, WETH, ",
        ),
    ] {
        is_told_once(mode, right, wrong, told);
    }
}

/// Told in one line, at the line that was spoilt.
fn is_told_once(mode: &str, right: &str, wrong: &str, told: &str) {
    let (read, line) = spoilt(mode, &[(right, wrong)]);
    let faults = read.expect_err(wrong);
    assert!(faults.contains(told), "{wrong}: {faults}");
    assert_eq!(faults.lines().count(), 1, "{wrong}: {faults}");
    let place = format!("configs/modes/{mode}.yaml:{line}:");
    assert!(faults.contains(&place), "{wrong} stands in line {line}: {faults}");
}

#[test]
fn a_number_is_told_as_it_is_written() {
    const VALUE: &str =
        "value: 0.02\n    unit: of the venue's allocation\n    min: 0\n    max: 0.5";
    let below = "# In this order; numbers of a venue can be overridden below its name.";
    for (wrong, told) in [
        ("capital: 1 000", "capital: a number above 0 is expected, not '1 000'; write 1000"),
        ("capital: 1_000", "capital: a number above 0 is expected, not '1_000'; write 1000"),
        ("capital: 1,000", "capital: a number above 0 is expected, not '1,000'; write 1000"),
        ("capital: $100", "capital: a number above 0 is expected, not '$100'; write 100"),
    ] {
        is_told_once("btc_basis", below, wrong, told);
    }
    for (wrong, told) in [
        (
            "value: two days\n    unit: hours",
            "cash_buffer.value: a number is expected, not 'two days'; what has a unit (hours) is a number: \
             write it, or leave the unit out",
        ),
        ("value: yes\n    unit: hours", "not 'yes'; what has a unit (hours) is a number"),
        ("value: true\n    unit: hours", "not 'true'; what has a unit (hours) is a number"),
        ("value: 48h\n    unit: hours", "not '48h'; write 48: its unit says hours"),
        ("value: 2 days\n    unit: hours", "not '2 days'; write 48: its unit says hours"),
        (
            "value: 48# two days\n    unit: hours",
            "a space belongs before the '#': write 48 # two days",
        ),
        (
            "value:\n    unit: hours",
            "cash_buffer.value: the parameter has no value; write one, or where it is set elsewhere its type: \
             decimal, integer, text or flag",
        ),
    ] {
        is_told_once("btc_basis", VALUE, wrong, told);
    }
    let told = "cash_buffer.unit: '%' is no unit; write fraction, and 0.02 % as 0.0002";
    is_told_once("btc_basis", "unit: of the venue's allocation", "unit: \"%\"", told);
    let named = format!("cash_buffer:\n    {VALUE}");
    let told = "cash_buffer.value: the parameter has no value; write one";
    is_told_once("btc_basis", &named, "cash_buffer:\n    unit: hours", told);
}

#[test]
fn what_a_script_or_a_market_could_not_read_is_told() {
    for (wrong, told) in [
        ("execution: { slippage_bps: 1% }", "not '1%'; write 100: its unit says bps"),
        (
            "execution: { slippage_bps: 0.005 }",
            "0.005 bps would let nothing fill; it is counted in basis points: 0.005 as a fraction is 50",
        ),
    ] {
        is_told_once("pure_lending_usdt", "targets:", &format!("{wrong}\ntargets:"), told);
    }
    let told = "scripts could not read 'dwell-hours': a name is of letters, digits and _; call it dwell_hours";
    is_told_once("btc_basis", "  dwell_hours:", "  dwell-hours:", told);
    let told = "not 'WETH'; add WETH: ETH under pricing";
    let (read, _) = spoilt("pure_lending_eth", &[("  WETH: ETH\n", "")]);
    let faults = read.expect_err("WETH has no price");
    assert!(faults.contains(told), "{faults}");
}

#[test]
fn a_series_is_told_by_its_own_name() {
    let named = |end: &str, series: &str| {
        format!("a series is named without the {end} of its file; write {series}")
    };
    let (candles, gas) = ("spot/bybit_ETHUSDT", "gas/ethereum_gas");
    for (right, wrong, told) in [
        ("  spot/bybit_ETHUSDT:", "  spot/bybit_ETHUSDT.csv:", named(".csv", candles)),
        ("  spot/bybit_ETHUSDT:", "  spot/bybit_ETHUSDT_1h.csv:", named("_1h.csv", candles)),
        ("  spot/bybit_ETHUSDT:", "  spot/bybit_ETHUSDT_1h:", named("_1h", candles)),
        ("  gas/ethereum_gas:", "  gas/ethereum_gas.csv:", named(".csv", gas)),
        ("  gas/ethereum_gas:", "  gas/ethereum_gas.csv.gz:", named(".csv.gz", gas)),
        ("ETH: spot/bybit_ETHUSDT", "ETH: spot/bybit_ETHUSDT.csv", named(".csv", candles)),
        (
            "  aave_v3/USDT_rates:",
            "  aave_v3/USDT_rates.csv:",
            named(".csv", "aave_v3/USDT_rates"),
        ),
        (
            "  gas/ethereum_gas:",
            "  - gas/ethereum_gas",
            "subscriptions.gas/ethereum_gas: a '-' begins an item of a list, and here stand names; \
             write gas/ethereum_gas: without the '-'"
                .to_owned(),
        ),
    ] {
        is_told_once("pure_lending_usdt", right, wrong, &told);
    }
    let proxy = "{ proxy: spot/bybit_BTCUSDT }";
    let wrong = "{ proxy: spot/bybit_BTCUSDT.csv }";
    is_told_once("btc_basis", proxy, wrong, &named(".csv", "spot/bybit_BTCUSDT"));
}

#[test]
fn what_a_venue_issues_is_told_where_it_is_priced() {
    const RATE: &str = "  wstETH: lst/wstETH_exchange_rate\n";
    for (wrong, told) in [
        (
            "  wstETH: spot/bybit_ETHUSDT\n",
            "pricing.wstETH: lido issues wstETH, which is priced by its rate, lst/…, not by 'spot/bybit_ETHUSDT'; \
             write lst/wstETH_exchange_rate",
        ),
        (
            "  wstETH:\n",
            "pricing.wstETH: 'wstETH', which lido issues, needs its rate; write lst/wstETH_exchange_rate",
        ),
    ] {
        is_told_once("eth_staking_only", RATE, wrong, told);
    }
    let prices = "pricing:\n  ETH: spot/bybit_ETHUSDT\n  weETH: lst/weETH_exchange_rate\n";
    let told = "needs its rate; add wstETH: lst/wstETH_exchange_rate";
    is_told_once("eth_staking_only", &format!("{prices}{RATE}"), prices, told);
    // It is lent there, too.
    let prices = prices.replace("USDT\n", "USDT\n  WETH: ETH\n");
    is_told_once("eth_leveraged", &format!("{prices}{RATE}"), &prices, told);
    let (read, _) = spoilt("eth_staking_only", &[("  lido:", "  lido: { lst: wstEHT }")]);
    let faults = read.unwrap_err();
    assert!(faults.contains("not 'wstEHT'; did you mean 'wstETH'?"), "{faults}");
}

#[test]
fn a_script_that_a_mode_names_is_looked_for_though_another_is_run() {
    let home = copied();
    let configs = home.path().join("configs");
    let file = configs.join("modes/btc_basis.yaml");
    let yaml = std::fs::read_to_string(&file).unwrap();
    let told = |script: &str| {
        std::fs::write(&file, yaml.replace("strategies/btc_basis.rhai", script)).unwrap();
        let named = home.path().join("strategies/btc_basis.rhai").display().to_string();
        load(LoadRequest::of_mode(&named, &configs)).map_err(|faults| faults.to_string())
    };
    assert!(
        told("strategies/btc_bases.rhai")
            .unwrap_err()
            .contains("did you mean strategies/btc_basis.rhai?")
    );
    let setup = told("strategies/eth_leveraged.rhai").unwrap();
    assert_eq!(setup.script, Some(home.path().join("strategies/btc_basis.rhai")));
    assert!(told("").is_ok(), "who names a script needs none");
}

#[test]
fn a_staking_token_that_a_mode_only_holds_need_not_be_lent() {
    let in_order = |pieces: &[(&str, &str)]| {
        let (read, _) = spoilt("eth_staking_only", pieces);
        read.unwrap_or_else(|faults| panic!("{pieces:?}:\n{faults}"));
    };
    let lent = ("  uniswap:\n", "  uniswap:\n  aave_v3: { supply: [WETH] }\n");
    let priced = ("  ETH: spot/bybit_ETHUSDT\n", "  ETH: spot/bybit_ETHUSDT\n  WETH: ETH\n");
    let read = ("subscriptions:\n", "subscriptions:\n  aave_v3/WETH_rates:\n");
    // What lies idle is lent beside it.
    in_order(&[lent, priced, read]);
    // It is bought where it is swapped, and no venue of the mode issues it.
    let bought = [("  etherfi:\n  lido:\n", ""), ("value: queue", "value: dex")];
    in_order(&bought);
    // Of two staking tokens the other one is lent.
    let second = (
        "  exit_route:\n",
        "  other: { value: wstETH, is: staking_token, doc: Lent. }\n  exit_route:\n",
    );
    let both = [
        second,
        ("  uniswap:\n", "  uniswap:\n  aave_v3: { supply: [wstETH] }\n"),
        ("subscriptions:\n", "subscriptions:\n  aave_v3/wstETH_rates:\n"),
    ];
    in_order(&both);
    for (pieces, told) in [
        // Where such tokens are lent, or borrowed against, the chosen one must be.
        (&both[1..], "weETH is staked, but not in venues.aave_v3.supply of this mode"),
        (
            &[
                ("  uniswap:\n", "  uniswap:\n  aave_v3: { supply: [WETH], borrow: [WETH] }\n"),
                priced,
                read,
            ],
            "weETH is staked, but not in venues.aave_v3.supply of this mode",
        ),
        (
            &bought[..1],
            "no venue of the mode issues weETH, so no queue leads out of it; leave by dex",
        ),
        (
            &[
                bought[0],
                bought[1],
                ("value: weETH", "value: rETH"),
                ("one_of: [weETH, wstETH]\n    is", "is"),
            ],
            "a token with a rate, lst/…, in pricing is expected (weETH, wstETH), not 'rETH'",
        ),
    ] {
        let (read, _) = spoilt("eth_staking_only", pieces);
        let faults = read.expect_err(told);
        assert!(faults.contains(told), "{told}: {faults}");
    }
}
