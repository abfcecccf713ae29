//! What stays while everything is closed: as much of the perps as hedges what cannot be closed yet, because a pool is lent out, an
//! exchange is silent, or coins are on their way; and as many of the coins as hedge perps that cannot be closed yet.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::portfolio::equity::base_coins;
use crate::types::risk::Limit;
use crate::types::{
    Breach, Item, Market, MarketKind, Notional, Quantity, RiskLevel, TokenId, VenueId,
};

use super::step_view::StepView;

/// By token: which part of what can be closed now is closed.
pub(super) struct Hedges {
    parts: BTreeMap<TokenId, Parts>,
}

/// Which part of what can be closed of a token is closed now, from nothing to one.
#[derive(Clone, Copy)]
struct Parts {
    /// Of coins at exchanges, and of perps that are long.
    longs: Decimal,
    /// Of perps that are short.
    shorts: Decimal,
}

impl Hedges {
    /// Of each token but the share class's own: U is what will be held of it, perps counted, when all that can be closed now is
    /// and `items` on chain have changed what they are expected to. Of what can be closed |U| stays on the other side; of the
    /// rest of that side each position closes the same part.
    pub(super) fn after(step: &StepView, items: &[Item]) -> Self {
        let universe = step.universe();
        let home = universe.base(step.setup.share_class.token);
        let mut parts = BTreeMap::new();
        for token in universe.markets().iter().map(|market| market.base) {
            if token != home && !parts.contains_key(&token) {
                let changed = changed_by(step, items, token);
                parts.insert(token, parts_to_close(step, token, changed));
            }
        }
        Self { parts }
    }

    /// Whether anything is kept.
    pub(super) fn keep_any(&self) -> bool {
        let is_kept = |parts: &Parts| parts.longs.min(parts.shorts) < Decimal::ONE;
        self.parts.values().any(is_kept)
    }

    /// How much of a market's position is to be closed now, before it is rounded to lots. Where margin is past a limit as much of
    /// a perp goes as meets it, whatever it hedges: it would be liquidated.
    pub(super) fn to_close(&self, step: &StepView, market: &Market) -> Quantity {
        let Some(held) = closable(step, market) else { return Quantity::ZERO };
        let is_perp = market.kind == MarketKind::Perp;
        match self.parts.get(&market.base) {
            Some(parts) => {
                let part = if held.is_negative() { parts.shorts } else { parts.longs };
                let by_hedge = Quantity::new(held.abs().get() * part);
                let over = if is_perp { over_margin(step, market.venue) } else { Decimal::ZERO };
                if over.is_zero() {
                    return by_hedge;
                }
                // A lot more, so that the limit is met.
                let by_margin = Quantity::new(held.abs().get() * over + market.lot.get());
                by_hedge.max(by_margin).min(held.abs())
            }
            None => held.abs(),
        }
    }
}

/// Whether a venue's margin is so low that it must be made better at once.
pub(super) fn is_short_of_margin(step: &StepView, venue: VenueId) -> bool {
    margin_breach(step, venue).is_some()
}

fn margin_breach(step: &StepView, venue: VenueId) -> Option<&Breach> {
    step.risk.breaches.iter().find(|breach| {
        breach.limit == Limit::MarginRatio
            && breach.venue == Some(venue)
            && breach.level >= RiskLevel::Reduce
    })
}

/// Which part of a venue's perps is more than its margin bears at the limit that it is past; nothing where it is past none.
fn over_margin(step: &StepView, venue: VenueId) -> Decimal {
    let breach_and_account = margin_breach(step, venue).zip(step.margin[venue.index()]);
    let Some((breach, account)) = breach_and_account else { return Decimal::ZERO };
    let borne = account.balance.get().checked_div(breach.bound).unwrap_or_default();
    let part = borne.checked_div(account.notional.get()).unwrap_or_default();
    (Decimal::ONE - part).clamp(Decimal::ZERO, Decimal::ONE)
}

/// By how much orders are expected to change what is held of a token, their gas counted.
fn changed_by(step: &StepView, items: &[Item], token: TokenId) -> Quantity {
    let universe = step.universe();
    let orders = items.iter().flat_map(Item::orders);
    let deltas = orders.flat_map(|order| &order.deltas);
    let changes = deltas.filter_map(|delta| {
        let key = universe.instrument(delta.key);
        let is_of_it = universe.base(key.token) == token;
        is_of_it.then(|| base_coins(key, delta.expected, &step.prices))
    });
    changes.sum()
}

fn parts_to_close(step: &StepView, token: TokenId, changed: Quantity) -> Parts {
    let on_it = || step.universe().markets().iter().filter(|market| market.base == token);
    let positions = || on_it().filter_map(|market| closable(step, market));
    let longs: Quantity = positions().filter(|held| held.is_positive()).sum();
    let shorts: Quantity = positions().filter(|held| held.is_negative()).sum();
    let rest = step.net_delta[token.index()] + changed - longs - shorts;
    let kept = |of: Quantity| match of.is_zero() {
        true => Decimal::ONE,
        false => Decimal::ONE - rest.abs().min(of.abs()).get() / of.abs().get(),
    };
    // What no order can sell needs no hedge, and the gas tank is never sold.
    let spot = on_it().filter(|market| market.kind == MarketKind::Spot);
    let least: Notional = spot.map(|market| market.min_notional).sum();
    let open = match rest.is_negative() {
        true => rest.abs(),
        false => (rest - tank(step, token)).max(Quantity::ZERO),
    };
    let price = on_it().find_map(|market| step.price(market.id));
    let is_needless = price.is_none_or(|price| price * open <= least);
    match rest.is_negative() {
        _ if is_needless => Parts { longs: Decimal::ONE, shorts: Decimal::ONE },
        true => Parts { longs: kept(longs), shorts: Decimal::ONE },
        false => Parts { longs: Decimal::ONE, shorts: kept(shorts) },
    }
}

/// What of a market's position can be closed now, signed: coins where they are worth an order and not the share class's own, in
/// whole lots; perps whatever their size.
fn closable(step: &StepView, market: &Market) -> Option<Quantity> {
    let quote = step.prices.quote(market.id).filter(|quote| quote.tradable)?;
    let held = step.balance(market.position);
    if market.kind == MarketKind::Perp {
        return Some(held);
    }
    if market.base == step.setup.share_class.token {
        return None;
    }
    let held = held.max(Quantity::ZERO).floor_to_lot(market.lot);
    (held.is_positive() && quote.price * held >= market.min_notional).then_some(held)
}

/// What is kept for gas of a token.
pub(super) fn tank(step: &StepView, token: TokenId) -> Quantity {
    let mut venues = step.universe().venues().iter();
    let gas = venues.find_map(|venue| venue.gas.as_ref());
    let is_paid_in = gas.is_some_and(|gas| step.universe().instrument(gas.key).token == token);
    if is_paid_in { step.setup.gas_tank } else { Quantity::ZERO }
}
