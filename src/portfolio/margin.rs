//! The margin account of an exchange: what counts as margin, what the positions require.
//!
//! Margin balance = Σ collateral ratio × max(q, 0) × P + cash + unrealised profit (unified), or cash + unrealised profit.
//! Maintenance = Σ notional × tier rate − tier deduction, by the tiers in force; initial = Σ notional / largest leverage.

use rust_decimal::Decimal;

use crate::types::venue::{MarginMode, MarginRules};
use crate::types::{
    KeyId, MarketId, MarketKind, Notional, PositionType, Price, Quantity, Rate, Timestamp, TokenId,
    Universe, VenueId,
};

use super::books::Books;
use super::prices::Prices;

/// An exchange's margin account at one moment. All amounts in the quote token.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MarginAccount {
    /// What counts as margin.
    pub balance: Notional,
    /// Σ |position notional| at mark.
    pub notional: Notional,
    /// Notional over the largest leverage.
    pub initial: Notional,
    /// By the tiers in force.
    pub maintenance: Notional,
    /// Balance over notional; `None` without a position.
    pub ratio: Option<Decimal>,
}

/// The keys and rules of one exchange's account, found once.
#[derive(Clone, Debug)]
pub struct MarginPlan {
    venue: VenueId,
    rules: MarginRules,
    perps: Vec<(KeyId, MarketId)>,
    coins: Vec<(KeyId, MarketId, Rate)>,
}

impl MarginPlan {
    /// The plan of a venue, when it margins positions.
    pub fn of(universe: &Universe, venue: VenueId) -> Option<Self> {
        let rules = universe.venue(venue).margin.clone()?;
        let ratio_of = |token: TokenId| {
            rules
                .collateral_ratio
                .iter()
                .find(|(of, _)| *of == token)
                .map_or(Rate::ZERO, |(_, ratio)| *ratio)
        };
        let markets = universe.markets().iter().filter(|market| market.venue == venue);
        let (mut perps, mut coins) = (Vec::new(), Vec::new());
        for market in markets {
            match market.kind {
                MarketKind::Perp => perps.push((market.position, market.id)),
                MarketKind::Spot => coins.push((market.position, market.id, ratio_of(market.base))),
            }
        }
        debug_assert!(
            perps
                .iter()
                .all(|(key, _)| universe.instrument(*key).position_type == PositionType::Perp)
        );
        Some(Self { venue, rules, perps, coins })
    }

    /// The venue.
    pub fn venue(&self) -> VenueId {
        self.venue
    }

    /// The account now. A market without a price counts its position at entry cost.
    pub fn account(&self, books: &Books, prices: &Prices, now: Timestamp) -> MarginAccount {
        let mut account =
            MarginAccount { balance: cash_of(books, &self.rules), ..Default::default() };
        for &(key, market) in &self.perps {
            let size = books.quantity(key);
            if size.is_zero() {
                continue;
            }
            let Some(quote) = prices.quote(market) else { continue };
            let notional = (quote.price * size).abs();
            account.balance += quote.price * size - books.cost(key);
            account.notional += notional;
            account.maintenance += maintenance(&self.rules, market, notional, now);
        }
        if self.rules.mode == MarginMode::Unified {
            for &(key, market, ratio) in &self.coins {
                let quantity = books.quantity(key);
                if let (true, Some(quote)) = (quantity.is_positive(), prices.quote(market)) {
                    account.balance += quote.price * quantity * ratio;
                }
            }
        }
        if account.notional.is_positive() {
            account.initial = Notional::new(account.notional.get() / self.rules.max_leverage);
            account.ratio = Some(account.balance.get() / account.notional.get());
        }
        account
    }

    /// By how much one coin more at `price` changes the balance as collateral, and one perp coin the initial margin.
    pub fn collateral_of(&self, market: MarketId, price: Price, quantity: Quantity) -> Notional {
        match self.coins.iter().find(|(_, of, _)| *of == market) {
            Some((_, _, ratio)) if self.rules.mode == MarginMode::Unified => {
                price * quantity * *ratio
            }
            _ => Notional::ZERO,
        }
    }

    /// The rules behind the plan.
    pub fn rules(&self) -> &MarginRules {
        &self.rules
    }
}

fn cash_of(books: &Books, rules: &MarginRules) -> Notional {
    Notional::new(books.quantity(rules.cash).get())
}

/// The maintenance margin of one position; beyond the last tier its rate goes on.
pub fn maintenance(
    rules: &MarginRules,
    market: MarketId,
    notional: Notional,
    now: Timestamp,
) -> Notional {
    let Some(table) = rules.tiers_at(market, now) else { return Notional::ZERO };
    let tier = table.tiers.iter().find(|tier| notional <= tier.up_to).or(table.tiers.last());
    tier.map_or(Notional::ZERO, |tier| notional * tier.rate - tier.deduction)
}
