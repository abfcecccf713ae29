//! Measuring: books and prices into the step view that strategies and the guard look at.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::portfolio::LendingAccount;
use crate::portfolio::equity::{Exposure, exposures, values};
use crate::portfolio::risk::{Measured, assess};
use crate::portfolio::unconfirmed::unconfirmed;
use crate::types::{
    BoundOrder, Coded, KeyId, MarketId, PositionType, Posting, Quantity, RiskLevel, Span, Value,
};

use super::core::Engine;
use super::outbox::Outbox;
use super::state::{End, Tally};

/// Buffers that are kept from step to step.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    pub(super) exposures: Vec<Exposure>,
    /// By key: what its holding is worth, as last measured.
    pub(super) values: Vec<Value>,
    /// Sums by venue or by token.
    pub(super) sums: Vec<Value>,
    /// By venue: the health factor of its lending account.
    pub(super) health: Vec<Option<Decimal>>,
    /// What equity counts that no snapshot has told yet.
    pub(super) unconfirmed: Value,
    /// Net delta of the asset over equity.
    pub(super) drift: Decimal,
    /// Since the step began, the loan that was nearest to a liquidation, with its health factor.
    pub(super) weakest: Option<(Decimal, LendingAccount)>,
    /// The strictest risk level that was told since then.
    pub(super) level: RiskLevel,
}

impl Scratch {
    /// Takes a loan into account, as it was measured.
    fn lent(&mut self, account: LendingAccount, health: Decimal, tally: &mut Tally) {
        let worst = tally.worst_health_factor.get_or_insert(health);
        *worst = (*worst).min(health);
        if self.weakest.is_none_or(|(weakest, _)| health < weakest) {
            self.weakest = Some((health, account));
        }
    }
}

impl Engine {
    /// Brings the step view up to the books, at the prices that it already has.
    pub(super) fn measure(&mut self) -> Result<(), Coded> {
        self.is_dirty = false;
        let universe = &self.setup.universe;
        let step = Arc::make_mut(&mut self.step);
        let state = &mut self.state;
        step.books.copy_from(&state.books);
        step.equity = values(universe, &step.books, &step.prices, &mut self.scratch.values)?;
        for plan in &self.margin_plans {
            let account = plan.account(&step.books, &step.prices, step.now);
            if let Some(ratio) = account.ratio {
                let worst = state.tally.worst_margin_ratio.get_or_insert(ratio);
                *worst = (*worst).min(ratio);
            }
            step.margin[plan.venue().index()] = Some(account);
        }
        let scratch = &mut self.scratch;
        scratch.health.clear();
        scratch.health.resize(universe.venues().len(), None);
        for plan in &self.lending_plans {
            let account = plan.account(universe, &step.books, &step.prices, step.now);
            if let Some(health) = account.health_factor() {
                scratch.lent(account, health, &mut state.tally);
                scratch.health[plan.venue().index()] = Some(health);
            }
            step.lending[plan.venue().index()] = Some(account);
        }
        let values = &scratch.values;
        exposures(universe, &step.books, &step.prices, values, &mut scratch.exposures);
        for (net, exposure) in step.net_delta.iter_mut().zip(&self.scratch.exposures) {
            *net = exposure.net;
        }
        incoming(&mut step.incoming, state);
        step.pending.clone_from(&state.pending);
        step.draws.clone_from(&state.draws);
        let is_time_to_leave = self.setup.unwind_at.is_some_and(|at| at <= step.now);
        step.wind_down = state.wind_down || is_time_to_leave;
        let asset = self.setup.asset;
        let drift = match (step.prices.token(asset), step.equity.is_zero()) {
            (Some(price), false) if !step.net_delta[asset.index()].is_zero() => {
                step.net_delta[asset.index()].get() * price / step.equity.get()
            }
            _ => Decimal::ZERO,
        };
        self.scratch.drift = drift;
        self.scratch.unconfirmed = unconfirmed(universe, &step.books, &step.prices, &step.view);
        self.assess_risk();
        self.measure_flows();
        Ok(())
    }

    /// Holds what was measured against the limits. The drawdown is that of a share, as owners see it who stay: neither money
    /// that comes or goes nor what a leaver bears is a fall.
    pub(super) fn assess_risk(&mut self) {
        let share_value = self.told_share_value();
        let step = Arc::make_mut(&mut self.step);
        let measured = Measured {
            margin: &step.margin,
            health: &self.scratch.health,
            share_value,
            peak: self.state.peak.max(share_value),
            delta_drift: self.scratch.drift,
            age: oldest_price(&self.setup.universe, step),
        };
        step.risk = assess(&self.setup.risk, measured, &step.risk);
    }

    /// What a share is worth, as far as snapshots have told it.
    pub(super) fn told_share_value(&self) -> Value {
        self.state.shares.value(self.owned() - self.scratch.unconfirmed)
    }
}

impl Engine {
    /// What was liquidated since the last step was below a health factor of 1 before: that counts among the worst, although
    /// nothing of it is left to be measured.
    pub(super) fn health_before_liquidation(&mut self) {
        let Some(books) = self.state.ledger.held_before_liquidation() else { return };
        let (universe, step) = (&self.setup.universe, &self.step);
        for plan in &self.lending_plans {
            let account = plan.account(universe, books, &step.prices, step.now);
            if let Some(health) = account.health_factor() {
                self.scratch.lent(account, health, &mut self.state.tally);
            }
        }
    }

    /// Applies postings of an order or of capital: to the books, and to the attribution at this step's prices.
    pub(super) fn apply_at_once(&mut self, postings: &[Posting], out: &mut Outbox) {
        match self.state.books.post(&self.setup.universe, postings) {
            Ok(()) => {
                self.state.ledger.post(&self.setup.universe, &self.step.prices, postings);
                for posting in postings {
                    let venue = self.setup.universe.instrument(posting.key).venue;
                    self.state.touched_at[venue.index()] = self.state.now;
                }
                self.is_dirty = true;
            }
            Err(error) => {
                self.alarm("engine", &error, out);
                self.end(End::Failed(error), out);
            }
        }
    }

    /// Measures again after postings, at the same prices.
    pub(super) fn remeasure(&mut self, out: &mut Outbox) {
        if self.state.steps == 0 || self.state.has_ended() {
            return;
        }
        self.state.ledger.settle(&self.setup.universe, &self.step.prices);
        if let Err(error) = self.measure() {
            self.alarm("engine", &error, out);
            self.end(End::Failed(error), out);
        }
    }

    /// The difference at a key that is not worth a word.
    pub(super) fn dust(&self, key: KeyId) -> Quantity {
        let unit = self.setup.universe.instrument(key).unit();
        Quantity::new(unit.get() * rust_decimal::Decimal::from(self.setup.execution.dust_units))
    }

    pub(super) fn dust_of(&self, bound: &BoundOrder) -> Vec<Quantity> {
        bound.deltas.iter().map(|delta| self.dust(delta.key)).collect()
    }
}

/// By key: transfers under way to it, and what orders in flight are expected to bring.
fn incoming(into: &mut [Quantity], state: &super::state::State) {
    into.fill(Quantity::ZERO);
    for pending in &state.pending {
        into[pending.key.index()] += pending.amount;
    }
    for plan in &state.plans {
        for leg in plan.legs.iter().filter(|leg| leg.state.is_in_flight()) {
            for delta in leg.bound.iter().flat_map(|bound| &bound.deltas) {
                into[delta.key.index()] += delta.expected;
            }
        }
    }
}

/// The age of the oldest price at which something held is valued.
fn oldest_price(universe: &crate::types::Universe, step: &super::step_view::StepView) -> Span {
    let mut oldest = Span::default();
    for (index, market) in universe.markets().iter().enumerate() {
        if let Some(quote) = step.prices.quote(MarketId(index as u16))
            && !quote.tradable
            && !step.books.quantity(market.position).is_zero()
        {
            debug_assert!(
                universe.instrument(market.position).position_type != PositionType::Transit
            );
            oldest = oldest.max(step.now - quote.as_of);
        }
    }
    // A supply and a debt wait for their reserve's snapshots, a staking token for its rate's.
    for reserve in universe.reserves() {
        let keys = [reserve.supplied, reserve.borrowed];
        if keys.into_iter().flatten().any(|key| !step.books.quantity(key).is_zero()) {
            oldest = oldest.max(step.view.reserve_overdue(reserve.id));
            oldest = oldest.max(step.view.rate_overdue(reserve.token));
        }
    }
    for rules in universe.venues().iter().filter_map(|venue| universe.staking(venue.id)) {
        if !step.books.quantity(rules.token).is_zero() {
            let token = universe.instrument(rules.token).token;
            oldest = oldest.max(step.view.rate_overdue(token));
        }
    }
    oldest
}
