//! The venues themselves, without the wire: what they hold, what rests with them, and what they do with a request.
//!
//! Everything here happens at a moment and at once. Latency, loss and order of messages are the world's business.

use std::sync::Arc;

use rust_decimal::Decimal;
use smallvec::SmallVec;

use crate::config::{Fill, Setup};
use crate::types::venue::VenueKind;
use crate::types::{
    GroupOutcome, KeyId, Market, MarketId, MarketKind, Operation, OrderId, Outcome, Posting,
    Quantity, Rate, Rejection, RewardId, Settlement, Timestamp, VenueId,
};

use super::account::Account;
use super::band::Band;
use super::cex::{self, Trade};
use super::chain::{self, Within};
use super::intrabar::{self, Passage};
use super::ledger::Ledger;
use super::protection::{self, Protection};
use super::request::Request;
use super::rewards::Holdings;
use super::session::Session;
use super::wallet::Arrival;
use super::weather::Weather;
use super::{accrual, group, lending_liquidation, liquidation, rewards};

/// All venues of a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Floor {
    setup: Arc<Setup>,
    /// By venue; `None` where nothing is margined.
    accounts: Arc<[Option<Account>]>,
    pub(super) ledger: Ledger,
    /// By market.
    protections: Vec<Protection>,
    /// By venue: where its account is known to be safe from liquidation.
    bands: Vec<Option<Band>>,
    /// Trades that fill at the next tick's price.
    waiting: Vec<Waiting>,
    /// By reward.
    rewarded: Vec<Holdings>,
}

/// A trade that works until the next tick.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Waiting {
    id: OrderId,
    trade: Trade,
    since: Timestamp,
}

/// What a venue did with a request.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) outcome: Outcome,
    pub(super) arrival: Option<Arrival>,
}

/// Hands on what time and the last bar did: where, what it was, what it changed.
pub(super) type Tell<'a> = &'a mut dyn FnMut(VenueId, Settlement, Vec<Posting>);

impl Floor {
    pub(super) fn new(setup: Arc<Setup>) -> Self {
        let universe = &setup.universe;
        let bands = vec![None; universe.venues().len()];
        let accounts = universe.venues().iter().map(|venue| Account::of(universe, venue)).collect();
        let ledger = Ledger::new(universe.instruments().len(), &setup.initial_balances);
        let protections = vec![Protection::NONE; universe.markets().len()];
        let rewarded = vec![Holdings::default(); universe.rewards().len()];
        Self { accounts, ledger, protections, bands, waiting: Vec::new(), rewarded, setup }
    }

    /// The venue that an operation is for, and the key that it is mainly about.
    pub(super) fn address(&self, operation: &Operation) -> (VenueId, KeyId) {
        let universe = &self.setup.universe;
        (operation.venue(universe), operation.main_key(universe))
    }

    /// Does what a request asks, at this moment's prices; of a trade at most `share`.
    pub(super) fn execute(
        &mut self,
        weather: &dyn Weather,
        now: Timestamp,
        id: OrderId,
        request: &Request,
        share: Decimal,
    ) -> Done {
        let Request { operation, quantity, limit, reduce_only } = *request;
        let plain = |outcome| Done { outcome, arrival: None };
        match operation {
            Operation::SpotTrade { market, side } | Operation::PerpTrade { market, side } => {
                let trade = Trade { market, side, quantity, limit, reduce_only, share };
                let venue = self.setup.universe.market(market).venue;
                if self.setup.conditions[venue.index()].fill == Fill::NextOpen {
                    self.waiting.push(Waiting { id, trade, since: now });
                    return plain(Outcome::Working { filled: Quantity::ZERO });
                }
                plain(self.fill(weather, now, &trade, now))
            }
            Operation::Protect { market, take_profit, stop_loss } => {
                let wanted = Protection { take_profit, stop_loss };
                let session = session(&self.setup, &self.accounts, &mut self.ledger, weather, now);
                let price = weather.quote(market).map(|quote| quote.price);
                let placed =
                    protection::place(&session, &mut self.protections, market, wanted, price);
                plain(placed.map_or_else(Outcome::Rejected, |()| Outcome::Resting))
            }
            _ => {
                let session = session(&self.setup, &self.accounts, &mut self.ledger, weather, now);
                match chain::prepare(&session, request, Within::Itself) {
                    Ok(prepared) => {
                        session.ledger.post(&prepared.execution.deltas);
                        session.ledger.depth_mut().draws.extend(prepared.draw);
                        let outcome = Outcome::Done(prepared.execution);
                        Done { outcome, arrival: prepared.arrival }
                    }
                    Err(rejection) => plain(Outcome::Rejected(rejection)),
                }
            }
        }
    }

    /// Does all of a group or nothing.
    pub(super) fn execute_group(
        &mut self,
        weather: &dyn Weather,
        now: Timestamp,
        legs: &[Request],
        reverting: Option<usize>,
    ) -> (GroupOutcome, Vec<Arrival>) {
        let mut session = session(&self.setup, &self.accounts, &mut self.ledger, weather, now);
        let settled = group::execute(&mut session, legs, reverting);
        (settled.outcome, settled.arrivals)
    }

    /// Books what has arrived.
    pub(super) fn arrive(&mut self, arrival: &Arrival) -> Vec<Posting> {
        let postings = arrival.postings();
        self.ledger.post(&postings);
        postings.to_vec()
    }

    /// Lets time pass from one tick to the next: what was held earns, then the bar between them, then funding, then interest.
    pub(super) fn pass(
        &mut self,
        [before, weather]: [&dyn Weather; 2],
        [since, now]: [Timestamp; 2],
        tell: Tell,
    ) {
        let accounts = self.accounts.clone();
        let mut session = session(&self.setup, &accounts, &mut self.ledger, weather, now);
        if !self.rewarded.is_empty() {
            rewards::run(&mut session, &mut self.rewarded, since, tell);
        }
        let cash_of = |account: &Account| session.ledger.quantity(account.cash);
        let cash: SmallVec<[Quantity; 4]> = accounts.iter().flatten().map(cash_of).collect();
        for (account, band) in accounts.iter().zip(&mut self.bands) {
            let Some(account) = account else { continue };
            let mut passage = Passage { account, protections: &mut self.protections, band, before };
            intrabar::run(&mut session, &mut passage, &mut |kind, postings| {
                tell(account.venue, kind, postings);
            });
        }
        for account in accounts.iter().flatten() {
            accrual::funding(&mut session, account, since, &mut |kind, posting| {
                tell(account.venue, kind, vec![posting]);
            });
        }
        for (account, cash) in accounts.iter().flatten().zip(cash) {
            if let Some(posting) = accrual::interest(&mut session, account, cash, now - since) {
                tell(account.venue, Settlement::Interest, vec![posting]);
            }
        }
        for venue in self.setup.universe.venues() {
            if venue.kind == VenueKind::Lending {
                let postings = lending_liquidation::run(&mut session, venue.id);
                if !postings.is_empty() {
                    tell(venue.id, Settlement::Liquidation, postings);
                }
            }
        }
    }

    /// A venue hands out so much of a reward, whatever is held.
    pub(super) fn hand_out(
        &mut self,
        weather: &dyn Weather,
        now: Timestamp,
        (reward, amount): (RewardId, Quantity),
        tell: Tell,
    ) {
        let setup = self.setup.clone();
        let mut session = session(&self.setup, &self.accounts, &mut self.ledger, weather, now);
        rewards::pay(&mut session, &setup.universe.rewards()[reward.index()], amount, tell);
    }

    /// Somebody liquidates us at a venue, whatever our margin.
    pub(super) fn liquidate(
        &mut self,
        weather: &dyn Weather,
        now: Timestamp,
        venue: VenueId,
    ) -> Vec<Posting> {
        let setup = self.setup.clone();
        let mut session = session(&self.setup, &self.accounts, &mut self.ledger, weather, now);
        let Some(rules) = &setup.universe.venue(venue).margin else {
            return lending_liquidation::at_once(&mut session, venue);
        };
        let held = |market: &&Market| !session.ledger.quantity(market.position).is_zero();
        let perps = setup
            .universe
            .markets()
            .iter()
            .filter(|market| market.venue == venue && market.kind == MarketKind::Perp);
        let prices: Vec<_> = perps
            .filter(held)
            .filter_map(|market| Some((market.id, weather.quote(market.id)?.price)))
            .collect();
        for (market, _) in &prices {
            self.protections[market.index()] = Protection::NONE;
        }
        liquidation::close(&mut session, rules.liquidation_fee, &prices)
    }

    /// An exchange closes the largest short of all by notional at its price, without a fee: where, what, and what it changed.
    pub(super) fn deleverage(
        &mut self,
        weather: &dyn Weather,
        now: Timestamp,
    ) -> Option<(VenueId, MarketId, Vec<Posting>)> {
        let setup = self.setup.clone();
        let short = |market: &Market| {
            let held = self.ledger.quantity(market.position);
            let price = weather.quote(market.id)?.price;
            let is_short = market.kind == MarketKind::Perp && held.is_negative();
            is_short.then(|| (price * held.abs(), market.venue, market.id, price))
        };
        let shorts = setup.universe.markets().iter().filter_map(short);
        let (_, venue, market, price) =
            shorts.reduce(|first, next| if next.0 > first.0 { next } else { first })?;
        let mut session = session(&self.setup, &self.accounts, &mut self.ledger, weather, now);
        self.protections[market.index()] = Protection::NONE;
        let postings = liquidation::close(&mut session, Rate::ZERO, &[(market, price)]);
        Some((venue, market, postings))
    }

    /// Fills what waited for this tick's price, and hands each outcome on.
    pub(super) fn fill_waiting(
        &mut self,
        weather: &dyn Weather,
        now: Timestamp,
        tell: &mut dyn FnMut(VenueId, OrderId, Outcome),
    ) {
        if self.waiting.is_empty() {
            return;
        }
        for Waiting { id, trade, since } in std::mem::take(&mut self.waiting) {
            let venue = self.setup.universe.market(trade.market).venue;
            let outcome = self.fill(weather, now, &trade, since);
            tell(venue, id, outcome);
        }
    }

    /// Fills a trade; a position that is gone or has turned loses its protection.
    fn fill(
        &mut self,
        weather: &dyn Weather,
        now: Timestamp,
        trade: &Trade,
        submitted_at: Timestamp,
    ) -> Outcome {
        let position = self.setup.universe.market(trade.market).position;
        let before = self.ledger.quantity(position);
        let mut session = session(&self.setup, &self.accounts, &mut self.ledger, weather, now);
        match cex::trade(&mut session, trade) {
            Ok(execution) => {
                let after = self.ledger.quantity(position);
                if after.is_zero() || after.is_negative() != before.is_negative() {
                    self.protections[trade.market.index()] = Protection::NONE;
                }
                Outcome::Done(crate::types::Execution { submitted_at, ..execution })
            }
            Err(rejection) => Outcome::Rejected(rejection),
        }
    }
}

/// A rejection that ends a group before any of its legs ran.
pub(super) const fn refused_group(rejection: Rejection) -> GroupOutcome {
    GroupOutcome::RolledBack { leg: 0, rejection, deltas: Vec::new() }
}

fn session<'a>(
    setup: &'a Setup,
    accounts: &'a [Option<Account>],
    ledger: &'a mut Ledger,
    weather: &'a dyn Weather,
    now: Timestamp,
) -> Session<'a> {
    Session { setup, accounts, ledger, weather, now }
}
