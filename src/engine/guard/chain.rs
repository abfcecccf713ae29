//! What must hold for orders on chain: flash loans within one group, no new risk where risk may only fall, debts that the
//! collateral carries, and nothing taken that is not there.

use rust_decimal::Decimal;

use crate::portfolio::LendingPlan;
use crate::types::chain::Protocol;
use crate::types::venue::VenueKind;
use crate::types::{
    AmountBase, Code, Expected, Item, KeyId, Operation, Order, PositionType, Quantity, Reserve,
    RiskLevel, Span, Timestamp, Value, VenueId,
};

use super::super::promise::gas_of;
use super::super::tell::tell;
use super::{Stands, Stop, Walk, held_back, plain, refused, weakens};

impl Walk<'_> {
    /// At the level where risk may only fall nothing is borrowed, staked or bought with ETH. A flash loan is paid back in the
    /// same transaction, and what is taken out of a collateral is judged with the whole plan.
    pub(super) fn adds_no_risk_on_chain(&self, order: &Order) -> Result<(), Stop> {
        let universe = self.step.universe();
        let token = |key: KeyId| universe.instrument(key).token;
        let adds = match order.operation {
            Operation::Borrow { .. } | Operation::Stake { .. } => true,
            Operation::Swap { to, .. } => {
                self.step.prices.rate(token(to)).is_some_and(|rate| rate != Decimal::ONE)
            }
            _ => false,
        };
        if adds && self.step.risk.level >= RiskLevel::Reduce {
            return Err(held_back(
                Code::Risk001,
                format!(
                    "{} adds risk while the level is {}",
                    tell(universe, order),
                    self.step.risk.level.text()
                ),
            ));
        }
        let overdue = self.overdue(order);
        if overdue > self.step.setup.risk.max_age {
            let hours = overdue.ms() / 3_600_000;
            let told = tell(universe, order);
            let sentence = format!("{told}: a snapshot that it goes by is {hours} hours late");
            return Err(held_back(Code::Risk006, sentence));
        }
        Ok(())
    }

    /// By how much the snapshot is late that something new would go by. What leads out does not wait for it.
    fn overdue(&self, order: &Order) -> Span {
        let (view, universe) = (&self.step.view, self.step.universe());
        let token = |key: KeyId| universe.instrument(key).token;
        match order.operation {
            Operation::Supply { reserve } | Operation::Borrow { reserve } => {
                view.reserve_overdue(reserve)
            }
            Operation::Stake { venue } => universe
                .staking(venue)
                .map_or(Span::default(), |rules| view.rate_overdue(token(rules.token))),
            _ => Span::default(),
        }
    }

    /// A flash loan lasts for one atomic group, so outside of one it could never be taken.
    pub(super) fn is_no_flash_loan(&self, order: &Order) -> Result<(), Stop> {
        if !is_of_flash_loan(&order.operation) {
            return Ok(());
        }
        let told = tell(self.step.universe(), order);
        let sentence = format!(
            "{told} is outside of an atomic group, and a flash loan lasts for one; put it into atomic([…]) with what it pays for"
        );
        Err(refused(Code::Strat003, sentence))
    }

    /// At the end of an atomic group no flash loan is open. What depends on an output that is not known yet is judged by the
    /// chain alone.
    pub(super) fn flash_loans_are_repaid(&self, orders: &[Order]) -> Result<(), Stop> {
        let universe = self.step.universe();
        let mut loans = orders.iter().filter(|order| is_of_flash_loan(&order.operation));
        if loans.any(|order| matches!(order.amount.base, AmountBase::Output(_))) {
            return Ok(());
        }
        let is_flash = |reserve: &&Reserve| {
            matches!(universe.venue(reserve.venue).protocol, Protocol::Flash { .. })
        };
        for reserve in universe.reserves().iter().filter(is_flash) {
            let owed = reserve.borrowed.map_or(Quantity::ZERO, |key| self.books.quantity(key));
            if owed.is_zero() {
                continue;
            }
            let (venue, token) =
                (&universe.venue(reserve.venue).name, universe.token(reserve.token));
            let by = orders.iter().find(|order| {
                matches!(order.operation, Operation::FlashBorrow { reserve: id } if id == reserve.id)
            });
            let told = by.map_or(String::new(), |order| format!("{}: ", tell(universe, order)));
            let sentence = format!(
                "{told}at the end of the group {owed} {token} of the flash loan are not paid back; add orders::flash_repay(\"{venue}\", \"{token}\", …) for it"
            );
            return Err(refused(Code::Strat003, sentence));
        }
        Ok(())
    }

    /// What would be owed against what would be supplied, at every lending venue where the plan makes the account weaker. At
    /// its end no account may be so weak that it had to be reduced; between two orders, where a failure of the second would
    /// leave it, none so weak that it had to be left.
    pub(super) fn lending(&self, done: &[Item], stands: Stands) -> Result<(), Stop> {
        let (step, universe) = (self.step, self.step.universe());
        for plan in self.lending {
            let account = plan.account(universe, &self.books, &step.prices, step.now);
            let before = step.lending[plan.venue().index()].unwrap_or_default();
            let name = &universe.venue(plan.venue()).name;
            let Some(health) = account.health_factor() else { continue };
            if before.health_factor().is_some_and(|before| health >= before) {
                continue;
            }
            let told = || self.weakened_by(done, plan.venue());
            if account.debt > account.borrowable {
                let share = &step.setup.share_class.name;
                let amounts = [account.debt, account.borrowable].map(|value| plain(value.get()));
                let sentence = format!(
                    "{}the plan would owe {} {share} at {name}, where the collateral carries {}; borrow less or supply more",
                    told(),
                    amounts[0],
                    amounts[1]
                );
                // A strategy that goes by what a venue gave before it gave less has made no mistake: it waits.
                if let Some(at) = self.carried_until(plan, account.debt) {
                    let sentence = format!("{sentence}; it carried this until {at}");
                    return Err(held_back(Code::Risk002, sentence));
                }
                return Err(refused(Code::Risk002, sentence));
            }
            let Some(limits) = step.setup.risk.health_factor else { continue };
            let (limit, setting, advice) = match stands {
                Stands::AtTheEnd => (limits.reduce, "reduce", ""),
                Stands::BetweenOrders => (
                    limits.exit,
                    "exit",
                    ", should its next order fail; put the orders into atomic([…])",
                ),
            };
            if health < limit {
                let sentence = format!(
                    "{}the plan would leave a health factor of {} at {name}, below {limit} (risk.health_factor.{setting}){advice}",
                    told(),
                    health.round_dp(6),
                );
                return Err(held_back(Code::Risk001, sentence));
            }
        }
        Ok(())
    }

    /// When a venue began to give less than a debt that it carried until then, on the same collateral.
    fn carried_until(&self, plan: &LendingPlan, debt: Value) -> Option<Timestamp> {
        let (step, universe) = (self.step, self.step.universe());
        let changed = universe.lending(plan.venue())?.changed_at(step.now)?;
        let before = changed - Span::from_ms(1);
        let account = plan.account(universe, &self.books, &step.prices, before);
        (debt <= account.borrowable).then_some(changed)
    }

    /// The last order of a plan that weakens an account, in words.
    fn weakened_by(&self, done: &[Item], venue: VenueId) -> String {
        let universe = self.step.universe();
        let is_one =
            |order: &&Order| weakens(&order.operation) && order.operation.venue(universe) == venue;
        let last = done.iter().flat_map(Item::orders).rev().find(is_one);
        last.map_or(String::new(), |order| format!("{}: ", tell(universe, order)))
    }

    /// What an order takes out of a lending pool must lie in it, with what the orders before it bring: where it does not, the
    /// venue is sure to refuse it, and each try would cost its gas.
    pub(super) fn pool_gives(&self, order: &Order, quantity: Quantity) -> Result<(), Stop> {
        let (Operation::Withdraw { reserve } | Operation::Borrow { reserve }) = order.operation
        else {
            return Ok(());
        };
        let (step, universe) = (self.step, self.step.universe());
        let Some(free) = step.liquidity_with(&self.books, reserve).filter(|free| quantity > *free)
        else {
            return Ok(());
        };
        let pool = universe.reserve(reserve);
        let (venue, token) = (&universe.venue(pool.venue).name, universe.token(pool.token));
        let [asked, free] = [quantity, free].map(|tokens| plain(tokens.get()));
        let sentence = format!(
            "{}: {asked} {token} are asked for, and {free} lie in the pool of {venue}; the rest is lent out, and the orders wait until it is back",
            tell(universe, order)
        );
        Err(held_back(Code::Risk009, sentence))
    }

    /// An order that takes more than lies there: what is scaled or owed is told in tokens, and gas by itself.
    pub(super) fn too_much(
        &self,
        order: &Order,
        delta: &Expected,
        lies: Quantity,
        credit: Quantity,
    ) -> String {
        let universe = self.step.universe();
        let (key, told) = (universe.instrument(delta.key), tell(universe, order));
        let what = match key.position_type {
            PositionType::Supplied => "supplied",
            PositionType::Borrowed => "owed",
            _ => {
                let gas =
                    gas_of(self.step, &order.operation).filter(|(paid, _)| *paid == delta.key);
                let of_it = gas.map_or(String::new(), |(_, gas)| format!(", {gas} of it for gas,"));
                let more = if credit.is_zero() {
                    String::new()
                } else {
                    format!(" and {credit} may be borrowed")
                };
                return format!(
                    "{told} takes {}{of_it} from {}, where {lies} lie{more}",
                    -delta.expected, key.name
                );
            }
        };
        let is_flash = universe.venue(key.venue).kind == VenueKind::Flash;
        let tokens = if is_flash { lies } else { self.step.unscaled(delta.key, lies) };
        let (token, tokens) = (universe.token(key.token), plain(tokens.get()));
        if lies.is_zero() {
            return format!("{told}: no {token} is {what} there");
        }
        format!(
            "{told} is more than the {tokens} {token} that are {what} there; orders::all(\"{}\") is all of it",
            key.name
        )
    }
}

fn is_of_flash_loan(operation: &Operation) -> bool {
    matches!(operation, Operation::FlashBorrow { .. } | Operation::FlashRepay { .. })
}
