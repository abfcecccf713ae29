//! The gateway of the tests: HTTP to the small exchange, and what its answers mean to the engine.

use std::net::SocketAddr;
use std::time::Duration;

use basis::run::live::{Answer, Gateway};
use basis::types::{
    Balance, BoundOrder, Cause, Code, Coded, Execution, KeyId, MarketId, MarketKind, Notional,
    Operation, OrderId, Outcome, Posting, Price, Quantity, Rejection, Report, ReportBody,
    Settlement, Side, Span, Timestamp, Universe, VenueId,
};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rust_decimal::Decimal;
use tokio::net::TcpStream;

use crate::wire::{
    Asset, Balances, Book, Entry, EntryKind, NewOrder, NextTick, Refusal, Settled, Status, Told,
    Way,
};

/// A client of the exchange.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    venue: VenueId,
    usdt: KeyId,
    btc: KeyId,
    position: KeyId,
    spot: MarketId,
    perp: MarketId,
    validity: Span,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Client {
    pub fn new(address: SocketAddr, universe: &Universe, validity: Span) -> Self {
        let venue = universe.venue_named("binance").expect("the tests' venue");
        let market =
            |kind| universe.market_named(venue, kind, "BTCUSDT").expect("the tests' market");
        let (spot, perp) = (market(MarketKind::Spot), market(MarketKind::Perp));
        let (usdt, btc) = (universe.market(spot).cash, universe.market(spot).position);
        let position = universe.market(perp).position;
        Self { address, venue, usdt, btc, position, spot, perp, validity }
    }

    /// One request on a connection of its own.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<(u16, Bytes), Failure> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "exchange")
            .body(Full::new(Bytes::from(body)))?;
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Coded> {
        let failed = |what: String| Coded::new(Code::Ven003, format!("binance {path}: {what}"));
        match self.ask(Method::GET, path, Vec::new()).await {
            Ok((200, body)) => {
                serde_json::from_slice(&body).map_err(|error| failed(error.to_string()))
            }
            Ok((status, _)) => Err(failed(format!("HTTP {status}"))),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// The step after a time.
    pub async fn tick_after(&self, after: Timestamp) -> Result<Option<NextTick>, Coded> {
        self.get(&format!("/tick?after={}", after.ms())).await
    }

    fn wire_order(&self, id: OrderId, order: &BoundOrder, at: Timestamp) -> Option<NewOrder> {
        let (book, side) = match order.operation {
            Operation::SpotTrade { side, .. } => (Book::Spot, side),
            Operation::PerpTrade { side, .. } => (Book::Perp, side),
            _ => return None,
        };
        Some(NewOrder {
            client_id: id.to_string(),
            book,
            way: if side == Side::Buy { Way::Buy } else { Way::Sell },
            quantity: order.quantity.get(),
            limit: order.limit?.get(),
            reduce_only: order.reduce_only,
            sent_at: at.ms(),
            window_ms: self.validity.ms(),
        })
    }

    fn outcome_of(&self, told: Told) -> Outcome {
        match told.status {
            Status::Open => Outcome::Working { filled: Quantity::new(told.executed) },
            Status::Filled | Status::Partial => Outcome::Done(Execution {
                executed: Quantity::new(told.executed),
                average_price: Some(Price::new(told.price)),
                deltas: self.postings(&told.entries, Some(Price::new(told.price))),
                gas_used: None,
                submitted_at: Timestamp::from_ms(told.received_at),
                executed_at: Timestamp::from_ms(told.executed_at),
            }),
            Status::Rejected => rejected(&told.reason.unwrap_or_default()),
        }
    }

    fn postings(&self, entries: &[Entry], price: Option<Price>) -> Vec<Posting> {
        let is_perp = entries.iter().any(|entry| entry.asset == Asset::Position);
        let market = if is_perp { self.perp } else { self.spot };
        let posting = |entry: &Entry| {
            let (key, amount) = (self.key(entry.asset), Quantity::new(entry.amount));
            let (cause, market) = match entry.kind {
                EntryKind::Trade => (Cause::Trade, market),
                EntryKind::Realised => (Cause::Realised, market),
                EntryKind::Fee => (Cause::Fee, market),
                EntryKind::Funding => (Cause::Funding, self.perp),
            };
            let price = price.filter(|_| entry.kind == EntryKind::Trade);
            let cost = Notional::new(entry.cost);
            Posting { cost, price, ..Posting::of_market(key, amount, cause, market) }
        };
        entries.iter().map(posting).collect()
    }

    fn key(&self, asset: Asset) -> KeyId {
        match asset {
            Asset::Usdt => self.usdt,
            Asset::Btc => self.btc,
            Asset::Position => self.position,
        }
    }
}

fn rejected(reason: &str) -> Outcome {
    let message = format!("binance refused the order: {reason}");
    Outcome::Rejected(Rejection { code: Code::Exec001, native: Some(reason.to_owned()), message })
}

impl Gateway for Client {
    fn submit<'a>(
        &'a self,
        id: OrderId,
        order: &'a BoundOrder,
        at: Timestamp,
    ) -> Answer<'a, Outcome> {
        Box::pin(async move {
            let Some(wire) = self.wire_order(id, order, at) else {
                return rejected("the exchange trades, and nothing else");
            };
            let Ok(body) = serde_json::to_vec(&wire) else { return rejected("it is no JSON") };
            match self.ask(Method::POST, "/order", body).await {
                Ok((200, body)) => match serde_json::from_slice(&body) {
                    Ok(told) => self.outcome_of(told),
                    Err(_) => Outcome::Unknown,
                },
                Ok((status @ (400 | 429), body)) => {
                    let Ok(refusal) = serde_json::from_slice::<Refusal>(&body) else {
                        return Outcome::Unknown;
                    };
                    if status == 429 {
                        tokio::time::sleep(Duration::from_millis(refusal.retry_after_ms)).await;
                        return Outcome::NotFound { is_final: true };
                    }
                    match refusal.code.as_str() {
                        // An order of this id is there: only a question can tell what became of it.
                        "DUPLICATE" => Outcome::Unknown,
                        "EXPIRED" => Outcome::NotFound { is_final: true },
                        code => rejected(code),
                    }
                }
                Ok(_) | Err(_) => Outcome::Unknown,
            }
        })
    }

    fn query(&self, id: OrderId) -> Answer<'_, Outcome> {
        Box::pin(async move {
            match self.ask(Method::GET, &format!("/order?client_id={id}"), Vec::new()).await {
                Ok((200, body)) => match serde_json::from_slice(&body) {
                    Ok(told) => self.outcome_of(told),
                    Err(_) => Outcome::Unknown,
                },
                Ok((404, _)) => Outcome::NotFound { is_final: false },
                Ok(_) | Err(_) => Outcome::Unknown,
            }
        })
    }

    fn observe<'a>(&'a self, keys: &'a [KeyId]) -> Answer<'a, Result<Report, Coded>> {
        Box::pin(async move {
            let told: Balances = self.get("/balances").await?;
            let balance = |key: KeyId| {
                let (quantity, cost) = match key {
                    key if key == self.usdt => (told.usdt, Decimal::ZERO),
                    key if key == self.btc => (told.btc, Decimal::ZERO),
                    key if key == self.position => (told.position, told.cost),
                    _ => (Decimal::ZERO, Decimal::ZERO),
                };
                Balance { key, quantity: Quantity::new(quantity), cost: Notional::new(cost) }
            };
            let balances = keys.iter().map(|&key| balance(key)).collect();
            let as_of = Timestamp::from_ms(told.as_of);
            Ok(Report { venue: self.venue, as_of, body: ReportBody::Balances(balances) })
        })
    }

    fn history(&self, since: Timestamp) -> Answer<'_, Result<Vec<Report>, Coded>> {
        Box::pin(async move {
            let told: Vec<Settled> =
                self.get(&format!("/settlements?since={}", since.ms())).await?;
            let report = |settled: Settled| Report {
                venue: self.venue,
                as_of: Timestamp::from_ms(settled.at),
                body: ReportBody::Settled {
                    reference: settled.reference,
                    kind: Settlement::Funding(self.perp),
                    postings: self.postings(&settled.entries, None),
                },
            };
            Ok(told.into_iter().map(report).collect())
        })
    }
}
