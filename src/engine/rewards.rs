//! What was handed out and lies in the wallet: what it is worth beside the gas of its sale.

use rust_decimal::Decimal;

use crate::types::chain::RewardRules;
use crate::types::{Exact, KeyId, Operation, Quantity, VenueId};

use super::promise::gas_of;
use super::step_view::StepView;

/// A token that was handed out, lies in the wallet and can be sold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldReward {
    /// Where it lies.
    pub key: KeyId,
    /// The venue whose pool takes it: the first of the run.
    pub venue: VenueId,
    /// What the pool gives for it.
    pub into: KeyId,
    /// All of it.
    pub amount: Quantity,
    /// Its worth at its price, in the share class.
    pub value: Decimal,
    /// What the gas of its sale costs now, in the share class.
    pub gas: Decimal,
}

impl HeldReward {
    /// Whether it is worth more than `times` the gas of its sale.
    fn is_worth(&self, times: Decimal) -> bool {
        self.gas.checked_mul(times).is_some_and(|least| self.value > least)
    }
}

/// All tokens that were handed out and lie in the wallet, in the order of the configuration. None where rewards are off.
pub fn rewards_held(step: &StepView) -> impl Iterator<Item = HeldReward> + '_ {
    let rules = step.universe().rewards();
    let is_first = |&(index, rule): &(usize, &RewardRules)| {
        rules[..index].iter().all(|before| before.key != rule.key)
    };
    rules.iter().enumerate().filter(is_first).filter_map(|(_, rules)| held(step, rules.key))
}

/// Whether one of them is worth more than `dust.min_value_over_gas` times the gas of its sale.
pub fn has_dust(step: &StepView) -> bool {
    let least = step.setup.min_value_over_gas;
    rewards_held(step).any(|reward| reward.is_worth(least))
}

fn held(step: &StepView, key: KeyId) -> Option<HeldReward> {
    let amount = step.balance(key);
    if !amount.is_positive() {
        return None;
    }
    let universe = step.universe();
    let lies = universe.instrument(key);
    let pools = |venue: VenueId| universe.pools(venue).iter().map(move |pool| (venue, pool));
    let mut pools = universe.venues().iter().flat_map(|venue| pools(venue.id));
    let (venue, pool) = pools.find(|(_, pool)| pool.token == lies.token)?;
    let into = universe.token_key(lies.venue, pool.against)?;
    let sale = Operation::Swap { venue, from: key, to: into, exact: Exact::In };
    let value = step.prices.key(key)?.checked_mul(amount.get())?;
    let gas = match gas_of(step, &sale) {
        Some((paid, gas)) => step.prices.key(paid)?.checked_mul(gas.get())?,
        None => Decimal::ZERO,
    };
    Some(HeldReward { key, venue, into, amount, value, gas })
}
