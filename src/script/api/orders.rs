//! `orders::`: one function an operation. Each builds an order with the balance deltas that it is expected to bring.

use std::sync::Arc;

use rhai::{Dynamic, Map, NativeCallContext};

use crate::engine::promise::promise;
use crate::script::host::{self, Ctx, HostError};
use crate::types::order::Origin;
use crate::types::{
    Amount, Code, KeyId, MarketKind, Operation, Options, Order, PositionType, Quantity, Side,
    TokenId,
};

use super::amount::ScriptAmount;
use super::options::{Fields, positive_price, trade_options};
use super::order::ScriptOrder;
use super::{Api, Entry, KEY, Kind, Owner, PERP_SYMBOL, Param, SPOT_SYMBOL, TOKEN, VENUE};

const QUANTITY: Param = Param::new("quantity", Kind::Amount, "coins, floored to the lot");
const AMOUNT: Param = Param::new("amount", Kind::Amount, "tokens");
const OPTIONS: Param =
    Param::new("options", Kind::Options, "#{ limit, slippage_bps, reduce_only }").optional();
const FROM_VENUE: Param = Param::new("from_venue", Kind::Venue, "venue");
const TO_VENUE: Param = Param::new("to_venue", Kind::Venue, "venue");
const TARGET: Param = Param::new("target", Kind::Number, "coins, negative for short");
const LEVELS: Param = Param::new("levels", Kind::Options, "#{ take_profit, stop_loss }");

pub(super) fn register(api: &mut Api) {
    trades(api);
    perp_target(api);
    protection(api);
    movements(api);
}

fn trades(api: &mut Api) {
    use MarketKind::{Perp, Spot};
    let functions = [
        ("spot_buy", Spot, Side::Buy, "Buys coins at the market."),
        ("spot_sell", Spot, Side::Sell, "Sells coins at the market."),
        ("perp_buy", Perp, Side::Buy, "Lengthens a perp position, or shortens a short one."),
        ("perp_sell", Perp, Side::Sell, "Shortens a perp position, or reduces a long one."),
    ];
    for (name, kind, side, doc) in functions {
        let params: &'static [Param] = match kind {
            Spot => &[VENUE, SPOT_SYMBOL, QUANTITY, OPTIONS],
            Perp => &[VENUE, PERP_SYMBOL, QUANTITY, OPTIONS],
        };
        let entry = Entry::call(Owner::Orders, name, params, "order", doc)
            .fails("the quantity is less than a lot, or not above 0; the market has no price");
        api.add(
            entry,
            move |call: NativeCallContext, venue: &str, symbol: &str, quantity: Dynamic| {
                trade(&call, (venue, kind, symbol), side, &quantity, Options::default())
                    .map_err(|error| error.at(&call))
            },
        );
        api.add(
            entry,
            move |call: NativeCallContext,
                  venue: &str,
                  symbol: &str,
                  quantity: Dynamic,
                  options: Map| {
                trade_options(&options)
                    .and_then(|options| {
                        trade(&call, (venue, kind, symbol), side, &quantity, options)
                    })
                    .map_err(|error| error.at(&call))
            },
        );
    }
}

fn perp_target(api: &mut Api) {
    let entry = Entry::call(
        Owner::Orders,
        "perp_to",
        &[VENUE, PERP_SYMBOL, TARGET, OPTIONS],
        "order, or () when the position is within a lot of the target",
        "Brings a perp position to a signed size; one that only becomes smaller may be as small as it is. Lists of orders skip ().",
    )
    .fails("the market has no price");
    api.add(entry, |call: NativeCallContext, venue: &str, symbol: &str, target: Dynamic| {
        perp_to(&call, venue, symbol, &target, Options::default()).map_err(|error| error.at(&call))
    });
    api.add(
        entry,
        |call: NativeCallContext, venue: &str, symbol: &str, target: Dynamic, options: Map| {
            trade_options(&options)
                .and_then(|options| perp_to(&call, venue, symbol, &target, options))
                .map_err(|error| error.at(&call))
        },
    );
}

fn protection(api: &mut Api) {
    let entry = Entry::call(
        Owner::Orders,
        "protect",
        &[VENUE, PERP_SYMBOL, LEVELS],
        "order",
        "Sets the resting stop and target of a perp position as a whole; what is left out is taken off, all of it by #{}.",
    ).fails("a level is not above 0");
    api.add(entry, |call: NativeCallContext, venue: &str, symbol: &str, levels: Map| {
        protect(&call, venue, symbol, &levels).map_err(|error| error.at(&call))
    });
}

fn movements(api: &mut Api) {
    let entry = Entry::call(
        Owner::Orders,
        "transfer",
        &[FROM_VENUE, TO_VENUE, TOKEN, AMOUNT],
        "order",
        "Moves a token between venues; it is in transit until it arrives.",
    ).fails("both venues are the same, or the token cannot lie at one of them; the amount is not above 0");
    api.add(
        entry,
        |call: NativeCallContext, from: &str, to: &str, token: &str, amount: Dynamic| {
            transfer(&call, (from, to), token, &amount).map_err(|error| error.at(&call))
        },
    );
    for (name, from, to, doc) in [
        ("wrap", "ETH", "WETH", "ETH into WETH, one for one, in the wallet."),
        ("unwrap", "WETH", "ETH", "WETH into ETH, one for one, in the wallet."),
    ] {
        let entry = Entry::call(Owner::Orders, name, &[AMOUNT], "order", doc)
            .fails("the amount is not above 0; the wallet does not hold both tokens");
        api.add(entry, move |call: NativeCallContext, amount: Dynamic| {
            wrap(&call, (from, to), &amount).map_err(|error| error.at(&call))
        });
    }
    let entry = Entry::call(
        Owner::Orders,
        "all",
        &[KEY],
        "amount",
        "Everything that lies at a key when the order is sent.",
    );
    api.add(entry, |call: NativeCallContext, name: &str| {
        all(&call, name).map_err(|error| error.at(&call))
    });
}

fn trade(
    call: &NativeCallContext,
    (venue, kind, symbol): (&str, MarketKind, &str),
    side: Side,
    quantity: &Dynamic,
    options: Options,
) -> Result<ScriptOrder, HostError> {
    let ctx = Ctx::of(call)?;
    let id = host::market(ctx.universe(), venue, kind, symbol)?;
    let market = ctx.universe().market(id);
    let amount = amount(&ctx, "quantity", quantity, market.base, |q| q.floor_to_lot(market.lot))
        .map_err(|error| match error.help {
            None => error.with_help(format!("the lot of {venue} {symbol} is {}", market.lot)),
            Some(_) => error,
        })?;
    let (operation, out) = match (kind, side) {
        (MarketKind::Perp, _) => (Operation::PerpTrade { market: id, side }, None),
        (_, Side::Buy) => (Operation::SpotTrade { market: id, side }, Some(market.position)),
        (_, Side::Sell) => (Operation::SpotTrade { market: id, side }, Some(market.cash)),
    };
    build(call, &ctx, operation, amount, options, out)
}

/// The difference between the target and the position held now, as a trade.
fn perp_to(
    call: &NativeCallContext,
    venue: &str,
    symbol: &str,
    target: &Dynamic,
    options: Options,
) -> Result<Dynamic, HostError> {
    let target = host::number("target", target)?;
    let ctx = Ctx::of(call)?;
    let id = host::market(ctx.universe(), venue, MarketKind::Perp, symbol)?;
    let market = ctx.universe().market(id);
    let held = ctx.step().balance(market.position);
    let change = (Quantity::new(target) - held).floor_to_lot(market.lot);
    if change.is_zero() {
        return Ok(Dynamic::UNIT);
    }
    let becomes_smaller = (held + change).abs() < held.abs()
        && (held + change).is_negative() == (held.is_negative() && held + change != Quantity::ZERO);
    let options = Options { reduce_only: options.reduce_only || becomes_smaller, ..options };
    let side = if change.is_negative() { Side::Sell } else { Side::Buy };
    let operation = Operation::PerpTrade { market: id, side };
    build(call, &ctx, operation, Amount::fixed(change.abs()), options, None).map(Dynamic::from)
}

fn protect(
    call: &NativeCallContext,
    venue: &str,
    symbol: &str,
    levels: &Map,
) -> Result<ScriptOrder, HostError> {
    let ctx = Ctx::of(call)?;
    let market = host::market(ctx.universe(), venue, MarketKind::Perp, symbol)?;
    let fields = Fields::open("protect", levels, &["take_profit", "stop_loss"])?;
    let operation = Operation::Protect {
        market,
        take_profit: positive_price(&fields, "take_profit")?,
        stop_loss: positive_price(&fields, "stop_loss")?,
    };
    build(call, &ctx, operation, Amount::fixed(Quantity::ZERO), Options::default(), None)
}

fn transfer(
    call: &NativeCallContext,
    (from, to): (&str, &str),
    token_name: &str,
    value: &Dynamic,
) -> Result<ScriptOrder, HostError> {
    let ctx = Ctx::of(call)?;
    if from == to {
        let message = format!("a transfer from {from} to itself moves nothing");
        return Err(HostError::new(Code::Strat003, message));
    }
    let token = host::token(ctx.universe(), token_name)?;
    let source = token_key(&ctx, from, token)?;
    let target = token_key(&ctx, to, token)?;
    let decimals = ctx.universe().instrument(source).decimals;
    let amount = amount(&ctx, "amount", value, token, |q| q.towards_zero(decimals))?;
    let operation = Operation::Transfer { from: source, to: target };
    // What arrives may be in transit first; the output is then what is on its way.
    let order = build(call, &ctx, operation, amount, Options::default(), None)?;
    let arrives_at = order.order.deltas.iter().find(|delta| delta.expected.is_positive());
    Ok(ScriptOrder { out: arrives_at.map(|delta| delta.key), ..order })
}

fn wrap(
    call: &NativeCallContext,
    (from, to): (&str, &str),
    value: &Dynamic,
) -> Result<ScriptOrder, HostError> {
    let ctx = Ctx::of(call)?;
    let wallet = ctx
        .universe()
        .venues()
        .iter()
        .find(|venue| venue.kind == crate::types::venue::VenueKind::Wallet)
        .ok_or_else(|| HostError::new(Code::Strat003, "this mode has no wallet to wrap in"))?;
    let token = host::token(ctx.universe(), from)?;
    let source = token_key(&ctx, &wallet.name, token)?;
    let target = token_key(&ctx, &wallet.name, host::token(ctx.universe(), to)?)?;
    let decimals = ctx.universe().instrument(source).decimals;
    let amount = amount(&ctx, "amount", value, token, |q| q.towards_zero(decimals))?;
    let operation = Operation::Wrap { from: source, to: target };
    build(call, &ctx, operation, amount, Options::default(), Some(target))
}

fn all(call: &NativeCallContext, name: &str) -> Result<ScriptAmount, HostError> {
    let ctx = Ctx::of(call)?;
    let key = host::key(ctx.universe(), name)?;
    let instrument = ctx.universe().instrument(key);
    match instrument.position_type {
        PositionType::BaseToken | PositionType::Supplied | PositionType::Borrowed => {
            let amount = Amount::all(key, ctx.step().tokens_at(key).max(Quantity::ZERO));
            Ok(ScriptAmount { amount, token: instrument.token })
        }
        PositionType::Perp => Err(HostError::new(Code::Strat003, format!("{name} is no token"))
            .with_help("close a perp by orders::perp_to(venue, symbol, 0)")),
        PositionType::Transit | PositionType::Queued => {
            Err(HostError::new(Code::Strat003, format!("{name} is on its way and cannot be used")))
        }
    }
}

fn token_key(ctx: &Ctx, venue_name: &str, token: TokenId) -> Result<KeyId, HostError> {
    let venue = host::venue(ctx.universe(), venue_name)?;
    ctx.universe().token_key(venue, token).ok_or_else(|| {
        let token = ctx.universe().token(token);
        HostError::new(Code::Strat003, format!("{venue_name} does not hold {token}"))
    })
}

/// A number rounded by the venue's rule, or an amount as it is; refuses what is not above zero, and an amount of another token.
pub(super) fn amount(
    ctx: &Ctx,
    what: &str,
    value: &Dynamic,
    token: TokenId,
    round: impl Fn(Quantity) -> Quantity,
) -> Result<Amount, HostError> {
    if let Some(promised) = value.read_lock::<ScriptAmount>() {
        if promised.token != token {
            let (has, wants) = (ctx.universe().token(promised.token), ctx.universe().token(token));
            let message = format!("{what} is in {wants}, and the amount is of {has}");
            return Err(HostError::new(Code::Strat003, message));
        }
        return Ok(promised.amount);
    }
    let number = Quantity::new(host::number(what, value)?);
    let rounded = round(number);
    if !rounded.is_positive() {
        let token = ctx.universe().token(token);
        let message = if number.is_positive() {
            format!("{what} {number} {token} is nothing after rounding down")
        } else {
            format!("{what} must be above 0, not {number} {token}")
        };
        return Err(HostError::new(Code::Strat003, message));
    }
    Ok(Amount::fixed(rounded))
}

pub(super) fn build(
    call: &NativeCallContext,
    ctx: &Ctx,
    operation: Operation,
    amount: Amount,
    options: Options,
    out: Option<KeyId>,
) -> Result<ScriptOrder, HostError> {
    let expected = match operation.market() {
        Some(market) => amount.expected.floor_to_lot(ctx.universe().market(market).lot),
        None => amount.expected,
    };
    let order = Order {
        operation_id: ctx.next_operation(),
        operation,
        amount,
        options,
        deltas: promise(ctx.step(), &operation, expected, &options)?,
        origin: origin(call),
    };
    Ok(ScriptOrder { order: Arc::new(order), ctx: ctx.clone(), out })
}

fn origin(call: &NativeCallContext) -> Origin {
    Origin {
        file: call.call_source().unwrap_or_default().into(),
        line: call.call_position().line().unwrap_or(0) as u32,
    }
}
