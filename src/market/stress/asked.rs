//! What is asked for by `--stress`, and when it begins in a run.

use std::fmt;
use std::str::FromStr;

use crate::config::{Fault, Faults, nearest};
use crate::types::{Code, Span, Timestamp};

use super::catalogue::{Stress, all, named};

/// A stress that is asked for: `slash`, or `slash@2024-08-05` with its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub stress: &'static Stress,
    /// When it begins; its default where nobody says.
    pub at: Option<Timestamp>,
}

/// A stress with its start in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Which.
    pub stress: &'static Stress,
    /// When it begins.
    pub from: Timestamp,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{}@{at}", self.stress.name),
            None => f.write_str(self.stress.name),
        }
    }
}

impl fmt::Display for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.stress.name, self.from)
    }
}

impl FromStr for Asked {
    type Err = String;

    /// Reads `NAME` or `NAME@TIME`; what is wrong is told in a sentence.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, at) = match text.split_once('@') {
            Some((name, at)) => (name, Some(at)),
            None => (text, None),
        };
        let stress = named(name).ok_or_else(|| unknown(name))?;
        let at = at.map(str::parse).transpose().map_err(|error| format!("{error}"))?;
        Ok(Self { stress, at })
    }
}

fn unknown(name: &str) -> String {
    let advice = match nearest(name, all().iter().map(|stress| stress.name)) {
        Some(near) => format!("did you mean '{near}'? "),
        None => String::new(),
    };
    format!("there is no such stress; {advice}`basis run --stress list` tells all")
}

/// The starts of what is asked for, in the order of time.
pub(super) fn begun(
    asked: &[Asked],
    from: Timestamp,
    to: Timestamp,
    step: Span,
) -> Result<Vec<Begun>, Faults> {
    let mut faults = Faults::default();
    let mut begun: Vec<Begun> = Vec::new();
    for Asked { stress, at } in asked {
        let start = at.unwrap_or_else(|| stress.default_start(from, to, step));
        let this = Begun { stress, from: start };
        let wrong = if start < from || start > to {
            Some(format!("it begins outside of the run, which goes from {from} to {to}"))
        } else if (start - from).ms() % step.ms() != 0 {
            let minutes = step.ms() / 60_000;
            Some(format!("it begins between two steps, which are {minutes} minutes apart"))
        } else if begun.contains(&this) {
            Some("it is asked for twice at the same time".to_owned())
        } else {
            None
        };
        match wrong {
            Some(sentence) => {
                let fault = Fault::new(Code::Data007, sentence).at("--stress");
                faults.push(fault.on(this.to_string()));
            }
            None => begun.push(this),
        }
    }
    faults.check()?;
    begun.sort_by_key(|begun| begun.from);
    Ok(begun)
}
