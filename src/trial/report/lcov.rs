//! Covered lines in lcov's tracefile format (man geninfo), which editors and CI read.

use std::fmt::Write;

use crate::trial::suite::FileCoverage;

/// The tracefile; `path_of` gives a script's path from the name that imports give it.
pub fn lcov(files: &[FileCoverage], path_of: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    for file in files {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "TN:\nSF:{}", path_of(&file.file));
        for line in &file.lines {
            let _ = writeln!(text, "DA:{line},{}", u8::from(file.hit.contains(line)));
        }
        let _ = writeln!(text, "LF:{}\nLH:{}\nend_of_record", file.lines.len(), file.hit.len());
    }
    text
}
