//! What holds for any sequence of orders, prices and hours: nothing is made out of nothing, and rounding never helps us.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::sim::testkit::{Kit, bound, qty};
use crate::types::{GroupOutcome, Notional, Operation, PositionType, Price, Quantity, Rate};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    /// An hour passes: the new price in ten-millionths, how far the bar reached up and down in per mille, the funding in millionths.
    Hour { price: i64, up: i64, down: i64, funding: i64 },
    /// Thousandths of a coin.
    Trade { is_perp: bool, is_buy: bool, lots: i64 },
    /// Stop and target in per mille of the last price.
    Protect { stop: i64, target: i64 },
    /// Micro units of USDT, in or out.
    Transfer { is_in: bool, amount: i64 },
    /// Finneys of ether.
    Wrap { is_in: bool, amount: i64 },
    /// Two wrappings and a transfer that only happen together.
    Group { first: i64, second: i64, sent: i64 },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (500_000_000_i64..2_000_000_000, 0_i64..200, 0_i64..200, -800_i64..800)
            .prop_map(|(price, up, down, funding)| Act::Hour { price, up, down, funding }),
        6 => (any::<bool>(), any::<bool>(), 1_i64..9_000)
            .prop_map(|(is_perp, is_buy, lots)| Act::Trade { is_perp, is_buy, lots }),
        1 => (800_i64..1_200, 800_i64..1_200)
            .prop_map(|(stop, target)| Act::Protect { stop, target }),
        2 => (any::<bool>(), 1_i64..3_000_000_000)
            .prop_map(|(is_in, amount)| Act::Transfer { is_in, amount }),
        1 => (any::<bool>(), 1_i64..1_500).prop_map(|(is_in, amount)| Act::Wrap { is_in, amount }),
        1 => (1_i64..800, 1_i64..800, 1_i64..9_000_000_000)
            .prop_map(|(first, second, sent)| Act::Group { first, second, sent }),
    ]
}

/// A world under a sequence of acts, and what its messages say its balances are.
struct Play {
    kit: Kit,
    world: World<Table>,
    told: Vec<(Quantity, Notional)>,
    hours: i64,
    number: u16,
    price: Price,
}

impl Play {
    fn new(kit: Kit) -> Self {
        let world = kit.world();
        let told = world.balances().map(|it| (it.quantity, it.cost)).collect();
        let mut play = Self { kit, world, told, hours: 0, number: 0, price: Price::ZERO };
        play.act(&Act::Hour { price: 1_000_000_000, up: 0, down: 0, funding: 0 });
        play
    }

    fn act(&mut self, act: &Act) -> Option<Outcome> {
        let Kit { perp, usdt, cash, ether, weth, spot, .. } = self.kit;
        let wrap = |is_in, amount: i64| {
            let (from, to) = if is_in { (ether, weth) } else { (weth, ether) };
            bound(Operation::Wrap { from, to }, &Decimal::new(amount, 3).to_string())
        };
        let send = |is_in, amount: i64| {
            let (from, to) = if is_in { (usdt, cash) } else { (cash, usdt) };
            bound(Operation::Transfer { from, to }, &Decimal::new(amount, 6).to_string())
        };
        let order = match *act {
            Act::Hour { price, up, down, funding } => {
                self.hour(price, up, down, funding);
                return None;
            }
            Act::Trade { is_perp, is_buy, lots } => {
                let market = if is_perp { perp } else { spot };
                let quantity = Decimal::new(lots, 3).to_string();
                if is_buy {
                    self.kit.buy(market, &quantity)
                } else {
                    self.kit.sell(market, &quantity)
                }
            }
            Act::Protect { stop, target } => {
                let at = |per_mille| (self.price.get() * Decimal::new(per_mille, 3)).to_string();
                self.kit.protect(&at(stop), &at(target))
            }
            Act::Transfer { is_in, amount } => send(is_in, amount),
            Act::Wrap { is_in, amount } => wrap(is_in, amount),
            Act::Group { first, second, sent } => {
                let legs = [wrap(true, first), wrap(true, second), send(true, sent)];
                let legs: Vec<_> = legs.into_iter().map(|leg| (self.next_id(), leg)).collect();
                self.world.submit_group(hour(self.hours), &legs);
                self.listen();
                return None;
            }
        };
        let id = self.next_id();
        self.world.submit(hour(self.hours), id, &order);
        self.listen()
    }

    fn next_id(&mut self) -> crate::types::OrderId {
        self.number += 1;
        id(self.number)
    }

    fn hour(&mut self, price: i64, up: i64, down: i64, funding: i64) {
        self.hours += 1;
        // The bar that closes opened at the price of the hour before.
        let (open, close) = (self.price.get(), Decimal::new(price, 7));
        let part = |per_mille: i64| Decimal::new(1_000 + per_mille, 3);
        let high = open.max(close) * part(up);
        let low = open.min(close) * part(-down);
        let mut weather = self
            .kit
            .at(self.hours, &close.to_string())
            .funding(self.kit.perp, Rate::new(Decimal::new(funding, 6)));
        if self.price.is_positive() {
            weather = weather.bar(self.kit.perp, [open, high, low, close].map(Price::new));
        }
        self.price = Price::new(close);
        self.listen();
        self.world.tick(hour(self.hours), &weather);
        self.listen();
    }

    /// Hears everything until now and keeps its own books of it.
    fn listen(&mut self) -> Option<Outcome> {
        let mut last = None;
        for (_, message) in drain(&mut self.world, hour(self.hours)) {
            match message {
                Message::Outcome(_, outcome) => {
                    if let Outcome::Done(fill) = &outcome {
                        self.hear(&fill.deltas);
                    }
                    last = Some(outcome);
                }
                Message::GroupOutcome(_, GroupOutcome::Committed(fills)) => {
                    fills.iter().for_each(|fill| self.hear(&fill.deltas));
                }
                Message::GroupOutcome(_, GroupOutcome::RolledBack { deltas, .. }) => {
                    self.hear(&deltas);
                }
                Message::Report(report) => {
                    if let ReportBody::Settled { postings, .. } = report.body {
                        self.hear(&postings);
                    }
                }
                Message::Sent(_) | Message::GroupOutcome(..) => {}
            }
        }
        last
    }

    fn hear(&mut self, postings: &[Posting]) {
        for posting in postings {
            let key = self.kit.setup.universe.instrument(posting.key);
            assert!(posting.amount.get().normalize().scale() <= key.decimals, "{posting:?}");
            let slot = &mut self.told[posting.key.index()];
            slot.0 += posting.amount;
            slot.1 += posting.cost;
        }
    }

    fn check(&self) {
        let universe = &self.kit.setup.universe;
        let held: Vec<_> = self.world.balances().map(|it| (it.quantity, it.cost)).collect();
        assert_eq!(held, self.told, "what is told is what is held");
        assert_eq!(self.world.unexplained().count(), 0);
        for key in universe.instruments() {
            let (quantity, cost) = held[key.id.index()];
            let may_be_negative =
                key.position_type == PositionType::Perp || key.id == self.kit.cash;
            assert!(may_be_negative || !quantity.is_negative(), "{} holds {quantity}", key.name);
            if key.position_type == PositionType::Perp {
                assert!(!quantity.is_zero() || cost.is_zero(), "a flat position has no cost");
                assert!(quantity.is_zero() || quantity.is_negative() == cost.is_negative());
            } else {
                assert!(cost.is_zero());
            }
        }
        // Moves neither make nor lose anything: USDT by itself, ether with its wrapped form.
        let moved = |names: &[&str]| -> Quantity {
            let keys = universe.instruments().iter();
            keys.filter(|key| names.contains(&&**universe.token(key.token)))
                .map(|key| self.world.brought(key.id, Cause::Move))
                .sum()
        };
        assert!(moved(&["USDT"]).is_zero() && moved(&["ETH", "WETH"]).is_zero());
        assert_eq!(self.world.violations(), []);
    }
}

/// What the exchange account is worth at the last price, without haircuts.
fn worth(play: &Play) -> Decimal {
    let balance = |key| play.world.balance(key);
    let position = balance(play.kit.position);
    let coins = balance(play.kit.coins).quantity * play.price;
    let open = position.quantity * play.price - position.cost;
    balance(play.kit.cash).quantity.get() + coins.get() + open.get()
}

proptest! {
    #[test]
    fn the_books_agree_with_what_was_told_and_nothing_is_made_of_nothing(
        acts in prop::collection::vec(act(), 1..60), is_unified in any::<bool>(),
    ) {
        let mut play = Play::new(if is_unified { Kit::unified() } else { Kit::usdt() });
        for act in &acts {
            let outcome = play.act(act);
            play.check();
            if let (Act::Trade { is_perp: false, is_buy: true, .. }, Some(Outcome::Done(_))) = (act, outcome) {
                let credit = if is_unified { qty("1000") } else { qty("0") };
                let cash = play.world.balance(play.kit.cash).quantity;
                prop_assert!(!(cash + credit).is_negative(), "{cash} is beyond the credit");
            }
        }
    }

    #[test]
    fn at_one_price_every_trade_costs_its_fees_and_at_most_dust_more(
        trades in prop::collection::vec((any::<bool>(), any::<bool>(), 1_i64..5_000), 1..40),
        price in 500_000_000_i64..2_000_000_000,
    ) {
        let mut play = Play::new(Kit::unified());
        play.hour(price, 0, 0, 0);
        let (start, mut fees, mut fills) = (worth(&play), Decimal::ZERO, 0);
        for (is_perp, is_buy, lots) in trades {
            if let Some(Outcome::Done(fill)) = play.act(&Act::Trade { is_perp, is_buy, lots }) {
                fills += 1;
                fees += fill.fees().map(|(key, paid)| {
                    if key == play.kit.coins { (paid * play.price).get() } else { paid.get() }
                }).sum::<Decimal>();
            }
        }
        let lost = start - worth(&play);
        prop_assert!(lost >= fees, "lost {lost}, fees {fees}: rounding helped");
        let dust = Decimal::new(4 * fills, 8);
        prop_assert!(lost <= fees + dust, "lost {lost}, fees {fees}: more than dust");
    }
}
