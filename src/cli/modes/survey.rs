//! The runs of a survey: each mode on the same range, two at a time, without events.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::cli::Failure;
use crate::cli::run::{bundled, new_id, script};
use crate::config::Setup;
use crate::records::RecordLevel;
use crate::run::backtest::{self, Finished, Resume, backtest};
use crate::run::failure;
use crate::sim::Faults;

use super::ModesArguments;
use super::list::Mode;

/// What became of a mode's run.
pub(super) struct Surveyed {
    pub(super) mode: String,
    pub(super) outcome: Result<Box<Finished>, String>,
}

/// Runs at a time: one for each of the two threads that a run keeps busy would be more than most machines have.
const AT_A_TIME: usize = 2;

/// Runs all modes; one that fails is told and stops no other.
pub(super) fn survey(
    modes: Vec<Mode>,
    arguments: &ModesArguments,
) -> Result<Vec<Surveyed>, Failure> {
    let home = arguments.config_dir.parent().unwrap_or(Path::new("")).to_owned();
    let data = match arguments.data.clone() {
        Some(data) => data,
        None => bundled(&home)?,
    };
    let id = new_id();
    let kept = arguments.out.clone();
    let out = kept.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("basis-{id}")));
    let stdlib = home.join("stdlib");
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(modes.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mode) = modes.get(index) else { return };
                    let mut setup = mode.setup.clone();
                    (setup.from, setup.to) =
                        (arguments.from.or(setup.from), arguments.to.or(setup.to));
                    let place = (data.clone(), out.clone(), format!("{id}{index:02x}"));
                    let outcome = one(setup, place, &stdlib);
                    let mode = mode.setup.mode.clone();
                    let mut done = done.lock().unwrap_or_else(|it| it.into_inner());
                    done.push((index, Surveyed { mode, outcome }));
                }
            });
        }
    });
    if kept.is_none() {
        // What could not be thrown away lies among other temporary files.
        let _ = std::fs::remove_dir_all(&out);
    }
    let mut done = done.into_inner().unwrap_or_else(|it| it.into_inner());
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, surveyed)| surveyed).collect())
}

fn one(
    setup: Setup,
    (data, out, correlation_id): (PathBuf, PathBuf, String),
    stdlib: &Path,
) -> Result<Box<Finished>, String> {
    let request = backtest::Request {
        setup,
        data,
        stress: Vec::new(),
        signals: None,
        out,
        level: RecordLevel::None,
        correlation_id,
        tag: None,
        seed: 0,
        faults: Faults::NONE,
        started_at: backtest::real_time(),
        resume: Resume::No,
        command: Vec::new(),
    };
    let built = Box::new(|setup: &_| script(setup, stdlib));
    backtest(request, built, &mut |_, _, _| {}).map(Box::new).map_err(|error| match error {
        failure::Failure::Input(text) => text,
        failure::Failure::Run(error) => error.to_string(),
    })
}
