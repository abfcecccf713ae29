//! What functions need of their parameters, and calls that are judged by it.

use std::rc::Rc;

use rhai::Expr;
use rust_decimal::Decimal;

use super::super::super::api::{Entry, Kind, Owner};
use super::super::changes;
use super::super::env::Env;
use super::super::facts::{Given, Place, What};
use super::super::needs::Need;
use super::super::order::Most;
use super::super::origins::Origin;
use super::super::types::Type;
use super::super::unit::Unit;
use super::Look;

impl Look<'_> {
    /// Something is needed of a parameter of the function where the look is.
    pub(super) fn need(&mut self, param: Option<usize>, need: &Need) {
        let (Some(param), Some(key)) = (param, &self.inside) else { return };
        if let Some(known) = self.functions.get_mut(key)
            && !known.needs[param].has(need)
        {
            Rc::make_mut(&mut known.needs)[param].add(need);
            let key = key.clone();
            self.spread(&key);
        }
    }

    /// What host functions need of parameters that are handed on to them.
    pub(super) fn need_kinds(&mut self, entry: &Entry, given: &[Given]) {
        // Of an amount, min and max give an amount; they need no number.
        let takes_amounts = ["min", "max"].contains(&entry.name);
        for (param, given) in entry.params.iter().zip(given) {
            let kind = if takes_amounts { Kind::Amount } else { param.kind };
            let counted = ["coins", "tokens", "ETH", "staking tokens"];
            let is_quantity = entry.owner == Owner::Orders
                && counted.iter().any(|start| param.unit.starts_with(start));
            let is_coins = is_quantity && param.unit.starts_with("coins");
            if kind == Kind::Number {
                self.need_summands(given);
            }
            if given.param.is_none() {
                continue;
            }
            let kinds = vec![kind];
            self.need(given.param, &Need { kinds, is_quantity, is_coins, ..Need::default() });
        }
    }

    /// What a sum is made of must be numbers where it is to be one: with a text it would be a text.
    fn need_summands(&mut self, given: &Given) {
        for &param in &given.summands {
            self.need(Some(param), &Need { is_reckoned: true, ..Need::default() });
        }
    }

    /// `throw`, with what is refused in it.
    pub(super) fn refused(&mut self, told: &Expr, env: &Env) {
        for name in changes::reads(told).0 {
            self.need(env.param(&name), &Need { is_refused: true, ..Need::default() });
        }
    }

    /// What operators need of parameters.
    pub(super) fn reckoned(&mut self, op: &str, left: &Expr, right: &Expr, env: &Env) {
        let is_unit = |expr: &Expr| matches!(expr, Expr::Unit(_));
        for (side, other) in [(left, right), (right, left)] {
            if ["-", "*", "/"].contains(&op) {
                for param in summands(side, env) {
                    self.need(Some(param), &Need { is_reckoned: true, ..Need::default() });
                }
            }
            let Expr::Variable(variable, ..) = side else { continue };
            let param = env.param(&variable.1);
            match op {
                "==" | "!=" if is_unit(other) => {
                    self.need(param, &Need { may_be_nothing: true, ..Need::default() });
                }
                "==" | "!=" if matches!(other, Expr::StringConstant(..)) => {
                    let word = match other {
                        Expr::StringConstant(word, _) => Some(word.to_string()),
                        _ => None,
                    };
                    let words = word.into_iter().collect();
                    self.need(param, &Need { kinds: vec![Kind::Text], words, ..Need::default() });
                }
                "+" => self.need(param, &Need { is_added: true, ..Need::default() }),
                "-" | "*" | "/" | "<" | "<=" | ">" | ">=" => {
                    // What is taken from one is a part of one.
                    let is_share = op == "-" && is_one(left);
                    let is_compared = op.starts_with(['<', '>']);
                    let is_reckoned = true;
                    self.need(
                        param,
                        &Need { is_reckoned, is_compared, is_share, ..Need::default() },
                    );
                }
                _ => {}
            }
        }
    }

    /// `let perp = ctx.market(venue, "spot", symbol);`
    pub(super) fn market_named(&mut self, name: &str, of: &Expr) {
        let Expr::Dot(parts, ..) = of else { return };
        let Expr::MethodCall(call, _) = &parts.rhs else { return };
        let Some(Expr::StringConstant(kind, at)) = call.args.get(1) else { return };
        let kinds = ["spot", "perp"];
        let is_other =
            kinds.contains(&name) && kinds.contains(&kind.as_str()) && name != kind.as_str();
        if call.name == "market" && is_other {
            let (name, kind) = (name.to_owned(), kind.to_string());
            self.tell(*at, What::MarketNamed { name, kind });
        }
    }

    /// The name in `-quantity`, where another order takes the quantity as it is.
    pub(super) fn turned(&self, argument: &Expr, env: &Env) -> Option<String> {
        let Expr::FnCall(call, _) = argument else { return None };
        let [Expr::Variable(variable, ..)] = &*call.args else { return None };
        let param = env.param(&variable.1).filter(|_| call.name == "-")?;
        let known = self.functions.get(self.inside.as_ref()?)?;
        // Where it is asked for its sign, both are meant.
        let is_asked = env.knows(&variable.1, Most::is_signed);
        (known.needs[param].is_quantity && !is_asked).then(|| variable.1.to_string())
    }

    /// Arguments of a script's function, by what it needs them to be.
    pub(super) fn judge(
        &mut self,
        (defined, called): (Place, &str),
        params: &[String],
        needs: &[Need],
        given: &[Given],
    ) {
        for (need, given) in needs.iter().zip(given) {
            self.need(given.param, need);
        }
        if !self.tells() {
            return;
        }
        let facts = self.facts.len();
        self.judge_each((defined, called), params, needs, given);
        if self.facts.len() > facts {
            let at = defined;
            for place in self.facts[facts..].iter().map(|fact| fact.place) {
                self.origins.add(place, Origin::Defined { function: called.to_owned(), at });
            }
        }
    }

    fn judge_each(
        &mut self,
        (defined, called): (Place, &str),
        params: &[String],
        needs: &[Need],
        given: &[Given],
    ) {
        for ((param, need), given) in params.iter().zip(needs).zip(given) {
            if let Some(wanted) = need.unmet(param, &given.of) {
                let (called, param) = (called.to_owned(), param.clone());
                let of = given.of.clone();
                self.tell(given.at, What::Unmet { called, param, wanted, of });
            }
            if let Type::Map(fields) = given.of.kept()
                && let Some((field, near)) = need.misnamed(fields)
            {
                let (called, param) = (called.to_owned(), param.clone());
                self.tell(given.at, What::Lacks { called, param, field, near });
            }
            if let (true, &Type::Fixed(number, _)) = (need.is_share, &given.of)
                && number.abs() > Decimal::ONE
            {
                let (called, param) = (called.to_owned(), param.clone());
                self.tell(given.at, What::NoShare { called, param, number });
            }
            for &kind in &need.kinds {
                self.tell(given.at, What::Named { kind, of: given.of.clone() });
            }
            if let Type::Text(texts) = &given.of
                && let Some(word) = texts.single()
                && !need.words.is_empty()
            {
                let (word, known) = (word.to_owned(), need.words.iter().cloned().collect());
                let is_refused = need.is_refused;
                self.tell(given.at, What::Misspelt { word, known, is_refused });
            }
        }
        for (index, one) in given.iter().enumerate() {
            let Some(name) = &one.name else { continue };
            if *name == params[index] {
                self.given_straight(defined, index);
            }
            let Some(other) = params.iter().position(|param| param == name) else { continue };
            let Some(there) = given.get(other) else { continue };
            // What stands there may belong there by another name.
            let may_belong = there.name.as_ref().is_none_or(|there| akin(there, name));
            if other != index && name != &params[index] && !may_belong {
                let place = Place { file: self.at, at: one.at };
                self.given_exchanged((place, defined), [index, other]);
                let (called, first) = (called.to_owned(), name.clone());
                let second = there.name.clone().unwrap_or_default();
                self.tell(one.at, What::Exchanged { called, first, second });
            }
        }
        for ((param, need), given) in params.iter().zip(needs).zip(given) {
            if matches!(given.of, Type::Optional(_)) && need.is_wanted() {
                let (called, param, of) = (called.to_owned(), param.clone(), given.of.clone());
                self.tell(given.at, What::MaybeGiven { called, param, of });
            }
            if let (true, Some(name)) = (need.is_quantity, &given.turned) {
                self.tell(given.at, What::Turned { name: name.clone() });
            }
            if need.is_quantity && given.is_nothing {
                let (called, param) = (called.to_owned(), param.clone());
                self.tell(given.at, What::NeverAbove { called, param });
            }
            let quote = Unit::token(&self.setup.universe, self.setup.quote);
            if need.is_coins && given.of.kept().unit() == Some(&quote) {
                let (called, param) = (called.to_owned(), param.clone());
                self.tell(given.at, What::QuoteForCoins { called, param });
            }
            if need.is_quantity && given.of.kept().unit().is_some() {
                let (called, param, of) = (called.to_owned(), param.clone(), given.of.clone());
                self.tell(given.at, What::NoQuantity { called, param, of });
            }
        }
    }
}

/// The parameters in a sum.
pub(super) fn summands(expr: &Expr, env: &Env) -> Vec<usize> {
    let Expr::FnCall(call, _) = expr else { return Vec::new() };
    let ("+", [left, right]) = (&*call.name, &*call.args) else { return Vec::new() };
    let mut found = Vec::new();
    for side in [left, right] {
        match side {
            Expr::Variable(variable, ..) if variable.2.is_empty() => {
                found.extend(env.param(&variable.1));
            }
            side => found.extend(summands(side, env)),
        }
    }
    found
}

pub(super) fn is_one(expr: &Expr) -> bool {
    match expr {
        Expr::IntegerConstant(number, _) => *number == 1,
        Expr::DynamicConstant(value, _) => value.as_decimal().is_ok_and(|it| it == Decimal::ONE),
        _ => false,
    }
}

/// Whether two names share a word.
fn akin(one: &str, other: &str) -> bool {
    one.split('_').any(|word| other.split('_').any(|own| own == word))
}
