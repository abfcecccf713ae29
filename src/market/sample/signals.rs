//! Signals of a made-up model for Binance's BTC in bars of five minutes: momentum of closed bars and noise.
//!
//! A bar's signal is made of closes up to its own and of dice of its own, so it is known when the bar has closed. On prices that
//! nothing tells it can have no edge; it exists so that the strategies that follow signals can be run.

use super::calendar::{FIVE_MINUTES, FIVE_MINUTES_FROM, HOUR};
use super::dice::Reverting;
use super::text::{SampleFile, rounded};
use crate::types::Timestamp;

/// The market whose closes the model sees.
const SEEN: &str = "spot/binance_BTCUSDT_5m.csv";
/// How far the model looks ahead, and how long momentum and noise last.
const HORIZON_HOURS: i64 = 12;
/// The deviation of five minutes before anything is seen.
const FIRST_DEVIATION: f64 = 0.0015;
/// What the estimate of the variance keeps over a bar.
const VARIANCE_KEEP: f64 = 0.995;
/// The noise's deviation, in deviations of momentum.
const NOISE: f64 = 2.0;

/// The file of signals, from the market's file.
pub(super) fn signals(seed: u64, files: &[SampleFile]) -> Option<SampleFile> {
    let seen = files.iter().find(|file| file.name == SEEN)?;
    let column = seen.columns.split(',').position(|name| name == "close")?;
    let mut file = SampleFile::new(
        "signals/binance_BTCUSDT_5m.csv".to_owned(),
        "timestamp,signal,confidence,sd,model_version",
        "5 min",
    );
    let mut model = Model::new(seed);
    let mut at: Timestamp = FIVE_MINUTES_FROM;
    for row in seen.text.lines().skip(1) {
        let close: f64 = row.split(',').nth(column)?.parse().ok()?;
        let (word, confidence, sd) = model.next(close);
        file.push(at, format_args!("{word},{confidence:.2},{sd:.4},sample-1"));
        at = at + FIVE_MINUTES;
    }
    Some(file)
}

struct Model {
    noise: Reverting,
    keep: f64,
    horizon: f64,
    last: Option<f64>,
    variance: f64,
    momentum: f64,
}

impl Model {
    fn new(seed: u64) -> Self {
        let horizon = (HORIZON_HOURS * HOUR.ms() / FIVE_MINUTES.ms()) as f64;
        let keep = libm::exp(-1.0 / horizon);
        Self {
            noise: Reverting::of(seed, "signals binance_BTCUSDT", keep),
            keep,
            horizon,
            last: None,
            variance: FIRST_DEVIATION * FIRST_DEVIATION,
            momentum: 0.0,
        }
    }

    /// What the model says when a bar has closed: its word, how sure it is, and the deviation that it foresees over its horizon.
    fn next(&mut self, close: f64) -> (&'static str, f64, f64) {
        let moved = self.last.map_or(0.0, |last| libm::log(close / last));
        self.last = Some(close);
        let fresh = (1.0 - self.keep * self.keep).sqrt();
        self.momentum = self.keep * self.momentum + fresh * moved / self.variance.sqrt();
        self.variance = VARIANCE_KEEP * self.variance + (1.0 - VARIANCE_KEEP) * moved * moved;
        let score = (self.momentum + NOISE * self.noise.next()) / (1.0 + NOISE * NOISE).sqrt();
        let sd = rounded((self.variance * self.horizon).sqrt(), 4);
        let strength = score.abs();
        let (word, confidence) = match strength {
            _ if strength < 0.1 => ("neutral", 1.0 - strength),
            _ if strength < 0.7 => ("hold", 0.5),
            _ if score > 0.0 => ("long", (0.5 + strength / 4.0).min(0.99)),
            _ => ("short", (0.5 + strength / 4.0).min(0.99)),
        };
        (word, rounded(confidence, 2), sd.max(0.0001))
    }
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    #[test]
    fn a_signal_does_not_change_with_what_comes_after_its_bar() {
        let all = files(7);
        let said = |files: &[SampleFile]| signals(7, files).unwrap().text;
        let whole = said(&all);
        let mut poisoned = all.clone();
        let seen = poisoned.iter_mut().find(|file| file.name == SEEN).unwrap();
        const CUT: usize = 5_000;
        let rows: Vec<&str> = seen.text.lines().collect();
        let later = rows[CUT..].iter().map(|row| format!("{}\n", row.replace(",8", ",9")));
        seen.text =
            rows[..CUT].iter().map(|row| format!("{row}\n")).chain(later).collect::<String>();
        let other = said(&poisoned);
        let head = |text: &str| text.lines().take(CUT).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(head(&whole), head(&other));
        assert_ne!(whole, other, "the bars after the cut were changed");
    }
}
