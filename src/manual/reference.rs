//! The reference page: every function, method and property with its parameters, units, result, errors and an example.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use crate::script::api::{Entry, Kind, Owner, Shape};

use super::examples::Examples;
use super::stdlib::Module;
use super::{tables, type_of};

/// What the page is made of beside the tables, and what it lacks.
#[derive(Clone, Debug)]
pub struct Pages {
    /// The text of `docs/scripting/reference.md`.
    pub text: String,
    /// Entries without an example, as `test_ctx_balance`.
    pub without_example: Vec<String>,
    /// Examples of what does not exist.
    pub without_entry: Vec<String>,
}

/// A part of the page: its heading, what stands under it, and the entries of an owner.
type Part = (Owner, &'static str, &'static str);

const OF_SCRIPTS: [Part; 10] = [
    (Owner::Global, "Decisions, groups, maths, log", "Called by their bare names."),
    (
        Owner::Orders,
        "Orders",
        "Each builds an order with the balance deltas that it is expected to bring. Nothing is sent until a decision with the order is returned.",
    ),
    (Owner::Order, "An order", "What can be read of an order that was built."),
    (
        Owner::Amount,
        "An amount",
        "A promise that is bound from an actual fill or balance when its order is sent.",
    ),
    (
        Owner::Ctx,
        "The step: `ctx`",
        "What a script may know of the step. Balances in tokens, quantities in coins, rates as fractions, times in ms.",
    ),
    (Owner::Market, "A market", "What `ctx.market(venue, kind, symbol)` gives."),
    (
        Owner::Pair,
        "A pair",
        "What `ctx.pair(venue, symbol)` gives: a spot market, its perp, and what is held of both.",
    ),
    (
        Owner::Hedge,
        "A hedge",
        "What `ctx.hedge(symbol)` gives: the pairs of a symbol at all exchanges of the run together.",
    ),
    (Owner::Risk, "Risk", "What `ctx.risk` gives."),
    (Owner::Error, "An error", "What `catch (error)` gives, when a host function has failed."),
];

const OF_TESTS: [Part; 5] = [
    (Owner::Global, "Worlds and assertions", "Known in files of tests alone."),
    (
        Owner::World,
        "A world",
        "The engine of a backtest with its simulated venues, taken step by step in a weather that the test makes. What is set holds from the next step on.",
    ),
    (
        Owner::Step,
        "A step",
        "What `world.step()` gives: the decision, what was sent, and what became of it before the next step.",
    ),
    (Owner::Sent, "An order that was sent", "What `step.orders` holds."),
    (
        Owner::Case,
        "A draw",
        "What `check_all` hands to a property: one case, drawn number by number. What was drawn is told when the property fails.",
    ),
];

/// The word for an owner in the names of examples.
const fn word(owner: Owner) -> &'static str {
    match owner {
        Owner::Global => "global",
        Owner::Orders => "orders",
        Owner::Ctx => "ctx",
        Owner::Risk => "risk",
        Owner::Market => "market",
        Owner::Pair => "pair",
        Owner::Hedge => "hedge",
        Owner::Amount => "amount",
        Owner::Order => "order",
        Owner::Error => "error",
        Owner::World => "world",
        Owner::Step => "step",
        Owner::Sent => "sent",
        Owner::Case => "draw",
    }
}

/// The page, from the tables, the modules of a folder and the examples of another.
///
/// # Errors
/// A sentence, when a file cannot be read.
pub fn reference(stdlib: &Path, examples: &Path) -> Result<Pages, String> {
    let mut page = Page {
        text: format!("{HEAD}{}", contents(stdlib)?),
        examples: Examples::of(examples)?,
        used: BTreeSet::new(),
        without: Vec::new(),
    };
    let [scripts, tests] = tables();
    page.text.push_str("\n# In strategies\n");
    for part in OF_SCRIPTS {
        page.part(part, &scripts);
    }
    page.text.push_str("\n# In `stdlib/`\n\nModules for strategies: `import \"stdlib/sizing\" as sizing;` at the top of the file.\n");
    for module in Module::all(stdlib)? {
        page.module(&module);
    }
    page.text.push_str("\n# In tests\n\nFiles of tests can call all of the above, too; functions that need a step look at the one that `world.ctx()` or `world.look()` took last.\n");
    for part in OF_TESTS {
        page.part(part, &tests);
    }
    let names: Vec<String> = page.examples.names().map(str::to_owned).collect();
    let without_entry = names.into_iter().filter(|name| !page.used.contains(name)).collect();
    Ok(Pages { text: page.text, without_example: page.without, without_entry })
}

const HEAD: &str = "<!-- Generated from the functions that the host registers; a test keeps the two equal. -->\n\n\
    Every function, method and property that a script can use, with parameters, units, result, errors and an example. The\n\
    examples are tests, run with all others: `basis test docs/scripting/examples`.\n";

/// The headings with their links, as GitHub makes them of headings.
fn contents(stdlib: &Path) -> Result<String, String> {
    let link = |title: &str| {
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let anchor: String = kept.collect::<String>().to_lowercase().replace(' ', "-");
        format!("[{title}](#{anchor})")
    };
    let of = |parts: &[Part]| -> String {
        parts.iter().map(|(_, title, _)| link(title)).collect::<Vec<_>>().join(" · ")
    };
    let modules = Module::all(stdlib)?;
    let modules: Vec<String> =
        modules.iter().map(|module| link(&format!("stdlib/{}", module.name))).collect();
    Ok(format!(
        "\n- In strategies: {}\n- Modules: {}\n- In tests: {}\n",
        of(&OF_SCRIPTS),
        modules.join(" · "),
        of(&OF_TESTS)
    ))
}

struct Page {
    text: String,
    examples: Examples,
    used: BTreeSet<String>,
    without: Vec<String>,
}

impl Page {
    fn part(&mut self, (owner, title, about): Part, table: &[Entry]) {
        // Writing into a string cannot fail.
        let _ = write!(self.text, "\n## {title}\n\n{about}\n");
        for entry in table.iter().filter(|entry| entry.owner == owner) {
            self.entry(entry);
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let _ = write!(self.text, "\n### `{}`\n\n{}\n", entry.signature(), entry.doc);
        if !entry.params.is_empty() {
            self.text.push_str("\n| parameter | type | what it is |\n| --- | --- | --- |\n");
            for param in entry.params {
                let optional = if param.is_optional { ", may be left out" } else { "" };
                let unit = param.unit.replace('|', "\\|");
                let unit = match param.choices {
                    [] => unit,
                    choices => format!("{unit}: {}", choices.join(", ")),
                };
                let _ = writeln!(
                    self.text,
                    "| `{}` | {}{optional} | {unit} |",
                    param.name,
                    type_of(param)
                );
            }
        }
        if entry.returns != "()" {
            let verb = if entry.shape == Shape::Property { "Reads" } else { "Gives" };
            let _ = write!(self.text, "\n{verb}: {}.\n", entry.gives());
        }
        let errors = errors(entry);
        if !errors.is_empty() {
            let _ = write!(self.text, "\nFails: {}.\n", errors.join("; "));
        }
        self.example(&format!("{}_{}", word(entry.owner), entry.name));
    }

    fn module(&mut self, module: &Module) {
        let _ = write!(self.text, "\n## `stdlib/{}`\n\n{}\n", module.name, module.doc);
        for function in &module.functions {
            let params = function.params.join(", ");
            let _ = write!(
                self.text,
                "\n### `{}::{}({params})`\n\n{}\n",
                module.name, function.name, function.doc
            );
            self.example(&format!("stdlib_{}_{}", module.name, function.name));
        }
    }

    fn example(&mut self, name: &str) {
        match self.examples.get(name) {
            Some(example) => {
                let _ = write!(self.text, "\n```rust\n{example}\n```\n");
                self.used.insert(name.to_owned());
            }
            None => self.without.push(format!("test_{name}")),
        }
    }
}

/// What can go wrong with a call: what its parameters can be, and what the function says itself.
fn errors(entry: &Entry) -> Vec<String> {
    let mut errors: Vec<String> = Vec::new();
    for param in entry.params {
        let name = param.name;
        let error = match param.kind {
            Kind::Key => format!("`{name}` is no key of the run"),
            Kind::Venue => format!("`{name}` is no venue of the mode"),
            Kind::Token => format!("`{name}` is no token of the mode"),
            Kind::SpotSymbol | Kind::PerpSymbol | Kind::Symbol => {
                format!("there is no such market of `{name}`")
            }
            Kind::MarketKind => format!("`{name}` is neither \"spot\" nor \"perp\""),
            Kind::Number => format!("`{name}` is no number"),
            Kind::Amount => format!("`{name}` is neither a number nor an amount"),
            Kind::Options => format!("`{name}` has an unknown field"),
            Kind::Parts => format!("`{name}` is no map of numbers by venue"),
            Kind::Orders => format!("`{name}` holds what is no order"),
            Kind::Decision => format!("`{name}` is no decision"),
            Kind::Series => format!("`{name}` is not subscribed"),
            Kind::Text | Kind::Function | Kind::Any => continue,
        };
        errors.push(error);
    }
    errors.extend((!entry.fails.is_empty()).then(|| entry.fails.to_owned()));
    errors
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
    }

    fn pages() -> Pages {
        reference(&root().join("stdlib"), &root().join("docs/scripting/examples")).unwrap()
    }

    #[test]
    fn every_entry_has_its_example_and_every_example_its_entry() {
        let Pages { without_example, without_entry, .. } = pages();
        assert!(without_example.is_empty(), "no example:\n{}", without_example.join("\n"));
        assert!(without_entry.is_empty(), "nothing is called so:\n{}", without_entry.join("\n"));
    }

    /// `BASIS_BLESS=1 cargo test manual` writes the file anew.
    #[test]
    fn the_committed_page_is_what_the_host_registers() {
        let path = root().join("docs/scripting/reference.md");
        let text = pages().text;
        if std::env::var_os("BASIS_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(committed, text, "run BASIS_BLESS=1 cargo test manual");
    }
}
