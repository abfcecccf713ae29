//! Which venue lists what, how far its spot stands from the reference, and how far its perp stands from its spot.

use super::calendar::{END, FIVE_MINUTES, PATHS_FROM, stamps};
use super::candles::{Market, Volume, candles};
use super::dice::{Dice, Shared};
use super::figures::Figures;
use super::path::{Step, coins, token};
use super::text::SampleFile;

/// The noise of an exchange's spot price against the reference, each step for itself: two exchanges differ by 1 bp.
const SPOT_NOISE: f64 = 0.7e-4;
/// The same of a pool, which trades less often.
const POOL_NOISE: f64 = 5e-4;
/// What a perp's basis keeps over an hour of its distance from the month's mean.
const HOURLY_KEEP: f64 = 0.95;
/// The share that a perp's basis has in common with those of the other venues.
const COMMON: f64 = 0.9;

const fn coins_of(name: &'static str, places: u8, hourly_volume: f64) -> Market {
    Market { name, places, hourly_volume, volume_places: 3, volume: Volume::Coins }
}

const fn pool(name: &'static str, places: u8, hourly_volume: f64) -> Market {
    Market { name, places, hourly_volume, volume_places: 4, volume: Volume::Quote }
}

const BTC_SPOTS: [Market; 3] = [
    coins_of("spot/binance_BTCUSDT", 2, 800.0),
    coins_of("spot/bybit_BTCUSDT", 2, 680.0),
    coins_of("spot/okx_BTCUSDT", 2, 400.0),
];
const BTC_PERPS: [Market; 3] = [
    coins_of("perp/binance_BTCUSDT", 1, 6_400.0),
    coins_of("perp/bybit_BTCUSDT", 1, 2_900.0),
    coins_of("perp/okx_BTCUSDT", 1, 2_500.0),
];
const ETH_SPOTS: [Market; 3] = [
    coins_of("spot/binance_ETHUSDT", 2, 12_000.0),
    coins_of("spot/bybit_ETHUSDT", 2, 6_400.0),
    coins_of("spot/okx_ETHUSDT", 2, 5_000.0),
];
const ETH_PERPS: [Market; 3] = [
    coins_of("perp/binance_ETHUSDT", 2, 105_000.0),
    coins_of("perp/bybit_ETHUSDT", 2, 36_000.0),
    coins_of("perp/okx_ETHUSDT", 2, 94_000.0),
];
const ETH_POOL: Market = pool("spot/uniswapv3_WETHUSDT", 8, 550_000.0);
const EIGEN_POOL: Market = pool("spot/uniswapv3_EIGENWETH", 14, 25.0);
const ETHFI_POOL: Market = pool("spot/uniswapv3_ETHFIWETH", 14, 2.6);

/// The monthly figures of each perp's basis, and whose stand in where a month has none.
const BTC_BASIS: [(&str, &str); 3] =
    [("binance_BTC", "bybit_BTC"), ("bybit_BTC", "bybit_BTC"), ("bybit_BTC", "bybit_BTC")];
const ETH_BASIS: [(&str, &str); 3] = [
    ("binance_ETH_vs_bybit_spot", "bybit_ETH"),
    ("bybit_ETH", "bybit_ETH"),
    ("okx_ETH_vs_bybit_spot", "bybit_ETH"),
];

/// The markets' files, and the reference path of ETH, by which oracles go.
pub(super) fn markets(seed: u64, figures: &Figures) -> (Vec<SampleFile>, Vec<Step>) {
    let (btc, eth) = coins(seed, figures);
    let mut files = Vec::new();
    let basis = (BTC_BASIS, ETH_BASIS);
    exchanges(seed, figures, &btc, (&BTC_SPOTS, &BTC_PERPS, basis.0), &mut files);
    exchanges(seed, figures, &eth, (&ETH_SPOTS, &ETH_PERPS, basis.1), &mut files);
    let mut pool = |market: &Market, path: &[Step]| {
        files.push(candles(seed, market, path, &noise(seed, market.name, POOL_NOISE)).hourly);
    };
    pool(&ETH_POOL, &eth);
    pool(&EIGEN_POOL, &token(seed, "EIGEN", 0.0015, 0.012));
    pool(&ETHFI_POOL, &token(seed, "ETHFI", 0.0012, 0.0105));
    (files, eth)
}

type Listed<'a> = (&'a [Market; 3], &'a [Market; 3], [(&'a str, &'a str); 3]);

/// Spot and perp of one coin on each exchange; Binance's BTC in bars of five minutes too.
fn exchanges(
    seed: u64,
    figures: &Figures,
    path: &[Step],
    (spots, perps, basis): Listed<'_>,
    files: &mut Vec<SampleFile>,
) {
    for ((spot, perp), names) in spots.iter().zip(perps).zip(basis) {
        let noise = noise(seed, spot.name, SPOT_NOISE);
        let premium: Vec<f64> = noise
            .iter()
            .zip(perp_basis(seed, figures, perp.name, names))
            .map(|(noise, basis)| (1.0 + noise) * (1.0 + basis) - 1.0)
            .collect();
        for (market, premiums) in [(spot, &noise), (perp, &premium)] {
            let made = candles(seed, market, path, premiums);
            files.push(made.hourly);
            if market.name.ends_with("binance_BTCUSDT") {
                files.push(made.five_minutes);
            }
        }
    }
}

/// Noise that is gone with the next step.
fn noise(seed: u64, name: &str, deviation: f64) -> Vec<f64> {
    let mut dice = Dice::of(seed, &format!("noise {name}"));
    stamps(PATHS_FROM, END, FIVE_MINUTES).map(|_| deviation * dice.normal()).collect()
}

/// Perp over spot less 1, by step: around the month's mean with the month's deviation.
fn perp_basis(seed: u64, figures: &Figures, perp: &str, (own, other): (&str, &str)) -> Vec<f64> {
    let figure = |what: &str| {
        let of = |name: &str| figures.of(&format!("basis_{name}_{what}"));
        of(own).or(&of(other))
    };
    let (mean, deviation) = (figure("mean"), figure("std"));
    let keep = libm::pow(HOURLY_KEEP, 1.0 / 12.0);
    let coin = if perp.ends_with("BTCUSDT") { "BTC" } else { "ETH" };
    let (common, own) = (format!("basis {coin}"), format!("basis {perp}"));
    let mut process = Shared::of(seed, &common, &own, keep, COMMON);
    stamps(PATHS_FROM, END, FIVE_MINUTES)
        .map(|at| mean.at(at) + deviation.at(at) * process.next())
        .collect()
}
