//! What owners bring and take during the run: the `capital_flows` of a configuration.

use crate::types::venue::VenueKind;
use crate::types::{Code, KeyId, Quantity};

use super::super::section::{Bounds, Section};
use super::super::setup::{ScheduledFlow, Speed};
use super::capital::{Capital, fitting};
use super::world::World;

/// The direction of a flow.
#[derive(Clone, Copy)]
enum Kind {
    Deposit,
    Withdrawal,
}

/// Where the share class's token is at home: in the wallet, and where that holds none where most of the capital begins. Deposits
/// arrive and withdrawals leave there.
pub(super) fn home(world: &World, capital: &Capital) -> KeyId {
    let wallet = world.universe.venues().iter().find(|venue| venue.kind == VenueKind::Wallet);
    if let Some(key) = wallet.and_then(|it| world.universe.token_key(it.id, world.share)) {
        return key;
    }
    let largest = capital.balances.iter().rev().max_by_key(|(_, amount)| *amount);
    largest.map_or(KeyId(0), |(key, _)| *key)
}

/// The flows, in the order of their times.
pub(super) fn read(root: &Section<'_>, world: &World, home: KeyId) -> Vec<ScheduledFlow> {
    let items = root.at("capital_flows").items();
    let mut flows: Vec<_> = items.iter().filter_map(|item| flow(item, world, home)).collect();
    flows.sort_by_key(|flow| flow.at);
    flows
}

fn flow(item: &Section<'_>, world: &World, home: KeyId) -> Option<ScheduledFlow> {
    let at = item.at("at");
    if !at.is_set() {
        at.fault(Code::Config004, "a value is needed here");
    }
    let amount = item.at("amount");
    let number = amount.decimal(Bounds::Positive);
    let quantity = fitting(&amount, world, home, number);
    let kind =
        item.at("kind").choice(&[("deposit", Kind::Deposit), ("withdrawal", Kind::Withdrawal)]);
    let speed = item.at("speed");
    let (amount, speed) = match kind? {
        Kind::Deposit => {
            if speed.is_set() {
                speed.fault(Code::Config005, "a deposit has no speed: it is there when it arrives");
            }
            (quantity, Speed::Slow)
        }
        Kind::Withdrawal => {
            let speed = speed.choice(&[("fast", Speed::Fast), ("slow", Speed::Slow)])?;
            (Quantity::ZERO - quantity, speed)
        }
    };
    Some(ScheduledFlow { at: at.optional_time()?, amount, speed })
}
