//! What one decision of a script costs: BASIS-1 on its hold path, an entry with two orders, and loading a bundle.
//! Medians over batches of this thread's time on the processor where the system tells it, so that a busy machine does not
//! blur them, else of the clock's; run with `cargo bench --bench script`.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use basis::engine::{Memory, StepView, Strategy};
use basis::script::testing::{HandMadeStep, number};
use basis::script::{Bundle, ScriptStrategy};
use basis::types::{Action, MarketKind};

const BATCHES: usize = 11;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("strategies/bench/basis1.rhai");
    let stdlib = root.join("stdlib");
    let step = HandMadeStep::new(&[("threshold", number("0.02")), ("allocation", number("0.5"))])
        .price("binance", MarketKind::Spot, "BTCUSDT", "67500.12")
        .price("binance", MarketKind::Perp, "BTCUSDT", "67510.34");
    breakdown(&step);
    let load = || Bundle::load(&script, &stdlib, &step.view.setup).expect("BASIS-1 loads");
    report("load a bundle", 50, || drop(black_box(load())));

    let mut strategy = ScriptStrategy::new(Arc::new(load()));
    let held = step.clone().hold("binance:BaseToken:BTC", "0.74");
    let hold = held.hold("binance:Perp:BTCUSDT", "-0.74").equity("99900.12345678").share();
    measure("decide, hold", &mut strategy, &hold, Action::Hold);
    let entry = step.hold("binance:BaseToken:USDT", "100000").share();
    measure("decide, entry of two orders", &mut strategy, &entry, Action::EntryFull);
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

/// Time on the processor from the scheduler's statistics of this thread, or the clock's.
struct Clock {
    start: Instant,
}

impl Clock {
    fn new() -> Self {
        Self { start: Instant::now() }
    }

    fn now_us(&self) -> f64 {
        let on_processor = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
        let ns = on_processor.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
        ns.unwrap_or_else(|| self.start.elapsed().as_secs_f64() * 1e9) / 1e3
    }
}

#[allow(dead_code)]
fn breakdown(step: &HandMadeStep) {
    for (name, body) in [
        ("empty", "hold(\"a\")"),
        ("equity", "ctx.equity; hold(\"a\")"),
        ("equity x2", "ctx.equity; ctx.equity; hold(\"a\")"),
        ("balance", "ctx.balance(\"binance:BaseToken:BTC\"); hold(\"a\")"),
        ("balance let", "let held = ctx.balance(\"binance:BaseToken:BTC\"); hold(\"a\")"),
        ("spot", "ctx.spot(\"binance\", \"BTCUSDT\"); hold(\"a\")"),
        ("param", "ctx.params.threshold; hold(\"a\")"),
        ("mul", "let a = 1.5; a * 2.5; hold(\"a\")"),
        ("abs", "abs(2.5); hold(\"a\")"),
        ("abs if", "if abs(2.5) <= 3.5 { return hold(\"a\"); } hold(\"b\")"),
    ] {
        let text = format!("fn decide(ctx) {{ {body} }} fn exit(ctx) {{ hold(\"\") }}");
        let bundle = Bundle::from_texts(vec![("b.rhai".into(), text)], &step.view.setup).unwrap();
        let mut strategy = ScriptStrategy::new(Arc::new(bundle));
        measure(name, &mut strategy, &step.clone().equity("99900.1").share(), Action::Hold);
    }
}
