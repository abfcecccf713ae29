//! Loading a run's market from a data folder.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use crate::config::{Fault, Faults, Setup};
use crate::types::{Code, Span, Timestamp};

use super::assemble::{DataFile, Loaded, Wanted, assemble};
use super::csv::{Contents, SeriesFile};
use super::data::MarketData;
use super::range::{Ends, plan};
use super::rows::MarketRows;
use super::series::Series;

impl MarketData {
    /// Loads the subscribed series of a run over `from` to `to`, else over the configuration's range, else over the longest
    /// that all of them serve.
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
        if !dir.is_dir() {
            let sentence = match dir.exists() {
                true => format!("{} is a file, not a folder of market data", dir.display()),
                false => format!("there is no data folder {}", dir.display()),
            };
            return Err(Fault::new(Code::Data001, sentence).suggest("give another --data").into());
        }
        let interval = interval_text(setup.step);
        let mut faults = Faults::default();
        let mut ends = Ends::new();
        let names = setup.series.iter().flat_map(|spec| [Some(&spec.name), spec.proxy.as_ref()]);
        for name in names.flatten() {
            let Some(file) = SeriesFile::find(dir, name, &interval) else { continue };
            match file.ends() {
                Ok(found) => {
                    ends.insert(name.clone(), found);
                }
                Err(fault) if !faults.iter().any(|known| *known == fault) => faults.push(fault),
                Err(_) => {}
            }
        }
        faults.check()?;
        let plan = plan(setup, &ends, &dir.display().to_string(), from, to)?;
        let mut files = Vec::new();
        let mut loaded = assemble(setup, &plan, &mut |wanted| {
            let read = read_together(dir, &interval, wanted);
            read.into_iter()
                .map(|read| {
                    let (file, series) = read?;
                    files.push(file);
                    Ok(series)
                })
                .collect()
        })?;
        loaded.files = files;
        Ok(loaded)
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
        let plan = plan(setup, &rows.ends(), "memory", from, to)?;
        assemble(setup, &plan, &mut |wanted| {
            let clone = |wanted: &Wanted| {
                rows.series(&wanted.name).cloned().ok_or_else(|| absent(&wanted.name).into())
            };
            wanted.iter().map(clone).collect()
        })
    }
}

/// Reads files side by side: each is hashed and parsed by itself, so their order in time changes nothing.
fn read_together(
    dir: &Path,
    interval: &str,
    wanted: &[Wanted],
) -> Vec<Result<(DataFile, Series), Faults>> {
    thread::scope(|scope| {
        let reading: Vec<_> = wanted
            .iter()
            .map(|wanted| scope.spawn(move || read_one(dir, interval, wanted)))
            .collect();
        let unfinished = |_| Err(Fault::new(Code::Data003, "reading the file failed").into());
        reading.into_iter().map(|reader| reader.join().unwrap_or_else(unfinished)).collect()
    })
}

fn read_one(dir: &Path, interval: &str, wanted: &Wanted) -> Result<(DataFile, Series), Faults> {
    let series = wanted.name.clone();
    let file = SeriesFile::find(dir, &series, interval).ok_or_else(|| absent(&series))?;
    let Contents { series: rows, bytes, sha256 } = file.read(wanted.kind, wanted.window)?;
    let file = DataFile { series, file: file.name, bytes, sha256, rows: rows.len() };
    Ok((file, rows))
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
pub(super) fn interval_text(step: Span) -> String {
    let minutes = step.ms() / 60_000;
    match minutes {
        _ if minutes % 1440 == 0 => format!("{}d", minutes / 1440),
        _ if minutes % 60 == 0 => format!("{}h", minutes / 60),
        _ => format!("{minutes}m"),
    }
}
