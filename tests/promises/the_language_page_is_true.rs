//! What the page on the language says is run: each piece of code as a test of scripts, the configuration as one of a mode.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::desk::copy;

/// A home with the shipped strategies and configurations.
fn home() -> TempDir {
    let home = TempDir::new().expect("a folder");
    for folder in ["configs", "stdlib", "strategies", "data"] {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &home.path().join(folder));
    }
    home
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scripting/language.md");
    std::fs::read_to_string(path).expect("the page")
}

/// The pieces of the page in a language.
fn pieces(language: &str) -> Vec<String> {
    let page = page();
    let fence = format!("```{language}\n");
    let pieces = page.split(&fence).skip(1);
    pieces.map(|piece| piece.split("```").next().unwrap_or_default().to_owned()).collect()
}

fn basis(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_basis"));
    command.args(arguments).current_dir(home).output().expect("it runs")
}

#[test]
fn each_piece_of_the_page_holds_as_a_test() {
    let home = home();
    let pieces = pieces("rust");
    assert!(pieces.len() >= 9, "{} pieces", pieces.len());
    let tests = pieces.iter().enumerate();
    let tests: Vec<String> =
        tests.map(|(number, piece)| format!("fn test_piece_{number}() {{\n{piece}}}\n")).collect();
    let file = home.path().join("strategies/pure_lending_usdt.test.rhai");
    std::fs::write(file, tests.join("\n")).expect("a file");
    let done = basis(home.path(), &["test", "strategies/pure_lending_usdt.test.rhai"]);
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{told}{}", String::from_utf8_lossy(&done.stderr));
    assert!(told.contains(&format!("{} passed", pieces.len())), "{told}");
    let checked = basis(home.path(), &["check", "strategies/pure_lending_usdt.test.rhai"]);
    let told = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(told, "1 file: nothing found\n");
}

#[test]
fn its_parameters_are_those_of_a_mode_that_loads() {
    let home = home();
    let pieces = pieces("yaml");
    let [parameters] = &pieces[..] else { panic!("{} configurations", pieces.len()) };
    let file = home.path().join("configs/modes/pure_lending_usdt.yaml");
    let mode = std::fs::read_to_string(&file).expect("a mode");
    let (head, rest) = mode.split_once("parameters:\n").expect("parameters");
    let rest = rest.split_once("\n\n").map_or("", |(_, rest)| rest);
    std::fs::write(&file, format!("{head}{parameters}\n{rest}")).expect("a file");
    let done = basis(home.path(), &["config", "show", "pure_lending_usdt"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
