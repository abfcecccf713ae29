//! All venues, tokens, markets and keys of a run, interned once at setup; everything later speaks in small integers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::chain::{
    GasRules, LendingRules, Protocol, Reserve, RewardRules, StakingRules, SwapRule,
};
use super::id::{KeyId, MarketId, ReserveId, RewardId, TokenId, VenueId};
use super::instrument::{Instrument, InstrumentKey, Market, MarketKind, PositionType};
use super::order::Operation;
use super::venue::Venue;

/// The interned world of a run. Built by the configuration, read by everybody, never changed while a run lasts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Universe {
    venues: Vec<Venue>,
    tokens: Vec<Arc<str>>,
    /// By token: the token whose price moves it.
    bases: Vec<TokenId>,
    reserves: Vec<Reserve>,
    /// Empty where rewards are switched off.
    rewards: Vec<RewardRules>,
    markets: Vec<Market>,
    instruments: Vec<Instrument>,
    keys_by_name: BTreeMap<Arc<str>, KeyId>,
}

impl Universe {
    /// Adds a token, or finds it.
    pub fn intern_token(&mut self, name: &str) -> TokenId {
        if let Some(id) = self.token_named(name) {
            return id;
        }
        let id = TokenId(self.tokens.len() as u8);
        self.tokens.push(name.into());
        self.bases.push(id);
        id
    }

    /// Says whose price moves a token: ETH's for WETH, one for one, and for a staking token, at its rate.
    pub fn set_base(&mut self, token: TokenId, base: TokenId) {
        self.bases[token.index()] = base;
    }

    /// Adds a venue; its id is given by `build`, which is handed it.
    pub fn add_venue(&mut self, build: impl FnOnce(VenueId) -> Venue) -> VenueId {
        let id = VenueId(self.venues.len() as u8);
        self.venues.push(build(id));
        id
    }

    /// Adds a key, or finds it.
    pub fn intern_key(
        &mut self,
        venue: VenueId,
        position_type: PositionType,
        symbol: &str,
        token: TokenId,
        decimals: u32,
    ) -> KeyId {
        let key = InstrumentKey {
            venue: self.venue(venue).name.to_string(),
            position_type,
            symbol: symbol.to_owned(),
        };
        let name: Arc<str> = key.to_string().into();
        if let Some(&id) = self.keys_by_name.get(&name) {
            return id;
        }
        let id = KeyId(self.instruments.len() as u16);
        self.keys_by_name.insert(name.clone(), id);
        self.instruments.push(Instrument {
            id,
            name,
            venue,
            position_type,
            token,
            market: None,
            decimals,
        });
        id
    }

    /// Adds a market and ties a perp's key to it.
    pub fn add_market(&mut self, build: impl FnOnce(MarketId) -> Market) -> MarketId {
        let id = MarketId(self.markets.len() as u16);
        let market = build(id);
        if market.kind == MarketKind::Perp {
            self.instruments[market.position.index()].market = Some(id);
        }
        self.markets.push(market);
        id
    }

    /// Adds a reserve.
    pub fn add_reserve(&mut self, build: impl FnOnce(ReserveId) -> Reserve) -> ReserveId {
        let id = ReserveId(self.reserves.len() as u16);
        self.reserves.push(build(id));
        id
    }

    /// Adds a token that is handed out.
    pub fn add_reward(&mut self, build: impl FnOnce(RewardId) -> RewardRules) -> RewardId {
        let id = RewardId(self.rewards.len() as u16);
        self.rewards.push(build(id));
        id
    }

    /// Sets what a venue does on chain, which names keys and reserves that exist only after the venue does.
    pub fn set_protocol(&mut self, venue: VenueId, protocol: Protocol) {
        self.venues[venue.index()].protocol = protocol;
    }

    /// Sets a venue's margin rules, which name keys and markets that exist only after the venue does.
    pub fn set_margin(&mut self, venue: VenueId, margin: super::venue::MarginRules) {
        self.venues[venue.index()].margin = Some(margin);
    }

    /// Sets what operations on a wallet's chain cost, which names a key that exists only after the venue does.
    pub fn set_gas(&mut self, venue: VenueId, gas: GasRules) {
        self.venues[venue.index()].gas = Some(gas);
    }

    /// All venues, in the order of their ids.
    pub fn venues(&self) -> &[Venue] {
        &self.venues
    }

    /// All tokens' names, in the order of their ids.
    pub fn tokens(&self) -> &[Arc<str>] {
        &self.tokens
    }

    /// All markets, in the order of their ids.
    pub fn markets(&self) -> &[Market] {
        &self.markets
    }

    /// All keys, in the order of their ids.
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// All reserves, in the order of their ids.
    pub fn reserves(&self) -> &[Reserve] {
        &self.reserves
    }

    /// All tokens that are handed out, in the order of their ids; none where rewards are switched off.
    #[inline]
    pub fn rewards(&self) -> &[RewardRules] {
        &self.rewards
    }

    /// The reserve of an id.
    #[inline]
    pub fn reserve(&self, id: ReserveId) -> &Reserve {
        &self.reserves[id.index()]
    }

    /// The reserve of a token at a venue.
    pub fn reserve_of(&self, venue: VenueId, token: TokenId) -> Option<&Reserve> {
        self.reserves.iter().find(|reserve| reserve.venue == venue && reserve.token == token)
    }

    /// The reserve in which a key is a supply or a debt.
    pub fn reserve_behind(&self, key: KeyId) -> Option<&Reserve> {
        let is_it =
            |reserve: &&Reserve| reserve.supplied == Some(key) || reserve.borrowed == Some(key);
        self.reserves.iter().find(is_it)
    }

    /// The rules of a staking venue.
    pub fn staking(&self, venue: VenueId) -> Option<&StakingRules> {
        match &self.venue(venue).protocol {
            Protocol::Staking(rules) => Some(rules),
            _ => None,
        }
    }

    /// The pools of a venue; none where it has no pools.
    pub fn pools(&self, venue: VenueId) -> &[SwapRule] {
        match &self.venue(venue).protocol {
            Protocol::Swaps(rules) => rules,
            _ => &[],
        }
    }

    /// The pool of two tokens at a venue: one side is the pool's token, the other what it is swapped against, or what follows
    /// that one for one.
    pub fn pool(&self, venue: VenueId, from: TokenId, to: TokenId) -> Option<&SwapRule> {
        let pools = self.pools(venue);
        let is_plain = |token| pools.iter().all(|pool| pool.token != token);
        pools.iter().find(|pool| {
            let other = if pool.token == from { to } else { from };
            (pool.token == from || pool.token == to)
                && is_plain(other)
                && self.base(other) == self.base(pool.against)
        })
    }

    /// The pools of a venue, as a person writes them: `weETH/ETH`.
    pub fn pool_names(&self, venue: VenueId) -> String {
        let name =
            |pool: &SwapRule| format!("{}/{}", self.token(pool.token), self.token(pool.against));
        let names: Vec<String> = self.pools(venue).iter().map(name).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }

    /// The rules of a lending venue.
    pub fn lending(&self, venue: VenueId) -> Option<&LendingRules> {
        match &self.venue(venue).protocol {
            Protocol::Lending(rules) => Some(rules),
            _ => None,
        }
    }

    /// The token whose price moves this one; itself for most.
    #[inline]
    pub fn base(&self, token: TokenId) -> TokenId {
        self.bases[token.index()]
    }

    /// The gas of an operation on chain: its rules and its units. `None` where no gas is charged.
    pub fn gas_of(&self, operation: &Operation) -> Option<(&GasRules, u64)> {
        let of = operation.gas_use()?;
        if !self.venue(operation.venue(self)).kind.is_on_chain() {
            return None;
        }
        let rules = self.venues.iter().find_map(|venue| venue.gas.as_ref())?;
        Some((rules, rules.units(of)))
    }

    /// The venue of an id.
    #[inline]
    pub fn venue(&self, id: VenueId) -> &Venue {
        &self.venues[id.index()]
    }

    /// The token's name.
    #[inline]
    pub fn token(&self, id: TokenId) -> &Arc<str> {
        &self.tokens[id.index()]
    }

    /// The market of an id.
    #[inline]
    pub fn market(&self, id: MarketId) -> &Market {
        &self.markets[id.index()]
    }

    /// The key of an id.
    #[inline]
    pub fn instrument(&self, id: KeyId) -> &Instrument {
        &self.instruments[id.index()]
    }

    /// The key with this text.
    pub fn key_named(&self, name: &str) -> Option<KeyId> {
        self.keys_by_name.get(name).copied()
    }

    /// The venue with this name.
    pub fn venue_named(&self, name: &str) -> Option<VenueId> {
        self.venues.iter().find(|venue| &*venue.name == name).map(|venue| venue.id)
    }

    /// The token with this name.
    pub fn token_named(&self, name: &str) -> Option<TokenId> {
        self.tokens.iter().position(|token| &**token == name).map(|index| TokenId(index as u8))
    }

    /// The market of a symbol at a venue.
    pub fn market_named(&self, venue: VenueId, kind: MarketKind, symbol: &str) -> Option<MarketId> {
        self.markets
            .iter()
            .find(|market| {
                market.venue == venue && market.kind == kind && &*market.symbol == symbol
            })
            .map(|market| market.id)
    }

    /// The key of a token that lies at a venue.
    pub fn token_key(&self, venue: VenueId, token: TokenId) -> Option<KeyId> {
        self.holding(venue, PositionType::BaseToken, token)
    }

    /// The key of a token on its way to a venue.
    pub fn transit_key(&self, venue: VenueId, token: TokenId) -> Option<KeyId> {
        self.holding(venue, PositionType::Transit, token)
    }

    fn holding(
        &self,
        venue: VenueId,
        position_type: PositionType,
        token: TokenId,
    ) -> Option<KeyId> {
        self.instruments
            .iter()
            .find(|key| {
                key.venue == venue && key.position_type == position_type && key.token == token
            })
            .map(|key| key.id)
    }
}
