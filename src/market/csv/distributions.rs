//! Tables of what was handed out to holders of a staking token: one row a period, with dates instead of times.
//!
//! `period_start` and `period_end` are days, both part of the period. One column whose name ends in `_per_eeth` has what each
//! unit was handed out; `top_up_date`, where there is one, the day on which it was paid.

use std::io::Read;

use csv::ByteRecord;

use crate::config::{Fault, Faults};
use crate::types::{Code, Span, Timestamp};

use super::super::number::Number;
use super::super::series::{Kind, Series};
use super::{MAX_FAULTS, SeriesFile};

/// How the name of the column ends that has what each unit was handed out.
const PER_UNIT: &str = "_per_eeth";
/// More than this for a unit is a total in the wrong column.
const PER_UNIT_EXPONENT_MAX: u32 = 4;
const DAY: Span = Span::from_hours(24);

/// Whether a first line is that of such a table.
pub(super) fn is_header(line: &str) -> bool {
    let columns: Vec<&str> = line.trim_end().split(',').collect();
    columns.contains(&"period_start") && columns.iter().any(|name| name.ends_with(PER_UNIT))
}

/// The reading of one table.
pub(super) struct Table<'a> {
    pub(super) file: &'a SeriesFile,
    pub(super) faults: Faults,
    pub(super) count: usize,
}

/// Where the columns stand.
struct Columns {
    start: usize,
    end: usize,
    per_unit: usize,
    paid: Option<usize>,
}

/// One row.
struct Row {
    start: Timestamp,
    end: Timestamp,
    paid: Option<Timestamp>,
    per_unit: Number,
}

impl Table<'_> {
    pub(super) fn read<R: Read>(&mut self, reader: &mut csv::Reader<R>) -> Series {
        let mut series = Series::new(Kind::Distributions);
        let mut record = ByteRecord::new();
        let columns = match reader.read_byte_record(&mut record) {
            Ok(true) => self.columns(&record),
            Ok(false) => {
                self.tell(None, "the file is empty".to_owned());
                None
            }
            Err(error) => {
                self.tell(None, error.to_string());
                None
            }
        };
        let Some(columns) = columns else { return series };
        let mut before: Option<Row> = None;
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.tell(Some(&record), error.to_string());
                    break;
                }
            }
            let row = columns.row(&record).and_then(|row| row.checked(before.as_ref()));
            match row {
                Ok(row) => {
                    if let Err(sentence) = row.push(&mut series) {
                        self.tell(Some(&record), sentence);
                    }
                    before = Some(row);
                }
                Err(sentence) => self.tell(Some(&record), sentence),
            }
        }
        series.shrink();
        series
    }

    fn columns(&mut self, header: &ByteRecord) -> Option<Columns> {
        let find = |is_it: &dyn Fn(&[u8]) -> bool| header.iter().position(is_it);
        let named = |name: &str| find(&|field| field == name.as_bytes());
        let per_unit = find(&|field| field.ends_with(PER_UNIT.as_bytes()));
        match (named("period_start"), named("period_end"), per_unit) {
            (Some(start), Some(end), Some(per_unit)) => {
                Some(Columns { start, end, per_unit, paid: named("top_up_date") })
            }
            (start, end, _) => {
                let missing = match (start, end) {
                    (None, _) => "period_start",
                    (_, None) => "period_end",
                    _ => "…_per_eeth",
                };
                self.tell(None, format!("there is no column '{missing}'"));
                None
            }
        }
    }

    fn tell(&mut self, row: Option<&ByteRecord>, sentence: String) {
        self.count += 1;
        if self.count <= MAX_FAULTS {
            let line = row.map_or(1, |row| self.file.line_of(row));
            let is_order = sentence.contains(AFTER);
            let place = format!("{}:{line}", self.file.name);
            let code = if is_order { Code::Data004 } else { Code::Data003 };
            self.faults.push(Fault::new(code, sentence).at(place));
        }
    }
}

/// What is said of rows that are out of order.
const AFTER: &str = "the row before it";

impl Columns {
    fn row(&self, record: &ByteRecord) -> Result<Row, String> {
        let text = |column| {
            String::from_utf8_lossy(record.get(column).unwrap_or_default()).trim().to_owned()
        };
        let day = |column| {
            let text = text(column);
            let at: Option<Timestamp> = text.parse().ok();
            at.filter(|at| at.ms() % DAY.ms() == 0)
                .ok_or_else(|| format!("'{text}' is not a day such as 2024-10-06"))
        };
        let per_unit = Number::parse(text(self.per_unit).as_bytes());
        Ok(Row {
            start: day(self.start)?,
            end: day(self.end)? + DAY,
            paid: self.paid.map(day).transpose()?,
            per_unit: per_unit
                .ok_or_else(|| format!("'{}' is no exact decimal number", text(self.per_unit)))?,
        })
    }
}

impl Row {
    /// The row where it can be, after the one before it.
    fn checked(self, before: Option<&Row>) -> Result<Row, String> {
        let day = |time: Timestamp| time.to_string()[..10].to_owned();
        let last = |row: &Row| day(row.end - DAY);
        if self.end <= self.start {
            return Err(format!(
                "the period ends on {}, before it begins, {}",
                last(&self),
                day(self.start)
            ));
        }
        if self.per_unit.is_negative() {
            return Err(format!("{} cannot be below 0", self.per_unit.decimal()));
        }
        if !self.per_unit.is_within(PER_UNIT_EXPONENT_MAX) {
            let amount = self.per_unit.decimal();
            return Err(format!("{amount} is what one unit is handed out, and more than can be"));
        }
        if let Some(paid) = self.paid.filter(|paid| *paid < self.end) {
            return Err(format!(
                "it is paid on {}, before its period is over, {}",
                day(paid),
                day(self.end)
            ));
        }
        let Some(before) = before else { return Ok(self) };
        if self.start < before.start {
            return Err(format!(
                "the period begins on {}, earlier than that of {AFTER}",
                day(self.start)
            ));
        }
        if self.start < before.end {
            let sentence = "overlaps with that of the row before it";
            return Err(format!(
                "the period from {} {sentence}, to {}",
                day(self.start),
                last(before)
            ));
        }
        if let (Some(paid), Some(earlier)) = (self.paid, before.paid)
            && paid <= earlier
        {
            return Err(format!("it is paid on {}, no later than that of {AFTER}", day(paid)));
        }
        Ok(self)
    }

    fn push(&self, series: &mut Series) -> Result<(), String> {
        let days = |time: Timestamp| Number::Small { mantissa: time.day(), scale: 0 };
        let dated = Number::Small { mantissa: i64::from(self.paid.is_some()), scale: 0 };
        let numbers = [days(self.start), days(self.end), self.per_unit, dated];
        let pushed = series.push(self.paid.unwrap_or(self.end), &numbers);
        pushed.map_err(|_| "the day does not lie between 1970 and 2106".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Window;
    use super::*;
    use crate::market::series::distribution::{END, PER_UNIT, START};

    const HEAD: &str = "period_start,period_end,eigen_earned,eigen_per_eeth\n";
    const DATED: &str = "top_up_date,period_start,period_end,ethfi_per_eeth\n";

    fn read(text: &str) -> Result<Series, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("rewards")).unwrap();
        std::fs::write(folder.path().join("rewards/x.csv"), text).unwrap();
        let file = SeriesFile::find(folder.path(), "rewards/x", "1h").unwrap();
        let read = file.read(Kind::Distributions, Window::all(None));
        read.map(|contents| contents.series).map_err(|faults| faults.to_string())
    }

    #[test]
    fn a_period_has_all_of_its_last_day() {
        let series = read(&format!("{HEAD}2024-10-06,2024-10-12,358681,0.179\n")).unwrap();
        let day = |column| series.number(column, 0).to_string();
        let since_epoch = |text: &str| text.parse::<Timestamp>().unwrap().day().to_string();
        assert_eq!(day(START), since_epoch("2024-10-06"));
        assert_eq!(day(END), since_epoch("2024-10-13"));
        assert_eq!(day(PER_UNIT), "0.179");
        assert_eq!(series.stamp(0).to_string(), "2024-10-13T00:00:00Z");
    }

    #[test]
    fn a_top_up_is_known_on_its_day() {
        let series = read(&format!("{DATED}2024-10-28,2024-10-06,2024-10-12,0.02\n")).unwrap();
        assert_eq!(series.stamp(0).to_string(), "2024-10-28T00:00:00Z");
    }

    #[test]
    fn rows_that_cannot_be_are_told_with_their_line() {
        for (rows, told) in [
            (
                "2024-10-13,2024-10-19,1,0.1\n2024-10-06,2024-10-12,1,0.1\n",
                "DATA-004 rewards/x.csv:3: the period begins on 2024-10-06, earlier than that of the row before it",
            ),
            (
                "2024-10-06,2024-10-12,1,0.1\n2024-10-12,2024-10-19,1,0.1\n",
                "DATA-004 rewards/x.csv:3: the period from 2024-10-12 overlaps with that of the row before it, to 2024-10-12",
            ),
            ("2024-10-06,2024-10-12,1,-0.1\n", "DATA-003 rewards/x.csv:2: -0.1 cannot be below 0"),
            (
                "2024-10-12,2024-10-06,1,0.1\n",
                "rewards/x.csv:2: the period ends on 2024-10-06, before it begins, 2024-10-12",
            ),
            ("2024-10-06,12.10.2024,1,0.1\n", "'12.10.2024' is not a day such as 2024-10-06"),
            ("2024-10-06,2024-10-12T05:00Z,1,0.1\n", "'2024-10-12T05:00Z' is not a day"),
            ("2024-10-06,2024-10-12,1,much\n", "'much' is no exact decimal number"),
            ("2024-10-06,2024-10-12,1,358681\n", "358681 is what one unit is handed out"),
        ] {
            let found = read(&format!("{HEAD}{rows}")).unwrap_err();
            assert!(found.contains(told), "{told} is not told:\n{found}");
        }
        let windows = format!("{HEAD}2024-10-06,2024-10-12,1,much\n").replace('\n', "\r\n");
        assert!(read(&windows).unwrap_err().contains("rewards/x.csv:2: "), "lines end in CR LF");
        let early = format!("{DATED}2024-10-10,2024-10-06,2024-10-12,0.1\n");
        let told = "it is paid on 2024-10-10, before its period is over, 2024-10-13";
        assert!(read(&early).unwrap_err().contains(told));
        let twice = format!(
            "{DATED}2024-10-28,2024-10-06,2024-10-12,0.1\n2024-10-28,2024-10-13,2024-10-19,0.1\n"
        );
        let told = "it is paid on 2024-10-28, no later than that of the row before it";
        assert!(read(&twice).unwrap_err().contains(told));
        let nameless = "period_start,period_end,eigen\n2024-10-06,2024-10-12,1\n";
        assert!(read(nameless).unwrap_err().contains("there is no column '…_per_eeth'"));
    }
}
