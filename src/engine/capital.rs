//! Money in and out. A deposit is posted when it arrives. A withdrawal is paid when its key holds it: a fast one at once out of
//! what lies there, a slow one when the strategy has unwound for it. What that costs, the leaver bears.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::types::event::{Loudness, Trigger};
use crate::types::{Cause, Code, Coded, KeyId, Notional, Posting, Quantity, Timestamp, Value};

use super::core::Engine;
use super::input::{Effect, Flow, Speed};
use super::outbox::Outbox;

/// A withdrawal that is asked for and not paid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// What was asked for.
    pub flow: Flow,
    /// What unwinding for it has cost so far; the leaver gets so much less.
    pub borne: Value,
    /// By how much positions were made smaller for it, gross exposure in the quote token.
    pub cut: Notional,
}

impl Withdrawal {
    fn new(flow: Flow) -> Self {
        Self { flow, borne: Value::ZERO, cut: Notional::ZERO }
    }
}

/// A withdrawal that was paid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paid {
    /// What was asked for, when.
    pub asked: Flow,
    /// Tokens that the leaver got.
    pub tokens: Quantity,
    /// What unwinding for him has cost, borne by him; share class.
    pub borne: Value,
    /// When.
    pub at: Timestamp,
}

impl Engine {
    pub(super) fn on_capital(&mut self, flow: Flow, out: &mut Outbox) {
        if self.is_dirty {
            self.remeasure(out);
        }
        if flow.amount.is_negative() {
            self.ask(flow, out);
            self.serve_flows(out);
            return;
        }
        self.arrive(flow, out);
        self.record_positions(Trigger::Capital, out);
    }

    /// Takes the flows of the configuration whose time has come.
    pub(super) fn take_scheduled(&mut self, out: &mut Outbox) {
        let setup = self.setup.clone();
        while let Some(next) = setup.capital_flows.get(self.state.scheduled)
            && next.at <= self.state.now
        {
            self.state.scheduled += 1;
            let flow =
                Flow { key: setup.home, amount: next.amount, at: next.at, speed: next.speed };
            if flow.amount.is_negative() {
                self.ask(flow, out);
            } else {
                self.arrive(flow, out);
                out.effects.push(Effect::Credit(flow));
            }
        }
    }

    fn arrive(&mut self, flow: Flow, out: &mut Outbox) {
        let before = self.owned();
        self.apply_at_once(&[Posting::plain(flow.key, flow.amount, Cause::Capital)], out);
        self.remeasure(out);
        let worth = self.owned() - before;
        if self.state.steps > 0 {
            self.state.shares.follow(before, before + worth);
            self.assess_risk();
            self.state.tally.deposited += worth;
        }
        let text = format!("a deposit of {} arrived at {}", flow.amount, self.name_of(flow.key));
        self.note("engine", Loudness::Info, None, text, out);
    }

    /// Takes a withdrawal down, or refuses what nobody can be paid.
    fn ask(&mut self, flow: Flow, out: &mut Outbox) {
        let name = self.name_of(flow.key);
        if self.state.steps > 0 {
            let most = self.payable(flow.key).max(Quantity::ZERO);
            if -flow.amount > most {
                let (asked, most) = (-flow.amount, most.get().round_dp(6).normalize());
                let text = format!(
                    "a withdrawal of {asked} from {name} is refused: what is not asked for already is worth {most}, the gas tank \
                     left out; ask for less, or wind the run down"
                );
                return self.alarm("engine", &Coded::new(Code::Pos004, text), out);
            }
        }
        let speed = flow.speed.text();
        let text = format!("a {speed} withdrawal of {} from {name} is asked for", -flow.amount);
        self.note("engine", Loudness::Info, None, text, out);
        self.state.flows.push(Withdrawal::new(flow));
        if let Err(error) = self.measure() {
            self.alarm("engine", &error, out);
        }
    }

    /// Tokens of a key that equity less all that is asked for already would pay, the gas tank left out.
    fn payable(&self, key: KeyId) -> Quantity {
        let free = self.beyond_tank() - self.step.owed;
        Quantity::new(free.get().checked_div(self.price_at(key)).unwrap_or_default())
    }

    /// Equity without the gas tank: all that owners can be paid.
    fn beyond_tank(&self) -> Value {
        let tank = self
            .reserved
            .tank()
            .map_or(Decimal::ZERO, |gas| self.setup.gas_tank.get() * self.price_at(gas));
        self.step.equity - Value::new(tank)
    }

    /// What a unit at a key is worth in the share class.
    fn price_at(&self, key: KeyId) -> Decimal {
        let token = self.setup.universe.instrument(key).token;
        self.step.prices.token(token).unwrap_or_default()
    }

    /// Pays the withdrawals whose keys hold enough and that no order in flight touches, oldest first: what has come free for one
    /// that waits is not for one that was asked later.
    pub(super) fn serve_flows(&mut self, out: &mut Outbox) {
        let mut next = 0;
        while let Some(&asked) = self.state.flows.get(next) {
            let key = asked.flow.key;
            let is_first = self.state.flows[..next].iter().all(|older| older.flow.key != key);
            let lies = if is_first { self.free_at(key) } else { Quantity::ZERO };
            let due = self.due(&asked);
            if self.is_in_flight(key) {
                next += 1;
            } else if due <= lies {
                self.pay(next, due, out);
            } else {
                if asked.flow.speed == Speed::Fast {
                    self.slow_down(next, lies.max(Quantity::ZERO), out);
                }
                next += 1;
            }
        }
    }

    fn is_in_flight(&self, key: KeyId) -> bool {
        let universe = &self.setup.universe;
        self.state.plans.iter().any(|plan| plan.keys_in_flight(universe).any(|other| other == key))
    }

    /// Pays what lies free of a fast withdrawal; the rest is unwound for.
    fn slow_down(&mut self, index: usize, lies: Quantity, out: &mut Outbox) {
        let asked = &mut self.state.flows[index];
        asked.flow.speed = Speed::Slow;
        let flow = asked.flow;
        let rest = -flow.amount - lies;
        if lies.is_positive() {
            asked.flow = Flow { amount: -lies, speed: Speed::Fast, ..flow };
            let rest = Flow { amount: -rest, ..flow };
            self.state.flows.insert(index + 1, Withdrawal::new(rest));
            self.pay(index, lies, out);
        }
        let name = self.name_of(flow.key);
        let text =
            format!("no more lies free at {name}: {rest} of a fast withdrawal is unwound for");
        self.note("engine", Loudness::Warn, None, text, out);
    }

    fn pay(&mut self, index: usize, due: Quantity, out: &mut Outbox) {
        let (before, equity) = (self.owned(), self.step.equity);
        let Withdrawal { flow, borne, .. } = self.state.flows.remove(index);
        let paid = Flow { amount: -due, ..flow };
        self.apply_at_once(&[Posting::plain(paid.key, paid.amount, Cause::Capital)], out);
        self.remeasure(out);
        let worth = equity - self.step.equity;
        self.state.shares.follow(before, before - worth - borne);
        // What was measured right after the payment counted it as a fall of the shares that it gave back.
        self.assess_risk();
        self.state.tally.withdrawn += worth;
        let at = self.state.now;
        self.state.tally.paid.push(Paid { asked: flow, tokens: due, borne, at });
        let mut text = format!("paid {due} out of {}", self.name_of(paid.key));
        if !borne.is_zero() {
            let class = &self.setup.share_class;
            let cost = borne.get().round_dp(class.decimals).normalize();
            text +=
                &format!("; unwinding for it cost {cost} {}, which the leaver bears", class.name);
        }
        self.note("engine", Loudness::Info, None, text, out);
        out.effects.push(Effect::Pay(paid));
    }

    /// What a withdrawal asks for, in the share class.
    pub(super) fn worth(&self, flow: &Flow) -> Value {
        Value::new(-flow.amount.get() * self.price_at(flow.key))
    }

    /// Tokens that a leaver gets: what he asked for less what it has cost, rounded down. Where all who wait have asked for more
    /// than there is by now, each gets his part of it.
    pub(super) fn due(&self, asked: &Withdrawal) -> Quantity {
        let left = |asked: &Withdrawal| self.worth(&asked.flow) - asked.borne;
        let (total, there) = (self.state.flows.iter().map(left).sum::<Value>(), self.beyond_tank());
        if asked.borne.is_zero() && total <= there {
            return -asked.flow.amount;
        }
        let mut worth = left(asked).get();
        if total > there {
            worth *= there.get().checked_div(total.get()).unwrap_or_default();
        }
        let tokens = worth.checked_div(self.price_at(asked.flow.key)).unwrap_or_default();
        let decimals = self.setup.universe.instrument(asked.flow.key).decimals;
        Quantity::new(tokens).max(Quantity::ZERO).floor(decimals)
    }

    /// What can be paid out of a key now: what lies there less the gas tank, and of a margin account what no position needs.
    fn free_at(&self, key: KeyId) -> Quantity {
        let held = self.step.books.quantity(key);
        let kept =
            if self.reserved.tank() == Some(key) { self.setup.gas_tank } else { Quantity::ZERO };
        let instrument = self.setup.universe.instrument(key);
        let venue = instrument.venue;
        // Where no position is open and no quote is owed, nothing needs margin, and no haircut counts.
        let needs_margin = || {
            let is_open = self.step.margin[venue.index()].is_some_and(|it| !it.notional.is_zero());
            let cash = self.setup.universe.token_key(venue, self.setup.quote);
            is_open || cash.is_some_and(|cash| self.step.books.quantity(cash).is_negative())
        };
        let is_margin = self.setup.universe.venue(venue).margin.is_some() && needs_margin();
        let price = self.price_at(key);
        let quote = self.step.prices.quote_value().unwrap_or(Decimal::ONE);
        let most = match is_margin {
            true => (self.step.free_margin(venue).get() * quote).checked_div(price),
            false => None,
        };
        let most = most.map_or(held, |most| Quantity::new(most).floor(instrument.decimals));
        (held - kept).min(most)
    }

    /// Brings what the strategy sees of withdrawals up to date.
    pub(super) fn measure_flows(&mut self) {
        if self.state.flows.is_empty() && self.step.flows.is_empty() {
            return;
        }
        let due = |asked: &Withdrawal| Flow { amount: -self.due(asked), ..asked.flow };
        let flows: Vec<Flow> = self.state.flows.iter().map(due).collect();
        let owed = flows.iter().map(|flow| self.worth(flow)).sum();
        let step = Arc::make_mut(&mut self.step);
        (step.flows, step.owed) = (flows, owed);
    }

    /// What all shares are worth: equity, and what leavers have borne of it.
    pub(super) fn owned(&self) -> Value {
        self.step.equity + self.state.flows.iter().map(|asked| asked.borne).sum::<Value>()
    }

    fn name_of(&self, key: KeyId) -> Arc<str> {
        self.setup.universe.instrument(key).name.clone()
    }
}
