//! From a decision to a plan: what the guard says of it, and what becomes of it while the run is leaving.

use std::sync::Arc;

use crate::types::event::{Loudness, Trigger};
use crate::types::{Action, Code, Decision, Plan, PlanId, TimerId};

use super::closing::{closing_decision, off_chain};
use super::closing_hedges::is_short_of_margin;
use super::core::{Engine, Mode};
use super::guard::{Fall, Guarded, Verdict, guard, opens};
use super::input::Effect;
use super::outbox::Outbox;
use super::plan_run::PlanRun;
use super::state::Phase;

/// Who made a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// The strategy.
    Strategy,
    /// The engine, where the strategy's exit failed.
    Engine,
}

impl Engine {
    /// Acts on a decision. To hold while leaving ends the run, when nothing is under way and nothing waits: for a price, or by the
    /// script's own word.
    pub(super) fn answered(
        &mut self,
        decision: Decision,
        by: Author,
        trigger: Trigger,
        out: &mut Outbox,
    ) {
        if decision.action == Action::Hold {
            self.record_decision(&decision, &[], trigger, out);
            let is_leaving = matches!(self.state.phase, Phase::Leaving(_));
            let is_over = !decision.waits && !self.is_stuck();
            if is_leaving && self.state.plans.is_empty() && is_over {
                self.end_leaving(out);
            }
            return;
        }
        self.judge(decision, by, trigger, out);
    }

    fn judge(&mut self, decision: Decision, by: Author, trigger: Trigger, out: &mut Outbox) {
        let Decision { action, reason, plan, .. } = decision;
        let is_leaving = matches!(self.state.phase, Phase::Leaving(_));
        let whole = (is_leaving || by == Author::Engine).then(|| plan.clone());
        let mut verdict = self.guarded(action, plan);
        // Why the rest waits, where a part goes on.
        let mut rest = Vec::new();
        if let (Verdict::HeldBack(why), Some(whole)) = (&verdict, whole)
            && let Some(part) = self.part_of_an_exit(why.code, by, action, &whole)
        {
            rest.push(why.clone());
            verdict = part;
        }
        // An exit that would add risk, or is no valid plan, is no exit: the positions are closed without the script.
        if by == Author::Strategy
            && is_leaving
            && let Verdict::Refused(why) | Verdict::HeldBack(why) = &verdict
            && !is_waited_for(why.code)
        {
            let text = format!("the strategy's exit is not allowed: {}", why.message);
            self.note("engine", Loudness::Alarm, Some(why.code), text, out);
            return self.answered(closing_decision(&self.step), Author::Engine, trigger, out);
        }
        match verdict {
            Verdict::Pass(guarded, fall) => {
                self.state.low.gas = false;
                self.halt_active(
                    Code::Exec002,
                    "a later decision replaced the rest of the plan",
                    out,
                );
                let decision = Decision { action, ..Decision::hold(reason.clone()) };
                self.record_decision_of(&decision, guarded.len(), &rest, trigger, out);
                self.begin_plan(action, reason, (guarded, fall), out);
            }
            Verdict::HeldBack(why) => {
                self.tell_of_gas(&why, out);
                self.record_decision(&Decision::hold(reason), &[why], trigger, out);
            }
            Verdict::Refused(why) => {
                let told = std::slice::from_ref(&why);
                self.record_decision(&Decision::hold(reason), told, trigger, out);
                // A way out that even the engine may not take (no gas is left) is no fault of the strategy.
                if by == Author::Engine && self.mode == Mode::Backtest {
                    self.alarm("engine", &why, out);
                    return self.end_leaving(out);
                }
                self.fail_or_alarm(why, out);
            }
        }
    }

    fn guarded(&self, action: Action, plan: Plan) -> Verdict {
        let accounts = (&self.margin_plans[..], &self.lending_plans[..]);
        guard(&self.step, &self.state, accounts, action, plan)
    }

    /// Whether a part of a plan would leave a coin less hedged than it is. A perp whose margin is past a limit may go without
    /// what it hedges: it would be liquidated.
    fn takes_a_hedge_away(&self, part: &Plan) -> bool {
        let accounts = (&self.margin_plans[..], &self.lending_plans[..]);
        let step = &self.step;
        opens(step, &self.state, accounts, part).is_some_and(|token| {
            let mut on_it = step.universe().markets().iter().filter(|market| market.base == token);
            !on_it.any(|market| is_short_of_margin(step, market.venue))
        })
    }

    /// What of an exit can go on where something holds the whole back. `None` where nothing else is to be tried.
    fn part_of_an_exit(
        &self,
        why: Code,
        by: Author,
        action: Action,
        whole: &Plan,
    ) -> Option<Verdict> {
        match why {
            // What an exchange closes needs no gas.
            Code::Risk007 if by == Author::Engine => {
                let plan = off_chain(&self.setup.universe, whole)?;
                Some(self.guarded(action, plan))
            }
            // A plan ends with its first failure, so this is as far as it would get without the gas of that. But no hedge goes
            // while what it hedges stays.
            Code::Risk009 => (1..whole.items.len()).rev().find_map(|end| {
                let plan = Plan { items: whole.items[..end].to_vec() };
                if self.takes_a_hedge_away(&plan) {
                    return None;
                }
                let verdict = self.guarded(action, plan);
                matches!(verdict, Verdict::Pass(..)).then_some(verdict)
            }),
            _ => None,
        }
    }

    fn begin_plan(
        &mut self,
        action: Action,
        reason: Arc<str>,
        (plan, fall): (Guarded, Fall),
        out: &mut Outbox,
    ) {
        self.state.plans_begun += 1;
        if matches!(action, Action::ExitFull | Action::ExitPartial) {
            self.state.tally.reductions += 1;
        }
        let id = PlanId(self.state.plans_begun);
        let began = self.state.now;
        let deadline = began + self.setup.execution.plan_timeout;
        let bearer = self.bearer_of(action, fall);
        let run = PlanRun::new(id, self.state.run, action, reason, began, deadline)
            .borne_by(bearer)
            .load(plan, &self.setup.universe);
        out.effects.push(Effect::Wake(TimerId::Plan(id), deadline));
        self.state.plans.push(run);
        self.state.active = Some(id);
        self.advance(id, out);
    }
}

/// Whether what holds an exit back passes by itself: a difference that is looked at, data or a price that is late, dear gas, a
/// pool that is lent out.
const fn is_waited_for(why: Code) -> bool {
    matches!(why, Code::Exec003 | Code::Data005 | Code::Risk006 | Code::Risk007 | Code::Risk009)
}
