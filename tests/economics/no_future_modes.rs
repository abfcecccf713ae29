//! The future cannot be seen, by none of the shipped modes: the data is cut off, or poisoned, at twenty random moments of a few
//! days or weeks of the bundled sample, with an entry, rebalances and owners in them. Whatever was said and done before a
//! moment comes out again, to the last digit; what comes after it does not.

use std::path::Path;
use std::sync::Arc;

use basis::config::{Costs, ScheduledFlow, Setup, Speed};
use basis::engine::{Command, Input};
use basis::market::MarketData;
use basis::run::opening;
use basis::types::event::{Event, EventBatch};
use basis::types::{Quantity, Span, Timestamp};
use rust_decimal::Decimal;

use crate::no_future::{Noise, until};
use crate::poison::{Fate, Shelf};
use crate::scene::{Tape, root, run, script, setup};

const CUTS: u64 = 20;
/// So many steps after a cut show whether the noise behind it changes anything.
const AFTER: i64 = 60;

const HOURS: [&str; 2] = ["2024-08-02T00:00:00Z", "2024-08-16T00:00:00Z"];
const MINUTES: [&str; 2] = ["2025-03-05T00:00:00Z", "2025-03-07T12:00:00Z"];
const EARN: (&str, &str) = ("rewards.enabled", "true");

#[test]
fn pure_lending_usdt_sees_nothing_early() {
    sees_nothing_early("pure_lending_usdt", HOURS, &[]);
}

#[test]
fn pure_lending_eth_sees_nothing_early() {
    sees_nothing_early("pure_lending_eth", HOURS, &[]);
}

#[test]
fn btc_basis_sees_nothing_early() {
    sees_nothing_early("btc_basis", HOURS, &[]);
}

#[test]
fn eth_basis_sees_nothing_early() {
    sees_nothing_early("eth_basis", HOURS, &[]);
}

#[test]
fn eth_staking_only_sees_nothing_early() {
    sees_nothing_early("eth_staking_only", HOURS, &[EARN]);
}

#[test]
fn eth_leveraged_sees_nothing_early() {
    let earn = [EARN, ("rewards.collateral_eligible", "true")];
    sees_nothing_early("eth_leveraged", HOURS, &earn);
}

#[test]
fn usdt_market_neutral_no_leverage_sees_nothing_early() {
    sees_nothing_early("usdt_market_neutral_no_leverage", HOURS, &[]);
}

#[test]
fn usdt_market_neutral_sees_nothing_early() {
    sees_nothing_early("usdt_market_neutral", HOURS, &[]);
}

#[test]
fn ml_btc_directional_usdt_margin_sees_nothing_early() {
    sees_nothing_early("ml_btc_directional_usdt_margin", MINUTES, &[]);
}

#[test]
fn ml_btc_directional_btc_margin_sees_nothing_early() {
    sees_nothing_early("ml_btc_directional_btc_margin", MINUTES, &[]);
}

/// One mode over a range, again and again with another future.
struct Stage {
    setup: Setup,
    shelf: Shelf,
    range: [Timestamp; 2],
}

/// What a run said until it was told that it is over, and the time before which that was.
struct Told {
    tape: Tape,
    ends: Timestamp,
}

impl Stage {
    fn told(&self, to: Option<Timestamp>, fate: Option<(Fate, Timestamp)>, seed: u64) -> Told {
        let folder = tempfile::tempdir().expect("a folder can be made");
        self.shelf.write(folder.path(), fate, seed);
        let loaded = MarketData::load(&self.setup, folder.path(), Some(self.range[0]), to);
        let data = loaded.unwrap_or_else(|faults| panic!("{}:\n{faults}", self.setup.mode)).data;
        let setup = opening(Arc::new(self.setup.clone()), &data.view_at(0)).expect("a tank");
        let strategy = script(&setup);
        let mut tape = run(Arc::unwrap_or_clone(setup), &data, strategy).witness;
        // The last input says that the run is over, unless the noise has ended it before.
        if matches!(tape.inputs.last(), Some((_, Input::Operator(Command::Finish)))) {
            tape.batches.pop();
            tape.effects.pop();
        }
        Told { tape, ends: data.to() + data.step() }
    }
}

fn sees_nothing_early(mode: &str, range: [&str; 2], sets: &[(&str, &str)]) {
    let range = range.map(|text| text.parse::<Timestamp>().expect("a time"));
    let setup = with_owners(setup(mode, Costs::Full, sets), range[0]);
    let shelf = Shelf::of(&setup, &root().join(Path::new("data")), range);
    let stage = Stage { setup, shelf, range };
    let (step, steps) = (stage.setup.step.ms(), (range[1] - range[0]).ms() / stage.setup.step.ms());
    let whole = stage.told(Some(range[1]), None, 0);
    let (mut orders, mut others, mut at_once) = (0, 0, 0);
    for round in 0..CUTS {
        let mut dice = Noise(round * 7919 + 3);
        let after = steps / 20 + dice.below((steps - steps / 10) as u64) as i64;
        let cut = range[0] + Span::from_ms(step * after);
        let until_then = (cut + Span::from_ms(step * AFTER)).min(range[1]);
        let poisoned = stage.told(Some(until_then), Some((Fate::Poison, cut)), round);
        let short = stage.told(None, Some((Fate::Cut, cut)), round);
        for (fate, other) in [("poisoned", &poisoned), ("cut off", &short)] {
            let before = cut.min(other.ends);
            assert!(before > cut - Span::from_hours(25), "{mode}: a run ended at {before}");
            same(&format!("{mode}, {fate} at {cut}"), &whole.tape, &other.tape, before);
        }
        let (was, is) = (until(&whole.tape, poisoned.ends), until(&poisoned.tape, poisoned.ends));
        let other = was.0.iter().zip(is.0).find(|(was, is)| was != is).map(|(was, _)| was.0);
        let other = other.unwrap_or_else(|| panic!("{mode}: the noise from {cut} on is not seen"));
        at_once += u64::from(other < cut + stage.setup.step);
        others += u64::from(was.1 != is.1);
        orders += sent(until(&whole.tape, cut).0);
    }
    println!(
        "{mode}: {CUTS} cuts, {orders} orders before them; after {at_once} all is other at once, after {others} what is done"
    );
    assert!(orders >= 40, "{mode}: only {orders} orders before all cuts together");
    // What is known at a cut is seen at it: the noise begins where it should, and not an hour later.
    assert!(at_once >= 18, "{mode}: seen at once after {at_once} cuts alone");
    assert!(others >= 5, "{mode}: what was done hardly ever depended on what the noise changed");
}

/// Owners of every kind, in the first days.
fn with_owners(setup: Setup, from: Timestamp) -> Setup {
    let flow = |steps: i64, per_mille: i64, speed| ScheduledFlow {
        at: from + Span::from_ms(setup.step.ms() * steps),
        amount: Quantity::new((setup.capital.get() * Decimal::new(per_mille, 3)).round_dp(6)),
        speed,
    };
    let flows = vec![
        flow(50, 300, Speed::Slow),
        flow(121, -5, Speed::Fast),
        flow(160, -100, Speed::Slow),
        flow(211, 50, Speed::Slow),
        flow(271, -30, Speed::Slow),
    ];
    Setup { capital_flows: flows, ..setup }
}

fn same(what: &str, whole: &Tape, other: &Tape, before: Timestamp) {
    let (was, is) = (until(whole, before), until(other, before));
    assert_eq!(was.0.len(), is.0.len(), "{what}: the batches before it");
    for (was, is) in was.0.iter().zip(is.0) {
        assert!(was == is, "{what}: {was:?}\nbecame\n{is:?}");
    }
    assert_eq!(was.1, is.1, "{what}: the effects before it");
}

fn sent(batches: &[(Timestamp, EventBatch)]) -> usize {
    let events = batches.iter().flat_map(|(_, batch)| &batch.events);
    events.filter(|event| matches!(event, Event::Order(_))).count()
}
