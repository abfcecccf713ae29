//! For each lint a wrong and a right piece of a script. `docs/scripting/lints.md` shows them, and a test runs them.

use super::Lint;
use super::doors;
use super::lints::{
    ALIAS, ARITY, CAUGHT, CHOICE, CONDITION, DIVISION, DROPPED, EFFECT, ENDING, ENTRY, EQUAL,
    FOR_EACH, FUNCTION, GIVEN, GUARD, HIDING, ITEMS, KEPT, LEGS, LOOP, MEMBER, METHOD, MIXED,
    NEVER, NOTHING, NUMBER, OPERANDS, OPTION, PLACE, PLAN, QUOTED, REASON, ROLE, SAME, SORT, STATE,
    SWAPPED, TURNED, TYPE, UNBOUND, UNITS, UNNEEDED, UNPLANNED, UNREACHABLE, UNREAD, VENUE,
};
use super::loading;
use super::names;
use super::{namesakes, unanswered, unasserted, unread};

/// What is shown of a lint; where a piece has no `fn decide`, it stands in one.
pub struct Example {
    /// The lint.
    pub lint: Lint,
    /// What it finds something in.
    pub wrong: &'static str,
    /// How it is meant.
    pub right: &'static str,
}

const fn example(lint: Lint, wrong: &'static str, right: &'static str) -> Example {
    Example { lint, wrong, right }
}

/// All lints, in the order of the document.
pub const EXAMPLES: &[Example] = &[
    example(
        loading::SYNTAX,
        "let x = 1e-4;",
        "let band = 0.0001;\nlog(\"info\", \"band \" + band);",
    ),
    example(
        loading::VARIABLE,
        "let band = 0.01;\nif ctx.params.allocation > bnad + band { return hold(\"much\"); }",
        "let band = 0.01;\nif ctx.params.allocation > band { return hold(\"much\"); }",
    ),
    example(
        loading::MODULE,
        "let rest = sizing::deployed(ctx);\nlog(\"info\", \"rest \" + rest);",
        "import \"stdlib/hedging\" as hedging;\nfn decide(ctx) { exit_partial(\"less\", hedging::shrink(\"binance\", \"BTCUSDT\", 0.1)) }\nfn exit(ctx) { hold(\"flat at \" + ctx.now) }",
    ),
    example(
        loading::CONSTANT,
        "const BAND = 0.01;\nBAND = 0.02;",
        "let band = 0.01;\nif ctx.wind_down { band = 0.02; }\nlog(\"info\", \"band \" + band);",
    ),
    example(
        loading::TWICE,
        "let m = #{ a: 1.5, a: 2.5 };\nlog(\"info\", \"m \" + m.a);",
        "let m = #{ a: 1.5, b: 2.5 };\nlog(\"info\", \"m \" + m.a + m.b);",
    ),
    example(
        loading::IMPORT,
        "import \"stdlib/sizeing\" as sizing;\nfn decide(ctx) { hold(\"x\") }\nfn exit(ctx) { hold(\"x\") }",
        "import \"stdlib/hedging\" as hedging;\nfn decide(ctx) { exit_partial(\"less\", hedging::shrink(\"binance\", \"BTCUSDT\", 0.1)) }\nfn exit(ctx) { hold(\"flat at \" + ctx.now) }",
    ),
    example(
        doors::DOOR,
        "fn decide(ctx) { hold(\"at \" + ctx.now) }",
        "fn decide(ctx) { hold(\"at \" + ctx.now) }\nfn exit(ctx) { hold(\"flat\") }",
    ),
    example(
        names::SHADOWED,
        "fn decide(ctx) { hold(\"at \" + min(ctx.equity, 1.5)) }\nfn exit(ctx) { hold(\"flat\") }\nfn min(a, b) { if a < b { a } else { b } }",
        "fn decide(ctx) { hold(\"at \" + least(ctx.equity, 1.5)) }\nfn exit(ctx) { hold(\"flat\") }\nfn least(a, b) { if a < b { a } else { b } }",
    ),
    example(
        namesakes::LINT,
        "import \"stdlib/treasury\" as treasury;\nfn decide(ctx) { hold(\"kept \" + treasury::kept(ctx) + \" of \" + working(ctx)) }\nfn exit(ctx) { hold(\"flat\") }\nfn working(ctx) { ctx.equity * 0.9 }",
        "import \"stdlib/treasury\" as treasury;\nfn decide(ctx) { hold(\"kept \" + treasury::kept(ctx) + \" of \" + at_work(ctx)) }\nfn exit(ctx) { hold(\"flat\") }\nfn at_work(ctx) { ctx.equity * 0.9 }",
    ),
    example(
        names::TOP_LEVEL,
        "let count = 0;\nfn decide(ctx) { hold(\"at \" + ctx.now) }\nfn exit(ctx) { hold(\"flat\") }",
        "fn decide(ctx) { this.count = (this.count ?? 0) + 1; hold(\"turn \" + this.count) }\nfn exit(ctx) { hold(\"flat\") }",
    ),
    example(
        names::PARAMETER,
        "if ctx.params.alocation > 0.5 { return hold(\"much\"); }",
        "if ctx.params.allocation > 0.5 { return hold(\"much\"); }",
    ),
    example(
        names::NAME,
        "if ctx.balance(\"binance:BaseToken:BCT\") > 0 { return hold(\"held\"); }",
        "if ctx.balance(\"binance:BaseToken:BTC\") > 0 { return hold(\"held\"); }",
    ),
    example(
        ROLE,
        "if ctx.position(\"binance:BaseToken:BTC\") != 0 { return hold(\"held\"); }",
        "if ctx.position(\"binance:Perp:BTCUSDT\") != 0 { return hold(\"held\"); }",
    ),
    example(
        CHOICE,
        "if ctx.risk.level == \"exti\" { return exit(ctx); }",
        "if ctx.risk.level == \"exit\" { return exit(ctx); }",
    ),
    example(
        FUNCTION,
        "let coins = florr_to(0.1234, 0.001);\nlog(\"info\", \"coins \" + coins);",
        "let coins = floor_to(0.1234, 0.001);\nlog(\"info\", \"coins \" + coins);",
    ),
    example(
        MEMBER,
        "if ctx.winddown { return exit(ctx); }",
        "if ctx.wind_down { return exit(ctx); }",
    ),
    example(
        METHOD,
        "let list = [1.5];\nlist.psuh(2.5);\nlog(\"info\", \"of \" + list.len());",
        "let list = [1.5];\nlist.push(2.5);\nlog(\"info\", \"of \" + list.len());",
    ),
    example(
        ARITY,
        "if ctx.in_band(\"binance:BaseToken:BTC\", 0.5) { return hold(\"in band\"); }",
        "if ctx.in_band(\"binance:BaseToken:BTC\", 0.5, 0.02) { return hold(\"in band\"); }",
    ),
    example(TYPE, "return hold([\"nothing to do\"]);", "return hold(\"nothing to do\");"),
    example(
        SWAPPED,
        "fn decide(ctx) { let coins = 0.5; let price = ctx.price(\"BTC\"); hold(\"worth \" + worth(price, coins)) }\nfn exit(ctx) { hold(\"flat\") }\nfn worth(coins, price) { coins * price }",
        "fn decide(ctx) { let coins = 0.5; let price = ctx.price(\"BTC\"); hold(\"worth \" + worth(coins, price)) }\nfn exit(ctx) { hold(\"flat\") }\nfn worth(coins, price) { coins * price }",
    ),
    example(
        OPTION,
        "return exit_partial(\"less\", orders::perp_buy(\"binance\", \"BTCUSDT\", 0.1, #{ slippage_bps: 0.003 }));",
        "return exit_partial(\"less\", orders::perp_buy(\"binance\", \"BTCUSDT\", 0.1, #{ slippage_bps: 30 }));",
    ),
    example(
        UNITS,
        "let coins = ctx.balance(\"binance:BaseToken:BTC\");\nif coins > 0.5 * ctx.equity { return hold(\"much\"); }",
        "let coins = ctx.balance(\"binance:BaseToken:BTC\");\nif coins * ctx.price(\"BTC\") > 0.5 * ctx.equity { return hold(\"much\"); }",
    ),
    example(
        NUMBER,
        "if ctx.params.allocation > 50 { return hold(\"much\"); }",
        "if ctx.params.allocation > 0.5 { return hold(\"much\"); }",
    ),
    example(
        DIVISION,
        "let share = 1 / 3;\nlog(\"info\", \"share \" + share);",
        "let share = 1.0 / 3;\nlog(\"info\", \"share \" + share);",
    ),
    example(
        OPERANDS,
        "let more = ctx.equity * [0.5];\nlog(\"info\", \"more \" + more);",
        "let more = ctx.equity * 0.5;\nlog(\"info\", \"more \" + more);",
    ),
    example(
        EQUAL,
        "if ctx.equity == \"nothing\" { return hold(\"nothing\"); }",
        "if ctx.equity == 0 { return hold(\"nothing\"); }",
    ),
    example(
        CONDITION,
        "if ctx.equity { return hold(\"something\"); }",
        "if ctx.equity > 0 { return hold(\"something\"); }",
    ),
    example(
        NOTHING,
        "let paid = ctx.funding(\"binance\", \"BTCUSDT\");\nif paid < 0 { return exit(ctx); }",
        "let paid = ctx.funding(\"binance\", \"BTCUSDT\");\nif paid != () && paid < 0 { return exit(ctx); }",
    ),
    example(
        GIVEN,
        "fn decide(ctx) { let said = told(ctx); hold(\"said \" + said) }\nfn exit(ctx) { hold(\"flat\") }\nfn told(ctx) { log(\"info\", \"at \" + ctx.now); }",
        "fn decide(ctx) { told(ctx); hold(\"said\") }\nfn exit(ctx) { hold(\"flat\") }\nfn told(ctx) { log(\"info\", \"at \" + ctx.now); }",
    ),
    example(
        ENDING,
        "fn decide(ctx) { if ctx.equity > 0 { hold(\"something\") } }\nfn exit(ctx) { hold(\"flat\") }",
        "fn decide(ctx) { if ctx.equity > 0 { hold(\"something\") } else { hold(\"nothing\") } }\nfn exit(ctx) { hold(\"flat\") }",
    ),
    example(DROPPED, "if ctx.wind_down { exit(ctx); }", "if ctx.wind_down { return exit(ctx); }"),
    example(
        UNPLANNED,
        "let bought = orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1);\nreturn entry_partial(\"more\", orders::spot_sell(\"binance\", \"BTCUSDT\", bought.out));",
        "let bought = orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1);\nreturn entry_partial(\"more\", [bought, orders::spot_sell(\"binance\", \"BTCUSDT\", bought.out)]);",
    ),
    example(
        PLACE,
        "let bought = orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1);\nreturn entry_partial(\"more\", [orders::spot_sell(\"binance\", \"BTCUSDT\", bought.out), bought]);",
        "let bought = orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1);\nreturn entry_partial(\"more\", [bought, orders::spot_sell(\"binance\", \"BTCUSDT\", bought.out)]);",
    ),
    example(
        MIXED,
        "let plan = [orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1)];\nplan.push(0.5);\nlog(\"info\", \"of \" + plan.len());",
        "let plan = [orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1)];\nplan.push(orders::perp_sell(\"binance\", \"BTCUSDT\", 0.1));\nreturn entry_full(\"both\", plan);",
    ),
    example(PLAN, "return exit_partial(\"less\", []);", "return hold(\"nothing to sell\");"),
    example(REASON, "return hold(\"\");", "return hold(\"in band\");"),
    example(
        STATE,
        "this.market = ctx.market(\"binance\", \"spot\", \"BTCUSDT\");\nif this.market != () { return hold(\"kept\"); }",
        "this.lot = ctx.market(\"binance\", \"spot\", \"BTCUSDT\").lot;\nif this.lot != () { return hold(\"kept\"); }",
    ),
    example(
        KEPT,
        "this.since = ctx.now;\nif this.sinse != () { return hold(\"kept\"); }",
        "this.since = ctx.now;\nif this.since != () { return hold(\"kept\"); }",
    ),
    example(
        UNREACHABLE,
        "return hold(\"done\");\nlog(\"info\", \"never said\");",
        "log(\"info\", \"said\");\nreturn hold(\"done\");",
    ),
    example(UNREAD, "let band = 0.01;", "let band = 0.01;\nlog(\"info\", \"band \" + band);"),
    example(
        HIDING,
        "let plan = [];\nif ctx.equity > 0 { let plan = [orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1)]; return entry_full(\"all\", plan); }\nlog(\"info\", \"orders \" + plan.len());",
        "let plan = [];\nif ctx.equity > 0 { plan = [orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1)]; return entry_full(\"all\", plan); }\nlog(\"info\", \"orders \" + plan.len());",
    ),
    example(
        UNNEEDED,
        "fn decide(ctx) { hold(\"at \" + ctx.now) }\nfn exit(ctx) { hold(\"flat\") }\nfn forgotten(x) { 2 * x }",
        "fn decide(ctx) { hold(\"twice \" + doubled(ctx.equity)) }\nfn exit(ctx) { hold(\"flat\") }\nfn doubled(x) { 2 * x }",
    ),
    example(
        ALIAS,
        "import \"stdlib/hedging\" as orders;\nfn decide(ctx) { exit_partial(\"less\", orders::perp_buy(\"binance\", \"BTCUSDT\", 0.1)) }\nfn exit(ctx) { hold(\"flat at \" + ctx.now) }",
        "import \"stdlib/hedging\" as hedging;\nfn decide(ctx) { exit_partial(\"less\", hedging::shrink(\"binance\", \"BTCUSDT\", 0.1)) }\nfn exit(ctx) { hold(\"flat at \" + ctx.now) }",
    ),
    example(
        EFFECT,
        "let part = 1.0 * ctx.equity;\nlog(\"info\", \"part \" + part);",
        "let part = 0.01 * ctx.equity;\nlog(\"info\", \"part \" + part);",
    ),
    example(
        UNBOUND,
        "fn decide(ctx) { count(ctx); hold(\"counted\") }\nfn exit(ctx) { hold(\"flat\") }\nfn count(ctx) { this.last = ctx.now; }",
        "fn decide(ctx) { this.count(ctx); hold(\"counted\") }\nfn exit(ctx) { hold(\"flat\") }\nfn count(ctx) { this.last = ctx.now; }",
    ),
    example(
        ITEMS,
        "let shares = #{ binance: 0.5, wallet: 0.5 };\nfor venue in shares { log(\"info\", \"at \" + venue); }",
        "let shares = #{ binance: 0.5, wallet: 0.5 };\nfor venue in shares.keys() { log(\"info\", \"at \" + venue); }",
    ),
    example(
        CAUGHT,
        "let shares = #{ binance: 0.5, okx: 0.0 };\nlet used = shares.keys().filter(|venue| shares[venue] > 0);\nlog(\"info\", \"used \" + used.len());",
        "let shares = #{ binance: 0.5, okx: 0.0 };\nlet venues = shares.keys();\nlet used = venues.filter(|venue| shares[venue] > 0);\nlog(\"info\", \"used \" + used.len());",
    ),
    example(
        FOR_EACH,
        "let prices = [1.5, 2.5];\nprices.for_each(|price| log(\"info\", \"price \" + price));",
        "let prices = [1.5, 2.5];\nfor price in prices { log(\"info\", \"price \" + price); }",
    ),
    example(
        NEVER,
        "if ctx.equity > 1000 { return hold(\"much\"); }\nif ctx.equity > 1000 { return hold(\"more\"); }",
        "if ctx.equity > 2000 { return hold(\"more\"); }\nif ctx.equity > 1000 { return hold(\"much\"); }",
    ),
    example(
        GUARD,
        "let market = ctx.market(\"binance\", \"spot\", \"BTCUSDT\");\nif market.tradable { return hold(\"no price\"); }\nreturn exit_partial(\"less\", [orders::spot_sell(\"binance\", \"BTCUSDT\", 0.1)]);",
        "let market = ctx.market(\"binance\", \"spot\", \"BTCUSDT\");\nif !market.tradable { return hold(\"no price\"); }\nreturn exit_partial(\"less\", [orders::spot_sell(\"binance\", \"BTCUSDT\", 0.1)]);",
    ),
    example(
        SORT,
        "let waits = \"no\";\nif ctx.equity > 1000 { waits = true; }\nlog(\"info\", \"waits \" + waits);",
        "let waits = false;\nif ctx.equity > 1000 { waits = true; }\nlog(\"info\", \"waits \" + waits);",
    ),
    example(
        LEGS,
        "if ctx.wind_down {\n    return exit_full(\"out\", [parallel([\n        orders::spot_sell(\"binance\", \"BTCUSDT\", 0.1),\n        orders::perp_buy(\"binance\", \"BTCUSDT\", 0.1),\n    ])]);\n}\nreturn entry_full(\"hedged\", [parallel([\n    orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1),\n    orders::perp_buy(\"binance\", \"BTCUSDT\", 0.1),\n])]);",
        "if ctx.wind_down {\n    return exit_full(\"out\", [parallel([\n        orders::spot_sell(\"binance\", \"BTCUSDT\", 0.1),\n        orders::perp_buy(\"binance\", \"BTCUSDT\", 0.1),\n    ])]);\n}\nreturn entry_full(\"hedged\", [parallel([\n    orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1),\n    orders::perp_sell(\"binance\", \"BTCUSDT\", 0.1),\n])]);",
    ),
    example(
        VENUE,
        "fn decide(ctx) { exit_partial(\"less\", [less(\"binance\", 0.2), half(\"binance\", 0.2), all(\"binance\")]) }\nfn exit(ctx) { hold(\"flat\") }\nfn less(venue, coins) { orders::spot_sell(venue, \"BTCUSDT\", coins) }\nfn half(venue, coins) { orders::spot_sell(venue, \"BTCUSDT\", coins / 2) }\nfn all(venue) { parallel([orders::spot_sell(\"binance\", \"BTCUSDT\", 0.1), orders::perp_to(venue, \"BTCUSDT\", 0)]) }",
        "fn decide(ctx) { exit_partial(\"less\", [less(\"binance\", 0.2), less(\"binance\", 0.1)]) }\nfn exit(ctx) { hold(\"flat\") }\nfn less(venue, coins) { orders::spot_sell(venue, \"BTCUSDT\", coins / 2) }",
    ),
    example(
        ENTRY,
        "fn decide(ctx) { hold(\"waiting\") }\nfn exit(ctx) { entry_full(\"leaving\", [orders::spot_sell(\"binance\", \"BTCUSDT\", 0.1)]) }",
        "fn decide(ctx) { hold(\"waiting\") }\nfn exit(ctx) { exit_full(\"leaving\", [orders::spot_sell(\"binance\", \"BTCUSDT\", 0.1)]) }",
    ),
    example(
        SAME,
        "if ctx.equity > ctx.equity { return hold(\"more\"); }",
        "if ctx.equity > 1000 { return hold(\"more\"); }",
    ),
    example(
        TURNED,
        "let left = ctx.equity;\nleft =- 10;\nlog(\"info\", \"left \" + left);",
        "let left = ctx.equity;\nleft -= 10;\nlog(\"info\", \"left \" + left);",
    ),
    example(
        LOOP,
        "let n = 0;\nlet sum = 0;\nwhile n < 10 { sum += 1; }\nlog(\"info\", \"sum \" + sum);",
        "let n = 0;\nlet sum = 0;\nwhile n < 10 { sum += n; n += 1; }\nlog(\"info\", \"sum \" + sum);",
    ),
    example(
        QUOTED,
        "let band = \"0.01\";\nlog(\"info\", \"band \" + band);",
        "let band = 0.01;\nlog(\"info\", \"band \" + band);",
    ),
    example(
        super::allow::LINT,
        "// allow(unused-variable)\nlet band = 0.01;\nlog(\"info\", \"band \" + band);",
        "// allow(unused-variable)\nlet band = 0.01;",
    ),
    example(
        unanswered::LINT,
        "fn decide(ctx) { entry_partial(\"more\", orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1)) }\nfn exit(ctx) { exit_full(\"out\", orders::spot_sell(\"binance\", \"BTCUSDT\", orders::all(\"binance:BaseToken:BTC\"))) }",
        "fn decide(ctx) {\n    if ctx.wind_down { return exit(ctx); }\n    entry_partial(\"more\", orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1))\n}\nfn exit(ctx) {\n    if ctx.balance(\"binance:BaseToken:BTC\") == 0 { return hold(\"flat\"); }\n    exit_full(\"out\", orders::spot_sell(\"binance\", \"BTCUSDT\", orders::all(\"binance:BaseToken:BTC\")))\n}",
    ),
    example(unread::LINT, "", ""),
    example(unasserted::LINT, "", ""),
    example(loading::UNREADABLE, "", ""),
];
