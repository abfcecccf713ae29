//! A hedge over all exchanges of the run: what `ctx.hedge(symbol)` gives. Its sums and its tests for a hold are one call each,
//! where a script would go through the exchanges one by one at every step.

use std::collections::BTreeSet;

use rhai::{Dynamic, Map};
use rust_decimal::Decimal;

use crate::script::host::{self, Answer, Ctx, HostError};
use crate::types::{Code, MarketId, MarketKind};

use super::ctx::{HOURS, optional, span_of_hours};
use super::pair::{Pair, Standing};
use super::{Api, Entry, Kind, Owner, Param, SYMBOL};

/// The pairs of a symbol, wherever an exchange has both markets.
#[derive(Clone, Debug)]
struct Hedge {
    ctx: Ctx,
    /// Any market of the symbol.
    of: MarketId,
}

const PARTS: Param = Param::new("parts", Kind::Parts, "parts by exchange");

pub(super) fn register(api: &mut Api) {
    api.add(
        Entry::call(
            Owner::Ctx,
            "hedge",
            &[SYMBOL],
            "hedge",
            "A symbol's spot markets and perps at all exchanges of the run, with what is held of them together.",
        )
        .fails("no exchange has both"),
        |ctx: &mut Ctx, symbol: &str| -> Answer<Hedge> {
            let markets = ctx.universe().markets();
            let of = markets.iter().find(|market| &*market.symbol == symbol).map(|market| market.id);
            let hedge = of.map(|of| Hedge { ctx: ctx.clone(), of });
            if let Some(hedge) = hedge
                && hedge.pairs().next().is_some()
            {
                return Ok(hedge);
            }
            // Each once, however many exchanges have it.
            let perps = markets.iter().filter(|market| market.kind == MarketKind::Perp);
            let known: BTreeSet<&str> = perps.map(|market| &*market.symbol).collect();
            Err(HostError::unknown("symbol", symbol, known.iter().copied()).into())
        },
    );
    sums(api);
    tests(api);
    funding(api);
    api.name_type::<Hedge>("Hedge", Owner::Hedge);
}

/// A sum over the pairs.
type Sum = fn(&Pair) -> Answer<Decimal>;

/// Name, unit, meaning, when it fails, and what is summed.
const SUMS: [(&str, &str, &str, &str, Sum); 5] = [
    ("coins", "coins", "The coins that lie at the exchanges.", "", |pair| Ok(pair.coins())),
    (
        "short",
        "coins",
        "The sizes of the perp positions together, positive when short.",
        "",
        |pair| Ok(pair.short()),
    ),
    (
        "notional",
        "quote token",
        "The shorts at mark.",
        "a perp that is held has no price yet",
        |pair| if pair.short().is_zero() { Ok(Decimal::ZERO) } else { pair.notional() },
    ),
    ("cash", "quote token", "The quote token that lies at the exchanges.", "", |pair| {
        Ok(pair.cash())
    }),
    (
        "margin",
        "quote token",
        "The margin balances of the exchanges, as `pair.margin` tells each.",
        "",
        |pair| Ok(pair.margin()),
    ),
];

fn sums(api: &mut Api) {
    for (name, unit, doc, fails, of) in SUMS {
        let entry = Entry::property(Owner::Hedge, name, unit, doc).fails(fails);
        api.add(entry, move |hedge: &mut Hedge| -> Answer<Decimal> {
            hedge.pairs().map(|pair| of(&pair)).sum()
        });
    }
}

fn tests(api: &mut Api) {
    const RATIO: Param = Param::new("ratio", Kind::Number, "of the perp's notional");
    api.add(
        Entry::call(
            Owner::Hedge,
            "is_below",
            &[RATIO],
            "bool",
            "Whether an exchange has less margin than so many times the notional of its short.",
        )
        .fails("a perp that is held has no price yet"),
        |hedge: &mut Hedge, ratio: Dynamic| -> Answer<bool> {
            let ratio = host::number("ratio", &ratio)?;
            for pair in hedge.pairs().filter(|pair| !pair.short().is_zero()) {
                if pair.margin() < ratio * pair.notional()? {
                    return Ok(true);
                }
            }
            Ok(false)
        },
    );
    standings(api);
}

fn standings(api: &mut Api) {
    const QUOTE: Param = Param::new("quote", Kind::Number, "quote token");
    const ASIDE: Param = Param::new("aside", Kind::Number, "fraction of the perp's notional");
    const BAND: Param = Param::new("band", Kind::Number, "fraction of the position");
    api.add(
        Entry::call(
            Owner::Hedge,
            "within",
            &[PARTS, QUOTE, ASIDE, BAND],
            "bool",
            "Whether at none of these exchanges there is anything to trade: `pair.within` of each, for its part of so much quote.",
        )
        .fails("an exchange does not have both markets; a part is below 0"),
        |hedge: &mut Hedge, parts: Map, quote: Dynamic, aside: Dynamic, band: Dynamic| -> Answer<bool> {
            let quote = host::number("quote", &quote)?;
            let aside = host::number("aside", &aside)?;
            let band = host::number("band", &band)?;
            for (pair, part) in hedge.parts(&parts)? {
                if !pair.within(quote * part, aside, band)? {
                    return Ok(false);
                }
            }
            Ok(true)
        },
    );
    api.add(
        Entry::call(
            Owner::Hedge,
            "without_cash",
            &[PARTS, QUOTE, ASIDE, BAND],
            "venue, or ()",
            "The last of these exchanges whose short is below its band, and whose cash and credit carry no coins worth a band; () when \
             there is none, and when elsewhere there is something to trade. While it lasts a position cannot grow.",
        )
        .fails("an exchange does not have both markets"),
        |hedge: &mut Hedge, parts: Map, quote: Dynamic, aside: Dynamic, band: Dynamic| -> Answer<Dynamic> {
            let quote = host::number("quote", &quote)?;
            let aside = host::number("aside", &aside)?;
            let band = host::number("band", &band)?;
            let mut found = None;
            for (pair, part) in hedge.parts(&parts)? {
                match pair.standing(quote * part, aside, band)? {
                    Standing::Within => {}
                    Standing::WithoutCash => found = Some(pair.venue()),
                    Standing::Off => return Ok(Dynamic::UNIT),
                }
            }
            let name = |venue| (&*hedge.ctx.universe().venue(venue).name).into();
            Ok(found.map_or(Dynamic::UNIT, name))
        },
    );
}

fn funding(api: &mut Api) {
    api.add(
        Entry::call(
            Owner::Hedge,
            "trailing_funding",
            &[PARTS, HOURS],
            "fraction per 8 h, or ()",
            "The mean over these exchanges, each by its part, of their mean funding rates of the last hours; () when none of them \
             paid in those.",
        )
        .fails("an exchange does not have both markets; a part is below 0"),
        |hedge: &mut Hedge, parts: Map, hours: Dynamic| -> Answer<Dynamic> {
            let (mut sum, mut whole) = (Decimal::ZERO, Decimal::ZERO);
            for (part, rate) in hedge.rates(&parts, &hours)? {
                let Some(rate) = rate else { continue };
                sum += rate * part;
                whole += part;
            }
            Ok(optional(sum.checked_div(whole)))
        },
    );
    api.add(
        Entry::call(
            Owner::Hedge,
            "lowest_funding",
            &[PARTS, HOURS],
            "fraction per 8 h, or ()",
            "The lowest mean funding rate of the last hours among these exchanges, but for those of no part; () when one of them did \
             not pay in those.",
        )
        .fails("an exchange does not have both markets; a part is below 0"),
        |hedge: &mut Hedge, parts: Map, hours: Dynamic| -> Answer<Dynamic> {
            let mut lowest: Option<Decimal> = None;
            for (part, rate) in hedge.rates(&parts, &hours)? {
                if part.is_zero() {
                    continue;
                }
                let Some(rate) = rate else { return Ok(Dynamic::UNIT) };
                lowest = Some(lowest.map_or(rate, |lowest| lowest.min(rate)));
            }
            Ok(optional(lowest))
        },
    );
}

impl Hedge {
    fn pairs(&self) -> impl Iterator<Item = Pair> + '_ {
        let universe = self.ctx.universe();
        let symbol = &universe.market(self.of).symbol;
        let perps = universe.markets().iter();
        let perps = perps.filter(move |it| it.kind == MarketKind::Perp && it.symbol == *symbol);
        perps.filter_map(move |perp| {
            let spot = universe.market_named(perp.venue, MarketKind::Spot, symbol)?;
            Some(Pair::new(&self.ctx, perp.venue, spot, perp.id))
        })
    }

    /// The pairs of these exchanges, each with its part.
    fn parts(&self, parts: &Map) -> Answer<Vec<(Pair, Decimal)>> {
        let universe = self.ctx.universe();
        let mut found = Vec::with_capacity(parts.len());
        for (venue, part) in parts {
            let part = host::number("parts", part)?;
            if part < Decimal::ZERO {
                let message = format!("the part of {venue} is {part}; a part is 0 or above");
                return Err(HostError::new(Code::Strat001, message).into());
            }
            let id = host::venue(universe, venue)?;
            let pair = self.pairs().find(|pair| pair.venue() == id).ok_or_else(|| {
                let symbol = &universe.market(self.of).symbol;
                let message = format!("{venue} does not have both markets of {symbol}");
                HostError::new(Code::Strat001, message)
            })?;
            found.push((pair, part));
        }
        Ok(found)
    }

    /// The part and the mean funding rate of each of these exchanges.
    fn rates(&self, parts: &Map, hours: &Dynamic) -> Answer<Vec<(Decimal, Option<Decimal>)>> {
        let span = span_of_hours(host::number("hours", hours)?)?;
        let view = &self.ctx.step().view;
        let rate = |pair: &Pair| view.trailing_funding(pair.perp(), span).map(|rate| rate.get());
        Ok(self.parts(parts)?.into_iter().map(|(pair, part)| (part, rate(&pair))).collect())
    }
}
