//! From what the files say to what the run means: reads the merged tree with its types and ranges, checks that its parts fit
//! each other, and builds the [`Setup`]. Each file here reads one part; all tell their faults and read on.

mod capital;
mod chain;
mod flows;
mod lending;
mod meaning;
mod parameters;
mod prices;
mod rewards;
mod rules;
mod signal;
mod subscriptions;
mod units;
mod world;

use std::path::PathBuf;
use std::sync::Arc;

pub(super) use meaning::MEANINGS_TOLD;
pub(super) use units::UNITS;

use crate::types::{Code, Quantity, Rate, Span, Value};

use super::faults::Fault;
use super::section::{Bounds, Section};
use super::setup::{Costs, MissingFunding, Setup, ShareClass};

/// What is known of a configuration beside its tree.
pub(super) struct Context<'a> {
    pub(super) mode: String,
    pub(super) script: Option<PathBuf>,
    /// The tree before the command line's values: what parameters are declared to be.
    pub(super) declared: Section<'a>,
    pub(super) costs: Costs,
    pub(super) hash: String,
    pub(super) merged: String,
}

/// Whether all of the world could be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WorldIs {
    Whole,
    /// What fits to its missing parts cannot be judged.
    InParts,
}

/// Builds the setup. `None` only together with a fault.
pub(super) fn lower(root: Section<'_>, context: Context<'_>) -> Option<Setup> {
    let step = step_of(&root.at("step"));
    check_range(&root, step);
    // Markets, prices and series are all of the asset: what else could be told would follow from it.
    if !is_an_asset(&root) {
        return None;
    }
    let told = root.told();
    let world = world::build(&root, context.costs)?;
    world.check_asset(&root.at("asset"));
    world.check_share(&root.at("share_class"));
    let is_whole = if root.told() == told { WorldIs::Whole } else { WorldIs::InParts };
    let subscribed = subscriptions::read(&root, &world, is_whole, context.costs);
    let capital = capital::read(&root, &world);
    let home = flows::home(&world, &capital);
    let capital_flows = flows::read(&root, &world, home);
    let gas_tank = match context.costs {
        // Where nothing charges gas there is no tank: with venue fees alone no more than without any cost.
        Costs::None | Costs::Fees => Quantity::ZERO,
        Costs::Full => Quantity::new(root.at("gas_tank").decimal(Bounds::NotNegative)),
    };
    if gas_tank.is_positive() {
        world.check_gas_tank(&root.at("gas_tank"));
    }
    Some(Setup {
        mode: context.mode,
        script: context.script,
        share_class: ShareClass {
            name: root.at("share_class").text().to_owned(),
            token: world.share,
            decimals: u32::try_from(root.at("share").at("decimals").integer(0, 18)).ok()?,
        },
        asset: world.asset,
        quote: world.quote,
        step,
        from: root.at("from").optional_time(),
        to: root.at("to").optional_time(),
        unwind_at: root.at("unwind_at").optional_time(),
        series: subscribed.series,
        pricing: subscribed.pricing,
        parameters: parameters::read(&root, &context.declared, &world, is_whole),
        capital: Value::new(capital.total),
        initial_balances: capital.balances,
        home,
        capital_flows,
        reserve_ratio: Rate::new(root.at("reserve").at("ratio").decimal(Bounds::Part)),
        gas_tank,
        min_value_over_gas: root.at("dust").at("min_value_over_gas").decimal(Bounds::NotNegative),
        risk: rules::risk(&root, &world),
        execution: rules::execution(&root.at("execution"))?,
        costs: context.costs,
        conditions: world.conditions,
        target_apy: Rate::new(root.at("targets").at("apy").decimal(Bounds::Fraction)),
        target_drawdown: Rate::new(root.at("targets").at("max_drawdown").decimal(Bounds::Fraction)),
        missing_funding: root
            .at("missing_funding")
            .choice(&[
                ("proxy", MissingFunding::Proxy),
                ("zero", MissingFunding::Zero),
                ("refuse", MissingFunding::Refuse),
            ])
            .unwrap_or_default(),
        universe: Arc::new(world.universe),
        signal: signal::read(&root)?,
        hash: context.hash,
        merged: context.merged,
    })
}

/// A step such as `5m`, `1h` or `1d`.
fn step_of(section: &Section<'_>) -> Span {
    let text = section.text();
    let unit = [("m", 1), ("h", 60), ("d", 1440)];
    let minutes = unit.iter().find_map(|(suffix, minutes)| {
        let number: i64 = text.strip_suffix(suffix)?.parse().ok()?;
        (1..=1440).contains(&number).then_some(number * minutes)
    });
    match minutes {
        Some(minutes) if minutes <= 1440 && 1440 % minutes == 0 => Span::from_minutes(minutes),
        _ => {
            let sentence = format!(
                "a step that divides a day is expected, such as 5m, 1h or 1d, not '{text}'"
            );
            let fault = Fault::new(Code::Config003, sentence);
            if let Ok(number @ 1..=1440) = text.parse::<i64>() {
                section.tell(fault.suggest(format!("{number} minutes are written {number}m")));
            } else if !text.is_empty() {
                section.tell(fault);
            }
            Span::from_hours(1)
        }
    }
}

fn check_range(root: &Section<'_>, step: Span) {
    let (from, to) = (root.at("from"), root.at("to"));
    let times = [from.optional_time(), to.optional_time()];
    for (section, time) in [&from, &to].into_iter().zip(times) {
        if let Some(time) = time.filter(|time| time.ms() % step.ms() != 0) {
            section.fault(Code::Config003, format!("{time} is not on the grid of the step"));
        }
    }
    if let [Some(first), Some(last)] = times
        && first > last
    {
        to.fault(Code::Config005, format!("the last step {last} is before the first, {first}"));
    }
}

/// Whether the asset is one that the share class is for; else that is told.
fn is_an_asset(root: &Section<'_>) -> bool {
    let asset = root.at("asset");
    let allowed: Vec<&str> =
        root.at("share").at("assets").items().iter().map(Section::text).collect();
    let Some(name) = asset.optional_text() else { return true };
    if allowed.is_empty() || allowed.contains(&name) {
        return true;
    }
    let class = root.at("share_class").text();
    let sentence = format!("share class {class} is for {}, not for '{name}'", allowed.join(", "));
    asset.tell(Fault::new(Code::Config005, sentence).nearest(name, allowed));
    false
}
