//! Names that a text declares, for what is said of those that it does not.

use rhai::Position;

use super::Page;
use super::words::Kind;
use crate::script::fault::nearest;

/// A name and where it is declared.
struct Declared<'t> {
    name: &'t str,
    at: usize,
    /// What declares it: let, const, for, as, fn; `|` for a closure.
    by: &'t str,
}

impl<'t> Page<'t> {
    /// All of them: variables, constants, parameters, and modules by their alias.
    fn all_declared(&self) -> Vec<Declared<'t>> {
        let mut found = Vec::new();
        for at in 0..self.words.len() {
            let by = self.word(at);
            match by {
                "let" | "const" | "as" | "for" => {
                    // for (item, index) in …
                    let mut next = at + 1;
                    while self.word(next) == "(" || self.word(next) == "," {
                        next += 1;
                    }
                    found.extend(self.name(next, by));
                    if by == "for" && self.word(next + 1) == "," {
                        found.extend(self.name(next + 2, by));
                    }
                }
                "fn" => {
                    let params = (at + 3..self.words.len()).take_while(|at| self.word(*at) != ")");
                    found.extend(params.filter_map(|at| self.name(at, by)));
                }
                "|" => {
                    // |a, b| of a closure; || is an operator, or a closure without parameters.
                    let end = (at + 1..self.words.len())
                        .find(|at| self.words[*at].kind != Kind::Name && self.word(*at) != ",");
                    if end.is_some_and(|end| self.word(end) == "|") {
                        let names = at + 1..end.unwrap_or_default();
                        found.extend(names.filter_map(|at| self.name(at, by)));
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn name(&self, at: usize, by: &'t str) -> Option<Declared<'t>> {
        let is_name = self.words.get(at).is_some_and(|word| word.kind == Kind::Name);
        is_name.then(|| Declared { name: self.word(at), at, by })
    }

    pub(super) fn declares(&self, name: &str) -> bool {
        self.all_declared().iter().any(|declared| declared.name == name)
    }

    fn count(&self, name: &str) -> usize {
        (0..self.words.len()).filter(|&at| self.word(at) == name).count()
    }

    /// A variable of the function around a word that stands nowhere but where it is declared.
    pub(super) fn lonely(&self, here: usize) -> Option<(&str, usize)> {
        let function = self.function(here)?;
        let declared = self.all_declared();
        let mut own = declared.iter().filter(|it| (function..here).contains(&it.at));
        let lonely = own.find(|it| self.count(it.name) == 1 && it.by != "fn")?;
        Some((lonely.name, lonely.at))
    }

    /// The `fn` around a word.
    fn function(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|&at| self.word(at) == "fn")
    }
}

/// A declared name near to one that is asked for, which stands nowhere but where it is declared.
pub(in crate::script) fn lonely_near(text: &str, asked: &str) -> Option<(String, Position)> {
    let page = Page::of(text);
    let mut lonely = page.all_declared();
    lonely.retain(|it| it.name != asked && page.count(it.name) == 1);
    let near = nearest(asked, lonely.iter().map(|it| it.name))?;
    let at = lonely.iter().find(|it| it.name == near)?.at;
    Some((near.to_owned(), page.place(at)))
}

/// A declared name near to one that is asked for.
pub(in crate::script) fn declared_near(text: &str, asked: &str) -> Option<String> {
    let page = Page::of(text);
    let declared = page.all_declared();
    nearest(asked, declared.iter().map(|it| it.name).filter(|name| *name != asked))
        .map(str::to_owned)
}

/// Where a name that is not known at a place is declared all the same, or might have been.
pub(in crate::script) fn elsewhere(
    text: &str,
    asked: &str,
    at: Position,
) -> Option<(String, Position)> {
    let page = Page::of(text);
    let here = page.word_at(at);
    let function = page.function(here)?;
    let declared = page.all_declared();
    let before = declared.iter().rev().find(|it| it.name == asked && it.at < here);
    if let Some(known) = before.filter(|it| it.at > function && it.by != "fn") {
        let message = format!("{asked} is declared here, and known only inside of these braces");
        return Some((message, page.place(known.at)));
    }
    let end = (here..page.words.len()).find(|&at| page.word(at) == "fn");
    let later = declared.iter().find(|it| {
        it.name == asked && it.at > here && end.is_none_or(|end| it.at < end) && it.by != "|"
    });
    if let Some(later) = later {
        let message = format!("{asked} is declared here, after it is used");
        return Some((message, page.place(later.at)));
    }
    if let Some((lonely, at)) = page.lonely(here) {
        return Some((format!("{lonely} is declared here, and used nowhere"), page.place(at)));
    }
    let own = declared.iter().filter(|it| (function..here).contains(&it.at));
    let params: Vec<&str> = own.filter(|it| it.by == "fn").map(|it| it.name).collect();
    let name = page.word(function + 1);
    let message = format!("fn {name} takes ({}), and no {asked}", params.join(", "));
    Some((message, page.place(function)))
}

/// Where a constant is declared that is given another value at a place.
pub(in crate::script) fn constant(text: &str, name: &str, at: Position) -> Option<Position> {
    let page = Page::of(text);
    let here = page.word_at(at);
    let declared = page.all_declared();
    let found =
        declared.iter().rev().find(|it| it.name == name && it.by == "const" && it.at < here);
    found.map(|it| page.place(it.at - 1))
}
