//! What is kept in the wallet, watched: the reserve, and the coins that pay gas. A strategy keeps them; the engine says when
//! half is gone, once, and when it is there again.

use rust_decimal::Decimal;

use crate::config::Setup;
use crate::types::event::Loudness;
use crate::types::venue::VenueKind;
use crate::types::{Code, Coded, KeyId, PositionType, Quantity};

use super::core::Engine;
use super::outbox::Outbox;
use super::state::{Low, Phase};

/// Where what is kept in the wallet lies.
#[derive(Clone, Debug, Default)]
pub(super) struct Reserved {
    /// The wallet's keys of the share class's token and of what is one for one with it; none where nothing is to be kept.
    reserve: Vec<KeyId>,
    /// The key that gas is paid from, where a tank is to be kept.
    tank: Option<KeyId>,
}

impl Reserved {
    /// The key that gas is paid from, where a tank is to be kept.
    pub(super) const fn tank(&self) -> Option<KeyId> {
        self.tank
    }

    pub(super) fn of(setup: &Setup) -> Self {
        let universe = &setup.universe;
        let home = universe.base(setup.share_class.token);
        let is_reserve = |key: &&crate::types::Instrument| {
            key.position_type == PositionType::BaseToken
                && universe.venue(key.venue).kind == VenueKind::Wallet
                && universe.base(key.token) == home
                && universe.venues().iter().all(|venue| {
                    universe.staking(venue.id).is_none_or(|rules| rules.token != key.id)
                })
        };
        let keys = universe.instruments().iter().filter(is_reserve).map(|key| key.id);
        let is_kept = !setup.reserve_ratio.is_zero();
        let gas = universe.venues().iter().find_map(|venue| venue.gas.as_ref());
        Self {
            reserve: keys.filter(|_| is_kept).collect(),
            tank: gas.filter(|_| setup.gas_tank.is_positive()).map(|gas| gas.key),
        }
    }
}

impl Engine {
    /// Says when half of what is to be kept is gone. While a run enters or leaves nothing is to be kept yet or any more.
    pub(super) fn watch_reserve(&mut self, out: &mut Outbox) {
        if self.state.phase != Phase::Trading || self.state.active.is_some() || self.step.wind_down
        {
            return;
        }
        let half = Decimal::new(5, 1);
        let tank = self.setup.gas_tank;
        let held = |key: &KeyId| self.step.books.quantity(*key);
        let name = &self.setup.share_class.name;
        let is_tank_in_reserve =
            self.reserved.tank.is_some_and(|key| self.reserved.reserve.contains(&key));
        let there: Quantity = self.reserved.reserve.iter().map(held).sum::<Quantity>()
            - if is_tank_in_reserve { tank } else { Quantity::ZERO };
        let wanted = self.step.equity.get() * self.setup.reserve_ratio.get();
        let now = Low {
            reserve: !self.reserved.reserve.is_empty() && there.get() < wanted * half,
            tank: self.reserved.tank.is_some_and(|key| held(&key).get() < tank.get() * half),
            gas: self.state.low.gas,
        };
        let before = std::mem::replace(&mut self.state.low, now);
        if before == now {
            return;
        }
        let told = [
            (before.reserve, now.reserve, "reserve", there, wanted, name.to_string()),
            (
                before.tank,
                now.tank,
                "gas tank",
                self.reserved.tank.map(|key| held(&key)).unwrap_or_default(),
                tank.get(),
                self.reserved.tank.map(|key| self.token_of(key)).unwrap_or_default(),
            ),
        ];
        for (was, is, what, held, wanted, token) in told {
            let (held, wanted) = (held.get().round_dp(6), wanted.round_dp(6).normalize());
            let held = held.max(Decimal::ZERO).normalize();
            let (loudness, half) = match (was, is) {
                (false, true) => (Loudness::Warn, "less than half"),
                (true, false) => (Loudness::Info, "half or more again"),
                _ => continue,
            };
            let text =
                format!("{half} of the {what} lies in the wallet: {held} of {wanted} {token}");
            self.note("engine", loudness, None, text, out);
        }
    }

    /// Says that a plan waits for gas, once until another has been sent.
    pub(super) fn tell_of_gas(&mut self, why: &Coded, out: &mut Outbox) {
        if why.code == Code::Risk007 && !self.state.low.gas {
            self.state.low.gas = true;
            self.note("engine", Loudness::Warn, Some(why.code), why.message.as_str(), out);
        }
    }

    fn token_of(&self, key: KeyId) -> String {
        let universe = &self.setup.universe;
        universe.token(universe.instrument(key).token).to_string()
    }
}
