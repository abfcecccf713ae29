//! Market data that cannot be used.

use super::{Case, Kind, MINE, Ready, case};
use crate::desk::{Desk, HOURS, at};

const SPOT: &str = "data/spot/binance_BTCUSDT_1h.csv";
const PERP: &str = "data/perp/binance_BTCUSDT_1h.csv";
const FUNDING: &str = "data/funding/binance_BTCUSDT.csv";

pub const CASES: &[Case] = &[
    case(
        "no data folder is named and no sample is there",
        2,
        "DATA-001",
        &["run", "mine.rhai"],
        |d| {
            d.remove("data");
            Ready::Yes
        },
    ),
    case(
        "the sample would be mixed with other data",
        2,
        "",
        &["data", "sample", "--out", "data"],
        |_| Ready::Yes,
    ),
    case(
        "the sample would be put where other things lie",
        2,
        "",
        &["data", "sample", "--out", "configs"],
        |_| Ready::Yes,
    ),
    case(
        "the data folder is not there",
        2,
        "DATA-001",
        &["run", "mine.rhai", "--data", "dta"],
        |_| Ready::Yes,
    ),
    case(
        "the data folder is a file",
        2,
        "DATA-001",
        &["run", "mine.rhai", "--data", "data/SYNTHETIC"],
        |_| Ready::Yes,
    ),
    case("a series is absent", 2, "DATA-001", MINE, |desk| {
        desk.remove(PERP);
        Ready::Yes
    }),
    case(
        "a series and its proxy are absent",
        2,
        "DATA-001",
        &["run", "btc_basis", "--data", "data"],
        |desk| {
            desk.remove("data/funding/bybit_BTCUSDT.csv");
            Ready::Yes
        },
    ),
    case(
        "a series is shorter than the range",
        2,
        "DATA-002",
        &["run", "mine.rhai", "--data", "data", "--from", "2024-01-01", "--to", "2024-01-09"],
        |desk| {
            desk.edit_lines(SPOT, |lines| lines.truncate(100));
            Ready::Yes
        },
    ),
    case(
        "the range begins before the data",
        2,
        "DATA-002",
        &["run", "mine.rhai", "--data", "data", "--from", "2023-12-01"],
        |_| Ready::Yes,
    ),
    Case {
        what: "a long gap in a series",
        status: 0,
        begins: "",
        arguments: MINE,
        spoil: |desk| {
            desk.edit_lines(SPOT, |lines| drop(lines.drain(50..120)));
            Ready::Yes
        },
        kind: Kind::Warned,
    },
    case("funding is missing and nothing may stand in", 2, "DATA-005", MINE, |desk| {
        desk.edit_lines(FUNDING, |lines| drop(lines.drain(5..9)));
        Ready::Yes
    }),
    case("a row stands twice", 2, "DATA-004", MINE, |desk| {
        desk.edit_lines(SPOT, |lines| lines.insert(10, lines[9].clone()));
        Ready::Yes
    }),
    case("two rows are swapped", 2, "DATA-004", MINE, |desk| {
        desk.edit_lines(SPOT, |lines| lines.swap(20, 21));
        Ready::Yes
    }),
    case("every row is out of order", 2, "DATA-004", MINE, |desk| {
        desk.edit_lines(PERP, |lines| lines[1..].reverse());
        Ready::Yes
    }),
    case("a cell is not a number", 2, "DATA-003", MINE, |desk| {
        desk.edit_lines(PERP, |lines| lines[7] = format!("{},42000.5,n/a,41000,42000,12", at(6)));
        Ready::Yes
    }),
    case("a cell is NaN", 2, "DATA-003", MINE, |desk| {
        desk.edit_lines(FUNDING, |lines| lines[3] = format!("{},NaN", at(16)));
        Ready::Yes
    }),
    case("a price is below zero", 2, "DATA-003", MINE, |desk| {
        desk.edit_lines(SPOT, |lines| lines[7] = format!("{},-1,42000,-1,42000,12", at(6)));
        Ready::Yes
    }),
    case("the high is below the close", 2, "DATA-003", MINE, |desk| {
        desk.edit_lines(SPOT, |lines| lines[7] = format!("{},42000,42001,41000,42002,12", at(6)));
        Ready::Yes
    }),
    case("a row has too few columns", 2, "DATA-003", MINE, |desk| {
        desk.edit_lines(SPOT, |lines| lines[7] = format!("{},42000,42001", at(6)));
        Ready::Yes
    }),
    case("a column is missing", 2, "DATA-003", MINE, |desk| {
        desk.edit_lines(SPOT, |lines| {
            for line in lines {
                *line = line.rsplit_once(',').expect("has columns").0.to_owned();
            }
        });
        Ready::Yes
    }),
    case("a stamp is not a UTC time", 2, "DATA-003", MINE, |desk| {
        desk.edit_lines(SPOT, |lines| {
            lines[30] = "02/01/2024 05:00,42000,42000,42000,42000,1".to_owned()
        });
        Ready::Yes
    }),
    case("a stamp is off the grid", 2, "DATA-003", MINE, |desk| {
        desk.edit_lines(SPOT, |lines| lines[30] = lines[30].replace(":00:00Z", ":17:00Z"));
        Ready::Yes
    }),
    case("a file is empty", 2, "DATA-003", MINE, |desk| {
        desk.write(SPOT, "");
        Ready::Yes
    }),
    case("a file has a header alone", 2, "DATA-003", MINE, |desk| {
        desk.edit_lines(SPOT, |lines| lines.truncate(1));
        Ready::Yes
    }),
    case("a packed file is cut off", 2, "DATA-003", MINE, |desk| {
        let whole = include_bytes!("../../data/basis1/spot/binance_BTCUSDT_1h.csv.gz");
        desk.remove(SPOT);
        desk.write("data/spot/binance_BTCUSDT_1h.csv.gz", &whole[..whole.len() / 2]);
        Ready::Yes
    }),
    case("a series is there plain and packed", 2, "DATA-003", MINE, |desk| {
        desk.write(&format!("{SPOT}.gz"), "");
        Ready::Yes
    }),
    case("a file is no text", 2, "DATA-003", MINE, |desk| {
        desk.write(SPOT, [0xff, 0x00, 0xfe, 0x0a, 0x80, 0x81].repeat(64));
        Ready::Yes
    }),
    case(
        "the range is reversed",
        2,
        "CONFIG-005",
        &["run", "mine.rhai", "--data", "data", "--from", "2024-01-09", "--to", "2024-01-02"],
        |_| Ready::Yes,
    ),
    case("the range is empty", 2, "DATA-006", MINE, |desk| {
        const { assert!(HOURS > 210, "the first two hundred hours leave something") };
        desk.edit_lines(SPOT, |lines| lines.truncate(60));
        desk.edit_lines(PERP, |lines| drop(lines.drain(1..200)));
        Ready::Yes
    }),
    case(
        "the range is off the grid",
        2,
        "CONFIG-003",
        &["run", "mine.rhai", "--data", "data", "--from", "2024-01-02T00:30Z"],
        |_: &Desk| Ready::Yes,
    ),
    case("a folder to check is not there", 2, "DATA-001", &["data", "check", "dta"], |_| {
        Ready::Yes
    }),
];
