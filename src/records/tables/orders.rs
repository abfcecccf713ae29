//! `orders.csv`: one row an order, what was promised and what happened, written when the order ends.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;

use crate::records::jsonl::{Route, fee_of};
use crate::records::text::{push_count, push_csv_text, push_decimal, push_timestamp};
use crate::types::event::{ExecutionEvent, OrderEvent, TightLoopEvent};
use crate::types::order_state::ExecutionHandshake;
use crate::types::{Coded, Execution, Expected, KeyId, OrderId, OrderState, Timestamp, Universe};

use super::table_file::TableFile;

const COLUMNS: &str = "order_id,plan_id,leg,sent_at,operation,venue,symbol,side,amount,\
bound_amount,worst_price,promised,status,state,ended_at,happened,executed_amount,average_price,\
fee_amount,fee_currency,error_code,error_message,script,reason";

/// The columns from `status` to `error_message`, empty for an order of which nothing was heard.
const HAPPENED_COLUMNS: usize = 10;

/// The table and the orders that have not ended.
#[derive(Debug)]
pub struct OrdersTable {
    /// The rows.
    pub file: TableFile,
    open: BTreeMap<OrderId, OpenOrder>,
}

#[derive(Debug)]
struct OpenOrder {
    sent: OrderEvent,
    handshake: Option<ExecutionHandshake>,
}

impl OrdersTable {
    /// Begins the table.
    ///
    /// # Errors
    /// LOG-002 when the file cannot be made.
    pub fn create(dir: &Path) -> Result<Self, Coded> {
        let file = TableFile::create(dir, "orders.csv", COLUMNS)?;
        Ok(Self { file, open: BTreeMap::new() })
    }

    /// An order was handed to the shell.
    pub fn sent(&mut self, order: &OrderEvent) {
        let open = OpenOrder { sent: order.clone(), handshake: None };
        self.open.insert(order.order_id, open);
    }

    /// Something became of an order; its row is written when nothing more will.
    ///
    /// # Errors
    /// LOG-001 when the table cannot be written.
    pub fn executed(&mut self, universe: &Universe, event: &ExecutionEvent) -> Result<(), Coded> {
        let id = event.handshake.order_id;
        let Some(open) = self.open.get_mut(&id) else { return Ok(()) };
        open.handshake = Some(event.handshake.clone());
        if event.handshake.state.is_at_rest() { self.end(universe, id) } else { Ok(()) }
    }

    /// An order's pass of the tight loop is over: its row is written if it is not yet.
    ///
    /// # Errors
    /// LOG-001 when the table cannot be written.
    pub fn passed(&mut self, universe: &Universe, pass: &TightLoopEvent) -> Result<(), Coded> {
        let Some(open) = self.open.get_mut(&pass.order_id) else { return Ok(()) };
        if let Some(handshake) = &mut open.handshake {
            let executed = matches!(handshake.state, OrderState::Filled | OrderState::Partly);
            if pass.reconciled && executed {
                handshake.state = OrderState::Reconciled;
            }
        }
        self.end(universe, pass.order_id)
    }

    /// Writes the orders that have not ended, in the order of their ids.
    ///
    /// # Errors
    /// LOG-001 when the table cannot be written.
    pub fn write_open(&mut self, universe: &Universe) -> Result<(), Coded> {
        for open in std::mem::take(&mut self.open).into_values() {
            self.write(universe, &open)?;
        }
        Ok(())
    }

    fn end(&mut self, universe: &Universe, id: OrderId) -> Result<(), Coded> {
        match self.open.remove(&id) {
            Some(open) => self.write(universe, &open),
            None => Ok(()),
        }
    }

    fn write(&mut self, universe: &Universe, open: &OpenOrder) -> Result<(), Coded> {
        let mut row = Row { out: self.file.lines.line() };
        promised(&mut row, universe, &open.sent);
        match &open.handshake {
            Some(handshake) => happened(&mut row, universe, handshake),
            None => row.gap(HAPPENED_COLUMNS),
        }
        let origin = &open.sent.order.origin;
        match origin.line {
            0 => row.gap(1),
            line => row.text(&format!("{}:{line}", origin.file)),
        }
        row.text(&open.sent.reason);
        row.end();
        self.file.lines.end_line()
    }
}

/// The columns up to `promised`.
fn promised(row: &mut Row, universe: &Universe, sent: &OrderEvent) {
    let (order, bound) = (&sent.order, &sent.bound);
    let route = Route::of(universe, &order.operation);
    row.text(&sent.order_id.to_string());
    row.count(sent.order_id.plan.0.into());
    row.count(sent.order_id.leg.into());
    row.time(sent.at);
    row.text(order.operation.name());
    row.text(&universe.venue(route.venue).name);
    row.text(route.symbol.unwrap_or_default());
    row.text(route.side_text().unwrap_or_default());
    row.decimal(Some(order.amount.expected.get()));
    row.decimal(Some(bound.quantity.get()));
    row.decimal(bound.limit.map(|price| price.get()));
    row.text(&promised_deltas(universe, &bound.deltas));
}

/// The columns from `status` to `error_message`.
fn happened(row: &mut Row, universe: &Universe, handshake: &ExecutionHandshake) {
    let execution = handshake.execution.as_ref();
    row.text(handshake.status.text());
    row.text(handshake.state.text());
    match execution {
        Some(done) => row.time(done.executed_at),
        None => row.gap(1),
    }
    row.text(&execution.map_or(String::new(), |done| actual_deltas(universe, done)));
    row.decimal(execution.map(|done| done.executed.get()));
    row.decimal(execution.and_then(|done| done.average_price).map(|price| price.get()));
    match execution.and_then(|done| fee_of(universe, done)) {
        Some((amount, token)) => {
            row.decimal(Some(amount.get()));
            row.text(universe.token(token));
        }
        None => row.gap(2),
    }
    match &handshake.error {
        Some((code, _, message)) => {
            row.text(code.text());
            row.text(message);
        }
        None => row.gap(2),
    }
}

/// `key=expected [at_least .. at_most]` for each key, the bounds only where they differ.
fn promised_deltas(universe: &Universe, deltas: &[Expected]) -> String {
    let texts = deltas.iter().map(|delta| {
        let name = &universe.instrument(delta.key).name;
        if delta.at_least == delta.at_most {
            format!("{name}={}", delta.expected)
        } else {
            format!("{name}={} [{} .. {}]", delta.expected, delta.at_least, delta.at_most)
        }
    });
    texts.collect::<Vec<_>>().join("; ")
}

/// `key=change` for each key that changed, all its postings summed, in the order of the first.
fn actual_deltas(universe: &Universe, execution: &Execution) -> String {
    let mut keys: Vec<KeyId> = Vec::new();
    for delta in &execution.deltas {
        if !keys.contains(&delta.key) {
            keys.push(delta.key);
        }
    }
    let texts = keys
        .into_iter()
        .map(|key| format!("{}={}", universe.instrument(key).name, execution.net(key)));
    texts.collect::<Vec<_>>().join("; ")
}

/// A row under construction; every field ends with a comma, the last one's becomes the newline.
struct Row<'a> {
    out: &'a mut Vec<u8>,
}

impl Row<'_> {
    fn text(&mut self, text: &str) {
        push_csv_text(self.out, text);
        self.out.push(b',');
    }

    fn count(&mut self, count: u64) {
        push_count(self.out, count);
        self.out.push(b',');
    }

    fn decimal(&mut self, number: Option<Decimal>) {
        if let Some(number) = number {
            push_decimal(self.out, number);
        }
        self.out.push(b',');
    }

    fn time(&mut self, at: Timestamp) {
        push_timestamp(self.out, at);
        self.out.push(b',');
    }

    fn gap(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(b',', columns));
    }

    fn end(self) {
        self.out.pop();
        self.out.push(b'\n');
    }
}
