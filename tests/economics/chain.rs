//! A chain by hand: rates, indices and pools as a test wants them, day by day, for the modes that live on it.

use basis::config::{Costs, SeriesRole, Setup};
use basis::engine::{End, Phase, Strategy};
use basis::market::{Bar, MarketRows, ReserveFigures};
use basis::run::Pump;
use basis::types::event::{Event, StepRow};
use basis::types::{Attribution, PnlCause, Price, Quantity, Rate, Span};
use rust_decimal::Decimal;

use crate::scene::{Tape, dec, from_rows, run, script, setup, start};

/// What a chain is like, by token and day; the days count from the start of all made-up data, and day −1 is known, too.
pub struct Chain<'a> {
    /// The last day.
    pub days: i64,
    /// What a staking token is worth in ETH by its protocol.
    pub rate: &'a dyn Fn(&str, i64) -> Decimal,
    /// By how much less it is sold, a fraction of the last known rate; by hour.
    pub discount: &'a dyn Fn(i64) -> Decimal,
    /// The supply and the borrow index of a reserve.
    pub indices: &'a dyn Fn(&str, i64) -> [Decimal; 2],
    /// Tokens supplied and owed by all others.
    pub totals: &'a dyn Fn(&str, i64) -> [Decimal; 2],
    /// The price of gas, gwei; by hour, and known an hour later.
    pub gas: &'a dyn Fn(i64) -> Decimal,
}

/// Nothing grows, a staking token is sold for what it is worth, and pools are deep. weETH is worth 1.05, wstETH 1.2.
pub fn still(days: i64) -> Chain<'static> {
    Chain {
        days,
        rate: &|token, _| worth(token),
        discount: &|_| Decimal::ZERO,
        indices: &|_, _| [Decimal::ONE, Decimal::ONE],
        totals: &|_, _| [dec("2000000"), dec("1000000")],
        gas: &|_| dec("20"),
    }
}

/// What a staking token is worth on a still chain.
pub fn worth(token: &str) -> Decimal {
    dec(if token == "weETH" { "1.05" } else { "1.2" })
}

impl Chain<'_> {
    /// Runs a mode over all days with its own script.
    pub fn run(&self, mode: &str, costs: Costs, sets: &[(&str, &str)]) -> Pump<Tape> {
        self.run_as(mode, costs, sets, |script| script)
    }

    /// The same with a strategy that is made of the mode's script.
    pub fn run_as(
        &self,
        mode: &str,
        costs: Costs,
        sets: &[(&str, &str)],
        made: impl FnOnce(Box<dyn Strategy>) -> Box<dyn Strategy>,
    ) -> Pump<Tape> {
        let setup = setup(mode, costs, sets);
        let data = from_rows(&setup, &self.rows(&setup), 24 * self.days);
        let script = made(script(&setup));
        run(setup, &data, script)
    }

    /// The rows of all series that a setup subscribes to.
    pub fn rows(&self, setup: &Setup) -> MarketRows {
        let mut rows = MarketRows::default();
        for spec in &setup.series {
            let pushed = match spec.role {
                SeriesRole::Rate(_) | SeriesRole::Reserve(_) => self.daily(&mut rows, &spec.name),
                _ => self.hourly(&mut rows, &spec.name),
            };
            pushed.unwrap_or_else(|fault| panic!("{fault}"));
        }
        rows
    }

    fn daily(&self, rows: &mut MarketRows, name: &str) -> Result<(), basis::config::Fault> {
        let token = token(name);
        for day in -1..=self.days {
            let at = start() + Span::from_hours(24 * day);
            if name.starts_with("lst/") {
                rows.push_rate(name, at, (self.rate)(token, day))?;
                continue;
            }
            let [supplied, borrowed] = (self.totals)(token, day).map(Quantity::new);
            let figures = ReserveFigures {
                as_of: at,
                supply_rate: Rate::ZERO,
                borrow_rate: Rate::ZERO,
                supplied,
                borrowed,
            };
            rows.push_reserve(name, &figures, (self.indices)(token, day))?;
        }
        Ok(())
    }

    fn hourly(&self, rows: &mut MarketRows, name: &str) -> Result<(), basis::config::Fault> {
        for hour in -1..=24 * self.days {
            let at = start() + Span::from_hours(hour);
            if name.starts_with("gas/") {
                rows.push_gas(name, at, (self.gas)(hour))?;
            } else if name.starts_with("lst/") {
                let rate = (self.rate)(token(name), hour.div_euclid(24));
                rows.push_market_rate(name, at, rate * (Decimal::ONE - (self.discount)(hour)))?;
            } else {
                let [open, high, low, close] = [Price::new(dec("3000")); 4];
                let volume = Quantity::new(dec("1000000"));
                rows.push_bar(name, &Bar { at, open, high, low, close, volume })?;
            }
        }
        Ok(())
    }
}

/// The token that a series of a chain is about: of `lst/weETH_exchange_rate` it is weETH.
fn token(series: &str) -> &str {
    let stem = series.split_once('/').map_or(series, |(_, stem)| stem);
    stem.split('_').next().unwrap_or(stem)
}

/// What a run holds at a key at its end: tokens, not scaled units.
pub fn held(pump: &Pump<Tape>, key: &str) -> Decimal {
    let step = pump.engine.step();
    let key = step.universe().key_named(key).unwrap_or_else(|| panic!("{key} is no key"));
    step.unscaled(key, pump.engine.state().books.quantity(key)).get()
}

/// Debt over collateral at the end of a run.
pub fn ltv(pump: &Pump<Tape>) -> Decimal {
    let accounts = pump.engine.step().lending.iter().flatten();
    accounts.filter_map(|account| account.ltv()).max().unwrap_or_default()
}

/// Equity at a step; steps are hours.
pub fn equity(pump: &Pump<Tape>, hour: usize) -> Decimal {
    pump.witness.rows()[hour].equity.get()
}

/// The row of the last step.
pub fn last(pump: &Pump<Tape>) -> StepRow {
    let rows = pump.witness.rows();
    (*rows.last().expect("a run has steps")).clone()
}

/// The named causes explain a change of equity; the others are nothing. What staking, lending and borrowing round to whole
/// wei is theirs, as everywhere.
pub fn explained_by(told: &Attribution, named: &[PnlCause], change: Decimal) {
    let wei = dec("0.0000000000000001");
    for cause in PnlCause::ALL.into_iter().filter(|cause| !named.contains(cause)) {
        let is_rounded =
            matches!(cause, PnlCause::Staking | PnlCause::Lending | PnlCause::BorrowCost);
        let room = if is_rounded { wei } else { Decimal::ZERO };
        assert!(told[cause].get().abs() <= room, "{} is {}", cause.text(), told[cause]);
    }
    let sum: Decimal = named.iter().map(|cause| told[*cause].get()).sum();
    assert!((change - sum).abs() <= wei, "{change} is not the {sum} of {named:?}");
    let off = (change - told.total().get()).abs();
    assert!(off <= dec("0.000000000000000001"), "{off} of it is not explained");
}

/// The decisions of a run that were more than a hold: hour, and why.
pub fn acts(pump: &Pump<Tape>) -> Vec<(i64, String)> {
    let of = |event: &Event| match event {
        Event::Decision(told) if told.orders > 0 => {
            Some(((told.at - start()).ms() / 3_600_000, told.reason.to_string()))
        }
        _ => None,
    };
    pump.witness.events().filter_map(of).collect()
}

/// A run that came to its last step, whose profit is explained to the last unit.
pub fn is_done(pump: &Pump<Tape>) {
    let state = pump.engine.state();
    let notes = pump.witness.notes(basis::types::event::Loudness::Warn);
    assert_eq!(state.phase, Phase::Ended(End::Done), "{notes:?}");
    is_explained(pump);
}

/// Whether causes sum to the change of equity, and the venues' account of the money is ours.
pub fn is_explained(pump: &Pump<Tape>) {
    let state = pump.engine.state();
    let worst = state.tally.worst_residual;
    assert!(worst <= dec("0.000000000000000001"), "a step leaves {worst} unexplained");
    for theirs in pump.world.balances() {
        assert_eq!(state.books.quantity(theirs.key), theirs.quantity);
    }
    assert_eq!(pump.world.unexplained().count(), 0);
}
