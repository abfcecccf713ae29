//! Swaps at a pool: a staking token against ETH or WETH at what the market pays, another at its price, less spread, impact and
//! the pool's fee.
//!
//! The cost of a size is the table's, linear between its points and beyond the last growing with a power of at least a half:
//! never clamped. A pool remembers until the next tick what was swapped the same way: n swaps cost what one of their sum does.

use rust_decimal::{Decimal, MathematicalOps};
use smallvec::SmallVec;

use crate::types::chain::{Draw, SwapRule};
use crate::types::{
    Cause, Exact, KeyId, Notional, Posting, Price, Quantity, Rejection, TokenId, VenueId,
};

use super::refusal::{refused, unavailable};
use super::session::Session;

/// Rounds in which the size of a swap for an exact output settles.
const ROUNDS: usize = 8;

/// A swap as it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Swap {
    pub(super) venue: VenueId,
    pub(super) from: KeyId,
    pub(super) to: KeyId,
    pub(super) exact: Exact,
    /// Of the side that is exact.
    pub(super) amount: Quantity,
    /// The least that one given token must bring, after the fee.
    pub(super) limit: Option<Price>,
}

/// What a swap changes, the price that it had, and what it draws from its pool.
pub(super) struct Swapped {
    pub(super) postings: SmallVec<[Posting; 4]>,
    pub(super) price: Price,
    pub(super) draw: Draw,
}

/// What a swap does to us and to its pool.
pub(super) fn swap(session: &Session, swap: &Swap) -> Result<Swapped, Rejection> {
    let (from, to) = (session.key(swap.from), session.key(swap.to));
    let rule = rule(session, swap.venue, from.token, to.token)?;
    let price = price(session, rule, from.token, to.token)?;
    let at_market = match swap.exact {
        Exact::In => swap.amount.get(),
        // The fee is taken from what is brought.
        Exact::Out => swap.amount.get() / (price * (Decimal::ONE - rule.fee.get())),
    };
    let draws = &session.ledger.depth().draws;
    let drawn = |given| -> Result<(Draw, Decimal), Rejection> {
        let size = Notional::new(size(session, from.token, given)?);
        let is_sale = rule.token == from.token;
        let draw = Draw { venue: swap.venue, token: rule.token, is_sale, size };
        let lost = impact_after(rule, draw.after(draws).get(), size.get());
        Ok((draw, Decimal::ONE - lost.unwrap_or(Decimal::ONE)))
    };
    let mut given = at_market;
    let (mut draw, mut kept) = drawn(given)?;
    // What is given for an exact output grows with what is lost, and that with what is given.
    for _ in 0..if swap.exact == Exact::Out { ROUNDS } else { 0 } {
        if kept <= Decimal::ZERO {
            break;
        }
        given = at_market / kept;
        (draw, kept) = drawn(given)?;
    }
    if kept <= Decimal::ZERO {
        let message = format!("{} {} is more than the pool can take", given.round_dp(6), from.name);
        return Err(refused("INSUFFICIENT_LIQUIDITY", message));
    }
    let paid = price * kept;
    let net = Decimal::ONE - rule.fee.get();
    // The pool keeps every fraction: what is received is rounded down, what is given and the fee are rounded up.
    let (given, brought, fee) = match swap.exact {
        Exact::In => {
            let brought = Quantity::new(given * paid).towards_zero(to.decimals);
            let fee = (brought * rule.fee).away_from_zero(to.decimals);
            (swap.amount, brought, fee)
        }
        Exact::Out => {
            let brought = Quantity::new(swap.amount.get() / net).away_from_zero(to.decimals);
            let given = Quantity::new(brought.get() / paid).away_from_zero(from.decimals);
            (given, brought, brought - swap.amount)
        }
    };
    let received = brought - fee;
    if !received.is_positive() || !given.is_positive() {
        return Err(refused("AMOUNT_TOO_SMALL", format!("{} brings nothing", swap.amount)));
    }
    let price = Price::new(received.get() / given.get());
    if let Some(limit) =
        swap.limit.filter(|limit| received < (*limit * given).as_quantity().floor(to.decimals))
    {
        let message = format!("one {} brings {price}, the order asks for {limit}", from.name);
        return Err(refused("TOO_LITTLE_RECEIVED", message));
    }
    let mut postings = SmallVec::new();
    let traded =
        |key, amount| Posting { price: Some(price), ..Posting::plain(key, amount, Cause::Swap) };
    postings.push(traded(swap.from, -given));
    postings.push(traded(swap.to, brought));
    if !fee.is_zero() {
        postings.push(Posting::plain(swap.to, -fee, Cause::Fee));
    }
    Ok(Swapped { postings, price, draw })
}

/// The pool of a pair: a staking token on one side, what it follows on the other.
fn rule<'a>(
    session: &Session<'a>,
    venue: VenueId,
    from: TokenId,
    to: TokenId,
) -> Result<&'a SwapRule, Rejection> {
    let universe = session.universe();
    let found = universe.pool(venue, from, to);
    found.ok_or_else(|| {
        let (from, to) = (universe.token(from), universe.token(to));
        let name = &universe.venue(venue).name;
        refused("NO_POOL", format!("{name} has no pool of {from} and {to}"))
    })
}

/// What one token given is worth in the other: by what the market pays for a staking token, and of tokens that do not follow
/// each other by their prices.
fn price(
    session: &Session,
    rule: &SwapRule,
    from: TokenId,
    to: TokenId,
) -> Result<Decimal, Rejection> {
    let base = |token| session.universe().base(token);
    if base(rule.token) == base(rule.against) {
        return Ok(worth(session, from)? / worth(session, to)?);
    }
    let (given, brought) = (size(session, from, Decimal::ONE)?, size(session, to, Decimal::ONE)?);
    given.checked_div(brought).filter(|price| !price.is_zero()).ok_or_else(|| {
        let names = [from, to].map(|token| session.universe().token(token));
        unavailable(format!("{} has no price in {}", names[0], names[1]))
    })
}

/// What the market pays for a token in its base token.
fn worth(session: &Session, token: TokenId) -> Result<Decimal, Rejection> {
    let is_plain = session.weather.rate(token).is_none_or(|rate| rate == Decimal::ONE);
    let rate = session.weather.lst_market_rate(token).or(is_plain.then_some(Decimal::ONE));
    rate.ok_or_else(|| {
        let token = session.universe().token(token);
        unavailable(format!("{token} has no market rate at {}", session.now))
    })
}

/// What is given, in quote.
fn size(session: &Session, token: TokenId, given: Decimal) -> Result<Decimal, Rejection> {
    let price = session.weather.reference(token).and_then(|price| price.get().checked_mul(given));
    price.ok_or_else(|| {
        let token = session.universe().token(token);
        unavailable(format!("{token} has no price at {}", session.now))
    })
}

/// The impact of a size at a pool from which `drawn` is gone already; `None` beyond any number.
fn impact_after(rule: &SwapRule, drawn: Decimal, size: Decimal) -> Option<Decimal> {
    if drawn.is_zero() {
        return Some(impact(rule, size));
    }
    let all = drawn.checked_add(size)?;
    let (of_all, of_drawn) =
        (all.checked_mul(impact(rule, all))?, drawn.checked_mul(impact(rule, drawn))?);
    of_all.checked_sub(of_drawn)?.checked_div(size)
}

fn impact(rule: &SwapRule, size: Decimal) -> Decimal {
    let mut below: Option<(Decimal, Decimal)> = None;
    for point in &rule.costs {
        let (at, cost) = (point.size.get(), point.cost.get());
        if size <= at {
            return match below {
                None => cost,
                Some((lower, least)) => least + (cost - least) * ((size - lower) / (at - lower)),
            };
        }
        below = Some((at, cost));
    }
    let Some((last, cost)) = below else { return Decimal::ZERO };
    match (size / last).checked_powd(rule.power) {
        Some(grown) => cost.checked_mul(grown).unwrap_or(Decimal::ONE),
        None => Decimal::ONE,
    }
}
