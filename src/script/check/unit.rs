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
    /// A rate that is paid in a year.
    PerYear,
    Gwei,
    Bps,
}

/// A product of powers; nothing at all is a fraction.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Unit(Vec<(Base, i8)>);

/// Factors that turn one unit of time, or of a fraction, into another.
const FACTORS: [(Base, i64, Option<Base>); 6] = [
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
        Self(all)
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
        if self.0.iter().all(|(base, _)| matches!(base, Base::Token(_))) {
            return Some(self.clone());
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
            Base::PerYear => "a rate a year".to_owned(),
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
