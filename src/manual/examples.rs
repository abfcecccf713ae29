//! Examples of the reference: the bodies of tests that are run, one for each line of the tables.

use std::collections::BTreeMap;
use std::path::Path;

/// Example texts by the name of their test without `test_`: `ctx_balance`.
#[derive(Clone, Debug, Default)]
pub(super) struct Examples(BTreeMap<String, String>);

impl Examples {
    /// The examples of all files of tests in a folder.
    ///
    /// # Errors
    /// A sentence, when one cannot be read.
    pub(super) fn of(folder: &Path) -> Result<Self, String> {
        let unread =
            |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
        let mut examples = Self::default();
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .map_err(unread)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.to_string_lossy().ends_with(".test.rhai"))
            .collect();
        files.sort();
        for file in files {
            examples.take(&std::fs::read_to_string(&file).map_err(unread)?);
        }
        Ok(examples)
    }

    fn take(&mut self, text: &str) {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(rest) = line.strip_prefix("fn test_") else { continue };
            let name = rest.split('(').next().unwrap_or_default().to_owned();
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "}").collect();
            let body = body.iter().map(|line| line.strip_prefix("    ").unwrap_or(line));
            self.0.insert(name, body.collect::<Vec<_>>().join("\n"));
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
