//! What a strategy answers: hold, or a plan with a name and a reason.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::order::Order;

/// What a decision is called. The engine checks the name against the change of exposure that the plan brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing to do.
    Hold,
    /// From nothing to the target.
    EntryFull,
    /// Towards the target.
    EntryPartial,
    /// Out of everything.
    ExitFull,
    /// Out of a part.
    ExitPartial,
    /// Small rewards into the share class.
    SellDust,
}

impl Action {
    /// The names of all of them.
    pub const TEXTS: [&'static str; 6] = [
        Self::Hold.text(),
        Self::EntryFull.text(),
        Self::EntryPartial.text(),
        Self::ExitPartial.text(),
        Self::ExitFull.text(),
        Self::SellDust.text(),
    ];

    /// The name in scripts, events and results.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::EntryFull => "entry_full",
            Self::EntryPartial => "entry_partial",
            Self::ExitFull => "exit_full",
            Self::ExitPartial => "exit_partial",
            Self::SellDust => "sell_dust",
        }
    }
}

/// What happens to a parallel group when one of its legs fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLegFailure {
    /// Try the missing quantity again, then take back what stands alone.
    #[default]
    Complete,
    /// Take back all that the legs did; of what leaves a position, what stands alone of it.
    Unwind,
}

/// One member of a plan; groups are one level deep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// One order.
    One(Box<Order>),
    /// Orders that go together and are priced on the books before the group.
    Parallel {
        /// The legs.
        orders: Vec<Order>,
        /// What happens when one fails.
        on_leg_failure: OnLegFailure,
    },
    /// Orders of one chain that commit or roll back as a whole.
    Atomic(Vec<Order>),
}

impl Item {
    /// The orders of the member, in order.
    pub fn orders(&self) -> &[Order] {
        match self {
            Self::One(order) => std::slice::from_ref(&**order),
            Self::Parallel { orders, .. } | Self::Atomic(orders) => orders,
        }
    }
}

/// Orders in sequence, with groups among them. Data, not control flow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The members, executed one after the other.
    pub items: Vec<Item>,
}

impl Plan {
    /// All orders, flat; the index of an order here is its leg number.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.items.iter().flat_map(Item::orders)
    }

    /// How many orders there are.
    pub fn len(&self) -> usize {
        self.items.iter().map(|item| item.orders().len()).sum()
    }

    /// Whether there is no order.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A strategy's answer to one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What it is called.
    pub action: Action,
    /// Why, in words.
    pub reason: Arc<str>,
    /// What to do; empty for hold.
    pub plan: Plan,
    /// Whether a hold is not the last word: a run that leaves its positions goes on asking.
    pub waits: bool,
}

impl Decision {
    /// Nothing to do, and why.
    pub fn hold(reason: impl Into<Arc<str>>) -> Self {
        Self { action: Action::Hold, reason: reason.into(), plan: Plan::default(), waits: false }
    }
}
