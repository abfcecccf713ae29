//! The twelve kinds of events, one JSONL file each.

use super::plan::RecordLevel;

/// A kind of event; its text is its file's stem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// Balances and perp positions by key.
    Positions,
    /// Net delta and value by token.
    Exposures,
    /// The risk level and what it was measured on.
    RiskAssessments,
    /// Equity, profit and its causes at the end of a step.
    PnlCalculations,
    /// Orders as they are sent.
    Orders,
    /// What became of orders.
    OperationExecutions,
    /// What became of atomic groups.
    AtomicGroups,
    /// Promised against actual deltas.
    ExecutionDeltas,
    /// Our books against the venue's.
    Reconciliations,
    /// Passes of the tight loop.
    TightLoops,
    /// What the strategy answered, and why.
    StrategyDecisions,
    /// What the recorder itself did to its files.
    EventLoggerOperations,
}

impl EventKind {
    /// All kinds, in the order of the documents.
    pub const ALL: [Self; 12] = [
        Self::Positions,
        Self::Exposures,
        Self::RiskAssessments,
        Self::PnlCalculations,
        Self::Orders,
        Self::OperationExecutions,
        Self::AtomicGroups,
        Self::ExecutionDeltas,
        Self::Reconciliations,
        Self::TightLoops,
        Self::StrategyDecisions,
        Self::EventLoggerOperations,
    ];

    /// The stem of the kind's file and its name in `event_logger_operations`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Positions => "positions",
            Self::Exposures => "exposures",
            Self::RiskAssessments => "risk_assessments",
            Self::PnlCalculations => "pnl_calculations",
            Self::Orders => "orders",
            Self::OperationExecutions => "operation_executions",
            Self::AtomicGroups => "atomic_groups",
            Self::ExecutionDeltas => "execution_deltas",
            Self::Reconciliations => "reconciliations",
            Self::TightLoops => "tight_loops",
            Self::StrategyDecisions => "strategy_decisions",
            Self::EventLoggerOperations => "event_logger_operations",
        }
    }

    /// Whether a level keeps this kind. `Decisions` leaves out the four that are written every step whatever happens.
    pub const fn is_kept_at(self, level: RecordLevel) -> bool {
        match level {
            RecordLevel::Full => true,
            RecordLevel::Decisions => !matches!(
                self,
                Self::Positions | Self::Exposures | Self::RiskAssessments | Self::PnlCalculations
            ),
            RecordLevel::None => false,
        }
    }

    /// The kind as an index into a table of all kinds.
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}
