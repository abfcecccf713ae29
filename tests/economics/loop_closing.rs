//! A strategy whose exit fails: the engine takes its loop down without it.

use std::sync::Arc;

use basis::config::Costs;
use basis::engine::{End, Memory, Phase, StepView, Strategy, StrategyError};
use basis::run::Pump;
use basis::types::order::Origin;
use basis::types::{Code, Decision};
use rust_decimal::Decimal;

use crate::chain::{Chain, acts, held, is_explained, still, worth};
use crate::scene::{Tape, dec};

/// A script with an exit that always fails.
struct Trapped(Box<dyn Strategy>);

impl Strategy for Trapped {
    fn decide(&mut self, step: &Arc<StepView>, of: &mut Memory) -> Result<Decision, StrategyError> {
        self.0.decide(step, of)
    }

    fn exit(&mut self, _: &Arc<StepView>, _: &mut Memory) -> Result<Decision, StrategyError> {
        Err(StrategyError {
            code: Code::Strat001,
            message: "there is no way out".into(),
            origin: Origin::default(),
        })
    }

    fn version(&self) -> Arc<str> {
        self.0.version()
    }
}

/// A loop that is slashed by 2 % after a day, with a market that pays this much less than the rate.
fn slashed(mode: &str, costs: Costs, discount: &str) -> Pump<Tape> {
    let rate =
        |token: &str, day: i64| worth(token) * if day > 0 { dec("0.98") } else { Decimal::ONE };
    let chain = Chain { rate: &rate, discount: &|_| dec(discount), ..still(3) };
    chain.run_as(mode, costs, &[("risk.emergency_drawdown", "0.015")], |script| {
        Box::new(Trapped(script))
    })
}

fn is_stopped(pump: &Pump<Tape>) {
    let phase = &pump.engine.state().phase;
    let Phase::Ended(End::Stopped(why)) = phase else { panic!("it ended as {phase:?}") };
    assert_eq!(why.code, Code::Risk004);
    is_explained(pump);
}

#[test]
fn a_loop_whose_strategy_cannot_leave_is_closed_by_the_engine() {
    for costs in [Costs::None, Costs::Full] {
        let pump = slashed("eth_leveraged", costs, "0.002");
        is_stopped(&pump);
        // The entry, the loop in one transaction, what it left of the staking token; then there is nothing left to close.
        let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
        assert_eq!(hours, [0, 24, 25], "{costs:?}");
        for key in ["aave_v3:debtToken:debtWETH", "aave_v3:aToken:aweETH", "wallet:BaseToken:weETH"]
        {
            assert_eq!(held(&pump, key), Decimal::ZERO, "{costs:?}: {key}");
        }
        assert!(held(&pump, "wallet:BaseToken:ETH") > dec("60"));
    }
}

#[test]
fn staked_eth_whose_strategy_cannot_leave_is_sold_by_the_engine() {
    let pump = slashed("eth_staking_only", Costs::Full, "0.001");
    is_stopped(&pump);
    assert_eq!(held(&pump, "wallet:BaseToken:weETH"), Decimal::ZERO);
    assert!(held(&pump, "wallet:BaseToken:ETH") > dec("97"));
}

#[test]
fn a_loop_that_no_sale_covers_is_left_as_it_is_and_the_run_says_so() {
    let pump = slashed("eth_leveraged", Costs::None, "0.12");
    is_stopped(&pump);
    assert_eq!(acts(&pump).len(), 1, "nothing is tried that cannot be covered");
    assert!(held(&pump, "aave_v3:debtToken:debtWETH") > dec("900"));
    let notes = pump.witness.notes(basis::types::event::Loudness::Alarm);
    let told = notes.iter().any(|note| note.contains("is still owed at aave_v3"));
    assert!(told, "{notes:?}");
}
