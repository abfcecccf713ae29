//! The CSV tables of the results, one row a step and one row an order, written while the run goes on.
//!
//! A step's rows are written at its end, from what was last measured: so `equity.csv`, `balance_sheet.csv`,
//! `pnl_attribution.csv` and `risk_metrics.csv` join on `timestamp`. The tables carry temporary names until the run is
//! finished; a run that failed leaves none of them.

mod orders;
mod table_file;

use std::path::Path;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::types::event::{Event, EventBatch, StepRow};
use crate::types::venue::VenueKind;
use crate::types::{Coded, PnlCause, RiskLevel, Universe, Value, VenueId};

use super::text::{Stamp, push_csv_text, push_decimal};
use orders::OrdersTable;
use table_file::TableFile;

/// The tables of one run.
#[derive(Debug)]
pub struct Tables {
    universe: Arc<Universe>,
    exchanges: Vec<VenueId>,
    stamp: Stamp,
    equity: TableFile,
    balance_sheet: TableFile,
    attribution: TableFile,
    risk: TableFile,
    orders: OrdersTable,
    balances: Balances,
    assessed: Assessed,
    /// Highest value of a share so far, the capital of the opening among them; nothing before the first row.
    peak: Option<Decimal>,
}

/// The last balances of the step under way.
#[derive(Debug, Default)]
struct Balances {
    seen: Seen,
    quantities: Vec<Decimal>,
    values: Vec<Decimal>,
}

/// What kind of balances the step has told so far; real ones are not replaced by simulated ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    #[default]
    Nothing,
    Simulated,
    Real,
}

/// The risk of the step under way: the worst of its measurements.
#[derive(Debug, Default)]
struct Assessed {
    level: RiskLevel,
    margin_ratios: Vec<Option<Decimal>>,
    loan: Loan,
}

/// The loan of the step that was nearest to a liquidation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Loan {
    /// The run borrows nowhere, so the table has no columns for it.
    #[default]
    Never,
    /// Nothing is owed.
    None,
    /// What is owed and lent.
    Open { health: Decimal, ltv: Decimal },
}

impl Tables {
    /// Begins all tables of a universe in a folder that exists.
    ///
    /// # Errors
    /// LOG-002 when a file cannot be made, LOG-001 when it cannot be written.
    pub fn create(dir: &Path, universe: Arc<Universe>) -> Result<Self, Coded> {
        let exchanges: Vec<VenueId> = universe
            .venues()
            .iter()
            .filter(|venue| venue.kind == VenueKind::Exchange)
            .map(|venue| venue.id)
            .collect();
        let mut risk_columns = "timestamp,level".to_owned();
        for &venue in &exchanges {
            risk_columns.push_str(",margin_ratio_");
            risk_columns.push_str(&universe.venue(venue).name);
        }
        let borrows = universe.reserves().iter().any(|reserve| {
            let is_lent_for_long = universe.venue(reserve.venue).kind == VenueKind::Lending;
            is_lent_for_long && reserve.borrowed.is_some()
        });
        if borrows {
            risk_columns.push_str(",health_factor,ltv");
        }
        risk_columns.push_str(",delta_drift,drawdown");
        let mut causes = "timestamp".to_owned();
        for cause in PnlCause::ALL {
            causes.push(',');
            causes.push_str(cause.text());
        }
        causes.push_str(",residual");
        let equity =
            "timestamp,equity,liquidation_value,pnl_step,pnl_total,flows,drawdown,share_value";
        Ok(Self {
            equity: TableFile::create(dir, "equity.csv", equity)?,
            balance_sheet: TableFile::create(
                dir,
                "balance_sheet.csv",
                "timestamp,key,quantity,value",
            )?,
            attribution: TableFile::create(dir, "pnl_attribution.csv", &causes)?,
            risk: TableFile::create(dir, "risk_metrics.csv", &risk_columns)?,
            orders: OrdersTable::create(dir)?,
            assessed: Assessed {
                margin_ratios: vec![None; exchanges.len()],
                loan: if borrows { Loan::None } else { Loan::Never },
                ..Assessed::default()
            },
            balances: Balances::default(),
            peak: None,
            stamp: Stamp::default(),
            exchanges,
            universe,
        })
    }

    /// Takes what an event says for the tables.
    ///
    /// # Errors
    /// LOG-001 when a table cannot be written.
    pub fn take(&mut self, batch: &EventBatch, event: &Event) -> Result<(), Coded> {
        match event {
            Event::Positions { real, quantities, values, .. } => {
                let seen = if *real { Seen::Real } else { Seen::Simulated };
                self.balances.take(seen, batch.numbers(*quantities), batch.numbers(*values));
                Ok(())
            }
            Event::Risk { level, margin_ratios, lending, .. } => {
                self.assessed.loan.take(batch.numbers(*lending));
                self.assessed.take(*level, &self.exchanges, batch.numbers(*margin_ratios));
                Ok(())
            }
            Event::Step(row) => self.step(row),
            Event::Order(order) => {
                self.orders.sent(order);
                Ok(())
            }
            Event::Execution(execution) => self.orders.executed(&self.universe, execution),
            Event::TightLoop(pass) => self.orders.passed(&self.universe, pass),
            _ => Ok(()),
        }
    }

    /// Gives all tables their names. Orders that have not ended are written as they are.
    ///
    /// # Errors
    /// LOG-001 when a table cannot be written; none has its name then, unless renaming itself failed half-way.
    pub fn finish(&mut self, durable: Durable) -> Result<(), Coded> {
        self.orders.write_open(&self.universe)?;
        let mut tables = [
            &mut self.equity,
            &mut self.balance_sheet,
            &mut self.attribution,
            &mut self.risk,
            &mut self.orders.file,
        ];
        for table in &mut tables {
            match durable {
                Durable::Yes => table.lines.sync()?,
                Durable::No => table.lines.flush()?,
            }
        }
        tables.into_iter().try_for_each(TableFile::keep)
    }

    /// Bytes of all tables.
    pub fn bytes(&self) -> u64 {
        [&self.equity, &self.balance_sheet, &self.attribution, &self.risk, &self.orders.file]
            .into_iter()
            .map(|table| table.lines.bytes())
            .sum()
    }

    fn step(&mut self, row: &StepRow) -> Result<(), Coded> {
        let value = row.share_value.get();
        let peak = self.peak.unwrap_or(row.opening().get()).max(value);
        self.peak = Some(peak);
        let drawdown = drawdown(value, peak);
        let stamp = self.stamp.text(row.at);
        write_equity(&mut self.equity, stamp, row, drawdown)?;
        write_attribution(&mut self.attribution, stamp, row)?;
        write_balances(&mut self.balance_sheet, stamp, &self.universe, &self.balances)?;
        // What was liquidated since the last step is measured before anything is recorded.
        if let Some(loan) = row.weakest_loan {
            self.assessed.loan.take(&loan.map(Value::get));
        }
        write_risk(&mut self.risk, stamp, &self.assessed, [row.delta_drift, drawdown])?;
        self.balances.seen = Seen::Nothing;
        self.assessed.begin_step();
        Ok(())
    }
}

/// Whether finished tables are forced to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// They survive a power cut: live and paper.
    Yes,
    /// They are handed to the operating system: a backtest can be run again.
    No,
}

impl Balances {
    fn take(&mut self, seen: Seen, quantities: &[Decimal], values: &[Decimal]) {
        if seen < self.seen {
            return;
        }
        self.seen = seen;
        self.quantities.clear();
        self.quantities.extend_from_slice(quantities);
        self.values.clear();
        self.values.extend_from_slice(values);
    }
}

impl Assessed {
    fn take(&mut self, level: RiskLevel, exchanges: &[VenueId], ratios: &[Decimal]) {
        self.level = self.level.max(level);
        for (worst, venue) in self.margin_ratios.iter_mut().zip(exchanges) {
            let Some(&ratio) = ratios.get(venue.index()) else { continue };
            if ratio >= Decimal::ZERO && worst.is_none_or(|worst| ratio < worst) {
                *worst = Some(ratio);
            }
        }
    }

    fn begin_step(&mut self) {
        self.level = RiskLevel::Ok;
        self.margin_ratios.fill(None);
        if self.loan != Loan::Never {
            self.loan = Loan::None;
        }
    }
}

impl Loan {
    /// Takes a measurement of collateral, debt, and the debt at which it would be liquidated: the weakest stays.
    fn take(&mut self, measured: &[Decimal]) {
        let &[collateral, debt, liquidated_at] = measured else { return };
        let ratio = |a: Decimal, b: Decimal| a.checked_div(b).map(|ratio| ratio.round_dp(8));
        let (Some(health), Some(ltv)) = (ratio(liquidated_at, debt), ratio(debt, collateral))
        else {
            return;
        };
        let is_weaker = match *self {
            Self::Never => return,
            Self::None => true,
            Self::Open { health: weakest, .. } => health < weakest,
        };
        if is_weaker {
            *self = Self::Open { health, ltv };
        }
    }
}

/// 1 − share value ÷ its highest so far, a positive fraction, to eight places.
fn drawdown(share_value: Decimal, peak: Decimal) -> Decimal {
    if share_value >= peak {
        return Decimal::ZERO;
    }
    (peak - share_value).checked_div(peak).map_or(Decimal::ZERO, |fall| fall.round_dp(8))
}

fn write_equity(
    table: &mut TableFile,
    stamp: &[u8],
    row: &StepRow,
    drawdown: Decimal,
) -> Result<(), Coded> {
    let out = table.lines.line();
    out.extend_from_slice(stamp);
    for value in [row.equity, row.liquidation_value, row.pnl_step, row.pnl_total, row.flows] {
        out.push(b',');
        push_decimal(out, value.get());
    }
    out.push(b',');
    push_decimal(out, drawdown);
    out.push(b',');
    push_decimal(out, row.share_value.get());
    out.push(b'\n');
    table.lines.end_line()
}

fn write_attribution(table: &mut TableFile, stamp: &[u8], row: &StepRow) -> Result<(), Coded> {
    let out = table.lines.line();
    out.extend_from_slice(stamp);
    for (_, value) in row.attribution.iter() {
        out.push(b',');
        push_decimal(out, value.get());
    }
    out.push(b',');
    push_decimal(out, row.residual.get());
    out.push(b'\n');
    table.lines.end_line()
}

fn write_balances(
    table: &mut TableFile,
    stamp: &[u8],
    universe: &Universe,
    balances: &Balances,
) -> Result<(), Coded> {
    let held = balances.quantities.iter().zip(&balances.values);
    for (key, (quantity, value)) in universe.instruments().iter().zip(held) {
        if quantity.is_zero() && value.is_zero() {
            continue;
        }
        let out = table.lines.line();
        out.extend_from_slice(stamp);
        out.push(b',');
        push_csv_text(out, &key.name);
        out.push(b',');
        push_decimal(out, *quantity);
        out.push(b',');
        push_decimal(out, *value);
        out.push(b'\n');
        table.lines.end_line()?;
    }
    Ok(())
}

fn write_risk(
    table: &mut TableFile,
    stamp: &[u8],
    assessed: &Assessed,
    numbers: [Decimal; 2],
) -> Result<(), Coded> {
    let out = table.lines.line();
    out.extend_from_slice(stamp);
    out.push(b',');
    out.extend_from_slice(assessed.level.text().as_bytes());
    for ratio in &assessed.margin_ratios {
        out.push(b',');
        if let Some(ratio) = ratio {
            push_decimal(out, *ratio);
        }
    }
    match assessed.loan {
        Loan::Never => {}
        Loan::None => out.extend_from_slice(b",,"),
        Loan::Open { health, ltv } => {
            for ratio in [health, ltv] {
                out.push(b',');
                push_decimal(out, ratio);
            }
        }
    }
    for number in numbers {
        out.push(b',');
        push_decimal(out, number);
    }
    out.push(b'\n');
    table.lines.end_line()
}

#[cfg(test)]
mod tests;
