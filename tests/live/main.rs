//! The live shell against a real HTTP server that misbehaves as exchanges do, in one process and over kill −9. Whatever goes
//! wrong: no id is sent twice, no intent is filled twice, the books end equal to the exchange's, every plan ends, and the
//! state is the fold of the journal.

mod behaviours;
mod books;
mod client;
mod exchange;
mod kill;
mod kills;
mod mischief;
mod session;
mod shell;
mod strategy;
mod wire;
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use basis::engine::{End, Engine, Phase};
use basis::types::Quantity;
use rust_decimal::Decimal;
use tokio::runtime::Runtime;

use exchange::Exchange;
use kill::Points;
use mischief::Script;
use world::Weather;

fn runtime() -> Runtime {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.expect("a runtime can be made")
}

/// An exchange and the run of a whole script against it, in this process.
struct Drill {
    exchange: Exchange,
    engine: Engine,
    folder: tempfile::TempDir,
}

impl Drill {
    fn run(script: Script, weather: Weather) -> Self {
        let runtime = runtime();
        let (points, _) = Points::new();
        let exchange = runtime.block_on(Exchange::start(weather, script, points));
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let engine =
            session::run(exchange.address, folder.path(), runtime.handle(), Box::new(|| ()));
        let engine = engine.unwrap_or_else(|error| panic!("{error}"));
        runtime.shutdown_background();
        Self { exchange, engine, folder }
    }
}

/// What holds at the end of every run.
fn check(exchange: &Exchange, engine: &Engine, folder: &Path) {
    let state = engine.state();
    assert_eq!(exchange.with_books(|books| books.audit()), Vec::<String>::new());
    assert_eq!(state.phase, Phase::Ended(End::Done), "the run did not come to its end: {state:#?}");
    assert!(state.plans.is_empty(), "plans are left: {:#?}", state.plans);
    assert!(state.locks.is_empty(), "keys stay locked: {:?}", state.locks);
    let mut external: BTreeMap<_, Decimal> = BTreeMap::new();
    for (key, amount) in &state.external {
        *external.entry(*key).or_default() += amount.quantity.get();
    }
    external.retain(|_, amount| !amount.is_zero());
    assert!(external.is_empty(), "differences stay unexplained: {external:?}");
    assert!(state.tally.worst_residual < Decimal::new(1, 9), "{}", state.tally.worst_residual);

    let account = exchange.with_books(|books| books.account.clone());
    let universe = engine.step().universe();
    let ours = |name: &str| universe.key_named(name).expect("the tests' key");
    let position = ours("binance:Perp:BTCUSDT");
    for (key, theirs) in [
        (ours("binance:BaseToken:USDT"), account.usdt),
        (ours("binance:BaseToken:BTC"), account.btc),
        (position, account.position),
    ] {
        let name = &universe.instrument(key).name;
        assert_eq!(state.books.quantity(key), Quantity::new(theirs), "{name}");
    }
    assert_eq!(state.books.cost(position).get(), account.cost, "the position's cost");

    let folded = session::fold(folder).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(folded.engine.state(), state, "the state is the fold of the journal");
}
