//! The guard: the only way from a plan to something that can be sent. A script cannot forget it.
//!
//! A plan passes whole, is held back by risk (the decision becomes a hold with its reason), or is refused as invalid.

mod chain;
mod exposure;
mod gas;
mod order;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::portfolio::{Books, LendingPlan, MarginPlan};
use crate::types::chain::Draw;
use crate::types::{
    Action, AmountBase, Cause, Code, Coded, Expected, Item, KeyId, Notional, Operation,
    OperationId, Order, Plan, PositionType, Posting, Quantity, TokenId, Universe,
};

use super::promise::gas_of;
use super::promise_chain::draw_of;
use super::state::State;
use super::step_view::StepView;
use super::tell::tell;

pub use order::floored;

/// A plan that has passed the guard. There is no other way to make one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Guarded(Plan);

impl Guarded {
    /// The plan.
    pub fn into_inner(self) -> Plan {
        self.0
    }

    /// How many orders it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none; one that has passed has some.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Gross exposure before a plan and after it, in the quote token.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fall {
    /// Σ |perp notional| and the value of coins, before.
    pub before: Notional,
    /// The same after it, gas left out.
    pub after: Notional,
}

impl Fall {
    /// By how much it falls; zero where it rises.
    pub fn by(self) -> Notional {
        (self.before - self.after).max(Notional::ZERO)
    }
}

/// What the guard says.
#[derive(Debug)]
pub enum Verdict {
    /// It may be sent, and changes gross exposure like this.
    Pass(Guarded, Fall),
    /// Risk does not allow it now; no fault of the strategy.
    HeldBack(Coded),
    /// It is invalid.
    Refused(Coded),
}

/// Judges a plan on the measured step.
pub fn guard(
    step: &StepView,
    state: &State,
    (plans, lending): (&[MarginPlan], &[LendingPlan]),
    action: Action,
    plan: Plan,
) -> Verdict {
    let (books, draws) = (step.books.clone(), state.draws.clone());
    let mut walk = Walk { step, state, books, draws, gas: None, plans, lending };
    match walk.check(action, &plan) {
        Ok(fall) => Verdict::Pass(Guarded(plan), fall),
        Err(Stop::HeldBack(why)) => Verdict::HeldBack(why),
        Err(Stop::Refused(why)) => Verdict::Refused(why),
    }
}

/// A coin of which a plan, as far as it goes, would leave more unhedged than there is; `None` where it leaves no coin so. What
/// it cannot be walked through is judged by [`guard`].
pub fn opens(
    step: &StepView,
    state: &State,
    (plans, lending): (&[MarginPlan], &[LendingPlan]),
    plan: &Plan,
) -> Option<TokenId> {
    let (books, draws) = (step.books.clone(), state.draws.clone());
    let mut walk = Walk { step, state, books, draws, gas: None, plans, lending };
    let mut outputs = Vec::new();
    let walked = plan.items.iter().try_for_each(|item| walk.item(item, &mut outputs));
    walked.ok().and_then(|()| walk.less_hedged())
}

/// What some orders pay for gas together, from the chain's gas key.
fn gas_of_all(step: &StepView, orders: &[Order]) -> Option<(KeyId, Quantity)> {
    let paid = orders.iter().filter_map(|order| gas_of(step, &order.operation));
    paid.reduce(|(key, sum), (_, gas)| (key, sum + gas))
}

enum Stop {
    HeldBack(Coded),
    Refused(Coded),
}

fn refused(code: Code, message: impl Into<String>) -> Stop {
    Stop::Refused(Coded::new(code, message))
}

fn held_back(code: Code, message: impl Into<String>) -> Stop {
    Stop::HeldBack(Coded::new(code, message))
}

/// For how long an account would stand as a plan leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// Until the next order, or for good when that one fails.
    BetweenOrders,
    AtTheEnd,
}

/// The books as they would be, order after order.
struct Walk<'a> {
    step: &'a StepView,
    state: &'a State,
    books: Books,
    draws: Vec<Draw>,
    /// What the orders so far pay for gas together, and from where.
    gas: Option<(KeyId, Quantity)>,
    plans: &'a [MarginPlan],
    lending: &'a [LendingPlan],
}

/// What an order brings to the orders after it.
struct Output {
    of: OperationId,
    /// What it is expected to bring, or why it brings them nothing.
    brings: Result<Quantity, &'static str>,
}

impl Output {
    fn of(order: &Order, deltas: &[Expected], universe: &Universe) -> Self {
        let brings = match order.operation.output(universe) {
            Some(key) => deltas.iter().find(|delta| delta.key == key).map(|delta| delta.expected).ok_or(
                "a transfer that is still on its way when the plan goes on; decide again when ctx.pending is empty",
            ),
            None => Err("an order that brings no tokens"),
        };
        Self { of: order.operation_id, brings }
    }
}

impl Walk<'_> {
    fn check(&mut self, action: Action, plan: &Plan) -> Result<Fall, Stop> {
        if plan.is_empty() {
            return Err(refused(
                Code::Strat003,
                format!("{} has no order; answer hold instead", action.text()),
            ));
        }
        let before = self.gross_exposure(&self.books);
        let mut outputs = Vec::new();
        for (number, item) in plan.items.iter().enumerate() {
            self.item(item, &mut outputs)?;
            if number + 1 < plan.items.len() {
                self.lending(&plan.items[..=number], Stands::BetweenOrders)?;
            }
        }
        // What only moves is the same afterwards, whatever another venue's price makes of it.
        let after =
            if only_moves(plan) { before } else { self.gross_exposure(&self.without_gas()) };
        self.name(action, before, after)?;
        self.failed_before(before, after)?;
        self.margin()?;
        self.lending(&plan.items, Stands::AtTheEnd)?;
        Ok(Fall { before: Notional::new(before), after: Notional::new(after) })
    }

    /// Checks a member of the plan. `outputs` are the orders before it whose output can be used.
    fn item(&mut self, item: &Item, outputs: &mut Vec<Output>) -> Result<(), Stop> {
        let is_parallel = matches!(item, Item::Parallel { .. });
        let (mut beside, mut incoming) = (Vec::new(), Vec::new());
        if is_parallel {
            self.one_order_a_market(item.orders())?;
        }
        let mut weakened = is_parallel.then(|| self.books.clone());
        let gas = if is_parallel { None } else { gas_of_all(self.step, item.orders()) };
        let for_gas = gas.map(|(key, _)| self.books.quantity(key));
        // Legs that go together are bound on the books before them, the legs of an atomic group one after the other.
        let before = is_parallel.then(|| self.books.clone());
        for order in item.orders() {
            self.uses_what_is_there(order, is_parallel, outputs)?;
            if matches!(item, Item::Atomic(_)) {
                self.atomic(order)?;
            } else {
                self.is_no_flash_loan(order)?;
            }
            let books = before.as_ref().unwrap_or(&self.books);
            let quantity = self.quantity(order, books, outputs);
            let deltas = self.order(order, quantity)?;
            self.pool_gives(order, quantity)?;
            self.draws.extend(draw_of(self.step, &self.draws, &order.operation, quantity));
            self.pays_gas(order);
            if let Some(books) = weakened.as_mut().filter(|_| weakens(&order.operation)) {
                deltas.iter().for_each(|delta| take(self.step, books, delta));
            }
            let output = Output::of(order, &deltas, self.step.universe());
            if is_parallel {
                beside.push(output)
            } else {
                outputs.push(output)
            }
            // Legs that go together are paid from what lies there before the group.
            let (out, into): (Vec<_>, Vec<_>) =
                deltas.into_iter().partition(|delta| delta.expected.is_negative());
            self.pay(order, &out)?;
            if is_parallel {
                incoming.extend(into);
            } else {
                self.receive(&into);
            }
        }
        // What a transaction pays for gas lies in the wallet before it: what it brings comes too late.
        if let Some(((key, gas), lies)) = gas.zip(for_gas).filter(|((_, gas), lies)| gas > lies) {
            return Err(self.short_of_gas(item, key, gas, lies));
        }
        if let Some(books) = weakened {
            // A leg that strengthens an account may be refused beside one that weakens it.
            let whole = std::mem::replace(&mut self.books, books);
            self.lending(std::slice::from_ref(item), Stands::BetweenOrders)?;
            self.books = whole;
        }
        self.receive(&incoming);
        outputs.append(&mut beside);
        if matches!(item, Item::Atomic(_)) {
            self.flash_loans_are_repaid(item.orders())
        } else {
            Ok(())
        }
    }

    /// An amount that is the output of an order must come from one before it that brings something while the plan runs.
    fn uses_what_is_there(
        &self,
        order: &Order,
        is_parallel: bool,
        outputs: &[Output],
    ) -> Result<(), Stop> {
        let AmountBase::Output(id) = order.amount.base else { return Ok(()) };
        let why = match outputs.iter().find(|output| output.of == id) {
            Some(Output { brings: Ok(_), .. }) => return Ok(()),
            Some(Output { brings: Err(why), .. }) => *why,
            None if is_parallel => {
                "an order that is not before it: parallel legs cannot use each other's output"
            }
            None => "an order that is not before it: it comes later",
        };
        let told = tell(self.step.universe(), order);
        Err(refused(Code::Strat003, format!("{told} uses the output of {why}")))
    }

    /// How much an order will be for, as far as can be known.
    fn quantity(&self, order: &Order, books: &Books, outputs: &[Output]) -> Quantity {
        let amount = match order.amount.base {
            AmountBase::Fixed(quantity) => order.amount.resolve(quantity),
            AmountBase::All(key) => {
                let tokens = self.step.unscaled(key, books.quantity(key));
                order.amount.resolve(tokens.abs())
            }
            AmountBase::Output(id) => {
                let source = outputs.iter().find(|output| output.of == id);
                let brought = source.and_then(|output| output.brings.ok());
                let told = order.amount.expected;
                // The strategy has told what its source brings by itself; behind others of the plan it may bring less.
                let walked = brought.map(|brought| order.amount.resolve(brought));
                walked.filter(|walked| walked.is_positive()).map_or(told, |walked| walked.min(told))
            }
        };
        floored(self.step, &order.operation, amount)
    }

    /// Takes what an order pays from the projected books.
    fn pay(&mut self, order: &Order, out: &[Expected]) -> Result<(), Stop> {
        for delta in out {
            let universe = self.step.universe();
            let key = universe.instrument(delta.key);
            self.take(delta);
            let left = self.books.quantity(delta.key);
            let rules =
                universe.venue(key.venue).margin.as_ref().filter(|rules| rules.cash == delta.key);
            let floor = rules.map_or(Quantity::ZERO, |rules| -rules.credit().as_quantity());
            // A fee may take a perp account's cash below its floor: its margin is checked as a whole.
            let is_bounded = match order.operation {
                Operation::PerpTrade { .. } => false,
                _ => key.position_type != PositionType::Perp,
            };
            if is_bounded && left < floor {
                self.would_pass_without_gas(delta.key, floor - left)?;
                let lies = left - delta.expected;
                let sentence = self.too_much(order, delta, lies, -floor);
                return Err(refused(Code::Strat003, sentence));
            }
        }
        Ok(())
    }

    fn receive(&mut self, into: &[Expected]) {
        for delta in into {
            self.take(delta);
        }
    }

    fn take(&mut self, delta: &Expected) {
        take(self.step, &mut self.books, delta);
    }

    /// The initial margin of what would be held, at every venue where the plan adds to it.
    fn margin(&self) -> Result<(), Stop> {
        for plan in self.plans {
            let account = plan.account(&self.books, &self.step.prices, self.step.now);
            let before = self.step.margin[plan.venue().index()].unwrap_or_default();
            if account.notional > before.notional && account.balance < account.initial() {
                let name = &self.step.universe().venue(plan.venue()).name;
                return Err(refused(
                    Code::Risk003,
                    format!(
                        "the plan needs {} of margin at {name}, where {} would count",
                        account.initial().get().round_dp(2),
                        account.balance.get().round_dp(2)
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// Whether a plan has transfers alone.
fn only_moves(plan: &Plan) -> bool {
    let mut orders = plan.items.iter().flat_map(|item| item.orders());
    orders.all(|order| matches!(order.operation, Operation::Transfer { .. }))
}

/// Takes an expected change into books.
fn take(step: &StepView, books: &mut Books, delta: &Expected) {
    let key = step.universe().instrument(delta.key);
    let mut posting = Posting::plain(delta.key, delta.expected, Cause::Trade);
    if let Some(price) = key.market.and_then(|market| step.price(market)) {
        posting.cost = price * delta.expected;
    }
    books.post_unchecked(&posting);
}

/// Whether an operation makes a loan weaker.
const fn weakens(operation: &Operation) -> bool {
    matches!(operation, Operation::Borrow { .. } | Operation::Withdraw { .. })
}

/// A number as people read it.
fn plain(number: Decimal) -> Decimal {
    number.round_dp(6).normalize()
}
