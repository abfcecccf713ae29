//! Who bears what a plan costs: all shares, or those who wait for their money, as far as the plan is for them.
//!
//! Of the gross exposure a leaver owns what he asked for over equity, and at least what frees his money where all of it lies in
//! hedged pairs: twice what he asked for. A cut of more than that is the strategy's own, whoever waits beside it, and so is the
//! rest of its cost.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::types::{Action, Notional, Posting, RiskLevel, Value};

use super::core::Engine;
use super::guard::Fall;
use super::outbox::Outbox;
use super::state::Phase;

/// Who bears what a plan costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// All shares.
    #[default]
    Everybody,
    /// Those who have asked for their money: the plan makes the position smaller for them.
    Leavers {
        /// The part of its cost that is theirs; all shares bear the rest.
        part: Decimal,
        /// By how much it makes positions smaller for them, gross exposure in the quote token.
        cut: Notional,
    },
}

impl Engine {
    /// Who bears what a plan costs that begins now and changes gross exposure by so much.
    pub(super) fn bearer_of(&self, action: Action, fall: Fall) -> Bearer {
        let is_for_leavers = !self.state.flows.is_empty()
            && matches!(action, Action::ExitFull | Action::ExitPartial)
            && self.state.phase == Phase::Trading
            && self.step.risk.level < RiskLevel::Reduce;
        if !is_for_leavers {
            return Bearer::Everybody;
        }
        let by = fall.by().get();
        let flows = &self.state.flows;
        let asked: Value = flows.iter().map(|asked| self.worth(&asked.flow)).sum();
        let quote = self.step.prices.quote_value().unwrap_or(Decimal::ONE);
        let (Some(owned), Some(asked)) =
            (asked.get().checked_div(self.step.equity.get()), asked.get().checked_div(quote))
        else {
            return Bearer::Everybody;
        };
        let cut: Notional = flows.iter().map(|asked| asked.cut).sum();
        // Theirs of what stands and of what was cut for them before, less that.
        let stood = (fall.before + cut).get();
        let theirs = (stood * owned).max(asked * Decimal::TWO) - cut.get();
        let part = match by.is_zero() {
            // Money that only moves, moves for them.
            true => Decimal::ONE,
            false => (theirs / by).clamp(Decimal::ZERO, Decimal::ONE),
        };
        Bearer::Leavers { part, cut: Notional::new(by * part) }
    }

    /// A plan has traded: what it has cut for leavers is noted, by what each asked for.
    pub(super) fn note_cut(&mut self, bearer: Bearer) {
        let Bearer::Leavers { cut, .. } = bearer else { return };
        let (asked, total) = self.asked();
        if total.is_positive() {
            for (flow, worth) in self.state.flows.iter_mut().zip(asked) {
                flow.cut += Notional::new(cut.get() * worth.get() / total.get());
            }
        }
    }

    /// Applies the postings of a plan's order; what they cost goes to those who bear it.
    pub(super) fn apply_of_plan(&mut self, bearer: Bearer, postings: &[Posting], out: &mut Outbox) {
        let before = self.state.ledger.costs();
        self.apply_at_once(postings, out);
        if let Bearer::Leavers { part, .. } = bearer {
            let cost = self.state.ledger.costs() - before;
            self.charge_leavers(Value::new(cost.get() * part));
        }
    }

    /// Spreads a cost over those who wait, by what they have asked for; nobody bears more than he asked for.
    fn charge_leavers(&mut self, cost: Value) {
        let (asked, total) = self.asked();
        if !cost.is_positive() || !total.is_positive() {
            return;
        }
        for (flow, worth) in self.state.flows.iter_mut().zip(asked) {
            let part = Value::new(cost.get() * worth.get() / total.get());
            flow.borne = (flow.borne + part).min(worth);
        }
    }

    /// What each who waits has asked for, in the share class, and the sum.
    fn asked(&self) -> (Vec<Value>, Value) {
        let asked: Vec<Value> =
            self.state.flows.iter().map(|asked| self.worth(&asked.flow)).collect();
        let total = asked.iter().copied().sum();
        (asked, total)
    }
}
