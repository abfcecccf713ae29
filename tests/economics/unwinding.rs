//! All or nothing: what a script wants taken back as a whole where a leg fails. An entry is, and is not tried again at every step;
//! an exit never opens again what it closes.

use basis::config::Costs;
use basis::engine::Command;
use basis::market::stress::{Ordeal, Plight};
use basis::run::Pump;
use basis::types::event::Loudness;
use basis::types::{Decision, Operation, Side, Span, VenueId};
use rust_decimal::Decimal;

use crate::chain::{acts, held, is_explained};
use crate::desk::{self, Desk, entry, exit, parallel_or_unwind};
use crate::scene::{Scripted, Tape, calm, dec, hour, pump, qty, setup, start};

const COINS: &str = "bybit:BaseToken:BTC";

/// 0.2 BTC at bybit against a short at a venue, entered at the first hour and left from the second on, all or nothing; from then
/// until the eighth something is wrong with a venue. What is unhedged at the end of each step is nothing.
fn left(short: &'static str, wrong: (&str, fn(VenueId) -> Plight)) -> Pump<Tape> {
    let setup = setup("economics", Costs::None, &[]);
    let data = calm(24).data(&setup);
    let venue = setup.universe.venue_named(wrong.0).expect("the scene has the venue");
    let perp = format!("{short}:Perp:BTCUSDT");
    let strategy = Scripted::new(move |step| match hour(step) {
        1 => {
            let mut desk = Desk::new(step);
            let legs =
                vec![desk.spot("bybit", Side::Buy, "0.2"), desk.perp(short, Side::Sell, "0.2")];
            entry(vec![parallel_or_unwind(legs)])
        }
        _ => Decision::hold("done"),
    })
    .with_exit(move |step| {
        let mut desk = Desk::new(step);
        let (coins, size) = (desk::held(step, COINS), desk::held(step, &perp).abs());
        if coins < qty("0.001") {
            return Decision::hold("all but dust is left");
        }
        let legs = vec![desk.spot("bybit", Side::Sell, coins), desk.perp(short, Side::Buy, size)];
        exit(vec![parallel_or_unwind(legs)])
    });
    let mut pump = pump(setup, &data, strategy);
    let at = |hour| start() + Span::from_hours(hour);
    pump.world.undergo(&[Ordeal { plight: wrong.1(venue), from: at(2), until: at(8) }]);
    for view in data.views() {
        let now = view.now();
        pump.step(view).unwrap();
        let step = pump.engine.step();
        let net = step.net_delta[step.setup.asset.index()].abs();
        assert!(net <= qty("0.001"), "{now}: {net} BTC are not hedged");
        if now == at(2) {
            pump.command(now, Command::EmergencyStop).unwrap();
        }
    }
    pump.finish(data.to() + data.step()).unwrap();
    is_explained(&pump);
    pump
}

#[test]
fn an_exit_that_is_half_filled_does_not_open_again_what_it_has_closed() {
    let pump = left("bybit", ("bybit", |venue| Plight::Fills(venue, dec("0.5"))));
    let orders = pump.witness.orders();
    let opens = orders.iter().skip(2).find(|order| match order.bound.operation {
        Operation::SpotTrade { side, .. } => side == Side::Buy,
        Operation::PerpTrade { side, .. } => side == Side::Sell,
        _ => false,
    });
    assert!(opens.is_none(), "{opens:?}");
    assert!(held(&pump, COINS) < dec("0.001"));
    let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
    assert_eq!(hours, [1, 2, 3, 4, 5, 6, 7, 8], "half of it at each hour");
}

#[test]
fn coins_are_bought_back_where_the_exchange_of_their_short_is_down() {
    let pump = left("binance", ("binance", Plight::Down));
    let notes = pump.witness.notes(Loudness::Alarm);
    assert!(!notes.iter().any(|note| note.contains("have made nothing smaller")), "{notes:?}");
    assert_eq!(held(&pump, COINS), Decimal::ZERO);
    let last = acts(&pump).last().map(|(hour, _)| *hour);
    assert_eq!(last, Some(8), "as soon as it is back");
}

#[test]
fn an_entry_that_is_taken_back_is_not_tried_again_at_every_step() {
    let setup = setup("economics", Costs::None, &[]);
    let data = calm(48).data(&setup);
    let venue = setup.universe.venue_named("bybit").expect("the scene has the venue");
    let strategy = Scripted::new(|step| {
        let mut desk = Desk::new(step);
        let legs =
            vec![desk.spot("bybit", Side::Buy, "0.2"), desk.perp("bybit", Side::Sell, "0.2")];
        entry(vec![parallel_or_unwind(legs)])
    });
    let mut pump = pump(setup, &data, strategy);
    let until = start() + Span::from_hours(48);
    let plight = Plight::Fills(venue, dec("0.5"));
    pump.world.undergo(&[Ordeal { plight, from: start(), until }]);
    for view in data.views() {
        pump.step(view).unwrap();
    }
    pump.finish(data.to() + data.step()).unwrap();
    // Twice at the next step; then more than an hour later, two, four, eight, and a day.
    let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
    assert_eq!(hours, [0, 1, 2, 4, 7, 12, 21, 46]);
}
