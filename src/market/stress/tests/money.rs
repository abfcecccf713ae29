//! Rates: of staking tokens, of funding, of loans, of gas.

use super::super::super::series::{RATE, reserve};
use super::*;

const SOLD: &str = "lst/weETH_dex_rate_24h_median_1h";
const WORTH: &str = "lst/weETH_exchange_rate";
const RESERVE: &str = "aave_v3/WETH_rates";

/// What a number was multiplied by.
fn factor(both: &Both, name: &str, column: usize, at: Timestamp) -> Decimal {
    let [was, is] = both.at(name, column, at).map(Option::unwrap);
    (is / was).round_dp(12)
}

#[test]
fn a_depeg_takes_from_what_a_token_is_sold_for_and_gives_it_back() {
    let both = both("eth_leveraged", "lst-depeg@2024-06-10");
    let of = |n: i64| factor(&both, SOLD, RATE, hour(24 * 9 + n));
    assert_eq!([of(-1), of(0), of(71), of(72)], ["1", "0.94", "0.94", "1"].map(dec));
}

#[test]
fn a_slash_is_known_at_once_and_for_good() {
    // Between two snapshots, and between two of what it is sold for there is none: hours are its grid.
    let start = hour(24 * 9 + 13);
    let both = both("eth_leveraged", &format!("slash@{start}"));
    let token = both.setup.universe.token_named("weETH").unwrap();
    let [was, is] = [&both.plain, &both.stressed].map(|loaded| {
        move |n: i64| {
            let view = loaded.data.view_at(n as usize);
            [view.lst_rate(token).unwrap(), view.lst_market_rate(token).unwrap()]
        }
    });
    let before = 24 * 9 + 12;
    assert_eq!(is(before), was(before));
    for n in [before + 1, 24 * 10, 24 * 10 + 5, 24 * 40] {
        let ratios = [0, 1].map(|of| (is(n)[of] / was(n)[of]).round_dp(5));
        // Within the day of the fall nothing grows: a fall does not go on, and growth is not known yet.
        assert_eq!(ratios, [dec("0.98"), dec("0.98")], "hour {n}");
    }
    assert_eq!(factor(&both, WORTH, RATE, hour(24 * 10)), dec("0.98"));
}

#[test]
fn funding_is_that_of_the_year_by_the_time_it_is_for() {
    let both = both("btc_basis", "funding-minus-50@2024-06-10T08:00Z");
    let paid = |n: i64| both.at("funding/okx_BTCUSDT", RATE, hour(24 * 9 + n));
    let [was, is] = paid(8);
    assert_eq!(was, is, "due at the start, for the time before it");
    // −0.5 · 8 h / 365 days.
    for n in [16, 24, 24 * 30 + 8] {
        assert_eq!(paid(n)[1].unwrap().round_dp(12), dec("-0.000456621005"), "hour {n}");
    }
    let [was, is] = paid(24 * 30 + 16);
    assert_eq!(was, is, "over");
}

#[test]
fn gas_is_twenty_times_as_dear_for_a_week() {
    let both = both("eth_leveraged", "gas-x20@2024-06-10");
    let of = |n: i64| factor(&both, "gas/ethereum_gas", RATE, hour(24 * 9 + n));
    assert_eq!([of(-1), of(0), of(167), of(168)], ["1", "20", "20", "1"].map(dec));
}

/// An index of a reserve at an hour, as a view tells it: as it was, and as it is.
fn index(both: &Both, token: &str, n: i64, of_debt: bool) -> [Decimal; 2] {
    let universe = &both.setup.universe;
    let (venue, token) =
        (universe.venue_named("aave_v3").unwrap(), universe.token_named(token).unwrap());
    let reserve = universe.reserve_of(venue, token).unwrap().id;
    [&both.plain, &both.stressed].map(|loaded| {
        let view = loaded.data.view_at(n as usize);
        if of_debt { view.borrow_index(reserve) } else { view.supply_index(reserve) }.unwrap()
    })
}

#[test]
fn a_dear_loan_grows_from_its_first_hour_to_its_last_and_then_as_before() {
    let start = 24 * 9 + 13;
    let both = both("eth_leveraged", &format!("borrow-rate-40@{}", hour(start)));
    let debt = |n: i64| index(&both, "WETH", start + n, true);
    assert_eq!(debt(0)[0], debt(0)[1]);
    let hour_of = dec("0.4") / dec("8760");
    for n in [0, 1, 5, 30, 100, 167] {
        let grown = debt(n + 1)[1] / debt(n)[1] - Decimal::ONE;
        // A day grows in a line, as the day before did, and is trued up at the next snapshot.
        assert!((grown / hour_of - Decimal::ONE).abs() < dec("0.02"), "hour {n}: {grown}");
    }
    for n in [168, 169, 200, 400] {
        let growth = [0, 1].map(|of| (debt(n + 1)[of] / debt(n)[of]).round_dp(9));
        assert!((growth[0] - growth[1]).abs() < dec("0.0000005"), "hour {n}: {growth:?}");
    }
    // Three quarters lent, a tenth kept: suppliers get 0.4 · 0.75 · 0.9.
    let told = |column, at| both.at(RESERVE, column, at)[1].unwrap();
    assert_eq!(told(reserve::BORROW_RATE, hour(start)), dec("0.4"));
    assert_eq!(told(reserve::LIQUIDITY_RATE, hour(start)), dec("0.27"));
    assert_eq!(told(reserve::BORROW_RATE, hour(start + 168)), dec("0.04"));
    let supply = index(&both, "WETH", start + 168, false);
    let earned = supply[1] / index(&both, "WETH", start, false)[1] - Decimal::ONE;
    let expected = dec("0.27") * dec("7") / dec("365");
    assert!((earned / expected - Decimal::ONE).abs() < dec("0.005"), "{earned}, not {expected}");
    // Nobody borrows the collateral, so it does not earn from it.
    assert_eq!(
        index(&both, "weETH", start + 100, false)[0],
        index(&both, "weETH", start + 100, false)[1]
    );
}

#[test]
fn a_pool_that_is_lent_out_says_so_and_pays_its_suppliers() {
    let start = hour(24 * 9);
    let both = both("eth_leveraged", &format!("utilisation-100@{start}"));
    let until = start + Span::from_hours(72);
    let dry = Ordeal { plight: Plight::LentOut, from: start, until };
    assert_eq!(both.stressed.stress.ordeals, [dry], "the venue gives nothing out");
    let told = |name, column, at| both.at(name, column, at)[1].unwrap();
    let within = start + Span::from_hours(48);
    for name in [RESERVE, "aave_v3/weETH_rates"] {
        assert_eq!(told(name, reserve::BORROWED, within), told(name, reserve::SUPPLIED, within));
        assert_eq!(told(name, reserve::BORROWED, start + Span::from_hours(72)), dec("6000"));
    }
    assert_eq!(told(RESERVE, reserve::BORROW_RATE, within), dec("0.8"));
    assert_eq!(
        told(RESERVE, reserve::LIQUIDITY_RATE, within),
        dec("0.72"),
        "all of it lent, a tenth kept"
    );
    assert_eq!(told("aave_v3/weETH_rates", reserve::BORROW_RATE, within), dec("0.04"));
}

#[test]
fn collateral_counts_for_less_from_its_date_on_inside_an_efficiency_mode_and_outside() {
    let both = both("eth_leveraged", "lt-cut@2024-06-10");
    let universe = &both.setup.universe;
    let venue = universe.venue_named("aave_v3").unwrap();
    let figures = |token: &str, n: i64, universe: &crate::types::Universe| {
        let token = universe.token_named(token).unwrap();
        let reserve = universe.reserve_of(venue, token).unwrap();
        let rules = universe.lending(venue).unwrap();
        let found = *rules.collateral(reserve.id, token, hour(n)).unwrap();
        [found.max_ltv.get(), found.threshold.get(), found.bonus.get()]
    };
    let plain = setup("eth_leveraged").universe;
    for token in ["weETH", "wstETH", "WETH"] {
        let was = figures(token, 24 * 9, &plain);
        assert_eq!(figures(token, 24 * 9 - 1, universe), was);
        let cut = [was[0] - dec("0.05"), was[1] - dec("0.05"), was[2]];
        assert_eq!(figures(token, 24 * 9, universe), cut);
        assert_eq!(figures(token, 24 * 40, universe), cut);
    }
    // Outside of the mode, too, which the account is not in here.
    let own = |universe: &crate::types::Universe| {
        let rules = universe.lending(venue).unwrap().reserves.iter();
        let tables = rules.map(|rules| rules.collateral.last().map(|last| last.threshold.get()));
        tables.collect::<Vec<_>>()
    };
    let cut: Vec<_> = own(&plain).iter().map(|last| last.map(|last| last - dec("0.05"))).collect();
    assert_eq!(own(universe), cut);
}
