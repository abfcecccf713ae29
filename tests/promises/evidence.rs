//! What a run leaves behind, read back: its files without what may differ between two runs of the same inputs (SPEC 6: the
//! id, the process, real times and what this machine measured), and its event files as JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::desk::Desk;

/// The generated data of BASIS-1.
pub fn basis1_data() -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/basis1").display().to_string()
}

/// Every file of a finished run by its path: results, journal, logs and events.
pub fn evidence(desk: &Desk, id: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let results = format!("results/{id}");
    let process = finished_process(desk, id);
    for (folder, shown) in [(results, "results"), (process, "logs")] {
        for name in desk.files(&folder) {
            let text = desk.read(&format!("{folder}/{name}"));
            files.insert(format!("{shown}/{name}"), without_what_may_differ(&name, &text));
        }
    }
    for name in ["journal.log", "command.json"] {
        files.insert(name.to_owned(), desk.read(&format!("logs/{id}/{name}")));
    }
    files
}

/// The folder of the process that finished a run.
pub fn finished_process(desk: &Desk, id: &str) -> String {
    let is_finished = |folder: &String| {
        let path = format!("{folder}/run_metadata.json");
        desk.path(&path).is_file() && desk.read(&path).contains("\"ended_at\": \"")
    };
    let folders: Vec<String> = desk
        .names(&format!("logs/{id}"))
        .into_iter()
        .map(|name| format!("logs/{id}/{name}"))
        .filter(is_finished)
        .collect();
    assert_eq!(folders.len(), 1, "one process finished the run {id}: {folders:?}");
    folders.into_iter().next().expect("there is one")
}

/// Insists that two runs left the same bytes, and names the first place where they did not.
pub fn assert_same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) {
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(one), names(other), "the same files");
    for (name, text) in one {
        let other = &other[name];
        if text != other {
            let differing = text.lines().zip(other.lines()).enumerate().find(|(_, (a, b))| a != b);
            panic!("{name} differs, first at {differing:#?}");
        }
    }
}

/// Drops from a file what SPEC 6 allows to differ, and nothing else.
fn without_what_may_differ(name: &str, text: &str) -> String {
    let lines = text.lines();
    let kept: Vec<String> = match name.rsplit('/').next().unwrap_or(name) {
        "summary.json" => {
            let fields = ["correlation_id", "peak_rss_mb", "load_s", "setup_s", "run_s", "write_s"];
            lines.filter(|line| !is_field(line, &fields)).map(str::to_owned).collect()
        }
        "run_metadata.json" => {
            let fields = ["correlation_id", "pid", "started_at", "ended_at"];
            lines.filter(|line| !is_field(line, &fields)).map(str::to_owned).collect()
        }
        name if name.ends_with(".jsonl") => lines.map(without_volatile_head).collect(),
        _ => return text.to_owned(),
    };
    kept.join("\n")
}

fn is_field(line: &str, names: &[&str]) -> bool {
    let name = line.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
    name.is_some_and(|name| names.contains(&name))
}

/// An event's line without `real_utc_time`, `correlation_id` and `pid`, which stand together.
fn without_volatile_head(line: &str) -> String {
    let (before, rest) = line.split_once("\"real_utc_time\":").expect("an event has a real time");
    let (_, after) = rest.split_once("\"pid\":").expect("an event has a process");
    let (_, after) = after.split_once(',').expect("an event has fields of its own");
    format!("{before}{after}")
}

/// The lines of an event file as JSON.
pub fn events(desk: &Desk, id: &str, kind: &str) -> Vec<Value> {
    let process = finished_process(desk, id);
    let text = desk.read(&format!("{process}/events/{kind}.jsonl"));
    text.lines().map(|line| serde_json::from_str(line).expect("an event is JSON")).collect()
}
