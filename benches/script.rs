//! What one decision of a script costs: BASIS-1 on its hold path, an entry with two orders, and loading a bundle.
//! Plain `std::time`, medians over batches; run with `cargo bench --bench script`.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use basis::engine::{Memory, StepView, Strategy};
use basis::script::testing::{HandMadeStep, number};
use basis::script::{Bundle, ScriptStrategy};
use basis::types::{Action, MarketKind};

const BATCHES: usize = 41;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("strategies/bench/basis1.rhai");
    let stdlib = root.join("stdlib");
    let step = HandMadeStep::new(&[("threshold", number("0.02")), ("allocation", number("0.5"))])
        .price("binance", MarketKind::Spot, "BTCUSDT", "67500.12")
        .price("binance", MarketKind::Perp, "BTCUSDT", "67510.34");
    let load = || Bundle::load(&script, &stdlib, &step.view.setup).expect("BASIS-1 loads");
    report("load a bundle", 20, || drop(black_box(load())));

    let mut strategy = ScriptStrategy::new(Arc::new(load()));
    let held = step.clone().hold("binance:BaseToken:BTC", "0.74");
    let hold = held.hold("binance:Perp:BTCUSDT", "-0.74").equity("99900.12345678").share();
    measure("decide, hold", &mut strategy, &hold, Action::Hold);
    let entry = step.hold("binance:BaseToken:USDT", "100000").share();
    measure("decide, entry of two orders", &mut strategy, &entry, Action::EntryFull);
}

fn measure(name: &str, strategy: &mut ScriptStrategy, step: &Arc<StepView>, expected: Action) {
    let mut memory = Memory::default();
    report(name, 2_000, || {
        let decision = strategy.decide(step, &mut memory).expect("the script decides");
        assert_eq!(decision.action, expected);
    });
}

/// The median over batches of the time of one call.
fn report(name: &str, calls: u32, mut work: impl FnMut()) {
    let mut batches: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
        })
        .collect();
    batches.sort_by(f64::total_cmp);
    println!("{name}: median {:.2} µs, least {:.2} µs", batches[BATCHES / 2], batches[0]);
}
