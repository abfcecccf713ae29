//! What a text can be: all that it is in the run, with parts in it that are not known.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::facts::Place;

/// Stands for a part of a text that is not known.
const ANYTHING: char = '\0';

/// More than so many are as good as unknown.
const TEXTS_MAX: usize = 24;

/// The texts that an expression gives.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Texts {
    /// All of them; none when nothing is known.
    any_of: BTreeSet<Arc<str>>,
    /// What it may be by the host's or the configuration's list, of which `any_of` may be a part.
    choices: Option<Arc<[String]>>,
    /// Each of them, with where it is written, when each surely comes by.
    each: Option<Arc<[Item]>>,
}

/// A text of a list, with where it is written.
type Item = (Arc<str>, Place);

impl Texts {
    pub(super) fn one(text: &str) -> Self {
        Self::of(BTreeSet::from([text.into()]))
    }

    fn of(any_of: BTreeSet<Arc<str>>) -> Self {
        Self { any_of, choices: None, each: None }
    }

    /// One after the other, each of them once.
    pub(super) fn each(items: Vec<Item>) -> Self {
        let any_of = items.iter().map(|(text, _)| text.clone()).collect();
        Self { any_of, choices: None, each: Some(items.into()) }
    }

    /// The same, where not each of them needs to come by.
    pub(super) fn doubted(self) -> Self {
        Self { each: None, ..self }
    }

    /// Those that surely come by, with where they are written.
    pub(super) fn surely(&self) -> impl Iterator<Item = (&str, Place)> {
        self.each.iter().flat_map(|each| each.iter()).map(|(text, place)| (&**text, *place))
    }

    pub(super) fn any_of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let any_of: BTreeSet<Arc<str>> = texts.map(Arc::from).collect();
        if any_of.len() > TEXTS_MAX { Self::default() } else { Self::of(any_of) }
    }

    /// One of a list that somebody else has made.
    pub(super) fn chosen(mut self, choices: &[String]) -> Self {
        self.choices = Some(choices.into());
        self
    }

    pub(super) fn choices(&self) -> Option<&[String]> {
        self.choices.as_deref()
    }

    /// All of them, where they are known.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> + Clone {
        self.any_of.iter().map(|text| &**text)
    }

    /// The only one, known as a whole.
    pub(super) fn single(&self) -> Option<&str> {
        let first = self.any_of.first().filter(|_| self.any_of.len() == 1)?;
        (!first.contains(ANYTHING)).then_some(first)
    }

    /// Whether all of them are known as a whole.
    pub(super) fn are_known(&self) -> bool {
        !self.any_of.is_empty() && !self.any_of.iter().any(|text| text.contains(ANYTHING))
    }

    /// Whether something of them is known.
    pub(super) fn say_something(&self) -> bool {
        self.any_of.iter().any(|text| text.chars().any(|c| c != ANYTHING))
    }

    pub(super) fn join(self, other: Self) -> Self {
        if self.any_of.is_empty() || other.any_of.is_empty() {
            return Self::default();
        }
        let any_of: BTreeSet<_> = self.any_of.into_iter().chain(other.any_of).collect();
        if any_of.len() > TEXTS_MAX {
            return Self::default();
        }
        let choices = if self.choices == other.choices { self.choices } else { None };
        Self { any_of, choices, each: None }
    }

    /// One behind the other.
    pub(super) fn then(&self, other: &Self) -> Self {
        let unknown = || BTreeSet::from([Arc::from("\0")]);
        let of = |texts: &Self| match texts.any_of.is_empty() {
            true => unknown(),
            false => texts.any_of.clone(),
        };
        let (first, second) = (of(self), of(other));
        if first.len() * second.len() > TEXTS_MAX {
            return Self::default();
        }
        let both = first.iter().flat_map(|a| second.iter().map(move |b| format!("{a}{b}").into()));
        Self::of(both.collect())
    }
}

/// Whether a text with parts that are not known can be another.
pub(super) fn can_be(text: &str, known: &str) -> bool {
    let mut parts = text.split(ANYTHING);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = known.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// As a person reads it.
pub(super) fn shown(text: &str) -> String {
    text.replace(ANYTHING, "…")
}

/// Whether parts of a text are not known.
pub(super) fn is_partial(text: &str) -> bool {
    text.contains(ANYTHING)
}
