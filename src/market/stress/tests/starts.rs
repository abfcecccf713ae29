//! When stresses begin, and what is said where one cannot do what it is for.

use super::*;

fn refused(mode: &str, stress: &str) -> String {
    let mut setup = setup(mode);
    let rows = rows(&setup);
    let loaded = MarketData::from_rows(&setup, &rows, Some(hour(0)), Some(hour(24 * DAYS)));
    let asked: Vec<Asked> = stress.split(',').map(|one| one.parse().unwrap()).collect();
    let told = apply(&mut setup, loaded.unwrap(), &asked).unwrap_err();
    told.to_string()
}

#[test]
fn by_default_a_stress_begins_at_the_midnight_before_a_third_of_the_run() {
    let begins = |from: &str, to: &str| {
        let [from, to] = [from, to].map(|text| text.parse().unwrap());
        all()[0].default_start(from, to, Span::from_hours(1)).to_string()
    };
    assert_eq!(begins("2024-06-01", "2025-06-01"), "2024-09-30T00:00:00Z");
    assert_eq!(begins("2024-06-01T05:00Z", "2024-06-10"), "2024-06-04T00:00:00Z");
    // Too short for a midnight: at the step before its third.
    assert_eq!(begins("2024-06-01", "2024-06-02"), "2024-06-01T08:00:00Z");
    assert_eq!(begins("2024-06-01", "2024-06-01T01:00Z"), "2024-06-01T00:00:00Z");
}

#[test]
fn a_start_that_the_run_does_not_have_is_refused() {
    let told = refused("btc_basis", "slash@2024-05-31T23:00Z,gas-x20@2024-07-17");
    assert!(told.contains("DATA-007 --stress: slash@2024-05-31T23:00:00Z: it begins outside of the run, which goes from"), "{told}");
    assert!(told.contains("gas-x20@2024-07-17"), "both are told: {told}");
    let told = refused("btc_basis", "gas-x20@2024-06-10T00:30Z");
    assert!(told.contains("between two steps, which are 60 minutes apart"), "{told}");
    let told = refused("btc_basis", "gas-x20@2024-06-10,gas-x20@2024-06-10");
    assert!(told.contains("twice at the same time"), "{told}");
}

#[test]
fn a_name_that_is_none_is_refused_with_the_nearest() {
    let told = |text: &str| text.parse::<Asked>().unwrap_err();
    assert!(told("slahs").contains("did you mean 'slash'?"));
    assert!(told("eth-down-40").contains("did you mean 'eth-down-40-day'?"));
    assert!(told("earthquake").starts_with("there is no such stress; `basis run --stress list`"));
    assert!(told("slash@tomorrow").contains("is not a UTC time"));
    for stress in all() {
        let asked: Asked = stress.name.parse().unwrap();
        assert_eq!(
            (asked.stress, asked.at, asked.to_string()),
            (stress, None, stress.name.to_owned())
        );
    }
    let asked: Asked = "slash@2024-06-10".parse().unwrap();
    assert_eq!(asked.to_string().parse::<Asked>(), Ok(asked));
}

#[test]
fn what_does_nothing_or_is_cut_off_is_told_and_the_rest_is_not() {
    let told = |mode: &str, stress: &str| -> Vec<String> {
        let both = both(mode, stress);
        both.stressed.warnings.iter().map(ToString::to_string).collect()
    };
    for (mode, stress, lacks) in [
        ("btc_basis", "lst-depeg", "market of a staking token"),
        ("btc_basis", "slash", "staking token"),
        ("btc_basis", "borrow-rate-40", "lending reserve of a plain token"),
        ("btc_basis", "utilisation-100", "lending reserve"),
        ("btc_basis", "lt-cut", "debt"),
        ("pure_lending_eth", "lt-cut", "debt"),
        ("eth_leveraged", "funding-minus-50", "funding"),
        ("eth_leveraged", "half-fills", "exchange"),
        ("eth_leveraged", "adl", "perp to be short of"),
    ] {
        let expected =
            format!("DATA-007: {stress} does nothing in this run, whose mode has no {lacks}");
        assert_eq!(told(mode, stress), [expected]);
    }
    assert_eq!(told("eth_leveraged", "slash,lst-depeg,lt-cut"), [""; 0]);
    let cut = told("btc_basis", "gas-x20@2024-07-15");
    assert_eq!(
        cut,
        [
            "DATA-007: gas-x20 would last until 2024-07-22T00:00:00Z; the run ends before it, at 2024-07-16T00:00:00Z"
        ]
    );
}

#[test]
fn stresses_are_told_in_the_order_of_their_starts() {
    let both = both("eth_leveraged", "slash@2024-06-20,gas-x20@2024-06-10,slash@2024-06-15");
    let expected = [
        "gas-x20@2024-06-10T00:00:00Z",
        "slash@2024-06-15T00:00:00Z",
        "slash@2024-06-20T00:00:00Z",
    ];
    assert_eq!(both.stressed.stress.told(), expected);
    // Two slashes are two.
    let [was, is] = both.at("lst/weETH_exchange_rate", 0, hour(24 * 30)).map(Option::unwrap);
    assert_eq!((is / was).round_dp(9), dec("0.9604"));
}
