//! What numbers count: tokens, prices, fractions, times. Unknown units say nothing; two known ones must fit.

use rust_decimal::Decimal;

use crate::types::{TokenId, Universe};

/// What one unit of a measure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Base {
    /// A token, by its index.
    Token(usize),
    Day,
    Hour,
    Second,
    Ms,
    /// A rate that is paid every eight hours.
    Per8h,
    /// A rate that is paid each hour, each day, in a year.
    PerHour,
    PerDay,
    PerYear,
    Gwei,
    Percent,
    Bps,
}

/// A product of powers; nothing at all is a fraction.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Unit(Vec<(Base, i8)>);

/// Factors that turn one unit of time, or of a fraction, into another.
const FACTORS: [(Base, i64, Option<Base>); 14] = [
    (Base::Per8h, 3, Some(Base::PerDay)),
    (Base::Per8h, 1_095, Some(Base::PerYear)),
    (Base::PerDay, 365, Some(Base::PerYear)),
    (Base::PerHour, 8, Some(Base::Per8h)),
    (Base::PerHour, 24, Some(Base::PerDay)),
    (Base::PerHour, 8_760, Some(Base::PerYear)),
    (Base::Percent, 0, None),
    (Base::Percent, 100, Some(Base::Bps)),
    (Base::Day, 24, Some(Base::Hour)),
    (Base::Day, 86_400_000, Some(Base::Ms)),
    (Base::Hour, 3_600, Some(Base::Second)),
    (Base::Hour, 3_600_000, Some(Base::Ms)),
    (Base::Second, 1_000, Some(Base::Ms)),
    (Base::Bps, 0, None),
];

impl Unit {
    pub(super) fn fraction() -> Self {
        Self::default()
    }

    pub(super) fn of(base: Base) -> Self {
        Self(vec![(base, 1)])
    }

    /// Tokens; wrapped ETH counts as ETH, for which it is exchanged one for one.
    pub(super) fn token(universe: &Universe, token: TokenId) -> Self {
        let is_wrapped = &**universe.token(token) == "WETH";
        let plain = universe.token_named("ETH").filter(|_| is_wrapped).unwrap_or(token);
        Self::of(Base::Token(plain.index()))
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        self.with(other, 1)
    }

    pub(super) fn over(&self, other: &Self) -> Self {
        self.with(other, -1)
    }

    /// A rate of a span, paid for so many of them, is a part of one.
    fn paid(mut self) -> Self {
        for (rate, span) in [(Base::PerDay, Base::Day), (Base::PerHour, Base::Hour)] {
            if self.0.contains(&(rate, 1)) && self.0.contains(&(span, 1)) {
                self.0.retain(|part| ![(rate, 1), (span, 1)].contains(part));
            }
        }
        self
    }

    fn with(&self, other: &Self, sign: i8) -> Self {
        let mut all = self.0.clone();
        for &(base, power) in &other.0 {
            match all.iter_mut().find(|(known, _)| *known == base) {
                Some((_, known)) => *known += sign * power,
                None => all.push((base, sign * power)),
            }
        }
        all.retain(|&(_, power)| power != 0);
        all.sort();
        Self(all).paid()
    }

    /// Whether it is a share that is paid again and again.
    pub(super) fn is_rate(&self) -> bool {
        let rates = [Base::Per8h, Base::PerHour, Base::PerDay, Base::PerYear];
        self.base().is_some_and(|base| rates.contains(&base))
    }

    /// Whether it is so many of one token.
    pub(super) fn is_quantity(&self) -> bool {
        matches!(self.base(), Some(Base::Token(_)))
    }

    /// Whether it is so many of one token for one of another.
    pub(super) fn is_price(&self) -> bool {
        matches!(self.0[..], [(Base::Token(_), a), (Base::Token(_), b)] if a + b == 0)
    }

    pub(super) fn is_fraction(&self) -> bool {
        self.0.is_empty()
    }

    /// The one base that it is, if it is one.
    pub(super) fn base(&self) -> Option<Base> {
        match self.0[..] {
            [(base, 1)] => Some(base),
            _ => None,
        }
    }

    /// The unit of so many of these times a number; `None` when that may be anything.
    pub(super) fn scaled(&self, factor: Decimal, is_division: bool) -> Option<Self> {
        // A fraction or a rate that is counted in percent or in basis points.
        let is_share = self.is_fraction() || self.is_rate();
        let small = [(100, Base::Percent), (10_000, Base::Bps)];
        let smaller = small.iter().find(|(times, _)| factor == Decimal::from(*times));
        if let (true, false, Some((_, base))) = (is_share, is_division, smaller) {
            return Some(self.times(&Self::of(*base)));
        }
        if self.0.iter().all(|(base, _)| matches!(base, Base::Token(_))) {
            return Some(self.clone());
        }
        if let (true, Some((_, base))) = (is_division, smaller)
            && self.0.iter().any(|(known, _)| known == base)
        {
            return Some(self.over(&Self::of(*base)));
        }
        let base = self.base()?;
        FACTORS.iter().find_map(|&(large, times, small)| {
            let (from, to) = if is_division { (small?, large) } else { (large, small?) };
            (from == base && factor == Decimal::from(times)).then(|| Self::of(to))
        })
    }

    /// As a person calls it.
    pub(super) fn name(&self, universe: &Universe) -> String {
        let named = |base: &Base| match *base {
            Base::Token(index) => universe.tokens()[index].to_string(),
            Base::Day => "days".to_owned(),
            Base::Hour => "hours".to_owned(),
            Base::Second => "seconds".to_owned(),
            Base::Ms => "ms".to_owned(),
            Base::Per8h => "a rate per 8 h".to_owned(),
            Base::PerHour => "a rate an hour".to_owned(),
            Base::PerDay => "a rate a day".to_owned(),
            Base::PerYear => "a rate a year".to_owned(),
            Base::Percent => "percent".to_owned(),
            Base::Gwei => "gwei".to_owned(),
            Base::Bps => "bps".to_owned(),
        };
        let part = |is_above: bool| {
            let parts = self.0.iter().filter(|(_, power)| (*power > 0) == is_above);
            let parts: Vec<String> = parts
                .map(|(base, power)| match power.abs() {
                    1 => named(base),
                    power => format!("{}^{power}", named(base)),
                })
                .collect();
            parts.join(" ")
        };
        match (part(true), part(false)) {
            (above, below) if above.is_empty() && below.is_empty() => "a fraction".to_owned(),
            (above, below) if below.is_empty() => above,
            (above, below) if above.is_empty() => format!("1 per {below}"),
            (above, below) => format!("{above} per {below}"),
        }
    }
}
