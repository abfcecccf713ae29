//! The interned world of a run: its tokens, and for each venue of the mode its keys, markets, margin, transfers and gas.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::types::venue::{
    MarginMode, MarginRules, MarginTier, MarginTiers, TransferRule, Venue, VenueKind,
};
use crate::types::{
    Code, FeeAsset, Market, MarketId, MarketKind, Notional, PositionType, Quantity, Rate, Span,
    TokenId, Universe, VenueId,
};

use super::super::faults::Fault;
use super::super::numbers::exact;
use super::super::section::{Bounds, Section};
use super::super::setup::{Costs, Fill, Impact, VenueConditions};
use super::{chain, prices, rewards};

/// The world, and the tokens that matter in it.
pub(super) struct World {
    pub(super) universe: Universe,
    pub(super) quote: TokenId,
    pub(super) asset: TokenId,
    pub(super) share: TokenId,
    /// By venue.
    pub(super) conditions: Vec<VenueConditions>,
    /// How exchanges margin positions.
    pub(super) margin_mode: MarginMode,
}

/// What is the same for all venues of a run.
struct Scope<'a> {
    quote: TokenId,
    asset: TokenId,
    share: TokenId,
    kinds: Vec<(&'static str, MarketKind)>,
    margin_mode: MarginMode,
    costs: Costs,
    asset_name: &'a str,
    quote_name: &'a str,
}

/// Builds the world. `None` only together with a fault.
pub(super) fn build(root: &Section<'_>, costs: Costs) -> Option<World> {
    let mut universe = Universe::default();
    let (quote_name, asset_name) = (root.at("quote").text(), root.at("asset").text());
    let quote = universe.intern_token(quote_name);
    let asset = universe.intern_token(asset_name);
    let share = universe.intern_token(root.at("share").at("token").text());
    let is_priced = prices::add(&mut universe, &root.at("pricing"));
    rewards::intern(&mut universe, root);
    let modes = [("unified", MarginMode::Unified), ("usdt", MarginMode::Usdt)];
    let margin_mode = root.at("margin_mode").choice(&modes).unwrap_or(MarginMode::Unified);
    let kinds = kinds_of(&root.at("markets"));
    let scope = Scope { quote, asset, share, kinds, margin_mode, costs, asset_name, quote_name };
    let venues = root.at("venues").entries();
    // What else could be told would follow from it.
    if !is_priced || venues.is_empty() || asset_name.is_empty() || quote_name.is_empty() {
        if venues.is_empty() {
            root.at("venues").fault(Code::Config004, "a mode names at least one venue");
        }
        return None;
    }
    let plan_timeout = root.at("execution").at("plan_timeout_s").optional_text().and_then(exact);
    let mut conditions = Vec::with_capacity(venues.len());
    for (name, section) in &venues {
        add_venue(&mut universe, name, section, &scope);
        conditions.push(conditions_of(section, plan_timeout, costs));
    }
    // After all keys: tokens on chain lie in the wallet, wherever in the list it stands.
    for index in 0..venues.len() {
        chain::add(&mut universe, VenueId(index as u8), root, costs);
    }
    rewards::add(&mut universe, root);
    Some(World { universe, quote, asset, share, conditions, margin_mode })
}

impl World {
    /// A mode that is about a coin holds it, or something that moves with it.
    pub(super) fn check_asset(&self, section: &Section<'_>) {
        let held = self.held();
        if !held.is_empty() && !held.contains(&self.universe.base(self.asset)) {
            let asset = self.universe.token(self.asset);
            let sentence =
                format!("no market, reserve or staking token of this mode is of {asset}");
            let advice = format!("it is about {}", self.names(held));
            section.tell(Fault::new(Code::Config005, sentence).suggest(advice));
        }
    }

    /// Capital in the share class's token is of use to a mode that trades, lends or stakes it.
    pub(super) fn check_share(&self, section: &Section<'_>) {
        let mut taken = self.held();
        if taken.is_empty() {
            return;
        }
        taken.extend(self.universe.markets().iter().map(|market| market.quote));
        if !taken.contains(&self.universe.base(self.share)) {
            let share = self.universe.token(self.share);
            let sentence =
                format!("no market, reserve or staking token of this mode takes {share}");
            let advice = format!("it takes {}", self.names(taken));
            section.tell(Fault::new(Code::Config005, sentence).suggest(advice));
        }
    }

    /// What the markets, the reserves and the staking tokens of the mode are of.
    fn held(&self) -> Vec<TokenId> {
        let universe = &self.universe;
        let mut held: Vec<TokenId> = universe.markets().iter().map(|market| market.base).collect();
        // What a flash loan is of is nobody's to keep.
        let kept = |venue| universe.venue(venue).kind != VenueKind::Flash;
        let lent = universe.reserves().iter().filter(|reserve| kept(reserve.venue));
        held.extend(lent.map(|reserve| universe.base(reserve.token)));
        let staked = universe.venues().iter().filter_map(|venue| universe.staking(venue.id));
        let token = |key| universe.instrument(key).token;
        held.extend(staked.map(|staking| universe.base(token(staking.base))));
        held
    }

    fn names(&self, tokens: Vec<TokenId>) -> String {
        let mut names: Vec<&str> =
            tokens.iter().map(|token| &**self.universe.token(*token)).collect();
        names.sort_unstable();
        names.dedup();
        names.join(" or ")
    }

    /// Gas is kept in a wallet that pays gas, and needs a price.
    pub(super) fn check_gas_tank(&self, section: &Section<'_>) {
        let has_wallet = self.universe.venues().iter().any(|venue| venue.kind == VenueKind::Wallet);
        if !has_wallet {
            section.fault(Code::Config005, "a gas tank needs a wallet among the venues");
        }
        if self.universe.token_named("ETH").is_none() {
            section.fault(Code::Config005, "a gas tank needs a price of ETH in pricing");
        }
    }
}

fn kinds_of(section: &Section<'_>) -> Vec<(&'static str, MarketKind)> {
    let known = [("spot", MarketKind::Spot), ("perp", MarketKind::Perp)];
    let chosen: Vec<MarketKind> =
        section.items().iter().filter_map(|item| item.choice(&known)).collect();
    known.into_iter().filter(|(_, kind)| chosen.contains(kind)).collect()
}

fn add_venue(universe: &mut Universe, name: &str, section: &Section<'_>, scope: &Scope<'_>) {
    let kinds = [
        ("wallet", VenueKind::Wallet),
        ("exchange", VenueKind::Exchange),
        ("lending", VenueKind::Lending),
        ("staking", VenueKind::Staking),
        ("dex", VenueKind::Dex),
        ("flash", VenueKind::Flash),
        ("bundler", VenueKind::Bundler),
    ];
    let kind = section.at("kind").choice(&kinds).unwrap_or(VenueKind::Wallet);
    let tokens: Vec<(TokenId, &str, u32)> = section
        .at("tokens")
        .entries()
        .into_iter()
        .filter_map(|(token, below)| {
            let decimals = u32::try_from(below.at("decimals").integer(0, 18)).ok()?;
            Some((universe.token_named(token)?, token, decimals))
        })
        .filter(|(token, _, _)| {
            kind == VenueKind::Wallet || [scope.quote, scope.asset, scope.share].contains(token)
        })
        .collect();
    let transfers = transfers_of(&section.at("transfers"), universe, scope.costs);
    let venue = universe.add_venue(|id| Venue { transfers, ..Venue::new(id, name, kind) });
    for (token, symbol, decimals) in &tokens {
        universe.intern_key(venue, PositionType::BaseToken, symbol, *token, *decimals);
    }
    if kind == VenueKind::Exchange {
        add_exchange(universe, venue, section, scope);
    }
    for (token, symbol, decimals) in tokens {
        // A token that follows another stays on chain: nothing of it is ever on its way.
        if universe.base(token) == token {
            universe.intern_key(venue, PositionType::Transit, symbol, token, decimals);
        }
    }
}

fn transfers_of(section: &Section<'_>, universe: &Universe, costs: Costs) -> Vec<TransferRule> {
    let rule = |(token, below): (&str, Section<'_>)| {
        let fee = below.at("fee").decimal(Bounds::NotNegative);
        let minutes = below.at("minutes").integer(0, 30 * 24 * 60);
        Some(TransferRule {
            token: universe.token_named(token)?,
            fee: Quantity::new(if costs == Costs::Full { fee } else { Decimal::ZERO }),
            duration: Span::from_minutes(minutes),
        })
    };
    section.entries().into_iter().filter_map(rule).collect()
}

fn add_exchange(universe: &mut Universe, venue: VenueId, section: &Section<'_>, scope: &Scope<'_>) {
    let symbol = format!("{}{}", scope.asset_name, scope.quote_name);
    if scope.asset != scope.quote {
        for &(name, kind) in &scope.kinds {
            add_market(universe, venue, &section.at("markets").at(name), (kind, &symbol), scope);
        }
    }
    if let Some(rules) = margin_of(universe, venue, &section.at("margin"), scope) {
        universe.set_margin(venue, rules);
    }
}

fn add_market(
    universe: &mut Universe,
    venue: VenueId,
    section: &Section<'_>,
    (kind, symbol): (MarketKind, &str),
    scope: &Scope<'_>,
) {
    let rules = section.at("symbols").at(symbol);
    if !rules.is_set() {
        section.at("symbols").fault(
            Code::Config004,
            format!("the venue has no {symbol} here; add its lot and min_notional, or leave the kind out of markets"),
        );
        return;
    }
    let lot = rules.at("lot").decimal(Bounds::Positive).normalize();
    let min_notional = rules.at("min_notional").decimal(Bounds::NotNegative);
    let fee = section.at("fee").decimal(Bounds::Fraction);
    let half_spread = section.at("half_spread_bps").decimal(Bounds::NotNegative);
    let assets = [("quote", FeeAsset::Quote), ("received", FeeAsset::Received)];
    let fee_asset = match kind {
        MarketKind::Spot => section.at("fee_asset").choice(&assets).unwrap_or(FeeAsset::Quote),
        MarketKind::Perp => FeeAsset::Quote,
    };
    let (base, quote) = (scope.asset, scope.quote);
    let (Some(coins), Some(cash)) =
        (universe.token_key(venue, base), universe.token_key(venue, quote))
    else {
        section.fault(Code::Config005, format!("the venue's tokens lack a side of {symbol}"));
        return;
    };
    let position = match kind {
        MarketKind::Spot => coins,
        MarketKind::Perp => {
            universe.intern_key(venue, PositionType::Perp, symbol, base, lot.scale())
        }
    };
    let full = scope.costs == Costs::Full;
    universe.add_market(|id| Market {
        id,
        venue,
        kind,
        symbol: symbol.into(),
        base,
        quote,
        position,
        cash,
        lot: Quantity::new(lot),
        min_notional: Notional::new(min_notional),
        fee: Rate::new(if scope.costs == Costs::None { Decimal::ZERO } else { fee }),
        fee_asset,
        half_spread: if full { Rate::from_bps(half_spread) } else { Rate::ZERO },
    });
}

fn margin_of(
    universe: &Universe,
    venue: VenueId,
    section: &Section<'_>,
    scope: &Scope<'_>,
) -> Option<MarginRules> {
    let cash = section.at("cash");
    let Some(cash) = universe.token_named(cash.text()).and_then(|t| universe.token_key(venue, t))
    else {
        cash.fault(
            Code::Config003,
            "the cash token must be one of the venue's and the mode's tokens",
        );
        return None;
    };
    let collateral_ratio = section.at("collateral_ratio").entries();
    let rules = MarginRules {
        mode: scope.margin_mode,
        cash,
        collateral_ratio: collateral_ratio
            .into_iter()
            .map(|(token, ratio)| (token, Rate::new(ratio.decimal(Bounds::Fraction))))
            .filter_map(|(token, ratio)| Some((universe.token_named(token)?, ratio)))
            .collect(),
        credit_limit: Notional::new(section.at("credit_limit").decimal(Bounds::NotNegative)),
        interest_free: Notional::new(section.at("interest_free").decimal(Bounds::NotNegative)),
        interest_per_year: Rate::new(section.at("interest_per_year").decimal(Bounds::NotNegative)),
        max_leverage: section.at("max_leverage").decimal(Bounds::Positive),
        liquidation_fee: Rate::new(section.at("liquidation_fee").decimal(Bounds::Fraction)),
        tiers: universe
            .markets()
            .iter()
            .filter(|market| market.venue == venue && market.kind == MarketKind::Perp)
            .flat_map(|market| tables_of(&section.at("tiers").at(&market.symbol), market.id))
            .collect(),
    };
    Some(rules)
}

/// The dated tier tables of one perp market.
fn tables_of(section: &Section<'_>, market: MarketId) -> Vec<MarginTiers> {
    let tables = section.items();
    if tables.is_empty() {
        section.fault(Code::Config004, "a perp market needs maintenance tiers with their as_of");
    }
    let mut read = Vec::with_capacity(tables.len());
    for table in tables {
        if !table.at("as_of").is_set() {
            table.at("as_of").fault(Code::Config004, "a value is needed here");
        }
        let tiers: Vec<MarginTier> = table
            .at("tiers")
            .items()
            .iter()
            .map(|tier| MarginTier {
                up_to: Notional::new(tier.at("up_to").decimal(Bounds::Positive)),
                rate: Rate::new(tier.at("rate").decimal(Bounds::Fraction)),
                deduction: Notional::new(tier.at("deduction").decimal(Bounds::NotNegative)),
            })
            .collect();
        check_tiers(&tiers, &table.at("tiers"));
        let as_of = table.at("as_of").optional_time().unwrap_or_default();
        read.push(MarginTiers { market, as_of, tiers });
    }
    read
}

/// Tiers ascend, and where one ends the next must ask for the same margin: a jump would liquidate without a price move.
fn check_tiers(tiers: &[MarginTier], section: &Section<'_>) {
    if tiers.is_empty() {
        section.fault(Code::Config004, "a table has at least one tier");
    }
    for pair in tiers.windows(2) {
        let [lower, upper] = pair else { continue };
        let at = lower.up_to;
        if upper.up_to <= at {
            section
                .fault(Code::Config005, format!("tiers must ascend; {} follows {at}", upper.up_to));
        }
        let [below, above] = [lower, upper].map(|tier| at * tier.rate - tier.deduction);
        if below != above {
            section.fault(
                Code::Config005,
                format!("maintenance jumps from {below} to {above} at {at}; correct the deduction"),
            );
        }
    }
}

/// There and back again an order takes twice the latency; no plan could end that waits longer than it may.
fn latency(section: &Section<'_>, plan_timeout: Option<Decimal>) -> Span {
    let ms = section.decimal(Bounds::NotNegative);
    let answer_s = ms * Decimal::TWO / Decimal::ONE_THOUSAND;
    if let Some(timeout) = plan_timeout.filter(|timeout| answer_s >= *timeout) {
        let sentence = format!(
            "an answer would take {} s, and a plan ends within {timeout} s (execution.plan_timeout_s)",
            answer_s.normalize()
        );
        section.fault(Code::Config005, sentence);
    }
    Span::from_ms(ms.to_i64().unwrap_or_default())
}

fn conditions_of(
    section: &Section<'_>,
    plan_timeout: Option<Decimal>,
    costs: Costs,
) -> VenueConditions {
    let impact = section.at("impact");
    let read = impact.is_set().then(|| {
        let coefficient = impact.at("coefficient_bps").decimal(Bounds::NotNegative);
        let power = impact.at("power").decimal(Bounds::Positive);
        if power < Decimal::new(5, 1) {
            let sentence = "impact grows at least with the square root of size: 0.5 or above";
            impact.at("power").fault(Code::Config003, sentence);
        }
        Impact { coefficient: Rate::from_bps(coefficient), power }
    });
    let fills = [("open", Fill::Open), ("next_open", Fill::NextOpen)];
    let fill = section.at("fill");
    VenueConditions {
        latency: latency(&section.at("latency_ms"), plan_timeout),
        impact: read.filter(|impact| costs == Costs::Full && !impact.coefficient.is_zero()),
        fill: if fill.is_set() { fill.choice(&fills).unwrap_or_default() } else { Fill::Open },
    }
}
