//! What a step was: its decision, the orders that were sent, what they changed, and the row that it left.

use std::fmt::Write;
use std::sync::Arc;

use rhai::{Array, Dynamic, Map};
use rust_decimal::Decimal;

use crate::script::api::{Api, Owner};
use crate::trial::tape::{Sent, StepRecord};
use crate::trial::words;
use crate::types::order_state::HandshakeStatus;
use crate::types::{Action, KeyId, Quantity, RiskLevel, Universe};

use super::{minute, property};

/// A step as a test holds it.
#[derive(Clone)]
pub(super) struct StepHandle(Arc<(StepRecord, Arc<Universe>)>);

impl StepHandle {
    pub(super) fn new(record: StepRecord, universe: Arc<Universe>) -> Self {
        Self(Arc::new((record, universe)))
    }

    fn record(&self) -> &StepRecord {
        &self.0.0
    }
}

/// An order of a step as a test holds it.
#[derive(Clone)]
struct SentHandle {
    step: StepHandle,
    index: usize,
}

impl SentHandle {
    fn sent(&self) -> &Sent {
        &self.step.record().sent[self.index]
    }

    fn universe(&self) -> &Universe {
        &self.step.0.1
    }
}

pub(super) fn register(api: &mut Api) {
    decision(api);
    outcome(api);
    api.name_type::<StepHandle>("Step", Owner::Step);
    orders(api);
    fills(api);
    api.name_type::<SentHandle>("Sent order", Owner::Sent);
    api.add_display::<StepHandle>(|step: &mut StepHandle| {
        trace(std::slice::from_ref(step.record()), &step.0.1, 1).trim_end().to_owned()
    });
    api.add_display::<SentHandle>(|order: &mut SentHandle| text(order.universe(), order.sent()));
}

fn decision(api: &mut Api) {
    let of = |name, returns, doc| property(Owner::Step, name, returns, doc);
    api.add(of("now", "integer, ms since 1970", "When it was."), |step: &mut StepHandle| {
        step.record().at.ms()
    });
    api.add(
        of("action", "text", "What was decided; hold where it was held back.")
            .one_of(&Action::TEXTS),
        |step: &mut StepHandle| step.record().action.text(),
    );
    api.add(of("reason", "text", "Why, in the words of the decision."), |step: &mut StepHandle| {
        step.record().reason.to_string()
    });
    api.add(
        of("level", "text", "The level of risk under which it was decided.")
            .one_of(&RiskLevel::TEXTS),
        |step: &mut StepHandle| step.record().level.text(),
    );
    api.add(
        of(
            "planned",
            "list of texts",
            "The orders of the decision before the guard, as \"supply aave_v3 USDT 95000\".",
        ),
        |step: &mut StepHandle| -> Array {
            let (record, universe) = &*step.0;
            let plan = record.answer.iter().flat_map(|answer| answer.plan.orders());
            plan.map(|order| words::sentence(universe, &order.operation, expected(order)).into())
                .collect()
        },
    );
    api.add(
        of(
            "held_back",
            "list of texts",
            "Why the guard held it back or refused it, each with its code.",
        ),
        |step: &mut StepHandle| -> Array {
            let constraints = step.record().constraints.iter();
            constraints.map(|why| format!("{}: {}", why.code, why.message).into()).collect()
        },
    );
    api.add(
        of("logs", "list of texts", "What the script logged."),
        |step: &mut StepHandle| -> Array {
            step.record().logs.iter().map(|(_, text)| text.to_string().into()).collect()
        },
    );
    api.add(
        of("notes", "list of texts", "Warnings and alarms of the engine, with their codes."),
        |step: &mut StepHandle| -> Array {
            let told = |(_, code, text): &(_, Option<_>, Arc<str>)| match code {
                Some(code) => format!("{code}: {text}").into(),
                None => text.to_string().into(),
            };
            step.record().notes.iter().map(told).collect()
        },
    );
}

/// What is planned of an order as far as it can be known before.
fn expected(order: &crate::types::Order) -> Decimal {
    order.amount.expected.get()
}

fn outcome(api: &mut Api) {
    let of = |name, returns, doc| property(Owner::Step, name, returns, doc);
    api.add(
        of(
            "sent",
            "list of texts",
            "The orders that were sent, as \"spot_buy binance BTCUSDT 0.592\", in order.",
        ),
        |step: &mut StepHandle| -> Array {
            let (record, universe) = &*step.0;
            record.sent.iter().map(|sent| sentence(universe, sent).into()).collect()
        },
    );
    api.add(
        of("orders", "list of sent orders", "The orders that were sent, in order."),
        |step: &mut StepHandle| -> Array {
            let orders = 0..step.record().sent.len();
            orders.map(|index| Dynamic::from(SentHandle { step: step.clone(), index })).collect()
        },
    );
    api.add(
        of(
            "equity",
            "share class, or ()",
            "Equity at its end; () while it is open, because a plan is under way.",
        ),
        |step: &mut StepHandle| row(step, |row| row.equity.get()),
    );
    api.add(
        of(
            "liquidation_value",
            "share class, or ()",
            "What would be left at its end if everything was sold.",
        ),
        |step: &mut StepHandle| row(step, |row| row.liquidation_value.get()),
    );
    api.add(
        of(
            "residual",
            "share class, or ()",
            "What profit by cause does not explain; always nothing.",
        ),
        |step: &mut StepHandle| row(step, |row| row.residual.get()),
    );
    api.add(
        of(
            "pnl",
            "map of share class by cause",
            "Profit of the step by cause; #{} while it is open.",
        ),
        |step: &mut StepHandle| -> Map {
            let row = step.record().row.as_ref();
            let causes = row.into_iter().flat_map(|row| row.attribution.iter().collect::<Vec<_>>());
            causes
                .map(|(cause, value)| (cause.text().into(), Dynamic::from_decimal(value.get())))
                .collect()
        },
    );
}

fn row(
    step: &mut StepHandle,
    read: impl FnOnce(&crate::types::event::StepRow) -> Decimal,
) -> Dynamic {
    step.record().row.as_ref().map_or(Dynamic::UNIT, |row| Dynamic::from_decimal(read(row)))
}

fn orders(api: &mut Api) {
    let of = |name, returns, doc| property(Owner::Sent, name, returns, doc);
    api.add(
        of("does", "text", "The function that builds it: spot_buy, supply, swap_exact_out."),
        |order: &mut SentHandle| words::verb(order.universe(), &order.sent().order.operation),
    );
    api.add(of("venue", "text", "Where it was sent."), |order: &mut SentHandle| {
        let universe = order.universe();
        universe.venue(order.sent().order.operation.venue(universe)).name.to_string()
    });
    api.add(
        of("amount", "tokens or coins", "How much was asked for, floored to the lot."),
        |order: &mut SentHandle| order.sent().bound.quantity.get(),
    );
    api.add(
        of("limit", "quote per coin, or ()", "The worst price at which it may fill."),
        |order: &mut SentHandle| {
            let limit = order.sent().bound.limit;
            limit.map_or(Dynamic::UNIT, |limit| Dynamic::from_decimal(limit.get()))
        },
    );
    api.add(
        of("reduce_only", "bool", "Whether it may only make a position smaller."),
        |order: &mut SentHandle| order.sent().bound.reduce_only,
    );
    api.add(
        of("is_atomic", "bool", "Whether it went with others of one transaction."),
        |order: &mut SentHandle| order.sent().is_atomic,
    );
    api.add(
        of("expected", "map of tokens by key", "What it was expected to change."),
        |order: &mut SentHandle| -> Map {
            let deltas = order.sent().bound.deltas.iter();
            by_key(order.universe(), deltas.map(|delta| (delta.key, delta.expected)))
        },
    );
    api.add(
        of("line", "integer", "The line of the script that built it."),
        |order: &mut SentHandle| i64::from(order.sent().order.origin.line),
    );
    api.add(of("text", "text", "The order in words."), |order: &mut SentHandle| {
        sentence(order.universe(), order.sent())
    });
}

fn fills(api: &mut Api) {
    let of = |name, returns, doc| property(Owner::Sent, name, returns, doc);
    api.add(
        of("status", "text", "What came of it, when the step was looked at.")
            .one_of(&HandshakeStatus::TEXTS),
        |order: &mut SentHandle| order.sent().status.text(),
    );
    api.add(
        of("executed", "tokens or coins", "How much was executed."),
        |order: &mut SentHandle| order.sent().executed.get(),
    );
    api.add(
        of("price", "quote per coin, or ()", "The average price of its fill."),
        |order: &mut SentHandle| order.sent().price.map_or(Dynamic::UNIT, Dynamic::from_decimal),
    );
    api.add(
        of("changes", "map of tokens by key", "What it changed."),
        |order: &mut SentHandle| -> Map {
            by_key(order.universe(), order.sent().changes.iter().copied())
        },
    );
    api.add(
        of("error", "text", "Why it was not executed, with its code; empty where it was."),
        |order: &mut SentHandle| {
            let error = order.sent().error.as_ref();
            error.map_or(String::new(), |(code, message)| format!("{code}: {message}"))
        },
    );
}

/// A step or an order as a failure shows it.
pub(super) fn spoken(value: &Dynamic) -> Option<String> {
    if let Some(order) = value.read_lock::<SentHandle>() {
        return Some(text(order.universe(), order.sent()));
    }
    let step = value.read_lock::<StepHandle>()?;
    Some(trace(std::slice::from_ref(step.record()), &step.0.1, 1).trim_end().to_owned())
}

fn by_key(universe: &Universe, changes: impl Iterator<Item = (KeyId, Quantity)>) -> Map {
    changes
        .map(|(key, amount)| {
            ((*universe.instrument(key).name).into(), Dynamic::from_decimal(amount.get()))
        })
        .collect()
}

fn sentence(universe: &Universe, sent: &Sent) -> String {
    words::sentence(universe, &sent.order.operation, sent.bound.quantity.get())
}

/// The order with what came of it.
fn text(universe: &Universe, sent: &Sent) -> String {
    let mut text = sentence(universe, sent);
    if sent.status != HandshakeStatus::Confirmed {
        let _ = write!(text, ": {}", sent.status.text());
    } else if sent.executed != sent.bound.quantity && !sent.executed.is_zero() {
        let _ = write!(text, ": {} executed", sent.executed.get().normalize());
    }
    if let Some((code, message)) = &sent.error {
        let _ = write!(text, ", {code}: {message}");
    }
    text
}

/// Where it stands and its line are told with the failure.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The last `most` steps on which something happened, and the very last one; holds in a row for one reason are one line.
pub(in crate::trial) fn trace(steps: &[StepRecord], universe: &Universe, most: usize) -> String {
    let is_quiet = |step: &StepRecord| {
        step.action == Action::Hold && step.constraints.is_empty() && step.notes.is_empty()
    };
    let mut groups: Vec<(usize, &StepRecord)> = Vec::new();
    for step in steps {
        match groups.last_mut() {
            Some((count, last))
                if is_quiet(last) && is_quiet(step) && last.reason == step.reason =>
            {
                *count += 1;
            }
            _ => groups.push((1, step)),
        }
    }
    let hidden = groups.len().saturating_sub(most);
    let mut text = String::new();
    if hidden > 0 {
        let _ = writeln!(text, "  … {hidden} before");
    }
    for (count, step) in groups.into_iter().skip(hidden) {
        let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
        let reason = if step.reason.is_empty() { "no decision" } else { &step.reason };
        let _ = writeln!(text, "  {}  {}: {reason}{times}", minute(step.at), step.action.text());
        for sent in &step.sent {
            let _ = writeln!(text, "      {}", self::text(universe, sent));
        }
        for met in &step.met {
            let _ = writeln!(text, "      mishap: {met}");
        }
        for why in &step.constraints {
            let _ = writeln!(text, "      held back, {}: {}", why.code, first_line(&why.message));
        }
        for (_, code, note) in &step.notes {
            let code = code.map(|code| format!("{code}: ")).unwrap_or_default();
            let _ = writeln!(text, "      {code}{}", first_line(note));
        }
    }
    text
}
