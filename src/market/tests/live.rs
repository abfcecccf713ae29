//! Data that grows while a run lives.

use super::*;

#[test]
fn a_live_step_completes_the_bar_before_it_and_leaves_older_views_as_they_are() {
    let (setup, perp) = (setup(&[]), MarketId(1));
    let mut opened = complete(2);
    opened.append(&of_binance(|rows, name| rows.push_bar(name, &flat(3, 2000)))).unwrap();
    let data =
        MarketData::from_rows(&setup, &opened, Some(hour(2)), Some(hour(2))).unwrap().market();
    let before = data.view_at_time(hour(3));
    let rows = of_binance(|rows, name| {
        rows.push_bar(name, &bar(3, 2000)).and_then(|()| rows.push_bar(name, &flat(4, 2100)))
    });
    let text = serde_json::to_string(&rows).unwrap();
    let rows: MarketRows = serde_json::from_str(&text).expect("rows read back from a journal");
    let after = data.extended(&rows).unwrap().view_at_time(hour(4));
    assert_eq!(before.quote(perp).unwrap().price, price(2000));
    assert_eq!(after.quote(perp).unwrap().price, price(2100));
    assert_eq!(after.just_closed(perp), Some(bar(3, 2000)));
    assert_ne!(before.closed_bar(perp), after.closed_bar(perp));
}

#[test]
fn rows_of_no_series_or_of_the_past_do_not_extend_the_data() {
    let setup = setup(&[]);
    let data = MarketData::from_rows(&setup, &complete(3), None, None).unwrap().market();
    let with = |name: &str, at| {
        let mut rows = MarketRows::default();
        rows.push_bar(name, &bar(at, 1)).unwrap();
        data.extended(&rows).map(|_| ()).unwrap_err()
    };
    let unknown = with("spot/binance_BTCUSD", 4);
    assert_eq!(unknown.code, Code::Data001);
    assert!(unknown.to_string().contains("spot/binance_BTCUSDT"), "{unknown}");
    assert_eq!(with("perp/bybit_BTCUSDT", 2).code, Code::Data004);
    let mut narrow = MarketRows::default();
    narrow.push_funding("perp/bybit_BTCUSDT", &payment(4, 1)).unwrap();
    assert_eq!(data.extended(&narrow).map(|_| ()).unwrap_err().code, Code::Data003);
}

/// The rows of Binance's candles.
fn of_binance(
    push: impl Fn(&mut MarketRows, &str) -> Result<(), crate::config::Fault>,
) -> MarketRows {
    let mut rows = MarketRows::default();
    for name in ["spot/binance_BTCUSDT", "perp/binance_BTCUSDT"] {
        push(&mut rows, name).unwrap();
    }
    rows
}

/// A bar that has only just opened.
fn flat(at: i64, n: i64) -> Bar {
    let open = price(n);
    Bar { open, high: open, low: open, close: open, volume: Quantity::ZERO, ..bar(at, n) }
}
