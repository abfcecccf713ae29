//! Imports: which files a script may bring in, and how they come into its bundle.
//!
//! A strategy imports `"stdlib/…"` by literal names only. The files are read once, at load, by [`Files`]; the [`Resolver`]
//! serves their texts to the compiler, which embeds them; at run time there is nothing left to resolve.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rhai::{
    AST, ASTNode, Engine, EvalAltResult, Expr, Module, ModuleResolver, ParseError, Position, Scope,
    Shared, Stmt,
};

use crate::types::Code;

use super::api::Entry;
use super::fault::{ScriptFault, nearest};
use super::functions::{self, Function};
use super::sandbox::MODULE_BYTES_MAX;
use super::source;
use super::syntax::words::{self, Word};
use super::syntax::{self, Grasp};

const PREFIX: &str = "stdlib/";

/// Where module texts come from.
pub(super) enum Files<'a> {
    /// A folder that holds what scripts call `stdlib/`.
    Folder(&'a Path),
    /// Texts of an earlier bundle, by path.
    Texts(&'a BTreeMap<String, String>),
    /// For a test: such a folder, and the script beside the test by the name of its file without `.rhai`.
    Beside(&'a Path, &'a str, &'a str),
}

impl Files<'_> {
    /// The text of a module, or why there is none.
    fn read(&self, name: &str) -> Result<String, String> {
        match self {
            Self::Texts(texts) => texts
                .get(&file_of(name))
                .cloned()
                .ok_or_else(|| format!("the bundle does not hold '{}'", file_of(name))),
            Self::Beside(_, script, text) if name == *script => Ok((*text).to_owned()),
            Self::Folder(folder) | Self::Beside(folder, ..) => read_file(folder, name),
        }
    }

    /// The known module nearest to a name that is unknown.
    fn suggestion(&self, name: &str) -> Option<String> {
        let (Self::Folder(folder) | Self::Beside(folder, ..)) = self else { return None };
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|file| file.strip_suffix(".rhai").map(|stem| format!("{PREFIX}{stem}")))
            .collect();
        names.sort();
        nearest(name, names.iter().map(String::as_str))
            .map(|near| format!("did you mean \"{near}\"?"))
    }
}

/// The path of a module's file in a bundle: `stdlib/sizing.rhai`.
pub(super) fn file_of(name: &str) -> String {
    format!("{name}.rhai")
}

fn read_file(folder: &Path, name: &str) -> Result<String, String> {
    let relative = name.strip_prefix(PREFIX).unwrap_or(name);
    let root = folder
        .canonicalize()
        .map_err(|error| format!("the folder {} cannot be read: {error}", folder.display()))?;
    let path: PathBuf = root.join(format!("{relative}.rhai"));
    let shown = folder.join(format!("{relative}.rhai"));
    let shown = shown.display();
    let found = path.canonicalize().map_err(|_| format!("there is no file {shown}"))?;
    if found != path {
        return Err(format!("{shown} is a link; a module must be a file of the folder"));
    }
    let size = std::fs::metadata(&path).map_or(0, |meta| meta.len() as usize);
    if size > MODULE_BYTES_MAX {
        return Err(format!("{shown} has {size} bytes, more than {MODULE_BYTES_MAX}"));
    }
    source::read(&path).map_err(|error| format!("{shown} cannot be read: {error}"))
}

/// Whether a name is one that a script may import.
fn is_allowed(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX) else { return false };
    !rest.is_empty()
        && !rest.starts_with('/')
        && !rest.ends_with('/')
        && !rest.contains("//")
        && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_/".contains(&b))
}

/// One import statement.
struct Import {
    name: String,
    at: Position,
}

/// Why a script and what it imports cannot be put together.
pub(super) struct Refused {
    pub(super) cause: Cause,
    pub(super) fault: ScriptFault,
    /// The text of the file where the fault is.
    pub(super) text: String,
}

/// What a file is refused for.
pub(super) enum Cause {
    Import,
    /// What the parser stumbled over, told in its own words.
    Parse(ParseError),
    /// A name that is not there, told whole.
    Name,
    /// Something that the parser does not know of.
    Syntax,
}

/// A file and what it compiles to.
pub(super) struct Compiled {
    pub(super) text: String,
    pub(super) ast: AST,
    functions: OnceLock<Vec<Arc<Function>>>,
    words: OnceLock<Vec<Word>>,
}

impl Compiled {
    fn new(text: String, ast: AST) -> Self {
        Self { text, ast, functions: OnceLock::new(), words: OnceLock::new() }
    }

    /// Its functions, closures among them, by where they begin.
    pub(super) fn functions(&self) -> &[Arc<Function>] {
        self.functions.get_or_init(|| functions::of(&self.ast))
    }

    /// What a word of it is written as.
    pub(super) fn word(&self, word: &Word) -> &str {
        &self.text[word.at.clone()]
    }

    /// What stands in a function, word by word; its braces may share their lines.
    pub(super) fn words_of(&self, function: &Function) -> impl Iterator<Item = &str> {
        let lines = function.start.line().unwrap_or(0)..=function.end.line().unwrap_or(0);
        let first = self.words().partition_point(|word| word.line < *lines.start());
        let of_lines = self.words()[first..].iter().take_while(move |it| it.line <= *lines.end());
        of_lines.map(|word| self.word(word))
    }

    /// The words of its text.
    pub(super) fn words(&self) -> &[Word] {
        self.words.get_or_init(|| words::of(&self.text))
    }
}

/// Files by the name that imports give them.
pub(super) type CompiledFiles = BTreeMap<String, Arc<Compiled>>;

/// The texts alone.
pub(super) fn texts_of(files: &CompiledFiles) -> BTreeMap<String, String> {
    files.iter().map(|(name, file)| (name.clone(), file.text.clone())).collect()
}

/// A script and every file that it imports, directly or not, compiled by an engine; the entries are what scripts can call.
pub(super) fn collect(
    compiler: (&Engine, &[Entry]),
    files: &Files<'_>,
    script: (&str, &str),
) -> Result<CompiledFiles, Vec<ScriptFault>> {
    gather(compiler, files, script)
        .map_err(|refused| refused.into_iter().map(|refused| refused.fault).collect())
}

/// As [`collect`], with what each fault is about.
pub(super) fn gather(
    (engine, entries): (&Engine, &[Entry]),
    files: &Files<'_>,
    (name, text): (&str, &str),
) -> Result<CompiledFiles, Vec<Refused>> {
    let compiled = BTreeMap::new();
    // A module that is looked at by itself is the first of its own circle.
    let own = name.strip_suffix(".rhai").filter(|own| own.starts_with(PREFIX));
    let path = own.map(str::to_owned).into_iter().collect();
    let mut walk = Walk { engine, entries, files, compiled, path, faults: Vec::new() };
    walk.visit(name, text.to_owned());
    if walk.faults.is_empty() { Ok(walk.compiled) } else { Err(walk.faults) }
}

/// A file that was parsed before: scripts that are checked one after the other import the same, and tests import their script.
struct Parsed {
    /// What the parser refuses beyond.
    limits: [usize; 7],
    file: Arc<Compiled>,
}

/// So many files are kept.
const PARSED_MAX: usize = 64;

static PARSED: Mutex<Vec<Parsed>> = Mutex::new(Vec::new());

/// What an engine's parser refuses beyond: tests may have longer literals than strategies.
fn limits_of(engine: &Engine) -> [usize; 7] {
    [
        engine.max_expr_depth(),
        engine.max_function_expr_depth(),
        engine.max_string_size(),
        engine.max_array_size(),
        engine.max_map_size(),
        engine.max_functions(),
        engine.max_variables(),
    ]
}

struct Walk<'a> {
    engine: &'a Engine,
    entries: &'a [Entry],
    files: &'a Files<'a>,
    compiled: CompiledFiles,
    /// The modules that are being read, outermost first.
    path: Vec<String>,
    faults: Vec<Refused>,
}

impl Walk<'_> {
    fn visit(&mut self, file: &str, text: String) {
        let limits = limits_of(self.engine);
        let parsed = || PARSED.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |it: &&Parsed| it.limits == limits && it.file.text == text;
        let kept = parsed().iter().find(is_it).map(|it| it.file.clone());
        if let Some(kept) = kept {
            return self.visit_parsed(file, kept);
        }
        // To the parser the text ends where the comment begins.
        if let Some(fault) = syntax::open_comment(file, &text) {
            return self.faults.push(Refused { cause: Cause::Syntax, fault, text });
        }
        let ast = match self.engine.compile(&text) {
            Ok(ast) => ast,
            Err(error) => {
                let (fault, grasp) = syntax::parse_fault((file, &text), &error, self.entries);
                let cause = match grasp {
                    Grasp::Plain => Cause::Parse(error),
                    Grasp::Name => Cause::Name,
                    Grasp::Whole => Cause::Syntax,
                };
                return self.faults.push(Refused { cause, fault, text });
            }
        };
        let compiled = Arc::new(Compiled::new(text, ast));
        let mut kept = parsed();
        kept.truncate(PARSED_MAX - 1);
        kept.insert(0, Parsed { limits, file: compiled.clone() });
        drop(kept);
        self.visit_parsed(file, compiled);
    }

    fn visit_parsed(&mut self, file: &str, compiled: Arc<Compiled>) {
        let Compiled { text, ast, .. } = &*compiled;
        let (imports, faults) = imports_of(ast, file, text);
        faults.into_iter().for_each(|fault| self.refuse(fault, text));
        for import in imports {
            self.follow(file, text, &import);
        }
        self.compiled.insert(file.to_owned(), compiled);
    }

    fn refuse(&mut self, fault: ScriptFault, text: &str) {
        self.faults.push(Refused { cause: Cause::Import, fault, text: text.to_owned() });
    }

    fn follow(&mut self, file: &str, text: &str, import: &Import) {
        let name = import.name.as_str();
        let fault = |message: String| {
            ScriptFault::of_file(Code::Strat004, file, message).at(text, import.at)
        };
        let is_beside = matches!(self.files, Files::Beside(_, script, _) if name == *script);
        if !is_beside && !is_allowed(name) {
            let help = "write import \"stdlib/name\" as name; with small letters, digits, _ and /";
            let message = format!("'{name}' cannot be imported");
            return self.refuse(fault(message).with_help(Some(help.to_owned())), text);
        }
        if self.path.iter().any(|open| open == name) {
            let circle = self.path.join(" → ");
            let message = format!("imports go in a circle: {circle} → {name}");
            return self.refuse(fault(message), text);
        }
        if self.compiled.contains_key(&file_of(name)) {
            return;
        }
        match self.files.read(name) {
            Err(why) => {
                let help = self.files.suggestion(name);
                let message = format!("'{name}' cannot be imported: {why}");
                self.refuse(fault(message).with_help(help), text);
            }
            Ok(module) => {
                self.path.push(name.to_owned());
                self.visit(&file_of(name), module);
                self.path.pop();
            }
        }
    }
}

/// The imports of a file; one whose name is computed is a fault.
fn imports_of(ast: &AST, file: &str, text: &str) -> (Vec<Import>, Vec<ScriptFault>) {
    let (mut imports, mut faults) = (Vec::new(), Vec::new());
    ast.walk(&mut |nodes: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, at))) = nodes.last() {
            match &import.0 {
                Expr::StringConstant(name, at) => {
                    imports.push(Import { name: name.to_string(), at: *at });
                }
                _ => faults.push(
                    ScriptFault::of_file(Code::Strat004, file, "an import needs a literal name")
                        .at(text, *at)
                        .with_help(Some("write import \"stdlib/name\" as name;".to_owned())),
                ),
            }
        }
        true
    });
    (imports, faults)
}

/// Serves the texts of a bundle to the compiler.
pub(super) struct Resolver {
    texts: BTreeMap<String, String>,
}

impl Resolver {
    pub(super) fn new(texts: BTreeMap<String, String>) -> Self {
        Self { texts }
    }

    fn compile(
        &self,
        engine: &Engine,
        name: &str,
        at: Position,
    ) -> Result<AST, Box<EvalAltResult>> {
        let file = file_of(name);
        let text = self
            .texts
            .get(&file)
            .ok_or_else(|| EvalAltResult::ErrorModuleNotFound(name.to_owned(), at))?;
        let mut ast = engine.compile(text).map_err(Box::<EvalAltResult>::from)?;
        ast.set_source(file);
        Ok(ast)
    }
}

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        _: Option<&str>,
        name: &str,
        at: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let ast = self.compile(engine, name, at)?;
        let module = Module::eval_ast_as_new(Scope::new(), &ast, engine)
            .map_err(|inner| EvalAltResult::ErrorInModule(file_of(name), inner, at))?;
        Ok(module.into())
    }

    // Without it the compiler does not see the imports of imported files.
    fn resolve_ast(
        &self,
        engine: &Engine,
        _: Option<&str>,
        name: &str,
        at: Position,
    ) -> Option<Result<AST, Box<EvalAltResult>>> {
        Some(self.compile(engine, name, at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::Of;
    use super::super::sandbox;
    use super::*;

    #[test]
    fn what_was_parsed_for_tests_is_refused_to_strategies_all_the_same() {
        let text = format!("fn long() {{ [{}] }}\n", "1, ".repeat(1_500));
        let read = |of: Of| {
            let files = Files::Texts(&BTreeMap::new());
            gather((&sandbox::compiler(of), &[]), &files, ("long.rhai", &text)).is_ok()
        };
        assert_eq!([read(Of::Tests), read(Of::Strategy), read(Of::Tests)], [true, false, true]);
    }
}
