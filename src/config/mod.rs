//! Configuration: what the files say (text), merged with its origins, validated whole, and lowered to what the run means.

mod draft;
mod faults;
mod forms;
mod layers;
mod load;
mod located;
mod lower;
mod misplaced;
mod numbers;
mod own_script;
mod page;
mod places;
mod raw;
mod resolve;
mod schema;
mod schema_venue;
mod section;
pub mod setup;
mod show;
#[cfg(test)]
mod tests;
mod unreadable;
mod written;

pub use draft::{Draft, Drafted, Drafts};
pub use faults::{Fault, Faults, nearest};
pub use load::{LoadRequest, load};
pub use page::configuration_md;
pub use resolve::{
    StrategyRef, is_configuration, mode_in_words, mode_names, script_meant, strategy_of,
};
pub use setup::{
    Costs, ExecutionRules, Fill, Impact, LegRisk, MissingFunding, ParamValue, Parameter, Pricing,
    RiskLimits, ScheduledFlow, SeriesRole, SeriesSpec, Setup, ShareClass, SignalRules,
    SignalService, Speed, Thresholds, VenueConditions,
};
