//! The calm in which a trial begins: prices, rates and pools that stand still.

use rust_decimal::Decimal;

use crate::config::{SeriesRole, Setup};

use super::candles::Candles;
use super::said::Said;
use super::weather::{Pool, State, priced};

/// What a series is like before a test says anything.
pub(super) fn calm(setup: &Setup, role: SeriesRole) -> State {
    let whole = |number: i64| Decimal::from(number);
    match role {
        SeriesRole::Spot(_) | SeriesRole::Perp(_) | SeriesRole::Price(_) => {
            let token = priced(setup, role).map_or("", |token| setup.universe.token(token));
            let price = whole(match token {
                "BTC" => 60_000,
                "ETH" => 3_000,
                _ => 1,
            });
            State::Candles(Candles::flat_at(price, whole(1_000_000)))
        }
        // In ETH, of which a thousandth is 3 USDT.
        SeriesRole::PriceIn(_) => {
            State::Candles(Candles::flat_at(Decimal::new(1, 3), whole(1_000_000)))
        }
        SeriesRole::Distributions(_) => State::Distributions,
        SeriesRole::Funding(_) => State::Funding(Some(Decimal::ZERO)),
        SeriesRole::Gas => State::Gas(whole(20)),
        SeriesRole::Signal => State::Signal(Some(Said::nothing())),
        SeriesRole::Rate(token) => {
            let value = match &**setup.universe.token(token) {
                "weETH" => Decimal::new(105, 2),
                "wstETH" => Decimal::new(12, 1),
                _ => Decimal::ONE,
            };
            State::Rate { value, a_year: Decimal::ZERO }
        }
        SeriesRole::MarketRate(token) => State::MarketRate { token, discount: Decimal::ZERO },
        SeriesRole::Reserve(_) => State::Reserve(Pool {
            indices: [Decimal::ONE; 2],
            rates: [Decimal::ZERO; 2],
            totals: [whole(2_000_000_000), whole(1_000_000_000)],
        }),
    }
}
