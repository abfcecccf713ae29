//! What `decide` answers: hold or one of the five actions, with its plan. A plan is checked when the decision is made.

use std::sync::Arc;

use rhai::{Array, Dynamic, ImmutableString, Map, NativeCallContext};

use crate::script::host::{self, Ctx, HostError};
use crate::types::{Action, AmountBase, Code, Item, OnLegFailure, OperationId, Order, Plan};

use super::options::Fields;
use super::order::ScriptOrder;
use super::{Api, Entry, Kind, Owner, Param};

/// The most orders that one plan may have.
const ORDERS_MAX: usize = 64;

/// A decision as the script returns it.
#[derive(Clone, Debug)]
pub(in crate::script) struct ScriptDecision {
    pub(in crate::script) action: Action,
    pub(in crate::script) reason: ImmutableString,
    pub(in crate::script) plan: Option<Arc<Plan>>,
    /// Whether a hold is to be followed by others while the run leaves.
    pub(in crate::script) waits: bool,
}

/// Orders that go together.
#[derive(Clone, Debug)]
struct ScriptGroup(Arc<Item>);

const REASON: Param = Param::new("reason", Kind::Text, "sentence");
const PLAN: Param = Param::new("plan", Kind::Orders, "list of orders and groups");
const ORDERS: Param = Param::new("orders", Kind::Orders, "list of orders");
const GROUP_OPTIONS: Param =
    Param::new("options", Kind::Options, "#{ on_leg_failure: \"complete\" | \"unwind\" }")
        .optional();

fn holding(reason: ImmutableString) -> ScriptDecision {
    ScriptDecision { action: Action::Hold, reason, plan: None, waits: false }
}

/// What `hold(reason)` gives.
pub(in crate::script) fn hold(reason: &str) -> Dynamic {
    Dynamic::from(holding(reason.into()))
}

pub(super) fn register(api: &mut Api) {
    let hold = Entry::call(Owner::Global, "hold", &[REASON], "decision", "Nothing to do, and why.");
    api.add(hold, |reason: ImmutableString| holding(reason));
    let wait = Entry::call(
        Owner::Global,
        "wait",
        &[REASON],
        "decision",
        "Nothing to do yet, and why. As `hold`, but where `exit` answers it the run goes on and asks again at the next step: a hold of `exit` ends the run.",
    );
    api.add(wait, |reason: ImmutableString| ScriptDecision { waits: true, ..holding(reason) });
    let actions = [
        (Action::EntryFull, "From nothing to the target."),
        (Action::EntryPartial, "Towards the target."),
        (Action::ExitPartial, "Out of a part."),
        (Action::ExitFull, "Out of everything."),
        (Action::SellDust, "Small rewards into the share class."),
    ];
    for (action, doc) in actions {
        let entry = Entry::call(Owner::Global, action.text(), &[REASON, PLAN], "decision", doc)
            .fails("there is no order, or more than 64; an order stands in it twice; an order uses the output of one that does not come before it");
        api.add(entry, move |call: NativeCallContext, reason: ImmutableString, plan: Dynamic| {
            decision(&call, action, reason, plan).map_err(|error| error.at(&call))
        });
    }
    groups(api);
    api.global.set_custom_type::<ScriptDecision>("Decision");
    api.add_display::<ScriptDecision>(|decision: &mut ScriptDecision| {
        format!("{}: {}", decision.action.text(), decision.reason)
    });
    api.global.set_custom_type::<ScriptGroup>("Group");
}

fn groups(api: &mut Api) {
    let entry = Entry::call(
        Owner::Global,
        "parallel",
        &[ORDERS, GROUP_OPTIONS],
        "group",
        "Orders that go together, priced on the books before the group; none can use another's output. Where one fails or fills in part it is completed by new orders within execution.leg_risk, else what stands alone is taken back. With \"unwind\" all that the legs did is taken back at once, of an exit what stands alone.",
    ).fails("a member is a group, or there is none");
    api.add(entry, |call: NativeCallContext, orders: Array| {
        parallel(orders, OnLegFailure::default()).map_err(|error| error.at(&call))
    });
    api.add(entry, |call: NativeCallContext, orders: Array, options: Map| {
        on_leg_failure(&options)
            .and_then(|policy| parallel(orders, policy))
            .map_err(|error| error.at(&call))
    });
    let entry = Entry::call(
        Owner::Global,
        "atomic",
        &[ORDERS],
        "group",
        "Orders of one chain that commit or roll back as a whole.",
    )
    .fails("a member is an order at an exchange, or there is none");
    api.add(entry, |call: NativeCallContext, orders: Array| {
        atomic(&call, orders).map_err(|error| error.at(&call))
    });
}

fn decision(
    call: &NativeCallContext,
    action: Action,
    reason: ImmutableString,
    plan: Dynamic,
) -> Result<ScriptDecision, HostError> {
    let members = match plan.try_cast_result::<Array>() {
        Ok(members) => members,
        Err(single) => vec![single],
    };
    let mut items = Vec::with_capacity(members.len());
    for (index, member) in members.into_iter().enumerate() {
        if member.is_unit() {
            continue;
        }
        items.push(item(member).map_err(|found| {
            let message = format!("member {} of the plan is {found}, not an order", index + 1);
            HostError::new(Code::Strat003, message)
                .with_help("a plan is a list of orders, parallel([…]) and atomic([…])")
        })?);
    }
    let plan = Plan { items };
    if plan.is_empty() {
        let message = format!("{} has no order", action.text());
        return Err(HostError::new(Code::Strat003, message)
            .with_help("answer hold(reason) when there is nothing to do"));
    }
    check_plan(call, &plan)?;
    Ok(ScriptDecision { action, reason, plan: Some(Arc::new(plan)), waits: false })
}

fn item(member: Dynamic) -> Result<Item, &'static str> {
    let member = match member.try_cast_result::<ScriptOrder>() {
        Ok(order) => return Ok(Item::One(Box::new(order.to_order()))),
        Err(other) => other,
    };
    match member.try_cast_result::<ScriptGroup>() {
        Ok(group) => Ok(Arc::unwrap_or_clone(group.0)),
        Err(other) => Err(host::type_name(&other)),
    }
}

/// Every order once, promises only of orders that came before, and not too many.
fn check_plan(call: &NativeCallContext, plan: &Plan) -> Result<(), HostError> {
    Ctx::of(call)?;
    if plan.len() > ORDERS_MAX {
        let message = format!("a plan may have {ORDERS_MAX} orders, this one has {}", plan.len());
        return Err(HostError::new(Code::Strat003, message));
    }
    let mut done: Vec<OperationId> = Vec::with_capacity(plan.len());
    for item in &plan.items {
        let before = done.len();
        for order in item.orders() {
            if done.contains(&order.operation_id) {
                return Err(HostError::new(Code::Strat003, "an order stands in the plan twice")
                    .with_help("build a second order; each is sent once"));
            }
            let known = match item {
                Item::Parallel { .. } => &done[..before],
                Item::One(_) | Item::Atomic(_) => &done[..],
            };
            check_promise(order, known)?;
            done.push(order.operation_id);
        }
    }
    Ok(())
}

fn check_promise(order: &Order, known: &[OperationId]) -> Result<(), HostError> {
    match order.amount.base {
        AmountBase::Output(source) if !known.contains(&source) => {
            let message = format!(
                "{} on line {} uses the output of an order that is not done before it",
                order.operation.name(),
                order.origin.line
            );
            Err(HostError::new(Code::Strat003, message).with_help(
                "put the earlier order before it; legs of parallel([…]) cannot use each other's output",
            ))
        }
        _ => Ok(()),
    }
}

fn parallel(orders: Array, on_leg_failure: OnLegFailure) -> Result<ScriptGroup, HostError> {
    let orders = members("parallel", orders)?;
    Ok(ScriptGroup(Arc::new(Item::Parallel { orders, on_leg_failure })))
}

fn on_leg_failure(options: &Map) -> Result<OnLegFailure, HostError> {
    let fields = Fields::open("parallel", options, &["on_leg_failure"])?;
    match fields.text("on_leg_failure")?.as_deref() {
        None | Some("complete") => Ok(OnLegFailure::Complete),
        Some("unwind") => Ok(OnLegFailure::Unwind),
        Some(other) => {
            Err(HostError::unknown("on_leg_failure", other, ["complete", "unwind"].into_iter()))
        }
    }
}

fn atomic(call: &NativeCallContext, orders: Array) -> Result<ScriptGroup, HostError> {
    let orders = members("atomic", orders)?;
    let ctx = Ctx::of(call)?;
    for order in &orders {
        let venue = ctx.universe().venue(order.operation.venue(ctx.universe()));
        if !venue.kind.is_on_chain() {
            let message = format!(
                "an atomic group holds orders of one chain, and {} is at {}",
                order.operation.name(),
                venue.name
            );
            return Err(HostError::new(Code::Strat003, message)
                .with_help("orders at exchanges go together in parallel([…])"));
        }
    }
    Ok(ScriptGroup(Arc::new(Item::Atomic(orders))))
}

/// The orders of a group; `()` is left out, so that a leg with nothing to do needs no special case.
fn members(what: &str, orders: Array) -> Result<Vec<Order>, HostError> {
    let mut legs = Vec::with_capacity(orders.len());
    for (index, member) in orders.into_iter().filter(|member| !member.is_unit()).enumerate() {
        match member.try_cast_result::<ScriptOrder>() {
            Ok(order) => legs.push(order.to_order()),
            Err(other) => {
                let found = host::type_name(&other);
                let message = format!("member {} of {what} is {found}, not an order", index + 1);
                return Err(
                    HostError::new(Code::Strat003, message).with_help("groups are one level deep")
                );
            }
        }
    }
    if legs.is_empty() {
        return Err(HostError::new(Code::Strat003, format!("{what} needs at least one order")));
    }
    Ok(legs)
}
