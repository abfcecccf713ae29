//! A table under a temporary name until it is whole.

use std::path::{Path, PathBuf};

use crate::records::line_file::LineFile;
use crate::types::{Code, Coded};

/// A CSV file that gets its name when it is kept, and vanishes when it is not.
#[derive(Debug)]
pub struct TableFile {
    /// The rows.
    pub lines: LineFile,
    name: PathBuf,
    kept: Kept,
}

#[derive(Debug, PartialEq, Eq)]
enum Kept {
    Yes,
    NotYet,
}

impl TableFile {
    /// Begins the table `name` in a folder that exists with its row of columns.
    ///
    /// # Errors
    /// LOG-002 when the file cannot be made.
    pub fn create(dir: &Path, name: &str, columns: &str) -> Result<Self, Coded> {
        let mut lines = LineFile::create(&dir.join(format!("{name}.tmp")))?;
        lines.line().extend_from_slice(columns.as_bytes());
        lines.line().push(b'\n');
        Ok(Self { lines, name: dir.join(name), kept: Kept::NotYet })
    }

    /// Gives the table its name. Its rows must have been flushed.
    ///
    /// # Errors
    /// LOG-001 when it cannot be renamed.
    pub fn keep(&mut self) -> Result<(), Coded> {
        std::fs::rename(self.lines.path(), &self.name).map_err(|error| {
            let message = format!("{} cannot get its name: {error}", self.name.display());
            Coded::new(Code::Log001, message)
        })?;
        self.kept = Kept::Yes;
        Ok(())
    }
}

impl Drop for TableFile {
    fn drop(&mut self) {
        if self.kept == Kept::NotYet {
            // Nobody is left to be told; a file that stays has a name that says what it is.
            let _ = std::fs::remove_file(self.lines.path());
        }
    }
}
