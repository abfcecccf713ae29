//! Lending, staking, swaps and flash loans: their orders.

use rhai::{Dynamic, NativeCallContext};

use crate::script::host::{self, Ctx, HostError};
use crate::types::venue::VenueKind;
use crate::types::{Amount, Code, Exact, KeyId, Operation, Options, ReserveId, TokenId, VenueId};

use super::options::trade_options;
use super::order::ScriptOrder;
use super::orders::{amount, build};
use super::{Api, Entry, Kind, Owner, Param, TOKEN, VENUE};

pub(super) const AMOUNT: Param = Param::new("amount", Kind::Amount, "tokens");
const AMOUNT_OUT: Param = Param::new("amount_out", Kind::Amount, "tokens received");
pub(super) const FROM: Param = Param::new("from", Kind::Token, "token given");
pub(super) const TO: Param = Param::new("to", Kind::Token, "token received");
const ETH_AMOUNT: Param = Param::new("eth_amount", Kind::Amount, "ETH");
const LST_AMOUNT: Param = Param::new("lst_amount", Kind::Amount, "staking tokens");
const OPTIONS: Param = Param::new("options", Kind::Options, "#{ limit, slippage_bps }").optional();

pub(super) fn register(api: &mut Api) {
    lending(api);
    staking(api);
    swaps(api);
}

/// Makes an operation of a reserve.
type OfReserve = fn(ReserveId) -> Operation;

fn lending(api: &mut Api) {
    let functions: [(&'static str, OfReserve, VenueKind, &'static str); 6] = [
        (
            "supply",
            |reserve| Operation::Supply { reserve },
            VenueKind::Lending,
            "Lends a token of the wallet; it earns from the next step on.",
        ),
        (
            "withdraw",
            |reserve| Operation::Withdraw { reserve },
            VenueKind::Lending,
            "Takes a lent token back into the wallet; all of it by orders::all(\"venue:aToken:aTOKEN\").",
        ),
        (
            "borrow",
            |reserve| Operation::Borrow { reserve },
            VenueKind::Lending,
            "Borrows a token against what is supplied at the venue.",
        ),
        (
            "repay",
            |reserve| Operation::Repay { reserve },
            VenueKind::Lending,
            "Pays a borrowed token back; all of it by orders::all(\"venue:debtToken:debtTOKEN\").",
        ),
        (
            "flash_borrow",
            |reserve| Operation::FlashBorrow { reserve },
            VenueKind::Flash,
            "Borrows a token for the rest of an atomic group.",
        ),
        (
            "flash_repay",
            |reserve| Operation::FlashRepay { reserve },
            VenueKind::Flash,
            "Pays a flash loan back, its fee on top; the group must end without one.",
        ),
    ];
    for (name, operation, kind, doc) in functions {
        let entry = Entry::call(Owner::Orders, name, &[VENUE, TOKEN, AMOUNT], "order", doc)
            .fails("the venue is of another kind, or has no reserve of the token; the amount is not above 0");
        api.add(entry, move |call: NativeCallContext, venue: &str, token: &str, value: Dynamic| {
            of_reserve(&call, operation, (name, kind), (venue, token), &value)
                .map_err(|error| error.at(&call))
        });
    }
}

fn of_reserve(
    call: &NativeCallContext,
    operation: OfReserve,
    (name, kind): (&str, VenueKind),
    (venue, token): (&str, &str),
    value: &Dynamic,
) -> Result<ScriptOrder, HostError> {
    let ctx = Ctx::of(call)?;
    let (venue, token) = (venue_of(&ctx, venue, kind, name)?, host::token(ctx.universe(), token)?);
    let reserve = reserve(&ctx, venue, token)?;
    let operation = operation(reserve);
    simple(call, &ctx, operation, token, value)
}

fn staking(api: &mut Api) {
    let stake = Entry::call(
        Owner::Orders,
        "stake",
        &[VENUE, ETH_AMOUNT],
        "order",
        "Turns ETH of the wallet into the venue's staking token; .out is that token.",
    )
    .fails("the venue stakes nothing; the amount is not above 0, or less than a unit");
    api.add(stake, |call: NativeCallContext, venue: &str, value: Dynamic| {
        staked(&call, venue, "stake", &value).map_err(|error| error.at(&call))
    });
    let unstake = Entry::call(
        Owner::Orders,
        "unstake",
        &[VENUE, LST_AMOUNT],
        "order",
        "Asks for the ETH of a staking token at today's rate; it arrives when the queue has been waited for.",
    ).fails("the venue stakes nothing; the amount is not above 0, or less than a unit");
    api.add(unstake, |call: NativeCallContext, venue: &str, value: Dynamic| {
        staked(&call, venue, "unstake", &value).map_err(|error| error.at(&call))
    });
}

fn staked(
    call: &NativeCallContext,
    name: &str,
    what: &str,
    value: &Dynamic,
) -> Result<ScriptOrder, HostError> {
    let ctx = Ctx::of(call)?;
    let venue = venue_of(&ctx, name, VenueKind::Staking, what)?;
    let operation = match what {
        "stake" => Operation::Stake { venue },
        _ => Operation::Unstake { venue },
    };
    let counted = operation.counted_in(ctx.universe()).ok_or_else(|| {
        HostError::new(Code::Strat003, format!("{name} has no staking token in this mode"))
    })?;
    let token = ctx.universe().instrument(counted).token;
    simple(call, &ctx, operation, token, value)
}

fn swaps(api: &mut Api) {
    for (name, exact, params, doc) in [
        (
            "swap",
            Exact::In,
            &[VENUE, FROM, TO, AMOUNT, OPTIONS],
            "Swaps tokens of the wallet at the market's rate; the amount is what is given.",
        ),
        (
            "swap_exact_out",
            Exact::Out,
            &[VENUE, FROM, TO, AMOUNT_OUT, OPTIONS],
            "Swaps as much as it takes to receive an amount.",
        ),
    ] {
        let entry = Entry::call(Owner::Orders, name, params, "order", doc)
            .fails("the venue has no pool of the two tokens; the amount is not above 0");
        api.add(
            entry,
            move |call: NativeCallContext, venue: &str, from: &str, to: &str, value: Dynamic| {
                swap(&call, venue, [from, to], exact, &value, Options::default())
                    .map_err(|error| error.at(&call))
            },
        );
        api.add(
            entry,
            move |call: NativeCallContext,
                  venue: &str,
                  from: &str,
                  to: &str,
                  value: Dynamic,
                  options: rhai::Map| {
                trade_options(&options)
                    .and_then(|options| swap(&call, venue, [from, to], exact, &value, options))
                    .map_err(|error| error.at(&call))
            },
        );
    }
}

fn swap(
    call: &NativeCallContext,
    venue: &str,
    [from, to]: [&str; 2],
    exact: Exact,
    value: &Dynamic,
    options: Options,
) -> Result<ScriptOrder, HostError> {
    let ctx = Ctx::of(call)?;
    let venue = venue_of(&ctx, venue, VenueKind::Dex, "swap")?;
    let tokens = [host::token(ctx.universe(), from)?, host::token(ctx.universe(), to)?];
    let [from, to] = [in_wallet(&ctx, tokens[0])?, in_wallet(&ctx, tokens[1])?];
    let operation = Operation::Swap { venue, from, to, exact };
    let counted = if exact == Exact::In { (tokens[0], from) } else { (tokens[1], to) };
    let decimals = ctx.universe().instrument(counted.1).decimals;
    let amount = amount(&ctx, "amount", value, counted.0, |q| q.towards_zero(decimals))?;
    build(call, &ctx, operation, amount, options, Some(to))
}

/// An order without options, counted in a token.
fn simple(
    call: &NativeCallContext,
    ctx: &Ctx,
    operation: Operation,
    token: TokenId,
    value: &Dynamic,
) -> Result<ScriptOrder, HostError> {
    let universe = ctx.universe();
    let counted = operation.counted_in(universe);
    let decimals = counted.map_or(0, |key| universe.instrument(key).decimals);
    let amount: Amount = amount(ctx, "amount", value, token, |q| q.towards_zero(decimals))?;
    let out = operation.output(universe);
    build(call, ctx, operation, amount, Options::default(), out)
}

pub(super) fn reserve(ctx: &Ctx, of: VenueId, token: TokenId) -> Result<ReserveId, HostError> {
    let universe = ctx.universe();
    universe.reserve_of(of, token).map(|reserve| reserve.id).ok_or_else(|| {
        let (venue, token) = (&universe.venue(of).name, universe.token(token));
        let is_flash = universe.venue(of).kind == VenueKind::Flash;
        let place = if is_flash { "flash.tokens" } else { "supply or .borrow" };
        let reserves = universe.reserves().iter().filter(|reserve| reserve.venue == of);
        let known: Vec<&str> = reserves.map(|reserve| &**universe.token(reserve.token)).collect();
        HostError::new(Code::Strat003, format!("{venue} has no reserve of {token} in this mode"))
            .with_help(format!(
                "it has {}; name another in the mode's venues.{venue}.{place}",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            ))
    })
}

pub(super) fn venue_of(
    ctx: &Ctx,
    name: &str,
    kind: VenueKind,
    what: &str,
) -> Result<VenueId, HostError> {
    let universe = ctx.universe();
    let venue = host::venue(universe, name)?;
    if universe.venue(venue).kind == kind {
        return Ok(venue);
    }
    let known: Vec<&str> = universe
        .venues()
        .iter()
        .filter(|venue| venue.kind == kind)
        .map(|venue| &*venue.name)
        .collect();
    let error = HostError::new(Code::Strat003, format!("{name} is no venue for {what}"));
    Err(if known.is_empty() {
        error
    } else {
        error.with_help(format!("use {}", known.join(" or ")))
    })
}

pub(super) fn in_wallet(ctx: &Ctx, token: TokenId) -> Result<KeyId, HostError> {
    let universe = ctx.universe();
    let wallet = universe.venues().iter().find(|venue| venue.kind == VenueKind::Wallet);
    wallet.and_then(|wallet| universe.token_key(wallet.id, token)).ok_or_else(|| {
        let token = universe.token(token);
        HostError::new(Code::Strat003, format!("the wallet does not hold {token}"))
    })
}
