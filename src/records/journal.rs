//! The journal: an append-only file of records, each a line with its checksum, from which a run is rebuilt.
//!
//! `{crc32 in eight hex digits} {json}\n`. A crash can only tear the end: reading stops before the first record that is not
//! whole, and a resumed writer cuts the file there. A damaged record with good ones after it is no crash but a damaged
//! file, and is refused.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::types::{Code, Coded};

/// The buffer is written when it holds this much, whatever the durability.
const WRITE_BYTES: usize = 256 * 1024;

/// Eight hex digits and a space.
const PREFIX_LEN: usize = 9;

/// How sure a commit has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Written when the buffer is full. A crash loses the last records and leaves a prefix, which is enough for a backtest.
    Buffered,
    /// On the disk before the call returns: live and paper, before any effect is performed.
    Synced,
}

/// Appends records.
#[derive(Debug)]
pub struct JournalWriter {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    written: u64,
    failure: Option<Coded>,
}

impl JournalWriter {
    /// Begins a new journal.
    ///
    /// # Errors
    /// LOG-002 when the file exists or cannot be made.
    pub fn create(path: &Path) -> Result<Self, Coded> {
        let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| {
            let message = format!("the journal {} cannot be begun: {error}", path.display());
            Coded::new(Code::Log002, message)
        })?;
        Ok(Self::on(path, file, 0))
    }

    /// Goes on with a journal after its good prefix of `good_len` bytes, as [`JournalReader::good_len`] tells it; what
    /// comes after is cut off.
    ///
    /// # Errors
    /// ENGINE-001 when the file is shorter than that, LOG-001 when it cannot be written.
    pub fn resume(path: &Path, good_len: u64) -> Result<Self, Coded> {
        let open = || -> io::Result<(File, u64)> {
            let file = OpenOptions::new().write(true).open(path)?;
            let len = file.metadata()?.len();
            Ok((file, len))
        };
        let (mut file, len) = open().map_err(|error| write_failed(path, &error))?;
        if len < good_len {
            let message = format!(
                "the journal {} has {len} bytes, but {good_len} were read from it; it is another file",
                path.display()
            );
            return Err(Coded::new(Code::Engine001, message));
        }
        let mut cut = || -> io::Result<()> {
            file.set_len(good_len)?;
            file.seek(SeekFrom::Start(good_len))?;
            file.sync_data()
        };
        cut().map_err(|error| write_failed(path, &error))?;
        Ok(Self::on(path, file, good_len))
    }

    /// Adds a record. It is on the disk after the next synced [`JournalWriter::commit`].
    ///
    /// # Errors
    /// ENGINE-001 when the record contains a line break, which compact JSON never does; LOG-001 when the file cannot be
    /// written.
    pub fn append(&mut self, json: &[u8]) -> Result<(), Coded> {
        if json.contains(&b'\n') {
            let message = "a journal record must be one line; write compact JSON";
            return Err(Coded::new(Code::Engine001, message));
        }
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        self.buffer.extend_from_slice(&checksum_text(json));
        self.buffer.push(b' ');
        self.buffer.extend_from_slice(json);
        self.buffer.push(b'\n');
        if self.buffer.len() < WRITE_BYTES { Ok(()) } else { self.write() }
    }

    /// Makes sure of what was appended.
    ///
    /// # Errors
    /// LOG-001 when the file cannot be written; no effect may be performed then.
    pub fn commit(&mut self, durability: Durability) -> Result<(), Coded> {
        match durability {
            Durability::Buffered => Ok(()),
            Durability::Synced => {
                self.write()?;
                self.file.sync_data().map_err(|error| self.fail(&error))
            }
        }
    }

    /// Hands what was appended to the operating system; for the end of a buffered run.
    ///
    /// # Errors
    /// LOG-001 when the file cannot be written.
    pub fn flush(&mut self) -> Result<(), Coded> {
        self.write()
    }

    fn on(path: &Path, file: File, written: u64) -> Self {
        let buffer = Vec::with_capacity(WRITE_BYTES);
        Self { path: path.to_owned(), file, buffer, written, failure: None }
    }

    fn write(&mut self) -> Result<(), Coded> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        self.file.write_all(&self.buffer).map_err(|error| self.fail(&error))?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Ends the journal: after a failed write or sync nobody knows what the disk holds, so nothing may follow it. What was
    /// written in part is cut off where the system still allows it; a reader takes the rest for a torn end.
    fn fail(&mut self, error: &io::Error) -> Coded {
        let _ = self.file.set_len(self.written);
        self.failure.insert(write_failed(&self.path, error)).clone()
    }
}

impl Drop for JournalWriter {
    fn drop(&mut self) {
        // A run that ends in an error keeps as much of its journal as the disk takes; it was told of the error already.
        let _ = self.write();
    }
}

/// Reads the records of a journal in order.
#[derive(Debug)]
pub struct JournalReader {
    path: PathBuf,
    input: BufReader<File>,
    line: Vec<u8>,
    good_len: u64,
    records: u64,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    NotYet,
    Reached,
}

impl JournalReader {
    /// Opens a journal.
    ///
    /// # Errors
    /// ENGINE-001 when it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Coded> {
        let file = File::open(path).map_err(|error| read_failed(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            input: BufReader::with_capacity(WRITE_BYTES, file),
            line: Vec::new(),
            good_len: 0,
            records: 0,
            end: End::NotYet,
        })
    }

    /// The next record's JSON; nothing at the end of the good prefix.
    ///
    /// # Errors
    /// ENGINE-001 when a damaged record is followed by good ones, or the file cannot be read.
    pub fn next_record(&mut self) -> Result<Option<&[u8]>, Coded> {
        if self.end == End::Reached || !self.read_line()? {
            return Ok(None);
        }
        if payload(&self.line).is_none() {
            self.end = End::Reached;
            self.refuse_good_records_after_damage()?;
            return Ok(None);
        }
        self.good_len += self.line.len() as u64;
        self.records += 1;
        Ok(payload(&self.line))
    }

    /// Bytes of the records read so far: where a resumed writer goes on.
    pub fn good_len(&self) -> u64 {
        self.good_len
    }

    /// How many records were read so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    fn read_line(&mut self) -> Result<bool, Coded> {
        self.line.clear();
        let read = self.input.read_until(b'\n', &mut self.line);
        read.map(|bytes| bytes > 0).map_err(|error| read_failed(&self.path, &error))
    }

    fn refuse_good_records_after_damage(&mut self) -> Result<(), Coded> {
        while self.read_line()? {
            if payload(&self.line).is_some() {
                let message = format!(
                    "record {} of the journal {} is damaged and good ones follow it; use a copy of the file",
                    self.records + 1,
                    self.path.display()
                );
                return Err(Coded::new(Code::Engine001, message));
            }
        }
        Ok(())
    }
}

/// The JSON of a line that is whole and has the checksum that it says.
fn payload(line: &[u8]) -> Option<&[u8]> {
    let (prefix, json) = line.strip_suffix(b"\n")?.split_at_checked(PREFIX_LEN)?;
    let expected = checksum_text(json);
    (prefix[..8] == expected && prefix[8] == b' ').then_some(json)
}

fn checksum_text(bytes: &[u8]) -> [u8; 8] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let checksum = crc32fast::hash(bytes);
    std::array::from_fn(|at| HEX[(checksum >> (28 - 4 * at)) as usize & 15])
}

fn write_failed(path: &Path, error: &io::Error) -> Coded {
    let message =
        format!("the journal {} cannot be written: {error}; free the disk", path.display());
    Coded::new(Code::Log001, message)
}

fn read_failed(path: &Path, error: &io::Error) -> Coded {
    Coded::new(Code::Engine001, format!("the journal {} cannot be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: usize) -> String {
        format!(r#"{{"input":{number},"text":"{}"}}"#, "x".repeat(number % 5))
    }

    /// A journal of twenty records and its bytes.
    fn journal(folder: &Path) -> (PathBuf, Vec<u8>) {
        let path = folder.join("journal.log");
        let mut writer = JournalWriter::create(&path).unwrap();
        for number in 0..20 {
            writer.append(record(number).as_bytes()).unwrap();
        }
        writer.commit(Durability::Synced).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    }

    fn read_all(path: &Path) -> Result<(Vec<String>, u64), Coded> {
        let mut reader = JournalReader::open(path)?;
        let mut records = Vec::new();
        while let Some(json) = reader.next_record()? {
            records.push(String::from_utf8(json.to_vec()).unwrap());
        }
        Ok((records, reader.good_len()))
    }

    #[test]
    fn a_record_is_its_checksum_and_its_json() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.log");
        let mut writer = JournalWriter::create(&path).unwrap();
        writer.append(b"123456789").unwrap();
        writer.commit(Durability::Synced).unwrap();
        // CBF43926 is the check value of CRC-32/ISO-HDLC for these nine digits.
        assert_eq!(std::fs::read(&path).unwrap(), b"cbf43926 123456789\n");
    }

    #[test]
    fn a_full_disk_ends_the_journal_in_words() {
        let full = Path::new("/dev/full");
        let Ok(file) = OpenOptions::new().write(true).open(full) else {
            println!("skipped: this system has no /dev/full");
            return;
        };
        let mut writer = JournalWriter::on(full, file, 0);
        writer.append(b"{}").unwrap();
        let error = writer.commit(Durability::Synced).unwrap_err();
        assert_eq!(error.code, Code::Log001);
        assert!(error.message.contains("No space left"), "{error}");
        assert_eq!(writer.append(b"{}").unwrap_err(), error, "nothing follows a failed write");
    }

    #[test]
    fn a_journal_torn_at_any_byte_is_a_prefix_that_can_be_resumed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = journal(folder.path());
        for len in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..len]).unwrap();
            let (records, good_len) = read_all(&path).unwrap();
            let whole = bytes[..len].iter().filter(|&&byte| byte == b'\n').count();
            assert_eq!(records, (0..whole).map(record).collect::<Vec<_>>(), "cut at {len}");
            // Syncing is slow; a prime stride meets every place within a record.
            if len % 13 != 0 {
                continue;
            }
            let mut writer = JournalWriter::resume(&path, good_len).unwrap();
            writer.append(b"{\"resumed\":true}").unwrap();
            writer.commit(Durability::Synced).unwrap();
            let (records, _) = read_all(&path).unwrap();
            assert_eq!(records.len(), whole + 1, "cut at {len}");
        }
    }

    #[test]
    fn a_flipped_bit_before_the_last_record_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = journal(folder.path());
        let last = bytes[..bytes.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap();
        for at in 0..last {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            std::fs::write(&path, &damaged).unwrap();
            let error = read_all(&path).expect_err("damage in the middle is no torn end");
            assert_eq!(error.code, Code::Engine001, "flipped at {at}");
        }
    }

    #[test]
    fn a_flipped_bit_in_the_last_record_is_a_torn_end() {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = journal(folder.path());
        let last = bytes[..bytes.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap();
        for at in last..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            std::fs::write(&path, &damaged).unwrap();
            let (records, _) = read_all(&path).unwrap();
            // The line break before the last record belongs to the one before.
            assert_eq!(records.len(), if at == last { 18 } else { 19 }, "flipped at {at}");
        }
    }

    #[test]
    fn buffered_records_arrive_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.log");
        let mut writer = JournalWriter::create(&path).unwrap();
        writer.append(b"{}").unwrap();
        writer.commit(Durability::Buffered).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"");
        drop(writer);
        assert_eq!(read_all(&path).unwrap().0, ["{}"]);
        assert_eq!(JournalWriter::create(&path).unwrap_err().code, Code::Log002);
        assert_eq!(JournalWriter::resume(&path, 999).unwrap_err().code, Code::Engine001);
    }

    #[test]
    fn a_record_of_two_lines_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = JournalWriter::create(&folder.path().join("journal.log")).unwrap();
        assert_eq!(writer.append(b"{\n}").unwrap_err().code, Code::Engine001);
    }
}
