//! The shipped modes over the bundled year: what hedges, bands and owners must come to, whatever the prices were.

use std::sync::Arc;

use basis::config::{Costs, ScheduledFlow, Setup, Speed};
use basis::engine::{End, Phase};
use basis::market::MarketData;
use basis::run::Pump;
use basis::types::{PnlCause, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::scene::{Tape, dec, qty, root, run, script, setup};

/// All modes that run in hours.
const HOURLY: [&str; 8] = [
    "pure_lending_usdt",
    "pure_lending_eth",
    "btc_basis",
    "eth_basis",
    "eth_staking_only",
    "eth_leveraged",
    "usdt_market_neutral_no_leverage",
    "usdt_market_neutral",
];

fn sample(setup: &Setup, from: &str, to: &str) -> Arc<MarketData> {
    let time = |text: &str| text.parse().expect("a time");
    MarketData::load(setup, &root().join("data"), Some(time(from)), Some(time(to)))
        .unwrap_or_else(|faults| panic!("{}: {faults}", setup.mode))
        .data
}

/// A run over the bundled year, or a part of it, that must come to its end with all of its profit explained.
pub fn ran(setup: Setup, from: &str, to: &str) -> Pump<Tape> {
    let data = sample(&setup, from, to);
    let strategy = script(&setup);
    let setup = basis::run::opening(Arc::new(setup), &data.view_at(0)).expect("it can be opened");
    let mode = setup.mode.clone();
    let pump = run(Arc::unwrap_or_clone(setup), &data, strategy);
    let state = pump.engine.state();
    assert_eq!(state.phase, Phase::Ended(End::Done), "{mode}");
    assert!(
        state.tally.worst_residual < dec("0.000000001"),
        "{mode}: {}",
        state.tally.worst_residual
    );
    for theirs in pump.world.balances() {
        assert_eq!(state.books.quantity(theirs.key), theirs.quantity, "{mode}");
    }
    pump
}

fn returned(pump: &Pump<Tape>) -> f64 {
    let rows = pump.witness.rows();
    let last = rows[rows.len() - 1].share_value.get();
    let part = last / pump.engine.state().tally.initial_equity.get() - Decimal::ONE;
    part.to_f64().expect("a small number")
}

#[test]
fn what_is_hedged_stays_within_its_band_but_for_moments() {
    for mode in ["usdt_market_neutral_no_leverage", "usdt_market_neutral"] {
        let setup = setup(mode, Costs::Full, &[]);
        let asset = setup.asset;
        let data = sample(&setup, "2024-06-01", "2024-12-01");
        let strategy = script(&setup);
        let setup =
            basis::run::opening(Arc::new(setup), &data.view_at(0)).expect("it can be opened");
        let mut pump = crate::scene::pump(Arc::unwrap_or_clone(setup), &data, strategy);
        let (mut outside, mut hours, mut worst) = (0, 0, Decimal::ZERO);
        for view in data.views() {
            pump.step(view).expect("a tape never fails");
            let step = pump.engine.step();
            let price = step.token_price(asset).expect("a price");
            let drift = (step.net_delta[asset.index()].get() * price / step.equity.get()).abs();
            hours += 1;
            // A hundredth of the hedge is half a hundredth of equity; a lot and a decision later it is back.
            outside += u32::from(drift > dec("0.0075"));
            worst = worst.max(drift);
        }
        assert!(hours > 4000 && outside < 12, "{mode}: {outside} of {hours} hours, worst {worst}");
        assert!(worst < dec("0.05"), "{mode}: {worst}");
    }
}

#[test]
fn resizes_grow_as_the_square_of_one_over_the_band() {
    let resizes = |band: &str| {
        let sets = [
            ("rebalance_band", band),
            ("hedge_allocation.binance", "1"),
            ("hedge_allocation.bybit", "0"),
            ("hedge_allocation.okx", "0"),
            ("funding_threshold", "-0.01"),
            ("funding_reentry", "0"),
        ];
        let pump = ran(setup("btc_basis", Costs::None, &sets), "2024-06-01", "2025-06-01");
        pump.engine.state().tally.rebalances as f64
    };
    let (narrow, wide) = (resizes("0.025"), resizes("0.1"));
    // Four times as narrow: sixteen times as many, were prices a walk without steps of an hour.
    assert!((8.0..24.0).contains(&(narrow / wide)), "{narrow} against {wide}");
}

#[test]
fn a_band_of_two_hundredths_of_equity_costs_a_neutral_loop_more_than_it_earns() {
    // The staked half may then be 48 to 52 % of equity: margin over notional from 0.92 to 1.09.
    let sets = [("margin_ratio_low", "0.92"), ("margin_ratio_high", "1.09")];
    let narrow = ran(setup("usdt_market_neutral", Costs::Full, &sets), "2024-06-01", "2025-06-01");
    let attribution = narrow.engine.state().ledger.total;
    let paid = [PnlCause::Fees, PnlCause::Gas, PnlCause::Slippage, PnlCause::Peg];
    let paid: Decimal = paid.into_iter().map(|cause| -attribution[cause].get()).sum();
    assert!(returned(&narrow) < -0.005, "{}", returned(&narrow));
    assert!(paid > dec("4000"), "the engine charges its exits: {paid}");
    let wide = ran(setup("usdt_market_neutral", Costs::Full, &[]), "2024-06-01", "2025-06-01");
    assert!(returned(&wide) > 0.02, "{}", returned(&wide));
}

#[test]
fn owners_of_every_mode_are_paid_and_who_stays_keeps_the_value_of_a_share() {
    let (from, to) = ("2024-06-01", "2024-07-15");
    let day = |text: &str| text.parse::<Timestamp>().expect("a time");
    for mode in HOURLY {
        let plain = setup(mode, Costs::None, &[]);
        let unit = plain.capital.get() / dec("100");
        let flow = |at: &str, parts: &str, speed| ScheduledFlow {
            at: day(at),
            amount: qty(&(unit * dec(parts)).to_string()),
            speed,
        };
        let flows = vec![
            flow("2024-06-05", "30", Speed::Slow),
            flow("2024-06-12", "-0.5", Speed::Fast),
            flow("2024-06-20", "-10", Speed::Slow),
        ];
        let with = Setup { capital_flows: flows, ..plain.clone() };
        let (alone, pump) = (ran(plain, from, to), ran(with, from, to));
        let state = pump.engine.state();
        assert!(state.flows.is_empty(), "{mode}: {:?} is not paid", state.flows);
        assert_eq!(state.tally.deposited.get(), unit * dec("30"), "{mode}");
        let paid = state.tally.withdrawn.get();
        // Without costs a leaver bears what a pool pays below the protocol's rate, where a loop is sold for him.
        assert!(paid <= unit * dec("10.5") && paid > unit * dec("10.2"), "{mode}: {paid}");
        let apart = (returned(&pump) - returned(&alone)).abs();
        assert!(
            apart < 0.001,
            "{mode}: a share is worth {apart} more or less for who came and went"
        );
    }
}
