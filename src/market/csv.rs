//! Files of series: `spot/binance_BTCUSDT_1h.csv` and its like, plain or gzipped.
//!
//! Reads only the columns and rows that a run uses, tells every unreadable row with its line, and hashes the whole file on the
//! way. Decimal numbers never pass through binary floating point.

mod distributions;
mod rows;
mod signals;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};
use flate2::read::MultiGzDecoder;

use crate::config::{Fault, Faults};
use crate::types::{Code, Span, Timestamp};

use super::series::{Kind, Series};
use super::source::Source;
use distributions::Table;
use rows::{MAX_FAULTS, Rows};

/// A series' file in a data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeriesFile {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its path inside the folder.
    pub(super) name: String,
}

/// Which rows are kept, and what else is asked of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Rows stamped before this are only checked for their order. The last of them is kept, too.
    pub(super) from: Timestamp,
    /// Rows stamped after this are not read.
    pub(super) to: Timestamp,
    /// The grid on which stamps must lie, for candles and signals.
    pub(super) grid: Option<Span>,
}

impl Window {
    /// All rows.
    pub(super) const fn all(grid: Option<Span>) -> Self {
        Self { from: Timestamp::from_ms(i64::MIN), to: Timestamp::from_ms(i64::MAX), grid }
    }
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct Contents {
    /// Its rows inside the window.
    pub(super) series: Series,
    /// Size of the file as it lies on disk.
    pub(super) bytes: u64,
    /// SHA-256 of the file as it lies on disk, hex.
    pub(super) sha256: String,
}

impl SeriesFile {
    /// The file of a series: candles and signals carry their interval in the name, others do not.
    pub(super) fn find(dir: &Path, series: &str, interval: &str) -> Option<Self> {
        let stem =
            if is_of_bars(series) { format!("{series}_{interval}") } else { series.to_owned() };
        ["csv", "csv.gz"].into_iter().find_map(|extension| {
            let name = format!("{stem}.{extension}");
            let path = dir.join(&name);
            path.is_file().then_some(Self { path, name })
        })
    }

    /// Whether the file's first column is time.
    pub(super) fn is_series(&self) -> bool {
        self.head_and_tail().is_ok_and(|(head, _)| head.starts_with(b"timestamp,"))
    }

    /// Whether it is a table of what was handed out to holders of a staking token.
    pub(super) fn is_distributions(&self) -> bool {
        let first =
            |head: Vec<u8>| String::from_utf8_lossy(&head).lines().next().map(str::to_owned);
        let head = self.head_and_tail().ok().and_then(|(head, _)| first(head));
        head.is_some_and(|line| distributions::is_header(&line))
    }

    /// The stamps of the first and the last row, found without reading what is between.
    pub(super) fn ends(&self) -> Result<(Timestamp, Timestamp), Fault> {
        let (head, tail) = self.head_and_tail().map_err(|error| self.unreadable(&error))?;
        let first = head.split(|&byte| byte == b'\n').nth(1).and_then(stamp_of);
        let last = tail.split(|&byte| byte == b'\n').rfind(|line| !line.trim_ascii().is_empty());
        match (first, last.and_then(stamp_of)) {
            (Some(first), Some(last)) if first > last => {
                let sentence = format!("the first row is of {first}, the last of {last}");
                Err(Fault::new(Code::Data004, sentence).at(&self.name).suggest("sort it by time"))
            }
            (Some(first), Some(last)) => Ok((first, last)),
            (None, _) if head.trim_ascii().is_empty() => Err(self.fault("1", "the file is empty")),
            (None, _) if !head.starts_with(b"timestamp") => {
                Err(self.fault("1", "the first line must be a header that begins with 'timestamp'"))
            }
            (None, _) if head.trim_ascii_end().iter().all(|&byte| byte != b'\n') => {
                Err(self.fault("1", "there is a header and no row"))
            }
            (None, _) => Err(self.fault("2", &no_time(head.split(|&byte| byte == b'\n').nth(1)))),
            (_, None) => Err(self.fault("last row", &no_time(last))),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// DATA-003 for rows that cannot be read, DATA-004 for rows out of order, at most a handful and then their number.
    pub(super) fn read(&self, kind: Kind, window: Window) -> Result<Contents, Faults> {
        self.alone()?;
        let source = Source::open(&self.path).map_err(|error| self.unreadable(&error))?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(source);
        let (series, mut faults, count) = match kind {
            Kind::Distributions => {
                let mut table = Table { file: self, faults: Faults::default(), count: 0 };
                (table.read(&mut reader), table.faults, table.count)
            }
            _ => {
                let faults = Faults::default();
                let mut rows = Rows { file: self, kind, window, faults, count: 0 };
                let series = match kind {
                    Kind::Signal => rows.read_signals(&mut reader),
                    _ => rows.read(&mut reader),
                };
                (series, rows.faults, rows.count)
            }
        };
        if count > MAX_FAULTS {
            let sentence = format!("{} more rows cannot be used", count - MAX_FAULTS);
            faults.push(Fault::new(Code::Data003, sentence).at(&self.name));
        }
        faults.check()?;
        let (bytes, sha256) =
            reader.into_inner().finish().map_err(|error| self.unreadable(&error))?;
        Ok(Contents { series, bytes, sha256 })
    }

    /// A series is one file: of `x.csv` and `x.csv.gz` nobody knows which one is meant.
    fn alone(&self) -> Result<(), Fault> {
        let twin = match self.name.strip_suffix(".gz") {
            Some(plain) => plain.to_owned(),
            None => format!("{}.gz", self.name),
        };
        let file = twin.rsplit('/').next().unwrap_or_default();
        if !self.path.with_file_name(file).is_file() {
            return Ok(());
        }
        let fault = Fault::new(Code::Data003, format!("{twin} is the same series"));
        Err(fault.at(&self.name).suggest("keep one of the two"))
    }

    fn head_and_tail(&self) -> io::Result<(Vec<u8>, Vec<u8>)> {
        if self.name.ends_with(".gz") {
            let mut text = Vec::new();
            MultiGzDecoder::new(File::open(&self.path)?).read_to_end(&mut text)?;
            return Ok((text.clone(), text));
        }
        let mut file = BufReader::new(File::open(&self.path)?);
        let mut head = Vec::new();
        file.read_until(b'\n', &mut head)?;
        file.read_until(b'\n', &mut head)?;
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        Ok((head, tail))
    }

    /// The line at which a row begins, the first being 1. It is counted in the file again: a reader of CSV counts the ends of
    /// lines when it comes past them, where some end in CR LF and others in LF too early or too late.
    fn line_of(&self, row: &ByteRecord) -> u64 {
        let begin = row.position().map_or(0, csv::Position::byte);
        let Ok(source) = Source::open(&self.path) else { return 0 };
        let (mut ends, mut at) = (0, 0);
        for byte in BufReader::new(source).bytes().map_while(Result::ok) {
            // A reader may stand before the end of the line above, or before empty lines.
            if at >= begin && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            ends += u64::from(byte == b'\n');
            at += 1;
        }
        ends + 1
    }

    fn unreadable(&self, error: &io::Error) -> Fault {
        Fault::new(Code::Data003, format!("the file cannot be read: {error}")).at(&self.name)
    }

    fn fault(&self, line: &str, sentence: &str) -> Fault {
        Fault::new(Code::Data003, sentence).at(format!("{}:{line}", self.name))
    }
}

/// Whether a series has a row a bar, by its folder.
pub(super) fn is_of_bars(series: &str) -> bool {
    ["spot/", "perp/", SIGNALS].iter().any(|folder| series.starts_with(folder))
}

/// The folder of signals.
pub(super) const SIGNALS: &str = "signals/";

/// What is said of a row that begins with no time.
fn no_time(line: Option<&[u8]>) -> String {
    let field = line.unwrap_or_default().split(|&byte| byte == b',').next().unwrap_or_default();
    let text: String = String::from_utf8_lossy(field).trim().chars().take(40).collect();
    format!("'{text}' is not a UTC time such as 2024-06-01T00:00:00Z")
}

fn stamp_of(line: &[u8]) -> Option<Timestamp> {
    Timestamp::parse(line.split(|&byte| byte == b',').next()?.trim_ascii())
}

#[cfg(test)]
mod tests;
