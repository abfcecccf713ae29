//! The draws of one case: whole numbers from a seed, kept so that a case that fails can be made smaller.

use crate::sim::SplitMix64;

/// Numbers drawn so far, and how the next ones come.
#[derive(Clone, Debug, Default)]
pub(super) struct Draws {
    /// `None` where the least is drawn when nothing is given.
    seed: Option<SplitMix64>,
    /// Numbers that are drawn before the seed is asked.
    given: Vec<u64>,
    /// What was drawn.
    drawn: Vec<u64>,
    /// What was made of it, in words.
    said: Vec<String>,
}

impl Draws {
    /// Draws by a seed.
    pub(super) fn seeded(seed: u64) -> Self {
        Self { seed: Some(SplitMix64(seed)), ..Self::default() }
    }

    /// Draws these numbers; where more are asked for, the least.
    fn of(given: Vec<u64>) -> Self {
        Self { given, ..Self::default() }
    }

    /// A number from 0 to `most`.
    pub(super) fn draw(&mut self, most: u64) -> u64 {
        let number = match self.given.get(self.drawn.len()) {
            Some(given) => (*given).min(most),
            None => {
                let drawn = self.seed.as_mut().map_or(0, SplitMix64::draw);
                drawn % most.saturating_add(1).max(1)
            }
        };
        self.drawn.push(number);
        number
    }

    /// Notes what was made of the last draw.
    pub(super) fn say(&mut self, text: String) {
        self.said.push(text);
    }

    /// What was drawn, in words: each draw as it was asked for, with what came of it.
    pub(super) fn said(&self) -> &[String] {
        &self.said
    }
}

/// Makes a failing case smaller: draw after draw is tried at nothing, at its half, and nearer and nearer to what it is. `fails`
/// gives back the draws of a candidate that fails, too.
pub(super) fn shrunk(
    failing: Draws,
    tries_max: usize,
    mut fails: impl FnMut(Draws) -> Option<Draws>,
) {
    let mut best = failing.drawn;
    let mut tries = 0;
    let mut is_smaller = true;
    while is_smaller {
        is_smaller = false;
        for index in 0..best.len() {
            while let Some(&number) = best.get(index) {
                let steps = std::iter::successors(Some(number), |step| Some(step / 2));
                let mut steps = steps.take_while(|step| *step > 0);
                let found = steps.find_map(|step| {
                    if tries >= tries_max {
                        return None;
                    }
                    tries += 1;
                    let mut given = best.clone();
                    given[index] = number - step;
                    fails(Draws::of(given))
                });
                match found {
                    Some(draws) => {
                        best = draws.drawn;
                        is_smaller = true;
                    }
                    None => break,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_case_is_made_as_small_as_it_can_be() {
        let mut draws = Draws::seeded(7);
        let (first, second) = (draws.draw(1_000), draws.draw(1_000));
        assert!(first + second > 100, "{first} {second} fail the property below");
        let mut smallest = Vec::new();
        shrunk(draws, 200, |mut candidate| {
            let sum = candidate.draw(1_000) + candidate.draw(1_000);
            smallest = if sum > 100 { candidate.drawn.clone() } else { smallest.clone() };
            (sum > 100).then_some(candidate)
        });
        assert_eq!(smallest.iter().sum::<u64>(), 101);
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| {
            let mut draws = Draws::seeded(seed);
            [draws.draw(9), draws.draw(99), draws.draw(u64::MAX)]
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}
