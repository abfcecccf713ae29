//! A venue as the run knows it: its kind, and the rules by which it margins positions.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::chain::{GasRules, Protocol};
use super::id::{KeyId, MarketId, TokenId, VenueId};
use super::money::{Notional, Quantity, Rate};
use super::time::{Span, Timestamp};

/// What a venue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VenueKind {
    /// Our own address on chain: tokens, wrapping, transfers out. Tokens held on chain have their keys here.
    Wallet,
    /// A centralised exchange with one account for spot and linear perps.
    Exchange,
    /// Lends against collateral: Aave.
    Lending,
    /// Stakes ETH for a token: Lido, EtherFi.
    Staking,
    /// Swaps tokens: Uniswap, Curve.
    Dex,
    /// Lends for the length of one transaction: Morpho.
    Flash,
    /// Carries an atomic group in one transaction: Instadapp.
    Bundler,
}

impl VenueKind {
    /// Whether it is part of the chain on which the wallet is: what happens there can be part of an atomic group.
    pub const fn is_on_chain(self) -> bool {
        !matches!(self, Self::Exchange)
    }
}

/// A venue of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Venue {
    /// Its index.
    pub id: VenueId,
    /// Its name in keys and configuration.
    pub name: Arc<str>,
    /// What it is.
    pub kind: VenueKind,
    /// How positions are margined; exchanges only.
    pub margin: Option<MarginRules>,
    /// What it costs, and how long it takes, to send a token away from here. A token without a rule cannot leave.
    pub transfers: Vec<TransferRule>,
    /// What operations on chain cost; wallets only, and none when costs are switched off.
    pub gas: Option<GasRules>,
    /// What it does on chain.
    pub protocol: Protocol,
}

impl Venue {
    /// A venue without rules.
    pub fn new(id: VenueId, name: &str, kind: VenueKind) -> Self {
        let (margin, gas, protocol) = (None, None, Protocol::None);
        Self { id, name: name.into(), kind, margin, transfers: Vec::new(), gas, protocol }
    }

    /// The rule for sending `token` away from here.
    pub fn transfer_rule(&self, token: TokenId) -> Option<&TransferRule> {
        self.transfers.iter().find(|rule| rule.token == token)
    }
}

/// Sending a token away from a venue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferRule {
    /// The token.
    pub token: TokenId,
    /// Kept by the venue, in the token, on top of nothing: what arrives is the amount less this.
    pub fee: Quantity,
    /// From sending to arrival.
    pub duration: Span,
}

/// What counts as margin at an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarginMode {
    /// Coins are collateral with a haircut; cash may go negative down to the credit limit.
    Unified,
    /// Only the quote token and unrealised profit count.
    Usdt,
}

/// The margin rules of an exchange account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginRules {
    /// What counts as margin.
    pub mode: MarginMode,
    /// The token in which positions are margined and settled.
    pub cash: KeyId,
    /// Share of a coin's value that counts as collateral in unified mode, by token; 1 counts whole.
    pub collateral_ratio: Vec<(TokenId, Rate)>,
    /// How far cash may go below zero in unified mode; positive number.
    pub credit_limit: Notional,
    /// Negative cash up to this amount bears no interest.
    pub interest_free: Notional,
    /// Interest on negative cash beyond the free amount, a fraction a year, charged hourly.
    pub interest_per_year: Rate,
    /// Initial margin is notional divided by this.
    pub max_leverage: Decimal,
    /// Fee on the notional that a liquidation closes.
    pub liquidation_fee: Rate,
    /// Maintenance tiers of each perp market, dated.
    pub tiers: Vec<MarginTiers>,
}

impl MarginRules {
    /// How far cash may go below zero: the credit limit in unified mode, nothing otherwise.
    pub fn credit(&self) -> Notional {
        match self.mode {
            MarginMode::Unified => self.credit_limit,
            MarginMode::Usdt => Notional::ZERO,
        }
    }

    /// The tiers of a market that are in force at this time.
    pub fn tiers_at(&self, market: MarketId, now: Timestamp) -> Option<&MarginTiers> {
        self.tiers
            .iter()
            .filter(|table| table.market == market && table.as_of <= now)
            .max_by_key(|table| table.as_of)
    }
}

/// The maintenance margin tiers of one perp market from a date on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginTiers {
    /// The market.
    pub market: MarketId,
    /// In force from this time until the next table of the same market.
    pub as_of: Timestamp,
    /// Ascending by `up_to`.
    pub tiers: Vec<MarginTier>,
}

/// One tier: maintenance = notional × rate − deduction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginTier {
    /// The largest notional of the tier.
    pub up_to: Notional,
    /// Maintenance rate.
    pub rate: Rate,
    /// What keeps maintenance continuous from tier to tier.
    pub deduction: Notional,
}
