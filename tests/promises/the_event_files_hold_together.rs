//! The event files of a whole run of BASIS-1, read across: one sequence, every order executed, profit that sums, balances and
//! tables that say the same as the events, and every field that readers of the logs expect.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;

use crate::desk::Desk;
use crate::evidence::{basis1_data, events};

/// The fields beyond the common ones, by kind; those with a `?` may be left out.
const KINDS: [(&str, &str); 12] = [
    ("positions", "position_type trigger_source positions total_value share_class"),
    ("exposures", "net_delta asset_exposures total_value_usd share_class_value"),
    (
        "risk_assessments",
        "health_factor? ltv_ratio? liquidation_threshold? margin_ratios delta_drift data_age_s risk_level warnings breaches",
    ),
    (
        "pnl_calculations",
        "equity liquidation_value pnl_step pnl_total attribution residual fees_paid funding_received pnl_by_venue \
         pnl_by_asset",
    ),
    (
        "orders",
        "order_id operation_id operation venue source_venue target_venue source_token target_token amount amount_kind \
         bound_amount? expected_deltas options take_profit? stop_loss? atomic_group? sequence_in_group? plan_id leg strategy \
         script_version script_line reason",
    ),
    (
        "operation_executions",
        "order_id operation_id operation venue status state position_deltas executed_amount average_price? fee_amount \
         fee_currency gas_used? error_code? error_message? native_code? submitted_at executed_at? execution_time_ms \
         venue_metadata simulated",
    ),
    (
        "atomic_groups",
        "atomic_group total_operations operations group_status total_gas_fees execution_time_ms rollback_reason?",
    ),
    ("execution_deltas", "source_operation_id operation deltas within_bounds"),
    (
        "reconciliations",
        "trigger_source reconciliation_type success as_of simulated_positions real_positions mismatches attempt max_attempts",
    ),
    (
        "tight_loops",
        "plan_id order_number total_orders order_id execution_status reconciliation_success reconciliation_attempts \
         retry_attempts execution_time_ms reconciliation_time_ms total_time_ms system_failure_triggered failure_reason?",
    ),
    (
        "strategy_decisions",
        "action reason trigger_source orders_generated risk_level market_conditions portfolio_state constraints_violated \
         decide_us script_version",
    ),
    (
        "event_logger_operations",
        "operation_type event_type? success events_count file? error? duration_ms",
    ),
];

const COMMON: &str = "sequence timestamp real_utc_time correlation_id pid metadata";

/// The finished run, read once for all the questions.
struct Run {
    desk: Desk,
    id: String,
    summary: Value,
    kinds: BTreeMap<&'static str, Vec<Value>>,
}

#[test]
fn the_event_files_of_basis1_hold_together() {
    let run = basis1();
    the_result_is_the_benchmarks(&run);
    every_line_has_its_fields(&run);
    the_sequence_has_no_gap_and_time_never_goes_back(&run);
    every_order_has_its_execution_and_every_execution_its_order(&run);
    every_order_is_reconciled_within_its_bounds(&run);
    profit_by_cause_sums_to_the_total(&run);
    the_balance_sheet_is_the_positions(&run);
    balances_move_by_what_was_posted(&run);
    the_tables_end_where_the_summary_does(&run);
}

fn basis1() -> Run {
    let desk = Desk::new();
    let data = basis1_data();
    let id = desk.run(&["run", "strategies/bench/basis1.rhai", "--data", &data]);
    let text = desk.read(&format!("results/{id}/summary.json"));
    let summary = serde_json::from_str(&text).expect("the summary is JSON");
    let kinds = KINDS.iter().map(|(kind, _)| (*kind, events(&desk, &id, kind))).collect();
    Run { desk, id, summary, kinds }
}

/// BASIS-1's result, which every system measured agrees on, and its number of rebalances.
fn the_result_is_the_benchmarks(run: &Run) {
    let equity = decimal(&run.summary["final_equity"]);
    assert_eq!(equity.round_dp(2), "105688.69".parse().expect("a number"));
    assert_eq!(run.summary["rebalances"], 162);
    assert_eq!(run.summary["steps"], 8760);
    assert_eq!(run.summary["residual"], "0");
}

fn every_line_has_its_fields(run: &Run) {
    for (kind, fields) in KINDS {
        let known: BTreeSet<&str> = fields
            .split_whitespace()
            .map(|field| field.trim_end_matches('?'))
            .chain(COMMON.split(' '))
            .collect();
        for line in &run.kinds[kind] {
            let object = line.as_object().expect("an event is an object");
            let needed = fields.split_whitespace().filter(|field| !field.ends_with('?'));
            for field in needed.chain(COMMON.split(' ')) {
                assert!(object.contains_key(field), "{kind} lacks {field}: {line}");
            }
            let stray = object.keys().find(|name| !known.contains(name.as_str()));
            assert_eq!(stray, None, "{kind} has a field that nobody expects: {line}");
            assert_eq!(object["correlation_id"], run.id.as_str());
        }
        // A perp and a spot order go together in BASIS-1, but never atomically.
        assert_eq!(run.kinds[kind].is_empty(), kind == "atomic_groups", "lines of {kind}");
    }
}

fn the_sequence_has_no_gap_and_time_never_goes_back(run: &Run) {
    let mut all: Vec<(u64, &str)> = run
        .kinds
        .values()
        .flatten()
        .map(|line| (line["sequence"].as_u64().expect("a number"), text(&line["timestamp"])))
        .collect();
    all.sort_unstable();
    for (index, (sequence, _)) in all.iter().enumerate() {
        assert_eq!(
            *sequence,
            index as u64 + 1,
            "the sequence counts all twelve files without a gap"
        );
    }
    for pair in all.windows(2) {
        assert!(pair[0].1 <= pair[1].1, "time goes back from {:?} to {:?}", pair[0], pair[1]);
    }
}

fn every_order_has_its_execution_and_every_execution_its_order(run: &Run) {
    let of = |kind: &str| -> BTreeMap<String, &Value> {
        let by_id: BTreeMap<_, _> =
            run.kinds[kind].iter().map(|line| (text(&line["order_id"]).to_owned(), line)).collect();
        assert_eq!(by_id.len(), run.kinds[kind].len(), "an order id stands once in {kind}");
        by_id
    };
    let (orders, executions) = (of("orders"), of("operation_executions"));
    assert!(orders.keys().eq(executions.keys()), "orders and executions have the same ids");
    assert_eq!(run.summary["orders"], orders.len());
    for (id, order) in orders {
        let execution = executions[&id];
        for field in ["operation", "operation_id", "venue"] {
            assert_eq!(order[field], execution[field], "{field} of {id}");
        }
        assert!(order["sequence"].as_u64() < execution["sequence"].as_u64(), "{id} is sent first");
        assert_eq!(execution["status"], "confirmed");
        assert_eq!(execution["executed_amount"], order["bound_amount"], "{id} fills whole");
    }
}

fn every_order_is_reconciled_within_its_bounds(run: &Run) {
    let orders = run.kinds["orders"].len();
    for (kind, field) in [
        ("execution_deltas", "within_bounds"),
        ("tight_loops", "reconciliation_success"),
        ("reconciliations", "success"),
    ] {
        assert!(run.kinds[kind].iter().all(|line| line[field] == true), "{field} in {kind}");
    }
    assert_eq!(run.kinds["execution_deltas"].len(), orders);
    assert_eq!(run.kinds["tight_loops"].len(), orders);
    let of = |which: &str| {
        run.kinds["reconciliations"]
            .iter()
            .filter(|line| line["reconciliation_type"] == which)
            .count()
    };
    assert_eq!(of("promise"), orders, "every order is held against its promise");
    assert!(of("ledger") > 0, "the ledger is compared");
}

fn profit_by_cause_sums_to_the_total(run: &Run) {
    let steps = &run.kinds["pnl_calculations"];
    assert_eq!(run.summary["steps"], steps.len());
    let initial = decimal(&run.summary["initial_equity"]);
    let mut by_cause: BTreeMap<String, Decimal> = BTreeMap::new();
    let mut total = Decimal::ZERO;
    for step in steps {
        let mut explained = decimal(&step["residual"]);
        for (cause, value) in step["attribution"].as_object().expect("an object") {
            explained += decimal(value);
            *by_cause.entry(cause.clone()).or_default() += decimal(value);
        }
        assert_eq!(explained, decimal(&step["pnl_step"]), "the step is its causes: {step}");
        total += explained;
        assert_eq!(total, decimal(&step["pnl_total"]), "the total is the sum of the steps: {step}");
        assert_eq!(
            initial + total,
            decimal(&step["equity"]),
            "equity is what the causes say: {step}"
        );
        let venues = step["pnl_by_venue"].as_object().expect("an object");
        let by_venue: Decimal = venues.values().map(decimal).sum();
        assert_eq!(by_venue, decimal(&step["pnl_step"]), "the step is its venues: {step}");
    }
    for (cause, value) in run.summary["attribution"].as_object().expect("an object") {
        assert_eq!(by_cause[cause], decimal(value), "{cause} over the run");
    }
    let fees: Decimal =
        run.kinds["operation_executions"].iter().map(|line| decimal(&line["fee_amount"])).sum();
    assert_eq!(fees, -by_cause["fees"], "the fees of the executions are the fees of the profit");
    assert_eq!(fees, decimal(&run.summary["fees"]));
}

/// The last real positions of each time are the rows of the balance sheet of that time.
fn the_balance_sheet_is_the_positions(run: &Run) {
    let mut told: BTreeMap<String, BTreeMap<String, Decimal>> = BTreeMap::new();
    for line in run.kinds["positions"].iter().filter(|line| line["position_type"] == "real") {
        let positions = line["positions"].as_object().expect("an object");
        let positions = positions.iter().map(|(key, value)| (key.clone(), decimal(value)));
        told.insert(text(&line["timestamp"]).to_owned(), positions.collect());
    }
    let mut sheet: BTreeMap<String, BTreeMap<String, Decimal>> = BTreeMap::new();
    for row in table(run, "balance_sheet.csv") {
        let quantity = row["quantity"].parse().expect("a number");
        sheet.entry(row["timestamp"].clone()).or_default().insert(row["key"].clone(), quantity);
    }
    assert_eq!(told.len(), 8760);
    assert_eq!(told, sheet);
}

/// Coins and perps move by the deltas of executions and by nothing else, so the last positions are the sum of all of them.
fn balances_move_by_what_was_posted(run: &Run) {
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for line in &run.kinds["operation_executions"] {
        for delta in line["position_deltas"].as_array().expect("a list") {
            *sums.entry(text(&delta["key"]).to_owned()).or_default() += decimal(&delta["amount"]);
        }
    }
    let last = run.kinds["positions"].last().expect("there are positions");
    let held = |key: &str| decimal(&last["positions"][key]);
    for key in ["binance:BaseToken:BTC", "binance:Perp:BTCUSDT"] {
        assert_eq!(sums[key], held(key), "{key}");
    }
    assert_eq!(held("binance:BaseToken:BTC"), -held("binance:Perp:BTCUSDT"), "the legs are equal");
}

fn the_tables_end_where_the_summary_does(run: &Run) {
    let equity = table(run, "equity.csv");
    assert_eq!(equity.len(), 8760);
    let last = equity.last().expect("it has rows");
    assert_eq!(run.summary["final_equity"], last["equity"].as_str());
    assert_eq!(run.summary["liquidation_value"], last["liquidation_value"].as_str());
    for (row, event) in equity.iter().zip(&run.kinds["pnl_calculations"]) {
        for field in ["timestamp", "equity", "liquidation_value", "pnl_step", "pnl_total"] {
            assert_eq!(
                event[field],
                row[field].as_str(),
                "{field} of equity.csv is that of the event"
            );
        }
    }
    let orders = table(run, "orders.csv");
    let told: BTreeSet<&str> =
        run.kinds["orders"].iter().map(|line| text(&line["order_id"])).collect();
    let rows: BTreeSet<&str> = orders.iter().map(|row| row["order_id"].as_str()).collect();
    assert_eq!((rows.len(), rows), (orders.len(), told), "orders.csv has every order once");
    let worst = table(run, "risk_metrics.csv")
        .iter()
        .filter_map(|row| row["margin_ratio_binance"].parse::<Decimal>().ok())
        .min();
    assert_eq!(worst, Some(decimal(&run.summary["worst_margin_ratio"])));
    let causes = table(run, "pnl_attribution.csv");
    for (cause, value) in run.summary["attribution"].as_object().expect("an object") {
        let sum: Decimal =
            causes.iter().map(|row| row[cause].parse::<Decimal>().expect("a number")).sum();
        assert_eq!(sum, decimal(value), "{cause} of pnl_attribution.csv");
    }
}

/// The rows of a table of the results, by column.
fn table(run: &Run, name: &str) -> Vec<BTreeMap<String, String>> {
    let path = run.desk.path(&format!("results/{}/{name}", run.id));
    let mut reader =
        csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    reader.deserialize().map(|row| row.unwrap_or_else(|error| panic!("{name}: {error}"))).collect()
}

fn decimal(value: &Value) -> Decimal {
    text(value).parse().unwrap_or_else(|_| panic!("{value} is a decimal"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is a text"))
}
