//! Names that stand in a call, against the run's own venues, tokens, markets and series.

use crate::config::Setup;
use crate::types::MarketKind;

use super::super::api::{Entry, Kind};
use super::super::host::{self, HostError};
use super::texts::{can_be, shown};

/// The first of some arguments that is no name of the run, and why.
pub(super) fn unknown_name(
    setup: &Setup,
    entry: &Entry,
    texts: &[Option<&str>],
) -> Option<(usize, HostError)> {
    let universe = &*setup.universe;
    let mut venue = None;
    let mut kind = None;
    let symbol = |venue, kinds: &[MarketKind], text| symbol(setup, venue, kinds, text);
    for (index, (param, text)) in entry.params.iter().zip(texts).enumerate() {
        let Some(text) = text else { continue };
        let checked = match param.kind {
            Kind::Key => host::key(universe, text).map(drop),
            Kind::Token => host::token(universe, text).map(drop),
            Kind::Venue => {
                venue = Some(*text);
                host::venue(universe, text).map(drop)
            }
            Kind::MarketKind => host::market_kind(text).map(|found| kind = Some(found)),
            Kind::SpotSymbol => symbol(venue, &[MarketKind::Spot], text),
            Kind::PerpSymbol => symbol(venue, &[MarketKind::Perp], text),
            Kind::Symbol => match kind {
                Some(kind) => symbol(venue, &[kind], text),
                None => symbol(venue, &[MarketKind::Spot, MarketKind::Perp], text),
            },
            Kind::Series => {
                let known = setup.series.iter().map(|series| series.name.as_str());
                match known.clone().any(|known| known == *text) {
                    true => Ok(()),
                    false => Err(HostError::unknown("subscription", text, known)),
                }
            }
            Kind::Number
            | Kind::Amount
            | Kind::Text
            | Kind::Options
            | Kind::Parts
            | Kind::Orders
            | Kind::Decision
            | Kind::Function
            | Kind::Any => Ok(()),
        };
        if let Err(error) = checked {
            return Some((index, error));
        }
    }
    None
}

/// Why a text is no name of the run, whatever stands beside it.
pub(super) fn unknown(setup: &Setup, kind: Kind, text: &str) -> Option<HostError> {
    let universe = &*setup.universe;
    let any = [MarketKind::Spot, MarketKind::Perp];
    let checked = match kind {
        Kind::Key => host::key(universe, text).map(drop),
        Kind::Token => host::token(universe, text).map(drop),
        Kind::Venue => host::venue(universe, text).map(drop),
        Kind::MarketKind => host::market_kind(text).map(drop),
        Kind::SpotSymbol => symbol(setup, None, &[MarketKind::Spot], text),
        Kind::PerpSymbol => symbol(setup, None, &[MarketKind::Perp], text),
        Kind::Symbol => symbol(setup, None, &any, text),
        _ => Ok(()),
    };
    checked.err()
}

/// Why no name of the run can be one of which parts are not known.
pub(super) fn unknown_partial(setup: &Setup, kind: Kind, text: &str) -> Option<HostError> {
    let universe = &*setup.universe;
    let (what, known): (&str, Vec<&str>) = match kind {
        Kind::Key => ("key", universe.instruments().iter().map(|it| &*it.name).collect()),
        Kind::Venue => ("venue", universe.venues().iter().map(|it| &*it.name).collect()),
        Kind::Token => ("token", universe.tokens().iter().map(|it| &**it).collect()),
        Kind::Series => ("subscription", setup.series.iter().map(|it| it.name.as_str()).collect()),
        _ => return None,
    };
    if known.iter().any(|known| can_be(text, known)) {
        return None;
    }
    Some(HostError::unknown(what, &shown(text), known.into_iter()))
}

/// A symbol is known at its venue, or anywhere when the venue is not known.
fn symbol(
    setup: &Setup,
    venue: Option<&str>,
    kinds: &[MarketKind],
    symbol: &str,
) -> Result<(), HostError> {
    let universe = &*setup.universe;
    let venue = venue.map(|name| host::venue(universe, name)).transpose()?;
    let known = universe.markets().iter().filter(|market| {
        kinds.contains(&market.kind) && venue.is_none_or(|venue| market.venue == venue)
    });
    match known.clone().any(|market| &*market.symbol == symbol) {
        true => Ok(()),
        false => Err(HostError::unknown("symbol", symbol, known.map(|market| &*market.symbol))),
    }
}
