//! Lending reserves under stress: debts that grow faster, pools that are lent out.

use rust_decimal::Decimal;

use crate::config::SeriesRole;
use crate::types::{Span, Timestamp};

use super::super::series::{Series, reserve};
use super::super::snapshot::grown_to;
use super::During;
use super::bent::{Bent, Row, row_at, rows, series};
use super::ordeal::{Ordeal, Plight};
use super::rates::share_of_a_year;

/// Places of an index or a rate that was changed.
const PLACES: u32 = 18;

/// Between two snapshots an index grows as it did between the two before: a second one shows the new pace at once.
const PACE: Span = Span::from_hours(1);

/// Debts of plain tokens grow by so much a year. Hardly anybody borrows staking tokens, so theirs stay as they are.
pub(super) fn dearer(bent: &mut Bent, during: During, percent_a_year: i64) -> bool {
    let a_year = Decimal::new(percent_a_year, 2);
    let end = bent.data.to();
    bent.each(is_plain_reserve, |reserve| {
        bend(reserve, during, end, Bend { borrow_rate: Some(a_year), is_drained: false })
    })
}

/// All of every reserve is lent out; of plain tokens at so much a year.
pub(super) fn drained(
    bent: &mut Bent,
    ordeals: &mut Vec<Ordeal>,
    during: During,
    percent_a_year: i64,
) -> bool {
    let a_year = Decimal::new(percent_a_year, 2);
    let end = bent.data.to();
    let plain = bent.each(is_plain_reserve, |reserve| {
        bend(reserve, during, end, Bend { borrow_rate: Some(a_year), is_drained: true })
    });
    let staking = bent.each(
        |universe, role| is_reserve(role) && !is_plain_reserve(universe, role),
        |reserve| bend(reserve, during, end, Bend { borrow_rate: None, is_drained: true }),
    );
    if plain || staking {
        let During { from, until } = during;
        ordeals.push(Ordeal { plight: Plight::LentOut, from, until });
    }
    plain || staking
}

fn is_reserve(role: SeriesRole) -> bool {
    matches!(role, SeriesRole::Reserve(_))
}

/// Whether it is the reserve of a token that no protocol issues against another.
fn is_plain_reserve(universe: &crate::types::Universe, role: SeriesRole) -> bool {
    let SeriesRole::Reserve(id) = role else { return false };
    let token = universe.reserve(id).token;
    let mut venues = universe.venues().iter().filter_map(|venue| universe.staking(venue.id));
    !venues.any(|rules| universe.instrument(rules.token).token == token)
}

/// How a reserve is bent.
#[derive(Clone, Copy)]
struct Bend {
    /// What borrowers pay, a fraction a year; as it was where there is none.
    borrow_rate: Option<Decimal>,
    /// Whether all that is supplied is lent.
    is_drained: bool,
}

fn bend(data: &Series, during: During, end: Timestamp, how: Bend) -> Series {
    let mut rows = rows(data);
    let edges = [during.from, during.from + PACE, during.until, during.until + PACE];
    for at in edges.into_iter().filter(|at| *at <= end) {
        // From the data as it was: what has grown by then of what was known by then.
        row_at(&mut rows, at, |before| {
            let mut row = before.last().map(|(_, numbers)| numbers.clone()).unwrap_or_default();
            for index in [reserve::LIQUIDITY_INDEX, reserve::BORROW_INDEX] {
                row[index] = grown_to(data, index, at);
            }
            row
        });
    }
    let as_it_was = rows.clone();
    for place in 0..rows.len() {
        let (at, was) = &as_it_was[place];
        if *at < during.from {
            continue;
        }
        let told = told(was, during.has(*at), how);
        rows[place].1 = match place.checked_sub(1) {
            Some(last) => {
                let before = (&as_it_was[last], &rows[last]);
                grown(before, (&as_it_was[place], told), during, how)
            }
            None => told,
        };
    }
    series(data.width(), &rows)
}

/// What a snapshot says of rates and totals.
fn told(was: &[Decimal], is_within: bool, how: Bend) -> Vec<Decimal> {
    let mut told = was.to_vec();
    if !is_within {
        return told;
    }
    if how.is_drained {
        told[reserve::BORROWED] = told[reserve::SUPPLIED];
    }
    if let Some(rate) = how.borrow_rate {
        told[reserve::BORROW_RATE] = rate;
        let supply_rate = rate * utilisation(&told) * kept(was);
        told[reserve::LIQUIDITY_RATE] = supply_rate.round_dp(PLACES).normalize();
    }
    told
}

/// What part of what is supplied is lent.
fn utilisation(row: &[Decimal]) -> Decimal {
    let lent = row[reserve::BORROWED].checked_div(row[reserve::SUPPLIED]);
    lent.unwrap_or_default().min(Decimal::ONE)
}

/// What part of what borrowers pay reaches the suppliers, by the data itself: one less the reserve factor.
fn kept(row: &[Decimal]) -> Decimal {
    let paid = row[reserve::BORROW_RATE] * utilisation(row);
    let kept = row[reserve::LIQUIDITY_RATE].checked_div(paid);
    kept.unwrap_or(Decimal::ONE).clamp(Decimal::ZERO, Decimal::ONE)
}

/// The row with its indices: within the stress they grow at its rates, outside as they did in the data.
fn grown(
    (was_before, before): (&Row, &Row),
    ((at, was), mut told): (&Row, Vec<Decimal>),
    during: During,
    how: Bend,
) -> Vec<Decimal> {
    if how.borrow_rate.is_none() {
        return told;
    }
    let is_within = during.from <= before.0 && before.0 < during.until;
    for (index, rate) in [
        (reserve::LIQUIDITY_INDEX, reserve::LIQUIDITY_RATE),
        (reserve::BORROW_INDEX, reserve::BORROW_RATE),
    ] {
        let is_as_it_was = before.1[index] == was_before.1[index];
        if is_as_it_was && !is_within {
            continue;
        }
        let growth = if is_within {
            Some(Decimal::ONE + before.1[rate] * share_of_a_year(*at - before.0))
        } else {
            was[index].checked_div(was_before.1[index])
        };
        let grown = growth.and_then(|growth| before.1[index].checked_mul(growth));
        told[index] = grown.map_or(was[index], |grown| grown.round_dp(PLACES).normalize());
    }
    told
}
