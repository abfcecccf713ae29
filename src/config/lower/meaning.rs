//! What a parameter means to the world of the run beyond its number or word, and so what it must fit: `is` says it.

use rust_decimal::Decimal;

use crate::types::chain::{CollateralRules, Protocol, StakingRules};
use crate::types::venue::VenueKind;
use crate::types::{Code, Reserve, Timestamp, TokenId};

use super::super::section::Section;
use super::super::setup::ParamValue;
use super::prices::RATES;
use super::world::World;

/// What a parameter means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Debt over collateral at which the mode borrows.
    LoanToValue,
    /// The most debt over collateral that the mode thinks its venue allows.
    LargestLoanToValue,
    /// A token that is staked, or only held; lent where the mode lends such tokens.
    StakingToken,
    /// How the mode leaves a staking token: `queue` or `dex`.
    ExitRoute,
}

const MEANINGS: [(&str, Meaning); 4] = [
    ("loan_to_value", Meaning::LoanToValue),
    ("largest_loan_to_value", Meaning::LargestLoanToValue),
    ("staking_token", Meaning::StakingToken),
    ("exit_route", Meaning::ExitRoute),
];

/// What each is for people; made into `docs/configuration.md`.
pub(in crate::config) const MEANINGS_TOLD: [(&str, &str); 4] = [
    (
        "loan_to_value",
        "Debt over collateral at which the mode borrows: within the venue's limit, and with a health factor of at least \
         `risk.health_factor.warn` + 0.004.",
    ),
    ("largest_loan_to_value", "The most that the mode borrows: within the venue's limit."),
    (
        "staking_token",
        "A token that a staking venue of the mode issues, or, in a mode without any, one that is held and has a rate. Where the \
         mode lends such tokens, or borrows what they move with, one of its staking tokens must be lent.",
    ),
    (
        "exit_route",
        "How a staking token is left: `queue` (the venue must have one) or `dex` (a venue must swap it).",
    ),
];

impl Meaning {
    /// What has such a meaning.
    const fn kind(self) -> &'static str {
        match self {
            Self::LoanToValue | Self::LargestLoanToValue => "a number",
            Self::StakingToken | Self::ExitRoute => "a word",
        }
    }
}

/// A health factor at the target must be this far above the warning: else a loop would be born under it.
const HEALTH_MARGIN: Decimal = Decimal::from_parts(4, 0, 0, false, 3);

/// Checks a value against what it means.
pub(super) fn check(root: &Section<'_>, section: &Section<'_>, value: &ParamValue, world: &World) {
    let is = section.at("is");
    if !is.is_set() {
        return;
    }
    let place = section.at("value");
    match (is.choice(&MEANINGS), value) {
        (Some(Meaning::LoanToValue), ParamValue::Decimal(ltv)) => {
            check_ltv(root, &place, *ltv, world);
        }
        (Some(Meaning::LargestLoanToValue), ParamValue::Decimal(ltv)) => {
            check_largest_ltv(&figures(root, world), &place, *ltv);
        }
        (Some(Meaning::StakingToken), ParamValue::Text(name)) => {
            check_staking_token(root, &place, name, world);
        }
        (Some(Meaning::ExitRoute), ParamValue::Text(route)) => {
            check_exit_route(root, &place, route, world);
        }
        (None, _) | (_, ParamValue::Unset) => {}
        (Some(meaning), _) => {
            let (meant, kind) = (is.text(), meaning.kind());
            is.fault(
                Code::Config003,
                format!("{meant} is said of {kind}, which this value is not"),
            );
        }
    }
}

/// The figures of one collateral, and where they are written.
struct Figures {
    venue: String,
    token: String,
    e_mode: bool,
    rules: CollateralRules,
}

/// Of all that the mode can supply, at any time of its range.
fn figures(root: &Section<'_>, world: &World) -> Vec<Figures> {
    let [from, to] = ["from", "to"].map(|end| root.at(end).optional_time());
    let universe = &world.universe;
    let mut found = Vec::new();
    for reserve in universe.reserves().iter().filter(|reserve| reserve.supplied.is_some()) {
        let Some(lending) = universe.lending(reserve.venue) else { continue };
        let mode = lending.e_mode.as_ref().filter(|mode| mode.collateral.contains(&reserve.token));
        let own = lending.reserve(reserve.id).map_or(&[][..], |rules| &rules.collateral);
        let tables = mode.map_or(own, |mode| &mode.rules);
        for rules in in_force(tables, from, to) {
            found.push(Figures {
                venue: universe.venue(reserve.venue).name.to_string(),
                token: universe.token(reserve.token).to_string(),
                e_mode: mode.is_some(),
                rules: *rules,
            });
        }
    }
    found
}

/// Those of some dated tables that hold at a time between two; without an end, at any time before or after the other.
fn in_force(
    tables: &[CollateralRules],
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> impl Iterator<Item = &CollateralRules> {
    let is_followed = move |rules: &CollateralRules| {
        let mut later = tables.iter().filter(|other| other.as_of > rules.as_of);
        later.any(|other| from.is_some_and(|from| other.as_of <= from))
    };
    let has_begun = move |rules: &CollateralRules| to.is_none_or(|to| rules.as_of <= to);
    tables.iter().filter(move |rules| has_begun(rules) && !is_followed(rules))
}

fn check_ltv(root: &Section<'_>, place: &Section<'_>, ltv: Decimal, world: &World) {
    let Some(warn) = root.number_named("risk.health_factor.warn") else { return };
    let figures = figures(root, world);
    let Some(weakest) = figures.iter().min_by_key(|figures| figures.rules.threshold) else {
        return;
    };
    let least = warn + HEALTH_MARGIN;
    let threshold = weakest.rules.threshold.get();
    let Some(health) = threshold.checked_div(ltv) else { return };
    if health < least {
        let most = threshold.checked_div(least).unwrap_or_default();
        let sentence = format!(
            "a loan-to-value of {} has a health factor of {} against {}, and risk.health_factor.warn + {HEALTH_MARGIN} is {}; {} is the most{}",
            ltv.normalize(),
            health.round_dp(6).normalize(),
            weakest.in_words(),
            least.normalize(),
            most.trunc_with_scale(6).normalize(),
            weakest.or_else_what()
        );
        return place.fault(Code::Config005, sentence);
    }
    check_largest_ltv(&figures, place, ltv);
}

/// Beyond the venue's limit no loan is given.
fn check_largest_ltv(figures: &[Figures], place: &Section<'_>, ltv: Decimal) {
    let strictest = figures.iter().min_by_key(|figures| figures.rules.max_ltv);
    if let Some(strictest) = strictest.filter(|figures| ltv > figures.rules.max_ltv.get()) {
        let sentence = format!(
            "a loan-to-value of {} is more than {} lends against {}: {} is the most{}",
            ltv.normalize(),
            strictest.venue,
            strictest.in_words(),
            strictest.rules.max_ltv,
            strictest.or_else_what()
        );
        place.fault(Code::Config005, sentence);
    }
}

impl Figures {
    fn in_words(&self) -> String {
        let how = if self.e_mode { "in its efficiency mode" } else { "without an efficiency mode" };
        format!("{} {how}", self.token)
    }

    /// What else can be done than to borrow less.
    fn or_else_what(&self) -> String {
        if self.e_mode {
            String::new()
        } else {
            format!(", or name one in venues.{}.e_mode", self.venue)
        }
    }
}

/// A staking venue of the mode must issue the token; a mode without any holds what it has bought. Where the mode lends what is
/// staked, the token must be among what it supplies.
fn check_staking_token(root: &Section<'_>, place: &Section<'_>, name: &str, world: &World) {
    let issued: Vec<&str> = staking(world).map(|(_, token)| token_name(world, token)).collect();
    let rated: Vec<&str> = rated(root).collect();
    if issued.is_empty() && !rated.contains(&name) {
        let expected =
            format!("a token with a rate, lst/…, in pricing is expected ({})", listed(&rated));
        return place.unknown(name, &expected, &rated);
    }
    if !issued.is_empty() && !issued.contains(&name) {
        let expected = format!(
            "a token that a staking venue under venues issues is expected ({})",
            listed(&issued)
        );
        return place.unknown(name, &expected, &issued);
    }
    let Some(token) = world.universe.token_named(name) else { return };
    if let Some(lender) = lender_without(world, token)
        && !staked(root).any(|other| is_lent(world, other))
    {
        let sentence = format!(
            "{name} is staked, but not in venues.{lender}.supply of this mode; add it there, or choose another token"
        );
        place.fault(Code::Config005, sentence);
    }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "there is none".to_owned() } else { names.join(", ") }
}

/// The tokens with a rate of their own.
fn rated<'a>(root: &Section<'a>) -> impl Iterator<Item = &'a str> {
    let pricing = root.at("pricing").entries();
    let is_rate = |by: &Section<'_>| by.optional_text().is_some_and(|by| by.starts_with(RATES));
    pricing.into_iter().filter(move |(_, by)| is_rate(by)).map(|(name, _)| name)
}

fn is_lent(world: &World, name: &str) -> bool {
    let token = world.universe.token_named(name);
    let mut reserves = world.universe.reserves().iter();
    reserves.any(|reserve| Some(reserve.token) == token && reserve.supplied.is_some())
}

/// The lending venue where a staking token that is not supplied would have to be: one that is supplied another of its kind, or
/// where the mode borrows what the token moves with. What a mode only lends beside its staking token asks nothing of that token.
fn lender_without(world: &World, token: TokenId) -> Option<&str> {
    let universe = &world.universe;
    let lenders = || universe.venues().iter().filter(|venue| venue.kind == VenueKind::Lending);
    // A venue that could not be read has its own fault.
    if lenders().any(|venue| universe.lending(venue.id).is_none()) {
        return None;
    }
    let is_staked = |token| staking(world).any(|(_, issued)| issued == token);
    let asks = |reserve: &&Reserve| {
        let moves_with = universe.base(reserve.token) == universe.base(token);
        let lends = reserve.supplied.is_some() && is_staked(reserve.token);
        let borrows = reserve.borrowed.is_some() && moves_with;
        universe.venue(reserve.venue).kind == VenueKind::Lending && (lends || borrows)
    };
    let is_supplied = is_lent(world, token_name(world, token));
    let reserve = universe.reserves().iter().find(asks).filter(|_| !is_supplied)?;
    Some(&universe.venue(reserve.venue).name)
}

/// The route must be there for the token that the mode stakes, or for all where it does not say which.
fn check_exit_route(root: &Section<'_>, place: &Section<'_>, route: &str, world: &World) {
    let chosen = staked(root).next();
    if let Some(chosen) = chosen.filter(|_| staking(world).next().is_none()) {
        return check_sale(place, chosen, route, world);
    }
    for (rules, token) in staking(world) {
        let name = token_name(world, token);
        if chosen.is_some_and(|chosen| chosen != name) {
            continue;
        }
        let venue = &world.universe.venue(world.universe.instrument(rules.queued).venue).name;
        match route {
            "queue" if rules.queue.is_none() => {
                let sentence = format!(
                    "{venue} has no queue out of {name}: give venues.{venue}.queue_days, or leave by dex"
                );
                place.fault(Code::Config005, sentence);
            }
            "dex" if !is_swapped(world, token) => {
                let sentence = format!(
                    "no venue of the mode swaps {name}: add a dex to venues with {name} among its swaps, or leave by queue"
                );
                place.fault(Code::Config005, sentence);
            }
            _ => {}
        }
    }
}

/// Who has only bought a token can only sell it.
fn check_sale(place: &Section<'_>, name: &str, route: &str, world: &World) {
    let is_sold = world.universe.token_named(name).is_some_and(|token| is_swapped(world, token));
    let sentence = match route {
        "queue" => {
            format!("no venue of the mode issues {name}, so no queue leads out of it; leave by dex")
        }
        "dex" if !is_sold => {
            format!(
                "no venue of the mode swaps {name}: add a dex to venues with {name} among its swaps"
            )
        }
        _ => return,
    };
    place.fault(Code::Config005, sentence);
}

/// What the mode's own parameters say that it stakes or holds.
fn staked<'a>(root: &Section<'a>) -> impl Iterator<Item = &'a str> {
    let parameters = root.at("parameters").entries().into_iter().map(|(_, parameter)| parameter);
    parameters
        .filter(|parameter| parameter.at("is").optional_text() == Some("staking_token"))
        .filter_map(|parameter| parameter.at("value").optional_text())
}

fn is_swapped(world: &World, token: TokenId) -> bool {
    world.universe.venues().iter().any(|venue| match &venue.protocol {
        Protocol::Swaps(rules) => rules.iter().any(|rule| rule.token == token),
        _ => false,
    })
}

/// The mode's staking venues with what they issue.
fn staking(world: &World) -> impl Iterator<Item = (&StakingRules, TokenId)> {
    let universe = &world.universe;
    let rules = universe.venues().iter().filter_map(|venue| universe.staking(venue.id));
    rules.map(|rules| (rules, universe.instrument(rules.token).token))
}

fn token_name(world: &World, token: TokenId) -> &str {
    world.universe.token(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Rate;

    #[test]
    fn each_meaning_is_told() {
        assert_eq!(MEANINGS.map(|(name, _)| name), MEANINGS_TOLD.map(|(name, _)| name));
    }

    #[test]
    fn a_table_counts_while_it_is_in_force() {
        let day = |day: i64| Timestamp::from_ms(day * 86_400_000);
        let table = |as_of: i64| CollateralRules {
            as_of: day(as_of),
            max_ltv: Rate::ZERO,
            threshold: Rate::ZERO,
            bonus: Rate::ZERO,
        };
        let tables = [table(10), table(20), table(30)];
        let within = |from: Option<i64>, to: Option<i64>| -> Vec<i64> {
            let found = in_force(&tables, from.map(day), to.map(day));
            found.map(|rules| rules.as_of.ms() / 86_400_000).collect()
        };
        assert_eq!(within(None, None), [10, 20, 30]);
        assert_eq!(within(Some(12), Some(19)), [10]);
        assert_eq!(within(Some(20), Some(29)), [20]);
        assert_eq!(within(Some(19), Some(30)), [10, 20, 30]);
        assert_eq!(within(Some(31), None), [30]);
        assert_eq!(within(None, Some(20)), [10, 20]);
    }
}
