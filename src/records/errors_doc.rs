//! `docs/errors.md`, generated from the registry of codes.

use std::fmt::Write;

use crate::types::Code;

/// What the codes of a component are about, by the part before the dash, in the order of the document.
const COMPONENTS: [(&str, &str); 12] = [
    ("POS", "Positions and books"),
    ("EXP", "Exposure"),
    ("RISK", "Risk"),
    ("PNL", "Profit and its causes"),
    ("EXEC", "Execution and reconciliation"),
    ("VEN", "Venues"),
    ("LOG", "Records"),
    ("STRAT", "Strategies and their scripts"),
    ("DATA", "Market data"),
    ("CONFIG", "Configuration"),
    ("TEST", "Tests of scripts"),
    ("ENGINE", "Engine, journal and account scopes"),
];

/// The text of `docs/errors.md`.
pub fn errors_md() -> String {
    let mut text = String::from(
        "# Error codes\n\nGenerated from the registry in `src/types/error.rs`; a test keeps the two equal. One meaning a \
         code. A code stands\nin the message, in the component's log, in the event files, and decides the exit status: 2 \
         for a command line,\nconfiguration or data that is wrong, 3 for a run stopped by risk or reconciliation, 1 for \
         any other failure.\n",
    );
    for (prefix, title) in COMPONENTS {
        push_component(&mut text, prefix, title);
    }
    text
}

fn push_component(text: &mut String, prefix: &str, title: &str) {
    let _ = write!(
        text,
        "\n## {title}\n\n| code | what it means | what to do |\n| --- | --- | --- |\n"
    );
    for code in Code::ALL.iter().filter(|code| component(**code) == prefix) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{code}` | {} | {} |", code.meaning(), code.action());
    }
}

/// The part of a code before its number.
fn component(code: Code) -> &'static str {
    code.text().split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_code_is_in_the_document_once() {
        let text = errors_md();
        for code in Code::ALL {
            assert_eq!(text.matches(&format!("| `{code}` |")).count(), 1, "{code}");
        }
    }

    /// `BASIS_BLESS=1 cargo test errors_doc` writes the file anew.
    #[test]
    fn the_committed_document_is_the_registry() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
        if std::env::var_os("BASIS_BLESS").is_some() {
            std::fs::write(&path, errors_md()).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        assert_eq!(committed, errors_md(), "run BASIS_BLESS=1 cargo test errors_doc");
    }
}
