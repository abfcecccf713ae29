//! A loop in trouble: a slash, a true-up that is none, a depeg, and deleveraging by a sale.

use basis::config::Costs;
use basis::engine::{End, Phase};
use basis::run::Pump;
use basis::types::event::Event;
use basis::types::{Code, Operation};
use rust_decimal::Decimal;

use crate::chain::{Chain, acts, equity, held, is_done, is_explained, ltv, still, worth};
use crate::scene::{Tape, dec};

/// One, less a fraction.
fn less(fraction: &str) -> Decimal {
    Decimal::ONE - dec(fraction)
}

#[test]
fn a_depeg_that_is_held_costs_nothing_sends_nothing_and_is_told_beside() {
    // 6 % below the protocol's rate for a day, from the twelfth hour on.
    let depeg = |hour: i64| if (12..36).contains(&hour) { dec("0.06") } else { Decimal::ZERO };
    let chain = Chain { discount: &depeg, ..still(3) };
    for (lst, target) in [("weETH", "0.909075"), ("wstETH", "0.9")] {
        let sets = [("lst", lst), ("target_ltv", target), ("reserve.ratio", "0")];
        let pump = chain.run("eth_leveraged", Costs::None, &sets);
        is_done(&pump);
        assert_eq!(acts(&pump).len(), 1, "nothing but the entry");
        let rows = pump.witness.rows();
        let tokens = held(&pump, &format!("aave_v3:aToken:a{lst}"));
        for (hour, row) in rows.iter().enumerate() {
            assert_eq!(row.equity, rows[0].equity, "hour {hour}");
            let told = row.equity.get() - row.liquidation_value.get();
            let shown = tokens * worth(lst) * depeg(hour as i64);
            assert!((told - shown).abs() < dec("0.000000000000001"), "{hour}: {told}, not {shown}");
        }
        let shown = Decimal::ONE - rows[12].liquidation_value.get() / rows[12].equity.get();
        assert_eq!(shown.round_dp(6), (dec("0.06") / less(target)).round_dp(6));
    }
}

/// The run was stopped by a drawdown and owes and lends nothing any more.
fn is_stopped_and_out(pump: &Pump<Tape>) {
    let phase = &pump.engine.state().phase;
    let Phase::Ended(End::Stopped(why)) = phase else { panic!("it ended as {phase:?}") };
    assert_eq!(why.code, Code::Risk004);
    assert_eq!(held(pump, "aave_v3:debtToken:debtWETH"), Decimal::ZERO);
    assert_eq!(held(pump, "aave_v3:aToken:aweETH"), Decimal::ZERO);
    is_explained(pump);
}

#[test]
fn a_slash_of_two_percent_costs_it_times_the_leverage_and_stops_the_run() {
    let slashed =
        |token: &str, day: i64| worth(token) * if day > 0 { less("0.02") } else { less("0") };
    let chain = Chain { rate: &slashed, ..still(3) };
    let sets = [("target_ltv", "0.9091"), ("reserve.ratio", "0")];
    let pump = chain.run("eth_leveraged", Costs::None, &sets);
    is_stopped_and_out(&pump);
    // The lower of 0.9091 and 0.93 · (1 − 0.0225) is the target; 2 % / (1 − 0.909075) is 22 %.
    let lost = Decimal::ONE - equity(&pump, 24) / equity(&pump, 23);
    let expected = dec("0.02") / less("0.909075");
    assert!((lost - expected).abs() < dec("0.000000000000001"), "{lost} is not {expected}");
    assert_eq!(lost.round_dp(2), dec("0.22"));
    assert_eq!(pump.witness.rows().len(), 26, "out at the slash, ended a step later");
    // With costs the way out is open, too, for a loop that sells millions.
    let chain = Chain { discount: &|_| dec("0.002"), ..chain };
    let pump = chain.run("eth_leveraged", Costs::Full, &[]);
    is_stopped_and_out(&pump);
    assert_eq!(pump.witness.rows().len(), 26);
    let acts = acts(&pump);
    assert_eq!(acts[1], (24, "the debt is repaid by a sale".to_owned()));
    assert_eq!(acts.len(), 2);
}

#[test]
fn a_slash_within_the_drawdown_stop_is_borne_and_does_not_go_on_as_growth_would() {
    // 0.6 % is 6.6 % of equity and within the stop of 8 %. The band is wide, so that only the stop could act.
    let slashed =
        |token: &str, day: i64| worth(token) * if day > 0 { less("0.006") } else { less("0") };
    let sets = [("ltv_band", "0.03"), ("reserve.ratio", "0")];
    let pump = Chain { rate: &slashed, ..still(2) }.run("eth_leveraged", Costs::None, &sets);
    is_done(&pump);
    assert_eq!(acts(&pump).len(), 1);
    let lost = Decimal::ONE - equity(&pump, 24) / equity(&pump, 0);
    assert_eq!(lost.round_dp(6), (dec("0.006") / less("0.909075")).round_dp(6));
    assert!((24..=48).all(|hour| equity(&pump, hour) == equity(&pump, 24)));
}

#[test]
fn a_true_up_is_no_slash_and_stops_nothing() {
    // What grew until today grows no further: an hour before the next snapshot the rate is extrapolated above it. A usual
    // day's growth against a stop that is far too narrow, then 0.9 % in a day against the mode's own.
    for (growth, stop) in [("0.0001", "0.0005"), ("0.009", "0.08")] {
        let flat = |token: &str, day: i64| {
            worth(token) / if day < 0 { Decimal::ONE + dec(growth) } else { Decimal::ONE }
        };
        let chain = Chain { rate: &flat, ..still(2) };
        let sets = [("risk.emergency_drawdown", stop), ("reserve.ratio", "0")];
        let pump = chain.run("eth_leveraged", Costs::None, &sets);
        is_done(&pump);
        assert_eq!(acts(&pump).len(), 1, "nothing is sent because of it");
        let fall = Decimal::ONE - equity(&pump, 24) / equity(&pump, 23);
        assert!(fall > dec(stop), "a fall of {fall} would have stopped it");
        let off = equity(&pump, 24) - equity(&pump, 0);
        assert!(off.abs() < dec("0.000000000000001"), "nothing was lost, {off}");
    }
    // The same fall below what was confirmed is a slash.
    let slashed =
        |token: &str, day: i64| worth(token) * if day > 0 { less("0.0001") } else { less("0") };
    let chain = Chain { rate: &slashed, ..still(2) };
    let sets = [("risk.emergency_drawdown", "0.0005"), ("reserve.ratio", "0")];
    is_stopped_and_out(&chain.run("eth_leveraged", Costs::None, &sets));
}

/// How a loop left its band upward.
struct Case {
    lst: &'static str,
    target: &'static str,
    /// What became of the protocol's rate and of the debt within a day.
    rate: &'static str,
    debt: &'static str,
    /// What the market pays less.
    discount: &'static str,
}

const OUT_OF_BAND: [Case; 5] = [
    Case { lst: "weETH", target: "0.909075", rate: "0.988", debt: "1", discount: "0.002" },
    Case { lst: "wstETH", target: "0.909075", rate: "1", debt: "1.013", discount: "0" },
    Case { lst: "wstETH", target: "0.8", rate: "0.98", debt: "1.004", discount: "0.01" },
    Case { lst: "weETH", target: "0.9", rate: "0.985", debt: "1", discount: "0.05" },
    // Below a health factor of 1.03: the engine lets only risk fall.
    Case { lst: "weETH", target: "0.909075", rate: "0.983", debt: "1", discount: "0.002" },
];

impl Case {
    /// A day until it happens, no step after it; the drawdown stop is out of the way.
    fn run(&self) -> Pump<Tape> {
        let rate = |token: &str, day: i64| {
            worth(token) * if day > 0 { dec(self.rate) } else { Decimal::ONE }
        };
        let indices =
            |_: &str, day: i64| [Decimal::ONE, if day > 0 { dec(self.debt) } else { Decimal::ONE }];
        let chain =
            Chain { rate: &rate, indices: &indices, discount: &|_| dec(self.discount), ..still(1) };
        // The formula is asked for, whatever a sale loses.
        let sets = [
            ("lst", self.lst),
            ("target_ltv", self.target),
            ("risk.emergency_drawdown", "0.9"),
            ("max_sale_loss", "0.5"),
        ];
        chain.run("eth_leveraged", Costs::Full, &sets)
    }

    /// What a sale of so much debt loses by the pool's table in `configs/venues/uniswap.yaml`: the discount, its fee of one
    /// basis point, spread and impact.
    fn lost(&self, repaid: Decimal) -> Decimal {
        let table = match self.lst {
            "weETH" => [("10000", "20"), ("100000", "24"), ("1000000", "35")],
            _ => [("10000", "15"), ("100000", "18"), ("1000000", "27")],
        };
        let points = table.map(|(size, bps)| (dec(size), dec(bps)));
        let mut kept = less(self.discount);
        for _ in 0..20 {
            // The pool counts what is given, which is more than is brought by all that is lost.
            let size = repaid * dec("3000") / kept;
            let above = points.iter().position(|(at, _)| size <= *at).expect("within the table");
            let ((x0, y0), (x1, y1)) = (points[above - 1], points[above]);
            let bps = dec("1") + y0 + (y1 - y0) * (size - x0) / (x1 - x0);
            kept = less(self.discount) * (Decimal::ONE - bps * dec("0.0001"));
        }
        Decimal::ONE - kept
    }

    /// r = (D − λ·S) / (1 − λ/(1−s)), s being what a sale of r loses.
    fn repaid(&self, debt: Decimal, collateral: Decimal) -> Decimal {
        let (target, mut repaid) = (dec(self.target), dec("50"));
        for _ in 0..50 {
            let kept = Decimal::ONE - self.lost(repaid);
            repaid = (debt - target * collateral) / (Decimal::ONE - target / kept);
        }
        repaid
    }
}

/// How much was repaid, in all.
fn repaid(pump: &Pump<Tape>) -> Decimal {
    let orders = pump.witness.orders();
    let repays =
        orders.iter().filter(|order| matches!(order.bound.operation, Operation::Repay { .. }));
    repays.map(|order| order.bound.quantity.get()).sum()
}

#[test]
fn deleveraging_repays_by_the_formula_and_lands_on_the_target() {
    for case in OUT_OF_BAND {
        let pump = case.run();
        is_done(&pump);
        let acts = acts(&pump);
        assert_eq!(acts[1], (24, "debt is repaid by a sale down to the target".to_owned()));
        assert_eq!(acts.len(), 2);
        // The loop before the sale: 100 ETH less the reserve of 1 and the gas tank of 0.1.
        let (target, own) = (dec(case.target), dec("98.9"));
        let debt = own * target / (Decimal::ONE - target) * dec(case.debt);
        let collateral = own / (Decimal::ONE - target) * dec(case.rate);
        let (repaid, expected) = (repaid(&pump), case.repaid(debt, collateral));
        let off = (repaid / expected - Decimal::ONE).abs();
        assert!(off < dec("0.000001"), "{repaid}, not {expected}");
        let landed = ltv(&pump);
        println!("{} at {target}: {repaid} of {debt} repaid, lands on {landed}", case.lst);
        // What was taken out for the sale and not needed went back, so nothing but the guess of the cost is left.
        assert!((landed - target).abs() < dec("0.000001"), "{landed} is not {target}");
        assert_eq!(held(&pump, &format!("wallet:BaseToken:{}", case.lst)), Decimal::ZERO);
    }
}

#[test]
fn deleveraging_is_refused_where_each_sale_would_make_it_worse() {
    // 1 − s = 0.9 less the pool's cost is below the target: what a sale brings repays less than it takes away.
    let case = Case { discount: "0.1", ..OUT_OF_BAND[0] };
    let pump = case.run();
    is_done(&pump);
    assert_eq!(acts(&pump).len(), 1, "nothing is sold");
    let why = pump.witness.events().filter_map(|event| match event {
        Event::Decision(told) => Some(told.reason.to_string()),
        _ => None,
    });
    assert_eq!(why.last().expect("decisions"), "a sale pays too little to make the loop safer");
}

#[test]
fn a_loop_that_was_liquidated_tells_the_health_factor_that_led_to_it() {
    // 0.95 / 0.909075 at the entry, less 6 %: half of the debt is repaid and what is left is healthy again, and less 15 %:
    // all of it is gone.
    for (slash, left) in [("0.06", true), ("0.15", false)] {
        let slashed =
            |token: &str, day: i64| worth(token) * if day > 0 { less(slash) } else { less("0") };
        let chain = Chain { rate: &slashed, ..still(2) };
        let pump = chain.run("eth_leveraged", Costs::None, &[("reserve.ratio", "0")]);
        is_explained(&pump);
        let worst = pump.engine.state().tally.worst_health_factor.expect("it has owed");
        let expected = dec("0.95") / dec("0.909075") * less(slash);
        assert!((worst - expected).abs() < dec("0.000001"), "{worst} is not {expected}");
        let lost = equity(&pump, 24) < dec("0.000001");
        assert_eq!(lost, !left, "{}", equity(&pump, 24));
    }
}
