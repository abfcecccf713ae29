//! Who may import whom, where unsafe code may stand, and what the synchronous core may not do. Reads the sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each module may import of ours, besides itself. A module that is not here fails the test: it has no place yet.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("config", &["types"]),
    ("market", &["types", "config"]),
    ("portfolio", &["types", "config", "market"]),
    ("engine", &["types", "config", "market", "portfolio"]),
    ("sim", &["types", "config", "market", "portfolio"]),
    ("script", &["types", "config", "market", "portfolio", "engine"]),
    ("feeds", &["types", "config", "market"]),
    ("records", &["types"]),
    (
        "run",
        &["types", "config", "market", "portfolio", "engine", "sim", "script", "feeds", "records"],
    ),
    ("trial", &["types", "config", "market", "portfolio", "engine", "sim", "script", "run"]),
    ("manual", &["script", "trial"]),
    (
        "cli",
        &[
            "types",
            "config",
            "market",
            "portfolio",
            "engine",
            "sim",
            "script",
            "records",
            "run",
            "trial",
            "manual",
        ],
    ),
];

/// Modules that must give the same answer to the same inputs: no clock, no randomness, no threads.
const CORE: &[&str] = &["types", "market", "portfolio", "engine", "sim", "script"];

/// Files of the core's modules that stand at its edge: they read a data folder before the first step, each file on a thread
/// of its own, and what they give does not depend on the order.
const EDGES: &[&str] = &["market/load.rs"];

const FORBIDDEN_IN_CORE: &[&str] = &[
    "async fn",
    ".await",
    "SystemTime::now",
    "Instant::now",
    "rand::",
    "std::thread",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "println!",
];

#[test]
fn imports_point_one_way() {
    let rules: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut faults = Vec::new();
    for (module, file, text) in sources() {
        let Some(allowed) = rules.get(module.as_str()) else {
            faults.push(format!("{} belongs to no module of the house", file.display()));
            continue;
        };
        for (line, imported) in imports(&text) {
            if imported != module && !allowed.contains(&imported.as_str()) {
                faults.push(format!(
                    "{}:{line}: {module} must not import {imported}",
                    file.display()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_core_has_no_clock_no_chance_and_no_threads() {
    let mut faults = Vec::new();
    for (module, file, text) in sources() {
        let is_edge = EDGES.iter().any(|edge| file.ends_with(edge));
        if !CORE.contains(&module.as_str()) || is_edge || is_test(&file) {
            continue;
        }
        for (number, line) in product_lines(&text) {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(word) = FORBIDDEN_IN_CORE.iter().find(|word| code.contains(**word)) {
                faults.push(format!("{}:{number}: {word} in the core", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn unsafe_code_stands_in_the_counting_allocator_alone() {
    for (_, file, text) in sources() {
        let is_allocator = file.ends_with("script/alloc.rs");
        let allows = text.contains("allow(unsafe_code)");
        assert!(is_allocator || !allows, "{} allows unsafe code", file.display());
    }
}

/// Every source file below `src/<module>/`, with its module and text.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let relative = path.strip_prefix(&root).expect("found below src").to_owned();
                if relative.components().count() > 1 {
                    let module = relative.components().next().expect("has a first part");
                    let module = module.as_os_str().to_string_lossy().into_owned();
                    let text = std::fs::read_to_string(&path).expect("a source is text");
                    found.push((module, relative, text));
                }
            }
        }
    }
    assert!(found.len() > 30, "the sources were not found");
    found.sort();
    found
}

/// Whether a file is compiled for tests alone.
fn is_test(file: &Path) -> bool {
    let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.ends_with("tests")
        || name == "real_data"
        || file.components().any(|part| part.as_os_str() == "tests")
}

/// The first part of every `crate::` path, with its line. Tests inside a module may use what they like.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in product_lines(text) {
        for part in line.split("crate::").skip(1) {
            let name: String =
                part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() && name.chars().next().is_some_and(char::is_lowercase) {
                found.push((number, name));
            }
        }
    }
    found
}

/// The lines before the file's test module, numbered from 1, without documentation.
fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}
