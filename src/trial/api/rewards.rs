//! What venues hand out to holders of their staking token: ordered by a test, whatever is held.

use rhai::{Dynamic, NativeCallContext};

use crate::script::api::{Api, Kind, Param, TOKEN};
use crate::script::host::HostError;
use crate::types::Quantity;
use crate::types::venue::VenueKind;

use super::set::{had, positive};
use super::{World, method, placed};

const AMOUNT: Param = Param::new("amount", Kind::Number, "tokens");

pub(super) fn register(api: &mut Api) {
    let doc = "At the next step a venue hands out so much of a token, whatever is held; by itself it hands out nothing.";
    api.add(
        method("reward", &[TOKEN, AMOUNT], "()", doc).fails(
            "`amount` is not above 0; rewards are off, or the token is none that is handed out",
        ),
        |call: NativeCallContext, world: World, token: &str, amount: Dynamic| {
            placed(&call, reward(&world, token, &amount))
        },
    );
}

fn reward(world: &World, name: &str, amount: &Dynamic) -> Result<(), HostError> {
    let (token, amount) = (world.token(name)?, positive("amount", amount)?);
    let universe = world.stage().setup().universe.clone();
    let wallet = universe.venues().iter().find(|venue| venue.kind == VenueKind::Wallet);
    let key = wallet.and_then(|wallet| universe.token_key(wallet.id, token));
    let is_ordered = match key {
        Some(key) => world.stage().hand_out(key, Quantity::new(amount))?,
        None => false,
    };
    had(is_ordered, || format!("nobody hands out {name} in this run"))
}
