//! Leaving: what begins it, what it waits for, and what is said of a run that ends before all of it is left.

use crate::types::{Code, Coded, Instrument, PositionType, RiskLevel};

use super::core::Engine;
use super::outbox::Outbox;
use super::state::{End, Phase};

impl Engine {
    /// A level of exit begins the leaving.
    pub(super) fn look_at_risk(&mut self, out: &mut Outbox) {
        if self.step.risk.level < RiskLevel::Exit || self.state.phase != Phase::Trading {
            return;
        }
        let Some(breach) = self.step.risk.breaches.first() else { return };
        let place =
            breach.venue.map(|venue| format!(" at {}", self.setup.universe.venue(venue).name));
        let why = Coded::new(
            breach.limit.code(),
            format!(
                "{}{} is {}, past its exit limit of {} ({}): the run leaves its positions",
                breach.limit.text(),
                place.unwrap_or_default(),
                breach.value.round_dp(6),
                breach.bound.normalize(),
                breach.limit.setting()
            ),
        );
        self.alarm("engine", &why, out);
        self.state.phase = Phase::Leaving(why);
    }

    /// The run ends where leaving has got to, and says what stays.
    pub(super) fn end_leaving(&mut self, out: &mut Outbox) {
        if let Phase::Leaving(why) = &self.state.phase {
            let why = why.clone();
            self.tell_what_is_left(out);
            self.end(End::Stopped(why), out);
        }
    }

    /// A run that ends with something open says so: nobody watches it any more.
    fn tell_what_is_left(&mut self, out: &mut Outbox) {
        let universe = self.setup.universe.clone();
        for reserve in universe.reserves() {
            let owed = reserve.borrowed.map(|key| self.step.tokens_at(key)).unwrap_or_default();
            if owed.is_positive() {
                let (token, venue) =
                    (universe.token(reserve.token), &universe.venue(reserve.venue).name);
                let text = format!(
                    "{} {token} is still owed at {venue}, and nothing was found that repays it: look after it by hand",
                    owed.get().round_dp(6)
                );
                self.alarm("engine", &Coded::new(Code::Risk001, text), out);
            }
        }
        let told: Vec<String> = universe
            .instruments()
            .iter()
            .filter(|key| self.is_open(key))
            .filter_map(|key| {
                let tokens = self.step.tokens_at(key.id).get().round_dp(6).normalize();
                (!tokens.is_zero()).then(|| format!("{tokens} at {}", key.name))
            })
            .collect();
        if !told.is_empty() {
            let text = format!("the run ends with {}: look after it by hand", told.join(", "));
            self.alarm("engine", &Coded::new(Code::Risk004, text), out);
        }
    }

    /// Whether what lies at a key is a position: not cash, not on its way, not too little to be sold.
    fn is_open(&self, key: &Instrument) -> bool {
        let universe = &self.setup.universe;
        match key.position_type {
            PositionType::Perp | PositionType::Supplied | PositionType::Queued => true,
            PositionType::Transit | PositionType::Borrowed => false,
            PositionType::BaseToken if universe.base(key.token) != key.token => true,
            PositionType::BaseToken => universe.markets().iter().any(|market| {
                let held = self.step.balance(key.id);
                let price = self.step.price(market.id);
                market.position == key.id
                    && market.base != self.setup.share_class.token
                    && price.is_some_and(|price| price * held >= market.min_notional)
            }),
        }
    }

    /// Whether something is held that cannot be traded at this step: a hold while leaving then means waiting.
    pub(super) fn is_stuck(&self) -> bool {
        let held = |market: &&crate::types::Market| !self.step.balance(market.position).is_zero();
        let mut markets = self.setup.universe.markets().iter().filter(held);
        markets.any(|market| self.step.prices.quote(market.id).is_none_or(|quote| !quote.tradable))
    }
}
