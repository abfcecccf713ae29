//! The stamps of a series, in whole seconds.

use crate::types::Timestamp;

/// Stamps in whole seconds: a rule while they are regular, a list from the first irregular one on.
#[derive(Clone, PartialEq)]
pub(super) enum Stamps {
    /// `start + step × row`.
    Regular { start: u32, step: u32, len: u32 },
    /// Each for itself.
    Listed(Vec<u32>),
}

impl Default for Stamps {
    fn default() -> Self {
        Self::Regular { start: 0, step: 0, len: 0 }
    }
}

impl Stamps {
    /// Adds a stamp, which must be later than the last.
    pub(super) fn push(&mut self, at: Timestamp) -> Result<(), BadStamp> {
        let second = match (at.ms() % 1000, u32::try_from(at.ms() / 1000)) {
            (0, Ok(second)) => second,
            _ => return Err(BadStamp::OutOfRange),
        };
        if self.len() > 0 && self.at(self.len() - 1) >= at {
            return Err(BadStamp::NotAscending);
        }
        match self {
            Self::Regular { start, len: len @ 0, .. } => (*start, *len) = (second, 1),
            Self::Regular { start, step, len: len @ 1 } => (*step, *len) = (second - *start, 2),
            Self::Regular { start, step, len } if *start + *step * *len == second => *len += 1,
            Self::Regular { start, step, len } => {
                let mut list: Vec<u32> = (0..*len).map(|row| *start + *step * row).collect();
                list.push(second);
                *self = Self::Listed(list);
            }
            Self::Listed(list) => list.push(second),
        }
        Ok(())
    }

    /// How many there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Regular { len, .. } => *len as usize,
            Self::Listed(list) => list.len(),
        }
    }

    /// The stamp of a row.
    #[inline]
    pub(super) fn at(&self, row: usize) -> Timestamp {
        let second = match self {
            Self::Regular { start, step, .. } => *start + *step * row as u32,
            Self::Listed(list) => list[row],
        };
        Timestamp::from_ms(i64::from(second) * 1000)
    }

    /// How many are at or before a time.
    pub(super) fn until(&self, at: Timestamp) -> usize {
        let second = at.ms().div_euclid(1000);
        match self {
            Self::Regular { len: 0, .. } => 0,
            Self::Regular { start, step, len } => {
                let past = second - i64::from(*start);
                let rows = past.div_euclid(i64::from((*step).max(1))) + 1;
                rows.clamp(0, i64::from(*len)) as usize
            }
            Self::Listed(list) => list.partition_point(|&stamp| i64::from(stamp) <= second),
        }
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Regular { .. } => 0,
            Self::Listed(list) => list.capacity() * size_of::<u32>(),
        }
    }
}

/// Why a row cannot follow the rows before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadStamp {
    /// It is not later than the last one.
    NotAscending,
    /// It is no whole second between 1970 and 2106.
    OutOfRange,
}
