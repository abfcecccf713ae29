//! Moving tokens: transfers between venues, ETH into WETH and back.
//!
//! A transfer leaves at once and arrives after the duration of its rule; until then it is at the destination's transit key.
//! What arrives is the amount less the venue's fee.

use smallvec::SmallVec;

use crate::types::venue::VenueKind;
use crate::types::{Cause, KeyId, Posting, Quantity, Rejection, Timestamp, VenueId};

use super::refusal::refused;
use super::session::Session;

/// Tokens on their way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Arrival {
    /// Where it arrives.
    pub(super) venue: VenueId,
    /// When.
    pub(super) at: Timestamp,
    /// Where it is until then.
    pub(super) transit: KeyId,
    /// Where it is from then on.
    pub(super) to: KeyId,
    /// How much arrives.
    pub(super) amount: Quantity,
}

impl Arrival {
    /// What the arrival changes.
    pub(super) fn postings(&self) -> [Posting; 2] {
        [
            Posting::plain(self.transit, -self.amount, Cause::Move),
            Posting::plain(self.to, self.amount, Cause::Move),
        ]
    }
}

/// A token leaves for another venue: its postings, and what is then on its way.
pub(super) fn transfer(
    session: &Session,
    from: KeyId,
    to: KeyId,
    quantity: Quantity,
) -> Result<(SmallVec<[Posting; 4]>, Option<Arrival>), Rejection> {
    let universe = session.universe();
    let (source, target) = (session.key(from), session.key(to));
    if from == to || source.token != target.token {
        let message = format!("{} cannot be sent to {}", source.name, target.name);
        return Err(refused("ASSET_MISMATCH", message));
    }
    let venue = universe.venue(source.venue);
    let rule = venue.transfer_rule(source.token).ok_or_else(|| {
        let token = universe.token(source.token);
        refused("NO_ROUTE", format!("{token} cannot leave {}: it has no transfer rule", venue.name))
    })?;
    let is_instant = rule.duration.ms() <= 0;
    let reached = if is_instant {
        to
    } else {
        universe.transit_key(target.venue, target.token).ok_or_else(|| {
            refused("NO_ROUTE", format!("nothing can be on its way to {}", target.name))
        })?
    };
    // What the destination cannot hold (a chain has fewer decimals than an exchange) is lost with the fee.
    let decimals = target.decimals.min(session.key(reached).decimals);
    let amount = (quantity - rule.fee).towards_zero(decimals);
    if !amount.is_positive() {
        let message =
            format!("{quantity} of {} does not cover the fee of {}", source.name, rule.fee);
        return Err(refused("AMOUNT_TOO_SMALL", message));
    }
    let mut postings = SmallVec::new();
    postings.push(Posting::plain(from, -amount, Cause::Move));
    if quantity != amount {
        postings.push(Posting::plain(from, amount - quantity, Cause::Fee));
    }
    postings.push(Posting::plain(reached, amount, Cause::Move));
    let arrival = (!is_instant).then(|| Arrival {
        venue: target.venue,
        at: session.now + rule.duration,
        transit: reached,
        to,
        amount,
    });
    withdrawable(session, source.venue, from, quantity)?;
    Ok((postings, arrival))
}

/// ETH into WETH or back, one for one.
pub(super) fn wrap(
    session: &Session,
    from: KeyId,
    to: KeyId,
    quantity: Quantity,
) -> Result<SmallVec<[Posting; 4]>, Rejection> {
    let universe = session.universe();
    let (source, target) = (session.key(from), session.key(to));
    let pair = [&**universe.token(source.token), &**universe.token(target.token)];
    let is_wallet = universe.venue(source.venue).kind == VenueKind::Wallet;
    if source.venue != target.venue
        || !is_wallet
        || !matches!(pair, ["ETH", "WETH"] | ["WETH", "ETH"])
    {
        let message = format!(
            "{} cannot be wrapped into {}; only ETH and WETH of one wallet turn into each other",
            source.name, target.name
        );
        return Err(refused("ASSET_MISMATCH", message));
    }
    let mut postings = SmallVec::new();
    postings.push(Posting::plain(from, -quantity, Cause::Move));
    postings.push(Posting::plain(to, quantity, Cause::Move));
    Ok(postings)
}

/// Whether an amount is a whole number of a key's smallest units.
pub(super) fn whole_units(
    session: &Session,
    key: KeyId,
    quantity: Quantity,
) -> Result<(), Rejection> {
    let key = session.key(key);
    if quantity.is_positive() && quantity.towards_zero(key.decimals) == quantity {
        return Ok(());
    }
    let message =
        format!("{quantity} is no amount of {}, which has {} decimals", key.name, key.decimals);
    Err(refused("PRECISION", message))
}

/// Whether nothing that an operation touches would end below zero. Credit buys coins; it cannot be sent away.
pub(super) fn covered(session: &Session, postings: &[Posting]) -> Result<(), Rejection> {
    for posting in postings.iter().filter(|posting| posting.amount.is_negative()) {
        let change: Quantity = postings
            .iter()
            .filter(|other| other.key == posting.key)
            .map(|other| other.amount)
            .sum();
        let held = session.ledger.quantity(posting.key);
        if (held + change).is_negative() {
            let name = &session.key(posting.key).name;
            let message = format!("{name} holds {held}; the operation needs {}", -change);
            return Err(refused("INSUFFICIENT_BALANCE", message));
        }
    }
    Ok(())
}

/// Whether an exchange lets an amount go: its positions must keep their initial margin.
fn withdrawable(
    session: &Session,
    venue: VenueId,
    from: KeyId,
    quantity: Quantity,
) -> Result<(), Rejection> {
    let rules = session.universe().venue(venue);
    let (Some(account), Some(margin_rules)) = (session.account(venue), &rules.margin) else {
        return Ok(());
    };
    let trial = [(from, -quantity, crate::types::Notional::ZERO)];
    let after =
        super::margin::margin(account, margin_rules, session.ledger, session.weather, &trial);
    if after.initial.is_positive() && after.balance < after.initial {
        let message = format!(
            "{} keeps {} as margin of its positions; {quantity} would leave {}",
            rules.name, after.initial, after.balance
        );
        return Err(refused("INSUFFICIENT_MARGIN", message));
    }
    Ok(())
}
