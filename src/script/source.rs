//! The text of a script's file.

use std::io::{Error, ErrorKind};
use std::path::Path;

/// What some editors put before a text; it is no part of it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a script, a module or a file of tests.
///
/// # Errors
/// When it cannot be read; of a link that leads nowhere its end is told.
pub(crate) fn read(path: &Path) -> std::io::Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| match path.read_link() {
        Ok(end) if error.kind() == ErrorKind::NotFound => {
            let told = format!("it is a link to {}, which is not there", end.display());
            Error::new(ErrorKind::NotFound, told)
        }
        _ => error,
    })?;
    Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_before_the_text_is_no_part_of_it() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("a.rhai");
        std::fs::write(&file, "\u{feff}// A\u{feff}\n").unwrap();
        assert_eq!(read(&file).unwrap(), "// A\u{feff}\n");
    }
}
