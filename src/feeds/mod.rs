//! Data from outside, asked for over the network. Shells use it; the core sees only the rows that it gives.

pub mod signal;
