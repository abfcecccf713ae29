//! An order as a script holds it, and what can be read of it.

use std::sync::Arc;

use rhai::{Dynamic, Map};
use rust_decimal::Decimal;

use crate::script::host::{Answer, Ctx, HostError};
use crate::types::{Amount, Code, KeyId, OperationId, Order, Quantity};

use super::amount::ScriptAmount;
use super::{Api, Entry, Owner};

/// An order as the script holds it.
#[derive(Clone, Debug)]
pub(super) struct ScriptOrder {
    pub(super) order: Arc<Order>,
    pub(super) ctx: Ctx,
    /// Where what it brings in lies; `None` where nothing is brought.
    pub(super) out: Option<KeyId>,
}

impl ScriptOrder {
    pub(super) fn to_order(&self) -> Order {
        Order::clone(&self.order)
    }
}

pub(super) fn register(api: &mut Api) {
    let property = |name, returns, doc| Entry::property(Owner::Order, name, returns, doc);
    api.add(
        property("out", "amount", "What the order brings in, bound from its actual fill."),
        |order: &mut ScriptOrder| -> Answer<ScriptAmount> { Ok(out(order)?) },
    );
    api.add(
        property(
            "deltas",
            "map of key to #{expected, at_least, at_most}",
            "What the order is expected to change, and the bounds of its promise.",
        ),
        |order: &mut ScriptOrder| deltas(order),
    );
    api.add(
        property("operation_id", "integer", "The order's number within this decision."),
        |order: &mut ScriptOrder| i64::from(order.order.operation_id.0),
    );
    api.name_type::<ScriptOrder>("Order", Owner::Order);
    api.add_display::<ScriptOrder>(|order: &mut ScriptOrder| {
        let Order { operation, amount, .. } = &*order.order;
        format!("{} {}", operation.name(), amount.expected)
    });
}

fn out(order: &ScriptOrder) -> Result<ScriptAmount, HostError> {
    let name = order.order.operation.name();
    let key = order.out.ok_or_else(|| {
        HostError::new(Code::Strat003, format!("a {name} brings nothing in that could be used"))
    })?;
    let expected: Decimal = order
        .order
        .deltas
        .iter()
        .filter(|delta| delta.key == key)
        .map(|delta| delta.expected.get())
        .sum();
    let id: OperationId = order.order.operation_id;
    let expected = Quantity::new(expected).max(Quantity::ZERO);
    let token = order.ctx.universe().instrument(key).token;
    Ok(ScriptAmount { amount: Amount::output(id, expected), token })
}

fn deltas(order: &ScriptOrder) -> Map {
    let universe = order.ctx.universe();
    let mut map = Map::new();
    for delta in &order.order.deltas {
        let mut fields = Map::new();
        fields.insert("expected".into(), Dynamic::from_decimal(delta.expected.get()));
        fields.insert("at_least".into(), Dynamic::from_decimal(delta.at_least.get()));
        fields.insert("at_most".into(), Dynamic::from_decimal(delta.at_most.get()));
        let name: &str = &universe.instrument(delta.key).name;
        map.insert(name.into(), Dynamic::from_map(fields));
    }
    map
}
