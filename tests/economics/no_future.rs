//! The future cannot be seen: whatever becomes known at or after a moment, everything said and done before it stays the same.
//!
//! From a random cut on every number that is known only then is multiplied by noise: bars stamped at the cut or later, what
//! a bar still open at the cut tells when it closes, payments and gas prices. All events and effects of inputs before the
//! cut must come out again, to the last digit.

use basis::config::{Costs, Setup};
use basis::engine::{StepView, Strategy};
use basis::market::{Bar, Funding, MarketRows};
use basis::types::{Decision, Price, Quantity, Rate, Span, Timestamp, TokenId};
use rust_decimal::Decimal;

use crate::reference::Table;
use crate::scene::{self, Scripted, Tape, from_rows_between, run, script, setup, shared};

const CUTS: u64 = 20;

#[test]
fn btc_basis_on_real_data_sees_nothing_early() {
    let Some(dir) = shared("data") else { return };
    let setup = setup("btc_basis", Costs::Full, &[]);
    let range = between("2024-08-15T00:00:00Z", "2024-09-09T00:00:00Z");
    let seen = nothing_is_seen_early(&setup, &dir, range, &|| script(&setup));
    assert!(
        seen >= 40,
        "only {seen} orders before all cuts together: the test shows next to nothing"
    );
}

#[test]
fn basis_1_on_generated_data_sees_nothing_early() {
    let Some(dir) = shared("bench/data") else { return };
    let setup = setup("strategies/bench/basis1.rhai", Costs::Full, &[]);
    let range = between("2024-01-01T00:00:00Z", "2024-02-20T00:00:00Z");
    let seen = nothing_is_seen_early(&setup, &dir, range, &|| script(&setup));
    assert!(
        seen >= 40,
        "only {seen} orders before all cuts together: the test shows next to nothing"
    );
}

/// Says all that the view offers, so that a leak in any of it is told even where no strategy of ours would look.
#[test]
fn nothing_that_can_be_read_is_known_early() {
    let Some(dir) = shared("data") else { return };
    let setup = setup("btc_basis", Costs::Full, &[]);
    let range = between("2024-08-15T00:00:00Z", "2024-09-09T00:00:00Z");
    let gossip = || -> Box<dyn Strategy> { Scripted::new(|step| Decision::hold(all_of(step))) };
    nothing_is_seen_early(&setup, &dir, range, &gossip);
}

fn all_of(step: &StepView) -> String {
    use std::fmt::Write;
    let (view, universe) = (&step.view, step.universe());
    let mut said = format!("{:?}", view.gas_gwei());
    for market in universe.markets() {
        let id = market.id;
        let (quote, bar) = (view.quote(id), view.closed_bar(id));
        write!(said, " {quote:?} {bar:?} {:?} {:?}", view.just_closed(id), view.closes(id, 5))
            .expect("a text takes all");
        write!(said, " {:?}", view.last_funding(id)).expect("a text takes all");
        for hours in [8, 72] {
            let trailing = view.trailing_funding(id, Span::from_hours(hours));
            write!(said, " {trailing:?}").expect("a text takes all");
        }
    }
    for token in 0..universe.tokens().len() {
        write!(said, " {:?}", view.reference(TokenId(token as u8))).expect("a text takes all");
    }
    for series in 0..step.setup.series.len() {
        write!(said, " {:?}", view.age(series)).expect("a text takes all");
    }
    said
}

fn between(from: &str, to: &str) -> [Timestamp; 2] {
    [from, to].map(|text| text.parse().expect("a time"))
}

/// Runs whole, then once a cut with noise behind it; how many orders lay before the cuts.
fn nothing_is_seen_early(
    setup: &Setup,
    dir: &std::path::Path,
    [from, to]: [Timestamp; 2],
    strategy: &dyn Fn() -> Box<dyn Strategy>,
) -> usize {
    let files = files(setup, dir);
    let tape_of = |cut: Option<(Timestamp, u64)>| {
        let data = from_rows_between(setup, &rows(setup, &files, [from, to], cut), from, to);
        run(setup.clone(), &data, strategy()).witness
    };
    let whole = tape_of(None);
    let hours = (to - from).ms() / 3_600_000;
    let mut seen = 0;
    for round in 0..CUTS {
        let mut dice = Noise(round * 7919 + 1);
        let cut = from + Span::from_hours(2 + dice.below(hours as u64 - 4) as i64);
        let cut_tape = tape_of(Some((cut, round)));
        let (was, is) = (until(&whole, cut), until(&cut_tape, cut));
        assert_eq!(was.0.len(), is.0.len(), "cut at {cut}: the batches before it");
        for (was, is) in was.0.iter().zip(is.0) {
            assert!(was == is, "cut at {cut}: {was:?}\nbecame\n{is:?}");
        }
        assert_eq!(was.1, is.1, "cut at {cut}: the effects before it");
        assert_ne!(
            whole.batches, cut_tape.batches,
            "cut at {cut}: the noise changed nothing after it either"
        );
        seen += was
            .0
            .iter()
            .flat_map(|(_, batch)| &batch.events)
            .filter(|event| matches!(event, basis::types::event::Event::Order(_)))
            .count();
    }
    println!("{CUTS} cuts between {from} and {to}: {seen} orders before them, all the same");
    seen
}

pub type Said<'a> = (
    &'a [(Timestamp, basis::types::event::EventBatch)],
    &'a [(Timestamp, Vec<basis::engine::Effect>)],
);

/// What was said and asked for by inputs before a time.
pub fn until(tape: &Tape, cut: Timestamp) -> Said<'_> {
    let batches = tape.batches.partition_point(|(at, _)| *at < cut);
    let effects = tape.effects.partition_point(|(at, _)| *at < cut);
    (&tape.batches[..batches], &tape.effects[..effects])
}

/// Every series of a setup, and the proxies, as their files tell them; absent ones are left out.
fn files(setup: &Setup, dir: &std::path::Path) -> Vec<(String, Table)> {
    let names = setup
        .series
        .iter()
        .flat_map(|spec| [Some(spec.name.clone()), spec.proxy.clone()])
        .flatten();
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    let path = |name: &str| {
        let candidates = [format!("{name}_1h.csv"), format!("{name}.csv")];
        candidates.iter().map(|file| dir.join(file)).find(|path| path.exists())
    };
    names
        .into_iter()
        .filter_map(|name| Some((path(&name)?, name)))
        .map(|(path, name)| (name, Table::read(&path)))
        .collect()
}

/// The rows around a range, with noise on everything that is known at the cut or later.
fn rows(
    setup: &Setup,
    files: &[(String, Table)],
    [from, to]: [Timestamp; 2],
    cut: Option<(Timestamp, u64)>,
) -> MarketRows {
    let mut rows = MarketRows::default();
    let mut noise = Noise(cut.map_or(0, |(_, seed)| seed.wrapping_mul(0x9e37) + 17));
    let step = setup.step;
    for (name, table) in files {
        for stamp in table.stamps() {
            let at: Timestamp = stamp.parse().expect("a time");
            if at < from - Span::from_hours(24 * 8) || at > to + step {
                continue;
            }
            let cell = |column| table.at(stamp, column);
            let is_known_late = |known: Timestamp| cut.is_some_and(|(cut, _)| known >= cut);
            let mut value = |known: Timestamp, number: Decimal| {
                if is_known_late(known) {
                    (number * noise.factor()).round_dp(number.scale().max(2))
                } else {
                    number
                }
            };
            let pushed = match name.split_once('/').map(|(folder, _)| folder) {
                Some("funding") => rows.push_funding(
                    name,
                    &Funding { at, rate: Rate::new(value(at, cell("funding_rate"))) },
                ),
                // A row of gas tells of the hour that begins with it.
                Some("gas") => rows.push_gas(name, at, value(at + step, cell("gas_price_gwei"))),
                _ => {
                    let close_known = at + step;
                    let open = value(at, cell("open"));
                    let close = value(close_known, cell("close"));
                    let (high, low) =
                        (value(close_known, cell("high")), value(close_known, cell("low")));
                    // Noise must not break the bar itself: the extremes enclose both ends.
                    let high = high.max(open).max(close);
                    let low = low.min(open).min(close);
                    let volume = Quantity::new(value(close_known, cell("volume")));
                    let price = Price::new;
                    rows.push_bar(
                        name,
                        &Bar {
                            at,
                            open: price(open),
                            high: price(high),
                            low: price(low),
                            close: price(close),
                            volume,
                        },
                    )
                }
            };
            pushed.unwrap_or_else(|fault| panic!("{name} {stamp}: {fault}"));
        }
    }
    rows
}

/// Chance by a seed; its factors lie between 0.8 and 1.2.
pub struct Noise(pub u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn factor(&mut self) -> Decimal {
        scene::dec("0.8") + Decimal::new(self.below(4001) as i64, 4)
    }
}
