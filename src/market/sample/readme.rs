//! What stands beside the sample's files: the mark that it is synthetic, and how it was made.

use std::fmt::Write;

use super::calendar::{YEAR_FROM, YEAR_TO};
use super::text::SampleFile;

/// The text of the file that marks the folder.
pub fn marker(seed: u64) -> String {
    format!(
        "Synthetic market data, made by `basis data sample --seed {seed}`. Not one row is of a real market.\n"
    )
}

/// The range of runs that name none: the sample's year, without the weeks before it.
pub fn range() -> String {
    format!("{YEAR_FROM} {YEAR_TO}\n")
}

/// The `README.md` of the folder.
pub fn readme(seed: u64, files: &[SampleFile]) -> String {
    let mut text = format!(
        "# Sample market data: synthetic\n\n\
         **Every row here is made up.** It was written by `basis data sample --seed {seed}`, and the same command writes the same \
         bytes again.\nResults on it show what the program does. They say nothing about what a strategy would have earned.\n\n{}\n\n{LAWS}\n\
         ## Files\n\n\
         Gzipped CSV, sorted, no gaps. `RANGE` is the year that runs go over when they name none; rows before it are there to look back on.\n{CONVENTIONS}\n\n\
         | file | columns | step | first | last | rows |\n| --- | --- | --- | --- | --- | --- |\n",
        levels(files)
    );
    for file in files {
        let columns = file.columns.replace(',', ", ");
        let SampleFile { step, first, last, rows, .. } = file;
        let name = file.packed_name();
        // Writing into a string cannot fail.
        let _ = writeln!(text, "| {name} | {columns} | {step} | {first} | {last} | {rows} |");
    }
    text
}

/// Where the prices of this seed begin and end: no month's end is aimed at, so that is a matter of chance.
fn levels(files: &[SampleFile]) -> String {
    let told = ["BTC", "ETH"].map(|coin| {
        let name = format!("spot/bybit_{coin}USDT_1h.csv");
        let rows = files.iter().find(|file| file.name == name).map(|file| file.text.lines());
        let price = |row: Option<&str>, column| {
            let cell = row.and_then(|row| row.split(',').nth(column)).unwrap_or_default();
            cell.split('.').next().unwrap_or_default().to_owned()
        };
        let first = price(rows.clone().and_then(|mut rows| rows.nth(1)), 1);
        let last = price(rows.and_then(Iterator::last), 4);
        format!("{coin} from {first} to {last} USDT")
    });
    format!("With this seed the prices go, without a bridge to any end: {}.", told.join(", "))
}

const LAWS: &str = "\
## How it is made

Real are the anchors alone: monthly averages computed from public market data (`src/market/sample/figures.csv`, 2024-05 to 2025-06).
Figures carry over, files do not.

- **Prices of BTC and ETH.** One reference path a coin in steps of five minutes, begun at the first price of 2024-05. Hourly log
  returns have the month's mean and deviation, correlated as the month was; their size is Student's t with eight degrees of freedom
  (each hour has a heat of its own). Given the past, the price grows by the month's drift exp(μ + σ²/2) and by nothing else: no
  bridge leads to a month's end, so levels leave the real ones. High and low are those of a continuous path between the ends.
- **Spot of a venue.** The reference with noise that is gone at the next step: 0.7 bp on an exchange, 5 bp in a pool. A bar opens
  where the last one closed. Hourly bars are joined from the five-minute ones.
- **Perps.** The venue's spot times 1 + basis; the basis returns to the month's mean with the month's deviation and keeps 0.95 of its
  distance over an hour; four fifths of its variance are common to the venues. Where a venue has no figure, Bybit's serves.
- **Funding.** Every 8 h around the month's mean with the month's deviation, keeping half of its distance from one payment to the
  next, 0.81 correlated between venues; independent of the basis. OKX in 2024-08 goes by Bybit's figures.
- **Volume.** Log-normal around a usual one, larger in hot hours; it knows no direction.
- **EIGEN and ETHFI** in WETH. Martingales with one deviation throughout, 1.2 % and 1.05 % an hour; no monthly figures are kept.
- **Aave.** A day's rate is the month's mean times a log-normal share with the month's deviation, scaled to mean 1 over the month;
  indices grow over a month as they did, spread over the days as the rates are. Totals are round, with the month's utilisation.
- **Staked ETH.** Exchange rates through the month's first and last, growing every day; a pool's rate stands below by 7 bp on
  average, wandering between −50 and +5 bp; it is not smoothed, although its file is named like the real one.
- **Signals** for Binance's BTC, bars of five minutes. A made-up model, `sample-1`: momentum of closed spot bars over 12 hours and
  noise of twice its deviation; `sd` is the deviation of 12 hours by the bars so far. A row belongs to the bar stamped `timestamp` and
  is known when that bar has closed. Made of the past and of dice, on prices that the past does not tell, it has no edge.
- **Oracles** at 00:00: the reference price with 10 bp of noise times USDT in dollars (1 ± 5 bp), times the exchange rate.
- **Gas.** Log-normal by the month's median and mean, keeping 0.93 of its level over an hour.
- **Rewards.** 0.185 EIGEN a week per eETH, and a top-up of 0.12 ETHFI every fourth week, by log-normal chance.

Chance is ChaCha, one stream a series, seeded by the seed and the series' name; its arithmetic is not the platform's.
What the real market has and this has not: volatility that clusters, jumps, hours of the day, gaps, and a link between
returns, basis, funding and rates. Aave's rates and the exchange rates of staked ETH are scaled to what their month will have been,
so their days know a little of the rest of the month; prices do not.
";

const CONVENTIONS: &str = "Times are UTC. Candles are stamped with their **opening** time. Volumes are in coins; \
    pools have `volume_quote`, in USDT or WETH.\n`funding_rate` is a fraction per payment, positive: longs pay. Aave: rates are yearly \
    fractions, totals in tokens, a snapshot at 00:00.\n`*_USD` are dollars, `*_ETH` and exchange rates ETH per token, gas is in gwei.";
