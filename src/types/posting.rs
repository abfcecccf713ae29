//! A change of one balance, with its cause. Balances change in no other way.

use serde::{Deserialize, Serialize};

use super::id::{KeyId, MarketId};
use super::money::{Notional, Price, Quantity};

/// Why a balance changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Coins against cash, or a perp position opened or closed.
    Trade,
    /// Profit or loss of the closed part of a perp position, paid in cash.
    Realised,
    /// Trading, withdrawal or liquidation fee.
    Fee,
    /// Gas of an operation on chain.
    Gas,
    /// Funding of a perp position.
    Funding,
    /// Interest on negative cash.
    Interest,
    /// From venue to transit, from transit to venue, ETH into WETH: nothing is won or lost.
    Move,
    /// A token into a scaled claim on it or back: nothing is won or lost but a rounding.
    Supply,
    /// A token against a scaled debt of it.
    Borrow,
    /// ETH into a staking token or back, at the protocol's rate.
    Stake,
    /// A token against another at a pool.
    Swap,
    /// A position closed by the venue for want of margin, or collateral taken for a debt.
    Liquidation,
    /// Tokens that a venue hands out to holders of another.
    Reward,
    /// The opening balances of the run, deposits and withdrawals.
    Capital,
    /// A difference found at the venue that no order and no accrual explains.
    External,
}

impl Cause {
    /// The name in events.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Realised => "realised",
            Self::Fee => "fee",
            Self::Gas => "gas",
            Self::Funding => "funding",
            Self::Interest => "interest",
            Self::Move => "move",
            Self::Supply => "supply",
            Self::Borrow => "borrow",
            Self::Stake => "stake",
            Self::Swap => "swap",
            Self::Liquidation => "liquidation",
            Self::Reward => "reward",
            Self::Capital => "capital",
            Self::External => "external",
        }
    }
}

/// One change of one key.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posting {
    /// The key.
    pub key: KeyId,
    /// The signed change, quantised to the key's decimals.
    pub amount: Quantity,
    /// For a perp position: the signed change of its entry cost (Σ size × entry price). Zero elsewhere. Carrying the cost
    /// instead of an average entry price keeps books a plain sum.
    pub cost: Notional,
    /// Why.
    pub cause: Cause,
    /// The market whose trade, funding or liquidation it belongs to.
    pub market: Option<MarketId>,
    /// The fill price of a trade.
    pub price: Option<Price>,
}

impl Posting {
    /// A change of a balance that belongs to no market.
    pub const fn plain(key: KeyId, amount: Quantity, cause: Cause) -> Self {
        Self { key, amount, cost: Notional::ZERO, cause, market: None, price: None }
    }

    /// A change of a balance that belongs to a market.
    pub const fn of_market(key: KeyId, amount: Quantity, cause: Cause, market: MarketId) -> Self {
        Self { key, amount, cost: Notional::ZERO, cause, market: Some(market), price: None }
    }
}
