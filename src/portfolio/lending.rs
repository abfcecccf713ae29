//! The account at a lending venue: what is collateral, what is owed, and how far a liquidation is.
//!
//! LTV = debt / collateral, HF = Σ collateral · threshold / debt. Staking tokens count by the protocol's rate, as everywhere;
//! the efficiency mode's figures hold for its tokens.

use rust_decimal::Decimal;

use crate::types::venue::VenueKind;
use crate::types::{KeyId, PositionType, ReserveId, Timestamp, TokenId, Universe, Value, VenueId};

use super::books::Books;
use super::prices::{Prices, times};

/// A lending account at one moment, in the share class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LendingAccount {
    /// What is supplied.
    pub collateral: Value,
    /// What is owed.
    pub debt: Value,
    /// Σ collateral · liquidation threshold: the debt at which the account can be liquidated.
    pub liquidated_at: Value,
    /// Σ collateral · largest loan-to-value: the most debt that a new loan may lead to.
    pub borrowable: Value,
}

impl LendingAccount {
    /// Whether something is supplied or owed.
    pub fn is_open(&self) -> bool {
        self.collateral.is_positive() || self.debt.is_positive()
    }

    /// Debt over collateral; `None` without collateral.
    pub fn ltv(&self) -> Option<Decimal> {
        self.debt.get().checked_div(self.collateral.get())
    }

    /// Below 1 the account can be liquidated; `None` without debt.
    pub fn health_factor(&self) -> Option<Decimal> {
        self.liquidated_at.get().checked_div(self.debt.get())
    }
}

/// The keys of one lending account, found once.
#[derive(Clone, Debug)]
pub struct LendingPlan {
    venue: VenueId,
    keys: Vec<(KeyId, PositionType, ReserveId, TokenId)>,
}

impl LendingPlan {
    /// The plan of a venue, when it lends for longer than a transaction.
    pub fn of(universe: &Universe, venue: VenueId) -> Option<Self> {
        if universe.venue(venue).kind != VenueKind::Lending {
            return None;
        }
        let reserves = universe.reserves().iter().filter(|reserve| reserve.venue == venue);
        let keys = reserves.flat_map(|reserve| {
            let supplied = reserve.supplied.map(|key| (key, PositionType::Supplied));
            let borrowed = reserve.borrowed.map(|key| (key, PositionType::Borrowed));
            [supplied, borrowed]
                .into_iter()
                .flatten()
                .map(|(key, of)| (key, of, reserve.id, reserve.token))
        });
        Some(Self { venue, keys: keys.collect() })
    }

    /// The venue.
    pub fn venue(&self) -> VenueId {
        self.venue
    }

    /// The account now.
    pub fn account(
        &self,
        universe: &Universe,
        books: &Books,
        prices: &Prices,
        now: Timestamp,
    ) -> LendingAccount {
        let mut account = LendingAccount::default();
        let Some(rules) = universe.lending(self.venue) else { return account };
        for &(key, of, reserve, token) in &self.keys {
            let scaled = books.quantity(key);
            let Some(unit) = prices.key(key).filter(|_| !scaled.is_zero()) else { continue };
            let value = Value::new(times(scaled.get(), unit.abs()));
            if of == PositionType::Borrowed {
                account.debt += value;
                continue;
            }
            account.collateral += value;
            if let Some(rules) = rules.collateral(reserve, token, now) {
                account.liquidated_at += Value::new(value.get() * rules.threshold.get());
                account.borrowable += Value::new(value.get() * rules.max_ltv.get());
            }
        }
        account
    }
}
