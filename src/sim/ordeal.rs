//! What venues do from a time on because the run's stress says so; dated, where a mishap waits for an occasion.

use rust_decimal::Decimal;

use crate::market::stress::{Ordeal, Plight};
use crate::types::{Operation, Settlement, Timestamp, VenueId};

use super::inbound::settled;
use super::request::Request;
use super::weather::Weather;
use super::world::World;

impl<W: Weather + Clone> World<W> {
    /// From now on these happen at their times.
    pub fn undergo(&mut self, ordeals: &[Ordeal]) {
        self.ordeals.extend_from_slice(ordeals);
    }

    /// What has not happened because there was no occasion: a short to be closed.
    pub fn spared(&self) -> impl Iterator<Item = &Ordeal> {
        self.ordeals.iter().filter(|ordeal| ordeal.plight == Plight::Deleverage)
    }

    /// What begins at this tick, and what waited for it.
    pub(super) fn befall(&mut self, now: Timestamp, weather: &W) {
        if self.ordeals.is_empty() {
            return;
        }
        for ordeal in std::mem::take(&mut self.ordeals) {
            match ordeal.plight {
                _ if now < ordeal.from => self.ordeals.push(ordeal),
                Plight::Down(venue) => {
                    self.take_down(venue, ordeal.until);
                    self.suspended.push((venue, ordeal.until));
                }
                Plight::LentOut => self.floor.ledger.depth_mut().lend_out(ordeal.until),
                Plight::Fills(..) if now < ordeal.until => self.ordeals.push(ordeal),
                Plight::Fills(..) => {}
                Plight::Deleverage => {
                    if !self.deleverage(now, weather) {
                        self.ordeals.push(ordeal);
                    }
                }
            }
        }
    }

    /// Closes the largest short of all exchanges; whether there was one.
    fn deleverage(&mut self, now: Timestamp, weather: &W) -> bool {
        let Some((venue, market, postings)) = self.floor.deleverage(weather, now) else {
            return false;
        };
        let kind = Settlement::Deleveraging(market);
        let report = settled(&mut self.references, venue, now, kind, postings);
        self.post.settle(now, report);
        true
    }

    /// The first leg of a group that a venue which is down cannot carry out: one that cannot be done undoes them all.
    pub(super) fn held_up_leg(
        &self,
        now: Timestamp,
        venues: impl Iterator<Item = VenueId>,
    ) -> Option<(u16, VenueId)> {
        let is_down =
            |venue| self.suspended.iter().any(|(down, until)| *down == venue && now < *until);
        (0..).zip(venues).find(|(_, venue)| is_down(*venue))
    }

    /// The part of an order that a venue fills at a time.
    pub(super) fn filled_share(&self, at: Timestamp, venue: VenueId, request: &Request) -> Decimal {
        let is_trade =
            matches!(request.operation, Operation::SpotTrade { .. } | Operation::PerpTrade { .. });
        let shares = self.ordeals.iter().filter_map(|ordeal| match ordeal.plight {
            Plight::Fills(of, share) if of == venue && ordeal.from <= at && at < ordeal.until => {
                Some(share)
            }
            _ => None,
        });
        if is_trade { shares.product() } else { Decimal::ONE }
    }
}
