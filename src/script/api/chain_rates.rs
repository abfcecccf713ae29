//! What a script may know of lending, staking and swaps: rates, indices, liquidity, what a sale costs.

use rhai::Dynamic;
use rust_decimal::Decimal;

use crate::engine::cost_of_swap;
use crate::script::host::{self, Answer, Ctx, HostError};
use crate::types::chain::CollateralRules;
use crate::types::venue::VenueKind;
use crate::types::{Code, Quantity, Rate, ReserveId, Span, Universe};

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
    limits(api);
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

/// Name, what it reads, meaning.
type Limit = (&'static str, fn(&CollateralRules) -> Rate, &'static str);

const LIMITS: [Limit; 2] = [
    (
        "max_ltv",
        |rules| rules.max_ltv,
        "The most debt over collateral that a borrow or a withdrawal may leave with the token as collateral, by the venue's rules in force now: those of the account's efficiency mode where the token is part of it. 0 where it is no collateral.",
    ),
    (
        "liquidation_threshold",
        |rules| rules.threshold,
        "Debt over collateral at which the account can be liquidated with the token as collateral, by the venue's rules in force now: those of the account's efficiency mode where the token is part of it. 0 where it is no collateral.",
    ),
];

/// A limit of a lending venue that its tables never change, where there are such a venue, token and limit.
pub(in crate::script) fn steady_limit(
    universe: &Universe,
    [venue, token]: [&str; 2],
    name: &str,
) -> Option<Dynamic> {
    let (_, figure, _) = LIMITS.iter().find(|(known, ..)| *known == name)?;
    let reserve =
        universe.reserve_of(universe.venue_named(venue)?, universe.token_named(token)?)?;
    let table = universe.lending(reserve.venue)?.table(reserve.id, reserve.token)?;
    let (first, rest) = table.split_first()?;
    let is_steady = rest.iter().all(|rules| figure(rules) == figure(first));
    is_steady.then(|| Dynamic::from_decimal(figure(first).get()))
}

/// What a venue lends against a collateral by the rules in force at this step.
fn limits(api: &mut Api) {
    for (name, figure, doc) in LIMITS {
        api.add(
            Entry::call(Owner::Ctx, name, &[VENUE, TOKEN], "fraction", doc)
                .fails("the venue lends nothing, or has no reserve of the token"),
            move |ctx: &mut Ctx, venue: &str, token: &str| -> Answer<Decimal> {
                let reserve = lent(ctx, venue, token)?;
                let (universe, now) = (ctx.universe(), ctx.step().now);
                let of = universe.reserve(reserve);
                let rules = universe.lending(of.venue);
                let rules = rules.and_then(|rules| rules.collateral(reserve, of.token, now));
                Ok(rules.map(figure).unwrap_or_default().get())
            },
        );
    }
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
