//! What a data folder holds: each file with its range, step and gaps, what is wrong with it, and which modes it can serve.
//!
//! The work behind `basis data check`. It reads every row of every file, which a run does not.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::config::{Fault, Faults, SeriesRole, Setup};
use crate::types::{Code, Coded, Span, Timestamp};

use super::csv::{SeriesFile, Window, is_of_bars};
use super::data::MarketData;
use super::load::{RANGE, interval_text};
use super::sample;
use super::series::{Kind, Series};
use super::signal;
use super::told::{Gap, ProxyUse};

/// Gaps of one file that the text lists before it only counts them.
const SHOWN_GAPS: usize = 3;

/// What a folder holds.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderReport {
    /// The folder.
    pub dir: PathBuf,
    /// Whether it says that its data is synthetic.
    pub synthetic: bool,
    /// Its series, by name.
    pub series: Vec<SeriesReport>,
    /// CSV files without a `timestamp` column, which are no series.
    pub tables: Vec<String>,
    /// By mode that was asked about.
    pub modes: Vec<ModeReport>,
}

/// What one file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesReport {
    /// Its path inside the folder.
    pub file: String,
    /// Its rows.
    pub rows: usize,
    /// The first and the last stamp.
    pub ends: Option<(Timestamp, Timestamp)>,
    /// The most common distance of two rows.
    pub step: Option<Span>,
    /// Where rows are missing, by that step.
    pub gaps: Vec<Gap>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// Whether a mode can run on a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct ModeReport {
    /// The mode.
    pub mode: String,
    /// What it can run over, or why it cannot.
    pub service: Result<Service, Faults>,
}

/// What a folder offers a mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// The first step of the longest range that all its series serve.
    pub from: Timestamp,
    /// The last step.
    pub to: Timestamp,
    /// What would stand in for what.
    pub proxies: Vec<ProxyUse>,
    /// What a person should know.
    pub warnings: Vec<Coded>,
}

impl SeriesReport {
    /// Missing rows in all gaps.
    pub fn missing(&self) -> usize {
        self.gaps.iter().map(|gap| gap.rows).sum()
    }
}

impl FolderReport {
    /// Whether no file is at fault and every mode can run.
    pub fn is_sound(&self) -> bool {
        self.series.iter().all(|series| series.faults.is_empty())
            && self.modes.iter().all(|mode| mode.service.is_ok())
    }
}

/// Reads a whole folder and tries the modes on it.
///
/// # Errors
/// DATA-001 when there is no such folder or nothing in it can be listed.
pub fn check(dir: &Path, modes: &[Setup]) -> Result<FolderReport, Faults> {
    let files = files(dir).map_err(|error| {
        let sentence = format!("the data folder {} cannot be read: {error}", dir.display());
        Fault::new(Code::Data001, sentence).suggest("give another --data")
    })?;
    let (mut series, mut tables) = (Vec::new(), Vec::new());
    for name in files {
        let file = SeriesFile { path: dir.join(&name), name };
        if file.is_series() || file.is_distributions() {
            series.push(report(&file));
        } else {
            tables.push(file.name);
        }
    }
    let modes = modes.iter().map(|setup| ModeReport {
        mode: setup.mode.clone(),
        service: MarketData::load(setup, dir, None, None).map(|loaded| {
            // Where the folder names a range, what lies beyond it is there for other ranges.
            let has_range = dir.join(RANGE).exists();
            let unused = unused_signals(setup, &series, loaded.to).filter(|_| !has_range);
            Service {
                from: loaded.from,
                to: loaded.to,
                proxies: loaded.proxies,
                warnings: loaded.warnings.into_iter().chain(unused).collect(),
            }
        }),
    });
    let modes = modes.collect();
    let (dir, synthetic) = (dir.to_owned(), sample::is_synthetic(dir));
    Ok(FolderReport { dir, synthetic, series, tables, modes })
}

/// What is said of signals that go on when a run has ended: who has made them for the days after it should know.
fn unused_signals(setup: &Setup, series: &[SeriesReport], to: Timestamp) -> Option<Coded> {
    let spec = setup.series.iter().find(|spec| spec.role == SeriesRole::Signal)?;
    let stem = format!("{}_{}.csv", spec.name, interval_text(setup.step));
    let file = series.iter().find(|series| series.file.trim_end_matches(".gz") == stem)?;
    let (_, last) = file.ends.filter(|(_, last)| *last > to)?;
    let sentence = format!(
        "{}: it has rows up to {last}; no run uses those after {to}, where another series ends",
        spec.name
    );
    Some(Coded::new(Code::Data005, sentence))
}

/// The names of all CSV files below a folder, plain or packed, sorted.
///
/// # Errors
/// Those of listing it.
pub fn files(dir: &Path) -> std::io::Result<Vec<String>> {
    let mut files = Vec::new();
    list(dir, Path::new(""), &mut files)?;
    files.sort();
    Ok(files)
}

/// All CSV files below a folder, as paths from its root with `/` between their parts.
fn list(root: &Path, inside: &Path, files: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(root.join(inside))? {
        let entry = entry?;
        let path = inside.join(entry.file_name());
        if entry.path().is_dir() {
            list(root, &path, files)?;
        } else {
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            let name = parts.join("/");
            if name.ends_with(".csv") || name.ends_with(".csv.gz") {
                files.push(name);
            }
        }
    }
    Ok(())
}

fn report(file: &SeriesFile) -> SeriesReport {
    let (kind, grid) = kind_of(&file.name);
    let (series, faults) = match file.read(kind, Window::all(grid)) {
        Ok(contents) => (contents.series, Vec::new()),
        Err(faults) => (Series::new(kind), faults.iter().cloned().collect()),
    };
    let is_signals = kind == Kind::Signal;
    // Between two payments there may be any time.
    let usual = || series.usual_step().filter(|_| kind != Kind::Distributions);
    let step = if is_signals { grid } else { usual() };
    let holes = |step| if is_signals { signal::holes(&series, step) } else { series.holes(step) };
    let gap = |(first, last, rows)| Gap { series: file.name.clone(), first, last, rows };
    SeriesReport {
        file: file.name.clone(),
        rows: series.len() + series.overtaken.len(),
        ends: if is_signals { signal::ends(&series) } else { series.ends() },
        gaps: step.map_or(Vec::new(), |step| holes(step).into_iter().map(gap).collect()),
        step,
        faults,
    }
}

/// What columns a file must have, by its folder; others are checked for their stamps alone. Candles lie on the grid that
/// their file's name tells.
fn kind_of(name: &str) -> (Kind, Option<Span>) {
    let stem = name.trim_end_matches(".gz").trim_end_matches(".csv");
    let interval = stem.rsplit('_').next().unwrap_or_default();
    let units = [("m", 1), ("h", 60), ("d", 1440)];
    let grid = units.iter().find_map(|(unit, minutes)| {
        let number: i64 = interval.strip_suffix(unit)?.parse().ok()?;
        (number > 0).then(|| Span::from_minutes(number * minutes))
    });
    let kind = match name.split('/').next() {
        // Volumes of pools are told in another column; their prices are checked.
        Some("spot" | "perp") if name.contains("uniswap") => Kind::Prices,
        Some("spot" | "perp") => Kind::Candles,
        Some("funding") => Kind::Funding,
        Some("gas") => Kind::Gas,
        Some("rewards") => Kind::Distributions,
        Some("signals") => Kind::Signal,
        Some("lst") if stem.ends_with("_exchange_rate") => Kind::Rate,
        Some("lst") if stem.contains("_dex_rate") => Kind::MarketRate,
        _ if stem.ends_with("_rates") => Kind::Reserve,
        _ => Kind::Stamps,
    };
    (kind, grid.filter(|_| is_of_bars(name)))
}

/// The report as text for a terminal.
pub fn render(report: &FolderReport) -> String {
    let kind = if report.synthetic { "  synthetic data" } else { "" };
    let mut text = format!("{}{kind}\n", report.dir.display());
    for series in &report.series {
        render_series(series, &mut text);
    }
    if !report.tables.is_empty() {
        let _ = writeln!(text, "  tables without time: {}", report.tables.join(", "));
    }
    if report.series.is_empty() {
        text.push_str("  no series\n");
    }
    for mode in &report.modes {
        render_mode(mode, &mut text);
    }
    text
}

fn render_series(series: &SeriesReport, text: &mut String) {
    // Writing into a string cannot fail.
    let _ = write!(text, "  {:<44} {:>6} rows", series.file, series.rows);
    if let (Some((first, last)), Some(step)) = (series.ends, series.step) {
        let _ = write!(text, "  {first} … {last}  every {}", span_text(step));
    }
    if !series.gaps.is_empty() {
        let _ = write!(text, "  {} missing in {} gaps", series.missing(), series.gaps.len());
    }
    text.push('\n');
    for gap in series.gaps.iter().take(SHOWN_GAPS) {
        let _ = writeln!(text, "      gap {} … {} ({})", gap.first, gap.last, gap.rows);
    }
    if let Some(more) = series.gaps.len().checked_sub(SHOWN_GAPS).filter(|&more| more > 0) {
        let _ = writeln!(text, "      and {more} more");
    }
    for fault in &series.faults {
        let _ = writeln!(text, "      {fault}");
    }
}

fn render_mode(mode: &ModeReport, text: &mut String) {
    match &mode.service {
        Ok(service) => {
            let _ = writeln!(text, "mode {}: {} … {}", mode.mode, service.from, service.to);
            for warning in &service.warnings {
                let _ = writeln!(text, "      {warning}");
            }
        }
        Err(faults) => {
            let _ = writeln!(text, "mode {}: cannot run", mode.mode);
            for fault in faults.lines() {
                let _ = writeln!(text, "      {fault}");
            }
        }
    }
}

fn span_text(span: Span) -> String {
    match span.ms() {
        ms if ms % 3_600_000 == 0 => format!("{} h", ms / 3_600_000),
        ms if ms % 60_000 == 0 => format!("{} min", ms / 60_000),
        ms => format!("{} s", ms / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::super::real_data::{root, shared};
    use super::*;
    use crate::config::{LoadRequest, load};

    fn btc_basis() -> Setup {
        load(LoadRequest::of_mode("btc_basis", &root().join("configs"))).unwrap()
    }

    #[test]
    fn a_folder_is_told_with_its_gaps_faults_and_modes() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put(
            "funding/x_BTCUSDT.csv",
            "timestamp,funding_rate\n2024-01-01T00:00:00Z,1e-4\n2024-01-01T08:00:00Z,1e-4\n\
             2024-01-02T00:00:00Z,1e-4\n",
        );
        put(
            "spot/x_BTCUSDT_1h.csv",
            "timestamp,open,high,low,close,volume\n2024-01-01T00:10:00Z,1,1,1,1,1\n",
        );
        put("lst/x_exchange_rate.csv", "timestamp,exchange_rate\n2024-01-01T00:00:00Z,0\n");
        put("lst/x_dex_rate_1h.csv", "timestamp,rate\n2024-01-01T00:00:00Z,-1\n");
        put(
            "aave_v3/X_rates.csv",
            "timestamp,liquidity_index,variable_borrow_index,liquidity_rate,variable_borrow_rate,total_supplied,\
             total_variable_debt\n2024-01-01T00:00:00Z,1.2,1.3,0,0,1,1\n2024-01-02T00:00:00Z,1.1,1.3,0,0,1,1\n",
        );
        put("risk/tiers.csv", "asset,ltv\nWETH,0.8\n");
        put("README.md", "no data");
        assert!(!render(&check(folder.path(), &[]).unwrap()).contains("synthetic"));
        put("SYNTHETIC", "");
        let report = check(folder.path(), &[btc_basis()]).unwrap();
        assert!(!report.is_sound());
        let text = render(&report);
        for words in [
            "  synthetic data\n",
            "funding/x_BTCUSDT.csv                             3 rows",
            "every 8 h  1 missing in 1 gaps",
            "gap 2024-01-01T16:00:00Z … 2024-01-01T16:00:00Z (1)",
            "not on the grid of 60 minutes",
            "lst/x_exchange_rate.csv:2: exchange_rate is 0; a rate must lie between",
            "lst/x_dex_rate_1h.csv:2: rate is -1; a rate must lie between",
            "aave_v3/X_rates.csv:3: liquidity_index falls from 1.2 to 1.1; an index never falls",
            "tables without time: risk/tiers.csv",
            "mode btc_basis: cannot run",
            "gas/ethereum_gas: there is no such series",
        ] {
            assert!(text.contains(words), "{words} is missing:\n{text}");
        }
        let found = check(&folder.path().join("none"), &[]).unwrap_err();
        assert_eq!(found.iter().next().unwrap().code, Code::Data001);
    }

    /// The table of the data folder's own README: file, range, rows, missing steps and gaps.
    fn documented(dir: &Path) -> Vec<(String, usize, usize, usize)> {
        let readme = fs::read_to_string(dir.join("README.md")).unwrap();
        let row = |line: &str| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, file, _, step, _, rows, missing, ..] = cells[..] else { return None };
            if !file.ends_with(".csv") || matches!(step, "table" | "month") {
                return None;
            }
            let (missing, gaps) = missing.split_once(" in ").unwrap_or((missing, "0"));
            Some((file.to_owned(), rows.parse().ok()?, missing.parse().ok()?, gaps.parse().ok()?))
        };
        readme.lines().filter_map(row).collect()
    }

    #[test]
    fn the_shared_data_holds_what_its_readme_says() {
        let Some(dir) = shared("data") else { return };
        let report = check(&dir, &[btc_basis()]).unwrap();
        assert!(report.is_sound(), "{}", render(&report));
        let documented = documented(&dir);
        assert!(documented.len() >= 30, "the table of the README was read");
        for (file, rows, missing, gaps) in documented {
            let series = report.series.iter().find(|series| series.file == file);
            let series = series.unwrap_or_else(|| panic!("{file} is absent"));
            let found = (series.rows, series.missing(), series.gaps.len());
            assert_eq!(found, (rows, missing, gaps), "{file}");
        }
    }
}
