//! `--stress`: names with their starts, or `list`.

use crate::market::stress::{Asked, list};

use super::lines::beside;

/// One part of `--stress`, between commas.
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// What stresses there are is asked for.
    List,
    /// A stress is.
    One(Asked),
}

/// Reads a part.
pub fn argument(text: &str) -> Result<Argument, String> {
    // People write a blank behind a comma.
    let text = text.trim();
    if text == "list" {
        return Ok(Argument::List);
    }
    if text == "all" {
        let sentence = "a run is under the stresses that are named, all of them together would tell nothing; each by itself: \
                        basis modes MODE --run --stress all";
        return Err(sentence.to_owned());
    }
    text.parse().map(Argument::One)
}

/// The names, where they are asked for.
pub fn told(arguments: &[Argument]) -> Option<String> {
    let is_list = |argument: &Argument| matches!(argument, Argument::List);
    if !arguments.iter().any(is_list) {
        return None;
    }
    Some(names())
}

/// Each stress and its sentence.
pub fn names() -> String {
    let list = list();
    let width = list.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    list.iter().map(|(name, sentence)| beside(name, width + 2, sentence)).collect()
}

/// The stresses, where the names are not.
pub fn asked(arguments: &[Argument]) -> Vec<Asked> {
    let one = |argument: &Argument| match argument {
        Argument::One(asked) => Some(*asked),
        Argument::List => None,
    };
    arguments.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_behind_a_comma_belongs_to_no_name() {
        let read: Vec<Argument> =
            "gas-x20, adl".split(',').filter_map(|it| argument(it).ok()).collect();
        let names: Vec<&str> = asked(&read).iter().map(|asked| asked.stress.name).collect();
        assert_eq!(names, ["gas-x20", "adl"]);
    }
}
