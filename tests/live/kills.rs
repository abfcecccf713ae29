//! Kill −9 of the process, fifty times, at points that are counted: before a request takes effect, after it, before it is
//! answered, and when a record is on the disk and nothing of it is performed. The test's own binary is the process.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::exchange::Exchange;
use crate::kill::{Aim, Fate, Point, Points};
use crate::mischief::{Script, hash};
use crate::world::Weather;
use crate::{check, runtime, session};

const KILLS_A_RUN: u64 = 10;
/// `BASIS_LIVE_FIRST=6 BASIS_LIVE_RUNS=20` makes other ones, and more.
const RUNS: u64 = 5;

/// The environment of the process that is killed: the exchange, the port for records, the folder.
const EXCHANGE: &str = "BASIS_LIVE_TEST_EXCHANGE";
const RECORDS: &str = "BASIS_LIVE_TEST_RECORDS";
const FOLDER: &str = "BASIS_LIVE_TEST_FOLDER";

/// The process that is killed. Nothing happens unless a parent set its environment.
#[test]
fn the_process_that_is_killed() {
    let (Ok(exchange), Ok(records), Ok(folder)) =
        (std::env::var(EXCHANGE), std::env::var(RECORDS), std::env::var(FOLDER))
    else {
        return;
    };
    let exchange: SocketAddr = exchange.parse().expect("the parent gives an address");
    let mut records = TcpStream::connect(records).expect("the parent listens");
    let on_record = Box::new(move || {
        let mut byte = [0_u8];
        let told = records.write_all(&byte).and_then(|()| records.read_exact(&mut byte));
        told.expect("the parent answers, or this process is no more");
    });
    let runtime = runtime();
    let run = session::run(exchange, folder.as_ref(), runtime.handle(), on_record);
    run.unwrap_or_else(|error| panic!("{error}"));
}

fn spawn(exchange: &Exchange, records: SocketAddr, folder: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().expect("a test has a binary"))
        .args(["--exact", "kills::the_process_that_is_killed", "--nocapture"])
        .env(EXCHANGE, exchange.address.to_string())
        .env(RECORDS, records.to_string())
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("the test's binary can be run")
}

/// Orders are rare among the points, and what matters most; two lives of five end at one.
fn aim(life: u64, drawn: u64) -> Aim {
    match life % 5 {
        1 => Aim { point: Some(Point::OrderReceived), nth: 1 + drawn % 3 },
        3 => Aim { point: Some(Point::OrderDone), nth: 1 + drawn % 3 },
        _ => Aim { point: None, nth: 1 + drawn % 45 },
    }
}

/// One run with its kills. Tells at which points they fell.
fn run(seed: u64, met: &mut BTreeMap<Point, u32>) {
    let runtime = runtime();
    let (points, mut reached) = Points::new();
    let weather = Weather { seed, steps: 30, swing: 500 };
    let exchange = runtime.block_on(Exchange::start(weather, Script::Seeded(seed), points.clone()));
    let records = runtime.block_on(points.serve_records());
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for life in 0..=KILLS_A_RUN {
        let drawn = hash(seed, &format!("life {life}"));
        let is_last = life == KILLS_A_RUN;
        points.arm((!is_last).then_some(aim(life, drawn)));
        let mut child = spawn(&exchange, records, folder.path());
        if is_last {
            let status = child.wait().expect("a child can be waited for");
            assert!(status.success(), "seed {seed}: the last process failed: {status}");
        } else {
            let point = until_reached(&runtime, &mut reached, seed, life);
            *met.entry(point).or_default() += 1;
            child.kill().expect("a child can be killed");
            let status = child.wait().expect("a child can be waited for");
            assert!(!status.success(), "seed {seed}: it ended before it could be killed");
            points.release(if (drawn / 45).is_multiple_of(2) { Fate::Goes } else { Fate::Lost });
        }
    }
    let folded =
        session::fold(folder.path()).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    check(&exchange, &folded.engine, folder.path());
    let state = folded.engine.state();
    assert!(state.plans_begun >= 12, "seed {seed}: {} plans are no test", state.plans_begun);
}

fn until_reached(
    runtime: &tokio::runtime::Runtime,
    reached: &mut UnboundedReceiver<Point>,
    seed: u64,
    life: u64,
) -> Point {
    let bound = std::time::Duration::from_secs(60);
    let point = runtime.block_on(async { tokio::time::timeout(bound, reached.recv()).await });
    let point = point.unwrap_or_else(|_| panic!("seed {seed}: life {life} does not get that far"));
    point.expect("the exchange lives as long as the test")
}

#[test]
fn fifty_kills_lose_nothing_and_repeat_nothing() {
    let number = |name: &str, usual: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (first, runs) = (number("BASIS_LIVE_FIRST", 1), number("BASIS_LIVE_RUNS", RUNS));
    let mut met = BTreeMap::new();
    for seed in first..first + runs {
        run(seed, &mut met);
    }
    println!("kills by point: {met:?}");
    assert_eq!(u64::from(met.values().sum::<u32>()), runs * KILLS_A_RUN);
    assert_eq!(met.len(), 5, "some point was never hit: {met:?}");
}
