//! Shocks of prices: the way, the bars on it, and what the quote token is worth.

use super::super::super::series::{CLOSE, HIGH, LOW, OPEN, VOLUME};
use super::*;

const SPOT: &str = "spot/binance_BTCUSDT";

#[test]
fn a_price_goes_its_way_in_even_shares_and_then_goes_on() {
    let both = both("btc_basis", "eth-down-40-day@2024-06-10");
    let start = hour(24 * 9);
    let factor = |column, at| {
        let [was, is] = both.at(SPOT, column, at).map(Option::unwrap);
        (is / was).round_dp(9)
    };
    // Before the close of the bar at its start nothing has moved.
    assert_eq!(factor(OPEN, start), Decimal::ONE);
    // After six of 24 hours: 0.6 ^ 0.25 = 0.880111737, after twelve its square, √0.6.
    assert_eq!(factor(OPEN, start + Span::from_hours(6)), dec("0.880111737"));
    assert_eq!(factor(CLOSE, start + Span::from_hours(5)), dec("0.880111737"));
    assert_eq!(factor(OPEN, start + Span::from_hours(12)), dec("0.774596669"));
    for after in [24, 25, 24 * 20] {
        let at = start + Span::from_hours(after);
        assert!([OPEN, CLOSE, HIGH, LOW].iter().all(|&column| factor(column, at) == dec("0.6")));
    }
    let [was, is] = both.at(SPOT, VOLUME, start + Span::from_hours(12));
    assert_eq!(was, is, "coins are traded as they were");
}

#[test]
fn a_bar_on_the_way_holds_its_open_and_its_close_and_all_between() {
    for stress in ["eth-down-40-day", "eth-up-60-week", "eth-up-100-month", "usdt-depeg"] {
        let both = both("btc_basis", stress);
        let [was, is] = both.series(SPOT);
        assert_eq!(was.len(), is.len());
        for row in 0..is.len() {
            let [open, close, high, low] =
                [OPEN, CLOSE, HIGH, LOW].map(|column| is.number(column, row));
            assert!(
                low <= open.min(close) && open.max(close) <= high,
                "{stress}: {}",
                is.stamp(row)
            );
            assert!(low.is_sign_positive() && !low.is_zero());
        }
    }
}

#[test]
fn all_markets_move_by_the_same_so_that_a_basis_stays_a_basis() {
    let both = both("btc_basis", "eth-up-60-week");
    let at = hour(24 * 17 + 5);
    let ratio = |of: usize| {
        let price = |name| both.at(name, OPEN, at)[of].unwrap();
        (price("perp/okx_BTCUSDT") / price("spot/bybit_ETHUSDT")).round_dp(9)
    };
    assert_eq!(ratio(0), ratio(1));
}

#[test]
fn a_quote_token_off_its_peg_lifts_prices_by_what_it_loses() {
    let both = both("btc_basis", "usdt-depeg@2024-06-10,eth-down-40-day@2024-06-20");
    let [was, is] = both.at(SPOT, OPEN, hour(24 * 12)).map(Option::unwrap);
    assert_eq!((was / is).round_dp(9), dec("0.95"));
    let worth = |n| both.stressed.stress.quote_in_usd(hour(n)).unwrap().round_dp(9);
    assert_eq!(
        [worth(0), worth(24 * 9), worth(24 * 10), worth(24 * 40)],
        ["1", "1", "0.95", "0.95"].map(dec)
    );
    assert_eq!(both.plain.stress.quote_in_usd(hour(0)), None, "nobody says what it is worth");
    // Both hold from then on.
    let [was, is] = both.at(SPOT, OPEN, hour(24 * 30)).map(Option::unwrap);
    assert_eq!((is / was * dec("0.95")).round_dp(9), dec("0.6"));
}
