//! Identities: small integers for what a run knows from the start, and order ids that venues accept everywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! index {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// This id as an index into a dense vector of the [`Universe`](super::Universe).
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index! {
    /// A venue of the run.
    VenueId(u8)
}
index! {
    /// A token of the run: USDT, BTC, ETH, …
    TokenId(u8)
}
index! {
    /// A market on which one coin trades against one quote token at one venue, spot or perp.
    MarketId(u16)
}
index! {
    /// A token that a venue lends or takes: a reserve of a lending venue, or what a flash loan can be had in.
    ReserveId(u16)
}
index! {
    /// A token that a staking venue hands out to the holders of another.
    RewardId(u16)
}
index! {
    /// An instrument key, `venue:position_type:symbol`.
    KeyId(u16)
}
index! {
    /// A plan of the run, counted from 1.
    PlanId(u32)
}
index! {
    /// An order as the script built it, counted within one decision; what a late-bound amount refers to.
    OperationId(u32)
}

/// What is common to all order ids of one run: a hash of script, configuration and data in a backtest, of account scope and
/// start time in live trading. 44 bits, so that an order id stays within 32 characters.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct RunTag(u64);

impl RunTag {
    const MASK: u64 = (1 << 44) - 1;

    /// The tag of a hash; only its lowest 44 bits are kept.
    pub const fn new(hash: u64) -> Self {
        Self(hash & Self::MASK)
    }
}

impl fmt::Display for RunTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:011x}", self.0)
    }
}

/// The id under which an order is sent: (run, plan, leg, attempt), at most 32 characters of `[0-9a-z]`, which is the
/// intersection of what Binance, Bybit and OKX accept. Deterministic and never reused: a retry is a new attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId {
    /// The run that sends it.
    pub run: RunTag,
    /// The plan of the run.
    pub plan: PlanId,
    /// The position of the order in the plan, atomic groups and parallel legs counted through.
    pub leg: u16,
    /// 1 for the first try of the leg.
    pub attempt: u8,
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}p{}l{}a{}", self.run, self.plan.0, self.leg, self.attempt)
    }
}

/// Why a text is no order id of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an order id of this program")]
pub struct NotAnOrderId(String);

impl FromStr for OrderId {
    type Err = NotAnOrderId;

    fn from_str(text: &str) -> Result<Self, NotAnOrderId> {
        let parse = || -> Option<OrderId> {
            let run = RunTag::new(u64::from_str_radix(text.get(..11)?, 16).ok()?);
            let (plan, rest) = text.get(11..)?.strip_prefix('p')?.split_once('l')?;
            let (leg, attempt) = rest.split_once('a')?;
            Some(OrderId {
                run,
                plan: PlanId(plan.parse().ok()?),
                leg: leg.parse().ok()?,
                attempt: attempt.parse().ok()?,
            })
        };
        parse().filter(|id| id.to_string() == text).ok_or_else(|| NotAnOrderId(text.to_owned()))
    }
}

impl Serialize for OrderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OrderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a timer of the engine is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TimerId {
    /// The plan must have ended by now.
    Plan(PlanId),
    /// Ask again what became of this order.
    Order(OrderId),
    /// Look again at balances that differed while idle.
    Idle,
    /// Ask again for a report that a reconciliation waits for.
    Observation(OrderId),
    /// What stands unhedged of the parallel group of this order may do so no longer.
    Group(OrderId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_order_id_fits_every_venue() {
        let id = OrderId {
            run: RunTag::new(u64::MAX),
            plan: PlanId(u32::MAX),
            leg: u16::MAX,
            attempt: u8::MAX,
        };
        let text = id.to_string();
        assert!(text.len() <= 32, "{text} has {} characters", text.len());
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_eq!(text.parse::<OrderId>().unwrap(), id);
        assert!(
            "00000000000p01l0a1".parse::<OrderId>().is_err(),
            "a second spelling of an id is refused"
        );
    }
}
