//! The files of the sample as text: a row a stamp, numbers with fixed decimals, so that the bytes are the same everywhere.

use std::fmt::{Arguments, Display, Write as _};
use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};

/// A file of the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleFile {
    /// Its path inside the folder, unpacked: `spot/binance_BTCUSDT_1h.csv`.
    pub name: String,
    /// Its columns, as in its first line.
    pub columns: &'static str,
    /// The distance of two rows, in words.
    pub step: &'static str,
    /// The first column of its first row.
    pub first: String,
    /// The first column of its last row.
    pub last: String,
    /// Its rows.
    pub rows: usize,
    /// All of it.
    pub text: String,
}

impl SampleFile {
    /// An empty one.
    pub(super) fn new(name: String, columns: &'static str, step: &'static str) -> Self {
        let (first, last) = (String::new(), String::new());
        Self { name, columns, step, first, last, rows: 0, text: format!("{columns}\n") }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, key: impl Display, cells: Arguments<'_>) {
        self.last = key.to_string();
        if self.rows == 0 {
            self.first.clone_from(&self.last);
        }
        self.rows += 1;
        // Writing into a string cannot fail.
        let _ = writeln!(self.text, "{key},{cells}");
    }

    /// Its name in the folder, where it lies packed.
    pub fn packed_name(&self) -> String {
        format!("{}.gz", self.name)
    }

    /// The file as it lies in the folder: gzip without a name or a time, so that the same text gives the same bytes.
    ///
    /// # Errors
    /// None that memory can give; the packer's signature has one.
    pub fn packed(&self) -> io::Result<Vec<u8>> {
        const UNKNOWN_SYSTEM: u8 = 255;
        let builder = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM);
        let mut packer = builder.write(Vec::new(), Compression::best());
        packer.write_all(self.text.as_bytes())?;
        packer.finish()
    }
}

/// A number rounded to so many places, as it will be written.
pub(super) fn rounded(number: f64, places: u8) -> f64 {
    let scale = (0..places).fold(1.0, |scale, _| scale * 10.0);
    (number * scale).round() / scale
}
