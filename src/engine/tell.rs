//! Orders in words, for refusals and alarms.

use crate::types::{MarketKind, Operation, Order, Side, Universe};

/// An order in words, with its place in the script.
pub(super) fn tell(universe: &Universe, order: &Order) -> String {
    let place = if order.origin.line == 0 {
        String::new()
    } else {
        format!(" at {}:{}", order.origin.file, order.origin.line)
    };
    let what = match order.operation {
        Operation::SpotTrade { market, side } | Operation::PerpTrade { market, side } => {
            let market = universe.market(market);
            let kind = if market.kind == MarketKind::Spot { "spot" } else { "perp" };
            let side = if side == Side::Buy { "buy" } else { "sell" };
            format!(
                "{kind}_{side} of {} {} {}",
                order.amount.expected,
                universe.venue(market.venue).name,
                market.symbol
            )
        }
        Operation::Protect { market, .. } => {
            format!("protect of {}", universe.market(market).symbol)
        }
        Operation::Transfer { from, to } => format!(
            "transfer of {} from {} to {}",
            order.amount.expected,
            universe.instrument(from).name,
            universe.instrument(to).name
        ),
        Operation::Wrap { from, .. } => {
            let token = universe.instrument(from).token;
            let name = if universe.base(token) == token { "wrap" } else { "unwrap" };
            format!("{name} of {} {}", order.amount.expected, universe.token(token))
        }
        _ => {
            let counted = order.operation.counted_in(universe);
            let token = counted.map_or("", |key| universe.token(universe.instrument(key).token));
            let venue = &universe.venue(order.operation.venue(universe)).name;
            let name = order.operation.name();
            format!("{name} of {} {token} at {venue}", order.amount.expected)
        }
    };
    format!("{what}{place}")
}
