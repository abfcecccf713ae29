//! A stop of each mode whose own exit fails, in every kind of weather: the engine leaves without the script, and what it cannot
//! leave it says.

use std::sync::Arc;

use basis::config::Costs;
use basis::engine::{Command, End, Phase, StepView, Strategy};
use basis::market::MarketData;
use basis::market::stress::{Asked, all, apply};
use basis::run::{Pump, opening};
use basis::types::event::Loudness;
use basis::types::{Code, PositionType, Timestamp};
use rust_decimal::Decimal;

use crate::chain::held;
use crate::loop_closing::Trapped;
use crate::scene::{Tape, dec, pump, root, script, setup};
use crate::stress::is_balanced;

/// When a run is stopped, and what the market does.
pub struct Stop<'a> {
    pub at: &'a str,
    pub stress: &'a str,
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A mode over nineteen days of the bundled data, with an exit that fails; `look` sees each step.
pub fn stopped(mode: &str, stop: &Stop<'_>, look: impl FnMut(&StepView)) -> Pump<Tape> {
    stopped_as(mode, stop, |script| Box::new(Trapped(script)), look)
}

/// The same with what is made of the mode's script.
pub fn stopped_as(
    mode: &str,
    stop: &Stop<'_>,
    made: impl FnOnce(Box<dyn Strategy>) -> Box<dyn Strategy>,
    mut look: impl FnMut(&StepView),
) -> Pump<Tape> {
    let mut setup = setup(mode, Costs::Full, &[]);
    let (from, to) = (time("2024-10-01"), time("2024-10-20"));
    let loaded = MarketData::load(&setup, &root().join("data"), Some(from), Some(to));
    let asked = stop.stress.split(',').map(|one| one.parse().expect("a stress"));
    let asked: Vec<Asked> = asked.collect();
    let loaded = loaded.unwrap_or_else(|faults| panic!("{mode}: {faults}"));
    let loaded = apply(&mut setup, loaded, &asked).unwrap_or_else(|faults| panic!("{faults}"));
    let strategy = made(script(&setup));
    let setup = opening(Arc::new(setup), &loaded.data.view_at(0)).expect("it can be opened");
    let mut pump = pump(Arc::unwrap_or_clone(setup), &loaded.data, strategy);
    pump.world.undergo(&loaded.stress.ordeals);
    for view in loaded.data.views() {
        let now = view.now();
        pump.step(view).expect("a tape never fails");
        if pump.engine.state().has_ended() {
            return pump;
        }
        if now == time(stop.at) {
            pump.command(now, Command::EmergencyStop).expect("a tape never fails");
        }
        look(pump.engine.step());
    }
    pump.finish(loaded.data.to() + loaded.data.step()).expect("a tape never fails");
    pump
}

/// Names of keys where something is left that an order could still make smaller.
fn left(pump: &Pump<Tape>) -> Vec<String> {
    let step = pump.engine.step();
    let universe = step.universe();
    let home = universe.base(step.setup.share_class.token);
    let is_left = |key: &&basis::types::Instrument| {
        let held = held(pump, &key.name).abs();
        let price = step.token_price(key.token).unwrap_or(Decimal::ONE);
        // What lies below the smallest orders, and what the opening buys for gas: a tank, and as much to enter with.
        let least = dec("25") + dec("2") * step.setup.gas_tank.get() * price;
        match key.position_type {
            PositionType::Perp => !held.is_zero(),
            PositionType::Supplied | PositionType::Borrowed => held > dec("0.000001"),
            PositionType::BaseToken => {
                let is_cash = key.token == home || key.token == step.setup.quote;
                !is_cash && held * price > least
            }
            PositionType::Queued | PositionType::Transit => false,
        }
    };
    universe.instruments().iter().filter(is_left).map(|key| key.name.to_string()).collect()
}

#[test]
fn whatever_the_weather_the_engine_leaves_every_mode_without_its_script() {
    let modes = [
        "btc_basis",
        "eth_basis",
        "eth_leveraged",
        "eth_staking_only",
        "pure_lending_eth",
        "pure_lending_usdt",
        "usdt_market_neutral",
        "usdt_market_neutral_no_leverage",
    ];
    for mode in modes {
        for stress in all() {
            let told = format!("{} in {mode}", stress.name);
            let bent = format!("{}@2024-10-05", stress.name);
            let pump = stopped(mode, &Stop { at: "2024-10-05T03:00Z", stress: &bent }, |_| ());
            let phase = &pump.engine.state().phase;
            let Phase::Ended(End::Stopped(why)) = phase else { panic!("{told} ends as {phase:?}") };
            assert_eq!(why.code, Code::Risk004, "{told}");
            assert!(pump.world.violations().is_empty(), "{told}");
            is_balanced(&pump, &told);
            assert_eq!(left(&pump), Vec::<String>::new(), "{told}");
            let notes = pump.witness.notes(Loudness::Alarm);
            assert!(!notes.iter().any(|note| note.contains("by hand")), "{told}: {notes:?}");
        }
    }
}

/// Two stresses, one a day after the other: what the first has left half done meets the second.
#[test]
fn whatever_two_stresses_meet_the_engine_leaves_hedged() {
    let names = ["slash", "lst-depeg", "utilisation-100", "venue-down", "half-fills", "gas-x20"];
    for first in names {
        for second in names.into_iter().filter(|second| *second != first) {
            let told = format!("{first}, then {second}");
            let stress = format!("{first}@2024-10-05,{second}@2024-10-06");
            let stop = Stop { at: "2024-10-05T03:00Z", stress: &stress };
            let pump = stopped("usdt_market_neutral", &stop, |step| is_hedged(step, &told));
            let phase = &pump.engine.state().phase;
            let Phase::Ended(End::Stopped(_)) = phase else { panic!("{told}: {phase:?}") };
            assert!(pump.world.violations().is_empty(), "{told}");
            is_balanced(&pump, &told);
            assert_eq!(left(&pump), Vec::<String>::new(), "{told}");
        }
    }
}

/// No more of the coin is unhedged than a slash or interest makes of it within a step.
fn is_hedged(step: &StepView, told: &str) {
    let asset = step.setup.asset;
    let net = step.net_delta[asset.index()].get().abs();
    let price = step.token_price(asset).unwrap_or_default();
    let share = net * price / step.equity.get();
    assert!(share < dec("0.1"), "{}: {share} in {told}", step.now);
}
