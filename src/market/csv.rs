//! Files of series: `spot/binance_BTCUSDT_1h.csv` and its like, plain or gzipped.
//!
//! Reads only the columns and rows that a run uses, tells every unreadable row with its line, and hashes the whole file on the
//! way. Decimal numbers never pass through binary floating point.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};
use flate2::read::MultiGzDecoder;

use crate::config::{Fault, Faults};
use crate::types::{Code, Span, Timestamp};

use super::number::Number;
use super::series::{CLOSE, HIGH, Kind, LOW, OPEN, Series, VOLUME};
use super::source::Source;
use super::stamps::BadStamp;

/// Faults of one file that are told before the rest is only counted.
const MAX_FAULTS: usize = 5;

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
    /// The grid on which stamps must lie, for candles.
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
    /// The file of a series: candles carry their interval in the name, others do not.
    pub(super) fn find(dir: &Path, series: &str, interval: &str) -> Option<Self> {
        let stem =
            if is_candles(series) { format!("{series}_{interval}") } else { series.to_owned() };
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
            (None, _) => Err(self.fault("2", "the first row does not begin with a UTC time")),
            (_, None) => Err(self.fault("last row", "it does not begin with a UTC time")),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// DATA-003 for rows that cannot be read, DATA-004 for rows out of order, at most a handful and then their number.
    pub(super) fn read(&self, kind: Kind, window: Window) -> Result<Contents, Faults> {
        let source = Source::open(&self.path).map_err(|error| self.unreadable(&error))?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(source);
        let mut rows = Rows { file: self, kind, window, faults: Faults::default(), count: 0 };
        let series = rows.read(&mut reader);
        if rows.count > MAX_FAULTS {
            let sentence = format!("{} more rows cannot be used", rows.count - MAX_FAULTS);
            rows.faults.push(Fault::new(Code::Data003, sentence).at(&self.name));
        }
        rows.faults.check()?;
        let (bytes, sha256) =
            reader.into_inner().finish().map_err(|error| self.unreadable(&error))?;
        Ok(Contents { series, bytes, sha256 })
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

    fn unreadable(&self, error: &io::Error) -> Fault {
        Fault::new(Code::Data003, format!("the file cannot be read: {error}")).at(&self.name)
    }

    fn fault(&self, line: &str, sentence: &str) -> Fault {
        Fault::new(Code::Data003, sentence).at(format!("{}:{line}", self.name))
    }
}

/// Whether a series is made of candles, by its folder.
pub(super) fn is_candles(series: &str) -> bool {
    series.starts_with("spot/") || series.starts_with("perp/")
}

fn stamp_of(line: &[u8]) -> Option<Timestamp> {
    Timestamp::parse(line.split(|&byte| byte == b',').next()?.trim_ascii())
}

/// The reading of one file.
struct Rows<'a> {
    file: &'a SeriesFile,
    kind: Kind,
    window: Window,
    faults: Faults,
    count: usize,
}

impl Rows<'_> {
    fn read<R: Read>(&mut self, reader: &mut csv::Reader<R>) -> Series {
        let mut series = Series::new(self.kind);
        let mut record = ByteRecord::new();
        let columns = match reader.read_byte_record(&mut record) {
            Ok(true) => self.columns(&record),
            Ok(false) => {
                self.tell(1, "the file is empty");
                None
            }
            Err(error) => {
                self.tell(1, &error.to_string());
                None
            }
        };
        let Some(columns) = columns else { return series };
        let width = record.len();
        let mut skipped: Option<(Timestamp, ByteRecord)> = None;
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.tell(line(&record), &error.to_string());
                    break;
                }
            }
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
            self.tell(1, "the first column must be 'timestamp'");
            return None;
        }
        let mut columns = Vec::with_capacity(self.kind.columns().len());
        for name in self.kind.columns() {
            match header.iter().position(|field| field == name.as_bytes()) {
                Some(column) => columns.push(column),
                None => self.tell(1, &format!("there is no column '{name}'")),
            }
        }
        (columns.len() == self.kind.columns().len()).then_some(columns)
    }

    fn stamp(&mut self, record: &ByteRecord, width: usize) -> Option<Timestamp> {
        if record.len() != width {
            let words = format!("the row has {} fields, the header {width}", record.len());
            self.tell(line(record), &words);
            return None;
        }
        let field = record.get(0).unwrap_or_default();
        let Some(at) = Timestamp::parse(field) else {
            let text = String::from_utf8_lossy(field);
            self.tell(
                line(record),
                &format!("'{text}' is not a UTC time such as 2024-06-01T00:00:00Z"),
            );
            return None;
        };
        if let Some(grid) = self.window.grid.filter(|grid| at.ms() % grid.ms() != 0) {
            let minutes = grid.ms() / 60_000;
            self.tell(line(record), &format!("{at} is not on the grid of {minutes} minutes"));
            return None;
        }
        Some(at)
    }

    fn push(&mut self, series: &mut Series, at: Timestamp, record: &ByteRecord, columns: &[usize]) {
        let mut numbers = [Number::Small { mantissa: 0, scale: 0 }; 5];
        for (index, &column) in columns.iter().enumerate() {
            let field = record.get(column).unwrap_or_default();
            match Number::parse(field.trim_ascii()) {
                Some(number) => numbers[index] = number,
                None => {
                    let (text, name) = (String::from_utf8_lossy(field), self.kind.columns()[index]);
                    let words = format!("{name} is '{text}', which is no exact decimal number");
                    return self.tell(line(record), &words);
                }
            }
        }
        let numbers = &numbers[..columns.len()];
        if let Some(words) = impossible(self.kind, numbers) {
            return self.tell(line(record), words);
        }
        match series.push(at, numbers) {
            Ok(()) => {}
            Err(BadStamp::NotAscending) => self.tell_order(record),
            Err(BadStamp::OutOfRange) => {
                self.tell(line(record), "the stamp is no whole second between 1970 and 2106");
            }
        }
    }

    fn tell(&mut self, line: u64, sentence: &str) {
        self.count += 1;
        if self.count <= MAX_FAULTS {
            self.faults.push(self.file.fault(&line.to_string(), sentence));
        }
    }

    fn tell_order(&mut self, record: &ByteRecord) {
        self.count += 1;
        if self.count <= MAX_FAULTS {
            let stamp = String::from_utf8_lossy(record.get(0).unwrap_or_default()).into_owned();
            let sentence = format!("{stamp} is not later than the row before it");
            let place = format!("{}:{}", self.file.name, line(record));
            self.faults.push(Fault::new(Code::Data004, sentence).at(place));
        }
    }
}

fn line(record: &ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
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
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;
    use crate::market::series::RATE;

    const HEAD: &str = "timestamp,open,high,low,close,volume\n";
    const ROWS: &str = "2024-01-01T00:00:00Z,10.50,11,9,10,3\n2024-01-01T01:00:00Z,10,11.25,9,10,0\n\
        2024-01-01T02:00:00Z,10,11,9,10.125,5e-06\n";

    fn written(name: &str, text: &[u8]) -> (tempfile::TempDir, SeriesFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        let file = SeriesFile::find(folder.path(), "spot/x_BTCUSDT", "1h").unwrap();
        (folder, file)
    }

    fn read(text: &str, window: Window) -> Result<Contents, Faults> {
        let (_folder, file) = written("spot/x_BTCUSDT_1h.csv", text.as_bytes());
        file.read(Kind::Candles, window)
    }

    fn hours(from: &str, to: &str) -> Window {
        let grid = Some(Span::from_hours(1));
        Window { from: from.parse().unwrap(), to: to.parse().unwrap(), grid }
    }

    #[test]
    fn plain_and_gzipped_files_read_alike() {
        let text = format!("{HEAD}{ROWS}");
        let plain = read(&text, Window::all(None)).unwrap();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        let packed = encoder.finish().unwrap();
        let (_folder, file) = written("spot/x_BTCUSDT_1h.csv.gz", &packed);
        let gzipped = file.read(Kind::Candles, Window::all(None)).unwrap();
        assert!(plain.series == gzipped.series);
        assert_eq!(file.ends().unwrap(), plain.series.ends().unwrap());
        assert_eq!((plain.bytes, gzipped.bytes), (text.len() as u64, packed.len() as u64));
        assert_ne!(plain.sha256, gzipped.sha256, "the hash is of the file as it lies on disk");
        assert_eq!(plain.series.number(VOLUME, 2).to_string(), "0.000005");
        assert_eq!(plain.series.number(OPEN, 0).to_string(), "10.5");
        assert_eq!(plain.series.number(HIGH, 1).to_string(), "11.25");
    }

    #[test]
    fn the_hash_is_of_the_whole_file_whatever_the_window() {
        let text = format!("{HEAD}{ROWS}");
        let all = read(&text, Window::all(None)).unwrap();
        let one = read(&text, hours("2024-01-01T00:00Z", "2024-01-01T00:00Z")).unwrap();
        assert_eq!((one.series.len(), &one.sha256), (1, &all.sha256));
        let tail = read(&text, hours("2024-01-01T02:00Z", "2024-01-01T09:00Z")).unwrap();
        assert_eq!(tail.series.len(), 2, "the row before the window is kept");
        let late = read(&text, hours("2024-01-02T02:00Z", "2024-01-03T09:00Z")).unwrap();
        assert_eq!(late.series.len(), 1);
    }

    #[test]
    fn columns_are_found_by_name_and_others_are_not_read() {
        let text =
            "timestamp,block,volume,close,low,high,open\n2024-01-01T00:00:00Z,n/a,1,2,1,4,3\n";
        let series = read(text, Window::all(None)).unwrap().series;
        let row: Vec<String> = [OPEN, CLOSE, HIGH, LOW, VOLUME]
            .map(|column| series.number(column, 0).to_string())
            .to_vec();
        assert_eq!(row, ["3", "2", "4", "1", "1"]);
        let (_folder, file) =
            written("spot/x_BTCUSDT_1h.csv", b"timestamp,funding_rate\n2024-01-01,-1e-4\n");
        let funding = file.read(Kind::Funding, Window::all(None)).unwrap().series;
        assert_eq!(funding.number(RATE, 0).to_string(), "-0.0001");
    }

    #[test]
    fn what_is_wrong_is_told_with_file_line_and_code() {
        let row = "2024-01-01T00:00:00Z,10,11,9,10,3\n";
        for (text, place, code, words) in [
            ("".to_owned(), ":1", Code::Data003, "empty"),
            ("time,open\n".to_owned(), ":1", Code::Data003, "must be 'timestamp'"),
            (
                format!("timestamp,open,high,low,close\n{row}"),
                ":1",
                Code::Data003,
                "no column 'volume'",
            ),
            (
                format!("{HEAD}{row}2024-01-01T01:00:00Z,10,11,9\n"),
                ":3",
                Code::Data003,
                "has 4 fields, the header 6",
            ),
            (
                format!("{HEAD}2024-01-01T00:00:00Z,ten,11,9,10,3\n"),
                ":2",
                Code::Data003,
                "open is 'ten', which is no exact decimal number",
            ),
            (
                format!("{HEAD}2024-01-01T00:00:00Z,10,11,9,,3\n"),
                ":2",
                Code::Data003,
                "close is '', which is no exact",
            ),
            (format!("{HEAD}01/01/2024,10,11,9,10,3\n"), ":2", Code::Data003, "is not a UTC time"),
            (
                format!("{HEAD}2024-01-01T00:30:00Z,10,11,9,10,3\n"),
                ":2",
                Code::Data003,
                "not on the grid of 60",
            ),
            (format!("{HEAD}2024-01-01T00:00:00Z,0,11,0,10,3\n"), ":2", Code::Data003, "above 0"),
            (
                format!("{HEAD}2024-01-01T00:00:00Z,12,11,9,10,3\n"),
                ":2",
                Code::Data003,
                "between low and high",
            ),
            (format!("{HEAD}2024-01-01T00:00:00Z,10,11,9,10,-3\n"), ":2", Code::Data003, "below 0"),
            (format!("{HEAD}{row}{row}"), ":3", Code::Data004, "not later"),
            (
                format!("{HEAD}2024-01-01T05:00:00Z,10,11,9,10,3\n{row}"),
                ":3",
                Code::Data004,
                "not later",
            ),
        ] {
            let faults = read(&text, hours("2024-01-01", "2024-02-01")).unwrap_err();
            let fault = faults.iter().next().unwrap();
            assert_eq!(fault.code, code, "{faults}");
            assert_eq!(
                fault.place.as_deref(),
                Some(&*format!("spot/x_BTCUSDT_1h.csv{place}")),
                "{faults}"
            );
            assert!(fault.sentence.contains(words), "{faults}");
        }
    }

    #[test]
    fn rows_out_of_order_before_the_window_are_told_too() {
        let text =
            format!("{HEAD}2023-01-02T00:00:00Z,1,1,1,1,1\n2023-01-01T00:00:00Z,1,1,1,1,1\n{ROWS}");
        let faults = read(&text, hours("2024-01-01", "2024-02-01")).unwrap_err();
        assert_eq!(faults.iter().next().unwrap().code, Code::Data004);
    }

    #[test]
    fn many_bad_rows_are_told_by_a_few_and_their_number() {
        let text = format!("{HEAD}{}", "x,1,1,1,1,1\n".repeat(100));
        let faults = read(&text, Window::all(None)).unwrap_err();
        assert_eq!(faults.iter().count(), MAX_FAULTS + 1);
        assert!(faults.to_string().ends_with("95 more rows cannot be used"), "{faults}");
    }
}
