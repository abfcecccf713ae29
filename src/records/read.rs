//! Reading event files back: line by line, in order, over the parts that were put aside.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::types::{Code, Coded};

use super::event_kind::EventKind;

/// The lines of a JSONL file. A last line without its newline is ignored: its writer is still at it, or was stopped.
///
/// # Errors
/// LOG-003 when the file cannot be opened; each line tells its own.
pub fn read_jsonl(path: &Path) -> Result<JsonLines, Coded> {
    let file = File::open(path).map_err(|error| failed(path, &error))?;
    Ok(JsonLines {
        path: path.to_owned(),
        input: BufReader::new(file),
        text: Vec::new(),
        number: 0,
    })
}

/// The parts of a kind's file under `events`, oldest first: those that were put aside, then the current one.
pub fn event_files(events: &Path, kind: EventKind) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = (1..)
        .map(|part: u32| events.join(format!("{}.{part}.jsonl", kind.text())))
        .take_while(|path| path.exists())
        .collect();
    files.extend(Some(events.join(format!("{}.jsonl", kind.text()))).filter(|path| path.exists()));
    files
}

/// See [`read_jsonl`].
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    input: BufReader<File>,
    text: Vec<u8>,
    number: u64,
}

impl Iterator for JsonLines {
    type Item = Result<Json, Coded>;

    fn next(&mut self) -> Option<Self::Item> {
        self.text.clear();
        match self.input.read_until(b'\n', &mut self.text) {
            Ok(0) => return None,
            Ok(_) => self.number += 1,
            Err(error) => return Some(Err(failed(&self.path, &error))),
        }
        let line = self.text.strip_suffix(b"\n")?;
        Some(serde_json::from_slice(line).map_err(|error| {
            let message =
                format!("line {} of {} is no JSON: {error}", self.number, self.path.display());
            Coded::new(Code::Log003, message)
        }))
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Coded {
    Coded::new(Code::Log003, format!("{} cannot be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_under_way_is_ignored_and_a_damaged_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.jsonl");
        std::fs::write(&path, "{\"sequence\":1}\n{\"sequence\":2}\n{\"sequen").unwrap();
        let lines: Vec<Json> = read_jsonl(&path).unwrap().map(Result::unwrap).collect();
        assert_eq!(lines.len(), 2);
        std::fs::write(&path, "{\"sequence\":1}\n{\"sequen\n{\"sequence\":3}\n").unwrap();
        let lines: Vec<_> = read_jsonl(&path).unwrap().collect();
        let error = lines[1].as_ref().unwrap_err();
        assert_eq!(error.code, Code::Log003);
        assert!(error.message.starts_with("line 2 of "), "{error}");
        assert_eq!(read_jsonl(&folder.path().join("absent")).unwrap_err().code, Code::Log003);
    }
}
