//! Gas: what a plan takes of it must lie where it is paid from before the plan brings anything.

use crate::types::{Code, Item, KeyId, Order, Quantity};

use super::super::promise::gas_of;
use super::super::tell::tell;
use super::{Stop, Walk, held_back, plain, refused};

impl Walk<'_> {
    /// Notes what an order pays for gas.
    pub(super) fn pays_gas(&mut self, order: &Order) {
        if let Some((key, gas)) = gas_of(self.step, &order.operation) {
            let (_, before) = self.gas.unwrap_or((key, Quantity::ZERO));
            self.gas = Some((key, before + gas));
        }
    }

    /// A plan that would pass if gas were free waits where gas is dear; else it is the plan that has spent what gas needs.
    pub(super) fn would_pass_without_gas(&self, key: KeyId, short: Quantity) -> Result<(), Stop> {
        match self.gas {
            Some((paid, gas)) if paid == key && short <= gas && self.is_dear(key, gas) => {
                Err(self.waits_for_gas(key, gas, (gas - short).max(Quantity::ZERO)))
            }
            _ => Ok(()),
        }
    }

    /// What is said when less lies in the wallet than a transaction pays for gas.
    pub(super) fn short_of_gas(
        &self,
        item: &Item,
        key: KeyId,
        gas: Quantity,
        lies: Quantity,
    ) -> Stop {
        let (_, all) = self.gas.filter(|(paid, _)| *paid == key).unwrap_or((key, gas));
        if self.is_dear(key, all) {
            return self.waits_for_gas(key, all, lies + all - gas);
        }
        let universe = self.step.universe();
        let (token, name) =
            (universe.token(universe.instrument(key).token), &universe.instrument(key).name);
        let told = item.orders().first().map_or(String::new(), |order| tell(universe, order));
        let sentence = format!(
            "{told}: {gas} {token} are paid for gas before it brings anything, and {lies} lie at {name} then"
        );
        refused(Code::Strat003, sentence)
    }

    /// Whether gas takes more than is kept for it, or than lay there before the plan.
    fn is_dear(&self, key: KeyId, gas: Quantity) -> bool {
        gas > self.step.setup.gas_tank || gas > self.step.balance(key)
    }

    fn waits_for_gas(&self, key: KeyId, gas: Quantity, lies: Quantity) -> Stop {
        let (step, universe) = (self.step, self.step.universe());
        let token = universe.token(universe.instrument(key).token);
        let [gas, lies] = [gas, lies.max(Quantity::ZERO)].map(|eth| plain(eth.get()));
        let at = step.view.gas_gwei().map_or(String::new(), |gwei| format!(" at {gwei} gwei"));
        let sentence = format!(
            "the orders take {gas} {token} of gas{at}, and {lies} {token} are there for it: they wait until that is enough"
        );
        held_back(Code::Risk007, sentence)
    }
}
