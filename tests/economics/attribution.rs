//! The formulas of profit by cause, case by case, on numbers small enough to do by hand.

use basis::config::{Costs, Setup, ShareClass};
use basis::market::Quote;
use basis::portfolio::equity::equity;
use basis::portfolio::{Books, Ledger, Prices};
use basis::types::{
    Attribution, Cause, KeyId, MarketId, MarketKind, Notional, PnlCause, Posting, Price, Quantity,
    Timestamp,
};
use rust_decimal::Decimal;

use crate::scene::{dec, qty, setup};

/// Books, ledger and the prices of the last step, told in one share class.
struct Hand {
    setup: Setup,
    books: Books,
    ledger: Ledger,
    prices: Prices,
}

impl Hand {
    fn told_in(name: &str) -> Self {
        let mut setup = setup("economics", Costs::Full, &[]);
        let token = setup.universe.token_named(name).expect("the scene has it");
        setup.share_class = ShareClass { name: name.to_owned(), token, decimals: 6 };
        let prices = Prices::new(&setup);
        Self {
            books: Books::new(&setup.universe),
            ledger: Ledger::new(&setup.universe),
            prices,
            setup,
        }
    }

    fn key(&self, name: &str) -> KeyId {
        self.setup.universe.key_named(name).unwrap_or_else(|| panic!("{name} is no key"))
    }

    fn market(&self, venue: &str, kind: MarketKind) -> MarketId {
        let universe = &self.setup.universe;
        let venue = universe.venue_named(venue).expect("the scene has it");
        universe.market_named(venue, kind, "BTCUSDT").expect("BTCUSDT trades there")
    }

    /// Prices of a step: spot at Bybit (the reference) and Binance, the perp at Binance, ETH.
    fn at(&self, [reference, spot, perp, eth]: [&str; 4]) -> Prices {
        let mut prices = self.prices.clone();
        let price = |text: &str| Price::new(dec(text));
        let quote =
            |text: &str| Quote { price: price(text), as_of: Timestamp::from_ms(0), tradable: true };
        prices.set_quote(self.market("bybit", MarketKind::Spot), quote(reference));
        prices.set_quote(self.market("binance", MarketKind::Spot), quote(spot));
        prices.set_quote(self.market("binance", MarketKind::Perp), quote(perp));
        let universe = &self.setup.universe;
        for (token, text) in [("BTC", reference), ("ETH", eth), ("WETH", eth), ("USDT", "1")] {
            prices
                .set_reference(universe.token_named(token).expect("the scene has it"), price(text));
        }
        prices.revalue();
        prices
    }

    /// The first step: its prices, and what is held at them as capital.
    fn open(&mut self, prices: [&str; 4], capital: &[Posting]) {
        self.prices = self.at(prices);
        self.books.post(&self.setup.universe, capital).expect("the capital is valid");
        self.ledger.post(&self.setup.universe, &self.prices, capital);
        self.ledger.close();
    }

    /// A step: new prices, then what was settled or traded at them. Causes must add up to the change of equity.
    fn step(&mut self, prices: [&str; 4], postings: &[Posting]) -> Attribution {
        let universe = self.setup.universe.clone();
        let before = equity(&universe, &self.books, &self.prices).expect("everything is priced");
        let now = self.at(prices);
        self.ledger.hold(&universe, &self.prices, &now);
        self.books.post(&universe, postings).expect("the postings are valid");
        self.ledger.post(&universe, &now, postings);
        self.prices = now;
        let after = equity(&universe, &self.books, &self.prices).expect("everything is priced");
        let (step, flows) = self.ledger.close();
        assert_eq!(step.total(), after - before - flows, "the causes add up");
        step
    }

    fn cash(&self, amount: &str, cause: Cause) -> Posting {
        Posting::plain(self.key("binance:BaseToken:USDT"), qty(amount), cause)
    }

    fn coins(&self, amount: &str, cause: Cause) -> Posting {
        Posting::plain(self.key("binance:BaseToken:BTC"), qty(amount), cause)
    }

    fn perp(&self, size: &str, cost: &str, cause: Cause) -> Posting {
        let cost = Notional::new(dec(cost));
        Posting { cost, ..Posting::plain(self.key("binance:Perp:BTCUSDT"), qty(size), cause) }
    }
}

/// Asserts the named causes and that all others are nothing.
fn expect(attribution: &Attribution, causes: &[(PnlCause, &str)]) {
    for (cause, value) in attribution.iter() {
        let wanted = causes
            .iter()
            .find(|(named, _)| *named == cause)
            .map_or(Decimal::ZERO, |(_, text)| dec(text));
        assert_eq!(value.get(), wanted, "{}", cause.text());
    }
}

#[test]
fn a_hedged_position_earns_the_move_of_both_bases_and_no_delta() {
    let mut hand = Hand::told_in("USDT");
    let held = [
        hand.cash("50", Cause::Capital),
        hand.coins("2", Cause::Capital),
        hand.perp("-2", "-204", Cause::Capital),
    ];
    hand.open(["100", "101", "102", "2000"], &held);
    // Perp over spot falls from 2 to 1: −2·(1−2) = 2. Binance over the reference rises from 1 to 2: 2·(2−1) = 2.
    let step = hand.step(["110", "112", "111", "2500"], &[]);
    expect(&step, &[(PnlCause::Basis, "4")]);
}

#[test]
fn what_is_unhedged_earns_the_move_of_the_reference() {
    let mut hand = Hand::told_in("USDT");
    hand.open(
        ["100", "100", "100", "2000"],
        &[hand.coins("3", Cause::Capital), hand.perp("-1", "-100", Cause::Capital)],
    );
    // (q + s)·ΔS = 2·(−10); the perp fell by 2 more than spot: −1·(−2) = 2; Binance's spot by 1 more: 3·(−1) = −3.
    let step = hand.step(["90", "89", "88", "2000"], &[]);
    expect(&step, &[(PnlCause::Delta, "-20"), (PnlCause::Basis, "-1")]);
}

#[test]
fn in_another_share_class_the_quote_itself_is_revalued() {
    let mut hand = Hand::told_in("ETH");
    // f falls from 1/2000 to 1/2500: Δf = −0.0001.
    let held = [
        hand.cash("10000", Cause::Capital),
        hand.coins("2", Cause::Capital),
        hand.perp("-2", "-200", Cause::Capital),
    ];
    hand.open(["100", "101", "102", "2000"], &held);
    let step = hand.step(["110", "112", "111", "2500"], &[]);
    // basis = 4 USDT · f₁ = 0.0016. delta = (q+s)·ΔS·f₁ + (cash + s·M₀ − C + q·S_v₀)·Δf = (10000 − 204 + 200 + 202)·(−0.0001).
    expect(&step, &[(PnlCause::Basis, "0.0016"), (PnlCause::Delta, "-1.0198")]);
}

#[test]
fn eth_held_by_an_eth_class_has_no_delta() {
    let mut hand = Hand::told_in("ETH");
    let tank = Posting::plain(hand.key("wallet:BaseToken:ETH"), qty("5"), Cause::Capital);
    hand.open(["100", "100", "100", "2000"], &[tank]);
    expect(&hand.step(["100", "100", "100", "2500"], &[]), &[]);
    let gas = Posting::plain(hand.key("wallet:BaseToken:ETH"), qty("-0.002"), Cause::Gas);
    expect(&hand.step(["100", "100", "100", "2400"], &[gas]), &[(PnlCause::Gas, "-0.002")]);
}

#[test]
fn what_venues_settle_goes_to_its_cause_at_the_prices_of_its_step() {
    let mut hand = Hand::told_in("ETH");
    hand.open(["100", "100", "100", "2000"], &[hand.cash("1000", Cause::Capital)]);
    // 1/2500 = 0.0004 ETH a dollar; the cash held loses 1000·0.0001.
    let settled = [
        hand.cash("25", Cause::Funding),
        hand.cash("-5", Cause::Interest),
        hand.cash("-10", Cause::Fee),
    ];
    let step = hand.step(["100", "100", "100", "2500"], &settled);
    let wanted = [
        (PnlCause::Delta, "-0.1"),
        (PnlCause::Funding, "0.01"),
        (PnlCause::BorrowCost, "-0.002"),
        (PnlCause::Fees, "-0.004"),
    ];
    expect(&step, &wanted);
}

#[test]
fn interest_on_negative_cash_is_a_borrow_cost_and_its_debt_a_short_of_the_quote() {
    let mut hand = Hand::told_in("ETH");
    hand.open(
        ["100", "100", "100", "2000"],
        &[hand.cash("-1000", Cause::Capital), hand.coins("50", Cause::Capital)],
    );
    // The debt of 1000 becomes lighter by 0.1 ETH, coins worth 5000 dollars by 0.5 ETH.
    let step = hand.step(["100", "100", "100", "2500"], &[hand.cash("-2.5", Cause::Interest)]);
    expect(&step, &[(PnlCause::Delta, "-0.4"), (PnlCause::BorrowCost, "-0.001")]);
}

#[test]
fn a_trade_costs_its_fill_against_the_price_and_its_fee() {
    let mut hand = Hand::told_in("USDT");
    hand.open(["100", "101", "102", "2000"], &[hand.cash("1000", Cause::Capital)]);
    // Bought 2 at 101.5 (price 101) with a fee of 0.01 coins; sold 2 perps at 101.8 (mark 102), fee 0.1.
    let trades = [
        hand.coins("2", Cause::Trade),
        hand.cash("-203", Cause::Trade),
        hand.coins("-0.01", Cause::Fee),
        hand.perp("-2", "-203.6", Cause::Trade),
        hand.cash("-0.1", Cause::Fee),
    ];
    let step = hand.step(["100", "101", "102", "2000"], &trades);
    // −2·0.5 − 2·0.2; fees 0.01·101 + 0.1.
    expect(&step, &[(PnlCause::Slippage, "-1.4"), (PnlCause::Fees, "-1.11")]);
}

#[test]
fn a_stop_costs_its_trigger_against_the_price_of_the_step_that_tells_of_it() {
    let mut hand = Hand::told_in("USDT");
    hand.open(
        ["100", "100", "100", "2000"],
        &[hand.cash("100", Cause::Capital), hand.perp("1", "100", Cause::Capital)],
    );
    // Closed at 95 inside the bar, which ended at 90: the holding phase lost 10, of which the stop saved 5.
    let filled = [
        hand.perp("-1", "-100", Cause::Trade),
        hand.cash("-5", Cause::Realised),
        hand.cash("-0.5", Cause::Fee),
    ];
    let step = hand.step(["90", "90", "90", "2000"], &filled);
    expect(&step, &[(PnlCause::Delta, "-10"), (PnlCause::Slippage, "5"), (PnlCause::Fees, "-0.5")]);
    // It is gone: nothing moves any more.
    expect(&hand.step(["70", "70", "70", "2000"], &[]), &[]);
}

#[test]
fn a_liquidation_costs_its_price_against_the_step_and_its_fee_under_one_cause() {
    let mut hand = Hand::told_in("USDT");
    hand.open(
        ["100", "100", "100", "2000"],
        &[hand.cash("12", Cause::Capital), hand.perp("1", "100", Cause::Capital)],
    );
    // Closed at 89 with a fee of 1.1 while the bar ended at 92: 8 lost by price, 3 more and the fee by the liquidation.
    let closed = [
        hand.perp("-1", "-100", Cause::Liquidation),
        hand.cash("-11", Cause::Liquidation),
        hand.cash("-1.1", Cause::Liquidation),
    ];
    let step = hand.step(["92", "92", "92", "2000"], &closed);
    expect(&step, &[(PnlCause::Delta, "-8"), (PnlCause::Liquidation, "-4.1")]);
}

#[test]
fn coins_that_move_from_one_venue_to_another_earn_the_difference_of_their_prices_as_basis() {
    let mut hand = Hand::told_in("USDT");
    hand.open(["100", "102", "100", "2000"], &[hand.coins("2", Cause::Capital)]);
    let gone =
        Posting::plain(hand.key("bybit:BaseToken:BTC"), Quantity::ZERO + qty("2"), Cause::Move);
    let step = hand.step(["100", "102", "100", "2000"], &[hand.coins("-2", Cause::Move), gone]);
    expect(&step, &[(PnlCause::Basis, "-4")]);
}

#[test]
fn an_accepted_difference_is_other_and_capital_is_no_profit() {
    let mut hand = Hand::told_in("USDT");
    hand.open(["100", "100", "100", "2000"], &[hand.cash("100", Cause::Capital)]);
    let step = hand.step(
        ["100", "100", "100", "2000"],
        &[hand.cash("7", Cause::External), hand.cash("40", Cause::Capital)],
    );
    expect(&step, &[(PnlCause::Other, "7")]);
}
