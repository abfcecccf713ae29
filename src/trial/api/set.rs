//! What is set in the weather: which numbers are taken, and what is said where nothing of the run could be set.

use rhai::Dynamic;
use rust_decimal::Decimal;

use crate::script::host::{self, HostError};

use super::absent;

/// What to do where a price is set of what has a rate.
pub(super) const RATED: &str = "a staking token goes by its rate, world.lst_rate(token, rate), and its market by \
                                world.lst_discount(token, fraction)";

pub(super) fn positive(what: &str, value: &Dynamic) -> Result<Decimal, HostError> {
    let number = host::number(what, value)?;
    if number > Decimal::ZERO {
        return Ok(number);
    }
    Err(absent(format!("{what} must be more than 0, not {number}"), "write the value itself"))
}

pub(super) fn share(what: &str, value: &Dynamic) -> Result<Decimal, HostError> {
    let number = positive(what, value)?;
    if number <= Decimal::ONE {
        return Ok(number);
    }
    Err(absent(format!("{what} is a fraction of 1, not {number}"), "2 % is written 0.02"))
}

/// What leaves something; below 0 it adds to it.
pub(super) fn part(what: &str, value: &Dynamic) -> Result<Decimal, HostError> {
    let number = host::number(what, value)?;
    if number < Decimal::ONE {
        return Ok(number);
    }
    Err(absent(format!("{what} must be below 1, not {number}"), "2 % is written 0.02"))
}

/// An error where nothing of the run could be set.
pub(super) fn had(is_set: bool, what: impl FnOnce() -> String) -> Result<(), HostError> {
    if is_set { Ok(()) } else { Err(missing(what())) }
}

pub(super) fn missing(what: String) -> HostError {
    absent(what, "a mode names what it subscribes to in its configuration")
}

pub(super) fn no_series(venue: &str, symbol: &str) -> String {
    format!("this run subscribes to no candles of {symbol} at {venue}")
}

pub(super) fn no_payments(venue: &str, symbol: &str) -> String {
    format!("this run subscribes to no funding of {symbol} at {venue}")
}

pub(super) fn no_rate(token: &str) -> String {
    format!("{token} is no staking token of this run")
}

pub(super) fn no_reserve(venue: &str, token: &str) -> String {
    format!("{venue} has no reserve of {token} in this run")
}

pub(super) fn no_price(token: &str) -> String {
    format!("no series of this run prices {token}")
}
