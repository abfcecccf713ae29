//! Depth within a step: parts cost what the whole costs, and what a swap promises behind others is what it brings.

use basis::config::Costs;
use basis::run::Pump;
use basis::types::event::{Event, Loudness};
use basis::types::{Amount, Decision, Exact, Item, Operation, Order, PnlCause, Quantity};
use rust_decimal::Decimal;

use crate::chain::{held, is_done, is_explained, last, still};
use crate::desk::{Desk, entry, exit, key, one, parallel};
use crate::scene::{Scripted, Tape, dec, hour};

const LOOSE: (&str, &str) = ("risk.emergency_drawdown", "0.99");

fn stake(desk: &mut Desk, venue: &str, eth: Quantity) -> Order {
    let venue = desk.step().universe().venue_named(venue).unwrap();
    desk.order(Operation::Stake { venue }, eth)
}

fn swap(desk: &mut Desk, [from, to]: [&str; 2], exact: Exact, amount: Quantity) -> Order {
    let step = desk.step();
    let venue = step.universe().venue_named("uniswap").unwrap();
    let [from, to] = [from, to].map(|token| key(step, &format!("wallet:BaseToken:{token}")));
    desk.order(Operation::Swap { venue, from, to, exact }, amount)
}

fn trunc(amount: Decimal) -> Quantity {
    Quantity::new(amount.trunc_with_scale(18))
}

/// All ETH but one staked, and an hour later this.
fn staked(
    capital: &str,
    then: impl Fn(&mut Desk, Decimal) -> Vec<Item> + Send + 'static,
) -> Pump<Tape> {
    let sets = [LOOSE, ("capital", capital), ("execution.plan_timeout_s", "3000")];
    let pump = still(1).run_as("eth_leveraged", Costs::Full, &sets, |_| {
        Scripted::new(move |step| {
            let mut desk = Desk::new(step);
            let held = |token: &str| step.balance(key(step, &format!("wallet:BaseToken:{token}")));
            match hour(step) {
                0 => {
                    let eth = held("ETH").get() - Decimal::ONE;
                    entry(vec![one(stake(&mut desk, "etherfi", Quantity::new(eth)))])
                }
                1 => exit(then(&mut desk, held("weETH").get())),
                _ => Decision::hold("done"),
            }
        })
    });
    is_done(&pump);
    pump
}

/// ETH at the end, without the gas, which each swap takes.
fn brought(pump: &Pump<Tape>) -> Decimal {
    held(pump, "wallet:BaseToken:ETH") - pump.engine.attribution()[PnlCause::Gas].get()
}

const OUT: [&str; 2] = ["weETH", "ETH"];

#[test]
fn a_sale_in_parts_brings_what_one_sale_brings() {
    let sold_in = |parts: u32, is_atomic: bool| {
        let pump = staked("97", move |desk, all| {
            let part = trunc(all / Decimal::from(parts));
            let sales: Vec<_> = (0..parts).map(|_| swap(desk, OUT, Exact::In, part)).collect();
            if is_atomic { vec![Item::Atomic(sales)] } else { sales.into_iter().map(one).collect() }
        });
        assert_eq!(pump.witness.orders().len(), parts as usize + 1);
        assert!(held(&pump, "wallet:BaseToken:weETH") < dec("0.000000000000001"));
        brought(&pump)
    };
    let at_once = sold_in(1, false);
    for (parts, is_atomic) in [(2, false), (12, false), (2, true), (30, true)] {
        let difference = (sold_in(parts, is_atomic) - at_once).abs();
        assert!(difference < dec("0.000000000001"), "{parts} parts: {difference} off");
    }
    assert!(at_once < dec("96.8"), "the sale has moved the price: {at_once}");
}

#[test]
fn what_is_given_costs_the_same_whichever_side_of_it_is_exact() {
    for capital in ["100", "20001", "200001"] {
        let out = staked(capital, |desk, all| {
            vec![one(swap(desk, OUT, Exact::Out, trunc(all * dec("0.5"))))]
        });
        let left = held(&out, "wallet:BaseToken:weETH");
        let exact_in = staked(capital, move |desk, all| {
            vec![one(swap(desk, OUT, Exact::In, trunc(all - left)))]
        });
        let [exact_out, exact_in] = [brought(&out), brought(&exact_in)];
        let off = (exact_out / exact_in - Decimal::ONE).abs();
        println!("{capital}: {exact_out} and {exact_in}, {off} apart");
        assert!(off < dec("0.000001"), "{capital}: {exact_out} and {exact_in}");
    }
}

#[test]
fn what_the_second_of_two_swaps_brings_is_less_than_it_would_bring_by_itself() {
    for is_atomic in [false, true] {
        let pump = staked("97", move |desk, _| {
            let first = swap(desk, OUT, Exact::In, Quantity::new(dec("40")));
            let second = swap(desk, ["weETH", "WETH"], Exact::In, Quantity::new(dec("40")));
            // Told by the swap alone, as a strategy tells it.
            let weth = key(desk.step(), "wallet:BaseToken:WETH");
            let told = second.deltas.iter().find(|delta| delta.key == weth).unwrap().expected;
            let back = desk.unwrap(Amount::output(second.operation_id, told));
            let plan = vec![first, second, back];
            if is_atomic { vec![Item::Atomic(plan)] } else { plan.into_iter().map(one).collect() }
        });
        assert_eq!(pump.witness.constraints(), [] as [String; 0]);
        assert_eq!(pump.witness.orders().len(), 4);
        assert!(held(&pump, "wallet:BaseToken:WETH") < dec("0.3"), "atomic: {is_atomic}");
    }
}

#[test]
fn promises_and_fills_agree_to_a_millionth_whatever_was_swapped_before() {
    for (power, seed) in ["0.5", "0.75", "1"].into_iter().flat_map(|p| (1..14).map(move |s| (p, s)))
    {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed) | 1;
        let mut next = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below) as usize
        };
        let sets = [
            LOOSE,
            ("capital", ["1000", "20000", "100000"][next(3)]),
            // A hundredth of a basis point is all the room there is.
            ("execution.slippage_bps", "0.01"),
            ("execution.plan_timeout_s", "3000"),
            ("venues.uniswap.swaps.weETH.power", power),
            ("venues.uniswap.swaps.wstETH.power", power),
        ];
        let pump = still(1).run_as("eth_leveraged", Costs::Full, &sets, |_| {
            Scripted::new(move |step| {
                let mut desk = Desk::new(step);
                let held = |token: &str| {
                    step.balance(key(step, &format!("wallet:BaseToken:{token}"))).get()
                };
                if hour(step) == 0 {
                    let part = trunc(held("ETH") / dec("5"));
                    let staked =
                        ["lido", "etherfi"].map(|venue| one(stake(&mut desk, venue, part)));
                    return entry(staked.into_iter().chain([one(desk.wrap(part))]).collect());
                }
                let mut orders = Vec::new();
                for _ in 0..1 + next(6) {
                    let pair = [["ETH", "WETH"][next(2)], ["weETH", "wstETH"][next(2)]];
                    let pair = if next(2) == 0 { pair } else { [pair[1], pair[0]] };
                    let scale = ["0.01", "0.001", "0.00000001"].map(dec)[next(3)];
                    let amount = trunc(held(pair[0]) * scale * Decimal::from(1 + next(9)));
                    let exact = [Exact::In, Exact::Out][next(2)];
                    if amount.is_positive() {
                        orders.push(swap(&mut desk, pair, exact, amount));
                    }
                }
                match (orders.is_empty(), next(3)) {
                    (true, _) => Decision::hold("nothing"),
                    (_, 0) => exit(vec![Item::Atomic(orders)]),
                    (_, 1) => exit(vec![parallel(orders)]),
                    _ => exit(orders.into_iter().map(one).collect()),
                }
            })
        });
        let said = pump.witness.notes(Loudness::Warn).into_iter().chain(pump.witness.constraints());
        let expected = ["is extrapolated", "of the gas tank", "of the reserve"];
        let said: Vec<_> =
            said.filter(|note| !expected.iter().any(|words| note.contains(words))).collect();
        assert!(said.is_empty(), "{power}, {seed}: {said:?}");
        assert!(pump.witness.orders().len() > 20, "{power}, {seed}");
        is_explained(&pump);
        sums_of_keys_are_the_causes(&pump);
    }
}

/// Profit by venue and by token, each summed, is the profit by cause.
fn sums_of_keys_are_the_causes(pump: &Pump<Tape>) {
    for (_, batch) in &pump.witness.batches {
        for event in &batch.events {
            let Event::Step(row) = event else { continue };
            for sums in [row.by_venue, row.by_token] {
                let sum: Decimal = batch.numbers(sums).iter().copied().sum();
                let off = (sum - row.attribution.total().get()).abs();
                assert!(off < dec("0.0000000000000001"), "{}: {off}", row.at);
            }
        }
    }
    assert!(last(pump).step > 0);
}
