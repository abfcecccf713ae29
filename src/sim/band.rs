//! A range of prices inside which an account is known to survive, so that most bars need three comparisons and no margin.
//!
//! Margin less maintenance is concave in the perp's price when the collateral coin is worth a fixed share of it. If it is
//! above zero at both ends of a range, for a coin that is worth a little less than it is now, it is above zero everywhere in
//! the range. A band holds until the books change, a new table of tiers comes into force, or a price leaves it.

use rust_decimal::Decimal;

use crate::market::Bar;
use crate::types::venue::MarginRules;
use crate::types::{Price, Timestamp};

use super::account::Account;
use super::ledger::Ledger;
use super::liquidation::Path;
use super::weather::Weather;

/// How far the band reaches beyond the bar it was drawn around.
const BELOW: Decimal = Decimal::from_parts(9, 0, 0, false, 1);
const ABOVE: Decimal = Decimal::from_parts(11, 0, 0, false, 1);
/// The least share of today's ratio of coin to perp that the band allows for.
const PARITY: Decimal = Decimal::from_parts(97, 0, 0, false, 2);

/// Where one account is safe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Band {
    /// The books that it was drawn for.
    changes: u64,
    low: Price,
    high: Price,
    /// The least price of the collateral coin, as a share of the perp's; zero without collateral.
    parity: Decimal,
    /// When other tiers come into force.
    until: Option<Timestamp>,
}

impl Band {
    /// Whether an account of one perp survives a bar for certain.
    pub(super) fn covers(
        &self,
        ledger: &Ledger,
        account: &Account,
        bar: &Bar,
        before: &dyn Weather,
    ) -> bool {
        let is_current =
            self.changes == ledger.changes() && self.until.is_none_or(|until| bar.at < until);
        if !is_current || bar.low < self.low || bar.high > self.high {
            return false;
        }
        if self.parity.is_zero() {
            return true;
        }
        let coin = account.coins.first().and_then(|coin| coin.price(before));
        coin.is_some_and(|coin| coin.get() >= bar.open.get() * self.parity)
    }

    /// The band around the bar that a path runs through; `None` where it would be unsafe, or the account is not simple: more
    /// than one perp or collateral coin, or a coin that does not move with the perp.
    pub(super) fn around(
        path: &Path,
        ledger: &Ledger,
        account: &Account,
        rules: &MarginRules,
        before: &dyn Weather,
    ) -> Option<Self> {
        let [perp] = account.perps[..] else { return None };
        let is_simple =
            account.coins.len() <= 1 && account.coins.iter().all(|it| it.follows == Some(0));
        if !is_simple {
            return None;
        }
        let bar = path.only_bar()?;
        let coin = account.coins.first().filter(|coin| ledger.quantity(coin.key).is_positive());
        let parity = match coin {
            Some(coin) => (coin.price(before)?.get() * PARITY).checked_div(bar.open.get())?,
            None => Decimal::ZERO,
        };
        let (low, high) = (bar.low.get() * BELOW, bar.high.get() * ABOVE);
        let is_safe =
            [low, high].into_iter().all(|price| path.excess_at(price, PARITY).is_sign_positive());
        let tables = rules.tiers.iter().filter(|table| table.market == perp.market);
        let until = tables.map(|table| table.as_of).filter(|as_of| *as_of > bar.at).min();
        is_safe.then(|| Self {
            changes: ledger.changes(),
            low: Price::new(low),
            high: Price::new(high),
            parity,
            until,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sim::liquidation::Extreme;
    use crate::sim::session::Session;
    use crate::sim::testkit::{Kit, hour};
    use crate::sim::weather::Table;

    /// Prices in cents: the spot, then the perp's open, and how far its bar reached up and down in per mille.
    type Moment = (i64, i64, i64, i64);

    fn cents(number: i64) -> Price {
        Price::new(Decimal::new(number, 2))
    }

    /// The market before a bar, and after it.
    fn weather(kit: &Kit, (spot, open, up, down): Moment) -> [Table; 2] {
        let part =
            |per_mille: i64| Price::new(cents(open).get() * Decimal::new(1_000 + per_mille, 3));
        let bar = [cents(open), part(up), part(-down), cents(open)];
        let before = Table::at(hour(0)).price(kit.spot, cents(spot)).price(kit.perp, cents(open));
        let after = Table::at(hour(1)).price(kit.perp, cents(open)).bar(kit.perp, bar);
        [before, after]
    }

    /// A moment with the perp's open in a range, and the spot that many per mille off it.
    fn moment(
        open: std::ops::Range<i64>,
        parity: std::ops::Range<i64>,
        reach: i64,
    ) -> impl Strategy<Value = Moment> {
        (open, parity, 0..reach, 0..reach)
            .prop_map(|(open, parity, up, down)| (open + open * parity / 1_000, open, up, down))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        #[test]
        fn a_bar_that_the_band_covers_liquidates_nobody(
            cash in -90_000_i64..100_000, coins in 0_i64..3_000, size in -9_000_i64..9_000,
            entry in 8_000_i64..12_000,
            first in moment(9_500..10_500, -60..60, 30),
            second in prop_oneof![
                moment(6_000..15_000, -60..60, 150),
                moment(9_800..10_200, -600..0, 10),
            ],
        ) {
            let kit = Kit::unified();
            let universe = &kit.setup.universe;
            let accounts: Vec<_> =
                universe.venues().iter().map(|venue| Account::of(universe, venue)).collect();
            let account = accounts[kit.exchange.index()].as_ref().unwrap();
            let rules = universe.venue(kit.exchange).margin.as_ref().unwrap();
            let mut ledger = Ledger::new(universe.instruments().len(), &[]);
            let (size, coins) = (Decimal::new(size, 3), Decimal::new(coins, 3));
            let cost = (size * cents(entry).get()).to_string();
            ledger.post(&[
                kit.posting(kit.cash, &Decimal::new(cash, 2).to_string(), "0"),
                kit.posting(kit.coins, &coins.to_string(), "0"),
                kit.posting(kit.position, &size.to_string(), &cost),
            ]);
            let [before, after] = weather(&kit, first);
            let [later, latest] = weather(&kit, second);
            let mut at = |weather: &Table, before: &Table, look: &mut dyn FnMut(&Path, &Ledger)| {
                let (setup, ledger) = (&*kit.setup, &mut ledger);
                let session = Session { setup, accounts: &accounts, ledger, weather, now: hour(1) };
                if let Some(path) = Path::of(&session, account, rules, before) {
                    look(&path, session.ledger);
                }
            };
            let mut band = None;
            at(&after, &before, &mut |path, ledger| {
                band = Band::around(path, ledger, account, rules, &before);
                if band.is_some() {
                    assert_eq!(path.crossing(Extreme::Low), None);
                    assert_eq!(path.crossing(Extreme::High), None);
                }
            });
            let Some(band) = band else { return Ok(()) };
            at(&latest, &later, &mut |path, ledger| {
                let bar = path.only_bar().unwrap();
                if band.covers(ledger, account, bar, &later) {
                    assert_eq!(path.crossing(Extreme::Low), None);
                    assert_eq!(path.crossing(Extreme::High), None);
                }
            });
        }
    }

    #[test]
    fn a_band_ends_when_the_books_change_or_other_tiers_come_into_force() {
        let kit = Kit::usdt();
        let universe = &kit.setup.universe;
        let accounts: Vec<_> =
            universe.venues().iter().map(|venue| Account::of(universe, venue)).collect();
        let account = accounts[kit.exchange.index()].as_ref().unwrap();
        let rules = universe.venue(kit.exchange).margin.as_ref().unwrap();
        let mut ledger = Ledger::new(universe.instruments().len(), &[]);
        ledger.post(&[kit.posting(kit.cash, "1000", "0"), kit.posting(kit.position, "1", "100")]);
        let [before, after] = weather(&kit, (10_000, 10_000, 10, 10));
        let (setup, weather) = (&*kit.setup, &after);
        let session =
            Session { setup, accounts: &accounts, ledger: &mut ledger, weather, now: hour(1) };
        let path = Path::of(&session, account, rules, &before).unwrap();
        let bar = *path.only_bar().unwrap();
        let band = Band::around(&path, session.ledger, account, rules, &before).unwrap();
        assert!(band.covers(session.ledger, account, &bar, &before));
        let last = Timestamp::from_ms(Kit::NEW_TIERS.ms() - 1);
        assert!(band.covers(session.ledger, account, &Bar { at: last, ..bar }, &before));
        let at = Kit::NEW_TIERS;
        assert!(!band.covers(session.ledger, account, &Bar { at, ..bar }, &before));
        session.ledger.post(&[kit.posting(kit.cash, "-1", "0")]);
        assert!(!band.covers(session.ledger, account, &bar, &before));
    }
}
