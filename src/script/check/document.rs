//! `docs/scripting/lints.md`, made of the lints and their examples.

use std::fmt::Write;

use super::Severity;
use super::examples::EXAMPLES;

/// The text of `docs/scripting/lints.md`.
pub fn lints_md() -> String {
    let mut text = String::from(
        "# Lints\n\nWhat `basis check` finds in a script before it runs. Generated from `src/script/check/examples.rs`; a test \
         runs each piece\nand keeps this page equal. An error is what would fail, or do what nobody can mean; a warning is odd. \
         A comment `// allow(NAME)`\non the line, or by itself on the line before, silences a lint there. Notes below a finding \
         say where its value comes from.\n\nThe exit status is 0 when nothing is found, 1 when something is, be it warnings \
         alone, and 2 when the command line or a\nconfiguration is wrong. What is wrong with doors, calls, names and imports also \
         keeps a script from being loaded; what types and\nunits tell does not, and a run would meet it at the step that comes \
         by.\n",
    );
    for example in EXAMPLES {
        let severity = if example.lint.severity == Severity::Error { "error" } else { "warning" };
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {}\n\n{severity}: {}.\n", example.lint.name, example.lint.finds);
        if !example.wrong.is_empty() {
            let _ = write!(text, "\n```rust\n// wrong\n{}\n\n", example.wrong);
            let _ = write!(text, "// right\n{}\n```\n", example.right);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::super::mutants::shipped::Shipped;
    use super::*;

    /// A piece without a `fn decide` stands in one.
    fn script(piece: &str) -> String {
        if piece.contains("fn decide") {
            return piece.to_owned();
        }
        format!(
            "fn decide(ctx) {{\nif ctx.wind_down || ctx.risk.must_reduce {{ return exit(ctx); }}\n{piece}\n\
             hold(\"at \" + ctx.now)\n}}\n\
             fn exit(ctx) {{ if ctx.position(\"binance:Perp:BTCUSDT\") == 0 {{ return hold(\"flat\"); }} exit_full(\"out\", orders::perp_to(\"binance\", \"BTCUSDT\", 0)) }}\n"
        )
    }

    #[test]
    fn the_wrong_piece_gives_its_lint_alone_and_the_right_one_nothing() {
        let shipped = Shipped::all().pop().unwrap();
        let mut told = Vec::new();
        for example in EXAMPLES.iter().filter(|example| !example.wrong.is_empty()) {
            let found = |piece: &str| -> BTreeSet<&str> {
                let found = shipped.check(shipped.main(), script(piece));
                found.iter().map(|finding| finding.lint.name).collect()
            };
            // What stands behind a return that is wrong is not reached.
            let mut wrong = found(example.wrong);
            if example.wrong.contains("return") && example.lint.name != "unreachable" {
                wrong.remove("unreachable");
            }
            let mut right = found(example.right);
            if example.right.contains("return") {
                right.remove("unreachable");
            }
            if wrong != BTreeSet::from([example.lint.name]) || !right.is_empty() {
                told.push(format!("{}: wrong gives {wrong:?}, right {right:?}", example.lint.name));
            }
        }
        assert!(told.is_empty(), "{}", told.join("\n"));
    }

    /// `BASIS_BLESS=1 cargo test document` writes the file anew.
    #[test]
    fn the_committed_document_is_made_of_the_lints() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scripting/lints.md");
        if std::env::var_os("BASIS_BLESS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, lints_md()).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        assert_eq!(committed, lints_md(), "run BASIS_BLESS=1 cargo test document");
    }
}
