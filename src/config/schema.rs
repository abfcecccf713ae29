//! What may stand where in a configuration: the one list of all keys, each with what it means. Files are checked against it in
//! `forms`; `docs/configuration.md` is made of it. What stands below a venue is in `schema_venue`.

use super::faults::nearest;
pub(super) use super::schema_venue::VENUE;

/// What may stand at a place.
#[derive(Debug)]
pub(super) enum Shape {
    /// One value.
    Scalar,
    /// Values of one shape in order.
    List(&'static Shape),
    /// Any names, each with this below it.
    Each(&'static Shape),
    /// These names.
    Map(&'static [Key]),
}

/// A name that may stand in a map.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// What its number counts, or what else it is.
    pub(super) unit: &'static str,
    /// What it means, for people.
    pub(super) doc: &'static str,
}

/// Keys, one after the other: `"name": shape, "unit", "meaning";`
macro_rules! keys {
    ($($name:literal: $shape:expr, $unit:literal, $doc:literal;)*) => {
        &[$($crate::config::schema::Key { name: $name, shape: $shape, unit: $unit, doc: $doc }),*]
    };
}
pub(super) use keys;

use Shape::{Each, List, Map, Scalar};

/// The merged configuration, and each of the files but the venues'.
pub(super) static ROOT: Shape = Map(keys! {
    "script": Scalar, "path",
        "The strategy's script, told from the folder that holds `configs/`. A configuration that lies beside its script leaves it out.";
    "share_class": Scalar, "name",
        "The currency in which equity and profit are told: a file of `configs/share_classes/`.";
    "asset": Scalar, "token", "The coin that the strategy is about; one of those of the share class.";
    "quote": Scalar, "token", "The token in which all prices are told.";
    "step": Scalar, "span", "The length of a step and of a candle; it divides a day.";
    "from": Scalar, "time", "The first step. Not set: the longest range that all subscribed series serve.";
    "to": Scalar, "time", "The last step, inclusive.";
    "unwind_at": Scalar, "time",
        "From this step on the strategy is asked to leave all positions in its own time (`ctx.wind_down`).";
    "capital": Scalar, "share class", "Capital at the start. The share class proposes one.";
    "initial_balances": Each(&Scalar), "share class",
        "Where the capital lies at the start, by `venue.token`. Not set: all of it in the wallet.";
    "capital_flows": List(&Map(keys! {
        "at": Scalar, "time", "The first step that sees it; after the run's first.";
        "amount": Scalar, "share class", "How much, positive.";
        "kind": Scalar, "word", "`deposit` or `withdrawal`.";
        "speed": Scalar, "word",
            "Of a withdrawal. `fast`: after what was asked before it, at once out of what lies free, the reserve included, and what \
             that does not cover is unwound for; `slow`: the strategy unwinds for it, and it is paid when that lies there. What unwinding costs, the leaver bears.";
    })), "", "What owners bring and take during the run.";
    "markets": List(&Scalar), "words", "Which markets of the asset each exchange of the mode opens: `spot`, `perp`.";
    "margin_mode": Scalar, "word",
        "What counts as margin at exchanges. `unified`: coins with a haircut, and cash down to the credit limit; `usdt`: cash and \
         unrealised profit only.";
    "missing_funding": Scalar, "word",
        "What a funding payment is worth that the data does not have: `proxy` (that of the series that stands in), `zero`, or `refuse`.";
    "gas_tank": Scalar, "ETH", "Kept in the wallet for gas, bought at the start from the capital.";
    "signal": SIGNAL, "", "How signals of a model are taken (`ctx.signal()`), where the mode subscribes to `signals/…`.";
    "reserve": Map(keys! {
        "ratio": Scalar, "fraction of equity", "What is kept in the wallet.";
    }), "", "What is not put to work.";
    "rewards": Map(keys! {
        "enabled": Scalar, "true, false",
            "Whether what venues hand out to holders of their staking token is part of the run: by the distributions in the data.";
        "collateral_eligible": Scalar, "true, false", "Whether what is supplied as collateral earns it, too.";
        "delay_days": Scalar, "days",
            "From the end of a period until its tokens lie in the wallet, where the data has no date of payment.";
    }), "", "Tokens that are handed out; which ones is said by the venue.";
    "dust": Map(keys! {
        "min_value_over_gas": Scalar, "times",
            "How many times the gas of its sale a token that was handed out must be worth to be sold.";
    }), "", "What is too little to be sold.";
    "targets": Map(keys! {
        "apy": Scalar, "fraction a year", "The return that is aimed at.";
        "max_drawdown": Scalar, "fraction", "The drawdown that is aimed at; the stop of a run is derived from it.";
    }), "", "Shown beside results, never acted on but for the stop.";
    "share": SHARE, "", "What a share class is; written in its file.";
    "risk": RISK, "", "Limits that the engine watches.";
    "execution": EXECUTION, "", "How plans are carried out.";
    "parameters": Each(&PARAMETER), "", "What the script reads as `ctx.params`.";
    "pricing": Each(&Scalar), "series or token", "What prices each token.";
    "subscriptions": Each(&Map(keys! {
        "proxy": Scalar, "series",
            "What stands in: whole where the series is absent, by the last common ratio in its gaps. Of the same folder.";
    })), "", "The series that are read from the data.";
    "venues": Each(&VENUE), "", "Where the strategy may act.";
});

const SHARE: Shape = Map(keys! {
    "token": Scalar, "token", "The token of the class.";
    "decimals": Scalar, "places", "Places behind the point in tables for people.";
    "market_neutral": Scalar, "true, false", "Whether its strategies keep clear of the market.";
    "assets": List(&Scalar), "tokens", "What its strategies may be about.";
});

const RISK: Shape = Map(keys! {
    "margin_ratio": THRESHOLDS, "margin over notional", "Margin balance over the notional of positions, at each exchange.";
    "health_factor": THRESHOLDS, "factor",
        "Collateral at its liquidation threshold over debt, where the mode borrows; below 1 the venue liquidates.";
    "delta_drift": Scalar, "fraction of equity",
        "Net delta beyond which a hedged mode is warned. Not set: the mode is not hedged.";
    "emergency_drawdown": Scalar, "fraction",
        "The fall of a share's value from its peak at which the run leaves and stops. Not set: the multiple below times `targets.max_drawdown`.";
    "emergency_drawdown_multiple": Scalar, "times",
        "How many times `targets.max_drawdown` the stop is where `emergency_drawdown` is not set.";
    "max_age_hours": Scalar, "hours", "Data older than this allows no new risk.";
    "max_order_notional": Scalar, "quote token", "The largest notional of one order. Not set: no cap.";
});

const SIGNAL: Shape = Map(keys! {
    "max_age_minutes": Scalar, "minutes",
        "A signal whose bar closed longer ago is none any more: `ctx.signal()` is `()` then.";
    "max_missing": Scalar, "fraction of the bars",
        "With more of the run's bars without a signal a run is refused, whether a file or a service leaves them out.";
    "source": Scalar, "word",
        "`file`: a file of the data folder, `signals/NAME_5m.csv`; `http`: the service is asked, for a program built with `--features ml`.";
    "service": Map(keys! {
        "url": Scalar, "http://…", "Where it is asked. TLS is a proxy's work.";
        "symbol": Scalar, "word", "The symbol that it is asked for. Not set: the asset and the quote token, `BTCUSDT`.";
        "timeout_s": Scalar, "seconds", "How long an answer is waited for.";
        "retry_backoff_s": List(&Scalar), "seconds",
            "Waits before a bar is asked for again, after no answer, a status of 429 or 5xx; then the bar has no signal.";
        "at_once": Scalar, "count", "How many bars are asked for at a time.";
    }), "", "A service that gives signals by HTTP; its token is `BASIS_ML_API_TOKEN` of the environment.";
});

const THRESHOLDS: Shape = Map(keys! {
    "warn": Scalar, "", "Below this the level is `warn`: it is told.";
    "reduce": Scalar, "", "Below this it is `reduce`: the script makes the position smaller (`ctx.risk.must_reduce`).";
    "exit": Scalar, "", "Below this at a step it is `exit`: the position is left and the run stops. What a venue liquidates between two steps is told apart.";
});

const EXECUTION: Shape = Map(keys! {
    "plan_timeout_s": Scalar, "seconds", "A plan ends within this. What then stands alone of legs that go together is still taken back.";
    "slippage_bps": Scalar, "bps", "The worst fill against the price of the decision, for orders that do not say.";
    "query_backoff_s": List(&Scalar), "seconds",
        "Waits between queries of an order whose fate is unknown; the last is repeated.";
    "failure_backoff_h": List(&Scalar), "hours",
        "Waits after the first, second, third, … plan in a row of which nothing was executed; the last is repeated. Until it is over \
         nothing that adds exposure is sent.";
    "validity_s": Scalar, "seconds", "How long a request stays valid: that there is no such order is final only after it.";
    "reconcile_attempts": Scalar, "count", "Tries of a reconciliation with a venue before it has failed.";
    "dust_units": Scalar, "smallest units", "Differences up to this are dust.";
    "max_attempts": Scalar, "count", "Attempts of one leg, the first included.";
    "observe_every_s": Scalar, "seconds",
        "How often balances are compared while idle. Not set in a backtest, where venues tell every change.";
    "leg_risk": LEG_RISK, "",
        "What may stand without its counterpart when of legs that go together (`parallel`) one fails or fills in part.";
});

const LEG_RISK: Shape = Map(keys! {
    "max_notional": Scalar, "quote token",
        "The most that is still completed: more than this is taken back at once. What leaves a position is tried to the end.";
    "max_seconds": Scalar, "seconds",
        "How long it is completed, from the first fill that stands alone, and no longer than the plan lasts. After it nothing more is \
         tried: it is taken back as soon as the fate of all legs is known, and that it lasts is told.";
});

const PARAMETER: Shape = Map(keys! {
    "value": Scalar, "its unit", "The value.";
    "values": Each(&Scalar), "its unit", "A number by each name, in the place of `value`: an allocation by venue.";
    "keys": Scalar, "word", "What the names of `values` are: `venues` of the mode.";
    "sum": Scalar, "its unit", "What `values` must sum to.";
    "type": Scalar, "word",
        "`decimal`, `integer`, `text` or `flag`. Without it: what the value is, and a decimal where there is a unit or a range.";
    "optional": Scalar, "true, false", "`true`: it may have no value, and then is `()` in the script.";
    "unit": Scalar, "", "What the number counts; `basis check` reckons with it.";
    "min": Scalar, "its unit", "The least value, inclusive.";
    "max": Scalar, "its unit", "The largest value, inclusive.";
    "above": Scalar, "path", "Another number that this one must be above: `parameters.leave_below`, `risk.margin_ratio.warn`.";
    "below": Scalar, "path", "Another number that this one must be below.";
    "one_of": List(&Scalar), "values", "All that it may be.";
    "is": Scalar, "word", "What it means to the world of the run, which it then must fit.";
    "doc": Scalar, "text", "A sentence for people.";
});

/// Whether a file of a mode or of a venue has such a name at its root, or one that is near.
pub(super) fn begins_a_file(name: &str) -> bool {
    let has = |shape: &Shape| match shape {
        Map(known) => nearest(name, known.iter().map(|key| key.name)).is_some(),
        _ => false,
    };
    has(&ROOT) || has(&VENUE)
}
