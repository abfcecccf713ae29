//! Signals of a model as a series: what it said of a bar, and from when that is known.
//!
//! A row belongs to the bar stamped `at` and is stored under the time at which it is known: the bar's close, or later where the
//! model was late. So a cursor of a view counts signals as it counts everything else, and nothing of them is seen early.
//! Everything is kept as numbers, the name of the model's version too, so that journals and feeds carry signals like any row.

use rust_decimal::Decimal;

use crate::types::{Span, Timestamp};

use super::number::Number;
use super::series::{COLUMNS_MAX, Series};
use super::view::View;

/// What a model says of the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It rises.
    Long,
    /// It falls.
    Short,
    /// Neither: a position is to be left.
    Neutral,
    /// Nothing new: what is held is kept.
    Hold,
}

impl Direction {
    /// All of them, as they are written.
    pub const WORDS: [&str; 4] = ["long", "short", "neutral", "hold"];
    const ALL: [Self; 4] = [Self::Long, Self::Short, Self::Neutral, Self::Hold];

    /// The direction of a word.
    pub fn named(word: &str) -> Option<Self> {
        let index = Self::WORDS.iter().position(|known| *known == word)?;
        Some(Self::ALL[index])
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// What a model said of a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The opening of the bar that it was made of.
    pub at: Timestamp,
    /// When it is known: at the bar's close, or later.
    pub known_at: Timestamp,
    /// Where the price goes.
    pub direction: Direction,
    /// How sure the model is, 0 to 1.
    pub confidence: Decimal,
    /// The standard deviation of the return that the model foresees, as a fraction; above 0.
    pub sd: Decimal,
    /// Which model said it, up to [`VERSION_MAX`] bytes.
    pub model_version: String,
}

/// The longest name of a model's version, in bytes: a git commit fits.
pub const VERSION_MAX: usize = VERSION_COLUMNS * VERSION_BYTES;

/// A decimal's mantissa has 96 bits.
const VERSION_BYTES: usize = 12;
const VERSION_COLUMNS: usize = 4;
/// The columns of a series of signals.
const DIRECTION: usize = 0;
const CONFIDENCE: usize = 1;
const SD: usize = 2;
/// Seconds from the bar's opening to the time from which the signal is known.
const DELAY_S: usize = 3;
const VERSION: usize = 4;

/// The longest that a model may be late. What is known later is a fault of the file.
const DELAY_MAX: Span = Span::from_hours(31 * 24);

impl Signal {
    /// Why it cannot be what it claims to be, of bars that are `step` long.
    pub(super) fn impossible(&self, step: Span) -> Option<String> {
        let closes = self.at + step;
        if self.known_at < closes {
            return Some(format!(
                "known_at {} is before the bar's close, {closes}: that is look-ahead",
                self.known_at
            ));
        }
        if self.known_at > closes + DELAY_MAX {
            let late = self.known_at;
            return Some(format!("known_at {late} is more than 31 days after the bar's close"));
        }
        if u32::try_from(self.at.ms() / 1000).is_err() {
            return Some("the stamp lies not between 1970 and 2106".to_owned());
        }
        self.impossible_numbers()
    }

    /// Why its numbers cannot be.
    pub(crate) fn impossible_numbers(&self) -> Option<String> {
        let Self { confidence, sd, model_version, .. } = self;
        if confidence.is_sign_negative() && !confidence.is_zero() || *confidence > Decimal::ONE {
            return Some(format!("confidence is {confidence}; it lies between 0 and 1"));
        }
        if *sd <= Decimal::ZERO || *sd > Decimal::TEN {
            return Some(format!("sd is {sd}; it is a fraction above 0 and at most 10"));
        }
        let is_name = !model_version.is_empty() && model_version.len() <= VERSION_MAX;
        if !is_name || model_version.contains(char::is_control) {
            return Some(format!(
                "model_version is '{model_version}'; a name of 1 to {VERSION_MAX} bytes is expected"
            ));
        }
        None
    }

    /// Its numbers, in the order of the columns.
    fn numbers(&self) -> [Number; COLUMNS_MAX] {
        let mut numbers = [Number::Small { mantissa: 0, scale: 0 }; COLUMNS_MAX];
        numbers[DIRECTION] = Number::Small { mantissa: self.direction as i64, scale: 0 };
        numbers[CONFIDENCE] = self.confidence.into();
        numbers[SD] = self.sd.into();
        let delay_s = (self.known_at - self.at).ms() / 1000;
        numbers[DELAY_S] = Number::Small { mantissa: delay_s, scale: 0 };
        for (part, bytes) in self.model_version.as_bytes().chunks(VERSION_BYTES).enumerate() {
            let packed = bytes.iter().fold(0_i128, |all, byte| all << 8 | i128::from(*byte));
            numbers[VERSION + part] = Decimal::from_i128_with_scale(packed, 0).into();
        }
        numbers
    }

    fn of_row(series: &Series, row: usize) -> Option<Self> {
        let number = |column| series.number(column, row);
        let whole = |column| i64::try_from(number(column)).ok();
        let known_at = series.stamp(row);
        let mut version = Vec::with_capacity(VERSION_MAX);
        for part in 0..VERSION_COLUMNS {
            let bytes = number(VERSION + part).mantissa().to_be_bytes();
            version.extend(bytes.iter().skip_while(|byte| **byte == 0));
        }
        Some(Self {
            at: known_at - Span::from_ms(whole(DELAY_S)? * 1000),
            known_at,
            direction: *Direction::ALL.get(usize::try_from(whole(DIRECTION)?).ok()?)?,
            confidence: number(CONFIDENCE),
            sd: number(SD),
            model_version: String::from_utf8(version).ok()?,
        })
    }
}

/// Signals as a file of a data folder.
pub fn signals_csv(signals: &[Signal]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["timestamp", "signal", "confidence", "sd", "model_version", "known_at"];
    // Writing into memory cannot fail, and every row has the width of the first.
    let _ = writer.write_record(head);
    for said in signals {
        let _ = writer.write_record([
            &said.at.to_string(),
            said.direction.word(),
            &said.confidence.to_string(),
            &said.sd.to_string(),
            &said.model_version,
            &said.known_at.to_string(),
        ]);
    }
    writer.into_inner().unwrap_or_default()
}

/// A series of signals in the order in which they become known. One that is known no earlier than the next bar's says nothing
/// that anybody could act on, and is told as overtaken.
pub(super) fn series_of(signals: Vec<Signal>) -> Series {
    let mut kept: Vec<Signal> = Vec::with_capacity(signals.len());
    let mut series = Series::new(super::series::Kind::Signal);
    for signal in signals {
        while let Some(before) = kept.pop_if(|before| before.known_at >= signal.known_at) {
            series.overtaken.push((before.at, before.known_at));
        }
        kept.push(signal);
    }
    series.overtaken.sort_unstable();
    for signal in &kept {
        // They ascend, and their reader has seen that they are whole seconds.
        let _ = series.push(signal.known_at, &signal.numbers());
    }
    series.shrink();
    series
}

/// The row of a signal: the time from which it is known, and its numbers.
pub(super) fn row_of(signal: &Signal) -> (Timestamp, [Number; COLUMNS_MAX]) {
    (signal.known_at, signal.numbers())
}

/// The opening of the bar that a stored signal belongs to.
pub(super) fn bar_of(series: &Series, row: usize) -> Timestamp {
    let delay_s = i64::try_from(series.number(DELAY_S, row)).unwrap_or(0);
    series.stamp(row) - Span::from_ms(delay_s * 1000)
}

/// Each bar that has a signal, with the time from which it is known, by bar.
pub(super) fn bars(series: &Series) -> Vec<(Timestamp, Timestamp)> {
    let stored = (0..series.len()).map(|row| (bar_of(series, row), series.stamp(row)));
    let mut bars: Vec<_> = stored.chain(series.overtaken.iter().copied()).collect();
    bars.sort_unstable();
    bars
}

/// The openings of the first and the last bar that have a signal.
pub(super) fn ends(series: &Series) -> Option<(Timestamp, Timestamp)> {
    let bars = bars(series);
    Some((bars.first()?.0, bars.last()?.0))
}

/// Runs of bars without a signal between the first and the last: (first, last, how many).
pub(super) fn holes(series: &Series, step: Span) -> Vec<(Timestamp, Timestamp, usize)> {
    let mut holes = Vec::new();
    for pair in bars(series).windows(2) {
        let (before, after) = (pair[0].0, pair[1].0);
        let missing = (after - before).ms() / step.ms() - 1;
        if missing > 0 {
            holes.push((before + step, after - step, missing as usize));
        }
    }
    holes
}

impl View {
    /// The newest signal that is known, unless its bar closed longer ago than `max_age`; `None` where the run has no signals.
    pub fn signal(&self, max_age: Span) -> Option<Signal> {
        let stored = self.data.signal()?;
        let row = self.rows(stored).checked_sub(1)?;
        let series = self.data.stored(stored);
        let closed = bar_of(series, row) + self.data.step();
        if self.now - closed > max_age {
            return None;
        }
        Signal::of_row(series, row)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_ms(1_704_067_200_000 + n * 60_000)
    }

    fn signal(bar: i64, known: i64) -> Signal {
        Signal {
            at: minute(bar),
            known_at: minute(known),
            direction: Direction::Short,
            confidence: Decimal::new(9, 1),
            sd: Decimal::new(4, 3),
            model_version: "m".to_owned(),
        }
    }

    proptest! {
        #[test]
        fn what_is_stored_comes_back(
            word in 0_usize..4, confidence in 0_u32..=1000, sd in 1_i64..1_000_000,
            version in "[ -~é€]{1,24}", late in 0_i64..1000
        ) {
            prop_assume!(version.len() <= VERSION_MAX);
            let said = Signal {
                direction: Direction::ALL[word],
                confidence: Decimal::new(i64::from(confidence), 3).normalize(),
                sd: Decimal::new(sd, 6).normalize(),
                model_version: version,
                ..signal(0, 5 + late)
            };
            let series = series_of(vec![said.clone()]);
            prop_assert_eq!(Signal::of_row(&series, 0), Some(said));
        }
    }

    #[test]
    fn what_is_known_no_earlier_than_the_next_one_is_not_seen_and_no_gap() {
        // The first is known with the third, the second never alone.
        let series = series_of(vec![signal(0, 15), signal(5, 15), signal(10, 15), signal(15, 21)]);
        let kept: Vec<Timestamp> = (0..series.len()).map(|row| bar_of(&series, row)).collect();
        assert_eq!(kept, [minute(10), minute(15)]);
        // They are there, and no gaps.
        let all: Vec<Timestamp> = bars(&series).into_iter().map(|(bar, _)| bar).collect();
        assert_eq!(all, [0, 5, 10, 15].map(minute));
        assert_eq!(holes(&series, Span::from_minutes(5)), []);
    }

    #[test]
    fn bars_without_a_signal_are_counted_by_bars_whenever_the_others_were_known() {
        let step = Span::from_minutes(5);
        let series = series_of(vec![signal(0, 5), signal(5, 13), signal(25, 30), signal(30, 36)]);
        assert_eq!(holes(&series, step), [(minute(10), minute(20), 3)]);
    }

    #[test]
    fn what_cannot_be_is_told() {
        let step = Span::from_minutes(5);
        assert_eq!(signal(0, 5).impossible(step), None);
        let early = signal(0, 4).impossible(step).unwrap();
        assert!(
            early.ends_with("is before the bar's close, 2024-01-01T00:05:00Z: that is look-ahead")
        );
        let late = signal(0, 31 * 1440 + 6).impossible(step).unwrap();
        assert!(late.ends_with("is more than 31 days after the bar's close"), "{late}");
        for (confidence, sd, version, told) in [
            ("1.01", "0.1", "m", "confidence is 1.01; it lies between 0 and 1"),
            ("-0.1", "0.1", "m", "confidence is -0.1; it lies between 0 and 1"),
            ("1", "0", "m", "sd is 0; it is a fraction above 0 and at most 10"),
            ("1", "0.1", "", "model_version is ''; a name of 1 to 48 bytes is expected"),
        ] {
            let (confidence, sd) = (confidence.parse().unwrap(), sd.parse().unwrap());
            let model_version = version.to_owned();
            let said = Signal { confidence, sd, model_version, ..signal(0, 5) };
            assert_eq!(said.impossible(step).as_deref(), Some(told));
        }
    }
}
