//! Maps that scripts pass as options, read by hand: a typo is an error with the nearest name, a number stays exact.

use rhai::{Dynamic, Map};
use rust_decimal::Decimal;

use crate::script::host::{self, HostError};
use crate::types::{Code, Options, Price, Rate};

/// The fields of an options map.
pub(super) struct Fields<'a> {
    what: &'static str,
    map: &'a Map,
}

impl<'a> Fields<'a> {
    /// Refuses keys that are not known.
    pub(super) fn open(
        what: &'static str,
        map: &'a Map,
        known: &'static [&'static str],
    ) -> Result<Self, HostError> {
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => {
                Err(HostError::unknown(&format!("option of {what}"), key, known.iter().copied()))
            }
            None => Ok(Self { what, map }),
        }
    }

    /// A number; `None` when the field is absent or `()`.
    pub(super) fn number(&self, name: &str) -> Result<Option<Decimal>, HostError> {
        self.given(name).map(|value| host::number(name, value)).transpose()
    }

    /// True or false; false when absent.
    pub(super) fn flag(&self, name: &str) -> Result<bool, HostError> {
        let Some(value) = self.given(name) else { return Ok(false) };
        value.as_bool().map_err(|_| self.mismatch(name, "true or false", value))
    }

    /// A text; `None` when absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, HostError> {
        let Some(value) = self.given(name) else { return Ok(None) };
        let text = value.clone().into_string();
        text.map(Some).map_err(|_| self.mismatch(name, "a text", value))
    }

    fn given(&self, name: &str) -> Option<&'a Dynamic> {
        self.map.get(name).filter(|value| !value.is_unit())
    }

    fn mismatch(&self, name: &str, wanted: &str, value: &Dynamic) -> HostError {
        let found = host::type_name(value);
        let message = format!("option {name} of {} must be {wanted}, not {found}", self.what);
        HostError::new(Code::Strat003, message)
    }
}

/// The options of a trade: `#{ limit, slippage_bps, reduce_only }`.
pub(super) fn trade_options(map: &Map) -> Result<Options, HostError> {
    let fields = Fields::open("a trade", map, &["limit", "slippage_bps", "reduce_only"])?;
    let limit = positive_price(&fields, "limit")?;
    let slippage = match fields.number("slippage_bps")? {
        Some(bps) if bps.is_sign_negative() || bps >= Decimal::from(10_000) => {
            let message = format!("slippage_bps must be from 0 to below 10000, not {bps}");
            return Err(HostError::new(Code::Strat003, message));
        }
        bps => bps.map(Rate::from_bps),
    };
    Ok(Options { limit, slippage, reduce_only: fields.flag("reduce_only")? })
}

/// A price above zero; `None` when absent.
pub(super) fn positive_price(fields: &Fields<'_>, name: &str) -> Result<Option<Price>, HostError> {
    match fields.number(name)? {
        Some(price) if price <= Decimal::ZERO => {
            let message = format!("{name} must be a price above 0, not {price}");
            Err(HostError::new(Code::Strat003, message))
        }
        price => Ok(price.map(Price::new)),
    }
}
