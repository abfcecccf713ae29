//! `--watch`: the tests again, each time that a script or a configuration is written.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{Event, EventKind, RecursiveMode, Watcher};

use crate::cli::Failure;

/// Editors write a file in several strokes; the tests run when they have been quiet for so long.
const QUIET: Duration = Duration::from_millis(50);

/// Folders that are watched.
pub(super) struct Watch {
    changes: Receiver<notify::Result<Event>>,
    _watcher: notify::RecommendedWatcher,
}

impl Watch {
    /// Watches folders from now on; those that are not there are left out.
    pub(super) fn begin<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Result<Self, Failure> {
        let unwatched = |error: notify::Error| {
            Failure::Usage(format!("the scripts cannot be watched: {error}"))
        };
        let (tell, changes) = channel();
        let mut watcher = notify::recommended_watcher(tell).map_err(unwatched)?;
        for folder in folders {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            if folder.is_dir() {
                watcher.watch(folder, RecursiveMode::Recursive).map_err(unwatched)?;
            }
        }
        Ok(Self { changes, _watcher: watcher })
    }

    /// Waits until a script or a configuration has been written.
    pub(super) fn wait(&self) -> Result<(), Failure> {
        loop {
            let event = self.changes.recv();
            let event = event.map_err(|_| Failure::Failed("nothing is watched".to_owned()))?;
            if event.is_ok_and(|event| is_meant(&event)) {
                while self.changes.recv_timeout(QUIET).is_ok() {}
                return Ok(());
            }
        }
    }
}

fn is_meant(event: &Event) -> bool {
    let is_change = !matches!(event.kind, EventKind::Access(_));
    let is_text = |path: &std::path::PathBuf| {
        path.extension().is_some_and(|ending| ending == "rhai" || ending == "yaml")
    };
    is_change && event.paths.iter().any(is_text)
}
