//! What is wrong with a configuration or with data: all of it at once, each with its place and what to do about it.

use std::fmt;

use crate::types::Code;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which error.
    pub code: Code,
    /// The file (`configs/modes/btc_basis.yaml`, `spot/binance_BTCUSDT_1h.csv:17`), or `--set` and its like.
    pub place: Option<String>,
    /// The key's path from the root, or the series.
    pub key: Option<String>,
    /// What is wrong, in words.
    pub sentence: String,
    /// What to write instead, or what to do.
    pub suggestion: Option<String>,
}

impl Fault {
    /// A fault without a place.
    pub fn new(code: Code, sentence: impl Into<String>) -> Self {
        Self { code, place: None, key: None, sentence: sentence.into(), suggestion: None }
    }

    /// The fault with its file.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The fault with its key.
    pub fn on(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The fault with what to do about it.
    pub fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// The fault with the known name that is nearest to `wrong`, when one is near.
    pub fn nearest<'a>(
        self,
        wrong: &str,
        known: impl IntoIterator<Item = impl AsRef<str> + 'a>,
    ) -> Self {
        match nearest(wrong, known) {
            Some(name) => self.suggest(format!("did you mean '{name}'?")),
            None => self,
        }
    }
}

impl fmt::Display for Fault {
    /// One line: `CONFIG-002 configs/modes/x.yaml: risk.warm: unknown key; did you mean 'warn'?`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(place) = &self.place {
            write!(f, " {place}:")?;
        }
        // `--from: from:` would say the same twice.
        let is_flag =
            |key: &String| self.place.as_ref().is_some_and(|at| *at == format!("--{key}"));
        if let Some(key) = self.key.as_ref().filter(|key| !is_flag(key)) {
            write!(f, " {key}:")?;
        }
        write!(f, " {}", self.sentence)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; {suggestion}"),
            None => Ok(()),
        }
    }
}

/// How many faults are told; nobody reads more before mending these.
const TOLD_MAX: usize = 100;

/// All that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds one, unless the same has been told: two readers of one value find the same fault. The last that is kept says that
    /// there may be more.
    pub fn push(&mut self, fault: Fault) {
        if self.0.len() >= TOLD_MAX || self.0.contains(&fault) {
            return;
        }
        self.0.push(fault);
        if self.0.len() == TOLD_MAX - 1 {
            let sentence = format!("there is more; mend these {} first", TOLD_MAX - 1);
            self.0.push(Fault::new(self.0[0].code, sentence));
        }
    }

    /// Adds those of another list.
    pub fn append(&mut self, other: Faults) {
        self.0.extend(other.0);
    }

    /// The faults, each changed.
    pub(super) fn map(self, change: impl FnMut(Fault) -> Fault) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// The faults as they are told, each on a line. The same sentence of several series, which have no place of their own, is
    /// told once.
    pub fn lines(&self) -> impl Iterator<Item = Fault> {
        let same = |a: &Fault, b: &Fault| {
            let is_series = |fault: &Fault| fault.place.is_none() && fault.key.is_some();
            is_series(a)
                && is_series(b)
                && (a.code, &a.sentence, &a.suggestion) == (b.code, &b.sentence, &b.suggestion)
        };
        self.0.chunk_by(same).map(|alike| {
            let keys: Vec<&str> = alike.iter().filter_map(|fault| fault.key.as_deref()).collect();
            let key = if keys.is_empty() { None } else { Some(keys.join(", ")) };
            Fault { key, ..alike[0].clone() }
        })
    }

    /// Everything is in order, or it is not.
    ///
    /// # Errors
    /// These faults, when there are any.
    pub fn check(self) -> Result<(), Faults> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.lines().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            line.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The known name that is nearest to `wrong`; none when all are too far away to be meant.
pub fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = impl AsRef<str> + 'a>,
) -> Option<String> {
    known
        .into_iter()
        .map(|name| {
            // Who leaves out a unit at the end means the name.
            let is_start = wrong.len() > 2 && name.as_ref().starts_with(wrong);
            // Who writes in small letters means the name as well.
            let is_same = wrong.eq_ignore_ascii_case(name.as_ref());
            let edits = strsim::damerau_levenshtein(wrong, name.as_ref());
            (if is_start || is_same { 0 } else { edits }, name.as_ref().to_owned())
        })
        // A short name with another first letter, and more that differs, is another name.
        .filter(|(distance, name)| {
            *distance < 2 || name.len() > SHORT || is_begun_alike(wrong, name)
        })
        .filter(|(distance, name)| *distance <= wrong.len().max(name.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The most letters of a short name.
const SHORT: usize = 8;

fn is_begun_alike(one: &str, other: &str) -> bool {
    let first = |name: &str| name.chars().next().map(|letter| letter.to_ascii_lowercase());
    first(one) == first(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_as_one_line_with_place_key_and_suggestion() {
        let fault = Fault::new(Code::Config002, "unknown key")
            .at("configs/modes/x.yaml")
            .on("risk.warm")
            .nearest("warm", ["exit", "warn"]);
        assert_eq!(
            fault.to_string(),
            "CONFIG-002 configs/modes/x.yaml: risk.warm: unknown key; did you mean 'warn'?"
        );
    }

    #[test]
    fn what_is_wrong_with_several_series_is_told_once() {
        let absent = |name: &str| Fault::new(Code::Data001, "there is no such series").on(name);
        let mut faults = Faults::from(absent("gas/x"));
        faults.push(absent("lst/y").suggest("add it"));
        faults.push(absent("lst/z").suggest("add it"));
        faults.push(absent("spot/a").at("x.csv:1"));
        faults.push(absent("spot/a").at("x.csv:2"));
        let told = faults.to_string();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 4, "{told}");
        assert_eq!(lines[1], "DATA-001 lst/y, lst/z: there is no such series; add it");
    }

    #[test]
    fn a_name_that_resembles_nothing_gets_no_suggestion() {
        assert_eq!(nearest("zzzzzz", ["warn", "exit"]), None);
        assert_eq!(nearest("EUR", ["BTC", "ETH", "USDT"]), None, "two of three letters differ");
        assert_eq!(nearest("rETH", ["weETH", "wstETH"]), None, "another first letter");
        assert_eq!(nearest("weeth", ["weeTH2", "weETH"]), Some("weETH".to_owned()));
        assert_eq!(nearest("btc_basys", ["eth_basis", "btc_basis"]), Some("btc_basis".to_owned()));
    }
}
