//! What each stress changes on made-up rows, and what it leaves.

mod money;
mod prices;
mod silence;
mod starts;

use rust_decimal::Decimal;

use super::super::real_data::root;
use super::super::series::Series;
use super::*;
use crate::config::{LoadRequest, SeriesRole, load};
use crate::market::{Bar, Funding, MarketData, MarketRows, ReserveFigures};
use crate::types::{Price, Quantity, Rate};

/// Days of made-up data after the first step; two days lie before it.
const DAYS: i64 = 45;

fn dec(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// An hour since the first step.
fn hour(n: i64) -> Timestamp {
    "2024-06-01".parse::<Timestamp>().unwrap() + Span::from_hours(n)
}

fn setup(mode: &str) -> Setup {
    load(LoadRequest::of_mode(mode, &root().join("configs"))).unwrap()
}

/// Every series that a mode reads, each with numbers of its own that change from row to row.
fn rows(setup: &Setup) -> MarketRows {
    let mut rows = MarketRows::default();
    for (shift, spec) in setup.series.iter().enumerate() {
        let name = &spec.name;
        for n in -48..=24 * DAYS {
            let (at, shift) = (hour(n), shift as i64);
            let a_day = n % 24 == 0;
            let part = |scale| Decimal::new(n + 1000, scale);
            match spec.role {
                SeriesRole::Spot(_) | SeriesRole::Perp(_) | SeriesRole::Price(_) => {
                    rows.push_bar(name, &bar(at, 3000 + shift * 100 + (n + 100) % 7)).unwrap();
                }
                SeriesRole::Funding(_) if n % 8 == 0 => {
                    let rate = Rate::new(part(8));
                    rows.push_funding(name, &Funding { at, rate }).unwrap();
                }
                SeriesRole::Gas => rows.push_gas(name, at, part(2)).unwrap(),
                SeriesRole::MarketRate(_) => {
                    rows.push_market_rate(name, at, Decimal::ONE + part(7)).unwrap();
                }
                SeriesRole::Rate(_) if a_day => {
                    rows.push_rate(name, at, Decimal::ONE + part(6)).unwrap();
                }
                SeriesRole::Reserve(_) if a_day => reserve(&mut rows, name, at, part(6)),
                _ => {}
            }
        }
    }
    rows
}

fn bar(at: Timestamp, n: i64) -> Bar {
    let price = |number: i64| Price::new(Decimal::from(number));
    let volume = Quantity::new(Decimal::from(n));
    Bar { at, open: price(n), high: price(n + 9), low: price(n - 9), close: price(n + 3), volume }
}

/// Three quarters are lent at 4 %, of which suppliers get 90 %.
fn reserve(rows: &mut MarketRows, name: &str, at: Timestamp, grown: Decimal) {
    let figures = ReserveFigures {
        as_of: at,
        supply_rate: Rate::new(dec("0.027")),
        borrow_rate: Rate::new(dec("0.04")),
        supplied: Quantity::new(dec("8000")),
        borrowed: Quantity::new(dec("6000")),
    };
    let indices = [Decimal::ONE + grown, Decimal::ONE + grown * Decimal::TWO];
    rows.push_reserve(name, &figures, indices).unwrap();
}

/// A mode's data as it is, and stressed.
struct Both {
    setup: Setup,
    plain: Loaded,
    stressed: Loaded,
}

fn both(mode: &str, stress: &str) -> Both {
    let mut setup = setup(mode);
    let rows = rows(&setup);
    let load = |setup: &Setup| {
        let loaded = MarketData::from_rows(setup, &rows, Some(hour(0)), Some(hour(24 * DAYS)));
        loaded.unwrap_or_else(|faults| panic!("{faults}"))
    };
    let (plain, loaded) = (load(&setup), load(&setup));
    let asked: Vec<Asked> = stress.split(',').map(|one| one.parse().unwrap()).collect();
    let stressed = apply(&mut setup, loaded, &asked).unwrap_or_else(|faults| panic!("{faults}"));
    Both { setup, plain, stressed }
}

impl Both {
    /// A stored series by its name, as it was and as it is: the first of that name, or the last one that was stored.
    fn series(&self, name: &str) -> [&Series; 2] {
        [&self.plain, &self.stressed].map(|loaded| {
            let index = loaded.data.names.iter().position(|known| known == name);
            &*loaded.data.stored[index.unwrap_or_else(|| panic!("{name} is not stored"))]
        })
    }

    /// The numbers of a column at a stamp, as they were and as they are; nothing where there is no row.
    fn at(&self, name: &str, column: usize, at: Timestamp) -> [Option<Decimal>; 2] {
        self.series(name).map(|series| series.row_at(at).map(|row| series.number(column, row)))
    }

    /// The names of the series that are not what they were.
    fn changed(&self) -> Vec<&str> {
        let stored = self.plain.data.stored.iter().zip(&self.stressed.data.stored);
        let names = self.plain.data.names.iter();
        let differs = names.zip(stored).filter(|(_, (was, is))| was != is);
        differs.map(|(name, _)| name.as_str()).collect()
    }
}

const MODES: [&str; 5] =
    ["btc_basis", "eth_leveraged", "eth_staking_only", "pure_lending_eth", "pure_lending_usdt"];

#[test]
fn whatever_is_bent_the_rows_before_the_start_are_as_they_were() {
    // Neither at midnight nor at a payment.
    let start = hour(24 * 9 + 13);
    for stress in all() {
        for mode in MODES {
            let both = both(mode, &format!("{}@{start}", stress.name));
            let (plain, stressed) = (&both.plain.data, &both.stressed.data);
            assert!(stressed.stored.len() >= plain.stored.len());
            for (name, series) in stressed.names.iter().zip(&stressed.stored) {
                let was = plain.names.iter().position(|known| known == name).unwrap();
                let before = |series: &Series| series.filtered(|at| at < start);
                let is_same = before(&plain.stored[was]) == before(series);
                assert!(is_same, "{}: {mode}: {name} is changed before its start", stress.name);
            }
        }
    }
}

#[test]
fn a_stress_changes_what_it_is_about_and_nothing_else() {
    let spot = ["spot/binance_BTCUSDT", "spot/bybit_BTCUSDT", "spot/okx_BTCUSDT"];
    let perp = ["perp/binance_BTCUSDT", "perp/bybit_BTCUSDT", "perp/okx_BTCUSDT"];
    let prices = [&spot[..], &perp[..], &["spot/bybit_ETHUSDT"]].concat();
    let funding = ["funding/binance_BTCUSDT", "funding/bybit_BTCUSDT", "funding/okx_BTCUSDT"];
    let worth = ["lst/weETH_exchange_rate", "lst/wstETH_exchange_rate"];
    let sold = ["lst/weETH_dex_rate_24h_median_1h", "lst/wstETH_dex_rate_24h_median_1h"];
    let lent = ["aave_v3/WETH_rates", "aave_v3/weETH_rates", "aave_v3/wstETH_rates"];
    // By stress: what it changes of BTC basis, and of the loop.
    let table: [(&str, &[&str], &[&str]); 15] = [
        ("eth-down-40-day", &prices, &["spot/bybit_ETHUSDT"]),
        ("eth-up-60-week", &prices, &["spot/bybit_ETHUSDT"]),
        ("eth-up-100-month", &prices, &["spot/bybit_ETHUSDT"]),
        ("lst-depeg", &[], &sold),
        ("slash", &[], &[worth, sold].concat()),
        ("funding-minus-50", &funding, &[]),
        ("borrow-rate-40", &[], &lent[..1]),
        ("utilisation-100", &[], &lent),
        ("gas-x20", &["gas/ethereum_gas"], &["gas/ethereum_gas"]),
        ("venue-down", &[spot[0], perp[0]], &[]),
        ("half-fills", &[], &[]),
        ("adl", &[], &[]),
        ("oracle-stale", &[], &worth),
        ("lt-cut", &[], &[]),
        ("usdt-depeg", &prices, &["spot/bybit_ETHUSDT"]),
    ];
    assert_eq!(
        table.map(|(name, ..)| name).to_vec(),
        all().iter().map(|s| s.name).collect::<Vec<_>>()
    );
    for (stress, of_basis, of_loop) in table {
        for (mode, expected) in [("btc_basis", of_basis), ("eth_leveraged", of_loop)] {
            let both = both(mode, stress);
            let (mut found, mut expected) = (both.changed(), expected.to_vec());
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{stress} in {mode}");
        }
    }
}
