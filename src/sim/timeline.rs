//! Things that wait for their time, in order of time and, within one time, in order of entry.
//!
//! A sorted vector and not a heap: seldom more than a dozen things wait, it compares and clones as plain data, and first in
//! first out within one millisecond needs no counter.

use crate::types::Timestamp;

/// A queue by time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Timeline<T> {
    /// Latest first, so that the next one is taken off the end.
    entries: Vec<(Timestamp, T)>,
}

impl<T> Timeline<T> {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Enters something that is due at a time, behind what is due then already.
    pub(super) fn push(&mut self, at: Timestamp, item: T) {
        let place = self.entries.partition_point(|(due, _)| *due > at);
        self.entries.insert(place, (at, item));
    }

    /// When the next thing is due.
    #[inline]
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.entries.last().map(|(due, _)| *due)
    }

    /// Takes the next thing off, if it is due at or before `limit`.
    pub(super) fn pop_until(&mut self, limit: Timestamp) -> Option<(Timestamp, T)> {
        self.entries.pop_if(|(due, _)| *due <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_by_time_then_by_entry() {
        let at = Timestamp::from_ms;
        let mut line = Timeline::new();
        for (due, item) in [(5, 'c'), (1, 'a'), (5, 'd'), (3, 'b'), (5, 'e')] {
            line.push(at(due), item);
        }
        let mut order = String::new();
        while let Some((_, item)) = line.pop_until(at(4)) {
            order.push(item);
        }
        assert_eq!((order.as_str(), line.next_at()), ("ab", Some(at(5))));
        while let Some((_, item)) = line.pop_until(at(5)) {
            order.push(item);
        }
        assert_eq!((order.as_str(), line.next_at()), ("abcde", None));
    }
}
