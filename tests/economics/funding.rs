//! Funding by venue: what each exchange paid and took is the sum over the rows of its files, by hand.

use std::collections::BTreeMap;

use basis::config::Costs;
use basis::engine::Input;
use basis::run::Pump;
use basis::types::event::Event;
use basis::types::{
    Cause, KeyId, MarketKind, PnlCause, Posting, ReportBody, Settlement, Timestamp,
};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::modes::ran;
use crate::reference::Table;
use crate::scene::{Tape, root, setup};

const FROM: &str = "2024-06-01T00:00:00Z";
const TO: &str = "2025-06-01T00:00:00Z";

#[test]
fn each_venue_of_btc_basis_pays_what_its_file_says() {
    adds_up("btc_basis");
}

#[test]
fn each_venue_of_eth_basis_pays_what_its_file_says() {
    adds_up("eth_basis");
}

#[test]
fn each_venue_of_usdt_market_neutral_no_leverage_pays_what_its_file_says() {
    adds_up("usdt_market_neutral_no_leverage");
}

#[test]
fn each_venue_of_usdt_market_neutral_pays_what_its_file_says() {
    adds_up("usdt_market_neutral");
}

/// What was paid at a venue, and in how many payments.
type Paid = BTreeMap<String, (Decimal, usize)>;

fn adds_up(mode: &str) {
    let pump = ran(setup(mode, Costs::Full, &[]), FROM, TO);
    let (by_hand, posted) = (by_hand(&pump), posted(&pump));
    println!("{mode}: {posted:?}");
    assert_eq!(by_hand, posted, "{mode}");
    assert_eq!(posted.len(), 3, "{mode}: three exchanges");
    for (venue, (sum, payments)) in &posted {
        assert!(!sum.is_zero() && *payments > 500, "{mode}: {venue} paid {sum} in {payments}");
    }
    let total: Decimal = posted.values().map(|(sum, _)| *sum).sum();
    let told = pump.engine.state().ledger.total[PnlCause::Funding].get();
    assert_eq!(told, total, "{mode}: profit by cause tells another sum");
}

/// The venues' own postings, as the engine was told them.
fn posted(pump: &Pump<Tape>) -> Paid {
    let mut paid = Paid::new();
    let universe = pump.engine.step().universe();
    for (_, input) in &pump.witness.inputs {
        let Input::Report(report) = input else { continue };
        let ReportBody::Settled { kind: Settlement::Funding(_), postings, .. } = &report.body
        else {
            continue;
        };
        let is_funding = |posting: &&Posting| posting.cause == Cause::Funding;
        for posting in postings.iter().filter(is_funding) {
            let entry = paid.entry(universe.venue(report.venue).name.to_string()).or_default();
            *entry = (entry.0 + posting.amount.get(), entry.1 + 1);
        }
    }
    paid
}

/// Rate · perp's open · coins held before the step, over all rows of the venues' files, each rounded down as cash is.
fn by_hand(pump: &Pump<Tape>) -> Paid {
    let universe = pump.engine.step().universe();
    let held = Held::of(pump);
    let mut paid = Paid::new();
    for market in universe.markets().iter().filter(|market| market.kind == MarketKind::Perp) {
        let venue = universe.venue(market.venue);
        let cash = venue.margin.as_ref().expect("an exchange has margin").cash;
        let decimals = universe.instrument(cash).decimals;
        let file = |folder: &str, ends: &str| {
            let name = format!("data/{folder}/{}_{}{ends}.csv.gz", venue.name, market.symbol);
            Table::read(&root().join(name))
        };
        let (funding, perp) = (file("funding", ""), file("perp", "_1h"));
        for stamp in funding.stamps_between(FROM, TO) {
            let at: Timestamp = stamp.parse().expect("a time");
            let size = held.before(at, market.position);
            let due = -(funding.at(stamp, "funding_rate") * perp.at(stamp, "open") * size);
            let due = due.round_dp_with_strategy(decimals, RoundingStrategy::ToNegativeInfinity);
            if !due.is_zero() {
                let entry = paid.entry(venue.name.to_string()).or_default();
                *entry = (entry.0 + due, entry.1 + 1);
            }
        }
    }
    paid
}

/// Positions as the run's own records tell them, in order of time.
struct Held(Vec<(Timestamp, Vec<Decimal>)>);

impl Held {
    fn of(pump: &Pump<Tape>) -> Self {
        let mut told = Vec::new();
        for (_, batch) in &pump.witness.batches {
            for event in &batch.events {
                if let Event::Positions { at, quantities, .. } = event {
                    told.push((*at, batch.numbers(*quantities).to_vec()));
                }
            }
        }
        Self(told)
    }

    /// What was held when a time came.
    fn before(&self, at: Timestamp, key: KeyId) -> Decimal {
        let index = self.0.partition_point(|(told, _)| *told < at);
        index.checked_sub(1).map_or(Decimal::ZERO, |index| self.0[index].1[key.index()])
    }
}
