//! `ctx`: what a script may know of the step. Balances in tokens, quantities in coins, rates as fractions, times in ms.

use rhai::{Array, Dynamic, Map};
use rust_decimal::Decimal;

use crate::script::host::{self, Answer, Ctx, HostError};
use crate::types::{Code, KeyId, MarketKind, PositionType, Span, Timestamp};

use super::market::{MarketHandle, is_tradable, missing, price};
use super::risk::Risk;
use super::{Api, Entry, KEY, Kind, MARKET_KIND, Owner, Param, SYMBOL, TOKEN, VENUE};
use super::{PERP_SYMBOL, SPOT_SYMBOL};

/// The most closes that one call gives.
const CLOSES_MAX: i64 = 1_000;

pub(super) const HOURS: Param = Param::new("hours", Kind::Number, "hours");

pub(super) fn register(api: &mut Api) {
    account(api);
    owners(api);
    holdings(api);
    prices(api);
    rates(api);
    venues(api);
}

fn property(name: &'static str, returns: &'static str, doc: &'static str) -> Entry {
    Entry::property(Owner::Ctx, name, returns, doc)
}

fn call(
    name: &'static str,
    params: &'static [Param],
    returns: &'static str,
    doc: &'static str,
) -> Entry {
    Entry::call(Owner::Ctx, name, params, returns, doc)
}

fn account(api: &mut Api) {
    api.add(property("now", "integer, ms since 1970", "The step's time."), |ctx: &mut Ctx| {
        ctx.step().now.ms()
    });
    api.add(
        property(
            "equity",
            "share class",
            "Assets less debts, unrealised profit and what is in flight.",
        ),
        |ctx: &mut Ctx| ctx.step().equity.get(),
    );
    api.add(
        property(
            "wind_down",
            "bool",
            "Whether all positions are to be left in the strategy's own time.",
        ),
        |ctx: &mut Ctx| ctx.step().wind_down,
    );
    api.add(property("risk", "risk", "What risk allows."), |ctx: &mut Ctx| Risk(ctx.clone()));
    api.add(
        property(
            "pending",
            "list of #{key, amount, due, kind}",
            "What is on its way, with the time it is due.",
        ),
        |ctx: &mut Ctx| pending(ctx),
    );
    api.add(
        property(
            "flows",
            "list of #{key, amount, due, kind}",
            "Withdrawals that are asked for and not paid: negative amounts, less what unwinding for them has cost.",
        ),
        |ctx: &mut Ctx| flows(ctx),
    );
}

fn owners(api: &mut Api) {
    api.add(
        property(
            "owed",
            "share class",
            "What owners have asked for and not been paid, together: unwind for it, and put only the rest of equity to work.",
        ),
        |ctx: &mut Ctx| ctx.step().owed.get(),
    );
}

fn holdings(api: &mut Api) {
    api.add(
        call("balance", &[KEY], "tokens", "What is held at a key; a perp's size is signed."),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let key = host::key(ctx.universe(), name)?;
            Ok(ctx.step().tokens_at(key).get())
        },
    );
    api.add(
        call("incoming", &[KEY], "tokens", "What is on its way to a key."),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let key = host::key(ctx.universe(), name)?;
            let step = ctx.step();
            Ok(step.unscaled(key, step.incoming[key.index()]).get())
        },
    );
    api.add(
        call("projected", &[KEY], "tokens", "What is held at a key and on its way to it."),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let key = host::key(ctx.universe(), name)?;
            let step = ctx.step();
            Ok(step.unscaled(key, step.projected(key)).get())
        },
    );
    api.add(
        call("position", &[KEY], "coins, negative when short", "The size of a perp position.")
            .fails("the key is no perp"),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let key = perp(ctx, name)?;
            Ok(ctx.step().balance(key).get())
        },
    );
    api.add(
        call(
            "entry_price",
            &[KEY],
            "quote per coin, or ()",
            "The average entry price of a perp position; () when flat.",
        )
        .fails("the key is no perp"),
        |ctx: &mut Ctx, name: &str| -> Answer<Dynamic> {
            let key = perp(ctx, name)?;
            Ok(optional(ctx.step().books.entry_price(key).map(|price| price.get())))
        },
    );
    api.add(
        call(
            "weight",
            &[KEY],
            "fraction of equity",
            "What is held at a key over equity: coins at their venue's price, a perp by its notional at mark, negative when short.",
        ).fails("the key has no price, or there is no equity"),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> { Ok(weight_of(ctx, name)?) },
    );
    const WEIGHT: Param = Param::new("weight", Kind::Number, "fraction of equity");
    const BAND: Param = Param::new("band", Kind::Number, "fraction of equity, each side");
    api.add(
        call(
            "in_band",
            &[KEY, WEIGHT, BAND],
            "bool",
            "Whether ctx.weight(key) is at most a band away from a weight: the test with which a hold begins.",
        ).fails("the key has no price, or there is no equity"),
        |ctx: &mut Ctx, name: &str, weight: Dynamic, band: Dynamic| -> Answer<bool> {
            let target = host::number("weight", &weight)?;
            let band = host::number("band", &band)?;
            let key = host::key(ctx.universe(), name)?;
            Ok(ctx.step().is_in_band(key, target, band).ok_or_else(|| weightless(ctx, name))?)
        },
    );
    const TARGET: Param = Param::new("target", Kind::Number, "tokens of the key");
    api.add(
        call("deviation", &[KEY, TARGET], "fraction", "(projected − target) / target.")
            .fails("`target` is 0"),
        |ctx: &mut Ctx, name: &str, target: Dynamic| -> Answer<Decimal> {
            let key = host::key(ctx.universe(), name)?;
            let target = host::number("target", &target)?;
            let step = ctx.step();
            let projected = step.unscaled(key, step.projected(key)).get();
            (projected - target).checked_div(target).ok_or_else(|| {
                let message = format!("the deviation of {name} from a target of 0 is not a number");
                HostError::new(Code::Strat001, message)
                    .with_help("compare ctx.projected(key) with 0 instead")
                    .into()
            })
        },
    );
    api.add(
        call("net_delta", &[TOKEN], "coins", "Coins held, on their way, and in perps, summed."),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let token = host::token(ctx.universe(), name)?;
            Ok(ctx.step().net_delta[token.index()].get())
        },
    );
}

fn prices(api: &mut Api) {
    api.add(
        call("price", &[TOKEN], "share class per token", "A token's reference price.")
            .fails("the token has no price now"),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let token = host::token(ctx.universe(), name)?;
            let price = ctx.step().token_price(token);
            Ok(price.ok_or_else(|| missing(ctx, &format!("{name} has no price")))?)
        },
    );
    api.add(
        call("spot", &[VENUE, SPOT_SYMBOL], "quote per coin", "The price of a spot market now.")
            .fails("the market has no price yet"),
        |ctx: &mut Ctx, venue: &str, symbol: &str| -> Answer<Decimal> {
            price(ctx, host::market(ctx.universe(), venue, MarketKind::Spot, symbol)?)
        },
    );
    api.add(
        call("mark", &[VENUE, PERP_SYMBOL], "quote per coin", "The mark price of a perp now.")
            .fails("the market has no price yet"),
        |ctx: &mut Ctx, venue: &str, symbol: &str| -> Answer<Decimal> {
            price(ctx, host::market(ctx.universe(), venue, MarketKind::Perp, symbol)?)
        },
    );
    api.add(
        call(
            "tradable",
            &[VENUE, MARKET_KIND, SYMBOL],
            "bool",
            "Whether a market has a price of this very step; in a gap nothing trades on it.",
        ),
        |ctx: &mut Ctx, venue: &str, kind: &str, symbol: &str| -> Answer<bool> {
            let id = host::market(ctx.universe(), venue, host::market_kind(kind)?, symbol)?;
            Ok(is_tradable(ctx, id))
        },
    );
    const N: Param = Param::new("n", Kind::Number, "whole number up to 1000");
    api.add(
        call(
            "closes",
            &[VENUE, SYMBOL, N],
            "list of quote per coin",
            "The last n known closes, oldest first, of the spot market, or of the perp where there is no spot.",
        ).fails("`n` is not between 1 and 1 000"),
        |ctx: &mut Ctx, venue: &str, symbol: &str, n: i64| -> Answer<Array> {
            if !(1..=CLOSES_MAX).contains(&n) {
                let message = format!("closes gives 1 to {CLOSES_MAX} numbers, not {n}");
                return Err(HostError::new(Code::Strat001, message).into());
            }
            let id = host::market(ctx.universe(), venue, MarketKind::Spot, symbol)
                .or_else(|_| host::market(ctx.universe(), venue, MarketKind::Perp, symbol))?;
            let closes = ctx.step().view.closes(id, n as usize);
            Ok(closes.into_iter().map(|close| Dynamic::from_decimal(close.get())).collect())
        },
    );
}

fn rates(api: &mut Api) {
    api.add(
        call(
            "funding",
            &[VENUE, PERP_SYMBOL],
            "fraction of the notional, or ()",
            "The latest funding payment; positive: longs pay shorts.",
        ),
        |ctx: &mut Ctx, venue: &str, symbol: &str| -> Answer<Dynamic> {
            let id = host::market(ctx.universe(), venue, MarketKind::Perp, symbol)?;
            Ok(optional(ctx.step().view.last_funding(id).map(|funding| funding.rate.get())))
        },
    );
    api.add(
        call(
            "trailing_funding",
            &[VENUE, PERP_SYMBOL, HOURS],
            "fraction per 8 h, or ()",
            "The mean funding rate of the last hours; () when nothing was paid in them.",
        ),
        |ctx: &mut Ctx, venue: &str, symbol: &str, hours: Dynamic| -> Answer<Dynamic> {
            let id = host::market(ctx.universe(), venue, MarketKind::Perp, symbol)?;
            let span = span_of_hours(host::number("hours", &hours)?)?;
            Ok(optional(ctx.step().view.trailing_funding(id, span).map(|rate| rate.get())))
        },
    );
    api.add(property("gas_gwei", "gwei, or ()", "The gas price as known now."), |ctx: &mut Ctx| {
        optional(ctx.step().view.gas_gwei())
    });
    const SERIES: Param = Param::new("subscription", Kind::Series, "spot/binance_BTCUSDT");
    api.add(
        call("age", &[SERIES], "hours", "How old the newest row of a subscribed series is."),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let series = &ctx.step().setup.series;
            let index = series.iter().position(|series| series.name == name).ok_or_else(|| {
                HostError::unknown("subscription", name, series.iter().map(|s| s.name.as_str()))
            })?;
            Ok(Decimal::from(ctx.step().view.age(index).ms()) / Decimal::from(3_600_000))
        },
    );
}

fn venues(api: &mut Api) {
    api.add(
        call(
            "market",
            &[VENUE, MARKET_KIND, SYMBOL],
            "market",
            "A market's rules and price: .lot .min_notional .fee .fee_asset .half_spread .price .tradable .received(q).",
        ),
        |ctx: &mut Ctx, venue: &str, kind: &str, symbol: &str| -> Answer<MarketHandle> {
            let id = host::market(ctx.universe(), venue, host::market_kind(kind)?, symbol)?;
            Ok(MarketHandle::new(ctx, id))
        },
    );
    api.add(
        call(
            "free_margin",
            &[VENUE],
            "quote",
            "Margin balance less the initial margin of the positions; never below 0.",
        ),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let venue = host::venue(ctx.universe(), name)?;
            Ok(ctx.step().free_margin(venue).get())
        },
    );
    api.add(
        call(
            "transfer_fee",
            &[VENUE, TOKEN],
            "tokens",
            "What a transfer of a token out of a venue costs, whatever the amount.",
        )
        .fails("the venue sends no such token"),
        |ctx: &mut Ctx, venue: &str, token: &str| -> Answer<Decimal> {
            let universe = ctx.universe();
            let (id, token_id) = (host::venue(universe, venue)?, host::token(universe, token)?);
            let rule = universe.venue(id).transfer_rule(token_id);
            let refused = || {
                HostError::new(Code::Strat003, format!("{venue} sends no {token}"))
                    .with_help("name it in the venue's transfers")
            };
            Ok(rule.ok_or_else(refused)?.fee.get())
        },
    );
    api.add(
        call(
            "spendable",
            &[VENUE, TOKEN],
            "tokens",
            "What can be paid out of a token at a venue: what lies there, and the credit of unified margin.",
        ),
        |ctx: &mut Ctx, venue: &str, token: &str| -> Answer<Decimal> {
            let universe = ctx.universe();
            let (venue, token) = (host::venue(universe, venue)?, host::token(universe, token)?);
            Ok(ctx.step().spendable(venue, token).get())
        },
    );
}

fn weight_of(ctx: &Ctx, name: &str) -> Result<Decimal, HostError> {
    let weight = ctx.step().weight(host::key(ctx.universe(), name)?);
    weight.ok_or_else(|| weightless(ctx, name))
}

fn weightless(ctx: &Ctx, name: &str) -> HostError {
    missing(ctx, &format!("{name} has no weight without a price and equity"))
}

/// The key of a perp position.
fn perp(ctx: &Ctx, name: &str) -> Result<KeyId, HostError> {
    let key = host::key(ctx.universe(), name)?;
    match ctx.universe().instrument(key).position_type {
        PositionType::Perp => Ok(key),
        _ => Err(HostError::new(Code::Strat001, format!("{name} is no perp position"))
            .with_help("the amount of a token is ctx.balance(key)")),
    }
}

pub(super) fn optional(number: Option<Decimal>) -> Dynamic {
    number.map_or(Dynamic::UNIT, Dynamic::from_decimal)
}

pub(super) fn span_of_hours(hours: Decimal) -> Result<Span, HostError> {
    let ms =
        hours.checked_mul(Decimal::from(3_600_000)).and_then(|ms| i64::try_from(ms.trunc()).ok());
    ms.filter(|&ms| ms > 0).map(Span::from_ms).ok_or_else(|| {
        HostError::new(Code::Strat001, format!("hours must be above 0, not {hours}"))
    })
}

fn pending(ctx: &Ctx) -> Array {
    let items = ctx.step().pending.iter();
    items.map(|item| flow(ctx, item.key, item.amount.get(), item.due, item.kind.text())).collect()
}

fn flows(ctx: &Ctx) -> Array {
    let items = ctx.step().flows.iter();
    items
        .map(|item| {
            let kind = if item.amount.is_negative() { "withdrawal" } else { "deposit" };
            flow(ctx, item.key, item.amount.get(), item.at, kind)
        })
        .collect()
}

fn flow(ctx: &Ctx, key: KeyId, amount: Decimal, due: Timestamp, kind: &'static str) -> Dynamic {
    let name: &str = &ctx.universe().instrument(key).name;
    let mut map = Map::new();
    map.insert("key".into(), name.into());
    map.insert("amount".into(), Dynamic::from_decimal(amount));
    map.insert("due".into(), Dynamic::from_int(due.ms()));
    map.insert("kind".into(), kind.into());
    Dynamic::from_map(map)
}
