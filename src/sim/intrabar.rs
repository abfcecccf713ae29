//! What the bar that has just closed did to an exchange account, in the order in which it must have happened.
//!
//! A bar tells four prices and not their order, so the order is against us: on each side of the open whatever is nearer to
//! it comes first (a stop before a liquidation that lies further out), both sides before any target, and a liquidation ends
//! the bar.

use rust_decimal::Decimal;

use crate::types::venue::MarginRules;
use crate::types::{MarketId, Posting, Price, Settlement};

use super::account::Account;
use super::liquidation::{self, Extreme, Path};
use super::protection::{self, Protection};
use super::session::Session;
use super::weather::Weather;

/// Runs an account through the bar and hands each thing that happened to `tell`.
pub(super) fn run(
    session: &mut Session,
    account: &Account,
    protections: &mut [Protection],
    before: &dyn Weather,
    tell: &mut dyn FnMut(Settlement, Vec<Posting>),
) {
    let Some(rules) = session.universe().venue(account.venue).margin.as_ref() else { return };
    // Stops that the open has passed fill there, before anything inside the bar, whatever their side.
    for extreme in [Extreme::Low, Extreme::High] {
        while let Some((part, market, price)) = nearest_stop(session, account, protections, extreme)
            && part.is_zero()
        {
            let postings = protection::fill(session, protections, market, price);
            tell(Settlement::Protection(market), postings.into_vec());
        }
    }
    for extreme in [Extreme::Low, Extreme::High] {
        if adverse(session, account, rules, protections, before, extreme, tell).is_break() {
            return;
        }
    }
    for perp in &account.perps {
        let size = session.ledger.quantity(perp.position);
        if size.is_zero() || protections[perp.market.index()] == Protection::NONE {
            continue;
        }
        let hit = session
            .weather
            .just_closed(perp.market)
            .and_then(|bar| protections[perp.market.index()].target(size, &bar));
        if let Some(price) = hit {
            let postings = protection::fill(session, protections, perp.market, price);
            tell(Settlement::Protection(perp.market), postings.into_vec());
        }
    }
}

/// The stops and the liquidation on one side of the open, the nearest first. Breaks when the account was liquidated.
fn adverse(
    session: &mut Session,
    account: &Account,
    rules: &MarginRules,
    protections: &mut [Protection],
    before: &dyn Weather,
    extreme: Extreme,
    tell: &mut dyn FnMut(Settlement, Vec<Posting>),
) -> std::ops::ControlFlow<()> {
    // Each round closes a position, so there are no more rounds than positions and one.
    while let Some(path) = Path::of(session, account, rules, before) {
        let crossing = path.crossing(extreme);
        let stop = nearest_stop(session, account, protections, extreme);
        match (stop, crossing) {
            (Some((part, market, price)), limit) if limit.is_none_or(|limit| part <= limit) => {
                let postings = protection::fill(session, protections, market, price);
                tell(Settlement::Protection(market), postings.into_vec());
            }
            (_, Some(part)) => {
                let prices = path.prices(extreme, part);
                for &(market, _) in &prices {
                    protections[market.index()] = Protection::NONE;
                }
                tell(Settlement::Liquidation, liquidation::close(session, rules, &prices));
                return std::ops::ControlFlow::Break(());
            }
            _ => break,
        }
    }
    std::ops::ControlFlow::Continue(())
}

/// The stop that is hit first on a side: how far out it lies, where, and at which price it fills.
fn nearest_stop(
    session: &Session,
    account: &Account,
    protections: &[Protection],
    extreme: Extreme,
) -> Option<(Decimal, MarketId, Price)> {
    let mut nearest: Option<(Decimal, MarketId, Price)> = None;
    for perp in &account.perps {
        let protection = protections[perp.market.index()];
        let size = session.ledger.quantity(perp.position);
        let side = if size.is_negative() { Extreme::High } else { Extreme::Low };
        if protection.stop_loss.is_none() || size.is_zero() || side != extreme {
            continue;
        }
        let Some(bar) = session.weather.just_closed(perp.market) else { continue };
        let Some(price) = protection.stop(size, &bar) else { continue };
        let run = extreme.of(&bar).get() - bar.open.get();
        let part = (price.get() - bar.open.get()).checked_div(run).unwrap_or_default();
        if nearest.is_none_or(|(known, ..)| part < known) {
            nearest = Some((part, perp.market, price));
        }
    }
    nearest
}
