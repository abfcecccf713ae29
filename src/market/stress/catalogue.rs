//! The catalogue: what stresses there are, each with its size and its length. Numbers stand here and nowhere else.

use crate::types::{Span, Timestamp};

use super::words;

/// A defined path that a run's data is bent to.
#[derive(Debug, PartialEq, Eq)]
pub struct Stress {
    /// Its name, as `--stress` takes it.
    pub name: &'static str,
    /// From its start to its end; of a price, how long its way takes, after which it stays. `None`: it happens at once and is for
    /// good.
    pub lasts: Option<Span>,
    /// What happens, and how much of it.
    pub(super) shock: Shock,
}

/// What a stress does. Percentages and points are whole and signed as they are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shock {
    /// All prices in the quote token change by this within the stress's length, and go on from there.
    Prices { percent: i64 },
    /// The quote token is worth this much of a dollar in the end: all prices in it rise by the inverse.
    Quote { percent: i64 },
    /// Staking tokens are sold for so much more (less: below zero) while it lasts.
    MarketRate { percent: i64 },
    /// Staking tokens lose so much of what they are worth by their protocol, and of what they are sold for.
    Slash { percent: i64 },
    /// All perps pay so much funding a year while it lasts; below zero shorts pay.
    Funding { percent_a_year: i64 },
    /// Debts grow by so much a year while it lasts.
    BorrowRate { percent_a_year: i64 },
    /// All of every reserve is lent out while it lasts, and debts grow by so much a year.
    Drained { percent_a_year: i64 },
    /// Gas costs so many times as much while it lasts.
    Gas { times: i64 },
    /// A venue takes no orders and its markets have no prices while it lasts.
    Down,
    /// An exchange fills so much of each order while it lasts.
    Fills { percent: i64 },
    /// An exchange closes a short without being asked.
    Deleverage,
    /// Reference prices and protocol rates stand still while it lasts.
    Stale,
    /// Largest loan-to-value and liquidation threshold of collateral fall by so many points of a hundred.
    Thresholds { points: i64 },
}

impl Shock {
    /// Whether rows are taken away or stand still, instead of being changed.
    pub(super) const fn silences(self) -> bool {
        matches!(self, Self::Down | Self::Stale)
    }
}

const fn hours(hours: i64) -> Option<Span> {
    Some(Span::from_hours(hours))
}

const fn days(days: i64) -> Option<Span> {
    hours(24 * days)
}

static ALL: [Stress; 15] = [
    Stress { name: "eth-down-40-day", lasts: days(1), shock: Shock::Prices { percent: -40 } },
    Stress { name: "eth-up-60-week", lasts: days(7), shock: Shock::Prices { percent: 60 } },
    Stress { name: "eth-up-100-month", lasts: days(30), shock: Shock::Prices { percent: 100 } },
    Stress { name: "lst-depeg", lasts: days(3), shock: Shock::MarketRate { percent: -6 } },
    Stress { name: "slash", lasts: None, shock: Shock::Slash { percent: 2 } },
    Stress {
        name: "funding-minus-50",
        lasts: days(30),
        shock: Shock::Funding { percent_a_year: -50 },
    },
    Stress {
        name: "borrow-rate-40",
        lasts: days(7),
        shock: Shock::BorrowRate { percent_a_year: 40 },
    },
    Stress {
        name: "utilisation-100",
        lasts: days(3),
        shock: Shock::Drained { percent_a_year: 80 },
    },
    Stress { name: "gas-x20", lasts: days(7), shock: Shock::Gas { times: 20 } },
    Stress { name: "venue-down", lasts: hours(6), shock: Shock::Down },
    Stress { name: "half-fills", lasts: days(7), shock: Shock::Fills { percent: 50 } },
    Stress { name: "adl", lasts: None, shock: Shock::Deleverage },
    Stress { name: "oracle-stale", lasts: hours(4), shock: Shock::Stale },
    Stress { name: "lt-cut", lasts: None, shock: Shock::Thresholds { points: 5 } },
    Stress { name: "usdt-depeg", lasts: days(1), shock: Shock::Quote { percent: 95 } },
];

/// All stresses, in the order of the document.
pub fn all() -> &'static [Stress] {
    &ALL
}

/// The stress of a name.
pub fn named(name: &str) -> Option<&'static Stress> {
    ALL.iter().find(|stress| stress.name == name)
}

impl Stress {
    /// What happens, in a sentence.
    pub fn sentence(&self) -> String {
        words::sentence(self.shock, self.lasts)
    }

    /// What exactly is changed and what is not, in sentences.
    pub fn details(&self) -> String {
        words::details(self.shock, self.lasts)
    }

    /// When it begins where nobody says: at the last 00:00 UTC before a third of the run is over; in a run too short for that at
    /// the step before.
    pub fn default_start(&self, from: Timestamp, to: Timestamp, step: Span) -> Timestamp {
        let third = from + Span::from_ms((to - from).ms() / 3);
        let midnight = Timestamp::from_ms(third.day() * DAY_MS);
        if midnight > from {
            return midnight;
        }
        let steps = (third - from).ms() / step.ms();
        from + Span::from_ms(steps * step.ms())
    }
}

const DAY_MS: i64 = Span::from_hours(24).ms();
