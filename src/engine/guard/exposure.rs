//! Gross exposure: what a plan changes of it, against its action's name and against plans that have failed.

use rust_decimal::Decimal;

use crate::portfolio::Books;
use crate::portfolio::equity::exposures;
use crate::types::{Action, Cause, Code, Posting, TokenId, Value};

use super::super::state::State;
use super::{Stop, Walk, held_back, refused};

/// A change of gross exposure below this part of it, or of equity, is no change: lots, fees and gas, not intent.
const EXPOSURE_DUST: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

impl Walk<'_> {
    /// The action's name against the change of gross exposure.
    pub(super) fn name(&self, action: Action, before: Decimal, after: Decimal) -> Result<(), Stop> {
        let equity =
            self.step.equity.get() / self.step.prices.quote_value().unwrap_or(Decimal::ONE);
        let dust = before.max(after).max(equity.abs()) * EXPOSURE_DUST;
        let (falls, grows) = (after < before - dust, after > before + dust);
        let better = match action {
            Action::EntryFull | Action::EntryPartial if falls => "exit_partial",
            Action::ExitFull | Action::ExitPartial | Action::SellDust if grows => "entry_partial",
            Action::Hold => "entry_partial or exit_partial",
            _ => return Ok(()),
        };
        Err(refused(
            Code::Strat003,
            format!(
                "a decision called {} would take gross exposure from {} to {}; call it {better}",
                action.text(),
                before.round_dp(2),
                after.round_dp(2)
            ),
        ))
    }

    /// What adds exposure waits after plans that failed one after the other.
    pub(super) fn failed_before(&self, before: Decimal, after: Decimal) -> Result<(), Stop> {
        let State { adds_from, failures, .. } = self.state;
        if after <= before || self.step.now >= *adds_from {
            return Ok(());
        }
        let message = format!(
            "nothing came of the last {failures} plans; what adds exposure waits until {adds_from} (execution.failure_backoff_h)"
        );
        Err(held_back(Code::Exec001, message))
    }

    /// The first coin, of those that are not the share class's own, of which more would be unhedged after the orders: its net
    /// exposure would be farther from nothing than it is and beyond its band (`risk.delta_drift`), by more than lots and fees.
    pub(super) fn less_hedged(&self) -> Option<TokenId> {
        let (step, universe) = (self.step, self.step.universe());
        let home = universe.base(step.setup.share_class.token);
        let equity = step.equity.get() / step.prices.quote_value().unwrap_or(Decimal::ONE);
        let dust = self.gross_exposure(&step.books).max(equity.abs()) * EXPOSURE_DUST;
        let band = step.setup.risk.delta_drift.map_or(Decimal::ZERO, |limit| limit.get() * equity);
        let (books, mut after) = (self.without_gas(), Vec::new());
        let values = vec![Value::ZERO; universe.instruments().len()];
        exposures(universe, &books, &step.prices, &values, &mut after);
        let mut changed = universe.markets().iter().filter_map(|market| {
            let (token, price) = (market.base, step.price(market.id)?);
            let [before, after] = [step.net_delta[token.index()], after[token.index()].net]
                .map(|net| (price * net.abs()).get());
            (token != home && after > before + dust && after > band).then_some(token)
        });
        changed.next()
    }

    /// The books as they would be if no gas were paid: what a chain takes is a cost, not a change of exposure.
    pub(super) fn without_gas(&self) -> Books {
        let mut books = self.books.clone();
        if let Some((key, gas)) = self.gas {
            books.post_unchecked(&Posting::plain(key, gas, Cause::Gas));
        }
        books
    }

    /// Σ |perp notional| and the value of coins, in quote.
    pub(super) fn gross_exposure(&self, books: &Books) -> Decimal {
        let universe = self.step.universe();
        let held = universe.instruments().iter().zip(books.holdings());
        held.map(|(key, holding)| {
            let price = match key.market {
                Some(market) => self.step.price(market),
                None if key.token == self.step.setup.quote => None,
                None => self.step.prices.own_price(key.id),
            };
            price.map_or(Decimal::ZERO, |price| (price * holding.quantity).abs().get())
        })
        .sum()
    }
}
