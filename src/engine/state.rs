//! The engine's whole state: plain data that equals the fold of the journal.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::portfolio::{Books, Holding, Ledger, Left, Shares, Unhedged};
use crate::types::chain::Draw;
use crate::types::{
    Coded, KeyId, PlanId, Quantity, RunTag, Span, Timestamp, Universe, Value, VenueId,
};

use super::capital::{Paid, Withdrawal};
use super::plan_run::PlanRun;
use super::step_view::Pending;
use super::strategy::Memory;

/// Everything that a run remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// What all order ids of the run begin with.
    pub run: RunTag,
    /// Whether the run trades, leaves or has ended.
    pub phase: Phase,
    /// While the run leaves: how far the strategy's exit has come.
    pub progress: Progress,
    /// Time of the last input.
    pub now: Timestamp,
    /// Time of the last input that was not a restart: since then nobody has listened.
    pub heard_at: Timestamp,
    /// Steps taken.
    pub steps: u64,
    /// What we hold, by our own account.
    pub books: Books,
    /// Profit by cause.
    pub ledger: Ledger,
    /// The open step: not recorded yet, because its plan has not ended.
    pub open_step: Option<Timestamp>,
    /// Equity at the end of the last recorded step.
    pub recorded_equity: Value,
    /// Highest value of a share at the opening and of all recorded steps, as far as snapshots have told it.
    pub peak: Value,
    /// Plans that have not ended: the active one, and those past their deadline with an order in flight.
    pub plans: Vec<PlanRun>,
    /// What plans that have ended left unhedged, one for each coin.
    pub left: Vec<Left>,
    /// The plan that blocks new decisions.
    pub active: Option<PlanId>,
    /// Plans begun so far.
    pub plans_begun: u32,
    /// Plans in a row of which nothing was executed.
    pub failures: u32,
    /// What is to be kept in the wallet and was found to be low.
    pub low: Low,
    /// Before this nothing that adds exposure is sent, because of them.
    pub adds_from: Timestamp,
    /// Keys where the venue's number differed from ours by this after our own order: no new order may touch them until
    /// the difference is accepted or gone.
    pub locks: BTreeMap<KeyId, Quantity>,
    /// By venue: the time of the last change that we know of; an older report of balances says nothing.
    pub touched_at: Vec<Timestamp>,
    /// When all balances were last asked for while idle.
    pub observed_at: Option<Timestamp>,
    /// Transfers under way.
    pub pending: Vec<Pending>,
    /// References of settlements that were applied, by venue.
    pub seen: BTreeSet<(VenueId, u64)>,
    /// Differences seen while idle, not confirmed yet.
    pub suspected: BTreeMap<KeyId, Suspicion>,
    /// Differences posted as external, newest last; a late settlement that explains one takes it back.
    pub external: Vec<(KeyId, Holding)>,
    /// What swaps have drawn from the pools since the last tick.
    pub draws: Vec<Draw>,
    /// The strategy's memory.
    pub memory: Memory,
    /// Withdrawals that are asked for and not paid.
    pub flows: Vec<Withdrawal>,
    /// Flows of the configuration that were taken.
    pub scheduled: usize,
    /// Shares of the capital.
    pub shares: Shares,
    /// The operator asked to leave.
    pub wind_down: bool,
    /// Counts and extremes of the run.
    pub tally: Tally,
}

/// A difference between the books and a venue that was seen while idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspicion {
    /// What the venue holds more than the books; zero where what was posted as external is looked at once more.
    pub difference: Quantity,
    /// How often it was seen, by answers each newer than the one before.
    pub seen: u32,
    /// The time of the last of them.
    pub as_of: Timestamp,
}

/// Whether the run trades, leaves or has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The strategy decides.
    Trading,
    /// The strategy's exit is called until it holds, because of this.
    Leaving(Coded),
    /// Nothing more happens.
    Ended(End),
}

/// What was found to be low, so that it is said once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Low {
    /// Less than half of the reserve lies in the wallet.
    pub reserve: bool,
    /// Less than half of the gas tank does.
    pub tank: bool,
    /// A plan waits for gas.
    pub gas: bool,
}

/// How far a strategy's exit has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// When the leaving began.
    pub(super) since: Timestamp,
    /// By position: how small it has become since then.
    pub(super) least: BTreeMap<KeyId, Quantity>,
    /// Plans in a row that made no position smaller than it ever was.
    pub(super) idle: u32,
    /// When the first plan of these began that met something which passes by itself.
    pub(super) kept_from: Option<Timestamp>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It came to its last step.
    Done,
    /// Risk or reconciliation stopped it.
    Stopped(Coded),
    /// It failed: a script error, an invalid order, a broken invariant.
    Failed(Coded),
}

/// Counts and extremes of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Decisions asked of the strategy.
    pub decisions: u64,
    /// Decisions after the first entry whose plan led to a confirmed trade.
    pub rebalances: u64,
    /// Whether the first entry has been made.
    pub has_entered: bool,
    /// Orders handed to the shell.
    pub orders: u64,
    /// Notional traded, in quote, spot and perps.
    pub turnover: Decimal,
    /// Lowest margin ratio of any venue.
    pub worst_margin_ratio: Option<Decimal>,
    /// Lowest health factor of any lending venue.
    pub worst_health_factor: Option<Decimal>,
    /// Net delta of the asset over equity where it was farthest from zero at the end of a step, signed.
    pub worst_delta_drift: Decimal,
    /// How long steps ended with it beyond its limit.
    pub drift_beyond: Span,
    /// How long the strictest risk level of steps was `warn`.
    pub at_warn: Span,
    /// The same of `reduce`.
    pub at_reduce: Span,
    /// The same of `exit`.
    pub at_exit: Span,
    /// Largest residual of the attribution, without its sign, as a fraction of equity.
    pub worst_residual: Decimal,
    /// Sum of all residuals.
    pub residual: Value,
    /// Profit since the start.
    pub profit: Value,
    /// Equity at the first step.
    pub initial_equity: Value,
    /// Plans begun that make smaller or leave.
    pub reductions: u64,
    /// Times that a plan left no position open.
    pub emptied: u64,
    /// Liquidations by venues.
    pub liquidations: u64,
    /// What owners have brought since.
    pub deposited: Value,
    /// What they have been paid.
    pub withdrawn: Value,
    /// The withdrawals that it was paid for, oldest first.
    pub paid: Vec<Paid>,
    /// Alarms raised.
    pub alarms: u64,
    /// What stood unhedged in the plans that have ended, and after them as far as it is counted.
    pub unhedged: Unhedged,
}

impl State {
    /// The state before the first step: nothing is held.
    pub fn new(run: RunTag, universe: &Universe) -> Self {
        Self {
            run,
            phase: Phase::Trading,
            progress: Progress::default(),
            now: Timestamp::from_ms(i64::MIN / 4),
            heard_at: Timestamp::from_ms(i64::MIN / 4),
            steps: 0,
            books: Books::new(universe),
            ledger: Ledger::new(universe),
            open_step: None,
            recorded_equity: Value::ZERO,
            peak: Value::ZERO,
            plans: Vec::new(),
            left: Vec::new(),
            active: None,
            plans_begun: 0,
            failures: 0,
            low: Low::default(),
            adds_from: Timestamp::from_ms(i64::MIN / 4),
            locks: BTreeMap::new(),
            touched_at: vec![Timestamp::from_ms(i64::MIN / 4); universe.venues().len()],
            observed_at: None,
            pending: Vec::new(),
            seen: BTreeSet::new(),
            suspected: BTreeMap::new(),
            external: Vec::new(),
            draws: Vec::new(),
            memory: Memory::default(),
            flows: Vec::new(),
            scheduled: 0,
            shares: Shares::default(),
            wind_down: false,
            tally: Tally::default(),
        }
    }

    /// Whether nothing more will happen.
    pub fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_))
    }

    /// The plan that blocks new decisions.
    pub fn active_plan(&self) -> Option<&PlanRun> {
        let active = self.active?;
        self.plans.iter().find(|plan| plan.id == active)
    }
}
