//! The exchange's own books: its arithmetic, its ledger, its memory of orders, and its account of what clients did wrong.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::wire::{Asset, Balances, Book, Entry, EntryKind, NewOrder, Settled, Status, Told, Way};

const SPOT_FEE: Decimal = Decimal::from_parts(1, 0, 0, false, 3);
const PERP_FEE: Decimal = Decimal::from_parts(5, 0, 0, false, 4);
const DECIMALS: u32 = 8;

#[derive(Clone, Debug, Default)]
pub struct Account {
    pub usdt: Decimal,
    pub btc: Decimal,
    pub position: Decimal,
    pub cost: Decimal,
}

#[derive(Debug)]
pub struct Books {
    pub account: Account,
    /// The account before each of its last changes, oldest first, with when it was last true.
    past: Vec<Balances>,
    orders: BTreeMap<String, Record>,
    pub settled: Vec<Settled>,
    pub spot: Decimal,
    pub perp: Decimal,
    /// Fees paid, in USDT at the price of their moment.
    pub fees: Decimal,
    /// Funding received, in USDT.
    pub funding: Decimal,
    /// How often each id was posted.
    pub posted: BTreeMap<String, u32>,
    /// How often each id was filled.
    pub fills: BTreeMap<String, u32>,
}

#[derive(Clone, Debug)]
struct Record {
    order: NewOrder,
    told: Told,
}

impl Books {
    pub fn new(usdt: Decimal, spot: Decimal, perp: Decimal) -> Self {
        Self {
            account: Account { usdt, ..Account::default() },
            past: Vec::new(),
            orders: BTreeMap::new(),
            settled: Vec::new(),
            spot,
            perp,
            fees: Decimal::ZERO,
            funding: Decimal::ZERO,
            posted: BTreeMap::new(),
            fills: BTreeMap::new(),
        }
    }

    /// Takes an order; `share` of it finds a counterparty, and it fills at once unless `keep_open`. An id that is open is
    /// refused, one whose order has ended is taken again, as Binance does: who sends an order twice has it twice.
    pub fn place(
        &mut self,
        order: &NewOrder,
        share: Decimal,
        keep_open: bool,
        now: i64,
    ) -> Result<Told, &'static str> {
        if now > order.sent_at + order.window_ms {
            return Err("EXPIRED");
        }
        let known = self.orders.get(&order.client_id);
        if known.is_some_and(|record| record.told.status == Status::Open) {
            return Err("DUPLICATE");
        }
        let open = Told {
            status: Status::Open,
            executed: Decimal::ZERO,
            price: Decimal::ZERO,
            entries: Vec::new(),
            received_at: now,
            executed_at: now,
            reason: None,
        };
        let record = Record { order: order.clone(), told: open };
        self.orders.insert(order.client_id.clone(), record);
        if !keep_open {
            self.execute(&order.client_id, share, now);
        }
        Ok(self.orders[&order.client_id].told.clone())
    }

    pub fn query(&self, client_id: &str) -> Option<Told> {
        self.orders.get(client_id).map(|record| record.told.clone())
    }

    /// Fills an open order, or rejects it.
    pub fn execute(&mut self, client_id: &str, share: Decimal, now: i64) {
        let Record { order, told } = self.orders[client_id].clone();
        if told.status != Status::Open {
            return;
        }
        let done = self.fill(&order, share, now).map_or_else(
            |reason| Told {
                status: Status::Rejected,
                reason: Some(reason.to_owned()),
                ..told.clone()
            },
            |filled| Told { received_at: told.received_at, ..filled },
        );
        if done.status != Status::Rejected {
            *self.fills.entry(client_id.to_owned()).or_default() += 1;
            self.apply(&done.entries, now);
        }
        if let Some(record) = self.orders.get_mut(client_id) {
            record.told = done;
        }
    }

    fn fill(&self, order: &NewOrder, share: Decimal, now: i64) -> Result<Told, &'static str> {
        let price = if order.book == Book::Spot { self.spot } else { self.perp };
        let is_worse = match order.way {
            Way::Buy => price > order.limit,
            Way::Sell => price < order.limit,
        };
        if is_worse {
            return Err("LIMIT");
        }
        let mut quantity = order.quantity;
        if order.reduce_only {
            let closes = (order.way == Way::Buy) == self.account.position.is_sign_negative();
            if self.account.position.is_zero() || !closes {
                return Err("REDUCE_ONLY");
            }
            quantity = quantity.min(self.account.position.abs());
        }
        if share < Decimal::ONE {
            quantity = (quantity * share).round_dp_with_strategy(3, RoundingStrategy::ToZero);
        }
        if quantity.is_zero() {
            return Err("NO_COUNTERPARTY");
        }
        let signed = if order.way == Way::Buy { quantity } else { -quantity };
        let entries = match order.book {
            Book::Spot => spot_entries(signed, price),
            Book::Perp => self.perp_entries(signed, price),
        };
        let mut after = self.account.clone();
        add(&mut after, &entries);
        if after.btc.is_sign_negative() || after.usdt.is_sign_negative() {
            return Err("INSUFFICIENT_BALANCE");
        }
        let is_whole = quantity == order.quantity;
        Ok(Told {
            status: if is_whole { Status::Filled } else { Status::Partial },
            executed: quantity,
            price,
            entries,
            received_at: now,
            executed_at: now,
            reason: None,
        })
    }

    fn perp_entries(&self, signed: Decimal, price: Decimal) -> Vec<Entry> {
        let held = &self.account;
        let is_closing = !held.position.is_zero()
            && held.position.is_sign_negative() != signed.is_sign_negative();
        let closed = if is_closing { signed.abs().min(held.position.abs()) } else { Decimal::ZERO };
        let removed = match closed {
            none if none.is_zero() => none,
            all if all == held.position.abs() => held.cost,
            part => up(held.cost * part / held.position.abs()),
        };
        let closing = if signed.is_sign_negative() { -closed } else { closed };
        let cost = up(price * (signed - closing)) - removed;
        let mut entries = vec![entry(Asset::Position, EntryKind::Trade, signed)];
        entries[0].cost = cost;
        if is_closing {
            let realised = -up(price * closing) - removed;
            entries.push(entry(Asset::Usdt, EntryKind::Realised, realised));
        }
        let fee = up(price * signed.abs() * PERP_FEE);
        entries.push(entry(Asset::Usdt, EntryKind::Fee, -fee));
        entries
    }

    /// Funding of the position at a rate: longs pay shorts when it is positive.
    pub fn settle(&mut self, rate: Decimal, now: i64) {
        let paid = -up(self.account.position * self.perp * rate);
        if paid.is_zero() {
            return;
        }
        let entries = vec![entry(Asset::Usdt, EntryKind::Funding, paid)];
        self.apply(&entries, now);
        let reference = self.settled.len() as u64 + 1;
        self.settled.push(Settled { reference, at: now, entries });
    }

    fn apply(&mut self, entries: &[Entry], now: i64) {
        self.past.push(Balances { as_of: now - 1, ..self.balances(now) });
        if self.past.len() > 4 {
            self.past.remove(0);
        }
        add(&mut self.account, entries);
        for entry in entries {
            match (entry.kind, entry.asset) {
                (EntryKind::Fee, Asset::Btc) => self.fees -= entry.amount * self.spot,
                (EntryKind::Fee, _) => self.fees -= entry.amount,
                (EntryKind::Funding, _) => self.funding += entry.amount,
                _ => {}
            }
        }
    }

    pub fn balances(&self, now: i64) -> Balances {
        let Account { usdt, btc, position, cost } = self.account.clone();
        Balances { as_of: now, usdt, btc, position, cost }
    }

    /// The account as it was before its last changes, and honest about when that was.
    pub fn stale_balances(&self, now: i64) -> Balances {
        self.past.first().cloned().unwrap_or_else(|| self.balances(now))
    }

    /// What the account is worth at the exchange's prices.
    pub fn equity(&self) -> Decimal {
        let Account { usdt, btc, position, cost } = &self.account;
        *usdt + *btc * self.spot + *position * self.perp - *cost
    }

    /// What a careful client never does: an id posted twice, an id filled twice, an intent (plan and leg, over all its
    /// attempts) filled twice.
    pub fn audit(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (id, times) in self.posted.iter().filter(|(_, times)| **times > 1) {
            found.push(format!("{id} was posted {times} times"));
        }
        for (id, times) in self.fills.iter().filter(|(_, times)| **times > 1) {
            found.push(format!("{id} was filled {times} times"));
        }
        let mut intents: BTreeMap<&str, u32> = BTreeMap::new();
        for id in self.fills.keys() {
            let intent = id.rsplit_once('a').map_or(id.as_str(), |(intent, _)| intent);
            *intents.entry(intent).or_default() += 1;
        }
        for (intent, times) in intents.iter().filter(|(_, times)| **times > 1) {
            found.push(format!("the intent {intent} was filled by {times} of its attempts"));
        }
        found
    }
}

fn spot_entries(signed: Decimal, price: Decimal) -> Vec<Entry> {
    let notional = price * signed;
    let mut entries = vec![
        entry(Asset::Btc, EntryKind::Trade, signed),
        entry(Asset::Usdt, EntryKind::Trade, -up(notional)),
    ];
    entries.push(if signed.is_sign_negative() {
        entry(Asset::Usdt, EntryKind::Fee, -up(notional.abs() * SPOT_FEE))
    } else {
        entry(Asset::Btc, EntryKind::Fee, -up(signed * SPOT_FEE))
    });
    entries
}

fn add(account: &mut Account, entries: &[Entry]) {
    for entry in entries {
        match entry.asset {
            Asset::Usdt => account.usdt += entry.amount,
            Asset::Btc => account.btc += entry.amount,
            Asset::Position => account.position += entry.amount,
        }
        account.cost += entry.cost;
    }
}

fn entry(asset: Asset, kind: EntryKind, amount: Decimal) -> Entry {
    Entry { asset, kind, amount, cost: Decimal::ZERO }
}

/// Rounded in the exchange's favour: what the client pays grows, what it receives shrinks.
fn up(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(DECIMALS, RoundingStrategy::ToPositiveInfinity)
}
