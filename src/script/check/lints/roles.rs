//! Names that the run has, in a place that is not theirs: an exchange where one lends, a coin's key as a position.

use super::super::facts::{Fact, Given, Place, What};
use super::super::texts::can_be;
use super::super::types::Type;
use super::{Lint, Report, called};
use crate::config::{SeriesRole, Setup};
use crate::script::api::{Entry, Kind, Owner};
use crate::types::venue::VenueKind;
use crate::types::{PositionType, TokenId};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("wrong-role", "a venue, key or token of the run in a place that is not its own");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::MarketNamed { name, kind } = &fact.what {
        let message = format!("{name} is the market \"{kind}\"");
        let help = format!("ask for \"{name}\", or call it {kind}");
        return report.tell(LINT, fact.place, message, Some(help));
    }
    if let What::MovedBack { order, to } = &fact.what {
        let message = format!("this is of what lies at {to}, and {order} moves it there");
        let help = match order.as_str() {
            "transfer" => "transfer(from, to, token, amount): look at from and to",
            "supply" => "what is lent comes back by withdraw",
            _ => "what lies in the wallet is lent by supply",
        };
        return report.tell(LINT, fact.place, message, Some(help.to_owned()));
    }
    if let What::AllOf { order, key } = &fact.what
        && let Some(help) = not_taken(report.setup, order, key)
    {
        let message = format!("{order} takes nothing from {key}");
        return report.tell(LINT, fact.place, message, Some(help.to_owned()));
    }
    let Some((entry, _, given)) = called(fact, report.entries) else { return };
    let texts: Vec<Option<&str>> = given.iter().map(single).collect();
    if let Some((index, message, help)) = wrong(report.setup, entry, &texts)
        && let Some(one) = given.get(index)
    {
        let place = Place { at: one.at, ..fact.place };
        return report.tell(LINT, place, message, help);
    }
    let Some(index) = entry.params.iter().position(|param| param.kind == Kind::Key) else { return };
    let Some(Given { of: Type::Text(parts), at, .. }) = given.get(index) else { return };
    if parts.single().is_some() || !parts.say_something() {
        return;
    }
    // A key of which parts are not known: whatever it is, it is none that the function takes.
    let instruments = report.setup.universe.instruments().iter();
    let keys = instruments.filter(|it| parts.all().any(|text| can_be(text, &it.name)));
    let mut wrong = keys.map(|it| key(report.setup, entry.owner, entry.name, &it.name));
    if let Some(Some((message, help))) = wrong.next()
        && wrong.all(|other| other.is_some())
    {
        report.tell(LINT, Place { at: *at, ..fact.place }, message, help);
    }
}

fn single(given: &Given) -> Option<&str> {
    match &given.of {
        Type::Text(texts) => texts.single(),
        _ => None,
    }
}

/// From where an order takes its amount, when that is not the kind of position under a key.
fn not_taken(setup: &Setup, order: &str, key: &str) -> Option<&'static str> {
    let universe = &*setup.universe;
    let kind = |text: &str| PositionType::ALL.into_iter().find(|kind| kind.text() == text);
    let held = match universe.key_named(key) {
        Some(key) => universe.instrument(key).position_type,
        None => kind(key.split(':').nth(1)?)?,
    };
    let is_token = held == PositionType::BaseToken;
    match order {
        "supply" | "stake" | "unstake" | "swap" | "wrap" | "unwrap" if !is_token => {
            Some("it takes tokens that lie in the wallet: wallet:BaseToken:…")
        }
        "withdraw" if held != PositionType::Supplied => {
            Some("it takes back what is lent: the key of an aToken")
        }
        "repay" if !is_token && held != PositionType::Borrowed => {
            Some("it pays a debt: the key of a debtToken, or of the token in the wallet")
        }
        "spot_sell" | "transfer" if !is_token => Some("it takes tokens: venue:BaseToken:…"),
        _ => None,
    }
}

/// Whether a token has a rate of its own.
fn is_rated(setup: &Setup, token: TokenId) -> bool {
    setup.series.iter().any(|series| series.role == SeriesRole::Rate(token))
}

type Wrong = (usize, String, Option<String>);

fn wrong(setup: &Setup, entry: &Entry, texts: &[Option<&str>]) -> Option<Wrong> {
    let (owner, name) = (entry.owner, entry.name);
    let at = |kind: Kind| entry.params.iter().position(|param| param.kind == kind);
    let text = |index: usize| texts.get(index).copied().flatten();
    if let (Some(kind), Some(index)) = (venue_kind(owner, name), at(Kind::Venue))
        && let Some(found) = text(index).and_then(|text| of_kind(setup, text, kind, name))
    {
        return Some((index, found.0, found.1));
    }
    if let Some(index) = at(Kind::Key)
        && let Some(text) = text(index)
        && let Some((message, help)) = key(setup, owner, name, text)
    {
        return Some((index, message, help));
    }
    if ["lst_rate", "lst_market_rate", "staking_venue"].contains(&name)
        && let Some(text) = text(0)
        && let Some(token) = setup.universe.token_named(text)
        && !is_rated(setup, token)
    {
        let message = format!("{text} is no staking token");
        return Some((0, message, Some("give the token that a staking venue issues".to_owned())));
    }
    let pair = match name {
        "transfer" => Some((0, 1)),
        "swap" | "swap_exact_out" | "swap_cost" => Some((1, 2)),
        _ => None,
    };
    if let Some((from, to)) = pair
        && let (Some(a), Some(b)) = (text(from), text(to))
        && a == b
    {
        let message = format!("{name} from {a} to itself moves nothing");
        return Some((to, message, Some("the two must differ".to_owned())));
    }
    if let (Some((from, to)), true) =
        (pair, ["swap", "swap_exact_out", "swap_cost"].contains(&name))
        && let Some(help) = no_pool(setup, text(0)?, text(from)?, text(to)?)
    {
        let message = format!("{} has no pool of {} and {}", text(0)?, text(from)?, text(to)?);
        return Some((to, message, Some(help)));
    }
    if is_of_reserve(owner, name) {
        return reserve(setup, name, text(0)?, text(1)?);
    }
    if ["funding", "trailing_funding"].contains(&name) {
        let series = format!("funding/{}_{}", text(0)?, text(1)?);
        setup.universe.venue_named(text(0)?)?;
        if !setup.series.iter().any(|known| known.name == series) {
            let help = format!("subscribe {series} in the mode");
            return Some((0, format!("{series} is not subscribed"), Some(help)));
        }
    }
    None
}

/// What kind of venue a function is of.
fn venue_kind(owner: Owner, name: &str) -> Option<VenueKind> {
    Some(match (owner, name) {
        (Owner::Orders, "supply" | "withdraw" | "borrow" | "repay") => VenueKind::Lending,
        (Owner::Orders, "flash_borrow" | "flash_repay") => VenueKind::Flash,
        (Owner::Orders, "stake" | "unstake") => VenueKind::Staking,
        (Owner::Orders, "swap" | "swap_exact_out") | (Owner::Ctx, "swap_cost") => VenueKind::Dex,
        (Owner::Orders, "spot_buy" | "spot_sell" | "perp_buy" | "perp_sell" | "perp_to")
        | (Owner::Orders, "protect")
        | (Owner::Ctx, "spot" | "mark" | "closes" | "funding" | "trailing_funding")
        | (Owner::Ctx, "market" | "tradable" | "free_margin" | "pair")
        | (Owner::Risk, "margin_ratio") => VenueKind::Exchange,
        (Owner::Ctx, "supply_rate" | "borrow_rate" | "realised_borrow_rate")
        | (Owner::Ctx, "max_ltv" | "liquidation_threshold") => VenueKind::Lending,
        _ => return None,
    })
}

fn of_kind(
    setup: &Setup,
    text: &str,
    kind: VenueKind,
    name: &str,
) -> Option<(String, Option<String>)> {
    let universe = &*setup.universe;
    let venue = universe.venue(universe.venue_named(text)?);
    if venue.kind == kind {
        return None;
    }
    let known = universe.venues().iter().filter(|venue| venue.kind == kind);
    let known: Vec<&str> = known.map(|venue| &*venue.name).collect();
    let help = (!known.is_empty()).then(|| format!("use {}", known.join(" or ")));
    Some((format!("{text} is no venue for {name}"), help))
}

fn key(setup: &Setup, owner: Owner, name: &str, text: &str) -> Option<(String, Option<String>)> {
    let universe = &*setup.universe;
    let held = universe.instrument(universe.key_named(text)?).position_type;
    let at = universe.venue(universe.instrument(universe.key_named(text)?).venue);
    if at.kind == VenueKind::Flash && owner != Owner::World {
        let message =
            format!("nothing is held at {}, which lends for a transaction alone", at.name);
        return Some((message, Some("a debt is held where it is borrowed".to_owned())));
    }
    let is_perp = held == PositionType::Perp;
    let is_scaled = matches!(held, PositionType::Supplied | PositionType::Borrowed);
    let is_under_way = matches!(held, PositionType::Transit | PositionType::Queued);
    match (owner, name) {
        (Owner::Ctx, "position" | "entry_price") if !is_perp => Some((
            format!("{text} is no perp position"),
            Some("the amount of a token is ctx.balance(key)".to_owned()),
        )),
        (Owner::Ctx, "index") if !is_scaled => Some((
            format!("{text} is neither a supply nor a debt, so it has no index"),
            Some("give the key of an aToken or a debtToken".to_owned()),
        )),
        (Owner::Orders, "all") if is_perp => Some((
            format!("{text} is no token"),
            Some("close a perp by orders::perp_to(venue, symbol, 0)".to_owned()),
        )),
        (Owner::Orders, "all") if is_under_way => {
            Some((format!("{text} is on its way and cannot be used"), None))
        }
        _ => None,
    }
}

/// The pools that there are, where there is none of two tokens: one side is the pool's token, the other its base.
fn no_pool(setup: &Setup, venue: &str, from: &str, to: &str) -> Option<String> {
    let universe = &*setup.universe;
    let venue = universe.venue_named(venue)?;
    let (from, to) = (universe.token_named(from)?, universe.token_named(to)?);
    if universe.pools(venue).is_empty() || universe.pool(venue, from, to).is_some() {
        return None;
    }
    Some(format!("its pools are {}", universe.pool_names(venue)))
}

fn is_of_reserve(owner: Owner, name: &str) -> bool {
    let lends = ["supply", "withdraw", "borrow", "repay", "flash_borrow", "flash_repay"];
    let told =
        ["supply_rate", "borrow_rate", "realised_borrow_rate", "max_ltv", "liquidation_threshold"];
    owner == Owner::Orders && lends.contains(&name) || owner == Owner::Ctx && told.contains(&name)
}

fn reserve(setup: &Setup, name: &str, venue: &str, token: &str) -> Option<Wrong> {
    let universe = &*setup.universe;
    let (of, token) = (universe.venue_named(venue)?, universe.token_named(token)?);
    let plain = universe.token(token);
    if let Some(reserve) = universe.reserve_of(of, token) {
        let (kept, what) = match name {
            "supply" | "withdraw" => (reserve.supplied, "supply"),
            "borrow" | "repay" => (reserve.borrowed, "borrow"),
            _ => return None,
        };
        return match kept {
            Some(_) => None,
            None => {
                let message = format!("the mode does not {what} {plain} at {venue}");
                let help = format!("add {plain} to venues.{venue}.{what} of the configuration");
                Some((1, message, Some(help)))
            }
        };
    }
    let reserves = universe.reserves().iter().filter(|reserve| reserve.venue == of);
    let known: Vec<&str> = reserves.map(|reserve| &**universe.token(reserve.token)).collect();
    let message = format!("{venue} has no reserve of {} for {name}", universe.token(token));
    Some((1, message, Some(format!("it has {}", known.join(", ")))))
}
