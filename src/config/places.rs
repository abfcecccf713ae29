//! Where a key stands in the text of a file: what is read as a tree has lost its lines, and who mends a file wants them.

/// A key or an item of a list, with its place; both from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The names from the root, joined by points; items of a list are their numbers from 0.
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The place of a path, or of the nearest above it that stands in the text.
pub(super) fn of(yaml: &str, path: &str) -> Option<Place> {
    let all = all(yaml);
    let mut wanted = path;
    loop {
        if let Some(place) = all.iter().find(|place| place.path == wanted) {
            return Some(place.clone());
        }
        (wanted, _) = wanted.rsplit_once('.')?;
    }
}

/// The second of two keys of one name in one map, with the line of the first.
pub(super) fn twice(yaml: &str) -> Option<(Place, usize)> {
    let all = all(yaml);
    all.iter().enumerate().find_map(|(index, place)| {
        let first = all[..index].iter().find(|first| first.path == place.path)?;
        Some((place.clone(), first.line))
    })
}

/// All keys and items of a text, from the top.
fn all(yaml: &str) -> Vec<Place> {
    // What some editors put before a text is no part of its first name.
    let yaml = yaml.strip_prefix('\u{feff}').unwrap_or(yaml);
    let mut reader =
        Reader { text: yaml.chars().collect(), at: 0, line: 1, column: 1, found: Vec::new() };
    // The names that are open, each with the column in which its map stands.
    let mut open: Vec<(usize, String)> = Vec::new();
    while reader.at < reader.text.len() {
        reader.skip(|c| c == ' ');
        match reader.peek() {
            Some('\n' | '\r') | None => reader.next(),
            Some('#') => reader.skip(|c| c != '\n'),
            Some(_) => reader.entries(&mut open),
        }
    }
    reader.found
}

struct Reader {
    text: Vec<char>,
    at: usize,
    line: usize,
    column: usize,
    found: Vec<Place>,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) {
        match self.peek() {
            Some('\n') => (self.line, self.column) = (self.line + 1, 1),
            _ => self.column += 1,
        }
        self.at += 1;
    }

    fn skip(&mut self, is: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&is) {
            self.next();
        }
    }

    fn note(&mut self, path: &str, (line, column): (usize, usize)) {
        self.found.push(Place { path: path.to_owned(), line, column });
    }

    /// What stands on a line of a block: `- ` of items, then a key with its value.
    fn entries(&mut self, open: &mut Vec<(usize, String)>) {
        while self.peek() == Some('-')
            && self.text.get(self.at + 1).is_none_or(|c| c.is_whitespace())
        {
            let (line, column) = (self.line, self.column);
            // An item may stand in the column of the key whose list it is in.
            let is_above = |(at, name): &(usize, String)| {
                *at < column || *at == column && name.parse::<usize>().is_err()
            };
            let last = open.iter().rposition(is_above).map_or(0, |index| index + 1);
            let before = open.get(last).filter(|(at, _)| *at == column);
            let number =
                before.and_then(|(_, name)| name.parse::<usize>().ok()).map_or(0, |n| n + 1);
            open.truncate(last);
            open.push((column, number.to_string()));
            self.note(&joined(open), (line, column));
            self.next();
            self.skip(|c| c == ' ');
        }
        let place = (self.line, self.column);
        if let Some(name) = self.key() {
            open.retain(|(at, name)| *at < place.1 || *at == place.1 && name.is_empty());
            open.push((place.1, name));
            let path = joined(open);
            self.note(&path, place);
            self.skip(|c| c == ' ');
            let is_block = matches!(self.peek(), Some('|' | '>'));
            self.value(&path);
            self.skip(|c| c != '\n');
            if is_block {
                self.skip_block(place.1);
            }
        } else {
            self.value(&joined(open));
            self.skip(|c| c != '\n');
        }
    }

    /// The lines of a text that stand further in than its key.
    fn skip_block(&mut self, column: usize) {
        loop {
            let (at, line, before) = (self.at, self.line, self.column);
            self.next();
            self.skip(|c| c == ' ');
            let is_inside = self.column > column || self.peek() == Some('\n');
            if !is_inside || self.peek().is_none() {
                (self.at, self.line, self.column) = (at, line, before);
                return;
            }
            self.skip(|c| c != '\n');
        }
    }

    /// A name and the `:` behind it; nothing is read where there is none.
    fn key(&mut self) -> Option<String> {
        let (at, line, column) = (self.at, self.line, self.column);
        let quote = self.peek().filter(|c| ['"', '\''].contains(c));
        let mut name = String::new();
        if let Some(quote) = quote {
            name = self.quoted(quote);
        } else {
            while let Some(c) = self.peek() {
                let is_end = match c {
                    ':' => self.text.get(self.at + 1).is_none_or(|c| c.is_whitespace()),
                    '\n' | ',' | '{' | '}' | '[' | ']' => true,
                    _ => false,
                };
                if is_end {
                    break;
                }
                name.push(c);
                self.next();
            }
        }
        self.skip(|c| c == ' ');
        if self.peek() == Some(':') && !name.trim().is_empty() {
            self.next();
            return Some(name.trim().to_owned());
        }
        (self.at, self.line, self.column) = (at, line, column);
        None
    }

    fn quoted(&mut self, quote: char) -> String {
        self.next();
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| *c != quote) {
            text.push(c);
            self.next();
        }
        self.next();
        text
    }

    /// A value; what stands below a path when it is written in brackets.
    fn value(&mut self, path: &str) {
        match self.peek() {
            Some('{') => self.inside('}', path),
            Some('[') => self.inside(']', path),
            Some(quote @ ('"' | '\'')) => drop(self.quoted(quote)),
            _ => self.skip(|c| !['\n', ',', '}', ']', '#'].contains(&c)),
        }
    }

    fn inside(&mut self, end: char, path: &str) {
        self.next();
        let mut number = 0;
        loop {
            self.skip(|c| c.is_whitespace() || c == ',');
            let place = (self.line, self.column);
            match self.peek() {
                None => return,
                Some('#') => self.skip(|c| c != '\n'),
                Some(c) if c == end => return self.next(),
                Some('}' | ']') => return,
                Some(_) => {
                    let name = if end == '}' { self.key() } else { None };
                    let name = name.unwrap_or_else(|| number.to_string());
                    let below = if path.is_empty() { name } else { format!("{path}.{name}") };
                    number += 1;
                    self.note(&below, place);
                    self.skip(|c| c == ' ');
                    let at = self.at;
                    self.value(&below);
                    if self.at == at && !matches!(self.peek(), Some(',' | '}' | ']' | '\n')) {
                        self.next();
                    }
                }
            }
        }
    }
}

fn joined(open: &[(usize, String)]) -> String {
    open.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "\
# a comment: with a colon
asset: BTC   # another: one
venues:
  wallet:
  okx: { latency_ms: 5, markets: { spot: { fee: 0.1 } } }

parameters:
  'quoted':
    value: \"a: b\"
    doc: |
      text: of
      lines
    max: 1
lists: [a, b]
tiers:
  - { up_to: 1,
      rate: 2 }
  - up_to: 3
    rate: 4
same:
- x: 1
- y: 2
initial_balances: { binance.USDT: 5 }
asset: ETH
";

    fn at(path: &str) -> Option<(usize, usize)> {
        of(YAML, path).map(|place| (place.line, place.column))
    }

    #[test]
    fn a_path_is_found_where_its_key_stands() {
        for (path, place) in [
            ("asset", (2, 1)),
            ("venues.wallet", (4, 3)),
            ("venues.okx.latency_ms", (5, 10)),
            ("venues.okx.markets.spot.fee", (5, 44)),
            ("parameters.quoted.value", (9, 5)),
            ("parameters.quoted.max", (13, 5)),
            ("lists.1", (14, 12)),
            ("tiers.0.rate", (17, 7)),
            ("tiers.1.rate", (19, 5)),
            ("same.1.y", (22, 3)),
            ("initial_balances.binance.USDT", (23, 21)),
        ] {
            assert_eq!(at(path), Some(place), "{path}");
        }
    }

    #[test]
    fn marks_of_editors_are_no_part_of_a_name() {
        let yaml = format!("\u{feff}{}", YAML.replace('\n', "\r\n"));
        let place = |path: &str| of(&yaml, path).map(|place| (place.line, place.column));
        assert_eq!(place("venues.okx.latency_ms"), Some((5, 10)));
        assert_eq!(of("\u{feff}asset: ETH", "asset").map(|place| place.column), Some(1));
    }

    #[test]
    fn what_is_missing_is_missing_below_what_stands_there() {
        assert_eq!(at("venues.okx.margin.tiers"), Some((5, 3)));
        assert_eq!(at("nowhere.to.be.found"), None);
    }

    #[test]
    fn what_stands_twice_is_found_the_second_time() {
        let (place, first) = twice(YAML).unwrap();
        assert_eq!((place.path.as_str(), place.line, first), ("asset", 24, 2));
    }

    #[test]
    fn no_text_is_too_broken_to_be_looked_through() {
        for end in 0..YAML.len() {
            all(&YAML[..end]);
            all(&YAML[end..]);
        }
    }
}
