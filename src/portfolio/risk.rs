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
    /// Equity now.
    pub equity: Value,
    /// Highest equity so far.
    pub peak: Value,
    /// Net delta of the asset over equity.
    pub delta_drift: Decimal,
    /// Age of the oldest price that a holding is valued at.
    pub age: Span,
}

/// Holds the measured numbers against the limits. Reuses the breaches of `before` when nothing changed.
pub fn assess(limits: &RiskLimits, measured: Measured<'_>, before: &RiskView) -> RiskView {
    let mut breaches: smallvec::SmallVec<[Breach; 4]> = smallvec::SmallVec::new();
    if let Some(thresholds) = limits.margin_ratio {
        for (index, account) in measured.margin.iter().enumerate() {
            if let Some(ratio) = account.as_ref().and_then(|account| account.ratio) {
                let venue = VenueId(index as u8);
                breaches.extend(below(thresholds, ratio).map(|(level, bound)| Breach {
                    limit: Limit::MarginRatio,
                    level,
                    venue: Some(venue),
                    value: ratio,
                    bound,
                }));
            }
        }
    }
    breaches.extend(drawdown(limits, measured.equity, measured.peak));
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

fn below(thresholds: Thresholds, value: Decimal) -> Option<(RiskLevel, Decimal)> {
    [
        (RiskLevel::Exit, thresholds.exit),
        (RiskLevel::Reduce, thresholds.reduce),
        (RiskLevel::Warn, thresholds.warn),
    ]
    .into_iter()
    .find(|(_, bound)| value < *bound)
}

/// The emergency stop: equity has fallen from its peak by the limit or more.
fn drawdown(limits: &RiskLimits, equity: Value, peak: Value) -> Option<Breach> {
    let bound = limits.emergency_drawdown.get();
    let floor = peak.get() * (Decimal::ONE - bound);
    if !peak.is_positive() || equity.get() > floor {
        return None;
    }
    let value = Decimal::ONE - equity.get() / peak.get();
    Some(Breach { limit: Limit::Drawdown, level: RiskLevel::Exit, venue: None, value, bound })
}
