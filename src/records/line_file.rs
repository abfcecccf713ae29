//! A file of whole lines behind a large buffer.
//!
//! Lines are made in the buffer itself and go to the file many at a time. When the disk is full in the middle of a line,
//! the file is cut back to the last whole one.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::types::{Code, Coded};

/// A buffer is written when it holds this much.
const WRITE_BYTES: usize = 256 * 1024;

/// Room beyond [`WRITE_BYTES`] for the line that crosses it, so that the buffer never grows in practice.
const LINE_ROOM: usize = 16 * 1024;

/// A file to which whole lines are appended.
#[derive(Debug)]
pub struct LineFile {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    written: u64,
}

impl LineFile {
    /// Makes the file, or empties it.
    ///
    /// # Errors
    /// LOG-002 when that is not possible.
    pub fn create(path: &Path) -> Result<Self, Coded> {
        let file = File::create(path).map_err(|error| {
            let message = format!("{} cannot be created: {error}", path.display());
            Coded::new(Code::Log002, message)
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            buffer: Vec::with_capacity(WRITE_BYTES + LINE_ROOM),
            written: 0,
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes in the file and in the buffer.
    pub fn bytes(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Where the next line is made; it ends with a newline before [`LineFile::end_line`] is called.
    pub fn line(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// To be called after each line; writes the buffer when it is full.
    ///
    /// # Errors
    /// LOG-001 when the file cannot be written.
    #[inline]
    pub fn end_line(&mut self) -> Result<(), Coded> {
        debug_assert_eq!(self.buffer.last(), Some(&b'\n'), "a line ends with a newline");
        if self.buffer.len() < WRITE_BYTES { Ok(()) } else { self.flush() }
    }

    /// Hands the buffer to the operating system.
    ///
    /// # Errors
    /// LOG-001 when the file cannot be written. What is left of it is whole lines.
    pub fn flush(&mut self) -> Result<(), Coded> {
        let mut done = 0;
        while done < self.buffer.len() {
            match self.file.write(&self.buffer[done..]) {
                Ok(0) => return Err(self.fail(done, &io::ErrorKind::WriteZero.into())),
                Ok(more) => done += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fail(done, &error)),
            }
        }
        self.written += done as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Hands the buffer to the disk.
    ///
    /// # Errors
    /// LOG-001 when the file cannot be written.
    pub fn sync(&mut self) -> Result<(), Coded> {
        self.flush()?;
        self.file.sync_data().map_err(|error| write_failed(&self.path, &error))
    }

    /// Cuts the file back to whole lines after `done` bytes of the buffer arrived, and forgets the rest.
    fn fail(&mut self, done: usize, error: &io::Error) -> Coded {
        let whole =
            self.buffer[..done].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        self.written += whole as u64;
        self.buffer.clear();
        // Cutting may fail on what is no ordinary file; the error worth telling is the first one.
        let _ = self.file.set_len(self.written);
        let _ = self.file.seek(SeekFrom::Start(self.written));
        write_failed(&self.path, error)
    }
}

/// The sentence for a file that cannot be written.
pub fn write_failed(path: &Path, error: &io::Error) -> Coded {
    let message = format!(
        "{} cannot be written: {error}; free the disk or choose another --out",
        path.display()
    );
    Coded::new(Code::Log001, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_the_file_and_the_systems_words() {
        let full = Path::new("/dev/full");
        if !full.exists() {
            println!("skipped: this system has no /dev/full");
            return;
        }
        let mut file = LineFile::create(full).unwrap();
        file.line().extend_from_slice(b"a line\n");
        file.end_line().unwrap();
        let error = file.flush().unwrap_err();
        assert_eq!(error.code, Code::Log001);
        assert!(error.message.contains("/dev/full"), "{error}");
        assert!(error.message.contains("No space left"), "{error}");
    }

    #[test]
    fn a_torn_write_leaves_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let mut file = LineFile::create(&path).unwrap();
        file.line().extend_from_slice(b"first\n");
        file.flush().unwrap();
        file.line().extend_from_slice(b"second\nthird\n");
        // What a disk does that has room for nine bytes more.
        let torn = file.buffer[..9].to_vec();
        file.file.write_all(&torn).unwrap();
        let error = file.fail(9, &io::ErrorKind::StorageFull.into());
        assert_eq!(error.code, Code::Log001);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first\nsecond\n");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = LineFile::create(&folder.path().join("absent/lines")).unwrap_err();
        assert_eq!(error.code, Code::Log002);
        assert!(error.message.contains("absent"), "{error}");
    }
}
