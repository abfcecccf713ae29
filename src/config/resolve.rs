//! From what a user typed to files: a mode's name or a script's path, and the configuration that belongs to it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::types::Code;

use super::faults::{Fault, nearest};

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
    if let Some(script) = script.as_ref() {
        is_a_script(script, config_dir)?;
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

/// Whether a path is that of a configuration.
pub fn is_configuration(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// A script is a file.
fn is_a_script(path: &Path, config_dir: &Path) -> Result<(), Fault> {
    let shown = path.display();
    let fault = |what: String| Fault::new(Code::Config006, what);
    if path.is_dir() {
        return Err(a_folder(path));
    }
    let is_script = path.extension().is_some_and(|extension| extension == "rhai");
    // A configuration is read by its own path where nothing runs.
    if path.is_file() && (is_script || is_configuration(path)) {
        return Ok(());
    }
    if path.is_file() {
        let fault = fault(format!("{shown} is no script: its name does not end in .rhai"));
        return Err(fault.suggest("name a script or a mode"));
    }
    let fault = fault(format!("there is no script {shown}"));
    Err(match script_meant(path, config_dir) {
        Some(near) => fault.suggest(format!("did you mean {}?", near.display())),
        None => fault.suggest("check the path"),
    })
}

fn a_folder(path: &Path) -> Fault {
    Fault::new(Code::Config006, format!("{} is a folder, no script", path.display()))
        .suggest("name a script in it")
}

/// How the strategy is named that a configuration belongs to: by the script beside it, or by the mode that it is.
pub fn strategy_of(config: &Path) -> Option<String> {
    let script = config.with_extension("rhai");
    if script.is_file() {
        return Some(script.display().to_string());
    }
    let is_mode = config.parent().is_some_and(|folder| folder.ends_with("modes"));
    let mode = config.file_stem().filter(|_| is_mode && config.is_file())?;
    Some(mode.to_string_lossy().into_owned())
}

/// The script of a folder whose name is nearest to that of a path which is not there.
fn script_near(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let stem = path.file_stem()?.to_string_lossy();
    let near = nearest(&stem, script_names(folder))?;
    Some(folder.join(format!("{near}.rhai")))
}

/// The script that is meant by a path which is not there: the nearest beside it, or with a bare name in `strategies/`.
pub fn script_meant(path: &Path, config_dir: &Path) -> Option<PathBuf> {
    let is_bare = path.components().count() == 1;
    script_near(path)
        .or_else(|| script_near(&scripts_of(config_dir).join(path)).filter(|_| is_bare))
}

/// Where strategies lie: beside the configurations.
fn scripts_of(config_dir: &Path) -> PathBuf {
    config_dir.parent().unwrap_or(Path::new("")).join("strategies")
}

/// The names of the scripts of a folder, without those of their tests, sorted.
pub(super) fn script_names(folder: &Path) -> Vec<String> {
    stems(folder, "rhai").into_iter().filter(|stem| !stem.ends_with(".test")).collect()
}

/// The names of all modes of a configuration folder, sorted.
pub fn mode_names(config_dir: &Path) -> Vec<String> {
    stems(&config_dir.join("modes"), "yaml")
}

/// What a mode is, in the words of its configuration's first line.
pub fn mode_in_words(mode: &str, config_dir: &Path) -> Option<String> {
    let text = fs::read_to_string(mode_file(config_dir, mode)).ok()?;
    Some(text.lines().next()?.strip_prefix('#')?.trim().to_owned())
}

/// The files of a folder with an extension, without it, sorted.
fn stems(folder: &Path, extension: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        // A link that leads nowhere is none of them.
        .filter(|path| path.extension().is_some_and(|known| known == extension) && path.is_file())
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
    if Path::new(mode).is_dir() {
        return a_folder(Path::new(mode));
    }
    let names = mode_names(config_dir);
    let file = mode_file(config_dir, mode);
    let sentence = format!("there is no mode '{mode}': {} is not there", file.display());
    let fault = Fault::new(Code::Config006, sentence);
    if !config_dir.is_dir() {
        let folder = config_dir.display();
        return fault
            .suggest(format!("there is no folder {folder} either; give another --config-dir"));
    }
    let folder = scripts_of(config_dir);
    let scripts = script_names(&folder);
    match nearest(mode, names.iter().chain(&scripts)) {
        Some(near) if names.contains(&near) => fault.suggest(format!("did you mean '{near}'?")),
        Some(near) => {
            let script = folder.join(format!("{near}.rhai"));
            fault.suggest(format!("did you mean {}?", script.display()))
        }
        None if names.is_empty() => {
            let folder = config_dir.join("modes");
            fault.suggest(format!("{} holds no modes", folder.display()))
        }
        None => fault.suggest(format!("known modes: {}", names.join(", "))),
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
        let missing = resolve(&script("cccc.rhai"), &configs).unwrap_err();
        assert!(missing.sentence.contains("there is no script"), "{missing}");
        assert_eq!(missing.suggestion.as_deref(), Some("check the path"));
        let near = resolve(&script("c.rhai"), &configs).unwrap_err().suggestion.unwrap();
        assert!(near.starts_with("did you mean ") && near.ends_with("s/a.rhai?"), "{near}");
    }

    #[test]
    fn a_configuration_is_of_the_script_beside_it_or_of_its_mode() {
        let folder =
            folder(&["c/modes/a.yaml", "c/modes/a.txt", "s/a.rhai", "s/a.yaml", "s/b.yaml"]);
        let of = |file: &str| strategy_of(&folder.path().join(file));
        assert!(of("s/a.yaml").unwrap().ends_with("s/a.rhai"));
        assert_eq!(of("c/modes/a.yaml").as_deref(), Some("a"));
        assert_eq!(of("s/b.yaml"), None);
        let configs = folder.path().join("c");
        let folder = resolve(&named(folder.path().join("s").to_string_lossy()), &configs);
        assert!(folder.unwrap_err().sentence.ends_with("is a folder, no script"));
        let text = configs.join("modes/a.txt").to_string_lossy().into_owned();
        let text = resolve(&named(text), &configs).unwrap_err();
        assert!(text.sentence.ends_with("its name does not end in .rhai"), "{text}");
    }

    #[test]
    fn a_bare_name_of_a_script_is_told_its_path() {
        let folder = folder(&["configs/modes/rate_watch.yaml", "strategies/rate_switch.rhai"]);
        let configs = folder.path().join("configs");
        for name in ["rate_switch", "rate_swich"] {
            let near = resolve(&named(name), &configs).unwrap_err().suggestion.unwrap();
            assert!(near.ends_with("strategies/rate_switch.rhai?"), "{name}: {near}");
        }
        // With its ending, but without its folder.
        let near = resolve(&named("rate_switch.rhai"), &configs).unwrap_err().suggestion.unwrap();
        assert!(near.ends_with("strategies/rate_switch.rhai?"), "{near}");
        let near = resolve(&named("rate_wath"), &configs).unwrap_err().suggestion.unwrap();
        assert_eq!(near, "did you mean 'rate_watch'?");
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
