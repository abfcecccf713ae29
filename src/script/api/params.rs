//! `ctx.params`: the parameters of the configuration, and what it says of the reserve, the gas tank and execution.

use rhai::{Dynamic, FuncRegistration, Map};
use rust_decimal::Decimal;

use crate::config::{ParamValue, Setup};
use crate::script::host::{Answer, Ctx, HostError};

use super::{Api, Entry, Owner};

/// The parameters; their values live in the getters, so that reading one clones one number and no map.
#[derive(Clone, Copy, Debug)]
struct Params;

/// The parameters of whatever run a step belongs to.
#[derive(Clone, Debug)]
struct AnyParams(Ctx);

const ENTRY: Entry = Entry::property(
    Owner::Ctx,
    "params",
    "parameters",
    "The configuration's parameters, and .reserve.ratio .gas_tank .dust.min_value_over_gas .execution.slippage .execution.plan_timeout_s.",
);

/// For tests of scripts, which look at steps of different runs.
pub(super) fn register_any(api: &mut Api) {
    api.add(ENTRY, |ctx: &mut Ctx| AnyParams(ctx.clone()));
    api.global.set_custom_type::<AnyParams>("Params");
    api.global.set_indexer_get_fn(|params: &mut AnyParams, name: &str| -> Answer<Dynamic> {
        let values = values(&params.0.step().setup);
        match values.iter().find(|(known, _)| known == name) {
            Some((_, value)) => Ok(value.clone()),
            None => Err(unknown(name, values.iter().map(|(known, _)| known.as_str())).into()),
        }
    });
}

pub(super) fn register(api: &mut Api, setup: &Setup) {
    api.add(ENTRY, |_: &mut Ctx| Params);
    api.global.set_custom_type::<Params>("Params");
    let values = values(setup);
    for (name, value) in &values {
        let value = value.clone();
        FuncRegistration::new_getter(name)
            .set_into_module(&mut api.global, move |_: &mut Params| value.clone());
    }
    api.global.set_indexer_get_fn(move |_: &mut Params, name: &str| -> Answer<Dynamic> {
        match values.iter().find(|(known, _)| known == name) {
            Some((_, value)) => Ok(value.clone()),
            None => Err(unknown(name, values.iter().map(|(known, _)| known.as_str())).into()),
        }
    });
}

/// All that can be read under `ctx.params`, in the order of the configuration.
pub(in crate::script) fn values(setup: &Setup) -> Vec<(String, Dynamic)> {
    let mut values: Vec<_> = setup
        .parameters
        .iter()
        .map(|(name, parameter)| (name.clone(), value_of(&parameter.value)))
        .collect();
    let timeout_s = Decimal::from(setup.execution.plan_timeout.ms()) / Decimal::from(1_000);
    let own = [
        ("reserve", group(&[("ratio", setup.reserve_ratio.get())])),
        ("gas_tank", Dynamic::from_decimal(setup.gas_tank.get())),
        ("dust", group(&[("min_value_over_gas", setup.min_value_over_gas)])),
        (
            "execution",
            group(&[("slippage", setup.execution.slippage.get()), ("plan_timeout_s", timeout_s)]),
        ),
    ];
    for (name, value) in own {
        if !values.iter().any(|(known, _)| known == name) {
            values.push((name.to_owned(), value));
        }
    }
    values
}

/// An unknown parameter, with the nearest of the known ones.
pub(in crate::script) fn unknown<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> HostError {
    HostError::unknown("parameter", name, known)
}

fn value_of(value: &ParamValue) -> Dynamic {
    match value {
        ParamValue::Decimal(number) => Dynamic::from_decimal(*number),
        ParamValue::Integer(number) => Dynamic::from_int(*number),
        ParamValue::Text(text) => text.into(),
        ParamValue::Flag(flag) => Dynamic::from_bool(*flag),
        ParamValue::Map(entries) => {
            let entries = entries.iter();
            Dynamic::from_map(
                entries
                    .map(|(name, number)| (name.as_str().into(), Dynamic::from_decimal(*number)))
                    .collect(),
            )
        }
        ParamValue::Unset => Dynamic::UNIT,
    }
}

fn group(fields: &[(&str, Decimal)]) -> Dynamic {
    let fields = fields.iter();
    let map: Map =
        fields.map(|&(name, number)| (name.into(), Dynamic::from_decimal(number))).collect();
    Dynamic::from_map(map)
}
