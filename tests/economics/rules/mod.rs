//! The engine's rules, one by one, through an engine and its world where nothing goes wrong, or with the test as the venue.

mod amounts;
mod capital;
mod groups;
mod guard;
mod hand;
mod idle;
mod leg_repair;
mod leg_risk;
mod leg_time;
mod looks;
mod owners;
mod plans;
mod unknown;
mod venues;
