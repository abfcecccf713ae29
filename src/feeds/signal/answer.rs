//! What an answer of the service means, and why it means nothing.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::market::{Direction, Signal};
use crate::types::{Code, Coded, Span, Timestamp};

/// Why a bar has no signal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Silence {
    /// Nothing came back in time.
    #[error("no answer came within {0} ms")]
    TimedOut(i64),
    /// There was no connection, or it broke.
    #[error("there was no connection")]
    Unreachable,
    /// It said that it cannot answer now.
    #[error("the service answered {0}")]
    Status(u16),
    /// It has no signal of this bar.
    #[error("the service has none (404)")]
    None,
    /// What it said is no answer.
    #[error("{0}")]
    Nonsense(String),
    /// What it said is of an earlier bar.
    #[error("the answer was of an earlier bar")]
    Stale,
}

/// An answer as it comes.
#[derive(Debug, Deserialize)]
struct Answer {
    signal: String,
    confidence: Value,
    sd: Value,
    model_version: String,
    timestamp: String,
}

/// Reads the answer to the question for a bar.
///
/// # Errors
/// DATA-005 for an answer of a time after the bar's opening: a service that knows later bars than it is asked for would let a
/// backtest see the future, so nothing that it says can be used.
pub fn read(body: &[u8], at: Timestamp, step: Span) -> Result<Result<Signal, Silence>, Coded> {
    let nonsense = |words: String| Ok(Err(Silence::Nonsense(words)));
    let answer: Answer = match serde_json::from_slice(body) {
        Ok(answer) => answer,
        // The text of an answer may be anything, so it is not repeated.
        Err(error) if error.is_data() => {
            return nonsense("a field of the answer is missing or is of another kind".to_owned());
        }
        Err(_) => return nonsense("the answer is no JSON".to_owned()),
    };
    let Some(stamp) = Timestamp::parse(answer.timestamp.as_bytes()) else {
        return nonsense("its timestamp is no UTC time".to_owned());
    };
    if stamp < at {
        return Ok(Err(Silence::Stale));
    }
    if stamp > at {
        let sentence = format!(
            "the service was asked for the bar of {at} and answered for {stamp}: what is known later cannot be used"
        );
        return Err(Coded::new(Code::Data005, sentence));
    }
    let Some(direction) = Direction::named(&answer.signal) else {
        return nonsense("its signal is none of long, short, neutral, hold".to_owned());
    };
    let (Some(confidence), Some(sd)) = (decimal(&answer.confidence), decimal(&answer.sd)) else {
        return nonsense("its confidence or sd is no number".to_owned());
    };
    let known_at = at + step;
    let model_version = answer.model_version;
    let signal = Signal { at, known_at, direction, confidence, sd, model_version };
    match signal.impossible_numbers() {
        Some(words) => nonsense(words),
        None => Ok(Ok(signal)),
    }
}

/// A number as it is written, in digits or as a text of digits.
fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let number =
        Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()?;
    Some(number.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_ms(1_740_787_200_000);
    const GOOD: &str = r#"{"signal":"short","confidence":0.9,"sd":"0.0041","model_version":"v","timestamp":"2025-03-01T00:00:00Z"}"#;

    fn ask(text: &str) -> Result<Result<Signal, Silence>, Coded> {
        read(text.as_bytes(), AT, Span::from_minutes(5))
    }

    #[test]
    fn an_answer_is_known_when_its_bar_has_closed() {
        let said = ask(GOOD).unwrap().unwrap();
        assert_eq!(said.known_at, AT + Span::from_minutes(5));
        assert_eq!((said.direction, said.sd.to_string().as_str()), (Direction::Short, "0.0041"));
        assert_eq!(said.confidence.to_string(), "0.9", "as it was written");
    }

    #[test]
    fn what_is_no_answer_is_told_for_what_it_is() {
        for (from, to, told) in [
            ("{", "<html>{", "the answer is no JSON"),
            ("short", "down", "its signal is none of long, short, neutral, hold"),
            ("0.9", "1.9", "confidence is 1.9; it lies between 0 and 1"),
            ("0.9", "-0.1", "confidence is -0.1; it lies between 0 and 1"),
            ("0.9", "null", "its confidence or sd is no number"),
            ("0.0041", "0", "sd is 0; it is a fraction above 0 and at most 10"),
            ("0.0041", "NaN", "its confidence or sd is no number"),
            ("\"v\"", "7", "a field of the answer is missing or is of another kind"),
            ("\"v\"", "\"\"", "model_version is ''; a name of 1 to 48 bytes is expected"),
            ("2025-03-01T00", "1. March", "its timestamp is no UTC time"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_eq!(ask(&text).unwrap(), Err(Silence::Nonsense(told.to_owned())), "{text}");
        }
        let stale = GOOD.replace("2025-03-01T00:00", "2025-02-28T23:55");
        assert_eq!(ask(&stale).unwrap(), Err(Silence::Stale));
    }

    #[test]
    fn what_is_of_a_later_time_ends_the_asking() {
        for later in ["2025-03-01T00:05", "2025-03-01T00:01"] {
            let told = ask(&GOOD.replace("2025-03-01T00:00", later)).unwrap_err();
            assert!(told.message.contains("what is known later cannot be used"), "{told:?}");
        }
    }
}
