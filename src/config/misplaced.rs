//! The line that is meant where a file is no YAML. The reader stumbles over the first line that cannot be, and that is often the
//! one behind the line to mend: a ':' is missed when the next one comes, an indentation when it is left again.

use super::schema;

/// A line to mend, what is wrong with it, and what to write.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meant {
    /// From 1, both.
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) sentence: String,
    pub(super) help: String,
}

/// What is said of a line that is no setting.
const NO_COLON: &str = "a ':' with a space behind it is missing";

/// A line with something on it that is no comment.
struct Line<'t> {
    number: usize,
    indent: usize,
    text: &'t str,
}

impl Line<'_> {
    fn is_setting(&self) -> bool {
        self.text.contains(": ") || self.text.ends_with(':') || self.text.starts_with("- ")
    }

    /// The name before its `:`, or the whole line.
    fn name(&self) -> &str {
        self.text.split_once(':').map_or(self.text, |(name, _)| name).trim()
    }

    fn meant(&self, sentence: String, help: String) -> Meant {
        Meant { line: self.number, column: self.indent + 1, sentence, help }
    }

    /// Said of a line that stands elsewhere than its neighbours.
    fn indented(&self, neighbours: usize) -> Meant {
        let sentence = format!(
            "this line is indented by {}, its neighbours by {}",
            spaces(self.indent),
            spaces(neighbours)
        );
        self.meant(sentence, format!("indent it by {}", spaces(neighbours)))
    }

    /// Said of a line without a `:`, or with one that nothing stands behind.
    fn unsettled(&self) -> Meant {
        if self.text.starts_with("//") {
            return self.meant("a comment begins with #".to_owned(), "write # and it".to_owned());
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        let end = self.text.find(|c| !is_name(c)).unwrap_or(self.text.len());
        let is_between = |c: char| c.is_whitespace() || [':', '=', '：'].contains(&c);
        let (name, value) = (&self.text[..end], self.text[end..].trim_start_matches(is_between));
        let help = match (name, value) {
            ("", _) => "a setting is name: value".to_owned(),
            (name, "") => format!("write {name}:"),
            (name, value) => format!("write {name}: {value}"),
        };
        self.meant(NO_COLON.to_owned(), help)
    }
}

fn lines(yaml: &str) -> Vec<Line<'_>> {
    let yaml = yaml.strip_prefix('\u{feff}').unwrap_or(yaml);
    let all = yaml.lines().enumerate().map(|(index, line)| Line {
        number: index + 1,
        indent: line.len() - line.trim_start_matches(' ').len(),
        text: line.trim(),
    });
    all.filter(|line| !line.text.is_empty() && !line.text.starts_with('#')).collect()
}

fn spaces(number: usize) -> String {
    match number {
        0 => "no space".to_owned(),
        1 => "1 space".to_owned(),
        more => format!("{more} spaces"),
    }
}

/// Where a line without a `:` stands at a place.
pub(super) fn without_colon(yaml: &str, line: usize) -> Option<Meant> {
    lines(yaml).iter().find(|it| it.number == line).map(Line::unsettled)
}

/// Where a text of lines without a `:` begins.
pub(super) fn no_settings(yaml: &str) -> Option<Meant> {
    lines(yaml).first().filter(|line| !line.is_setting()).map(Line::unsettled)
}

/// A `:` was found in a value. The value may have begun on the line before, which then has no `:` of its own, or stands too far to
/// the left; else the line itself is meant.
pub(super) fn second_colon(yaml: &str, (line, column): (usize, usize)) -> Option<Meant> {
    let lines = lines(yaml);
    let at = lines.iter().position(|it| it.number == line)?;
    let here = &lines[at];
    let before_colon: String =
        here.text.chars().take(column.saturating_sub(here.indent + 1)).collect();
    if before_colon.contains(": ") {
        return None;
    }
    let before = &lines[at.checked_sub(1)?];
    if !before.is_setting() {
        return Some(before.unsettled());
    }
    let earlier = at.checked_sub(2).map(|index| &lines[index]);
    if earlier.is_some_and(|it| it.indent == here.indent) && before.indent < here.indent {
        return Some(before.indented(here.indent));
    }
    (here.indent > before.indent).then(|| here.indented(before.indent))
}

/// A line that fits to none of those before it. It may be the first that is right again.
pub(super) fn unfitting(yaml: &str, (line, column): (usize, usize)) -> Option<Meant> {
    let lines = lines(yaml);
    let at = lines.iter().position(|it| it.number == line)?;
    let here = &lines[at];
    if column > here.indent + 1 {
        return after_quote(yaml, (line, column));
    }
    if let Some(item) = here.text.strip_prefix("- ") {
        let item = item.strip_prefix("name: ").unwrap_or(item);
        let name = item.split_once(':').map_or(item, |(name, _)| name).trim();
        let (sentence, help) = no_item(name);
        return Some(here.meant(sentence.to_owned(), help));
    }
    let run = lines[..at].iter().rev().take_while(|it| it.indent > here.indent).count();
    let above = &lines[(at - run).checked_sub(1)?];
    let Some(first) = lines[at - run..at].first() else {
        return (here.indent > above.indent).then(|| here.indented(above.indent));
    };
    let step = usual_step(&lines);
    let is_in = |it: &Line<'_>| it.indent == above.indent + step;
    match above.indent {
        0 if schema::begins_a_file(here.name()) => return Some(here.indented(0)),
        0 if !schema::begins_a_file(above.name()) => return Some(above.indented(here.indent)),
        _ => {}
    }
    // What stands below a name tells where the name belongs.
    let below = lines.get(at + 1).filter(|it| here.text.ends_with(':') && it.indent > here.indent);
    let meant = below.and_then(|it| it.indent.checked_sub(step));
    if meant.is_some_and(|meant| meant == above.indent) {
        return Some(here.indented(above.indent));
    }
    match is_in(here) && !is_in(first) {
        true => Some(first.indented(here.indent)),
        false => Some(here.indented(first.indent)),
    }
}

/// Said of a name with a '-' among names without, with what to write.
pub(super) fn no_item(name: &str) -> (&'static str, String) {
    let sentence = "a '-' begins an item of a list, and here stand names";
    (sentence, format!("write {name}: without the '-'"))
}

/// By how much what stands below a name is mostly indented.
fn usual_step(lines: &[Line<'_>]) -> usize {
    let steps: Vec<usize> = lines
        .windows(2)
        .filter(|pair| pair[1].indent > pair[0].indent)
        .map(|pair| pair[1].indent - pair[0].indent)
        .collect();
    let count = |step: &usize| steps.iter().filter(|other| *other == step).count();
    // Of two that are as frequent the smaller: the larger one is left out of it by mistake.
    steps.iter().copied().max_by_key(|step| (count(step), usize::MAX - step)).unwrap_or(2)
}

/// What stands behind the end of a text in quotes, which ends early or was not meant to begin.
fn after_quote(yaml: &str, (line, column): (usize, usize)) -> Option<Meant> {
    let lines: Vec<&str> = yaml.lines().collect();
    let quote = |text: &str, at: usize| text.chars().nth(at).filter(|c| ['"', '\''].contains(c));
    let end = lines.get(line.checked_sub(1)?)?;
    let behind = column.checked_sub(1)?;
    let gap = end.chars().take(behind).collect::<Vec<_>>();
    let closed = gap.iter().rposition(|c| *c != ' ')?;
    let sign = quote(end, closed)?;
    // The text begins where a value does, on this line or one before.
    let (index, start) = (0..line).rev().find_map(|index| {
        let text = lines.get(index)?;
        let start = [": ", "- "].iter().find_map(|mark| text.find(&format!("{mark}{sign}")))?;
        Some((index, text[..start].chars().count() + 2))
    })?;
    let at = |line: usize| {
        if line == index + 1 { "there".to_owned() } else { format!("in line {line}") }
    };
    let sentence =
        format!("the text in quotes that begins here ends {} in column {}", at(line), closed + 1);
    let help = match sign {
        '\'' => "close it where it ends; a ' inside of it is written twice, or take \"…\"",
        _ => "close it where it ends; a \" inside of it is written \\\", or take '…'",
    };
    Some(Meant { line: index + 1, column: start + 1, sentence, help: help.to_owned() })
}

/// A bracket that is open although what follows stands no further in than the line where it opens.
pub(super) fn unclosed(
    yaml: &str,
    (line, column): (usize, usize),
    noticed: (usize, usize),
) -> Option<Meant> {
    let lines = lines(yaml);
    let opened = lines.iter().find(|it| it.number == line)?;
    let end = lines.iter().find(|it| it.number >= noticed.0);
    if noticed.0 == line || end.is_some_and(|it| it.indent > opened.indent) {
        return None;
    }
    let sign = yaml.lines().nth(line - 1)?.chars().nth(column.checked_sub(1)?)?;
    let (close, form) = match sign {
        '{' => ('}', "a map in braces is { name: value, other: value }"),
        '[' => (']', "a list in brackets is [value, value]"),
        _ => return None,
    };
    let sentence = format!("this '{sign}' has no '{close}'");
    Some(Meant { line, column, sentence, help: form.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::super::raw;

    /// A file in order; each case spoils one piece of it.
    const YAML: &str = "\
share_class: USDT
asset: BTC
venues:
  wallet:
  binance:

parameters:
  first:
    value: 0.1
    unit: hours
    min: 0
    doc: Some words.
  second:
    value: 2
    max: 3
  third:
    value: true
risk:
  delta_drift: 0.02
  max_age_hours: 3
targets: { apy: 0.1, max_drawdown: 0.2 }
markets: [spot]
";

    fn told(right: &str, wrong: &str) -> String {
        assert_eq!(YAML.matches(right).count(), 1, "{right}");
        let yaml = YAML.replace(right, wrong);
        raw::read(&yaml, &"x.yaml".into()).expect_err(wrong).to_string()
    }

    #[test]
    fn the_line_to_mend_is_told_and_not_the_one_behind_it() {
        let indented = |is: &str, neighbours: &str| {
            format!(
                "this line is indented by {is}, its neighbours by {neighbours}; indent it by {neighbours}"
            )
        };
        let missing =
            |write: &str| format!("a ':' with a space behind it is missing; write {write}");
        for (right, wrong, place, words) in [
            // Too far to the right.
            ("  wallet:", "   wallet:", "4", indented("3 spaces", "2 spaces")),
            ("  wallet:", "    wallet:", "4", indented("4 spaces", "2 spaces")),
            ("    unit: hours", "     unit: hours", "10:1", indented("5 spaces", "4 spaces")),
            ("    value: 0.1", "     value: 0.1", "9:1", indented("5 spaces", "4 spaces")),
            ("  delta_drift", "   delta_drift", "19:1", indented("3 spaces", "2 spaces")),
            ("  max_age", "   max_age", "20:1", indented("3 spaces", "2 spaces")),
            ("asset:", " asset:", "2:1", indented("1 space", "no space")),
            ("risk:", " risk:", "18:1", indented("1 space", "no space")),
            ("markets:", "  markets:", "22:1", indented("2 spaces", "no space")),
            ("  second:", "   second:", "13", indented("3 spaces", "2 spaces")),
            // Too far to the left.
            ("    unit: hours", "   unit: hours", "10:1", indented("3 spaces", "4 spaces")),
            ("    min: 0", "  min: 0", "11:1", indented("2 spaces", "4 spaces")),
            ("  second:", "second:", "13:1", indented("no space", "2 spaces")),
            // No colon, or none with a space.
            ("value: 0.1", "value 0.1", "9:5", missing("value: 0.1")),
            ("value: 0.1", "value:0.1", "9:5", missing("value: 0.1")),
            ("value: 0.1", "value = 0.1", "9:5", missing("value: 0.1")),
            ("value: 0.1", "value\u{ff1a} 0.1", "9:5", missing("value: 0.1")),
            ("min: 0", "min 0", "11:5", missing("min: 0")),
            ("  second:", "  second", "13:3", missing("second:")),
            ("venues:", "venues", "3:1", missing("venues:")),
            ("asset: BTC", "asset BTC", "2:1", missing("asset: BTC")),
            ("asset: BTC", "asset: BTC\n// why", "3:1", "a comment begins with #".to_owned()),
            // What is open.
            ("0.2 }", "0.2", "21:10", "this '{' has no '}'; a map in braces".to_owned()),
            ("[spot]", "[spot", "22:10", "this '[' has no ']'; a list in brackets".to_owned()),
            ("doc: Some", "doc: 'Some", "12:10", "this quote is not closed".to_owned()),
            (
                "doc: Some words.",
                "doc: 'It's words'",
                "12:10",
                "the text in quotes that begins here ends there in column 13; close it".to_owned(),
            ),
            // A list among names.
            ("  second:", "  - name: second", "13:3", "write second: without the '-'".to_owned()),
            ("  delta", "  - delta", "20:3", "this line has no '-', and those of".to_owned()),
        ] {
            let line = told(right, wrong);
            let found = line
                .strip_prefix(&format!("CONFIG-001 x.yaml:{}", place.split(':').next().unwrap()));
            assert!(found.is_some_and(|rest| rest.starts_with(':')), "{wrong} at {place}: {line}");
            let is_indented = words.starts_with("this line is indented");
            assert!(is_indented || line.contains(&format!("x.yaml:{place}: ")), "{wrong}: {line}");
            assert!(line.contains(&words), "{wrong}: {line}");
        }
    }

    #[test]
    fn no_text_is_too_broken_to_be_explained() {
        for end in (0..YAML.len()).filter(|end| YAML.is_char_boundary(*end)) {
            for sign in ["'", "{", "[", "- ", "\t", ": ", "\n "] {
                let yaml = format!("{}{sign}{}", &YAML[..end], &YAML[end..]);
                let _ = raw::read(&yaml, &"x.yaml".into());
            }
        }
    }
}
