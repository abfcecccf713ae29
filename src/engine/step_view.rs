//! What a strategy may see of one step: the world's measured state, owned and frozen while it is looked at.
//!
//! The engine fills one of these per step in place, so that a decision can share it (a script's values must outlive the
//! call) without copying and without an allocation.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::config::Setup;
use crate::market::View;
use crate::portfolio::{Books, Prices};
pub use crate::portfolio::{LendingAccount, MarginAccount, RiskView};
use crate::types::chain::Draw;
use crate::types::{
    Instrument, KeyId, MarketId, Notional, PositionType, Price, Quantity, ReserveId, Timestamp,
    TokenId, Universe, Value, VenueId,
};

use super::input::Flow;

/// The measured state of one step.
#[derive(Clone, Debug)]
pub struct StepView {
    /// The run's settings.
    pub setup: Arc<Setup>,
    /// The market as known now.
    pub view: View,
    /// Engine time.
    pub now: Timestamp,
    /// Balances and positions, settled.
    pub books: Books,
    /// By key: what is on its way to it (transfers under way, orders in flight).
    pub incoming: Vec<Quantity>,
    /// Prices of this step.
    pub prices: Prices,
    /// Equity in the share class.
    pub equity: Value,
    /// By venue: its margin account, for exchanges.
    pub margin: Vec<Option<MarginAccount>>,
    /// By venue: its lending account, for lending venues.
    pub lending: Vec<Option<LendingAccount>>,
    /// By token: coins held, on their way, and in perps, summed.
    pub net_delta: Vec<Quantity>,
    /// What risk allows.
    pub risk: RiskView,
    /// Positions in flight with the time they are due.
    pub pending: Vec<Pending>,
    /// What our swaps have drawn from the pools at this step.
    pub draws: Vec<Draw>,
    /// Withdrawals that are asked for and not paid, less what unwinding for them has cost.
    pub flows: Vec<Flow>,
    /// What they are worth together, in the share class.
    pub owed: Value,
    /// The operator or the configuration's `unwind_at` asked to leave.
    pub wind_down: bool,
}

/// Something on its way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// Where it will arrive.
    pub key: KeyId,
    /// How much.
    pub amount: Quantity,
    /// When, as far as known.
    pub due: Timestamp,
    /// What it waits for.
    pub kind: PendingKind,
}

/// What something on its way waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingKind {
    /// A transfer between venues.
    #[default]
    Transfer,
    /// A staking venue's queue.
    Queue,
}

impl PendingKind {
    /// The name in scripts.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Queue => "queue",
        }
    }
}

impl StepView {
    /// A step before anything is measured.
    pub fn new(setup: Arc<Setup>, view: View) -> Self {
        let universe = &setup.universe;
        let (keys, tokens, venues) =
            (universe.instruments().len(), universe.tokens().len(), universe.venues().len());
        Self {
            now: view.now(),
            view,
            books: Books::new(universe),
            incoming: vec![Quantity::ZERO; keys],
            prices: Prices::new(&setup),
            equity: Value::ZERO,
            margin: vec![None; venues],
            lending: vec![None; venues],
            net_delta: vec![Quantity::ZERO; tokens],
            risk: RiskView::default(),
            pending: Vec::new(),
            draws: Vec::new(),
            flows: Vec::new(),
            owed: Value::ZERO,
            wind_down: false,
            setup,
        }
    }

    /// The interned world.
    pub fn universe(&self) -> &Universe {
        &self.setup.universe
    }

    /// What is held at a key.
    pub fn balance(&self, key: KeyId) -> Quantity {
        self.books.quantity(key)
    }

    /// What is held at a key and on its way to it.
    pub fn projected(&self, key: KeyId) -> Quantity {
        self.books.quantity(key) + self.incoming[key.index()]
    }

    /// What a key's holding is worth as a fraction of equity: coins at their venue's own price, a perp by its notional at
    /// mark, negative when short. `None` without a price, or when there is no equity.
    pub fn weight(&self, key: KeyId) -> Option<Decimal> {
        let value = self.weighed(key)?;
        if value.is_zero() {
            return Some(Decimal::ZERO);
        }
        self.equity.is_positive().then(|| value / self.equity.get())
    }

    /// Whether a key's weight is at most `band` away from `target`: |value − target · equity| ≤ band · equity, which needs no
    /// division. `None` as for [`StepView::weight`].
    pub fn is_in_band(&self, key: KeyId, target: Decimal, band: Decimal) -> Option<bool> {
        let (value, equity) = (self.weighed(key)?, self.equity.get());
        match (target.checked_mul(equity), band.checked_mul(equity)) {
            (Some(wanted), Some(room)) if self.equity.is_positive() => {
                Some((value - wanted).abs() <= room)
            }
            _ => Some((self.weight(key)? - target).abs() <= band),
        }
    }

    /// What is weighed against equity: coins at their venue's own price, a perp by its signed notional at mark.
    fn weighed(&self, key: KeyId) -> Option<Decimal> {
        let held = self.balance(key).get();
        if held.is_zero() {
            return Some(Decimal::ZERO);
        }
        let unit = match self.universe().instrument(key) {
            Instrument { position_type: PositionType::Perp, market, .. } => {
                self.price((*market)?)?.get() * self.prices.quote_value()?
            }
            _ => self.prices.key(key)?,
        };
        Some(held * unit)
    }

    /// The price of a market now.
    pub fn price(&self, market: MarketId) -> Option<Price> {
        self.prices.quote(market).map(|quote| quote.price)
    }

    /// A token's price in the share class.
    pub fn token_price(&self, token: TokenId) -> Option<Decimal> {
        self.prices.token(token)
    }

    /// What can be taken out of a lending pool now: what all have supplied and not borrowed, ours with it. `None` where the data
    /// has no figures, and nothing is known to stand in the way.
    pub fn liquidity(&self, reserve: ReserveId) -> Option<Quantity> {
        self.liquidity_with(&self.books, reserve)
    }

    /// The same where these were the books.
    pub(super) fn liquidity_with(&self, books: &Books, reserve: ReserveId) -> Option<Quantity> {
        let figures = self.view.reserve(reserve)?;
        // At a utilisation of one all of the pool is lent out, and what is ours is a part of it.
        if figures.supplied.is_positive() && figures.supplied == figures.borrowed {
            return Some(Quantity::ZERO);
        }
        let reserve = self.universe().reserve(reserve);
        let ours = |key: Option<KeyId>| {
            key.map(|key| self.unscaled(key, books.quantity(key))).unwrap_or_default()
        };
        let lies = figures.supplied + ours(reserve.supplied);
        Some((lies - figures.borrowed - ours(reserve.borrowed)).max(Quantity::ZERO))
    }

    /// Margin balance of a venue less the initial margin of its positions; never below zero.
    pub fn free_margin(&self, venue: VenueId) -> Notional {
        match &self.margin[venue.index()] {
            Some(account) => (account.balance - account.initial()).max(Notional::ZERO),
            None => Notional::ZERO,
        }
    }

    /// What can be paid out of a token at a venue: what lies there, and for an exchange's cash in unified margin its credit.
    pub fn spendable(&self, venue: VenueId, token: TokenId) -> Quantity {
        let universe = self.universe();
        let Some(key) = universe.token_key(venue, token) else { return Quantity::ZERO };
        let credit = match &universe.venue(venue).margin {
            Some(rules) if rules.cash == key => rules.credit().as_quantity(),
            _ => Quantity::ZERO,
        };
        (self.books.quantity(key) + credit).max(Quantity::ZERO)
    }
}
