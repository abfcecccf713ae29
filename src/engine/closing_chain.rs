//! Closing on chain, one thing a step: a debt is repaid by a sale of collateral within one transaction, then what is lent is
//! taken back, then staking tokens are sold, wrapped coins unwrapped, and what is sold elsewhere goes there.

use crate::types::order::Origin;
use crate::types::venue::VenueKind;
use crate::types::{
    Amount, Exact, Instrument, Item, KeyId, Market, MarketKind, Operation, OperationId, Options,
    Order, PositionType, Quantity, Reserve, TokenId, VenueId,
};

use super::closing_hedges::tank;
use super::promise::promise;
use super::step_view::StepView;

/// Builds the orders, each with a number of its own.
pub(super) struct Closing<'a> {
    pub(super) step: &'a StepView,
    orders: u32,
}

impl<'a> Closing<'a> {
    pub(super) fn new(step: &'a StepView) -> Self {
        Self { step, orders: 0 }
    }

    /// An order; `None` where nobody can say what it would do.
    pub(super) fn order(
        &mut self,
        operation: Operation,
        amount: Amount,
        options: Options,
    ) -> Option<Order> {
        let quantity: Quantity = amount.expected;
        let deltas = promise(self.step, &operation, quantity, &options).ok()?;
        self.orders += 1;
        Some(Order {
            operation_id: OperationId(self.orders),
            operation,
            amount,
            options,
            deltas,
            origin: Origin { file: "engine".into(), line: 0 },
        })
    }
}

/// What can be done now.
pub(super) fn on_chain(closing: &mut Closing<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    for venue in venues(closing.step, VenueKind::Lending) {
        match largest(closing.step, venue, |reserve| reserve.borrowed) {
            Some((debt, owed)) => items.extend(repay(closing, debt, owed)),
            None => items.extend(take_back(closing, venue)),
        }
    }
    if items.is_empty() {
        items.extend(sell(closing));
    }
    if items.is_empty() {
        items.extend(unwrap(closing));
    }
    if items.is_empty() {
        items.extend(send(closing));
    }
    items
}

/// The reserve with the most of a claim at a venue, by value, and how many tokens of it there are.
fn largest(
    step: &StepView,
    venue: VenueId,
    claim: impl Fn(&Reserve) -> Option<KeyId>,
) -> Option<(Reserve, Quantity)> {
    let reserves = step.universe().reserves().iter().filter(|reserve| reserve.venue == venue);
    let held = reserves.filter_map(|reserve| {
        let tokens = step.tokens_at(claim(reserve)?);
        let worth = step.prices.reference(reserve.token)? * tokens;
        tokens.is_positive().then_some((reserve, tokens, worth))
    });
    let (reserve, tokens, _) = held.max_by_key(|(_, _, worth)| *worth)?;
    Some((reserve.clone(), tokens))
}

/// A flash loan repays the debt, frees the collateral, and is paid back by what a pool pays for some of that. Without a flash
/// loan or a pool, what lies in the wallet repays.
fn repay(closing: &mut Closing<'_>, debt: Reserve, owed: Quantity) -> Option<Item> {
    by_sale(closing, &debt, owed).map(Item::Atomic).or_else(|| {
        let have = closing.step.balance(debt.underlying).min(owed);
        let operation = Operation::Repay { reserve: debt.id };
        let order = have.is_positive().then(|| Amount::fixed(have))?;
        closing.order(operation, order, Options::default()).map(|order| Item::One(Box::new(order)))
    })
}

fn by_sale(closing: &mut Closing<'_>, debt: &Reserve, owed: Quantity) -> Option<Vec<Order>> {
    let step = closing.step;
    let universe = step.universe();
    let loan = universe.reserves().iter().find(|reserve| {
        reserve.token == debt.token && universe.venue(reserve.venue).kind == VenueKind::Flash
    })?;
    let loan = loan.id;
    let (collateral, lent) = largest(step, debt.venue, |reserve| reserve.supplied)?;
    let freed = amount_that_lies(step, &collateral, lent)?;
    let plain = Options::default();
    let all = |key: Option<KeyId>, tokens| Some(Amount::all(key?, tokens));
    let mut legs = vec![
        closing.order(Operation::FlashBorrow { reserve: loan }, Amount::fixed(owed), plain)?,
        closing.order(Operation::Repay { reserve: debt.id }, all(debt.borrowed, owed)?, plain)?,
        closing.order(Operation::Withdraw { reserve: collateral.id }, freed, plain)?,
    ];
    if collateral.token != debt.token {
        let sale = swap(closing, &collateral, debt, owed)?;
        let sold = sale.deltas.iter().find(|delta| delta.key == collateral.underlying)?;
        if -sold.expected > freed.expected + closing.step.balance(collateral.underlying) {
            return None;
        }
        legs.push(sale);
    }
    legs.push(closing.order(
        Operation::FlashRepay { reserve: loan },
        Amount::fixed(owed),
        plain,
    )?);
    Some(legs)
}

/// As much of the collateral for the debt's token as the debt needs, at the first pool that has the pair.
fn swap(
    closing: &mut Closing<'_>,
    from: &Reserve,
    to: &Reserve,
    brought: Quantity,
) -> Option<Order> {
    venues(closing.step, VenueKind::Dex).into_iter().find_map(|venue| {
        let (from, to) = (from.underlying, to.underlying);
        let operation = Operation::Swap { venue, from, to, exact: Exact::Out };
        closing.order(operation, Amount::fixed(brought), Options::default())
    })
}

fn venues(step: &StepView, kind: VenueKind) -> Vec<VenueId> {
    let of_kind = step.universe().venues().iter().filter(|venue| venue.kind == kind);
    of_kind.map(|venue| venue.id).collect()
}

/// All that is lent, or as much of it as lies in its pool; `None` where nothing does.
fn amount_that_lies(step: &StepView, reserve: &Reserve, lent: Quantity) -> Option<Amount> {
    match step.liquidity(reserve.id).filter(|free| *free < lent) {
        Some(free) => free.is_positive().then(|| Amount::fixed(free)),
        None => Some(Amount::all(reserve.supplied?, lent)),
    }
}

/// Everything that is lent where nothing is owed.
fn take_back(closing: &mut Closing<'_>, venue: VenueId) -> Vec<Item> {
    let step = closing.step;
    let reserves = step.universe().reserves().iter().filter(|reserve| reserve.venue == venue);
    let lent = reserves.filter_map(|reserve| {
        let tokens = step.tokens_at(reserve.supplied?);
        let amount = tokens.is_positive().then(|| amount_that_lies(step, reserve, tokens))??;
        Some((reserve.id, amount))
    });
    lent.filter_map(|(reserve, amount)| {
        let order = closing.order(Operation::Withdraw { reserve }, amount, Options::default());
        Some(Item::One(Box::new(order?)))
    })
    .collect()
}

/// Staking tokens in the wallet against ETH.
fn sell(closing: &mut Closing<'_>) -> Vec<Item> {
    let step = closing.step;
    let universe = step.universe();
    let staked = universe.venues().iter().filter_map(|venue| universe.staking(venue.id));
    staked
        .filter_map(|rules| {
            let held = step.balance(rules.token);
            let amount = held.is_positive().then(|| Amount::all(rules.token, held))?;
            let order = venues(step, VenueKind::Dex).into_iter().find_map(|venue| {
                let (from, to) = (rules.token, rules.base);
                let operation = Operation::Swap { venue, from, to, exact: Exact::In };
                closing.order(operation, amount, Options::default())
            })?;
            Some(Item::One(Box::new(order)))
        })
        .collect()
}

/// Wrapped coins in the wallet into what they stand for.
fn unwrap(closing: &mut Closing<'_>) -> Vec<Item> {
    let step = closing.step;
    let universe = step.universe();
    let is_staked = |key: &Instrument| {
        let mut staked = universe.venues().iter().filter_map(|venue| universe.staking(venue.id));
        staked.any(|rules| universe.instrument(rules.token).token == key.token)
    };
    let wrapped = in_wallets(step).filter(|key| universe.base(key.token) != key.token);
    wrapped
        .filter(|key| !is_staked(key))
        .filter_map(|key| {
            let to = universe.token_key(key.venue, universe.base(key.token))?;
            let held = step.balance(key.id);
            let amount = held.is_positive().then(|| Amount::all(key.id, held))?;
            let operation = Operation::Wrap { from: key.id, to };
            let order = closing.order(operation, amount, Options::default())?;
            Some(Item::One(Box::new(order)))
        })
        .collect()
}

/// Keys of tokens in wallets.
fn in_wallets(step: &StepView) -> impl Iterator<Item = &Instrument> {
    let universe = step.universe();
    universe.instruments().iter().filter(|key| {
        key.position_type == PositionType::BaseToken
            && universe.venue(key.venue).kind == VenueKind::Wallet
    })
}

/// What lies on chain and only an exchange sells goes there, where the most is short of it; the gas tank stays.
fn send(closing: &mut Closing<'_>) -> Vec<Item> {
    let step = closing.step;
    let universe = step.universe();
    let home = universe.base(step.setup.share_class.token);
    let here = in_wallets(step).filter(|key| key.token != home);
    here.filter_map(|key| {
        let market = sold_at(step, key.token)?;
        let to = universe.token_key(market.venue, key.token)?;
        let amount = (step.balance(key.id) - tank(step, key.token)).floor_to_lot(market.lot);
        if step.price(market.id)? * amount < market.min_notional || !amount.is_positive() {
            return None;
        }
        let operation = Operation::Transfer { from: key.id, to };
        let order = closing.order(operation, Amount::fixed(amount), Options::default())?;
        Some(Item::One(Box::new(order)))
    })
    .collect()
}

/// The spot market of a coin where its exchange has most of it in perps; the first of those that have a price.
fn sold_at(step: &StepView, token: TokenId) -> Option<&Market> {
    let markets = step.universe().markets();
    let held = |venue: VenueId| -> Quantity {
        let perps = markets.iter().filter(|market| {
            market.kind == MarketKind::Perp && market.base == token && market.venue == venue
        });
        perps.map(|market| step.balance(market.position).abs()).sum()
    };
    let is_open = |market: &&Market| {
        let is_here = market.kind == MarketKind::Spot && market.base == token;
        is_here && step.prices.quote(market.id).is_some_and(|quote| quote.tradable)
    };
    // Of equals the first: the last of the reversed.
    markets.iter().filter(is_open).rev().max_by_key(|market| held(market.venue))
}
