//! A model's service on 127.0.0.1: a real HTTP server that answers, or misbehaves, by bar.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use basis::types::Timestamp;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub const TOKEN: &str = "the-token-of-the-tests";

/// What the service does when it is asked for a bar.
#[derive(Clone, Debug)]
pub enum Deed {
    /// It answers as it should.
    Answers,
    /// It answers with a status and no signal.
    Says(u16),
    /// It never answers.
    Sleeps,
    /// It breaks the connection.
    HangsUp,
    /// It answers 200 with this text.
    Babbles(String),
    /// It answers for a bar so many minutes from the one that it was asked for.
    AnswersFor(i64),
}

struct State {
    /// By bar what it does, question by question; the last is repeated.
    deeds: BTreeMap<Timestamp, Vec<Deed>>,
    /// By bar how often it was asked for.
    asked: BTreeMap<Timestamp, usize>,
}

/// The service, running until it is dropped.
pub struct Service {
    state: Arc<Mutex<State>>,
    address: SocketAddr,
    _runtime: Runtime,
}

impl Service {
    pub fn start(deeds: BTreeMap<Timestamp, Vec<Deed>>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime can begin");
        let state = Arc::new(Mutex::new(State { deeds, asked: BTreeMap::new() }));
        let listener =
            runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a local port is free");
        let address = listener.local_addr().expect("a bound port has an address");
        runtime.spawn(serve(listener, state.clone()));
        Self { state, address, _runtime: runtime }
    }

    pub fn url(&self) -> String {
        format!("http://{}/signal", self.address)
    }

    /// How often each bar was asked for.
    pub fn asked(&self) -> BTreeMap<Timestamp, usize> {
        self.state.lock().expect("nobody panics with it").asked.clone()
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(state.clone(), request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            // A connection that breaks is part of the game.
            let _ = connection.await;
        });
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let is_ours = request.method() == Method::POST && request.uri().path() == "/signal";
    let bearer = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let knows_us = bearer == Some(format!("Bearer {TOKEN}").as_str());
    let body = request.into_body().collect().await.map_err(std::io::Error::other)?.to_bytes();
    let question: Value = serde_json::from_slice(&body).unwrap_or_default();
    let at = question["timestamp"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let Some(at) = at.filter(|_| is_ours && question["symbol"] == "BTCUSDT") else {
        return reply(400, "not what this service answers");
    };
    if !knows_us {
        return reply(401, "who are you?");
    }
    let deed = {
        let mut state = state.lock().expect("nobody panics with it");
        let count = state.asked.entry(at).or_default();
        *count += 1;
        let index = *count - 1;
        let deeds = state.deeds.get(&at);
        deeds
            .and_then(|deeds| deeds.get(index.min(deeds.len() - 1)))
            .cloned()
            .unwrap_or(Deed::Answers)
    };
    match deed {
        Deed::Answers => reply(200, &said(at).to_string()),
        Deed::AnswersFor(minutes) => {
            let other = Timestamp::from_ms(at.ms() + minutes * 60_000);
            reply(200, &said(other).to_string())
        }
        Deed::Says(status) => reply(status, "{}"),
        Deed::Babbles(text) => reply(200, &text),
        Deed::HangsUp => Err(std::io::Error::other("the connection is dropped")),
        Deed::Sleeps => std::future::pending().await,
    }
}

fn reply(status: u16, text: &str) -> Result<Response<Full<Bytes>>, std::io::Error> {
    Response::builder()
        .status(status)
        .body(Full::new(Bytes::from(text.to_owned())))
        .map_err(std::io::Error::other)
}

/// What the model says of a bar: it turns every four hours.
pub fn said(at: Timestamp) -> Value {
    let words = ["long", "neutral", "short", "hold"];
    let word = words[(at.ms() / 14_400_000) as usize % words.len()];
    json!({
        "signal": word, "confidence": 0.9, "sd": 0.0123, "model_version": "tests, \"1\"",
        "timestamp": at.to_string(),
    })
}
