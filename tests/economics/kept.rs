//! What is to be kept in the wallet is watched: the reserve, and the coins that pay gas.

use basis::config::Costs;
use basis::run::Pump;
use basis::types::event::Loudness;
use basis::types::{Decision, Exact, Operation};

use crate::chain::still;
use crate::desk::{Desk, entry, exit, one};
use crate::scene::{Scripted, Tape, hour};

fn told(pump: &Pump<Tape>) -> Vec<String> {
    let notes = pump.witness.notes(Loudness::Info).into_iter();
    notes.filter(|note| note.contains("lies in the wallet")).collect()
}

#[test]
fn half_of_the_reserve_gone_is_said_once_and_so_is_its_return() {
    // 100 ETH, of which one is the reserve. At hour 2 all but 0.4 are staked, at hour 5 a part is sold again.
    let pump = still(1).run_as("eth_staking_only", Costs::None, &[], |_| {
        Scripted::new(|step| {
            let mut desk = Desk::new(step);
            let universe = step.universe();
            let venue = |name: &str| universe.venue_named(name).expect("the mode has it");
            let key = |name: &str| universe.key_named(name).expect("the mode has it");
            match hour(step) {
                2 => entry(vec![one(
                    desk.order(Operation::Stake { venue: venue("etherfi") }, "99.6")
                )]),
                5 => {
                    let (from, to) = (key("wallet:BaseToken:weETH"), key("wallet:BaseToken:ETH"));
                    let swap =
                        Operation::Swap { venue: venue("uniswap"), from, to, exact: Exact::In };
                    exit(vec![one(desk.order(swap, "10"))])
                }
                _ => Decision::hold("nothing to do"),
            }
        })
    });
    assert_eq!(
        told(&pump),
        [
            "2024-06-01T03:00:00Z less than half of the reserve lies in the wallet: 0.4 of 1 ETH",
            "2024-06-01T06:00:00Z half or more again of the reserve lies in the wallet: 10.9 of 1 ETH",
        ]
    );
}

#[test]
fn a_gas_tank_that_runs_dry_is_said_and_the_shipped_modes_keep_theirs() {
    let spent = still(1).run_as("eth_staking_only", Costs::Full, &[("reserve.ratio", "0")], |_| {
        Scripted::new(|step| {
            let etherfi = step.universe().venue_named("etherfi").expect("the mode has it");
            if hour(step) != 0 {
                return Decision::hold("nothing to do");
            }
            entry(vec![one(Desk::new(step).order(Operation::Stake { venue: etherfi }, "99.96"))])
        })
    });
    let told_of = told(&spent);
    assert_eq!(told_of.len(), 1, "{told_of:?}");
    assert!(
        told_of[0].contains("less than half of the gas tank lies in the wallet: 0.037"),
        "{told_of:?}"
    );
    for mode in ["pure_lending_usdt", "pure_lending_eth", "eth_staking_only", "eth_leveraged"] {
        let pump = still(3).run(mode, Costs::Full, &[]);
        assert_eq!(told(&pump), [] as [String; 0], "{mode}");
    }
}
