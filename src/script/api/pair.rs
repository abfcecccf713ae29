//! The spot market and the perp of a symbol at one exchange, with what is held of both: what `ctx.pair(venue, symbol)` gives. A
//! hedged position is looked at by it at every step, so each question is one call.

use rhai::{Dynamic, ImmutableString};
use rust_decimal::Decimal;

use crate::script::host::{self, Answer, Ctx};
use crate::types::{Market, MarketId, MarketKind, Quantity, VenueId};

use super::market::{MarketHandle, is_tradable, missing, price};
use super::{Api, Entry, Kind, Owner, Param, SYMBOL, VENUE};

/// Both markets as the script sees them.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    ctx: Ctx,
    venue: VenueId,
    spot: MarketId,
    perp: MarketId,
}

/// How a position stands to what its part of the equity carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is nothing to trade.
    Within,
    /// The short is below its band, and what can be spent here carries no coins worth a band.
    WithoutCash,
    /// There may be something to trade, or a market has no price of this step.
    Off,
}

pub(super) fn register(api: &mut Api) {
    api.add(
        Entry::call(
            Owner::Ctx,
            "pair",
            &[VENUE, SYMBOL],
            "pair",
            "A symbol's spot market and perp at one exchange, with what is held of both.",
        )
        .fails("the exchange does not have both"),
        |ctx: &mut Ctx, venue: &str, symbol: &str| -> Answer<Pair> {
            let universe = ctx.universe();
            let market = |kind| host::market(universe, venue, kind, symbol);
            let (spot, perp) = (market(MarketKind::Spot)?, market(MarketKind::Perp)?);
            Ok(Pair::new(ctx, host::venue(universe, venue)?, spot, perp))
        },
    );
    markets(api);
    within(api);
    holdings(api);
    api.name_type::<Pair>("Pair", Owner::Pair);
}

fn property(name: &'static str, returns: &'static str, doc: &'static str) -> Entry {
    Entry::property(Owner::Pair, name, returns, doc)
}

fn markets(api: &mut Api) {
    api.add(property("spot", "market", "The spot market."), |pair: &mut Pair| {
        MarketHandle::new(&pair.ctx, pair.spot)
    });
    api.add(property("perp", "market", "The perp."), |pair: &mut Pair| {
        MarketHandle::new(&pair.ctx, pair.perp)
    });
    api.add(property("venue", "venue", "The exchange."), |pair: &mut Pair| -> ImmutableString {
        (&*pair.ctx.universe().venue(pair.venue).name).into()
    });
    api.add(
        property("tradable", "bool", "Whether both have a price of this very step."),
        |pair: &mut Pair| is_tradable(&pair.ctx, pair.spot) && is_tradable(&pair.ctx, pair.perp),
    );
    api.add(
        property("lot", "coins", "The coarser of the two lots: quantities of it suit both."),
        |pair: &mut Pair| pair.lot().get(),
    );
    const QUOTE: Param = Param::new("quote", Kind::Number, "quote token");
    const ASIDE: Param = Param::new("aside", Kind::Number, "fraction of the perp's notional");
    api.add(
        Entry::call(
            Owner::Pair,
            "carries",
            &[QUOTE, ASIDE],
            "coins",
            "The coins that so much quote buys and hedges, in whole lots of both: quote / (S·(1 + fee + half spread) + M·(fee + \
             aside)), where S is the spot price, M the mark and `aside` the cash kept as margin.",
        )
        .fails("a market has no price yet"),
        |pair: &mut Pair, quote: Dynamic, aside: Dynamic| -> Answer<Decimal> {
            let quote = host::number("quote", &quote)?;
            pair.carries(quote, host::number("aside", &aside)?)
        },
    );
}

fn within(api: &mut Api) {
    const QUOTE: Param = Param::new("quote", Kind::Number, "quote token");
    const ASIDE: Param = Param::new("aside", Kind::Number, "fraction of the perp's notional");
    const BAND: Param = Param::new("band", Kind::Number, "fraction of the position");
    api.add(
        Entry::call(
            Owner::Pair,
            "within",
            &[QUOTE, ASIDE, BAND],
            "bool",
            "Whether there is nothing to trade: both markets have a price of this step, less than a lot stands unhedged, and the short is \
             within the band of what so much quote carries. The test with which a hold begins.",
        ),
        |pair: &mut Pair, quote: Dynamic, aside: Dynamic, band: Dynamic| -> Answer<bool> {
            let quote = host::number("quote", &quote)?;
            let aside = host::number("aside", &aside)?;
            let band = host::number("band", &band)?;
            pair.within(quote, aside, band)
        },
    );
}

fn holdings(api: &mut Api) {
    api.add(
        property("coins", "coins", "The coins that lie at the exchange."),
        |pair: &mut Pair| pair.coins(),
    );
    api.add(
        property("short", "coins", "The size of the perp position, positive when short."),
        |pair: &mut Pair| pair.short(),
    );
    api.add(
        property("net", "coins", "Coins less the short: what stands unhedged here."),
        |pair: &mut Pair| (pair.held(pair.spot) + pair.held(pair.perp)).get(),
    );
    api.add(
        property("notional", "quote token", "The short at mark.")
            .fails("the perp has no price yet"),
        |pair: &mut Pair| pair.notional(),
    );
    api.add(
        property("cash", "quote token", "The quote token that lies at the exchange."),
        |pair: &mut Pair| pair.cash(),
    );
    api.add(
        property(
            "margin",
            "quote token",
            "The margin balance of the exchange: cash and unrealised profit, in unified margin the coins less their haircut, too.",
        ),
        |pair: &mut Pair| pair.margin(),
    );
}

impl Pair {
    pub(super) fn new(ctx: &Ctx, venue: VenueId, spot: MarketId, perp: MarketId) -> Self {
        Self { ctx: ctx.clone(), venue, spot, perp }
    }

    pub(super) fn venue(&self) -> VenueId {
        self.venue
    }

    pub(super) fn perp(&self) -> MarketId {
        self.perp
    }

    pub(super) fn coins(&self) -> Decimal {
        self.held(self.spot).get()
    }

    pub(super) fn short(&self) -> Decimal {
        -self.held(self.perp).get()
    }

    pub(super) fn notional(&self) -> Answer<Decimal> {
        Ok(self.short() * price(&self.ctx, self.perp)?)
    }

    pub(super) fn cash(&self) -> Decimal {
        let universe = self.ctx.universe();
        let key = universe.token_key(self.venue, self.market(self.perp).quote);
        key.map_or(Decimal::ZERO, |key| self.ctx.step().balance(key).get())
    }

    pub(super) fn margin(&self) -> Decimal {
        let account = self.ctx.step().margin[self.venue.index()];
        account.map_or(Decimal::ZERO, |account| account.balance.get())
    }

    /// Whether there is nothing to trade for so much quote: see `pair.within`.
    pub(super) fn within(&self, quote: Decimal, aside: Decimal, band: Decimal) -> Answer<bool> {
        Ok(self.standing(quote, aside, band)? == Standing::Within)
    }

    /// How the position stands to what so much quote carries.
    pub(super) fn standing(
        &self,
        quote: Decimal,
        aside: Decimal,
        band: Decimal,
    ) -> Answer<Standing> {
        if !is_tradable(&self.ctx, self.spot) || !is_tradable(&self.ctx, self.perp) {
            return Ok(Standing::Off);
        }
        let (coins, size) = (self.held(self.spot), self.held(self.perp));
        if (coins + size).abs() >= self.lot() {
            return Ok(Standing::Off);
        }
        let short = -size.get();
        let (target, band) = (self.carries(quote, aside)?, band * short);
        if (target - short).abs() <= band {
            return Ok(Standing::Within);
        }
        let is_poor = target > short
            && self.is_an_order(target)?
            && self.carries(self.spendable(), aside)? <= band;
        Ok(if is_poor { Standing::WithoutCash } else { Standing::Off })
    }

    fn market(&self, id: MarketId) -> &Market {
        self.ctx.universe().market(id)
    }

    /// Whether both markets take an order of so many coins.
    fn is_an_order(&self, coins: Decimal) -> Answer<bool> {
        let takes = |id| -> Answer<bool> {
            Ok(coins * price(&self.ctx, id)? >= self.market(id).min_notional.get())
        };
        Ok(takes(self.spot)? && takes(self.perp)?)
    }

    /// What can be paid out of the quote token here, as `ctx.spendable` tells it.
    fn spendable(&self) -> Decimal {
        self.ctx.step().spendable(self.venue, self.market(self.spot).quote).get()
    }

    fn held(&self, id: MarketId) -> Quantity {
        self.ctx.step().balance(self.market(id).position)
    }

    fn lot(&self) -> Quantity {
        self.market(self.spot).lot.max(self.market(self.perp).lot)
    }

    fn carries(&self, quote: Decimal, aside: Decimal) -> Answer<Decimal> {
        let (spot, perp) = (self.market(self.spot), self.market(self.perp));
        let coin =
            price(&self.ctx, self.spot)? * (Decimal::ONE + spot.fee.get() + spot.half_spread.get());
        let unit = coin + price(&self.ctx, self.perp)? * (perp.fee.get() + aside);
        let coins = quote
            .checked_div(unit)
            .ok_or_else(|| missing(&self.ctx, &format!("{} costs nothing", spot.symbol)))?;
        Ok(Quantity::new(coins).floor_to_lot(self.lot()).get())
    }
}
