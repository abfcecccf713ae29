//! The guide to scripting is followed word by word: its code stands in the files of its stages, its commands print what it shows.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::desk::copy;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A fenced block, with the stage of the guide that it belongs to.
struct Block {
    stage: String,
    language: String,
    text: String,
}

fn blocks(guide: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut stage = String::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("<!-- stage ") {
            name.trim_end_matches(" -->").clone_into(&mut stage);
        } else if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let text = text.join("\n");
            blocks.push(Block { stage: stage.clone(), language: language.to_owned(), text });
        }
    }
    blocks
}

fn guide() -> Vec<Block> {
    blocks(&std::fs::read_to_string(root().join("docs/scripting/guide.md")).expect("the guide"))
}

/// The files of a stage.
fn files(stage: &str) -> Vec<(PathBuf, String)> {
    let folder = root().join("docs/scripting/guide").join(stage);
    let entries = std::fs::read_dir(&folder).expect("the guide names stages that are there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| (path.clone(), std::fs::read_to_string(path).expect("a text"))).collect()
}

#[test]
fn code_stands_in_the_files_of_its_stage() {
    let mut shown = 0;
    for Block { stage, language, text } in guide() {
        if !matches!(language.as_str(), "rust" | "yaml") {
            continue;
        }
        shown += 1;
        let is_there = files(&stage).iter().any(|(_, file)| file.contains(&text));
        assert!(is_there, "stage {stage} has nowhere:\n{text}");
    }
    assert!(shown > 5, "{shown} blocks");
}

#[test]
fn commands_print_what_the_guide_shows() {
    let home = TempDir::new().expect("a folder");
    for folder in ["configs", "stdlib", "strategies", "data"] {
        copy(&root().join(folder), &home.path().join(folder));
    }
    for Block { stage, language, text } in guide() {
        if language != "console" {
            continue;
        }
        let (command, shown) = text.split_once('\n').unwrap_or((&text, ""));
        let command = command.strip_prefix("$ basis ").expect("a command");
        if !stage.is_empty() {
            stage_in(home.path(), &stage);
        }
        let done = Command::new(env!("CARGO_BIN_EXE_basis"))
            .args(command.split(' '))
            .current_dir(home.path())
            .output()
            .expect("it runs");
        let printed = String::from_utf8_lossy(&done.stdout).replace('\r', "");
        let told = String::from_utf8_lossy(&done.stderr);
        if shown.is_empty() {
            assert!(done.status.success(), "{command}:\n{told}");
            continue;
        }
        assert_eq!(timeless(&printed), shown.trim_end(), "{command}:\n{told}");
    }
}

/// The files of a stage in place of those of the one before.
fn stage_in(home: &Path, stage: &str) {
    let strategies = home.join("strategies");
    for ending in ["rhai", "yaml", "test.rhai"] {
        let _ = std::fs::remove_file(strategies.join(format!("rate_switch.{ending}")));
    }
    for (path, text) in files(stage) {
        let name = path.file_name().expect("a name");
        std::fs::write(strategies.join(name), text).expect("it can be written");
    }
}

/// Without the time that it took, which differs.
fn timeless(printed: &str) -> String {
    let lines = printed.trim_end().lines().map(|line| match line.split_once(" in ") {
        Some((before, after)) if after.ends_with(" s") && before.contains(" passed") => {
            format!("{before} in … s")
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}
