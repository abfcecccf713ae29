//! Outputs that cannot be written, and runs that cannot be gone on with.

use super::{Case, MINE, Ready, case};
use crate::desk::Desk;

const RESUME: &[&str] = &["run", "--resume", "c0ffee"];
const NO_MOUNT: &str = "this process may not mount a small disk";

pub const CASES: &[Case] = &[
    case(
        "the output folder is a file",
        2,
        "LOG-002",
        &["run", "mine.rhai", "--data", "data", "--out", "mine.yaml"],
        |_| Ready::Yes,
    ),
    case("the results folder is a file", 2, "LOG-002", MINE, |desk| {
        desk.write("results", "");
        Ready::Yes
    }),
    case(
        "the output folder is on a disk that takes nothing",
        2,
        "LOG-002",
        &["run", "mine.rhai", "--data", "data", "--out", "/proc"],
        |_| {
            if std::path::Path::new("/proc/self").exists() {
                Ready::Yes
            } else {
                Ready::No("there is no /proc here")
            }
        },
    ),
    case(
        "the disk is full from the start",
        1,
        "LOG-00",
        &["run", "mine.rhai", "--data", "data", "--out", "small"],
        |desk| full_disk(desk, "small", 8),
    ),
    case("the disk of the logs fills up on the way", 1, "LOG-001", MINE, |desk| {
        full_disk(desk, "logs", 128)
    }),
    case("the disk of the results fills up at the end", 1, "LOG-001", MINE, |desk| {
        full_disk(desk, "results", 32)
    }),
    case("a run to resume that is not there", 2, "", RESUME, |_| Ready::Yes),
    case("an id that is none", 2, "", &["run", "--resume", "../../etc"], |_| Ready::Yes),
    case("a run to resume that is finished", 2, "", RESUME, |desk| {
        let id = desk.run(MINE);
        for folder in ["logs", "results"] {
            let (from, to) = (format!("{folder}/{id}"), format!("{folder}/c0ffee"));
            std::fs::rename(desk.path(&from), desk.path(&to)).expect("a folder can be renamed");
        }
        Ready::Yes
    }),
    case("the data changed before the resume", 2, "ENGINE-002", RESUME, |desk| {
        cut_off(desk);
        desk.edit_lines("data/spot/binance_BTCUSDT_1h.csv", |lines| {
            let last = lines.last_mut().expect("has rows");
            *last = last.replace(",1200", ",1201");
        });
        Ready::Yes
    }),
    case("the script changed before the resume", 2, "ENGINE-002", RESUME, |desk| {
        cut_off(desk);
        desk.replace("mine.rhai", "if ctx.in_band(", "if true && ctx.in_band(");
        Ready::Yes
    }),
    case("the configuration changed before the resume", 2, "ENGINE-002", RESUME, |desk| {
        cut_off(desk);
        desk.replace("mine.yaml", "value: 0.02", "value: 0.03");
        Ready::Yes
    }),
    case("the data is gone before the resume", 2, "DATA-001", RESUME, |desk| {
        cut_off(desk);
        desk.remove("data");
        Ready::Yes
    }),
    case("the journal is damaged before its end", 2, "ENGINE-001", RESUME, |desk| {
        cut_off(desk);
        desk.edit_lines("logs/c0ffee/journal.log", |lines| lines[5] = lines[5].replace(":1", ":2"));
        Ready::Yes
    }),
    case("the command of the run is damaged", 2, "", RESUME, |desk| {
        cut_off(desk);
        desk.write("logs/c0ffee/command.json", "[[\"strategy\"");
        Ready::Yes
    }),
];

/// A run that was cut off half-way, under an id of its own.
fn cut_off(desk: &Desk) {
    let id = desk.run(MINE);
    desk.remove("results");
    let journal = desk.read(&format!("logs/{id}/journal.log"));
    desk.write(&format!("logs/{id}/journal.log"), &journal[..journal.len() / 2]);
    let (from, to) = (desk.path(&format!("logs/{id}")), desk.path("logs/c0ffee"));
    std::fs::rename(from, to).expect("a folder can be renamed");
}

/// Puts a small disk where a folder is, or below `results` and `logs` together.
fn full_disk(desk: &Desk, folder: &str, kibibytes: u32) -> Ready {
    if desk.small_disk(folder, kibibytes) { Ready::Yes } else { Ready::No(NO_MOUNT) }
}
