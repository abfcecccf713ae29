//! What stresses are, in words. Every number is taken from the catalogue, so that what is told is what is done.

use crate::types::Span;

use super::catalogue::Shock;

/// What happens, in a sentence.
pub(super) fn sentence(shock: Shock, lasts: Option<Span>) -> String {
    let time = lasts.map_or(String::new(), length);
    match shock {
        Shock::Prices { percent } => {
            let moves = if percent < 0 { "fall" } else { "rise" };
            format!("The prices of all coins {moves} by {} % within {time}.", percent.abs())
        }
        Shock::Quote { percent } => {
            format!("The quote token, USDT, falls to {percent} US cents within {time}.")
        }
        Shock::MarketRate { percent } => {
            format!("Staking tokens are sold {} % below their market for {time}.", percent.abs())
        }
        Shock::Slash { percent } => {
            format!("Staking tokens are slashed by {percent} %, for good.")
        }
        Shock::Funding { percent_a_year } => {
            format!(
                "All perps pay funding of {percent_a_year} % a year for {time}: shorts pay longs."
            )
        }
        Shock::BorrowRate { percent_a_year } => {
            format!("Debts grow by {percent_a_year} % a year for {time}.")
        }
        Shock::Drained { percent_a_year } => format!(
            "All of every lending reserve is lent out for {time}, at {percent_a_year} % a year: nothing can be withdrawn or borrowed."
        ),
        Shock::Gas { times } => format!("Gas costs {times} times as much for {time}."),
        Shock::Down => format!("A venue is down for {time}."),
        Shock::Fills { percent } => {
            format!("An exchange fills {percent} % of each order for {time}.")
        }
        Shock::Deleverage => {
            "An exchange closes the largest short without being asked, once.".to_owned()
        }
        Shock::Stale => {
            format!("Reference prices and protocol rates stand still for {time}.")
        }
        Shock::Thresholds { points } => format!(
            "The largest loan-to-value and the liquidation threshold of collateral fall by {points} points, for good."
        ),
    }
}

/// What exactly is changed, what is not, and what comes after.
pub(super) fn details(shock: Shock, lasts: Option<Span>) -> String {
    let time = lasts.map_or(String::new(), length);
    of_numbers(shock, &time).or_else(|| of_venues(shock, &time)).unwrap_or_default()
}

/// The details of a stress that changes numbers of the data.
fn of_numbers(shock: Shock, time: &str) -> Option<String> {
    let told = match shock {
        Shock::Prices { percent } => format!(
            "Every candle that the run reads, of spot, perps and references, of BTC as of ETH, moves by the same factor of its time: \
             1 at the start, {} at the end, in between a straight line in its logarithm. A bar's open moves by the factor of its \
             opening and its close by that of its end; its high by the larger of the two, its low by the smaller. The price goes on \
             from the new level. Volume, funding and what staking tokens are worth in ETH stay.",
            factor(100 + percent, 100)
        ),
        Shock::Quote { percent } => format!(
            "All prices are told in the quote token, so all rise by 1/{} on the way of a price stress over {time}, and stay. Amounts of \
             the quote token stay what they are; what they are worth in dollars is told beside equity in the report and as \
             `equity_in_usd` in `summary.json`. Before the stress a quote token counts as a dollar.",
            factor(percent, 100)
        ),
        Shock::MarketRate { percent } => format!(
            "What a staking token is sold for is {} times what it was, from the first hour on, and after {time} what it was again. What \
             it is worth by its protocol stays: equity does not fall, what would be left if all were sold does.",
            factor(100 + percent, 100)
        ),
        Shock::Slash { percent } => format!(
            "The protocol's rate and what the token is sold for are {} times what they were, from the start on. A snapshot is added \
             at the start, so that the fall is known at once. What waits in a queue was fixed before and is paid whole.",
            factor(100 - percent, 100)
        ),
        Shock::Funding { percent_a_year } => format!(
            "Each payment after the start pays {percent_a_year} % · (time since the payment before, 8 hours at most) / 365 days, \
             whatever it paid. One that is due at the start is for the time before and stays. After {time} payments are as they were. \
             Prices stay."
        ),
        Shock::BorrowRate { percent_a_year } => format!(
            "Reserves of plain tokens: told rates and indices. The debt index grows by {percent_a_year} % a year from the start on; \
             the supply index at the rate that the same utilisation and the reserve factor of the data (supply rate / (borrow rate · \
             utilisation)) give. Totals stay. Afterwards both grow as they did in the data, from where they are. Reserves of staking \
             tokens stay as they are: they are collateral, and hardly borrowed."
        ),
        Shock::Drained { percent_a_year } => format!(
            "Totals of all reserves say that as much is owed as is supplied, and the pool gives nothing out, ours neither; a supply, a \
             repayment and a liquidation go on. Reserves of plain tokens pay {percent_a_year} % a year meanwhile, near the end of the \
             usual rate curves, and their suppliers that less the reserve factor. After {time} totals and growth are those of the data."
        ),
        Shock::Gas { times } => format!(
            "Gas prices of the hours within are {times} times what they were. The run goes by the hour before, so it pays from the \
             second hour on."
        ),
        _ => return None,
    };
    Some(told)
}

/// The details of one that changes what venues do and say.
fn of_venues(shock: Shock, time: &str) -> Option<String> {
    let told = match shock {
        Shock::Down => format!(
            "The mode's first exchange; where it has none its first venue that lends, else the first that stakes. Orders are refused, \
             a transaction with a leg there as a whole, and questions not answered. The markets of an exchange have no bars \
             meanwhile: nothing trades, triggers or is liquidated there, and the gap is valued as any other (by the series that \
             stands in, else at the last price). Funding is paid. After {time} it is back at the prices of the data."
        ),
        Shock::Fills { percent } => format!(
            "The mode's first exchange fills {percent} % of every order, in whole lots and one at least, and cancels the rest. Prices \
             and other venues stay."
        ),
        Shock::Deleverage => {
            "Auto-deleveraging: of all exchanges the one with the largest short by notional closes it whole at its price of that step, \
             without a fee. It happens at the first step from the start on at which there is a short; a run that never had one says so."
                .to_owned()
        }
        Shock::Stale => format!(
            "The candles that price tokens have no rows meanwhile, so a token keeps its last price, and a protocol's rate stands still; \
             after {time} both are at once what they are in the data. Markets that are traded have prices of their own, which go on, \
             as does what staking tokens are sold for."
        ),
        Shock::Thresholds { points } => format!(
            "In efficiency modes and outside, at every venue that lends, by {} each; bonus and caps stay. It is not announced: it holds \
             from the start on, and who is then below a health factor of 1 is liquidated in that hour. It is the worst case; \
             governance usually gives days.",
            factor(points, 100)
        ),
        _ => return None,
    };
    Some(told)
}

/// What a mode must have that the stress does something to.
pub(super) const fn needs(shock: Shock) -> &'static str {
    match shock {
        Shock::Prices { .. } | Shock::Quote { .. } => "price",
        Shock::MarketRate { .. } => "market of a staking token",
        Shock::Slash { .. } => "staking token",
        Shock::Funding { .. } => "funding",
        Shock::BorrowRate { .. } => "lending reserve of a plain token",
        Shock::Drained { .. } => "lending reserve",
        Shock::Gas { .. } => "price of gas",
        Shock::Down => "venue that trades, lends or stakes",
        Shock::Fills { .. } => "exchange",
        Shock::Deleverage => "perp to be short of",
        Shock::Stale => "reference price or protocol rate",
        Shock::Thresholds { .. } => "debt",
    }
}

/// A length in the largest unit that fits: `6 hours`, `a day`, `a week`, `30 days`.
pub(super) fn length(span: Span) -> String {
    let hours = span.ms() / Span::from_hours(1).ms();
    match hours {
        24 => "a day".to_owned(),
        168 => "a week".to_owned(),
        _ if hours % 24 == 0 => format!("{} days", hours / 24),
        _ => format!("{hours} hours"),
    }
}

fn factor(whole: i64, of: i64) -> String {
    let factor = rust_decimal::Decimal::from(whole) / rust_decimal::Decimal::from(of);
    factor.normalize().to_string()
}
