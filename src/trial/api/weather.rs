//! The weather: prices, rates, indices, gas. What is set holds from the next step until it is set again.

use rhai::{Dynamic, NativeCallContext};
use rust_decimal::Decimal;

use crate::script::api::{Api, Kind, MARKET_KIND, PERP_SYMBOL, Param, SYMBOL, TOKEN, VENUE};
use crate::script::host::{self, HostError};
use crate::types::{MarketId, Reserve, ReserveId};

use crate::trial::weather::Side;

use super::set::{
    RATED, had, missing, no_payments, no_price, no_rate, no_reserve, no_series, part, positive,
    share,
};
use super::{World, absent, method, placed, unknown};

const PRICE: Param = Param::new("price", Kind::Number, "USDT");
const COINS: Param = Param::new("coins", Kind::Number, "coins in a bar");
const HIGH: Param = Param::new("high", Kind::Number, "USDT");
const LOW: Param = Param::new("low", Kind::Number, "USDT");
const RATE: Param = Param::new("rate", Kind::Number, "fraction a year");
const PAID: Param = Param::new("rate", Kind::Number, "fraction of notional every 8 hours");
const INDEX: Param = Param::new("index", Kind::Number, "index, 1 at the beginning");
const VALUE: Param = Param::new("rate", Kind::Number, "base tokens a staking token");
const FRACTION: Param = Param::new("fraction", Kind::Number, "fraction");
const GWEI: Param = Param::new("gwei", Kind::Number, "gwei");
const SUPPLIED: Param = Param::new("supplied", Kind::Number, "tokens that others have supplied");
const BORROWED: Param = Param::new("borrowed", Kind::Number, "tokens that others have borrowed");

pub(super) fn register(api: &mut Api) {
    prices(api);
    markets(api);
    staking(api);
    reserves(api);
}

fn prices(api: &mut Api) {
    api.add(
        method("price", &[TOKEN, PRICE], "()", "The price of a token everywhere, spot and perp.")
            .fails("`price` is not above 0, or nothing prices the token"),
        |call: NativeCallContext, world: World, token: &str, price: Dynamic| {
            let set = |world: &World| {
                let (id, price) = (world.token(token)?, positive("price", &price)?);
                let is_staked = world.stage().weather.lst_rate_now(id).is_some();
                match world.stage().weather.price(id, price) {
                    true => Ok(()),
                    false if is_staked => Err(absent(no_price(token), RATED)),
                    false => Err(missing(no_price(token))),
                }
            };
            placed(&call, set(&world))
        },
    );
    api.add(
        method(
            "volume",
            &[TOKEN, COINS],
            "()",
            "The coins that trade in every bar of a token's markets.",
        ),
        |call: NativeCallContext, world: World, token: &str, coins: Dynamic| {
            let set = |world: &World| {
                let (id, coins) = (world.token(token)?, positive("coins", &coins)?);
                let done = world.stage().weather.volume(id, coins);
                had(done, || format!("no market of this run trades {token}"))
            };
            placed(&call, set(&world))
        },
    );
    api.add(
        method("gas", &[GWEI], "()", "The price of gas."),
        |call: NativeCallContext, world: World, gwei: Dynamic| {
            let set = |world: &World| {
                let gwei = positive("gwei", &gwei)?;
                had(world.stage().weather.gas(gwei), || "this run pays no gas".to_owned())
            };
            placed(&call, set(&world))
        },
    );
}

fn markets(api: &mut Api) {
    const MARKET: &[Param] = &[VENUE, MARKET_KIND, SYMBOL];
    api.add(
        method(
            "market_price",
            &[VENUE, MARKET_KIND, SYMBOL, PRICE],
            "()",
            "The price of one market; world.price sets it again with all others.",
        ),
        |call: NativeCallContext,
         world: World,
         venue: &str,
         kind: &str,
         symbol: &str,
         price: Dynamic| {
            let set = |world: &World| {
                let market = market(world, venue, kind, symbol)?;
                let price = positive("price", &price)?;
                had(world.stage().weather.market_price(market, price), || no_series(venue, symbol))
            };
            placed(&call, set(&world))
        },
    );
    api.add(
        method(
            "bar",
            &[VENUE, MARKET_KIND, SYMBOL, HIGH, LOW],
            "()",
            "How far the bar runs that is open now; at the next step it has closed, with what it set off.",
        ).fails("`high` is below `low`"),
        |call: NativeCallContext,
         world: World,
         venue: &str,
         kind: &str,
         symbol: &str,
         high: Dynamic,
         low: Dynamic| {
            let set = |world: &World| {
                let market = market(world, venue, kind, symbol)?;
                let (high, low) = (positive("high", &high)?, positive("low", &low)?);
                if high < low {
                    return Err(absent(format!("high {high} is below low {low}"), "high comes first"));
                }
                had(world.stage().weather.extremes(market, high, low), || no_series(venue, symbol))
            };
            placed(&call, set(&world))
        },
    );
    for (name, is_gap, doc) in [
        ("gap", true, "From the next step on a market has no price: nothing trades there."),
        ("no_gap", false, "Ends a gap."),
    ] {
        api.add(
            method(name, MARKET, "()", doc),
            move |call: NativeCallContext, world: World, venue: &str, kind: &str, symbol: &str| {
                let set = |world: &World| {
                    let market = market(world, venue, kind, symbol)?;
                    had(world.stage().weather.gap(market, is_gap), || no_series(venue, symbol))
                };
                placed(&call, set(&world))
            },
        );
    }
    api.add(
        method(
            "funding",
            &[VENUE, PERP_SYMBOL, PAID],
            "()",
            "What longs of a perp pay shorts at 0, 8 and 16 o'clock.",
        ),
        |call: NativeCallContext, world: World, venue: &str, symbol: &str, rate: Dynamic| {
            let set = |world: &World| {
                let market = market(world, venue, "perp", symbol)?;
                let rate = host::number("rate", &rate)?;
                had(world.stage().weather.funding(market, Some(rate)), || {
                    no_payments(venue, symbol)
                })
            };
            placed(&call, set(&world))
        },
    );
    api.add(
        method(
            "no_funding",
            &[VENUE, PERP_SYMBOL],
            "()",
            "No payments are stamped any more, until funding is set again; what was paid before the first step stays.",
        ),
        |call: NativeCallContext, world: World, venue: &str, symbol: &str| {
            let set = |world: &World| {
                let market = market(world, venue, "perp", symbol)?;
                had(world.stage().weather.funding(market, None), || no_payments(venue, symbol))
            };
            placed(&call, set(&world))
        },
    );
}

fn staking(api: &mut Api) {
    api.add(
        method("lst_rate", &[TOKEN, VALUE], "()", "What a staking token is worth by its protocol."),
        |call: NativeCallContext, world: World, token: &str, rate: Dynamic| {
            let set = |world: &World| {
                let (id, rate) = (world.token(token)?, positive("rate", &rate)?);
                had(world.stage().weather.lst_rate(id, rate), || no_rate(token))
            };
            placed(&call, set(&world))
        },
    );
    api.add(
        method(
            "staking_rate",
            &[TOKEN, RATE],
            "()",
            "What a staking token earns a year, compounded each step.",
        ),
        |call: NativeCallContext, world: World, token: &str, rate: Dynamic| {
            let set = |world: &World| {
                let (id, rate) = (world.token(token)?, host::number("rate", &rate)?);
                had(world.stage().weather.staking_rate(id, rate), || no_rate(token))
            };
            placed(&call, set(&world))
        },
    );
    api.add(
        method("slash", &[TOKEN, FRACTION], "()", "A staking token's rate falls by a fraction.")
            .fails("`fraction` is not between 0 and 1"),
        |call: NativeCallContext, world: World, token: &str, fraction: Dynamic| {
            let set = |world: &World| {
                let (id, fraction) = (world.token(token)?, share("fraction", &fraction)?);
                let now = world.stage().weather.lst_rate_now(id);
                let now = now.ok_or_else(|| missing(no_rate(token)))?;
                let rate = now * (Decimal::ONE - fraction);
                had(world.stage().weather.lst_rate(id, rate), || no_rate(token))
            };
            placed(&call, set(&world))
        },
    );
    api.add(
        method(
            "lst_discount",
            &[TOKEN, FRACTION],
            "()",
            "By what fraction less than its protocol's rate a staking token is sold.",
        )
        .fails("`fraction` is 1 or above: nothing is left then, or no market of the token is subscribed to"),
        |call: NativeCallContext, world: World, token: &str, fraction: Dynamic| {
            let set = |world: &World| {
                let (id, fraction) = (world.token(token)?, part("fraction", &fraction)?);
                had(world.stage().weather.lst_discount(id, fraction), || {
                    format!("this run subscribes to no market of {token}")
                })
            };
            placed(&call, set(&world))
        },
    );
}

fn reserves(api: &mut Api) {
    for (name, side, doc) in [
        (
            "supply_rate",
            Side::Supply,
            "What a reserve pays its suppliers a year, compounded each step.",
        ),
        (
            "borrow_rate",
            Side::Borrow,
            "What a reserve takes from its borrowers a year, compounded each step.",
        ),
    ] {
        api.add(
            method(name, &[VENUE, TOKEN, RATE], "()", doc),
            move |call: NativeCallContext,
                  world: World,
                  venue: &str,
                  token: &str,
                  rate: Dynamic| {
                let set = |world: &World| {
                    let (id, rate) = (reserve(world, venue, token)?, host::number("rate", &rate)?);
                    had(world.stage().weather.reserve_rate(id, side, rate), || {
                        no_reserve(venue, token)
                    })
                };
                placed(&call, set(&world))
            },
        );
    }
    for (name, side, doc) in [
        ("supply_index", Side::Supply, "By what supplied tokens are multiplied."),
        ("borrow_index", Side::Borrow, "By what borrowed tokens are multiplied."),
    ] {
        api.add(
            method(name, &[VENUE, TOKEN, INDEX], "()", doc),
            move |call: NativeCallContext,
                  world: World,
                  venue: &str,
                  token: &str,
                  index: Dynamic| {
                let set = |world: &World| {
                    let (id, index) = (reserve(world, venue, token)?, positive("index", &index)?);
                    had(world.stage().weather.index(id, side, index), || no_reserve(venue, token))
                };
                placed(&call, set(&world))
            },
        );
    }
    api.add(
        method(
            "pool",
            &[VENUE, TOKEN, SUPPLIED, BORROWED],
            "()",
            "What others have in a reserve; their difference, and what is ours, can be withdrawn or borrowed.",
        ),
        |call: NativeCallContext,
         world: World,
         venue: &str,
         token: &str,
         supplied: Dynamic,
         borrowed: Dynamic| {
            let set = |world: &World| {
                let id = reserve(world, venue, token)?;
                let supplied = positive("supplied", &supplied)?;
                let borrowed = host::number("borrowed", &borrowed)?;
                let done = world.stage().weather.totals(id, supplied, borrowed);
                had(done, || no_reserve(venue, token))
            };
            placed(&call, set(&world))
        },
    );
}

fn market(world: &World, venue: &str, kind: &str, symbol: &str) -> Result<MarketId, HostError> {
    let (kind, at) = (host::market_kind(kind)?, world.venue(venue)?);
    let stage = world.stage();
    let universe = &stage.setup().universe;
    let there = || universe.markets().iter().filter(|market| market.kind == kind);
    let own = || there().filter(|market| market.venue == at);
    let word = host::kind_name(kind);
    if own().next().is_none() {
        let mut known: Vec<String> = there()
            .map(|market| format!("{} at {}", market.symbol, universe.venue(market.venue).name))
            .collect();
        known.sort();
        let help = match known.is_empty() {
            true => format!("this run has no {word} market at all"),
            false => format!("{word} markets of this run are: {}", known.join(", ")),
        };
        return Err(absent(format!("{venue} has no {word} market in this run"), &help));
    }
    universe.market_named(at, kind, symbol).ok_or_else(|| {
        let symbols = own().map(|market| &*market.symbol);
        unknown(&format!("{word} symbol at {venue}"), symbol, symbols)
    })
}

fn reserve(world: &World, venue: &str, token: &str) -> Result<ReserveId, HostError> {
    let (at, of) = (world.venue(venue)?, world.token(token)?);
    let stage = world.stage();
    let mut known = stage.setup().universe.reserves().iter();
    let found = known.find(|reserve| reserve.venue == at && reserve.token == of);
    found.map(|reserve| reserve.id).ok_or_else(|| {
        let universe = &stage.setup().universe;
        let name = |reserve: &Reserve| {
            format!("{} at {}", universe.token(reserve.token), universe.venue(reserve.venue).name)
        };
        let mut known: Vec<String> = universe.reserves().iter().map(name).collect();
        known.sort();
        let help = match known.is_empty() {
            true => "this run has no reserve at all".to_owned(),
            false => format!("reserves of this run are: {}", known.join(", ")),
        };
        absent(no_reserve(venue, token), &help)
    })
}
