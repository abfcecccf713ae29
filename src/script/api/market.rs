//! A market as a script sees it: what `ctx.market(venue, kind, symbol)` gives, its rules and its price.

use rhai::Dynamic;
use rust_decimal::Decimal;

use crate::script::host::{self, Answer, Ctx, HostError};
use crate::types::{Code, FeeAsset, Market, MarketId, Universe};

use super::{Api, Entry, Kind, Owner, Param};

/// A market as the script sees it.
#[derive(Clone, Debug)]
pub(super) struct MarketHandle {
    ctx: Ctx,
    id: MarketId,
}

/// What a market's rules say, which is the same at every step: name, what it is, meaning, and how it is read.
type Rule = (&'static str, &'static str, &'static str, fn(&Market) -> Dynamic);

const RULES: [Rule; 5] = [
    ("lot", "coins", "Quantities are whole multiples of this.", |rules| rules.lot.get().into()),
    ("min_notional", "quote", "The smallest notional of an order.", |rules| {
        rules.min_notional.get().into()
    }),
    ("fee", "fraction of the notional", "The taker fee.", |rules| rules.fee.get().into()),
    ("fee_asset", "\"quote\" or \"received\"", "In what the fee is charged.", |rules| match rules
        .fee_asset
    {
        FeeAsset::Quote => "quote".into(),
        FeeAsset::Received => "received".into(),
    }),
    ("half_spread", "fraction of the price", "Half of the bid-ask spread.", |rules| {
        rules.half_spread.get().into()
    }),
];

/// What a rule of a market says, where there is such a market and such a rule.
pub(in crate::script) fn rule(
    universe: &Universe,
    [venue, kind, symbol]: [&str; 3],
    name: &str,
) -> Option<Dynamic> {
    let (.., read) = RULES.iter().find(|(known, ..)| *known == name)?;
    let market = host::market(universe, venue, host::market_kind(kind).ok()?, symbol).ok()?;
    Some(read(universe.market(market)))
}

pub(super) fn register(api: &mut Api) {
    let property = |name, returns, doc| Entry::property(Owner::Market, name, returns, doc);
    for (name, returns, doc, read) in RULES {
        api.add(property(name, returns, doc), move |market: &mut MarketHandle| {
            read(market.rules())
        });
    }
    api.add(
        property("price", "quote per coin", "The price now.").fails("the market has no price yet"),
        |market: &mut MarketHandle| -> Answer<Decimal> { price(&market.ctx, market.id) },
    );
    api.add(
        property("tradable", "bool", "Whether the market has a price of this very step."),
        |market: &mut MarketHandle| is_tradable(&market.ctx, market.id),
    );
    const QUANTITY: Param = Param::new("quantity", Kind::Number, "coins");
    api.add(
        Entry::call(
            Owner::Market,
            "received",
            &[QUANTITY],
            "coins",
            "The coins that arrive when so many are bought: less the fee where it is charged in the coin.",
        ),
        |market: &mut MarketHandle, quantity: Dynamic| -> Answer<Decimal> {
            let quantity = host::number("quantity", &quantity)?;
            let rules = market.rules();
            let decimals = market.ctx.universe().instrument(rules.position).decimals;
            Ok(rules.received(quantity.into(), decimals).get())
        },
    );
    api.name_type::<MarketHandle>("Market", Owner::Market);
}

impl MarketHandle {
    pub(super) fn new(ctx: &Ctx, id: MarketId) -> Self {
        Self { ctx: ctx.clone(), id }
    }

    fn rules(&self) -> &Market {
        self.ctx.universe().market(self.id)
    }
}

/// The price of a market now.
pub(super) fn price(ctx: &Ctx, id: MarketId) -> Answer<Decimal> {
    let price = ctx.step().price(id).ok_or_else(|| {
        let market = ctx.universe().market(id);
        let venue = &ctx.universe().venue(market.venue).name;
        let kind = host::kind_name(market.kind);
        missing(ctx, &format!("{venue} {kind} {} has no price", market.symbol))
    })?;
    Ok(price.get())
}

/// Whether a market has a price of this very step.
pub(super) fn is_tradable(ctx: &Ctx, id: MarketId) -> bool {
    ctx.step().prices.quote(id).is_some_and(|quote| quote.tradable)
}

/// A price that is not there.
pub(super) fn missing(ctx: &Ctx, what: &str) -> HostError {
    HostError::new(Code::Strat001, format!("{what} at {}", ctx.step().now))
        .with_help("ctx.tradable(venue, kind, symbol) tells before whether there is one")
}
