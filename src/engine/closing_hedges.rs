//! What of the perps stays while everything is closed: as much as hedges what cannot be closed yet, because a pool is lent out,
//! an exchange is silent, or coins are on their way.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::types::risk::Limit;
use crate::types::{Market, MarketKind, Notional, Quantity, RiskLevel, TokenId};

use super::step_view::StepView;

/// By token: which part of the perps on it is closed now.
pub(super) struct Hedges {
    parts: BTreeMap<TokenId, Decimal>,
}

impl Hedges {
    /// Of each token but the share class's own: R is what will still be held of it when all coins that can be sold now are,
    /// P < 0 what its perps are. |R| of them stay where the two have different signs; of the rest each perp closes the same part.
    pub(super) fn of(step: &StepView) -> Self {
        let universe = step.universe();
        let home = universe.base(step.setup.share_class.token);
        let mut parts = BTreeMap::new();
        for token in universe.markets().iter().map(|market| market.base) {
            if token != home && !parts.contains_key(&token) {
                parts.insert(token, part_to_close(step, token));
            }
        }
        Self { parts }
    }

    /// Whether anything is kept.
    pub(super) fn keep_any(&self) -> bool {
        self.parts.values().any(|part| *part < Decimal::ONE)
    }

    /// How much of a perp is to be closed. Where margin is past a limit all of it is: it would be liquidated.
    pub(super) fn to_close(&self, step: &StepView, market: &Market) -> Quantity {
        let held = step.balance(market.position).abs();
        let is_short_of_margin = step.risk.breaches.iter().any(|breach| {
            breach.limit == Limit::MarginRatio
                && breach.venue == Some(market.venue)
                && breach.level >= RiskLevel::Reduce
        });
        match self.parts.get(&market.base) {
            Some(part) if !is_short_of_margin => Quantity::new(held.get() * part),
            _ => held,
        }
    }
}

fn part_to_close(step: &StepView, token: TokenId) -> Decimal {
    let on_it = || step.universe().markets().iter().filter(|market| market.base == token);
    let of = |kind| on_it().filter(move |market| market.kind == kind);
    let perps: Quantity = of(MarketKind::Perp).map(|market| step.balance(market.position)).sum();
    if perps.is_zero() {
        return Decimal::ONE;
    }
    let sold: Quantity = of(MarketKind::Spot).filter_map(|market| is_sold_now(step, market)).sum();
    let rest = step.net_delta[token.index()] - perps - sold;
    if rest.is_negative() == perps.is_negative() {
        return Decimal::ONE;
    }
    // What no order can sell needs no hedge, and the gas tank is never sold.
    let least: Notional = of(MarketKind::Spot).map(|market| market.min_notional).sum();
    let open = (rest.abs() - tank(step, token)).max(Quantity::ZERO);
    let price = on_it().find_map(|market| step.price(market.id));
    if price.is_none_or(|price| price * open <= least) {
        return Decimal::ONE;
    }
    Decimal::ONE - rest.abs().min(perps.abs()).get() / perps.abs().get()
}

/// What of a spot market's coins can be sold now and is worth an order, in whole lots; not of the share class's own.
pub(super) fn is_sold_now(step: &StepView, market: &Market) -> Option<Quantity> {
    if market.base == step.setup.share_class.token {
        return None;
    }
    let quote = step.prices.quote(market.id).filter(|quote| quote.tradable)?;
    let held = step.balance(market.position).max(Quantity::ZERO).floor_to_lot(market.lot);
    (held.is_positive() && quote.price * held >= market.min_notional).then_some(held)
}

/// What is kept for gas of a token.
pub(super) fn tank(step: &StepView, token: TokenId) -> Quantity {
    let mut venues = step.universe().venues().iter();
    let gas = venues.find_map(|venue| venue.gas.as_ref());
    let is_paid_in = gas.is_some_and(|gas| step.universe().instrument(gas.key).token == token);
    if is_paid_in { step.setup.gas_tank } else { Quantity::ZERO }
}
