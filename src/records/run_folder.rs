//! Where a run keeps what it leaves behind, and the lock by which one run owns an account scope.
//!
//! `logs/<correlation_id>/journal.log` and, for each process that worked on the run, `logs/<correlation_id>/<pid>/` with
//! `run_metadata.json`, the component logs and `events/`; `results/<correlation_id>/` with the tables, `summary.json` and
//! `inputs/`.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::types::{Code, Coded, Timestamp};

/// The folders of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    run_logs: PathBuf,
    logs: PathBuf,
    results: PathBuf,
}

impl RunFolder {
    /// Makes the folders of a run under `logs_root` and `results_root`, or finds them again for a resumed one.
    ///
    /// # Errors
    /// CONFIG-003 when the correlation id is not lower-case hex, LOG-002 when a folder cannot be made or written to.
    pub fn create(
        logs_root: &Path,
        results_root: &Path,
        correlation_id: &str,
        pid: u32,
    ) -> Result<Self, Coded> {
        if !is_correlation_id(correlation_id) {
            let message =
                format!("'{correlation_id}' is no correlation id; it is 6 to 64 digits of 0-9a-f");
            return Err(Coded::new(Code::Config003, message));
        }
        let run_logs = logs_root.join(correlation_id);
        let folder = Self {
            logs: run_logs.join(pid.to_string()),
            results: results_root.join(correlation_id),
            run_logs,
        };
        for dir in [&folder.logs, &folder.events(), &folder.results, &folder.inputs()] {
            make(dir)?;
        }
        for dir in [&folder.logs, &folder.results] {
            probe(dir)?;
        }
        Ok(folder)
    }

    /// `logs/<correlation_id>/<pid>`: component logs and `run_metadata.json`.
    pub fn logs(&self) -> &Path {
        &self.logs
    }

    /// `logs/<correlation_id>/<pid>/events`: the event files.
    pub fn events(&self) -> PathBuf {
        self.logs.join("events")
    }

    /// `results/<correlation_id>`: tables and `summary.json`.
    pub fn results(&self) -> &Path {
        &self.results
    }

    /// `results/<correlation_id>/inputs`: script bundle, merged configuration, data manifest.
    pub fn inputs(&self) -> PathBuf {
        self.results.join("inputs")
    }

    /// `logs/<correlation_id>/journal.log`: one for all processes of the run.
    pub fn journal(&self) -> PathBuf {
        self.run_logs.join("journal.log")
    }

    /// Keeps an input of the run under a name in `inputs/`; folders in the name are made.
    ///
    /// # Errors
    /// LOG-001 or LOG-002 when it cannot be written.
    pub fn keep_input(&self, name: &str, content: &[u8]) -> Result<(), Coded> {
        let path = self.inputs().join(name);
        if let Some(dir) = path.parent() {
            make(dir)?;
        }
        write_whole(&path, content)
    }

    /// Writes `run_metadata.json`, at the start and again at the end.
    ///
    /// # Errors
    /// LOG-001 when it cannot be written.
    pub fn write_metadata(&self, metadata: &RunMetadata) -> Result<(), Coded> {
        write_json(&self.logs.join("run_metadata.json"), metadata)
    }
}

/// `run_metadata.json`: what ran, where and when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunMetadata {
    /// The run's id.
    pub correlation_id: String,
    /// The process's id.
    pub pid: u32,
    /// `backtest`, `paper` or `live`.
    pub mode: String,
    /// The strategy's name.
    pub strategy: String,
    /// The currency of all values.
    pub share_class: String,
    /// Capital at the start, in the share class.
    pub capital: String,
    /// First step.
    pub from: Option<String>,
    /// Last step.
    pub to: Option<String>,
    /// Whether the market data is invented.
    pub synthetic: bool,
    /// Version of this program.
    pub program_version: String,
    /// Content hash of the script.
    pub script_version: String,
    /// Hash of the merged configuration.
    pub config_hash: String,
    /// The machine.
    pub host: HostFacts,
    /// Real time of the start, UTC.
    pub started_at: String,
    /// Real time of the end, UTC; absent while the run goes on.
    pub ended_at: Option<String>,
}

/// What kind of machine it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostFacts {
    /// Operating system.
    pub os: &'static str,
    /// Processor architecture.
    pub arch: &'static str,
    /// Processors that the run may use.
    pub cpus: usize,
}

impl HostFacts {
    /// The facts of this machine.
    pub fn here() -> Self {
        Self {
            os: std::env::consts::OS,
            arch: std::env::consts::ARCH,
            cpus: std::thread::available_parallelism().map_or(1, Into::into),
        }
    }
}

/// Ownership of an account scope or of a run's folders: of two live runs on one scope, and of two processes on one run, the
/// second is refused. Released when dropped, and by the operating system when the process dies, so a killed run never blocks
/// its own restart.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the scope, for example `binance-main`, by a file in `dir`.
    ///
    /// # Errors
    /// ENGINE-003 when another run has it, LOG-002 when the file cannot be made.
    pub fn acquire(
        dir: &Path,
        scope: &str,
        correlation_id: &str,
        pid: u32,
        now: Timestamp,
    ) -> Result<Self, Coded> {
        let owner = format!("run {correlation_id}, process {pid}, since {now}");
        Self::take(dir, scope, &format!("the account scope '{scope}'"), &owner)
    }

    /// Takes a run's own folder, `logs/<correlation_id>`.
    ///
    /// # Errors
    /// ENGINE-003 while another process works on the run, LOG-002 when the file cannot be made.
    pub fn of_run(dir: &Path, correlation_id: &str, pid: u32, since: &str) -> Result<Self, Coded> {
        let owner = format!("process {pid}, since {since}");
        Self::take(dir, "run", &format!("the run {correlation_id}"), &owner)
    }

    fn take(dir: &Path, name: &str, what: &str, owner: &str) -> Result<Self, Coded> {
        make(dir)?;
        let path = dir.join(format!("{name}.lock"));
        let failed = |error: io::Error| {
            let message = format!("the lock {} cannot be taken: {error}", path.display());
            Coded::new(Code::Log002, message)
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(owned(&mut file, what)),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let owner = format!("{owner}\n");
        let mut write = || file.set_len(0).and_then(|()| file.write_all(owner.as_bytes()));
        write().map_err(failed)?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The file stays: to remove it would let a third run lock a new one while a second still waits for this one.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn owned(file: &mut File, what: &str) -> Coded {
    let mut owner = String::new();
    let owner = match file.read_to_string(&mut owner) {
        Ok(_) if !owner.trim().is_empty() => owner.trim(),
        _ => "another process",
    };
    let message = format!("{what} belongs to {owner}; stop that first");
    Coded::new(Code::Engine003, message)
}

/// Writes a value as JSON for people, whole or not at all.
///
/// # Errors
/// LOG-001 when it cannot be written.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Coded> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| {
        Coded::new(Code::Log001, format!("{} cannot be written: {error}", path.display()))
    })?;
    text.push(b'\n');
    write_whole(path, &text)
}

/// Writes a file under a temporary name and gives it its own when it is whole.
fn write_whole(path: &Path, content: &[u8]) -> Result<(), Coded> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = PathBuf::from(temporary);
    let write = || -> io::Result<()> {
        let mut file = File::create(&temporary)?;
        file.write_all(content)?;
        file.sync_data()?;
        std::fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        // A half-written temporary file is of no use; the error worth telling is the first one.
        let _ = std::fs::remove_file(&temporary);
        super::line_file::write_failed(path, &error)
    })
}

/// Whether a text is a hex id as runs have it.
pub(super) fn is_correlation_id(text: &str) -> bool {
    (6..=64).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn make(dir: &Path) -> Result<(), Coded> {
    std::fs::create_dir_all(dir).map_err(|error| unusable(dir, "made", &error))
}

/// Finds out before the first step whether files can be made here.
fn probe(dir: &Path) -> Result<(), Coded> {
    let path = dir.join(".writable");
    File::create(&path)
        .and_then(|_| std::fs::remove_file(&path))
        .map_err(|error| unusable(dir, "written to", &error))
}

fn unusable(dir: &Path, done: &str, error: &io::Error) -> Coded {
    let message =
        format!("the folder {} cannot be {done}: {error}; choose another --out", dir.display());
    Coded::new(Code::Log002, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_a_run_are_where_the_documents_say() {
        let root = tempfile::tempdir().unwrap();
        let (logs, results) = (root.path().join("logs"), root.path().join("results"));
        let folder = RunFolder::create(&logs, &results, "c0ffee", 7).unwrap();
        assert!(logs.join("c0ffee/7/events").is_dir());
        assert_eq!(folder.journal(), logs.join("c0ffee/journal.log"));
        folder.keep_input("script/main.rhai", b"fn decide(ctx) {}").unwrap();
        let kept = std::fs::read(results.join("c0ffee/inputs/script/main.rhai")).unwrap();
        assert_eq!(kept, b"fn decide(ctx) {}");
        let left: Vec<_> = std::fs::read_dir(folder.results()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing but inputs: no probe, no temporary file");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a_file");
        std::fs::write(&file, "").unwrap();
        let error = RunFolder::create(&file, root.path(), "c0ffee", 7).unwrap_err();
        assert_eq!(error.code, Code::Log002);
        assert!(error.message.contains("a_file") && error.message.contains("--out"), "{error}");
    }

    #[test]
    fn an_id_that_would_leave_the_folder_is_refused() {
        for id in ["../../etc", "", "C0FFEE", "run-1234"] {
            let error = RunFolder::create(Path::new("x"), Path::new("x"), id, 7).unwrap_err();
            assert_eq!(error.code, Code::Config003);
        }
    }

    #[test]
    fn a_scope_has_one_owner_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let now: Timestamp = "2024-06-01".parse().unwrap();
        let take = |run| Lock::acquire(root.path(), "binance-main", run, 7, now);
        let first = take("aaaaaa").unwrap();
        let error = take("bbbbbb").unwrap_err();
        assert_eq!(error.code, Code::Engine003);
        assert!(error.message.contains("run aaaaaa, process 7"), "{error}");
        assert!(Lock::acquire(root.path(), "okx-main", "bbbbbb", 7, now).is_ok());
        drop(first);
        assert!(take("bbbbbb").is_ok());
    }

    #[test]
    fn a_run_has_one_process_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let take = |pid| Lock::of_run(root.path(), "c0ffee", pid, "2024-06-01T00:00:00Z");
        let first = take(7).unwrap();
        let error = take(8).unwrap_err();
        assert_eq!(error.code, Code::Engine003);
        assert!(error.message.contains("the run c0ffee belongs to process 7"), "{error}");
        drop(first);
        assert!(take(8).is_ok());
    }

    #[test]
    fn metadata_is_rewritten_whole() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(root.path(), root.path(), "c0ffee", 7).unwrap();
        let mut metadata = RunMetadata {
            correlation_id: "c0ffee".into(),
            pid: 7,
            mode: "backtest".into(),
            strategy: "btc_basis".into(),
            share_class: "USDT".into(),
            capital: "100000".into(),
            from: None,
            to: None,
            synthetic: false,
            program_version: "0.1.0".into(),
            script_version: "5c21".into(),
            config_hash: "abcd".into(),
            host: HostFacts::here(),
            started_at: "2025-01-01T00:00:00Z".into(),
            ended_at: None,
        };
        folder.write_metadata(&metadata).unwrap();
        metadata.ended_at = Some("2025-01-01T00:00:01Z".into());
        folder.write_metadata(&metadata).unwrap();
        let text = std::fs::read(folder.logs().join("run_metadata.json")).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(json["ended_at"], "2025-01-01T00:00:01Z");
        assert_eq!(json["host"]["os"], std::env::consts::OS);
    }
}
