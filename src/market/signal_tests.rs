//! Signals in a run: from when they are known, how long they stand, what is said of gaps, and which ranges they serve.

use std::path::Path;

use rust_decimal::Decimal;

use super::*;
use crate::config::{LoadRequest, Setup, StrategyRef, load};
use crate::types::{Price, Quantity, Rate, Span, Timestamp};

const MODE: &str = "share_class: USDT\nasset: BTC\nstep: 5m\nmarkets: [perp]\nvenues:\n  binance:\n\
    initial_balances: { binance.USDT: 1000 }\npricing: { BTC: perp/binance_BTCUSDT }\nsubscriptions:\n\
    \x20 perp/binance_BTCUSDT:\n  funding/binance_BTCUSDT:\n  signals/m:\n";

fn loaded_mode(text: &str) -> Result<Setup, String> {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("m.yaml");
    std::fs::write(&config, text).unwrap();
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let strategy = StrategyRef { name: "m".to_owned(), config: Some(config) };
    load(LoadRequest { strategy, ..LoadRequest::of_mode("m", &configs) })
        .map_err(|faults| faults.to_string())
}

fn setup() -> Setup {
    loaded_mode(MODE).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The opening of a bar.
fn at(bar: i64) -> Timestamp {
    Timestamp::from_ms(1_704_067_200_000) + Span::from_minutes(5 * bar)
}

const BARS: i64 = 48;

/// Bars 0 to 48, with a signal of each bar in `said`; its confidence tells which, and it is late by so many seconds.
fn rows(said: impl Iterator<Item = (i64, i64)>) -> MarketRows {
    let mut rows = MarketRows::default();
    let price = Price::new(Decimal::from(60_000));
    for bar in 0..=BARS {
        let volume = Quantity::new(Decimal::ONE);
        let flat = Bar { at: at(bar), open: price, high: price, low: price, close: price, volume };
        rows.push_bar("perp/binance_BTCUSDT", &flat).unwrap();
    }
    rows.push_funding("funding/binance_BTCUSDT", &Funding { at: at(0), rate: Rate::ZERO }).unwrap();
    for (bar, late) in said {
        let signal = Signal {
            at: at(bar),
            known_at: at(bar + 1) + Span::from_s(late),
            direction: Direction::Long,
            confidence: Decimal::new(bar, 3),
            sd: Decimal::new(4, 3),
            model_version: "m-1".to_owned(),
        };
        rows.push_signal("signals/m", &signal).unwrap();
    }
    rows
}

fn run(rows: &MarketRows) -> Loaded {
    MarketData::from_rows(&setup(), rows, None, None).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The bar whose signal is known at a step.
fn known(loaded: &Loaded, step: usize) -> Option<Timestamp> {
    loaded.data.view_at(step).signal(setup().signal.max_age).map(|signal| signal.at)
}

#[test]
fn a_signal_is_known_at_its_bars_close_and_not_before() {
    let loaded = run(&rows((0..BARS).map(|bar| (bar, 0))));
    assert_eq!((loaded.from, loaded.to), (at(0), at(BARS)));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(known(&loaded, 0), None);
    for step in 1..=BARS {
        assert_eq!(known(&loaded, step as usize), Some(at(step - 1)));
    }
    let walked: Vec<_> = loaded.data.views().map(|view| view.signal(Span::from_hours(1))).collect();
    assert_eq!(walked[7].as_ref().map(|signal| signal.at), Some(at(6)), "as it is walked through");
}

#[test]
fn one_that_is_late_is_known_when_it_says_so() {
    // Bar 5's is known a minute after its close, so at the step after; bar 10's comes with bar 12's, which holds.
    let late = |bar| match bar {
        5 => 60,
        _ => 0,
    };
    let loaded = run(&rows((0..BARS).map(|bar| (bar, late(bar)))));
    assert_eq!(known(&loaded, 6), Some(at(4)));
    assert_eq!(known(&loaded, 7), Some(at(6)));
    assert!(loaded.gaps.is_empty(), "a late one is no gap: {:?}", loaded.gaps);
    let [told] = &loaded.warnings[..] else { panic!("{:?}", loaded.warnings) };
    let expected =
        "signals/m: 1 signal is known later than at the close of its bar (known_at), by up to 60 s";
    assert!(told.to_string().contains(expected), "{told}");
}

#[test]
fn where_bars_are_silent_the_last_signal_stands_for_its_age_and_then_there_is_none() {
    let loaded = run(&rows((0..BARS).filter(|bar| !(10..20).contains(bar)).map(|bar| (bar, 0))));
    let told: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    let [told] = &told[..] else { panic!("{told:?}") };
    let expected = "signals/m: 10 bars, 50 minutes, have no signal, in 1 gap, the first at 2024-01-01T00:50:00Z; the last one \
                    stands for 10 minutes, then there is none";
    assert!(told.contains(expected), "{told}");
    assert_eq!((loaded.gaps.len(), loaded.gaps[0].rows), (1, 10));
    // Bar 9 closed at step 10; ten minutes are two steps more.
    assert_eq!([10, 11, 12].map(|step| known(&loaded, step)), [Some(at(9)); 3]);
    assert_eq!([13, 20].map(|step| known(&loaded, step)), [None; 2]);
    assert_eq!(known(&loaded, 21), Some(at(20)));
}

#[test]
fn a_range_that_the_signals_do_not_cover_is_refused() {
    let short = rows((0..20).map(|bar| (bar, 0)));
    assert_eq!(run(&short).to, at(20), "the longest that all series serve");
    let told = MarketData::from_rows(&setup(), &short, None, Some(at(21))).unwrap_err();
    let expected =
        "signals/m: it serves 2024-01-01T00:00:00Z to 2024-01-01T01:40:00Z; the run needs";
    assert!(told.to_string().contains(expected), "{told}");
    let late = rows((5..BARS).map(|bar| (bar, 0)));
    assert!(MarketData::from_rows(&setup(), &late, Some(at(4)), None).is_err());
    let none = MarketData::from_rows(&setup(), &rows(std::iter::empty()), None, None).unwrap_err();
    assert!(none.to_string().contains("there is no such series"), "{none}");
}

#[test]
fn a_feed_adds_signals_as_it_adds_bars() {
    let loaded = run(&rows((0..20).map(|bar| (bar, 0))));
    let mut later = MarketRows::default();
    let said = Signal {
        at: at(20),
        known_at: at(21),
        direction: Direction::Short,
        confidence: Decimal::ONE,
        sd: Decimal::new(1, 2),
        model_version: "a-version-with-a-long-name-of-many-more-letters".to_owned(),
    };
    later.push_signal("signals/m", &said).unwrap();
    let text = serde_json::to_string(&later).unwrap();
    let later: MarketRows = serde_json::from_str(&text).unwrap();
    let data = loaded.data.extended(&later).unwrap();
    assert_eq!(
        data.view_at_time(at(21)).signal(Span::from_ms(0)),
        Some(said),
        "by way of a journal"
    );
}

#[test]
fn a_run_follows_one_model_and_a_name_is_without_its_step() {
    let two = loaded_mode(&format!("{MODE}  signals/other:\n")).unwrap_err();
    assert!(two.contains("a run follows the signals of one model"), "{two}");
    let file = loaded_mode(&MODE.replace("signals/m:", "signals/m_5m.csv:")).unwrap_err();
    assert!(file.contains("write signals/m"), "{file}");
    assert!(setup().signal.service.is_none());
}

#[test]
fn a_service_is_read_with_its_address_and_what_cannot_be_is_told() {
    let with = |rest: &str| loaded_mode(&format!("{MODE}signal: {{ source: http, {rest} }}\n"));
    let service = with("service: { url: 'http://127.0.0.1:9/x' }").unwrap().signal.service.unwrap();
    assert_eq!((service.symbol.as_str(), service.at_once), ("BTCUSDT", 4));
    assert_eq!(service.retry_backoff, [1, 2, 4].map(Span::from_s));
    for (rest, told) in [
        ("max_age_minutes: 5", "signals that come by http need the service's address"),
        ("service: { url: 'https://x/y' }", "put a proxy that speaks TLS beside it"),
        ("service: { url: x }", "http://HOST:PORT/PATH is expected, not 'x'"),
        ("service: { url: 'http://x' }, max_missing: 2", "is expected, not 2"),
    ] {
        let faults = with(rest).unwrap_err();
        assert!(faults.contains(told), "{faults}");
    }
}
