//! A clock of the benches that a busy machine does not blur.

use std::time::Instant;

/// Time on the processor from the scheduler's statistics of this thread, or the clock's.
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that begins now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }

    /// Microseconds.
    pub fn now_us(&self) -> f64 {
        let on_processor = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
        let ns = on_processor.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
        ns.unwrap_or_else(|| self.start.elapsed().as_secs_f64() * 1e9) / 1e3
    }
}
