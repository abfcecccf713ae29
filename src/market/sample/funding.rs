//! Funding: every eight hours a payment around the month's mean with the month's deviation, by venue and coin.

use super::calendar::{END, FUNDING_INTERVAL, PATHS_FROM, stamps};
use super::dice::Shared;
use super::figures::Figures;
use super::text::SampleFile;

/// What a payment keeps of the last one's distance from the month's mean.
const KEEP: f64 = 0.5;
/// The share that venues have in common: their payments are correlated by its square, 0.81.
const COMMON: f64 = 0.9;

/// The files of all venues and coins.
pub(super) fn funding(seed: u64, figures: &Figures) -> Vec<SampleFile> {
    let venues = ["binance", "bybit", "okx"];
    let markets = venues.into_iter().flat_map(|venue| ["BTC", "ETH"].map(|coin| (venue, coin)));
    markets.map(|(venue, coin)| of(seed, figures, venue, coin)).collect()
}

fn of(seed: u64, figures: &Figures, venue: &str, coin: &str) -> SampleFile {
    let figure = |what: &str| {
        let of = |venue: &str| figures.of(&format!("funding_{venue}_{coin}USDT_{what}_8h"));
        of(venue).or(&of("bybit"))
    };
    let (mean, deviation) = (figure("mean"), figure("std"));
    let (common, own) = (format!("funding {coin}"), format!("funding {venue} {coin}"));
    let mut process = Shared::of(seed, &common, &own, KEEP, COMMON);
    let name = format!("funding/{venue}_{coin}USDT.csv");
    let mut file = SampleFile::new(name, "timestamp,funding_rate", "8 h");
    for at in stamps(PATHS_FROM, END, FUNDING_INTERVAL) {
        let rate = mean.at(at) + deviation.at(at) * process.next();
        file.push(at, format_args!("{rate:.8}"));
    }
    file
}
