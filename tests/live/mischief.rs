//! How the exchange misbehaves, and when: by a script of the test, or by a seed.

use std::time::Duration;

/// What goes wrong with one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mischief {
    /// Nothing.
    None,
    /// It fills at once and the answer comes when nobody waits for it any more.
    AnswersLate,
    /// It reaches the books when the client has given up, while it is still valid.
    ArrivesLate,
    /// It reaches the books when it is no longer valid.
    ArrivesTooLate,
    /// It fills, and the client is told of an internal error.
    FailsAfterTheFill,
    /// It does not fill, and the client is told of an internal error.
    FailsBeforeTheFill,
    /// It fills, and the connection breaks.
    DropsAfterTheFill,
    /// The connection breaks before anything happens.
    DropsBeforeTheFill,
    /// Half of it fills, the rest is cancelled.
    FillsInPart,
    /// It is accepted and fills some questions later.
    StaysOpen,
    /// It is refused because of the number of requests.
    IsRateLimited,
}

impl Mischief {
    pub const ALL: [Self; 11] = [
        Self::None,
        Self::AnswersLate,
        Self::ArrivesLate,
        Self::ArrivesTooLate,
        Self::FailsAfterTheFill,
        Self::FailsBeforeTheFill,
        Self::DropsAfterTheFill,
        Self::DropsBeforeTheFill,
        Self::FillsInPart,
        Self::StaysOpen,
        Self::IsRateLimited,
    ];
}

/// What goes wrong with balances and settlements, by the number of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    Truth,
    /// Balances of before the last changes, with the time at which they were true.
    Stale,
    /// The same, with the time of now: a replica that lags and does not know it.
    Lagging,
    /// An internal error.
    Fails,
    /// The connection breaks.
    Drops,
}

/// When what goes wrong.
#[derive(Clone, Debug)]
pub enum Script {
    /// The same for every second first attempt.
    Each(Mischief),
    /// Orders are well; balances are told so, two times of three.
    Balances(Telling),
    /// Orders are well; settlements are told late, and then twice.
    Settlements,
    /// Anything, drawn from a seed.
    Seeded(u64),
    /// Nothing any more.
    Calm,
}

/// Longer than the client's patience, shorter than an order's validity.
pub const LATE: Duration = Duration::from_millis(190);
/// Longer than an order's validity.
pub const TOO_LATE: Duration = Duration::from_millis(320);

impl Script {
    /// What goes wrong with an order. Depends on the part of the id that every run of the same decisions has in common, so
    /// that legs which race each other meet the same fate in any order.
    pub fn order(&self, client_id: &str) -> Mischief {
        let common = client_id.get(11..).unwrap_or_default();
        match self {
            Self::Each(mischief) if hash(1, common).is_multiple_of(2) && common.ends_with("a1") => {
                *mischief
            }
            Self::Seeded(seed) => {
                // Half of the orders are well.
                let drawn = hash(*seed, common) as usize % (2 * Mischief::ALL.len());
                Mischief::ALL.get(drawn).copied().unwrap_or(Mischief::None)
            }
            _ => Mischief::None,
        }
    }

    pub fn balances(&self, question: u64) -> Telling {
        match self {
            Self::Balances(telling) if question % 3 != 2 => *telling,
            Self::Seeded(seed) => match hash(*seed, &question.to_string()) % 12 {
                0 => Telling::Stale,
                1 => Telling::Lagging,
                2 => Telling::Fails,
                3 => Telling::Drops,
                _ => Telling::Truth,
            },
            _ => Telling::Truth,
        }
    }

    pub fn query(&self, question: u64) -> Telling {
        match self {
            Self::Seeded(seed) => match hash(seed ^ 0x51, &question.to_string()) % 10 {
                0 => Telling::Fails,
                1 => Telling::Drops,
                _ => Telling::Truth,
            },
            _ => Telling::Truth,
        }
    }

    /// For how many questions a settlement is kept back, and how often it is then told each time.
    pub fn settlement(&self, reference: u64) -> (u64, usize) {
        match self {
            Self::Settlements => (3, 2),
            Self::Seeded(seed) => {
                let drawn = hash(*seed, &format!("settlement {reference}"));
                (drawn % 4, 1 + (drawn / 4 % 2) as usize)
            }
            _ => (0, 1),
        }
    }
}

/// FNV-1a, mixed: the same on every machine.
pub fn hash(seed: u64, text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^ (hash >> 32)
}
