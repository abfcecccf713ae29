//! From what a user typed to files: a mode's name or a script's path, and the configuration that belongs to it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::types::Code;

use super::faults::Fault;

/// The strategy as the user named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategyRef {
    /// A mode's name, or a script's path (with a slash or ending in `.rhai`).
    pub name: String,
    /// `--config`: used instead of the file that belongs to the name.
    pub config: Option<PathBuf>,
}

/// Second names of modes.
const ALIASES: [(&str, &str); 2] = [
    ("usdt_eth_staking_hedged_leveraged", "usdt_market_neutral"),
    ("usdt_eth_staking_hedged_simple", "usdt_market_neutral_no_leverage"),
];

/// The files that a strategy resolves to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// The mode's name: the stem of the configuration's file, or of the script where `--config` gives another file.
    pub(super) mode: String,
    /// The mode's configuration.
    pub(super) config: PathBuf,
    /// The script, when the user named one.
    pub(super) script: Option<PathBuf>,
}

/// Finds the files of a strategy.
///
/// # Errors
/// CONFIG-006 with the nearest name when there is no such mode, no such script, or no configuration for it; CONFIG-001 when
/// `--config` names no file.
pub(super) fn resolve(strategy: &StrategyRef, config_dir: &Path) -> Result<Resolved, Fault> {
    let path = Path::new(&strategy.name);
    let is_script = path.extension().is_some_and(|extension| extension == "rhai")
        || path.components().count() > 1;
    let stem = if is_script {
        path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    } else {
        aliased(&strategy.name, config_dir).to_owned()
    };
    let script = is_script.then(|| path.to_owned());
    if let Some(script) = script.as_ref().filter(|script| !script.is_file()) {
        let sentence = format!("there is no script {}", script.display());
        return Err(Fault::new(Code::Config006, sentence).suggest("check the path"));
    }
    let candidates = match &strategy.config {
        Some(config) => vec![config.clone()],
        None => {
            let beside = script.as_ref().map(|script| script.with_extension("yaml"));
            beside.into_iter().chain([mode_file(config_dir, &stem)]).collect()
        }
    };
    match candidates.iter().find(|candidate| candidate.is_file()) {
        Some(config) => Ok(Resolved { mode: stem, config: config.clone(), script }),
        None => Err(match (&strategy.config, &script) {
            (Some(config), _) => {
                let sentence = format!("there is no configuration {}", config.display());
                Fault::new(Code::Config001, sentence).suggest("give another --config")
            }
            (None, Some(script)) => unconfigured(script, &candidates),
            (None, None) => not_found(&stem, config_dir),
        }),
    }
}

/// The names of all modes of a configuration folder, sorted.
pub fn mode_names(config_dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(config_dir.join("modes")) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

fn aliased<'a>(name: &'a str, config_dir: &Path) -> &'a str {
    ALIASES
        .iter()
        .find(|(alias, mode)| *alias == name && mode_file(config_dir, mode).is_file())
        .map_or(name, |(_, mode)| mode)
}

fn mode_file(config_dir: &Path, mode: &str) -> PathBuf {
    config_dir.join("modes").join(format!("{mode}.yaml"))
}

/// A script needs a configuration; its places are named.
fn unconfigured(script: &Path, candidates: &[PathBuf]) -> Fault {
    let tried: Vec<String> = candidates.iter().map(|path| path.display().to_string()).collect();
    let (script, tried) = (script.display(), tried.join(" nor "));
    let sentence = format!("there is no configuration for {script}: neither {tried} is there");
    Fault::new(Code::Config006, sentence).suggest("write one, or give --config")
}

fn not_found(mode: &str, config_dir: &Path) -> Fault {
    let names = mode_names(config_dir);
    let file = mode_file(config_dir, mode);
    let sentence = format!("there is no mode '{mode}': {} is not there", file.display());
    let fault = Fault::new(Code::Config006, sentence).nearest(mode, &names);
    if fault.suggestion.is_some() {
        fault
    } else if !config_dir.is_dir() {
        let folder = config_dir.display();
        fault.suggest(format!("there is no folder {folder} either; give another --config-dir"))
    } else if names.is_empty() {
        let folder = config_dir.join("modes");
        fault.suggest(format!("{} holds no modes", folder.display()))
    } else {
        fault.suggest(format!("known modes: {}", names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "asset: BTC\n").unwrap();
        }
        folder
    }

    fn named(name: impl Into<String>) -> StrategyRef {
        StrategyRef { name: name.into(), config: None }
    }

    #[test]
    fn a_script_takes_the_yaml_beside_it_before_the_mode_of_its_name() {
        let folder =
            folder(&["c/modes/a.yaml", "c/modes/b.yaml", "s/a.rhai", "s/a.yaml", "s/b.rhai"]);
        let configs = folder.path().join("c");
        let script = |name: &str| named(folder.path().join("s").join(name).to_string_lossy());
        let beside = resolve(&script("a.rhai"), &configs).unwrap();
        assert_eq!(beside.config, folder.path().join("s/a.yaml"));
        let by_mode = resolve(&script("b.rhai"), &configs).unwrap();
        assert_eq!(by_mode.config, folder.path().join("c/modes/b.yaml"));
        assert_eq!(resolve(&named("a"), &configs).unwrap().script, None);
        let missing = resolve(&script("c.rhai"), &configs).unwrap_err();
        assert!(missing.sentence.contains("there is no script"), "{missing}");
    }

    #[test]
    fn an_unknown_mode_is_refused_with_the_nearest_name() {
        let folder = folder(&["modes/btc_basis.yaml", "modes/usdt_market_neutral.yaml"]);
        let fault = resolve(&named("btc_basys"), folder.path()).unwrap_err();
        assert_eq!(fault.code, Code::Config006);
        assert_eq!(fault.suggestion.as_deref(), Some("did you mean 'btc_basis'?"));
        let fault = resolve(&named("xyz"), folder.path()).unwrap_err();
        assert!(fault.suggestion.unwrap().contains("btc_basis, usdt_market_neutral"));
        let alias = resolve(&named("usdt_eth_staking_hedged_leveraged"), folder.path()).unwrap();
        assert_eq!(alias.mode, "usdt_market_neutral");
    }
}
