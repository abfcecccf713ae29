//! The bundled sample is anchored: month by month its means, deviations and growth are those of the table of figures.

use crate::sample::{MONTHS, Series, correlation, deviation, figure, mean, returns};

fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: {found:e} is not {expected:e} ± {tolerance:e}"
    );
}

fn needed(name: &str, month: &str) -> f64 {
    figure(name, month).unwrap_or_else(|| panic!("{name} of {month} is there"))
}

#[test]
fn returns_have_the_months_mean_deviation_and_correlation() {
    let [btc, eth] = ["BTC", "ETH"].map(|coin| Series::read(&format!("spot/bybit_{coin}USDT_1h")));
    for month in MONTHS {
        let [btc, eth] = [("BTC", &btc), ("ETH", &eth)].map(|(coin, bars)| {
            let figure = |what| needed(&format!("bybit_{coin}USDT_hourly_logret_{what}"), month);
            let returns = returns(bars.of_month("close", month));
            let what = format!("{coin} in {month}");
            let expected = figure("std");
            assert_near(deviation(&returns), expected, 0.10 * expected, &what);
            // Four standard errors of the mean.
            let error = 4.0 * expected / (returns.len() as f64).sqrt();
            assert_near(mean(&returns), figure("mean"), error, &what);
            returns
        });
        let expected = needed("bybit_BTC_ETH_hourly_logret_corr", month);
        assert_near(correlation(&btc, &eth), expected, 0.08, month);
    }
}

#[test]
fn exchanges_differ_by_a_basis_point() {
    let [one, other] =
        ["binance", "bybit"].map(|venue| Series::read(&format!("spot/{venue}_BTCUSDT_1h")));
    let apart: Vec<f64> = one
        .column("close")
        .iter()
        .zip(other.column("close"))
        .map(|(one, other)| one / other - 1.0)
        .collect();
    assert_near(deviation(&apart), 1e-4, 1e-5, "Binance against Bybit");
    assert_near(mean(&apart), 0.0, 5e-6, "Binance against Bybit");
}

#[test]
fn funding_has_the_months_mean_and_deviation() {
    for (venue, coin) in ["binance", "bybit", "okx"].iter().flat_map(|v| [(v, "BTC"), (v, "ETH")]) {
        let rates = Series::read(&format!("funding/{venue}_{coin}USDT"));
        let of = |what: &str, month: &str| {
            let figure =
                |venue: &str| figure(&format!("funding_{venue}_{coin}USDT_{what}_8h"), month);
            figure(venue).or(figure("bybit")).expect("Bybit has it")
        };
        let mut errors = Vec::new();
        for month in MONTHS {
            let found = rates.of_month("funding_rate", month);
            let (expected, spread) = (of("mean", month), of("std", month));
            // A process that keeps half of its distance has √3 times the error of independent numbers; four such errors.
            let error = spread * (3.0 / found.len() as f64).sqrt();
            let what = format!("{venue} {coin} in {month}");
            assert_near(mean(found), expected, 4.0 * error, &what);
            assert_near(deviation(found), spread, 0.35 * spread, &what);
            errors.push((mean(found) - expected) / error);
        }
        assert!(mean(&errors).abs() < 1.0, "{venue} {coin} over the year: {errors:?}");
    }
}

#[test]
fn perps_have_the_months_basis() {
    let markets = [
        ("binance_BTCUSDT", "binance_BTCUSDT", "binance_BTC"),
        ("bybit_BTCUSDT", "bybit_BTCUSDT", "bybit_BTC"),
        ("bybit_ETHUSDT", "bybit_ETHUSDT", "bybit_ETH"),
        ("binance_ETHUSDT", "bybit_ETHUSDT", "binance_ETH_vs_bybit_spot"),
        ("okx_ETHUSDT", "bybit_ETHUSDT", "okx_ETH_vs_bybit_spot"),
    ];
    for (perp, spot, name) in markets {
        let (perp, spot) =
            (Series::read(&format!("perp/{perp}_1h")), Series::read(&format!("spot/{spot}_1h")));
        for month in MONTHS {
            let expected = figure(&format!("basis_{name}_mean"), month);
            let spread = figure(&format!("basis_{name}_std"), month);
            let (Some(expected), Some(spread)) = (expected, spread) else { continue };
            let closes = perp.of_month("close", month).iter().zip(spot.of_month("close", month));
            let basis: Vec<f64> = closes.map(|(perp, spot)| perp / spot - 1.0).collect();
            // It keeps 0.95 an hour: 720 hours are worth 18 independent ones, whose error is 0.23 of the deviation.
            assert_near(mean(&basis), expected, 4.0 * 0.23 * spread, &format!("{name} {month}"));
            assert!(deviation(&basis) < 2.0 * spread + 1e-4, "{name} {month}");
        }
    }
}

#[test]
fn lending_pays_and_costs_what_the_month_did() {
    for token in ["USDT", "WETH", "wstETH", "weETH"] {
        let reserve = Series::read(&format!("aave_v3/{token}_rates"));
        let of = |what: &str, month: &str| needed(&format!("aave_{token}_{what}"), month);
        for month in MONTHS {
            let what = format!("{token} in {month}");
            for (column, name) in [
                ("liquidity_rate", "supply_rate_mean"),
                ("variable_borrow_rate", "borrow_rate_mean"),
            ] {
                let expected = of(name, month);
                assert_near(
                    mean(reserve.of_month(column, month)),
                    expected,
                    1e-6 * expected + 1e-11,
                    &what,
                );
            }
            for (column, name) in [
                ("liquidity_index", "supply_index_growth_annualised"),
                ("variable_borrow_index", "borrow_index_growth_annualised"),
            ] {
                let index = reserve.of_month(column, month);
                let after = reserve.stamps.partition_point(|at| at.as_str() < month) + index.len();
                let growth =
                    (reserve.column(column)[after] / index[0]).ln() * 365.0 / index.len() as f64;
                assert_near(growth, of(name, month), 1e-6 * of(name, month) + 1e-11, &what);
            }
            let used: Vec<f64> = reserve
                .of_month("total_variable_debt", month)
                .iter()
                .zip(reserve.of_month("total_supplied", month))
                .map(|(debt, supplied)| debt / supplied)
                .collect();
            let expected = of("utilisation_mean", month);
            assert_near(mean(&used), expected, 0.03 * expected, &what);
        }
        for column in ["liquidity_index", "variable_borrow_index"] {
            let never_falls = reserve.column(column).windows(2).all(|pair| pair[1] >= pair[0]);
            assert!(never_falls, "{token} {column}");
        }
    }
}

#[test]
fn staked_eth_grows_through_the_months_first_and_last_rate() {
    for token in ["weETH", "wstETH"] {
        let rates = Series::read(&format!("lst/{token}_exchange_rate"));
        let column = rates.column("exchange_rate");
        for month in MONTHS {
            let found = rates.of_month("exchange_rate", month);
            for (found, which) in [(found[0], "first"), (found[found.len() - 1], "last")] {
                let expected = needed(&format!("{token}_exchange_rate_{which}"), month);
                assert_near(found, expected, 1e-12, &format!("{token} {which} of {month}"));
            }
        }
        assert!(column.windows(2).all(|pair| pair[1] > pair[0]), "{token} grows every day");

        let pool = Series::read(&format!("lst/{token}_dex_rate_24h_median_1h"));
        let discounts: Vec<f64> = pool
            .stamps
            .iter()
            .zip(pool.column("rate"))
            .filter(|(at, _)| at.ends_with("T00:00:00Z"))
            .map(|(at, rate)| {
                let day = rates.stamps.iter().position(|day| day == at).expect("a snapshot");
                rate / column[day] - 1.0
            })
            .collect();
        assert_near(mean(&discounts), -7e-4, 3e-4, token);
        assert!(
            discounts.iter().all(|discount| (-50.01e-4..=5.01e-4).contains(discount)),
            "{token}"
        );
    }
}

#[test]
fn gas_has_the_months_median_and_mean() {
    let gas = Series::read("gas/ethereum_gas");
    for month in MONTHS {
        let mut prices = gas.of_month("gas_price_gwei", month).to_vec();
        let (average, middle) = (needed("gas_gwei_mean", month), needed("gas_gwei_median", month));
        // A level that keeps 0.93 an hour makes 720 hours worth 26 independent ones: an error of 0.2 of the logarithm's
        // deviation. Five such errors.
        let bound = 5.0 * 0.2 * (2.0 * (average / middle).ln()).sqrt();
        assert_near((mean(&prices) / average).ln(), 0.0, bound, month);
        prices.sort_by(f64::total_cmp);
        assert_near((prices[prices.len() / 2] / middle).ln(), 0.0, bound, month);
    }
}
