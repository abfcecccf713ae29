//! What the tight loop checked: promised against actual deltas, our books against the venue's, and its own pass.

use crate::records::names::Names;
use crate::types::Code;
use crate::types::event::{DeltasEvent, ReconciliationEvent, TightLoopEvent};

use super::line::Line;

/// Fields of `execution_deltas.jsonl`.
pub fn deltas(line: &mut Line, names: &Names, event: &DeltasEvent) {
    line.count("source_operation_id", event.operation_id.0.into());
    line.word("operation", event.operation.name());
    line.open_list("deltas");
    for &(key, expected, actual) in &event.deltas {
        line.open_item();
        line.text("key", names.key_text(key));
        line.decimal("expected", expected.get());
        line.decimal("actual", actual.get());
        line.decimal("difference", (actual - expected).get());
        line.close();
    }
    line.close_list();
    line.truth("within_bounds", event.within_bounds);
    line.open("metadata");
    line.display("order_id", event.order_id);
    line.close();
}

/// Fields of `reconciliations.jsonl`.
pub fn reconciliation(line: &mut Line, names: &Names, event: &ReconciliationEvent) {
    line.word("trigger_source", event.trigger.text());
    line.word("reconciliation_type", if event.ledger { "ledger" } else { "promise" });
    line.truth("success", event.success);
    line.time("as_of", event.as_of);
    line.open("simulated_positions");
    for &(key, ours, ..) in &event.compared {
        line.decimal_of(names.key(key), ours.get());
    }
    line.close();
    line.open("real_positions");
    for &(key, _, theirs, _) in &event.compared {
        line.decimal_of(names.key(key), theirs.get());
    }
    line.close();
    line.open_list("mismatches");
    for &(key, ours, theirs, tolerance) in &event.compared {
        let difference = theirs - ours;
        if difference.abs() <= tolerance {
            continue;
        }
        line.open_item();
        line.text("key", names.key_text(key));
        line.decimal("simulated", ours.get());
        line.decimal("real", theirs.get());
        line.decimal("difference", difference.get());
        line.decimal("tolerance", tolerance.get());
        line.close();
    }
    line.close_list();
    line.count("attempt", event.attempt.into());
    line.count("max_attempts", event.max_attempts.into());
    line.open("metadata");
    if let Some(order_id) = event.order_id {
        line.display("order_id", order_id);
    }
    line.close();
}

/// Fields of `tight_loops.jsonl`.
pub fn tight_loop(line: &mut Line, event: &TightLoopEvent) {
    line.count("plan_id", event.plan.0.into());
    line.count("order_number", event.order_number.into());
    line.count("total_orders", event.total_orders.into());
    line.display("order_id", event.order_id);
    line.word("execution_status", event.status.text());
    line.truth("reconciliation_success", event.reconciled);
    line.count("reconciliation_attempts", event.reconciliation_attempts.into());
    line.count("retry_attempts", event.retries.into());
    line.integer("execution_time_ms", (event.executed_at - event.submitted_at).ms());
    line.integer("reconciliation_time_ms", (event.at - event.executed_at).ms());
    line.integer("total_time_ms", (event.at - event.submitted_at).ms());
    line.truth("system_failure_triggered", is_system_failure(event));
    if let Some((code, reason)) = &event.failure {
        line.text("failure_reason", &format!("{code}: {reason}"));
    }
    line.open("metadata");
    line.close();
}

/// Whether the failure is one of the program and its books rather than of the order.
fn is_system_failure(event: &TightLoopEvent) -> bool {
    matches!(&event.failure, Some((Code::Exec003 | Code::Exec004, _)))
}
