//! Signals of a model that is asked over HTTP: `POST {"symbol", "timestamp"}` for each bar, by the bar's opening.
//!
//! A backtest asks for all bars of its range before its first step ([`ask_all`]); a live feed asks for the bar that has just
//! closed ([`Service::ask`]). What the service cannot say, or says of another bar, is no signal: it is counted with its reason.

mod answer;
mod client;

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::config::SignalService;
use crate::market::Signal;
use crate::types::{Code, Coded, Span, Timestamp};

pub use answer::{Silence, read};
pub use client::Service;

/// What a service has said of a range of bars.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Its signals, by bar.
    pub signals: Vec<Signal>,
    /// The bars without one, with the last reason.
    pub silent: BTreeMap<Timestamp, Silence>,
}

impl Asked {
    /// Why bars have no signal, by reason with its first bar: `12 did not answer in 5 s, the first 2025-03-01T00:00:00Z`.
    pub fn reasons(&self) -> String {
        let mut counts: BTreeMap<&Silence, (usize, Timestamp)> = BTreeMap::new();
        for (at, why) in &self.silent {
            counts.entry(why).or_insert((0, *at)).0 += 1;
        }
        let told = counts
            .into_iter()
            .map(|(why, (count, first))| format!("{count} because {why} (the first of {first})"));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Asks for every bar from `first` to `last`, some at a time. What comes back does not depend on who answers first.
///
/// # Errors
/// CONFIG-… where the address cannot be read, VEN-005 where the service refuses the token, DATA-005 where it refuses the question,
/// or knows what comes after a bar.
pub fn ask_all(
    rules: &SignalService,
    token: &str,
    (first, last): (Timestamp, Timestamp),
    step: Span,
) -> Result<Asked, Coded> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Coded::new(Code::Engine004, format!("the client of the signals cannot begin: {error}"))
    })?;
    let bars = (last - first).ms() / step.ms() + 1;
    let lanes = rules.at_once.max(1) as i64;
    runtime.block_on(async {
        let mut asking = JoinSet::new();
        for lane in 0..lanes {
            let mut service = Service::new(rules, token, step)?;
            asking.spawn(async move {
                let mut said = Vec::new();
                for bar in (lane..bars).step_by(lanes as usize) {
                    let at = first + Span::from_ms(bar * step.ms());
                    said.push((at, service.ask(at).await?));
                }
                Ok::<_, Coded>(said)
            });
        }
        let mut asked = Asked::default();
        while let Some(lane) = asking.join_next().await {
            // Dropping the rest ends their questions.
            let lane = lane.map_err(|error| Coded::new(Code::Engine004, error.to_string()))??;
            for (at, answer) in lane {
                match answer {
                    Ok(signal) => asked.signals.push(signal),
                    Err(why) => drop(asked.silent.insert(at, why)),
                }
            }
        }
        asked.signals.sort_by_key(|signal| signal.at);
        Ok(asked)
    })
}
