//! `summary.json`: the run in one object, also what `basis run --format json` prints.
//!
//! The figures are computed elsewhere and handed in; here are their names, their order and their form. Money is text in
//! decimal, statistics are numbers, and `null` stands where there is nothing to measure.

use std::path::Path;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::types::{Attribution, Coded, Timestamp, Value};

use super::run_folder::write_json;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// All steps were made.
    Done,
    /// Risk or reconciliation stopped it; its results are complete up to there.
    Stopped,
    /// It failed; it has no tables.
    Failed,
}

/// The run in one object; fields in the order of the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The run's id.
    pub correlation_id: String,
    /// How it ended.
    pub status: RunStatus,
    /// The strategy's name.
    pub strategy: String,
    /// Content hash of the script.
    pub script_version: String,
    /// Hash of the merged configuration.
    pub config_hash: String,
    /// What the user called the run.
    pub tag: Option<String>,
    /// What it ran on.
    pub data: DataSummary,
    /// What the data was bent to, each stress with its start; none for data as it is.
    pub stress: Vec<String>,
    /// Steps made, the first included.
    pub steps: u64,
    /// Times that the strategy was asked.
    pub decisions: u64,
    /// Decisions after the first entry whose plan led to a confirmed trade or lending order.
    pub rebalances: u64,
    /// Orders sent.
    pub orders: u64,
    /// Equity at the start, share class.
    #[serde(serialize_with = "money")]
    pub initial_equity: Value,
    /// Equity at the end, share class.
    #[serde(serialize_with = "money")]
    pub final_equity: Value,
    /// Equity at the start and at the end in US dollars, where a stress takes the quote token off its peg.
    #[serde(serialize_with = "both")]
    pub equity_in_usd: Option<[Value; 2]>,
    /// What would be left at the end after closing everything, share class.
    #[serde(serialize_with = "money")]
    pub liquidation_value: Value,
    /// What owners brought after the start, share class.
    #[serde(serialize_with = "money")]
    pub deposited: Value,
    /// What they were paid, positive, share class.
    #[serde(serialize_with = "money")]
    pub withdrawn: Value,
    /// Each withdrawal: those that were paid in the order of their payment, then those that wait.
    pub withdrawals: Vec<WithdrawalSummary>,
    /// Return over the run, a fraction, capital flows taken out.
    pub total_return: Option<f64>,
    /// Return a year of 365 days, compounded, a fraction; absent for runs of less than a year, which are not annualised.
    pub annualised_return: Option<f64>,
    /// Standard deviation of daily returns, annualised, a fraction.
    pub volatility: Option<f64>,
    /// Mean over deviation of daily returns, annualised, no risk-free rate.
    pub sharpe: Option<f64>,
    /// The same over downward deviation.
    pub sortino: Option<f64>,
    /// Largest 1 − share value ÷ its highest before, the capital among them: the largest `drawdown` of `equity.csv`. A
    /// positive fraction; 0 where it never fell.
    pub max_drawdown: Option<f64>,
    /// Profit by cause over the run, share class; gains positive.
    #[serde(serialize_with = "by_cause")]
    pub attribution: Attribution,
    /// Change of equity less flows that the causes do not explain, share class.
    #[serde(serialize_with = "money")]
    pub residual: Value,
    /// Trading and withdrawal fees paid, positive, share class.
    #[serde(serialize_with = "money")]
    pub fees: Value,
    /// Gas paid, positive, share class.
    #[serde(serialize_with = "money")]
    pub gas: Value,
    /// Lowest health factor; absent where nothing was borrowed.
    #[serde(serialize_with = "measure")]
    pub worst_health_factor: Option<Decimal>,
    /// Lowest margin ratio of any venue; absent where no perp was held.
    #[serde(serialize_with = "measure")]
    pub worst_margin_ratio: Option<Decimal>,
    /// Net delta of the asset over equity where a step ended farthest from zero, signed; absent where the mode sets no limit.
    #[serde(serialize_with = "measure")]
    pub worst_delta_drift: Option<Decimal>,
    /// Hours of the steps that ended with it beyond `risk.delta_drift`; absent where the mode sets no limit.
    pub delta_drift_beyond_h: Option<f64>,
    /// Hours of the steps whose strictest risk level was this, as in `risk_metrics.csv`.
    pub risk_level_h: LevelHours,
    /// What stood unhedged of legs that go together: its notional times seconds, quote token.
    #[serde(serialize_with = "plain")]
    pub unhedged_notional_seconds: Decimal,
    /// The most of it at a time, quote token.
    #[serde(serialize_with = "plain")]
    pub worst_unhedged_notional: Decimal,
    /// The longest that something of a group stood without a break, seconds.
    #[serde(serialize_with = "plain")]
    pub worst_unhedged_seconds: Decimal,
    /// Where the time went.
    pub timings: Timings,
    /// Largest memory of the process, MiB; absent where the system does not tell.
    pub peak_rss_mb: Option<f64>,
    /// What a reader of the figures should know, in sentences.
    pub warnings: Vec<String>,
}

/// For how long each risk level stood, in hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LevelHours {
    /// A limit was near.
    pub warn: f64,
    /// Only what makes smaller was let through.
    pub reduce: f64,
    /// The strategy had to leave.
    pub exit: f64,
}

/// What became of a withdrawal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WithdrawalSummary {
    /// When it was asked for.
    #[serde(serialize_with = "time")]
    pub asked_at: Timestamp,
    /// The key that it is paid from.
    pub key: String,
    /// `fast` or `slow`; what a fast one could not be paid at once waits as a slow one of its own.
    pub speed: &'static str,
    /// Tokens asked for.
    #[serde(serialize_with = "plain")]
    pub asked: Decimal,
    /// Tokens paid; `null` while it waits.
    #[serde(serialize_with = "measure")]
    pub paid: Option<Decimal>,
    /// What unwinding for it has cost so far, which the leaver bears; share class, positive.
    #[serde(serialize_with = "money")]
    pub cost: Value,
    /// Hours from the asking to the payment, or to the end of the run.
    pub waited_h: f64,
}

/// What a run ran on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataSummary {
    /// The folder.
    pub dir: String,
    /// Whether the prices are invented.
    pub synthetic: bool,
    /// First step.
    #[serde(serialize_with = "time")]
    pub from: Timestamp,
    /// Last step.
    #[serde(serialize_with = "time")]
    pub to: Timestamp,
    /// The last step that was made: earlier where the run was stopped.
    #[serde(serialize_with = "time")]
    pub ended_at: Timestamp,
    /// Why it is this range, in words: `as asked for`, or what the data said where no end was named.
    pub range: String,
    /// Gaps inside the range, in words.
    pub gaps: Vec<String>,
    /// Series that another one stood in for, in words.
    pub proxies: Vec<String>,
    /// What was assumed where the data is silent, in words.
    pub assumed: Vec<String>,
}

/// Where the time of a run went, in seconds of this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Timings {
    /// Reading configuration and data.
    pub load_s: f64,
    /// Building the run.
    pub setup_s: f64,
    /// All steps.
    pub run_s: f64,
    /// Ending the records.
    pub write_s: f64,
}

impl Summary {
    /// The object as indented JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a struct of texts and numbers always serialises")
    }

    /// Writes `summary.json` into a folder, whole or not at all. To be done last: who finds it finds complete results.
    ///
    /// # Errors
    /// LOG-001 when it cannot be written.
    pub fn write(&self, results: &Path) -> Result<(), Coded> {
        write_json(&results.join("summary.json"), self)
    }
}

fn money<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn both<S: Serializer>(values: &Option<[Value; 2]>, serializer: S) -> Result<S::Ok, S::Error> {
    match values {
        Some(values) => serializer.collect_seq(values.map(|value| value.to_string())),
        None => serializer.serialize_none(),
    }
}

fn measure<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(&value.normalize()),
        None => serializer.serialize_none(),
    }
}

fn plain<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&number.normalize())
}

fn time<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

fn by_cause<S: Serializer>(attribution: &Attribution, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (cause, value) in attribution.iter() {
        map.serialize_entry(cause.text(), &value.to_string())?;
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::PnlCause;

    fn value(text: &str) -> Value {
        Value::new(text.parse().unwrap())
    }

    fn summary() -> Summary {
        let mut attribution = Attribution::default();
        attribution[PnlCause::Funding] = value("512.50");
        attribution[PnlCause::Fees] = value("-120.25");
        Summary {
            correlation_id: "c0ffee".into(),
            status: RunStatus::Done,
            strategy: "btc_basis".into(),
            script_version: "5c21".into(),
            config_hash: "abcd".into(),
            tag: None,
            data: DataSummary {
                dir: "data/sample".into(),
                synthetic: true,
                from: "2024-06-01".parse().unwrap(),
                to: "2024-06-30T23:00Z".parse().unwrap(),
                ended_at: "2024-06-30T23:00Z".parse().unwrap(),
                range: "as asked for".into(),
                gaps: vec![],
                proxies: vec![],
                assumed: vec![],
            },
            stress: vec![],
            steps: 720,
            decisions: 720,
            rebalances: 1,
            orders: 9,
            initial_equity: value("100000.00"),
            final_equity: value("100392.25"),
            equity_in_usd: None,
            liquidation_value: value("100300"),
            deposited: Value::ZERO,
            withdrawn: Value::ZERO,
            withdrawals: vec![],
            total_return: Some(0.003_922_5),
            annualised_return: Some(0.0489),
            volatility: Some(0.01),
            sharpe: None,
            sortino: None,
            max_drawdown: Some(0.001),
            attribution,
            residual: value("0.000"),
            fees: value("120.25"),
            gas: value("0"),
            worst_health_factor: None,
            worst_margin_ratio: Some("0.310".parse().unwrap()),
            worst_delta_drift: Some("-0.0310".parse().unwrap()),
            delta_drift_beyond_h: Some(2.0),
            risk_level_h: LevelHours { warn: 3.0, ..LevelHours::default() },
            unhedged_notional_seconds: "1950.0".parse().unwrap(),
            worst_unhedged_notional: "39000".parse().unwrap(),
            worst_unhedged_seconds: "0.050".parse().unwrap(),
            timings: Timings::default(),
            peak_rss_mb: None,
            warnings: vec!["the data is synthetic".into()],
        }
    }

    #[test]
    fn fields_stand_in_the_order_of_the_specification() {
        let json = summary().to_json();
        let names: Vec<&str> =
            json.lines().filter_map(|line| line.strip_prefix("  \"")?.split('"').next()).collect();
        let expected = "correlation_id status strategy script_version config_hash tag data stress steps decisions rebalances \
            orders initial_equity final_equity equity_in_usd liquidation_value deposited withdrawn withdrawals total_return annualised_return \
            volatility sharpe sortino max_drawdown attribution residual fees gas worst_health_factor worst_margin_ratio \
            worst_delta_drift delta_drift_beyond_h risk_level_h unhedged_notional_seconds worst_unhedged_notional worst_unhedged_seconds timings peak_rss_mb warnings";
        assert_eq!(names, expected.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn money_is_text_and_statistics_are_numbers() {
        let folder = tempfile::tempdir().unwrap();
        summary().write(folder.path()).unwrap();
        let text = std::fs::read_to_string(folder.path().join("summary.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["status"], "done");
        assert_eq!(json["initial_equity"], "100000");
        assert_eq!(json["attribution"]["funding"], "512.5");
        assert_eq!(json["attribution"].as_object().unwrap().len(), 13);
        assert_eq!(json["residual"], "0");
        assert_eq!(json["worst_margin_ratio"], "0.31");
        assert_eq!(json["worst_delta_drift"], "-0.031");
        assert_eq!(json["delta_drift_beyond_h"], 2.0);
        assert_eq!(json["risk_level_h"]["warn"], 3.0);
        assert_eq!(json["unhedged_notional_seconds"], "1950");
        assert_eq!(json["worst_unhedged_seconds"], "0.05");
        assert_eq!(json["total_return"], 0.003_922_5);
        assert!(json["sharpe"].is_null());
        assert_eq!(json["data"]["from"], "2024-06-01T00:00:00Z");
    }
}
