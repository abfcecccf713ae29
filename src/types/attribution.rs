//! Profit by cause: one number for each thing that can move equity.

use std::ops::{AddAssign, Index, IndexMut};

use serde::{Deserialize, Serialize};

use super::money::Value;

/// What moves equity. The formulas are in `portfolio::attribution`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PnlCause {
    /// Growth of supplied tokens.
    Lending,
    /// Growth of debts, and interest on negative cash.
    BorrowCost,
    /// Growth of a staking token's rate.
    Staking,
    /// Funding of perps.
    Funding,
    /// Perp against spot, and a venue's spot against the reference.
    Basis,
    /// The price of what is held unhedged.
    Delta,
    /// Tokens handed out.
    Rewards,
    /// Trading and withdrawal fees.
    Fees,
    /// Gas.
    Gas,
    /// Fill price against the valuation price.
    Slippage,
    /// Market against protocol rate of a staking token that is swapped.
    Peg,
    /// What a liquidation cost.
    Liquidation,
    /// Only ever posted, never a remainder: external differences.
    Other,
}

impl PnlCause {
    /// All causes, in the order of every table.
    pub const ALL: [Self; 13] = [
        Self::Lending,
        Self::BorrowCost,
        Self::Staking,
        Self::Funding,
        Self::Basis,
        Self::Delta,
        Self::Rewards,
        Self::Fees,
        Self::Gas,
        Self::Slippage,
        Self::Peg,
        Self::Liquidation,
        Self::Other,
    ];

    /// The names of all causes, in the same order.
    pub const TEXTS: [&'static str; Self::ALL.len()] = {
        let mut texts = [""; Self::ALL.len()];
        let mut index = 0;
        while index < texts.len() {
            texts[index] = Self::ALL[index].text();
            index += 1;
        }
        texts
    };

    /// The name in events and tables.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Lending => "lending",
            Self::BorrowCost => "borrow_cost",
            Self::Staking => "staking",
            Self::Funding => "funding",
            Self::Basis => "basis",
            Self::Delta => "delta",
            Self::Rewards => "rewards",
            Self::Fees => "fees",
            Self::Gas => "gas",
            Self::Slippage => "slippage",
            Self::Peg => "peg",
            Self::Liquidation => "liquidation",
            Self::Other => "other",
        }
    }
}

/// A value for each cause; gains positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attribution([Value; 13]);

impl Attribution {
    /// The sum over all causes.
    pub fn total(&self) -> Value {
        // Most are zero, and to look costs less than to add.
        self.0.iter().copied().filter(|value| !value.is_zero()).sum()
    }

    /// The causes with their values.
    pub fn iter(&self) -> impl Iterator<Item = (PnlCause, Value)> + '_ {
        PnlCause::ALL.into_iter().zip(self.0.iter().copied())
    }
}

impl Index<PnlCause> for Attribution {
    type Output = Value;
    fn index(&self, cause: PnlCause) -> &Value {
        &self.0[cause as usize]
    }
}

impl IndexMut<PnlCause> for Attribution {
    fn index_mut(&mut self, cause: PnlCause) -> &mut Value {
        &mut self.0[cause as usize]
    }
}

impl AddAssign<&Attribution> for Attribution {
    fn add_assign(&mut self, other: &Attribution) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            if !theirs.is_zero() {
                *mine += *theirs;
            }
        }
    }
}
