//! What a script may know of lending, staking and swaps: rates, indices, liquidity, what a sale costs.

use rhai::Dynamic;
use rust_decimal::Decimal;

use crate::engine::cost_of_swap;
use crate::script::host::{self, Answer, Ctx, HostError};
use crate::types::venue::VenueKind;
use crate::types::{Code, Quantity, ReserveId, Span};

use super::chain::{AMOUNT, FROM, TO, in_wallet, reserve, venue_of};
use super::ctx::{HOURS, span_of_hours};
use super::market::missing;
use super::{Api, Entry, KEY, Owner, TOKEN, VENUE};

pub(super) fn register(api: &mut Api) {
    let call = |name, params, returns, doc| Entry::call(Owner::Ctx, name, params, returns, doc);
    api.add(
        call(
            "supply_rate",
            &[VENUE, TOKEN],
            "fraction a year",
            "What lending a token earned at the last snapshot.",
        )
        .fails("the venue lends nothing, or has no figures of the token"),
        |ctx: &mut Ctx, venue: &str, token: &str| -> Answer<Decimal> {
            Ok(figures(ctx, venue, token)?.supply_rate.get())
        },
    );
    api.add(
        call(
            "borrow_rate",
            &[VENUE, TOKEN],
            "fraction a year",
            "What a debt cost at the last snapshot.",
        )
        .fails("the venue lends nothing, or has no figures of the token"),
        |ctx: &mut Ctx, venue: &str, token: &str| -> Answer<Decimal> {
            Ok(figures(ctx, venue, token)?.borrow_rate.get())
        },
    );
    api.add(
        call(
            "realised_borrow_rate",
            &[VENUE, TOKEN, HOURS],
            "fraction a year, or ()",
            "What a debt has really cost over the last hours; () where the data does not reach back.",
        ).fails("the venue lends nothing, or has no reserve of the token"),
        |ctx: &mut Ctx, venue: &str, token: &str, hours: Dynamic| -> Answer<Dynamic> {
            let span: Span = span_of_hours(host::number("hours", &hours)?)?;
            let reserve = lent(ctx, venue, token)?;
            let rate = ctx.step().view.realised_borrow_rate(reserve, span);
            Ok(rate.map_or(Dynamic::UNIT, |rate| Dynamic::from_decimal(rate.get())))
        },
    );
    api.add(
        call(
            "index",
            &[KEY],
            "tokens per scaled unit",
            "How many tokens one scaled unit of a supply or a debt is.",
        )
        .fails("the key is no supply and no debt"),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let key = host::key(ctx.universe(), name)?;
            let index = ctx.step().prices.index(key);
            Ok(index.ok_or_else(|| missing(ctx, &format!("{name} has no index")))?)
        },
    );
    api.add(
        call(
            "lst_rate",
            &[TOKEN],
            "base tokens",
            "What a staking token is worth by its protocol, in ETH.",
        )
        .fails("the token has no rate yet"),
        |ctx: &mut Ctx, name: &str| -> Answer<Decimal> {
            let token = host::token(ctx.universe(), name)?;
            let rate = ctx.step().prices.rate(token);
            Ok(rate.ok_or_else(|| missing(ctx, &format!("{name} has no rate")))?)
        },
    );
    api.add(
        call(
            "lst_market_rate",
            &[TOKEN],
            "base tokens, or ()",
            "What a staking token is sold for, in ETH.",
        ),
        |ctx: &mut Ctx, name: &str| -> Answer<Dynamic> {
            let token = host::token(ctx.universe(), name)?;
            let rate = ctx.step().prices.market_rate(token);
            Ok(rate.map_or(Dynamic::UNIT, Dynamic::from_decimal))
        },
    );
    api.add(
        call(
            "swap_cost",
            &[VENUE, FROM, TO, AMOUNT],
            "fraction",
            "What a swap of so much would lose against the protocol's rate now: discount, fee and impact.",
        ).fails("the venue has no pool of the two tokens"),
        |ctx: &mut Ctx, venue: &str, from: &str, to: &str, amount: Dynamic| -> Answer<Decimal> {
            let venue = venue_of(ctx, venue, VenueKind::Dex, "swap")?;
            let token = |name: &str| {
                in_wallet(ctx, host::token(ctx.universe(), name)?)
            };
            let pair = (token(from)?, token(to)?);
            let amount = Quantity::new(host::number("amount", &amount)?);
            Ok(cost_of_swap(ctx.step(), venue, pair, amount).map_err(HostError::from)?)
        },
    );
    api.add(
        call(
            "liquidity",
            &[VENUE, TOKEN],
            "tokens",
            "What can be withdrawn or borrowed at a lending venue now: what all have supplied and not borrowed, ours with it.",
        ).fails("the venue lends nothing, or the data has no figures of the token"),
        |ctx: &mut Ctx, venue: &str, token: &str| -> Answer<Decimal> {
            figures(ctx, venue, token)?;
            let reserve = lent(ctx, venue, token)?;
            Ok(ctx.step().liquidity(reserve).unwrap_or_default().get())
        },
    );
    api.add(
        call(
            "staking_venue",
            &[TOKEN],
            "venue",
            "The venue of this mode that issues a staking token.",
        )
        .fails("no venue of the mode issues the token"),
        |ctx: &mut Ctx, name: &str| -> Answer<rhai::ImmutableString> {
            let token = host::token(ctx.universe(), name)?;
            let universe = ctx.universe();
            let found = universe.venues().iter().find(|venue| {
                let rules = universe.staking(venue.id);
                rules.is_some_and(|rules| universe.instrument(rules.token).token == token)
            });
            let venue = found.ok_or_else(|| {
                HostError::new(Code::Strat001, format!("no venue of this mode issues {name}"))
            })?;
            Ok((&*venue.name).into())
        },
    );
}

fn figures(
    ctx: &Ctx,
    venue: &str,
    token: &str,
) -> Result<crate::market::ReserveFigures, HostError> {
    let reserve = lent(ctx, venue, token)?;
    let figures = ctx.step().view.reserve(reserve);
    figures.ok_or_else(|| missing(ctx, &format!("{venue} has no figures of {token}")))
}

fn lent(ctx: &Ctx, venue: &str, token: &str) -> Result<ReserveId, HostError> {
    let venue = venue_of(ctx, venue, VenueKind::Lending, "a lending rate")?;
    reserve(ctx, venue, host::token(ctx.universe(), token)?)
}
