//! What of a group is taken back when nothing of it is completed any more: no more than stands alone.
//!
//! By coin, what the legs have changed so far is n, what all of them were to change is N. Legs on both sides of a coin hedge each
//! other: what lies outside of the way from nothing to N is their surplus, n − clamp(n, min(0, N), max(0, N)), and the rest of
//! them is hedged. Legs on one side hedge nothing of each other. What they hedge is what else is held: what of n brings net
//! exposure nearer to nothing stays, and clamp(E, min(0, n), max(0, n)) goes, E the coin's net exposure by the books.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::types::{
    Amount, MarketId, MarketKind, Notional, Operation, OperationId, Options, Order, Quantity, Side,
    TokenId,
};

use super::core::Engine;
use super::plan_run::PlanRun;

/// What the legs of a group have changed in one market.
struct Done {
    market: MarketId,
    /// Coins, signed.
    change: Quantity,
    /// The first leg that did.
    leg: usize,
}

impl Engine {
    /// Orders that take back what of a group stands alone, where the most of it was done, so that they are few. What a lot or the
    /// least notional does not let go stays.
    pub(super) fn trims(&self, plan: &PlanRun, group: &Range<usize>) -> Vec<Order> {
        let surplus = self.surplus(plan, group);
        let mut done = self.done(plan, group);
        done.sort_by_key(|done| std::cmp::Reverse(done.change.abs()));
        let mut orders = Vec::new();
        for (asset, surplus) in surplus {
            let mut rest = surplus.abs();
            for done in &done {
                let is_of_it = done.change.is_negative() == surplus.is_negative();
                if self.asset(done.market) != asset || !is_of_it {
                    continue;
                }
                let next = next_operation(plan, orders.len());
                if let Some((quantity, order)) = self.trim(plan, done, rest, next) {
                    rest -= quantity;
                    orders.push(order);
                }
            }
        }
        orders
    }

    /// By coin: what of a group stands alone, signed.
    pub(super) fn surplus(
        &self,
        plan: &PlanRun,
        group: &Range<usize>,
    ) -> BTreeMap<TokenId, Quantity> {
        let legs = self.legs(plan, group);
        let mut surplus = legs.surplus();
        for asset in legs.intended.keys().filter(|asset| self.is_one_sided(plan, group, **asset)) {
            let changed = legs.changed(*asset);
            let net = self.step.net_delta[asset.index()];
            let (low, high) = (changed.min(Quantity::ZERO), changed.max(Quantity::ZERO));
            let needless = net.max(low).min(high);
            if !needless.is_zero() && legs.last_price(*asset) * needless.abs() >= legs.least {
                surplus.insert(*asset, needless);
            }
        }
        surplus
    }

    /// Why what is left of a group stays, when nothing of it is taken back.
    pub(super) fn why_it_stays(&self, plan: &PlanRun, group: &Range<usize>) -> &'static str {
        if !self.surplus(plan, group).is_empty() {
            return "a leg failed, and what stands alone of its group is too little for an order";
        }
        let legs = self.legs(plan, group);
        let mut assets =
            legs.intended.keys().filter(|asset| !legs.changed(**asset).is_zero()).copied();
        match assets.any(|asset| self.is_one_sided(plan, group, asset)) {
            true => {
                "the legs of a group were filled in part, all on one side: they stay, because they bring net exposure nearer to nothing"
            }
            false => "the legs of a group were filled in part and hedge each other: they stay",
        }
    }

    /// Whether all legs of a group that trade a coin are on the same side of it.
    fn is_one_sided(&self, plan: &PlanRun, group: &Range<usize>, asset: TokenId) -> bool {
        let mut sides = plan.item_legs(&plan.items[group.start]).filter_map(|leg| {
            let (market, side) = trade(&leg.order.operation)?;
            (leg.bound.is_some() && self.asset(market) == asset).then_some(side)
        });
        let first = sides.next();
        first.is_some_and(|first| sides.all(|side| side == first))
    }

    /// By market: what the legs of a group have changed, with what was taken back of it.
    fn done(&self, plan: &PlanRun, group: &Range<usize>) -> Vec<Done> {
        let mut all: Vec<Done> = Vec::new();
        for number in plan.items[group.clone()].iter().flat_map(|item| item.range()) {
            let leg = &plan.legs[usize::from(number)];
            let (Some((market, _)), Some(execution)) =
                (trade(&leg.order.operation), &leg.execution)
            else {
                continue;
            };
            let change = execution.net(self.setup.universe.market(market).position);
            match all.iter_mut().find(|done| done.market == market) {
                Some(done) => done.change += change,
                None => all.push(Done { market, change, leg: usize::from(number) }),
            }
        }
        all
    }

    /// The order that takes back at most so many coins of what was done in a market; `None` where that is too little for one.
    fn trim(
        &self,
        plan: &PlanRun,
        done: &Done,
        at_most: Quantity,
        operation_id: OperationId,
    ) -> Option<(Quantity, Order)> {
        let market = self.setup.universe.market(done.market);
        let quantity = at_most.min(done.change.abs()).floor_to_lot(market.lot);
        let side = if done.change.is_negative() { Side::Buy } else { Side::Sell };
        let operation = match market.kind {
            MarketKind::Spot => Operation::SpotTrade { market: market.id, side },
            MarketKind::Perp => Operation::PerpTrade { market: market.id, side },
        };
        let reduce_only = self.makes_smaller(&operation);
        let notional = self.step.price(market.id).map_or(Notional::ZERO, |price| price * quantity);
        let is_large = reduce_only || notional >= market.min_notional;
        let order = Order {
            operation_id,
            operation,
            amount: Amount::fixed(quantity),
            options: Options { reduce_only, ..Options::default() },
            deltas: Vec::new(),
            origin: plan.legs[done.leg].order.origin.clone(),
        };
        (quantity.is_positive() && is_large).then_some((quantity, order))
    }

    fn asset(&self, market: MarketId) -> TokenId {
        let universe = &self.setup.universe;
        universe.base(universe.instrument(universe.market(market).position).token)
    }
}

/// The market of a trade, and its side.
fn trade(operation: &Operation) -> Option<(MarketId, Side)> {
    match *operation {
        Operation::SpotTrade { market, side } | Operation::PerpTrade { market, side } => {
            Some((market, side))
        }
        _ => None,
    }
}

/// The number of an order after all of a plan and so many others.
fn next_operation(plan: &PlanRun, others: usize) -> OperationId {
    let last = plan.legs.iter().map(|leg| leg.order.operation_id.0).max().unwrap_or(0);
    OperationId(last + 1 + others as u32)
}
