//! Configuration: what the files say (text), merged with its origins, validated whole, and lowered to what the run means.

pub mod setup;

pub use setup::{
    Costs, ExecutionRules, Fill, Impact, ParamValue, Parameter, RiskLimits, SeriesRole, SeriesSpec,
    Setup, ShareClass, Thresholds, VenueConditions,
};
