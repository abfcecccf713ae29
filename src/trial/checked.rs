//! What `basis check` knows of the worlds that a file of tests makes: the modes that it may be about.

use crate::config::{Drafts, mode_names};

/// The worlds of one file of tests.
pub(super) struct Checked {
    /// The modes that the tests may be about.
    named: Vec<String>,
}

impl Checked {
    /// Those of a text; beside no strategy it names its modes itself, and where it names none it may be about any.
    pub(super) fn of(drafts: &Drafts, own: Option<String>, text: &str) -> Self {
        let modes = mode_names(drafts.config_dir());
        let named = match own {
            Some(own) => vec![own],
            None => {
                let is_named = |mode: &&String| text.contains(&format!("\"{mode}\""));
                let named: Vec<String> = modes.iter().filter(is_named).cloned().collect();
                if named.is_empty() { modes } else { named }
            }
        };
        Self { named }
    }

    /// The modes that the tests may be about.
    pub(super) fn names(&self) -> &[String] {
        &self.named
    }
}
