//! What a reader of a run's figures should know: the first warnings of each code in full, of the others how many there were.
//!
//! A strategy that is held back holds back every hour; eight thousand sentences that say the same tell nobody anything.

use crate::types::{Code, Timestamp};

/// Sentences of one code that are kept in full.
const FULL: usize = 3;

/// Warnings and alarms by code, in the order in which the codes were first met.
#[derive(Debug, Default)]
pub struct Warnings {
    kinds: Vec<Warned>,
}

#[derive(Debug)]
struct Warned {
    code: Option<Code>,
    sentences: Vec<String>,
    more: u64,
    last: Timestamp,
}

impl Warnings {
    /// Takes note of one.
    pub fn add(&mut self, at: Timestamp, code: Option<Code>, text: &str) {
        let index = self.kinds.iter().position(|kind| kind.code == code).unwrap_or_else(|| {
            self.kinds.push(Warned { code, sentences: Vec::new(), more: 0, last: at });
            self.kinds.len() - 1
        });
        let kind = &mut self.kinds[index];
        kind.last = at;
        let code = code.map(|code| format!("{code}: ")).unwrap_or_default();
        let sentence = format!("{code}{text}");
        // The same again, at another time, tells nothing new.
        let is_known = kind.sentences.iter().any(|known| known.ends_with(&sentence));
        if is_known || kind.sentences.len() == FULL {
            kind.more += 1;
        } else {
            kind.sentences.push(format!("{at} {sentence}"));
        }
    }

    /// The sentences, those that were left out counted.
    pub fn told(self) -> Vec<String> {
        let mut told = Vec::new();
        for Warned { code, sentences, more, last } in self.kinds {
            told.extend(sentences);
            if more > 0 {
                let of = code.map(|code| format!(" of {code}")).unwrap_or_default();
                told.push(format!("… and {more} more{of} until {last}, in the logs"));
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_alike_the_first_are_told_and_the_rest_counted() {
        let day: Timestamp = "2024-06-01".parse().unwrap();
        let mut warnings = Warnings::default();
        for size in 0..10 {
            warnings.add(day, Some(Code::Risk005), &format!("too large: {size}"));
            warnings.add(day, None, "odd");
        }
        let told = warnings.told();
        assert_eq!(told.len(), 6);
        assert_eq!(told[0], "2024-06-01T00:00:00Z RISK-005: too large: 0");
        assert_eq!(told[3], "… and 7 more of RISK-005 until 2024-06-01T00:00:00Z, in the logs");
        // The same sentence again is only counted.
        assert_eq!(told[4], "2024-06-01T00:00:00Z odd");
        assert_eq!(told[5], "… and 9 more until 2024-06-01T00:00:00Z, in the logs");
    }
}
