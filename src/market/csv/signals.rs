//! Files of signals: `timestamp, signal, confidence, sd, model_version` and where it is told `known_at`, a row a bar.

use std::io::Read;

use csv::ByteRecord;
use rust_decimal::Decimal;

use crate::types::{Span, Timestamp};

use super::super::number::Number;
use super::super::series::{Kind, Series};
use super::super::signal::{Direction, Signal, series_of};
use super::rows::{Line, Rows};

/// The columns that a file of signals must have, after its stamp.
const COLUMNS: [&str; 4] = ["signal", "confidence", "sd", "model_version"];
/// A column that it may have: from when a signal is known, where that is later than its bar's close.
const KNOWN_AT: &str = "known_at";

/// Where the columns stand.
struct Columns {
    needed: [usize; COLUMNS.len()],
    known_at: Option<usize>,
}

impl Rows<'_> {
    /// Reads signals. Those of bars before the window are checked for their order alone; the last of them is kept.
    pub(super) fn read_signals<R: Read>(&mut self, reader: &mut csv::Reader<R>) -> Series {
        let mut record = ByteRecord::new();
        let nothing = || Series::new(Kind::Signal);
        if !self.next(reader, &mut record, Line::Head) {
            return nothing();
        }
        let Some(columns) = self.signal_columns(&record) else { return nothing() };
        let width = record.len();
        let mut signals: Vec<Signal> = Vec::new();
        let mut last: Option<Timestamp> = None;
        while self.next(reader, &mut record, Line::Row) {
            let Some(at) = self.stamp(&record, width) else { continue };
            if last.is_some_and(|last| last >= at) {
                self.tell_order(&record);
                continue;
            }
            last = Some(at);
            if at > self.window.to {
                break;
            }
            let Some(signal) = self.signal(at, &record, &columns) else { continue };
            if signals.last().is_some_and(|before| before.at < self.window.from) {
                signals.clear();
            }
            signals.push(signal);
        }
        series_of(signals)
    }

    fn signal_columns(&mut self, header: &ByteRecord) -> Option<Columns> {
        if header.get(0) != Some(b"timestamp") {
            self.tell(None, "the first column must be 'timestamp'");
            return None;
        }
        let place = |name: &str| header.iter().position(|field| field == name.as_bytes());
        let mut needed = [0; COLUMNS.len()];
        let mut is_whole = true;
        for (slot, name) in needed.iter_mut().zip(COLUMNS) {
            match place(name) {
                Some(column) => *slot = column,
                None => {
                    is_whole = false;
                    self.tell(None, &format!("there is no column '{name}'"));
                }
            }
        }
        is_whole.then(|| Columns { needed, known_at: place(KNOWN_AT) })
    }

    fn signal(&mut self, at: Timestamp, record: &ByteRecord, columns: &Columns) -> Option<Signal> {
        match self.read_signal(at, record, columns) {
            Ok(signal) => Some(signal),
            Err(words) => {
                self.tell(Some(record), &words);
                None
            }
        }
    }

    fn read_signal(
        &self,
        at: Timestamp,
        record: &ByteRecord,
        columns: &Columns,
    ) -> Result<Signal, String> {
        // Files of signals lie on the grid of the run's bars; a file that tells no interval in its name has bars of a second.
        let step = self.window.grid.unwrap_or(Span::from_ms(1000));
        let field = |column: usize| record.get(column).unwrap_or_default().trim_ascii();
        let [word, confidence, sd, version] = columns.needed.map(field);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let direction = Direction::named(&text(word)).ok_or_else(|| {
            let [first, second, third, fourth] = Direction::WORDS;
            let word = text(word);
            format!("signal is '{word}'; it is {first}, {second}, {third} or {fourth}")
        })?;
        let number = |name: &str, bytes: &[u8]| -> Result<Decimal, String> {
            let read = Number::parse(bytes).map(Number::decimal);
            read.ok_or_else(|| {
                format!("{name} is '{}', which is no exact decimal number", text(bytes))
            })
        };
        let known_at = match columns.known_at.map(field).filter(|field| !field.is_empty()) {
            Some(stamp) => known_at(stamp)?,
            None => at + step,
        };
        let signal = Signal {
            at,
            known_at,
            direction,
            confidence: number("confidence", confidence)?,
            sd: number("sd", sd)?,
            model_version: text(version),
        };
        match signal.impossible(step) {
            Some(words) => Err(words),
            None => Ok(signal),
        }
    }
}

/// A time from which a signal is known. Parts of a second are rounded up, never towards the past.
fn known_at(stamp: &[u8]) -> Result<Timestamp, String> {
    let read = Timestamp::parse(stamp).ok_or_else(|| {
        let text = String::from_utf8_lossy(stamp);
        format!("known_at is '{text}', which is no UTC time such as 2024-06-01T00:05:02Z")
    })?;
    Ok(Timestamp::from_ms(read.ms() + (-read.ms()).rem_euclid(1000)))
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use crate::market::signal::bar_of;

    const HEAD: &str = "timestamp,signal,confidence,sd,model_version,known_at\n";

    fn read(text: &str) -> Result<Contents, Faults> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("signals")).unwrap();
        std::fs::write(folder.path().join("signals/m_5m.csv"), text).unwrap();
        let file = SeriesFile::find(folder.path(), "signals/m", "5m").unwrap();
        file.read(Kind::Signal, Window::all(Some(Span::from_minutes(5))))
    }

    fn told(rows: &str) -> String {
        read(&format!("{HEAD}{rows}")).unwrap_err().to_string()
    }

    #[test]
    fn a_signal_is_known_when_its_bar_has_closed_or_as_late_as_it_says() {
        let rows = "2024-01-01T00:00:00Z,long,0.9,0.004,m1,\n\
            2024-01-01T00:05:00Z,short,1,0.01,m1,2024-01-01T00:10:02.5Z\n\
            2024-01-01T00:10:00Z,hold,0,0.01,m1,2024-01-01T00:15:00Z\n";
        let series = read(&format!("{HEAD}{rows}").replace("02.5Z", "02.500Z")).unwrap().series;
        let known: Vec<String> =
            (0..series.len()).map(|row| series.stamp(row).to_string()).collect();
        // Parts of a second are rounded up: nothing is known early.
        let expected = ["2024-01-01T00:05:00Z", "2024-01-01T00:10:03Z", "2024-01-01T00:15:00Z"];
        assert_eq!(known, expected);
        assert_eq!(bar_of(&series, 1).to_string(), "2024-01-01T00:05:00Z");
    }

    #[test]
    fn known_at_may_be_left_out_and_columns_stand_in_any_order() {
        let text = "timestamp,model_version,sd,confidence,signal,note\n\
            2024-01-01T00:00:00Z,m1,0.004,0.9,neutral,x\n";
        assert_eq!(read(text).unwrap().series.len(), 1);
    }

    #[test]
    fn each_row_that_cannot_be_is_told_with_its_line() {
        let row = |cells: &str| format!("2024-01-01T00:00:00Z,{cells}\n");
        for (rows, expected) in [
            (row("up,0.9,0.1,m,"), ":2: signal is 'up'; it is long, short, neutral or hold"),
            (row("long,90,0.1,m,"), ":2: confidence is 90; it lies between 0 and 1"),
            (row("long,sure,0.1,m,"), ":2: confidence is 'sure', which is no exact decimal number"),
            (row("long,0.9,-0.1,m,"), ":2: sd is -0.1; it is a fraction above 0 and at most 10"),
            (row("long,0.9,0.1,,"), "a name of 1 to 48 bytes is expected"),
            (row("long,0.9,0.1,m,soon"), "known_at is 'soon', which is no UTC time"),
            (
                row("long,0.9,0.1,m,2024-01-01T00:04:59Z"),
                "is before the bar's close, 2024-01-01T00:05:00Z: that is look-ahead",
            ),
            (row("long,0.9,0.1"), "the row has 4 fields, the header 6"),
            (
                "2024-01-01T00:03:00Z,long,0.9,0.1,m,\n".to_owned(),
                "is not on the grid of 5 minutes",
            ),
            (
                [row("long,0.9,0.1,m,"), row("short,0.9,0.1,m,")].concat(),
                ":3: 2024-01-01T00:00:00Z is not later than the row before it",
            ),
            (
                ["2024-01-01T00:05:00Z,long,0.9,0.1,m,\n".to_owned(), row("hold,0.9,0.1,m,")]
                    .concat(),
                ":3: 2024-01-01T00:00:00Z is not later than the row before it",
            ),
        ] {
            let text = told(&rows);
            assert!(text.contains(expected), "{rows}{text}");
            assert!(text.contains("signals/m_5m.csv"), "{text}");
        }
        let text = read("timestamp,signal,sd\n2024-01-01,long,1\n").unwrap_err().to_string();
        assert!(text.contains("there is no column 'confidence'"), "{text}");
        assert!(text.contains("there is no column 'model_version'"), "{text}");
    }
}
