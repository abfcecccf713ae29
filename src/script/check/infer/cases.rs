//! The words of a `switch`, held against what is switched on. The language keeps only what they hash to, so they are read from
//! the text.

use rhai::{Expr, Position};

use super::super::super::syntax::words::{Kind, Word};
use super::super::env::Env;
use super::super::facts::What;
use super::super::needs::Need;
use super::super::texts::Texts;
use super::super::types::Type;
use super::Look;

impl Look<'_> {
    /// The cases of a `switch` that stands at a place; the number of the one that is for `()`.
    pub(super) fn cases(
        &mut self,
        subject: &Expr,
        at: Position,
        of: &Type,
        env: &Env,
    ) -> Option<usize> {
        let file = self.files[self.at].file;
        let (cases, nothing) = of_switch(&file.text, file.words(), at);
        if let Expr::Variable(variable, ..) = subject
            && let Some(param) = env.param(&variable.1)
            && !cases.is_empty()
        {
            let words = cases.iter().map(|(_, word)| word.clone()).collect();
            let kinds = vec![super::super::super::api::Kind::Text];
            self.need(Some(param), &Need { kinds, words, ..Need::default() });
        }
        for (at, word) in cases {
            let right = Type::Text(Texts::one(&word));
            self.tell(at, What::Operator { op: "==", left: of.clone(), right, literal: false });
        }
        nothing
    }
}

/// The texts that are cases of a `switch`, with their places; the number of the case that is `()`.
fn of_switch(text: &str, words: &[Word], at: Position) -> (Vec<(Position, String)>, Option<usize>) {
    let (mut cases, mut nothing) = (Vec::new(), None);
    let (Some(line), Some(column)) = (at.line(), at.position()) else { return (cases, nothing) };
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let place = |byte: usize| {
        let line = starts.partition_point(|start| *start <= byte);
        let column = text[starts[line - 1]..byte].chars().count();
        // A word of a text begins behind its quote, and a place is counted from 1.
        Position::new(line as u16, column.max(1) as u16)
    };
    let is_here = |word: &Word| {
        word.line == line && text[starts[line - 1]..word.at.start].chars().count() + 1 == column
    };
    let Some(first) = words.iter().position(is_here) else { return (cases, nothing) };
    let (mut depth, mut number) = (0_usize, 0);
    for (index, word) in words.iter().enumerate().skip(first) {
        let is = |offset: usize, sign: &str| {
            words
                .get(index + offset)
                .is_some_and(|it| it.kind == Kind::Sign && &text[it.at.clone()] == sign)
        };
        if depth == 1 && is(0, "=") && is(1, ">") {
            number += 1;
        }
        if depth == 1 && is(0, "(") && is(1, ")") && is(2, "=") && is(3, ">") {
            nothing = Some(number);
        }
        match (word.kind, &text[word.at.clone()]) {
            (Kind::Sign, "{" | "(" | "[") => depth += 1,
            (Kind::Sign, "}" | ")" | "]") => {
                depth = depth.saturating_sub(1);
                if depth == 0 && is(0, "}") {
                    break;
                }
            }
            (Kind::Text, case) if depth == 1 && (is(1, "|") || is(1, "=") && is(2, ">")) => {
                cases.push((place(word.at.start), case.to_owned()));
            }
            _ => {}
        }
    }
    (cases, nothing)
}

#[cfg(test)]
mod tests {
    use super::super::super::super::syntax::words;
    use super::*;

    #[test]
    fn the_cases_of_a_switch_are_its_own_and_not_those_of_one_inside() {
        let text = "fn f(x) {\n    switch x {\n        \"a\" | \"b\" => g(\"no\"),\n        \"c\" if x => switch x { \"d\" => 1 },\n        \"é\" => #{ \"e\": 1 },\n    }\n}";
        let (found, nothing) = of_switch(text, &words::of(text), Position::new(2, 5));
        assert_eq!(nothing, None);
        let found: Vec<(usize, usize, &str)> = found
            .iter()
            .map(|(at, case)| (at.line().unwrap_or(0), at.position().unwrap_or(0), &**case))
            .collect();
        assert_eq!(found, [(3, 9, "a"), (3, 15, "b"), (5, 9, "é")]);
    }
}
