//! A market as a script sees it: what `ctx.market(venue, kind, symbol)` gives, its rules and its price.

use rhai::Dynamic;
use rust_decimal::Decimal;

use crate::script::host::{self, Answer, Ctx, HostError};
use crate::types::{Code, FeeAsset, Market, MarketId};

use super::{Api, Entry, Kind, Owner, Param};

/// A market as the script sees it.
#[derive(Clone, Debug)]
pub(super) struct MarketHandle {
    ctx: Ctx,
    id: MarketId,
}

pub(super) fn register(api: &mut Api) {
    let property = |name, returns, doc| Entry::property(Owner::Market, name, returns, doc);
    api.add(
        property("lot", "coins", "Quantities are whole multiples of this."),
        |market: &mut MarketHandle| market.rules().lot.get(),
    );
    api.add(
        property("min_notional", "quote", "The smallest notional of an order."),
        |market: &mut MarketHandle| market.rules().min_notional.get(),
    );
    api.add(
        property("fee", "fraction of the notional", "The taker fee."),
        |market: &mut MarketHandle| market.rules().fee.get(),
    );
    api.add(
        property("fee_asset", "\"quote\" or \"received\"", "In what the fee is charged."),
        |market: &mut MarketHandle| match market.rules().fee_asset {
            FeeAsset::Quote => "quote",
            FeeAsset::Received => "received",
        },
    );
    api.add(
        property("half_spread", "fraction of the price", "Half of the bid-ask spread."),
        |market: &mut MarketHandle| market.rules().half_spread.get(),
    );
    api.add(
        property("price", "quote per coin", "The price now."),
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
