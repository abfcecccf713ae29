//! The loader on the real data folder; skipped where that is absent.

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

use super::*;
use crate::config::{LoadRequest, Setup, StrategyRef, load};
use crate::types::{MarketKind, Span};

/// A folder of the shared data, or none with a word about it.
pub(super) fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BASIS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn btc_basis() -> Setup {
    load(LoadRequest::of_mode("btc_basis", &root().join("configs"))).unwrap()
}

fn dec(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

#[test]
fn btc_basis_is_served_with_the_gaps_that_are_documented() {
    let Some(dir) = shared("data") else { return };
    let setup = btc_basis();
    let loaded =
        MarketData::load(&setup, &dir, None, None).unwrap_or_else(|faults| panic!("{faults}"));
    // OKX funding begins last, with a payment on 2024-05-01 for which the position is held from 8 hours before.
    assert_eq!(loaded.from, "2024-04-30T16:00Z".parse().unwrap());
    assert_eq!(loaded.to, "2025-09-07T23:00Z".parse().unwrap(), "and ends first");
    let rows = |series: &str| -> (usize, usize) {
        let gaps: Vec<_> = loaded.gaps.iter().filter(|gap| gap.series == series).collect();
        (gaps.len(), gaps.iter().map(|gap| gap.rows).sum())
    };
    // Fifteen windows of 23 hours, two of them before the range.
    assert_eq!(rows("spot/binance_BTCUSDT"), (13, 13 * 23));
    assert_eq!(rows("perp/binance_BTCUSDT"), (13, 13 * 23));
    assert_eq!(rows("funding/okx_BTCUSDT"), (14, 132));
    assert_eq!(loaded.gaps.len(), 13 + 13 + 14);
    let whole: Vec<_> = loaded
        .proxies
        .iter()
        .filter(|proxy| proxy.stand_in == StandIn::Whole)
        .map(|p| &*p.series)
        .collect();
    assert_eq!(whole, ["spot/okx_BTCUSDT", "perp/okx_BTCUSDT"]);
    assert!(loaded.proxies.iter().any(|proxy| proxy.stand_in == StandIn::Payments(132)));
    assert_eq!(loaded.files.len(), 9, "what a proxy replaces whole is not read");
    assert!(loaded.files.iter().all(|file| file.sha256.len() == 64 && file.rows > 0));
}

#[test]
fn prices_are_those_of_the_files_at_their_time() {
    let Some(dir) = shared("data") else { return };
    let setup = btc_basis();
    let range = ("2024-06-01".parse().ok(), "2024-06-30T23:00Z".parse().ok());
    let data = MarketData::load(&setup, &dir, range.0, range.1).unwrap().data;
    assert_eq!(data.steps(), 720);
    let universe = &setup.universe;
    let market = |venue: &str, kind| {
        universe.market_named(universe.venue_named(venue).unwrap(), kind, "BTCUSDT").unwrap()
    };
    let [spot, perp, okx] =
        [("binance", MarketKind::Spot), ("binance", MarketKind::Perp), ("okx", MarketKind::Spot)]
            .map(|(venue, kind)| market(venue, kind));
    // From the file: 2024-06-12T00:00 to 22:00 is missing; the bar of 2024-06-11T23:00 is the last before.
    let last = data.view_at_time("2024-06-11T23:00Z".parse().unwrap());
    assert!(last.quote(spot).unwrap().tradable);
    let view = data.view_at_time("2024-06-12T05:00Z".parse().unwrap());
    let quote = view.quote(spot).unwrap();
    assert!(!quote.tradable);
    assert_eq!(quote.as_of, "2024-06-12".parse().unwrap());
    assert!(view.quote(okx).unwrap().tradable, "a series replaced whole trades");
    // Binance and Bybit never differ by more than 0.4 %, so the price of the gap lies close to Bybit's.
    let bybit = view.quote(market("bybit", MarketKind::Spot)).unwrap().price.get();
    assert!((quote.price.get() / bybit - Decimal::ONE).abs() < dec("0.004"));
    assert_eq!(view.just_closed(spot), None);
    assert_eq!(view.closed_bar(spot).unwrap().at, "2024-06-11T23:00Z".parse().unwrap());
    assert_eq!(view.fundings_since(perp, "2024-06-11".parse().unwrap()).len(), 3);
    assert!(view.gas_gwei().unwrap() > Decimal::ZERO);
    assert_eq!(view.closes(spot, 500).len(), 500, "rows before the range serve as history");
    assert_eq!(data.views().filter(|view| !view.quote(spot).unwrap().tradable).count(), 23);
}

#[test]
fn the_benchmark_job_has_its_8760_steps() {
    let Some(dir) = shared("bench/data") else { return };
    let config = Some(root().join("strategies/bench/basis1.yaml"));
    let strategy = StrategyRef { name: "basis1".to_owned(), config };
    let request = LoadRequest { strategy, ..LoadRequest::of_mode("", &root().join("configs")) };
    let setup = load(request).unwrap();
    let loaded =
        MarketData::load(&setup, &dir, None, None).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!((loaded.data.steps(), loaded.gaps.len()), (8760, 0));
    let market = |index| crate::types::MarketId(index);
    let first = loaded.data.view_at(0);
    assert_eq!(first.quote(market(0)).unwrap().price.get(), dec("42000"));
    assert_eq!(first.quote(market(1)).unwrap().price.get(), dec("42016.8"));
    let payments: usize = loaded
        .data
        .views()
        .map(|view| view.fundings_since(market(1), view.now() - Span::from_hours(1)).len())
        .sum();
    assert_eq!(payments, 1094);
}
