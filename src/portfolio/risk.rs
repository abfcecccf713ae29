//! The risk level: the strictest that any limit asks for.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::config::{RiskLimits, Thresholds};
use crate::types::{Breach, Limit, RiskLevel, Span, Value, VenueId};

use super::margin::MarginAccount;

/// What risk allows at one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RiskView {
    /// The strictest level that a limit asks for.
    pub level: RiskLevel,
    /// The limits that are breached, strictest first.
    pub breaches: Arc<[Breach]>,
    /// Net delta of the asset over equity, signed.
    pub delta_drift: Decimal,
}

/// What the limits are held against.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// By venue.
    pub margin: &'a [Option<MarginAccount>],
    /// By venue: the health factor of its lending account, where something is owed.
    pub health: &'a [Option<Decimal>],
    /// What a share is worth now, as far as snapshots have told it: equity, as long as nobody has brought or taken money.
    pub share_value: Value,
    /// Highest such value so far.
    pub peak: Value,
    /// Net delta of the asset over equity.
    pub delta_drift: Decimal,
    /// Age of the oldest price that a holding is valued at.
    pub age: Span,
}

/// Holds the measured numbers against the limits. Reuses the breaches of `before` when nothing changed.
pub fn assess(limits: &RiskLimits, measured: Measured<'_>, before: &RiskView) -> RiskView {
    let mut breaches: smallvec::SmallVec<[Breach; 4]> = smallvec::SmallVec::new();
    let ratios = measured.margin.iter().map(|account| account.as_ref().and_then(|it| it.ratio));
    breaches.extend(breached(limits.margin_ratio, Limit::MarginRatio, ratios));
    let health = measured.health.iter().copied();
    breaches.extend(breached(limits.health_factor, Limit::HealthFactor, health));
    breaches.extend(drawdown(limits, measured.share_value, measured.peak));
    let plain =
        |limit, value, bound| Breach { limit, level: RiskLevel::Warn, venue: None, value, bound };
    if let Some(band) = limits.delta_drift
        && measured.delta_drift.abs() > band.get()
    {
        breaches.push(plain(Limit::DeltaDrift, measured.delta_drift, band.get()));
    }
    if measured.age > limits.max_age {
        let seconds = |span: Span| Decimal::from(span.ms() / 1000);
        breaches.push(plain(Limit::DataAge, seconds(measured.age), seconds(limits.max_age)));
    }
    breaches.sort_by_key(|breach| std::cmp::Reverse(breach.level));
    let level = breaches.first().map_or(RiskLevel::Ok, |breach| breach.level);
    let breaches = if before.breaches[..] == breaches[..] {
        before.breaches.clone()
    } else {
        breaches[..].into()
    };
    RiskView { level, breaches, delta_drift: measured.delta_drift }
}

/// The venues whose measure is below a threshold.
fn breached(
    thresholds: Option<Thresholds>,
    limit: Limit,
    by_venue: impl Iterator<Item = Option<Decimal>>,
) -> impl Iterator<Item = Breach> {
    by_venue.enumerate().filter_map(move |(index, value)| {
        let (level, bound) = below(thresholds?, value?)?;
        Some(Breach { limit, level, venue: Some(VenueId(index as u8)), value: value?, bound })
    })
}

/// The strictest threshold that a value is below; they fall from warn to exit, so most values need one look.
fn below(thresholds: Thresholds, value: Decimal) -> Option<(RiskLevel, Decimal)> {
    [
        (RiskLevel::Warn, thresholds.warn),
        (RiskLevel::Reduce, thresholds.reduce),
        (RiskLevel::Exit, thresholds.exit),
    ]
    .into_iter()
    .take_while(|(_, bound)| value < *bound)
    .last()
}

/// The emergency stop: 1 − share value ÷ its peak, a positive fraction, has come to the limit or beyond.
fn drawdown(limits: &RiskLimits, share_value: Value, peak: Value) -> Option<Breach> {
    let bound = limits.emergency_drawdown.get();
    let floor = peak.get() * (Decimal::ONE - bound);
    if !peak.is_positive() || share_value.get() > floor {
        return None;
    }
    let value = Decimal::ONE - share_value.get() / peak.get();
    Some(Breach { limit: Limit::Drawdown, level: RiskLevel::Exit, venue: None, value, bound })
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Kit, dec};
    use super::*;
    use crate::types::Rate;

    fn limits() -> RiskLimits {
        RiskLimits {
            margin_ratio: Some(Thresholds {
                warn: dec("0.2"),
                reduce: dec("0.15"),
                exit: dec("0.1"),
            }),
            delta_drift: Some(Rate::new(dec("0.02"))),
            emergency_drawdown: Rate::new(dec("0.04")),
            ..Kit::new().setup.risk
        }
    }

    fn level(ratio: &str, share: &str, drift: &str, hours: i64) -> (RiskLevel, Vec<Limit>) {
        let account = MarginAccount { ratio: Some(dec(ratio)), ..MarginAccount::default() };
        let measured = Measured {
            margin: &[None, Some(account)],
            health: &[None, None],
            share_value: Value::new(dec(share)),
            peak: Value::new(dec("100")),
            delta_drift: dec(drift),
            age: Span::from_hours(hours),
        };
        let view = assess(&limits(), measured, &RiskView::default());
        (view.level, view.breaches.iter().map(|breach| breach.limit).collect())
    }

    #[test]
    fn the_strictest_limit_decides_and_comes_first() {
        assert_eq!(level("0.2", "100", "0.02", 3), (RiskLevel::Ok, vec![]));
        assert_eq!(level("0.1999", "100", "0", 0), (RiskLevel::Warn, vec![Limit::MarginRatio]));
        assert_eq!(level("0.1499", "100", "0", 0).0, RiskLevel::Reduce);
        assert_eq!(level("0.0999", "100", "0", 0).0, RiskLevel::Exit);
        assert_eq!(level("1", "96.01", "0", 0).0, RiskLevel::Ok);
        assert_eq!(level("1", "96", "0", 0), (RiskLevel::Exit, vec![Limit::Drawdown]));
        assert_eq!(
            level("1", "100", "-0.0201", 4),
            (RiskLevel::Warn, vec![Limit::DeltaDrift, Limit::DataAge])
        );
        let (worst, breaches) = level("0.14", "95", "0.5", 0);
        assert_eq!(
            (worst, breaches),
            (RiskLevel::Exit, vec![Limit::Drawdown, Limit::MarginRatio, Limit::DeltaDrift])
        );
    }
}
