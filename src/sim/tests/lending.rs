//! Lending, staking, swaps and flash loans at the simulated protocols: limits to the last unit, liquidation, whole groups.

use std::path::Path;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::*;
use crate::config::{Costs, LoadRequest, StrategyRef, load};
use crate::sim::Faults;
use crate::sim::testkit::{bound, dec, price, qty};
use crate::types::chain::{Protocol, SwapCost};
use crate::types::{
    Exact, GroupOutcome, Notional, Operation, OrderId, Quantity, Rate, ReserveId, Span, Universe,
    VenueId,
};

/// The shipped loop with 200 ETH in the wallet and no latency.
struct Scene {
    setup: Arc<crate::config::Setup>,
}

impl Scene {
    fn new() -> Self {
        Self::with_decimals(18)
    }

    /// The same, where ETH and its tokens have so many decimals in the wallet.
    fn with_decimals(decimals: u32) -> Self {
        let set =
            |token: &str| (format!("venues.wallet.tokens.{token}.decimals"), decimals.to_string());
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let setup = load(LoadRequest {
            strategy: StrategyRef { name: "eth_leveraged".to_owned(), config: None },
            config_dir: root.join("configs"),
            sets: ["ETH", "WETH", "weETH", "wstETH"].map(set).into(),
            capital: Some(dec("200")),
            from: None,
            to: None,
            costs: Costs::None,
        });
        let mut setup = setup.unwrap_or_else(|faults| panic!("{faults}"));
        setup.conditions.iter_mut().for_each(|it| it.latency = Span::from_ms(0));
        // The tests' time begins in 1970, before any figure is in force.
        let mut universe = Universe::clone(&setup.universe);
        let venue = universe.venue_named("aave_v3").unwrap();
        let mut rules = universe.lending(venue).cloned().unwrap();
        let mode = rules.e_mode.as_mut().unwrap();
        mode.rules.iter_mut().for_each(|it| it.as_of = hour(0));
        universe.set_protocol(venue, Protocol::Lending(rules));
        setup.universe = Arc::new(universe);
        Self { setup: Arc::new(setup) }
    }

    fn world(&self) -> World<Table> {
        World::new(self.setup.clone(), 0, Faults::NONE)
    }

    fn key(&self, name: &str) -> KeyId {
        self.setup.universe.key_named(name).unwrap()
    }

    fn venue(&self, name: &str) -> VenueId {
        self.setup.universe.venue_named(name).unwrap()
    }

    fn reserve(&self, venue: &str, token: &str) -> ReserveId {
        let token = self.setup.universe.token_named(token).unwrap();
        self.setup.universe.reserve_of(self.venue(venue), token).unwrap().id
    }

    /// weETH at a rate, sold for a hundredth less; indices of one.
    fn at(&self, hours: i64, rate: &str) -> Table {
        self.indexed(hours, rate, "1", "1")
    }

    fn indexed(&self, hours: i64, rate: &str, supply: &str, borrow: &str) -> Table {
        let universe = &self.setup.universe;
        let token = |name: &str| universe.token_named(name).unwrap();
        let rate = dec(rate);
        let mut table = Table::at(hour(hours))
            .token(token("ETH"), price("2000"))
            .token(token("WETH"), price("2000"))
            .token(token("weETH"), price("2000"))
            .staking_token(token("weETH"), rate, rate * dec("0.99"));
        for name in ["weETH", "wstETH"] {
            table = table.indices(self.reserve("aave_v3", name), dec(supply), dec("1"));
        }
        table.indices(self.reserve("aave_v3", "WETH"), dec("1"), dec(borrow))
    }

    fn stake(&self, amount: &str) -> BoundOrder {
        bound(Operation::Stake { venue: self.venue("etherfi") }, amount)
    }

    fn supply(&self, amount: &str) -> BoundOrder {
        bound(Operation::Supply { reserve: self.reserve("aave_v3", "weETH") }, amount)
    }

    fn withdraw(&self, amount: &str) -> BoundOrder {
        bound(Operation::Withdraw { reserve: self.reserve("aave_v3", "weETH") }, amount)
    }

    fn borrow(&self, amount: &str) -> BoundOrder {
        bound(Operation::Borrow { reserve: self.reserve("aave_v3", "WETH") }, amount)
    }

    fn repay(&self, amount: &str) -> BoundOrder {
        bound(Operation::Repay { reserve: self.reserve("aave_v3", "WETH") }, amount)
    }

    /// 100 weETH supplied at a rate of one, and a debt against it.
    fn with_debt(&self, debt: &str) -> World<Table> {
        let mut world = self.world();
        world.tick(hour(0), &self.at(0, "1"));
        done(&mut world, 0, 1, &self.stake("100"));
        done(&mut world, 0, 2, &self.supply("100"));
        done(&mut world, 0, 3, &self.borrow(debt));
        world
    }

    fn collateral(&self, world: &World<Table>) -> Quantity {
        world.balance(self.key("aave_v3:aToken:aweETH")).quantity
    }

    fn debt(&self, world: &World<Table>) -> Quantity {
        world.balance(self.key("aave_v3:debtToken:debtWETH")).quantity
    }
}

#[test]
fn a_staking_token_is_counted_in_its_own_decimals() {
    for (decimals, minted) in [(18, "95.238095238095238095"), (8, "95.23809523")] {
        let scene = Scene::with_decimals(decimals);
        let mut world = scene.world();
        world.tick(hour(0), &scene.at(0, "1.05"));
        done(&mut world, 0, 1, &scene.stake("100"));
        assert_eq!(world.balance(scene.key("wallet:BaseToken:weETH")).quantity, qty(minted));
        let unstake = bound(Operation::Unstake { venue: scene.venue("etherfi") }, "20");
        done(&mut world, 0, 2, &unstake);
        assert_eq!(world.balance(scene.key("etherfi:Queued:weETH")).quantity, qty("21"));
    }
}

#[test]
fn what_is_lent_grows_and_comes_back_whole() {
    let scene = Scene::new();
    let mut world = scene.world();
    world.tick(hour(0), &scene.indexed(0, "1", "1.000000000000000007", "1"));
    done(&mut world, 0, 1, &scene.stake("100"));
    done(&mut world, 0, 2, &scene.supply("100"));
    world.tick(hour(1), &scene.indexed(1, "1", "1.1", "1"));
    let scaled = scene.collateral(&world);
    // 100 / 1.000000000000000007 half up, times 1.1 half up.
    assert_eq!(scaled, qty("99.9999999999999993"));
    assert_eq!(
        native(rejected(&mut world, 1, 3, &scene.withdraw("109.999999999999999231"))),
        "NOT_ENOUGH_AVAILABLE_USER_BALANCE"
    );
    done(&mut world, 1, 4, &scene.withdraw("109.99999999999999923"));
    assert!(scene.collateral(&world).is_zero());
    assert_eq!(world.unexplained().count(), 0);
}

#[test]
fn a_loan_goes_up_to_its_limit_and_not_a_unit_further() {
    let scene = Scene::new();
    let mut world = scene.with_debt("90");
    assert_eq!(
        native(rejected(&mut world, 0, 4, &scene.borrow("3.000000000000000001"))),
        "COLLATERAL_CANNOT_COVER_NEW_BORROW"
    );
    done(&mut world, 0, 5, &scene.borrow("3"));
    // At 93 of 100 the threshold of 95 leaves room for 93/0.95 = 97.89 of collateral.
    assert_eq!(
        native(rejected(&mut world, 0, 6, &scene.withdraw("2.2"))),
        "HEALTH_FACTOR_LOWER_THAN_LIQUIDATION_THRESHOLD"
    );
    done(&mut world, 0, 7, &scene.withdraw("2.1"));
    // More than is owed repays what is owed.
    let paid = done(&mut world, 0, 8, &scene.repay("93"));
    assert_eq!(paid.executed, qty("93"));
    assert!(scene.debt(&world).is_zero());
}

#[test]
fn liquidation_begins_one_unit_below_a_health_factor_of_one() {
    let scene = Scene::new();
    // 76 against 100 · 0.8 · 0.95 = 76.
    let mut at = scene.with_debt("76");
    at.tick(hour(1), &scene.at(1, "0.8"));
    assert!(settled(&mut at, hour(1)).is_empty(), "exactly one is healthy");
    let mut below = scene.with_debt("76");
    below.tick(hour(1), &scene.at(1, "0.799999999999999999"));
    let told = settled(&mut below, hour(1));
    let [(Settlement::Liquidation, postings)] = &told[..] else { panic!("{told:?}") };
    // Half of the debt, 38 WETH, for 38 · 1.01 / 0.8 weETH.
    assert_eq!(postings[0].amount, qty("-38"));
    assert_eq!(postings[1].amount.get().round_dp(9), dec("-47.975"));
    assert_eq!(scene.debt(&below), qty("38"));
}

#[test]
fn a_deep_fall_closes_the_whole_debt_and_what_is_not_covered_is_written_off() {
    let scene = Scene::new();
    let mut world = scene.with_debt("93");
    // 100 · 0.85 = 85 of collateral: all of it goes for 85 / 1.01, and the pool loses the rest.
    world.tick(hour(1), &scene.at(1, "0.85"));
    settled(&mut world, hour(1));
    assert!(scene.debt(&world).is_zero());
    assert!(scene.collateral(&world).is_zero());
    assert_eq!(world.unexplained().count(), 0);
}

#[test]
fn a_queue_fixes_its_rate_and_pays_when_its_days_are_over() {
    let scene = Scene::new();
    let mut world = scene.world();
    world.tick(hour(0), &scene.at(0, "1.05"));
    done(&mut world, 0, 1, &scene.stake("105"));
    let request = bound(Operation::Unstake { venue: scene.venue("etherfi") }, "100");
    done(&mut world, 0, 2, &request);
    let queued = scene.key("etherfi:Queued:weETH");
    assert_eq!(world.balance(queued).quantity, qty("105"));
    world.tick(hour(100), &scene.at(100, "1.06"));
    assert!(settled(&mut world, hour(7 * 24 - 1)).is_empty());
    let told = settled(&mut world, hour(7 * 24));
    assert!(matches!(&told[..], [(Settlement::Arrival, _)]), "{told:?}");
    assert_eq!(world.balance(scene.key("wallet:BaseToken:ETH")).quantity, qty("200"));
    assert!(world.balance(queued).quantity.is_zero());
}

fn entry(scene: &Scene) -> Vec<BoundOrder> {
    let flash = scene.reserve("morpho", "WETH");
    let (eth, weth) = (scene.key("wallet:BaseToken:ETH"), scene.key("wallet:BaseToken:WETH"));
    vec![
        bound(Operation::FlashBorrow { reserve: flash }, "900"),
        bound(Operation::Wrap { from: weth, to: eth }, "900"),
        scene.stake("1000"),
        scene.supply("1000"),
        scene.borrow("900"),
        bound(Operation::FlashRepay { reserve: flash }, "900"),
    ]
}

fn group(world: &mut World<Table>, legs: &[BoundOrder]) -> GroupOutcome {
    let legs: Vec<(OrderId, BoundOrder)> =
        legs.iter().enumerate().map(|(n, leg)| (id(n as u16), leg.clone())).collect();
    world.submit_group(hour(0), &legs);
    match drain(world, hour(0)).into_iter().next_back() {
        Some((_, Message::GroupOutcome(_, outcome))) => outcome,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_loop_is_built_in_one_transaction() {
    let scene = Scene::new();
    let mut world = scene.world();
    world.tick(hour(0), &scene.at(0, "1"));
    let outcome = group(&mut world, &entry(&scene));
    assert!(matches!(outcome, GroupOutcome::Committed(_)), "{outcome:?}");
    assert_eq!((scene.collateral(&world), scene.debt(&world)), (qty("1000"), qty("900")));
    assert!(world.balance(scene.key("morpho:debtToken:debtWETH")).quantity.is_zero());
    assert_eq!(world.balance(scene.key("wallet:BaseToken:ETH")).quantity, qty("100"));
}

#[test]
fn a_group_that_fails_at_any_leg_leaves_every_balance_as_it_was() {
    let scene = Scene::new();
    let legs = entry(&scene);
    for failing in 0..legs.len() {
        let mut world = scene.world();
        world.tick(hour(0), &scene.at(0, "1"));
        let before = format!("{:?}", world.balances().collect::<Vec<_>>());
        let mut legs = legs.clone();
        legs[failing].quantity = match failing {
            // Too much for the leg itself, or, where anything is lent, for the end of the group.
            0 => qty("901"),
            5 => qty("899"),
            _ => legs[failing].quantity + qty("1000"),
        };
        let outcome = group(&mut world, &legs);
        assert!(matches!(outcome, GroupOutcome::RolledBack { .. }), "leg {failing}: {outcome:?}");
        assert_eq!(format!("{:?}", world.balances().collect::<Vec<_>>()), before, "leg {failing}");
        assert_eq!(world.unexplained().count(), 0);
    }
}

#[test]
fn a_flash_loan_lives_in_a_group_alone() {
    let scene = Scene::new();
    let mut world = scene.world();
    world.tick(hour(0), &scene.at(0, "1"));
    let alone = bound(Operation::FlashBorrow { reserve: scene.reserve("morpho", "WETH") }, "1");
    assert_eq!(native(rejected(&mut world, 0, 1, &alone)), "NOT_ATOMIC");
    let outcome = group(&mut world, &[alone]);
    let GroupOutcome::RolledBack { rejection, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(native(rejection), "FLASH_LOAN_NOT_REPAID");
}

#[test]
fn a_swap_pays_the_market_s_rate_within_its_limit() {
    let scene = Scene::new();
    let mut world = scene.world();
    world.tick(hour(0), &scene.at(0, "1"));
    done(&mut world, 0, 1, &scene.stake("100"));
    let swap = |exact| Operation::Swap {
        venue: scene.venue("uniswap"),
        from: scene.key("wallet:BaseToken:weETH"),
        to: scene.key("wallet:BaseToken:ETH"),
        exact,
    };
    let mut order = bound(swap(Exact::In), "10");
    order.limit = Some(price("0.990000000000000001"));
    assert_eq!(native(rejected(&mut world, 0, 2, &order)), "TOO_LITTLE_RECEIVED");
    order.limit = Some(price("0.99"));
    let sold = done(&mut world, 0, 3, &order);
    assert_eq!(
        sold.deltas.iter().map(|it| it.amount).collect::<Vec<_>>(),
        [qty("-10"), qty("9.9")]
    );
    let bought = done(&mut world, 0, 4, &bound(swap(Exact::Out), "0.99"));
    assert_eq!(bought.deltas[0].amount, qty("-1"));
}

#[test]
fn a_pool_remembers_within_a_step_what_was_swapped_the_same_way() {
    let mut scene = Scene::new();
    let uniswap = scene.venue("uniswap");
    let mut universe = Universe::clone(&scene.setup.universe);
    let Protocol::Swaps(mut pools) = universe.venue(uniswap).protocol.clone() else { panic!() };
    // 0.1 % at 20 000, 1 % at 200 000, growing with the root beyond.
    let point =
        |size, cost| SwapCost { size: Notional::new(dec(size)), cost: Rate::new(dec(cost)) };
    pools.iter_mut().for_each(|pool| {
        pool.costs = vec![point("20000", "0.001"), point("200000", "0.01")];
        pool.power = dec("0.5");
    });
    universe.set_protocol(uniswap, Protocol::Swaps(pools));
    Arc::make_mut(&mut scene.setup).universe = Arc::new(universe);
    let mut world = scene.world();
    world.tick(hour(0), &scene.at(0, "1"));
    done(&mut world, 0, 1, &scene.stake("190"));
    let (eth, lst) = (scene.key("wallet:BaseToken:ETH"), scene.key("wallet:BaseToken:weETH"));
    let sale = |exact, amount: &str| {
        bound(Operation::Swap { venue: uniswap, from: lst, to: eth, exact }, amount)
    };
    let brought = |execution: &Execution| execution.net(eth).get();
    let mut whole = world.clone();
    let at_once = brought(&done(&mut whole, 0, 2, &sale(Exact::In, "180")));
    let in_parts: Vec<_> = (2..32)
        .map(|number| brought(&done(&mut world, 0, number, &sale(Exact::In, "6"))))
        .collect();
    assert!(in_parts[1..].iter().all(|part| *part < in_parts[0]));
    let sum: Decimal = in_parts.iter().sum();
    assert!((sum - at_once).abs() < dec("0.000000000000001"), "{sum} and {at_once}");

    // The other way the pool is full; a group that is taken back has drawn nothing; the next step has a full pool.
    let bought = |world: &mut World<Table>, number| {
        let way_back = Operation::Swap { venue: uniswap, from: eth, to: lst, exact: Exact::In };
        done(world, 0, number, &bound(way_back, "1")).net(lst)
    };
    assert_eq!(bought(&mut world, 40), bought(&mut whole, 41));
    let before = world.clone();
    let fails = bound(Operation::FlashBorrow { reserve: scene.reserve("morpho", "WETH") }, "1");
    let outcome = group(&mut world, &[sale(Exact::In, "3"), fails]);
    assert!(matches!(outcome, GroupOutcome::RolledBack { .. }), "{outcome:?}");
    assert_eq!(
        brought(&done(&mut world, 0, 42, &sale(Exact::In, "3"))),
        brought(&done(&mut before.clone(), 0, 42, &sale(Exact::In, "3")))
    );
    world.tick(hour(1), &scene.at(1, "1"));
    assert_eq!(brought(&done(&mut world, 1, 43, &sale(Exact::In, "6"))), in_parts[0]);
}

#[test]
fn what_rounds_to_nothing_of_a_scaled_balance_cannot_be_taken_wei_by_wei() {
    let scene = Scene::new();
    let mut world = scene.with_debt("50");
    // At indices above two a wei is less than half a unit of what is written down.
    world.tick(hour(1), &scene.indexed(1, "1", "2.5", "2.5"));
    let wei = "0.000000000000000001";
    let cases = [
        (scene.withdraw(wei), "INVALID_BURN_AMOUNT"),
        (scene.borrow(wei), "INVALID_MINT_AMOUNT"),
        (scene.repay(wei), "INVALID_BURN_AMOUNT"),
    ];
    let (collateral, debt) = (scene.collateral(&world), scene.debt(&world));
    for (id, (order, code)) in (10..).zip(cases) {
        assert_eq!(native(rejected(&mut world, 1, id, &order)), code);
    }
    assert_eq!((scene.collateral(&world), scene.debt(&world)), (collateral, debt));
}
