//! The desk: performs the engine's effects at the gateways, each as a task, and brings the answers to the inbox.
//!
//! Orders and queries go at once, side by side. What is read of an account goes through one reader a venue, settlements
//! before balances, so that balances are never told ahead of the settlement that explains them. Nothing waits longer than
//! the patience; what has not answered by then is unknown.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::engine::Input;
use crate::types::{
    BoundOrder, Code, Coded, GroupOutcome, KeyId, OrderId, Outcome, Span, Timestamp, VenueId,
};

use super::gateway::Gateway;
use super::inbox::Inbox;

/// Performs effects.
pub(super) struct Desk {
    gateways: Vec<Arc<dyn Gateway>>,
    readers: Vec<UnboundedSender<Ask>>,
    runtime: Handle,
    inbox: Inbox,
    patience: Duration,
    validity: Span,
    /// When an order was handed over; after a restart, when it was first asked for.
    since: BTreeMap<OrderId, Timestamp>,
}

/// Something to read of an account.
#[derive(Debug)]
enum Ask {
    Balances(Arc<[KeyId]>),
    Settlements(Timestamp),
}

impl Desk {
    /// A desk before its first effect. `gateways` are by venue.
    pub(super) fn new(
        gateways: Vec<Arc<dyn Gateway>>,
        runtime: Handle,
        inbox: Inbox,
        patience: Duration,
        validity: Span,
    ) -> Self {
        let reader = |gateway: &Arc<dyn Gateway>| {
            let (asks, asked) = unbounded_channel();
            runtime.spawn(read(gateway.clone(), asked, inbox.clone(), patience));
            asks
        };
        let readers = gateways.iter().map(reader).collect();
        Self { gateways, readers, runtime, inbox, patience, validity, since: BTreeMap::new() }
    }

    pub(super) fn submit(
        &mut self,
        now: Timestamp,
        venue: VenueId,
        id: OrderId,
        order: Arc<BoundOrder>,
    ) {
        self.since.insert(id, now);
        let gateway = self.gateways[venue.index()].clone();
        let answer = async move { gateway.submit(id, &order, now).await };
        self.answer(answer, move |outcome| Input::Outcome(id, outcome.unwrap_or(Outcome::Unknown)));
        self.inbox.input(Input::Sent(id));
    }

    pub(super) fn submit_group(
        &mut self,
        now: Timestamp,
        venue: VenueId,
        orders: Arc<[(OrderId, BoundOrder)]>,
    ) {
        let Some(&(first, _)) = orders.first() else { return };
        self.since.insert(first, now);
        let gateway = self.gateways[venue.index()].clone();
        let answer = async move { gateway.submit_group(&orders, now).await };
        self.answer(answer, move |outcome| {
            Input::GroupOutcome(first, outcome.unwrap_or(GroupOutcome::Unknown))
        });
        self.inbox.input(Input::Sent(first));
    }

    pub(super) fn query(&mut self, now: Timestamp, venue: VenueId, id: OrderId) {
        let is_final = self.is_past_validity(now, id);
        let gateway = self.gateways[venue.index()].clone();
        let answer = async move { gateway.query(id).await };
        self.answer(answer, move |outcome| {
            let outcome = match outcome.unwrap_or(Outcome::Unknown) {
                Outcome::NotFound { .. } => Outcome::NotFound { is_final },
                known => known,
            };
            Input::Outcome(id, outcome)
        });
    }

    pub(super) fn query_group(&mut self, now: Timestamp, venue: VenueId, first: OrderId) {
        let is_final = self.is_past_validity(now, first);
        let gateway = self.gateways[venue.index()].clone();
        let answer = async move { gateway.query_group(first).await };
        self.answer(answer, move |outcome| {
            let outcome = match outcome.unwrap_or(GroupOutcome::Unknown) {
                GroupOutcome::NotFound { .. } => GroupOutcome::NotFound { is_final },
                known => known,
            };
            Input::GroupOutcome(first, outcome)
        });
    }

    pub(super) fn observe(&self, venue: VenueId, keys: Arc<[KeyId]>) {
        self.ask(venue, Ask::Balances(keys));
    }

    pub(super) fn history(&self, venue: VenueId, since: Timestamp) {
        self.ask(venue, Ask::Settlements(since));
    }

    /// An order is at its end: nobody will ask for it again.
    pub(super) fn forget(&mut self, id: OrderId) {
        self.since.remove(&id);
    }

    /// Whether a request that is not there now, by the answer to a question asked now, can no longer arrive.
    fn is_past_validity(&mut self, now: Timestamp, id: OrderId) -> bool {
        now - *self.since.entry(id).or_insert(now) > self.validity
    }

    fn ask(&self, venue: VenueId, ask: Ask) {
        // A reader ends only with the runtime, which ends after the run.
        let _ = self.readers[venue.index()].send(ask);
    }

    fn answer<T: Send + 'static>(
        &self,
        asked: impl Future<Output = T> + Send + 'static,
        input: impl FnOnce(Option<T>) -> Input + Send + 'static,
    ) {
        let (inbox, patience) = (self.inbox.clone(), self.patience);
        let task = self.runtime.spawn(asked);
        self.runtime.spawn(async move { inbox.input(input(patiently(task, patience).await)) });
    }
}

/// What a task gives within the patience; nothing when it takes longer or panics.
async fn patiently<T>(task: JoinHandle<T>, patience: Duration) -> Option<T> {
    let abort = task.abort_handle();
    match tokio::time::timeout(patience, task).await {
        Ok(answered) => answered.ok(),
        Err(_) => {
            abort.abort();
            None
        }
    }
}

/// One venue's reader. Questions that wait while one is under way are asked together.
async fn read(
    gateway: Arc<dyn Gateway>,
    mut asked: UnboundedReceiver<Ask>,
    inbox: Inbox,
    patience: Duration,
) {
    while let Some(first) = asked.recv().await {
        let mut since: Option<Timestamp> = None;
        let mut keys: Vec<KeyId> = Vec::new();
        let mut next = Some(first);
        while let Some(ask) = next {
            match ask {
                Ask::Settlements(from) => since = Some(since.map_or(from, |at| at.min(from))),
                Ask::Balances(more) => keys.extend(more.iter()),
            }
            next = asked.try_recv().ok();
        }
        if let Some(since) = since {
            let gateway = gateway.clone();
            let task = tokio::spawn(async move { gateway.history(since).await });
            match patiently(task, patience).await.unwrap_or_else(unanswered) {
                Ok(reports) => reports.into_iter().for_each(|report| inbox.report(report)),
                Err(why) => inbox.trouble(why),
            }
        }
        if !keys.is_empty() {
            keys.sort_unstable();
            keys.dedup();
            let gateway = gateway.clone();
            let task = tokio::spawn(async move { gateway.observe(&keys).await });
            match patiently(task, patience).await.unwrap_or_else(unanswered) {
                Ok(report) => inbox.report(report),
                Err(why) => inbox.trouble(why),
            }
        }
    }
}

fn unanswered<T>() -> Result<T, Coded> {
    Err(Coded::new(Code::Ven002, "a venue did not tell of our account in time; it is asked again"))
}
