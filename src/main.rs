//! Parse and dispatch.

fn main() {}
