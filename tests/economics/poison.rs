//! Files of market data, cut off at a moment or with noise on everything in them that becomes known at it or later.
//!
//! It works on the text of files by the names of folders and columns, so it knows nothing of how the program reads them.

use std::path::{Path, PathBuf};

use basis::config::Setup;
use basis::types::{Span, Timestamp};
use rust_decimal::Decimal;

use crate::no_future::Noise;
use crate::reference::text_of;

/// What becomes of what is known at a moment or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is not there.
    Cut,
    /// It is another.
    Poison,
}

/// The files that a run reads, as far as they matter over a range.
pub struct Shelf(Vec<File>);

struct File {
    /// Inside the folder, without `.gz`.
    path: PathBuf,
    /// What its rows are: `spot`, `funding` …
    folder: String,
    /// What a row tells of, from its stamp on.
    length: Span,
    head: String,
    rows: Vec<Row>,
}

struct Row {
    stamp: Timestamp,
    text: String,
}

/// A little more than what strategies and prices look back.
const BEFORE: Span = Span::from_hours(24 * 9);
const DAY: Span = Span::from_hours(24);
/// From the end of a period to its payment, where the file does not tell: `rewards.delay_days`.
const DELAY: Span = Span::from_hours(24 * 7);

impl Shelf {
    /// Every series of a setup, from a while before a range to its end.
    pub fn of(setup: &Setup, dir: &Path, range: [Timestamp; 2]) -> Self {
        let mut names: Vec<&String> = setup.series.iter().map(|spec| &spec.name).collect();
        names.sort();
        names.dedup();
        let intervals = [("_5m", Span::from_minutes(5)), ("_1h", Span::from_hours(1))];
        let no_longer = [("", Span::from_hours(1))];
        let file = |name: &String| {
            // Candles of the run's step, else longer ones; other series tell no interval.
            let fitting = intervals.into_iter().filter(|(_, length)| *length >= setup.step);
            let mut all = fitting.chain(no_longer);
            let found = all.find_map(|(interval, length)| {
                let path = format!("{name}{interval}.csv");
                let packed = dir.join(format!("{path}.gz"));
                packed.exists().then(|| File::read(path.into(), &packed, length, range))
            });
            found.unwrap_or_else(|| panic!("the sample lacks {name}"))
        };
        Self(names.into_iter().map(file).collect())
    }

    /// Writes the files into a folder, with a fate for what is known at a time or later.
    pub fn write(&self, dir: &Path, fate: Option<(Fate, Timestamp)>, seed: u64) {
        for (number, file) in self.0.iter().enumerate() {
            let path = dir.join(&file.path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
            let mut noise = Noise(seed.wrapping_mul(0x9e37).wrapping_add(number as u64));
            std::fs::write(&path, file.text(fate, &mut noise)).expect("it can be written");
        }
    }
}

impl File {
    fn read(path: PathBuf, packed: &Path, length: Span, [from, to]: [Timestamp; 2]) -> Self {
        let text = text_of(packed).unwrap_or_else(|error| panic!("{}: {error}", packed.display()));
        let (head, rest) = text.split_once('\n').expect("a header");
        let folder = path.iter().next().expect("a folder").to_string_lossy().into_owned();
        let rows = rest.lines().map(|line| {
            let stamp = line.split(',').next().expect("a stamp").parse().expect("a time");
            Row { stamp, text: line.to_owned() }
        });
        let is_all = folder == "rewards";
        let rows = rows.filter(|row| is_all || (from - BEFORE <= row.stamp && row.stamp <= to));
        Self { path, length, head: head.to_owned(), rows: rows.collect(), folder }
    }

    fn text(&self, fate: Option<(Fate, Timestamp)>, noise: &mut Noise) -> String {
        let mut text = format!("{}\n", self.head);
        let mut indices = [Decimal::ONE; 2];
        for row in &self.rows {
            match fate {
                Some((Fate::Cut, at)) if self.begins(row) >= at => break,
                Some((Fate::Poison, at)) => text += &self.poisoned(row, at, &mut indices, noise),
                _ => text += &row.text,
            }
            text.push('\n');
        }
        text
    }

    /// When a row first appears in a file that grows.
    fn begins(&self, row: &Row) -> Timestamp {
        if self.folder == "rewards" { self.known(row, "") } else { row.stamp }
    }

    /// When a cell of a row becomes known.
    fn known(&self, row: &Row, column: &str) -> Timestamp {
        match (self.folder.as_str(), column) {
            ("spot" | "perp", "open") => row.stamp,
            // Gas tells of the hour that begins with its stamp.
            ("spot" | "perp" | "signals" | "gas", _) => row.stamp + self.length,
            ("rewards", _) => {
                let day = |column: usize| -> Timestamp {
                    row.text.split(',').nth(column).expect("a day").parse().expect("a day")
                };
                let is_dated = self.head.starts_with("top_up_date");
                if is_dated { day(0) } else { day(1) + DAY + DELAY }
            }
            _ => row.stamp,
        }
    }

    /// The row with noise on each cell that is known at a time or later.
    fn poisoned(
        &self,
        row: &Row,
        at: Timestamp,
        indices: &mut [Decimal; 2],
        noise: &mut Noise,
    ) -> String {
        let mut cells: Vec<String> = row.text.split(',').map(str::to_owned).collect();
        let columns: Vec<&str> = self.head.split(',').collect();
        for (cell, column) in cells.iter_mut().zip(&columns) {
            let is_late = self.known(row, column) >= at;
            let index = ["liquidity_index", "variable_borrow_index"];
            if let Some(which) = index.iter().position(|name| name == column) {
                // An index never falls.
                let mut value = number(cell);
                if is_late {
                    let grown = Decimal::ONE + Decimal::new(noise.below(100) as i64, 4);
                    value = (value.max(indices[which]) * grown).round_dp(18);
                }
                indices[which] = value;
                *cell = value.to_string();
            } else if is_late && let Some(other) = twisted(column, cell, noise) {
                *cell = other;
            }
        }
        enclose(&columns, &mut cells);
        cells.join(",")
    }
}

fn number(cell: &str) -> Decimal {
    cell.parse().unwrap_or_else(|_| panic!("'{cell}' is no number"))
}

/// Another value for a cell; `None` for those that no run reads.
fn twisted(column: &str, cell: &str, noise: &mut Noise) -> Option<String> {
    const WORDS: [&str; 4] = ["long", "short", "neutral", "hold"];
    let by = |noise: &mut Noise, factor: Decimal| {
        let value = number(cell);
        Some((value * factor * noise.factor()).round_dp(value.scale().max(4)).to_string())
    };
    match column {
        "signal" => Some(WORDS[noise.below(4) as usize].to_owned()),
        "confidence" => Some(Decimal::new(50 + noise.below(50) as i64, 2).to_string()),
        // Now and then the other side pays, and more.
        "funding_rate" if noise.below(2) == 0 => by(noise, Decimal::from(-4)),
        "open"
        | "high"
        | "low"
        | "close"
        | "volume"
        | "funding_rate"
        | "gas_price_gwei"
        | "exchange_rate"
        | "rate"
        | "sd"
        | "liquidity_rate"
        | "variable_borrow_rate"
        | "total_supplied"
        | "total_variable_debt" => by(noise, Decimal::ONE),
        _ if column.ends_with("_per_eeth") => by(noise, Decimal::ONE),
        _ => None,
    }
}

/// Noise must not break a candle itself: its extremes enclose both of its ends.
fn enclose(columns: &[&str], cells: &mut [String]) {
    let place = |name: &str| columns.iter().position(|column| *column == name);
    let places = [place("open"), place("close"), place("high"), place("low")];
    let [Some(open), Some(close), Some(high), Some(low)] = places else { return };
    let [o, c, h, l] = [open, close, high, low].map(|place| number(&cells[place]));
    cells[high] = h.max(o).max(c).to_string();
    cells[low] = l.min(o).min(c).to_string();
}
