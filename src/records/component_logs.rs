//! `<component>.log`: sentences for people, one a line, stamped with engine time.
//!
//! `2024-06-01T00:00:00Z WARN  DATA-005 spot/okx_BTCUSDT has a gap …`

use std::path::PathBuf;

use crate::types::event::{Loudness, NoteEvent};
use crate::types::{Coded, Timestamp};

use super::line_file::LineFile;
use super::text::push_timestamp;

/// The log files of a run's components, each made when its component first speaks.
#[derive(Debug)]
pub struct ComponentLogs {
    dir: PathBuf,
    files: Vec<(&'static str, LineFile)>,
}

impl ComponentLogs {
    /// Logs in a folder that exists.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, files: Vec::new() }
    }

    /// Writes one sentence.
    ///
    /// # Errors
    /// LOG-001 or LOG-002 when the component's file cannot be written or made.
    pub fn note(&mut self, note: &NoteEvent) -> Result<(), Coded> {
        let file = self.file(note.component)?;
        write_note(file.line(), note.at, note);
        file.end_line()
    }

    /// Hands all lines to the operating system.
    ///
    /// # Errors
    /// LOG-001 when a file cannot be written.
    pub fn flush(&mut self) -> Result<(), Coded> {
        self.files.iter_mut().try_for_each(|(_, file)| file.flush())
    }

    fn file(&mut self, component: &'static str) -> Result<&mut LineFile, Coded> {
        let at = match self.files.iter().position(|(name, _)| *name == component) {
            Some(at) => at,
            None => {
                let file = LineFile::create(&self.dir.join(format!("{component}.log")))?;
                self.files.push((component, file));
                self.files.len() - 1
            }
        };
        Ok(&mut self.files[at].1)
    }
}

fn write_note(out: &mut Vec<u8>, at: Timestamp, note: &NoteEvent) {
    push_timestamp(out, at);
    out.extend_from_slice(match note.loudness {
        Loudness::Debug => b" DEBUG ",
        Loudness::Info => b" INFO  ",
        Loudness::Warn => b" WARN  ",
        Loudness::Alarm => b" ALARM ",
    });
    if let Some(code) = note.code {
        out.extend_from_slice(code.text().as_bytes());
        out.push(b' ');
    }
    // A script's text may hold anything; a sentence is one line.
    for (at, part) in note.text.split(['\n', '\r']).enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\\n");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Code;

    #[test]
    fn a_note_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut logs = ComponentLogs::new(folder.path().to_owned());
        let at: Timestamp = "2024-06-01T12:00:00Z".parse().unwrap();
        let note = |component, loudness, code, text: &str| NoteEvent {
            at,
            component,
            loudness,
            code,
            text: text.into(),
        };
        logs.note(&note("engine", Loudness::Warn, Some(Code::Data005), "a gap")).unwrap();
        logs.note(&note("script", Loudness::Info, None, "two\nlines")).unwrap();
        logs.note(&note("engine", Loudness::Alarm, Some(Code::Exec003), "a lock")).unwrap();
        logs.flush().unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            read("engine.log"),
            "2024-06-01T12:00:00Z WARN  DATA-005 a gap\n2024-06-01T12:00:00Z ALARM EXEC-003 a lock\n"
        );
        assert_eq!(read("script.log"), "2024-06-01T12:00:00Z INFO  two\\nlines\n");
    }
}
