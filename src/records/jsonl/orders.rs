//! Orders, what became of them, and what became of atomic groups.

use rust_decimal::Decimal;

use crate::records::names::Names;
use crate::types::event::{ExecutionEvent, GroupEvent, OrderEvent};
use crate::types::order_state::ExecutionHandshake;
use crate::types::{
    AmountBase, Cause, Execution, Expected, KeyId, Operation, Options, PlanId, Quantity, Side,
    TokenId, Universe, VenueId,
};

use super::line::Line;

/// Basis points in one.
const BPS: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

/// From where to where an operation moves what.
#[derive(Clone, Copy)]
pub struct Route<'a> {
    /// Where the order goes.
    pub venue: VenueId,
    /// Where the result lies.
    pub target_venue: VenueId,
    /// What is given; nothing for a protection.
    pub source_token: Option<TokenId>,
    /// What is received; for a perp the coin of the position, bought or sold.
    pub target_token: Option<TokenId>,
    /// The market's symbol, of a trade or a protection.
    pub symbol: Option<&'a str>,
    /// Which way, of a trade.
    pub side: Option<Side>,
}

impl<'a> Route<'a> {
    /// The route of an operation.
    pub fn of(universe: &'a Universe, operation: &Operation) -> Self {
        match *operation {
            Operation::SpotTrade { market, side } | Operation::PerpTrade { market, side } => {
                let market = universe.market(market);
                let (source, target) = match side {
                    Side::Buy => (market.quote, market.base),
                    Side::Sell => (market.base, market.quote),
                };
                Self {
                    venue: market.venue,
                    target_venue: market.venue,
                    source_token: Some(source),
                    target_token: Some(target),
                    symbol: Some(&market.symbol),
                    side: Some(side),
                }
            }
            Operation::Protect { market, .. } => {
                let market = universe.market(market);
                Self {
                    venue: market.venue,
                    target_venue: market.venue,
                    source_token: None,
                    target_token: None,
                    symbol: Some(&market.symbol),
                    side: None,
                }
            }
            Operation::Transfer { from, to } | Operation::Wrap { from, to } => {
                let (from, to) = (universe.instrument(from), universe.instrument(to));
                Self {
                    venue: from.venue,
                    target_venue: to.venue,
                    source_token: Some(from.token),
                    target_token: Some(to.token),
                    symbol: None,
                    side: None,
                }
            }
            _ => {
                let venue = operation.venue(universe);
                let token = |key: KeyId| universe.instrument(key).token;
                let counted = operation.counted_in(universe).map(token);
                let (from, to) = match *operation {
                    Operation::Swap { from, to, .. } => (Some(token(from)), Some(token(to))),
                    _ => (counted, operation.output(universe).map(token).or(counted)),
                };
                Self {
                    venue,
                    target_venue: venue,
                    source_token: from,
                    target_token: to,
                    symbol: None,
                    side: None,
                }
            }
        }
    }

    /// `buy` or `sell`.
    pub fn side_text(&self) -> Option<&'static str> {
        self.side.map(|side| match side {
            Side::Buy => "buy",
            Side::Sell => "sell",
        })
    }
}

/// Fields of `orders.jsonl`.
pub fn order(line: &mut Line, names: &Names, event: &OrderEvent, strategy: &str) {
    let (order, bound) = (&event.order, &event.bound);
    let route = Route::of(&names.universe, &order.operation);
    let token = |token: Option<TokenId>| token.map(|token| names.token_text(token));
    line.display("order_id", event.order_id);
    line.count("operation_id", order.operation_id.0.into());
    line.word("operation", order.operation.name());
    line.text("venue", names.venue_text(route.venue));
    line.text("source_venue", names.venue_text(route.venue));
    line.text("target_venue", names.venue_text(route.target_venue));
    line.text_or_null("source_token", token(route.source_token));
    line.text_or_null("target_token", token(route.target_token));
    line.decimal("amount", order.amount.expected.get());
    line.word("amount_kind", amount_kind(&order.amount.base));
    line.decimal("bound_amount", bound.quantity.get());
    expected_deltas(line, names, &bound.deltas);
    options(line, &order.options);
    if let Operation::Protect { take_profit, stop_loss, .. } = order.operation {
        for (name, price) in [("take_profit", take_profit), ("stop_loss", stop_loss)] {
            if let Some(price) = price {
                line.decimal(name, price.get());
            }
        }
    }
    if let Some((item, position)) = event.group {
        line.text("atomic_group", &group_name(event.order_id.plan, item));
        line.count("sequence_in_group", position.into());
    }
    line.count("plan_id", event.order_id.plan.0.into());
    line.count("leg", event.order_id.leg.into());
    line.text("strategy", strategy);
    line.text("script_version", &event.script_version);
    match order.origin.line {
        0 => line.null("script_line"),
        number => line.count("script_line", number.into()),
    }
    line.text("reason", &event.reason);
    line.open("metadata");
    line.text("script_file", &order.origin.file);
    if let (Some(symbol), side) = (route.symbol, route.side_text()) {
        line.text("symbol", symbol);
        line.text_or_null("side", side);
    }
    if let Some(worst) = bound.limit {
        line.decimal("worst_price", worst.get());
    }
    line.close();
}

const fn amount_kind(base: &AmountBase) -> &'static str {
    match base {
        AmountBase::Fixed(_) => "fixed",
        AmountBase::Output(_) => "promise",
        AmountBase::All(_) => "all",
    }
}

fn expected_deltas(line: &mut Line, names: &Names, deltas: &[Expected]) {
    line.open("expected_deltas");
    for delta in deltas {
        line.open_of(names.key(delta.key));
        line.decimal("expected", delta.expected.get());
        line.decimal("at_least", delta.at_least.get());
        line.decimal("at_most", delta.at_most.get());
        line.close();
    }
    line.close();
}

fn options(line: &mut Line, options: &Options) {
    line.open("options");
    if let Some(limit) = options.limit {
        line.decimal("limit", limit.get());
    }
    if let Some(slippage) = options.slippage {
        line.decimal("slippage_bps", slippage.get() * BPS);
    }
    if options.reduce_only {
        line.truth("reduce_only", true);
    }
    line.close();
}

/// The name of an atomic group: plan and item.
fn group_name(plan: PlanId, item: u16) -> String {
    format!("p{}i{item}", plan.0)
}

/// Fields of `operation_executions.jsonl`.
pub fn execution(line: &mut Line, names: &Names, event: &ExecutionEvent) {
    let handshake = &event.handshake;
    let execution = handshake.execution.as_ref();
    line.display("order_id", handshake.order_id);
    line.count("operation_id", event.operation_id.0.into());
    line.word("operation", event.operation.name());
    line.text("venue", names.venue_text(event.venue));
    line.word("status", handshake.status.text());
    line.word("state", handshake.state.text());
    position_deltas(line, names, execution);
    line.decimal("executed_amount", execution.map_or(Decimal::ZERO, |done| done.executed.get()));
    if let Some(price) = execution.and_then(|done| done.average_price) {
        line.decimal("average_price", price.get());
    }
    let fee = execution.and_then(|done| fee_of(&names.universe, done));
    line.decimal("fee_amount", fee.map_or(Decimal::ZERO, |(amount, _)| amount.get()));
    line.text_or_null("fee_currency", fee.map(|(_, token)| names.token_text(token)));
    if let Some(gas_used) = execution.and_then(|done| done.gas_used) {
        line.count("gas_used", gas_used);
    }
    error_of(line, handshake);
    line.time("submitted_at", handshake.submitted_at);
    if let Some(done) = execution {
        line.time("executed_at", done.executed_at);
    }
    let ended_at = execution.map_or(event.at, |done| done.executed_at);
    line.integer("execution_time_ms", (ended_at - handshake.submitted_at).ms());
    line.open("venue_metadata");
    if let Some(done) = execution {
        line.time("received_at", done.submitted_at);
    }
    line.close();
    line.truth("simulated", handshake.simulated);
    line.open("metadata");
    line.close();
}

fn position_deltas(line: &mut Line, names: &Names, execution: Option<&Execution>) {
    line.open_list("position_deltas");
    for posting in execution.map_or(&[][..], |done| &done.deltas) {
        line.open_item();
        line.text("key", names.key_text(posting.key));
        line.decimal("amount", posting.amount.get());
        line.word("cause", posting.cause.text());
        if let Some(price) = posting.price {
            line.decimal("price", price.get());
        }
        if matches!(posting.cause, Cause::Fee | Cause::Gas) {
            line.decimal("fee", -posting.amount.get());
        }
        line.close();
    }
    line.close_list();
}

fn error_of(line: &mut Line, handshake: &ExecutionHandshake) {
    let Some((code, native, message)) = &handshake.error else { return };
    line.word("error_code", code.text());
    line.text("error_message", message);
    if let Some(native) = native {
        line.text("native_code", native);
    }
}

/// What an execution cost and in which token: the fee where there is one, else the gas. Fees in a second token are in the
/// deltas.
pub fn fee_of(universe: &Universe, execution: &Execution) -> Option<(Quantity, TokenId)> {
    let token_of = |key: KeyId| universe.instrument(key).token;
    let paid = |cause: Cause| execution.deltas.iter().filter(move |delta| delta.cause == cause);
    let cause = [Cause::Fee, Cause::Gas].into_iter().find(|&cause| paid(cause).next().is_some())?;
    let token = token_of(paid(cause).next()?.key);
    let amount =
        paid(cause).filter(|delta| token_of(delta.key) == token).map(|delta| -delta.amount).sum();
    Some((amount, token))
}

/// Fields of `atomic_groups.jsonl`.
pub fn group(line: &mut Line, event: &GroupEvent) {
    line.text("atomic_group", &group_name(event.plan, event.item));
    line.count("total_operations", event.operations.len() as u64);
    line.texts("operations", &event.operations);
    line.word("group_status", event.status);
    line.decimal("total_gas_fees", event.gas.get());
    line.integer("execution_time_ms", (event.at - event.submitted_at).ms());
    if let Some(reason) = &event.reason {
        line.text("rollback_reason", reason);
    }
    line.open("metadata");
    line.count("plan_id", event.plan.0.into());
    line.close();
}
