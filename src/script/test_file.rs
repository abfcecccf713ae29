//! A file of tests, compiled with what it imports: the modules of `stdlib/` and the script beside it.

use std::collections::BTreeMap;
use std::path::Path;

use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, Scope};

use crate::types::{Code, Decision};

use super::api::{Api, Entry, ScriptDecision};
use super::coverage::Coverage;
use super::diagnose::{self, Texts};
use super::fault::ScriptFault;
use super::host::Prompt;
use super::imports::{self, Files, Resolver};
use super::sandbox;
use super::strategy::decision_of;

/// What the names of tests begin with.
const TEST: &str = "test_";

/// Where a file of tests stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TestPlace<'a> {
    /// The file, as it is told.
    pub(crate) name: &'a str,
    /// Its text.
    pub(crate) text: &'a str,
    /// What scripts call `stdlib/`.
    pub(crate) stdlib: &'a Path,
    /// The script beside it, by its file's name without `.rhai`, and its text.
    pub(crate) script: Option<(&'a str, &'a str)>,
}

impl TestPlace<'_> {
    /// Where its imports come from.
    pub(super) fn files(&self) -> Files<'_> {
        match self.script {
            Some((stem, text)) => Files::Beside(self.stdlib, stem, text),
            None => Files::Folder(self.stdlib),
        }
    }
}

/// A compiled file of tests.
pub(crate) struct TestFile {
    name: String,
    texts: BTreeMap<String, String>,
    engine: Engine,
    entries: Vec<Entry>,
    ast: AST,
}

/// One test of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TestFunction {
    /// The line on which it begins.
    pub(crate) line: u32,
    /// Its name.
    pub(crate) name: String,
}

impl TestFile {
    /// Compiles a file of tests. `register` adds what tests can call beside the functions of the host.
    ///
    /// # Errors
    /// Every fault that was found, each with its place.
    pub(crate) fn load(
        place: TestPlace<'_>,
        register: fn(&mut Api),
        coverage: Option<&Coverage>,
    ) -> Result<Self, Vec<ScriptFault>> {
        let TestPlace { name, text, .. } = place;
        let (mut loader, known) = sandbox::test_engine(register);
        let files = place.files();
        let texts = imports::texts_of(&imports::collect((&loader, &known), &files, (name, text))?);
        loader.set_module_resolver(Resolver::new(texts.clone()));
        let (mut engine, entries) = sandbox::test_engine(register);
        if let Some(coverage) = coverage {
            coverage.watch(&mut engine);
        }
        let scope = Scope::new();
        let compiled = sandbox::guarded(|| loader.compile_into_self_contained(&scope, text));
        let mut file = Self { name: name.to_owned(), texts, engine, entries, ast: AST::empty() };
        file.ast = compiled.map_err(|error| {
            let fault = file.fault(error);
            vec![ScriptFault { code: Code::Strat004, ..fault }]
        })?;
        file.ast.set_source(name);
        let faults = file.never_run();
        if faults.is_empty() { Ok(file) } else { Err(faults) }
    }

    /// Functions that look like tests and are none.
    fn never_run(&self) -> Vec<ScriptFault> {
        let takes = |function: &rhai::ScriptFnMetadata<'_>| {
            function.name.starts_with(TEST) && !function.params.is_empty()
        };
        let fault = |function: rhai::ScriptFnMetadata<'_>| {
            let message =
                format!("{} takes an argument, so it is no test and never runs", function.name);
            let help = "take its parameters out, or call it by another name".to_owned();
            let fault = ScriptFault::of_file(Code::Test001, &self.name, message);
            ScriptFault { line: self.line_of(function.name), help: Some(help), ..fault }
        };
        self.ast.iter_functions().filter(takes).map(fault).collect()
    }

    /// The tests, from the top: functions without parameters whose names begin with `test_`.
    pub(crate) fn tests(&self) -> Vec<TestFunction> {
        let mut tests: Vec<TestFunction> = self
            .ast
            .iter_functions()
            .filter(|function| function.name.starts_with(TEST) && function.params.is_empty())
            .map(|function| TestFunction {
                line: self.line_of(function.name),
                name: function.name.to_owned(),
            })
            .collect();
        tests.sort();
        tests
    }

    /// Runs one test, from nothing.
    ///
    /// # Errors
    /// What it fails with, at its place.
    pub(crate) fn run(&self, test: &str, prompt: &Prompt) -> Result<(), Box<ScriptFault>> {
        let options = CallFnOptions::new().with_tag(Dynamic::from(prompt.clone()));
        let called = sandbox::guarded_test(|| {
            let scope = &mut Scope::new();
            self.engine.call_fn_with_options::<Dynamic>(options, scope, &self.ast, test, ())
        });
        called.map(drop).map_err(|error| self.fault(error).into())
    }

    /// The lines of a text on which something can run.
    pub(crate) fn lines_that_run(&self, text: &str) -> std::collections::BTreeSet<u32> {
        super::coverage::lines_that_run(&self.engine, text)
    }

    /// All files by path: the tests, and what they import.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The line on which a function begins; the compiler does not tell.
    fn line_of(&self, function: &str) -> u32 {
        let is_it = |line: &str| {
            let rest = line.trim_start().strip_prefix("fn ").map(str::trim_start);
            let rest = rest.and_then(|rest| rest.strip_prefix(function));
            rest.is_some_and(|rest| rest.trim_start().starts_with('('))
        };
        self.text(&self.name).lines().position(is_it).map_or(0, |index| index as u32 + 1)
    }

    fn fault(&self, error: Box<EvalAltResult>) -> ScriptFault {
        diagnose::diagnose(error, &self.name, self, &self.entries)
    }
}

impl Texts for TestFile {
    fn text(&self, file: &str) -> &str {
        self.texts.get(file).map_or("", String::as_str)
    }
}

impl std::fmt::Debug for TestFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestFile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The decision that a script's value is; `None` when it is something else.
pub(crate) fn decision(value: Dynamic) -> Option<Decision> {
    value.try_cast::<ScriptDecision>().map(decision_of)
}
