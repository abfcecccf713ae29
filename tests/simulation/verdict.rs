//! What must hold when a drill has come to rest.

use std::collections::BTreeMap;

use basis::engine::{End, Phase};
use basis::types::PositionType;
use rust_decimal::Decimal;

use crate::drill::Drill;

impl Drill {
    pub fn look_at_the_end(&self) {
        let (seed, state) = (self.seed, self.engine.state());
        let notes = || self.alarms.join("\n  ");
        assert_eq!(self.world.violations(), [], "seed {seed}\n  {}", notes());
        assert!(
            state.plans.is_empty(),
            "seed {seed}: a plan has not ended: {:#?}\n  {}",
            state.plans,
            notes()
        );
        self.no_intent_is_filled_twice();
        self.nothing_is_below_zero();
        assert!(self.folded().state() == state, "seed {seed}: the journal tells of another state");
        if matches!(state.phase, Phase::Ended(End::Stopped(_))) && self.stage.may_stop {
            return;
        }
        assert!(!state.has_ended(), "seed {seed}: the run ended: {:?}\n  {}", state.phase, notes());
        self.books_are_the_venues(&notes());
        assert!(
            state.tally.worst_residual < Decimal::new(1, 9),
            "seed {seed}: a residual of {}\n  {}",
            state.tally.worst_residual,
            notes()
        );
    }

    fn books_are_the_venues(&self, notes: &str) {
        let (seed, state) = (self.seed, self.engine.state());
        assert!(state.locks.is_empty(), "seed {seed}: {:?} stay locked\n  {notes}", state.locks);
        for theirs in self.world.balances() {
            let name = &self.stage.setup.universe.instrument(theirs.key).name;
            let ours = state.books.quantity(theirs.key);
            assert_eq!(ours, theirs.quantity, "seed {seed}: {name}\n  {notes}");
            let cost = state.books.cost(theirs.key);
            assert_eq!(cost, theirs.cost, "seed {seed}: cost of {name}\n  {notes}");
        }
        // What was taken for external was in truth a settlement told late, and was taken back.
        let mut external: BTreeMap<_, Decimal> = BTreeMap::new();
        for (key, change) in &state.external {
            *external.entry(*key).or_default() += change.quantity.get();
        }
        external.retain(|_, amount| !amount.is_zero());
        assert!(external.is_empty(), "seed {seed}: {external:?} stay external\n  {notes}");
    }

    /// Over all attempts of a leg no more is executed than one attempt asked for.
    fn no_intent_is_filled_twice(&self) {
        let mut filled: BTreeMap<(u32, u16), Vec<Decimal>> = BTreeMap::new();
        for (id, executed) in self.world.executed() {
            filled.entry((id.plan.0, id.leg)).or_default().push(executed.get());
        }
        for (leg, fills) in filled {
            assert!(
                fills.len() == 1,
                "seed {}: leg {leg:?} was executed {} times",
                self.seed,
                fills.len()
            );
        }
    }

    /// Nothing is held below zero but shorts, and cash down to its credit.
    fn nothing_is_below_zero(&self) {
        let universe = &self.stage.setup.universe;
        for held in self.world.balances() {
            let key = universe.instrument(held.key);
            let margin = universe.venue(key.venue).margin.as_ref();
            let credit = margin.filter(|rules| rules.cash == key.id);
            let least = credit.map_or(Decimal::ZERO, |rules| -rules.credit().get());
            assert!(
                key.position_type == PositionType::Perp || held.quantity.get() >= least,
                "seed {}: {} of {}",
                self.seed,
                held.quantity,
                key.name
            );
        }
    }
}
