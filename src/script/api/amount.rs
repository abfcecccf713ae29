//! An amount that the engine binds at execution: `.out` of an order, `orders::all(key)`, and what may be done to them.
//!
//! It can only be made smaller (`* k` with k up to 1, `- x`, `min`), so that a plan never promises more than it gets.

use rhai::Dynamic;
use rust_decimal::Decimal;

use crate::script::host::{self, Answer, HostError};
use crate::types::{Amount, Code, Quantity, TokenId};

use super::{Api, Entry, Kind, Owner, Param};

/// An amount and the token that it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScriptAmount {
    pub(super) amount: Amount,
    pub(super) token: TokenId,
}

pub(super) fn register(api: &mut Api) {
    let expected = Entry::property(
        Owner::Amount,
        "expected",
        "tokens",
        "Its number as far as known at the decision.",
    );
    api.add(expected, |amount: &mut ScriptAmount| amount.amount.expected.get());
    const BOUND: Param = Param::new("bound", Kind::Number, "tokens");
    let min = Entry::call(Owner::Amount, "min", &[BOUND], "amount", "At most this much.")
        .fails("`bound` is below 0");
    api.add(min, |amount: ScriptAmount, bound: Dynamic| bounded(amount, &bound));
    api.add_unlisted("min", |bound: Dynamic, amount: ScriptAmount| bounded(amount, &bound));
    api.add_unlisted("*", |amount: ScriptAmount, factor: Dynamic| scaled(amount, &factor));
    api.add_unlisted("*", |factor: Dynamic, amount: ScriptAmount| scaled(amount, &factor));
    api.add_unlisted("-", |amount: ScriptAmount, less: Dynamic| lessened(amount, &less));
    refuse(api);
    api.name_type::<ScriptAmount>("Amount", Owner::Amount);
}

/// What cannot be done to an amount says why, whichever side the amount stands on.
fn refuse(api: &mut Api) {
    for operator in ["==", "!=", "<", "<=", ">", ">=", "max", "+", "/"] {
        let refusal = move || -> Answer<Dynamic> {
            let why = match operator {
                "+" | "max" => "an amount can only be made smaller: * k with k up to 1, - x, min",
                "/" => "divide by multiplying: amount * (1.0 / k)",
                _ => "an amount is known only at execution, so it cannot be compared now",
            };
            Err(HostError::new(Code::Strat003, why)
                .with_help("its number as far as known now is .expected")
                .into())
        };
        api.add_unlisted(operator, move |_: ScriptAmount, _: Dynamic| refusal());
        api.add_unlisted(operator, move |_: Dynamic, _: ScriptAmount| refusal());
        api.add_unlisted(operator, move |_: ScriptAmount, _: ScriptAmount| refusal());
    }
    for operator in ["-", "*", "min"] {
        api.add_unlisted(operator, move |_: ScriptAmount, _: ScriptAmount| -> Answer<Dynamic> {
            let why = "two amounts cannot be combined: each is bound at its own order";
            Err(HostError::new(Code::Strat003, why).with_help("use .expected of one").into())
        });
    }
}

/// (b·t − m, at most a) · k = b·(t·k) − m·k, at most a·k.
fn scaled(amount: ScriptAmount, factor: &Dynamic) -> Answer<ScriptAmount> {
    let factor = host::number("the factor of an amount", factor)?;
    if factor.is_sign_negative() || factor > Decimal::ONE {
        let message = format!("an amount can be multiplied by 0 to 1, not by {factor}");
        return Err(HostError::new(Code::Strat003, message).into());
    }
    let by = |quantity: Quantity| Quantity::new(quantity.get() * factor);
    let Amount { base, times, minus, at_most, expected } = amount.amount;
    let amount_scaled = Amount {
        base,
        times: times * factor,
        minus: by(minus),
        at_most: at_most.map(by),
        expected: by(expected),
    };
    Ok(ScriptAmount { amount: amount_scaled, ..amount })
}

/// min(b·t − m, a) − x = min(b·t − (m + x), a − x).
fn lessened(amount: ScriptAmount, less: &Dynamic) -> Answer<ScriptAmount> {
    let less = Quantity::new(not_negative("what is taken off an amount", less)?);
    let mut result = amount.amount;
    result.minus += less;
    result.at_most = result.at_most.map(|bound| bound - less);
    result.expected = (result.expected - less).max(Quantity::ZERO);
    Ok(ScriptAmount { amount: result, ..amount })
}

fn bounded(amount: ScriptAmount, bound: &Dynamic) -> Answer<ScriptAmount> {
    let bound = Quantity::new(not_negative("the bound of an amount", bound)?);
    let mut result = amount.amount;
    result.at_most = Some(result.at_most.map_or(bound, |other| other.min(bound)));
    result.expected = result.expected.min(bound);
    Ok(ScriptAmount { amount: result, ..amount })
}

fn not_negative(what: &str, value: &Dynamic) -> Result<Decimal, HostError> {
    let number = host::number(what, value)?;
    if number.is_sign_negative() && !number.is_zero() {
        let message = format!("{what} must not be negative: {number}");
        return Err(HostError::new(Code::Strat003, message));
    }
    Ok(number)
}
