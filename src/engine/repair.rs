//! What happens to a parallel member when a leg fails or fills in part: completed by new orders, else what stands alone of it is
//! taken back (`trim.rs`), or all of it where the script says so and the plan leaves nothing.
//!
//! A hedged trade must not stay half done because one venue refused.

use crate::types::{
    Amount, Code, Coded, MarketKind, OnLegFailure, Operation, OperationId, Options, Order,
    Quantity, Side,
};

use super::core::Engine;
use super::outbox::Outbox;
use super::plan_run::{ItemKind, Leg, PlanRun};

impl Engine {
    /// Called when all legs of a member are at rest and reconciled.
    pub(super) fn repair(&mut self, plan: &mut PlanRun, item: usize, out: &mut Outbox) {
        let (policy, tries) = match plan.items[item].kind {
            ItemKind::Parallel(policy) => (policy, 0),
            ItemKind::Completion(tries) => (OnLegFailure::Complete, tries),
            ItemKind::Unwinding(tries) => return self.taken_back(plan, item, tries, out),
            ItemKind::One | ItemKind::Atomic => return,
        };
        let missing = self.missing_of(plan, item);
        let begun = plan.group_of(item).map_or(item, |group| group.start);
        if missing.is_empty() {
            return self.halt_where_nothing_is_traded(plan, begun, item, out);
        }
        let group = begun..item + 1;
        let may_mend = || self.may_take_back(plan) && !self.surplus(plan, &group).is_empty();
        if plan.halted.is_some() && !may_mend() {
            return;
        }
        let has_done_something = (begun..=item)
            .any(|item| plan.item_legs(&plan.items[item]).any(|leg| leg.execution.is_some()));
        if !has_done_something {
            let why = Coded::new(Code::Exec001, "no leg of the group was executed");
            return self.member_failed(plan, item, why, out);
        }
        let passed = self.passed(plan, item);
        let is_last = plan.halted.is_some() || tries + 1 >= self.setup.execution.max_attempts;
        let tries_again = policy == OnLegFailure::Complete && !is_last;
        if let (true, Some(passed)) = (tries_again, passed) {
            self.tell_passed(plan, item, passed, out);
        }
        let (kind, orders) = if tries_again && passed.is_none() {
            (ItemKind::Completion(tries + 1), self.completions(plan, missing))
        } else if policy == OnLegFailure::Complete || plan.leaves() {
            // All of an exit is not taken back: that would open again what is to be closed.
            (ItemKind::Unwinding(0), self.trims(plan, &group))
        } else {
            (ItemKind::Unwinding(0), self.reversals(plan, begun, item))
        };
        if orders.is_empty() {
            let why = match policy {
                OnLegFailure::Unwind if !plan.leaves() => {
                    "a leg failed and nothing could be unwound"
                }
                _ => self.why_it_stays(plan, &group),
            };
            return self.member_failed(plan, item, Coded::new(Code::Exec001, why), out);
        }
        plan.append(item + 1, kind, orders, &self.setup.universe);
    }

    /// What was to be taken back is tried again where it was refused or filled in part; then the plan is over.
    fn taken_back(&mut self, plan: &mut PlanRun, item: usize, tries: u8, out: &mut Outbox) {
        let missing = self.missing_of(plan, item);
        let is_whole = missing.is_empty();
        if !is_whole && self.may_take_back(plan) && tries + 1 < self.setup.execution.max_attempts {
            let orders = self.completions(plan, missing);
            let kind = ItemKind::Unwinding(tries + 1);
            return plan.append(item + 1, kind, orders, &self.setup.universe);
        }
        let is_all = plan.group_of(item).is_some_and(|group| plan.is_all_or_nothing(&group));
        let text = match (is_all, is_whole) {
            (true, true) => "a leg failed and its group was unwound",
            (true, false) => "a leg failed and its group could be unwound only in part",
            (_, true) => "a leg failed, and what stood alone of its group was taken back",
            (_, false) => {
                "a leg failed, and what stood alone of its group could be taken back only in part"
            }
        };
        self.member_failed(plan, item, Coded::new(Code::Exec001, text), out);
    }

    /// What is no trade, such as an operation on chain, is neither completed nor unwound: where such a leg of a group was
    /// refused the plan stops, because what comes after the group counts on all of it.
    fn halt_where_nothing_is_traded(
        &mut self,
        plan: &mut PlanRun,
        from: usize,
        to: usize,
        out: &mut Outbox,
    ) {
        let text = plan.items[from..=to].iter().flat_map(|item| plan.item_legs(item)).find_map(|leg| {
            let is_refused = leg.rejection.is_some() && leg.order.operation.market().is_none();
            let (name, place) = (leg.order.operation.name(), &leg.order.origin);
            let (file, line) = (&place.file, place.line);
            is_refused.then(|| {
                format!("the {name} at {file}:{line} was refused, and what its group did beside it stays")
            })
        });
        if let Some(text) = text {
            self.halt(plan, Coded::new(Code::Exec001, text), out);
        }
    }

    /// By leg of a member: what it did not fill and could still be traded.
    fn missing_of(&self, plan: &PlanRun, item: usize) -> Vec<(Order, Quantity)> {
        let legs = plan.item_legs(&plan.items[item]);
        legs.filter_map(|leg| Some((leg.order.clone(), self.missing(leg)?))).collect()
    }

    /// What a leg did not fill and could still be traded.
    fn missing(&self, leg: &Leg) -> Option<Quantity> {
        let bound = leg.bound.as_ref()?;
        let market = self.setup.universe.market(bound.operation.market()?);
        let executed =
            leg.execution.as_ref().map_or(Quantity::ZERO, |execution| execution.executed);
        let missing = (bound.quantity - executed).floor_to_lot(market.lot);
        let price = self.step.price(market.id)?;
        let is_large = price * missing >= market.min_notional || leg.order.options.reduce_only;
        let is_worth_it = missing.is_positive() && is_large;
        is_worth_it.then_some(missing)
    }

    fn completions(&self, plan: &PlanRun, missing: Vec<(Order, Quantity)>) -> Vec<Order> {
        let mut next = next_operation(plan);
        missing
            .into_iter()
            .map(|(order, quantity)| {
                next.0 += 1;
                Order { operation_id: next, amount: Amount::fixed(quantity), ..order }
            })
            .collect()
    }

    /// Orders that take back what the legs of a group did: one for what a leg and its completions did together, because an
    /// order must not meet another of unknown fate in the same market.
    fn reversals(&self, plan: &PlanRun, from: usize, to: usize) -> Vec<Order> {
        let mut back: Vec<(Operation, Quantity, &Leg)> = Vec::new();
        for leg in plan.items[from..=to].iter().flat_map(|item| plan.item_legs(item)) {
            let Some((operation, quantity)) = self.reversal(leg) else { continue };
            match back.iter_mut().find(|(known, ..)| *known == operation) {
                Some((_, sum, _)) => *sum += quantity,
                None => back.push((operation, quantity, leg)),
            }
        }
        let mut next = next_operation(plan);
        let mut orders = Vec::new();
        for (operation, quantity, leg) in back {
            let Some(market) = operation.market() else { continue };
            let quantity = quantity.floor_to_lot(self.setup.universe.market(market).lot);
            if !quantity.is_positive() {
                continue;
            }
            next.0 += 1;
            let reduce_only = self.makes_smaller(&operation);
            orders.push(Order {
                operation_id: next,
                operation,
                amount: Amount::fixed(quantity),
                options: Options { reduce_only, ..Options::default() },
                deltas: Vec::new(),
                origin: leg.order.origin.clone(),
            });
        }
        orders
    }

    /// Whether a trade of a perp makes its position smaller. What takes back a close opens again, and must be let.
    pub(super) fn makes_smaller(&self, operation: &Operation) -> bool {
        let Operation::PerpTrade { market, side } = *operation else { return false };
        let size = self.state.books.quantity(self.setup.universe.market(market).position);
        !size.is_zero() && size.is_negative() == (side == Side::Buy)
    }

    /// The opposite of what a leg did, before rounding to lots.
    fn reversal(&self, leg: &Leg) -> Option<(Operation, Quantity)> {
        let execution = leg.execution.as_ref()?;
        let market = self.setup.universe.market(leg.order.operation.market()?);
        let (side, operation) = match leg.order.operation {
            Operation::SpotTrade { market, side } => {
                (side, Operation::SpotTrade { market, side: side.opposite() })
            }
            Operation::PerpTrade { market, side } => {
                (side, Operation::PerpTrade { market, side: side.opposite() })
            }
            _ => return None,
        };
        // Coins bought came in less a fee in coins; only what came in can be sold.
        let is_buy_of_coins = market.kind == MarketKind::Spot && side == Side::Buy;
        let back =
            if is_buy_of_coins { execution.net(market.position) } else { execution.executed };
        Some((operation, back))
    }
}

fn next_operation(plan: &PlanRun) -> OperationId {
    plan.legs.iter().map(|leg| leg.order.operation_id).max().unwrap_or(OperationId(0))
}
