//! Staking venues: ETH into a token at the protocol's rate, and back through a queue that fixes the rate at the request.
//!
//! What waits in the queue earns nothing. The venue gives and takes whole wei, rounded down.

use smallvec::SmallVec;

use crate::types::chain::StakingRules;
use crate::types::{Cause, Posting, Quantity, Rejection, VenueId};

use super::ray::{WAD_PLACES, quantity, units, wad};
use super::refusal::{refused, unavailable};
use super::session::Session;
use super::wallet::Arrival;

/// ETH in, the token out.
pub(super) fn stake(
    session: &Session,
    venue: VenueId,
    amount: Quantity,
) -> Result<SmallVec<[Posting; 4]>, Rejection> {
    let rules = rules(session, venue)?;
    let rate = rate(session, rules)?;
    let minted = units(amount.get(), session.key(rules.base).decimals) * wad() / rate;
    let minted = some(session, venue, amount, quantity(minted, session.key(rules.token).decimals))?;
    let mut postings = SmallVec::new();
    postings.push(Posting::plain(rules.base, -amount, Cause::Stake));
    postings.push(Posting::plain(rules.token, minted, Cause::Stake));
    Ok(postings)
}

/// The token into the queue; its ETH arrives when the queue has been waited for.
pub(super) fn unstake(
    session: &Session,
    venue: VenueId,
    amount: Quantity,
) -> Result<(SmallVec<[Posting; 4]>, Arrival), Rejection> {
    let rules = rules(session, venue)?;
    let queue = rules.queue.ok_or_else(|| {
        let name = &session.universe().venue(venue).name;
        refused("NO_QUEUE", format!("{name} takes nothing back; only a swap leads out"))
    })?;
    let decimals = session.key(rules.token).decimals;
    let claim = units(amount.get(), decimals) * rate(session, rules)? / wad();
    let claim = some(session, venue, amount, quantity(claim, session.key(rules.queued).decimals))?;
    let mut postings = SmallVec::new();
    postings.push(Posting::plain(rules.token, -amount, Cause::Stake));
    postings.push(Posting::plain(rules.queued, claim, Cause::Stake));
    let arrival = Arrival {
        venue,
        at: session.now + queue,
        transit: rules.queued,
        to: rules.base,
        amount: claim,
    };
    Ok((postings, arrival))
}

fn rules(session: &Session, venue: VenueId) -> Result<StakingRules, Rejection> {
    session.universe().staking(venue).copied().ok_or_else(|| {
        let name = &session.universe().venue(venue).name;
        refused("UNSUPPORTED", format!("{name} does not stake"))
    })
}

fn rate(session: &Session, rules: StakingRules) -> Result<ruint::aliases::U256, Rejection> {
    let token = session.key(rules.token).token;
    let rate = session.weather.rate(token).map(|rate| units(rate, WAD_PLACES));
    rate.filter(|rate| !rate.is_zero()).ok_or_else(|| {
        let token = session.universe().token(token);
        unavailable(format!("{token} has no rate at {}", session.now))
    })
}

/// What is given for an amount, when it is something and can be counted.
fn some(
    session: &Session,
    venue: VenueId,
    amount: Quantity,
    given: Option<Quantity>,
) -> Result<Quantity, Rejection> {
    let name = &session.universe().venue(venue).name;
    match given {
        Some(given) if given.is_positive() => Ok(given),
        Some(_) => Err(refused(
            "AMOUNT_TOO_SMALL",
            format!("{amount} is less than {name} can give anything for"),
        )),
        None => Err(refused("AMOUNT_TOO_LARGE", format!("{amount} is more than {name} can count"))),
    }
}
