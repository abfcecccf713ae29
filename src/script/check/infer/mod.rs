//! A look through all functions of a script and its modules: what each expression can be, by what the host's functions give,
//! by the run's parameters, and by what callers hand to the functions that they call.
//!
//! Functions are looked at until nothing new is learned, then once more for the facts.

mod after;
mod arguments;
mod calls;
mod cases;
mod closures;
mod expressions;
pub(super) use after::{DOORS, definition};
pub(super) use flows::Flow;
pub(super) use sorts::Sort;
mod conditions;
mod dropped;
mod exchanged;
mod flows;
mod judged;
mod kept;
mod lists;
mod literals;
mod loops;
mod notes;
mod parameters;
mod sorts;
mod sources;
mod statements;
mod taken;
mod this;
mod venues;
mod ways;
mod whole;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{Expr, Position, Stmt};
use this::This;

use super::super::api::Entry;
use super::super::functions::Function;
use super::super::imports::Compiled;
use super::bodies;
use super::env::Env;
use super::facts::{Fact, Place, What};
use super::needs::Need;
use super::origins::{Origin, Origins};
use super::types::{Object, Type};
use crate::config::Setup;

/// How often functions are looked at, at most; each look carries what is known one call further.
const LOOKS: usize = 12;

/// One file.
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) file: &'a Compiled,
}

/// One way out of a function.
pub(super) struct Way {
    pub(super) of: Type,
    pub(super) at: Position,
    /// The function of the script whose result it is.
    pub(super) by: Option<Key>,
}

/// What is known of a function.
struct Known {
    file: usize,
    definition: Arc<Function>,
    /// What callers give for its parameters, joined.
    given: Vec<Type>,
    /// What it gives.
    gives: Type,
    is_called: bool,
    /// Where it gives nothing while it gives something elsewhere, and by what call.
    nothing: Option<(Place, Option<Key>)>,
    /// What it needs its parameters to be.
    needs: Rc<Vec<Need>>,
    /// Where its last statement gives its value.
    ending: Position,
    /// Fields of maps that stand in it, where they are written.
    fields: BTreeMap<String, Position>,
    /// Whether something that its body depends on has changed since it was looked through.
    is_stale: bool,
    /// Who calls it.
    callers: BTreeSet<Key>,
}

/// A function: the number of its file, its name, the number of its parameters.
pub(super) type Key = (usize, String, usize);

/// The look.
pub(super) struct Look<'a> {
    files: &'a [Source<'a>],
    entries: &'a [Entry],
    setup: &'a Setup,
    /// The only file of which is told; of others is looked through what it calls.
    only: Option<usize>,
    parameters: Type,
    functions: BTreeMap<(usize, String, usize), Known>,
    /// Functions that nobody calls.
    uncalled: BTreeSet<Key>,
    /// By file: the files that its imports bring, by alias.
    imports: Vec<BTreeMap<String, usize>>,
    /// By file: constants of its top.
    constants: Vec<BTreeMap<String, (Type, Option<Position>)>>,
    /// By file: constants that are lists of texts, as a loop goes through them.
    lists: Vec<BTreeMap<String, Type>>,
    facts: Vec<Fact>,
    origins: Origins,
    is_last: bool,
    /// The file where the look is.
    at: usize,
    /// What the function gives by `return`, where, and by what call.
    returned: Vec<Way>,
    /// What `break` gives, innermost loop last.
    broken: Vec<Option<Type>>,
    /// Variables where `break` and `continue` leave a turn, innermost loop last.
    leaving: Vec<Vec<Env>>,
    /// How many variables stand outside of the block where the look is.
    depth: usize,
    /// Whether what is made is tried alone: `try { orders::… } catch`.
    is_tried: bool,
    /// How many blocks are around the place where the look is.
    nested: usize,
    /// The key of the function where the look is.
    inside: Option<Key>,
    /// What is kept in `this`, by name, and under names that are not known.
    kept: BTreeMap<String, Type>,
    kept_anywhere: Type,
    /// Where a field of `this` is first set.
    kept_at: BTreeMap<String, Place>,
    state_is_open: bool,
    /// Whether a sum is only asked whether it is nothing.
    is_asked_for_nothing: bool,
    /// Whether something else is put in the place of what is not there: `x.n ?? 0`.
    is_asked_for: bool,
    /// Fields of `this` that are read, where.
    asked: Vec<(Place, String)>,
    this: This,
    /// How often perps are sold or hedge coins, and how often they are sold beside coins that are sold as well.
    perps_sold: (usize, usize),
    /// Arguments that have the name of their own parameter, or of another.
    exchanges: exchanged::Exchanges,
    /// Calls of exchanges, where a variable of a venue stands in sight.
    at_venues: Vec<venues::AtVenue>,
    /// What callers hand over for each parameter of a function, and where.
    handed_over: BTreeMap<(Key, usize), Vec<(Place, Type)>>,
    /// Places where a parameter is used.
    of_params: Vec<(Place, String, Key, usize)>,
}

impl<'a> Look<'a> {
    pub(super) fn through(
        files: &'a [Source<'a>],
        entries: &'a [Entry],
        setup: &'a Setup,
        only: Option<usize>,
    ) -> (Vec<Fact>, Vec<Key>, Origins) {
        let mut look = Self {
            files,
            entries,
            setup,
            only,
            parameters: parameters::of(setup),
            functions: BTreeMap::new(),
            uncalled: BTreeSet::new(),
            imports: Vec::new(),
            constants: Vec::new(),
            lists: Vec::new(),
            facts: Vec::new(),
            origins: Origins::default(),
            is_last: false,
            at: 0,
            returned: Vec::new(),
            broken: Vec::new(),
            leaving: Vec::new(),
            depth: 0,
            is_tried: false,
            nested: 0,
            inside: None,
            kept: BTreeMap::new(),
            kept_anywhere: Type::Never,
            kept_at: BTreeMap::new(),
            state_is_open: false,
            is_asked_for_nothing: false,
            is_asked_for: false,
            asked: Vec::new(),
            this: This::default(),
            perps_sold: (0, 0),
            exchanges: exchanged::Exchanges::default(),
            at_venues: Vec::new(),
            handed_over: BTreeMap::new(),
            of_params: Vec::new(),
        };
        look.list();
        // What nobody calls is called from outside with anything; before that is said, callers have their word.
        look.until_settled();
        let is_uncalled =
            |known: &Known| !known.is_called && only.is_none_or(|it| it == known.file);
        for (key, known) in look.functions.iter_mut().filter(|(_, known)| is_uncalled(known)) {
            look.uncalled.insert(key.clone());
            let unknown = known.given.iter_mut().filter(|given| **given == Type::Never);
            for given in unknown {
                *given = Type::Any;
                known.is_stale = true;
            }
        }
        look.until_settled();
        look.asked.clear();
        look.is_last = true;
        look.all();
        look.afterwards();
        (look.facts, look.functions.into_keys().collect(), look.origins)
    }

    fn until_settled(&mut self) {
        for _ in 0..LOOKS {
            self.all();
            if self.functions.values().all(|known| !known.is_stale) {
                return;
            }
        }
    }

    /// Functions, imports and constants of all files.
    fn list(&mut self) {
        for (file, source) in self.files.iter().enumerate() {
            for definition in source.file.functions() {
                let key = (file, definition.name.clone(), definition.params.len());
                let door = ["decide", "exit", "on_start"].contains(&definition.name.as_str());
                let is_door = door && definition.params.len() == 1;
                let of = |name: &String| match is_door {
                    true => Type::Host(Object::Ctx),
                    false => parameters::by_name(name),
                };
                let given = definition.params.iter().map(of).collect();
                let needs = vec![Need::default(); definition.params.len()].into();
                let definition = definition.clone();
                let known = Known {
                    file,
                    definition,
                    given,
                    gives: Type::Never,
                    is_called: false,
                    nothing: None,
                    needs,
                    ending: Position::NONE,
                    fields: BTreeMap::new(),
                    // What tests import and do not call is not looked at.
                    is_stale: self.is_told(file),
                    callers: BTreeSet::new(),
                };
                self.functions.insert(key, known);
            }
            let mut imports = BTreeMap::new();
            for statement in source.file.ast.statements() {
                if let Stmt::Import(parts, _) = statement
                    && let Expr::StringConstant(path, _) = &parts.0
                {
                    let path = format!("{path}.rhai");
                    let found = self.files.iter().position(|file| file.name == path);
                    imports.extend(found.map(|found| (parts.1.name.to_string(), found)));
                }
            }
            self.imports.push(imports);
            self.constants.push(BTreeMap::new());
            let lists =
                source.file.ast.statements().iter().filter_map(|statement| match statement {
                    Stmt::Var(parts, ..) => {
                        Some((parts.0.name.to_string(), literals::each(&parts.1, file)?))
                    }
                    _ => None,
                });
            self.lists.push(lists.collect());
        }
    }

    fn all(&mut self) {
        for file in 0..self.files.len() {
            self.at = file;
            let mut env = Env::default();
            let ast = &self.files[file].file.ast;
            for statement in ast.statements() {
                self.statement(statement, &mut env);
            }
            self.constants[file] = env.all().collect();
        }
        let keys: Vec<_> = self.functions.keys().cloned().collect();
        for key in keys {
            if self.is_last && self.is_told(key.0) || self.functions[&key].is_stale {
                self.function(&key);
            }
        }
    }

    fn is_told(&self, file: usize) -> bool {
        self.only.is_none_or(|only| only == file)
    }

    /// What a function gives or needs has changed: whoever calls it is to be looked through again.
    fn spread(&mut self, key: &Key) {
        let callers = self.functions.get(key).map(|known| known.callers.clone());
        for caller in callers.unwrap_or_default() {
            if let Some(known) = self.functions.get_mut(&caller) {
                known.is_stale = true;
            }
        }
    }

    fn function(&mut self, key: &Key) {
        if let Some(known) = self.functions.get_mut(key) {
            known.is_stale = false;
        }
        let known = &self.functions[key];
        let definition = known.definition.clone();
        self.at = known.file;
        self.returned.clear();
        let mut env = Env::default();
        for (number, (name, given)) in definition.params.iter().zip(&known.given).enumerate() {
            env.declare_param(name, given.clone(), number);
        }
        self.inside = Some(key.clone());
        let last = self.block(&definition.body, &mut env);
        if key.1.starts_with("test_") && self.only == Some(key.0) && last == Type::Bool {
            self.dropped_at_end(&definition.body, Type::Bool);
        }
        let end = definition.body.iter().rfind(|it| !it.is_noop()).map(bodies::ending);
        let (ending, by) = end.unwrap_or((definition.end, None));
        let by = by.and_then(|call| self.own_function(call));
        let mut ways = std::mem::take(&mut self.returned);
        ways.push(Way { of: last, at: ending, by });
        self.undecided(&ways);
        self.odd_way(&ways);
        let gives = ways.iter().map(|way| way.of.clone()).fold(Type::Never, Type::join);
        let nothing = ways.iter().find(|way| matches!(way.of, Type::Unit | Type::Optional(_)));
        let nothing = nothing.map(|way| (Place { file: self.at, at: way.at }, way.by.clone()));
        self.inside = None;
        // What a closure catches is shared, and no copy.
        let is_closure = key.1.starts_with("anon$");
        for (name, at) in env.changed_copies().into_iter().filter(|_| !is_closure) {
            self.tell(at, What::CopyChanged { name });
        }
        let is_door = after::DOORS.contains(&key.1.as_str());
        if self.is_last && !is_closure && !is_door {
            for name in env.unread_params() {
                let at = after::definition(&self.files[self.at].file.text, &key.1);
                self.tell(at, What::Unneeded { what: "parameter", name });
            }
        }
        for (what, at) in env.close(0) {
            self.tell_left(at, what);
        }
        if let Some(known) = self.functions.get_mut(key) {
            known.nothing = nothing;
            known.ending = ending;
        }
        let is_certain = matches!(gives, Type::Unit | Type::Optional(_));
        let nothing = if is_certain { self.nothing_by(key) } else { None };
        let own = || (key.clone(), Place { file: self.at, at: definition.end });
        let (by, place) = nothing.unwrap_or_else(own);
        if self.is_last {
            let what = What::Ends { name: key.1.clone(), by: by.1, of: gives.clone() };
            self.facts.push(Fact { place, what });
        }
        if let Some(known) = self.functions.get_mut(key)
            && known.gives != gives
        {
            known.gives = gives;
            self.spread(key);
        }
    }

    /// Whether what is found here is told.
    fn tells(&self) -> bool {
        self.is_last && self.is_told(self.at)
    }

    pub(super) fn tell(&mut self, at: Position, what: What) {
        if self.tells() {
            let place = Place { file: self.at, at };
            if let What::Unplanned { name, used_at: Some(at), .. } = &what {
                let at = Place { file: self.at, at: *at };
                self.origins.add(place, Origin::Used { name: name.clone(), at });
            }
            self.facts.push(Fact { place, what });
        }
    }

    fn push_fact(&mut self, place: Place, what: What) {
        self.facts.push(Fact { place, what });
    }
}
