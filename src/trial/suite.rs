//! The tests of scripts: found beside the scripts, run each by itself and side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::config::Drafts;
use crate::script::coverage::Coverage;
use crate::script::host::Prompt;
use crate::script::test_file::{TestFile, TestFunction, TestPlace};
use crate::script::{Finding, ScriptFault, check_tests, source};
use crate::types::Code;

use super::api::{NEITHER, Props, register, register_seeing, trace};
use super::checked::Checked;
use super::orders::Place;
use super::seen::{Claim, clickable};
use super::shelf::{Shelf, Unmade};

/// What files of tests end with.
pub const ENDING: &str = ".test.rhai";
/// The stack of a thread that runs or checks scripts: a test calls a world, and that a script.
const STACK_BYTES: usize = 16 * 1024 * 1024;
/// Steps that the trace of a failure shows.
const TRACE_STEPS: usize = 12;

/// What is to be tested.
#[derive(Clone, Debug)]
pub struct Request {
    /// Files of tests, as they are told.
    pub files: Vec<PathBuf>,
    /// The folder with the configuration; `strategies/` and `stdlib/` lie beside it.
    pub config_dir: PathBuf,
    /// Only tests whose file and name contain this.
    pub filter: Option<String>,
    /// Whether the lines that run are noted.
    pub coverage: bool,
    /// How many tests run at a time.
    pub threads: usize,
}

/// How a suite went.
#[derive(Debug)]
pub struct Verdict {
    /// Every test that was run, file by file from the top.
    pub results: Vec<TestResult>,
    /// Files that could not be compiled, with everything that is wrong with them.
    pub broken: Vec<(String, Vec<ScriptFault>)>,
    /// Lines by script, where they were noted.
    pub coverage: Vec<FileCoverage>,
    /// How long it took.
    pub took: Duration,
}

impl Verdict {
    /// Whether everything passed.
    pub fn is_good(&self) -> bool {
        self.broken.is_empty() && self.failed() == 0
    }

    /// How many tests failed.
    pub fn failed(&self) -> usize {
        self.results.iter().filter(|result| result.failure.is_some()).count()
    }
}

/// How one test went.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// Its file.
    pub file: String,
    /// Its name, with `test_`.
    pub name: String,
    /// How long it took.
    pub took: Duration,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// Why a test failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What, and where.
    pub fault: ScriptFault,
    /// The case for which a property failed.
    pub case: Option<String>,
    /// What was decided and done in its worlds.
    pub trace: String,
    /// What it has logged and printed.
    pub said: Vec<String>,
    /// Where its world could not be made: what is wrong, the same for all tests that ask for it.
    pub unmade: Option<Arc<Unmade>>,
}

/// The lines of one script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCoverage {
    /// The script, as imports name it.
    pub file: String,
    /// Lines on which something can run.
    pub lines: BTreeSet<u32>,
    /// Those that ran.
    pub hit: BTreeSet<u32>,
}

/// Everything that is wrong or odd with a file of tests.
///
/// # Errors
/// A sentence, when it or a configuration cannot be read.
pub fn check(path: &Path, stdlib: &Path, drafts: &Drafts) -> Result<Vec<Finding>, String> {
    check_text(path, &read(path)?, stdlib, drafts)
}

/// The same, of a text in the place of the file's own.
pub(crate) fn check_text(
    path: &Path,
    text: &str,
    stdlib: &Path,
    drafts: &Drafts,
) -> Result<Vec<Finding>, String> {
    let (name, (beside, stem)) = (path.display().to_string(), script_of(path));
    let own = is_strategy(&beside).then(|| beside.display().to_string());
    let script = if own.is_some() { Some(read(&beside)?) } else { None };
    let script = script.as_deref().map(|text| (stem.as_str(), text));
    let place = TestPlace { name: &name, text, stdlib, script };
    let worlds = Checked::of(drafts, own, text);
    let mut found: Option<Vec<Finding>> = None;
    // What one of the modes does not have another may: only what is wrong in all of them is told.
    for mode in worlds.names() {
        let drafted = drafts.get(mode).map_err(|faults| format!("{mode}:\n{faults}"))?;
        let next = check_tests(place, super::entries(), &drafted.1, &worlds);
        found = Some(match found {
            Some(before) => both(before, &next),
            None => next,
        });
        if found.as_ref().is_some_and(Vec::is_empty) {
            break;
        }
    }
    // So may a mode of which a test asks for more tokens.
    for setup in worlds.rewarded() {
        let before = found.take().filter(|found| !found.is_empty());
        let Some(before) = before else { return Ok(Vec::new()) };
        found = Some(both(before, &check_tests(place, super::entries(), setup, &worlds)));
    }
    found.ok_or_else(|| format!("{} has no modes", drafts.config_dir().display()))
}

fn read(path: &Path) -> Result<String, String> {
    let unread = |error| format!("{} cannot be read: {error}", path.display());
    source::read(path).map_err(unread)
}

/// What is found either time.
fn both(mut found: Vec<Finding>, other: &[Finding]) -> Vec<Finding> {
    let place = |it: &Finding| (it.lint.name, it.fault.line, it.fault.column);
    found.retain(|one| other.iter().any(|other| place(one) == place(other)));
    found
}

/// The script that a file of tests stands beside, whether it is there or not, and its name.
pub fn script_of(tests: &Path) -> (PathBuf, String) {
    let name = tests.file_name().and_then(|file| file.to_str()).unwrap_or_default();
    let stem = name.strip_suffix(ENDING).unwrap_or(name);
    (tests.with_file_name(format!("{stem}.rhai")), stem.to_owned())
}

/// Whether a script is there and is no module.
fn is_strategy(script: &Path) -> bool {
    script.is_file() && !script.parent().is_some_and(|folder| folder.ends_with("stdlib"))
}

/// Runs a suite.
pub fn run(request: &Request) -> Verdict {
    let began = Instant::now();
    let coverage = request.coverage.then(Coverage::default);
    let mut broken = Vec::new();
    let mut opened = Vec::new();
    for path in &request.files {
        match open(request, path, coverage.as_ref()) {
            Ok(file) => opened.push(file),
            Err(faults) => broken.push((path.display().to_string(), faults)),
        }
    }
    let is_meant = |file: &Opened, test: &TestFunction| {
        // A test is asked for by its name, or by what is printed of it.
        let name = format!("{} {}", file.name, test.name).to_lowercase();
        let spoken = name.replace('_', " ");
        request.filter.as_ref().is_none_or(|filter| {
            let filter = filter.to_lowercase();
            name.contains(&filter) || spoken.contains(&filter)
        })
    };
    let work: Vec<(&Opened, TestFunction)> = opened
        .iter()
        .flat_map(|file| file.tests.tests().into_iter().map(move |test| (file, test)))
        .filter(|(file, test)| is_meant(file, test))
        .collect();
    let results = side_by_side(&work, request.threads, |(file, test)| one(file, test));
    let coverage = coverage.map_or(Vec::new(), |seen| lines(&opened, &seen));
    Verdict { results, broken, coverage, took: began.elapsed() }
}

/// A compiled file of tests with what its worlds are made of.
struct Opened {
    name: String,
    tests: TestFile,
    shelf: Arc<Shelf>,
    /// The script that it tests: its name in bundles, and its text.
    script: Option<(String, String)>,
}

impl Opened {
    /// The text of a file of the test or of what it imports; nothing where there is none.
    fn text(&self, file: &str) -> &str {
        self.tests.texts().find(|(name, _)| *name == file).map_or("", |(_, text)| text)
    }
}

fn open(
    request: &Request,
    path: &Path,
    coverage: Option<&Coverage>,
) -> Result<Opened, Vec<ScriptFault>> {
    let name = path.display().to_string();
    let unreadable = |path: &Path, error: std::io::Error| {
        let message = format!("{} cannot be read: {error}", path.display());
        vec![ScriptFault::of_file(Code::Test001, &name, message)]
    };
    let text = source::read(path).map_err(|error| unreadable(path, error))?;
    let home = request.config_dir.parent().unwrap_or(Path::new(""));
    let stdlib = home.join("stdlib");
    let (beside, stem) = script_of(path);
    let stem = stem.as_str();
    let is_module = beside.is_file() && !is_strategy(&beside);
    let script = match beside.is_file() {
        true => Some(source::read(&beside).map_err(|error| unreadable(&beside, error))?),
        false => None,
    };
    let is_strategy = script.is_some() && !is_module;
    let place = TestPlace {
        name: &name,
        text: &text,
        stdlib: &stdlib,
        script: script.as_deref().filter(|_| is_strategy).map(|text| (stem, text)),
    };
    let tests = TestFile::load(place, register, coverage)?;
    let shelf = Arc::new(Shelf {
        config_dir: request.config_dir.clone(),
        stdlib,
        own: is_strategy.then_some(beside),
        coverage: coverage.cloned(),
        made: Mutex::default(),
        unmade: Mutex::default(),
    });
    let named = if is_module { format!("stdlib/{stem}.rhai") } else { format!("{stem}.rhai") };
    Ok(Opened { name, tests, shelf, script: script.map(|text| (named, text)) })
}

/// Does pieces of work on so many threads; the answers in the order of the pieces.
pub fn side_by_side<W: Sync, T: Send>(
    work: &[W],
    threads: usize,
    one: impl Fn(&W) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::new());
    let take = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = work.get(index) else { return };
            let answer = one(piece);
            answers.lock().unwrap_or_else(PoisonError::into_inner).push((index, answer));
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, work.len().max(1)) {
            let builder = thread::Builder::new().stack_size(STACK_BYTES);
            if builder.spawn_scoped(scope, take).is_err() {
                // No thread is to be had: this one does the work.
                take();
            }
        }
    });
    let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Runs one test.
fn one(file: &Opened, test: &TestFunction) -> TestResult {
    let began = Instant::now();
    let props = Props::new(file.shelf.clone());
    let prompt = Prompt::new(props.clone());
    let run = file.tests.run(&test.name, &prompt).and_then(|()| all_met(file, test, &props));
    let failure = run.err().map(|fault| {
        let mut fault = seen(file, test, *fault);
        fault.message = clickable(file.shelf.own.as_deref(), &fault.message);
        let worlds = props.worlds.lock().unwrap_or_else(PoisonError::into_inner);
        let traces = worlds.iter().map(|world| {
            let stage = world.stage();
            trace(stage.steps(), &stage.setup().universe, TRACE_STEPS)
        });
        let traces: Vec<String> = traces.filter(|trace| !trace.is_empty()).collect();
        let case = props.drawn.lock().unwrap_or_else(PoisonError::into_inner).take();
        let trace = traces.join("  another world:\n");
        let unmade = file.shelf.unmade_by(&fault.message);
        Failure { fault, case, trace, said: prompt.said(), unmade }
    });
    let (file, name) = (file.name.clone(), test.name.clone());
    TestResult { file, name, took: began.elapsed(), failure }
}

/// A mishap that was ordered and never struck has tested nothing.
fn all_met(file: &Opened, test: &TestFunction, props: &Props) -> Result<(), Box<ScriptFault>> {
    let worlds = props.worlds.lock().unwrap_or_else(PoisonError::into_inner);
    let unmet: Vec<(String, Place)> =
        worlds.iter().flat_map(|world| world.stage().unmet()).collect();
    let Some((first, place)) = unmet.first() else { return Ok(()) };
    let also = unmet[1..].iter().map(|(what, place)| format!(", {what} of line {}", place.line));
    let message = format!("what was ordered has not happened: {first}{}", also.collect::<String>());
    let help = "there was no occasion for it; take another step, or order it elsewhere";
    let fault = ScriptFault::of_file(Code::Test001, &file.name, message);
    let fault = ScriptFault { help: Some(help.to_owned()), ..fault };
    let Some(line) = file.text(&place.file).lines().nth((place.line as usize).wrapping_sub(1))
    else {
        return Err(ScriptFault { line: test.line, ..fault }.into());
    };
    let Place { file, line: number, column } = place;
    let at = ScriptFault { file: file.as_str().into(), line: *number, column: *column, ..fault };
    Err(ScriptFault { source_line: line.to_owned(), ..at }.into())
}

/// The fault with the source and the parts of the assertion that failed, where it is one.
fn seen(file: &Opened, test: &TestFunction, fault: ScriptFault) -> ScriptFault {
    let is_of_test = fault.code == Code::Test001 && *fault.file == *file.name;
    let text = file.text(&file.name);
    let claim = Claim::at(text, fault.line, fault.column);
    let Some(claim) = claim.filter(|_| is_of_test && !fault.message.starts_with(NEITHER)) else {
        return fault;
    };
    let values = if claim.has_parts() { again(file, test, &fault, &claim) } else { None };
    let message = claim.told(&fault.message, &values.unwrap_or_default());
    ScriptFault { message, ..fault }
}

/// What the parts of an assertion were when its test failed there once more.
fn again(
    file: &Opened,
    test: &TestFunction,
    fault: &ScriptFault,
    claim: &Claim<'_>,
) -> Option<BTreeMap<i64, String>> {
    let text = claim.watched();
    let own = file.shelf.own.as_ref().and_then(|own| own.file_stem()?.to_str());
    let script = file.script.as_ref().zip(own).map(|((_, text), stem)| (stem, text.as_str()));
    let place = TestPlace { name: &file.name, text: &text, stdlib: &file.shelf.stdlib, script };
    let tests = TestFile::load(place, register_seeing, None).ok()?;
    let props = Props::new(file.shelf.clone());
    let failed = tests.run(&test.name, &Prompt::new(props.clone())).err()?;
    let is_same =
        (failed.line, failed.column, &failed.message) == (fault.line, fault.column, &fault.message);
    let mut sight = props.sight.lock().unwrap_or_else(PoisonError::into_inner);
    is_same.then(|| std::mem::take(&mut sight.failed))
}

/// The lines of the scripts that were tested, and of all that they import.
fn lines(opened: &[Opened], seen: &Coverage) -> Vec<FileCoverage> {
    let mut found = BTreeMap::new();
    let mut add = |name: &str, lines: BTreeSet<u32>| {
        let hit = seen.lines(name).intersection(&lines).copied().collect();
        found.entry(name.to_owned()).or_insert(FileCoverage { file: name.to_owned(), lines, hit });
    };
    for file in opened {
        if let Some((name, text)) = &file.script {
            add(name, file.tests.lines_that_run(text));
        }
        let is_module = |name: &str| name.starts_with("stdlib/") && !name.ends_with(ENDING);
        for (name, text) in file.tests.texts().filter(|(name, _)| is_module(name)) {
            add(name, file.tests.lines_that_run(text));
        }
        let made = file.shelf.made.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, bundle) in made.values() {
            for (name, _) in bundle.files() {
                add(name, bundle.lines_that_run(name));
            }
        }
    }
    found.into_values().collect()
}
