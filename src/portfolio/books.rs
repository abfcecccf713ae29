//! The books: one holding a key, changed by postings and by nothing else.

use serde::{Deserialize, Serialize};

use crate::types::{
    Code, Coded, KeyId, Notional, PositionType, Posting, Price, Quantity, Universe,
};

/// What is held at one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Holding {
    /// Tokens or coins; signed for perps.
    pub quantity: Quantity,
    /// Entry cost of a perp position, Σ size × entry price, with the sign of the size. Zero elsewhere.
    pub cost: Notional,
}

/// All holdings of a run, dense by [`KeyId`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Books {
    holdings: Vec<Holding>,
}

impl Books {
    /// Empty books for all keys of a universe.
    pub fn new(universe: &Universe) -> Self {
        Self { holdings: vec![Holding::default(); universe.instruments().len()] }
    }

    /// What is held at a key.
    #[inline]
    pub fn quantity(&self, key: KeyId) -> Quantity {
        self.holdings[key.index()].quantity
    }

    /// The entry cost at a key; zero for anything but a perp.
    #[inline]
    pub fn cost(&self, key: KeyId) -> Notional {
        self.holdings[key.index()].cost
    }

    /// The average entry price of a perp position; `None` when flat.
    pub fn entry_price(&self, key: KeyId) -> Option<Price> {
        let holding = self.holdings[key.index()];
        (!holding.quantity.is_zero()).then(|| holding.cost / holding.quantity)
    }

    /// All holdings, by key.
    pub fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// Copies another set of books without a new allocation.
    pub fn copy_from(&mut self, other: &Books) {
        self.holdings.clone_from(&other.holdings);
    }

    /// Applies postings that belong together, whole or not at all.
    ///
    /// # Errors
    /// POS-002 when an amount is finer than its key's decimals, or when a key would end below zero that must not: all but
    /// perps, the cash of a margin account, whose floor is the venue's to keep, and what is on its way.
    pub fn post(&mut self, universe: &Universe, postings: &[Posting]) -> Result<(), Coded> {
        for posting in postings {
            let key = universe.instrument(posting.key);
            if posting.amount.get().normalize().scale() > key.decimals {
                return Err(Coded::new(
                    Code::Pos002,
                    format!(
                        "a posting of {} to {} has more than {} decimals",
                        posting.amount, key.name, key.decimals
                    ),
                ));
            }
        }
        self.apply(postings);
        let broken = postings
            .iter()
            .map(|posting| posting.key)
            .find(|&key| self.is_forbidden(universe, key));
        if let Some(key) = broken {
            let balance = self.quantity(key);
            self.revert(postings);
            let name = &universe.instrument(key).name;
            return Err(Coded::new(
                Code::Pos002,
                format!("postings would leave {balance} at {name}, which cannot be negative"),
            ));
        }
        Ok(())
    }

    /// Sets a key to what a venue reports and returns the change; for differences that are accepted as external.
    pub fn accept(&mut self, key: KeyId, reported: Holding) -> Holding {
        let holding = &mut self.holdings[key.index()];
        let change = Holding {
            quantity: reported.quantity - holding.quantity,
            cost: reported.cost - holding.cost,
        };
        *holding = reported;
        change
    }

    /// Applies one posting without looking; for copies of books whose original has checked it.
    pub(crate) fn post_unchecked(&mut self, posting: &Posting) {
        self.apply(std::slice::from_ref(posting));
    }

    fn apply(&mut self, postings: &[Posting]) {
        for posting in postings {
            let holding = &mut self.holdings[posting.key.index()];
            holding.quantity += posting.amount;
            holding.cost += posting.cost;
        }
    }

    fn revert(&mut self, postings: &[Posting]) {
        for posting in postings {
            let holding = &mut self.holdings[posting.key.index()];
            holding.quantity -= posting.amount;
            holding.cost -= posting.cost;
        }
    }

    fn is_forbidden(&self, universe: &Universe, key: KeyId) -> bool {
        let instrument = universe.instrument(key);
        let is_margin_cash =
            universe.venue(instrument.venue).margin.as_ref().is_some_and(|rules| rules.cash == key);
        // A transfer may be known to have arrived before it is known to have left: then it is owed to its source, and
        // equity is right all the same.
        let may_be_negative =
            matches!(instrument.position_type, PositionType::Perp | PositionType::Transit);
        !may_be_negative && !is_margin_cash && self.quantity(key).is_negative()
    }
}
