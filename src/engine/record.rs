//! What the engine tells its records. Numbers go into the batch's arena; no text is formatted here.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::portfolio::LendingAccount;
use crate::portfolio::equity::value_of;
use crate::portfolio::liquidation_value::liquidation_value;
use crate::types::event::{
    DecisionEvent, Detail, Event, Loudness, NoteEvent, Numbers, StepRow, Trigger,
};
use crate::types::{Code, Coded, Decision, Instrument, KeyId, MarketId, RiskLevel, Span, Value};

use super::core::Engine;
use super::outbox::Outbox;

/// Stands for "no position" in a dense list of margin ratios.
const NO_RATIO: Decimal = Decimal::NEGATIVE_ONE;

/// Whether the venues have said so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Confirmed {
    /// They have.
    ByVenues,
    /// Our own orders should have led there.
    NotYet,
}

/// The lending account with the lowest health factor; where nothing is owed, the first that holds something.
fn weakest(
    accounts: &[Option<LendingAccount>],
    health: &[Option<Decimal>],
) -> Option<LendingAccount> {
    let of_venues = || accounts.iter().zip(health);
    let owing = of_venues().filter_map(|(account, health)| Some(((*account)?, (*health)?)));
    let weakest = owing.min_by_key(|(_, health)| *health).map(|(account, _)| account);
    weakest.or_else(|| of_venues().find_map(|(account, _)| account.filter(LendingAccount::is_open)))
}

impl Engine {
    /// Positions, exposures and risk of the measured step.
    pub(super) fn record_measures(&mut self, trigger: Trigger, out: &mut Outbox) {
        self.record_positions(trigger, out);
        self.scratch.level = self.scratch.level.max(self.step.risk.level);
        if out.events.detail == Detail::Events {
            self.record_exposures(out);
        }
        let (step, batch, at) = (&self.step, &mut out.events, self.state.now);
        let margin_ratios = batch.list(
            step.margin
                .iter()
                .map(|account| account.and_then(|account| account.ratio).unwrap_or(NO_RATIO)),
        );
        let ages_s = batch.list(
            (0..self.setup.series.len())
                .map(|series| Decimal::from(step.view.age(series).ms() / 1000)),
        );
        let lending =
            batch.list(weakest(&step.lending, &self.scratch.health).into_iter().flat_map(
                |account| [account.collateral, account.debt, account.liquidated_at].map(Value::get),
            ));
        batch.events.push(Event::Risk {
            at,
            level: step.risk.level,
            margin_ratios,
            lending,
            delta_drift: step.risk.delta_drift,
            ages_s,
            breaches: step.risk.breaches.clone(),
        });
    }

    fn record_exposures(&self, out: &mut Outbox) {
        let (step, batch, at) = (&self.step, &mut out.events, self.state.now);
        let exposures = &self.scratch.exposures;
        let net_delta = batch.list(exposures.iter().map(|exposure| exposure.net.get()));
        let held = batch.list(exposures.iter().map(|exposure| exposure.held.get()));
        let values = batch.list(exposures.iter().map(|exposure| exposure.value.get()));
        let one = step.prices.quote_value().unwrap_or(Decimal::ONE);
        let total_usd =
            if one == Decimal::ONE { step.equity.get() } else { step.equity.get() / one };
        let equity = step.equity;
        batch.events.push(Event::Exposures { at, net_delta, held, values, total_usd, equity });
    }

    /// What is held and what it is worth, as the venues have confirmed it.
    pub(super) fn record_positions(&mut self, trigger: Trigger, out: &mut Outbox) {
        self.record_holdings(Confirmed::ByVenues, trigger, out);
    }

    /// What should be held after an order, before the venue has confirmed it.
    pub(super) fn record_expected_positions(&mut self, out: &mut Outbox) {
        self.record_holdings(Confirmed::NotYet, Trigger::Order, out);
    }

    fn record_holdings(&mut self, confirmed: Confirmed, trigger: Trigger, out: &mut Outbox) {
        let (step, universe, batch) = (&self.step, &self.setup.universe, &mut out.events);
        let holdings = self.state.books.holdings();
        let quantities = batch.list(holdings.iter().map(|holding| holding.quantity.get()));
        let values = if self.is_dirty {
            batch.list(universe.instruments().iter().zip(holdings).map(|(key, holding)| {
                value_of(key, *holding, &step.prices).unwrap_or_default().get()
            }))
        } else {
            batch.list(self.scratch.values.iter().map(|value| value.get()))
        };
        let (at, total) = (self.state.now, step.equity);
        let real = confirmed == Confirmed::ByVenues;
        batch.events.push(Event::Positions { at, real, trigger, quantities, values, total });
    }

    /// A decision as it was judged.
    pub(super) fn record_decision(
        &mut self,
        decision: &Decision,
        held_back: &[Coded],
        trigger: Trigger,
        out: &mut Outbox,
    ) {
        self.record_decision_of(decision, decision.plan.len(), held_back, trigger, out);
    }

    /// A decision whose plan is already on its way.
    pub(super) fn record_decision_of(
        &mut self,
        decision: &Decision,
        orders: usize,
        held_back: &[Coded],
        trigger: Trigger,
        out: &mut Outbox,
    ) {
        if out.events.detail == Detail::Tables && held_back.is_empty() {
            return;
        }
        let step = &self.step;
        let markets = self.setup.universe.markets().len();
        let prices = out.events.list((0..markets).map(|market| {
            step.price(MarketId(market as u16)).map_or(Decimal::ZERO, |price| price.get())
        }));
        out.events.events.push(Event::Decision(Box::new(DecisionEvent {
            at: self.state.now,
            action: decision.action,
            reason: decision.reason.clone(),
            trigger,
            orders: orders as u32,
            level: step.risk.level,
            prices,
            equity: step.equity,
            constraints: held_back.into(),
            script_version: self.version.clone(),
        })));
    }

    /// Ends the open step, if there is one: its row, its profit by cause, its residual.
    pub(super) fn close_step(&mut self, out: &mut Outbox) {
        let Some(at) = self.state.open_step.take() else { return };
        if self.is_dirty {
            self.state.ledger.settle(&self.setup.universe, &self.step.prices);
            // Without a price there is no equity to tell; the tick that lost it has ended the run with its sentence.
            if self.measure().is_err() {
                return;
            }
        }
        self.count_risk();
        let universe = self.setup.universe.clone();
        let (venues, tokens) = (universe.venues().len(), universe.tokens().len());
        let by_venue = self.profit_by(venues, |key| key.venue.index(), out);
        let by_token = self.profit_by(tokens, |key| key.token.index(), out);
        let (attribution, flows) = self.state.ledger.close();
        let equity = self.step.equity;
        let pnl_step = equity - self.state.recorded_equity - flows;
        let residual = pnl_step - attribution.total();
        let state = &mut self.state;
        state.recorded_equity = equity;
        state.tally.profit += pnl_step;
        state.tally.residual += residual;
        if !residual.is_zero() && !equity.is_zero() {
            let share = (residual.get() / equity.get()).abs();
            state.tally.worst_residual = state.tally.worst_residual.max(share);
        }
        self.state.peak = self.state.peak.max(self.told_share_value());
        let share_value = self.state.shares.value(self.owned());
        let share_key = self.share_key();
        let liquidation_value =
            liquidation_value(&universe, &self.step.books, &self.step.prices, share_key, equity);
        let weakest_loan = self.scratch.weakest.take();
        out.events.push_step(StepRow {
            at,
            step: self.state.steps - 1,
            equity,
            liquidation_value,
            pnl_step,
            pnl_total: self.state.tally.profit,
            flows,
            share_value,
            attribution,
            cumulative: self.state.ledger.total,
            residual,
            weakest_loan: weakest_loan
                .map(|(_, loan)| [loan.collateral, loan.debt, loan.liquidated_at]),
            delta_drift: self.step.risk.delta_drift,
            by_venue,
            by_token,
        });
    }

    /// What the step's end adds to how long a risk level stood, and to how far and for how long the net delta was away from zero:
    /// within a step the legs of a plan stand apart, which is counted by the second as unhedged.
    fn count_risk(&mut self) {
        let longer = |span: Span| Span::from_ms(span.ms() + self.setup.step.ms());
        match std::mem::take(&mut self.scratch.level) {
            RiskLevel::Ok => {}
            RiskLevel::Warn => self.state.tally.at_warn = longer(self.state.tally.at_warn),
            RiskLevel::Reduce => self.state.tally.at_reduce = longer(self.state.tally.at_reduce),
            RiskLevel::Exit => self.state.tally.at_exit = longer(self.state.tally.at_exit),
        }
        let (drift, tally) = (self.step.risk.delta_drift, &mut self.state.tally);
        if drift.abs() > tally.worst_delta_drift.abs() {
            tally.worst_delta_drift = drift;
        }
        if self.setup.risk.delta_drift.is_some_and(|limit| drift.abs() > limit.get()) {
            tally.drift_beyond = longer(tally.drift_beyond);
        }
    }

    /// The step's profit by venue or by token.
    fn profit_by(
        &mut self,
        groups: usize,
        group: impl Fn(&Instrument) -> usize,
        out: &mut Outbox,
    ) -> Numbers {
        let sums = &mut self.scratch.sums;
        sums.clear();
        sums.resize(groups, Value::ZERO);
        for (key, profit) in self.setup.universe.instruments().iter().zip(&self.state.ledger.by_key)
        {
            if !profit.is_zero() {
                sums[group(key)] += *profit;
            }
        }
        out.events.list(sums.iter().map(|sum| sum.get()))
    }

    fn share_key(&self) -> KeyId {
        let share = self.setup.share_class.token;
        let key = self
            .setup
            .universe
            .instruments()
            .iter()
            .find(|key| key.token == share && key.market.is_none());
        key.map_or(KeyId(0), |key| key.id)
    }

    /// A sentence for a person.
    pub(super) fn note(
        &mut self,
        component: &'static str,
        loudness: Loudness,
        code: Option<Code>,
        text: impl Into<Arc<str>>,
        out: &mut Outbox,
    ) {
        if loudness == Loudness::Alarm {
            self.state.tally.alarms += 1;
        }
        let note = NoteEvent { at: self.state.now, component, loudness, code, text: text.into() };
        out.events.events.push(Event::Note(Box::new(note)));
    }

    /// Something that a person must act on.
    pub(super) fn alarm(&mut self, component: &'static str, why: &Coded, out: &mut Outbox) {
        self.note(component, Loudness::Alarm, Some(why.code), why.message.as_str(), out);
    }
}
