//! Economics: what a run earns is what the market paid, told the same in every currency, and nothing is known too early.
//!
//! Real data is read from `../shared/data` (or `BASIS_SHARED`); where it is absent those tests say so and skip.

mod chain;
mod depth;
mod desk;
mod poison;
mod reference;
mod scene;

mod attribution;
mod closing_hedges;
mod closing_modes;
mod closing_parts;
mod conservation;
mod funding;
mod gas;
mod kept;
mod leaving;
mod lent_out;
mod loop_by_rounds;
mod loop_closed_form;
mod loop_closing;
mod loop_exits;
mod loop_refusals;
mod loop_risk;
mod modes;
mod no_future;
mod no_future_modes;
mod on_chain;
mod real_data;
mod rewards;
mod rules;
mod share_classes;
mod signals;
mod stress;
mod unwinding;
