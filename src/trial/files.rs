//! Which files a folder holds: found once each, whatever links lead to them.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// All files below a folder whose names end so, sorted; also links that lead nowhere, for whoever opens them to tell.
///
/// # Errors
/// When a folder cannot be listed.
pub fn files_below(folder: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let root = folder.canonicalize()?;
    let mut walk = Walk { root, ending, seen: BTreeSet::new(), found: Vec::new() };
    walk.visit(folder)?;
    walk.found.sort();
    Ok(walk.found)
}

/// The same files, each once however often and by whatever path it is named; the first name stays.
pub fn once(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let is_new = |file: &PathBuf| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone()));
    files.into_iter().filter(is_new).collect()
}

struct Walk<'a> {
    /// Where the walk begins, without links.
    root: PathBuf,
    ending: &'a str,
    /// Folders that were visited, without links.
    seen: BTreeSet<PathBuf>,
    found: Vec<PathBuf>,
}

impl Walk<'_> {
    fn visit(&mut self, folder: &Path) -> io::Result<()> {
        if !self.seen.insert(folder.canonicalize()?) {
            return Ok(());
        }
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if !self.leads_back(&path)? {
                    self.visit(&path)?;
                }
            } else if path.to_string_lossy().ends_with(self.ending) {
                self.found.push(path);
            }
        }
        Ok(())
    }

    /// Whether a folder is a link to what is looked through anyway, or to what that lies in.
    fn leads_back(&self, folder: &Path) -> io::Result<bool> {
        if !folder.is_symlink() {
            return Ok(false);
        }
        let real = folder.canonicalize()?;
        Ok(real.starts_with(&self.root) || self.root.starts_with(&real))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_lead_to_a_file_once_and_never_round() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        std::fs::create_dir_all(at("own/deep")).unwrap();
        std::fs::create_dir_all(at("other/deep")).unwrap();
        for file in ["own/a.rhai", "own/deep/b.rhai", "own/c.txt", "other/deep/d.rhai"] {
            std::fs::write(at(file), "").unwrap();
        }
        symlink(at("own"), at("own/deep/up")).unwrap();
        symlink(home.path(), at("own/above")).unwrap();
        symlink(at("own/deep"), at("own/again")).unwrap();
        symlink(at("other"), at("own/other")).unwrap();
        symlink(at("other"), at("other/deep/round")).unwrap();
        symlink(at("nowhere.rhai"), at("own/z.rhai")).unwrap();
        let found = files_below(&at("own"), ".rhai").unwrap();
        let names =
            ["own/a.rhai", "own/deep/b.rhai", "own/other/deep/d.rhai", "own/z.rhai"].map(at);
        assert_eq!(found, names);
    }

    #[test]
    fn a_file_that_is_named_twice_is_one() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        std::fs::write(at("a.rhai"), "").unwrap();
        let named = vec![at("a.rhai"), at("./a.rhai"), at("gone.rhai"), at("a.rhai")];
        assert_eq!(once(named), [at("a.rhai"), at("gone.rhai")]);
    }
}
