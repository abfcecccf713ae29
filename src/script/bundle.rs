//! A bundle: a script with everything it imports, checked whole, compiled, and known by the hash of its texts.
//!
//! It is the unit that runs, that is recorded beside a run's results, and that a later run can be given again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, Map, Scope, Stmt};
use sha2::{Digest, Sha256};

use crate::config::Setup;
use crate::types::Code;

use super::api::Entry;
use super::check::{self, Script};
use super::coverage::{Coverage, lines_that_run};
use super::diagnose::{self, Texts};
use super::fault::ScriptFault;
use super::host::{Answer, Ctx};
use super::imports::{self, CompiledFiles, Files, Resolver};
use super::sandbox::{self, SCRIPT_BYTES_MAX};
use super::source;
use super::specialise::{Body, Specialised};

/// A checked, compiled script with its imports.
pub struct Bundle {
    hash: Arc<str>,
    main: String,
    texts: BTreeMap<String, String>,
    engine: Engine,
    ast: AST,
    fast: Fast,
    entries: Vec<Entry>,
}

/// What runs: the script made for its run, or as it is written.
pub(super) struct Fast {
    pub(super) ast: AST,
    /// The body of `decide`, where that is its last statement.
    pub(super) body: Option<Body>,
}

impl Bundle {
    /// Reads a script and what it imports from `stdlib_dir`, and checks it against the setup of its run.
    ///
    /// # Errors
    /// Every fault that was found, each STRAT-004 with its place (a limit hit by top-level code is STRAT-005).
    pub fn load(script: &Path, stdlib_dir: &Path, setup: &Setup) -> Result<Self, Vec<ScriptFault>> {
        let (name, text) = Self::read(script)?;
        Self::build(name, text, &Files::Folder(stdlib_dir), setup)
    }

    /// The bundle of texts that an earlier one gave by [`Bundle::files`]; nothing is read from disk.
    ///
    /// # Errors
    /// As [`Bundle::load`]; also when not exactly one of the files is outside `stdlib/`.
    pub fn from_texts(
        files: Vec<(String, String)>,
        setup: &Setup,
    ) -> Result<Self, Vec<ScriptFault>> {
        let (modules, mut scripts): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(path, _)| path.starts_with("stdlib/"));
        let modules: BTreeMap<String, String> = modules.into_iter().collect();
        match (scripts.pop(), scripts.is_empty()) {
            (Some((name, text)), true) => Self::build(&name, text, &Files::Texts(&modules), setup),
            _ => {
                let message = "a bundle holds exactly one script beside its stdlib files";
                Err(vec![ScriptFault::of_file(Code::Strat004, "bundle", message)])
            }
        }
    }

    /// A script's name and text.
    pub(super) fn read(script: &Path) -> Result<(&str, String), Vec<ScriptFault>> {
        let name = script.file_name().and_then(|name| name.to_str()).unwrap_or("script.rhai");
        let text = source::read(script).map_err(|error| {
            let message = format!("{} cannot be read: {error}", script.display());
            vec![ScriptFault::of_file(Code::Strat004, name, message)]
        })?;
        Ok((name, text))
    }

    /// All files of a bundle.
    fn files_of(
        compiler: (&Engine, &[Entry]),
        name: &str,
        text: String,
        files: &Files<'_>,
    ) -> Result<CompiledFiles, Vec<ScriptFault>> {
        if text.len() > SCRIPT_BYTES_MAX {
            let message =
                format!("the script has {} bytes, more than {SCRIPT_BYTES_MAX}", text.len());
            return Err(vec![ScriptFault::of_file(Code::Strat004, name, message)]);
        }
        imports::collect(compiler, files, (name, &text))
    }

    fn build(
        name: &str,
        text: String,
        files: &Files<'_>,
        setup: &Setup,
    ) -> Result<Self, Vec<ScriptFault>> {
        let (mut loader, known) = sandbox::engine(setup);
        let files = Self::files_of((&loader, &known), name, text, files)?;
        let texts = imports::texts_of(&files);
        loader.set_module_resolver(Resolver::new(texts.clone()));

        let (engine, entries) = sandbox::engine(setup);
        let texts_of = TextMap(&texts);
        let mut ast =
            sandbox::guarded(|| loader.compile_into_self_contained(&Scope::new(), &texts[name]))
                .map_err(|error| vec![load_fault(error, name, &texts_of, &entries)])?;
        ast.set_source(name);
        let faults = check::refusals(&Script {
            entries: &entries,
            setup,
            main: name,
            of: check::Of::Strategy,
            files: &files,
        });
        if !faults.is_empty() {
            return Err(faults);
        }
        let fast = specialised(&mut loader, setup, name, &texts)
            .unwrap_or_else(|| Fast { ast: ast.clone(), body: None });
        let hash = hash(&texts);
        Ok(Self { hash, main: name.to_owned(), texts, engine, ast, fast, entries })
    }

    /// SHA-256 over the names and texts of all files, hex; a strategy's version.
    pub fn hash(&self) -> &Arc<str> {
        &self.hash
    }

    /// The script's own file name.
    pub fn main(&self) -> &str {
        &self.main
    }

    /// All files by path, sorted: what a run keeps under `inputs/`.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The table of host functions, for references and checks.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn fast(&self) -> &Fast {
        &self.fast
    }

    /// The bundle as it is written, noting the lines that run.
    pub fn watched(mut self, coverage: &Coverage) -> Self {
        coverage.watch(&mut self.engine);
        self.unmade()
    }

    /// The lines of a file of the bundle on which something can run.
    pub fn lines_that_run(&self, file: &str) -> BTreeSet<u32> {
        lines_that_run(&self.engine, self.text(file))
    }

    /// The map that a strategy's memory is.
    pub(crate) fn memory_of(&self, text: &str) -> Answer<Map> {
        self.engine.parse_json(text, true)
    }

    /// The bundle without what is made for its run.
    pub(super) fn unmade(self) -> Self {
        Self { fast: Fast { ast: self.ast.clone(), body: None }, ..self }
    }

    /// Whether the script defines a function of one argument by this name.
    pub(super) fn has_function(&self, name: &str) -> bool {
        self.ast
            .iter_functions()
            .any(|function| function.name == name && function.params.len() == 1)
    }

    /// Calls a function of the script with a context, `this` bound to `memory`. The engine is given, so that a post-mortem
    /// can bring its own.
    pub(super) fn call(
        &self,
        engine: &Engine,
        function: &str,
        ctx: Ctx,
        memory: &mut Dynamic,
    ) -> Result<Dynamic, Box<EvalAltResult>> {
        let options =
            CallFnOptions::new().with_tag(Dynamic::from(ctx.clone())).bind_this_ptr(memory);
        engine.call_fn_with_options(options, &mut Scope::new(), &self.ast, function, (ctx,))
    }

    /// The fault of an error that a call gave.
    pub(super) fn diagnose(&self, error: Box<EvalAltResult>) -> ScriptFault {
        diagnose::diagnose(error, &self.main, self, &self.entries)
    }
}

impl Texts for Bundle {
    fn text(&self, file: &str) -> &str {
        self.texts.get(file).map_or("", String::as_str)
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle")
            .field("main", &self.main)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// The script made for its run, compiled; `None` where what was made does not compile, which is no fault of the script's.
fn specialised(
    loader: &mut Engine,
    setup: &Setup,
    main: &str,
    texts: &BTreeMap<String, String>,
) -> Option<Fast> {
    [true, false].into_iter().find_map(|with_body| {
        let made = Specialised::new(loader, setup, main, texts, with_body);
        let script = made.texts[main].clone();
        loader.set_module_resolver(Resolver::new(made.texts));
        let scope = made.body.clone().unwrap_or_default().scope();
        let compiled = sandbox::guarded(|| loader.compile_into_self_contained(&scope, &script));
        let mut ast = compiled.ok()?;
        ast.set_source(main);
        let is_last = matches!(ast.statements().last(), Some(Stmt::Block(_)));
        (made.body.is_none() || is_last).then_some(Fast { ast, body: made.body })
    })
}

struct TextMap<'a>(&'a BTreeMap<String, String>);

impl Texts for TextMap<'_> {
    fn text(&self, file: &str) -> &str {
        self.0.get(file).map_or("", String::as_str)
    }
}

/// What goes wrong while a script is put together is STRAT-004, but for limits.
fn load_fault(
    error: Box<EvalAltResult>,
    name: &str,
    texts: &TextMap<'_>,
    entries: &[Entry],
) -> ScriptFault {
    let fault = diagnose::diagnose(error, name, texts, entries);
    let code = if fault.code == Code::Strat005 { Code::Strat005 } else { Code::Strat004 };
    ScriptFault { code, ..fault }
}

/// Each name and text with its length, so that no two sets of files give the same bytes.
fn hash(texts: &BTreeMap<String, String>) -> Arc<str> {
    let mut hasher = Sha256::new();
    for part in texts.iter().flat_map(|(path, text)| [path, text]) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}
