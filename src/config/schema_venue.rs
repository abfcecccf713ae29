//! What may stand in a venue's file, and below its name in a mode: the keys of the list in `schema`.

use super::schema::Shape::{self, Each, List, Map, Scalar};
use super::schema::keys;

/// A venue's file, and what a mode may override of it.
pub(super) static VENUE: Shape = Map(keys! {
    "kind": Scalar, "word", "`wallet`, `exchange`, `lending`, `staking`, `dex` (pools), `flash` (flash loans) or `bundler`.";
    "tokens": Each(&Map(keys! {
        "decimals": Scalar, "places", "Places behind the point to which its balances are kept.";
    })), "", "What lies there. Tokens on chain lie in the wallet whatever the protocol.";
    "markets": Map(keys! {
        "spot": MARKET, "", "Coins against the quote token.";
        "perp": MARKET, "", "Perpetual futures.";
    }), "", "What is traded there.";
    "margin": MARGIN, "", "How positions are margined.";
    "transfers": Each(&Map(keys! {
        "fee": Scalar, "token", "What sending costs.";
        "minutes": Scalar, "minutes", "Until it has arrived.";
    })), "", "Ways out of the venue, by token.";
    "gas": GAS, "", "What transactions cost.";
    "reserves": Each(&Map(keys! {
        "collateral": List(&COLLATERAL), "", "What it is worth as collateral outside an efficiency mode, by date.";
        "supply_cap": Scalar, "token", "The most that all suppliers together may lend. Not set: no cap.";
    })), "", "What can be lent and borrowed there, by token.";
    "e_modes": Each(&E_MODE), "", "Efficiency modes, by name.";
    "e_mode": Scalar, "name", "The efficiency mode in which the account is. Set by the mode.";
    "supply": List(&Scalar), "tokens", "What the mode lends there. Set by the mode.";
    "borrow": List(&Scalar), "tokens", "What the mode borrows there; it must move with what is lent. Set by the mode.";
    "liquidation": Map(keys! {
        "close_factor": Scalar, "fraction of the debt", "What a liquidator may repay at a time.";
        "full_close_below": Scalar, "factor", "At this health factor and below all of it may be repaid.";
        "small_position": Scalar, "quote token", "So may all of it when debt or collateral are worth less than this.";
    }), "", "What happens below a health factor of 1.";
    "lst": Scalar, "token", "The staking token that the venue issues.";
    "queue_days": Scalar, "days", "From a request to its payout. Not set: only a swap leads out.";
    "rewards": Each(&REWARD), "", "What holders of the staking token are handed out on top, by token.";
    "swaps": Each(&SWAP), "", "Pools, by the token that is swapped against its base or another.";
    "flash": Map(keys! {
        "fee": Scalar, "fraction", "Of what is lent.";
        "tokens": List(&Scalar), "tokens", "What is lent within a transaction.";
    }), "", "Flash loans.";
    "impact": Map(keys! {
        "coefficient_bps": Scalar, "bps", "What an order of the size of the last closed bar moves the price by.";
        "power": Scalar, "exponent", "Of the order's size over that of the bar; 0.5 or above.";
    }), "", "How orders move the price.";
    "latency_ms": Scalar, "ms", "From sending to the venue's clock; the answer takes as long again.";
    "fill": Scalar, "word", "Where a market order fills: `open` of the step's own bar, or `next_open`.";
});

const GAS: Shape = Map(keys! {
    "token": Scalar, "token", "In what gas is paid: the chain's own coin.";
    "transfer_units": Scalar, "gas units", "For a transfer.";
    "wrap_units": Scalar, "gas units", "To wrap or to unwrap.";
    "supply_units": Scalar, "gas units", "To lend.";
    "withdraw_units": Scalar, "gas units", "To take back what was lent.";
    "borrow_units": Scalar, "gas units", "To borrow.";
    "repay_units": Scalar, "gas units", "To repay.";
    "stake_units": Scalar, "gas units", "To stake.";
    "unstake_units": Scalar, "gas units", "To leave by the queue.";
    "swap_units": Scalar, "gas units", "To swap.";
    "flash_borrow_units": Scalar, "gas units", "To take a flash loan.";
    "flash_repay_units": Scalar, "gas units", "To give it back.";
});

static COLLATERAL: Shape = Map(keys! {
    "as_of": Scalar, "time", "Since when the figures hold.";
    "ltv": Scalar, "debt over collateral", "Up to this new debt is given.";
    "threshold": Scalar, "debt over collateral", "Beyond this the account is liquidated.";
    "bonus": Scalar, "fraction", "What a liquidator gets beyond what was repaid.";
});

static E_MODE: Shape = Map(keys! {
    "collateral": List(&Scalar), "tokens", "What counts as collateral in it.";
    "borrow": List(&Scalar), "tokens", "What can be borrowed in it.";
    "rules": List(&COLLATERAL), "", "What collateral is worth in it, by date.";
});

static REWARD: Shape = Map(keys! {
    "distributions": Scalar, "series", "What each unit of the staking token's base was handed out, period by period.";
    "price": Scalar, "series", "Its candles, where the mode's `pricing` has none of it. They may begin later than the run.";
    "priced_in": Scalar, "token", "The token in which those are told.";
});

static SWAP: Shape = Map(keys! {
    "against": Scalar, "token", "What it is swapped against. Not set: its base, at what the market pays; else at the price of both.";
    "market_rate": Scalar, "series", "What the token is sold for, in its base.";
    "fee": Scalar, "fraction", "The pool's fee.";
    "costs": List(&SWAP_COST), "", "What a swap loses beside the fee, by its size.";
    "power": Scalar, "exponent", "Of size, by which the cost grows beyond the table; 0.5 or above.";
});

static SWAP_COST: Shape = Map(keys! {
    "size": Scalar, "quote token", "A size.";
    "bps": Scalar, "bps", "What a swap of that size loses.";
});

const MARKET: Shape = Map(keys! {
    "fee": Scalar, "fraction", "Of the notional of a fill.";
    "fee_asset": Scalar, "word", "In what the fee is taken: `quote`, or what is `received`. Of perps always the quote token.";
    "half_spread_bps": Scalar, "bps", "From the middle of the book to its best price.";
    "symbols": Each(&Map(keys! {
        "lot": Scalar, "coins", "Orders are multiples of it.";
        "min_notional": Scalar, "quote token", "The smallest order.";
    })), "", "What is listed.";
});

const MARGIN: Shape = Map(keys! {
    "cash": Scalar, "token", "In what margin and profit are counted.";
    "collateral_ratio": Each(&Scalar), "fraction", "What part of a coin's worth counts as margin.";
    "credit_limit": Scalar, "cash token", "How far cash may go below zero with `margin_mode: unified`.";
    "interest_free": Scalar, "cash token", "What costs no interest of it.";
    "interest_per_year": Scalar, "fraction a year", "What the rest costs.";
    "max_leverage": Scalar, "times", "The most notional over margin.";
    "liquidation_fee": Scalar, "fraction", "Of the notional that is liquidated.";
    "tiers": Each(&List(&TABLE)), "", "Maintenance margin by the size of a position, for each symbol.";
});

static TABLE: Shape = Map(keys! {
    "as_of": Scalar, "time", "Since when the table holds.";
    "tiers": List(&TIER), "", "Its tiers, ascending.";
});

static TIER: Shape = Map(keys! {
    "up_to": Scalar, "quote token", "The largest notional of the tier.";
    "rate": Scalar, "fraction", "Maintenance margin is notional × rate − deduction.";
    "deduction": Scalar, "quote token", "See the rate.";
});
