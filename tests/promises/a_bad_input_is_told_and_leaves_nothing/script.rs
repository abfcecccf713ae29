//! Scripts that do not load, fail, or use up what they may.

use super::{Case, MINE, Ready, case};
use crate::desk::Desk;

/// The exit of a script that never enters.
const EXIT: &str = "\nfn exit(ctx) {\n    hold(\"nothing is held\")\n}\n";

pub const CASES: &[Case] = &[
    case(
        "the script is not there",
        2,
        "CONFIG-006",
        &["run", "mein.rhai", "--data", "data"],
        |_| Ready::Yes,
    ),
    case(
        "the script of a mode is not there",
        2,
        "CONFIG-003",
        &["run", "btc_basis", "--data", "data"],
        |desk| {
            desk.remove("strategies/btc_basis.rhai");
            Ready::Yes
        },
    ),
    case("a syntax error", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    let held = ctx.balance(\"binance:BaseToken:BTC\";\n    hold(\"nothing\")")
    }),
    case("a brace is not closed", 2, "STRAT-004", MINE, |desk| {
        desk.write(
            "mine.rhai",
            "fn decide(ctx) {\n    if ctx.equity > 0 {\n    hold(\"nothing\")\n}\n",
        );
        Ready::Yes
    }),
    case("an unknown variable", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    if ctx.equity > limit { return hold(\"rich\"); }\n    hold(\"poor\")")
    }),
    case("an unknown function", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    let q = floor_two(1.2345, 0.01);\n    hold(\"nothing\")")
    }),
    case("an unknown order function", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    entry_full(\"in\", [orders::spot_by(\"binance\", \"BTCUSDT\", 0.1)])")
    }),
    case("an order function with too few arguments", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    entry_full(\"in\", [orders::spot_buy(\"binance\", 0.1)])")
    }),
    case("an unknown instrument key", 2, "STRAT-004", MINE, |desk| {
        decide(
            desk,
            "    let held = ctx.balance(\"binanse:BaseToken:BTC\");\n    hold(\"nothing\")",
        )
    }),
    case("an unknown symbol", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    let price = ctx.spot(\"binance\", \"BTCUSD\");\n    hold(\"nothing\")")
    }),
    case("an unknown member of ctx", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    if ctx.equty > 0 { return hold(\"rich\"); }\n    hold(\"poor\")")
    }),
    case("an unknown parameter", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    if ctx.params.treshold > 0 { return hold(\"in\"); }\n    hold(\"out\")")
    }),
    case("a division of whole numbers", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    let third = 1 / 3;\n    hold(\"nothing\")")
    }),
    case("no decide", 2, "STRAT-004", MINE, |desk| {
        desk.write("mine.rhai", EXIT.trim_start());
        Ready::Yes
    }),
    case("a function with the name of the host's", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    hold(\"nothing\")");
        desk.write("mine.rhai", desk.read("mine.rhai") + "\nfn floor_to(x, lot) {\n    x\n}\n");
        Ready::Yes
    }),
    case("an unknown import", 2, "STRAT-004", MINE, |desk| {
        decide(desk, "    hold(\"nothing\")");
        desk.write(
            "mine.rhai",
            format!("import \"stdlib/sizeing\" as sizing;\n\n{}", desk.read("mine.rhai")),
        );
        Ready::Yes
    }),
    case(
        "an error in an imported file",
        2,
        "STRAT-004",
        &["run", "btc_basis", "--data", "data"],
        |desk| {
            desk.edit_lines("stdlib/carry.rhai", |lines| lines.retain(|line| line != "}"));
            Ready::Yes
        },
    ),
    case("several faults at once in a script", 2, "STRAT-004", MINE, |desk| {
        decide(
            desk,
            "    let a = ctx.balance(\"okx:BaseToken:BTC\");\n    let b = ctx.equitty;\n    hold(\"nothing\")",
        )
    }),
    case("a script throws", 1, "STRAT-001", MINE, |desk| {
        decide(
            desk,
            "    if ctx.now > 1704099600000 { throw \"this should not happen\"; }\n    hold(\"nothing\")",
        )
    }),
    case("a key that is computed is unknown", 1, "STRAT-001", MINE, |desk| {
        decide(
            desk,
            "    let venue = \"kraken\";\n    let held = ctx.balance(venue + \":BaseToken:BTC\");\n    hold(\"nothing\")",
        )
    }),
    case("a division by zero", 1, "STRAT-001", MINE, |desk| {
        decide(
            desk,
            "    let held = ctx.balance(\"binance:BaseToken:BTC\");\n    let ratio = ctx.equity / held;\n    hold(\"nothing\")",
        )
    }),
    case("an error in a function that is called", 1, "STRAT-001", MINE, |desk| {
        decide(desk, "    let size = size_of(ctx, \"BTC\");\n    hold(\"nothing\")");
        desk.write(
            "mine.rhai",
            desk.read("mine.rhai")
                + "\nfn size_of(ctx, token) {\n    let list = [1, 2, 3];\n    list[7]\n}\n",
        );
        Ready::Yes
    }),
    case("decide answers with a number", 1, "STRAT-001", MINE, |desk| decide(desk, "    42")),
    case("decide answers with nothing", 1, "STRAT-001", MINE, |desk| {
        decide(desk, "    let equity = ctx.equity;")
    }),
    case("an amount is compared", 1, "STRAT-00", MINE, |desk| {
        decide(
            desk,
            "    let buy = orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1);\n    if buy.out > 0.05 { return entry_full(\"in\", [buy]); }\n    hold(\"nothing\")",
        )
    }),
    case("an endless loop", 1, "STRAT-005", MINE, |desk| {
        decide(desk, "    let n = 0;\n    while true { n += 1; }\n    hold(\"nothing\")")
    }),
    case("a function that calls itself without end", 1, "STRAT-005", MINE, |desk| {
        decide(desk, "    deeper(1);\n    hold(\"nothing\")");
        desk.write(
            "mine.rhai",
            desk.read("mine.rhai") + "\nfn deeper(n) {\n    deeper(n + 1)\n}\n",
        );
        Ready::Yes
    }),
    case("a script takes all the memory", 1, "STRAT-005", MINE, |desk| {
        decide(
            desk,
            "    let text = \"\"; text.pad(4000, \"x\");\n    let held = || ();\n    for i in 0..9000 { held = pack(text + i, held); }\n    hold(\"nothing\")\n}\n\nfn pack(text, before) {\n    || [text, before]",
        )
    }),
    case("a text that grows without end", 1, "STRAT-005", MINE, |desk| {
        decide(desk, "    let text = \"x\";\n    loop { text += text; }")
    }),
    case("a state that is no plain data", 1, "STRAT-006", MINE, |desk| {
        decide(
            desk,
            "    this.buy = orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1);\n    hold(\"nothing\")",
        )
    }),
];

/// A script with this body of `decide`.
fn decide(desk: &Desk, body: &str) -> Ready {
    desk.write("mine.rhai", format!("fn decide(ctx) {{\n{body}\n}}\n{EXIT}"));
    Ready::Yes
}
