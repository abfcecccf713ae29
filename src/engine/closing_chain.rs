//! Closing on chain, one thing a step: a debt is repaid by a sale of collateral within one transaction, then what is lent is
//! taken back, then staking tokens are sold, wrapped coins unwrapped, and what is sold elsewhere goes there.

use rust_decimal::Decimal;

use crate::types::order::Origin;
use crate::types::venue::VenueKind;
use crate::types::{
    Amount, Exact, Instrument, Item, KeyId, Market, MarketKind, Operation, OperationId, Options,
    Order, PositionType, Quantity, Reserve, TokenId, VenueId,
};

use super::closing_hedges::tank;
use super::closing_parts::Sale;
use super::promise::promise;
use super::step_view::StepView;

/// A part of a collateral that rounding, and what interest adds until an order is executed, may take beside a sale.
const ROUNDED: Decimal = Decimal::from_parts(1, 0, 0, false, 4);

/// Builds the orders, each with a number of its own.
pub(super) struct Closing<'a> {
    pub(super) step: &'a StepView,
    /// Whether a sale was left out that a better market lets go.
    pub(super) waits: bool,
    orders: u32,
}

impl<'a> Closing<'a> {
    pub(super) fn new(step: &'a StepView) -> Self {
        Self { step, waits: false, orders: 0 }
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

/// In as few parts, one a step, as lose little by their own size. The last takes back all that is lent.
fn by_sale(closing: &mut Closing<'_>, debt: &Reserve, owed: Quantity) -> Option<Vec<Order>> {
    let step = closing.step;
    let universe = step.universe();
    let loan = universe.reserves().iter().find(|reserve| {
        reserve.token == debt.token && universe.venue(reserve.venue).kind == VenueKind::Flash
    })?;
    let (collateral, lent) = largest(step, debt.venue, |reserve| reserve.supplied)?;
    let lies = amount_that_lies(step, &collateral, lent)?;
    let [borrow, repay, withdraw, pay_back] = [
        Operation::FlashBorrow { reserve: loan.id },
        Operation::Repay { reserve: debt.id },
        Operation::Withdraw { reserve: collateral.id },
        Operation::FlashRepay { reserve: loan.id },
    ];
    let (mut brought, mut freed) = (owed, lies);
    let mut swap = None;
    if collateral.token != debt.token {
        let operation = sale_of(step, collateral.underlying, debt.underlying, Exact::Out)?;
        let decimals = universe.instrument(debt.underlying).decimals;
        let sale = Sale { step, swap: operation, whole: owed, decimals };
        let weighed = Weighed { step, collateral: &collateral, debt, lies };
        let is_possible = |parts: u32| weighed.freed(&sale, parts).is_some();
        let gas = [borrow, repay, withdraw, operation, pay_back];
        let Some(parts) = sale.parts(&gas, is_possible).filter(|_| !sale.waits()) else {
            closing.waits = true;
            return None;
        };
        (brought, freed) = (sale.of(parts), weighed.freed(&sale, parts)?);
        swap = Some(operation);
    }
    let repaid = match brought < owed {
        true => Amount::fixed(brought),
        false => Amount::all(debt.borrowed?, owed),
    };
    let brought = Amount::fixed(brought);
    let legs = [
        Some((borrow, brought)),
        Some((repay, repaid)),
        freed.expected.is_positive().then_some((withdraw, freed)),
        swap.map(|swap| (swap, brought)),
        Some((pay_back, brought)),
    ];
    let mut legs = legs.into_iter().flatten();
    legs.try_fold(Vec::new(), |mut orders, (operation, amount)| {
        orders.push(closing.order(operation, amount, Options::default())?);
        Some(orders)
    })
}

/// What a sale takes out of a collateral.
struct Weighed<'a> {
    step: &'a StepView,
    collateral: &'a Reserve,
    debt: &'a Reserve,
    /// All that is lent, or as much of it as its pool gives.
    lies: Amount,
}

impl Weighed<'_> {
    /// What must be freed for one of so many parts: at the worst price that it may have, but no more than leaves the
    /// loan-to-value where it is. For the whole all that can be. `None` where that does not cover it.
    fn freed(&self, sale: &Sale<'_>, parts: u32) -> Option<Amount> {
        let brought = sale.of(parts);
        let deltas = promise(self.step, &sale.swap, brought, &Options::default()).ok()?;
        let given = deltas.iter().find(|delta| delta.key == self.collateral.underlying)?;
        let loose = self.step.balance(self.collateral.underlying);
        if parts == 1 {
            return (-given.expected <= self.lies.expected + loose).then_some(self.lies);
        }
        let worst = (-given.at_least - loose).max(Quantity::ZERO);
        let freed = worst.min(self.lies.expected).min(self.carried(brought)?);
        (-given.expected <= freed + loose).then(|| Amount::fixed(freed))
    }

    /// How much collateral may go for so much debt, so that the loan-to-value does not rise; a little less, for what is rounded.
    fn carried(&self, repaid: Quantity) -> Option<Quantity> {
        let step = self.step;
        let ltv = step.lending[self.debt.venue.index()]?.ltv()?;
        let value = step.token_price(self.debt.token)? * repaid.get();
        let for_each = step.token_price(self.collateral.token)? * ltv;
        let tokens = value.checked_div(for_each)? * (Decimal::ONE - ROUNDED);
        let decimals = step.universe().instrument(self.collateral.underlying).decimals;
        Some(Quantity::new(tokens).floor(decimals))
    }
}

/// The sale of one token for another at the first pool that has the pair.
fn sale_of(step: &StepView, from: KeyId, to: KeyId, exact: Exact) -> Option<Operation> {
    let universe = step.universe();
    let [given, brought] = [from, to].map(|key| universe.instrument(key).token);
    let mut venues = venues(step, VenueKind::Dex).into_iter();
    let venue = venues.find(|venue| universe.pool(*venue, given, brought).is_some())?;
    Some(Operation::Swap { venue, from, to, exact })
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

/// Staking tokens in the wallet against ETH, in parts as above.
fn sell(closing: &mut Closing<'_>) -> Vec<Item> {
    let step = closing.step;
    let universe = step.universe();
    let staked = universe.venues().iter().filter_map(|venue| universe.staking(venue.id));
    staked
        .filter_map(|rules| {
            let held = step.balance(rules.token);
            let swap = sale_of(step, rules.token, rules.base, Exact::In)?;
            let decimals = universe.instrument(rules.token).decimals;
            let sale = Sale { step, swap, whole: held, decimals };
            let of = |parts: u32| promise(step, &swap, sale.of(parts), &Options::default());
            let parts =
                held.is_positive().then(|| sale.parts(&[swap], |parts| of(parts).is_ok()))??;
            if sale.waits() {
                closing.waits = true;
                return None;
            }
            let amount = match parts {
                1 => Amount::all(rules.token, held),
                _ => Amount::fixed(sale.of(parts)),
            };
            let order = closing.order(swap, amount, Options::default())?;
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
