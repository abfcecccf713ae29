//! What is read from the data: every series that a market, a price or gas needs is subscribed, and nothing else is.

use crate::types::{Code, Market, MarketKind};

use super::super::faults::{Fault, nearest};
use super::super::section::Section;
use super::super::setup::{Costs, SeriesRole, SeriesSpec};
use super::world::World;

/// The folder of gas prices.
const GAS: &str = "gas/";

/// The subscribed series, and by token the one that prices it.
pub(super) struct Subscribed {
    pub(super) series: Vec<SeriesSpec>,
    pub(super) reference: Vec<Option<usize>>,
}

/// Reads subscriptions and pricing, and checks them against the markets.
pub(super) fn read(root: &Section<'_>, world: &World, costs: Costs) -> Subscribed {
    let needed = needed_by_markets(world);
    let section = root.at("subscriptions");
    let prices: Vec<&str> =
        root.at("pricing").entries().iter().map(|(_, series)| series.text()).collect();
    let mut series = Vec::new();
    for (name, below) in section.entries() {
        let role = needed
            .iter()
            .find(|(series, _)| series == name)
            .map(|(_, role)| *role)
            .or_else(|| name.starts_with(GAS).then_some(SeriesRole::Gas))
            .or_else(|| price_role(name, root, world));
        match role {
            Some(role) => series.push(spec(name, role, &below)),
            None => tell_unneeded(name, &below, &needed, &prices),
        }
    }
    for (name, _) in &needed {
        if !series.iter().any(|spec| spec.name == *name) {
            section.fault(Code::Config004, format!("a market of this mode needs '{name}'"));
        }
    }
    let pays_gas = world.universe.venues().iter().any(|venue| venue.gas.is_some());
    if pays_gas && costs == Costs::Full && !series.iter().any(|s| s.role == SeriesRole::Gas) {
        section.fault(
            Code::Config004,
            "the wallet pays gas and needs a series such as 'gas/ethereum_gas'",
        );
    }
    let reference = references(root, world, &series);
    Subscribed { series, reference }
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

/// The role of a series that only prices a token.
fn price_role(name: &str, root: &Section<'_>, world: &World) -> Option<SeriesRole> {
    let pricing = root.at("pricing").entries();
    let (token, _) = pricing.iter().find(|(_, series)| series.optional_text() == Some(name))?;
    world.universe.token_named(token).map(SeriesRole::Price)
}

fn spec(name: &str, role: SeriesRole, section: &Section<'_>) -> SeriesSpec {
    let proxy = section.at("proxy");
    let stand_in = proxy.optional_text();
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

fn tell_unneeded(
    name: &str,
    section: &Section<'_>,
    needed: &[(String, SeriesRole)],
    prices: &[&str],
) {
    let known = needed.iter().map(|(name, _)| name.as_str()).chain(prices.iter().copied());
    let fault =
        Fault::new(Code::Config003, "no market, price or gas of this mode needs this series");
    section.tell(match nearest(name, known) {
        Some(near) => fault.suggest(format!("did you mean '{near}'?")),
        None => fault.suggest("leave it out"),
    });
}

/// By token the index of the series that prices it; every token but the quote must have one.
fn references(root: &Section<'_>, world: &World, series: &[SeriesSpec]) -> Vec<Option<usize>> {
    let pricing = root.at("pricing");
    let mut reference = vec![None; world.universe.tokens().len()];
    for (index, token) in world.universe.tokens().iter().enumerate() {
        let priced_by = pricing.at(token);
        let is_quote = index == world.quote.index();
        match priced_by.optional_text() {
            None if is_quote => {}
            Some(_) if is_quote => {
                priced_by
                    .fault(Code::Config005, format!("all prices are told in {token}; it has none"));
            }
            None => {
                pricing.fault(Code::Config004, format!("'{token}' needs the series that prices it"))
            }
            Some(name) => {
                reference[index] = series.iter().position(|spec| spec.name == name);
                if reference[index].is_none() {
                    priced_by
                        .fault(Code::Config005, format!("'{name}' is not among the subscriptions"));
                } else if !(name.starts_with("spot/") || name.starts_with("perp/")) {
                    priced_by
                        .fault(Code::Config003, "a token is priced by candles: spot/… or perp/…");
                }
            }
        }
    }
    reference
}
