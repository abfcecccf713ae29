//! The shipped configurations: what they are lowered to, and what is told where a value that is set does not fit.

use std::path::Path;

use super::super::{Costs, LoadRequest, MissingFunding, ParamValue, StrategyRef, load};
use super::{btc_basis, dec, parameter, shipped};
use crate::types::venue::{MarginMode, VenueKind};
use crate::types::{Code, FeeAsset, MarketKind, Notional, Quantity, Rate, Span};

#[test]
fn the_shipped_btc_basis_is_lowered_whole() {
    let setup = load(btc_basis()).unwrap_or_else(|faults| panic!("{faults}"));
    let universe = &setup.universe;
    let venues: Vec<&str> = universe.venues().iter().map(|venue| &*venue.name).collect();
    assert_eq!(venues, ["wallet", "binance", "bybit", "okx"]);
    assert_eq!(setup.step, Span::from_hours(1));
    assert_eq!(
        setup.script.as_deref(),
        Some(&*shipped().with_file_name("strategies/btc_basis.rhai"))
    );
    let keys: Vec<&str> = universe.instruments().iter().map(|key| &*key.name).collect();
    assert_eq!(
        keys[..7],
        [
            "wallet:BaseToken:USDT",
            "wallet:BaseToken:ETH",
            "wallet:Transit:USDT",
            "wallet:Transit:ETH",
            "binance:BaseToken:USDT",
            "binance:BaseToken:BTC",
            "binance:Perp:BTCUSDT",
        ]
    );
    assert_eq!(universe.markets().len(), 6);
    let perp = universe.markets().iter().find(|market| market.kind == MarketKind::Perp).unwrap();
    assert_eq!(universe.instrument(perp.position).decimals, 3);
    assert_eq!(perp.fee, Rate::new(dec("0.0005")));
    let okx = universe.venue(universe.venue_named("okx").unwrap());
    assert_eq!(okx.kind, VenueKind::Exchange);
    assert_eq!(okx.margin.as_ref().unwrap().mode, MarginMode::Unified);
    assert!(universe.venues()[0].gas.is_some());
    assert_eq!(setup.initial_balances.len(), 1);
    assert_eq!(setup.risk.emergency_drawdown, Rate::new(dec("0.04")));
    assert_eq!(parameter(&setup, "dwell_hours"), ParamValue::Integer(72));
    assert_eq!(parameter(&setup, "margin_mode"), ParamValue::Text("unified".to_owned()));
    assert_eq!(setup.series.len(), 11);
    assert!(setup.merged.contains("fee: 0.00055 # configs/venues/bybit.yaml"), "{}", setup.merged);
}

/// The configuration beside the benchmark's script, which lies elsewhere in the tree.
fn basis1() -> LoadRequest {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("strategies/bench/basis1.yaml");
    let strategy = StrategyRef { name: "basis1".to_owned(), config: Some(config) };
    LoadRequest { strategy, ..btc_basis() }
}

#[test]
fn the_shipped_basis1_has_one_venue_and_no_costs_but_fees() {
    let setup = load(basis1()).unwrap_or_else(|faults| panic!("{faults}"));
    let spot = &setup.universe.markets()[0];
    assert_eq!((spot.fee, spot.fee_asset), (Rate::new(dec("0.001")), FeeAsset::Quote));
    assert_eq!(spot.lot, Quantity::new(dec("0.001")));
    assert!(spot.half_spread.is_zero() && setup.conditions[0].impact.is_none());
    assert_eq!(setup.conditions[0].latency, Span::from_ms(0));
    assert_eq!(setup.capital.get(), dec("100000"));
    assert!(setup.gas_tank.is_zero() && setup.reserve_ratio.is_zero());
    assert_eq!(setup.missing_funding, MissingFunding::Refuse);
    assert_eq!(parameter(&setup, "threshold"), ParamValue::Decimal(dec("0.02")));
}

fn with_sets(sets: &[(&str, &str)]) -> LoadRequest {
    let sets = sets.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    LoadRequest { sets: sets.collect(), ..btc_basis() }
}

#[test]
fn the_command_line_covers_files_and_keeps_its_exact_digits() {
    let setup = load(LoadRequest {
        capital: Some(dec("50000")),
        from: "2024-06-01".parse().ok(),
        ..with_sets(&[
            ("rebalance_band", "0.30"),
            ("hedge_allocation.binance", "0.7"),
            ("hedge_allocation.okx", "0"),
            ("venues.bybit.markets.perp.fee", "0.0004"),
            ("margin_mode", "usdt"),
        ])
    })
    .unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(parameter(&setup, "rebalance_band"), ParamValue::Decimal(dec("0.30")));
    let ParamValue::Map(shares) = parameter(&setup, "hedge_allocation") else { panic!("a map") };
    assert_eq!(shares[0], ("binance".to_owned(), dec("0.7")));
    assert_eq!(setup.initial_balances[0].1, Quantity::new(dec("50000")));
    assert_eq!(setup.from, "2024-06-01".parse().ok());
    let margin = setup.universe.venues()[1].margin.as_ref().unwrap();
    assert_eq!((margin.mode, margin.credit()), (MarginMode::Usdt, Notional::ZERO));
    assert!(setup.merged.contains("value: 0.30 # --set"), "{}", setup.merged);
    assert_ne!(setup.hash, load(btc_basis()).unwrap().hash);
    assert_eq!(load(btc_basis()).unwrap().hash, load(btc_basis()).unwrap().hash);
}

#[test]
fn costs_are_switched_off_by_kind() {
    let load_with = |costs| load(LoadRequest { costs, ..btc_basis() }).unwrap();
    let (fees, none) = (load_with(Costs::Fees), load_with(Costs::None));
    for setup in [&fees, &none] {
        assert!(setup.universe.markets().iter().all(|market| market.half_spread.is_zero()));
        assert!(setup.conditions.iter().all(|conditions| conditions.impact.is_none()));
        assert!(setup.universe.venues().iter().all(|venue| venue.gas.is_none()));
        let mut rules = setup.universe.venues().iter().flat_map(|venue| &venue.transfers);
        assert!(rules.all(|rule| rule.fee.is_zero()));
        let margin = setup.universe.venues()[1].margin.as_ref().unwrap();
        assert!(margin.interest_per_year.is_positive() && margin.credit_limit.is_positive());
        assert!(setup.conditions[1].latency.ms() > 0);
    }
    assert!(fees.universe.markets().iter().all(|market| market.fee.is_positive()));
    assert!(none.universe.markets().iter().all(|market| market.fee.is_zero()));
    assert!(btc_basis_tank().is_positive(), "with full costs there is a tank to leave out");
    assert!(fees.gas_tank.is_zero() && none.gas_tank.is_zero(), "nothing charges gas there");
}

fn btc_basis_tank() -> Quantity {
    load(btc_basis()).unwrap().gas_tank
}

#[test]
fn each_contradiction_is_told_with_its_code_and_key() {
    for (key, value, code, words) in [
        ("hedge_allocation.binance", "0.5", Code::Config005, "must sum to 1, not 1.1"),
        ("rebalance_band", "2", Code::Config003, "above its maximum, 1"),
        ("rebalance_band", "wide", Code::Config003, "a number is expected, not 'wide'"),
        ("dwell_hours", "1.5", Code::Config003, "a whole number is expected"),
        (
            "margin_ratio_target",
            "0.1",
            Code::Config005,
            "above risk.margin_ratio.warn, which is 0.20",
        ),
        ("funding_reentry", "-0.001", Code::Config005, "above parameters.funding_threshold"),
        (
            "risk.margin_ratio.exit",
            "0.3",
            Code::Config005,
            "must fall from warn over reduce to exit",
        ),
        ("asset", "ETH", Code::Config003, "did you mean 'spot/binance_ETHUSDT'?"),
        ("asset", "SOL", Code::Config005, "share class USDT is for USDT, BTC, ETH, not for 'SOL'"),
        ("margin_mode", "unifid", Code::Config003, "did you mean 'unified'?"),
        ("capital", "-5", Code::Config003, "a number above 0 is expected"),
        (
            "capital",
            "0.0000001",
            Code::Config003,
            "finer than the 6 decimals of wallet:BaseToken:USDT",
        ),
        ("reserve.ratio", "1.5", Code::Config003, "a fraction from 0 to below 1"),
        (
            "initial_balances.binance.USDT",
            "7",
            Code::Config005,
            "sum to 7, but the capital is 1000",
        ),
        ("initial_balances.binace.USDT", "1000", Code::Config003, "did you mean 'binance.USDT'?"),
        ("initial_balances.binance.BTC", "1000", Code::Config003, "capital starts as USDT"),
        ("step", "7m", Code::Config003, "a step that divides a day"),
        ("step", "60", Code::Config003, "60 minutes are written 60m"),
        ("from", "2024-06-01T00:30Z", Code::Config003, "not on the grid"),
        ("from", "June", Code::Config003, "a UTC time"),
        ("pricing.BTC", "spot/kraken_BTCUSDT", Code::Config005, "not among the subscriptions"),
        ("pricing.USDT", "spot/bybit_BTCUSDT", Code::Config005, "it has none"),
        (
            "subscriptions.spot/okx_BTCUSDT.proxy",
            "funding/bybit_BTCUSDT",
            Code::Config003,
            "cannot stand in",
        ),
        ("venues.okx.impact.power", "0.4", Code::Config003, "0.5 or above"),
        ("venues.okx.kind", "bank", Code::Config003, "one of wallet, exchange"),
        (
            "venues.okx.markets.spot.fee",
            "0,1",
            Code::Config003,
            "a fraction from 0 to 1 is expected, not '0,1'",
        ),
        ("treshold", "1", Code::Config002, "no such parameter or setting"),
        ("execution.query_backoff_s", "4,2", Code::Config005, "must not get shorter"),
        ("execution.leg_risk.max_notional", "0", Code::Config003, "above 0"),
        ("execution.leg_risk.max_notional", "", Code::Config004, "a value is needed here"),
        ("risk.emergency_drawdown", "0", Code::Config003, "would stop every run"),
        ("gas_tank", "", Code::Config004, "a value is needed here"),
    ] {
        let sets = if key.starts_with("initial") {
            with_sets(&[("capital", "1000"), (key, value)])
        } else {
            with_sets(&[(key, value)])
        };
        let faults = load(sets).err().unwrap_or_else(|| panic!("{key}={value} was accepted"));
        let is_told =
            faults.iter().any(|fault| fault.code == code && fault.to_string().contains(words));
        assert!(is_told, "{key}={value}:\n{faults}");
    }
}
