//! What is handed out to holders of weETH: what the files say, on what was held over the period, known when it is paid.

use std::path::Path;

use basis::config::{Costs, Setup};
use basis::engine::{End, Phase};
use basis::market::MarketData;
use basis::run::Pump;
use basis::types::event::Loudness;
use basis::types::{Cause, Decision, Operation, PnlCause, Span, Timestamp};
use rust_decimal::Decimal;

use crate::chain::held;
use crate::desk::{Desk, entry, one};
use crate::reference::Table;
use crate::scene::{Scripted, Tape, dec, run, script, setup, shared};

const FROM: &str = "2024-10-06T00:00:00Z";
const TO: &str = "2025-06-01T00:00:00Z";
const EIGEN: &str = "wallet:BaseToken:EIGEN";
const ETHFI: &str = "wallet:BaseToken:ETHFI";
const ON: (&str, &str) = ("rewards.enabled", "true");

/// A period of a table of distributions: its first day, the day after its last, when it is paid, and how much for each eETH.
struct Period {
    start: Timestamp,
    end: Timestamp,
    paid: Timestamp,
    per_eeth: Decimal,
}

/// The rows of a table, read here by itself.
fn periods(dir: &Path, file: &str) -> Vec<Period> {
    let text = std::fs::read_to_string(dir.join("rewards").join(file)).expect("a table of rewards");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let column = |name: &str| names.iter().position(|known| known.ends_with(name));
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let day =
            |name| -> Option<Timestamp> { Some(fields[column(name)?].parse().expect("a day")) };
        let end = day("period_end").expect("its last day") + Span::from_hours(24);
        Period {
            start: day("period_start").expect("its first day"),
            end,
            paid: day("top_up_date").unwrap_or(end + Span::from_hours(7 * 24)),
            per_eeth: dec(fields[column("_per_eeth").expect("what each was handed out")]),
        }
    };
    lines.map(row).collect()
}

fn loaded(setup: &Setup, dir: &Path, [from, to]: [&str; 2]) -> std::sync::Arc<MarketData> {
    let time = |text: &str| Some(text.parse().expect("a time"));
    MarketData::load(setup, dir, time(from), time(to)).unwrap_or_else(|f| panic!("{f}")).data
}

fn played(mode: &str, dir: &Path, sets: &[(&str, &str)]) -> Pump<Tape> {
    let setup = setup(mode, Costs::Full, sets);
    let data = loaded(&setup, dir, [FROM, TO]);
    let strategy = script(&setup);
    let pump = run(setup, &data, strategy);
    let state = pump.engine.state();
    assert_eq!(state.phase, Phase::Ended(End::Done), "{:?}", pump.witness.notes(Loudness::Warn));
    pump
}

/// What a cause has brought at a key, by the venues' own books.
fn brought(pump: &Pump<Tape>, key: &str, cause: Cause) -> Decimal {
    let universe = pump.engine.step().universe();
    pump.world
        .brought(universe.key_named(key).unwrap_or_else(|| panic!("{key} is no key")), cause)
        .get()
}

/// What a table hands out for one weETH that was held since the start, by the rate at each midnight and the one before.
fn expected(dir: &Path, file: &str, weeth: Decimal) -> Decimal {
    let rates = Table::read(&dir.join("lst/weETH_exchange_rate.csv"));
    let (from, to): (Timestamp, Timestamp) = (FROM.parse().unwrap(), TO.parse().unwrap());
    let day = Span::from_hours(24);
    let of = |period: &Period| {
        let (mut at, mut sum, mut days) = (period.start, Decimal::ZERO, Decimal::ZERO);
        while at < period.end {
            if at >= from {
                let rate = |at: Timestamp| rates.at(&at.to_string(), "exchange_rate");
                sum += weeth * (rate(at) + rate(at + day)) / Decimal::TWO;
            }
            days += Decimal::ONE;
            at = at + day;
        }
        sum / days * period.per_eeth
    };
    let periods = periods(dir, file);
    periods.iter().filter(|period| from < period.paid && period.paid <= to).map(of).sum()
}

#[test]
fn a_holder_is_handed_out_what_the_files_say() {
    let Some(dir) = shared("data") else { return };
    // Nothing is sold and nothing is staked again: what is held is what was staked on the first day.
    let sets = [ON, ("dust.min_value_over_gas", "1000000000")];
    let pump = played("eth_staking_only", &dir, &sets);
    let weeth = held(&pump, "wallet:BaseToken:weETH");
    for (key, file) in
        [(EIGEN, "etherfi_eigen_distributions.csv"), (ETHFI, "etherfi_ethfi_topups.csv")]
    {
        let (paid, by_file) = (brought(&pump, key, Cause::Reward), expected(&dir, file, weeth));
        println!("{key}: {paid}, by the file {by_file}");
        assert!(by_file.is_sign_positive() && !by_file.is_zero());
        // The file's sum takes the rate of two midnights; steps follow it by the hour, and the first weETH came after seconds.
        assert!((paid - by_file).abs() < by_file * dec("0.00001"), "{paid} of {by_file}");
        assert_eq!(held(&pump, key), paid, "nothing is sold");
    }
    explained(&pump);
}

#[test]
fn rewards_are_sold_and_what_they_bring_is_theirs_less_the_pool_and_the_gas() {
    let Some(dir) = shared("data") else { return };
    let pump = played("eth_staking_only", &dir, &[ON]);
    let attribution = pump.engine.state().ledger.total;
    let universe = pump.engine.step().universe();
    let eth = universe.token_named("ETH").unwrap();
    let mut sales = 0;
    for order in pump.witness.orders() {
        if let Operation::Swap { from, to, .. } = order.bound.operation {
            assert_ne!(universe.instrument(from).token, eth);
            assert_eq!(universe.instrument(to).token, eth);
            sales += 1;
        }
    }
    println!("{sales} sales; {:?}", attribution.iter().collect::<Vec<_>>());
    assert!(sales > 0);
    for key in [EIGEN, ETHFI] {
        let (paid, sold) = (brought(&pump, key, Cause::Reward), brought(&pump, key, Cause::Swap));
        assert_eq!(held(&pump, key), paid + sold);
        assert!(sold < Decimal::ZERO, "{key}: something is sold");
    }
    // What sales cost is the pool's: fees of 0.3 % and slippage of at least 10 bps of what was sold.
    let of_sales = -brought(&pump, "wallet:BaseToken:ETH", Cause::Fee);
    let into = brought(&pump, "wallet:BaseToken:ETH", Cause::Swap);
    assert!(
        (of_sales - into * dec("0.003")).abs() < dec("0.000000000000001") * Decimal::from(sales)
    );
    assert!(attribution[PnlCause::Slippage].get() < -into * dec("0.001"));
    assert!(attribution[PnlCause::Peg].is_zero());
    explained(&pump);
}

/// Every step is explained by its causes, and books equal the venues'.
fn explained(pump: &Pump<Tape>) {
    let state = pump.engine.state();
    let mut before = state.tally.initial_equity;
    for row in pump.witness.rows() {
        let residual = row.equity - before - row.flows - row.attribution.total();
        assert!(
            residual.get().abs() < dec("0.000000001") * row.equity.get(),
            "{}: {residual}",
            row.at
        );
        before = row.equity;
    }
    assert_eq!(pump.witness.notes(Loudness::Alarm), Vec::<String>::new());
    assert_eq!(pump.world.unexplained().count(), 0);
    for theirs in pump.world.balances() {
        assert_eq!(state.books.quantity(theirs.key), theirs.quantity, "books and venue differ");
    }
}

#[test]
fn collateral_earns_only_where_it_is_said_to_be_eligible() {
    let Some(dir) = shared("data") else { return };
    let without = played("eth_leveraged", &dir, &[ON]);
    assert_eq!(brought(&without, EIGEN, Cause::Reward), Decimal::ZERO);
    // What the rewards are sold for stays beside the loop, so that it holds the same all the time.
    let sets = [ON, ("rewards.collateral_eligible", "true"), ("resize_band", "1")];
    let with = played("eth_leveraged", &dir, &sets);
    let earned = brought(&with, EIGEN, Cause::Reward);
    println!(
        "a loop of {} ETH is handed out {earned} EIGEN",
        with.engine.state().tally.initial_equity
    );
    // The loop holds about eleven times its equity, for which the file hands out so much a week.
    let weeth = held(&with, "aave_v3:aToken:aweETH");
    let by_file = expected(&dir, "etherfi_eigen_distributions.csv", weeth);
    assert!((earned - by_file).abs() < by_file * dec("0.001"), "{earned} of {by_file}");
    explained(&with);
}

#[test]
fn nothing_is_known_or_there_before_it_is_paid() {
    let Some(dir) = shared("data") else { return };
    let setup = setup("eth_staking_only", Costs::None, &[ON]);
    let reward = setup.universe.rewards()[0].id;
    let data = loaded(&setup, &dir, [FROM, "2024-11-01T00:00:00Z"]);
    let paid: Timestamp = "2024-10-20T00:00:00Z".parse().unwrap();
    let mut is_staked = false;
    let strategy = Scripted::new(move |step| {
        let known = step.view.distributions_since(reward, FROM.parse().unwrap());
        let eigen = step.balance(step.universe().key_named(EIGEN).unwrap());
        // The row of the 52 days before was paid on 2024-10-13, when nothing of that time had been held.
        let begun = known.iter().filter(|paid| paid.start >= FROM.parse().unwrap()).count();
        assert_eq!(begun > 0, step.now >= paid, "{}", step.now);
        assert_eq!(eigen.is_positive(), step.now >= paid, "{}: {eigen}", step.now);
        if is_staked {
            return Decision::hold("weETH is held");
        }
        is_staked = true;
        let mut desk = Desk::new(step);
        let venue = step.universe().venue_named("etherfi").unwrap();
        let stake = desk.order(Operation::Stake { venue }, "50");
        entry(vec![one(stake)])
    });
    let pump = run(setup, &data, strategy);
    assert_eq!(pump.engine.state().phase, Phase::Ended(End::Done));
}

#[test]
fn where_rewards_are_off_nothing_of_them_is_part_of_the_run() {
    let setup = setup("eth_staking_only", Costs::Full, &[]);
    assert!(setup.universe.rewards().is_empty());
    for token in ["EIGEN", "ETHFI"] {
        assert_eq!(setup.universe.token_named(token), None);
        assert!(!setup.series.iter().any(|series| series.name.contains(token)));
    }
    assert!(!setup.series.iter().any(|series| series.name.starts_with("rewards/")));
}
