//! Keeping the logs of runs for so many days.
//!
//! Only folders that look like a run's logs are touched, and a run that is under way is never old: its files are written.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::types::{Code, Coded};

/// Removes the logs of runs of which no file was written for `days` days before `now`; returns their ids, in order. Results
/// are kept.
///
/// # Errors
/// LOG-003 when a folder cannot be read, LOG-001 when one cannot be removed.
pub fn remove_old_logs(logs_root: &Path, days: u32, now: SystemTime) -> Result<Vec<String>, Coded> {
    let age = Duration::from_secs(u64::from(days) * 86_400);
    let mut removed = Vec::new();
    for run in children(logs_root)? {
        let Some(id) = run.file_name().and_then(|name| name.to_str()) else { continue };
        if !super::run_folder::is_correlation_id(id) || !run.is_dir() {
            continue;
        }
        let last = last_written(&run)?;
        if now.duration_since(last).is_ok_and(|idle| idle > age) {
            std::fs::remove_dir_all(&run).map_err(|error| {
                Coded::new(Code::Log001, format!("{} cannot be removed: {error}", run.display()))
            })?;
            removed.push(id.to_owned());
        }
    }
    Ok(removed)
}

/// When a file in a folder was last written, at any depth.
fn last_written(path: &Path) -> Result<SystemTime, Coded> {
    let metadata = std::fs::symlink_metadata(path).map_err(|error| unreadable(path, &error))?;
    let mut last = metadata.modified().map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        for child in children(path)? {
            last = last.max(last_written(&child)?);
        }
    }
    Ok(last)
}

/// What lies in a folder, in the order of names.
fn children(dir: &Path) -> Result<Vec<std::path::PathBuf>, Coded> {
    let read = || -> std::io::Result<Vec<_>> {
        std::fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths = read().map_err(|error| unreadable(dir, &error))?;
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Coded {
    Coded::new(Code::Log003, format!("{} cannot be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_runs_that_are_old_are_removed() {
        let root = tempfile::tempdir().unwrap();
        for dir in ["c0ffee/7/events", "notes"] {
            std::fs::create_dir_all(root.path().join(dir)).unwrap();
        }
        std::fs::write(root.path().join("c0ffee/7/engine.log"), "a line\n").unwrap();
        let now = SystemTime::now();
        let day = Duration::from_secs(86_400);
        assert!(remove_old_logs(root.path(), 30, now + 29 * day).unwrap().is_empty());
        assert_eq!(remove_old_logs(root.path(), 30, now + 31 * day).unwrap(), ["c0ffee"]);
        assert!(root.path().join("notes").exists());
        assert!(!root.path().join("c0ffee").exists());
    }
}
