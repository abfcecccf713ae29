//! A script made for one run, beside the script as it was written: what cannot change during the run stands as its value
//! (`ctx.params.x`, the rules of a market that is named literally, a limit that a lending venue never changes, a constant of
//! the file), and the body of `decide` is run as it is, without a call, with its `hold("…")` ready made.
//!
//! It means the same in less time, and nobody sees it: a call that fails is repeated with the script as written, whose errors
//! carry the right places. Where one function of one file uses the name `ctx` for something else than the context, nothing is
//! put in place of anything.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rhai::{AST, ASTFlags, ASTNode, Dynamic, Engine, Expr, FnCallExpr, Position, Scope, Stmt};

use crate::config::Setup;

use super::api::{hold, parameter_values, steady_limit};

mod values;

use values::Values;

pub(super) const CTX: &str = "ctx";
/// How a function names a constant of its file.
const GLOBAL: &str = "global";
/// What `this` is called in the body of `decide`.
pub(super) const MEMORY: &str = "strategy_memory";
/// What a ready-made decision is called there, before its number.
const HOLD: &str = "strategy_hold_";

/// The body of `decide` as a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Body {
    /// The reasons of its `hold("…")`, in the order of their numbers.
    holds: Vec<String>,
}

impl Body {
    /// What it finds: the ready-made decisions, the strategy's memory, and the context.
    pub(super) fn scope(&self) -> Scope<'static> {
        let mut scope = Scope::new();
        for (number, reason) in self.holds.iter().enumerate() {
            scope.push_constant_dynamic(format!("{HOLD}{number}"), hold(reason));
        }
        scope.push_dynamic(MEMORY, Dynamic::UNIT).push_dynamic(CTX, Dynamic::UNIT);
        scope
    }
}

/// The files of a bundle, made for this setup.
pub(super) struct Specialised {
    pub(super) texts: BTreeMap<String, String>,
    /// The body of `decide` where it stands as the last statement of the main script.
    pub(super) body: Option<Body>,
}

impl Specialised {
    /// The files, of which `main` is the script, as `setup` makes them; the body of `decide` by itself where that is asked for
    /// and can be.
    pub(super) fn new(
        engine: &Engine,
        setup: &Setup,
        main: &str,
        texts: &BTreeMap<String, String>,
        with_body: bool,
    ) -> Self {
        let files = texts
            .iter()
            .filter_map(|(name, text)| Some(File { name, text, ast: engine.compile(text).ok()? }));
        let files: Vec<File<'_>> = files.collect();
        let takers = Takers::of(&files);
        let has_values = files.iter().all(|file| takers.are_given_the_context_by(file));
        let values = Values { setup, parameters: &parameter_values(setup) };
        let mut made = Self { texts: texts.clone(), body: None };
        for file in &files {
            let mut edits = if has_values { file.edits(&values) } else { Vec::new() };
            edits.extend(file.constants());
            if with_body
                && file.name == main
                && let Some((body, of_body)) = file.body_of_decide()
            {
                made.body = Some(body);
                edits.extend(of_body);
            }
            // A walk takes functions in no order.
            edits.sort_by_key(|(range, _)| range.start);
            // It comes by the block of `1 | 2 => …` once for each of them; what stands in a call that is replaced goes with it.
            edits.dedup_by(|next, first| !next.0.is_empty() && next.0.start < first.0.end);
            made.texts.insert(file.name.to_owned(), replaced(file.text, &edits));
        }
        made
    }
}

/// A range of a text, and what is put in its place.
type Edit = (Range<usize>, String);

/// A text with its edits done, which are in its order. What spans lines still does: what follows keeps its line.
fn replaced(text: &str, edits: &[Edit]) -> String {
    let mut done = String::new();
    let mut at = 0;
    for (range, value) in edits {
        done.push_str(&text[at..range.start]);
        done.push_str(value);
        let lines = |text: &str| text.matches('\n').count();
        let lost = lines(&text[range.clone()]).saturating_sub(lines(value));
        done.extend(std::iter::repeat_n('\n', lost));
        at = range.end;
    }
    done.push_str(&text[at..]);
    done
}

struct File<'a> {
    name: &'a str,
    text: &'a str,
    ast: AST,
}

impl File<'_> {
    /// What is put in place of the readings of constants, in the order of the text.
    fn edits(&self, values: &Values<'_>) -> Vec<Edit> {
        let mut edits = Vec::new();
        self.ast.walk(&mut |path: &[ASTNode<'_>]| {
            if let Some(ASTNode::Expr(expr)) = path.last()
                && let Some((from, last, at, value)) = values.reading(expr)
                && let (Some(from), Some(to)) = (self.offset(from, CTX), self.offset(at, last))
            {
                edits.push((from..to + last.len(), value));
            } else if let Some(ASTNode::Expr(expr)) = path.last() {
                edits.extend(self.apart(expr));
                edits.extend(self.limit(values, expr));
            }
            true
        });
        edits
    }

    /// `keys(ctx.a.b)` for `ctx.a.b.keys()`: what is read of the context is a copy. After a method a chain tries to write it back
    /// to where it was read, and hides the two errors that this gives.
    fn apart(&self, expr: &Expr) -> Option<Edit> {
        let Expr::Dot(chain, flags, _) = expr else { return None };
        let (mut last, mut rest, mut flags) = (None, &chain.rhs, *flags);
        while let Expr::Dot(links, inner, _) = rest
            && let Expr::Property(property, at) = &links.lhs
        {
            last = Some((property.2.as_str(), *at));
            (rest, flags) = (&links.rhs, flags | *inner);
        }
        let called = if let Expr::Dot(links, ..) = rest { &links.lhs } else { rest };
        let Expr::MethodCall(call, _) = called else { return None };
        let mut own = self.ast.iter_functions();
        if !is_ctx(&chain.lhs)
            || flags.contains(ASTFlags::NEGATED)
            || own.any(|function| function.name == call.name)
        {
            return None;
        }
        let (name, at) = last?;
        let from = self.offset(chain.lhs.start_position(), CTX)?;
        let to = self.offset(at, name)? + name.len();
        let method = format!(".{}()", call.name);
        let is_plain = self.text[to..].starts_with(&method);
        let made = || format!("{}({})", call.name, &self.text[from..to]);
        is_plain.then(|| (from..to + method.len(), made()))
    }

    /// The readings of constants of the file, `global::X`, as their values.
    fn constants(&self) -> Vec<Edit> {
        let constants = self.ast.iter_literal_variables(true, false);
        let constants: BTreeMap<&str, Dynamic> =
            constants.map(|(name, _, value)| (name, value)).collect();
        let mut edits = Vec::new();
        self.ast.walk(&mut |path: &[ASTNode<'_>]| {
            if let Some(ASTNode::Expr(expr @ Expr::Variable(variable, ..))) = path.last()
                && let Some(value) = constants.get(variable.1.as_str())
                && let reading = format!("{GLOBAL}::{}", variable.1)
                && let Some(from) = self.offset(expr.start_position(), &reading)
                && let Some(value) = values::written(value)
            {
                edits.push((from..from + reading.len(), value));
            }
            true
        });
        edits
    }

    /// For `ctx.max_ltv("aave_v3", ctx.params.lst)` and its like, where its venue's tables never change it: the whole call and
    /// the value.
    fn limit(&self, values: &Values<'_>, expr: &Expr) -> Option<Edit> {
        let Expr::Dot(chain, flags, _) = expr else { return None };
        let Expr::MethodCall(call, _) = &chain.rhs else { return None };
        let [venue, token] = &*call.args else { return None };
        if !is_ctx(&chain.lhs) || flags.contains(ASTFlags::NEGATED) {
            return None;
        }
        let from = self.offset(chain.lhs.start_position(), CTX)?;
        let (token, end) = match token {
            Expr::StringConstant(name, at) => {
                let quoted = format!("\"{name}\"");
                (name.to_string(), self.offset(*at, &quoted)? + quoted.len())
            }
            _ => {
                let (_, last, at, _) = values.reading(token)?;
                (values.parameter(token)?, self.offset(at, last)? + last.len())
            }
        };
        let value =
            steady_limit(&values.setup.universe, [values::text(venue)?, &token], &call.name)?;
        self.text[end..].starts_with(')').then_some((from..end + 1, values::written(&value)?))
    }

    /// What makes the body of `fn decide(ctx)` a statement at its place, for orders tell their line: no head, and `this` by
    /// another name. `None` where something else calls `decide`, or a closure has a `this`, which is another one.
    fn body_of_decide(&self) -> Option<(Body, Vec<Edit>)> {
        let mut functions = self.ast.shared_lib().iter_script_fn_info();
        let (.., decide) = functions.find(|(_, _, name, ..)| *name == "decide")?;
        let open = self.offset(decide.body.start_position(), "{")?;
        let close = self.offset(decide.body.end_position(), "}")?;
        let head = self.text[..open].rfind("fn")?..open;
        let is_plain = self.text[head.clone()].split_whitespace().eq(["fn", "decide(ctx)"]);
        if !is_plain || self.text.contains(MEMORY) || self.text.contains(HOLD) {
            return None;
        }
        let closures = self.closures();
        let lines = self.text[head.clone()].matches('\n').count();
        let mut edits = vec![(head, "\n".repeat(lines))];
        let mut body = Body::default();
        let is_alone = self.ast.walk(&mut |path: &[ASTNode<'_>]| match path.last() {
            Some(ASTNode::Expr(Expr::ThisPtr(at))) => {
                let from = self.offset(*at, "this").filter(|_| is_outside(&closures, path));
                edits.extend(from.map(|from| (from..from + "this".len(), MEMORY.to_owned())));
                from.is_some()
            }
            Some(
                ASTNode::Stmt(Stmt::FnCall(call, at))
                | ASTNode::Expr(Expr::FnCall(call, at) | Expr::MethodCall(call, at)),
            ) => {
                if let Some((range, reason)) = self.literal_hold(call, *at)
                    && open < range.start
                    && range.end < close
                    && is_outside(&closures, path)
                {
                    edits.push((range, format!("{HOLD}{}", body.holds.len())));
                    body.holds.push(reason);
                }
                call.name != "decide"
            }
            _ => true,
        });
        is_alone.then_some((body, edits))
    }

    /// Where a `hold("…")` stands, and its reason.
    fn literal_hold(&self, call: &FnCallExpr, at: Position) -> Option<(Range<usize>, String)> {
        let [Expr::StringConstant(reason, of_reason)] = &*call.args else { return None };
        let quoted = self.offset(*of_reason, "\"")? + 1;
        // A reason with an escape is longer in the text than in the tree, and is left alone.
        let rest = self.text[quoted..].strip_prefix(reason.as_str())?.strip_prefix("\")")?;
        let from = self.offset(at, "hold(")?;
        let end = self.text.len() - rest.len();
        (call.name == "hold").then(|| (from..end, reason.to_string()))
    }

    /// Where closures begin and end; a short one has no end.
    fn closures(&self) -> Vec<(Position, Position)> {
        let functions = self.ast.shared_lib().iter_script_fn_info();
        let closures = functions.filter(|(_, _, name, ..)| name.starts_with("anon$"));
        closures
            .map(|(.., closure)| (closure.body.start_position(), closure.body.end_position()))
            .collect()
    }

    /// The byte at which a word stands, when it does stand there.
    fn offset(&self, at: Position, word: &str) -> Option<usize> {
        let line_start: usize =
            self.text.split_inclusive('\n').take(at.line()?.checked_sub(1)?).map(str::len).sum();
        let line = &self.text[line_start..];
        let (column, _) = line.char_indices().nth(at.position()?.checked_sub(1)?)?;
        line[column..].starts_with(word).then_some(line_start + column)
    }
}

/// Whether a node stands outside of all closures.
fn is_outside(closures: &[(Position, Position)], path: &[ASTNode<'_>]) -> bool {
    let at = path.first().map_or(Position::NONE, ASTNode::position);
    !closures.iter().any(|&(start, end)| at == start || (start <= at && at <= end))
}

fn is_ctx(expr: &Expr) -> bool {
    matches!(expr, Expr::Variable(variable, ..) if variable.1 == CTX && variable.2.is_empty())
}

/// The functions that take a `ctx`: name, number of parameters, and which of them it is.
struct Takers(BTreeSet<(String, usize, usize)>);

impl Takers {
    fn of(files: &[File<'_>]) -> Self {
        let definitions = files.iter().flat_map(|file| file.ast.iter_functions());
        let takers = definitions.filter_map(|function| {
            let index = function.params.iter().position(|name| *name == CTX)?;
            Some((function.name.to_owned(), function.params.len(), index))
        });
        Self(takers.collect())
    }

    /// Whether in a file `ctx` is never made to be another thing.
    fn are_given_the_context_by(&self, file: &File<'_>) -> bool {
        let closures = file.closures();
        let has_own = self.0.iter().any(|(name, ..)| name.starts_with("anon$"));
        file.ast.walk(&mut |path: &[ASTNode<'_>]| {
            let is_known = !has_own || is_outside(&closures, path);
            path.last().is_none_or(|node| self.is_harmless(node, is_known))
        })
    }

    /// `is_known` is whether the `ctx` of this place is a function's, and not perhaps a closure's own.
    fn is_harmless(&self, node: &ASTNode<'_>, is_known: bool) -> bool {
        match node {
            ASTNode::Stmt(Stmt::Var(parts, ..)) => parts.0.name != CTX,
            ASTNode::Stmt(Stmt::For(parts, _)) => {
                parts.0.name != CTX && parts.1.as_ref().is_none_or(|counter| counter.name != CTX)
            }
            ASTNode::Stmt(Stmt::TryCatch(parts, _)) => !is_ctx(&parts.expr),
            ASTNode::Stmt(Stmt::Assignment(parts)) => !is_ctx(&parts.1.lhs),
            ASTNode::Stmt(Stmt::FnCall(call, _))
            | ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _)) => {
                self.is_harmless_call(call, is_known)
            }
            ASTNode::Expr(expr) => is_known || !is_ctx(expr),
            _ => true,
        }
    }

    /// A function that is called by its name in a text could be given anything.
    fn is_harmless_call(&self, call: &FnCallExpr, is_known: bool) -> bool {
        let mut takers = self
            .0
            .iter()
            .filter(|(name, params, _)| call.name == *name && call.args.len() == *params);
        call.name != "Fn" && takers.all(|&(.., index)| is_known && is_ctx(&call.args[index]))
    }
}
