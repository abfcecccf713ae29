//! How much risk is allowed now, and which limit says so.

use serde::{Deserialize, Serialize};

use super::error::Code;

/// The four levels, from free to leaving. Ordered: a later one is stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Anything within the limits is allowed.
    #[default]
    Ok,
    /// A limit is near: recorded, nothing is forbidden.
    Warn,
    /// Only orders that reduce risk pass.
    Reduce,
    /// The strategy's `exit` is called until it holds, then the run ends.
    Exit,
}

impl RiskLevel {
    /// The names of all of them, from free to leaving.
    pub const TEXTS: [&'static str; 4] =
        [Self::Ok.text(), Self::Warn.text(), Self::Reduce.text(), Self::Exit.text()];

    /// The name in scripts and events.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Reduce => "reduce",
            Self::Exit => "exit",
        }
    }
}

/// What a breached limit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Margin balance over position notional at a venue.
    MarginRatio,
    /// Collateral at its liquidation threshold over debt, at a lending venue.
    HealthFactor,
    /// The value of a share against its highest.
    Drawdown,
    /// Net delta against its band.
    DeltaDrift,
    /// Age of the data that prices a holding.
    DataAge,
}

impl Limit {
    /// All names in events.
    pub const TEXTS: [&'static str; 5] = [
        Self::MarginRatio.text(),
        Self::HealthFactor.text(),
        Self::Drawdown.text(),
        Self::DeltaDrift.text(),
        Self::DataAge.text(),
    ];

    /// The name in events.
    pub const fn text(self) -> &'static str {
        match self {
            Self::MarginRatio => "margin_ratio",
            Self::HealthFactor => "health_factor",
            Self::Drawdown => "max_drawdown",
            Self::DeltaDrift => "delta_drift",
            Self::DataAge => "max_age",
        }
    }

    /// The key of the configuration that sets it.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::MarginRatio => "risk.margin_ratio",
            Self::HealthFactor => "risk.health_factor",
            Self::Drawdown => "risk.emergency_drawdown",
            Self::DeltaDrift => "risk.delta_drift",
            Self::DataAge => "risk.max_age_hours",
        }
    }

    /// The limit that a key of the configuration sets, with or without its section: `risk.max_age_hours`, `max_age_hours`.
    pub fn of_setting(key: &str) -> Option<Self> {
        let all = [
            Self::MarginRatio,
            Self::HealthFactor,
            Self::Drawdown,
            Self::DeltaDrift,
            Self::DataAge,
        ];
        let bare = |key: &str| key.strip_prefix("risk.").map(str::to_owned);
        let key = bare(key).unwrap_or_else(|| key.to_owned());
        all.into_iter().find(|limit| bare(limit.setting()).as_ref() == Some(&key))
    }

    /// The code under which a breach is reported.
    pub const fn code(self) -> Code {
        match self {
            Self::MarginRatio => Code::Risk003,
            Self::HealthFactor => Code::Risk001,
            Self::Drawdown => Code::Risk004,
            Self::DeltaDrift => Code::Exp002,
            Self::DataAge => Code::Risk006,
        }
    }
}

/// One limit that is breached, at which level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Breach {
    /// Which limit.
    pub limit: Limit,
    /// The level that it asks for.
    pub level: RiskLevel,
    /// Where, when the limit is one of a venue.
    pub venue: Option<super::VenueId>,
    /// The measured number.
    pub value: rust_decimal::Decimal,
    /// The limit's own number.
    pub bound: rust_decimal::Decimal,
}
