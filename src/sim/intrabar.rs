//! What the bar that has just closed did to an exchange account, in the order in which it must have happened.
//!
//! A bar tells four prices and not their order, so the order is against us: on each side of the open whatever is nearer to
//! it comes first (a stop before a liquidation that lies further out), both sides before any target, and a liquidation ends
//! the bar.

use std::ops::ControlFlow;

use rust_decimal::Decimal;

use crate::types::venue::MarginRules;
use crate::types::{MarketId, Posting, Price, Settlement};

use super::account::{Account, Perp};
use super::band::Band;
use super::liquidation::{self, Extreme, Path};
use super::protection::{self, Protection};
use super::session::Session;
use super::weather::Weather;

/// Hands on what happened and what it changed.
pub(super) type Tell<'a> = &'a mut dyn FnMut(Settlement, Vec<Posting>);

/// An account and what belongs to its way through a bar.
pub(super) struct Passage<'a> {
    pub(super) account: &'a Account,
    /// By market.
    pub(super) protections: &'a mut [Protection],
    /// Where the account is known to be safe.
    pub(super) band: &'a mut Option<Band>,
    /// The market at the bar's open.
    pub(super) before: &'a dyn Weather,
}

/// Runs an account through the bar and hands each thing that happened to `tell`.
pub(super) fn run(session: &mut Session, passage: &mut Passage, tell: Tell) {
    let account = passage.account;
    let Some(rules) = session.universe().venue(account.venue).margin.as_ref() else { return };
    if account.perps.iter().all(|perp| session.ledger.quantity(perp.position).is_zero()) {
        return;
    }
    let is_protected = |passage: &Passage| {
        let of = |perp: &Perp| passage.protections[perp.market.index()] != Protection::NONE;
        account.perps.iter().any(of)
    };
    if is_protected(passage) {
        // Stops that the open has passed fill there, before anything inside the bar, whatever their side.
        for extreme in [Extreme::Low, Extreme::High] {
            while let Some((part, market, price)) = nearest_stop(session, passage, extreme)
                && part.is_zero()
            {
                close(session, passage, market, price, tell);
            }
        }
    } else if passage.is_safe(session, rules) {
        return;
    }
    for extreme in [Extreme::Low, Extreme::High] {
        if adverse(session, passage, rules, extreme, tell).is_break() {
            return;
        }
    }
    if is_protected(passage) {
        targets(session, passage, tell);
    }
}

impl Passage<'_> {
    /// Whether the account cannot be liquidated in this bar. Draws a new band where the old one does not tell.
    fn is_safe(&mut self, session: &Session, rules: &MarginRules) -> bool {
        let [perp] = self.account.perps[..] else { return false };
        let Some(bar) = session.weather.just_closed(perp.market) else { return true };
        let covers = |band: &Band| band.covers(session.ledger, self.account, &bar, self.before);
        if self.band.as_ref().is_some_and(covers) {
            return true;
        }
        let path = Path::of(session, self.account, rules, self.before);
        *self.band = path
            .and_then(|path| Band::around(&path, session.ledger, self.account, rules, self.before));
        self.band.is_some()
    }
}

/// The stops and the liquidation on one side of the open, the nearest first. Breaks when the account was liquidated.
fn adverse(
    session: &mut Session,
    passage: &mut Passage,
    rules: &MarginRules,
    extreme: Extreme,
    tell: Tell,
) -> ControlFlow<()> {
    // Each round closes a position, so there are no more rounds than positions and one.
    loop {
        let path = if passage.is_safe(session, rules) {
            None
        } else {
            Path::of(session, passage.account, rules, passage.before)
        };
        let crossing = path.as_ref().and_then(|path| path.crossing(extreme));
        match (nearest_stop(session, passage, extreme), path.zip(crossing)) {
            (Some((part, market, price)), limit)
                if limit.as_ref().is_none_or(|(_, limit)| part <= *limit) =>
            {
                close(session, passage, market, price, tell);
            }
            (_, Some((path, part))) => {
                let prices = path.prices(extreme, part);
                for &(market, _) in &prices {
                    passage.protections[market.index()] = Protection::NONE;
                }
                tell(
                    Settlement::Liquidation,
                    liquidation::close(session, rules.liquidation_fee, &prices),
                );
                return ControlFlow::Break(());
            }
            _ => return ControlFlow::Continue(()),
        }
    }
}

/// Closes a position as its stop or target does.
fn close(session: &mut Session, passage: &mut Passage, market: MarketId, price: Price, tell: Tell) {
    let postings = protection::fill(session, passage.protections, market, price);
    tell(Settlement::Protection(market), postings.into_vec());
}

/// Targets of the positions that the bar has left.
fn targets(session: &mut Session, passage: &mut Passage, tell: Tell) {
    for perp in &passage.account.perps {
        let size = session.ledger.quantity(perp.position);
        let protection = passage.protections[perp.market.index()];
        if size.is_zero() || protection.take_profit.is_none() {
            continue;
        }
        let bar = session.weather.just_closed(perp.market);
        if let Some(price) = bar.and_then(|bar| protection.target(size, &bar)) {
            close(session, passage, perp.market, price, tell);
        }
    }
}

/// The stop that is hit first on a side: how far out it lies, where, and at which price it fills.
fn nearest_stop(
    session: &Session,
    passage: &Passage,
    extreme: Extreme,
) -> Option<(Decimal, MarketId, Price)> {
    let mut nearest: Option<(Decimal, MarketId, Price)> = None;
    for perp in &passage.account.perps {
        let protection = passage.protections[perp.market.index()];
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
