//! Where inside a bar an account runs out of margin, and what its liquidation does.
//!
//! Inside a bar all perps of an account run together from their open to their high or to their low, and each collateral
//! coin moves by the same fraction as the perp of its coin. Margin less maintenance along that way, f(λ) for λ in [0, 1], is
//! concave and made of straight pieces (maintenance is convex in notional), so the crossing is found exactly by Newton's
//! method from the far end, in at most as many steps as there are tiers.

use rust_decimal::{Decimal, RoundingStrategy};
use smallvec::SmallVec;

use crate::market::Bar;
use crate::types::venue::{MarginRules, MarginTiers};
use crate::types::{Cause, MarketId, Notional, Posting, Price, Quantity, Rate};

use super::account::Account;
use super::margin::{haircut, maintenance, tier};
use super::matching::PRICE_DECIMALS;
use super::perp;
use super::session::Session;
use super::weather::Weather;

/// More steps than any table has tiers; reached only if a table is not convex, and then the last point is used.
const STEPS_MAX: usize = 64;

/// Digits beyond which a price on the way is noise of division.
const NOISE_DECIMALS: u32 = 16;

/// Which end of the bar the prices run to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extreme {
    Low,
    High,
}

impl Extreme {
    pub(super) fn of(self, bar: &Bar) -> Price {
        match self {
            Self::Low => bar.low,
            Self::High => bar.high,
        }
    }
}

/// An account on its way through the bar that has just closed.
#[derive(Debug)]
pub(super) struct Path<'a> {
    /// Cash, collateral and profit that do not move inside the bar.
    still: Notional,
    legs: SmallVec<[Leg<'a>; 2]>,
}

/// A perp position on the way. Only markets that have a bar are legs.
#[derive(Debug)]
struct Leg<'a> {
    market: MarketId,
    size: Quantity,
    cost: Notional,
    bar: Bar,
    /// What the collateral of the same coin counts for at the open.
    collateral: Notional,
    tiers: Option<&'a MarginTiers>,
}

impl<'a> Path<'a> {
    /// The account's way through the bar; `None` when no position of it has a bar. `before` is the market at the bar's open.
    pub(super) fn of(
        session: &Session<'a>,
        account: &Account,
        rules: &'a MarginRules,
        before: &dyn Weather,
    ) -> Option<Self> {
        let mut path = Self {
            still: Notional::new(session.ledger.quantity(account.cash).get()),
            legs: SmallVec::new(),
        };
        let mut leg_of_perp: SmallVec<[Option<usize>; 4]> = SmallVec::new();
        for perp in &account.perps {
            let size = session.ledger.quantity(perp.position);
            let cost = session.ledger.cost(perp.position);
            let bar = if size.is_zero() { None } else { session.weather.just_closed(perp.market) };
            leg_of_perp.push(bar.map(|_| path.legs.len()));
            let Some(bar) = bar else {
                let quote = before.quote(perp.market);
                path.still += quote.map_or(Notional::ZERO, |quote| quote.price * size - cost);
                continue;
            };
            let tiers = rules.tiers_at(perp.market, bar.at);
            let collateral = Notional::ZERO;
            path.legs.push(Leg { market: perp.market, size, cost, bar, collateral, tiers });
        }
        if path.legs.is_empty() {
            return None;
        }
        for coin in &account.coins {
            let coins = session.ledger.quantity(coin.key);
            if !coins.is_positive() {
                continue;
            }
            let Some(price) = coin.price(before).or_else(|| coin.price(session.weather)) else {
                continue;
            };
            let value = haircut(coins, price, coin.ratio);
            match coin.follows.and_then(|perp| leg_of_perp[perp]) {
                Some(leg) => path.legs[leg].collateral += value,
                None => path.still += value,
            }
        }
        Some(path)
    }

    /// How far towards an extreme (0 the open, 1 the extreme) the account gets before margin meets maintenance; `None` when
    /// it survives the whole way.
    pub(super) fn crossing(&self, extreme: Extreme) -> Option<Decimal> {
        if self.excess(extreme, Decimal::ONE) > Decimal::ZERO {
            // Concave: above zero at both ends is above zero between them.
            return (self.excess(extreme, Decimal::ZERO) <= Decimal::ZERO).then_some(Decimal::ZERO);
        }
        if self.excess(extreme, Decimal::ZERO) <= Decimal::ZERO {
            return Some(Decimal::ZERO);
        }
        let mut far = Decimal::ONE;
        for _ in 0..STEPS_MAX {
            let excess = self.excess(extreme, far);
            let slope = self.slope(extreme, far);
            if excess >= Decimal::ZERO || slope >= Decimal::ZERO {
                break;
            }
            let nearer = far - excess / slope;
            if nearer >= far {
                break;
            }
            far = nearer.max(Decimal::ZERO);
        }
        Some(far)
    }

    /// The price of each leg's market on the way, rounded away from the open.
    pub(super) fn prices(
        &self,
        extreme: Extreme,
        part: Decimal,
    ) -> SmallVec<[(MarketId, Price); 2]> {
        self.legs.iter().map(|leg| (leg.market, leg.settled_at(extreme, part))).collect()
    }

    /// The bar of the only position; `None` when there are several.
    pub(super) fn only_bar(&self) -> Option<&Bar> {
        let [leg] = &self.legs[..] else { return None };
        Some(&leg.bar)
    }

    /// Margin balance less maintenance with all legs at one price and their collateral worth a share of what it follows from it.
    pub(super) fn excess_at(&self, price: Decimal, share: Decimal) -> Decimal {
        let legs = self.legs.iter().map(|leg| {
            let value = Price::new(price) * leg.size;
            let collateral = leg.collateral_at(Price::new(price)).get() * share;
            (value - leg.cost - maintenance(leg.tiers, value.abs())).get() + collateral
        });
        self.still.get() + legs.sum::<Decimal>()
    }

    /// Margin balance less maintenance at a part of the way.
    fn excess(&self, extreme: Extreme, part: Decimal) -> Decimal {
        let legs = self.legs.iter().map(|leg| {
            let price = leg.at(extreme, part);
            let value = price * leg.size;
            let collateral = leg.collateral_at(price);
            (value - leg.cost + collateral - maintenance(leg.tiers, value.abs())).get()
        });
        self.still.get() + legs.sum::<Decimal>()
    }

    /// How the excess changes over the way, in the tiers that are in force at a part of it.
    fn slope(&self, extreme: Extreme, part: Decimal) -> Decimal {
        let legs = self.legs.iter().map(|leg| {
            let run = extreme.of(&leg.bar).get() - leg.bar.open.get();
            let notional = (leg.at(extreme, part) * leg.size).abs();
            let rate = tier(leg.tiers, notional).map_or(Decimal::ZERO, |tier| tier.rate.get());
            let collateral = leg.collateral.get() / leg.bar.open.get();
            run * (leg.size.get() + collateral - leg.size.get().abs() * rate)
        });
        legs.sum()
    }
}

impl Leg<'_> {
    fn at(&self, extreme: Extreme, part: Decimal) -> Price {
        let (open, end) = (self.bar.open, extreme.of(&self.bar));
        if part == Decimal::ONE {
            return end;
        }
        if part.is_zero() {
            return open;
        }
        Price::new(open.get() + (end.get() - open.get()) * part)
    }

    fn collateral_at(&self, price: Price) -> Notional {
        if self.collateral.is_zero() || price == self.bar.open {
            return self.collateral;
        }
        Notional::new(self.collateral.get() * price.get() / self.bar.open.get())
    }

    fn settled_at(&self, extreme: Extreme, part: Decimal) -> Price {
        let exact = self.at(extreme, part).get().round_dp(NOISE_DECIMALS);
        let away = match extreme {
            Extreme::Low => RoundingStrategy::ToNegativeInfinity,
            Extreme::High => RoundingStrategy::ToPositiveInfinity,
        };
        let price = Price::new(exact.round_dp_with_strategy(PRICE_DECIMALS, away));
        price.max(self.bar.low).min(self.bar.high)
    }
}

/// Closes positions at prices and takes a fee, a fraction of their notional; everything under the cause of liquidation.
pub(super) fn close(
    session: &mut Session,
    fee: Rate,
    prices: &[(MarketId, Price)],
) -> Vec<Posting> {
    let mut postings = Vec::with_capacity(3 * prices.len());
    for &(market, price) in prices {
        let market = session.market(market);
        let held = session.ledger.slots()[market.position.index()];
        let decimals = session.key(market.cash).decimals;
        let effect = perp::change(held, -held.quantity, price, decimals);
        let fee = (price * held.quantity.abs() * fee).away_from_zero(decimals);
        postings.push(Posting {
            cost: effect.cost,
            price: Some(price),
            ..Posting::of_market(market.position, -held.quantity, Cause::Liquidation, market.id)
        });
        for cash in [effect.realised.as_quantity(), -fee.as_quantity()] {
            postings.push(Posting::of_market(market.cash, cash, Cause::Liquidation, market.id));
        }
    }
    session.ledger.post(&postings);
    postings
}
