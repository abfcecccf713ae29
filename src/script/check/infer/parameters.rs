//! What the parameters of the configuration are, and those of functions by their names alone.

use super::super::super::api::parameter_values;
use super::super::measures;
use super::super::types::{Fields, Object, Type};
use super::super::unit::Unit;
use crate::config::Setup;

/// What is read under `ctx.params`.
pub(super) fn of(setup: &Setup) -> Type {
    let known = parameter_values(setup).into_iter().map(|(name, value)| {
        let declared = setup.parameters.iter().find(|(known, _)| *known == name);
        let unit = match declared {
            Some((_, parameter)) => measures::of_parameter(&parameter.unit, setup),
            None if name == "gas_tank" => measures::of_parameter("ETH", setup),
            None if name == "reserve" => Some(Unit::fraction()),
            None => None,
        };
        let of = match (Type::of(&value), declared) {
            (Type::Text(texts), Some((_, parameter))) if !parameter.one_of.is_empty() => {
                Type::Text(texts.chosen(&parameter.one_of))
            }
            (of, _) => unit.map_or(of.clone(), |unit| counting(of, &unit)),
        };
        (name, of)
    });
    Type::Map(Fields { known: known.collect(), is_closed: true })
}

/// The same numbers, with what they count.
fn counting(of: Type, unit: &Unit) -> Type {
    match of {
        Type::Int | Type::Decimal => Type::Measure(unit.clone(), of.is_whole()),
        Type::Map(fields) => {
            let known = fields.known.into_iter();
            let known = known.map(|(name, of)| (name, counting(of, unit))).collect();
            Type::Map(Fields { known, ..fields })
        }
        other => other,
    }
}

/// What a parameter of a name is, whoever calls.
pub(super) fn by_name(name: &str) -> Type {
    if name == "ctx" { Type::Host(Object::Ctx) } else { Type::Never }
}
