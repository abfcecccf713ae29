//! What stands unhedged after its plan: counted on until a later plan's end, or what a venue did, has evened it.

use std::collections::BTreeMap;

use crate::portfolio::Left;
use crate::types::{Quantity, TokenId};

use super::core::Engine;
use super::plan_run::PlanRun;

impl Engine {
    /// A plan has ended and the books are measured: what of what was left before it stands still, and what it left itself.
    pub(super) fn carry_left(&mut self, plan: &PlanRun) {
        let own = self.left_by(plan);
        if own.is_empty() && self.state.left.is_empty() {
            return;
        }
        let beside: BTreeMap<TokenId, Quantity> = sums(&own);
        self.look_at_left(&beside);
        let others = self.left_by_plans_under_way();
        for own in own {
            let of = |left: &Left| left.asset == own.asset;
            let net = self.net_less(own.asset, &others);
            let before = self.state.left.iter().position(of).map(|at| self.state.left.remove(at));
            let both = match before {
                Some(before) => before.with(own, net),
                None => Some(Left { beside: net - own.amount, ..own }),
            };
            self.state.left.extend(both);
        }
    }

    /// A new step with no plan under way: what was left may have been closed by a venue.
    pub(super) fn look_again_at_left(&mut self) {
        if !self.state.left.is_empty() && self.state.plans.is_empty() {
            self.look_at_left(&BTreeMap::new());
        }
    }

    /// Counts what was left until now, and how much of it stands from now on. `beside` is what stands alone by coin and is
    /// counted elsewhere.
    fn look_at_left(&mut self, beside: &BTreeMap<TokenId, Quantity>) {
        let now = self.state.now;
        let others = self.left_by_plans_under_way();
        for left in std::mem::take(&mut self.state.left) {
            self.state.tally.unhedged = self.state.tally.unhedged.and(left.unhedged(now));
            let counted = beside.get(&left.asset).copied().unwrap_or_default();
            let net = self.net_less(left.asset, &others) - counted;
            self.state.left.extend(Left { counted: now, ..left }.at(net));
        }
    }

    /// What a plan leaves alone now, one for each coin.
    fn left_by(&self, plan: &PlanRun) -> Vec<Left> {
        let mut all: Vec<Left> = Vec::new();
        for group in plan.groups() {
            let legs = self.legs(plan, &group);
            let Some(standing) = legs.standing() else { continue };
            for (asset, amount) in legs.surplus() {
                let (price, counted) = (legs.last_price(asset), self.state.now);
                let (least, since, beside) = (legs.least, standing.since, Quantity::ZERO);
                let own = Left { asset, amount, beside, price, least, since, counted };
                match all.iter().position(|left| left.asset == asset) {
                    Some(at) => {
                        let before = all.remove(at);
                        all.extend(before.with(own, Quantity::ZERO));
                    }
                    None => all.push(own),
                }
            }
        }
        all
    }

    fn left_by_plans_under_way(&self) -> BTreeMap<TokenId, Quantity> {
        let all: Vec<Left> = self.state.plans.iter().flat_map(|plan| self.left_by(plan)).collect();
        sums(&all)
    }

    /// Net exposure of a coin by the books, less what stands alone of it in plans under way.
    fn net_less(&self, asset: TokenId, others: &BTreeMap<TokenId, Quantity>) -> Quantity {
        self.step.net_delta[asset.index()] - others.get(&asset).copied().unwrap_or_default()
    }
}

fn sums(all: &[Left]) -> BTreeMap<TokenId, Quantity> {
    let mut sums: BTreeMap<TokenId, Quantity> = BTreeMap::new();
    for left in all {
        *sums.entry(left.asset).or_default() += left.amount;
    }
    sums
}
