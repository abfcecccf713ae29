//! The bundled sample as it lies in `data/`, read back without the program's own reader, and the monthly figures it goes by.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

/// The folder of the bundled sample.
pub fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// The text of a packed file.
pub fn unpacked(path: &Path) -> String {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).expect("it is packed text");
    text
}

/// A series: its stamps, and its columns by name.
pub struct Series {
    pub stamps: Vec<String>,
    columns: BTreeMap<String, Vec<f64>>,
}

impl Series {
    /// A series of the bundled sample by its name: `spot/bybit_BTCUSDT_1h`.
    pub fn read(name: &str) -> Self {
        let text = unpacked(&bundled().join(format!("{name}.csv.gz")));
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
        let numbers = |index: usize| {
            rows.iter().map(|row| row[index].parse().unwrap_or(f64::NAN)).collect::<Vec<f64>>()
        };
        let columns =
            names.iter().enumerate().map(|(index, name)| ((*name).to_owned(), numbers(index)));
        Self {
            stamps: rows.iter().map(|row| row[0].to_owned()).collect(),
            columns: columns.collect(),
        }
    }

    /// A column.
    pub fn column(&self, name: &str) -> &[f64] {
        self.columns.get(name).unwrap_or_else(|| panic!("there is no column {name}"))
    }

    /// A column's rows of a month.
    pub fn of_month(&self, column: &str, month: &str) -> &[f64] {
        let start = self.stamps.partition_point(|at| at.as_str() < month);
        let rows = self.stamps[start..].iter().take_while(|at| at.starts_with(month)).count();
        &self.column(column)[start..start + rows]
    }
}

/// The whole months of the sample.
pub const MONTHS: [&str; 12] = [
    "2024-06", "2024-07", "2024-08", "2024-09", "2024-10", "2024-11", "2024-12", "2025-01",
    "2025-02", "2025-03", "2025-04", "2025-05",
];

/// A monthly figure; none where its cell is empty.
pub fn figure(name: &str, month: &str) -> Option<f64> {
    let table = include_str!("../../src/market/sample/figures.csv");
    let row = |name: &str| -> Vec<&'static str> {
        let line = table.lines().find(|line| line.split(',').next() == Some(name));
        line.unwrap_or_else(|| panic!("there is no figure {name}")).split(',').collect()
    };
    let column =
        row("figure").iter().position(|cell| *cell == month).expect("a month of the table");
    row(name)[column].parse().ok()
}

/// Log returns of each row against the one before it.
pub fn returns(closes: &[f64]) -> Vec<f64> {
    closes.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect()
}

pub fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

pub fn deviation(x: &[f64]) -> f64 {
    let mean = mean(x);
    (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt()
}

pub fn correlation(x: &[f64], y: &[f64]) -> f64 {
    assert_eq!(x.len(), y.len());
    let (x_mean, y_mean) = (mean(x), mean(y));
    let products: f64 = x.iter().zip(y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    products / x.len() as f64 / deviation(x) / deviation(y)
}
