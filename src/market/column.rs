//! A column of numbers, as narrow as they allow.

use rust_decimal::Decimal;

use super::number::{Number, trimmed};

/// Numbers of one scale: as `i32` while they fit, then as `i64`, then as decimals.
#[derive(Clone, PartialEq)]
pub(super) struct Column {
    scale: u32,
    cells: Cells,
}

#[derive(Clone, PartialEq)]
enum Cells {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
    Exact(Vec<Decimal>),
}

impl Default for Column {
    fn default() -> Self {
        Self { scale: 0, cells: Cells::Narrow(Vec::new()) }
    }
}

impl Column {
    /// Adds a number; the whole column widens when it does not fit.
    pub(super) fn push(&mut self, number: Number) {
        let Number::Small { mantissa, scale } = number else { return self.push_exact(number) };
        if scale > self.scale {
            self.rescale(scale);
        }
        let factor = 10_i64.checked_pow(self.scale - scale.min(self.scale));
        let Some(scaled) = factor.and_then(|factor| mantissa.checked_mul(factor)) else {
            return self.push_exact(number);
        };
        match &mut self.cells {
            Cells::Exact(cells) => cells.push(number.decimal()),
            Cells::Wide(cells) => cells.push(scaled),
            Cells::Narrow(cells) => match i32::try_from(scaled) {
                Ok(narrow) => cells.push(narrow),
                Err(_) => {
                    let mut wide: Vec<i64> = cells.iter().map(|&cell| i64::from(cell)).collect();
                    wide.push(scaled);
                    self.cells = Cells::Wide(wide);
                }
            },
        }
    }

    /// Makes room for more digits behind the point.
    fn rescale(&mut self, scale: u32) {
        let factor = 10_i64.checked_pow(scale - self.scale);
        let times = |cell: i64| factor.and_then(|factor| cell.checked_mul(factor));
        let rescaled = match &self.cells {
            Cells::Exact(_) => return,
            Cells::Narrow(cells) => {
                let narrow: Option<Vec<i32>> = cells
                    .iter()
                    .map(|&cell| times(i64::from(cell)).and_then(|cell| i32::try_from(cell).ok()))
                    .collect();
                narrow.map(Cells::Narrow).or_else(|| {
                    let wide: Option<Vec<i64>> =
                        cells.iter().map(|&cell| times(i64::from(cell))).collect();
                    wide.map(Cells::Wide)
                })
            }
            Cells::Wide(cells) => {
                let wide: Option<Vec<i64>> = cells.iter().map(|&cell| times(cell)).collect();
                wide.map(Cells::Wide)
            }
        };
        match rescaled {
            Some(cells) => (self.cells, self.scale) = (cells, scale),
            None => self.make_exact(),
        }
    }

    fn push_exact(&mut self, number: Number) {
        self.make_exact();
        if let Cells::Exact(cells) = &mut self.cells {
            cells.push(number.decimal());
        }
    }

    fn make_exact(&mut self) {
        if !matches!(self.cells, Cells::Exact(_)) {
            self.cells = Cells::Exact((0..self.len()).map(|row| self.at(row)).collect());
        }
    }

    fn len(&self) -> usize {
        match &self.cells {
            Cells::Narrow(cells) => cells.len(),
            Cells::Wide(cells) => cells.len(),
            Cells::Exact(cells) => cells.len(),
        }
    }

    /// A number, without zeros at its end.
    #[inline]
    pub(super) fn at(&self, row: usize) -> Decimal {
        match &self.cells {
            Cells::Narrow(cells) => trimmed(i64::from(cells[row]), self.scale),
            Cells::Wide(cells) => trimmed(cells[row], self.scale),
            Cells::Exact(cells) => cells[row],
        }
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        match &self.cells {
            Cells::Narrow(cells) => cells.capacity() * size_of::<i32>(),
            Cells::Wide(cells) => cells.capacity() * size_of::<i64>(),
            Cells::Exact(cells) => cells.capacity() * size_of::<Decimal>(),
        }
    }

    /// Puts another number in the last place.
    pub(super) fn replace_last(&mut self, number: Number) {
        match &mut self.cells {
            Cells::Narrow(cells) => drop(cells.pop()),
            Cells::Wide(cells) => drop(cells.pop()),
            Cells::Exact(cells) => drop(cells.pop()),
        }
        self.push(number);
    }

    /// Gives back what growing left over.
    pub(super) fn shrink(&mut self) {
        match &mut self.cells {
            Cells::Narrow(cells) => cells.shrink_to_fit(),
            Cells::Wide(cells) => cells.shrink_to_fit(),
            Cells::Exact(cells) => cells.shrink_to_fit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text.as_bytes()).unwrap()
    }

    proptest! {
        #[test]
        fn numbers_come_back_as_they_were_put_in(
            rows in proptest::collection::vec((any::<i64>(), 0_u32..=18), 1..40)
        ) {
            let mut column = Column::default();
            let numbers: Vec<Number> = rows
                .iter()
                .map(|&(n, scale)| Number::Small { mantissa: n % 1_000_000_000_000_000_000, scale })
                .collect();
            for number in &numbers {
                column.push(*number);
            }
            for (row, number) in numbers.iter().enumerate() {
                prop_assert_eq!(column.at(row), number.decimal());
            }
        }
    }

    #[test]
    fn columns_stay_as_narrow_as_their_numbers_allow() {
        let mut column = Column::default();
        for text in ["42283.58", "67500.1", "1"] {
            column.push(number(text));
        }
        assert!(matches!(column.cells, Cells::Narrow(_)));
        column.push(number("0.00000001"));
        assert!(matches!(column.cells, Cells::Wide(_)));
        column.push(number("1.0381622777538226777"));
        assert!(matches!(column.cells, Cells::Exact(_)));
        assert_eq!(column.at(0).to_string(), "42283.58");
        assert_eq!(column.at(1).to_string(), "67500.1");
    }
}
