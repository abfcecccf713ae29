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
    /// The largest leverage.
    pub max_leverage: Decimal,
    /// By the tiers in force.
    pub maintenance: Notional,
    /// Balance over notional; `None` without a position.
    pub ratio: Option<Decimal>,
}

impl MarginAccount {
    /// The initial margin of what is held: notional over the largest leverage.
    pub fn initial(&self) -> Notional {
        if self.notional.is_zero() {
            return Notional::ZERO;
        }
        Notional::new(self.notional.get() / self.max_leverage)
    }
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
        let mut account = MarginAccount {
            balance: cash_of(books, &self.rules),
            max_leverage: self.rules.max_leverage,
            ..Default::default()
        };
        for &(key, market) in &self.perps {
            let size = books.quantity(key);
            if size.is_zero() {
                continue;
            }
            let Some(quote) = prices.quote(market) else { continue };
            let value = quote.price * size;
            let notional = value.abs();
            account.balance += value - books.cost(key);
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

#[cfg(test)]
mod tests {
    use super::super::testkit::{Kit, dec};
    use super::*;

    fn account(kit: &Kit, mode: MarginMode) -> MarginAccount {
        let mut universe = Universe::clone(&kit.setup.universe);
        let venue = kit.venue("binance");
        let rules = MarginRules { mode, ..universe.venue(venue).margin.clone().unwrap() };
        universe.set_margin(venue, rules);
        let mut books = Books::new(&universe);
        let held = [
            kit.posting("binance:BaseToken:USDT", "500"),
            kit.posting("binance:BaseToken:BTC", "10"),
            kit.perp("-10", "-1000"),
        ];
        books.post(&universe, &held).unwrap();
        let prices = kit.prices("100", "101", "110");
        MarginPlan::of(&universe, venue).unwrap().account(
            &books,
            &prices,
            Timestamp::from_ms(1_700_000_000_000),
        )
    }

    #[test]
    fn coins_count_after_their_haircut_in_unified_margin_only() {
        let kit = Kit::new();
        let unified = account(&kit, MarginMode::Unified);
        // 500 − (1 100 − 1 000) + 0.95·1 010; a twentieth of 1 100; 0.4 % of it.
        assert_eq!(unified.balance.get(), dec("1359.5"));
        assert_eq!(
            (unified.notional.get(), unified.initial().get(), unified.maintenance.get()),
            (dec("1100"), dec("55"), dec("4.4"))
        );
        assert_eq!(unified.ratio.map(|ratio| ratio.round_dp(6)), Some(dec("1.235909")));
        assert_eq!(account(&kit, MarginMode::Usdt).balance.get(), dec("400"));
    }

    #[test]
    fn maintenance_is_continuous_from_tier_to_tier() {
        let kit = Kit::new();
        let universe = &kit.setup.universe;
        for name in ["binance", "bybit"] {
            let venue = universe.venue(kit.venue(name));
            let rules = venue.margin.as_ref().unwrap();
            let market = kit.market(name, MarketKind::Perp);
            let now = Timestamp::from_ms(1_700_000_000_000);
            let table = rules.tiers_at(market, now).unwrap();
            for pair in table.tiers.windows(2) {
                let edge = pair[0].up_to;
                let below = maintenance(rules, market, edge, now);
                let above = edge * pair[1].rate - pair[1].deduction;
                assert_eq!(below, above, "{name} at {edge}");
            }
            assert!(
                rules.tiers_at(market, Timestamp::from_ms(0)).is_none(),
                "no tier is in force before its date"
            );
        }
    }
}
