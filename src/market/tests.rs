//! The rules of a view on small rows in memory: what is known when, gaps, proxies, missing payments, ranges.

use std::path::Path;

use proptest::prelude::*;
use rust_decimal::Decimal;

mod live;

use super::*;
use crate::config::{Faults, LoadRequest, Setup, StrategyRef, load};
use crate::types::{Code, MarketId, MarketKind, Price, Quantity, Rate, Span, Timestamp, TokenId};

const MODE: &str = "share_class: USDT\nasset: BTC\nvenues:\n  binance:\n  bybit:\n\
    initial_balances: { binance.USDT: 1000 }\npricing: { BTC: spot/bybit_BTCUSDT }\n\
    subscriptions:\n  spot/binance_BTCUSDT: { proxy: spot/bybit_BTCUSDT }\n  spot/bybit_BTCUSDT:\n\
    \x20 perp/binance_BTCUSDT:\n  perp/bybit_BTCUSDT:\n\
    \x20 funding/binance_BTCUSDT: { proxy: funding/bybit_BTCUSDT }\n  funding/bybit_BTCUSDT:\n\
    \x20 gas/ethereum_gas:\n";

/// Binance and Bybit, spot and perp, with Bybit standing in for Binance's spot and funding.
fn setup(sets: &[(&str, &str)]) -> Setup {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("m.yaml");
    std::fs::write(&config, MODE).unwrap();
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let request = LoadRequest {
        strategy: StrategyRef { name: "m".to_owned(), config: Some(config) },
        sets: sets.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        ..LoadRequest::of_mode("m", &configs)
    };
    load(request).unwrap_or_else(|faults| panic!("{faults}"))
}

fn hour(n: i64) -> Timestamp {
    Timestamp::from_ms(1_704_067_200_000) + Span::from_hours(n)
}

fn price(number: i64) -> Price {
    Price::new(Decimal::from(number))
}

/// A bar whose numbers all differ: open `n`, close `n + 3`.
fn bar(at: i64, n: i64) -> Bar {
    Bar {
        at: hour(at),
        open: price(n),
        high: price(n + 5),
        low: price(n - 5),
        close: price(n + 3),
        volume: Quantity::new(Decimal::from(n)),
    }
}

fn payment(at: i64, bps: i64) -> Funding {
    Funding { at: hour(at), rate: Rate::new(Decimal::new(bps, 4)) }
}

/// All series complete from hour 0 to `last`, with Bybit at 1000 and Binance at 2000 plus the hour.
fn complete(last: i64) -> MarketRows {
    let mut rows = MarketRows::default();
    for at in 0..=last {
        for (series, level) in [
            ("spot/binance_BTCUSDT", 2000),
            ("perp/binance_BTCUSDT", 2100),
            ("spot/bybit_BTCUSDT", 1000),
            ("perp/bybit_BTCUSDT", 1100),
        ] {
            rows.push_bar(series, &bar(at, level + at)).unwrap();
        }
        rows.push_gas("gas/ethereum_gas", hour(at), Decimal::from(10 + at)).unwrap();
        if at % 8 == 0 {
            rows.push_funding("funding/binance_BTCUSDT", &payment(at, 1)).unwrap();
            rows.push_funding("funding/bybit_BTCUSDT", &payment(at, 2)).unwrap();
        }
    }
    rows
}

/// The rows without those of a series in the hours `from` to `to`.
fn without(rows: &MarketRows, series: &str, from: i64, to: i64) -> MarketRows {
    let mut kept = rows.clone();
    kept.retain(series, |at| at < hour(from) || at > hour(to));
    kept
}

fn loaded(setup: &Setup, rows: &MarketRows) -> Loaded {
    MarketData::from_rows(setup, rows, None, None).unwrap_or_else(|faults| panic!("{faults}"))
}

fn loaded_to(setup: &Setup, rows: &MarketRows, to: Timestamp) -> Loaded {
    MarketData::from_rows(setup, rows, None, Some(to)).unwrap_or_else(|faults| panic!("{faults}"))
}

fn faults(setup: &Setup, rows: &MarketRows, from: Option<i64>, to: Option<i64>) -> Faults {
    MarketData::from_rows(setup, rows, from.map(hour), to.map(hour)).unwrap_err()
}

fn market(setup: &Setup, venue: &str, kind: MarketKind) -> MarketId {
    let venue = setup.universe.venue_named(venue).unwrap();
    setup.universe.market_named(venue, kind, "BTCUSDT").unwrap()
}

#[test]
fn at_its_stamp_only_the_open_of_a_bar_is_known() {
    let setup = setup(&[]);
    let spot = market(&setup, "binance", MarketKind::Spot);
    let view = loaded(&setup, &complete(30)).data.view_at(20);
    assert_eq!(view.now(), hour(20));
    assert_eq!(
        view.quote(spot),
        Some(Quote { price: price(2020), as_of: hour(20), tradable: true })
    );
    assert_eq!(view.closed_bar(spot), Some(bar(19, 2019)));
    assert_eq!(view.just_closed(spot), Some(bar(19, 2019)));
    assert_eq!(view.closes(spot, 2), [price(2021), price(2022)]);
    assert_eq!(view.closes(spot, 99).len(), 20);
    assert_eq!(view.gas_gwei(), Some(Decimal::from(29)), "the row before the current one");
    assert_eq!(view.reference(setup.asset), Some(price(1020)), "priced by Bybit");
    assert_eq!(view.reference(setup.quote), Some(price(1)));
    assert_eq!(view.reference(TokenId(99)), None);
    let first = loaded(&setup, &complete(30)).data.view_at(0);
    assert_eq!((first.closed_bar(spot), first.closes(spot, 5)), (None, vec![]));
}

#[test]
fn payments_are_seen_from_their_stamp_on() {
    let setup = setup(&[]);
    let perp = market(&setup, "bybit", MarketKind::Perp);
    let data = loaded(&setup, &complete(30)).data;
    assert_eq!(data.view_at(15).last_funding(perp), Some(payment(8, 2)));
    let view = data.view_at(16);
    assert_eq!(view.last_funding(perp), Some(payment(16, 2)));
    let due: Vec<Funding> = view.fundings_since(perp, hour(8)).into_vec();
    assert_eq!(due, [payment(16, 2)], "since is exclusive, now inclusive");
    assert_eq!(view.fundings_since(perp, hour(0)).len(), 2);
    assert_eq!(view.trailing_funding(perp, Span::from_hours(16)), Some(payment(0, 2).rate));
    assert_eq!(data.view_at(7).trailing_funding(perp, Span::from_hours(4)), None);
    let funding = setup.series.iter().position(|s| s.name == "funding/bybit_BTCUSDT").unwrap();
    assert_eq!(data.view_at(23).age(funding), Span::from_hours(7));
    assert_eq!(data.view_at(16).age(funding), Span::from_hours(0));
}

#[test]
fn trailing_funding_is_told_per_8_hours_whatever_the_interval() {
    let setup = setup(&[]);
    let mut rows = complete(30);
    rows.retain("funding/bybit_BTCUSDT", |_| false);
    for at in (0..=28).step_by(4) {
        rows.push_funding("funding/bybit_BTCUSDT", &payment(at, 1)).unwrap();
    }
    let view = loaded(&setup, &rows).data.view_at(24);
    let perp = market(&setup, "bybit", MarketKind::Perp);
    assert_eq!(view.trailing_funding(perp, Span::from_hours(16)), Some(payment(0, 2).rate));
}

#[test]
fn a_gap_without_a_proxy_keeps_the_last_close_and_does_not_trade() {
    let setup = setup(&[]);
    let perp = market(&setup, "binance", MarketKind::Perp);
    let loaded = loaded(&setup, &without(&complete(30), "perp/binance_BTCUSDT", 10, 13));
    let gap =
        Gap { series: "perp/binance_BTCUSDT".into(), first: hour(10), last: hour(13), rows: 4 };
    assert_eq!(loaded.gaps, [gap]);
    for at in 10..=13 {
        let view = loaded.data.view_at(at);
        // The bar of hour 9 opened at 2109 and closed at 2112, which was known at hour 10.
        let quote = Quote { price: price(2112), as_of: hour(10), tradable: false };
        assert_eq!(view.quote(perp), Some(quote));
        assert_eq!(view.just_closed(perp).is_some(), at == 10);
        assert_eq!(view.closed_bar(perp), Some(bar(9, 2109)));
    }
    assert!(loaded.data.view_at(14).quote(perp).unwrap().tradable);
    assert_eq!(loaded.data.view_at(14).just_closed(perp), None);
    assert_eq!(loaded.data.view_at(13).age(2), Span::from_hours(4));
}

#[test]
fn a_gap_with_a_proxy_moves_with_it_from_the_last_common_ratio() {
    let setup = setup(&[]);
    let spot = market(&setup, "binance", MarketKind::Spot);
    let mut rows = without(&complete(30), "spot/binance_BTCUSDT", 10, 13);
    let quote = loaded(&setup, &rows).data.view_at(12).quote(spot).unwrap();
    // Closes at hour 9: 2012 and 1012; Bybit's open at hour 12: 1012.
    assert_eq!((quote.price, quote.tradable, quote.as_of), (price(2012), false, hour(10)));
    // Without Bybit's bar of hour 9 the ratio is that of hour 8: 2011 / 1011.
    rows.retain("spot/bybit_BTCUSDT", |at| at != hour(9));
    let quote = loaded(&setup, &rows).data.view_at(12).quote(spot).unwrap();
    let expected = (Decimal::from(2011) * Decimal::from(1012) / Decimal::from(1011)).round_sf(12);
    assert_eq!(Some(quote.price.get()), expected);
}

#[test]
fn a_gap_that_goes_on_beyond_the_range_is_one_too() {
    let setup = setup(&[]);
    let spot = market(&setup, "binance", MarketKind::Spot);
    let rows = without(&complete(30), "spot/binance_BTCUSDT", 20, 29);
    let (whole, cut) = (loaded(&setup, &rows), loaded_to(&setup, &rows, hour(25)));
    assert_eq!(cut.gaps.len(), 1, "{:?}", cut.gaps);
    for at in 21..25 {
        let quote = cut.data.view_at(at).quote(spot).unwrap();
        assert_eq!(quote, whole.data.view_at(at).quote(spot).unwrap());
        assert!(!quote.tradable, "its own market has no bar");
    }
}

#[test]
fn an_absent_series_is_replaced_whole_and_trades() {
    let setup = setup(&[]);
    let spot = market(&setup, "binance", MarketKind::Spot);
    let mut rows = complete(30);
    rows.retain("spot/binance_BTCUSDT", |_| false);
    let loaded = loaded(&setup, &rows);
    assert_eq!(
        loaded.proxies,
        [ProxyUse {
            series: "spot/binance_BTCUSDT".into(),
            proxy: "spot/bybit_BTCUSDT".into(),
            stand_in: StandIn::Whole
        }]
    );
    assert!(loaded.warnings[0].message.contains("stands in for all of it"));
    let quote = loaded.data.view_at(5).quote(spot).unwrap();
    assert_eq!((quote.price, quote.tradable), (price(1005), true));
}

#[test]
fn a_series_that_does_not_cover_the_range_is_replaced_or_refused() {
    let setup = setup(&[]);
    let short = without(&complete(30), "spot/binance_BTCUSDT", 20, 30);
    let auto = MarketData::from_rows(&setup, &short, None, None).unwrap();
    assert_eq!((auto.to, auto.proxies.len()), (hour(19), 0), "its own rows decide the range");
    let asked = MarketData::from_rows(&setup, &short, None, Some(hour(30))).unwrap();
    assert_eq!(asked.proxies[0].stand_in, StandIn::Whole);
    let short = without(&complete(30), "perp/binance_BTCUSDT", 20, 30);
    let found = faults(&setup, &short, None, Some(30));
    let fault = found.iter().next().unwrap();
    assert_eq!((fault.code, fault.key.as_deref()), (Code::Data002, Some("perp/binance_BTCUSDT")));
}

#[test]
fn missing_payments_are_worth_what_the_configuration_says() {
    let rows = without(&complete(40), "funding/binance_BTCUSDT", 16, 16);
    let by_proxy = setup(&[]);
    let perp = market(&by_proxy, "binance", MarketKind::Perp);
    let filled = loaded(&by_proxy, &rows);
    assert_eq!(filled.data.view_at(16).last_funding(perp), Some(payment(16, 2)));
    assert_eq!(filled.data.view_at(24).last_funding(perp), Some(payment(24, 1)));
    assert_eq!(filled.proxies[0].stand_in, StandIn::Payments(1));
    let zero = loaded(&setup(&[("missing_funding", "zero")]), &rows);
    assert!(zero.data.view_at(16).fundings_since(perp, hour(8)).is_empty());
    assert_eq!(zero.gaps[0].rows, 1);
    let refuse = faults(&setup(&[("missing_funding", "refuse")]), &rows, None, None);
    assert!(
        refuse.to_string().starts_with("DATA-005 funding/binance_BTCUSDT: 1 payments"),
        "{refuse}"
    );
    let both = without(&rows, "funding/bybit_BTCUSDT", 16, 16);
    let found = faults(&by_proxy, &both, None, None).to_string();
    assert!(found.contains("the proxy 'funding/bybit_BTCUSDT' lacks them, too"), "{found}");
    assert!(found.contains("name a proxy that has them"), "{found}");
}

#[test]
fn impossible_ranges_are_refused() {
    let (setup, rows) = (setup(&[]), complete(30));
    for (from, to, code, words) in [
        (Some(9), Some(5), Code::Data006, "reversed"),
        (Some(40), None, Code::Data006, "empty"),
        (None, Some(60), Code::Data002, "serves"),
        (Some(-20), None, Code::Data002, "serves"),
    ] {
        let found = faults(&setup, &rows, from, to);
        assert!(found.iter().all(|fault| fault.code == code), "{found}");
        assert!(found.to_string().contains(words), "{found}");
    }
    let half = Some(hour(3) + Span::from_minutes(30));
    let found = MarketData::from_rows(&setup, &rows, half, None).unwrap_err();
    assert!(found.to_string().contains("not on the grid"), "{found}");
    let one = MarketData::from_rows(&setup, &rows, Some(hour(7)), Some(hour(7))).unwrap();
    assert_eq!(one.data.steps(), 1);
    let mut absent = rows.clone();
    absent.retain("perp/bybit_BTCUSDT", |_| false);
    absent.retain("gas/ethereum_gas", |_| false);
    let found = faults(&setup, &absent, None, None);
    assert_eq!(found.iter().filter(|fault| fault.code == Code::Data001).count(), 2, "{found}");
}

/// Everything that a view can answer.
fn answers(setup: &Setup, view: &View) -> String {
    let mut text = String::new();
    for market in setup.universe.markets() {
        let id = market.id;
        text += &format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}\n",
            view.quote(id),
            view.closed_bar(id),
            view.just_closed(id),
            view.closes(id, 50),
            view.last_funding(id),
            view.fundings_since(id, hour(0)),
            view.trailing_funding(id, Span::from_hours(24)),
        );
    }
    let ages: Vec<Span> = (0..setup.series.len()).map(|series| view.age(series)).collect();
    let references: Vec<_> = (0..2).map(|token| view.reference(TokenId(token))).collect();
    text + format!("{:?} {ages:?} {references:?}", view.gas_gwei()).as_str()
}

const LAST: i64 = 48;

/// Rows from a list of (present, level), the first and the last always present; what is after `t`, and what of the bar at
/// `t` is not known yet, is changed by `twist`.
fn twisted(cells: &[(bool, i64)], t: i64, twist: i64) -> MarketRows {
    let mut rows = MarketRows::default();
    let names = [
        "spot/binance_BTCUSDT",
        "perp/binance_BTCUSDT",
        "spot/bybit_BTCUSDT",
        "perp/bybit_BTCUSDT",
        "gas/ethereum_gas",
        "funding/binance_BTCUSDT",
        "funding/bybit_BTCUSDT",
    ];
    for at in 0..=LAST {
        for (index, series) in names.into_iter().enumerate() {
            let (present, level) = cells[at as usize * names.len() + index];
            let changed = if at > t { twist } else { 0 };
            let is_end = at == 0 || at == LAST;
            let is_there = is_end || if at > t { (level + twist) % 5 > 0 } else { present };
            if series.starts_with("funding") {
                // Binance may lack a payment at or before t; what follows is complete and changed.
                let is_there = is_end || at > t || series.contains("bybit") || present;
                if at % 8 == 0 && is_there {
                    rows.push_funding(series, &payment(at, level % 7 + changed)).unwrap();
                }
            } else if series.starts_with("gas") {
                let gwei = Decimal::from(level + changed);
                rows.push_gas(series, hour(at), gwei).unwrap();
            } else if is_there {
                let mut bar = bar(at, 1000 + level + changed);
                if at == t {
                    bar.close += price(twist);
                    bar.high += price(twist);
                    bar.volume += Quantity::new(Decimal::new(twist, 5));
                }
                rows.push_bar(series, &bar).unwrap();
            }
        }
    }
    rows
}

proptest! {
    #[test]
    fn nothing_after_now_changes_what_is_seen(
        cells in proptest::collection::vec((proptest::bool::weighted(0.8), 0_i64..500), 7 * (LAST as usize + 1)),
        t in 1..LAST,
        twist in 1_i64..90_000,
    ) {
        let setup = setup_once();
        let range = (Some(hour(0)), Some(hour(LAST)));
        let see = |twist| {
            let rows = twisted(&cells, t, twist);
            let loaded = MarketData::from_rows(setup, &rows, range.0, range.1).unwrap();
            answers(setup, &loaded.data.view_at(t as usize))
        };
        prop_assert_eq!(see(0), see(twist));
    }

    #[test]
    fn walking_sees_what_jumping_sees(
        cells in proptest::collection::vec((proptest::bool::weighted(0.7), 0_i64..500), 7 * (LAST as usize + 1)),
    ) {
        let setup = setup_once();
        let rows = twisted(&cells, LAST, 0);
        let data = MarketData::from_rows(setup, &rows, Some(hour(0)), Some(hour(LAST))).unwrap().data;
        prop_assert_eq!(data.views().len(), data.steps());
        for (step, view) in data.views().enumerate() {
            prop_assert_eq!(answers(setup, &view), answers(setup, &data.view_at(step)));
        }
        let late: Vec<Timestamp> = data.views_from(40).map(|view| view.now()).collect();
        prop_assert_eq!(late.first().copied(), Some(hour(40)));
        prop_assert_eq!(late.len(), 9);
    }
}

fn setup_once() -> &'static Setup {
    static SETUP: std::sync::OnceLock<Setup> = std::sync::OnceLock::new();
    SETUP.get_or_init(|| setup(&[]))
}
