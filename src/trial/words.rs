//! How orders read: as a person would write them down, and as a test compares them.

use rust_decimal::Decimal;

use crate::sim::{FaultKind, Measure, Mishap};
use crate::types::{Operation, Side, Universe};

/// The name of the function that builds such an order: `spot_buy`, `supply`.
pub(super) fn verb(universe: &Universe, operation: &Operation) -> &'static str {
    match operation {
        Operation::SpotTrade { side: Side::Buy, .. } => "spot_buy",
        Operation::SpotTrade { side: Side::Sell, .. } => "spot_sell",
        Operation::PerpTrade { side: Side::Buy, .. } => "perp_buy",
        Operation::PerpTrade { side: Side::Sell, .. } => "perp_sell",
        // Of the wrapped token its base is another.
        Operation::Wrap { from, .. } => {
            let token = universe.instrument(*from).token;
            if universe.base(token) == token { "wrap" } else { "unwrap" }
        }
        other => other.name(),
    }
}

/// What an order is about, in the order of its function's parameters: `binance BTCUSDT`, `wallet binance USDT`.
pub(super) fn objects(universe: &Universe, operation: &Operation) -> Vec<String> {
    let venue = || universe.venue(operation.venue(universe)).name.to_string();
    let token = |key| universe.token(universe.instrument(key).token).to_string();
    let reserve = |id| universe.token(universe.reserve(id).token).to_string();
    match *operation {
        Operation::SpotTrade { market, .. }
        | Operation::PerpTrade { market, .. }
        | Operation::Protect { market, .. } => {
            vec![venue(), universe.market(market).symbol.to_string()]
        }
        Operation::Transfer { from, to } => {
            let name = |key| universe.venue(universe.instrument(key).venue).name.to_string();
            vec![name(from), name(to), token(from)]
        }
        Operation::Wrap { .. } => Vec::new(),
        Operation::Supply { reserve: id }
        | Operation::Withdraw { reserve: id }
        | Operation::Borrow { reserve: id }
        | Operation::Repay { reserve: id }
        | Operation::FlashBorrow { reserve: id }
        | Operation::FlashRepay { reserve: id } => vec![venue(), reserve(id)],
        Operation::Stake { .. } | Operation::Unstake { .. } => vec![venue()],
        Operation::Swap { from, to, .. } => vec![venue(), token(from), token(to)],
    }
}

/// `spot_buy binance BTCUSDT 0.592`.
pub(super) fn sentence(universe: &Universe, operation: &Operation, amount: Decimal) -> String {
    let mut words = vec![verb(universe, operation).to_owned()];
    words.extend(objects(universe, operation));
    if !matches!(operation, Operation::Protect { .. }) {
        words.push(amount.normalize().to_string());
    }
    words.join(" ")
}

/// The words by which mishaps are ordered.
const MISHAPS: [(FaultKind, &str); 8] = [
    (FaultKind::Rejected, "reject"),
    (FaultKind::AnswerLost, "time_out"),
    (FaultKind::RequestLost, "lose"),
    (FaultKind::ObservationStale, "stale"),
    (FaultKind::ObservationMislabelled, "lie"),
    (FaultKind::PartialFill, "fill_part"),
    (FaultKind::AnswerDelayed, "delay"),
    (FaultKind::Reverted, "revert"),
];

/// `time_out("binance")`, as it was ordered.
pub(super) fn mishap(universe: &Universe, mishap: &Mishap) -> String {
    let word = MISHAPS.iter().find(|(kind, _)| *kind == mishap.kind).map_or("?", |(_, word)| word);
    match (mishap.venue, mishap.measure) {
        (Some(venue), _) => format!("{word}(\"{}\")", universe.venue(venue).name),
        (None, Measure::Leg(leg)) => format!("{word}({})", leg + 1),
        (None, _) => word.to_owned(),
    }
}

/// `liquidate("aave_v3")`, as it was ordered.
pub(super) fn liquidation(venue: &str) -> String {
    format!("liquidate(\"{venue}\")")
}
