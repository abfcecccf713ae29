//! What is read from the data: every series that a market, a price or gas needs is subscribed, and nothing else is.

use crate::types::chain::Protocol;
use crate::types::venue::VenueKind;
use crate::types::{Code, Market, MarketKind};

use super::super::faults::{Fault, nearest};
use super::super::section::Section;
use super::super::setup::{Costs, Pricing, SeriesRole, SeriesSpec};
use super::WorldIs;
use super::prices::{RATES, is_issued};
use super::rewards;
use super::world::World;

/// The folder of gas prices.
const GAS: &str = "gas/";
/// The folder of signals.
const SIGNALS: &str = "signals/";

/// The subscribed series, and by token the one that prices it.
pub(super) struct Subscribed {
    pub(super) series: Vec<SeriesSpec>,
    pub(super) pricing: Vec<Pricing>,
}

/// Reads subscriptions and pricing, and checks them against the markets.
pub(super) fn read(
    root: &Section<'_>,
    world: &World,
    is_whole: WorldIs,
    costs: Costs,
) -> Subscribed {
    let mut needed = needed_by_markets(world);
    needed.extend(needed_on_chain(root, world));
    let rewarded = rewards::series(root, world);
    let section = root.at("subscriptions");
    let mut unneeded = Vec::new();
    let mut series = Vec::new();
    for (name, below) in section.entries() {
        let name = series_meant(&below, name, root);
        let role = needed
            .iter()
            .find(|(series, _)| series == name)
            .map(|(_, role)| *role)
            .or_else(|| name.starts_with(GAS).then_some(SeriesRole::Gas))
            .or_else(|| rewarded.iter().find(|spec| spec.name == name).map(|spec| spec.role))
            .or_else(|| name.starts_with(SIGNALS).then_some(SeriesRole::Signal))
            .or_else(|| price_role(name, root, world));
        match role {
            Some(SeriesRole::Signal) if has_signals(&series) => below.fault(
                Code::Config005,
                "a run follows the signals of one model; subscribe to one series of signals/",
            ),
            Some(role) => series.push(spec(name, role, &below, root)),
            None => unneeded.push((name, below)),
        }
    }
    let is_new =
        |spec: &SeriesSpec| !series.iter().any(|known: &SeriesSpec| known.name == spec.name);
    let added: Vec<SeriesSpec> = rewarded.into_iter().filter(is_new).collect();
    series.extend(added);
    let told = section.told();
    let pricing = pricing(root, world, &needed, &series);
    // A token with a wrong price is why its series seems to be needed by nothing.
    let is_judged = is_whole == WorldIs::Whole && section.told() == told;
    let meant = if is_judged { tell_unneeded(&unneeded, &needed, &series) } else { Vec::new() };
    for (name, _) in &needed {
        if !series.iter().any(|spec| spec.name == *name) && !meant.contains(name) {
            section.fault(Code::Config004, format!("this mode needs '{name}'; add it here"));
        }
    }
    let pays_gas = world.universe.venues().iter().any(|venue| venue.gas.is_some());
    if pays_gas && costs == Costs::Full && !series.iter().any(|s| s.role == SeriesRole::Gas) {
        section.fault(
            Code::Config004,
            "the wallet pays gas and needs a series such as 'gas/ethereum_gas'",
        );
    }
    Subscribed { series, pricing }
}

fn has_signals(series: &[SeriesSpec]) -> bool {
    series.iter().any(|spec| spec.role == SeriesRole::Signal)
}

/// The series that a name is of. That of its file ends with more than its own, which then is told.
fn series_meant<'n>(place: &Section<'_>, name: &'n str, root: &Section<'_>) -> &'n str {
    let series = series_of(name, root);
    if series != name {
        let end = &name[series.len()..];
        let sentence = format!("a series is named without the {end} of its file");
        place.tell(Fault::new(Code::Config003, sentence).suggest(format!("write {series}")));
    }
    series
}

/// A series by its own name or by that of its file, in which candles and signals have their step.
fn series_of<'n>(name: &'n str, root: &Section<'_>) -> &'n str {
    let file = name.strip_suffix(".gz").unwrap_or(name);
    let file = file.strip_suffix(".csv").unwrap_or(file);
    let is_of_bars = ["spot/", "perp/", SIGNALS].iter().any(|folder| file.starts_with(folder));
    let step = root.at("step").optional_text().filter(|_| is_of_bars);
    step.and_then(|step| file.strip_suffix(step)?.strip_suffix('_')).unwrap_or(file)
}

/// The series of each market: candles, and for a perp its funding.
fn needed_by_markets(world: &World) -> Vec<(String, SeriesRole)> {
    let mut needed = Vec::new();
    for market in world.universe.markets() {
        let Market { id, symbol, .. } = market;
        let venue = &world.universe.venue(market.venue).name;
        match market.kind {
            MarketKind::Spot => {
                needed.push((format!("spot/{venue}_{symbol}"), SeriesRole::Spot(*id)))
            }
            MarketKind::Perp => {
                needed.push((format!("perp/{venue}_{symbol}"), SeriesRole::Perp(*id)));
                needed.push((format!("funding/{venue}_{symbol}"), SeriesRole::Funding(*id)));
            }
        }
    }
    needed
}

/// The snapshots of each reserve, and what each staking token is sold for where it can be swapped.
fn needed_on_chain(root: &Section<'_>, world: &World) -> Vec<(String, SeriesRole)> {
    let universe = &world.universe;
    let mut needed = Vec::new();
    for reserve in universe.reserves() {
        let venue = universe.venue(reserve.venue);
        if venue.kind == VenueKind::Lending {
            let name = format!("{}/{}_rates", venue.name, universe.token(reserve.token));
            needed.push((name, SeriesRole::Reserve(reserve.id)));
        }
    }
    for venue in universe.venues() {
        let Protocol::Swaps(rules) = &venue.protocol else { continue };
        for rule in rules.iter().filter(|rule| universe.base(rule.token) != rule.token) {
            let token = universe.token(rule.token);
            let swaps = root.at("venues").at(&venue.name).at("swaps");
            let name = swaps.at(token).at("market_rate").text().to_owned();
            if !needed.iter().any(|(known, _)| *known == name) {
                needed.push((name, SeriesRole::MarketRate(rule.token)));
            }
        }
    }
    needed
}

/// The role of a series that only prices a token.
fn price_role(name: &str, root: &Section<'_>, world: &World) -> Option<SeriesRole> {
    let pricing = root.at("pricing").entries();
    let is_by = |by: &Section<'_>| by.optional_text().is_some_and(|by| series_of(by, root) == name);
    let (token, _) = pricing.iter().find(|(_, by)| is_by(by))?;
    let token = world.universe.token_named(token)?;
    Some(if name.starts_with(RATES) { SeriesRole::Rate(token) } else { SeriesRole::Price(token) })
}

fn spec(name: &str, role: SeriesRole, section: &Section<'_>, root: &Section<'_>) -> SeriesSpec {
    let proxy = section.at("proxy");
    let stand_in = proxy.optional_text().map(|file| series_meant(&proxy, file, root));
    if let Some(other) = stand_in {
        let folder = |series: &str| series.split('/').next().map(str::to_owned);
        if other == name || folder(other) != folder(name) || !other.contains('/') {
            let sentence = "a proxy is another series of the same folder";
            proxy.fault(
                Code::Config003,
                format!("{sentence}; '{other}' cannot stand in for '{name}'"),
            );
        }
    }
    SeriesSpec { name: name.to_owned(), role, proxy: stand_in.map(str::to_owned) }
}

/// A series that nothing needs may be a misspelt one that is needed and not subscribed; those are given back.
fn tell_unneeded(
    unneeded: &[(&str, Section<'_>)],
    needed: &[(String, SeriesRole)],
    series: &[SeriesSpec],
) -> Vec<String> {
    let mut meant = Vec::new();
    let is_missing = |name: &&str| !series.iter().any(|spec| spec.name == **name);
    for (name, section) in unneeded {
        let missing = needed.iter().map(|(name, _)| name.as_str()).filter(is_missing);
        let sentence = "no market, price or gas of this mode needs this series";
        let fault = Fault::new(Code::Config003, sentence);
        section.tell(match nearest(name, missing) {
            Some(near) => {
                let fault = fault.suggest(format!("did you mean '{near}'?"));
                meant.push(near);
                fault
            }
            None => fault.suggest("leave it out"),
        });
    }
    meant
}

/// By token from where its price comes; every token but the quote must have one.
fn pricing(
    root: &Section<'_>,
    world: &World,
    needed: &[(String, SeriesRole)],
    series: &[SeriesSpec],
) -> Vec<Pricing> {
    let section = root.at("pricing");
    let of = |(index, token): (usize, &std::sync::Arc<str>)| {
        let priced_by = section.at(token);
        let is_quote = index == world.quote.index();
        let Some(name) = priced_by.optional_text() else {
            if let Some(pricing) = rewards::pricing(root, world, token, series) {
                return pricing;
            }
            if !is_quote && !is_issued(root, token) {
                section
                    .fault(Code::Config004, format!("'{token}' needs the series that prices it"));
            }
            return Pricing::None;
        };
        if is_quote {
            let sentence = format!("all prices are told in {token}; it has none");
            priced_by.fault(Code::Config005, sentence);
            return Pricing::None;
        }
        if !name.contains('/') {
            return Pricing::Base;
        }
        let name = series_meant(&priced_by, name, root);
        match series.iter().position(|spec| spec.name == name) {
            Some(index) if name.starts_with(RATES) => return Pricing::Rated(index),
            Some(index) if name.starts_with("spot/") || name.starts_with("perp/") => {
                return Pricing::Series(index);
            }
            Some(_) => priced_by.fault(
                Code::Config003,
                "a token is priced by candles, spot/… or perp/…, by a rate, lst/…, or by another token",
            ),
            // A series that a market needs as well is told by itself.
            None if needed.iter().any(|(known, _)| known == name) => {}
            None => tell_unsubscribed(name, &priced_by, &root.at("subscriptions"), series),
        }
        Pricing::None
    };
    world.universe.tokens().iter().enumerate().map(of).collect()
}

/// The folders of series that price a token.
const PRICES: [&str; 3] = ["spot/", "perp/", RATES];

/// A price by a series that is not subscribed may be misspelt: one that is subscribed, and used by nothing, is meant.
fn tell_unsubscribed(
    name: &str,
    place: &Section<'_>,
    subscriptions: &Section<'_>,
    series: &[SeriesSpec],
) {
    let subscribed = subscriptions.entries();
    let unused = subscribed
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !series.iter().any(|spec| spec.name == *name));
    let fault = Fault::new(Code::Config005, format!("'{name}' is not among the subscriptions"));
    let is_price = |name: &&str| PRICES.iter().any(|folder| name.starts_with(folder));
    let priced: Vec<&str> = subscribed.iter().map(|(name, _)| *name).filter(is_price).collect();
    place.tell(match nearest(name, unused) {
        Some(near) => fault.suggest(format!("did you mean '{near}'?")),
        None if priced.is_empty() => fault.suggest("add it there"),
        None => fault.suggest(format!("add it there, or name one of {}", priced.join(", "))),
    });
}
