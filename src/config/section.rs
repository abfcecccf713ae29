//! A reader of the merged tree: typed values by path, where everything that is missing or wrong becomes a fault and reading
//! goes on, so that one look finds all of it.

use std::cell::RefCell;
use std::str::FromStr;

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::types::{Code, Timestamp};

use super::faults::{Fault, Faults, nearest};
use super::numbers::{exact, is_beyond, meant};
use super::raw::Node;

/// The names from the root to a place. Most are never told, so they are joined only where one is.
type Path<'a> = SmallVec<[Step<'a>; 6]>;

/// One step of a path.
#[derive(Clone)]
enum Step<'a> {
    Name(&'a str),
    /// A name that is not there.
    Missing(String),
    Item(usize),
}

/// One place of the tree. A wrong or missing value is told as a fault and stands as zero or nothing until the end, where
/// the faults end the loading.
#[derive(Clone)]
pub(super) struct Section<'a> {
    node: Option<&'a Node>,
    /// The nearest that stands above it, but for the root: what is missing here is missing in its file.
    above: Option<&'a Node>,
    path: Path<'a>,
    faults: &'a RefCell<Faults>,
}

/// What numbers a place allows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bounds {
    /// Above zero.
    Positive,
    /// Zero or above.
    NotNegative,
    /// From zero to one.
    Fraction,
    /// From zero to below one: what leaves something.
    Part,
}

impl Bounds {
    fn allow(self, number: Decimal) -> bool {
        match self {
            Self::Positive => number > Decimal::ZERO,
            Self::NotNegative => number >= Decimal::ZERO,
            Self::Fraction => number >= Decimal::ZERO && number <= Decimal::ONE,
            Self::Part => number >= Decimal::ZERO && number < Decimal::ONE,
        }
    }

    /// What a number would be that was written as percent where a fraction belongs.
    fn as_percent(self, number: Decimal) -> Option<Decimal> {
        let is_fraction = matches!(self, Self::Fraction | Self::Part);
        let is_meant = is_fraction && number > Decimal::ONE && number <= Decimal::ONE_HUNDRED;
        is_meant.then(|| (number / Decimal::ONE_HUNDRED).normalize())
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Positive => "a number above 0",
            Self::NotNegative => "a number of 0 or above",
            Self::Fraction => "a fraction from 0 to 1",
            Self::Part => "a fraction from 0 to below 1",
        }
    }
}

impl<'a> Section<'a> {
    /// The whole tree.
    pub(super) fn root(node: &'a Node, faults: &'a RefCell<Faults>) -> Self {
        Self { node: Some(node), above: None, path: Path::new(), faults }
    }

    /// What stands below a name.
    pub(super) fn at(&self, name: &str) -> Section<'a> {
        let found = self.node.and_then(|node| node.entry(name));
        let mut path = self.path.clone();
        path.push(match found {
            Some((name, _)) => Step::Name(name),
            None => Step::Missing(name.to_owned()),
        });
        let above = if self.path.is_empty() { None } else { self.node.or(self.above) };
        let node = found.map(|(_, node)| node);
        Section { node, above, path, faults: self.faults }
    }

    /// The number at a path below, or of the parameter there.
    pub(super) fn number_named(&self, path: &str) -> Option<Decimal> {
        let place = path.split('.').fold(self.clone(), |section, name| section.at(name));
        let place = if place.at("value").is_set() { place.at("value") } else { place };
        exact(place.optional_text()?)
    }

    /// The paths of all numbers below that [`Section::number_named`] finds, but for those of venues and of what parameters are
    /// declared to be.
    pub(super) fn number_paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for (name, section) in self.entries().into_iter().filter(|(name, _)| *name != "venues") {
            let below = if name == "parameters" {
                section.entries().into_iter().map(|(_, parameter)| parameter).collect()
            } else {
                vec![section]
            };
            below.iter().for_each(|section| section.collect_numbers(&mut paths));
        }
        paths
    }

    fn collect_numbers(&self, paths: &mut Vec<String>) {
        let value = self.at("value");
        let text = if value.is_set() { value.optional_text() } else { self.optional_text() };
        match text {
            Some(text) => paths.extend(exact(text).map(|_| self.path())),
            None => self.entries().iter().for_each(|(_, below)| below.collect_numbers(paths)),
        }
    }

    /// The names from the root, joined by points.
    pub(super) fn path(&self) -> String {
        let step = |step: &Step<'_>| match step {
            Step::Name(name) => (*name).to_owned(),
            Step::Missing(name) => name.clone(),
            Step::Item(index) => index.to_string(),
        };
        self.path.iter().map(step).collect::<Vec<_>>().join(".")
    }

    /// Whether a value, or anything, stands here.
    pub(super) fn is_set(&self) -> bool {
        self.node.is_some_and(|node| !node.is_unset())
    }

    /// How many faults have been told so far.
    pub(super) fn told(&self) -> usize {
        self.faults.borrow().iter().count()
    }

    /// The file or flag from which the value comes.
    pub(super) fn origin(&self) -> Option<&'a str> {
        self.node.and_then(Node::origin).map(|origin| &**origin)
    }

    /// The names below with what stands there, in order.
    pub(super) fn entries(&self) -> Vec<(&'a str, Section<'a>)> {
        match self.node {
            Some(Node::Map(entries)) => {
                entries.iter().map(|(name, _)| (name.as_str(), self.at(name))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Vec<Section<'a>> {
        let Some(Node::List(items)) = self.node else { return Vec::new() };
        let section = |(index, node)| Section {
            node: Some(node),
            above: None,
            path: self.path.iter().cloned().chain([Step::Item(index)]).collect(),
            faults: self.faults,
        };
        items.iter().enumerate().map(section).collect()
    }

    /// Tells a fault about this place.
    pub(super) fn fault(&self, code: Code, sentence: impl Into<String>) {
        self.tell(Fault::new(code, sentence));
    }

    /// Tells that the mode's own file must say something here, whichever file says nothing.
    pub(super) fn missing(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault.on(self.path()));
    }

    /// Tells a fault about this place, with its file and path added.
    pub(super) fn tell(&self, mut fault: Fault) {
        let above = || self.above.and_then(Node::origin).map(|origin| &**origin);
        fault.place = self.origin().or_else(above).map(str::to_owned);
        fault.key = Some(self.path());
        self.faults.borrow_mut().push(fault);
    }

    /// The characters here, when something stands here.
    pub(super) fn optional_text(&self) -> Option<&'a str> {
        match self.node {
            Some(node) if node.is_unset() => None,
            Some(Node::Text { value, .. }) => Some(value),
            _ => None,
        }
    }

    /// The characters here.
    pub(super) fn text(&self) -> &'a str {
        self.optional_text().unwrap_or_else(|| {
            self.fault(Code::Config004, "a value is needed here");
            ""
        })
    }

    /// The number here, when one stands here.
    pub(super) fn optional_decimal(&self, bounds: Bounds) -> Option<Decimal> {
        let number = self.parsed(bounds.words(), exact)?;
        if number.abs() > NUMBER_MAX {
            let sentence = format!("{} is expected, not one beyond 1e15", bounds.words());
            self.fault(Code::Config003, sentence);
            return None;
        }
        if bounds.allow(number) {
            return Some(number);
        }
        let fault =
            Fault::new(Code::Config003, format!("{} is expected, not {number}", bounds.words()));
        self.tell(match bounds.as_percent(number) {
            Some(part) => fault.suggest(format!("{number} % is written {part}")),
            None => fault,
        });
        None
    }

    /// The number here.
    pub(super) fn decimal(&self, bounds: Bounds) -> Decimal {
        self.needed();
        self.optional_decimal(bounds).unwrap_or_default()
    }

    /// The whole number here, when one stands here.
    pub(super) fn optional_integer(&self, least: i64, most: i64) -> Option<i64> {
        let words = format!("a whole number from {least} to {most}");
        let number = self.parsed(&words, |text| i64::from_str(text).ok())?;
        if (least..=most).contains(&number) {
            return Some(number);
        }
        self.fault(Code::Config003, format!("{words} is expected, not {number}"));
        None
    }

    /// The whole number here.
    pub(super) fn integer(&self, least: i64, most: i64) -> i64 {
        self.needed();
        self.optional_integer(least, most).unwrap_or(least)
    }

    /// The point in time here, when one stands here.
    pub(super) fn optional_time(&self) -> Option<Timestamp> {
        self.parsed("a UTC time such as 2024-06-01 or 2024-06-01T00:00Z", |text| text.parse().ok())
    }

    /// The choice that is named here.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        self.needed();
        let text = self.optional_text()?;
        let chosen = choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.unknown(text, &format!("one of {} is expected", names.join(", ")), &names);
        }
        chosen
    }

    /// Tells that a name is none of the known ones.
    pub(super) fn unknown(&self, name: &str, expected: &str, known: &[impl AsRef<str>]) {
        let fault = Fault::new(Code::Config003, format!("{expected}, not '{name}'"));
        self.tell(match nearest(name, known) {
            Some(near) => fault.suggest(format!("did you mean '{near}'?")),
            None => fault,
        });
    }

    fn needed(&self) {
        if !self.is_set() {
            self.fault(Code::Config004, "a value is needed here");
        }
    }

    fn parsed<T>(&self, words: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.optional_text()?;
        let value = parse(text);
        if value.is_none() {
            let is_bps = self.path().ends_with("_bps");
            self.tell(unlike(words, text, if is_bps { "bps" } else { "" }));
        }
        value
    }
}

/// Said where something else is expected, with the number that was meant where it is one, in its unit if it has one.
pub(super) fn unlike(words: &str, text: &str, unit: &str) -> Fault {
    let fault = Fault::new(Code::Config003, format!("{words} is expected, not '{text}'"));
    let is_number = words.contains("number") || words.contains("fraction");
    if is_number && is_beyond(text) {
        return Fault::new(Code::Config003, format!("{words} is expected, not one beyond 1e15"));
    }
    // To write the same again would not help.
    match meant(text, unit).filter(|_| is_number && exact(text).is_none()) {
        Some(meant) => fault.suggest(meant),
        None => fault,
    }
}

/// The largest number of a configuration: products of two such, and times in milliseconds, stay within what holds them.
const NUMBER_MAX: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);
