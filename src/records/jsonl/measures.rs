//! The four kinds of every step: positions, exposures, risk assessments, P&L calculations.

use rust_decimal::Decimal;

use crate::records::names::{Fragment, Names};
use crate::types::event::{StepRow, Trigger};
use crate::types::{Breach, PnlCause, RiskLevel, Value};

use super::line::Line;

/// Balances at one moment; lists by key.
#[derive(Clone, Copy)]
pub struct Balances<'a> {
    /// Whether the venues said so.
    pub real: bool,
    /// Why now.
    pub trigger: Trigger,
    /// Quantities.
    pub quantities: &'a [Decimal],
    /// Equity.
    pub total: Value,
}

/// Fields of `positions.jsonl`.
pub fn positions(line: &mut Line, names: &Names, balances: Balances, share_class: &str) {
    line.word("position_type", if balances.real { "real" } else { "simulated" });
    line.word("trigger_source", balances.trigger.text());
    line.open("positions");
    non_zero(line, names.keys(), balances.quantities);
    line.close();
    line.decimal("total_value", balances.total.get());
    line.text("share_class", share_class);
    empty_metadata(line);
}

/// Exposure at one moment; lists by token.
#[derive(Clone, Copy)]
pub struct Exposure<'a> {
    /// Net coins, perps included.
    pub net_delta: &'a [Decimal],
    /// Coins held, perps excluded.
    pub held: &'a [Decimal],
    /// Value of what is held, in the share class.
    pub values: &'a [Decimal],
    /// Equity in US dollars.
    pub total_usd: Decimal,
    /// Equity in the share class.
    pub equity: Value,
}

/// Fields of `exposures.jsonl`.
pub fn exposures(line: &mut Line, names: &Names, exposure: Exposure) {
    line.open("net_delta");
    non_zero(line, names.tokens(), exposure.net_delta);
    line.close();
    line.open("asset_exposures");
    let held = exposure.held.iter().zip(exposure.values);
    for (name, (&quantity, &value)) in names.tokens().iter().zip(held) {
        if quantity.is_zero() && value.is_zero() {
            continue;
        }
        line.open_of(name);
        line.decimal("quantity", quantity);
        line.decimal("value", value);
        match percentage(value, exposure.equity) {
            Some(percentage) => line.decimal("percentage", percentage),
            None => line.null("percentage"),
        }
        line.close();
    }
    line.close();
    line.decimal("total_value_usd", exposure.total_usd);
    line.decimal("share_class_value", exposure.equity.get());
    empty_metadata(line);
}

/// `value` in per cent of `equity`, to four places; nothing where there is no equity.
fn percentage(value: Decimal, equity: Value) -> Option<Decimal> {
    let share = value.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(equity.get())?;
    Some(share.round_dp(4))
}

/// Risk at one moment.
#[derive(Clone, Copy)]
pub struct Assessment<'a> {
    /// The level that follows.
    pub level: RiskLevel,
    /// By venue; minus one where there is no position.
    pub margin_ratios: &'a [Decimal],
    /// The lending account that is nearest to a liquidation.
    pub lending: Option<Lending>,
    /// Net delta over equity.
    pub delta_drift: Decimal,
    /// By series, seconds; negative where nothing is known yet.
    pub ages_s: &'a [Decimal],
    /// Breached limits.
    pub breaches: &'a [Breach],
}

/// A lending account, in the share class.
#[derive(Clone, Copy)]
pub struct Lending {
    collateral: Decimal,
    debt: Decimal,
    liquidated_at: Decimal,
}

impl Lending {
    /// From an event's list; nothing where nothing is lent or owed.
    pub fn of(numbers: &[Decimal]) -> Option<Self> {
        let &[collateral, debt, liquidated_at] = numbers else { return None };
        Some(Self { collateral, debt, liquidated_at })
    }

    fn write(self, line: &mut Line) {
        let ratios = [
            ("health_factor", self.liquidated_at.checked_div(self.debt)),
            ("ltv_ratio", self.debt.checked_div(self.collateral)),
            ("liquidation_threshold", self.liquidated_at.checked_div(self.collateral)),
        ];
        for (name, ratio) in ratios {
            if let Some(ratio) = ratio {
                line.decimal(name, ratio);
            }
        }
    }
}

/// Fields of `risk_assessments.jsonl`.
pub fn risk(line: &mut Line, names: &Names, assessment: Assessment) {
    if let Some(lending) = assessment.lending {
        lending.write(line);
    }
    line.open("margin_ratios");
    for (name, &ratio) in names.venues().iter().zip(assessment.margin_ratios) {
        if ratio >= Decimal::ZERO {
            line.decimal_of(name, ratio);
        }
    }
    line.close();
    line.decimal("delta_drift", assessment.delta_drift);
    line.open("data_age_s");
    for (name, &age_s) in names.series().iter().zip(assessment.ages_s) {
        if age_s >= Decimal::ZERO {
            line.number_of(name, age_s);
        }
    }
    line.close();
    line.word("risk_level", assessment.level.text());
    line.texts("warnings", assessment.breaches.iter().map(|breach| warning(names, breach)));
    line.open_list("breaches");
    for breach in assessment.breaches {
        line.open_item();
        line.word("limit", breach.limit.text());
        line.decimal("value", breach.value);
        line.word("code", breach.limit.code().text());
        line.word("level", breach.level.text());
        line.decimal("bound", breach.bound);
        line.text_or_null("venue", breach.venue.map(|venue| names.venue_text(venue)));
        line.close();
    }
    line.close_list();
    empty_metadata(line);
}

/// A breach as a sentence.
fn warning(names: &Names, breach: &Breach) -> String {
    let at = breach.venue.map_or(String::new(), |venue| format!(" at {}", names.venue_text(venue)));
    format!(
        "{}: {}{at} is {}, its {} limit is {}",
        breach.limit.code(),
        breach.limit.text(),
        breach.value.normalize(),
        breach.level.text(),
        breach.bound.normalize()
    )
}

/// Fields of `pnl_calculations.jsonl`; `by_venue` and `by_token` are the row's lists.
pub fn pnl(
    line: &mut Line,
    names: &Names,
    row: &StepRow,
    by_venue: &[Decimal],
    by_token: &[Decimal],
) {
    line.decimal("equity", row.equity.get());
    line.decimal("liquidation_value", row.liquidation_value.get());
    line.decimal("pnl_step", row.pnl_step.get());
    line.decimal("pnl_total", row.pnl_total.get());
    line.open("attribution");
    for (name, (_, value)) in names.causes().iter().zip(row.attribution.iter()) {
        line.decimal_of(name, value.get());
    }
    line.close();
    line.decimal("residual", row.residual.get());
    line.decimal("fees_paid", -row.cumulative[PnlCause::Fees].get());
    line.decimal("funding_received", row.cumulative[PnlCause::Funding].get());
    line.open("pnl_by_venue");
    non_zero(line, names.venues(), by_venue);
    line.close();
    line.open("pnl_by_asset");
    non_zero(line, names.tokens(), by_token);
    line.close();
    line.open("metadata");
    line.count("step", row.step);
    line.decimal("flows", row.flows.get());
    line.close();
}

/// The numbers of a dense list that are not zero, under their names.
fn non_zero(line: &mut Line, names: &[Fragment], numbers: &[Decimal]) {
    for (name, &number) in names.iter().zip(numbers) {
        if !number.is_zero() {
            line.decimal_of(name, number);
        }
    }
}

fn empty_metadata(line: &mut Line) {
    line.open("metadata");
    line.close();
}
