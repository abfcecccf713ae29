//! A scene: a configuration, made-up or real prices, a strategy in a few lines, and a witness that keeps what was said.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use basis::config::{Costs, LoadRequest, Setup, StrategyRef, load};
use basis::engine::{Engine, Input, Memory, Mode, Outbox, StepView, Strategy, StrategyError};
use basis::market::{Bar, Funding, MarketData, MarketRows};
use basis::run::{Pump, Witness, opening};
use basis::script::{Bundle, ScriptStrategy};
use basis::sim::{Faults, World};
use basis::types::event::{Event, EventBatch, Loudness, OrderEvent, StepRow};
use basis::types::{Coded, Decision, Price, Quantity, Rate, RunTag, Span, Timestamp};
use rust_decimal::Decimal;

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of the data that is shared beside the repository; `None`, said aloud, where it is absent.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let base = std::env::var_os("BASIS_SHARED").map_or(root().join("../shared"), PathBuf::from);
    let path = base.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: there is no {} (set BASIS_SHARED)", path.display());
    None
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| panic!("{text} is a number"))
}

pub fn qty(text: &str) -> Quantity {
    Quantity::new(dec(text))
}

/// The start of all made-up data.
pub fn start() -> Timestamp {
    "2024-06-01".parse().expect("a date")
}

/// Loads a configuration of `tests/configs`, or a mode or script by its name, with overrides.
pub fn setup(name: &str, costs: Costs, sets: &[(&str, &str)]) -> Setup {
    let own = root().join("tests/configs").join(format!("{name}.yaml"));
    let strategy = if own.exists() {
        StrategyRef { name: own.display().to_string(), config: Some(own) }
    } else if name.ends_with(".rhai") {
        StrategyRef { name: root().join(name).display().to_string(), config: None }
    } else {
        StrategyRef { name: name.to_owned(), config: None }
    };
    load(LoadRequest {
        strategy,
        config_dir: root().join("configs"),
        sets: sets.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        capital: None,
        from: None,
        to: None,
        costs,
    })
    .unwrap_or_else(|faults| panic!("the configuration {name} is wrong:\n{faults}"))
}

/// The script of a setup, ready to run.
pub fn script(setup: &Setup) -> Box<dyn Strategy> {
    let path = setup.script.as_ref().expect("the mode names a script");
    let path = if path.is_absolute() { path.clone() } else { root().join(path) };
    let bundle = Bundle::load(&path, &root().join("stdlib"), setup);
    let bundle = bundle.unwrap_or_else(|faults| panic!("{}: {faults:?}", path.display()));
    Box::new(ScriptStrategy::new(Arc::new(bundle)))
}

/// The hour of a step since the start of made-up data.
pub fn hour(step: &StepView) -> i64 {
    (step.now - start()).ms() / 3_600_000
}

/// Sixty thousand and three thousand, for ever, with deep markets.
pub fn calm(hours: i64) -> Prices<'static> {
    Prices {
        hours,
        open: &|series, _| Some(if series.contains("ETH") { dec("3000") } else { dec("60000") }),
        funding: &|_, _| Decimal::ZERO,
        gwei: &|_| dec("20"),
        volume: dec("1000000"),
    }
}

/// Made-up prices: what a series opens at in an hour, what it pays; the bar runs to the next hour's open.
pub struct Prices<'a> {
    pub hours: i64,
    /// By series and hour; `None` is a gap.
    pub open: &'a dyn Fn(&str, i64) -> Option<Decimal>,
    /// Every eight hours, by series and hour.
    pub funding: &'a dyn Fn(&str, i64) -> Decimal,
    /// Gas price in gwei by hour.
    pub gwei: &'a dyn Fn(i64) -> Decimal,
    /// Coins traded in every bar.
    pub volume: Decimal,
}

impl Prices<'_> {
    /// The rows of all series that a setup subscribes to.
    pub fn rows(&self, setup: &Setup) -> MarketRows {
        let mut rows = MarketRows::default();
        for spec in &setup.series {
            let name = spec.name.as_str();
            for hour in 0..=self.hours {
                let at = start() + Span::from_hours(hour);
                let pushed = match name.split_once('/').map(|(folder, _)| folder) {
                    Some("funding") if hour % 8 == 0 => {
                        let rate = Rate::new((self.funding)(name, hour));
                        rows.push_funding(name, &Funding { at, rate })
                    }
                    Some("funding") => Ok(()),
                    Some("gas") => rows.push_gas(name, at, (self.gwei)(hour)),
                    _ => match self.bar(name, hour, at) {
                        Some(bar) => rows.push_bar(name, &bar),
                        None => Ok(()),
                    },
                };
                pushed.unwrap_or_else(|fault| panic!("{fault}"));
            }
        }
        rows
    }

    pub fn data(&self, setup: &Setup) -> Arc<MarketData> {
        from_rows(setup, &self.rows(setup), self.hours - 1)
    }

    fn bar(&self, name: &str, hour: i64, at: Timestamp) -> Option<Bar> {
        let open = (self.open)(name, hour)?;
        let close = (self.open)(name, hour + 1).unwrap_or(open);
        let price = Price::new;
        let (high, low) = (price(open.max(close)), price(open.min(close)));
        let volume = Quantity::new(self.volume);
        Some(Bar { at, open: price(open), high, low, close: price(close), volume })
    }
}

/// The market of rows from the start over so many steps more.
pub fn from_rows(setup: &Setup, rows: &MarketRows, hours: i64) -> Arc<MarketData> {
    from_rows_between(setup, rows, start(), start() + Span::from_hours(hours))
}

/// The market of rows between two times.
pub fn from_rows_between(
    setup: &Setup,
    rows: &MarketRows,
    from: Timestamp,
    to: Timestamp,
) -> Arc<MarketData> {
    let loaded = MarketData::from_rows(setup, rows, Some(from), Some(to));
    loaded.unwrap_or_else(|faults| panic!("the market in memory is wrong:\n{faults}")).data
}

/// What a strategy in a few lines answers to a step.
pub type Answer = Box<dyn FnMut(&Arc<StepView>) -> Decision + Send>;

/// A strategy in a few lines.
pub struct Scripted {
    pub decide: Answer,
    pub exit: Answer,
}

impl Scripted {
    /// Decides by a function of the step; its exit holds.
    pub fn new(decide: impl FnMut(&Arc<StepView>) -> Decision + Send + 'static) -> Box<Self> {
        let exit = Box::new(|_: &Arc<StepView>| Decision::hold("nothing to leave"));
        Box::new(Self { decide: Box::new(decide), exit })
    }

    /// The same with an exit of its own.
    pub fn with_exit(
        mut self: Box<Self>,
        exit: impl FnMut(&Arc<StepView>) -> Decision + Send + 'static,
    ) -> Box<Self> {
        self.exit = Box::new(exit);
        self
    }
}

impl Strategy for Scripted {
    fn decide(&mut self, step: &Arc<StepView>, _: &mut Memory) -> Result<Decision, StrategyError> {
        Ok((self.decide)(step))
    }

    fn exit(&mut self, step: &Arc<StepView>, _: &mut Memory) -> Result<Decision, StrategyError> {
        Ok((self.exit)(step))
    }

    fn version(&self) -> Arc<str> {
        "scripted".into()
    }
}

/// Keeps everything that the engine says, in order, with the time of the input that made it say so.
#[derive(Debug, Default)]
pub struct Tape {
    pub batches: Vec<(Timestamp, EventBatch)>,
    pub effects: Vec<(Timestamp, Vec<basis::engine::Effect>)>,
    pub inputs: Vec<(Timestamp, Input)>,
    at: Timestamp,
}

impl Witness for Tape {
    fn before(&mut self, at: Timestamp, input: &Input) -> Result<(), Coded> {
        self.at = at;
        self.inputs.push((at, input.clone()));
        Ok(())
    }

    fn after(&mut self, out: &mut Outbox) -> Result<(), Coded> {
        self.batches.push((self.at, std::mem::take(&mut out.events)));
        if !out.effects.is_empty() {
            self.effects.push((self.at, out.effects.clone()));
        }
        Ok(())
    }
}

impl Tape {
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.batches.iter().flat_map(|(_, batch)| &batch.events)
    }

    /// The rows of all steps.
    pub fn rows(&self) -> Vec<&StepRow> {
        self.events()
            .filter_map(|event| if let Event::Step(row) = event { Some(&**row) } else { None })
            .collect()
    }

    /// The orders that were sent.
    pub fn orders(&self) -> Vec<&OrderEvent> {
        self.events()
            .filter_map(|event| if let Event::Order(order) = event { Some(&**order) } else { None })
            .collect()
    }

    /// The quantities of the orders that were sent, in order.
    pub fn sent(&self) -> Vec<Decimal> {
        self.orders().iter().map(|order| order.bound.quantity.get().normalize()).collect()
    }

    /// Why decisions were held back or refused, in words.
    pub fn constraints(&self) -> Vec<String> {
        let of = |event: &Event| match event {
            Event::Decision(decision) => {
                decision.constraints.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        };
        self.events().flat_map(of).collect()
    }

    /// What was said at least so loudly.
    pub fn notes(&self, loudness: Loudness) -> Vec<String> {
        let told = |event: &Event| match event {
            Event::Note(note) if note.loudness >= loudness => {
                let code = note.code.map(|code| format!("{code}: ")).unwrap_or_default();
                Some(format!("{} {code}{}", note.at, note.text))
            }
            _ => None,
        };
        self.events().filter_map(told).collect()
    }
}

/// An engine in its world, before the first step, with the gas tank bought.
pub fn pump(setup: Setup, data: &Arc<MarketData>, strategy: Box<dyn Strategy>) -> Pump<Tape> {
    pump_in(setup, data, strategy, (0, Faults::NONE))
}

fn pump_in(
    setup: Setup,
    data: &Arc<MarketData>,
    strategy: Box<dyn Strategy>,
    (seed, faults): (u64, Faults),
) -> Pump<Tape> {
    let setup = opening(Arc::new(setup), &data.view_at(0)).expect("the gas tank can be bought");
    let balances = setup.initial_balances.clone();
    let (view, tag) = (data.view_at(0), RunTag::new(1));
    let engine = Engine::new(setup.clone(), view, strategy, tag, &balances, Mode::Backtest);
    let world = World::new(setup, seed, faults);
    Pump::new(engine.expect("the opening balances are valid"), world, Tape::default())
}

/// Runs from the first step to the last.
pub fn run(setup: Setup, data: &Arc<MarketData>, strategy: Box<dyn Strategy>) -> Pump<Tape> {
    run_in(setup, data, strategy, (0, Faults::NONE))
}

/// The same in a world where things go wrong by a seed.
pub fn run_in(
    setup: Setup,
    data: &Arc<MarketData>,
    strategy: Box<dyn Strategy>,
    world: (u64, Faults),
) -> Pump<Tape> {
    let mut pump = pump_in(setup, data, strategy, world);
    for view in data.views() {
        pump.step(view).expect("a tape never fails");
    }
    pump.finish(data.to() + data.step()).expect("a tape never fails");
    pump
}
