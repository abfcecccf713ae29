//! What the shell itself promises: one owner of a scope, commands and money through the channel, a stop that is no end.

use std::sync::mpsc::channel;

use basis::engine::{Command, End, Flow, Phase, Speed};
use basis::run::live::LiveShell;
use basis::types::{Code, Quantity, Timestamp};
use rust_decimal::Decimal;
use tokio::runtime::Runtime;

use crate::exchange::Exchange;
use crate::kill::Points;
use crate::mischief::Script;
use crate::world::Weather;
use crate::{runtime, session};

fn exchange(runtime: &Runtime, script: Script) -> Exchange {
    let (points, _) = Points::new();
    let weather = Weather { seed: 3, steps: 4, swing: 0 };
    runtime.block_on(Exchange::start(weather, script, points))
}

fn open(exchange: &Exchange, folder: &std::path::Path, runtime: &Runtime) -> LiveShell {
    let opened = session::open(exchange.address, folder, runtime.handle(), Box::new(|| ()));
    opened.unwrap_or_else(|error| panic!("{error}")).0
}

#[test]
fn two_live_runs_on_one_scope_are_refused() {
    let runtime = runtime();
    let exchange = exchange(&runtime, Script::Calm);
    let folder = tempfile::tempdir().unwrap();
    let first = open(&exchange, folder.path(), &runtime);
    let second = session::open(exchange.address, folder.path(), runtime.handle(), Box::new(|| ()));
    let error = second.map(|_| ()).unwrap_err();
    assert_eq!(error.code, Code::Engine003, "{error}");
    assert!(error.message.contains("exchange-test") && error.message.contains("c0ffee"), "{error}");
    drop(first);
    open(&exchange, folder.path(), &runtime);
}

#[test]
fn a_stop_ends_the_process_and_not_the_run_which_keeps_its_tag() {
    let runtime = runtime();
    let exchange = exchange(&runtime, Script::Calm);
    let folder = tempfile::tempdir().unwrap();
    let shell = open(&exchange, folder.path(), &runtime);
    let run = shell.engine().state().run;
    shell.inbox().stop();
    let engine = shell.run().unwrap();
    assert_eq!(engine.state().phase, Phase::Trading);
    let again = open(&exchange, folder.path(), &runtime);
    assert_eq!(again.engine().state().run, run, "order ids go on as they began");
    again.inbox().command(Command::Finish);
    assert_eq!(again.run().unwrap().state().phase, Phase::Ended(End::Done));
    let ended = open(&exchange, folder.path(), &runtime);
    assert_eq!(ended.run().unwrap().state().phase, Phase::Ended(End::Done), "an end is an end");
}

#[test]
fn money_and_commands_come_through_the_channel_and_survive_a_restart() {
    let runtime = runtime();
    let exchange = exchange(&runtime, Script::Calm);
    let folder = tempfile::tempdir().unwrap();
    let shell = open(&exchange, folder.path(), &runtime);
    let key = shell.engine().step().universe().key_named("binance:BaseToken:USDT").unwrap();
    let amount = Quantity::new(Decimal::from(500));
    shell.inbox().capital(Flow { key, amount, at: Timestamp::from_ms(0), speed: Speed::Slow });
    shell.inbox().command(Command::WindDown);
    // The stop is taken before anything that waits; what waits must come first here.
    let (sender, receiver) = channel();
    let inbox = shell.inbox();
    let run = std::thread::spawn(move || {
        let engine = shell.run().unwrap();
        sender.send(engine.state().clone()).unwrap();
    });
    inbox.command(Command::Finish);
    run.join().unwrap();
    let state = receiver.recv().unwrap();
    assert_eq!(state.books.quantity(key), Quantity::new(Decimal::from(100_500)));
    assert!(state.wind_down);
    assert_eq!(session::fold(folder.path()).unwrap().engine.state(), &state);
}

#[test]
fn a_journal_torn_in_its_beginning_is_begun_again_and_a_strange_one_refused() {
    let runtime = runtime();
    let exchange = exchange(&runtime, Script::Calm);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.log");
    drop(open(&exchange, folder.path(), &runtime));
    let whole = std::fs::read(&path).unwrap();
    let header = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [0, header / 2, header, header + 7] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        drop(open(&exchange, folder.path(), &runtime));
        assert_eq!(session::fold(folder.path()).unwrap().records, 2, "cut at {cut}");
    }
    let mut writer = basis::records::journal::JournalWriter::resume(&path, 0).unwrap();
    writer
        .append(b"{\"version\":1,\"run\":1,\"script\":\"another\",\"config\":\"\",\"data\":\"\"}")
        .unwrap();
    writer.append(&whole[header + 9..whole.len() - 1]).unwrap();
    drop(writer);
    let refused = session::open(exchange.address, folder.path(), runtime.handle(), Box::new(|| ()));
    assert_eq!(refused.map(|_| ()).unwrap_err().code, Code::Engine002);
}

/// What makes the other tests worth something: the exchange does fill a repeated id again, and its audit says so.
#[test]
fn the_exchange_fills_an_id_that_is_sent_again_and_does_not_forget_it() {
    use crate::books::Books;
    use crate::wire::{Book, NewOrder, Status, Way};
    let price = Decimal::from(60_000);
    let mut books = Books::new(Decimal::from(100_000), price, price);
    let order = NewOrder {
        client_id: "00000000000p1l0a1".to_owned(),
        book: Book::Spot,
        way: Way::Buy,
        quantity: Decimal::new(1, 2),
        limit: price,
        reduce_only: false,
        sent_at: 0,
        window_ms: 10,
    };
    assert_eq!(books.place(&order, Decimal::ONE, true, 5).unwrap().status, Status::Open);
    assert_eq!(books.place(&order, Decimal::ONE, false, 5), Err("DUPLICATE"));
    books.execute(&order.client_id, Decimal::ONE, 6);
    assert_eq!(books.audit(), Vec::<String>::new());
    assert_eq!(books.place(&order, Decimal::ONE, false, 11), Err("EXPIRED"));
    assert_eq!(books.place(&order, Decimal::ONE, false, 7).unwrap().status, Status::Filled);
    assert_eq!(books.audit(), ["00000000000p1l0a1 was filled 2 times"]);
    let again = NewOrder { client_id: "00000000000p1l0a2".to_owned(), ..order };
    books.place(&again, Decimal::ONE, false, 8).unwrap();
    assert!(
        books
            .audit()
            .contains(&"the intent 00000000000p1l0 was filled by 2 of its attempts".to_owned())
    );
}
