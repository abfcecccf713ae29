//! What an exchange account is good for: margin balance, initial margin, and the maintenance of dated tiers.
//!
//! Unified: Σ collateral ratio × max(coins, 0) × price + cash + unrealised profit. Usdt: cash + unrealised profit.
//! Initial margin is Σ notional / max_leverage; maintenance is notional × rate − deduction of the tier it falls into.

use crate::types::venue::{MarginRules, MarginTier, MarginTiers};
use crate::types::{KeyId, Notional, Price, Quantity};

use super::account::Account;
use super::ledger::Ledger;
use super::weather::Weather;

/// An account at one moment's prices.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Margin {
    /// What counts as margin.
    pub(super) balance: Notional,
    /// What the positions need at their opening.
    pub(super) initial: Notional,
}

/// The account as it would be after `trial` changes of quantity and cost have been added to the ledger.
pub(super) fn margin(
    account: &Account,
    rules: &MarginRules,
    ledger: &Ledger,
    weather: &dyn Weather,
    trial: &[(KeyId, Quantity, Notional)],
) -> Margin {
    let held = |key: KeyId| {
        let mut slot = (ledger.quantity(key), ledger.cost(key));
        for (_, quantity, cost) in trial.iter().filter(|(changed, ..)| *changed == key) {
            slot.0 += *quantity;
            slot.1 += *cost;
        }
        slot
    };
    let mut balance = Notional::new(held(account.cash).0.get());
    let mut notional = Notional::ZERO;
    for perp in &account.perps {
        let (size, cost) = held(perp.position);
        if size.is_zero() {
            continue;
        }
        // A position without any price yet is worth what it cost.
        let value = weather.quote(perp.market).map_or(cost, |quote| quote.price * size);
        balance += value - cost;
        notional += value.abs();
    }
    for coin in &account.coins {
        let coins = held(coin.key).0;
        if coins.is_positive()
            && let Some(price) = coin.price(weather)
        {
            balance += haircut(coins, price, coin.ratio);
        }
    }
    let initial = Notional::new(notional.get() / rules.max_leverage);
    Margin { balance, initial }
}

/// What coins count for as collateral.
pub(super) fn haircut(coins: Quantity, price: Price, ratio: crate::types::Rate) -> Notional {
    coins * price * ratio
}

/// The maintenance margin of a position. Without a table nothing is maintained: only a balance of zero liquidates.
pub(super) fn maintenance(tiers: Option<&MarginTiers>, notional: Notional) -> Notional {
    tier(tiers, notional)
        .map_or(Notional::ZERO, |tier| (notional * tier.rate - tier.deduction).max(Notional::ZERO))
}

/// The tier of a notional: the first that reaches up to it, the last for anything larger.
pub(super) fn tier(tiers: Option<&MarginTiers>, notional: Notional) -> Option<&MarginTier> {
    let tiers = &tiers?.tiers;
    tiers.iter().find(|tier| notional <= tier.up_to).or_else(|| tiers.last())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testkit::{Kit, dec};
    use crate::sim::weather::Table;
    use crate::types::Timestamp;

    #[test]
    fn a_notional_on_the_edge_of_a_tier_belongs_to_the_lower_one_and_maintenance_is_continuous() {
        let kit = Kit::unified();
        let rules = kit.setup.universe.venue(kit.exchange).margin.as_ref().unwrap();
        let tiers = rules.tiers_at(kit.perp, Timestamp::from_ms(0));
        let at = |text: &str| maintenance(tiers, Notional::new(dec(text))).get();
        // 0.4 % to 300 000, then 0.5 % with 300 taken off.
        assert_eq!(at("299999.99999999"), dec("1199.99999999996"));
        assert_eq!(at("300000"), dec("1200"));
        assert_eq!(at("300000.00000001"), dec("1200.00000000005"));
        assert_eq!(at("9000000"), dec("44700"), "beyond the last tier the last one goes on");
        assert_eq!(maintenance(None, Notional::new(dec("5"))), Notional::ZERO);
    }

    #[test]
    fn tiers_are_dated() {
        let kit = Kit::unified();
        let rules = kit.setup.universe.venue(kit.exchange).margin.as_ref().unwrap();
        let rate = |at: Timestamp| {
            tier(rules.tiers_at(kit.perp, at), Notional::ZERO).map(|tier| tier.rate.get())
        };
        let later = Kit::NEW_TIERS;
        assert_eq!(rate(Timestamp::from_ms(later.ms() - 1)), Some(dec("0.004")));
        assert_eq!(rate(later), Some(dec("0.01")));
    }

    #[test]
    fn collateral_counts_after_its_haircut_in_unified_mode_only() {
        let prices = |kit: &Kit| {
            Table::default()
                .price(kit.perp, Price::new(dec("110")))
                .price(kit.spot, Price::new(dec("100")))
        };
        let of = |kit: &Kit| {
            let universe = &kit.setup.universe;
            let venue = universe.venue(kit.exchange);
            let account = Account::of(universe, venue).unwrap();
            let mut ledger = Ledger::new(universe.instruments().len(), &[]);
            ledger.post(&[
                kit.posting(kit.cash, "50", "0"),
                kit.posting(kit.coins, "2", "0"),
                kit.posting(kit.position, "-1", "-100"),
            ]);
            margin(&account, venue.margin.as_ref().unwrap(), &ledger, &prices(kit), &[])
        };
        // 50 cash − 10 unrealised, and 2 coins × 100 × 0.95 where they count; 110 of notional at 10×.
        let unified = of(&Kit::unified());
        assert_eq!((unified.balance.get(), unified.initial.get()), (dec("230"), dec("11")));
        assert_eq!(of(&Kit::usdt()).balance.get(), dec("40"));
    }
}
