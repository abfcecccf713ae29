//! A venue that lends: what a mode supplies and borrows there, what each token is worth as collateral, and when an account is
//! liquidated.

use crate::types::chain::{CollateralRules, EMode, LendingRules, Protocol, ReserveRules};
use crate::types::{
    Code, KeyId, Notional, PositionType, Quantity, Rate, Reserve, ReserveId, TokenId, Universe,
    VenueId,
};

use super::super::faults::Fault;
use super::super::section::{Bounds, Section};
use super::prices;

/// A token of a list, where it lies, and where the list names it.
struct Listed<'a> {
    token: TokenId,
    underlying: KeyId,
    place: Section<'a>,
}

/// Reads a lending venue. `None` together with a fault, when what is told about it would only follow from that one.
pub(super) fn read(
    universe: &mut Universe,
    venue: VenueId,
    wallet: VenueId,
    root: &Section<'_>,
) -> Option<Protocol> {
    let section = &root.at("venues").at(&universe.venue(venue).name);
    let supply = tokens(universe, wallet, root, &section.at("supply"));
    let borrow = tokens(universe, wallet, root, &section.at("borrow"));
    if section.at("supply").items().is_empty() {
        let sentence = "the mode's own configuration names the tokens that it supplies";
        let known = names(&section.at("reserves")).join(", ");
        let fault = Fault::new(Code::Config004, sentence);
        section.at("supply").missing(fault.suggest(format!("write supply: […], of {known}")));
        return None;
    }
    let is_in = |list: &[Listed<'_>], token| list.iter().any(|known| known.token == token);
    let mut reserves = Vec::new();
    let only_borrowed = borrow.iter().filter(|listed| !is_in(&supply, listed.token));
    for Listed { token, underlying, place } in supply.iter().chain(only_borrowed) {
        let name = universe.token(*token).to_string();
        let rules = section.at("reserves").at(&name);
        if !rules.is_set() {
            let known = names(&section.at("reserves"));
            let expected = format!("a reserve of the venue is expected ({})", known.join(", "));
            place.unknown(&name, &expected, &known);
            continue;
        }
        let decimals = universe.instrument(*underlying).decimals;
        let mut key = |of: PositionType, prefix: &str| {
            universe.intern_key(venue, of, &format!("{prefix}{name}"), *token, decimals)
        };
        let supplied = is_in(&supply, *token).then(|| key(PositionType::Supplied, "a"));
        let borrowed = is_in(&borrow, *token).then(|| key(PositionType::Borrowed, "debt"));
        let id = universe.add_reserve(|id| Reserve {
            id,
            venue,
            token: *token,
            underlying: *underlying,
            supplied,
            borrowed,
        });
        reserves.push(reserve_rules(id, &rules));
    }
    let told = section.told();
    let e_mode = e_mode(universe, section)?;
    let is_sound = section.told() == told;
    if moves_together(universe, section, &supply, &borrow) && is_sound && !borrow.is_empty() {
        check_e_mode(universe, section, e_mode.as_ref(), [&supply, &borrow]);
    }
    let liquidation = section.at("liquidation");
    Some(Protocol::Lending(LendingRules {
        reserves,
        e_mode,
        close_factor: Rate::new(close_factor(&liquidation.at("close_factor"))),
        full_close_below: liquidation.at("full_close_below").decimal(Bounds::Positive),
        small_position: Notional::new(
            liquidation.at("small_position").decimal(Bounds::NotNegative),
        ),
    }))
}

/// The tokens of a list, each known to the mode and with decimals in the wallet.
fn tokens<'a>(
    universe: &Universe,
    wallet: VenueId,
    root: &Section<'_>,
    section: &Section<'a>,
) -> Vec<Listed<'a>> {
    let known: Vec<&str> = universe.tokens().iter().map(|token| &**token).collect();
    let mut read = Vec::new();
    for place in section.items() {
        let name = place.text();
        let token = universe.token_named(name);
        match token.and_then(|token| Some((token, universe.token_key(wallet, token)?))) {
            Some((token, underlying)) => read.push(Listed { token, underlying, place }),
            None if token.is_some() => {
                let sentence = format!("{name} has no decimals in the wallet's tokens");
                place.fault(Code::Config005, sentence);
            }
            None if prices::is_issued(root, name) => {}
            None => {
                let expected = "a token with a price in pricing is expected";
                match name.strip_prefix('W').filter(|bare| known.contains(bare)) {
                    // A wrapped token goes by the price of what is in it.
                    Some(bare) => {
                        let fault =
                            Fault::new(Code::Config003, format!("{expected}, not '{name}'"));
                        place.tell(fault.suggest(format!("add {name}: {bare} under pricing")));
                    }
                    None => place.unknown(name, expected, &known),
                }
            }
        }
    }
    read
}

fn reserve_rules(reserve: ReserveId, section: &Section<'_>) -> ReserveRules {
    let cap = section.at("supply_cap").optional_decimal(Bounds::Positive);
    ReserveRules {
        reserve,
        collateral: collateral(&section.at("collateral")),
        supply_cap: cap.map(Quantity::new),
    }
}

/// Liquidators that may repay nothing would leave a bad loan as it is.
fn close_factor(section: &Section<'_>) -> rust_decimal::Decimal {
    let part = section.decimal(Bounds::Fraction);
    if part.is_zero() && section.is_set() {
        section.fault(Code::Config003, "a fraction above 0 is expected: 0 would liquidate nothing");
    }
    part
}

/// Dated figures; the loan-to-value limit lies below the threshold, and what a liquidator seizes is never more than all.
fn collateral(section: &Section<'_>) -> Vec<CollateralRules> {
    let mut read = Vec::new();
    for table in section.items() {
        let told = table.told();
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
        if table.told() == told {
            check_figures(&table, &rules);
        }
        read.push(rules);
    }
    if read.is_empty() {
        section.fault(Code::Config004, "at least one table with its as_of is needed");
    }
    read
}

fn check_figures(table: &Section<'_>, rules: &CollateralRules) {
    let CollateralRules { max_ltv, threshold, bonus, .. } = *rules;
    if max_ltv > threshold {
        let sentence = format!(
            "ltv {max_ltv} is above the threshold of {threshold}: a new loan could be liquidated at once"
        );
        table.at("ltv").fault(Code::Config005, sentence);
    }
    let seized = threshold.get() + threshold.get() * bonus.get();
    if seized > rust_decimal::Decimal::ONE {
        let sentence = format!(
            "with a bonus of {bonus} a liquidation at the threshold of {threshold} would seize {} of the collateral; the two may take no more than 1",
            seized.normalize()
        );
        table.at("bonus").fault(Code::Config005, sentence);
    }
}

/// The efficiency mode that the mode names, if it names one; `None` when there is none of that name.
fn e_mode(universe: &Universe, section: &Section<'_>) -> Option<Option<EMode>> {
    let chosen = section.at("e_mode");
    let Some(name) = chosen.optional_text() else { return Some(None) };
    let modes = section.at("e_modes");
    let mode = modes.at(name);
    if !mode.is_set() {
        let known = names(&modes);
        let expected =
            format!("an efficiency mode of the venue is expected ({})", known.join(", "));
        chosen.unknown(name, &expected, &known);
        return None;
    }
    let reserves = names(&section.at("reserves"));
    let named = |list: &str| -> Vec<TokenId> {
        let mut tokens = Vec::new();
        for item in mode.at(list).items() {
            if !reserves.contains(&item.text()) {
                let expected =
                    format!("a reserve of the venue is expected ({})", reserves.join(", "));
                item.unknown(item.text(), &expected, &reserves);
            }
            // What the mode gives no price is no part of the run.
            tokens.extend(universe.token_named(item.text()));
        }
        tokens
    };
    Some(Some(EMode {
        collateral: named("collateral"),
        borrow: named("borrow"),
        rules: collateral(&mode.at("rules")),
    }))
}

/// Whether what is borrowed moves with what is supplied; else that is told.
fn moves_together(
    universe: &Universe,
    section: &Section<'_>,
    supply: &[Listed<'_>],
    borrow: &[Listed<'_>],
) -> bool {
    let mut all = true;
    for debt in borrow {
        let against: Vec<&str> = supply
            .iter()
            .filter(|listed| universe.base(listed.token) != universe.base(debt.token))
            .map(|listed| &**universe.token(listed.token))
            .collect();
        if against.is_empty() {
            continue;
        }
        let sentence = format!(
            "a debt of {} against {} would be liquidated by prices that the data knows once a day; borrow what moves with the collateral",
            universe.token(debt.token),
            against.join(" or ")
        );
        section.at("borrow").fault(Code::Config005, sentence);
        all = false;
    }
    all
}

/// What is supplied and borrowed must be part of the efficiency mode when there is one.
fn check_e_mode(
    universe: &Universe,
    section: &Section<'_>,
    e_mode: Option<&EMode>,
    [supply, borrow]: [&[Listed<'_>]; 2],
) {
    let Some(mode) = e_mode else { return };
    let name = |token: TokenId| &**universe.token(token);
    for (list, in_mode, allowed, of) in [
        ("supply", "collateral", &mode.collateral, supply),
        ("borrow", "borrow", &mode.borrow, borrow),
    ] {
        for listed in of.iter().filter(|listed| !allowed.contains(&listed.token)) {
            let sentence = format!(
                "{} is not part of the efficiency mode '{}', whose {in_mode} is {}; take it out, or leave e_mode empty",
                name(listed.token),
                section.at("e_mode").text(),
                allowed.iter().map(|token| name(*token)).collect::<Vec<_>>().join(", ")
            );
            section.at(list).fault(Code::Config005, sentence);
        }
    }
}

fn names<'a>(section: &Section<'a>) -> Vec<&'a str> {
    section.entries().iter().map(|(name, _)| *name).collect()
}
