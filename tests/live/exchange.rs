//! A real HTTP server on 127.0.0.1 with books of its own, which misbehaves by a script.
//!
//! Work that a request has begun goes on when its connection breaks, as it does at an exchange.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use rust_decimal::Decimal;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use crate::books::Books;
use crate::kill::{Point, Points};
use crate::mischief::{LATE, Mischief, Script, TOO_LATE, Telling};
use crate::wire::{Balances, NewOrder, NextTick, Refusal};
use crate::world::Weather;

/// The exchange, as a test sees it.
#[derive(Clone)]
pub struct Exchange {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    state: Mutex<State>,
    points: Points,
    weather: Weather,
}

struct State {
    books: Books,
    script: Script,
    /// Steps told so far.
    step: u64,
    questions: u64,
    /// By open order: questions until it fills.
    open: BTreeMap<String, u64>,
    /// By settlement: questions since it happened.
    asked: BTreeMap<u64, u64>,
    met: BTreeMap<Mischief, u32>,
}

/// What the client gets.
enum Reply {
    Json(u16, Vec<u8>),
    /// The connection breaks.
    Nothing,
}

impl Exchange {
    pub async fn start(weather: Weather, script: Script, points: Points) -> Self {
        let (spot, perp) = weather.prices(0);
        let state = State {
            books: Books::new(Decimal::from(100_000), spot, perp),
            script,
            step: 0,
            questions: 0,
            open: Default::default(),
            asked: Default::default(),
            met: Default::default(),
        };
        let inner = Arc::new(Inner { state: Mutex::new(state), points, weather });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a local port is free");
        let address = listener.local_addr().expect("a bound port has an address");
        tokio::spawn(serve(listener, inner.clone()));
        Self { inner, address }
    }

    pub fn with_books<T>(&self, look: impl FnOnce(&Books) -> T) -> T {
        look(&self.inner.state().books)
    }

    /// What went wrong so far, and how often.
    pub fn met(&self) -> BTreeMap<Mischief, u32> {
        self.inner.state().met.clone()
    }
}

async fn serve(listener: TcpListener, inner: Arc<Inner>) {
    while let Ok((stream, _)) = listener.accept().await {
        let inner = inner.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(inner.clone(), request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            // A connection that breaks is part of the game.
            let _ = connection.await;
        });
    }
}

/// Runs the request as a task of its own, so that it outlives its connection.
async fn answer(
    inner: Arc<Inner>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let reply = Handle::current().spawn(inner.reply(request)).await;
    match reply.map_err(std::io::Error::other)? {
        Reply::Nothing => Err(std::io::Error::other("the connection is dropped")),
        Reply::Json(status, body) => Response::builder()
            .status(status)
            .body(Full::new(Bytes::from(body)))
            .map_err(std::io::Error::other),
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no handler panics while it holds the books")
    }

    async fn reply(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let path = request.uri().path().to_owned();
        let argument = request
            .uri()
            .query()
            .and_then(|query| query.split_once('='))
            .map_or(String::new(), |(_, value)| value.to_owned());
        let is_post = request.method() == Method::POST;
        let Ok(body) = request.into_body().collect().await else { return Reply::Nothing };
        let body = body.to_bytes();
        match (is_post, path.as_str()) {
            (true, "/order") => match serde_json::from_slice::<NewOrder>(&body) {
                Ok(order) => self.place(order).await,
                Err(error) => refuse(400, &error.to_string()),
            },
            (false, "/order") => self.query(&argument).await,
            (false, "/balances") => self.balances().await,
            (false, "/settlements") => self.settlements(argument.parse().unwrap_or(i64::MIN)).await,
            (false, "/tick") => self.tick(argument.parse().unwrap_or(i64::MIN)),
            _ => refuse(404, "NO_SUCH_PATH"),
        }
    }

    async fn place(&self, order: NewOrder) -> Reply {
        let mischief = {
            let mut state = self.state();
            *state.books.posted.entry(order.client_id.clone()).or_default() += 1;
            let mischief = state.script.order(&order.client_id);
            *state.met.entry(mischief).or_default() += 1;
            mischief
        };
        if self.points.pass(Point::OrderReceived).await.is_lost() {
            return Reply::Nothing;
        }
        match mischief {
            Mischief::FailsBeforeTheFill => return refuse(503, "UNKNOWN"),
            Mischief::DropsBeforeTheFill => return Reply::Nothing,
            Mischief::IsRateLimited => {
                let refusal = Refusal { code: "TOO_MANY_REQUESTS".into(), retry_after_ms: 15 };
                return json(429, &refusal);
            }
            Mischief::ArrivesLate => tokio::time::sleep(LATE).await,
            Mischief::ArrivesTooLate => tokio::time::sleep(TOO_LATE).await,
            _ => {}
        }
        let share = match mischief {
            Mischief::FillsInPart => Decimal::new(5, 1),
            _ => Decimal::ONE,
        };
        let keep_open = mischief == Mischief::StaysOpen;
        let placed = {
            let mut state = self.state();
            if keep_open {
                state.open.insert(order.client_id.clone(), 3);
            }
            state.books.place(&order, share, keep_open, now_ms())
        };
        self.points.pass(Point::OrderDone).await;
        match mischief {
            Mischief::FailsAfterTheFill => return refuse(500, "UNKNOWN"),
            Mischief::DropsAfterTheFill => return Reply::Nothing,
            Mischief::AnswersLate => tokio::time::sleep(TOO_LATE).await,
            _ => {}
        }
        match placed {
            Ok(told) => json(200, &told),
            Err(code) => refuse(400, code),
        }
    }

    async fn query(&self, client_id: &str) -> Reply {
        self.points.pass(Point::Asked).await;
        let told = {
            let mut state = self.state();
            state.questions += 1;
            match state.script.query(state.questions) {
                Telling::Fails => return refuse(500, "UNKNOWN"),
                Telling::Drops => return Reply::Nothing,
                _ => {}
            }
            if let Some(left) = state.open.get_mut(client_id) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    state.open.remove(client_id);
                    state.books.execute(client_id, Decimal::ONE, now_ms());
                }
            }
            state.books.query(client_id)
        };
        self.points.pass(Point::Answered).await;
        match told {
            Some(told) => json(200, &told),
            None => refuse(404, "NO_SUCH_ORDER"),
        }
    }

    async fn balances(&self) -> Reply {
        self.points.pass(Point::Asked).await;
        let told = {
            let mut state = self.state();
            state.questions += 1;
            let now = now_ms();
            match state.script.balances(state.questions) {
                Telling::Fails => return refuse(500, "UNKNOWN"),
                Telling::Drops => return Reply::Nothing,
                Telling::Truth => state.books.balances(now),
                Telling::Stale => state.books.stale_balances(now),
                Telling::Lagging => Balances { as_of: now, ..state.books.stale_balances(now) },
            }
        };
        self.points.pass(Point::Answered).await;
        json(200, &told)
    }

    async fn settlements(&self, since: i64) -> Reply {
        self.points.pass(Point::Asked).await;
        let told: Vec<_> = {
            let mut state = self.state();
            let State { books, script, asked, .. } = &mut *state;
            let entries = books.settled.iter().filter(|settled| settled.at >= since);
            entries
                .flat_map(|settled| {
                    let asked = asked.entry(settled.reference).or_default();
                    *asked += 1;
                    let (kept_back, times) = script.settlement(settled.reference);
                    let times = if *asked > kept_back { times } else { 0 };
                    std::iter::repeat_n(settled.clone(), times)
                })
                .collect()
        };
        json(200, &told)
    }

    /// The step after a time. The first to ask for it makes it happen.
    fn tick(&self, after: i64) -> Reply {
        let Some(step) = self.weather.step_after(after) else {
            return json(200, &None::<NextTick>);
        };
        let mut state = self.state();
        let funding = self.weather.funding(step);
        if step > state.step {
            state.step = step;
            // With the last step everything is well, so that the run can come to its end.
            if step == self.weather.steps {
                state.script = Script::Calm;
            }
            (state.books.spot, state.books.perp) = self.weather.prices(step);
            if let Some(rate) = funding {
                state.books.settle(rate, now_ms());
            }
        }
        let (before, opens) = (self.weather.prices(step - 1), self.weather.prices(step));
        json(
            200,
            &Some(NextTick {
                at: self.weather.time(step).ms(),
                spot: [before.0, opens.0],
                perp: [before.1, opens.1],
                funding,
            }),
        )
    }
}

fn json(status: u16, body: &impl Serialize) -> Reply {
    Reply::Json(status, serde_json::to_vec(body).expect("plain data is JSON"))
}

fn refuse(status: u16, code: &str) -> Reply {
    json(status, &Refusal { code: code.to_owned(), retry_after_ms: 0 })
}

/// The exchange's clock.
pub fn now_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    since_epoch.as_millis() as i64
}
