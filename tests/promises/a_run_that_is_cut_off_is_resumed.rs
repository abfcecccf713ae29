//! A run that was cut off anywhere is finished by `--resume`, and leaves what an uninterrupted run would have left.

use std::collections::BTreeMap;
use std::process::Stdio;

use crate::desk::{Desk, ran};
use crate::evidence::{assert_same, basis1_data, evidence};

const RUN: &[&str] = &["run", "btc_basis", "--data", "data", "--tag", "cut", "--costs", "fees"];

#[test]
fn a_run_cut_off_at_any_byte_of_its_journal_is_resumed() {
    let desk = Desk::new();
    let whole_id = desk.run(RUN);
    let whole = evidence(&desk, &whole_id);
    let journal = desk.read(&format!("logs/{whole_id}/journal.log"));
    let len = journal.len();
    // Nothing, inside the header, between two records, inside a record, and all but the last newline.
    let second_record = journal.find('\n').expect("it has records") + 1;
    for at in
        [0, 40, second_record, second_record + 7, len / 3, len / 2, len * 9 / 10, len - 1, len]
    {
        cut(&desk, &whole_id, "c0ffee", Some(&journal[..at]));
        assert_resumes(&desk, &whole, &format!("cut after {at} of {len} bytes"));
    }
    cut(&desk, &whole_id, "c0ffee", None);
    assert_resumes(&desk, &whole, "cut before the journal was begun");
}

#[test]
fn a_run_is_resumed_between_what_owners_bring_and_take() {
    let desk = Desk::new();
    let mode = "configs/modes/btc_basis.yaml";
    let flows = "\ncapital_flows:\n  \
        - { at: 2024-01-02, kind: deposit, amount: 30000 }\n  \
        - { at: 2024-01-04, kind: withdrawal, amount: 25000, speed: slow }\n  \
        - { at: 2024-01-07, kind: withdrawal, amount: 5000, speed: fast }\n";
    desk.write(mode, desk.read(mode) + flows);
    let whole_id = desk.run(RUN);
    let whole = evidence(&desk, &whole_id);
    let summary = desk.read(&format!("results/{whole_id}/summary.json"));
    assert!(summary.contains("\"deposited\": \"30000\""), "{summary}");
    let journal = desk.read(&format!("logs/{whole_id}/journal.log"));
    for part in [10, 25, 40, 60, 80] {
        cut(&desk, &whole_id, "c0ffee", Some(&journal[..journal.len() * part / 100]));
        assert_resumes(&desk, &whole, &format!("cut after {part} % of its journal"));
    }
}

#[test]
fn a_run_without_events_is_resumed_from_its_command() {
    let desk = Desk::new();
    let id = desk.run(&[RUN, &["--events", "none"]].concat());
    let equity = desk.read(&format!("results/{id}/equity.csv"));
    desk.remove(&format!("results/{id}"));
    assert_eq!(desk.basis(&["run", "--resume", &id]).status, Some(0));
    assert_eq!(desk.read(&format!("results/{id}/equity.csv")), equity);
}

#[test]
fn a_resumed_run_may_be_started_from_another_folder() {
    let desk = Desk::new();
    let whole_id = desk.run(RUN);
    let whole = evidence(&desk, &whole_id);
    cut(&desk, &whole_id, "c0ffee", Some(""));
    let out = desk.path("").display().to_string();
    let mut command = desk.command(&["run", "--resume", "c0ffee", "--out", &out]);
    let resumed = ran(command.current_dir("/").output().expect("the binary can be started"));
    assert_eq!(resumed.status, Some(0), "{}", resumed.stderr);
    assert_same(&whole, &evidence(&desk, "c0ffee"));
}

#[test]
fn a_killed_process_is_resumed() {
    let desk = Desk::new();
    let data = basis1_data();
    let arguments = ["run", "strategies/bench/basis1.rhai", "--data", &data];
    let whole_id = desk.run(&arguments);
    let whole = evidence(&desk, &whole_id);
    desk.remove("results");
    desk.remove("logs");
    let id = kill_on_the_way(&desk, &arguments);
    assert!(!desk.path(&format!("results/{id}/summary.json")).exists(), "it was killed");
    let resumed = desk.basis(&["run", "--resume", &id]);
    assert_eq!(resumed.status, Some(0), "{}", resumed.stderr);
    assert_same(&whole, &evidence(&desk, &id));
}

/// Starts a run and ends it by SIGKILL once its event files have begun to grow. A machine so slow in looking that the run is
/// over first tries again.
fn kill_on_the_way(desk: &Desk, arguments: &[&str]) -> String {
    for _ in 0..20 {
        let mut command = desk.command(arguments);
        let mut child = command.stdout(Stdio::null()).spawn().expect("the binary can be started");
        let begun = |desk: &Desk| {
            let files = desk.files("logs");
            let has_grown = |name: &String| {
                let path = desk.path("logs").join(name);
                name.ends_with(".jsonl") && path.metadata().is_ok_and(|file| file.len() > 0)
            };
            files.iter().any(has_grown)
        };
        while child.try_wait().expect("it can be waited for").is_none() && !begun(desk) {
            std::thread::yield_now();
        }
        child.kill().expect("it can be killed");
        let status = child.wait().expect("it can be waited for");
        let id = desk.names("logs").into_iter().next().expect("it has begun");
        if status.code().is_none() {
            return id;
        }
        desk.remove("results");
        desk.remove("logs");
    }
    panic!("twenty runs ended before they could be killed");
}

/// Lays out a run as a kill leaves it: its journal so far, half-written tables, no summary.
fn cut(desk: &Desk, whole: &str, id: &str, journal: Option<&str>) {
    let command = desk.read(&format!("logs/{whole}/command.json"));
    for folder in ["logs", "results"] {
        if desk.path(&format!("{folder}/{id}")).exists() {
            desk.remove(&format!("{folder}/{id}"));
        }
    }
    desk.write(&format!("logs/{id}/command.json"), command);
    desk.write(&format!("logs/{id}/1/events/orders.jsonl"), "{\"sequence\":14,\"time");
    desk.write(&format!("results/{id}/equity.csv.tmp"), "timestamp,equity\n2024-");
    if let Some(journal) = journal {
        desk.write(&format!("logs/{id}/journal.log"), journal);
    }
}

fn assert_resumes(desk: &Desk, whole: &BTreeMap<String, String>, how: &str) {
    let resumed = desk.basis(&["run", "--resume", "c0ffee"]);
    assert_eq!(resumed.status, Some(0), "{how}: {}", resumed.stderr);
    println!("{how}");
    assert_same(whole, &evidence(desk, "c0ffee"));
}
