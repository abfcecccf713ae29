//! Rewards in a configuration: what they add to a run, and what is said where they are wrong.

use std::path::Path;

use super::super::{LoadRequest, Pricing, SeriesRole, load};

fn read(mode: &str, sets: &[(&str, &str)]) -> Result<crate::config::Setup, String> {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let sets = sets.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let request = LoadRequest { sets, ..LoadRequest::of_mode(mode, &configs) };
    load(request).map_err(|faults| faults.to_string())
}

const ON: (&str, &str) = ("rewards.enabled", "true");

#[test]
fn rewards_bring_their_tokens_series_and_pools() {
    let setup = read("eth_staking_only", &[ON]).unwrap();
    let universe = &setup.universe;
    let names: Vec<&str> =
        universe.rewards().iter().map(|rules| &*universe.instrument(rules.key).name).collect();
    assert_eq!(names, ["wallet:BaseToken:EIGEN", "wallet:BaseToken:ETHFI"]);
    let eigen = universe.token_named("EIGEN").unwrap();
    let eth = universe.token_named("ETH").unwrap();
    let candles = setup.series.iter().position(|it| it.name == "spot/uniswapv3_EIGENWETH").unwrap();
    assert_eq!(setup.series[candles].role, SeriesRole::PriceIn(eigen));
    assert_eq!(setup.pricing[eigen.index()], Pricing::In(candles, eth));
    let uniswap = universe.venue_named("uniswap").unwrap();
    assert!(universe.pool(uniswap, eigen, eth).is_some());
    let weeth = universe.token_named("weETH").unwrap();
    assert!(universe.pool(uniswap, eigen, weeth).is_none(), "both follow nothing alike");
    assert_eq!(universe.pool_names(uniswap), "weETH/ETH, wstETH/ETH, EIGEN/ETH, ETHFI/ETH");
}

#[test]
fn collateral_earns_where_the_configuration_says_so() {
    let held = |eligible: &str| {
        let sets = [ON, ("rewards.collateral_eligible", eligible)];
        let universe = read("eth_leveraged", &sets).unwrap().universe;
        let keys = universe.rewards()[0].held.clone();
        keys.iter().map(|key| universe.instrument(*key).name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(held("false"), ["wallet:BaseToken:weETH"]);
    assert_eq!(held("true"), ["wallet:BaseToken:weETH", "aave_v3:aToken:aweETH"]);
}

#[test]
fn switched_off_they_add_nothing() {
    let off = read("eth_staking_only", &[]).unwrap();
    assert!(off.universe.rewards().is_empty());
    assert!(off.universe.instruments().iter().all(|key| !key.name.contains("EIGEN")));
    assert!(off.series.iter().all(|series| !series.name.starts_with("rewards/")));
}

#[test]
fn what_is_wrong_is_told_with_what_is_right() {
    for (mode, sets, told) in [
        (
            "eth_staking_only",
            &[("rewards.enabled", "yes")][..],
            "one of true, false is expected, not 'yes'",
        ),
        ("pure_lending_eth", &[ON], "no venue of this mode hands out rewards; set it to false"),
        (
            "eth_staking_only",
            &[ON, ("venues.etherfi.rewards.EIGEN.priced_in", "ETHH")],
            "a token with a price in this mode is expected, not 'ETHH'; did you mean 'ETH'?",
        ),
        (
            "eth_staking_only",
            &[ON, ("venues.etherfi.rewards.EIGEN.price", "lst/EIGEN_rate")],
            "a reward is priced by candles, spot/…, not by 'lst/EIGEN_rate'",
        ),
        (
            "eth_staking_only",
            &[ON, ("venues.etherfi.rewards.EIGEN.price", "")],
            "EIGEN.price=: a value is needed here",
        ),
        (
            "eth_staking_only",
            &[ON, ("venues.etherfi.rewards.EIGEN.distributions", "")],
            "EIGEN.distributions=: a value is needed here",
        ),
        (
            "eth_staking_only",
            &[ON, ("rewards.delay_days", "-1")],
            "a whole number from 0 to 365 is expected, not -1",
        ),
        (
            "eth_staking_only",
            &[("dust.min_value_over_gas", "-5")],
            "a number of 0 or above is expected, not -5",
        ),
        ("eth_staking_only", &[("rewards.enable", "true")], "did you mean 'rewards.enabled'"),
    ] {
        let found = read(mode, sets).expect_err(told);
        assert!(found.contains(told), "{told} is not told:\n{found}");
        assert_eq!(found.lines().count(), 1, "one mistake is one line:\n{found}");
    }
}
