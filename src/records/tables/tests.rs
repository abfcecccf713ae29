//! The tables of one step with one event of each kind, read by eye once and held ever since.

use crate::records::encoder::Encoder;
use crate::records::sample;
use crate::types::event::{Event, EventBatch, ExecutionEvent, OrderEvent};
use crate::types::order_state::HandshakeStatus;
use crate::types::{Code, Execution, OrderState, Span};

fn table(folder: &std::path::Path, name: &str) -> String {
    std::fs::read_to_string(folder.join("results").join(name)).unwrap()
}

#[test]
fn a_step_is_one_row_of_each_table() {
    let folder = tempfile::tempdir().unwrap();
    let now = sample::at("2024-06-01T01:00:00Z");
    let mut encoder = Encoder::open(sample::plan(folder.path()), now).unwrap();
    encoder.write(&sample::step(now), now).unwrap();
    encoder.finish(now).unwrap();
    assert_eq!(
        table(folder.path(), "equity.csv"),
        "timestamp,equity,liquidation_value,pnl_step,pnl_total,flows,drawdown,share_value\n\
         2024-06-01T01:00:00Z,100322.5,100200,322.5,645,0,0,100322.5\n"
    );
    assert_eq!(
        table(folder.path(), "balance_sheet.csv"),
        "timestamp,key,quantity,value\n\
         2024-06-01T01:00:00Z,binance:BaseToken:USDT,60000.5,60000.5\n\
         2024-06-01T01:00:00Z,binance:BaseToken:BTC,0.592,39960\n\
         2024-06-01T01:00:00Z,binance:Perp:BTCUSDT,-0.592,12.5\n\
         2024-06-01T01:00:00Z,wallet:BaseToken:ETH,0.1,350\n"
    );
    assert_eq!(
        table(folder.path(), "pnl_attribution.csv"),
        "timestamp,lending,borrow_cost,staking,funding,basis,delta,rewards,fees,gas,slippage,peg,\
         liquidation,other,residual\n\
         2024-06-01T01:00:00Z,0,0,0,10,352.463996,0,0,-39.963996,0,0,0,0,0,0\n"
    );
    assert_eq!(
        table(folder.path(), "risk_metrics.csv"),
        "timestamp,level,margin_ratio_binance,margin_ratio_okx,delta_drift,drawdown\n\
         2024-06-01T01:00:00Z,warn,0.18,,-0.0012,0\n"
    );
    assert_eq!(
        table(folder.path(), "orders.csv"),
        "order_id,plan_id,leg,sent_at,operation,venue,symbol,side,amount,bound_amount,worst_price,promised,\
         status,state,ended_at,happened,executed_amount,average_price,fee_amount,fee_currency,error_code,\
         error_message,script,reason\n\
         00000000abcp3l0a1,3,0,2024-06-01T01:00:00Z,spot_trade,binance,BTCUSDT,buy,0.592,0.592,67600,\
         binance:BaseToken:BTC=0.592; binance:BaseToken:USDT=-40003.95 [-40200 .. -38000],\
         confirmed,filled,2024-06-01T01:00:00.200Z,\
         binance:BaseToken:BTC=0.592; binance:BaseToken:USDT=-40003.959996; wallet:BaseToken:ETH=-0.0001,\
         0.592,67506.75,39.963996,USDT,,,btc_basis.rhai:42,enter\n"
    );
}

#[test]
fn an_orders_row_tells_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let now = sample::at("2024-06-01T01:00:00Z");
    let mut encoder = Encoder::open(sample::plan(folder.path()), now).unwrap();
    let mut batch = EventBatch::default();
    for leg in 0..3 {
        let order = OrderEvent { order_id: sample::order_id(leg), ..sample::order_event(now) };
        batch.events.push(Event::Order(Box::new(order)));
    }
    // Leg 2 ends first; leg 1 goes through two states; of leg 0 nothing is heard.
    batch.events.push(Event::Execution(Box::new(refused(2))));
    batch.events.push(Event::Execution(Box::new(executed(1, OrderState::Filled))));
    batch.events.push(Event::Execution(Box::new(executed(1, OrderState::Reconciled))));
    encoder.write(&batch, now).unwrap();
    encoder.finish(now).unwrap();
    let text = table(folder.path(), "orders.csv");
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect();
    let column = |row: usize, name: &str| {
        let columns = text.lines().next().unwrap().split(',');
        rows[row].get(columns.into_iter().position(|column| column == name).unwrap()).unwrap()
    };
    assert_eq!(rows.len(), 3);
    assert_eq!([0, 1, 2].map(|row| column(row, "leg")), ["2", "1", "0"]);
    assert_eq!([0, 1, 2].map(|row| column(row, "status")), ["failed", "confirmed", ""]);
    assert_eq!([0, 1, 2].map(|row| column(row, "state")), ["rejected", "reconciled", ""]);
    assert_eq!(column(0, "error_code"), "EXEC-001");
    assert_eq!(column(0, "error_message"), "binance says: \"too small\", min 5");
    assert_eq!(column(2, "reason"), "enter");
}

fn executed(leg: u16, state: OrderState) -> ExecutionEvent {
    let mut event = sample::execution_event(sample::at("2024-06-01T01:00:00Z"));
    event.handshake.order_id = sample::order_id(leg);
    event.handshake.state = state;
    event
}

fn refused(leg: u16) -> ExecutionEvent {
    let mut event = executed(leg, OrderState::Rejected);
    event.handshake.status = HandshakeStatus::Failed;
    event.handshake.execution = None::<Execution>;
    let message = "binance says: \"too small\", min 5".to_owned();
    event.handshake.error = Some((Code::Exec001, Some("-1013".into()), message));
    event
}

#[test]
fn a_step_shows_its_last_real_balances_and_its_worst_risk() {
    let folder = tempfile::tempdir().unwrap();
    let now = sample::at("2024-06-01T01:00:00Z");
    let mut encoder = Encoder::open(sample::plan(folder.path()), now).unwrap();
    let mut batch = EventBatch::default();
    for (real, cash, ratio) in [(true, "5", "0.3"), (false, "6", "0.1"), (true, "7", "0.2")] {
        sample::push_balances(&mut batch, now, real, sample::dec(cash));
        sample::push_risk(&mut batch, now, sample::dec(ratio));
    }
    sample::push_balances(&mut batch, now, false, sample::dec("8"));
    sample::push_row(&mut batch, now);
    // The next step has simulated balances only, and no perp.
    let next = now + Span::from_hours(1);
    sample::push_balances(&mut batch, next, false, sample::dec("9"));
    sample::push_row(&mut batch, next);
    encoder.write(&batch, now).unwrap();
    encoder.finish(now).unwrap();
    let balances = table(folder.path(), "balance_sheet.csv");
    assert_eq!(
        balances.lines().skip(1).collect::<Vec<_>>(),
        [
            "2024-06-01T01:00:00Z,binance:BaseToken:USDT,7,7",
            "2024-06-01T02:00:00Z,binance:BaseToken:USDT,9,9"
        ]
    );
    let risk = table(folder.path(), "risk_metrics.csv");
    let ratios: Vec<_> = risk.lines().skip(1).map(|row| row.split(',').nth(2).unwrap()).collect();
    assert_eq!(ratios, ["0.1", ""]);
}

#[test]
fn a_run_that_is_given_up_leaves_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let now = sample::at("2024-06-01T01:00:00Z");
    let mut encoder = Encoder::open(sample::plan(folder.path()), now).unwrap();
    encoder.write(&sample::step(now), now).unwrap();
    encoder.abandon(now).unwrap();
    drop(encoder);
    assert_eq!(std::fs::read_dir(folder.path().join("results")).unwrap().count(), 0);
}
