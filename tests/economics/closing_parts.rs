//! What is too large for its pool is sold in parts while the engine closes: each loses little by its own size, and none makes a
//! loan weaker.

use basis::config::Costs;
use basis::run::Pump;
use basis::types::{Operation, PnlCause};
use rust_decimal::Decimal;

use crate::chain::{Chain, acts, held, is_explained, ltv, still, worth};
use crate::loop_closing::Trapped;
use crate::scene::{Tape, dec, from_rows, pump, script, setup};

const DEBT: &str = "aave_v3:debtToken:debtWETH";
const LENT: &str = "aave_v3:aToken:aweETH";
const WEETH: &str = "wallet:BaseToken:weETH";

/// A slash of two hundredths after a day.
fn slashed(token: &str, day: i64) -> Decimal {
    worth(token) * if day > 0 { dec("0.98") } else { Decimal::ONE }
}

/// A mode with an exit that fails, after a slash; the largest loan-to-value of each step since that.
fn trapped(mode: &str, chain: &Chain<'_>, sets: &[(&str, &str)]) -> (Pump<Tape>, Vec<Decimal>) {
    let sets = [&[("risk.emergency_drawdown", "0.015")], sets].concat();
    let setup = setup(mode, Costs::Full, &sets);
    let data = from_rows(&setup, &chain.rows(&setup), 24 * chain.days);
    let strategy = Box::new(Trapped(script(&setup)));
    let mut pump = pump(setup, &data, strategy);
    let mut ltvs = Vec::new();
    for (hour, view) in data.views().enumerate() {
        pump.step(view).expect("a tape never fails");
        if hour >= 24 {
            ltvs.push(ltv(&pump));
        }
    }
    pump.finish(data.to() + data.step()).expect("a tape never fails");
    (pump, ltvs)
}

/// What the swaps of a run gave for each coin that they brought, with the market's discount taken out: what they lost.
fn losses(pump: &Pump<Tape>, market: Decimal) -> Vec<Decimal> {
    let swaps = pump.witness.orders().into_iter().filter_map(|order| {
        let Operation::Swap { from, to, .. } = order.bound.operation else { return None };
        let of = |key| {
            let mut own = order.bound.deltas.iter().filter(|delta| delta.key == key);
            own.next().map(|delta| delta.expected.get().abs())
        };
        Some(Decimal::ONE - of(to)? / of(from)? / market)
    });
    swaps.collect()
}

/// A sale of one coin loses 20 hundredths of a percent at this pool, and its fee one.
fn is_cheap(losses: &[Decimal]) {
    for lost in losses {
        assert!(*lost > dec("0.002") && *lost < dec("0.0072"), "a sale loses {lost}");
    }
}

#[test]
fn a_loop_that_is_large_for_its_pool_is_repaid_in_parts() {
    let (pump, ltvs) =
        trapped("eth_leveraged", &Chain { rate: &slashed, ..still(4) }, &[("capital", "1500")]);
    is_explained(&pump);
    let losses = losses(&pump, dec("1.05") * dec("0.98"));
    is_cheap(&losses);
    assert!((10..20).contains(&losses.len()), "{} sales of 45 millions", losses.len());
    for pair in ltvs.windows(2) {
        assert!(pair[1] <= pair[0], "loan-to-value rises from {} to {}", pair[0], pair[1]);
    }
    let mut hours = acts(&pump).into_iter().map(|(hour, _)| hour).skip(1);
    assert!((24..).zip(&mut hours).all(|(at, hour)| at == hour), "one at each hour");
    for key in [DEBT, LENT, WEETH] {
        assert_eq!(held(&pump, key), Decimal::ZERO, "{key}");
    }
    // One sale of everything would have lost more than 300 ETH.
    let lost = pump.engine.state().ledger.total[PnlCause::Slippage].get();
    assert!(lost > dec("-120"), "{lost}");
}

#[test]
fn a_loop_that_one_sale_does_not_cover_is_repaid_in_parts_that_are() {
    // Three hundredths: health is below its exit limit, and the market is not waited for.
    let slashed =
        |token: &str, day: i64| worth(token) * if day > 0 { dec("0.97") } else { Decimal::ONE };
    let chain = Chain { rate: &slashed, discount: &|_| dec("0.045"), ..still(4) };
    let (pump, ltvs) = trapped("eth_leveraged", &chain, &[("capital", "1500")]);
    is_explained(&pump);
    for pair in ltvs.windows(2) {
        assert!(pair[1] <= pair[0], "loan-to-value rises from {} to {}", pair[0], pair[1]);
    }
    let [first, second] = [1, 2].map(|act| acts(&pump)[act].0);
    assert_eq!([first, second], [24, 25]);
    assert!(ltvs[4] < ltvs[0]);
}

#[test]
fn a_discount_is_waited_out_while_health_allows_it() {
    // Two days of a market that pays 6 % less.
    let discount = |hour: i64| dec(if hour < 72 { "0.06" } else { "0.002" });
    let chain = Chain { rate: &slashed, discount: &discount, ..still(5) };
    for (mode, keys) in
        [("eth_leveraged", &[DEBT, LENT, WEETH][..]), ("eth_staking_only", &[WEETH])]
    {
        let (pump, _) = trapped(mode, &chain, &[("capital", "100")]);
        is_explained(&pump);
        assert_eq!(acts(&pump)[1].0, 72, "{mode}");
        for key in keys {
            assert_eq!(held(&pump, key), Decimal::ZERO, "{mode}: {key}");
        }
    }
}

#[test]
fn a_loop_in_a_pool_that_gives_a_part_of_it_is_repaid_as_far_as_that_goes() {
    // At first 242 weETH lie there, ours with them: a quarter of the loop can be taken back, the rest two days later.
    let totals = |_: &str, day: i64| match day {
        1..3 => [dec("2000000"), dec("2000698")],
        _ => [dec("2000000"), dec("1000000")],
    };
    let chain = Chain { rate: &slashed, totals: &totals, ..still(4) };
    let (pump, ltvs) = trapped("eth_leveraged", &chain, &[("capital", "100")]);
    is_explained(&pump);
    assert!(ltvs[2] < ltvs[0], "{} is not below {}", ltvs[2], ltvs[0]);
    assert_eq!(held(&pump, DEBT), Decimal::ZERO);
}

#[test]
fn staked_eth_that_is_much_for_its_pool_is_sold_in_parts() {
    let (pump, _) =
        trapped("eth_staking_only", &Chain { rate: &slashed, ..still(4) }, &[("capital", "15000")]);
    is_explained(&pump);
    let losses = losses(&pump, dec("1.05") * dec("0.98"));
    is_cheap(&losses);
    assert!((10..20).contains(&losses.len()), "{} sales of 45 millions", losses.len());
    assert_eq!(held(&pump, WEETH), Decimal::ZERO);
}

#[test]
fn where_gas_is_there_for_one_transaction_alone_all_goes_at_once() {
    let sets = [("capital", "1500"), ("reserve.ratio", "0"), ("gas_tank", "0.12")];
    let (pump, _) = trapped("eth_leveraged", &Chain { rate: &slashed, ..still(4) }, &sets);
    assert_eq!(held(&pump, DEBT), Decimal::ZERO);
    let losses = losses(&pump, dec("1.05") * dec("0.98"));
    assert!(losses.len() < 5, "{losses:?}");
}
