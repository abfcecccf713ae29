//! What keeps a script from being read and compiled at all, each kind by a name of its own.

use rhai::{Engine, ParseError, ParseErrorType, Position};

use crate::types::Code;

use super::super::fault::ScriptFault;
use super::super::imports::{self, Cause, CompiledFiles, Files, Refused};
use super::super::sandbox::SCRIPT_BYTES_MAX;
use super::super::syntax;
use super::{Finding, Lint, lints};

pub(super) const UNREADABLE: Lint =
    Lint::error("unreadable", "a file that cannot be read, or is too large");
pub(super) const SYNTAX: Lint = Lint::error("syntax", "what the language does not know");
pub(super) const VARIABLE: Lint =
    Lint::error("undefined-variable", "a variable or constant that is not there");
pub(super) const MODULE: Lint =
    Lint::error("undefined-module", "a module that is called and not imported");
pub(super) const CONSTANT: Lint =
    Lint::error("assigned-constant", "a constant that is given another value");
pub(super) const TWICE: Lint =
    Lint::error("defined-twice", "two functions, parameters or fields of one name");
pub(super) const IMPORT: Lint = Lint::error(
    "bad-import",
    "an import from outside of stdlib/, of what is not there, or in a circle",
);

/// What says that a file cannot be read.
pub(super) fn unreadable(faults: Vec<ScriptFault>) -> Vec<Finding> {
    faults.into_iter().map(|fault| Finding { lint: UNREADABLE, fault }).collect()
}

/// A script and all that it imports, compiled.
pub(super) fn files(
    engine: &Engine,
    (name, text): (&str, String),
    files: &Files<'_>,
) -> Result<CompiledFiles, Vec<Finding>> {
    if text.len() > SCRIPT_BYTES_MAX {
        let message = format!("the script has {} bytes, more than {SCRIPT_BYTES_MAX}", text.len());
        return Err(unreadable(vec![ScriptFault::of_file(Code::Strat004, name, message)]));
    }
    imports::gather(engine, files, (name, &text))
        .map_err(|refused| refused.into_iter().flat_map(findings).collect())
}

fn findings(Refused { cause, fault, text }: Refused) -> Vec<Finding> {
    let error = match cause {
        Cause::Import => return vec![Finding { lint: IMPORT, fault }],
        Cause::Syntax => return vec![Finding { lint: SYNTAX, fault }],
        Cause::Parse(error) => error,
    };
    let meant = match error.0.as_ref() {
        ParseErrorType::VariableUndefined(name) | ParseErrorType::ModuleUndefined(name) => {
            syntax::lonely_near(&text, name)
        }
        _ => None,
    };
    let alias = match error.0.as_ref() {
        ParseErrorType::ModuleUndefined(name) => other_alias(&text, name, &fault),
        _ => None,
    };
    let beside = meant.as_ref().map(|(near, at)| {
        let message = format!("{near} is used nowhere else");
        let help = format!("line {} asks for {}", fault.line, asked(&error));
        let fault = ScriptFault::of_file(Code::Strat004, &fault.file, message);
        Finding { lint: lints::UNREAD, fault: fault.at(&text, *at).with_help(Some(help)) }
    });
    let mut fault = fault;
    if let Some((near, _)) = meant {
        fault.help = Some(format!("did you mean {near}?"));
    } else if let ParseErrorType::VariableUndefined(name) = error.0.as_ref()
        && let Some(near) = syntax::declared_near(&text, name)
    {
        fault.help = Some(format!("did you mean {near}?"));
    }
    std::iter::once(Finding { lint: lint(&error), fault }).chain(beside).chain(alias).collect()
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

/// The import of a module that is called by its own name, under another one.
fn other_alias(text: &str, name: &str, asked: &ScriptFault) -> Option<Finding> {
    let is_import = |line: &str| {
        line.trim_start().starts_with("import ") && line.contains(&format!("/{name}\" as "))
    };
    let line = text.lines().position(is_import)? + 1;
    let message = format!("{name} is imported under another name");
    let help = format!("line {} calls {name}::", asked.line);
    let fault = ScriptFault::of_file(Code::Strat004, &asked.file, message);
    let fault = fault.at(text, Position::new(line as u16, 1)).with_help(Some(help));
    Some(Finding { lint: lints::UNNEEDED, fault })
}

fn asked(ParseError(kind, _): &ParseError) -> &str {
    match kind.as_ref() {
        ParseErrorType::VariableUndefined(name) | ParseErrorType::ModuleUndefined(name) => name,
        _ => "",
    }
}
