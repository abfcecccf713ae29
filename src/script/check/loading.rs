//! What keeps a script from being read and compiled at all, each kind by a name of its own.

use rhai::{Engine, ParseError, ParseErrorType, Position};

use crate::types::Code;

use super::super::api::Entry;
use super::super::fault::ScriptFault;
use super::super::imports::{self, Cause, CompiledFiles, Files, Refused};
use super::super::sandbox::SCRIPT_BYTES_MAX;
use super::super::syntax;
use super::{Finding, Lint};

pub(super) const UNREADABLE: Lint =
    Lint::error("unreadable", "a file that cannot be read, or is too large");
pub(super) const SYNTAX: Lint = Lint::error("syntax", "what the language does not know");
pub(super) const VARIABLE: Lint =
    Lint::error("undefined-variable", "a variable or constant that is not there");
pub(super) const MODULE: Lint =
    Lint::error("undefined-module", "a module that is called and not imported");
pub(super) const CONSTANT: Lint = Lint::error(
    "assigned-constant",
    "a constant, or something of the host, that is given another value",
);
pub(super) const TWICE: Lint =
    Lint::error("defined-twice", "two functions, parameters or fields of one name");
pub(super) const IMPORT: Lint = Lint::error(
    "bad-import",
    "an import from outside of stdlib/, of what is not there, or in a circle",
);

/// What says that a file cannot be read.
pub(super) fn unreadable(faults: Vec<ScriptFault>) -> Vec<Finding> {
    faults.into_iter().map(|fault| Finding::new(UNREADABLE, fault)).collect()
}

/// A script and all that it imports, compiled.
pub(super) fn files(
    compiler: (&Engine, &[Entry]),
    (name, text): (&str, String),
    files: &Files<'_>,
) -> Result<CompiledFiles, Vec<Finding>> {
    if text.len() > SCRIPT_BYTES_MAX {
        let message = format!("the script has {} bytes, more than {SCRIPT_BYTES_MAX}", text.len());
        return Err(unreadable(vec![ScriptFault::of_file(Code::Strat004, name, message)]));
    }
    imports::gather(compiler, files, (name, &text))
        .map_err(|refused| refused.into_iter().flat_map(findings).collect())
}

fn findings(Refused { cause, fault, text }: Refused) -> Vec<Finding> {
    let error = match cause {
        Cause::Import => return vec![Finding::new(IMPORT, fault)],
        Cause::Name => return vec![Finding::new(VARIABLE, fault)],
        Cause::Syntax => return vec![Finding::new(SYNTAX, fault)],
        Cause::Parse(error) => error,
    };
    let ParseError(kind, at) = &error;
    let mut finding = Finding::new(lint(&error), fault);
    let note = |message: String, at: Position| {
        ScriptFault::of_file(Code::Strat004, &finding.fault.file, message).at(&text, at)
    };
    let notes: Vec<ScriptFault> = match kind.as_ref() {
        ParseErrorType::VariableUndefined(name) => {
            let lonely = syntax::lonely_near(&text, name);
            let near = lonely.as_ref().map(|(near, _)| near.clone());
            let near = near.or_else(|| syntax::declared_near(&text, name));
            if let Some(near) = near {
                finding.fault.help = Some(format!("did you mean {near}?"));
            }
            let misspelt = lonely.map(|(near, at)| (format!("{near} is used nowhere else"), at));
            let elsewhere = || syntax::elsewhere(&text, name, *at);
            misspelt.or_else(elsewhere).into_iter().map(|(told, at)| note(told, at)).collect()
        }
        ParseErrorType::ModuleUndefined(name) => {
            let misspelt = syntax::lonely_near(&text, name);
            if let Some((near, _)) = &misspelt {
                finding.fault.help = Some(format!("did you mean {near}?"));
            }
            let misspelt = misspelt.map(|(near, at)| (format!("{near} is used nowhere else"), at));
            misspelt
                .or_else(|| import_of(&text, name))
                .into_iter()
                .map(|(told, at)| note(told, at))
                .collect()
        }
        ParseErrorType::AssignmentToConstant(name) => syntax::constant(&text, name, *at)
            .into_iter()
            .map(|at| note(format!("{name} is declared here"), at))
            .collect(),
        _ => Vec::new(),
    };
    finding.notes = notes;
    vec![finding]
}

fn lint(ParseError(kind, _): &ParseError) -> Lint {
    match kind.as_ref() {
        ParseErrorType::VariableUndefined(_) => VARIABLE,
        ParseErrorType::ModuleUndefined(_) => MODULE,
        ParseErrorType::AssignmentToConstant(_) => CONSTANT,
        ParseErrorType::FnDuplicatedDefinition(..)
        | ParseErrorType::FnDuplicatedParam(..)
        | ParseErrorType::DuplicatedProperty(_)
        | ParseErrorType::DuplicatedVariable(_) => TWICE,
        _ => SYNTAX,
    }
}

/// The import of a module that is called by its own name: under another one, or under none.
fn import_of(text: &str, name: &str) -> Option<(String, Position)> {
    let is_import = |line: &str| {
        line.trim_start().starts_with("import ") && line.contains(&format!("/{name}\""))
    };
    let (line, import) = text.lines().enumerate().find(|(_, line)| is_import(line))?;
    let message = match import.contains(" as ") {
        true => format!("{name} is imported under another name"),
        false => format!("{name} is imported without a name: write as {name}"),
    };
    Some((message, Position::new((line + 1) as u16, 1)))
}
