//! The lines of all kinds, read by eye once and held ever since; and the fields that the documents must name.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

use crate::records::encoder::Encoder;
use crate::records::event_kind::EventKind;
use crate::records::{read_jsonl, sample};
use crate::types::event::{Event, EventBatch, OrderEvent};
use crate::types::order::Origin;

const NOW: &str = "2024-06-01T01:00:00Z";
const REAL: &str = "2025-01-02T03:04:05.678Z";

/// Writes one step with one event of each kind.
fn record(folder: &Path) {
    let mut encoder = Encoder::open(sample::plan(folder), sample::at(REAL)).unwrap();
    encoder.write(&sample::step(sample::at(NOW)), sample::at(REAL)).unwrap();
    encoder.finish(sample::at(REAL)).unwrap();
}

fn path(folder: &Path, kind: EventKind) -> std::path::PathBuf {
    folder.join(format!("logs/events/{}.jsonl", kind.text()))
}

/// `BASIS_BLESS=1 cargo test golden` writes the committed lines anew, to be read by eye.
#[test]
fn the_lines_of_all_kinds_are_as_committed() {
    let folder = tempfile::tempdir().unwrap();
    record(folder.path());
    let text: String = EventKind::ALL
        .map(|kind| std::fs::read_to_string(path(folder.path(), kind)).unwrap())
        .concat();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/records/jsonl/golden.jsonl");
    if std::env::var_os("BASIS_BLESS").is_some() {
        std::fs::write(&golden, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&golden).unwrap();
    for (line, expected) in text.lines().zip(committed.lines()) {
        assert_eq!(line, expected);
    }
    assert_eq!(text.lines().count(), committed.lines().count());
}

#[test]
fn all_lines_are_json_and_their_sequence_has_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    record(folder.path());
    let mut sequence = BTreeSet::new();
    for kind in EventKind::ALL {
        for line in read_jsonl(&path(folder.path(), kind)).unwrap() {
            let line = line.unwrap();
            assert!(line["metadata"].is_object(), "{line}");
            assert!(sequence.insert(line["sequence"].as_u64().unwrap()), "{line}");
        }
    }
    assert_eq!(sequence.first(), Some(&1));
    assert_eq!(sequence.last(), Some(&(sequence.len() as u64)));
}

/// The names of all fields of an object; below a map by key, token, venue, … only the fields of its values.
fn fields(json: &Json, prefix: &str, found: &mut BTreeSet<String>) {
    const MAPS: [&str; 10] = [
        "positions",
        "net_delta",
        "asset_exposures",
        "margin_ratios",
        "data_age_s",
        "pnl_by_venue",
        "pnl_by_asset",
        "expected_deltas",
        "simulated_positions",
        "real_positions",
    ];
    let is_map = MAPS.contains(&prefix) || prefix == "market_conditions";
    match json {
        Json::Object(object) => {
            for (name, value) in object {
                if !is_map {
                    found.insert(name.clone());
                }
                fields(value, if is_map { "" } else { name }, found);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| fields(item, "", found)),
        _ => {}
    }
}

#[test]
fn every_field_is_documented_under_its_file() {
    let folder = tempfile::tempdir().unwrap();
    record(folder.path());
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/logging.md");
    let document = std::fs::read_to_string(document).unwrap();
    let section = |title: &str| {
        let start = document.find(&format!("\n## {title}\n")).unwrap_or_else(|| {
            panic!("docs/logging.md has no section '{title}'");
        });
        let rest = &document[start + 4..];
        &rest[..rest.find("\n## ").unwrap_or(rest.len())]
    };
    let common = section("Common fields");
    for kind in EventKind::ALL {
        let section = section(&format!("{}.jsonl", kind.text()));
        let mut found = BTreeSet::new();
        for line in read_jsonl(&path(folder.path(), kind)).unwrap() {
            fields(&line.unwrap(), "", &mut found);
        }
        for field in found {
            let quoted = format!("`{field}`");
            let is_documented = section.contains(&quoted) || common.contains(&quoted);
            assert!(is_documented, "docs/logging.md does not explain {field} of {}", kind.text());
        }
    }
}

#[test]
fn an_order_of_a_native_strategy_without_options_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut event = sample::order_event(sample::at(NOW));
    event.order.operation = sample::protection();
    event.order.options = Default::default();
    event.order.origin = Origin { file: "native".into(), line: 0 };
    event.group = None;
    let line = order_line(folder.path(), event);
    assert_eq!(line["operation"], "protect");
    assert_eq!(line["take_profit"], "60000");
    assert_eq!(line["stop_loss"], "72000.5");
    assert_eq!(line["options"], serde_json::json!({}));
    for absent in ["source_token", "target_token", "script_line"] {
        assert!(line[absent].is_null() && line.get(absent).is_some(), "{absent}");
    }
    assert!(line.get("atomic_group").is_none());
}

fn order_line(folder: &Path, event: OrderEvent) -> Json {
    let mut encoder = Encoder::open(sample::plan(folder), sample::at(REAL)).unwrap();
    let mut batch = EventBatch::default();
    batch.events.push(Event::Order(Box::new(event)));
    encoder.write(&batch, sample::at(REAL)).unwrap();
    encoder.finish(sample::at(REAL)).unwrap();
    read_jsonl(&path(folder, EventKind::Orders)).unwrap().next().unwrap().unwrap()
}
