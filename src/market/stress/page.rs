//! `docs/stress.md` and the list of `--stress list`, both made of the catalogue.

use std::fmt::Write;

use super::catalogue::all;
use super::words::length;

const HEAD: &str = "<!-- Generated from src/market/stress; a test keeps the two equal. -->\n\n\
# Stress\n\n\
`basis run STRATEGY --stress NAME[@TIME][,NAME[@TIME]…]` runs a strategy on data that is bent from a moment on: `--stress slash`,\n\
`--stress eth-down-40-day@2024-08-05,gas-x20@2024-08-05`. `basis run --stress list` tells the names. Each is a path that is defined\n\
to the digit, so the same command gives the same bytes.\n\n\
- Rows before the start are as they were. Nobody knows a stress before it has begun: script, engine and venues see the bent rows\n  \
  through the same views as any others.\n\
- Without `@TIME` a stress begins at the last midnight (UTC) before a third of the run is over. With it, it begins at that step\n  \
  of the run; a time outside of the run or between two steps is refused with exit status 2 (DATA-007).\n\
- Stresses combine. Changes of values come first, in the order of their starts, then silence (`venue-down`, `oracle-stale`).\n\
- What does nothing for a mode is told (DATA-007), as is a stress that the end of the run cuts off.\n\
- The report says that the data is stressed; `summary.json` lists `stress` with the starts, `inputs/data.json` too, and the run's\n  \
  data hash has it in it. `--resume` goes on with the same stresses.\n\
- Results have the exit status of any run: 3 where risk stopped it, which is often what a stress is for.\n\n";

/// The text of `docs/stress.md`.
pub fn stress_md() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("| name | what happens | from its start to its end |\n| --- | --- | --- |\n");
    for stress in all() {
        let lasts = stress.lasts.map_or("at once, for good".to_owned(), length);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{}` | {} | {lasts} |", stress.name, stress.sentence());
    }
    for stress in all() {
        let _ = write!(text, "\n## {}\n\n", stress.name);
        wrap(&mut text, &format!("{} {}", stress.sentence(), stress.details()));
    }
    text
}

/// Names and sentences, for the command line.
pub fn list() -> Vec<(&'static str, String)> {
    all().iter().map(|stress| (stress.name, stress.sentence())).collect()
}

/// The widest line of a document.
const COLUMNS: usize = 128;

fn wrap(out: &mut String, text: &str) {
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > COLUMNS {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `BASIS_BLESS=1 cargo test the_stress_page` writes the file anew.
    #[test]
    fn the_stress_page_is_the_catalogue() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/stress.md");
        if std::env::var_os("BASIS_BLESS").is_some() {
            std::fs::write(&path, stress_md()).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(committed, stress_md(), "run BASIS_BLESS=1 cargo test the_stress_page");
    }

    #[test]
    fn every_stress_is_in_the_page_and_in_the_list_with_its_numbers() {
        let (page, list) = (stress_md(), list());
        for stress in all() {
            assert!(page.contains(&format!("\n## {}\n", stress.name)), "{}", stress.name);
            assert!(list.contains(&(stress.name, stress.sentence())), "{}", stress.name);
            assert!(!stress.details().is_empty(), "{}", stress.name);
        }
        let sentence = "The prices of all coins fall by 40 % within a day.".to_owned();
        assert!(list.contains(&("eth-down-40-day", sentence)));
    }
}
