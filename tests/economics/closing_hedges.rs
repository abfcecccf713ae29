//! Coins whose short cannot be closed yet stay with it while the engine closes.

use basis::config::Costs;
use basis::engine::{Command, End, Phase};
use basis::run::Pump;
use basis::types::{Decision, Side, Span};
use rust_decimal::Decimal;

use crate::chain::held;
use crate::desk::{Desk, entry, parallel};
use crate::loop_closing::Trapped;
use crate::scene::{Prices, Scripted, Tape, calm, dec, hour, pump, qty, setup, start};

/// 0.2 BTC at an exchange against shorts at two, left from the fourth hour on by an exit that fails. A perp of the first of the
/// two has no price from then until the twelfth hour.
fn left(shorts: [&'static str; 2]) -> Pump<Tape> {
    let setup = setup("economics", Costs::None, &[]);
    let prices = Prices {
        open: &|series, hour| {
            let is_in_gap = series == "perp/binance_BTCUSDT" && (4..12).contains(&hour);
            let price = if series.contains("ETH") { "3000" } else { "60000" };
            (!is_in_gap).then(|| dec(price))
        },
        ..calm(24)
    };
    let data = prices.data(&setup);
    let strategy = Scripted::new(move |step| {
        if hour(step) != 1 {
            return Decision::hold("wait");
        }
        let mut desk = Desk::new(step);
        let mut legs = vec![desk.spot("bybit", Side::Buy, "0.2")];
        for (venue, size) in ["binance", "bybit"].into_iter().zip(shorts) {
            if size != "0" {
                legs.push(desk.perp(venue, Side::Sell, size));
            }
        }
        entry(vec![parallel(legs)])
    });
    let mut pump = pump(setup, &data, Box::new(Trapped(strategy)));
    for view in data.views() {
        let now = view.now();
        pump.step(view).unwrap();
        if pump.engine.state().has_ended() {
            return pump;
        }
        let step = pump.engine.step();
        let net = step.net_delta[step.setup.asset.index()].abs();
        assert!(net <= qty("0.000001"), "{now}: {net} BTC are not hedged");
        if now == start() + Span::from_hours(4) {
            pump.command(now, Command::EmergencyStop).unwrap();
        }
    }
    pump.finish(data.to() + data.step()).unwrap();
    pump
}

/// By order: its hour.
fn hours(pump: &Pump<Tape>) -> Vec<i64> {
    let orders = pump.witness.orders();
    orders.iter().map(|order| (order.at - start()).ms() / 3_600_000).collect()
}

fn is_left(pump: &Pump<Tape>) {
    let phase = &pump.engine.state().phase;
    assert!(matches!(phase, Phase::Ended(End::Stopped(_))), "it ended as {phase:?}");
    for key in ["bybit:BaseToken:BTC", "bybit:Perp:BTCUSDT", "binance:Perp:BTCUSDT"] {
        assert_eq!(held(pump, key), Decimal::ZERO, "{key}");
    }
}

#[test]
fn coins_are_not_sold_while_their_short_cannot_be_closed() {
    let pump = left(["0.2", "0"]);
    assert_eq!(hours(&pump), [1, 1, 12, 12], "both at once, when there is a price again");
    is_left(&pump);
}

#[test]
fn as_many_coins_stay_as_the_short_that_cannot_be_closed_needs() {
    let pump = left(["0.15", "0.05"]);
    assert_eq!(hours(&pump), [1, 1, 1, 4, 4, 12, 12]);
    assert_eq!(pump.witness.sent()[3..5], [dec("0.05"), dec("0.05")]);
    is_left(&pump);
}
