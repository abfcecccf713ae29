//! `ctx.risk`: what risk allows at this step. The engine enforces it; a script that reads it can act before it has to.

use rhai::{Array, Dynamic, Map};
use rust_decimal::Decimal;

use crate::engine::{LendingAccount, StepView};
use crate::script::host::{self, Answer, Ctx, HostError};
use crate::types::{Breach, Limit, RiskLevel};

use super::{Api, Entry, Owner, Param, VENUE};

/// The risk of the step.
#[derive(Clone, Debug)]
pub(super) struct Risk(pub(super) Ctx);

impl Risk {
    fn step(&self) -> &StepView {
        self.0.step()
    }
}

pub(super) fn register(api: &mut Api) {
    let property = |name, returns, doc| Entry::property(Owner::Risk, name, returns, doc);
    api.add(
        property("level", "text", "The strictest level that a limit asks for.")
            .one_of(&RiskLevel::TEXTS),
        |risk: &mut Risk| risk.step().risk.level.text(),
    );
    const LIMIT: Param = Param::one_of("limit", &Limit::TEXTS, "limit");
    api.add(
        Entry::call(
            Owner::Risk,
            "level_of",
            &[LIMIT],
            "text",
            "The level that one limit asks for: whether it is health that drives, or something that can wait.",
        )
        .one_of(&RiskLevel::TEXTS)
        .fails("there is no such limit"),
        |risk: &mut Risk, limit: &str| -> Answer<&'static str> {
            if !Limit::TEXTS.contains(&limit) {
                let unknown = HostError::unknown("limit", limit, Limit::TEXTS.into_iter());
                let meant = Limit::of_setting(limit).map(|it| (it.text(), it.setting()));
                return Err(match meant {
                    Some((name, key)) => unknown
                        .with_help(format!("did you mean '{name}'? it is the limit that {key} sets"))
                        .into(),
                    None => unknown.into(),
                });
            }
            let breaches = risk.step().risk.breaches.iter();
            let of_limit = breaches.filter(|breach| breach.limit.text() == limit);
            Ok(of_limit.map(|breach| breach.level).max().unwrap_or_default().text())
        },
    );
    api.add(
        property("must_reduce", "bool", "Only orders that reduce risk pass."),
        |risk: &mut Risk| risk.step().risk.level >= RiskLevel::Reduce,
    );
    api.add(property("must_exit", "bool", "All positions are to be left."), |risk: &mut Risk| {
        risk.step().risk.level >= RiskLevel::Exit
    });
    api.add(
        property("reason", "text", "Which limit is breached, by how much; empty when none is."),
        |risk: &mut Risk| reason(risk.step()),
    );
    api.add(
        property(
            "excess",
            "list of #{limit, venue, amount, level}, amount in the share class",
            "What must go so that each breached limit is met again: notional at a venue, or net delta.",
        ),
        |risk: &mut Risk| excess(risk.step()),
    );
    api.add(
        property(
            "delta_drift",
            "fraction of equity, signed",
            "Net delta of the asset over equity.",
        ),
        |risk: &mut Risk| risk.step().risk.delta_drift,
    );
    api.add(
        Entry::call(
            Owner::Risk,
            "margin_ratio",
            &[VENUE],
            "fraction, or ()",
            "Margin balance over position notional at a venue; () without a position.",
        ),
        |risk: &mut Risk, name: &str| -> Answer<Dynamic> {
            let venue = host::venue(risk.0.universe(), name)?;
            let account = risk.step().margin[venue.index()];
            let ratio = account.and_then(|account| account.ratio);
            Ok(ratio.map_or(Dynamic::UNIT, Dynamic::from_decimal))
        },
    );
    api.add(
        property(
            "health_factor",
            "number, or ()",
            "Collateral at its liquidation threshold over debt, the lowest of all lending venues; () without a debt.",
        ),
        |risk: &mut Risk| lowest(risk.step(), |account| account.health_factor()),
    );
    api.add(
        property(
            "ltv",
            "fraction",
            "Debt over collateral, the highest of all lending venues; 0 without collateral.",
        ),
        |risk: &mut Risk| {
            let accounts = risk.step().lending.iter().flatten();
            accounts.filter_map(LendingAccount::ltv).max().unwrap_or_default()
        },
    );
    api.name_type::<Risk>("Risk", Owner::Risk);
}

fn lowest(step: &StepView, of: impl Fn(&LendingAccount) -> Option<Decimal>) -> Dynamic {
    let lowest = step.lending.iter().flatten().filter_map(of).min();
    lowest.map_or(Dynamic::UNIT, Dynamic::from_decimal)
}

fn reason(step: &StepView) -> String {
    let Some(breach) = step.risk.breaches.first() else { return String::new() };
    let place = breach
        .venue
        .map(|venue| format!(" at {}", step.universe().venue(venue).name))
        .unwrap_or_default();
    format!(
        "{}{place} is {}, past its limit of {} for level {}",
        breach.limit.text(),
        breach.value.round_dp(6).normalize(),
        breach.bound.normalize(),
        breach.level.text()
    )
}

fn excess(step: &StepView) -> Array {
    step.risk.breaches.iter().filter_map(|breach| excess_of(step, breach)).collect()
}

/// What one breach asks to take away; limits of age and drawdown name no amount.
fn excess_of(step: &StepView, breach: &Breach) -> Option<Dynamic> {
    let amount = match breach.limit {
        Limit::MarginRatio => {
            let account = step.margin[breach.venue?.index()]?;
            let bearable = account.balance.get().checked_div(breach.bound)?.max(Decimal::ZERO);
            (account.notional.get() - bearable).max(Decimal::ZERO) * step.prices.quote_value()?
        }
        Limit::HealthFactor => {
            let account = step.lending[breach.venue?.index()]?;
            let bearable = account.liquidated_at.get().checked_div(breach.bound)?;
            (account.debt.get() - bearable).max(Decimal::ZERO)
        }
        Limit::DeltaDrift => (breach.value.abs() - breach.bound) * step.equity.get(),
        Limit::Drawdown | Limit::DataAge => return None,
    };
    let venue = breach.venue.map_or(Dynamic::UNIT, |venue| {
        let name: &str = &step.universe().venue(venue).name;
        name.into()
    });
    let mut map = Map::new();
    map.insert("limit".into(), breach.limit.text().into());
    map.insert("venue".into(), venue);
    map.insert("amount".into(), Dynamic::from_decimal(amount));
    map.insert("level".into(), breach.level.text().into());
    Some(Dynamic::from_map(map))
}

/// What risk allows at a step, as scripts know it.
pub(crate) fn risk_of(step: std::sync::Arc<crate::engine::StepView>) -> rhai::Dynamic {
    rhai::Dynamic::from(Risk(Ctx::new(step)))
}
