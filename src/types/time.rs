//! Points in time and spans of it: UTC, whole milliseconds.
//!
//! Nothing in the core asks what time it is; a [`Timestamp`] is always handed in by a shell.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970-01-01T00:00:00 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A length of time in milliseconds; may be negative as the difference of two points.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(i64);

const MS_PER_DAY: i64 = 86_400_000;

impl Timestamp {
    /// The point `ms` milliseconds after the epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Whole days since the epoch, for daily figures cut at 00:00 UTC.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(MS_PER_DAY)
    }

    /// The year, month, day, hour, minute, second and millisecond of this point in UTC.
    pub fn civil(self) -> (i64, u32, u32, u32, u32, u32, u32) {
        let ms_of_day = self.0.rem_euclid(MS_PER_DAY) as u32;
        let (year, month, day) = civil_from_days(self.day());
        let (hour, rest) = (ms_of_day / 3_600_000, ms_of_day % 3_600_000);
        let (minute, rest) = (rest / 60_000, rest % 60_000);
        (year, month, day, hour, minute, rest / 1000, rest % 1000)
    }

    /// The point of a UTC calendar date and time, or `None` when a field is out of its range.
    pub fn from_civil(
        year: i64,
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
    ) -> Option<Self> {
        if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        if day == 0 || day > days_in_month(year, month) {
            return None;
        }
        let days = days_from_civil(year, month, day);
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Some(Self(days * MS_PER_DAY + seconds * 1000))
    }
}

impl Span {
    /// A span of `ms` milliseconds.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// A span of `s` seconds.
    pub const fn from_s(s: i64) -> Self {
        Self(s * 1000)
    }

    /// A span of `minutes` minutes.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self(minutes * 60_000)
    }

    /// A span of `hours` hours.
    pub const fn from_hours(hours: i64) -> Self {
        Self(hours * 3_600_000)
    }

    /// The span in milliseconds.
    pub const fn ms(self) -> i64 {
        self.0
    }
}

impl Add<Span> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Span) -> Timestamp {
        Timestamp(self.0 + span.0)
    }
}

impl Sub<Span> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Span) -> Timestamp {
        Timestamp(self.0 - span.0)
    }
}

impl Sub for Timestamp {
    type Output = Span;
    fn sub(self, earlier: Timestamp) -> Span {
        Span(self.0 - earlier.0)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC; milliseconds only where there are any: `2024-06-01T00:00:00Z`, `2024-06-01T00:00:00.250Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute, second, ms) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if ms != 0 {
            write!(f, ".{ms:03}")?;
        }
        f.write_str("Z")
    }
}

/// Why a text is no point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a UTC time; write it as 2024-06-01, 2024-06-01T00:00Z or 2024-06-01T00:00:00Z"
)]
pub struct NotATime(String);

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        Self::parse(text.as_bytes()).ok_or_else(|| NotATime(text.to_owned()))
    }
}

impl Timestamp {
    /// Reads `YYYY-MM-DD`, `YYYY-MM-DDTHH:MMZ`, `YYYY-MM-DDTHH:MM:SSZ` or the last with `.mmm`.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let digits = |from: usize, to: usize| -> Option<u32> {
            let mut n = 0;
            for &byte in text.get(from..to)? {
                n = n * 10 + char::from(byte).to_digit(10)?;
            }
            Some(n)
        };
        let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
        if !is(4, b'-') || !is(7, b'-') {
            return None;
        }
        let (year, month, day) = (i64::from(digits(0, 4)?), digits(5, 7)?, digits(8, 10)?);
        if text.len() == 10 {
            return Self::from_civil(year, month, day, 0, 0, 0);
        }
        if !(is(10, b'T') || is(10, b' ')) || !is(13, b':') {
            return None;
        }
        let (hour, minute) = (digits(11, 13)?, digits(14, 16)?);
        let (second, ms) = match text.len() {
            17 if is(16, b'Z') => (0, 0),
            20 if is(16, b':') && is(19, b'Z') => (digits(17, 19)?, 0),
            24 if is(16, b':') && is(19, b'.') && is(23, b'Z') => {
                (digits(17, 19)?, digits(20, 23)?)
            }
            _ => return None,
        };
        Some(Self::from_civil(year, month, day, hour, minute, second)? + Span(i64::from(ms)))
    }
}

/// Days since the epoch of a proleptic Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let shifted = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let day_of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`], from the same source.
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted + 2) / 5 + 1) as u32;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_point_are_inverse() {
        for text in ["2024-02-29T23:59:59Z", "1970-01-01T00:00:00Z", "2025-06-01T12:00:00.250Z"] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
        assert_eq!("2024-06-01".parse::<Timestamp>().unwrap().ms(), 1_717_200_000_000);
        assert_eq!("2024-06-01T00:00Z".parse::<Timestamp>(), "2024-06-01".parse());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "2024-13-01",
            "2023-02-29",
            "2024-06-01T24:00Z",
            "2024-06-01T00:00",
            "yesterday",
            "2024-6-1",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
