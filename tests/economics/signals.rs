//! A mode that follows a model earns what the model knows, and nothing beside it: on prices that nothing tells its gross result is
//! chance, one that knows the future gets rich, and what is known late changes nothing before.

use std::sync::Arc;

use basis::config::{Costs, Setup};
use basis::market::{Bar, Direction, Funding, MarketData, MarketRows, Signal};
use basis::types::{Operation, Price, Quantity, Rate, Span, Timestamp};
use rust_decimal::Decimal;

use crate::no_future::{Noise, until};
use crate::scene::{self, Tape, from_rows_between, run, script, setup, start};

const USDT: &str = "ml_btc_directional_usdt_margin";
const BTC: &str = "ml_btc_directional_btc_margin";
const STEP: Span = Span::from_minutes(5);
const DAY: i64 = 288;

/// What the model of a test is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Model {
    /// Momentum of closed bars, and noise.
    Past,
    /// Where the price will be an hour later.
    Clairvoyant,
}

/// Bars of a coin that nothing tells, and what a model says of them.
struct Tale {
    bars: Vec<Bar>,
    signals: Vec<Signal>,
}

fn at(bar: i64) -> Timestamp {
    start() + Span::from_ms(bar * STEP.ms())
}

fn cents(price: f64) -> Price {
    Price::new(Decimal::new((price * 100.0).round() as i64, 2))
}

impl Tale {
    /// `count` bars from a day before the start. Each goes up or down by 0.06 % ten times, so it is a martingale by construction.
    fn new(seed: u64, count: i64, model: Model) -> Self {
        let mut dice = Noise(seed);
        let mut price = 60_000.0;
        let (mut bars, mut closes) = (Vec::new(), Vec::new());
        for bar in -DAY..count {
            let open = price;
            let (mut high, mut low) = (open, open);
            for _ in 0..10 {
                price *= if dice.below(2) == 0 { 1.0006 } else { 0.9994 };
                (high, low) = (f64::max(high, price), f64::min(low, price));
            }
            let volume = Quantity::new(Decimal::from(500));
            let (open, high) = (cents(open), cents(high));
            bars.push(Bar {
                at: at(bar),
                open,
                high,
                low: cents(low),
                close: cents(price),
                volume,
            });
            closes.push(price);
        }
        let signals = signals(&bars, &closes, model, &mut dice);
        Self { bars, signals }
    }

    /// What is known at the cut or later becomes another tale's.
    fn poisoned(&self, other: &Self, cut: Timestamp) -> Self {
        let bar = |(own, other): (&Bar, &Bar)| match own.at {
            at if at >= cut => *other,
            at if at + STEP >= cut => {
                let close = other.close;
                let (high, low) = (other.high.max(own.open), other.low.min(own.open));
                Bar { close, high, low, ..*own }
            }
            _ => *own,
        };
        let signal = |(own, other): (&Signal, &Signal)| {
            if own.known_at >= cut {
                Signal { known_at: own.known_at, ..other.clone() }
            } else {
                own.clone()
            }
        };
        Self {
            bars: self.bars.iter().zip(&other.bars).map(bar).collect(),
            signals: self.signals.iter().zip(&other.signals).map(signal).collect(),
        }
    }

    fn data(&self, setup: &Setup, last: i64) -> Arc<MarketData> {
        let mut rows = MarketRows::default();
        for spec in &setup.series {
            let name = spec.name.as_str();
            let folder = name.split('/').next().unwrap_or_default();
            for bar in &self.bars {
                let eight_hours = bar.at.ms() % 28_800_000 == 0;
                let pushed = match folder {
                    "funding" if eight_hours => {
                        rows.push_funding(name, &Funding { at: bar.at, rate: Rate::ZERO })
                    }
                    "funding" | "signals" => Ok(()),
                    "gas" => rows.push_gas(name, bar.at, Decimal::from(20)),
                    _ => rows.push_bar(name, bar),
                };
                pushed.unwrap_or_else(|fault| panic!("{fault}"));
            }
            for signal in self.signals.iter().filter(|_| folder == "signals") {
                rows.push_signal(name, signal).unwrap_or_else(|fault| panic!("{fault}"));
            }
        }
        from_rows_between(setup, &rows, at(0), at(last))
    }
}

/// A signal a bar; each fifth is up to four minutes late.
fn signals(bars: &[Bar], closes: &[f64], model: Model, dice: &mut Noise) -> Vec<Signal> {
    const AHEAD: usize = 12;
    let (mut momentum, mut noise) = (0.0, 0.0);
    let mut said = Vec::new();
    for (n, bar) in bars.iter().enumerate() {
        let before = closes[n.saturating_sub(1)];
        momentum = 0.98 * momentum + 100.0 * (closes[n] / before - 1.0);
        noise = 0.97 * noise + (dice.below(2001) as f64 / 1000.0 - 1.0) * 0.3;
        let later = closes[(n + AHEAD).min(closes.len() - 1)];
        let score = match model {
            Model::Past => momentum + noise,
            Model::Clairvoyant => 300.0 * (later / closes[n] - 1.0),
        };
        let direction = match score {
            score if score > 1.0 => Direction::Long,
            score if score < -1.0 => Direction::Short,
            score if score.abs() < 0.2 => Direction::Neutral,
            _ => Direction::Hold,
        };
        let late = if dice.below(5) == 0 { dice.below(240) as i64 } else { 0 };
        said.push(Signal {
            at: bar.at,
            known_at: bar.at + STEP + Span::from_s(late),
            direction,
            confidence: Decimal::new(60 + dice.below(40) as i64, 2),
            sd: Decimal::new(50 + dice.below(60) as i64, 4),
            model_version: "tale".to_owned(),
        });
    }
    said
}

/// A setup without costs and without a stop by drawdown: what is left is the market's.
fn gross(mode: &str) -> Setup {
    setup(mode, Costs::None, &[("risk.emergency_drawdown", "0.99"), ("reserve.ratio", "0")])
}

/// The profit of each trade: of the time from an order of a perp to the next one. Without a position nothing is earned.
fn trades(tape: &Tape) -> Vec<f64> {
    let is_trade = |operation: &Operation| matches!(operation, Operation::PerpTrade { .. });
    let orders = tape.orders();
    let times: Vec<Timestamp> = orders
        .iter()
        .filter(|order| is_trade(&order.bound.operation))
        .map(|order| Timestamp::from_ms(order.at.ms() - order.at.ms().rem_euclid(STEP.ms())))
        .collect();
    let rows = tape.rows();
    let equity = |at: Timestamp| -> f64 {
        let index = rows.partition_point(|row| row.at < at).min(rows.len() - 1);
        rows[index].equity.get().try_into().expect("equity is a number")
    };
    let mut ends = times[1..].to_vec();
    ends.push(rows[rows.len() - 1].at);
    let profits = times.iter().zip(ends).map(|(&from, to)| equity(to) - equity(from));
    profits.filter(|profit| profit.abs() > 1e-9).collect()
}

/// The sum of trades, and the deviation that their sizes make likely.
fn sum_and_deviation(profits: &[f64]) -> (f64, f64) {
    let squares: f64 = profits.iter().map(|profit| profit * profit).sum();
    (profits.iter().sum(), squares.sqrt())
}

fn profits_of(seeds: std::ops::RangeInclusive<u64>, model: Model, days: i64) -> Vec<f64> {
    let setup = gross(USDT);
    seeds
        .flat_map(|seed| {
            let tale = Tale::new(seed, days * DAY + 2, model);
            let tape = run(setup.clone(), &tale.data(&setup, days * DAY), script(&setup)).witness;
            trades(&tape)
        })
        .collect()
}

#[test]
fn on_prices_that_nothing_tells_the_gross_result_is_chance() {
    let profits = profits_of(1..=4, Model::Past, 20);
    let (sum, deviation) = sum_and_deviation(&profits);
    println!("{} trades: {sum:.0} USDT, one deviation is {deviation:.0}", profits.len());
    assert!(profits.len() > 300, "only {} trades: the test shows next to nothing", profits.len());
    assert!(sum.abs() < 2.0 * deviation, "{sum:.0} USDT are beyond two of {deviation:.0}");
}

/// The same measure finds an edge where there is one.
#[test]
fn a_model_that_knows_the_next_hour_is_found_out() {
    let (sum, deviation) = sum_and_deviation(&profits_of(1..=1, Model::Clairvoyant, 10));
    println!("{sum:.0} USDT, one deviation is {deviation:.0}");
    assert!(sum > 5.0 * deviation, "{sum:.0} USDT are within five of {deviation:.0}");
}

#[test]
fn what_becomes_known_later_changes_no_decision_before() {
    const DAYS: i64 = 3;
    const CUTS: u64 = 8;
    for mode in [USDT, BTC] {
        let setup = setup(mode, Costs::Full, &[]);
        let [tale, other] = [11, 12].map(|seed| Tale::new(seed, DAYS * DAY + 2, Model::Past));
        let told = |tale: &Tale| -> Tape {
            run(setup.clone(), &tale.data(&setup, DAYS * DAY), script(&setup)).witness
        };
        let whole = told(&tale);
        let mut seen = 0;
        for round in 0..CUTS {
            let mut dice = Noise(round * 7919 + 5);
            // Anywhere, not only on the grid: signals become known between two steps.
            let second = (DAY / 4 + dice.below((DAYS * DAY - DAY / 2) as u64) as i64) * 300;
            let cut = start() + Span::from_s(second + dice.below(300) as i64);
            let tape = told(&tale.poisoned(&other, cut));
            let (was, is) = (until(&whole, cut), until(&tape, cut));
            assert!(was.0 == is.0, "{mode}, cut at {cut}: something else was said before it");
            assert_eq!(was.1, is.1, "{mode}, cut at {cut}: the effects before it");
            assert_ne!(whole.batches, tape.batches, "{mode}: the cut changed nothing after it");
            seen += tape.orders().iter().filter(|order| order.at < cut).count();
        }
        println!("{mode}: {CUTS} cuts, {seen} orders before them, all the same");
        assert!(seen > 40, "only {seen} orders before all cuts");
    }
}

/// BTC at rest is BTC: whatever the price does, a model that says nothing earns nothing.
#[test]
fn in_btc_a_book_without_position_earns_exactly_nothing() {
    let setup = setup(BTC, Costs::Full, &[]);
    let mut tale = Tale::new(21, DAY + 2, Model::Past);
    for signal in &mut tale.signals {
        signal.direction = Direction::Neutral;
    }
    let tape = run(setup.clone(), &tale.data(&setup, DAY), script(&setup)).witness;
    let rows = tape.rows();
    assert_eq!(rows.len() as i64, DAY + 1);
    assert!(rows.iter().all(|row| row.equity.get() == scene::dec("10")));
    assert_ne!(tale.bars[DAY as usize].open, tale.bars[2 * DAY as usize].open, "the price moved");
}
