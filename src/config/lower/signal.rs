//! How signals of a model are taken: from a file of the data folder, or from a service that is asked for them.

use crate::types::{Code, Rate, Span};

use super::super::faults::Fault;
use super::super::section::{Bounds, Section};
use super::super::setup::{SignalRules, SignalService};
use super::rules::{SECOND_MS, to_ms, waits};

const MINUTE_MS: i64 = 60_000;

/// The most bars that are asked for at a time.
const AT_ONCE_MAX: i64 = 64;

/// Where signals come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    File,
    Http,
}

/// Reads the rules. `None` never happens but for numbers that their ranges exclude.
pub(super) fn read(root: &Section<'_>) -> Option<SignalRules> {
    let section = root.at("signal");
    let max_age = section.at("max_age_minutes").decimal(Bounds::NotNegative);
    let origin = section.at("source").choice(&[("file", Origin::File), ("http", Origin::Http)]);
    let service = match origin {
        Some(Origin::Http) => Some(service(root, &section.at("service"))?),
        _ => None,
    };
    let max_missing = Rate::new(section.at("max_missing").decimal(Bounds::Fraction));
    Some(SignalRules { max_age: Span::from_ms(to_ms(max_age, MINUTE_MS)), max_missing, service })
}

fn service(root: &Section<'_>, section: &Section<'_>) -> Option<SignalService> {
    let url = section.at("url");
    match url.optional_text() {
        None => url.fault(Code::Config004, "signals that come by http need the service's address"),
        Some(text) if text.starts_with("https://") => url.tell(
            Fault::new(Code::Config003, "this program speaks plain HTTP to the service")
                .suggest("put a proxy that speaks TLS beside it and write http://127.0.0.1:PORT/…"),
        ),
        Some(text) if !text.starts_with("http://") => {
            url.fault(Code::Config003, format!("http://HOST:PORT/PATH is expected, not '{text}'"));
        }
        Some(_) => {}
    }
    let symbol = section.at("symbol").optional_text().map(str::to_owned);
    let pair = || format!("{}{}", root.at("asset").text(), root.at("quote").text());
    Some(SignalService {
        url: url.optional_text().unwrap_or_default().to_owned(),
        symbol: symbol.unwrap_or_else(pair),
        timeout: Span::from_ms(to_ms(section.at("timeout_s").decimal(Bounds::Positive), SECOND_MS)),
        retry_backoff: waits(&section.at("retry_backoff_s"), Bounds::NotNegative, SECOND_MS),
        at_once: usize::try_from(section.at("at_once").integer(1, AT_ONCE_MAX)).ok()?,
    })
}
