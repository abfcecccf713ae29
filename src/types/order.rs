//! One operation on one venue, with the balance deltas that it is expected to bring.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::chain::GasUse;
use super::id::{KeyId, MarketId, OperationId, ReserveId, VenueId};
use super::instrument::MarketKind;
use super::money::{Price, Quantity, Rate};
use super::universe::Universe;

/// Buy or sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The position grows.
    Buy,
    /// The position falls.
    Sell,
}

impl Side {
    /// `quantity` with the sign of the change it makes to the position.
    pub fn signed(self, quantity: Quantity) -> Quantity {
        match self {
            Side::Buy => quantity,
            Side::Sell => -quantity,
        }
    }

    /// The other side.
    pub const fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }
}

/// What an order does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum Operation {
    /// Coins against quote token.
    SpotTrade {
        /// Where.
        market: MarketId,
        /// Which way.
        side: Side,
    },
    /// A perp position grows or falls.
    PerpTrade {
        /// Where.
        market: MarketId,
        /// Which way.
        side: Side,
    },
    /// The resting stop and target of a perp position, set as a whole; `None` on both takes them off.
    Protect {
        /// Of which market.
        market: MarketId,
        /// Close the position when the price reaches this to its profit.
        take_profit: Option<Price>,
        /// Close the position when the price reaches this to its loss.
        stop_loss: Option<Price>,
    },
    /// A token moves between venues; in transit until it arrives.
    Transfer {
        /// The token's key where it leaves.
        from: KeyId,
        /// The token's key where it arrives.
        to: KeyId,
    },
    /// ETH into WETH or back, one for one, on chain.
    Wrap {
        /// What is given.
        from: KeyId,
        /// What is received.
        to: KeyId,
    },
    /// A token is lent; what is counted is the token.
    Supply {
        /// To which reserve.
        reserve: ReserveId,
    },
    /// A lent token is taken back.
    Withdraw {
        /// From which reserve.
        reserve: ReserveId,
    },
    /// A token is borrowed against what is supplied at the venue.
    Borrow {
        /// From which reserve.
        reserve: ReserveId,
    },
    /// A borrowed token is paid back; never more than is owed.
    Repay {
        /// To which reserve.
        reserve: ReserveId,
    },
    /// ETH into a venue's staking token at the protocol's rate; what is counted is ETH.
    Stake {
        /// Which venue.
        venue: VenueId,
    },
    /// A staking token into the venue's queue; what is counted is the token.
    Unstake {
        /// Which venue.
        venue: VenueId,
    },
    /// A token into another at a pool.
    Swap {
        /// Which venue.
        venue: VenueId,
        /// What is given.
        from: KeyId,
        /// What is received.
        to: KeyId,
        /// Which of both is counted.
        exact: Exact,
    },
    /// A token is borrowed for the rest of an atomic group.
    FlashBorrow {
        /// Where.
        reserve: ReserveId,
    },
    /// A flash loan is paid back, with its fee on top.
    FlashRepay {
        /// Where.
        reserve: ReserveId,
    },
}

/// Which side of a swap an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exact {
    /// What is given.
    In,
    /// What is received.
    Out,
}

impl Operation {
    /// The operation's name in events and documents.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SpotTrade { .. } => "spot_trade",
            Self::PerpTrade { .. } => "perp_trade",
            Self::Protect { .. } => "protect",
            Self::Transfer { .. } => "transfer",
            Self::Wrap { .. } => "wrap",
            Self::Supply { .. } => "supply",
            Self::Withdraw { .. } => "withdraw",
            Self::Borrow { .. } => "borrow",
            Self::Repay { .. } => "repay",
            Self::Stake { .. } => "stake",
            Self::Unstake { .. } => "unstake",
            Self::Swap { exact: Exact::In, .. } => "swap",
            Self::Swap { exact: Exact::Out, .. } => "swap_exact_out",
            Self::FlashBorrow { .. } => "flash_borrow",
            Self::FlashRepay { .. } => "flash_repay",
        }
    }

    /// The venue to which it is sent: where a transfer leaves, where a trade happens.
    pub fn venue(&self, universe: &Universe) -> VenueId {
        match *self {
            Self::SpotTrade { market, .. }
            | Self::PerpTrade { market, .. }
            | Self::Protect { market, .. } => universe.market(market).venue,
            Self::Transfer { from, .. } | Self::Wrap { from, .. } => {
                universe.instrument(from).venue
            }
            Self::Supply { reserve }
            | Self::Withdraw { reserve }
            | Self::Borrow { reserve }
            | Self::Repay { reserve }
            | Self::FlashBorrow { reserve }
            | Self::FlashRepay { reserve } => universe.reserve(reserve).venue,
            Self::Stake { venue } | Self::Unstake { venue } | Self::Swap { venue, .. } => venue,
        }
    }

    /// The key that it is mainly about: the position of a trade, what a movement takes from. Two orders of one key are never
    /// under way together.
    pub fn main_key(&self, universe: &Universe) -> KeyId {
        match *self {
            Self::SpotTrade { market, .. }
            | Self::PerpTrade { market, .. }
            | Self::Protect { market, .. } => universe.market(market).position,
            Self::Transfer { from, .. } | Self::Wrap { from, .. } | Self::Swap { from, .. } => from,
            Self::Supply { reserve } | Self::Withdraw { reserve } => {
                let reserve = universe.reserve(reserve);
                reserve.supplied.unwrap_or(reserve.underlying)
            }
            Self::Borrow { reserve }
            | Self::Repay { reserve }
            | Self::FlashBorrow { reserve }
            | Self::FlashRepay { reserve } => {
                let reserve = universe.reserve(reserve);
                reserve.borrowed.unwrap_or(reserve.underlying)
            }
            Self::Stake { venue } | Self::Unstake { venue } => {
                universe.staking(venue).map_or(KeyId(0), |rules| rules.token)
            }
        }
    }

    /// The key in whose units its amount is counted, for what is no trade of a market.
    pub fn counted_in(&self, universe: &Universe) -> Option<KeyId> {
        match *self {
            Self::SpotTrade { .. } | Self::PerpTrade { .. } | Self::Protect { .. } => None,
            Self::Transfer { from, .. } | Self::Wrap { from, .. } => Some(from),
            Self::Swap { from, exact: Exact::In, .. } => Some(from),
            Self::Swap { to, exact: Exact::Out, .. } => Some(to),
            Self::Supply { reserve }
            | Self::Withdraw { reserve }
            | Self::Borrow { reserve }
            | Self::Repay { reserve }
            | Self::FlashBorrow { reserve }
            | Self::FlashRepay { reserve } => Some(universe.reserve(reserve).underlying),
            Self::Stake { venue } => universe.staking(venue).map(|rules| rules.base),
            Self::Unstake { venue } => universe.staking(venue).map(|rules| rules.token),
        }
    }

    /// For what it uses gas; `None` for what an exchange does.
    pub const fn gas_use(&self) -> Option<GasUse> {
        Some(match self {
            Self::SpotTrade { .. } | Self::PerpTrade { .. } | Self::Protect { .. } => return None,
            Self::Transfer { .. } => GasUse::Transfer,
            Self::Wrap { .. } => GasUse::Wrap,
            Self::Supply { .. } => GasUse::Supply,
            Self::Withdraw { .. } => GasUse::Withdraw,
            Self::Borrow { .. } => GasUse::Borrow,
            Self::Repay { .. } => GasUse::Repay,
            Self::Stake { .. } => GasUse::Stake,
            Self::Unstake { .. } => GasUse::Unstake,
            Self::Swap { .. } => GasUse::Swap,
            Self::FlashBorrow { .. } => GasUse::FlashBorrow,
            Self::FlashRepay { .. } => GasUse::FlashRepay,
        })
    }

    /// Where what it brings lies: coins or cash of a spot trade, the token that arrives. `None` where nothing is brought.
    pub fn output(&self, universe: &Universe) -> Option<KeyId> {
        match *self {
            Self::SpotTrade { market, side } => {
                let market = universe.market(market);
                debug_assert!(market.kind == MarketKind::Spot);
                Some(if side == Side::Buy { market.position } else { market.cash })
            }
            Self::PerpTrade { .. } | Self::Protect { .. } => None,
            Self::Transfer { to, .. } | Self::Wrap { to, .. } | Self::Swap { to, .. } => Some(to),
            Self::Withdraw { reserve }
            | Self::Borrow { reserve }
            | Self::FlashBorrow { reserve } => Some(universe.reserve(reserve).underlying),
            Self::Stake { venue } => universe.staking(venue).map(|rules| rules.token),
            Self::Unstake { venue } => universe.staking(venue).map(|rules| rules.queued),
            Self::Supply { .. } | Self::Repay { .. } | Self::FlashRepay { .. } => None,
        }
    }

    /// The market of a trade or a protection.
    pub const fn market(&self) -> Option<MarketId> {
        match *self {
            Self::SpotTrade { market, .. }
            | Self::PerpTrade { market, .. }
            | Self::Protect { market, .. } => Some(market),
            _ => None,
        }
    }

    /// The position that a protection guards: it promises no change there, but nothing else may be sent for that key while
    /// nobody knows whether it rests.
    pub fn protected_key(&self, universe: &Universe) -> Option<KeyId> {
        match *self {
            Self::Protect { market, .. } => Some(universe.market(market).position),
            _ => None,
        }
    }
}

/// What a script may add to an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Not worse than this price.
    pub limit: Option<Price>,
    /// Not worse than this fraction off the price at decision time; the configuration's default otherwise.
    pub slippage: Option<Rate>,
    /// Only make the position smaller.
    pub reduce_only: bool,
}

/// What an order is expected to do to one key, and the bounds inside which the promise is kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The key.
    pub key: KeyId,
    /// The expected change, signed.
    pub expected: Quantity,
    /// The least change that keeps the promise.
    pub at_least: Quantity,
    /// The greatest change that keeps the promise.
    pub at_most: Quantity,
}

impl Expected {
    /// A change that is known to the unit.
    pub fn exactly(key: KeyId, change: Quantity) -> Self {
        Self { key, expected: change, at_least: change, at_most: change }
    }

    /// A change at the likely, the worst and the best price. A fee alone is smaller at a worse selling price, so the bounds are
    /// the extremes of all three, whichever they are.
    pub fn within(key: KeyId, [likely, worst, best]: [Quantity; 3]) -> Self {
        let (at_least, at_most) = (worst.min(likely).min(best), worst.max(likely).max(best));
        Self { key, expected: likely, at_least, at_most }
    }
}

/// Where in the script an order was built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The script's file, or the native strategy's name.
    pub file: Arc<str>,
    /// Line from 1; 0 where there is none.
    pub line: u32,
}

/// An order as a strategy plans it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// What later amounts refer to it by.
    pub operation_id: OperationId,
    /// What it does.
    pub operation: Operation,
    /// How much: coins of a trade, tokens of a transfer. Positive; the side is in the operation.
    pub amount: Amount,
    /// What the script added.
    pub options: Options,
    /// What it is expected to change, for the amount as far as known.
    pub deltas: Vec<Expected>,
    /// Where it was built.
    pub origin: Origin,
}

/// An order as it is sent: its amount is a number, its worst price is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundOrder {
    /// What it does.
    pub operation: Operation,
    /// How much, positive, a multiple of the lot.
    pub quantity: Quantity,
    /// The worst price at which it may fill (immediate or cancel); trades only.
    pub limit: Option<Price>,
    /// Only make the position smaller.
    pub reduce_only: bool,
    /// What it is expected to change, and the bounds of the promise.
    pub deltas: Vec<Expected>,
}
