//! Signals of a service: what is asked, what becomes of each way in which it can misbehave, and that a run which has them once
//! never needs it again.

mod service;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use basis::config::SignalService;
use basis::feeds::signal::{Asked, Silence, ask_all};
use basis::types::{Code, Coded, Span, Timestamp};
use service::{Deed, Service, TOKEN, said};

const STEP: Span = Span::from_minutes(5);

fn bar(n: i64) -> Timestamp {
    "2025-03-10T00:00Z".parse::<Timestamp>().expect("a time") + Span::from_minutes(5 * n)
}

fn rules(url: &str, at_once: usize) -> SignalService {
    SignalService {
        url: url.to_owned(),
        symbol: "BTCUSDT".to_owned(),
        timeout: Span::from_ms(2_000),
        // Two more tries and no waiting.
        retry_backoff: vec![Span::from_ms(0); 2],
        at_once,
    }
}

fn ask(service: &Service, at_once: usize, bars: i64) -> Result<Asked, Coded> {
    ask_all(&rules(&service.url(), at_once), TOKEN, (bar(0), bar(bars - 1)), STEP)
}

fn deeds(deeds: impl IntoIterator<Item = (i64, Vec<Deed>)>) -> BTreeMap<Timestamp, Vec<Deed>> {
    deeds.into_iter().map(|(n, deeds)| (bar(n), deeds)).collect()
}

#[test]
fn every_bar_is_asked_for_once_and_nothing_depends_on_how_many_at_a_time() {
    let service = Service::start(BTreeMap::new());
    let one = ask(&service, 1, 100).expect("it answers");
    assert_eq!((one.signals.len(), one.silent.len()), (100, 0));
    assert!(service.asked().values().all(|count| *count == 1));
    for (n, signal) in one.signals.iter().enumerate() {
        assert_eq!((signal.at, signal.known_at), (bar(n as i64), bar(n as i64 + 1)));
        assert_eq!(signal.direction.word(), said(signal.at)["signal"]);
        assert_eq!(signal.sd.to_string(), "0.0123", "as it was written");
    }
    assert_eq!(ask(&service, 7, 100).expect("it answers"), one);
}

#[test]
fn what_passes_is_asked_for_again() {
    let passing = [Deed::Says(500), Deed::Says(429), Deed::HangsUp, Deed::Babbles("<html>".into())];
    let service = Service::start(deeds(
        passing.into_iter().enumerate().map(|(n, deed)| (n as i64, vec![deed, Deed::Answers])),
    ));
    let asked = ask(&service, 2, 6).expect("it answers");
    assert!(asked.silent.is_empty(), "{}", asked.reasons());
    let counts: Vec<usize> = service.asked().into_values().collect();
    assert_eq!(counts, [2, 2, 2, 2, 1, 1]);
}

#[test]
fn what_stays_wrong_is_a_bar_without_a_signal_and_told_with_its_reason() {
    let wrong = |from: &str, to: &str| Deed::Babbles(said(bar(5)).to_string().replace(from, to));
    let service = Service::start(deeds([
        (0, vec![Deed::Says(503)]),
        (1, vec![Deed::HangsUp]),
        (2, vec![Deed::Babbles("no signal today".into())]),
        (3, vec![Deed::Says(404)]),
        (4, vec![Deed::AnswersFor(-5)]),
        (5, vec![wrong("0.9", "90")]),
        (6, vec![Deed::Babbles("x".repeat(100_000))]),
        (8, vec![Deed::Says(503)]),
    ]));
    let asked = ask(&service, 3, 10).expect("nothing of it ends the asking");
    let silent: BTreeMap<i64, Silence> =
        (0..10).filter_map(|n| Some((n, asked.silent.get(&bar(n))?.clone()))).collect();
    let nonsense = |text: &str| Silence::Nonsense(text.to_owned());
    let expected = [
        (0, Silence::Status(503)),
        (1, Silence::Unreachable),
        (2, nonsense("the answer is no JSON")),
        (3, Silence::None),
        (4, Silence::Stale),
        (5, nonsense("confidence is 90; it lies between 0 and 1")),
        (6, Silence::Unreachable),
        (8, Silence::Status(503)),
    ];
    assert_eq!(silent, BTreeMap::from(expected));
    let told = asked.reasons();
    let count = "2 because the service answered 503 (the first of 2025-03-10T00:00:00Z)";
    assert!(told.contains(count), "{told}");
    assert_eq!(service.asked()[&bar(0)], 3, "asked three times");
    assert_eq!(service.asked()[&bar(3)], 1, "that there is none is an answer");
}

#[test]
fn what_does_not_answer_in_time_is_not_waited_for() {
    let service = Service::start(deeds([(1, vec![Deed::Sleeps]), (2, vec![Deed::Sleeps])]));
    let short = SignalService { timeout: Span::from_ms(300), ..rules(&service.url(), 2) };
    let asked = ask_all(&short, TOKEN, (bar(0), bar(3)), STEP).expect("it goes on");
    assert_eq!(asked.silent.get(&bar(1)), Some(&Silence::TimedOut(300)));
    assert_eq!(asked.signals.len(), 2);
}

#[test]
fn an_answer_that_knows_the_future_ends_the_asking() {
    let service = Service::start(deeds([(3, vec![Deed::AnswersFor(5)])]));
    let why = ask(&service, 2, 6).expect_err("it must not be used");
    assert_eq!(why.code, Code::Data005);
    let told = "asked for the bar of 2025-03-10T00:15:00Z and answered for 2025-03-10T00:20:00Z";
    assert!(why.message.contains(told), "{why}");
}

#[test]
fn a_service_that_refuses_us_is_told_at_once() {
    let service = Service::start(BTreeMap::new());
    let asked = ask_all(&rules(&service.url(), 1), "wrong", (bar(0), bar(9)), STEP);
    let why = asked.expect_err("the token is wrong");
    assert_eq!(why.code, Code::Ven005);
    assert!(why.message.contains("BASIS_ML_API_TOKEN") && !why.message.contains("wrong"), "{why}");
    let elsewhere = rules(&service.url().replace("/signal", "/other"), 1);
    let why = ask_all(&elsewhere, TOKEN, (bar(0), bar(9)), STEP).expect_err("no such path");
    assert!(why.message.contains("is the address right?"), "{why}");
}

/// `basis run` over two days of the sample, with the service's signals.
fn basis(out: &Path, url: &str, token: Option<&str>, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_basis"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("BASIS_DATA_DIR");
    command.env_remove("BASIS_ML_API_TOKEN");
    if let Some(token) = token {
        command.env("BASIS_ML_API_TOKEN", token);
    }
    command.args(["run", "ml_btc_directional_usdt_margin", "--from", "2025-03-10"]);
    command.args(["--to", "2025-03-12", "--format", "json", "--set", "signal.source=http"]);
    command.args(["--set", &format!("signal.service.url={url}"), "--out"]).arg(out).args(more);
    command.output().expect("the program runs")
}

fn file(out: &Path, run: &str, name: &str) -> Vec<u8> {
    std::fs::read(out.join("results").join(run).join(name)).expect("the run has written it")
}

fn id(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let json: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{told}"));
    json["correlation_id"].as_str().expect("a run has an id").to_owned()
}

#[test]
fn a_run_keeps_what_it_was_told_and_another_one_makes_the_same_bytes_without_the_service() {
    let out = tempfile::tempdir().expect("a temporary folder can be made");
    let service = Service::start(deeds([(100, vec![Deed::Says(404)])]));
    let first = basis(out.path(), &service.url(), Some(TOKEN), &[]);
    let first_id = id(&first);
    let (asked, url) = (service.asked(), service.url());
    // Two days, and the bar before them.
    assert_eq!((asked.len(), asked.keys().next()), (577, Some(&bar(-1))));
    drop(service);
    let kept =
        out.path().join("results").join(&first_id).join("inputs/signals/binance_BTCUSDT_5m.csv");
    let again = basis(out.path(), &url, None, &["--signals", &kept.display().to_string()]);
    let again_id = id(&again);
    assert_ne!(first_id, again_id);
    for name in
        ["orders.csv", "equity.csv", "inputs/data.json", "inputs/signals/binance_BTCUSDT_5m.csv"]
    {
        let (was, is) = (file(out.path(), &first_id, name), file(out.path(), &again_id, name));
        assert!(was == is, "{name} differs");
    }
    let summary: serde_json::Value = serde_json::from_slice(&first.stdout).expect("a summary");
    let warnings = summary["warnings"].to_string();
    assert!(warnings.contains("1 of 577 bars have no signal"), "{warnings}");
    let orders = String::from_utf8(file(out.path(), &first_id, "orders.csv")).expect("text");
    assert!(orders.matches("perp_trade").count() > 5, "{orders}");
}

#[test]
fn a_run_without_enough_signals_or_without_a_token_is_refused_and_leaves_nothing() {
    let out = tempfile::tempdir().expect("a temporary folder can be made");
    let service = Service::start(deeds((0..20).map(|n| (n, vec![Deed::Says(404)]))));
    for (token, told) in [
        (Some(TOKEN), "20 of 577 bars have no signal: 20 because the service has none (404)"),
        (None, "BASIS_ML_API_TOKEN is not set"),
    ] {
        let ran = basis(out.path(), &service.url(), token, &[]);
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(told), "{stderr}");
    }
    let left = std::fs::read_dir(out.path()).map_or(0, Iterator::count);
    assert_eq!(left, 0, "a refused run leaves nothing");
}
