//! What is not seen: gaps of a venue that is down, references that stand still.

use super::super::super::series::OPEN;
use super::*;
use crate::types::MarketKind;

#[test]
fn a_venue_that_is_down_has_no_bars_and_others_have() {
    let start = hour(24 * 9);
    let both = both("btc_basis", &format!("venue-down@{start}"));
    let universe = &both.setup.universe;
    let quote = |venue: &str, kind, n: i64| {
        let venue = universe.venue_named(venue).unwrap();
        let market = universe.market_named(venue, kind, "BTCUSDT").unwrap();
        both.stressed.data.view_at((24 * 9 + n) as usize).quote(market).unwrap()
    };
    for kind in [MarketKind::Spot, MarketKind::Perp] {
        let trades = [-1, 0, 5, 6].map(|n| quote("binance", kind, n).tradable);
        assert_eq!(trades, [true, false, false, true]);
        assert!(quote("bybit", kind, 3).tradable && quote("okx", kind, 3).tradable);
        assert_eq!(quote("binance", kind, 3).as_of, start, "known until it went down");
    }
    let lacking: Vec<_> =
        both.stressed.gaps.iter().map(|gap| (gap.series.as_str(), gap.rows)).collect();
    assert_eq!(lacking, [("spot/binance_BTCUSDT", 6), ("perp/binance_BTCUSDT", 6)]);
    let venue = universe.venue_named("binance").unwrap();
    let until = start + Span::from_hours(6);
    assert_eq!(
        both.stressed.stress.ordeals,
        [Ordeal { plight: Plight::Down(venue), from: start, until }]
    );
}

#[test]
fn without_an_exchange_it_is_the_lender_that_is_down_and_without_one_the_staker() {
    for (mode, down) in [
        ("eth_leveraged", "aave_v3"),
        ("pure_lending_usdt", "aave_v3"),
        ("eth_staking_only", "etherfi"),
    ] {
        let both = both(mode, "venue-down");
        let venue = both.setup.universe.venue_named(down).unwrap();
        assert_eq!(both.stressed.stress.ordeals[0].plight, Plight::Down(venue), "{mode}");
        assert_eq!(both.changed(), [""; 0], "on chain nothing but orders is hit");
    }
}

#[test]
fn a_reference_stands_still_while_the_market_that_it_came_from_goes_on() {
    let start = 24 * 9;
    let both = both("btc_basis", &format!("oracle-stale@{}", hour(start)));
    let universe = &both.setup.universe;
    let bybit = universe.venue_named("bybit").unwrap();
    let spot = universe.market_named(bybit, MarketKind::Spot, "BTCUSDT").unwrap();
    let at = |loaded: &Loaded, n: i64| {
        let view = loaded.data.view_at((start + n) as usize);
        let token = universe.token_named("BTC").unwrap();
        (view.reference(token).unwrap(), view.quote(spot).unwrap())
    };
    let close = bar(hour(start - 1), 3000).close.get() - dec("3000");
    for n in [-1, 4, 9] {
        assert_eq!(at(&both.plain, n), at(&both.stressed, n), "hour {n}");
    }
    let held = at(&both.stressed, 0).0;
    let before = at(&both.plain, -1).0.get();
    assert_eq!(held.get() - before, close, "the close of the last bar");
    for n in 0..4 {
        assert_eq!(at(&both.stressed, n).0, held, "hour {n}");
        assert_eq!(at(&both.plain, n).1, at(&both.stressed, n).1, "the market itself");
    }
    assert_ne!(at(&both.plain, 3).0, held, "it would have moved");
}

#[test]
fn a_protocols_rate_stands_still_and_is_then_what_it_would_have_been() {
    let start = 24 * 9 + 13;
    let both = both("eth_leveraged", &format!("oracle-stale@{}", hour(start)));
    let token = both.setup.universe.token_named("weETH").unwrap();
    let rate = |loaded: &Loaded, n: i64| loaded.data.view_at((start + n) as usize).lst_rate(token);
    for n in [-1, 0, 4, 30] {
        assert_eq!(rate(&both.plain, n), rate(&both.stressed, n), "hour {n}");
    }
    let off = rate(&both.plain, 5).unwrap() - rate(&both.stressed, 5).unwrap();
    assert!(off.abs() < dec("0.000000001"), "it grows on as it did, but for a second: {off}");
    let held = rate(&both.stressed, 0);
    assert_eq!([1, 2, 3].map(|n| rate(&both.stressed, n)), [held; 3]);
    assert!(rate(&both.plain, 3) > held);
}

#[test]
fn silence_hides_a_stress_of_the_same_hour() {
    let both = both("btc_basis", "oracle-stale@2024-06-10,eth-down-40-day@2024-06-10");
    let token = both.setup.universe.token_named("BTC").unwrap();
    let reference = |n: usize| both.stressed.data.view_at(24 * 9 + n).reference(token).unwrap();
    assert_eq!(reference(0), reference(3));
    let [was, is] = both.at("spot/bybit_BTCUSDT", OPEN, hour(24 * 9 + 3)).map(Option::unwrap);
    assert!(is < was * dec("0.95"), "while the market has fallen by a share of three hours");
}

#[test]
fn an_exchange_that_fills_half_and_one_that_closes_a_short_are_handed_to_the_world() {
    let start = hour(24 * 9);
    let both = both("btc_basis", &format!("half-fills@{start},adl@{start}"));
    let venue = both.setup.universe.venue_named("binance").unwrap();
    let ordeals = &both.stressed.stress.ordeals;
    let until = start + Span::from_hours(168);
    let half = Ordeal { plight: Plight::Fills(venue, dec("0.5")), from: start, until };
    assert_eq!(ordeals[0], half);
    assert_eq!((ordeals[1].plight, ordeals[1].from), (Plight::Deleverage, start));
    assert!(both.changed().is_empty());
}
