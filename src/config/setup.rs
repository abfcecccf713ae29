//! The validated configuration of one run: what the program means, not what the user typed.

use std::path::PathBuf;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::types::{
    KeyId, MarketId, Notional, Quantity, Rate, ReserveId, RewardId, Span, Timestamp, TokenId,
    Universe, Value,
};

/// Everything that is settled before the first step. Built by [`crate::config`], shared by all parts of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The mode's name.
    pub mode: String,
    /// The script, when the strategy is one.
    pub script: Option<PathBuf>,
    /// The currency in which equity is told.
    pub share_class: ShareClass,
    /// The coin that the strategy is about.
    pub asset: TokenId,
    /// The token in which all prices are quoted: USDT.
    pub quote: TokenId,
    /// Venues, tokens, markets, keys.
    pub universe: Arc<Universe>,
    /// The length of a step.
    pub step: Span,
    /// First step; the longest range that all series serve when absent.
    pub from: Option<Timestamp>,
    /// Last step, inclusive.
    pub to: Option<Timestamp>,
    /// From this time on the strategy is asked to leave all positions in its own time.
    pub unwind_at: Option<Timestamp>,
    /// The subscribed series, in the order of their indices.
    pub series: Vec<SeriesSpec>,
    /// By token: from where its reference price in the quote token comes.
    pub pricing: Vec<Pricing>,
    /// What the script reads as `ctx.params`, in the order of the file.
    pub parameters: Vec<(String, Parameter)>,
    /// Capital at the start, in the share class.
    pub capital: Value,
    /// Where it lies.
    pub initial_balances: Vec<(KeyId, Quantity)>,
    /// Where the share class's token is at home: deposits arrive and withdrawals are paid there.
    pub home: KeyId,
    /// What owners bring and take during the run, in the order of their times.
    pub capital_flows: Vec<ScheduledFlow>,
    /// Share of equity kept in the wallet.
    pub reserve_ratio: Rate,
    /// ETH kept in the wallet for gas, bought at the start from the capital.
    pub gas_tank: Quantity,
    /// How many times the gas of its sale a reward must be worth to be sold.
    pub min_value_over_gas: Decimal,
    /// Limits that the engine watches.
    pub risk: RiskLimits,
    /// Rules of the tight loop.
    pub execution: ExecutionRules,
    /// Which costs are charged.
    pub costs: Costs,
    /// How simulated venues behave, by venue.
    pub conditions: Vec<VenueConditions>,
    /// Shown beside results, never acted on: yearly return and drawdown aimed at.
    pub target_apy: Rate,
    /// See `target_apy`.
    pub target_drawdown: Rate,
    /// What a missing funding payment is worth.
    pub missing_funding: MissingFunding,
    /// How signals of a model are taken.
    pub signal: SignalRules,
    /// SHA-256 of the merged configuration, hex.
    pub hash: String,
    /// The merged configuration as YAML, each value with its origin in a comment, for `inputs/`.
    pub merged: String,
}

/// The currency in which equity and profit are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareClass {
    /// Its name.
    pub name: String,
    /// Its token.
    pub token: TokenId,
    /// Places after the point in tables for people.
    pub decimals: u32,
}

/// Money that an owner will bring or take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledFlow {
    /// When.
    pub at: Timestamp,
    /// Tokens of the share class; positive is a deposit, negative a withdrawal.
    pub amount: Quantity,
    /// How a withdrawal is paid.
    pub speed: Speed,
}

/// How a withdrawal is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speed {
    /// At once out of what lies free, the reserve included; what that does not cover is unwound for.
    Fast,
    /// When the strategy has unwound for it.
    #[default]
    Slow,
}

impl Speed {
    /// The name in configurations.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Slow => "slow",
        }
    }
}

/// From where a token's reference price comes. The index is that of a subscribed series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pricing {
    /// It is the quote token, or has no price.
    #[default]
    None,
    /// Candles.
    Series(usize),
    /// Its base token's price, one for one.
    Base,
    /// Its base token's price at the rate of this series.
    Rated(usize),
    /// Candles that are told in another token, at that one's price.
    In(usize, TokenId),
}

/// A subscribed series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesSpec {
    /// `spot/binance_BTCUSDT`: folder and file stem without the interval.
    pub name: String,
    /// What it is to the run.
    pub role: SeriesRole,
    /// The series that stands in for it: whole where it is absent, by ratio in its gaps.
    pub proxy: Option<String>,
}

/// What a series is to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesRole {
    /// Candles of a spot market.
    Spot(MarketId),
    /// Candles of a perp market.
    Perp(MarketId),
    /// Funding payments of a perp market.
    Funding(MarketId),
    /// Candles that only price a token.
    Price(TokenId),
    /// Candles that price a token in another than the quote token; they may begin later than the run.
    PriceIn(TokenId),
    /// What a venue handed out to the holders of its staking token, period by period.
    Distributions(RewardId),
    /// Gas prices in gwei.
    Gas,
    /// Daily snapshots of a staking token's rate, in its base token.
    Rate(TokenId),
    /// What a staking token is sold for, in its base token.
    MarketRate(TokenId),
    /// Daily snapshots of a lending reserve.
    Reserve(ReserveId),
    /// What a model says of each bar.
    Signal,
}

/// How signals of a model are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalRules {
    /// A signal whose bar closed longer ago is none any more.
    pub max_age: Span,
    /// The largest share of a run's bars without a signal with which it begins, a fraction.
    pub max_missing: Rate,
    /// The service that is asked for them; without one they are a file of the data folder.
    pub service: Option<SignalService>,
}

/// A service that gives signals by HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalService {
    /// Where it is asked: `http://host:port/path`.
    pub url: String,
    /// The symbol that it is asked for.
    pub symbol: String,
    /// How long an answer is waited for.
    pub timeout: Span,
    /// Waits before the second, third, … time that a bar is asked for; then the bar has no signal.
    pub retry_backoff: Vec<Span>,
    /// How many bars are asked for at a time.
    pub at_once: usize,
}

/// A parameter of the script.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its value.
    pub value: ParamValue,
    /// Its unit, for people.
    pub unit: String,
    /// What a word may be; empty when it may be anything.
    pub one_of: Vec<String>,
}

/// A parameter's value.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamValue {
    /// A number; what YAML writes as a number is this unless declared integer.
    Decimal(Decimal),
    /// A number declared `type: integer`.
    Integer(i64),
    /// A word.
    Text(String),
    /// True or false.
    Flag(bool),
    /// A number by name, for example an allocation by venue.
    Map(Vec<(String, Decimal)>),
    /// Optional and not set.
    Unset,
}

/// Three thresholds of one measure; below each the level follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Below this: warn.
    pub warn: Decimal,
    /// Below this: reduce.
    pub reduce: Decimal,
    /// Below this: exit.
    pub exit: Decimal,
}

/// Limits that the engine watches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskLimits {
    /// Margin balance over position notional, at each exchange.
    pub margin_ratio: Option<Thresholds>,
    /// Collateral at its threshold over debt, at each lending venue where the mode borrows.
    pub health_factor: Option<Thresholds>,
    /// Net delta over equity beyond which a hedged mode is warned; `None` for modes that are not hedged.
    pub delta_drift: Option<Rate>,
    /// Fall of equity from its peak at which the run leaves and stops.
    pub emergency_drawdown: Rate,
    /// Data older than this: no new risk.
    pub max_age: Span,
    /// The largest notional of one order.
    pub max_order_notional: Option<Notional>,
}

/// Rules of the tight loop.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionRules {
    /// A plan ends within this.
    pub plan_timeout: Span,
    /// Worst fraction off the decision price, for orders that do not say.
    pub slippage: Rate,
    /// Waits between queries of an unknown order; the last is repeated.
    pub query_backoff: Vec<Span>,
    /// Waits after the first, second, third, … plan in a row of which nothing was executed; the last is repeated. Until it is
    /// over nothing that adds exposure is sent.
    pub failure_backoff: Vec<Span>,
    /// How long a request stays valid: "no such order" is final only after it.
    pub validity: Span,
    /// Tries of a ledger reconciliation before it has failed.
    pub reconcile_attempts: u32,
    /// Differences up to this many smallest units are dust.
    pub dust_units: u32,
    /// Attempts of one leg, the first included.
    pub max_attempts: u8,
    /// How often balances are compared while idle; `None` in a backtest, where the venues tell every change.
    pub observe_every: Option<Span>,
    /// What may stand unhedged of legs that belong together.
    pub leg_risk: LegRisk,
}

/// What may stand unhedged of legs that belong together before they are taken back instead of completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegRisk {
    /// The most that is still completed, in the quote token.
    pub max_notional: Notional,
    /// How long it is completed, from the first fill that stands alone.
    pub max_time: Span,
}

/// Which costs are charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Costs {
    /// Fees, spread, impact, gas, transfer fees.
    #[default]
    Full,
    /// Venue fees alone.
    Fees,
    /// None of them. Funding, interest and market prices remain.
    None,
}

/// At which price a market order of step t fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fill {
    /// At the open of the bar stamped t.
    #[default]
    Open,
    /// At the open of the next bar.
    NextOpen,
}

/// Price impact: fraction = coefficient × (coins / coins traded in the last closed bar) ^ power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impact {
    /// Fraction of the price when the order equals the bar's volume.
    pub coefficient: Rate,
    /// At least 0.5; never clamped.
    pub power: Decimal,
}

/// How a simulated venue behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VenueConditions {
    /// From sending to the venue's clock; the answer takes as long again.
    pub latency: Span,
    /// Price impact; `None` when costs are switched off.
    pub impact: Option<Impact>,
    /// At which price market orders fill.
    pub fill: Fill,
}

/// What a funding payment is worth that the data does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingFunding {
    /// The proxy's payment of the same stamp.
    #[default]
    Proxy,
    /// Nothing.
    Zero,
    /// The run is refused.
    Refuse,
}
