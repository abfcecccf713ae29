//! What prices each token: a series of its own, a rate against ETH, or another token that has a series.

use crate::types::{Code, Universe};

use super::super::section::Section;

/// The folder of staking tokens' rates, which are told in ETH.
pub(super) const RATES: &str = "lst/";
/// What staking tokens are rated in.
pub(super) const STAKED: &str = "ETH";

/// Interns every token with a price, and what moves it: a token that is named instead of a series, ETH for a rate of `lst/`.
/// False together with a fault.
pub(super) fn add(universe: &mut Universe, section: &Section<'_>) -> bool {
    let pricing: Vec<(&str, &str, Section<'_>)> = section
        .entries()
        .into_iter()
        .map(|(name, by)| (name, by.optional_text().unwrap_or_default(), by))
        .collect();
    for (name, ..) in &pricing {
        universe.intern_token(name);
    }
    let by_name: Vec<(&str, &str)> = pricing.iter().map(|(name, by, _)| (*name, *by)).collect();
    let mut told: Vec<&str> = Vec::new();
    for (name, by, place) in &pricing {
        let Some(base) = base_of(by) else { continue };
        if told.contains(name) || told.contains(&base) {
            continue;
        }
        match fault(&by_name, name, by, universe.token_named(base).is_some()) {
            None => {
                let tokens = universe.token_named(name).zip(universe.token_named(base));
                if let Some((token, base)) = tokens {
                    universe.set_base(token, base);
                }
            }
            Some(Wrong::Unknown) => {
                let known: Vec<&str> = by_name.iter().map(|(name, _)| *name).collect();
                place.unknown(by, "a series or a priced token is expected", &known);
                told.push(name);
            }
            Some(Wrong::Sentence(sentence)) => {
                place.fault(Code::Config005, sentence);
                told.push(name);
            }
            Some(Wrong::Circle(names)) => {
                let sentence = format!(
                    "{} price each other in a circle; give one of them a series, such as spot/…",
                    names.join(" and ")
                );
                place.fault(Code::Config005, sentence);
                told.extend(names);
            }
        }
    }
    told.is_empty()
}

/// What a token moves with when it has no price of its own.
pub(super) fn base_of(by: &str) -> Option<&str> {
    match by {
        by if by.starts_with(RATES) => Some(STAKED),
        by if by.contains('/') || by.is_empty() => None,
        by => Some(by),
    }
}

/// The rate of a staking token: the series of it that is subscribed and is not what a pool sells it for, else the one that data
/// folders have by its name.
pub(super) fn rate_of(root: &Section<'_>, token: &str) -> String {
    let market_rate = |(_, venue): &(&str, Section<'_>)| {
        venue.at("swaps").at(token).at("market_rate").optional_text().map(str::to_owned)
    };
    let sold_for: Vec<String> =
        root.at("venues").entries().iter().filter_map(market_rate).collect();
    let start = format!("{RATES}{token}_");
    let subscribed = root.at("subscriptions").entries();
    let mut names = subscribed.iter().map(|(name, _)| (*name).to_owned());
    let rate = names.find(|name| name.starts_with(&start) && !sold_for.contains(name));
    rate.unwrap_or(format!("{start}exchange_rate"))
}

/// Whether a venue of the mode issues a token: that it has no price is told there.
pub(super) fn is_issued(root: &Section<'_>, token: &str) -> bool {
    let venues = root.at("venues").entries();
    venues.iter().any(|(_, venue)| venue.at("lst").optional_text() == Some(token))
}

enum Wrong<'a> {
    /// The name is none that is known.
    Unknown,
    /// These tokens price each other.
    Circle(Vec<&'a str>),
    Sentence(String),
}

/// A token that prices another has a price of its own: a chain of tokens would end nowhere, or be a circle.
fn fault<'a>(
    pricing: &[(&'a str, &'a str)],
    name: &str,
    by: &str,
    is_known: bool,
) -> Option<Wrong<'a>> {
    let base = base_of(by)?;
    if base == name && base == by {
        let sentence = format!("{name} cannot price itself; name a series, such as spot/…");
        return Some(Wrong::Sentence(sentence));
    }
    if !is_known && base == by {
        return Some(Wrong::Unknown);
    }
    if !is_known || base == name {
        let sentence = format!("a rate is in {base}, which needs a price of its own, spot/…");
        return Some(Wrong::Sentence(sentence));
    }
    let bases_own = pricing.iter().find(|(name, _)| *name == base).map(|(_, by)| *by)?;
    let further = base_of(bases_own)?;
    let around = chain(pricing, name);
    if chain(pricing, base).contains(&name) {
        return Some(Wrong::Circle(around));
    }
    Some(Wrong::Sentence(format!(
        "{base} has no price of its own to price {name} by: it moves with {further}; name {further}"
    )))
}

/// A token and those that price it, one after the other, each once.
fn chain<'a>(pricing: &[(&'a str, &'a str)], name: &str) -> Vec<&'a str> {
    let mut chain = Vec::new();
    let mut at = name;
    while let Some((name, by)) = pricing.iter().find(|(known, _)| *known == at) {
        if chain.contains(name) {
            break;
        }
        chain.push(*name);
        let Some(base) = base_of(by) else { break };
        at = base;
    }
    chain
}
