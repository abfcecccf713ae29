//! The seam between a live run and one venue: orders out, their outcomes, balances and settlements back.
//!
//! A gateway owns what belongs to one credential: signing, limits, connections. It never decides what an unknown outcome
//! means and never sends an order twice; both are the engine's.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::types::{
    BoundOrder, Code, Coded, GroupOutcome, KeyId, OrderId, Outcome, Rejection, Report, ReportBody,
    Timestamp, Universe,
};

/// What a venue will have answered.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One venue of a live run.
pub trait Gateway: Send + Sync {
    /// Sends an order once. `at` is when it was handed over: the request must carry it, so that the venue refuses it once the
    /// configured validity has passed, however long it was on its way.
    ///
    /// A time-out, a lost connection and an answer that may come after execution (5xx) are [`Outcome::Unknown`], and so is
    /// a venue's "duplicate id", because an order of that id is there. `NotFound { is_final: true }` means that the venue has
    /// certainly not taken the request (a rate limit): the engine tries again under a new id, and the gateway keeps the
    /// answer back for as long as the venue asked it to wait.
    fn submit<'a>(
        &'a self,
        id: OrderId,
        order: &'a BoundOrder,
        at: Timestamp,
    ) -> Answer<'a, Outcome>;

    /// Asks what became of an order. Whether "no such order" is final is not for the gateway to say: the shell knows when
    /// the order was handed over.
    fn query(&self, id: OrderId) -> Answer<'_, Outcome>;

    /// The balances of these keys, as of the venue's own time.
    ///
    /// # Errors
    /// VEN-… when the venue does not tell; the engine asks again.
    fn observe<'a>(&'a self, keys: &'a [KeyId]) -> Answer<'a, Result<Report, Coded>>;

    /// Everything that the venue has settled by itself since a time, oldest first.
    ///
    /// # Errors
    /// VEN-… when the venue does not tell; the engine asks again.
    fn history(&self, since: Timestamp) -> Answer<'_, Result<Vec<Report>, Coded>>;

    /// Sends an atomic group; see [`Gateway::submit`]. Only chains have them.
    fn submit_group<'a>(
        &'a self,
        orders: &'a [(OrderId, BoundOrder)],
        at: Timestamp,
    ) -> Answer<'a, GroupOutcome> {
        let _ = (orders, at);
        let message = "this venue is no chain and has no atomic groups".to_owned();
        let rejection = Rejection { code: Code::Ven001, native: None, message };
        Box::pin(std::future::ready(GroupOutcome::RolledBack {
            leg: 0,
            rejection,
            deltas: Vec::new(),
        }))
    }

    /// Asks what became of a group, by the id of its first leg; see [`Gateway::query`].
    fn query_group(&self, first: OrderId) -> Answer<'_, GroupOutcome> {
        let _ = first;
        Box::pin(std::future::ready(GroupOutcome::NotFound { is_final: true }))
    }
}

/// Asks all venues for all balances: with what a new run begins.
///
/// # Errors
/// VEN-… when a venue does not tell.
pub async fn balances_of(
    gateways: &[Arc<dyn Gateway>],
    universe: &Universe,
) -> Result<Vec<Report>, Coded> {
    let mut reports = Vec::with_capacity(gateways.len());
    for (gateway, venue) in gateways.iter().zip(universe.venues()) {
        let keys = universe.instruments().iter().filter(|key| key.venue == venue.id);
        let keys: Vec<KeyId> = keys.map(|key| key.id).collect();
        let report = gateway.observe(&keys).await?;
        if !matches!(report.body, ReportBody::Balances(_)) {
            let message =
                format!("{} answered a question for balances with something else", venue.name);
            return Err(Coded::new(Code::Pos003, message));
        }
        reports.push(report);
    }
    Ok(reports)
}
