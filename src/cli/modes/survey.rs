//! The runs of a survey: each mode on the same range, two at a time, without events.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::cli::Failure;
use crate::cli::run::{bundled, new_id, script};
use crate::config::Setup;
use crate::market::stress::{Asked, Stress};
use crate::records::RecordLevel;
use crate::run::backtest::{self, Finished, Resume, backtest};
use crate::run::failure;
use crate::sim::Faults;

use super::ModesArguments;
use super::list::Mode;

/// A run of the survey: a mode, as it is or under a stress.
struct Job<'a> {
    mode: &'a Mode,
    stress: Option<Asked>,
}

/// What became of a run.
pub(super) struct Surveyed {
    pub(super) mode: String,
    pub(super) stress: Option<&'static Stress>,
    pub(super) outcome: Result<Box<Finished>, String>,
}

/// Runs at a time: each keeps a thread busy, and a second one a little.
const AT_A_TIME: usize = 2;

/// Runs all modes, each as it is and then under each stress; one run that fails is told and stops no other.
pub(super) fn survey(
    modes: &[Mode],
    stresses: &[Asked],
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
    let under = || std::iter::once(None).chain(stresses.iter().copied().map(Some));
    let jobs: Vec<Job<'_>> =
        modes.iter().flat_map(|mode| under().map(move |stress| Job { mode, stress })).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(jobs.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else { return };
                    let mut setup = job.mode.setup.clone();
                    (setup.from, setup.to) =
                        (arguments.from.or(setup.from), arguments.to.or(setup.to));
                    let place = (data.clone(), out.clone(), format!("{id}{index:02x}"));
                    let outcome = one(setup, job.stress, place, &stdlib);
                    let mode = job.mode.setup.mode.clone();
                    let stress = job.stress.map(|asked| asked.stress);
                    let mut done = done.lock().unwrap_or_else(|it| it.into_inner());
                    done.push((index, Surveyed { mode, stress, outcome }));
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
    stress: Option<Asked>,
    (data, out, correlation_id): (PathBuf, PathBuf, String),
    stdlib: &Path,
) -> Result<Box<Finished>, String> {
    let request = backtest::Request {
        setup,
        data,
        stress: stress.into_iter().collect(),
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
