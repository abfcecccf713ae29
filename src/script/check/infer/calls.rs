//! What calls give: of the script's own functions, of the host's, and of the language's.

use rhai::{FnCallExpr, Position};

use super::super::super::api::{Owner, Shape};
use super::super::env::Env;
use super::super::facts::{Called, Given, What};
use super::super::gives;
use super::super::same;
use super::super::types::{Object, Type};
use super::Look;

impl Look<'_> {
    pub(super) fn given(&mut self, call: &FnCallExpr, env: &mut Env) -> Vec<Given> {
        call.args
            .iter()
            .map(|argument| Given { of: self.expr(argument, env), at: argument.start_position() })
            .collect()
    }

    pub(super) fn method(
        &mut self,
        subject: Type,
        of_variable: Option<&str>,
        call: &FnCallExpr,
        at: Position,
        env: &mut Env,
    ) -> Type {
        let given = self.given(call, env);
        let name = call.name.to_string();
        if let (Type::List(_), "push", [given]) = (&subject, name.as_str(), &given[..])
            && let Some(list) = of_variable
        {
            env.push(list, given.of.clone());
        }
        let gives = match &subject {
            Type::Host(object) => {
                let entry = self.entry(*object, &name, Shape::Call);
                entry.map_or(Type::Any, |entry| gives::of(entry, *object, &given, self.setup))
            }
            of => gives::of_method(of, &name, &given),
        };
        self.tell(at, What::Method { subject, name, given });
        gives
    }

    pub(super) fn call(&mut self, call: &FnCallExpr, at: Position, env: &mut Env) -> Type {
        if let Some(op) = call.op_token.as_ref() {
            let sign = op.literal_syntax();
            return match &*call.args {
                [left, right] => {
                    if same::are(left, right) {
                        self.tell(at, What::Same { op: sign });
                    }
                    let (left, right) = (self.expr(left, env), self.expr(right, env));
                    self.operator(sign, left, right, at)
                }
                [single] => {
                    let of = self.expr(single, env);
                    if sign == "!" {
                        self.tell(at, What::Condition { of });
                        return Type::Bool;
                    }
                    match of {
                        Type::Fixed(value, is_whole) if sign == "-" => Type::Fixed(-value, is_whole),
                        of => of,
                    }
                }
                _ => Type::Any,
            };
        }
        let given = self.given(call, env);
        let name = call.name.to_string();
        let module = call.namespace.path.first().map(|module| module.name.to_string());
        let (gives, of) = self.called(module.as_deref(), &name, &given);
        self.tell(at, What::Call { module, name, given, of });
        gives
    }

    /// What a call gives; callers' arguments are learned.
    pub(super) fn called(
        &mut self,
        module: Option<&str>,
        name: &str,
        given: &[Given],
    ) -> (Type, Called) {
        let file = match module {
            None => Some(self.at),
            Some("orders") => {
                let mut entries = self.entries.iter();
                let entry = entries.find(|it| it.owner == Owner::Orders && it.name == name);
                let gives = entry
                    .map_or(Type::Any, |entry| gives::of(entry, Object::Ctx, given, self.setup));
                return (gives, Called::Outside);
            }
            Some(alias) => self.imports[self.at].get(alias).copied(),
        };
        if let Some(file) = file
            && let Some(known) = self.functions.get_mut(&(file, name.to_owned(), given.len()))
        {
            known.is_called = true;
            for (known, given) in known.given.iter_mut().zip(given) {
                let joined = known.clone().join(given.of.clone());
                self.has_learned |= *known != joined;
                *known = joined;
            }
            return (known.gives.clone(), Called::Defined);
        }
        if let Some(file) = file {
            let of_file = || self.functions.keys().filter(|key| key.0 == file);
            let arities: Vec<usize> =
                of_file().filter(|key| key.1 == name).map(|key| key.2).collect();
            if !arities.is_empty() {
                return (Type::Any, Called::WithOther(arities));
            }
            if module.is_some() {
                let names = of_file().map(|key| key.1.clone());
                let names = names.filter(|name| !name.starts_with("anon$")).collect();
                return (Type::Any, Called::Nowhere(names));
            }
        }
        let gives = if module.is_some() { Type::Any } else { self.called_outside(name, given) };
        (gives, Called::Outside)
    }

    /// What a function of the host or of the language gives.
    pub(super) fn called_outside(&self, name: &str, given: &[Given]) -> Type {
        let mut entries = self.entries.iter();
        let entry = entries.find(|it| it.owner == Owner::Global && it.name == name);
        match entry {
            Some(entry) => gives::of_global(entry, given, self.setup),
            None => gives::of_language(name, given),
        }
    }

    pub(super) fn operator(
        &mut self,
        op: &'static str,
        left: Type,
        right: Type,
        at: Position,
    ) -> Type {
        let gives = gives::of_operator(op, &left, &right);
        self.tell(at, What::Operator { op, left, right });
        gives
    }
}
