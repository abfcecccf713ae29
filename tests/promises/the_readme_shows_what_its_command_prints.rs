//! The README's main command, run as it stands there, prints what the README shows.

use std::path::Path;
use std::process::Command;

#[test]
fn the_readme_shows_what_its_command_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("there is a README");
    let command = readme.lines().find_map(|line| line.strip_prefix("cargo run --release -- "));
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next());
    let (command, shown) = (command.expect("its main command"), shown.expect("what it prints"));
    let out = tempfile::tempdir().expect("a temporary folder can be made");
    let ran = Command::new(env!("CARGO_BIN_EXE_basis"))
        .current_dir(root)
        .env_remove("BASIS_DATA_DIR")
        .args(command.split_whitespace())
        .args(["--events", "none", "--out"])
        .arg(out.path())
        .output()
        .expect("the program runs");
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    let printed = String::from_utf8(ran.stdout).expect("text");
    assert!(printed.contains(shown), "the README shows\n{shown}\nand it prints\n{printed}");
}
