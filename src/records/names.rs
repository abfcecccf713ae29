//! The names behind the small integers, as ready pieces of JSON.

use std::sync::Arc;

use crate::types::{KeyId, MarketId, MarketKind, PnlCause, TokenId, Universe, VenueId};

use super::text::push_json_string;

/// `"name":"`: the beginning of a field whose value is a string; one byte shorter for other values.
pub type Fragment = Box<[u8]>;

/// All names of a run as pieces of JSON, dense by id, made once.
#[derive(Debug)]
pub struct Names {
    /// The universe itself, for what is written seldom.
    pub universe: Arc<Universe>,
    keys: Vec<Fragment>,
    tokens: Vec<Fragment>,
    venues: Vec<Fragment>,
    markets: Vec<Fragment>,
    series: Vec<Fragment>,
    causes: Vec<Fragment>,
}

impl Names {
    /// Prepares the names of a universe and of the subscribed series.
    pub fn new(universe: Arc<Universe>, series: &[String]) -> Self {
        Self {
            keys: universe.instruments().iter().map(|key| fragment(&key.name)).collect(),
            tokens: universe.tokens().iter().map(|token| fragment(token)).collect(),
            venues: universe.venues().iter().map(|venue| fragment(&venue.name)).collect(),
            markets: universe
                .markets()
                .iter()
                .map(|market| fragment(&market_name(&universe, market.id)))
                .collect(),
            series: series.iter().map(|name| fragment(name)).collect(),
            causes: PnlCause::ALL.iter().map(|cause| fragment(cause.text())).collect(),
            universe,
        }
    }

    /// By key.
    pub fn keys(&self) -> &[Fragment] {
        &self.keys
    }

    /// By token.
    pub fn tokens(&self) -> &[Fragment] {
        &self.tokens
    }

    /// By venue.
    pub fn venues(&self) -> &[Fragment] {
        &self.venues
    }

    /// By market: `venue:spot:SYMBOL` or `venue:perp:SYMBOL`.
    pub fn markets(&self) -> &[Fragment] {
        &self.markets
    }

    /// By subscribed series.
    pub fn series(&self) -> &[Fragment] {
        &self.series
    }

    /// By cause of profit.
    pub fn causes(&self) -> &[Fragment] {
        &self.causes
    }

    /// The beginning of a field named after a key.
    pub fn key(&self, key: KeyId) -> &Fragment {
        &self.keys[key.index()]
    }

    /// A key's text.
    pub fn key_text(&self, key: KeyId) -> &str {
        &self.universe.instrument(key).name
    }

    /// A venue's name.
    pub fn venue_text(&self, venue: VenueId) -> &str {
        &self.universe.venue(venue).name
    }

    /// A token's name.
    pub fn token_text(&self, token: TokenId) -> &str {
        self.universe.token(token)
    }
}

fn market_name(universe: &Universe, id: MarketId) -> String {
    let market = universe.market(id);
    let kind = match market.kind {
        MarketKind::Spot => "spot",
        MarketKind::Perp => "perp",
    };
    format!("{}:{kind}:{}", universe.venue(market.venue).name, market.symbol)
}

fn fragment(name: &str) -> Fragment {
    let mut bytes = Vec::with_capacity(name.len() + 4);
    push_json_string(&mut bytes, name);
    bytes.extend_from_slice(b":\"");
    bytes.into_boxed_slice()
}
