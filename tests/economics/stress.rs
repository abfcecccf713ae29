//! Stresses through the engine: what a mode loses under each is what the stress takes, and no mode breaks.

use basis::config::{Costs, Setup};
use basis::engine::{End, Phase};
use basis::market::stress::{Asked, all, apply};
use basis::market::{Loaded, MarketData};
use basis::run::Pump;
use basis::types::{Code, PnlCause, Span};
use rust_decimal::Decimal;

use crate::chain::{acts, equity, held, is_done, is_explained, still};
use crate::scene::{Prices, Tape, calm, dec, pump, root, script, setup, start};

/// Runs a mode with its own script on data that is bent.
fn run(mut setup: Setup, loaded: Loaded, stress: &str) -> Pump<Tape> {
    let asked: Vec<Asked> = stress.split(',').map(|one| one.parse().expect("a stress")).collect();
    let loaded = apply(&mut setup, loaded, &asked).unwrap_or_else(|faults| panic!("{faults}"));
    let script = script(&setup);
    let mut pump = pump(setup, &loaded.data, script);
    pump.world.undergo(&loaded.stress.ordeals);
    for view in loaded.data.views() {
        pump.step(view).expect("a tape never fails");
        if pump.engine.state().has_ended() {
            return pump;
        }
    }
    pump.finish(loaded.data.to() + loaded.data.step()).expect("a tape never fails");
    pump
}

/// A mode on a still chain, without costs and reserve: a stress is all that happens.
fn on_chain(mode: &str, days: i64, sets: &[(&str, &str)], stress: &str) -> Pump<Tape> {
    on_chain_for(mode, 24 * days, sets, stress)
}

/// The same for so many hours.
fn on_chain_for(mode: &str, hours: i64, sets: &[(&str, &str)], stress: &str) -> Pump<Tape> {
    let sets = [&[("reserve.ratio", "0")], sets].concat();
    let setup = setup(mode, Costs::None, &sets);
    let chain = still(hours / 24 + 1);
    let to = start() + Span::from_hours(hours);
    let loaded = MarketData::from_rows(&setup, &chain.rows(&setup), Some(start()), Some(to));
    run(setup, loaded.expect("the market in memory is right"), stress)
}

/// BTC basis at calm prices and a funding that pays, without costs.
fn basis(days: i64, stress: &str) -> Pump<Tape> {
    let setup = setup("btc_basis", Costs::None, &[]);
    let funding = |_: &str, _: i64| dec("0.0001");
    let prices = Prices { funding: &funding, ..calm(24 * days + 1) };
    let to = start() + Span::from_hours(24 * days);
    let loaded = MarketData::from_rows(&setup, &prices.rows(&setup), Some(start()), Some(to));
    run(setup, loaded.expect("the market in memory is right"), stress)
}

/// Coins and the perp's size at an exchange.
fn legs(pump: &Pump<Tape>, venue: &str) -> [Decimal; 2] {
    ["BaseToken:BTC", "Perp:BTCUSDT"].map(|key| held(pump, &format!("{venue}:{key}")))
}

fn told(pump: &Pump<Tape>, cause: PnlCause) -> Decimal {
    pump.engine.state().ledger.total[cause].get()
}

#[test]
fn what_reduces_never_waits_for_failures_before_it() {
    // The loop stands; its way out fails while Aave is down, and is tried at every step all the same.
    let sets = [("exit_route", "dex"), ("unwind_at", "2024-06-02T12:00:00Z")];
    let pump = on_chain("eth_leveraged", 3, &sets, "venue-down@2024-06-02T12:00Z");
    is_done(&pump);
    let hours: Vec<i64> = acts(&pump).iter().map(|(hour, _)| *hour).collect();
    assert_eq!(hours, [0, 36, 37, 38, 39, 40, 41, 42], "six hours, and out at their end");
    assert!(pump.witness.constraints().is_empty());
    assert_eq!(held(&pump, "aave_v3:debtToken:debtWETH"), Decimal::ZERO);
}

#[test]
fn a_slash_costs_the_loop_it_times_the_leverage_and_the_limits_leave_before_a_liquidation() {
    let pump = on_chain("eth_leveraged", 3, &[], "slash@2024-06-02");
    let lost = Decimal::ONE - equity(&pump, 24) / equity(&pump, 23);
    let expected = dec("0.02") / (Decimal::ONE - dec("0.909075"));
    assert!((lost - expected).abs() < dec("0.000000000000001"), "{lost} is not {expected}");
    let phase = &pump.engine.state().phase;
    assert!(
        matches!(phase, Phase::Ended(End::Stopped(why)) if why.code == Code::Risk004),
        "{phase:?}"
    );
    assert_eq!(told(&pump, PnlCause::Liquidation), Decimal::ZERO);
    assert_eq!(held(&pump, "aave_v3:debtToken:debtWETH"), Decimal::ZERO);
    is_explained(&pump);
    // Who only stakes loses it once, and stays.
    let sets = [("risk.emergency_drawdown", "0.05")];
    let pump = on_chain("eth_staking_only", 3, &sets, "slash@2024-06-02");
    is_done(&pump);
    let lost = Decimal::ONE - equity(&pump, 24) / equity(&pump, 23);
    assert!((lost - dec("0.02")).abs() < dec("0.000000000000001"), "{lost}");
}

#[test]
fn a_depeg_is_shown_beside_and_nothing_is_sold_into_it() {
    let pump = on_chain("eth_leveraged", 5, &[], "lst-depeg@2024-06-02");
    is_done(&pump);
    assert_eq!(acts(&pump).len(), 1, "nothing but the entry");
    let rows = pump.witness.rows();
    assert!(rows.iter().all(|row| row.equity == rows[0].equity));
    let shown = |hour: usize| {
        let fall = Decimal::ONE - rows[hour].liquidation_value.get() / rows[hour].equity.get();
        fall.round_dp(6)
    };
    let whole = (dec("0.06") / (Decimal::ONE - dec("0.909075"))).round_dp(6);
    assert_eq!([shown(23), shown(24), shown(95), shown(96)], [dec("0"), whole, whole, dec("0")]);
}

#[test]
fn a_loop_that_is_stopped_in_a_depeg_waits_for_the_market_while_health_allows_it() {
    let pump = on_chain("eth_leveraged", 8, &[], "lst-depeg@2024-06-02,slash@2024-06-02T12:00Z");
    let phase = &pump.engine.state().phase;
    assert!(
        matches!(phase, Phase::Ended(End::Stopped(why)) if why.code == Code::Risk004),
        "{phase:?}"
    );
    // It is out, by a sale after the three days of the depeg, and lost by it what a sale loses there: nothing.
    assert_eq!(held(&pump, "aave_v3:debtToken:debtWETH"), Decimal::ZERO);
    assert_eq!(told(&pump, PnlCause::Peg), Decimal::ZERO);
    is_explained(&pump);
}

#[test]
fn dear_debt_costs_the_loop_what_it_owes_at_the_rate() {
    let pump = on_chain("eth_leveraged", 10, &[], "borrow-rate-40@2024-06-02");
    is_done(&pump);
    // 7 of 365 days at 40 %, compounded by day, on a debt of λ / (1 − λ); the half week after it costs nothing.
    let owed = dec("0.909075") / (Decimal::ONE - dec("0.909075"));
    let lost = Decimal::ONE - equity(&pump, 24 * 9) / equity(&pump, 23);
    let expected = owed * dec("0.4") * dec("7") / dec("365");
    assert!((lost / expected - Decimal::ONE).abs() < dec("0.005"), "{lost} is not {expected}");
    assert_eq!(told(&pump, PnlCause::Liquidation), Decimal::ZERO);
    let off = told(&pump, PnlCause::BorrowCost) + lost * equity(&pump, 23);
    assert!(off.abs() < dec("0.000001"), "all of it is borrow cost, {off} is not");
}

#[test]
fn out_of_a_pool_that_is_lent_out_nobody_gets_and_a_lender_loses_nothing() {
    for (mode, token) in [("pure_lending_usdt", "USDT"), ("pure_lending_eth", "WETH")] {
        // Out from the second day of three on.
        let sets = [("unwind_at", "2024-06-03")];
        let pump = on_chain(mode, 7, &sets, "utilisation-100@2024-06-02");
        is_done(&pump);
        let rows = pump.witness.rows();
        assert!(rows.windows(2).all(|two| two[1].equity >= two[0].equity), "{mode} never falls");
        // Nothing is kept back of what suppliers pay where nothing was paid before: 80 % a year for three days.
        let earned = rows[24 * 6].equity.get() / rows[23].equity.get() - Decimal::ONE;
        let expected = dec("0.8") * dec("3") / dec("365");
        assert!((earned / expected - Decimal::ONE).abs() < dec("0.01"), "{mode}: {earned}");
        assert_eq!(held(&pump, &format!("aave_v3:aToken:a{token}")), Decimal::ZERO, "{mode}");
        // It waits until the pool has something, and asks once.
        let tries = acts(&pump);
        let out: Vec<i64> =
            tries.iter().map(|(hour, _)| *hour).filter(|hour| *hour >= 48).collect();
        assert_eq!(out, [96], "{mode}");
    }
}

#[test]
fn a_cut_of_the_threshold_liquidates_a_loop_above_it_once_and_costs_the_bonus() {
    let pump = on_chain("eth_leveraged", 5, &[], "lt-cut@2024-06-02");
    is_done(&pump);
    let (before, after) = (equity(&pump, 23), equity(&pump, 24));
    // Half of the debt is repaid for collateral worth a hundredth more.
    let debt = before * dec("0.909075") / (Decimal::ONE - dec("0.909075"));
    let expected = debt / dec("2") * dec("0.01");
    assert!((before - after - expected).abs() < dec("0.000000001"), "{}", before - after);
    let booked = told(&pump, PnlCause::Liquidation) + expected;
    assert!(booked.abs() < dec("0.000000001"), "{booked}");
    // It is built again, to what the venue's limit of then leaves. Nothing is asked for that it does not give.
    assert_eq!(pump.witness.constraints(), [""; 0]);
    let account = pump.engine.step().lending.iter().flatten().next().expect("a loan");
    let target = dec("0.88") * (Decimal::ONE - dec("0.0225"));
    let off = account.ltv().expect("collateral") - target;
    assert!(off.abs() < dec("0.000001"), "{off} from {target}");
    assert_eq!(equity(&pump, 96), after, "nothing more is lost");
}

#[test]
fn shorts_that_pay_are_left_by_the_modes_own_rule_and_taken_again_when_it_is_over() {
    let pump = basis(45, "funding-minus-50@2024-06-05");
    is_done(&pump);
    let rows = pump.witness.rows();
    let acts = acts(&pump);
    let left = acts
        .iter()
        .find(|(hour, why)| *hour >= 96 && why.contains("above its target"))
        .expect("it leaves");
    // The mean of 72 hours falls from 0.0001 to below −0.0001 with the fourth of nine payments of −0.000457.
    assert_eq!(left.0, 96 + 4 * 8, "{acts:?}");
    let lost = Decimal::ONE - rows[96 + 40].equity.get() / rows[96].equity.get();
    assert!(Decimal::ZERO < lost && lost < dec("0.002"), "four payments, {lost}");
    let out = &rows[96 + 24 * 10];
    assert_eq!(out.equity, rows[96 + 24 * 20].equity, "it stays out");
    assert!(legs(&pump, "bybit")[1].is_sign_negative(), "and is in again when it is over");
}

#[test]
fn a_short_that_is_closed_by_the_exchange_leaves_no_leg_alone() {
    let pump = basis(6, "adl@2024-06-03");
    is_done(&pump);
    // Binance has the largest: two fifths.
    let alarm = pump.witness.notes(basis::types::event::Loudness::Alarm);
    assert!(
        alarm
            .iter()
            .any(|told| told.contains("binance closed the short of BTCUSDT by auto-deleveraging")),
        "{alarm:?}"
    );
    for venue in ["binance", "bybit", "okx"] {
        let [coins, size] = legs(&pump, venue);
        assert_eq!(coins + size, Decimal::ZERO, "{venue}");
        assert!(coins.is_sign_positive() && !coins.is_zero(), "{venue} is hedged again");
    }
    assert_eq!(pump.world.spared().count(), 0);
    let rows = pump.witness.rows();
    let change = rows[60].equity.get() / rows[47].equity.get() - Decimal::ONE;
    assert!(change.abs() < dec("0.001"), "closed at its price, {change}");
}

#[test]
fn an_exchange_that_fills_half_is_entered_in_pieces_and_no_leg_stands_alone() {
    let pump = basis(6, "half-fills@2024-06-01");
    is_done(&pump);
    for venue in ["binance", "bybit", "okx"] {
        let [coins, size] = legs(&pump, venue);
        // What is less than a lot of the perp cannot be hedged.
        assert!((coins + size).abs() < dec("0.001"), "{venue}: {coins} and {size}");
        assert!(!coins.is_zero(), "{venue}");
    }
}

#[test]
fn a_venue_that_is_down_is_entered_when_it_is_back() {
    let pump = basis(3, "venue-down@2024-06-01");
    is_done(&pump);
    let whole = basis(3, "venue-down@2024-06-03");
    is_done(&whole);
    for venue in ["binance", "bybit", "okx"] {
        let [coins, size] = legs(&pump, venue);
        assert_eq!(coins + size, Decimal::ZERO, "{venue}");
        assert!(!coins.is_zero(), "{venue} has its position in the end");
    }
    let of_binance = |pump: &Pump<Tape>| legs(pump, "binance")[0];
    assert!(of_binance(&pump) > of_binance(&whole) * dec("0.8"));
}

#[test]
fn a_lender_that_is_down_takes_no_part_of_a_transaction_until_it_is_back() {
    let debt = |hours: i64| {
        let pump = on_chain_for("eth_leveraged", hours, &[], "venue-down@2024-06-01");
        is_done(&pump);
        held(&pump, "aave_v3:debtToken:debtWETH")
    };
    assert_eq!(debt(5), Decimal::ZERO, "the flash loan is another venue's, the loan is not");
    assert!(debt(24) > dec("900"), "{}", debt(24));
}

#[test]
fn a_basis_bears_a_crash_and_a_rally_of_all_coins() {
    for stress in ["eth-down-40-day", "eth-up-60-week", "eth-up-100-month", "usdt-depeg"] {
        let pump = basis(40, stress);
        is_done(&pump);
        assert_eq!(told(&pump, PnlCause::Liquidation), Decimal::ZERO, "{stress}");
        let rows = pump.witness.rows();
        let worst = rows.windows(2).map(|two| two[1].equity.get() / two[0].equity.get()).min();
        assert!(worst.expect("it has steps") > dec("0.998"), "{stress}: {worst:?} in an hour");
    }
}

#[test]
fn no_mode_breaks_under_any_stress_at_its_entry_or_later() {
    let modes =
        ["btc_basis", "eth_leveraged", "eth_staking_only", "pure_lending_eth", "pure_lending_usdt"];
    let [from, to] = ["2024-08-01", "2024-08-12"].map(|text| text.parse().expect("a date"));
    for mode in modes {
        for at in ["", "@2024-08-01", "@2024-08-03T07:00Z"] {
            for stress in all() {
                let setup = setup(mode, Costs::Full, &[]);
                let data = root().join("data");
                let loaded = MarketData::load(&setup, &data, Some(from), Some(to));
                let told = format!("{}{at} in {mode}", stress.name);
                let pump = run(
                    setup,
                    loaded.expect("the sample is whole"),
                    &format!("{}{at}", stress.name),
                );
                let phase = &pump.engine.state().phase;
                let is_over = match phase {
                    Phase::Ended(End::Done) => true,
                    Phase::Ended(End::Stopped(why)) => why.code == Code::Risk004,
                    _ => false,
                };
                assert!(is_over, "{told} ends as {phase:?}");
                assert!(pump.world.violations().is_empty(), "{told}");
                is_balanced(&pump, &told);
            }
        }
    }
}

/// The books are the venues', what no credit covers is not below zero, and causes sum to the change of equity.
pub fn is_balanced(pump: &Pump<Tape>, told: &str) {
    let state = pump.engine.state();
    let universe = pump.engine.step().universe().clone();
    assert!(state.tally.worst_residual < dec("0.000000001"), "{told}");
    for theirs in pump.world.balances() {
        assert_eq!(state.books.quantity(theirs.key), theirs.quantity, "{told}");
        let key = universe.instrument(theirs.key);
        let may_owe = key.market.is_some() || universe.venue(key.venue).margin.is_some();
        assert!(
            may_owe || !theirs.quantity.is_negative(),
            "{told}: {} at {}",
            theirs.quantity,
            key.name
        );
    }
}
