//! The sample: a year of synthetic market data, anchored month by month to figures of the real market.
//!
//! [`files`] makes all of it from a seed and from nothing else: values in, texts out; `basis data sample` writes them into a folder,
//! with [`readme`], [`marker`] and [`range`] beside them. What is real are monthly figures; every row is made up, and says so.

mod calendar;
mod candles;
mod dice;
mod figures;
mod funding;
mod gas;
mod lending;
mod markets;
mod path;
mod readme;
mod rewards;
mod signals;
mod staking;
#[cfg(test)]
mod tests;
mod text;

use std::path::Path;

pub use readme::{marker, range, readme};
pub use text::SampleFile;

use figures::Figures;

/// The seed of the bundled sample: of 1 to 10 the one whose prices end the year nearest to the real ones, in standard deviations. The
/// choice was made once, by levels alone; it tells no rule that a strategy could use.
pub const BUNDLED_SEED: u64 = 7;

/// The file that marks a folder's data as synthetic.
pub const MARKER: &str = "SYNTHETIC";

/// Whether a folder's data says that it is synthetic.
pub fn is_synthetic(dir: &Path) -> bool {
    dir.join(MARKER).exists()
}

/// All files of the sample of a seed, by name.
pub fn files(seed: u64) -> Vec<SampleFile> {
    let figures = Figures::read();
    let (mut files, eth) = markets::markets(seed, &figures);
    files.extend(funding::funding(seed, &figures));
    files.extend(lending::lending(seed, &figures));
    files.extend(staking::staking(seed, &figures, &eth));
    files.push(gas::gas(seed, &figures));
    files.extend(rewards::rewards(seed));
    files.extend(signals::signals(seed, &files));
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}
