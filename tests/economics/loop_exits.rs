//! In and out: what an entry and an exit at the same prices cost, and where a wind-down ends by each route.

use basis::config::Costs;
use basis::run::Pump;
use basis::types::event::Loudness;
use basis::types::{Operation, PnlCause};
use rust_decimal::Decimal;

use crate::chain::{Chain, acts, equity, explained_by, held, is_done, last, still, worth};
use crate::scene::{Tape, dec};

/// The fifth step.
const UNWIND: (&str, &str) = ("unwind_at", "2024-06-01T05:00:00Z");

/// A market two tenths of a percent below the protocol's rate.
fn below(days: i64) -> Chain<'static> {
    Chain { discount: &|_| dec("0.002"), ..still(days) }
}

/// Nothing is owed, lent, staked, queued or wrapped any more: all equity is ETH in the wallet.
fn is_all_eth(pump: &Pump<Tape>) {
    let state = pump.engine.state();
    let universe = pump.engine.step().universe();
    for key in universe.instruments().iter().filter(|key| &*key.name != "wallet:BaseToken:ETH") {
        assert!(state.books.quantity(key.id).is_zero(), "{} is left", key.name);
    }
    assert_eq!(held(pump, "wallet:BaseToken:ETH"), last(pump).equity.get());
}

/// Gas of the orders that were sent, by the table of `configs/venues/wallet.yaml` at 20 gwei.
fn gas(pump: &Pump<Tape>) -> Decimal {
    let units = |operation: &Operation| match operation {
        Operation::Wrap { .. } => 45,
        Operation::Supply { .. } => 250,
        Operation::Withdraw { .. } => 220,
        Operation::Borrow { .. } => 300,
        Operation::Repay { .. } => 280,
        Operation::Stake { .. } => 150,
        Operation::Unstake { .. } => 200,
        Operation::Swap { .. } => 180,
        Operation::FlashBorrow { .. } => 100,
        Operation::FlashRepay { .. } => 80,
        other => panic!("{} is no operation of a loop", other.name()),
    };
    let orders = pump.witness.orders();
    let thousands: i64 = orders.iter().map(|order| units(&order.bound.operation)).sum();
    Decimal::from(thousands) * dec("0.00002")
}

#[test]
fn a_loop_that_is_left_at_once_has_lost_fees_gas_slippage_and_peg_and_nothing_else() {
    for (lst, target, capital) in [("weETH", "0.909075", "100"), ("wstETH", "0.8", "20")] {
        let sets = [
            ("lst", lst),
            ("target_ltv", target),
            ("capital", capital),
            ("exit_route", "dex"),
            // To leave at once costs more than the mode's drawdown stop of 8 %.
            ("risk.emergency_drawdown", "0.3"),
            UNWIND,
        ];
        let pump = below(1).run("eth_leveraged", Costs::Full, &sets);
        is_done(&pump);
        is_all_eth(&pump);
        assert_eq!(acts(&pump).len(), 2, "{:?}", acts(&pump));
        // A hundred ETH looped are beyond the pool's cost table, twenty at a lower target are not.
        let notes = pump.witness.notes(Loudness::Warn);
        let is_told = notes.iter().any(|note| note.contains("the cost table ends at 1000000"));
        assert_eq!(is_told, capital == "100", "{notes:?}");
        let told = last(&pump).cumulative;
        explained_by(
            &told,
            &[PnlCause::Fees, PnlCause::Gas, PnlCause::Slippage, PnlCause::Peg],
            equity(&pump, 24) - dec(capital),
        );
        assert_eq!(told[PnlCause::Gas].get(), -gas(&pump));
        // Everything that was staked was sold: two tenths of a percent of it is the peg.
        let (own, target) = (own(capital), dec(target));
        let peg = -own / (Decimal::ONE - target) * dec("0.002");
        let off = (told[PnlCause::Peg].get() / peg - Decimal::ONE).abs();
        assert!(off < dec("0.000001"), "{} is not {peg}", told[PnlCause::Peg]);
        for cause in [PnlCause::Fees, PnlCause::Slippage] {
            assert!(told[cause].is_negative(), "{} costs something", cause.text());
        }
    }
}

/// What a capital puts into a loop: all but the reserve and the gas tank.
fn own(capital: &str) -> Decimal {
    dec(capital) * dec("0.99") - dec("0.1")
}

#[test]
fn a_loop_unwinds_through_the_queue_in_rounds_until_nothing_is_owed() {
    // The shipped queue takes a week; with one of a day the rounds are the same and the test shorter.
    for (lst, venue, target) in [("weETH", "etherfi", "0.909075"), ("wstETH", "lido", "0.7")] {
        let queue = format!("venues.{venue}.queue_days");
        let sets = [("lst", lst), ("target_ltv", target), (queue.as_str(), "1"), UNWIND];
        let pump = below(60).run("eth_leveraged", Costs::Full, &sets);
        is_done(&pump);
        is_all_eth(&pump);
        let told = last(&pump).cumulative;
        let lost = last(&pump).equity.get() - dec("100");
        explained_by(&told, &[PnlCause::Gas], lost);
        assert_eq!(told[PnlCause::Gas].get(), -gas(&pump));
        let rounds = acts(&pump).iter().filter(|(_, why)| why.contains("queue")).count();
        println!("{lst} at {target}: {rounds} rounds, out after {:?} hours", acts(&pump).last());
        let all = acts(&pump);
        let first = all.iter().find(|(_, why)| why.contains("queue")).expect("a round");
        assert!(first.1.ends_with(&format!("rounds to go: {rounds}")), "{} of {rounds}", first.1);
        let worst = pump.engine.state().tally.worst_health_factor.expect("a debt");
        assert!(worst > dec("1.03"), "a round never takes the loop to its risk limit, {worst}");
    }
}

#[test]
fn staking_is_left_by_the_queue_for_gas_alone_and_by_the_pool_for_its_price() {
    for lst in ["weETH", "wstETH"] {
        let sets = [("lst", lst), UNWIND];
        let pump = below(9).run("eth_staking_only", Costs::Full, &sets);
        is_done(&pump);
        is_all_eth(&pump);
        explained_by(&last(&pump).cumulative, &[PnlCause::Gas], equity(&pump, 216) - dec("100"));
        let sets = [("lst", lst), ("exit_route", "dex"), UNWIND];
        let pump = below(1).run("eth_staking_only", Costs::Full, &sets);
        is_done(&pump);
        is_all_eth(&pump);
        let causes = [PnlCause::Fees, PnlCause::Gas, PnlCause::Slippage, PnlCause::Peg];
        explained_by(&last(&pump).cumulative, &causes, equity(&pump, 24) - dec("100"));
        let peg = last(&pump).cumulative[PnlCause::Peg].get();
        assert!((peg + own("100") * dec("0.002")).abs() < dec("0.000000001"), "{peg}");
    }
}

#[test]
fn the_queue_pays_what_was_fixed_at_the_request_however_the_rate_grows() {
    // A tenth of a percent a day, so that a week in the queue forgoes 0.7 %.
    let growing =
        |token: &str, day: i64| worth(token) * (Decimal::ONE + dec("0.001") * Decimal::from(day));
    let chain = Chain { rate: &growing, ..still(10) };
    for (lst, hours) in [("weETH", 7 * 24), ("wstETH", 3 * 24)] {
        let sets = [("lst", lst), ("reserve.ratio", "0"), UNWIND];
        let pump = chain.run("eth_staking_only", Costs::None, &sets);
        is_done(&pump);
        is_all_eth(&pump);
        // The request is made at the fifth hour of the first day, at the rate of that hour.
        let requested = dec("100") * (Decimal::ONE + dec("0.001") * dec("5") / dec("24"));
        let paid = last(&pump).equity.get();
        assert!((paid - requested).abs() < dec("0.000000000000001"), "{paid}, not {requested}");
        for hour in 5..pump.witness.rows().len() {
            assert_eq!(equity(&pump, hour), paid, "nothing is earned in the queue, hour {hour}");
        }
        // The transaction is in a block a few seconds after its step, so the next step but the queue knows of the arrival.
        assert_eq!(arrived(&pump), 5 + hours + 1, "{lst}");
    }
}

/// The first hour at which the wallet holds ETH again, a step that knows of it.
fn arrived(pump: &Pump<Tape>) -> i64 {
    use basis::types::event::Event;
    let key = pump.engine.step().universe().key_named("wallet:BaseToken:ETH").expect("ETH");
    let held = pump.witness.batches.iter().flat_map(|(_, batch)| {
        batch.events.iter().filter_map(|event| match event {
            Event::Positions { at, quantities, real: true, .. } => {
                Some((*at, batch.numbers(*quantities)[key.index()]))
            }
            _ => None,
        })
    });
    let since = |at: basis::types::Timestamp| (at - crate::scene::start()).ms() / 3_600_000;
    let found = held.filter(|(at, _)| since(*at) > 5).find(|(_, eth)| !eth.is_zero());
    since(found.expect("it arrives").0)
}

#[test]
fn a_wind_down_that_begins_above_the_band_first_sells_down_to_the_target() {
    // The loan-to-value jumps with the rate at the midnight at which the loop is to be left. 0.92 is out of the band and
    // beyond what a round of the queue may lead to; 0.924 is a health factor at which only risk may fall.
    for (slash, band) in [("0.988", "0.01"), ("0.983", "0.01"), ("0.995", "0.0005"), ("1", "0.1")] {
        let slashed =
            |token: &str, day: i64| worth(token) * if day > 0 { dec(slash) } else { Decimal::ONE };
        let chain = Chain { rate: &slashed, ..still(60) };
        let sets = [
            ("ltv_band", band),
            ("venues.etherfi.queue_days", "1"),
            ("risk.emergency_drawdown", "0.5"),
            ("unwind_at", "2024-06-02"),
        ];
        let pump = chain.run("eth_leveraged", Costs::Full, &sets);
        is_done(&pump);
        is_all_eth(&pump);
        let acts = acts(&pump);
        let begun = if dec(slash) < dec("0.99") { "by a sale" } else { "into the queue" };
        assert!(acts[1].0 == 24 && acts[1].1.contains(begun), "{:?}", acts[1]);
        assert!(acts.len() < 80, "{} decisions", acts.len());
    }
}

#[test]
fn a_wind_down_waits_while_the_chain_asks_for_more_gas_than_there_is() {
    let dear = |hour: i64| dec(if (3..30).contains(&hour) { "5000" } else { "20" });
    for route in ["dex", "queue"] {
        let sets = [("exit_route", route), ("risk.emergency_drawdown", "0.3"), UNWIND];
        let chain = Chain { gas: &dear, ..below(3) };
        let pump = chain.run(
            "eth_leveraged",
            Costs::Full,
            &[&sets[..], &[("target_ltv", "0.5")]].concat(),
        );
        is_done(&pump);
        let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
        assert_eq!(hours[..2], [0, 31], "{route}: {hours:?}");
        let told = pump.witness.notes(Loudness::Warn);
        let told = told.iter().filter(|note| note.contains("RISK-007")).count();
        assert_eq!(told, 1, "{route}: said once");
        let is_left = held(&pump, "aave_v3:debtToken:debtWETH").is_zero();
        assert_eq!(is_left, route == "dex", "{route}");
    }
}
