//! Given the past, the price of the sample goes nowhere but by its month's drift: what is known before a bar does not tell its return.
//!
//! Each rule is tried on the sample as it is bundled; a correlation above three standard errors, 3/√n, would be something learned.

use crate::sample::{Series, correlation, figure, returns};

/// Hourly returns of Bybit's spot, which is the reference within 0.7 bp, in the month's deviations and less the month's drift.
fn surprises(bars: &Series, coin: &str) -> Vec<f64> {
    let of = |what: &str, at: &str| {
        figure(&format!("bybit_{coin}USDT_hourly_logret_{what}"), &at[..7]).expect("it is there")
    };
    let months = bars.stamps.iter().skip(1);
    returns(bars.column("close"))
        .into_iter()
        .zip(months)
        .map(|(r, at)| (r - of("mean", at)) / of("std", at))
        .collect()
}

fn assert_unrelated(known: &[f64], next: &[f64], what: &str) {
    let found = correlation(known, next);
    let bound = 3.0 / (next.len() as f64).sqrt();
    assert!(
        found.abs() < bound,
        "{what}: correlation {found:.4} with the next return, bound {bound:.4}"
    );
}

/// The sign of the sum of the last k numbers, for each number after the first k.
fn signs(x: &[f64], k: usize) -> Vec<f64> {
    x.windows(k + 1).map(|window| window[..k].iter().sum::<f64>().signum()).collect()
}

#[test]
fn the_last_returns_do_not_tell_the_next() {
    for coin in ["BTC", "ETH"] {
        let bars = Series::read(&format!("spot/bybit_{coin}USDT_1h"));
        let surprises = surprises(&bars, coin);
        for k in [1, 2, 6, 24, 168] {
            assert_unrelated(&signs(&surprises, k), &surprises[k..], &format!("{coin}, last {k}"));
        }
        let returns = returns(bars.column("close"));
        for k in [1, 24] {
            let known = signs(&returns, k);
            assert_unrelated(&known, &surprises[k..], &format!("{coin}, drift and all, last {k}"));
        }
        let square: Vec<f64> = surprises.iter().map(|x| x * x).collect();
        assert_unrelated(&square[..square.len() - 1], &surprises[1..], "the size of the last");
    }
}

/// A bridge to a known end, or any level that draws the price, would show here.
#[test]
fn how_far_the_price_has_gone_does_not_tell_where_it_goes() {
    for coin in ["BTC", "ETH"] {
        let bars = Series::read(&format!("spot/bybit_{coin}USDT_1h"));
        let surprises = surprises(&bars, coin);
        let levels: Vec<f64> = bars.column("close").iter().map(|close| close.ln()).collect();
        for hours in [24, 168, 720] {
            // The last level of each window, and the return of the hour after it.
            let distances: Vec<f64> = levels
                .windows(hours)
                .map(|past| past[hours - 1] - past.iter().sum::<f64>() / hours as f64)
                .collect();
            let next = &surprises[hours - 1..];
            assert_unrelated(&distances[..next.len()], next, &format!("{coin}, mean of {hours} h"));
        }
    }
}

#[test]
fn five_minutes_do_not_tell_the_next_five() {
    let bars = Series::read("spot/binance_BTCUSDT_5m");
    let returns = returns(bars.column("close"));
    for k in [1, 3, 12, 144] {
        assert_unrelated(&signs(&returns, k), &returns[k..], &format!("last {k} of five minutes"));
    }
}

#[test]
fn neither_basis_nor_volume_nor_funding_nor_the_other_coin_tells_the_next_return() {
    let names = ["spot/bybit_BTCUSDT_1h", "perp/bybit_BTCUSDT_1h", "spot/bybit_ETHUSDT_1h"];
    let [spot, perp, eth] = names.map(Series::read);
    let next = &surprises(&spot, "BTC")[..];
    let hours = next.len();
    let basis: Vec<f64> = perp
        .column("close")
        .iter()
        .zip(spot.column("close"))
        .map(|(perp, spot)| perp / spot - 1.0)
        .collect();
    // What is known when an hour's bar has closed stands beside the return of the hour after it.
    assert_unrelated(&basis[..hours], next, "the basis");
    let volume: Vec<f64> = spot.column("volume").iter().map(|volume| volume.ln()).collect();
    assert_unrelated(&volume[..hours], next, "the volume");
    let signed: Vec<f64> =
        next.iter().zip(&volume[1..]).map(|(r, volume)| r.signum() * volume).collect();
    assert_unrelated(&signed[..hours - 1], &next[1..], "the volume with the last return's sign");
    let range: Vec<f64> = spot
        .column("high")
        .iter()
        .zip(spot.column("low"))
        .zip(spot.column("close"))
        .map(|((high, low), close)| (close - low) / (high - low).max(0.01))
        .collect();
    assert_unrelated(&range[..hours], next, "where the last bar closed in its range");
    let eth = surprises(&eth, "ETH");
    assert_unrelated(&eth[..hours - 1], &next[1..], "the last return of ETH");

    let funding = Series::read("funding/bybit_BTCUSDT");
    let mut rate = f64::NAN;
    let mut payments = funding.stamps.iter().zip(funding.column("funding_rate")).peekable();
    let mut last_rates = Vec::new();
    for at in &spot.stamps[1..] {
        while let Some((_, paid)) = payments.next_if(|(paid_at, _)| *paid_at <= at) {
            rate = *paid;
        }
        last_rates.push(rate);
    }
    assert_unrelated(&last_rates, next, "the last payment of funding");
}
