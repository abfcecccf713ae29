//! The loop that is left alone: E₁/E₀ = (R₁I₁/R₀I₀ − λ·B₁/B₀)/(1−λ), for any rates that keep it inside its band.

use basis::config::Costs;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::chain::{Chain, acts, equity, is_done, still, worth};
use crate::scene::dec;

/// A year in days.
const YEAR: Decimal = Decimal::from_parts(365, 0, 0, false, 0);

/// 1 + apr · days / 365: a year's rate without compounding.
fn grown(apr: Decimal, days: i64) -> Decimal {
    Decimal::ONE + apr * Decimal::from(days) / YEAR
}

/// By what equity grows by the closed form, given the growth of R, I and B.
fn expected([rate, supplied, owed]: [Decimal; 3], target: Decimal) -> Decimal {
    (rate * supplied - target * owed) / (Decimal::ONE - target)
}

/// Runs a loop over a chain that grows, and holds every midnight against the closed form: entry at the first step, whose
/// equity is the capital because nothing costs anything.
fn is_closed_form(chain: &Chain<'_>, lst: &str, target: &str) {
    // The widest band: what is tested is a loop left alone.
    let sets = [
        ("lst", lst),
        ("target_ltv", target),
        ("ltv_band", "0.1"),
        ("reserve.ratio", "0"),
        ("gas_tank", "0"),
    ];
    let pump = chain.run("eth_leveraged", Costs::None, &sets);
    is_done(&pump);
    let reasons = acts(&pump);
    assert_eq!(reasons, [(0, "the loop is built to its target".to_owned())], "{lst} at {target}");
    let growth = |day| {
        let over = |at: &dyn Fn(i64) -> Decimal| at(day) / at(0);
        [
            over(&|day| (chain.rate)(lst, day)),
            over(&|day| (chain.indices)(lst, day)[0]),
            over(&|day| (chain.indices)("WETH", day)[1]),
        ]
    };
    for day in 0..=chain.days {
        let earned = equity(&pump, 24 * day as usize) / equity(&pump, 0);
        let expected = expected(growth(day), dec(target));
        let off = (earned - expected).abs();
        assert!(off < dec("0.000000000000001"), "{lst} at {target}, day {day}: off by {off}");
    }
}

#[test]
fn a_loop_at_constant_rates_earns_its_closed_form_to_the_fifteenth_place() {
    for (staking, supply, borrow) in [("0.031", "0.0004", "0.026"), ("0.028", "0", "0.034")] {
        let chain = Chain {
            rate: &|token, day| worth(token) * grown(dec(staking), day),
            indices: &|_, day| {
                let supplied = dec("1.0123456789") * grown(dec(supply), day);
                [supplied, dec("1.0987654321") * grown(dec(borrow), day)]
            },
            ..still(30)
        };
        for lst in ["weETH", "wstETH"] {
            for target in ["0.5", "0.8", "0.9", "0.909075"] {
                is_closed_form(&chain, lst, target);
            }
        }
    }
}

/// The value of a walk on a day: each day multiplies by 1 + so many millionths.
fn walked(from: Decimal, millionths: &[i64], day: i64) -> Decimal {
    let days = millionths.iter().cycle().take(day.max(0) as usize);
    days.fold(from, |value, step| value * (Decimal::ONE + Decimal::new(*step, 6))).round_dp(18)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_loop_earns_its_closed_form_whatever_its_rates_do_from_day_to_day(
        staking in prop::collection::vec(0_i64..300, 12),
        supply in prop::collection::vec(0_i64..20, 12),
        borrow in prop::collection::vec(0_i64..300, 12),
        lst in prop_oneof![Just("weETH"), Just("wstETH")],
        target in prop_oneof![Just("0.3"), Just("0.75"), Just("0.88"), Just("0.905")],
    ) {
        let chain = Chain {
            rate: &|token, day| walked(worth(token), &staking, day),
            indices: &|_, day| {
                [walked(dec("1.01"), &supply, day), walked(dec("1.07"), &borrow, day)]
            },
            ..still(12)
        };
        is_closed_form(&chain, lst, target);
    }
}
