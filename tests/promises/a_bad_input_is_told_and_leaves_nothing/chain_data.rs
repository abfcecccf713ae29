//! Rates and indices that cannot be, are not there, or tell of a disaster.

use super::{Case, Kind, Ready, case};
use crate::desk::Desk;

const LOOP: &[&str] = &["run", "eth_leveraged", "--data", "data"];
const STAKE: &[&str] = &["run", "eth_staking_only", "--data", "data"];
const RATE: &str = "data/lst/weETH_exchange_rate.csv";
const RESERVE: &str = "data/aave_v3/WETH_rates.csv";

pub const CASES: &[Case] = &[
    case("a staking token's rate is absent", 2, "DATA-001", STAKE, |desk| {
        desk.remove(RATE);
        Ready::Yes
    }),
    case(
        "a staking token's rate begins with the run",
        2,
        "DATA-002",
        &["run", "eth_staking_only", "--data", "data", "--from", "2024-01-01"],
        |desk| {
            desk.edit_lines(RATE, |lines| drop(lines.drain(1..3)));
            Ready::Yes
        },
    ),
    case(
        "a staking token's rate ends before the run",
        2,
        "DATA-002",
        &[
            "run",
            "eth_staking_only",
            "--data",
            "data",
            "--from",
            "2024-01-01",
            "--to",
            "2024-01-09",
        ],
        |desk| {
            desk.edit_lines(RATE, |lines| lines.truncate(8));
            Ready::Yes
        },
    ),
    case("a staking token's rate is zero", 2, "DATA-003", STAKE, |desk| {
        spoil(desk, RATE, ",1.040005", ",0")
    }),
    case("a staking token's rate is below zero", 2, "DATA-003", STAKE, |desk| {
        spoil(desk, RATE, ",1.040005", ",-1.040005")
    }),
    case("a staking token's rate in wei", 2, "DATA-003", STAKE, |desk| {
        spoil(desk, RATE, ",1.040005", ",1040005000000000000")
    }),
    case("a market rate is zero", 2, "DATA-003", STAKE, |desk| {
        spoil(desk, "data/lst/weETH_dex_rate_24h_median_1h.csv", ",1.04\n", ",0\n")
    }),
    Case {
        what: "a snapshot is missing",
        status: 0,
        begins: "",
        spoil: |desk| {
            desk.edit_lines(RATE, |lines| drop(lines.remove(6)));
            Ready::Yes
        },
        arguments: STAKE,
        kind: Kind::Warned,
    },
    case("a reserve's series is absent", 2, "DATA-001", LOOP, |desk| {
        desk.remove(RESERVE);
        Ready::Yes
    }),
    case("an index is zero", 2, "DATA-003", LOOP, |desk| spoil(desk, RESERVE, ",1.020005,", ",0,")),
    case("an index in ray", 2, "DATA-003", LOOP, |desk| {
        spoil(desk, RESERVE, ",1.020005,", ",1020005000000000000000000000,")
    }),
    case("an index of supplies falls", 2, "DATA-003", LOOP, |desk| {
        spoil(desk, RESERVE, ",1.020005,", ",1.010005,")
    }),
    case("an index of debts falls", 2, "DATA-003", LOOP, |desk| {
        spoil(desk, RESERVE, ",1.040010,", ",1.030010,")
    }),
    case("a borrow rate is below zero", 2, "DATA-003", LOOP, |desk| {
        spoil(desk, RESERVE, ",0.024,", ",-0.024,")
    }),
    Case {
        what: "a staking token is slashed by half",
        status: 3,
        begins: "RISK-00",
        spoil: |desk| {
            desk.edit_lines(RATE, |lines| {
                for line in &mut lines[8..] {
                    *line = line.replace(",1.04", ",0.52");
                }
            });
            Ready::Yes
        },
        arguments: LOOP,
        kind: Kind::Stopped,
    },
];

fn spoil(desk: &Desk, file: &str, from: &str, to: &str) -> Ready {
    desk.replace(file, from, to);
    Ready::Yes
}
