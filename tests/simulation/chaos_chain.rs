//! What the strategy without sense does on chain: stakes, lends, borrows, loops with flash loans, swaps, queues; some of it
//! wrong on purpose, at any leg of a group.

use basis::types::{
    Action, Amount, Decision, Exact, Item, KeyId, Operation, Options, Order, Quantity, Rate,
    ReserveId, VenueId,
};
use rust_decimal::Decimal;

use crate::chaos::Desk;

/// The keys and venues that it works with.
#[derive(Clone, Copy)]
struct Place {
    eth: KeyId,
    weth: KeyId,
    lst: KeyId,
    staked: ReserveId,
    supplied: KeyId,
    owed: ReserveId,
    debt: KeyId,
    loan: ReserveId,
    staking: VenueId,
    pool: VenueId,
}

impl Desk<'_> {
    pub fn on_chain(&mut self) -> Decision {
        let place = self.place();
        match self.dice.below(12) {
            0 | 1 => self.stake_and_lend(place),
            2..=4 => self.build(place),
            5 => self.borrow(place),
            6 => self.repay(place),
            7 => self.take_back(place),
            8 => self.queue(place),
            9 => self.sell(place),
            10 => self.take_down(place),
            _ => self.wrap_some(place),
        }
    }

    fn place(&self) -> Place {
        let universe = self.step.universe();
        let venue = |name: &str| universe.venue_named(name).expect("the drill has it");
        let token = |name: &str| universe.token_named(name).expect("the drill has it");
        let key = |name: &str| {
            universe.token_key(venue("wallet"), token(name)).expect("the drill has it")
        };
        let reserve = |at: &str, name: &str| {
            universe.reserve_of(venue(at), token(name)).expect("the drill has it")
        };
        let (staked, owed) = (reserve("aave_v3", "weETH"), reserve("aave_v3", "WETH"));
        Place {
            eth: key("ETH"),
            weth: key("WETH"),
            lst: key("weETH"),
            staked: staked.id,
            supplied: staked.supplied.expect("it is lent"),
            owed: owed.id,
            debt: owed.borrowed.expect("it is borrowed"),
            loan: reserve("morpho", "WETH").id,
            staking: venue("etherfi"),
            pool: venue("uniswap"),
        }
    }

    /// ETH staked and what comes out lent, in a sequence or as one transaction.
    fn stake_and_lend(&mut self, place: Place) -> Decision {
        let Some(amount) = self.part(place.eth) else { return Decision::hold("no ETH to stake") };
        let staked = self.order(Operation::Stake { venue: place.staking }, amount);
        let lent = self.of_output(&staked, Operation::Supply { reserve: place.staked }, amount);
        let legs = vec![staked, lent];
        self.either(Action::EntryPartial, legs)
    }

    /// The loop in one transaction, to a loan-to-value between 0.5 and 0.95; sometimes with a leg that cannot be.
    fn build(&mut self, place: Place) -> Decision {
        let Some(own) = self.part(place.eth) else { return Decision::hold("no ETH to loop") };
        let ltv = Decimal::new(500 + self.dice.below(451) as i64, 3);
        let loan = scaled(own, ltv / (Decimal::ONE - ltv));
        let all = own + loan;
        let staked = self.order(Operation::Stake { venue: place.staking }, all);
        let lent = self.of_output(&staked, Operation::Supply { reserve: place.staked }, all);
        let mut legs = vec![
            self.order(Operation::FlashBorrow { reserve: place.loan }, loan),
            self.order(Operation::Wrap { from: place.weth, to: place.eth }, loan),
            staked,
            lent,
            self.order(Operation::Borrow { reserve: place.owed }, loan),
            self.order(Operation::FlashRepay { reserve: place.loan }, loan),
        ];
        self.break_a_leg(&mut legs);
        self.plan(Action::EntryPartial, vec![Item::Atomic(legs)])
    }

    fn borrow(&mut self, place: Place) -> Decision {
        let lent = self.step.tokens_at(place.supplied);
        let amount = scaled(lent, Decimal::new(1 + self.dice.below(30) as i64, 2));
        if !amount.is_positive() {
            return Decision::hold("nothing to borrow against");
        }
        let order = self.order(Operation::Borrow { reserve: place.owed }, amount);
        self.plan(Action::EntryPartial, vec![Item::One(Box::new(order))])
    }

    /// A part of the debt, or all that is owed when it is executed.
    fn repay(&mut self, place: Place) -> Decision {
        let owed = self.step.tokens_at(place.debt);
        let have = self.step.balance(place.weth).min(owed);
        if !have.is_positive() {
            return Decision::hold("nothing to repay, or nothing to repay with");
        }
        let mut order = self.order(Operation::Repay { reserve: place.owed }, have);
        if self.dice.below(3) == 0 {
            order.amount = Amount::all(place.debt, owed);
        }
        self.plan(Action::ExitPartial, vec![Item::One(Box::new(order))])
    }

    /// A part of what is lent, or all of it, whatever is owed.
    fn take_back(&mut self, place: Place) -> Decision {
        let lent = self.step.tokens_at(place.supplied);
        let amount = scaled(lent, Decimal::new(1 + self.dice.below(100) as i64, 2));
        if !amount.is_positive() {
            return Decision::hold("nothing is lent");
        }
        let mut order = self.order(Operation::Withdraw { reserve: place.staked }, amount);
        if self.dice.below(3) == 0 {
            order.amount = Amount::all(place.supplied, lent);
        }
        self.plan(Action::ExitPartial, vec![Item::One(Box::new(order))])
    }

    /// Staked ETH taken back from the venue and put into the queue.
    fn queue(&mut self, place: Place) -> Decision {
        let unstake = Operation::Unstake { venue: place.staking };
        if let Some(loose) = self.part(place.lst) {
            let order = self.order(unstake, loose);
            return self.plan(Action::ExitPartial, vec![Item::One(Box::new(order))]);
        }
        let amount = scaled(self.step.tokens_at(place.supplied), Decimal::new(1, 1));
        if !amount.is_positive() {
            return Decision::hold("nothing is staked");
        }
        let back = self.order(Operation::Withdraw { reserve: place.staked }, amount);
        let queued = self.of_output(&back, unstake, amount);
        self.either(Action::ExitPartial, vec![back, queued])
    }

    /// The staking token against ETH or WETH; sometimes for a price that nobody pays.
    fn sell(&mut self, place: Place) -> Decision {
        let Some(amount) = self.part(place.lst) else { return Decision::hold("nothing to sell") };
        let to = if self.dice.below(2) == 0 { place.eth } else { place.weth };
        let swap = Operation::Swap { venue: place.pool, from: place.lst, to, exact: Exact::In };
        let mut order = self.order(swap, amount);
        if self.dice.below(4) == 0 {
            order.options = Options { slippage: Some(Rate::ZERO), ..Options::default() };
            order.deltas = self.promised(&swap, amount, &order.options);
        }
        self.plan(Action::ExitPartial, vec![Item::One(Box::new(order))])
    }

    /// The whole loop undone in one transaction; sometimes with a leg that cannot be.
    fn take_down(&mut self, place: Place) -> Decision {
        let (owed, lent) = (self.step.tokens_at(place.debt), self.step.tokens_at(place.supplied));
        if !owed.is_positive() || !lent.is_positive() {
            return Decision::hold("there is no loop");
        }
        let (from, to) = (place.lst, place.weth);
        let swap = Operation::Swap { venue: place.pool, from, to, exact: Exact::Out };
        let mut legs = vec![
            self.order(Operation::FlashBorrow { reserve: place.loan }, owed),
            self.order(Operation::Repay { reserve: place.owed }, owed),
            self.order(Operation::Withdraw { reserve: place.staked }, lent),
            self.order(swap, owed),
            self.order(Operation::FlashRepay { reserve: place.loan }, owed),
        ];
        legs[1].amount = Amount::all(place.debt, owed);
        legs[2].amount = Amount::all(place.supplied, lent);
        self.break_a_leg(&mut legs);
        self.plan(Action::ExitFull, vec![Item::Atomic(legs)])
    }

    fn wrap_some(&mut self, place: Place) -> Decision {
        let (from, to) =
            if self.dice.below(2) == 0 { (place.eth, place.weth) } else { (place.weth, place.eth) };
        let Some(amount) = self.part(from) else { return Decision::hold("nothing to wrap") };
        let order = self.order(Operation::Wrap { from, to }, amount);
        self.plan(Action::EntryPartial, vec![Item::One(Box::new(order))])
    }

    /// In one of three groups a leg asks for thrice what the others agree on.
    fn break_a_leg(&mut self, legs: &mut [Order]) {
        if self.dice.below(3) != 0 {
            return;
        }
        let leg = &mut legs[self.dice.below(legs.len() as u64) as usize];
        let amount = scaled(leg.amount.expected, Decimal::from(3));
        leg.amount = Amount::fixed(amount);
        let (operation, options) = (leg.operation, leg.options);
        leg.deltas = self.promised(&operation, amount, &options);
    }

    /// An operation on all that another one brings.
    fn of_output(&mut self, of: &Order, operation: Operation, asked: Quantity) -> Order {
        let output = of.operation.output(self.step.universe());
        let brought = of.deltas.iter().find(|delta| Some(delta.key) == output);
        let expected = brought.map_or(asked, |delta| delta.expected);
        let mut order = self.order(operation, expected);
        order.amount = Amount::output(of.operation_id, expected);
        order
    }

    /// One after the other, or all or nothing.
    fn either(&mut self, action: Action, legs: Vec<Order>) -> Decision {
        let items = if self.dice.below(2) == 0 {
            vec![Item::Atomic(legs)]
        } else {
            legs.into_iter().map(|leg| Item::One(Box::new(leg))).collect()
        };
        self.plan(action, items)
    }

    /// A tenth to a half of what lies at a key in the wallet, where that is worth an order.
    fn part(&mut self, key: KeyId) -> Option<Quantity> {
        let held = self.step.balance(key);
        let part = scaled(held, Decimal::new(1 + self.dice.below(5) as i64, 1));
        (part.get() > Decimal::new(1, 2)).then_some(part)
    }
}

/// A share or a multiple, to twelve places.
fn scaled(quantity: Quantity, by: Decimal) -> Quantity {
    Quantity::new((quantity.get() * by).round_dp(12))
}
