//! The market data read again, by the plainest means: what the program says is held against sums over these rows.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Bound;
use std::path::Path;

use rust_decimal::Decimal;

/// Cells of a CSV file by their timestamp text.
pub struct Table {
    columns: Vec<String>,
    rows: BTreeMap<String, Vec<String>>,
}

impl Table {
    /// Reads a whole file.
    pub fn read(path: &Path) -> Self {
        let text = text_of(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut lines = text.lines();
        let header = lines.next().expect("a header");
        let columns = header.split(',').skip(1).map(str::to_owned).collect();
        let rows = lines.map(|line| {
            let (stamp, cells) = line.split_once(',').expect("a stamp and its cells");
            (stamp.to_owned(), cells.split(',').map(str::to_owned).collect())
        });
        Self { columns, rows: rows.collect() }
    }

    /// The number of a column at a stamp.
    pub fn at(&self, stamp: &str, column: &str) -> Decimal {
        let index = self.columns.iter().position(|name| name == column).expect("the column");
        let cell = &self.rows.get(stamp).unwrap_or_else(|| panic!("no row at {stamp}"))[index];
        let number = cell.parse().or_else(|_| Decimal::from_scientific(cell));
        number.unwrap_or_else(|_| panic!("'{cell}' at {stamp} in {column} is no number"))
    }

    /// All stamps after the first and up to the second.
    pub fn stamps_between(&self, after: &str, until: &str) -> impl Iterator<Item = &str> {
        let range = (Bound::Excluded(after.to_owned()), Bound::Included(until.to_owned()));
        self.rows.range(range).map(|(stamp, _)| stamp.as_str())
    }

    /// All stamps.
    pub fn stamps(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }
}

/// A file's text, unpacked where its name ends in `.gz`.
pub fn text_of(path: &Path) -> std::io::Result<String> {
    if path.extension().is_none_or(|extension| extension != "gz") {
        return std::fs::read_to_string(path);
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path)?).read_to_string(&mut text)?;
    Ok(text)
}
