//! A strategy whose exit fails: the engine takes its loop down without it.

use std::sync::Arc;

use basis::config::Costs;
use basis::engine::{End, Memory, Phase, StepView, Strategy, StrategyError};
use basis::run::Pump;
use basis::types::order::Origin;
use basis::types::{Code, Decision, PnlCause};
use rust_decimal::Decimal;

use crate::chain::{Chain, acts, held, is_explained, still, worth};
use crate::desk::{Desk, exit, one};
use crate::scene::{Tape, dec};

/// A script with an exit that always fails.
pub struct Trapped(pub Box<dyn Strategy>);

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

/// A script with an exit that wraps a little ETH whenever it is asked to leave.
struct Busy(Box<dyn Strategy>);

impl Strategy for Busy {
    fn decide(&mut self, step: &Arc<StepView>, of: &mut Memory) -> Result<Decision, StrategyError> {
        self.0.decide(step, of)
    }

    fn exit(&mut self, step: &Arc<StepView>, _: &mut Memory) -> Result<Decision, StrategyError> {
        Ok(exit(vec![one(Desk::new(step).wrap("0.001"))]))
    }

    fn version(&self) -> Arc<str> {
        self.0.version()
    }
}

/// A loop that is slashed by 2 % after a day, with a market that pays this much less than the rate.
fn slashed(mode: &str, costs: Costs, discount: &str) -> Pump<Tape> {
    slashed_as(mode, costs, discount, |script| Box::new(Trapped(script)))
}

fn slashed_as(
    mode: &str,
    costs: Costs,
    discount: &str,
    made: impl FnOnce(Box<dyn Strategy>) -> Box<dyn Strategy>,
) -> Pump<Tape> {
    let rate =
        |token: &str, day: i64| worth(token) * if day > 0 { dec("0.98") } else { Decimal::ONE };
    let chain = Chain { rate: &rate, discount: &|_| dec(discount), ..still(3) };
    chain.run_as(mode, costs, &[("risk.emergency_drawdown", "0.015")], made)
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
fn an_exit_that_makes_nothing_smaller_is_taken_over_by_the_engine() {
    let pump = slashed_as("eth_leveraged", Costs::None, "0.002", |script| Box::new(Busy(script)));
    is_stopped(&pump);
    // Three plans for nothing; then the loop in one transaction, what it left of the staking token, and the WETH of the three.
    let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
    assert_eq!(hours, [0, 24, 25, 26, 27, 28, 29]);
    assert_eq!(held(&pump, "wallet:BaseToken:WETH"), Decimal::ZERO);
    assert_eq!(held(&pump, "aave_v3:debtToken:debtWETH"), Decimal::ZERO);
    assert_eq!(held(&pump, "wallet:BaseToken:weETH"), Decimal::ZERO);
    let notes = pump.witness.notes(basis::types::event::Loudness::Alarm);
    let told = notes.iter().filter(|note| note.contains("have made nothing smaller")).count();
    assert_eq!(told, 1, "{notes:?}");
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

/// What is told of debts and of other positions when a run ends.
fn told_at_the_end(pump: &Pump<Tape>, what: &str) -> bool {
    let notes = pump.witness.notes(basis::types::event::Loudness::Alarm);
    notes.iter().any(|note| note.contains(what) && note.contains("look after it by hand"))
}

#[test]
fn a_loop_that_has_no_gas_left_to_leave_with_stops_and_says_what_it_owes() {
    let rate =
        |token: &str, day: i64| worth(token) * if day > 0 { dec("0.98") } else { Decimal::ONE };
    let chain = Chain { rate: &rate, ..still(3) };
    let run = |tank: &str| {
        let sets =
            [("gas_tank", tank), ("reserve.ratio", "0"), ("risk.emergency_drawdown", "0.015")];
        chain.run("eth_leveraged", Costs::Full, &sets)
    };
    let rich = run("1");
    is_stopped(&rich);
    assert_eq!(held(&rich, "aave_v3:debtToken:debtWETH"), Decimal::ZERO);
    // What building took, and too little for the way out.
    let built = -rich.witness.rows()[0].attribution[PnlCause::Gas].get();
    let poor = run(&(built + dec("0.001")).to_string());
    is_stopped(&poor);
    assert!(held(&poor, "aave_v3:debtToken:debtWETH") > dec("900"));
    assert!(told_at_the_end(&poor, "WETH is still owed at aave_v3"));
    assert!(told_at_the_end(&poor, "at aave_v3:aToken:aweETH"));
}

#[test]
fn a_run_whose_data_ends_before_it_has_left_says_what_it_owes() {
    let rate =
        |token: &str, day: i64| worth(token) * if day > 1 { dec("0.98") } else { Decimal::ONE };
    let pump =
        Chain { rate: &rate, ..still(2) }
            .run_as("eth_leveraged", Costs::None, &[], |script| Box::new(Busy(script)));
    is_stopped(&pump);
    assert!(told_at_the_end(&pump, "WETH is still owed at aave_v3"));
    assert!(told_at_the_end(&pump, "at aave_v3:aToken:aweETH"));
}

#[test]
fn staked_eth_that_no_pool_can_take_is_told_when_the_run_stops() {
    let rate =
        |token: &str, day: i64| worth(token) * if day > 0 { dec("0.98") } else { Decimal::ONE };
    let chain = Chain { rate: &rate, ..still(2) };
    let sets = [("initial_balances.wallet.ETH", "200000000"), ("risk.emergency_drawdown", "0.015")];
    let pump = chain.run("eth_staking_only", Costs::Full, &sets);
    is_stopped(&pump);
    assert!(held(&pump, "wallet:BaseToken:weETH") > Decimal::ONE);
    assert!(told_at_the_end(&pump, "at wallet:BaseToken:weETH"));
}
