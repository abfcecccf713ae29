//! What a fair run counts as unhedged: no more than its venues' latencies leave alone.

use basis::config::Costs;
use basis::run::Pump;
use basis::sim::Faults;
use basis::types::KeyId;
use basis::types::event::Loudness;
use rust_decimal::Decimal;

use super::leg_risk::{PERP, counted, pair};
use crate::desk::parallel;
use crate::scene::{Tape, calm, dec, qty, run_in, setup};

/// A run of the pair in a world where nothing goes wrong, but for how long a request is on its way.
fn fair(bybit_ms: &str, binance_ms: &str) -> (Decimal, Decimal, i64) {
    let latency =
        [("venues.bybit.latency_ms", bybit_ms), ("venues.binance.latency_ms", binance_ms)];
    let setup = setup("economics", Costs::None, &latency);
    let data = calm(4).data(&setup);
    let pump = run_in(setup, &data, pair(parallel), (0, Faults::NONE));
    assert_eq!(pump.engine.state().books.quantity(key(&pump, PERP)), qty("-0.5"));
    let notes = pump.witness.notes(Loudness::Alarm);
    assert!(notes.is_empty(), "{notes:?}");
    counted(pump.engine.unhedged())
}

fn key(pump: &Pump<Tape>, name: &str) -> KeyId {
    pump.engine.step().universe().key_named(name).expect("a key of the scene")
}

#[test]
fn a_fair_run_counts_what_its_latencies_leave_alone_and_nothing_without_them() {
    assert_eq!(fair("0", "0"), (Decimal::ZERO, Decimal::ZERO, 0));
    assert_eq!(fair("200", "200"), (Decimal::ZERO, Decimal::ZERO, 0), "both at the same moment");
    // 30 000 for the 50 ms by which the perp comes later.
    assert_eq!(fair("200", "250"), (dec("1500"), dec("30000"), 50));
}
