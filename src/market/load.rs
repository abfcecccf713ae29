//! Loading a run's market from a data folder.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use crate::config::{Fault, Faults, SeriesRole, Setup};
use crate::types::{Code, Span, Timestamp};

use super::assemble::{Wanted, assemble};
use super::coarse;
use super::csv::{Contents, SIGNALS, SeriesFile, Window};
use super::data::MarketData;
use super::loaded::{DataFile, Loaded};
use super::range::{ALWAYS, Asked, Ends, Plan, plan};
use super::rows::MarketRows;
use super::series::{Kind, Series};
use super::silence;

impl MarketData {
    /// Loads the subscribed series of a run over `from` to `to`, else over the configuration's range, else over the range in the
    /// folder's file [`RANGE`] as far as all of them serve it, else over the longest that they do.
    ///
    /// # Errors
    /// DATA-001 for absent series, DATA-002 for a range that is not covered, DATA-003 and DATA-004 for unreadable rows,
    /// DATA-005 for missing payments that nothing stands in for, DATA-006 for an impossible range.
    pub fn load(
        setup: &Setup,
        dir: &Path,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Loaded, Faults> {
        Self::load_beside(setup, dir, None, from, to)
    }

    /// The same, with signals that lie in a folder of their own.
    ///
    /// # Errors
    /// As [`MarketData::load`].
    pub fn load_beside(
        setup: &Setup,
        dir: &Path,
        signals: Option<&Path>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Loaded, Faults> {
        let folders = Folders { data: dir, signals };
        let plan = planned(setup, folders, from, to)?;
        let mut files = Vec::new();
        let mut loaded = assemble(setup, &plan, &mut |wanted| {
            let read = read_together(folders, setup.step, wanted);
            read.into_iter()
                .map(|read| {
                    let (file, series) = read?;
                    files.push(file);
                    Ok(series)
                })
                .collect()
        })?;
        silence::check(setup, &loaded)?;
        loaded.files = files;
        Ok(loaded)
    }

    /// The steps of a run by all of its series but the signals, which are still to be asked for.
    ///
    /// # Errors
    /// As [`MarketData::load`], without those of rows.
    pub fn range_without_signals(
        setup: &Setup,
        dir: &Path,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<(Timestamp, Timestamp), Faults> {
        let mut others = setup.clone();
        others.series.retain(|series| series.role != SeriesRole::Signal);
        let plan = planned(&others, Folders { data: dir, signals: None }, from, to)?;
        Ok((plan.from, plan.to))
    }

    /// The market of rows in memory, under the same rules as files: for tests, and for a feed that collects rows.
    ///
    /// # Errors
    /// As [`MarketData::load`].
    pub fn from_rows(
        setup: &Setup,
        rows: &MarketRows,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Loaded, Faults> {
        let mut ends = rows.ends();
        for spec in &setup.series {
            if matches!(spec.role, SeriesRole::Distributions(_)) {
                ends.insert(spec.name.clone(), ALWAYS);
            }
        }
        let plan = plan(setup, &ends, "memory", Asked { from, to, usual: None })?;
        assemble(setup, &plan, &mut |wanted| {
            let clone = |wanted: &Wanted| {
                if wanted.kind == Kind::Distributions {
                    let none = || Series::new(Kind::Distributions);
                    return Ok(rows.series(&wanted.name).cloned().unwrap_or_else(none));
                }
                rows.series(&wanted.name).cloned().ok_or_else(|| absent(&wanted.name).into())
            };
            wanted.iter().map(clone).collect()
        })
    }
}

/// Where series lie.
#[derive(Clone, Copy)]
struct Folders<'a> {
    data: &'a Path,
    /// Signals, where they do not lie with the others.
    signals: Option<&'a Path>,
}

impl<'a> Folders<'a> {
    fn of(self, series: &str) -> &'a Path {
        self.signals.filter(|_| series.starts_with(SIGNALS)).unwrap_or(self.data)
    }
}

/// Range and sources of a run, by the ends of its files.
fn planned(
    setup: &Setup,
    folders: Folders<'_>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Plan, Faults> {
    let dir = folders.data;
    if !dir.is_dir() {
        let sentence = match dir.exists() {
            true => format!("{} is a file, not a folder of market data", dir.display()),
            false => format!("there is no data folder {}", dir.display()),
        };
        return Err(Fault::new(Code::Data001, sentence).suggest("give another --data").into());
    }
    let mut faults = Faults::default();
    let mut ends = Ends::new();
    let (tables, series) = setup
        .series
        .iter()
        .partition::<Vec<_>, _>(|spec| matches!(spec.role, SeriesRole::Distributions(_)));
    // Their rows have days instead of stamps, and are few.
    for spec in tables {
        match SeriesFile::find(dir, &spec.name, &interval_text(setup.step)) {
            Some(_) => _ = ends.insert(spec.name.clone(), ALWAYS),
            None => faults.push(no_distributions(&spec.name)),
        }
    }
    let names = series.into_iter().flat_map(|spec| {
        let named = [Some(&spec.name), spec.proxy.as_ref()].into_iter().flatten();
        named.map(|name| (name, matches!(spec.role, SeriesRole::Price(_))))
    });
    for (name, only_prices) in names {
        let found = file_of(folders.of(name), name, setup.step, only_prices);
        let Some((file, length)) = found else { continue };
        match file.ends() {
            Ok((first, last)) => {
                ends.insert(name.clone(), (first, last + length - setup.step));
            }
            Err(fault) if !faults.iter().any(|known| *known == fault) => faults.push(fault),
            Err(_) => {}
        }
    }
    faults.check()?;
    let asked = Asked { from, to, usual: usual_range(dir)? };
    plan(setup, &ends, &dir.display().to_string(), asked)
}

/// The file of a data folder with the first and the last step of runs that name none. Rows before are there to look back on.
pub const RANGE: &str = "RANGE";

/// What stands in the folder's [`RANGE`], where it has one.
fn usual_range(dir: &Path) -> Result<Option<(Timestamp, Timestamp)>, Fault> {
    let path = dir.join(RANGE);
    if !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut times = text.split_whitespace().map(str::parse::<Timestamp>);
    match (times.next(), times.next(), times.next()) {
        (Some(Ok(from)), Some(Ok(to)), None) if from <= to => Ok(Some((from, to))),
        _ => {
            let sentence = format!("{} does not hold a range", path.display());
            let advice = "write two times, the earlier one first: 2024-06-01 2025-06-01";
            Err(Fault::new(Code::Data006, sentence).suggest(advice))
        }
    }
}

/// Reads files side by side: each is hashed and parsed by itself, so their order in time changes nothing.
fn read_together(
    folders: Folders<'_>,
    step: Span,
    wanted: &[Wanted],
) -> Vec<Result<(DataFile, Series), Faults>> {
    thread::scope(|scope| {
        let reading: Vec<_> = wanted
            .iter()
            .map(|wanted| scope.spawn(move || read_one(folders.of(&wanted.name), step, wanted)))
            .collect();
        let unfinished = |_| Err(Fault::new(Code::Data003, "reading the file failed").into());
        reading.into_iter().map(|reader| reader.join().unwrap_or_else(unfinished)).collect()
    })
}

/// The file of a series, and how long its rows last. What only prices a token may come in longer candles.
fn file_of(dir: &Path, series: &str, step: Span, only_prices: bool) -> Option<(SeriesFile, Span)> {
    let own = SeriesFile::find(dir, series, &interval_text(step)).map(|file| (file, step));
    own.or_else(|| coarse::find(dir, series, step).filter(|_| only_prices))
}

fn read_one(dir: &Path, step: Span, wanted: &Wanted) -> Result<(DataFile, Series), Faults> {
    let series = wanted.name.clone();
    let found = file_of(dir, &series, step, wanted.kind == Kind::Prices);
    let (file, length) = found.ok_or_else(|| absent(&series))?;
    let is_coarse = length != step;
    let grid = if is_coarse { Some(length) } else { wanted.window.grid };
    let window = Window { grid, ..wanted.window };
    let Contents { series: rows, bytes, sha256 } = file.read(wanted.kind, window)?;
    let rows = if is_coarse { coarse::spread(&rows, length, step) } else { rows };
    let file = DataFile { series, file: file.name, bytes, sha256, rows: rows.len() };
    Ok((file, rows))
}

fn no_distributions(series: &str) -> Fault {
    let sentence = "there is no such series, which says what is handed out";
    Fault::new(Code::Data001, sentence)
        .on(series)
        .suggest("add the file, or set rewards.enabled to false")
}

fn absent(series: &str) -> Fault {
    Fault::new(Code::Data001, "there is no such series").on(series)
}

impl Loaded {
    /// The data alone.
    pub fn market(&self) -> Arc<MarketData> {
        self.data.clone()
    }
}

/// A step as file names tell it: `5m`, `1h`, `1d`.
pub fn interval_text(step: Span) -> String {
    let minutes = step.ms() / 60_000;
    match minutes {
        _ if minutes % 1440 == 0 => format!("{}d", minutes / 1440),
        _ if minutes % 60 == 0 => format!("{}h", minutes / 60),
        _ => format!("{minutes}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::real_data::root;
    use super::*;
    use crate::config::{LoadRequest, load};

    /// The range of a run over small flat data with this in its `RANGE`, where these ends are asked for.
    fn range(text: Option<&str>, from: Option<&str>, to: Option<&str>) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let stamps = |step: usize| (0..=72).step_by(step).map(|hour| (hour / 24 + 1, hour % 24));
        let rows = |step: usize, row: &str| -> String {
            stamps(step).map(|(day, h)| format!("2024-01-{day:02}T{h:02}:00:00Z,{row}\n")).collect()
        };
        let head = "timestamp,liquidity_rate,variable_borrow_rate,liquidity_index,variable_borrow_index,\
                    total_supplied,total_variable_debt\n";
        put("aave_v3/WETH_rates.csv", &format!("{head}{}", rows(24, "0.02,0.03,1.1,1.2,9,5")));
        let head = "timestamp,open,high,low,close,volume\n";
        put("spot/bybit_ETHUSDT_1h.csv", &format!("{head}{}", rows(1, "2000,2000,2000,2000,9")));
        put("gas/ethereum_gas.csv", &format!("timestamp,gas_price_gwei\n{}", rows(1, "5")));
        if let Some(text) = text {
            put(RANGE, text);
        }
        let setup =
            load(LoadRequest::of_mode("pure_lending_eth", &root().join("configs"))).unwrap();
        let time = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        let loaded = MarketData::load(&setup, folder.path(), time(from), time(to));
        let loaded = loaded.map_err(|faults| faults.to_string())?;
        Ok(format!("{} {}", &loaded.from.to_string()[..13], &loaded.to.to_string()[..13]))
    }

    #[test]
    fn a_folder_names_the_range_of_runs_that_name_none() {
        let usual = Some("2024-01-02T06:00Z\n2024-01-03\n");
        let asked = |from, to| range(usual, from, to).unwrap();
        assert_eq!(range(None, None, None).unwrap(), "2024-01-02T00 2024-01-04T00");
        assert_eq!(asked(None, None), "2024-01-02T06 2024-01-03T00");
        assert_eq!(asked(Some("2024-01-02"), None), "2024-01-02T00 2024-01-03T00");
        assert_eq!(asked(None, Some("2024-01-04")), "2024-01-02T06 2024-01-04T00");
        // An end of the folder's that lies on the wrong side of what was asked for is not meant.
        assert_eq!(asked(Some("2024-01-03T12:00Z"), None), "2024-01-03T12 2024-01-04T00");
        assert_eq!(asked(None, Some("2024-01-02T03:00Z")), "2024-01-02T00 2024-01-02T03");
        // What the series do not serve cannot be had.
        let wide = Some("2023-12-01 2024-02-01");
        assert_eq!(range(wide, None, None).unwrap(), "2024-01-02T00 2024-01-04T00");
    }

    #[test]
    fn a_range_that_is_none_is_refused() {
        for text in ["", "2024-01-02", "2024-01-03 2024-01-02", "a b", "2024-01-02 2024-01-03 x"] {
            let told = range(Some(text), None, None).unwrap_err();
            assert!(told.contains("does not hold a range; write two times"), "{text}: {told}");
        }
    }
}
