//! The rows of one file: found columns, stamps in order, numbers that can be; each fault with its line.

use std::io::Read;

use csv::ByteRecord;

use crate::config::{Fault, Faults};
use crate::types::{Code, Timestamp};

use super::super::number::Number;
use super::super::series::{CLOSE, COLUMNS_MAX, HIGH, Kind, LOW, OPEN, Series, VOLUME, reserve};
use super::super::stamps::BadStamp;
use super::{SeriesFile, Window};

/// Faults of one file that are told before the rest is only counted.
pub(super) const MAX_FAULTS: usize = 5;

/// The reading of one file.
pub(super) struct Rows<'a> {
    pub(super) file: &'a SeriesFile,
    pub(super) kind: Kind,
    pub(super) window: Window,
    pub(super) faults: Faults,
    pub(super) count: usize,
}

/// Which line of a file is read next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The names of its columns, which every file has.
    Head,
    /// A row, of which there may be no more.
    Row,
}

impl Rows<'_> {
    /// Reads the next line. `false`, and told where that is wrong, when there is none or it cannot be read.
    pub(super) fn next<R: Read>(
        &mut self,
        reader: &mut csv::Reader<R>,
        record: &mut ByteRecord,
        what: Line,
    ) -> bool {
        match reader.read_byte_record(record) {
            Ok(true) => true,
            Ok(false) => {
                if what == Line::Head {
                    self.tell(None, "the file is empty");
                }
                false
            }
            Err(error) => {
                let row = (what == Line::Row).then_some(&*record);
                self.tell(row, &error.to_string());
                false
            }
        }
    }

    pub(super) fn read<R: Read>(&mut self, reader: &mut csv::Reader<R>) -> Series {
        let mut series = Series::new(self.kind);
        let mut record = ByteRecord::new();
        if !self.next(reader, &mut record, Line::Head) {
            return series;
        }
        let Some(columns) = self.columns(&record) else { return series };
        let width = record.len();
        let mut skipped: Option<(Timestamp, ByteRecord)> = None;
        while self.next(reader, &mut record, Line::Row) {
            let Some(at) = self.stamp(&record, width) else { continue };
            if at > self.window.to {
                break;
            }
            if at < self.window.from {
                // Of what lies before the window the last row is kept; the order is checked throughout.
                match &mut skipped {
                    Some((before, _)) if *before >= at => self.tell_order(&record),
                    Some((before, kept)) => {
                        *before = at;
                        kept.clone_from(&record);
                    }
                    None => skipped = Some((at, record.clone())),
                }
                continue;
            }
            if let Some((before, kept)) = skipped.take() {
                self.push(&mut series, before, &kept, &columns);
            }
            self.push(&mut series, at, &record, &columns);
        }
        if let Some((before, kept)) = skipped {
            self.push(&mut series, before, &kept, &columns);
        }
        series.shrink();
        series
    }

    /// Where the kind's columns stand; `None` with a fault when one is missing.
    fn columns(&mut self, header: &ByteRecord) -> Option<Vec<usize>> {
        if header.get(0) != Some(b"timestamp") {
            self.tell(None, "the first column must be 'timestamp'");
            return None;
        }
        let mut columns = Vec::with_capacity(self.kind.columns().len());
        for name in self.kind.columns() {
            match header.iter().position(|field| field == name.as_bytes()) {
                Some(column) => columns.push(column),
                None => self.tell(None, &format!("there is no column '{name}'")),
            }
        }
        (columns.len() == self.kind.columns().len()).then_some(columns)
    }

    pub(super) fn stamp(&mut self, record: &ByteRecord, width: usize) -> Option<Timestamp> {
        if record.len() != width {
            let words = format!("the row has {} fields, the header {width}", record.len());
            self.tell(Some(record), &words);
            return None;
        }
        let field = record.get(0).unwrap_or_default();
        let Some(at) = Timestamp::parse(field) else {
            let text = String::from_utf8_lossy(field);
            self.tell(
                Some(record),
                &format!("'{text}' is not a UTC time such as 2024-06-01T00:00:00Z"),
            );
            return None;
        };
        if let Some(grid) = self.window.grid.filter(|grid| at.ms() % grid.ms() != 0) {
            let minutes = grid.ms() / 60_000;
            self.tell(Some(record), &format!("{at} is not on the grid of {minutes} minutes"));
            return None;
        }
        Some(at)
    }

    fn push(&mut self, series: &mut Series, at: Timestamp, record: &ByteRecord, columns: &[usize]) {
        let mut numbers = [Number::Small { mantissa: 0, scale: 0 }; COLUMNS_MAX];
        for (index, &column) in columns.iter().enumerate() {
            let field = record.get(column).unwrap_or_default();
            match Number::parse(field.trim_ascii()) {
                Some(number) => numbers[index] = number,
                None => {
                    let (text, name) = (String::from_utf8_lossy(field), self.kind.columns()[index]);
                    let words = format!("{name} is '{text}', which is no exact decimal number");
                    return self.tell(Some(record), &words);
                }
            }
        }
        let numbers = &numbers[..columns.len()];
        if let Some(words) = impossible(self.kind, numbers) {
            // With one column there is no doubt about which number is meant.
            let words = match self.kind.columns() {
                [name] => format!("{name} is {}; {words}", numbers[0].decimal()),
                _ => words.to_owned(),
            };
            return self.tell(Some(record), &words);
        }
        if let Some(words) = fallen(self.kind, series, numbers) {
            return self.tell(Some(record), &words);
        }
        match series.push(at, numbers) {
            Ok(()) => {}
            Err(BadStamp::NotAscending) => self.tell_order(record),
            Err(BadStamp::OutOfRange) => {
                self.tell(Some(record), "the stamp is no whole second between 1970 and 2106");
            }
        }
    }

    /// Tells what is wrong with a row, or with the first line.
    pub(super) fn tell(&mut self, row: Option<&ByteRecord>, sentence: &str) {
        self.count += 1;
        if self.count <= MAX_FAULTS {
            let line = row.map_or(1, |row| self.file.line_of(row));
            self.faults.push(self.file.fault(&line.to_string(), sentence));
        }
    }

    pub(super) fn tell_order(&mut self, record: &ByteRecord) {
        self.count += 1;
        if self.count <= MAX_FAULTS {
            let stamp = String::from_utf8_lossy(record.get(0).unwrap_or_default()).into_owned();
            let sentence = format!("{stamp} is not later than the row before it");
            let place = format!("{}:{}", self.file.name, self.file.line_of(record));
            self.faults.push(Fault::new(Code::Data004, sentence).at(place));
        }
    }
}

/// Powers of ten beyond which a price, a volume, a gas price in gwei is a fault of the file, and products would overflow.
const PRICE_EXPONENT_MAX: u32 = 12;
const VOLUME_EXPONENT_MAX: u32 = 15;
const GAS_EXPONENT_MAX: u32 = 9;

/// Below 1e-9.
fn is_dust(price: Number) -> bool {
    !Number::Small { mantissa: 1, scale: 9 }.is_at_most(price)
}

/// Why numbers cannot be what they claim to be.
fn impossible(kind: Kind, numbers: &[Number]) -> Option<&'static str> {
    match kind {
        Kind::Candles => {
            let [open, close, high, low, volume] =
                [OPEN, CLOSE, HIGH, LOW, VOLUME].map(|c| numbers[c]);
            let is_inside = |price: Number| low.is_at_most(price) && price.is_at_most(high);
            if !low.is_positive() {
                Some("a price must be above 0")
            } else if is_dust(low) || !high.is_within(PRICE_EXPONENT_MAX) {
                Some("a price must lie between 1e-9 and 1e12")
            } else if !volume.is_within(VOLUME_EXPONENT_MAX) {
                Some("a volume beyond 1e15 cannot be")
            } else if !is_inside(open) || !is_inside(close) {
                Some("open and close must lie between low and high")
            } else if volume.is_negative() {
                Some("a volume cannot be below 0")
            } else {
                None
            }
        }
        Kind::Prices if !numbers.iter().all(|number| number.is_positive()) => {
            Some("a price must be above 0")
        }
        Kind::Gas if numbers[0].is_negative() => Some("a gas price cannot be below 0"),
        Kind::Gas if !numbers[0].is_within(GAS_EXPONENT_MAX) => {
            Some("a gas price beyond 1e9 gwei cannot be")
        }
        Kind::Funding if !numbers[0].is_within(0) => {
            Some("a payment of more than the whole notional cannot be; a rate is a fraction")
        }
        Kind::Rate | Kind::MarketRate => not_a_rate(numbers[0]),
        Kind::Reserve => {
            use reserve::{BORROW_INDEX, BORROW_RATE, BORROWED, LIQUIDITY_INDEX, LIQUIDITY_RATE};
            let is_index = |column: usize| {
                Number::Small { mantissa: 1, scale: 0 }.is_at_most(numbers[column])
                    && numbers[column].is_within(RATE_EXPONENT_MAX)
            };
            let is_rate = |column: usize| {
                !numbers[column].is_negative() && numbers[column].is_within(RATE_EXPONENT_MAX)
            };
            let is_total = |column: usize| {
                !numbers[column].is_negative() && numbers[column].is_within(VOLUME_EXPONENT_MAX)
            };
            if !is_index(LIQUIDITY_INDEX) || !is_index(BORROW_INDEX) {
                Some("an index must lie between 1 and 1000")
            } else if !is_rate(LIQUIDITY_RATE) || !is_rate(BORROW_RATE) {
                Some("a rate must lie between 0 and 1000 a year")
            } else if !is_total(reserve::SUPPLIED) || !is_total(BORROWED) {
                Some("a total must lie between 0 and 1e15 tokens")
            } else {
                None
            }
        }
        _ => None,
    }
}

/// An index only grows: what falls is not one, or of another contract.
fn fallen(kind: Kind, before: &Series, numbers: &[Number]) -> Option<String> {
    let last = before.len().checked_sub(1).filter(|_| kind == Kind::Reserve)?;
    [reserve::LIQUIDITY_INDEX, reserve::BORROW_INDEX].into_iter().find_map(|column| {
        let (was, is) = (before.number(column, last), numbers[column].decimal());
        let name = kind.columns()[column];
        (is < was).then(|| format!("{name} falls from {was} to {is}; an index never falls"))
    })
}

/// The largest power of ten of an index, a rate a year, a staking token's rate.
const RATE_EXPONENT_MAX: u32 = 3;

fn not_a_rate(rate: Number) -> Option<&'static str> {
    let is_rate = rate.is_positive() && !is_dust(rate) && rate.is_within(RATE_EXPONENT_MAX);
    (!is_rate).then_some("a rate must lie between 1e-9 and 1000")
}
