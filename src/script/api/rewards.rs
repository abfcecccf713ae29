//! Tokens that were handed out: whether a sale is worth its gas, and what there is to sell.

use rhai::{Array, Dynamic, Map};

use crate::engine::{has_dust, rewards_held};
use crate::script::host::Ctx;

use super::{Api, Entry, Owner};

/// The name of what the hold path of a script asks.
pub(in crate::script) const DUST: &str = "dust";

pub(super) fn register(api: &mut Api) {
    api.add(
        Entry::property(
            Owner::Ctx,
            DUST,
            "bool",
            "Whether a token that was handed out is worth more than dust.min_value_over_gas times the gas of its sale; never where rewards are off.",
        ),
        |ctx: &mut Ctx| has_dust(ctx.step()),
    );
    api.add(
        Entry::property(
            Owner::Ctx,
            "rewards",
            "list of #{token, key, amount, venue, into, value, gas}",
            "Tokens that were handed out and lie in the wallet: the venue that swaps them, into what, their worth and the gas of the swap, both in the share class.",
        ),
        rewards,
    );
}

fn rewards(ctx: &mut Ctx) -> Array {
    let universe = ctx.universe();
    let told = rewards_held(ctx.step()).map(|reward| {
        let [from, into] = [reward.key, reward.into].map(|key| universe.instrument(key));
        let token = |token| Dynamic::from(universe.token(token).to_string());
        let mut map = Map::new();
        map.insert("token".into(), token(from.token));
        map.insert("key".into(), from.name.to_string().into());
        map.insert("amount".into(), Dynamic::from_decimal(reward.amount.get()));
        map.insert("venue".into(), universe.venue(reward.venue).name.to_string().into());
        map.insert("into".into(), token(into.token));
        map.insert("value".into(), Dynamic::from_decimal(reward.value));
        map.insert("gas".into(), Dynamic::from_decimal(reward.gas));
        Dynamic::from_map(map)
    });
    told.collect()
}
