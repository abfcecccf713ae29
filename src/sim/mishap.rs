//! A fault that is ordered, not drawn: it strikes the next time that there is occasion, so that a test can say what goes wrong.

use rust_decimal::Decimal;

use crate::types::{Span, VenueId};

use super::fault::FaultKind;

/// Something that will go wrong at a venue, so many times.
#[derive(Clone, Debug, PartialEq)]
pub struct Mishap {
    /// What.
    pub kind: FaultKind,
    /// Where; anywhere when there is no one place for it.
    pub venue: Option<VenueId>,
    /// How many times.
    pub times: u32,
    /// How much of it, where that is asked.
    pub measure: Measure,
}

/// How much of a fault there is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Measure {
    /// Nothing to say, or as the dice fall.
    #[default]
    None,
    /// The share of a trade that fills.
    Share(Decimal),
    /// How late something comes.
    Span(Span),
    /// Which leg of a group, from 0.
    Leg(usize),
}

impl Measure {
    pub(super) fn take(&mut self) -> Self {
        std::mem::take(self)
    }
}
