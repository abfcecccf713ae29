//! Chance with a seed: every series throws its own dice, so that a new series changes no other.
//!
//! Logarithms and exponentials of the sample come from `libm`, not from the platform, so that the bytes are the same everywhere. One
//! remains: the normal distribution takes a platform's own for about one number in a hundred, to reject it or in its far tails, where a
//! different last bit is all but always lost in the rounding of what is written.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_distr::{Distribution, OpenClosed01, StandardNormal};
use sha2::{Digest, Sha256};

/// A stream of chance.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of a name under a seed.
    pub(super) fn of(seed: u64, name: &str) -> Self {
        let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(name).finalize();
        Self(ChaCha8Rng::from_seed(digest.into()))
    }

    /// A number of the standard normal distribution.
    pub(super) fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// A number above 0 and up to 1.
    pub(super) fn share(&mut self) -> f64 {
        OpenClosed01.sample(&mut self.0)
    }

    /// A whole number below `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.0.next_u32() % end
    }

    /// How hot an hour is: the variance of its returns as a multiple of the usual one, mean 1, each hour for itself.
    ///
    /// A normal number times the root of it is Student's t with eight degrees of freedom, of variance 1.
    pub(super) fn heat(&mut self) -> f64 {
        // Chi-square of eight degrees is -2 ln of four uniform numbers' product; 8 - 2 makes the mean of the inverse 1.
        let product = self.share() * self.share() * self.share() * self.share();
        let chi_square = -2.0 * libm::log(product);
        6.0 / chi_square.max(1e-6)
    }
}

/// A process that returns to 0: x' = keep·x + √(1 − keep²)·z, of variance 1 from the first value on.
pub(super) struct Reverting {
    dice: Dice,
    keep: f64,
    value: f64,
}

impl Reverting {
    /// The process of a name, with the share of its value that it keeps over a step.
    pub(super) fn of(seed: u64, name: &str, keep: f64) -> Self {
        let mut dice = Dice::of(seed, name);
        let value = dice.normal();
        Self { dice, keep, value }
    }

    /// The value; then it goes on.
    pub(super) fn next(&mut self) -> f64 {
        let value = self.value;
        self.value = self.keep * value + (1.0 - self.keep * self.keep).sqrt() * self.dice.normal();
        value
    }
}

/// Two processes in one: what all venues of a coin share, and what is the venue's own; of variance 1.
pub(super) struct Shared {
    common: Reverting,
    own: Reverting,
    weight: f64,
}

impl Shared {
    /// The processes of `common` and `own`, correlated `weight`² with another venue's.
    pub(super) fn of(seed: u64, common: &str, own: &str, keep: f64, weight: f64) -> Self {
        let (common, own) = (Reverting::of(seed, common, keep), Reverting::of(seed, own, keep));
        Self { common, own, weight }
    }

    /// The value; then both go on.
    pub(super) fn next(&mut self) -> f64 {
        let rest = (1.0 - self.weight * self.weight).sqrt();
        self.weight * self.common.next() + rest * self.own.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = draw();
            sum += x;
            squares += x * x;
        }
        (sum / f64::from(n), squares / f64::from(n))
    }

    #[test]
    fn numbers_have_the_moments_that_are_told() {
        let mut dice = Dice::of(7, "moments");
        let (mean, variance) = moments(|| dice.normal());
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        let (heat, _) = moments(|| dice.heat());
        assert!((heat - 1.0).abs() < 0.02, "{heat}");
        let mut reverting = Reverting::of(7, "reverting", 0.5);
        let (mean, variance) = moments(|| reverting.next());
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }

    #[test]
    fn seed_and_name_decide() {
        let first = |seed, name| Dice::of(seed, name).normal();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert_ne!(first(1, "a"), first(2, "a"));
        assert_ne!(first(1, "a"), first(1, "b"));
    }
}
