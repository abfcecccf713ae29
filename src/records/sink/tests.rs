//! What the recorder promises: the same bytes for the same batches, whole files whatever ends it, errors in words.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::*;
use crate::records::{RecordLevel, event_files, read_jsonl, sample};
use crate::types::Span;

const STEPS: i64 = 40;

/// Records some steps under a plan.
fn record(plan: RecordPlan) -> Result<RecordSummary, Coded> {
    let mut recorder = Recorder::start(plan)?;
    for step in 0..STEPS {
        let mut batch = sample::step(sample::at("2024-06-01") + Span::from_hours(step));
        recorder.send(&mut batch)?;
        assert!(batch.events.is_empty(), "an empty batch is left in its place");
    }
    recorder.finish()
}

/// All event lines of a recording by file, without what differs from run to run.
fn lines(folder: &Path) -> BTreeMap<String, Vec<Json>> {
    let mut all = BTreeMap::new();
    for kind in EventKind::ALL {
        for path in event_files(&folder.join("logs/events"), kind) {
            let mut lines: Vec<Json> = read_jsonl(&path).unwrap().map(Result::unwrap).collect();
            for line in &mut lines {
                for field in ["real_utc_time", "correlation_id", "pid"] {
                    assert!(line.as_object_mut().unwrap().remove(field).is_some());
                }
            }
            all.insert(path.file_name().unwrap().to_str().unwrap().to_owned(), lines);
        }
    }
    all
}

fn tables(folder: &Path) -> BTreeMap<String, String> {
    let results = std::fs::read_dir(folder.join("results")).unwrap();
    results
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect()
}

#[test]
fn two_runs_of_the_same_inputs_differ_in_three_fields_only() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let max_file_bytes = 5_000;
    let short = RecordPlan { max_file_bytes, ..sample::plan(first.path()) };
    let long = RecordPlan {
        max_file_bytes,
        correlation_id: "c0ffeec0ffeec0ffee".into(),
        pid: 4_194_304,
        ..sample::plan(second.path())
    };
    let (one, other) = (record(short).unwrap(), record(long).unwrap());
    assert_eq!(one.event_lines, other.event_lines);
    let files = lines(first.path());
    assert!(files.contains_key("positions.2.jsonl"), "{:?}", files.keys());
    assert_eq!(files, lines(second.path()), "rotation included");
    assert_eq!(tables(first.path()), tables(second.path()));
}

#[test]
fn rotation_loses_no_line_and_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let plan = RecordPlan { max_file_bytes: 4_000, ..sample::plan(folder.path()) };
    let summary = record(plan).unwrap();
    let all = lines(folder.path());
    let mut sequence: Vec<u64> =
        all.values().flatten().map(|line| line["sequence"].as_u64().unwrap()).collect();
    sequence.sort_unstable();
    assert_eq!(sequence, (1..=summary.event_lines).collect::<Vec<_>>());
    let positions: Vec<u64> = event_files(&folder.path().join("logs/events"), EventKind::Positions)
        .iter()
        .flat_map(|path| read_jsonl(path).unwrap())
        .map(|line| line.unwrap()["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!(positions.len() as i64, STEPS);
    assert!(positions.is_sorted());
    let operations = &all["event_logger_operations.jsonl"];
    let of = |deed: &str| -> Vec<&Json> {
        operations.iter().filter(|line| line["operation_type"] == deed).collect()
    };
    assert!(of("rotate").len() > 10);
    let closed = of("close").iter().map(|line| line["events_count"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(closed, summary.event_lines, "what the files were closed with is all there is");
}

#[test]
fn decisions_leave_out_the_kinds_of_every_step_and_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let plan = RecordPlan { level: RecordLevel::Decisions, ..sample::plan(folder.path()) };
    let summary = record(plan).unwrap();
    let all = lines(folder.path());
    assert_eq!(all.len(), 8);
    assert!(!all.contains_key("positions.jsonl") && all.contains_key("orders.jsonl"));
    assert_eq!(all.values().map(Vec::len).sum::<usize>() as u64, summary.event_lines);
    let dropped: Vec<(&str, u64)> = all["event_logger_operations.jsonl"]
        .iter()
        .filter(|line| line["operation_type"] == "drop")
        .map(|line| (line["event_type"].as_str().unwrap(), line["events_count"].as_u64().unwrap()))
        .collect();
    let steps = STEPS as u64;
    assert_eq!(
        dropped,
        [
            ("positions", steps),
            ("exposures", steps),
            ("risk_assessments", steps),
            ("pnl_calculations", steps)
        ]
    );
}

#[test]
fn without_events_the_tables_are_the_same() {
    let (with, without) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    record(sample::plan(with.path())).unwrap();
    let plan = RecordPlan { level: RecordLevel::None, ..sample::plan(without.path()) };
    assert_eq!(record(plan).unwrap().event_lines, 0);
    assert!(!without.path().join("logs/events").exists());
    assert_eq!(tables(with.path()), tables(without.path()));
    assert!(without.path().join("logs/engine.log").exists(), "alarms are written at every level");
}

#[test]
fn a_live_run_is_on_the_disk_after_each_batch() {
    let folder = tempfile::tempdir().unwrap();
    let plan = RecordPlan { simulated: false, ..sample::plan(folder.path()) };
    let mut encoder = Encoder::open(plan, sample::at("2024-06-01")).unwrap();
    encoder.write(&sample::step(sample::at("2024-06-01")), sample::at("2024-06-01")).unwrap();
    let all = lines(folder.path());
    assert_eq!(all["positions.jsonl"].len(), 1);
    let last = all["event_logger_operations.jsonl"].last().cloned();
    assert!(last.is_none_or(|line| line["operation_type"] == "open"));
    // What the flush itself was is written with the next one.
    encoder.write(&sample::step(sample::at("2024-06-02")), sample::at("2024-06-02")).unwrap();
    let all = lines(folder.path());
    let flush = all["event_logger_operations.jsonl"].last().unwrap().clone();
    assert_eq!(flush["operation_type"], "flush");
    assert!(flush["duration_ms"].is_u64());
}

#[test]
fn a_recorder_that_is_dropped_keeps_its_events_and_leaves_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::start(sample::plan(folder.path())).unwrap();
    recorder.send(&mut sample::step(sample::at("2024-06-01"))).unwrap();
    drop(recorder);
    assert!(tables(folder.path()).is_empty());
    let all = lines(folder.path());
    assert_eq!(all["orders.jsonl"].len(), 1);
    let operations = &all["event_logger_operations.jsonl"];
    assert_eq!(operations.last().unwrap()["operation_type"], "close");
}

#[test]
fn a_batch_comes_back_with_its_buffers() {
    let folder = tempfile::tempdir().unwrap();
    let encoder = Encoder::open(sample::plan(folder.path()), sample::at("2024-06-01")).unwrap();
    let (full, incoming) = sync_channel(2);
    let (outgoing, empty) = sync_channel(2);
    full.send(Message::Batch(sample::step(sample::at("2024-06-01")))).unwrap();
    full.send(Message::Finish).unwrap();
    encode(encoder, None, &incoming, &outgoing).unwrap();
    // Emptied by the recorder, on the thread that will fill it again.
    let mut batch = empty.try_recv().unwrap();
    batch.clear();
    assert!(batch.events.is_empty() && batch.events.capacity() > 0);
}

/// A plan whose `positions.jsonl` lies on a full disk; nothing where the system has none to offer.
#[cfg(unix)]
fn full_disk(folder: &Path) -> Option<RecordPlan> {
    let full = Path::new("/dev/full");
    if !full.exists() {
        println!("skipped: this system has no /dev/full");
        return None;
    }
    let plan = sample::plan(folder);
    let events = folder.join("logs/events");
    std::fs::create_dir_all(&events).unwrap();
    std::os::unix::fs::symlink(full, events.join("positions.jsonl")).unwrap();
    Some(plan)
}

#[cfg(unix)]
#[test]
fn a_full_disk_at_the_end_is_told_by_finish() {
    let folder = tempfile::tempdir().unwrap();
    let Some(plan) = full_disk(folder.path()) else { return };
    let failure = record(plan).unwrap_err();
    assert_eq!(failure.code, Code::Log001);
    assert!(failure.message.contains("positions.jsonl"), "{failure}");
    assert!(failure.message.contains("No space left"), "{failure}");
    assert!(tables(folder.path()).is_empty(), "half a table is no table");
    let operations =
        read_jsonl(&folder.path().join("logs/events/event_logger_operations.jsonl")).unwrap();
    let errors: Vec<Json> =
        operations.map(Result::unwrap).filter(|line| line["operation_type"] == "error").collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["success"], false);
    let log = std::fs::read_to_string(folder.path().join("logs/records.log")).unwrap();
    assert!(log.contains("ALARM LOG-001"), "{log}");
}

#[cfg(unix)]
#[test]
fn a_full_disk_on_the_way_is_told_by_the_next_send_and_ever_after() {
    let folder = tempfile::tempdir().unwrap();
    let Some(plan) = full_disk(folder.path()) else { return };
    let mut recorder = Recorder::start(RecordPlan { simulated: false, ..plan }).unwrap();
    // The first batch fails on the encoder's thread; at the latest the batch after those that wait finds it gone.
    let failure = (0..BATCHES_WAITING + 2)
        .find_map(|_| recorder.send(&mut sample::step(sample::at("2024-06-01"))).err())
        .expect("the failure is told");
    assert_eq!(failure.code, Code::Log001);
    assert_eq!(recorder.send(&mut sample::step(sample::at("2024-06-01"))), Err(failure.clone()));
    assert_eq!(recorder.finish().unwrap_err(), failure);
}
