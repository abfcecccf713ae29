//! A plan on its way: data in the state, not control flow on a call stack.
//!
//! So a slow order blocks nothing, parallel legs really go together, and a kill loses nothing.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::types::{
    Action, BoundOrder, Coded, Execution, Item, KeyId, OnLegFailure, Order, OrderId, OrderState,
    PlanId, Rejection, RunTag, Timestamp, Universe, VenueId,
};

use super::guard::Guarded;
use super::leavers::Bearer;

/// A plan from its decision to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanRun {
    /// Its id.
    pub id: PlanId,
    /// The run's tag, for order ids.
    pub run: RunTag,
    /// What the decision was called.
    pub action: Action,
    /// Why it exists.
    pub reason: Arc<str>,
    /// When it began.
    pub began: Timestamp,
    /// When it must have ended.
    pub deadline: Timestamp,
    /// All orders, flat.
    pub legs: Vec<Leg>,
    /// The members, each a stretch of legs.
    pub items: Vec<ItemRun>,
    /// The member whose turn it is.
    pub cursor: usize,
    /// Why no further order of it is sent.
    pub halted: Option<Coded>,
    /// Who bears what it costs.
    pub bearer: Bearer,
}

/// A member of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemRun {
    /// How its legs belong together.
    pub kind: ItemKind,
    /// Its first leg.
    pub first: u16,
    /// How many legs.
    pub count: u16,
    /// How far it is.
    pub stage: Stage,
    /// Of a parallel member: something of it stood unhedged for too long, and that was told.
    pub is_late: bool,
}

/// How the legs of a member belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// One order.
    One,
    /// Orders that go together.
    Parallel(OnLegFailure),
    /// Orders that commit or roll back as a whole.
    Atomic,
    /// The missing quantity of a parallel member, tried again; counts the tries.
    Completion(u8),
    /// What the legs of a parallel member did, taken back; counts the tries.
    Unwinding(u8),
}

/// How far a member is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its turn has not come.
    Planned,
    /// Its orders are out.
    Executing,
    /// All outcomes are known; these venues have not confirmed the balances yet.
    Reconciling {
        /// Which try of the comparison, from 1.
        attempt: u32,
        /// How often the venues were asked; an answer may be lost.
        looks: u32,
        /// Venues that have not confirmed.
        awaiting: Vec<Awaited>,
    },
    /// Over.
    Closed,
}

/// A venue that has not confirmed the balances after a member's orders, and its answers that do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// The venue.
    pub venue: VenueId,
    /// Answers that were older than the orders.
    stale: u32,
    /// Answers that differed from the books, each newer than the one before.
    differed: u32,
    /// The time of the last of them.
    last: Option<Timestamp>,
}

impl Awaited {
    /// Nothing was heard yet.
    pub fn new(venue: VenueId) -> Self {
        Self { venue, stale: 0, differed: 0, last: None }
    }

    /// Counts an answer that does not confirm; how many of its kind there were. What was told before, told again, is none.
    pub fn count(&mut self, is_stale: bool, as_of: Timestamp) -> u32 {
        if is_stale {
            self.stale += 1;
            return self.stale;
        }
        if self.last.is_some_and(|last| as_of <= last) {
            return 0;
        }
        self.last = Some(as_of);
        self.differed += 1;
        self.differed
    }
}

/// One order of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// As planned.
    pub order: Order,
    /// Where it goes.
    pub venue: VenueId,
    /// Where it is in its life.
    pub state: OrderState,
    /// Which attempt, from 1.
    pub attempt: u8,
    /// As sent.
    pub bound: Option<Arc<BoundOrder>>,
    /// When it was handed to the shell.
    pub submitted_at: Timestamp,
    /// What it did.
    pub execution: Option<Execution>,
    /// Why it did not.
    pub rejection: Option<Rejection>,
    /// Queries sent since its fate became unknown.
    pub queries: u32,
}

impl PlanRun {
    /// An empty plan of a decision; [`PlanRun::load`] gives it its orders.
    pub fn new(
        id: PlanId,
        run: RunTag,
        action: Action,
        reason: Arc<str>,
        began: Timestamp,
        deadline: Timestamp,
    ) -> Self {
        let (legs, items) = (Vec::new(), Vec::new());
        let bearer = Bearer::default();
        let (cursor, halted) = (0, None);
        Self { id, run, action, reason, began, deadline, legs, items, cursor, halted, bearer }
    }

    /// The same, borne by those.
    #[must_use]
    pub fn borne_by(mut self, bearer: Bearer) -> Self {
        self.bearer = bearer;
        self
    }

    /// Takes in the orders of a guarded plan. There is no other way to give it any but repairs.
    pub fn load(mut self, plan: Guarded, universe: &Universe) -> Self {
        for item in plan.into_inner().items {
            let kind = match &item {
                Item::One(_) => ItemKind::One,
                Item::Parallel { on_leg_failure, .. } => ItemKind::Parallel(*on_leg_failure),
                Item::Atomic(_) => ItemKind::Atomic,
            };
            let orders = match item {
                Item::One(order) => vec![*order],
                Item::Parallel { orders, .. } | Item::Atomic(orders) => orders,
            };
            self.append(self.items.len(), kind, orders, universe);
        }
        self
    }

    /// Puts a member at a place of the plan; its legs come last, so that no leg number changes.
    pub fn append(&mut self, at: usize, kind: ItemKind, orders: Vec<Order>, universe: &Universe) {
        let first = self.legs.len() as u16;
        let count = orders.len() as u16;
        self.items
            .insert(at, ItemRun { kind, first, count, stage: Stage::Planned, is_late: false });
        let began = self.began;
        self.legs.extend(orders.into_iter().map(|order| Leg {
            venue: order.operation.venue(universe),
            order,
            state: OrderState::Planned,
            attempt: 1,
            bound: None,
            submitted_at: began,
            execution: None,
            rejection: None,
            queries: 0,
        }));
    }

    /// The id of a leg's current attempt.
    pub fn order_id(&self, leg: u16) -> OrderId {
        OrderId { run: self.run, plan: self.id, leg, attempt: self.legs[usize::from(leg)].attempt }
    }

    /// The member that a leg belongs to.
    pub fn item_of(&self, leg: u16) -> usize {
        self.items
            .iter()
            .position(|item| (item.first..item.first + item.count).contains(&leg))
            .expect("every leg belongs to a member")
    }

    /// The parallel member that a member is or repairs, with all its repairs; `None` for one order and for an atomic group.
    pub fn group_of(&self, item: usize) -> Option<Range<usize>> {
        self.groups().into_iter().find(|group| group.contains(&item))
    }

    /// All parallel members, each with its repairs.
    pub fn groups(&self) -> Vec<Range<usize>> {
        let mut groups: Vec<Range<usize>> = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            match (item.kind, groups.last_mut()) {
                (ItemKind::Parallel(_), _) => groups.push(index..index + 1),
                (ItemKind::Completion(_) | ItemKind::Unwinding(_), Some(group)) => {
                    group.end = index + 1
                }
                _ => {}
            }
        }
        groups
    }

    /// Whether it leaves a position, or a part of one.
    pub fn leaves(&self) -> bool {
        matches!(self.action, Action::ExitFull | Action::ExitPartial)
    }

    /// Whether all that a parallel member did is taken back where a leg of it fails.
    pub fn is_all_or_nothing(&self, group: &Range<usize>) -> bool {
        let kind = self.items[group.start].kind;
        kind == ItemKind::Parallel(OnLegFailure::Unwind) && !self.leaves()
    }

    /// Whether something of it was executed and is not taken back as a whole.
    pub fn has_come_to_something(&self) -> bool {
        let groups = self.groups();
        let is_unwound = |item: usize| {
            groups.iter().any(|group| {
                let mut kinds = self.items[group.clone()].iter().map(|item| item.kind);
                group.contains(&item)
                    && self.is_all_or_nothing(group)
                    && kinds.any(|kind| matches!(kind, ItemKind::Unwinding(_)))
            })
        };
        let mut items = self.items.iter().enumerate();
        items.any(|(index, item)| {
            self.item_legs(item).any(|leg| leg.execution.is_some()) && !is_unwound(index)
        })
    }

    /// Whether some order of it is out with its fate not known.
    pub fn is_in_flight(&self) -> bool {
        self.legs.iter().any(|leg| leg.state.is_in_flight())
            || self.items.iter().any(|item| matches!(item.stage, Stage::Reconciling { .. }))
    }

    /// Keys that its orders in flight, or waiting for their balances, touch.
    pub fn keys_in_flight(&self, universe: &Universe) -> impl Iterator<Item = KeyId> {
        self.items.iter().flat_map(move |item| {
            let is_reconciling = matches!(item.stage, Stage::Reconciling { .. });
            self.item_legs(item)
                .filter(move |leg| is_reconciling || leg.state.is_in_flight())
                .filter_map(|leg| leg.bound.as_ref())
                .flat_map(move |bound| {
                    let changed = bound.deltas.iter().map(|delta| delta.key);
                    changed.chain(bound.operation.protected_key(universe))
                })
        })
    }

    /// The legs of a member.
    pub fn item_legs(&self, item: &ItemRun) -> impl Iterator<Item = &Leg> {
        self.legs[usize::from(item.first)..usize::from(item.first + item.count)].iter()
    }
}

impl ItemRun {
    /// The numbers of its legs.
    pub fn range(&self) -> Range<u16> {
        self.first..self.first + self.count
    }
}
