//! The values that are put in place of what a script reads of its context and finds the same at every step.

use rhai::{ASTFlags, Dynamic, Expr, Position};

use crate::config::Setup;
use crate::script::api::{DUST, market_rule};
use crate::script::memory;

use super::is_ctx;

/// What scripts read that is the same at every step.
pub(super) struct Values<'a> {
    pub(super) setup: &'a Setup,
    pub(super) parameters: &'a [(String, Dynamic)],
}

impl Values<'_> {
    /// The text that `ctx.params.x` is.
    pub(super) fn parameter(&self, expr: &Expr) -> Option<String> {
        let Expr::Dot(chain, ..) = expr else { return None };
        let Expr::Dot(links, ..) = &chain.rhs else { return None };
        let (Expr::Property(params, _), Expr::Property(name, _)) = (&links.lhs, &links.rhs) else {
            return None;
        };
        let mut known = self.parameters.iter().filter(|_| params.2 == "params");
        let (_, value) = known.find(|(known, _)| *known == name.2)?;
        Some(value.as_immutable_string_ref().ok()?.to_string())
    }

    /// For a reading of a constant: where its `ctx` stands, its last word and where that stands, and the value as it is
    /// written.
    pub(super) fn reading<'e>(
        &self,
        expr: &'e Expr,
    ) -> Option<(Position, &'e str, Position, String)> {
        let Expr::Dot(chain, flags, _) = expr else { return None };
        if let Expr::Property(property, at) = &chain.rhs {
            // Where nothing is handed out there is nothing to sell, at no step.
            let is_never = property.2 == DUST && self.setup.universe.rewards().is_empty();
            let is_read = is_never && is_ctx(&chain.lhs) && !flags.contains(ASTFlags::NEGATED);
            let from = chain.lhs.start_position();
            return is_read.then(|| (from, property.2.as_str(), *at, "(false)".to_owned()));
        }
        let Expr::Dot(links, inner, _) = &chain.rhs else { return None };
        if !is_ctx(&chain.lhs) || (*flags | *inner).contains(ASTFlags::NEGATED) {
            return None;
        }
        let (last, rest) = match &links.rhs {
            Expr::Dot(longer, ..) => (&longer.lhs, Some(&longer.rhs)),
            last => (last, None),
        };
        let Expr::Property(property, at) = last else { return None };
        let (name, at) = (property.2.as_str(), *at);
        let value = match &links.lhs {
            Expr::Property(property, _) if property.2 == "params" => {
                let mut parameters = self.parameters.iter();
                parameters.find(|(known, _)| known == name)?.1.clone()
            }
            Expr::MethodCall(call, _) if call.name == "market" => {
                let [venue, kind, symbol] = &*call.args else { return None };
                let market = [text(venue)?, text(kind)?, text(symbol)?];
                market_rule(&self.setup.universe, market, name)?
            }
            _ => return None,
        };
        let from = chain.lhs.start_position();
        match (value.as_map_ref(), rest) {
            (Ok(group), Some(Expr::Property(property, at))) => {
                let name = property.2.as_str();
                Some((from, name, *at, written(group.get(name)?)?))
            }
            _ => Some((from, name, at, written(&value)?)),
        }
    }
}

pub(super) fn text(expr: &Expr) -> Option<&str> {
    if let Expr::StringConstant(text, _) = expr { Some(text) } else { None }
}

/// A value as a script writes it. Lists and maps are made anew where they are written, so they are left alone, and so is a
/// decimal without a point, which no literal gives.
pub(super) fn written(value: &Dynamic) -> Option<String> {
    if let Ok(number) = value.as_decimal() {
        return (number.scale() > 0).then(|| format!("({number})"));
    }
    if value.is_unit() {
        return Some("()".to_owned());
    }
    if value.is_int() || value.is_bool() {
        return Some(format!("({value})"));
    }
    let text = value.as_immutable_string_ref().ok()?;
    let mut written = String::new();
    memory::write_string(&mut written, &text);
    Some(written)
}
