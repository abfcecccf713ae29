//! A table of texts: in Markdown for documents, or in columns for a terminal, where what does not fit beside the first column goes
//! into a further table below.

use std::fmt::Write;

use crate::cli::lines::{COLUMNS, wrapped};

/// Between two columns.
const GAP: usize = 2;

/// How the columns after the first stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of as many cells as the head has; the first ones tell what a row is about.
#[derive(Clone, Debug)]
pub(super) struct Table {
    head: Vec<String>,
    align: Align,
    /// How many columns tell what a row is about: they stand before all others.
    lead: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(head: impl IntoIterator<Item = impl Into<String>>, align: Align) -> Self {
        let head = head.into_iter().map(Into::into).collect();
        Self { head, align, lead: 1, rows: Vec::new() }
    }

    /// The same with more columns that tell what a row is about.
    pub(super) fn led_by(self, lead: usize) -> Self {
        Self { lead, ..self }
    }

    pub(super) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    pub(super) fn extend(&mut self, rows: impl IntoIterator<Item = Vec<String>>) {
        self.rows.extend(rows);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// For documents, which break no line.
    pub(super) fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let ruled = if self.align == Align::Right { " ---: |" } else { " --- |" };
        let rule = format!("| --- |{}\n", ruled.repeat(self.head.len().saturating_sub(1)));
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}{rule}{rows}", line(&self.head))
    }

    /// For a terminal: as many columns side by side as it shows, the leading ones before each of them.
    pub(super) fn text(&self) -> String {
        let lead: usize = (0..self.lead).map(|column| self.width(column, COLUMNS) + GAP).sum();
        let mut parts: Vec<Vec<Column>> = Vec::new();
        let mut taken = COLUMNS;
        for index in self.lead..self.head.len() {
            let width = self.width(index, COLUMNS.saturating_sub(lead));
            if taken + width > COLUMNS || parts.is_empty() {
                let first = |index| Column { index, width: self.width(index, COLUMNS) };
                parts.push((0..self.lead).map(first).collect());
                taken = lead;
            }
            taken += width + GAP;
            parts.last_mut().into_iter().for_each(|part| part.push(Column { index, width }));
        }
        let parts: Vec<String> = parts.iter().map(|part| self.part(part)).collect();
        parts.join("\n")
    }

    /// The widest cell of a column, or word of its head, but no more than there is.
    fn width(&self, column: usize, most: usize) -> usize {
        let words = self.head[column].split(' ').map(|word| word.chars().count());
        let cells = self.rows.iter().map(|row| row[column].chars().count());
        words.chain(cells).max().unwrap_or(0).min(most)
    }

    fn part(&self, columns: &[Column]) -> String {
        let lines = |row: &[String]| -> Vec<Vec<String>> {
            columns.iter().map(|column| wrapped(&row[column.index], column.width)).collect()
        };
        let mut out = String::new();
        let mut head = lines(&self.head);
        let height = head.iter().map(Vec::len).max().unwrap_or(0);
        for cell in &mut head {
            // A short head stands at the bottom, next to its column.
            let above = height - cell.len();
            cell.splice(0..0, vec![String::new(); above]);
        }
        self.block(&mut out, &head, columns);
        for row in &self.rows {
            self.block(&mut out, &lines(row), columns);
        }
        out
    }

    /// A row whose cells have several lines.
    fn block(&self, out: &mut String, cells: &[Vec<String>], columns: &[Column]) {
        for index in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let mut line = String::new();
            for (place, (cell, column)) in cells.iter().zip(columns).enumerate() {
                let (text, width) = (cell.get(index).map_or("", String::as_str), column.width);
                let gap = if place == 0 { 0 } else { GAP };
                // Writing into a string cannot fail.
                let _ = match self.align {
                    Align::Right if place >= self.lead => write!(line, "{:gap$}{text:>width$}", ""),
                    _ => write!(line, "{:gap$}{text:<width$}", ""),
                };
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

/// A column as it is shown.
#[derive(Clone, Copy, Debug)]
struct Column {
    index: usize,
    width: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table =
            Table::new(["mode", "return a year", "target", "worst margin ratio"], Align::Right);
        table.push(["btc_basis", "5.49 %", "8 %", "0.855"].map(str::to_owned).to_vec());
        table.push(["ml", "-30.07 % in 92 d", "15 %", "—"].map(str::to_owned).to_vec());
        table
    }

    #[test]
    fn a_terminal_has_columns_and_heads_broken_at_words() {
        let expected = "                                      worst\n                                     margin\n\
                        mode          return a year  target   ratio\n\
                        btc_basis            5.49 %     8 %   0.855\n\
                        ml         -30.07 % in 92 d    15 %       —\n";
        assert_eq!(table().text(), expected);
    }

    #[test]
    fn what_does_not_fit_goes_below_with_the_first_column_again() {
        let mut wide = Table::new(["stress", "a", "b", "c"], Align::Left);
        wide.push(vec!["slash".to_owned(), "x".repeat(40), "y".repeat(40), "z".to_owned()]);
        let text = wide.text();
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("slash")).count(), 2, "{text}");
        assert_eq!(text.lines().filter(|line| line.is_empty()).count(), 1, "{text}");
    }

    #[test]
    fn a_long_sentence_is_broken_beside_what_it_is_about() {
        let mut table = Table::new(["stress", "mode", "by cause"], Align::Left).led_by(2);
        table.push(["slash".to_owned(), "m".repeat(31), "peg -1.00, ".repeat(9)].to_vec());
        let text = table.text();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 3 && lines.iter().all(|line| line.chars().count() <= 80), "{text}");
        assert!(lines[2].starts_with(&" ".repeat(38)), "{text}");
    }

    #[test]
    fn a_document_has_it_in_markdown() {
        let expected = "| mode | return a year | target | worst margin ratio |\n| --- | ---: | ---: | ---: |\n\
                        | btc_basis | 5.49 % | 8 % | 0.855 |\n| ml | -30.07 % in 92 d | 15 % | — |\n";
        assert_eq!(table().markdown(), expected);
    }
}
