//! A centralised exchange serving a trade: checks in the order an exchange makes them, then fills, fees, postings.
//!
//! Spot changes coins and cash; a linear perp changes size and cost, pays what is realised and charges its fee in cash.
//! Amounts paid are rounded up and amounts received down to the decimals of their key.

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::types::{
    Cause, Execution, FeeAsset, KeyId, Market, MarketId, MarketKind, Notional, Posting, Price,
    Quantity, Rejection, Side,
};

use super::margin::margin;
use super::matching::{Liquidity, Match};
use super::perp;
use super::refusal::{refused, unavailable};
use super::session::Session;

/// A market order with the worst price it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trade {
    pub(super) market: MarketId,
    pub(super) side: Side,
    /// Coins, positive.
    pub(super) quantity: Quantity,
    pub(super) limit: Option<Price>,
    /// Whether it may only make the position smaller.
    pub(super) reduce_only: bool,
    /// The share of the quantity for which there is a counterparty; one but for a fault.
    pub(super) share: Decimal,
}

/// Fills a trade at this moment's price, or says why not. Posts nothing when it refuses.
pub(super) fn trade(session: &mut Session, trade: &Trade) -> Result<Execution, Rejection> {
    let market = session.market(trade.market);
    let quantity = allowed(session, market, trade)?;
    let fill = matched(session, market, trade, quantity)?;
    let postings = match market.kind {
        MarketKind::Spot => spot(session, market, trade.side, fill),
        MarketKind::Perp => {
            perp_postings(session, market, trade.side.signed(fill.quantity), fill.price)
        }
    };
    match market.kind {
        MarketKind::Spot => covered(session, market, &postings)?,
        MarketKind::Perp => {}
    }
    margined(session, market, trade.side, fill.quantity, &postings)?;
    session.ledger.post(&postings);
    session.ledger.depth_mut().fill(market.id, trade.side, fill.quantity);
    Ok(Execution {
        executed: fill.quantity,
        average_price: Some(fill.price),
        deltas: postings.into_vec(),
        gas_used: None,
        submitted_at: session.now,
        executed_at: session.now,
    })
}

/// What a perp trade of a signed size at a price changes: size and cost, what is realised, the fee.
pub(super) fn perp_postings(
    session: &Session,
    market: &Market,
    change: Quantity,
    price: Price,
) -> SmallVec<[Posting; 4]> {
    let decimals = session.key(market.cash).decimals;
    let effect =
        perp::change(session.ledger.slots()[market.position.index()], change, price, decimals);
    let mut postings = SmallVec::new();
    postings.push(Posting {
        cost: effect.cost,
        price: Some(price),
        ..Posting::of_market(market.position, change, Cause::Trade, market.id)
    });
    if !effect.closed.is_zero() {
        let paid = effect.realised.as_quantity();
        postings.push(Posting::of_market(market.cash, paid, Cause::Realised, market.id));
    }
    let fee = (price * change.abs() * market.fee).away_from_zero(decimals).as_quantity();
    push_fee(&mut postings, market, market.cash, fee);
    postings
}

/// Whether the market trades and takes an order of this size; the quantity after `reduce_only` has clipped it.
fn allowed(session: &Session, market: &Market, trade: &Trade) -> Result<Quantity, Rejection> {
    let name = || session.market_name(market);
    let price = match session.weather.quote(market.id) {
        Some(quote) if quote.tradable => quote.price,
        _ => return Err(unavailable(format!("{} does not trade at {}", name(), session.now))),
    };
    let quantity = trade.quantity;
    if !quantity.is_positive() || !quantity.is_multiple_of(market.lot) {
        let message = format!("{} takes whole lots of {}; {quantity} is none", name(), market.lot);
        return Err(refused("LOT_SIZE", message));
    }
    if trade.reduce_only {
        return reduced(session, market, trade);
    }
    if price * quantity < market.min_notional {
        let message = format!(
            "{quantity} at {price} is worth less than the {} that {} asks for",
            market.min_notional,
            name()
        );
        return Err(refused("MIN_NOTIONAL", message));
    }
    Ok(quantity)
}

/// The part of a reduce-only order that makes the position smaller. It may be as small as the position is.
fn reduced(session: &Session, market: &Market, trade: &Trade) -> Result<Quantity, Rejection> {
    let held = session.ledger.quantity(market.position);
    let change = trade.side.signed(trade.quantity);
    let reduces = !held.is_zero() && held.is_negative() != change.is_negative();
    if !reduces {
        let message = format!(
            "a reduce-only order cannot change a position of {held} at {} by {change}",
            session.market_name(market)
        );
        return Err(refused("REDUCE_ONLY", message));
    }
    Ok(trade.quantity.min(held.abs()))
}

fn matched(
    session: &Session,
    market: &Market,
    trade: &Trade,
    quantity: Quantity,
) -> Result<Match, Rejection> {
    let quote = session.weather.quote(market.id);
    let price = quote.map_or(Price::ZERO, |quote| quote.price);
    let rule = session.setup.conditions[market.venue.index()].impact;
    // Before the first bar has closed there is nothing to measure an impact against; the spread is charged all the same.
    let volume = session.weather.closed_bar(market.id).map(|bar| bar.volume);
    let liquidity = Liquidity {
        price,
        half_spread: market.half_spread,
        impact: rule.zip(volume),
        filled: session.ledger.depth().filled(market.id, trade.side),
    };
    let offered = if trade.share == Decimal::ONE {
        quantity
    } else {
        Quantity::new(quantity.get() * trade.share).floor_to_lot(market.lot).max(market.lot)
    };
    liquidity.fill(trade.side, offered.min(quantity), trade.limit, market.lot).ok_or_else(|| {
        let limit = trade.limit.map_or("any price".to_owned(), |limit| limit.to_string());
        let message = format!(
            "not one lot of {} fills within {limit}; the price is {price}",
            session.market_name(market)
        );
        refused("LIMIT_EXCEEDED", message)
    })
}

/// Coins against cash, and the fee in whichever the venue charges it.
fn spot(session: &Session, market: &Market, side: Side, fill: Match) -> SmallVec<[Posting; 4]> {
    let (coins, cash) = (session.key(market.position), session.key(market.cash));
    let notional = fill.price * fill.quantity;
    let paid = match side {
        Side::Buy => -notional.away_from_zero(cash.decimals),
        Side::Sell => notional.towards_zero(cash.decimals),
    };
    let traded = |key: KeyId, amount: Quantity| Posting {
        price: Some(fill.price),
        ..Posting::of_market(key, amount, Cause::Trade, market.id)
    };
    let mut postings = SmallVec::new();
    postings.push(traded(coins.id, side.signed(fill.quantity)));
    postings.push(traded(cash.id, paid.as_quantity()));
    let (key, fee) = match (market.fee_asset, side) {
        (FeeAsset::Received, Side::Buy) => {
            (coins.id, (fill.quantity * market.fee).away_from_zero(coins.decimals))
        }
        _ => (cash.id, (notional * market.fee).away_from_zero(cash.decimals).as_quantity()),
    };
    push_fee(&mut postings, market, key, fee);
    postings
}

fn push_fee(postings: &mut SmallVec<[Posting; 4]>, market: &Market, key: KeyId, fee: Quantity) {
    if !fee.is_zero() {
        postings.push(Posting::of_market(key, -fee, Cause::Fee, market.id));
    }
}

/// Whether coins and cash pay for a spot trade; cash may go down to the venue's credit.
fn covered(session: &Session, market: &Market, postings: &[Posting]) -> Result<(), Rejection> {
    let venue = session.universe().venue(market.venue);
    for key in [market.position, market.cash] {
        let change: Quantity = postings
            .iter()
            .filter(|posting| posting.key == key)
            .map(|posting| posting.amount)
            .sum();
        let credit = match &venue.margin {
            Some(rules) if rules.cash == key => rules.credit().as_quantity(),
            _ => Quantity::ZERO,
        };
        let held = session.ledger.quantity(key);
        if change.is_negative() && (held + change + credit).is_negative() {
            let message = format!(
                "{} has {held} of {} and a credit of {credit}; the trade needs {}",
                venue.name,
                session.key(key).name,
                -change
            );
            return Err(refused("INSUFFICIENT_BALANCE", message));
        }
    }
    Ok(())
}

/// Whether the account carries what a trade adds to its risk. What only reduces always passes.
fn margined(
    session: &Session,
    market: &Market,
    side: Side,
    quantity: Quantity,
    postings: &[Posting],
) -> Result<(), Rejection> {
    let venue = session.universe().venue(market.venue);
    let held = session.ledger.quantity(market.position);
    let change = side.signed(quantity);
    let reduces = match market.kind {
        MarketKind::Spot => side == Side::Sell,
        MarketKind::Perp => (held + change).abs() < held.abs(),
    };
    let (Some(account), Some(rules)) = (session.account(market.venue), &venue.margin) else {
        return match market.kind {
            MarketKind::Spot => Ok(()),
            MarketKind::Perp => Err(refused(
                "NO_MARGIN_ACCOUNT",
                format!("{} has no margin rules; no perp can be held there", venue.name),
            )),
        };
    };
    if reduces {
        return Ok(());
    }
    let trial: SmallVec<[(KeyId, Quantity, Notional); 4]> =
        postings.iter().map(|posting| (posting.key, posting.amount, posting.cost)).collect();
    let after = margin(account, rules, session.ledger, session.weather, &trial);
    if after.balance < after.initial {
        let message = format!(
            "{} would have a margin of {} after the trade and positions that need {}",
            session.market_name(market),
            after.balance,
            after.initial
        );
        return Err(refused("INSUFFICIENT_MARGIN", message));
    }
    Ok(())
}
