//! The signals of a run that come from a service: asked for before the first step and kept in the run's `inputs/`, in the form
//! that a data folder has. From there they are read like any series, and a resume or a re-run needs no service.

use std::path::{Path, PathBuf};

use crate::config::{SeriesRole, Setup};
use crate::market::interval_text;
use crate::types::{Code, Coded};

use super::failure::Failure;

/// Where a run's signals lie beside its data folder, and what there is to say of them.
#[derive(Debug)]
pub(super) struct Kept {
    /// A folder that holds `signals/NAME_5m.csv`.
    pub(super) beside: PathBuf,
    /// What a person should know.
    pub(super) warnings: Vec<Coded>,
}

/// Makes sure that a run whose signals come from a service has them as a file; `None` for one whose signals are data. `given` is
/// a file that an earlier run has kept.
pub(super) fn kept(
    setup: &Setup,
    data: &Path,
    inputs: &Path,
    given: Option<&Path>,
) -> Result<Option<Kept>, Failure> {
    let series = setup.series.iter().find(|series| series.role == SeriesRole::Signal);
    let (Some(series), Some(_)) = (series, &setup.signal.service) else {
        return match given {
            Some(_) => Err(input(
                Code::Config005,
                "--signals stands in for a service, and this mode asks none (signal.source: http)",
            )),
            None => Ok(None),
        };
    };
    let file = inputs.join(format!("{}_{}.csv", series.name, interval_text(setup.step)));
    let kept = Kept { beside: inputs.to_owned(), warnings: Vec::new() };
    if file.is_file() {
        return Ok(Some(kept));
    }
    let (text, warnings) = match given {
        Some(path) => {
            let unreadable = |error| {
                input(Code::Data001, &format!("{} cannot be read: {error}", path.display()))
            };
            (std::fs::read(path).map_err(unreadable)?, Vec::new())
        }
        None => asked(setup, data)?,
    };
    write(&file, &text).map_err(|error| {
        input(Code::Log001, &format!("{} cannot be written: {error}", file.display()))
    })?;
    Ok(Some(Kept { warnings, ..kept }))
}

fn input(code: Code, sentence: &str) -> Failure {
    Failure::Input(Coded::new(code, sentence.to_owned()).to_string())
}

/// Whole or not at all: a run that dies while it writes asks again.
fn write(file: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let half = file.with_extension("csv.half");
    std::fs::write(&half, text)?;
    std::fs::rename(half, file)
}

#[cfg(not(feature = "ml"))]
fn asked(_: &Setup, _: &Path) -> Result<(Vec<u8>, Vec<Coded>), Failure> {
    Err(input(
        Code::Config005,
        "signal.source is http, and this program was built without it; build it with cargo build --release --features ml, or give \
         what an earlier run has kept: --signals results/ID/inputs/signals/NAME_5m.csv",
    ))
}

#[cfg(feature = "ml")]
fn asked(setup: &Setup, data: &Path) -> Result<(Vec<u8>, Vec<Coded>), Failure> {
    use crate::feeds::signal::ask_all;
    use crate::market::{MarketData, signals_csv};
    use rust_decimal::Decimal;

    const TOKEN: &str = "BASIS_ML_API_TOKEN";
    let Some(rules) = &setup.signal.service else { return Ok(Default::default()) };
    let token = std::env::var(TOKEN).ok().filter(|token| !token.is_empty()).ok_or_else(|| {
        input(Code::Config004, &format!("{TOKEN} is not set; the service of the signals wants it"))
    })?;
    let (from, to) = MarketData::range_without_signals(setup, data, setup.from, setup.to)?;
    // At each step the signal of the bar that has just closed is known.
    let (first, last) = (from - setup.step, to - setup.step);
    let asked = ask_all(rules, &token, (first, last), setup.step)
        .map_err(|error| Failure::Input(error.to_string()))?;
    let (silent, all) = (asked.silent.len(), asked.silent.len() + asked.signals.len());
    let told = format!("{silent} of {all} bars have no signal: {}", asked.reasons());
    if Decimal::from(silent) > setup.signal.max_missing.get() * Decimal::from(all)
        || asked.signals.is_empty()
    {
        let sentence = format!("{told}; signal.max_missing allows {}", setup.signal.max_missing);
        return Err(input(Code::Data005, &sentence));
    }
    let warnings =
        (silent > 0).then(|| Coded::new(Code::Data005, format!("{}: {told}", rules.url)));
    Ok((signals_csv(&asked.signals), warnings.into_iter().collect()))
}
