//! The protocols of a mode: what is lent and borrowed and under which rules, what is staked, where tokens are swapped.
//!
//! Read after all venues have their keys, because tokens on chain lie in the wallet whatever the protocol.

use rust_decimal::Decimal;

use crate::types::chain::{GasRules, GasUse, Protocol, StakingRules, SwapCost, SwapRule};
use crate::types::venue::VenueKind;
use crate::types::{Code, KeyId, Notional, PositionType, Rate, Reserve, Span, Universe, VenueId};

use super::super::faults::Fault;
use super::super::section::{Bounds, Section};
use super::super::setup::Costs;
use super::{lending, prices};

/// More gas than one operation can use.
const UNITS_MAX: i64 = 10_000_000;
/// Longer than any queue was: the longest, of Ethereum's validators in 2025, took about 45 days.
const QUEUE_DAYS_MAX: Decimal = Decimal::from_parts(365, 0, 0, false, 0);
/// The least power of size with which a swap's cost grows.
const POWER_LEAST: Decimal = Decimal::from_parts(5, 0, 0, false, 1);

/// Gives a venue on chain its protocol.
pub(super) fn add(universe: &mut Universe, venue: VenueId, root: &Section<'_>, costs: Costs) {
    let kind = universe.venue(venue).kind;
    let section = &root.at("venues").at(&universe.venue(venue).name);
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
        VenueKind::Wallet => {
            check_decimals(universe, venue, &section.at("tokens"));
            return add_gas(universe, venue, &section.at("gas"), costs);
        }
        VenueKind::Exchange | VenueKind::Bundler => return,
        VenueKind::Lending => lending::read(universe, venue, wallet, root),
        VenueKind::Staking => staking(universe, venue, wallet, root),
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

/// A token that moves with another is wrapped and staked unit for unit: the two have the same decimals.
fn check_decimals(universe: &Universe, wallet: VenueId, section: &Section<'_>) {
    let decimals =
        |token| universe.token_key(wallet, token).map(|key| universe.instrument(key).decimals);
    for (name, below) in section.entries() {
        let Some(token) = universe.token_named(name) else { continue };
        let base = universe.base(token);
        if let (Some(own), Some(bases)) = (decimals(token), decimals(base))
            && own != bases
        {
            let base = universe.token(base);
            let sentence = format!(
                "{name} moves with {base}, which has {bases} decimals here; the two must have the same"
            );
            below.at("decimals").fault(Code::Config005, sentence);
        }
    }
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
        Some(key)
            if universe.base(universe.instrument(key).token) != universe.instrument(key).token =>
        {
            let sentence =
                format!("gas is paid in the chain's own coin; {name} only moves with it");
            section.at("token").fault(Code::Config005, sentence);
        }
        Some(key) => universe.set_gas(venue, GasRules { key, units }),
        None => section.at("token").fault(
            Code::Config005,
            format!("gas is paid in {name}, which has no series in pricing or no decimals here"),
        ),
    }
}

fn staking(
    universe: &mut Universe,
    venue: VenueId,
    wallet: VenueId,
    root: &Section<'_>,
) -> Option<Protocol> {
    let [section, wallets] =
        [venue, wallet].map(|venue| root.at("venues").at(&universe.venue(venue).name));
    let lst = section.at("lst");
    let name = lst.text();
    if name.is_empty() {
        return None;
    }
    if !wallets.at("tokens").at(name).is_set() {
        let known: Vec<&str> =
            wallets.at("tokens").entries().into_iter().map(|(name, _)| name).collect();
        let expected = "a token with decimals in the wallet's tokens is expected";
        lst.unknown(name, expected, &known);
        return None;
    }
    // A coin is told to be none of what can be staked into.
    let is_coin = [prices::STAKED, root.at("quote").text()].contains(&name);
    if !is_coin && !is_rated(root, name, &universe.venue(venue).name) {
        return None;
    }
    let keys = universe.token_named(name).and_then(|token| {
        let base = Some(universe.base(token)).filter(|base| *base != token)?;
        Some((base, universe.token_key(wallet, token)?, universe.token_key(wallet, base)?))
    });
    let Some((base, key, base_key)) = keys else {
        let sentence = format!(
            "{name} is no staking token, which pricing would give a rate, lst/…; write what the venue issues"
        );
        lst.fault(Code::Config005, sentence);
        return None;
    };
    if let Some(other) = issuer(universe, key) {
        let sentence =
            format!("{other} issues {name} already; a token has one venue that issues it");
        lst.fault(Code::Config005, sentence);
        return None;
    }
    let days = queue_days(&section.at("queue_days"));
    let decimals = universe.instrument(base_key).decimals;
    let queued = universe.intern_key(venue, PositionType::Queued, name, base, decimals);
    let queue = days.map(|days| {
        let ms = (days * Decimal::from(86_400_000)).trunc();
        Span::from_ms(i64::try_from(ms).unwrap_or_default())
    });
    Some(Protocol::Staking(StakingRules { base: base_key, token: key, queued, queue }))
}

/// Whether a token that a venue issues is priced by what it moves with; else that is told where the mode prices its tokens.
fn is_rated(root: &Section<'_>, name: &str, venue: &str) -> bool {
    let (pricing, rate) = (root.at("pricing"), prices::rate_of(root, name));
    match pricing.at(name).optional_text() {
        None => {
            let sentence = format!("'{name}', which {venue} issues, needs its rate");
            let fault = Fault::new(Code::Config004, sentence);
            let is_named = pricing.entries().iter().any(|(known, _)| *known == name);
            match is_named {
                true => pricing.at(name).tell(fault.suggest(format!("write {rate}"))),
                false => pricing.missing(fault.suggest(format!("add {name}: {rate}"))),
            }
        }
        Some(by) if prices::base_of(by).is_none() => {
            let sentence =
                format!("{venue} issues {name}, which is priced by its rate, lst/…, not by '{by}'");
            let fault = Fault::new(Code::Config005, sentence);
            pricing.at(name).tell(fault.suggest(format!("write {rate}")));
        }
        Some(_) => return true,
    }
    false
}

/// The venue that issues a token so far.
fn issuer(universe: &Universe, token: KeyId) -> Option<String> {
    let issues = |venue: VenueId| universe.staking(venue).is_some_and(|rules| rules.token == token);
    let found = universe.venues().iter().find(|venue| issues(venue.id));
    found.map(|venue| venue.name.to_string())
}

/// Days from a request to its payout; nothing where only a swap leads out.
fn queue_days(section: &Section<'_>) -> Option<Decimal> {
    let days = section.optional_decimal(Bounds::NotNegative)?;
    if days > QUEUE_DAYS_MAX {
        let sentence = format!(
            "days from 0 to {QUEUE_DAYS_MAX} are expected, not {days}; leave it empty where there is no queue"
        );
        section.fault(Code::Config003, sentence);
    }
    Some(days.min(QUEUE_DAYS_MAX))
}

fn swaps(universe: &Universe, section: &Section<'_>, costs: Costs) -> Protocol {
    let mut rules = Vec::new();
    if section.at("swaps").entries().is_empty() {
        section.at("swaps").fault(Code::Config004, "a venue that swaps names its pools here");
    }
    for (name, below) in section.at("swaps").entries() {
        let fee = Rate::new(below.at("fee").decimal(Bounds::Part));
        let table = swap_costs(&below.at("costs"), fee);
        let power = power(&below.at("power"));
        // A venue's file lists all pools; those of tokens that the mode does not price are no part of the run.
        let Some(token) = universe.token_named(name) else { continue };
        let against = match below.at("against").optional_text() {
            None => universe.base(token),
            Some(other) => match universe.token_named(other) {
                Some(other) => other,
                // Nothing of the run can be swapped at it.
                None => continue,
            },
        };
        rules.push(SwapRule {
            token,
            against,
            fee: if costs == Costs::None { Rate::ZERO } else { fee },
            costs: if costs == Costs::Full { table } else { Vec::new() },
            power,
        });
    }
    Protocol::Swaps(rules)
}

/// What a swap loses by its size: ascending, and never so much that nothing would be left.
fn swap_costs(section: &Section<'_>, fee: Rate) -> Vec<SwapCost> {
    let mut table: Vec<SwapCost> = Vec::new();
    for point in section.items() {
        let (size, bps) = (
            point.at("size").optional_decimal(Bounds::Positive),
            point.at("bps").optional_decimal(Bounds::NotNegative),
        );
        for name in ["size", "bps"] {
            if !point.at(name).is_set() {
                point.at(name).fault(Code::Config004, "a value is needed here");
            }
        }
        let (Some(size), Some(bps)) = (size, bps) else { continue };
        let next = SwapCost { size: Notional::new(size), cost: Rate::from_bps(bps) };
        if let Some(last) = table.last() {
            if last.size >= next.size {
                let sentence = format!("sizes must ascend; {} follows {}", next.size, last.size);
                point.at("size").fault(Code::Config005, sentence);
            } else if last.cost > next.cost {
                let sentence = format!(
                    "a larger swap costs no less: {bps} bps at {} follow {} at {}",
                    next.size,
                    (last.cost.get() * Decimal::from(10_000)).normalize(),
                    last.size
                );
                point.at("bps").fault(Code::Config005, sentence);
            }
        }
        if fee.get() + next.cost.get() >= Decimal::ONE {
            let sentence =
                format!("fee and cost must leave something: {bps} bps and the fee take all");
            point.at("bps").fault(Code::Config005, sentence);
        }
        table.push(next);
    }
    if section.items().is_empty() {
        section.fault(Code::Config004, "at least one size with its cost in bps is needed");
    }
    table
}

/// The power of size with which a swap's cost grows beyond its table.
fn power(section: &Section<'_>) -> Decimal {
    if !section.is_set() {
        section.fault(Code::Config004, "a value is needed here");
    }
    let power = section.optional_decimal(Bounds::Positive);
    if let Some(power) = power.filter(|power| *power < POWER_LEAST) {
        let sentence = format!(
            "the cost grows at least with the square root of size: 0.5 or above is expected, not {power}"
        );
        section.fault(Code::Config003, sentence);
    }
    power.unwrap_or(POWER_LEAST)
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
