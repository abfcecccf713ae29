//! The modes as they are shipped: told by their configurations and by the heads of their scripts.

use std::fmt::Write;
use std::path::Path;

use rust_decimal::Decimal;
use serde_json::json;

use crate::cli::Failure;
use crate::cli::paint;
use crate::config::{LoadRequest, Setup, load, mode_names};

/// A mode.
pub(super) struct Mode {
    pub(super) setup: Setup,
    /// What it does and why, from the head of its script.
    thesis: String,
}

/// The modes of these names, or all of a folder.
pub(super) fn modes(names: &[String], config_dir: &Path) -> Result<Vec<Mode>, Failure> {
    let known = mode_names(config_dir);
    if known.is_empty() {
        let folder = config_dir.join("modes");
        return Err(Failure::Usage(format!("there are no modes in {}", folder.display())));
    }
    let names = if names.is_empty() { &known } else { names };
    names.iter().map(|name| mode(name, config_dir)).collect()
}

fn mode(name: &str, config_dir: &Path) -> Result<Mode, Failure> {
    let request = LoadRequest::of_mode(name, config_dir);
    let setup = load(request).map_err(|faults| Failure::Usage(faults.to_string()))?;
    let script = setup.script.as_ref();
    let head = script.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    Ok(Mode { setup, thesis: thesis(&head) })
}

/// The paragraph of a script's head that begins with "Thesis", in one line.
fn thesis(script: &str) -> String {
    let mut comment = script.lines().map_while(|line| line.strip_prefix("//"));
    let Some(first) = comment.find_map(|line| line.trim().strip_prefix("Thesis")) else {
        return String::new();
    };
    // What belongs to it is indented below it.
    let rest = comment.take_while(|line| line.starts_with("      "));
    let words = std::iter::once(first).chain(rest).flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

/// For people, as wide as a terminal.
pub(super) fn text(modes: &[Mode]) -> String {
    let mut out = String::new();
    for (index, mode) in modes.iter().enumerate() {
        let setup = &mode.setup;
        let percent = |part: Decimal| (part * Decimal::ONE_HUNDRED).normalize();
        let (apy, drawdown) = (setup.target_apy.get(), setup.target_drawdown.get());
        let rows = [
            ("thesis", mode.thesis.clone()),
            ("venues", venues(setup).join(", ")),
            ("told in", format!("{}, about {}", setup.share_class.name, asset(setup))),
            (
                "aims at",
                format!("{} % a year, a drawdown of at most {} %", percent(apy), percent(drawdown)),
            ),
        ];
        let gap = if index == 0 { "" } else { "\n" };
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{gap}{}", paint::in_style(paint::HEAD, &setup.mode));
        for (name, told) in rows.iter().filter(|(_, told)| !told.is_empty()) {
            let _ = writeln!(out, "  {name:<8} {}", paint::broken(told, 11, &" ".repeat(11)));
        }
    }
    out
}

/// For programs.
pub(super) fn json(modes: &[Mode]) -> String {
    let modes = modes.iter().map(|mode| {
        let setup = &mode.setup;
        json!({
            "name": setup.mode,
            "share_class": setup.share_class.name,
            "asset": asset(setup),
            "venues": venues(setup),
            "step_s": setup.step.ms() / 1000,
            "thesis": mode.thesis,
            "target_apy": setup.target_apy.get().to_string(),
            "target_max_drawdown": setup.target_drawdown.get().to_string(),
        })
    });
    let modes: Vec<_> = modes.collect();
    format!("{:#}\n", json!(modes))
}

fn venues(setup: &Setup) -> Vec<&str> {
    setup.universe.venues().iter().map(|venue| &*venue.name).collect()
}

fn asset(setup: &Setup) -> &str {
    setup.universe.token(setup.asset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thesis_is_a_paragraph_of_the_head() {
        let script = "// A: b.\n//\n// Thesis       One thing\n//              and another.\n// Exits        None.\nfn decide(ctx) {}\n";
        assert_eq!(thesis(script), "One thing and another.");
        assert_eq!(thesis("fn decide(ctx) {}"), "");
    }
}
