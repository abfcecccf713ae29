//! Files of signals as strangers bring them: each that cannot be used is refused in words, with file and line; gaps are told and
//! lead to no trade.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output};

use flate2::read::GzDecoder;

const MODE: &str = "ml_btc_directional_usdt_margin";
const FILES: [&str; 5] = [
    "spot/binance_BTCUSDT_5m.csv.gz",
    "perp/binance_BTCUSDT_5m.csv.gz",
    "funding/binance_BTCUSDT.csv.gz",
    "spot/bybit_ETHUSDT_1h.csv.gz",
    "gas/ethereum_gas.csv.gz",
];
const SIGNALS: &str = "signals/binance_BTCUSDT_5m.csv";

/// The sample's signals from the first of March on, as lines.
fn lines() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("data/{SIGNALS}.gz"));
    let packed = std::fs::File::open(path).expect("the sample has signals");
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).expect("they are text");
    text.lines().map(str::to_owned).collect()
}

/// A run of a day over the sample with these signals, or none.
fn run(signals: Option<&[String]>, more: &[&str]) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (root, data) = (Path::new(env!("CARGO_MANIFEST_DIR")), folder.path().join("data"));
    for file in FILES {
        let to = data.join(file);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("it can be made");
        std::fs::copy(root.join("data").join(file), to).expect("it can be copied");
    }
    if let Some(lines) = signals {
        std::fs::create_dir_all(data.join("signals")).expect("it can be made");
        std::fs::write(data.join(SIGNALS), lines.join("\n") + "\n").expect("it can be written");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_basis"));
    command.current_dir(root).args(["run", MODE, "--from", "2025-03-02", "--to", "2025-03-03"]);
    command.args(["--format", "json", "--events", "none"]).env_remove("BASIS_ML_API_TOKEN");
    command.arg("--data").arg(&data).arg("--out").arg(folder.path().join("out")).args(more);
    (command.output().expect("the program runs"), folder)
}

fn refused(signals: Option<&[String]>, more: &[&str], told: &[&str]) {
    let (output, folder) = run(signals, more);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    for words in told {
        assert!(stderr.contains(words), "'{words}' is not in\n{stderr}");
    }
    assert!(!folder.path().join("out/results").exists(), "a refused run leaves no results");
}

#[test]
fn a_signal_that_cannot_be_is_told_with_its_line() {
    let good = lines();
    // The row of 12:00 on the second of March, which is line 434.
    let line =
        good.iter().position(|row| row.starts_with("2025-03-02T12:00")).expect("it is there");
    let place = format!("{SIGNALS}:{}", line + 1);
    for (from, to, told) in [
        ("sample-1", "", "a name of 1 to 48 bytes is expected"),
        ("T12:00:00Z,", "T12:00:00Z,very ", "it is long, short, neutral or hold"),
        ("T12:00:00Z", "T12:02:00Z", "is not on the grid of 5 minutes"),
        ("T12:00:00Z", "T11:55:00Z", "is not later than the row before it"),
        ("2025-03-02", "2. 3. 2025", "is not a UTC time"),
    ] {
        let mut rows = good.clone();
        rows[line] = rows[line].replacen(from, to, 1);
        refused(Some(&rows), &[], &[&place, told]);
        // The same with the line ends of Windows.
        let rows: Vec<String> = rows.iter().map(|row| format!("{row}\r")).collect();
        refused(Some(&rows), &[], &[&place, told]);
    }
    let mut early: Vec<String> = good.iter().map(|row| format!("{row},")).collect();
    early[0] = format!("{},known_at", good[0]);
    early[line].push_str("2025-03-02T12:04:59Z");
    let told = "known_at 2025-03-02T12:04:59Z is before the bar's close, 2025-03-02T12:05:00Z: that is look-ahead";
    refused(Some(&early), &[], &[&place, told]);
}

#[test]
fn signals_that_are_absent_or_too_short_are_refused() {
    refused(None, &[], &["signals/binance_BTCUSDT: there is no such series"]);
    let short = &lines()[..500];
    refused(Some(short), &[], &["the run needs 2025-03-02T00:00:00Z to 2025-03-03T00:00:00Z"]);
}

#[test]
fn a_file_that_begins_or_ends_with_no_time_is_told_with_what_was_read() {
    let mut rows = lines();
    rows[1] = rows[1].replacen("2025-", "1. 3. 2025 ", 1);
    let first = rows[1].split(',').next().expect("a field").to_owned();
    refused(Some(&rows), &[], &[&format!("{SIGNALS}:2"), &format!("'{first}' is not a UTC time")]);
    let mut rows = lines();
    let last = rows.len() - 1;
    rows[last] = format!("1743465600000,{}", rows[last].split_once(',').expect("fields").1);
    refused(Some(&rows), &[], &[&format!("{SIGNALS}:last row"), "'1743465600000' is not a UTC"]);
}

#[test]
fn with_more_bars_without_a_signal_than_allowed_a_run_is_refused() {
    let keep = |every: usize| {
        let rows = lines().into_iter().enumerate();
        let kept = rows.filter(|(line, _)| line % every != 2 || *line < 10);
        kept.map(|(_, row)| row).collect::<Vec<String>>()
    };
    let told =
        ["of 289 bars have no signal, the longest gap from ", "signal.max_missing allows 0.01"];
    refused(Some(&keep(3)), &[], &told);
    refused(Some(&keep(50)), &[], &told);
    // One of two hundred is told and no more, and so are two of three where that is meant.
    let (output, _folder) = run(Some(&keep(200)), &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("have no signal, in"), "{output:?}");
    let (output, _folder) = run(Some(&keep(3)), &["--set", "signal.max_missing=0.5"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The sample's signals, each known so many minutes after its bar's close where `is_late` says so of its line.
fn known_late(minutes: impl Fn(usize) -> i64) -> Vec<String> {
    let rows = lines().into_iter().enumerate().map(|(line, row)| {
        let stamp = row.split(',').next().unwrap_or_default();
        let Ok(at) = stamp.parse::<basis::types::Timestamp>() else {
            return format!("{row},known_at");
        };
        let known = at + basis::types::Span::from_minutes(5 + minutes(line));
        format!("{row},{known}")
    });
    rows.collect()
}

#[test]
fn a_model_that_says_everything_too_late_is_no_model_to_run_with() {
    // A signal stands for ten minutes: at the step at which these are known they are a quarter of an hour old.
    let all = known_late(|_| 11);
    let told = [
        "289 of 289 bars have no signal in time: they are known up to 11 minutes after the close of their bars (known_at)",
        "signal.max_missing allows 0.01 of them; bring rows that are known in time, let older ones stand with \
         signal.max_age_minutes=15",
    ];
    refused(Some(&all), &[], &told);
    // No part of them is meant to be silent where all are.
    refused(Some(&all), &["--set", "signal.max_missing=1"], &["289 of 289 bars"]);
    let (output, _folder) = run(Some(&all), &["--set", "signal.max_age_minutes=15"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    // Told by the hour: of twelve rows the last one is in time.
    let hourly = known_late(|line| (12 - (line as i64 + 11) % 12 - 1) * 5);
    let told = [
        "bars have no signal in time",
        "known up to 55 minutes after",
        "bring rows that are known in time, choose",
    ];
    refused(Some(&hourly), &[], &told);
}

#[test]
fn rows_after_the_end_of_other_series_are_told_where_data_is_checked() {
    let mut rows = lines();
    rows.push("2025-06-05T00:00:00Z,long,0.9,0.004,sample-1".to_owned());
    let (_, folder) = run(Some(&rows), &[]);
    let output = Command::new(env!("CARGO_BIN_EXE_basis"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["data", "check"])
        .arg(folder.path().join("data"))
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let words = "signals/binance_BTCUSDT: it has rows up to 2025-06-05T00:00:00Z; no run uses those after 2025-06-0";
    assert!(told.contains(words), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn few_rows_that_come_late_are_told_with_how_late_and_how_many_nothing_acts_on() {
    let some = known_late(|line| match line % 200 {
        1 => 20,
        2..=4 => 1,
        _ => 0,
    });
    let (output, _folder) = run(Some(&some), &[]);
    let told = String::from_utf8_lossy(&output.stdout);
    let late = "signals are known later than at the close of their bar (known_at), by up to 20 minutes; nothing acts on them before, \
                and on ";
    assert!(told.contains(late) && told.contains(" of them not at all"), "{told}");
    assert!(!told.contains("have no signal"), "{told}");
}

#[test]
fn bars_without_a_signal_are_told_and_lead_to_no_trade() {
    let is_silent = |row: &String| row.as_str() > "2025-03-02T02" && row.starts_with("2025");
    let mut rows = lines();
    let last =
        rows.iter().position(|row| row.starts_with("2025-03-03T00:00")).expect("it is there");
    rows.truncate(last + 1);
    let end = rows.split_off(last);
    rows.retain(|row| !is_silent(row) || row.starts_with("timestamp"));
    rows.extend(end);
    let (output, folder) = run(Some(&rows), &["--set", "signal.max_missing=1"]);
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a summary");
    let warnings = summary["warnings"].to_string();
    assert!(warnings.contains("264 bars, 22 hours, have no signal, in 1 gap"), "{warnings}");
    let id = summary["correlation_id"].as_str().expect("an id");
    let orders = folder.path().join("out/results").join(id).join("orders.csv");
    let orders = std::fs::read_to_string(orders).expect("there are orders");
    // Ten minutes after the last one there is none to act on.
    let late = orders.lines().filter(|row| {
        let sent = row.split(',').nth(3).unwrap_or_default();
        sent > "2025-03-02T02:15" && sent < "2025-03-03T00:00"
    });
    assert_eq!(late.count(), 0, "{orders}");
}

#[cfg(not(feature = "ml"))]
#[test]
fn a_service_needs_a_program_that_can_ask_it() {
    let more = ["--set", "signal.source=http", "--set", "signal.service.url=http://127.0.0.1:9/x"];
    refused(
        None,
        &more,
        &["build it with cargo build --release --features ml", "--signals results/ID"],
    );
}
