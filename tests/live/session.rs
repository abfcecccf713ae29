//! One process' share of a run: opens the shell on a folder, feeds it step after step, each when the one before has come to
//! rest, and ends the run after the last.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use basis::config::Setup;
use basis::engine::{Command, Engine};
use basis::run::live::{
    Gateway, Inbox, LiveShell, Notice, Observer, Opening, Parts, Replayed, Scope, balances_of,
    replay,
};
use basis::types::{Coded, Timestamp};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::client::Client;
use crate::strategy::Turns;
use crate::world;

/// What is waited for at most; nothing of a test takes a tenth of it.
const BOUND: Duration = Duration::from_secs(60);

/// What the feed sees of the run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    at: Timestamp,
    is_at_rest: bool,
}

/// Tells the feed how the run goes, and whoever else asks of each record.
pub struct Watcher {
    seen: watch::Sender<Seen>,
    on_record: Box<dyn FnMut() + Send>,
}

impl Observer for Watcher {
    fn notice(&mut self, notice: Notice<'_>) {
        match notice {
            Notice::Durable(..) => (self.on_record)(),
            Notice::Turned(engine) => {
                let state = engine.state();
                let is_at_rest = state.plans.is_empty() && state.suspected.is_empty();
                let _ = self.seen.send(Seen { at: engine.step().now, is_at_rest });
            }
            Notice::Trouble(_) | Notice::Pay(_) => {}
        }
    }
}

/// Runs a run to its end, from wherever its journal is. Must be called on a thread of its own.
///
/// # Errors
/// Those of the shell.
pub fn run(
    exchange: SocketAddr,
    folder: &Path,
    runtime: &Handle,
    on_record: Box<dyn FnMut() + Send>,
) -> Result<Engine, Coded> {
    let (shell, client, seen) = open(exchange, folder, runtime, on_record)?;
    let after = shell.last_tick().unwrap_or_else(world::start);
    let feed = runtime.spawn(feed(client, shell.inbox(), seen, after));
    let engine = shell.run()?;
    feed.abort();
    Ok(engine)
}

/// Opens the run of a folder.
///
/// # Errors
/// Those of the shell.
pub fn open(
    exchange: SocketAddr,
    folder: &Path,
    runtime: &Handle,
    on_record: Box<dyn FnMut() + Send>,
) -> Result<(LiveShell, Client, watch::Receiver<Seen>), Coded> {
    let setup = world::setup();
    let client = Client::new(exchange, &setup.universe, setup.execution.validity);
    let gateways: Vec<Arc<dyn Gateway>> = vec![Arc::new(client.clone())];
    let (seen, watched) = watch::channel(Seen { is_at_rest: true, ..Seen::default() });
    let parts = Parts {
        setup: setup.clone(),
        strategy: Box::new(Turns::new(&setup.universe)),
        gateways: gateways.clone(),
        runtime: runtime.clone(),
        patience: Duration::from_millis(150),
        journal: folder.join("journal.log"),
        scope: Scope {
            locks: folder.join("locks"),
            name: "exchange-test".to_owned(),
            correlation_id: "c0ffee".to_owned(),
        },
        recorder: None,
        observer: Box::new(Watcher { seen, on_record }),
    };
    let opening = || {
        // A person would try again, too.
        let ask = || runtime.block_on(balances_of(&gateways, &setup.universe));
        let balances = (0..9).find_map(|_| ask().ok()).map_or_else(ask, Ok)?;
        let (spot, perp) = (60_000.into(), 60_012.into());
        Ok(Opening { at: world::start(), rows: world::opening_rows(spot, perp), balances })
    };
    Ok((LiveShell::open(parts, opening)?, client, watched))
}

/// The journal of a folder, folded.
///
/// # Errors
/// Those of a replay.
pub fn fold(folder: &Path) -> Result<Replayed, Coded> {
    let setup: Arc<Setup> = world::setup();
    let mut strategy: Option<Box<dyn basis::engine::Strategy>> =
        Some(Box::new(Turns::new(&setup.universe)));
    let folded = replay(&folder.join("journal.log"), &setup, &mut strategy, &mut |_| Ok(()))?;
    Ok(folded.expect("the journal has a beginning"))
}

/// Hands in step after step, then ends the run. With the last step everything is calm, and all balances are looked at once
/// more. A run that does not come to rest, or cannot be fed, is stopped without an end.
async fn feed(client: Client, inbox: Inbox, mut seen: watch::Receiver<Seen>, mut after: Timestamp) {
    while wait(&mut seen, |seen| seen.is_at_rest).await {
        let Ok(next) = client.tick_after(after).await else { break };
        let Some(next) = next else { return inbox.command(Command::Finish) };
        // What the exchange has settled is told by the feed, too: twice is as good as once.
        if let Ok(reports) = client.history(world::start()).await {
            reports.into_iter().for_each(|report| inbox.report(report));
        }
        let tick = world::tick_of(&next);
        after = tick.at;
        inbox.tick(tick);
        if !wait(&mut seen, |seen| seen.at >= after).await {
            break;
        }
    }
    inbox.stop();
}

/// Waits for the run, within a bound; `false` when it takes longer or the run is gone.
async fn wait(seen: &mut watch::Receiver<Seen>, is_there: impl Fn(&Seen) -> bool) -> bool {
    let found = tokio::time::timeout(BOUND, seen.wait_for(|seen| is_there(seen))).await;
    matches!(found, Ok(Ok(_)))
}
