//! A year of real prices and funding: what is earned is the market's own sum, and every step is explained by its causes.

use basis::config::Costs;
use basis::engine::{End, Phase};
use basis::market::MarketData;
use basis::types::event::{Event, Loudness};
use basis::types::{Attribution, PnlCause, Side, Value};
use rust_decimal::Decimal;

use crate::desk::{Desk, entry, held, parallel};
use crate::reference::Table;
use crate::scene::{Scripted, dec, run, script, setup, shared};

const FROM: &str = "2024-06-01T00:00:00Z";
const TO: &str = "2025-06-01T00:00:00Z";

#[test]
fn one_coin_held_against_one_coin_short_earns_what_the_files_say() {
    let Some(dir) = shared("data") else { return };
    let setup = setup("one_coin", Costs::None, &[]);
    let (from, to) = (FROM.parse().expect("a time"), TO.parse().expect("a time"));
    let data =
        MarketData::load(&setup, &dir, Some(from), Some(to)).unwrap_or_else(|f| panic!("{f}")).data;
    let buy_and_hold = Scripted::new(|step| {
        if !held(step, "bybit:BaseToken:BTC").is_zero() {
            return basis::types::Decision::hold("one coin is held");
        }
        let mut desk = Desk::new(step);
        let legs = vec![desk.spot("bybit", Side::Buy, "1"), desk.perp("bybit", Side::Sell, "1")];
        entry(vec![parallel(legs)])
    });
    let pump = run(setup, &data, buy_and_hold);
    let state = pump.engine.state();
    assert_eq!(state.phase, Phase::Ended(End::Done), "{:?}", pump.witness.notes(Loudness::Warn));

    let spot = Table::read(&dir.join("spot/bybit_BTCUSDT_1h.csv"));
    let perp = Table::read(&dir.join("perp/bybit_BTCUSDT_1h.csv"));
    let funding = Table::read(&dir.join("funding/bybit_BTCUSDT.csv"));
    let by_spot = spot.at(TO, "open") - spot.at(FROM, "open");
    let by_perp = perp.at(FROM, "open") - perp.at(TO, "open");
    let paid = |stamp| funding.at(stamp, "funding_rate") * perp.at(stamp, "open");
    let payments = funding.stamps_between(FROM, TO).count();
    let by_funding: Decimal = funding.stamps_between(FROM, TO).map(paid).sum();

    let rows = pump.witness.rows();
    let (first, last) = (rows[0], rows[rows.len() - 1]);
    let initial = state.tally.initial_equity.get();
    let earned = last.equity.get() - initial;
    let tolerance = dec("0.000000001") * initial;
    println!(
        "{} steps: spot {by_spot}, perp {by_perp}, {payments} fundings {by_funding}; sum {}, earned {earned}",
        rows.len(),
        by_spot + by_perp + by_funding
    );
    assert_eq!(rows.len(), 365 * 24 + 1);
    assert_eq!(first.equity.get(), initial, "without costs an entry changes nothing");
    assert!((earned - (by_spot + by_perp + by_funding)).abs() < tolerance);
    let attribution = state.ledger.total;
    assert!((attribution[PnlCause::Funding].get() - by_funding).abs() < tolerance);
    // Spot and perp are attributed as the move of their difference; what is unhedged is exactly nothing.
    assert!((attribution[PnlCause::Basis].get() - (by_spot + by_perp)).abs() < tolerance);
    assert_eq!(attribution[PnlCause::Delta], Value::ZERO);
    let rest: Decimal = attribution
        .iter()
        .filter(|(cause, _)| !matches!(cause, PnlCause::Funding | PnlCause::Basis))
        .map(|(_, value)| value.get())
        .sum();
    assert_eq!(rest, Decimal::ZERO);
    // Postings are quantised to 1e-8, each against us.
    let kept_back = by_spot + by_perp + by_funding - earned;
    assert!(kept_back >= Decimal::ZERO, "rounding helped us by {}", -kept_back);
}

#[test]
fn a_year_of_btc_basis_at_full_costs_is_explained_at_every_step() {
    let Some(dir) = shared("data") else { return };
    let setup = setup("btc_basis", Costs::Full, &[]);
    let (from, to) = (FROM.parse().expect("a time"), TO.parse().expect("a time"));
    let data =
        MarketData::load(&setup, &dir, Some(from), Some(to)).unwrap_or_else(|f| panic!("{f}")).data;
    let strategy = script(&setup);
    let band = setup.risk.delta_drift.expect("btc_basis is hedged").get();
    let pump = run(setup, &data, strategy);
    let state = pump.engine.state();
    assert_eq!(state.phase, Phase::Ended(End::Done), "{:?}", pump.witness.notes(Loudness::Warn));

    let rows = pump.witness.rows();
    let mut sum = Attribution::default();
    let mut before = state.tally.initial_equity;
    for row in &rows {
        let residual = row.equity - before - row.flows - row.attribution.total();
        assert!(
            residual.get().abs() < dec("0.000000001") * row.equity.get(),
            "{}: {residual} of {} is not explained",
            row.at,
            row.equity
        );
        assert_eq!(residual, row.residual, "{}", row.at);
        sum += &row.attribution;
        assert_eq!(row.cumulative.total(), sum.total(), "{}", row.at);
        before = row.equity;
    }
    assert_eq!(rows.len(), 365 * 24 + 1);
    let earned = before - state.tally.initial_equity;
    println!("initial {}, final {before}, earned {earned}", state.tally.initial_equity);
    for (cause, value) in state.ledger.total.iter().filter(|(_, value)| !value.is_zero()) {
        println!("  {:<12} {:>14}", cause.text(), value.get().round_dp(4));
    }
    println!(
        "  residual {}, worst {} of equity; worst margin ratio {:?}; {} orders, {} rebalances, turnover {}",
        state.tally.residual,
        state.tally.worst_residual,
        state.tally.worst_margin_ratio.map(|ratio| ratio.round_dp(4)),
        state.tally.orders,
        state.tally.rebalances,
        state.tally.turnover.round_dp(0)
    );

    let mut widest = Decimal::ZERO;
    for event in pump.witness.events() {
        if let Event::Risk { at, delta_drift, .. } = event {
            assert!(delta_drift.abs() <= band, "{at}: a drift of {delta_drift}");
            widest = widest.max(delta_drift.abs());
        }
    }
    println!("  widest delta drift {widest} of equity (band {band})");
    assert_eq!(pump.witness.notes(Loudness::Alarm), Vec::<String>::new());
    for theirs in pump.world.balances() {
        assert_eq!(state.books.quantity(theirs.key), theirs.quantity, "books and venue differ");
    }
}
