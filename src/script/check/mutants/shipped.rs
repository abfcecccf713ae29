//! The shipped scripts with their modules, in memory, each with its configuration and an engine.

use std::collections::BTreeMap;
use std::path::Path;

use rhai::Engine;

use super::super::super::api::Entry;
use super::super::super::imports::Files;
use super::super::super::sandbox;
use super::super::{Finding, Of, of_text};
use crate::config::{LoadRequest, Setup, load};

pub(in crate::script::check) struct Shipped {
    main: String,
    modules: BTreeMap<String, String>,
    script: String,
    setup: Setup,
    engine: Engine,
    entries: Vec<Entry>,
    /// The files to spoil: the script, and the modules that no script before has.
    spoilt: Vec<String>,
    /// All modules that it imports, directly or not.
    reached: Vec<String>,
}

/// By mode: the script.
const SCRIPTS: [(&str, &str); 8] = [
    ("btc_basis", "strategies/btc_basis.rhai"),
    ("eth_leveraged", "strategies/eth_leveraged.rhai"),
    ("eth_staking_only", "strategies/eth_staking_only.rhai"),
    ("pure_lending_eth", "strategies/pure_lending_eth.rhai"),
    ("pure_lending_usdt", "strategies/pure_lending_usdt.rhai"),
    ("usdt_market_neutral_no_leverage", "strategies/usdt_market_neutral_no_leverage.rhai"),
    ("usdt_market_neutral", "strategies/usdt_market_neutral.rhai"),
    ("strategies/bench/basis1.yaml", "strategies/bench/basis1.rhai"),
];

impl Shipped {
    pub(in crate::script::check) fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        let mut modules = BTreeMap::new();
        for entry in std::fs::read_dir(root.join("stdlib")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.ends_with(".rhai") && !name.ends_with(".test.rhai") {
                modules.insert(format!("stdlib/{name}"), read(&path));
            }
        }
        let mut seen: Vec<String> = Vec::new();
        SCRIPTS
            .iter()
            .map(|(mode, path)| {
                let mode = match mode.ends_with(".yaml") {
                    true => root.join(mode).display().to_string(),
                    false => (*mode).to_owned(),
                };
                let setup = load(LoadRequest::of_mode(&mode, &root.join("configs"))).unwrap();
                let script = read(&root.join(path));
                let (engine, entries) = sandbox::engine(&setup);
                let main = path.rsplit('/').next().unwrap().to_owned();
                let mut spoilt = vec![main.clone()];
                let reached = reached(&script, &modules);
                for name in &reached {
                    if !seen.contains(name) {
                        seen.push(name.clone());
                        spoilt.push(name.clone());
                    }
                }
                let modules = modules.clone();
                Self { main, modules, script, setup, engine, entries, spoilt, reached }
            })
            .collect()
    }

    /// The name of the script's own file.
    pub(in crate::script::check) fn main(&self) -> &str {
        &self.main
    }

    /// Whether one of the files is spoilt with this script.
    pub(in crate::script::check) fn has(&self, file: &str) -> bool {
        self.spoilt.iter().any(|spoilt| spoilt == file)
    }

    /// Whether the file is a module of the script.
    pub(in crate::script::check) fn imports(&self, file: &str) -> bool {
        self.reached.iter().any(|reached| reached == file)
    }

    /// The files to spoil, with their texts.
    pub(in crate::script::check) fn files(&self) -> Vec<(String, String)> {
        let text = |name: &String| (name.clone(), self.text(name).to_owned());
        self.spoilt.iter().map(text).collect()
    }

    pub(in crate::script::check) fn text(&self, file: &str) -> &str {
        self.modules.get(file).unwrap_or(&self.script)
    }

    /// The findings when one of the files is another.
    pub(in crate::script::check) fn check(&self, file: &str, text: String) -> Vec<Finding> {
        let host = (&self.engine, &self.entries[..], &self.setup);
        if file == self.main {
            return of_text(host, (&self.main, text), &Files::Texts(&self.modules), Of::Strategy);
        }
        let mut modules = self.modules.clone();
        modules.insert(file.to_owned(), text);
        of_text(host, (&self.main, self.script.clone()), &Files::Texts(&modules), Of::Strategy)
    }
}

/// The modules that a text imports, directly or not.
fn reached(text: &str, modules: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("import ")) {
        let name = format!("{}.rhai", line.split('"').nth(1).unwrap());
        found.extend(reached(&modules[&name], modules));
        found.push(name);
    }
    found
}
