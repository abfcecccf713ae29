//! The journal of a live run, read back: what the run began with, and the fold of everything that was handed in since.
//!
//! A replay performs nothing. It asks for the same effects again, and they are held against those in the journal by id.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::Setup;
use crate::engine::{Engine, Input, Mode, Outbox, Strategy};
use crate::market::{MarketData, MarketRows, View};
use crate::records::journal::JournalReader;
use crate::run::codec::{Header, Journaled, LiveTick, decode, effect_id, input_of};
use crate::types::{
    Code, Coded, KeyId, PositionType, Quantity, Report, ReportBody, Timestamp, Universe,
};

/// With what a live run begins; the second record of its journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// The step at which it begins.
    pub at: Timestamp,
    /// Every series up to that step, as far back as the strategy looks.
    pub rows: MarketRows,
    /// Balances of all keys, one report a venue, in the order of the venues.
    pub balances: Vec<Report>,
}

impl Opening {
    /// The balances by key.
    ///
    /// # Errors
    /// POS-001 when the account holds a perp position: its entry cost is not ours to tell.
    pub fn holdings(&self, universe: &Universe) -> Result<Vec<(KeyId, Quantity)>, Coded> {
        let mut holdings = Vec::new();
        for report in &self.balances {
            let ReportBody::Balances(balances) = &report.body else { continue };
            for balance in balances.iter().filter(|balance| !balance.quantity.is_zero()) {
                let key = universe.instrument(balance.key);
                if key.position_type == PositionType::Perp {
                    let message = format!(
                        "the account holds {} of {} before the run begins; close it, or give the run an account of its own",
                        balance.quantity, key.name
                    );
                    return Err(Coded::new(Code::Pos001, message));
                }
                holdings.push((balance.key, balance.quantity));
            }
        }
        Ok(holdings)
    }
}

/// The market of a live run: it grows by each step's rows.
pub(super) struct LiveMarket {
    data: Arc<MarketData>,
    /// The last step that was handed in.
    pub(super) last_tick: Option<Timestamp>,
}

impl LiveMarket {
    fn open(setup: &Setup, opening: &Opening) -> Result<Self, Coded> {
        let loaded =
            MarketData::from_rows(setup, &opening.rows, Some(opening.at), Some(opening.at))
                .map_err(|faults| Coded::new(Code::Data002, faults.to_string()))?;
        Ok(Self { data: loaded.market(), last_tick: None })
    }

    /// The view of a step with its rows; the market is unchanged when they cannot follow.
    pub(super) fn step(&mut self, tick: &LiveTick) -> Result<View, Coded> {
        let is_late = self.last_tick.is_some_and(|last| tick.at <= last);
        if is_late || tick.at.ms() % self.data.step().ms() != 0 {
            let message = format!("the step of {} is late or off the grid; it is dropped", tick.at);
            return Err(Coded::new(Code::Data004, message));
        }
        let extended = self.data.extended(&tick.rows);
        self.data = extended.map_err(|fault| Coded::new(fault.code, fault.to_string()))?;
        self.last_tick = Some(tick.at);
        Ok(self.data.view_at_time(tick.at))
    }
}

/// A run at its beginning, or folded from its journal.
pub struct Replayed {
    /// The engine after the last record.
    pub engine: Engine,
    /// The first record.
    pub header: Header,
    /// The second.
    pub opening: Opening,
    /// Bytes of the good prefix.
    pub good_len: u64,
    /// Records in it, header and opening included.
    pub records: u64,
    pub(super) market: LiveMarket,
}

impl Replayed {
    /// An engine before its first step.
    pub(super) fn begin(
        header: Header,
        opening: Opening,
        setup: &Arc<Setup>,
        strategy: Box<dyn Strategy>,
    ) -> Result<Self, Coded> {
        let market = LiveMarket::open(setup, &opening)?;
        let view = market.data.view_at_time(opening.at);
        let holdings = opening.holdings(&setup.universe)?;
        let run = header.run;
        let engine = Engine::new(setup.clone(), view, strategy, run, &holdings, Mode::Live)?;
        Ok(Self { engine, header, opening, good_len: 0, records: 2, market })
    }

    /// The last step that was handed in.
    pub fn last_tick(&self) -> Option<Timestamp> {
        self.market.last_tick
    }
}

/// Folds a journal. `each` is given what came of every record before it is cleared. Nothing when the journal has no whole
/// beginning: then nothing was ever sent.
///
/// # Errors
/// ENGINE-001 for a damaged journal, ENGINE-002 when script or configuration have changed, or the replay asks for other
/// effects than the journal has.
pub fn replay(
    journal: &Path,
    setup: &Arc<Setup>,
    strategy: &mut Option<Box<dyn Strategy>>,
    each: &mut dyn FnMut(&mut Outbox) -> Result<(), Coded>,
) -> Result<Option<Replayed>, Coded> {
    let mut reader = JournalReader::open(journal)?;
    let Some(header) = head::<Header>(&mut reader)? else { return Ok(None) };
    let Some(opening) = head::<Opening>(&mut reader)? else { return Ok(None) };
    let Some(strategy) = strategy.take() else { return Ok(None) };
    if header.script != *strategy.version() || header.config != setup.hash {
        let message = "the run's script or configuration has changed since it began; start a new run on a flat account";
        return Err(Coded::new(Code::Engine002, message));
    }
    let mut replayed = Replayed::begin(header, opening, setup, strategy)?;
    let mut out = Outbox::default();
    while let Some(record) = reader.next_record()? {
        let record = decode(record)?;
        let input = match record.input {
            Journaled::Rows(tick) => Input::Tick(replayed.market.step(&tick)?),
            other => input_of(other).ok_or_else(|| {
                let message = "the journal has a simulated step; it belongs to a backtest";
                Coded::new(Code::Engine001, message)
            })?,
        };
        replayed.engine.handle(record.at, input, &mut out);
        let effects: Vec<String> = out.effects.iter().map(effect_id).collect();
        if effects != record.effects {
            let message = format!(
                "record {} of the journal asked for {:?}, its replay asks for {effects:?}; something it depends on has changed",
                replayed.records + 1,
                record.effects
            );
            return Err(Coded::new(Code::Engine002, message));
        }
        each(&mut out)?;
        out.effects.clear();
        out.events.clear();
        replayed.records += 1;
    }
    replayed.good_len = reader.good_len();
    Ok(Some(replayed))
}

fn head<T: for<'de> Deserialize<'de>>(reader: &mut JournalReader) -> Result<Option<T>, Coded> {
    let Some(record) = reader.next_record()? else { return Ok(None) };
    serde_json::from_slice(record).map(Some).map_err(|error| {
        let message = format!("the journal does not begin as a live run's does: {error}");
        Coded::new(Code::Engine001, message)
    })
}
