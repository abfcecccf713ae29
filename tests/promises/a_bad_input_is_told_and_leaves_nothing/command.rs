//! Command lines that mean nothing.

use super::{Case, Kind, MINE, Ready, case};
use crate::desk::Desk;

pub const CASES: &[Case] = &[
    case("no strategy", 2, "", &["run", "--data", "data"], |_| Ready::Yes),
    case("an unknown command", 2, "", &["rum", "mine.rhai"], |_| Ready::Yes),
    case(
        "an unknown option of the command",
        2,
        "",
        &["run", "mine.rhai", "--form", "2024-01-01"],
        |_| Ready::Yes,
    ),
    case(
        "a time that is none",
        2,
        "",
        &["run", "mine.rhai", "--data", "data", "--from", "yesterday"],
        |_| Ready::Yes,
    ),
    case(
        "a capital that is no number",
        2,
        "",
        &["run", "mine.rhai", "--data", "data", "--capital", "100k"],
        |_| Ready::Yes,
    ),
    case(
        "--set without a value",
        2,
        "",
        &["run", "mine.rhai", "--data", "data", "--set", "threshold"],
        |_| Ready::Yes,
    ),
    case(
        "--set with a space in the place of its '='",
        2,
        "",
        &["run", "mine.rhai", "--data", "data", "--set", "threshold", "0.02"],
        |_| Ready::Yes,
    ),
    case(
        "--set without a name",
        2,
        "",
        &["run", "mine.rhai", "--data", "data", "--set", "=0.02"],
        |_| Ready::Yes,
    ),
    case(
        "an unknown choice of costs",
        2,
        "",
        &["run", "mine.rhai", "--data", "data", "--costs", "some"],
        |_| Ready::Yes,
    ),
    case(
        "an unknown stress",
        2,
        "",
        &["run", "mine.rhai", "--data", "data", "--stress", "eth-down"],
        |_| Ready::Yes,
    ),
    case(
        "a stress that begins after the run",
        2,
        "DATA-007",
        &["run", "mine.rhai", "--data", "data", "--stress", "gas-x20@2024-03-01"],
        |_| Ready::Yes,
    ),
    case(
        "a bare name of a script that lies in strategies/",
        2,
        "CONFIG-006",
        &["run", "rate_swich", "--data", "data"],
        with_rate_switch,
    ),
    case("a bare name of a script to check", 2, "", &["check", "rate_switch"], with_rate_switch),
    case("a bare name of a script to test", 2, "", &["test", "rate_switch"], with_rate_switch),
    case("a configuration to run", 2, "CONFIG-006", &["run", "mine.yaml"], |_| Ready::Yes),
    case("a configuration to check", 2, "", &["check", "mine.yaml"], |_| Ready::Yes),
    case(
        "a mode's configuration to check",
        2,
        "",
        &["check", "configs/modes/btc_basis.yaml"],
        |_| Ready::Yes,
    ),
    case(
        "a file of tests to run",
        2,
        "CONFIG-006",
        &["run", "strategies/btc_basis.test.rhai"],
        |_| Ready::Yes,
    ),
    case("a module to run", 2, "CONFIG-006", &["run", "stdlib/carry.rhai"], |_| Ready::Yes),
    case("a script without its folder", 2, "CONFIG-006", &["run", "btc_basis.rhai"], |_| {
        Ready::Yes
    }),
    case("a folder to run", 2, "CONFIG-006", &["run", "strategies"], |_| Ready::Yes),
    case(
        "two reports into one file",
        2,
        "",
        &["test", "--lcov", "tests.out", "--junit", "./tests.out"],
        |_| Ready::Yes,
    ),
    case("a script without tests to test", 2, "", &["test", "mine.rhai"], |_| Ready::Yes),
    case("a configuration to test", 2, "", &["test", "configs/modes/btc_basis.yaml"], |_| {
        Ready::Yes
    }),
    case("a file that is no script to check", 2, "", &["check", "data/SYNTHETIC"], |desk| {
        desk.write("data/SYNTHETIC", "");
        Ready::Yes
    }),
    case(
        "a new strategy by a name that is none",
        2,
        "",
        &["new", "My-Basis.rhai", "--from", "btc_basis"],
        |_| Ready::Yes,
    ),
    case("a folder to check", 2, "", &["check", "strategies"], |_| Ready::Yes),
    case("a new strategy from nothing", 2, "", &["new", "foo"], |_| Ready::Yes),
    case(
        "live, which this version does not trade",
        2,
        "",
        &["run", "mine.rhai", "--data", "data", "--mode", "live"],
        |_| Ready::Yes,
    ),
    case(
        "--resume together with a strategy",
        2,
        "",
        &["run", "mine.rhai", "--resume", "c0ffee"],
        |_| Ready::Yes,
    ),
    case(
        "the configuration of an unknown mode is asked for",
        2,
        "CONFIG-006",
        &["config", "show", "eth_bases"],
        |_| Ready::Yes,
    ),
    Case {
        what: "stdout is a full disk",
        status: 1,
        begins: "",
        spoil: |_| {
            if std::path::Path::new("/dev/full").exists() {
                Ready::Yes
            } else {
                Ready::No("there is no /dev/full here")
            }
        },
        arguments: MINE,
        kind: Kind::Unprinted,
    },
];

/// A script that no mode is called after.
fn with_rate_switch(desk: &Desk) -> Ready {
    desk.write("strategies/rate_switch.rhai", desk.read("mine.rhai"));
    Ready::Yes
}
