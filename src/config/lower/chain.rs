//! The protocols of a mode: what is lent and borrowed and under which rules, what is staked, where tokens are swapped.
//!
//! Read after all venues have their keys, because tokens on chain lie in the wallet whatever the protocol.

use rust_decimal::Decimal;

use crate::types::chain::{
    CollateralRules, EMode, GasRules, GasUse, LendingRules, Protocol, ReserveRules, StakingRules,
    SwapCost, SwapRule,
};
use crate::types::venue::VenueKind;
use crate::types::{
    Code, KeyId, Notional, PositionType, Quantity, Rate, Reserve, ReserveId, Span, TokenId,
    Universe, VenueId,
};

use super::super::section::{Bounds, Section};
use super::super::setup::Costs;

/// More gas than one operation can use.
const UNITS_MAX: i64 = 10_000_000;
/// The least power of size with which a swap's cost grows.
const POWER_LEAST: Decimal = Decimal::from_parts(5, 0, 0, false, 1);

/// Gives a venue on chain its protocol.
pub(super) fn add(universe: &mut Universe, venue: VenueId, section: &Section<'_>, costs: Costs) {
    let kind = universe.venue(venue).kind;
    let Some(wallet) = wallet_of(universe) else {
        if matches!(kind, VenueKind::Lending | VenueKind::Staking | VenueKind::Flash) {
            section.fault(
                Code::Config005,
                "tokens on chain lie in a wallet; name one among the venues",
            );
        }
        return;
    };
    let protocol = match kind {
        VenueKind::Wallet => return add_gas(universe, venue, &section.at("gas"), costs),
        VenueKind::Exchange | VenueKind::Bundler => return,
        VenueKind::Lending => lending(universe, venue, wallet, section),
        VenueKind::Staking => staking(universe, venue, wallet, section),
        VenueKind::Dex => Some(swaps(universe, section, costs)),
        VenueKind::Flash => Some(flash(universe, venue, wallet, section, costs)),
    };
    if let Some(protocol) = protocol {
        universe.set_protocol(venue, protocol);
    }
}

fn wallet_of(universe: &Universe) -> Option<VenueId> {
    let wallet = universe.venues().iter().find(|venue| venue.kind == VenueKind::Wallet);
    wallet.map(|venue| venue.id)
}

fn add_gas(universe: &mut Universe, venue: VenueId, section: &Section<'_>, costs: Costs) {
    if !section.is_set() {
        return;
    }
    let units = GasUse::ALL.map(|of| section.at(of.setting()).integer(0, UNITS_MAX).unsigned_abs());
    let name = section.at("token").text();
    if costs != Costs::Full {
        return;
    }
    match universe.token_named(name).and_then(|token| universe.token_key(venue, token)) {
        Some(key) => universe.set_gas(venue, GasRules { key, units }),
        None => section.at("token").fault(
            Code::Config005,
            format!("gas is paid in {name}, which has no series in pricing or no decimals here"),
        ),
    }
}

/// The tokens of a list, each known to the mode and with decimals in the wallet.
fn tokens(universe: &Universe, wallet: VenueId, section: &Section<'_>) -> Vec<(TokenId, KeyId)> {
    let known: Vec<&str> = universe.tokens().iter().map(|token| &**token).collect();
    let mut read = Vec::new();
    for item in section.items() {
        let name = item.text();
        let token = universe.token_named(name);
        match token.and_then(|token| Some((token, universe.token_key(wallet, token)?))) {
            Some(found) => read.push(found),
            None if token.is_some() => {
                item.fault(Code::Config005, format!("{name} has no decimals in the wallet"));
            }
            None => item.unknown(name, "a token with a price in pricing is expected", &known),
        }
    }
    read
}

fn lending(
    universe: &mut Universe,
    venue: VenueId,
    wallet: VenueId,
    section: &Section<'_>,
) -> Option<Protocol> {
    let supply = tokens(universe, wallet, &section.at("supply"));
    let borrow = tokens(universe, wallet, &section.at("borrow"));
    if supply.is_empty() {
        section
            .at("supply")
            .fault(Code::Config004, "a mode names the tokens that it supplies here");
        return None;
    }
    let mut both = supply.clone();
    both.extend(borrow.iter().filter(|token| !supply.contains(token)));
    let is_in = |list: &[(TokenId, KeyId)], token| list.iter().any(|(known, _)| *known == token);
    let mut reserves = Vec::with_capacity(both.len());
    for (token, underlying) in both {
        let name = universe.token(token).to_string();
        let rules = section.at("reserves").at(&name);
        if !rules.is_set() {
            let known: Vec<&str> =
                section.at("reserves").entries().iter().map(|(name, _)| *name).collect();
            rules.unknown(&name, "a reserve of the venue is expected", &known);
            continue;
        }
        let decimals = universe.instrument(underlying).decimals;
        let mut key = |of: PositionType, prefix: &str| {
            universe.intern_key(venue, of, &format!("{prefix}{name}"), token, decimals)
        };
        let supplied = is_in(&supply, token).then(|| key(PositionType::Supplied, "a"));
        let borrowed = is_in(&borrow, token).then(|| key(PositionType::Borrowed, "debt"));
        let id =
            universe.add_reserve(|id| Reserve { id, venue, token, underlying, supplied, borrowed });
        reserves.push(reserve_rules(id, &rules));
    }
    let e_mode = e_mode(universe, section);
    check_pairs(universe, section, e_mode.as_ref(), &supply, &borrow);
    let liquidation = section.at("liquidation");
    Some(Protocol::Lending(LendingRules {
        reserves,
        e_mode,
        close_factor: Rate::new(liquidation.at("close_factor").decimal(Bounds::Fraction)),
        full_close_below: liquidation.at("full_close_below").decimal(Bounds::Positive),
        small_position: Notional::new(
            liquidation.at("small_position").decimal(Bounds::NotNegative),
        ),
    }))
}

fn reserve_rules(reserve: ReserveId, section: &Section<'_>) -> ReserveRules {
    let cap = section.at("supply_cap").optional_decimal(Bounds::Positive);
    ReserveRules {
        reserve,
        collateral: collateral(&section.at("collateral")),
        supply_cap: cap.map(Quantity::new),
    }
}

/// Dated figures; the loan-to-value limit lies below the threshold, and what a liquidator seizes is never more than all.
fn collateral(section: &Section<'_>) -> Vec<CollateralRules> {
    let mut read = Vec::new();
    for table in section.items() {
        if !table.at("as_of").is_set() {
            table.at("as_of").fault(Code::Config004, "a value is needed here");
        }
        let at = |name: &str| Rate::new(table.at(name).decimal(Bounds::Fraction));
        let rules = CollateralRules {
            as_of: table.at("as_of").optional_time().unwrap_or_default(),
            max_ltv: at("ltv"),
            threshold: at("threshold"),
            bonus: at("bonus"),
        };
        if rules.max_ltv > rules.threshold {
            let sentence = format!(
                "ltv {} is above the threshold of {}: a new loan could be liquidated at once",
                rules.max_ltv, rules.threshold
            );
            table.at("ltv").fault(Code::Config005, sentence);
        }
        read.push(rules);
    }
    if read.is_empty() {
        section.fault(Code::Config004, "at least one table with its as_of is needed");
    }
    read
}

fn e_mode(universe: &Universe, section: &Section<'_>) -> Option<EMode> {
    let chosen = section.at("e_mode");
    let name = chosen.optional_text()?;
    let modes = section.at("e_modes");
    let mode = modes.at(name);
    if !mode.is_set() {
        let known: Vec<&str> = modes.entries().iter().map(|(name, _)| *name).collect();
        chosen.unknown(name, "an efficiency mode of the venue is expected", &known);
        return None;
    }
    let named = |list: &str| -> Vec<TokenId> {
        let items = mode.at(list).items();
        items.iter().filter_map(|item| universe.token_named(item.text())).collect()
    };
    Some(EMode {
        collateral: named("collateral"),
        borrow: named("borrow"),
        rules: collateral(&mode.at("rules")),
    })
}

/// What is borrowed must move with what is supplied, and be part of the efficiency mode when there is one.
fn check_pairs(
    universe: &Universe,
    section: &Section<'_>,
    e_mode: Option<&EMode>,
    supply: &[(TokenId, KeyId)],
    borrow: &[(TokenId, KeyId)],
) {
    let name = |token: TokenId| universe.token(token).to_string();
    for (debt, _) in borrow {
        for (token, _) in supply {
            if universe.base(*debt) != universe.base(*token) {
                let sentence = format!(
                    "a debt of {} against {} would be liquidated by prices that the data knows once a day; borrow what moves with the collateral",
                    name(*debt),
                    name(*token)
                );
                section.at("borrow").fault(Code::Config005, sentence);
            }
        }
    }
    let Some(mode) = e_mode.filter(|_| !borrow.is_empty()) else { return };
    for (list, allowed, of) in
        [("supply", &mode.collateral, supply), ("borrow", &mode.borrow, borrow)]
    {
        for (token, _) in of.iter().filter(|(token, _)| !allowed.contains(token)) {
            let sentence = format!(
                "{} is not part of the efficiency mode '{}', whose {list} is {}",
                name(*token),
                section.at("e_mode").text(),
                allowed.iter().map(|token| name(*token)).collect::<Vec<_>>().join(", ")
            );
            section.at(list).fault(Code::Config005, sentence);
        }
    }
}

fn staking(
    universe: &mut Universe,
    venue: VenueId,
    wallet: VenueId,
    section: &Section<'_>,
) -> Option<Protocol> {
    let lst = section.at("lst");
    let name = lst.text();
    let token = universe.token_named(name);
    let Some((token, key)) =
        token.and_then(|token| Some((token, universe.token_key(wallet, token)?)))
    else {
        let sentence = format!("'{name}' needs a price in pricing and decimals in the wallet");
        lst.fault(Code::Config005, sentence);
        return None;
    };
    let base = universe.base(token);
    let Some(base_key) = universe.token_key(wallet, base).filter(|_| base != token) else {
        let sentence = format!("{name} is no staking token: price it by its rate, lst/…");
        lst.fault(Code::Config005, sentence);
        return None;
    };
    let days = section.at("queue_days").optional_decimal(Bounds::NotNegative);
    let decimals = universe.instrument(base_key).decimals;
    let queued = universe.intern_key(venue, PositionType::Queued, name, base, decimals);
    let queue = days.map(|days| {
        let ms = (days * Decimal::from(86_400_000)).trunc();
        Span::from_ms(i64::try_from(ms).unwrap_or_default())
    });
    Some(Protocol::Staking(StakingRules { base: base_key, token: key, queued, queue }))
}

fn swaps(universe: &Universe, section: &Section<'_>, costs: Costs) -> Protocol {
    let mut rules = Vec::new();
    for (name, below) in section.at("swaps").entries() {
        let fee = Rate::new(below.at("fee").decimal(Bounds::Fraction));
        let mut table = Vec::new();
        for point in below.at("costs").items() {
            let size = Notional::new(point.at("size").decimal(Bounds::Positive));
            let cost = Rate::from_bps(point.at("bps").decimal(Bounds::NotNegative));
            if table.last().is_some_and(|last: &SwapCost| last.size >= size || last.cost > cost) {
                point.fault(Code::Config005, "sizes ascend, and a larger swap costs no less");
            }
            table.push(SwapCost { size, cost });
        }
        let power = below.at("power").decimal(Bounds::Positive);
        if power < POWER_LEAST {
            let sentence = "the cost grows at least with the square root of size: 0.5 or above";
            below.at("power").fault(Code::Config003, sentence);
        }
        // A venue's file lists all pools; those of tokens that the mode does not price are no part of the run.
        let Some(token) = universe.token_named(name) else { continue };
        rules.push(SwapRule {
            token,
            fee: if costs == Costs::None { Rate::ZERO } else { fee },
            costs: if costs == Costs::Full { table } else { Vec::new() },
            power,
        });
    }
    Protocol::Swaps(rules)
}

fn flash(
    universe: &mut Universe,
    venue: VenueId,
    wallet: VenueId,
    section: &Section<'_>,
    costs: Costs,
) -> Protocol {
    let section = section.at("flash");
    for item in section.at("tokens").items() {
        let name = item.text();
        let Some(token) = universe.token_named(name) else { continue };
        let Some(underlying) = universe.token_key(wallet, token) else { continue };
        let decimals = universe.instrument(underlying).decimals;
        let debt = format!("debt{name}");
        let key = universe.intern_key(venue, PositionType::Borrowed, &debt, token, decimals);
        universe.add_reserve(|id| Reserve {
            id,
            venue,
            token,
            underlying,
            supplied: None,
            borrowed: Some(key),
        });
    }
    let fee = section.at("fee").decimal(Bounds::Fraction);
    Protocol::Flash { fee: Rate::new(if costs == Costs::None { Decimal::ZERO } else { fee }) }
}
