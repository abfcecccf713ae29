//! Files read well and badly: columns, windows, hashes, and what is told of each fault.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::*;
use crate::market::series::{CLOSE, HIGH, LOW, OPEN, RATE, VOLUME};

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
    let text = "timestamp,block,volume,close,low,high,open\n2024-01-01T00:00:00Z,n/a,1,2,1,4,3\n";
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
            "close is '', which is no exact decimal number",
        ),
        (
            format!("{HEAD}2024-01-01T00:00:00Z,10,79228162514264337593543950335,9,10,3\n"),
            ":2",
            Code::Data003,
            "a price must lie between 1e-9 and 1e12",
        ),
        (
            format!("{HEAD}2024-01-01T00:00:00Z,10,11,0.0000000001,10,3\n"),
            ":2",
            Code::Data003,
            "a price must lie between 1e-9 and 1e12",
        ),
        (
            format!("{HEAD}2024-01-01T00:00:00Z,10,11,9,10,1000000000000001\n"),
            ":2",
            Code::Data003,
            "a volume beyond 1e15 cannot be",
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

#[test]
fn a_line_is_the_same_however_the_lines_before_it_end() {
    let bad = "2024-01-01T02:00:00Z,10,11,9,much,1";
    let rows: Vec<&str> = ROWS.lines().take(2).collect();
    let head = HEAD.trim_end();
    for (text, line) in [
        (format!("{head}\n{}\n{}\n{bad}\n", rows[0], rows[1]), 4),
        (format!("{head}\r\n{}\r\n{}\r\n{bad}\r\n", rows[0], rows[1]), 4),
        (format!("{head}\n{}\r\n{}\n{bad}\n", rows[0], rows[1]), 4),
        (format!("{head}\r\n{}\n{}\r\n{bad}\n", rows[0], rows[1]), 4),
        (format!("{head}\r\n{}\n{}\n{bad}\r\n", rows[0], rows[1]), 4),
        (format!("{head}\n{}\n\n\r\n{}\r\n\r\n{bad}", rows[0], rows[1]), 7),
    ] {
        let told = read(&text, Window::all(None)).unwrap_err().to_string();
        let place = format!("spot/x_BTCUSDT_1h.csv:{line}: close is 'much'");
        assert!(told.contains(&place), "{text:?}: {told}");
    }
}
