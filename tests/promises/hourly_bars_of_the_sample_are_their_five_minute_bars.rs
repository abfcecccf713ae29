//! Every bar of the sample is possible, opens where the last one closed, and an hour is made of its twelve bars of five minutes.

use crate::sample::{Series, bundled};

#[test]
fn an_hour_is_its_twelve_bars_of_five_minutes() {
    for market in ["spot/binance_BTCUSDT", "perp/binance_BTCUSDT"] {
        let [hours, minutes] =
            ["1h", "5m"].map(|interval| Series::read(&format!("{market}_{interval}")));
        let offset = hours.stamps.iter().position(|at| *at == minutes.stamps[0]).expect("an hour");
        assert_eq!(minutes.stamps.len(), (hours.stamps.len() - offset) * 12);
        let column = |name: &str, index: usize| {
            let twelve = &minutes.column(name)[index * 12..][..12];
            (hours.column(name)[offset + index], twelve.to_vec())
        };
        for index in 0..hours.stamps.len() - offset {
            let at = &hours.stamps[offset + index];
            assert_eq!(*at, minutes.stamps[index * 12]);
            let (open, opens) = column("open", index);
            let (close, closes) = column("close", index);
            let (high, highs) = column("high", index);
            let (low, lows) = column("low", index);
            let (volume, volumes) = column("volume", index);
            assert_eq!((open, close), (opens[0], closes[11]), "{market} {at}");
            assert_eq!(high, highs.into_iter().fold(f64::MIN, f64::max), "{market} {at}");
            assert_eq!(low, lows.into_iter().fold(f64::MAX, f64::min), "{market} {at}");
            assert!((volume - volumes.iter().sum::<f64>()).abs() < 1e-6, "{market} {at}");
        }
    }
}

#[test]
fn every_bar_is_possible_and_opens_where_the_last_one_closed() {
    let mut markets = 0;
    for folder in ["spot", "perp"] {
        for entry in std::fs::read_dir(bundled().join(folder)).expect("the sample is there") {
            let file = entry.expect("readable").file_name().to_string_lossy().into_owned();
            let name = format!("{folder}/{}", file.trim_end_matches(".csv.gz"));
            let bars = Series::read(&name);
            let [open, high, low, close] =
                ["open", "high", "low", "close"].map(|column| bars.column(column));
            for index in 0..bars.stamps.len() {
                let (top, bottom) = (open[index].max(close[index]), open[index].min(close[index]));
                let is_possible = bottom > 0.0 && low[index] <= bottom && top <= high[index];
                assert!(is_possible, "{name} {}", bars.stamps[index]);
                assert!(
                    index == 0 || open[index] == close[index - 1],
                    "{name} {}",
                    bars.stamps[index]
                );
            }
            markets += 1;
        }
    }
    assert_eq!(markets, 17);
}
