//! The market data read again, by the plainest means: what the program says is held against sums over these rows.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;

/// Cells of a CSV file by their timestamp text.
pub struct Table {
    columns: Vec<String>,
    pub rows: BTreeMap<String, Vec<Decimal>>,
}

impl Table {
    /// Reads a whole file; empty cells and text are refused by a panic.
    pub fn read(path: &Path) -> Self {
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut lines = text.lines();
        let header = lines.next().expect("a header");
        let columns = header.split(',').skip(1).map(str::to_owned).collect();
        let rows = lines.map(|line| {
            let (stamp, cells) = line.split_once(',').expect("a stamp and its cells");
            let number = |cell: &str| {
                cell.parse()
                    .or_else(|_| Decimal::from_scientific(cell))
                    .unwrap_or_else(|_| panic!("{cell} in {line}"))
            };
            (stamp.to_owned(), cells.split(',').map(number).collect())
        });
        let rows = rows.collect();
        Self { columns, rows }
    }

    pub fn at(&self, stamp: &str, column: &str) -> Decimal {
        let index = self.columns.iter().position(|name| name == column).expect("the column");
        self.rows.get(stamp).unwrap_or_else(|| panic!("no row at {stamp}"))[index]
    }
}
