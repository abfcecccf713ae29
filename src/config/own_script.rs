//! The script that a mode names as its own: a file that ends in `.rhai`, told from the folder that holds the configurations.

use std::path::{Path, PathBuf};

use crate::types::Code;

use super::faults::{Fault, nearest};
use super::resolve::script_names;
use super::section::Section;

/// What tests of scripts end with.
const TESTS: &str = ".test.rhai";

/// The script of a run: the one that is named where it begins, else that of `script:`; none together with a fault. A path that
/// leads to no script is told in either case.
pub(super) fn own_script(
    section: &Section<'_>,
    named: Option<&Path>,
    config_dir: &Path,
) -> Option<PathBuf> {
    let home = config_dir.parent().unwrap_or(Path::new(""));
    let own = section.optional_text();
    let path = own.map(|own| home.join(own));
    if let (Some(own), Some(path)) = (own, &path)
        && let Some(what) = what_else(own, path)
    {
        let fault = Fault::new(Code::Config003, what);
        section.tell(match script_meant(own, home) {
            Some(meant) => fault.suggest(format!("did you mean {meant}?")),
            None => fault.suggest("name a file that ends in .rhai, such as strategies/mine.rhai"),
        });
    }
    if own.is_none() && named.is_none() && section.origin().is_some() {
        let fault = Fault::new(Code::Config004, "a value is needed here");
        section.tell(fault.suggest("write script: strategies/mine.rhai, or take it out"));
    }
    named.map(Path::to_owned).or(path)
}

/// What a path is that is no script.
fn what_else(named: &str, path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if path.is_dir() {
        Some(format!("{named} is a folder, no script"))
    } else if !path.is_file() && folder.is_some_and(|folder| !folder.is_dir()) {
        let folder = folder.map(|folder| folder.display().to_string()).unwrap_or_default();
        Some(format!("there is no script {named}: there is no folder {folder}"))
    } else if !path.is_file() {
        let shown = path.display().to_string();
        let is_elsewhere =
            if shown == named { String::new() } else { format!(": {shown} is not there") };
        Some(format!("there is no script {named}{is_elsewhere}"))
    } else if named.ends_with(TESTS) {
        Some(format!("{named} is a file of tests, no strategy"))
    } else if !named.ends_with(".rhai") {
        Some(format!("{named} is no script: its name does not end in .rhai"))
    } else {
        None
    }
}

/// The script that is meant, as `script:` names it: the nearest in the folder that is named, or in `strategies/`.
fn script_meant(named: &str, home: &Path) -> Option<String> {
    let path = Path::new(named);
    let file = path.file_name()?.to_str()?;
    let stem = file.split('.').next().filter(|stem| !stem.is_empty())?;
    let beside = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    beside.into_iter().chain([Path::new("strategies")]).find_map(|folder| {
        let near = nearest(stem, script_names(&home.join(folder)))?;
        Some(folder.join(format!("{near}.rhai")).display().to_string())
    })
}
