//! The lines of all kinds, read by eye once and held ever since; and the fields that the documents must name.

use std::fmt::Write;

use crate::records::encoder::Encoder;
use crate::records::event_kind::EventKind;
use crate::records::sample;

/// All event files of one step with one event of each kind.
fn files() -> Vec<(EventKind, String)> {
    let folder = tempfile::tempdir().unwrap();
    let (now, real) = (sample::at("2024-06-01T01:00:00Z"), sample::at("2025-01-02T03:04:05.678Z"));
    let mut encoder = Encoder::open(sample::plan(folder.path()), real).unwrap();
    encoder.write(&sample::step(now), real).unwrap();
    encoder.finish(real).unwrap();
    let read = |kind: EventKind| {
        let path = folder.path().join(format!("logs/events/{}.jsonl", kind.text()));
        (kind, std::fs::read_to_string(path).unwrap())
    };
    EventKind::ALL.map(read).into()
}

#[test]
fn print() {
    let mut all = String::new();
    for (kind, text) in files() {
        writeln!(all, "== {}\n{text}", kind.text()).unwrap();
    }
    println!("{all}");
}
