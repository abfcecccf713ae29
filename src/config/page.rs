//! `docs/configuration.md`: every key of a configuration with its meaning, unit and default, made of the list that files are
//! checked against and of the shipped defaults.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::lower::{MEANINGS_TOLD, UNITS};
use super::raw::{self, Node};
use super::schema::{Key, ROOT, Shape, VENUE};

/// The keys of a mode's root that are told before the others, and in which order.
const OF_THE_MODE: [&str; 19] = [
    "script",
    "share_class",
    "asset",
    "quote",
    "step",
    "from",
    "to",
    "unwind_at",
    "capital",
    "initial_balances",
    "capital_flows",
    "markets",
    "margin_mode",
    "missing_funding",
    "gas_tank",
    "reserve",
    "rewards",
    "dust",
    "targets",
];

/// The keys of a venue by what has them.
const OF_VENUES: [(&str, &str, &[&str]); 7] = [
    ("Every venue", "", &["kind", "tokens", "transfers", "latency_ms", "fill"]),
    ("Exchanges", "", &["markets", "margin", "impact"]),
    ("The wallet", "", &["gas"]),
    (
        "Venues that lend",
        "What is lent, what is borrowed and the efficiency mode are the mode's own: `aave_v3: { supply: [weETH], borrow: [WETH], \
         e_mode: eth_correlated }`.",
        &["supply", "borrow", "e_mode", "reserves", "e_modes", "liquidation"],
    ),
    (
        "Venues that stake",
        "What is handed out is part of a run with `rewards.enabled`; its series are then read without being subscribed.",
        &["lst", "queue_days", "rewards"],
    ),
    ("Pools", "", &["swaps"]),
    ("Flash loans", "", &["flash"]),
];

const HEAD: &str = "<!-- Generated from src/config/schema.rs and configs/defaults.yaml; a test keeps the two equal. -->\n\n\
# Configuration\n\n\
A mode is a YAML file: which script runs, with which parameters, at which venues, on which data. It lies in `configs/modes/`, or beside\n\
its script under the same name.\n\n";

const LAYERS: &str = "\nIt is short because it stands on others. A later layer covers an earlier one, maps name by name, lists \
and values whole:\n\n\
`configs/defaults.yaml` < `configs/share_classes/CLASS.yaml` < `configs/venues/VENUE.yaml` < the mode < `--set`\n\n\
- `basis config show MODE` checks all of it and prints what is in force, each value with the file that it comes from.\n\
- `--set NAME=VALUE` sets one value for a run: a parameter by its name (`--set resize_band=0.02`), one of several values by name\n  \
  (`--set hedge_allocation.okx=0 --set hedge_allocation.binance=0.7`, which sum to 1 still), anything else by its path\n  \
  (`--set risk.max_age_hours=6`, `--set venues.okx.latency_ms=500`), a list whole (`--set markets=spot,perp`, one of maps as YAML writes it in one line:\n  \
  `--set 'capital_flows=[{at: 2024-07-01, kind: deposit, amount: 1000}]'`).\n\
- A key that is misspelt is refused with the one that is near, a value that does not fit with what would: file, line and column.\n\n\
## How values are written\n\nNumbers are plain and exact (`0.02`, never `2%`), parts are fractions of 1, times are UTC (`2024-06-01` or\n\
`2024-06-01T12:00Z`), spans `5m`, `1h`, `1d`. A name with nothing behind it is *not set*. Indent with spaces, two for each level.\n";

const SERIES: &str = "`pricing` says what prices each token but the quote: candles (`BTC: spot/bybit_BTCUSDT`), a rate in ETH\n\
(`weETH: lst/weETH_exchange_rate`), or another token that it moves with (`WETH: ETH`). `subscriptions` lists all that is read from the\n\
data folder; one that is missing, or that nothing needs, is told by name. A mode needs\n\n\
| for | the series |\n| --- | --- |\n\
| a spot market | `spot/VENUE_SYMBOL` |\n\
| a perp market | `perp/VENUE_SYMBOL` and `funding/VENUE_SYMBOL` |\n\
| a token that is lent or borrowed | `VENUE/TOKEN_rates` |\n\
| a staking token that a pool of the mode swaps | the `market_rate` of the pool |\n\
| gas, where a wallet pays it | one of `gas/` |\n\
| what a venue hands out, with `rewards.enabled` | its `distributions` and `price`, read by themselves |\n\
| a price | what `pricing` names |";

/// The sections, as links.
const CONTENTS: [(&str, &str); 9] = [
    ("The mode", "the-mode"),
    ("Parameters", "parameters"),
    ("Prices and series", "prices-and-series"),
    ("Venues", "venues"),
    ("Signals", "signals"),
    ("Risk", "risk"),
    ("Execution", "execution"),
    ("Share classes", "share-classes"),
    ("How values are written", "how-values-are-written"),
];

const SIGNALS: &str = "A mode that subscribes to `signals/NAME` follows a model. The file is `signals/NAME_5m.csv[.gz]`, with the step of \
     the run in its name and the\ncolumns `timestamp, signal, confidence, sd, model_version` and, where it is told, `known_at`: a row \
     belongs to the bar that opens at `timestamp`, and is known when\nthat bar has closed, or at `known_at` where that is later; one \
     before the close is refused as look-ahead. `signal` is `long`, `short`, `neutral` or `hold`,\n`confidence` lies between 0 and 1, \
     `sd` is the deviation of the return that the model foresees, as a fraction. Bars without a row are told, and the\nlast signal \
     stands for `signal.max_age_minutes`; rows that come late are counted. A run is refused of which more than\n`signal.max_missing` have \
     none in time: a row that is known when it is older than `signal.max_age_minutes`, or with the next one,\ncomes too late to be \
     acted on.\n\nA service instead is asked with `POST {\"symbol\": \"BTCUSDT\", \"timestamp\": \
     \"2025-03-01T00:00:00Z\"}` for each bar, by its opening, and answers\n`{\"signal\": …, \"confidence\": …, \"sd\": …, \
     \"model_version\": …, \"timestamp\": …}`, of the same bar. What it said is kept in the run's\n`inputs/signals/`, as a file that \
     a data folder can hold.";

/// The text of `docs/configuration.md`.
///
/// # Errors
/// A sentence, when a shipped configuration cannot be read.
pub fn configuration_md(configs: &Path) -> Result<String, String> {
    let read = |name: &str| {
        let unread = |error| format!("{name} cannot be read: {error}");
        fs::read_to_string(configs.join(name)).map_err(unread)
    };
    let defaults = read("defaults.yaml")?;
    let defaults =
        raw::read(&defaults, &Arc::from("defaults.yaml")).map_err(|it| it.to_string())?;
    let links = CONTENTS.map(|(title, anchor)| format!("[{title}](#{anchor})")).join(" · ");
    let mut text = format!(
        "{HEAD}{links}\n\nThis one lends USDT:\n\n```yaml\n{}```\n{LAYERS}",
        read("modes/pure_lending_usdt.yaml")?
    );
    let mode = Rows::with_defaults(&defaults);
    let Shape::Map(root) = &ROOT else { return Err("the root is no map".to_owned()) };
    section(
        &mut text,
        "The mode",
        "A default of — is none: it is said where it is needed.",
        &mode.of(root, &OF_THE_MODE),
    );
    parameters(&mut text, root, &read("modes/btc_basis.yaml")?);
    let series = mode.of(root, &["pricing", "subscriptions"]);
    section(&mut text, "Prices and series", SERIES, &series);
    text.push_str(
        "\n## Venues\n\nUnder `venues` a mode lists where it may act. What a venue is like stands in its file, \
         `configs/venues/VENUE.yaml`, with the source\nof each figure; a mode overrides any of it below the name: \
         `okx: { latency_ms: 500 }`.\n",
    );
    let venues = Rows::default();
    let Shape::Map(known) = &VENUE else { return Err("a venue is no map".to_owned()) };
    for (title, about, names) in OF_VENUES {
        let _ = write!(text, "\n### {title}\n\n");
        if !about.is_empty() {
            let _ = write!(text, "{about}\n\n");
        }
        table(&mut text, &venues.of(known, names));
    }
    section(&mut text, "Signals", SIGNALS, &mode.below(root, "signal"));
    for (name, title) in [("risk", "Risk"), ("execution", "Execution")] {
        let about = "`configs/defaults.yaml` has a value for each; a mode changes those that it wants others for.";
        section(&mut text, title, about, &mode.below(root, name));
    }
    let about = "A file of `configs/share_classes/`, with the capital that it proposes.";
    section(&mut text, "Share classes", about, &Rows::default().below(root, "share"));
    Ok(text)
}

/// The parameters: an example, their fields, units and meanings.
fn parameters(text: &mut String, root: &'static [Key], mode: &str) {
    let example: Vec<&str> = mode
        .lines()
        .skip_while(|line| *line != "  funding_reentry:")
        .take_while(|line| *line == "  funding_reentry:" || line.starts_with("    "))
        .collect();
    // Writing into a string cannot fail.
    let _ = write!(
        text,
        "\n## Parameters\n\nEvery number that a desk may want to turn is a parameter, with its unit and its range. The script reads \
         `ctx.params.funding_reentry`:\n\n```yaml\nparameters:\n{}\n```\n\n",
        example.join("\n")
    );
    table(text, &Rows::default().below(root, "parameters"));
    let units = UNITS.map(|unit| format!("`{unit}`")).join(", ");
    let _ = write!(
        text,
        "\nUnits: {units}, a token of the run (`USDT`), *of …* for a part of something (`of equity`), *… per …* for a price \
         (`USDT per BTC`).\n\nWhat `is` can say:\n\n| is | what the value must fit |\n| --- | --- |\n"
    );
    for (name, told) in MEANINGS_TOLD {
        let _ = writeln!(text, "| `{name}` | {told} |");
    }
}

fn section(text: &mut String, title: &str, about: &str, rows: &[Row]) {
    let _ = write!(text, "\n## {title}\n\n{about}\n\n");
    table(text, rows);
}

fn table(text: &mut String, rows: &[Row]) {
    let has_defaults = rows.iter().any(|row| row.default.is_some());
    let (head, line) = if has_defaults { (" default |", " --- |") } else { ("", "") };
    let _ = writeln!(text, "| key | unit |{head} meaning |\n| --- | --- |{line} --- |");
    for Row { path, key, default } in rows {
        let default = default.as_ref().map_or(String::new(), |default| format!(" {default} |"));
        let _ = writeln!(text, "| `{path}` | {} |{default} {} |", key.unit, key.doc);
    }
}

/// A line of a table.
struct Row {
    path: String,
    key: &'static Key,
    default: Option<String>,
}

/// Makes rows of keys and all that stands below them.
#[derive(Default)]
struct Rows<'a> {
    defaults: Option<&'a Node>,
}

impl<'a> Rows<'a> {
    fn with_defaults(defaults: &'a Node) -> Self {
        Self { defaults: Some(defaults) }
    }

    /// Those of some names.
    fn of(&self, known: &'static [Key], names: &[&str]) -> Vec<Row> {
        let mut rows = Vec::new();
        for name in names {
            let key = known.iter().find(|key| key.name == *name);
            key.into_iter().for_each(|key| self.add(key, "", self.defaults, &mut rows));
        }
        rows
    }

    /// What stands below a name of the root.
    fn below(&self, root: &'static [Key], name: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some(key) = root.iter().find(|key| key.name == name) {
            let node = self.defaults.and_then(|node| node.get(name));
            self.inside(&key.shape, "", node, &mut rows);
        }
        rows
    }

    fn add(&self, key: &'static Key, above: &str, node: Option<&Node>, rows: &mut Vec<Row>) {
        let path =
            if above.is_empty() { key.name.to_owned() } else { format!("{above}.{}", key.name) };
        let node = node.and_then(|node| node.get(key.name));
        let is_told = !matches!(key.shape, Shape::Map(_)) || !key.unit.is_empty();
        if is_told || self.defaults.is_none() {
            let default = self.defaults.map(|_| node.map_or_else(|| "—".to_owned(), shown));
            // Names of values are no keys; those of maps are told with what stands below them.
            let names = match key.shape {
                Shape::Each(Shape::Scalar) => placeholder(key),
                _ => String::new(),
            };
            rows.push(Row { path: format!("{path}{names}"), key, default });
        }
        self.inside(&key.shape, &format!("{path}{}", placeholder(key)), node, rows);
    }

    fn inside(&self, shape: &'static Shape, path: &str, node: Option<&Node>, rows: &mut Vec<Row>) {
        match shape {
            Shape::Scalar => {}
            Shape::List(inner) | Shape::Each(inner) => self.inside(inner, path, None, rows),
            Shape::Map(known) => known.iter().for_each(|key| self.add(key, path, node, rows)),
        }
    }
}

/// What stands for the names and the items below a key.
fn placeholder(key: &Key) -> String {
    let name = match key.name {
        "tokens" | "transfers" | "reserves" | "swaps" | "pricing" | "collateral_ratio" => ".TOKEN",
        "initial_balances" => ".VENUE.TOKEN",
        "symbols" | "tiers" => ".SYMBOL",
        "subscriptions" => ".SERIES",
        _ => ".NAME",
    };
    match &key.shape {
        Shape::Each(Shape::List(_)) => format!("{name}[]"),
        Shape::Each(_) => name.to_owned(),
        Shape::List(_) => "[]".to_owned(),
        _ => String::new(),
    }
}

/// A default as it is written.
fn shown(node: &Node) -> String {
    match node {
        node if node.is_unset() => "not set".to_owned(),
        Node::Text { value, .. } => format!("`{value}`"),
        Node::List(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("`[{}]`", items.join(", ").replace('`', ""))
        }
        Node::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(name, node)| format!("{name}: {}", shown(node))).collect();
            format!("`{{ {} }}`", entries.join(", ").replace('`', ""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
        configuration_md(&configs).unwrap_or_else(|why| panic!("{why}"))
    }

    /// Every key of a map and below it.
    fn names(shape: &'static Shape, all: &mut Vec<&'static Key>) {
        match shape {
            Shape::Scalar => {}
            Shape::List(inner) | Shape::Each(inner) => names(inner, all),
            Shape::Map(known) => {
                for key in known.iter() {
                    all.push(key);
                    names(&key.shape, all);
                }
            }
        }
    }

    #[test]
    fn every_key_is_on_the_page_with_its_meaning() {
        let (page, mut all) = (page(), Vec::new());
        names(&ROOT, &mut all);
        for key in all {
            assert!(key.doc.ends_with('.'), "{}: {}", key.name, key.doc);
            let is_told = page.lines().any(|line| {
                let path = line.strip_prefix("| `").and_then(|line| line.split('`').next());
                let mut names = path.into_iter().flat_map(|path| path.split('.'));
                let is_its = names.any(|name| name.trim_end_matches("[]") == key.name);
                is_its && line.ends_with(&format!("| {} |", key.doc))
            });
            // What only holds others is told by them, or by a heading.
            let is_map = !matches!(key.shape, Shape::Scalar);
            assert!(is_told || is_map, "{} is not on the page", key.name);
        }
    }

    /// `BASIS_BLESS=1 cargo test configuration_page` writes the file anew.
    #[test]
    fn the_committed_configuration_page_is_the_list_of_keys() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
        if std::env::var_os("BASIS_BLESS").is_some() {
            std::fs::write(&path, page()).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(committed, page(), "run BASIS_BLESS=1 cargo test configuration_page");
    }
}
