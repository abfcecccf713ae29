//! The layout of one exchange account: which keys are its cash, its positions and its collateral. Worked out once.

use smallvec::SmallVec;

use crate::types::{
    KeyId, MarketId, MarketKind, PositionType, Price, Rate, TokenId, Universe, VenueId,
    venue::{MarginMode, MarginRules, Venue},
};

use super::weather::Weather;

/// An exchange account, by the keys that matter to its margin.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Account {
    /// Whose account.
    pub(super) venue: VenueId,
    /// The key in which positions are margined and settled.
    pub(super) cash: KeyId,
    /// Places after the point of the cash.
    pub(super) decimals: u32,
    /// Every perp that can be held here.
    pub(super) perps: SmallVec<[Perp; 2]>,
    /// Every coin that counts as collateral here; none when only the cash does.
    pub(super) coins: SmallVec<[Coin; 2]>,
}

/// A perp of an account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Perp {
    pub(super) market: MarketId,
    pub(super) position: KeyId,
}

/// A coin that is collateral.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Coin {
    pub(super) key: KeyId,
    /// The share of its value that counts.
    pub(super) ratio: Rate,
    /// Its spot market here; priced by the token's reference where there is none.
    spot: Option<MarketId>,
    token: TokenId,
    /// The perp, by index, whose highs and lows it follows inside a bar.
    pub(super) follows: Option<usize>,
}

impl Account {
    /// The account at a venue; `None` where nothing is margined.
    pub(super) fn of(universe: &Universe, venue: &Venue) -> Option<Self> {
        let rules = venue.margin.as_ref()?;
        let perps: SmallVec<[Perp; 2]> = universe
            .markets()
            .iter()
            .filter(|market| market.venue == venue.id && market.kind == MarketKind::Perp)
            .map(|market| Perp { market: market.id, position: market.position })
            .collect();
        let coins = match rules.mode {
            MarginMode::Usdt => SmallVec::new(),
            MarginMode::Unified => coins(universe, venue, rules, &perps),
        };
        let decimals = universe.instrument(rules.cash).decimals;
        Some(Self { venue: venue.id, cash: rules.cash, decimals, perps, coins })
    }
}

impl Coin {
    /// What one coin is worth in cash, before its haircut.
    pub(super) fn price(&self, weather: &dyn Weather) -> Option<Price> {
        self.spot
            .and_then(|market| weather.quote(market))
            .map(|quote| quote.price)
            .or_else(|| weather.reference(self.token))
    }
}

fn coins(
    universe: &Universe,
    venue: &Venue,
    rules: &MarginRules,
    perps: &[Perp],
) -> SmallVec<[Coin; 2]> {
    let coin = |&(token, ratio): &(TokenId, Rate)| {
        let key = universe.instruments().iter().find(|key| {
            key.venue == venue.id
                && key.token == token
                && key.position_type == PositionType::BaseToken
                && key.id != rules.cash
        })?;
        let spot = universe.markets().iter().find(|market| {
            market.venue == venue.id && market.kind == MarketKind::Spot && market.base == token
        });
        let follows = perps.iter().position(|perp| universe.market(perp.market).base == token);
        Some(Coin { key: key.id, ratio, spot: spot.map(|market| market.id), token, follows })
    };
    rules.collateral_ratio.iter().filter_map(coin).collect()
}
