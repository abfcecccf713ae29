//! What one decision of a script costs: BASIS-1 on its hold path, an entry with two orders, and loading a bundle.
//! Medians over batches of this thread's time on the processor where the system tells it, so that a busy machine does not
//! blur them, else of the clock's; run with `cargo bench --bench script`.

mod clock;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use basis::config::ParamValue;
use basis::engine::{Memory, StepView, Strategy};
use basis::script::testing::{HandMadeStep, number};
use basis::script::{Bundle, ScriptStrategy};
use basis::types::{Action, MarketKind};
use clock::Clock;
use rust_decimal::Decimal;

const BATCHES: usize = 11;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("strategies/bench/basis1.rhai");
    let stdlib = root.join("stdlib");
    let step = HandMadeStep::new(&[("threshold", number("0.02")), ("allocation", number("0.5"))])
        .price("binance", MarketKind::Spot, "BTCUSDT", "67500.12")
        .price("binance", MarketKind::Perp, "BTCUSDT", "67510.34");
    let load = || Bundle::load(&script, &stdlib, &step.view.setup).expect("BASIS-1 loads");
    report("load a bundle", 50, || drop(black_box(load())));

    let mut strategy = ScriptStrategy::new(Arc::new(load()));
    let held = step.clone().hold("binance:BaseToken:BTC", "0.74");
    let hold = held.hold("binance:Perp:BTCUSDT", "-0.74").equity("99900.12345678").share();
    measure("decide, hold", &mut strategy, &hold, Action::Hold);
    let basis = basis(root);
    let mut strategy = ScriptStrategy::new(Arc::new(basis.0));
    measure("decide, BTC basis at two venues, hold", &mut strategy, &basis.1, Action::Hold);
    let mut strategy = ScriptStrategy::new(Arc::new(load()));
    let entry = step.hold("binance:BaseToken:USDT", "100000").share();
    measure("decide, entry of two orders", &mut strategy, &entry, Action::EntryFull);
}

/// BTC basis with a position at two venues.
fn basis(root: &Path) -> (Bundle, Arc<StepView>) {
    let share = |venue: &str| (venue.to_owned(), Decimal::new(5, 1));
    let mut step = HandMadeStep::new(&[
        ("hedge_allocation", ParamValue::Map(vec![share("binance"), share("bybit")])),
        ("margin_mode", ParamValue::Text("unified".to_owned())),
        ("margin_ratio_target", number("0.5")),
        ("rebalance_band", number("0.10")),
        ("cash_buffer", number("0.02")),
        ("funding_threshold", number("-0.0001")),
        ("funding_reentry", number("0.00003")),
        ("dwell_hours", ParamValue::Integer(72)),
    ]);
    for venue in ["binance", "bybit"] {
        step = step
            .price(venue, MarketKind::Spot, "BTCUSDT", "67500.12")
            .price(venue, MarketKind::Perp, "BTCUSDT", "67510.34")
            .hold(&format!("{venue}:BaseToken:BTC"), "0.724")
            .hold(&format!("{venue}:Perp:BTCUSDT"), "-0.724");
    }
    let script = root.join("strategies/btc_basis.rhai");
    let bundle = Bundle::load(&script, &root.join("stdlib"), &step.view.setup);
    (bundle.expect("BTC basis loads"), step.share())
}

fn measure(name: &str, strategy: &mut ScriptStrategy, step: &Arc<StepView>, expected: Action) {
    let mut memory = Memory::default();
    report(name, 20_000, || {
        let decision = strategy.decide(step, &mut memory).expect("the script decides");
        assert_eq!(decision.action, expected);
    });
}

/// The median over batches of the time of one call.
fn report(name: &str, calls: u32, mut work: impl FnMut()) {
    let clock = Clock::new();
    let mut batches: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let start = clock.now_us();
            for _ in 0..calls {
                work();
            }
            (clock.now_us() - start) / f64::from(calls)
        })
        .collect();
    batches.sort_by(f64::total_cmp);
    println!("{name}: median {:.2} µs, least {:.2} µs", batches[BATCHES / 2], batches[0]);
}
