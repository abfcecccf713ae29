//! Sentences in lines, as wide as a terminal opens.

/// The width of a terminal as it opens.
pub(super) const COLUMNS: usize = 80;

/// A sentence in lines of at most so many characters, broken at spaces; a longer word stands alone.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A name in so many columns, and a sentence beside it.
pub(super) fn beside(name: &str, column: usize, text: &str) -> String {
    let lines = wrapped(text, COLUMNS.saturating_sub(column)).join(&format!("\n{:column$}", ""));
    format!("{name:<column$}{lines}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_broken_at_spaces() {
        let lines = wrapped("one two three four extraordinarily five", 9);
        assert_eq!(lines, ["one two", "three", "four", "extraordinarily", "five"]);
    }

    #[test]
    fn a_sentence_beside_a_name_goes_on_below_itself() {
        let told = beside("gas", 60, "Gas costs 20 times as much for a week.");
        let expected = format!("{:<60}Gas costs 20 times\n{:60}as much for a week.\n", "gas", "");
        assert_eq!(told, expected);
    }
}
