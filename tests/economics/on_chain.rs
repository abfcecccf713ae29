//! Lending, staking and the loop on real data: each return is the files' own, by a recursion written down here.
//!
//! A value of daily snapshots is exact at its stamp; at 12:00 it is x_k + (x_k − x_{k−1})/2. Lending grows by the index,
//! staking by the rate, and a loop left alone by E₁/E₀ = (R₁I₁/R₀I₀ − λ·B₁/B₀)/(1−λ).

use std::path::Path;

use basis::config::Costs;
use basis::engine::{End, Phase};
use basis::market::MarketData;
use basis::types::event::Loudness;
use rust_decimal::Decimal;

use crate::reference::Table;
use crate::scene::{dec, run, script, setup, shared};

/// What the files tell at a stamp that is a snapshot, or half a day after one.
fn known(table: &Table, stamp: &str, column: &str) -> Decimal {
    let Some(day) = stamp.strip_suffix("T12:00:00Z") else { return table.at(stamp, column) };
    let last = format!("{day}T00:00:00Z");
    let before = table.stamps().take_while(|known| **known < *last).last();
    let now = table.at(&last, column);
    now + (now - table.at(before.expect("a snapshot before"), column)) / Decimal::TWO
}

/// The growth of a column over a range.
fn growth(dir: &Path, file: &str, column: &str, [from, to]: [&str; 2]) -> Decimal {
    let table = Table::read(&dir.join(file));
    known(&table, to, column) / known(&table, from, column)
}

/// The return of a mode without costs and reserve, and the worst residual of a step.
fn earned(mode: &str, range: [&str; 2], sets: &[(&str, &str)]) -> Option<Decimal> {
    let dir = shared("data")?;
    let mut all = vec![("reserve.ratio", "0")];
    all.extend(sets);
    let setup = setup(mode, Costs::None, &all);
    let [from, to] = range.map(|time| Some(time.parse().expect("a time")));
    let data = MarketData::load(&setup, &dir, from, to).unwrap_or_else(|f| panic!("{f}")).data;
    let script = script(&setup);
    let pump = run(setup, &data, script);
    let state = pump.engine.state();
    assert_eq!(state.phase, Phase::Ended(End::Done), "{:?}", pump.witness.notes(Loudness::Warn));
    assert!(state.tally.worst_residual < dec("0.000000000000000001"), "{mode} is not explained");
    let rows = pump.witness.rows();
    let (first, last) = (rows[0].equity.get(), rows[rows.len() - 1].equity.get());
    Some(last / first - Decimal::ONE)
}

fn close(mode: &str, range: [&str; 2], earned: Decimal, expected: Decimal) {
    println!("{mode} {range:?}: {earned}, the files say {expected}");
    assert!((earned - expected).abs() < dec("0.000000001"), "{mode}: {earned} is not {expected}");
}

const RANGES: [[&str; 2]; 3] = [
    ["2024-06-01T00:00:00Z", "2025-06-01T00:00:00Z"],
    ["2024-07-15T12:00:00Z", "2024-12-24T00:00:00Z"],
    ["2024-11-02T12:00:00Z", "2025-08-09T12:00:00Z"],
];

#[test]
fn lending_earns_the_growth_of_the_index() {
    let Some(dir) = shared("data") else { return };
    for range in RANGES {
        for (mode, token) in [("pure_lending_usdt", "USDT"), ("pure_lending_eth", "WETH")] {
            let file = format!("aave_v3/{token}_rates.csv");
            let expected = growth(&dir, &file, "liquidity_index", range) - Decimal::ONE;
            let Some(earned) = earned(mode, range, &[]) else { return };
            close(mode, range, earned, expected);
        }
    }
    let year = growth(&dir, "aave_v3/USDT_rates.csv", "liquidity_index", RANGES[0]);
    assert_eq!((year - Decimal::ONE).round_dp(12), dec("0.051025695573"));
}

#[test]
fn staking_earns_the_growth_of_the_rate() {
    let Some(dir) = shared("data") else { return };
    for range in RANGES {
        for lst in ["weETH", "wstETH"] {
            let file = format!("lst/{lst}_exchange_rate.csv");
            let expected = growth(&dir, &file, "exchange_rate", range) - Decimal::ONE;
            let Some(earned) = earned("eth_staking_only", range, &[("lst", lst)]) else { return };
            close("eth_staking_only", range, earned, expected);
        }
    }
}

#[test]
fn a_loop_left_alone_earns_its_closed_form() {
    let Some(dir) = shared("data") else { return };
    for range in RANGES {
        for (lst, ltv) in [("weETH", "0.909075"), ("wstETH", "0.909075"), ("wstETH", "0.8")] {
            let rate =
                growth(&dir, &format!("lst/{lst}_exchange_rate.csv"), "exchange_rate", range);
            let supplied =
                growth(&dir, &format!("aave_v3/{lst}_rates.csv"), "liquidity_index", range);
            let owed = growth(&dir, "aave_v3/WETH_rates.csv", "variable_borrow_index", range);
            let target = dec(ltv);
            let expected =
                (rate * supplied - target * owed) / (Decimal::ONE - target) - Decimal::ONE;
            let sets = [("lst", lst), ("target_ltv", ltv), ("ltv_band", "0.03")];
            let Some(earned) = earned("eth_leveraged", range, &sets) else { return };
            close("eth_leveraged", range, earned, expected);
        }
    }
}
