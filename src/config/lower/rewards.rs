//! What staking venues hand out to holders of their staking token: which tokens, by which series, and what prices them.
//!
//! The venue's file lists it, and its series are subscribed with it: a mode only says whether rewards count. Where they do not,
//! nothing of this is part of the run.

use crate::types::chain::RewardRules;
use crate::types::venue::VenueKind;
use crate::types::{Code, KeyId, Span, TokenId, Universe, VenueId};

use super::super::faults::Fault;
use super::super::section::Section;
use super::super::setup::{Pricing, SeriesRole, SeriesSpec};
use super::world::World;

/// No token waits longer for its payment.
const DELAY_DAYS_MAX: i64 = 365;

/// Whether rewards count in this run.
pub(super) fn are_on(root: &Section<'_>) -> bool {
    flag(&root.at("rewards").at("enabled"))
}

fn flag(section: &Section<'_>) -> bool {
    section.choice(&[("true", true), ("false", false)]).unwrap_or_default()
}

/// What the venues of the mode hand out: the venue's name, the token's, and what is said of it.
fn listed<'a>(root: &Section<'a>) -> Vec<(&'a str, &'a str, Section<'a>)> {
    let of_venue = |(venue, section): (&'a str, Section<'a>)| {
        let rewards = section.at("rewards").entries();
        rewards.into_iter().map(move |(token, below)| (venue, token, below))
    };
    root.at("venues").entries().into_iter().flat_map(of_venue).collect()
}

/// Interns the tokens, so that the wallet has room for them.
pub(super) fn intern(universe: &mut Universe, root: &Section<'_>) {
    if are_on(root) {
        for (_, token, _) in listed(root) {
            universe.intern_token(token);
        }
    }
}

/// Adds what is handed out. After all venues have their keys, because collateral lies at another venue.
pub(super) fn add(universe: &mut Universe, root: &Section<'_>) {
    let section = root.at("rewards");
    let is_eligible = flag(&section.at("collateral_eligible"));
    let days = section.at("delay_days").integer(0, DELAY_DAYS_MAX);
    if !are_on(root) {
        return;
    }
    let (told, mut is_any) = (root.told(), false);
    for (venue, token, below) in listed(root) {
        let Some(venue) = universe.venue_named(venue) else { continue };
        is_any = true;
        let Some(staked) = universe.staking(venue).map(|rules| rules.token) else {
            // That the venue has no staking token here is told of it.
            if universe.venue(venue).kind != VenueKind::Staking {
                let sentence = "only a venue that issues a staking token hands out rewards";
                below.fault(Code::Config005, sentence);
            }
            continue;
        };
        let Some(key) = in_wallet(universe, root, token, &below) else { continue };
        check_price(universe, root, token, &below);
        below.at("distributions").text();
        let mut held = vec![staked];
        if is_eligible {
            held.extend(supplied(universe, universe.instrument(staked).token));
        }
        let staked = universe.instrument(staked).token;
        let delay = Span::from_hours(24 * days);
        universe.add_reward(|id| RewardRules { id, venue, key, staked, held, delay });
    }
    if !is_any && root.told() == told {
        let fault = Fault::new(Code::Config005, "no venue of this mode hands out rewards");
        section.at("enabled").tell(fault.suggest("set it to false"));
    }
}

/// The wallet's key of what is handed out.
fn in_wallet(
    universe: &Universe,
    root: &Section<'_>,
    name: &str,
    below: &Section<'_>,
) -> Option<KeyId> {
    let wallet = universe.venues().iter().find(|venue| venue.kind == VenueKind::Wallet)?;
    let key = universe.token_key(wallet.id, universe.token_named(name)?);
    if key.is_none() {
        let tokens = root.at("venues").at(&wallet.name).at("tokens").entries();
        let known: Vec<&str> = tokens.into_iter().map(|(name, _)| name).collect();
        let sentence = format!("'{name}' has no decimals in the wallet's tokens");
        below.tell(Fault::new(Code::Config005, sentence).nearest(name, known));
    }
    key
}

/// A reward needs candles, and the token in which they are told a price of its own.
fn check_price(universe: &Universe, root: &Section<'_>, name: &str, below: &Section<'_>) {
    if root.at("pricing").at(name).is_set() {
        return;
    }
    let (price, told_in) = (below.at("price"), below.at("priced_in"));
    let series = price.text();
    if !series.is_empty() && !series.starts_with("spot/") {
        let sentence = format!("a reward is priced by candles, spot/…, not by '{series}'");
        price.fault(Code::Config003, sentence);
    }
    let token = told_in.text();
    let is_priced =
        |token: &&str| *token == root.at("quote").text() || root.at("pricing").at(token).is_set();
    if !token.is_empty() && !is_priced(&token) {
        let tokens = universe.tokens().iter().map(|token| &**token);
        let known: Vec<&str> = tokens.filter(is_priced).collect();
        told_in.unknown(token, "a token with a price in this mode is expected", &known);
    }
}

/// The claims on what was supplied of a token.
fn supplied(universe: &Universe, token: TokenId) -> Vec<KeyId> {
    let lends = |venue: VenueId| universe.venue(venue).kind == VenueKind::Lending;
    let of = universe.reserves().iter().filter(|reserve| reserve.token == token);
    of.filter(|reserve| lends(reserve.venue)).filter_map(|reserve| reserve.supplied).collect()
}

/// The series that rewards need, in the order of the rewards: what is handed out, and its price where the mode has none.
pub(super) fn series(root: &Section<'_>, world: &World) -> Vec<SeriesSpec> {
    let universe = &world.universe;
    let mut series: Vec<SeriesSpec> = Vec::new();
    for rules in universe.rewards() {
        let token = universe.instrument(rules.key).token;
        let below = of_rules(root, world, rules);
        let mut add = |name: &str, role| {
            if !series.iter().any(|spec| spec.name == name) {
                series.push(SeriesSpec { name: name.to_owned(), role, proxy: None });
            }
        };
        add(below.at("distributions").text(), SeriesRole::Distributions(rules.id));
        if !root.at("pricing").at(universe.token(token)).is_set() {
            add(below.at("price").text(), SeriesRole::PriceIn(token));
        }
    }
    series
}

/// From where the price of a token comes that is handed out; `None` for others.
pub(super) fn pricing(
    root: &Section<'_>,
    world: &World,
    token: &str,
    series: &[SeriesSpec],
) -> Option<Pricing> {
    let universe = &world.universe;
    let is_it =
        |rules: &&RewardRules| &**universe.token(universe.instrument(rules.key).token) == token;
    let below = of_rules(root, world, universe.rewards().iter().find(is_it)?);
    // What is not there was told of the reward.
    let index = below.at("price").optional_text();
    let index = index.and_then(|name| series.iter().position(|spec| spec.name == name));
    let told_in = below.at("priced_in").optional_text();
    let told_in = told_in.and_then(|name| universe.token_named(name));
    Some(index.zip(told_in).map_or(Pricing::None, |(index, token)| Pricing::In(index, token)))
}

fn of_rules<'a>(root: &Section<'a>, world: &World, rules: &RewardRules) -> Section<'a> {
    let universe = &world.universe;
    let token = universe.instrument(rules.key).token;
    let venues = root.at("venues");
    venues.at(&universe.venue(rules.venue).name).at("rewards").at(universe.token(token))
}
