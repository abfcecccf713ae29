//! A variable that is not there: what it is instead, or what was meant where it stands.

use super::habits::{MAP, ONE_EACH};
use super::words::Kind;
use super::{Page, Told, declared_near, meant};
use crate::script::api::{Entry, Owner, Shape};
use crate::script::check::is_of_language;

/// How long a piece of the script may be that is shown in a help.
const SHOWN_MAX: usize = 48;

/// What is said of a variable that is not there; `None` where it is just that.
pub(super) fn of(page: &Page<'_>, here: usize, entries: &[Entry]) -> Option<Told> {
    // x => … is a function of other languages, and told as one.
    if page.word(here + 1) == "=" && page.word(here + 2) == ">" {
        return None;
    }
    single_colon(page, here)
        .or_else(|| argument(page, here, entries))
        .or_else(|| module(page, here))
        .or_else(|| declaration(page, here))
        .or_else(|| function(page, here, entries))
        .or_else(|| constant(page, here))
        .or_else(|| of_tests(page, here, entries))
        .or_else(|| member(page, here, entries))
        .or_else(|| not_imported(page, here, entries))
}

/// The same of `f(x = 1)` where there is an x, at which the parser stumbles by the sign.
pub(super) fn argument_at(page: &Page<'_>, here: usize, entries: &[Entry]) -> Option<Told> {
    [here, here.checked_sub(1)?].into_iter().find_map(|at| argument(page, at, entries))
}

/// `orders:unstake(…)`
fn single_colon(page: &Page<'_>, here: usize) -> Option<Told> {
    let name = page.word(here);
    let is_call = is_named(page, here)
        && page.words.get(here + 2)?.kind == Kind::Name
        && page.word(here + 3) == "(";
    (is_call && is_module(page, name)).then(|| {
        let call = page.word(here + 2);
        Told::new("a function of a module is called by '::'", &format!("write {name}::{call}(…)"))
    })
}

/// Whether a name is that of the orders or of an import.
fn is_module(page: &Page<'_>, name: &str) -> bool {
    let is_alias = |at: usize| page.word(at) == name && page.word(at - 1) == "as";
    name == "orders"
        || (3..page.words.len()).any(|at| is_alias(at) && page.word(at - 3) == "import")
}

/// `f(x = 1)` and `f(x: 1)`, and `[x: 1]`.
fn argument(page: &Page<'_>, here: usize, entries: &[Entry]) -> Option<Told> {
    if page.words.get(here)?.kind != Kind::Name || !is_set(page, here) && !is_named(page, here) {
        return None;
    }
    let opener = page.innermost(here)?;
    let is_first = ["(", "[", ","].contains(&page.word(here.checked_sub(1)?));
    let callee = opener.checked_sub(1)?;
    match page.word(opener) {
        "[" if is_first && is_named(page, here) => {
            Some(Told::new("a list has no names in it", MAP).at(page.place(here)))
        }
        "(" if is_first && is_called(page, callee) => {
            let told = Told::new("arguments have no names here", &in_order(page, callee, entries));
            Some(told.at(page.place(here)))
        }
        _ => None,
    }
}

/// Whether a word before a bracket is that of a call, and of no definition.
fn is_called(page: &Page<'_>, at: usize) -> bool {
    let is_name = page.words[at].kind == Kind::Name;
    let is_word = ["if", "while", "for", "switch", "return", "in", "fn", "catch"];
    is_name && !is_word.contains(&page.word(at)) && (at == 0 || page.word(at - 1) != "fn")
}

/// How a function is called.
fn in_order(page: &Page<'_>, callee: usize, entries: &[Entry]) -> String {
    let name = page.word(callee);
    let is_orders = callee > 2 && page.word(callee - 3) == "orders";
    // Of a module only the orders are known here.
    let is_of_module = callee > 0 && page.word(callee - 1) == ":" && !is_orders;
    let is_meant = |entry: &&Entry| {
        entry.name == name
            && (entry.owner == Owner::Orders) == is_orders
            && entry.shape == Shape::Call
    };
    let signature = entries.iter().find(is_meant).map(Entry::signature).or_else(|| {
        let of =
            (1..page.words.len()).find(|&at| page.word(at) == name && page.word(at - 1) == "fn")?;
        let params = (of + 2..page.words.len()).take_while(|at| page.word(*at) != ")");
        let params: Vec<&str> =
            params.map(|at| page.word(at)).filter(|word| *word != ",").collect();
        Some(format!("{name}({})", params.join(", ")))
    });
    match signature.filter(|_| !is_of_module) {
        Some(signature) => format!("write the values alone, in order: {signature}"),
        None => "write the values alone, in the order of its parameters".to_owned(),
    }
}

/// A module where a value is asked for.
fn module(page: &Page<'_>, here: usize) -> Option<Told> {
    let name = page.word(here);
    if !is_module(page, name) {
        return None;
    }
    let member = page.words.get(here + 2).filter(|word| word.kind == Kind::Name);
    let help = match (page.word(here + 1), member) {
        (".", Some(_)) => {
            let call = if page.word(here + 3) == "(" { "(…)" } else { "" };
            format!("write {name}::{}{call}", page.word(here + 2))
        }
        _ => format!("call what is in it: {name}::name(…)"),
    };
    Some(Told::new(format!("{name} is a module"), &help))
}

/// A module that nobody imports: `hedging.level(…)`.
fn not_imported(page: &Page<'_>, here: usize, entries: &[Entry]) -> Option<Told> {
    let name = page.word(here);
    let is_called = page.word(here + 1) == "."
        && page.words.get(here + 2).is_some_and(|word| word.kind == Kind::Name)
        && page.word(here + 3) == "(";
    let call = page.word(here + 2);
    let is_module = is_called
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !["math", "np", "json", "random", "console"].contains(&name)
        && !is_of_language(call)
        && entries.iter().all(|entry| entry.name != call || entry.owner.subject().is_none());
    (is_module && declared_near(page.text, name).is_none()).then(|| {
        let message = format!("there is no variable '{name}'");
        let help = format!(
            "declare it with let; a module is imported, import \"stdlib/{name}\" as {name};, and called {name}::{call}(…)"
        );
        Told::new(message, &help)
    })
}

/// A variable that is declared in another language's way, or not at all.
fn declaration(page: &Page<'_>, here: usize) -> Option<Told> {
    if !page.begins_statement(here) {
        return None;
    }
    let name = page.word(here);
    if page.word(here + 1) == "," && page.words.get(here + 2)?.kind == Kind::Name {
        let is_set = page.word(here + 3) == "=";
        return is_set.then(|| Told::new("a let declares one variable", ONE_EACH));
    }
    let is_typed = page.words.get(here + 1).is_some_and(|word| word.kind == Kind::Name);
    let is_typed = is_typed && !["type", "global"].contains(&name);
    let by = if page.innermost(here).is_none() { "const" } else { "let" };
    if is_typed && is_set(page, here + 1) && page.line(here) == page.line(here + 1) {
        let rest = page.statement(here + 1).unwrap_or("x = …;".to_owned());
        let message = format!("a variable is declared with {by}");
        return Some(Told::new(message, &format!("write {by} {rest}")));
    }
    let is_known = declared_near(page.text, name).is_some() || page.lonely(here).is_some();
    if !is_set(page, here) || is_known {
        return None;
    }
    let statement = page.statement(here).unwrap_or(format!("{name} = …;"));
    let message = format!("there is no variable '{name}'");
    let global =
        if by == "const" { format!(" and in functions global::{name}") } else { String::new() };
    Some(Told::new(message, &format!("to declare it, write {by} {statement}{global}")))
}

/// A function without its parentheses.
fn function(page: &Page<'_>, here: usize, entries: &[Entry]) -> Option<Told> {
    let name = page.word(here);
    let is_call = |entry: &&Entry| {
        entry.name == name && entry.shape == Shape::Call && entry.owner.subject().is_none()
    };
    let owner = entries.iter().find(is_call).map(|entry| entry.owner);
    let is_own = (1..page.words.len()).any(|at| page.word(at) == name && page.word(at - 1) == "fn");
    if owner.is_none() && !is_own && !is_of_language(name) {
        return None;
    }
    let is_followed = page.is_followed(here) || ["'", "."].contains(&page.word(here + 1));
    if !is_followed && declared_near(page.text, name).is_some() {
        return None;
    }
    let prefix = owner.map_or("", Owner::prefix);
    let given = page.statement(here + 1).filter(|_| is_followed && page.word(here + 1) != ".");
    let given = given.filter(|given| !given.contains('\''));
    let given = given.map_or("…".to_owned(), |given| given.trim_end_matches(';').to_owned());
    let help = format!("write {prefix}{name}({given})");
    Some(Told::new(format!("'{name}' is a function"), &help))
}

/// A constant of the file, in a function.
fn constant(page: &Page<'_>, here: usize) -> Option<Told> {
    let name = page.word(here);
    let is_const = |at: usize| page.word(at) == name && page.word(at - 1) == "const";
    let at = (1..page.words.len()).find(|&at| is_const(at) && page.innermost(at).is_none())?;
    (page.innermost(here).is_some() && at < here).then(|| {
        let message = format!("{name} is a constant of the file");
        Told::new(message, &format!("in a function, write global::{name}"))
    })
}

/// A world, in a strategy.
fn of_tests(page: &Page<'_>, here: usize, entries: &[Entry]) -> Option<Told> {
    let is_test = entries.iter().any(|entry| entry.owner == Owner::World);
    let is_world = ["world", "step"].contains(&page.word(here)) && page.word(here + 1) == ".";
    (is_world && !is_test && declared_near(page.text, page.word(here)).is_none()).then(|| {
        let message = format!("there is no '{}' in a strategy", page.word(here));
        Told::new(message, "a strategy sees ctx; worlds are made in its tests, NAME.test.rhai")
    })
}

/// A member of ctx without it, or what other languages keep in a module.
fn member(page: &Page<'_>, here: usize, entries: &[Entry]) -> Option<Told> {
    let name = page.word(here);
    if declared_near(page.text, name).is_some() {
        return None;
    }
    let is_of_ctx = |entry: &Entry| {
        entry.name == name && entry.owner == Owner::Ctx && entry.shape == Shape::Property
    };
    let in_function = (0..here).rev().take_while(|at| page.word(*at) != "fn");
    let is_ctx_known = in_function.map(|at| page.word(at)).any(|word| word == "ctx");
    if is_ctx_known && entries.iter().any(is_of_ctx) {
        return Some(Told::new(format!("{name} is a member of ctx"), &format!("write ctx.{name}")));
    }
    let is_used = page.word(here + 1) == "." || page.is_followed(here);
    // Operators of other languages are told as such.
    let is_operator = ["not", "typeof"].contains(&name);
    let help = meant(name).filter(|_| is_used && !is_operator)?;
    Some(Told::new(format!("there is no '{name}'"), help))
}

/// Whether a single `=` stands behind a word.
fn is_set(page: &Page<'_>, at: usize) -> bool {
    page.word(at + 1) == "=" && !["=", ">", "<"].contains(&page.word(at + 2))
}

/// Whether a single `:` stands behind a word.
fn is_named(page: &Page<'_>, at: usize) -> bool {
    page.word(at + 1) == ":" && ![":", "="].contains(&page.word(at + 2))
}

impl Page<'_> {
    fn begins_statement(&self, here: usize) -> bool {
        here == 0 || [";", "{", "}"].contains(&self.word(here - 1))
    }

    /// Whether a value stands behind a word as behind a function in other languages.
    fn is_followed(&self, here: usize) -> bool {
        self.is_value(here + 1) && self.line(here + 1) == self.line(here)
    }

    /// From a word to the `;` on its line, where that is short.
    fn statement(&self, from: usize) -> Option<String> {
        let line = self.line(from);
        let end = (from..self.words.len())
            .take_while(|&at| self.line(at) == line)
            .find(|&at| self.word(at) == ";")?;
        let first = &self.words[from];
        let start = first.at.start - usize::from(first.kind == Kind::Text);
        let text = &self.text[start..self.words[end].at.end];
        (text.chars().count() <= SHOWN_MAX).then(|| text.to_owned())
    }
}
