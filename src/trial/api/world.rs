//! `world(…)` and the passing of time.

use rhai::{Dynamic, ImmutableString, Map, NativeCallContext};

use crate::engine::{Command, Speed};
use crate::script::api::{Api, Entry, KEY, Kind, Owner, Param};
use crate::script::host::{self, Answer, HostError, Prompt};
use crate::script::test_file::decision;
use crate::types::{Code, Decision, Quantity, Span};

use super::step::StepHandle;
use super::{Props, World, method, placed};

const OPTIONS: Param = Param::new(
    "options",
    Kind::Any,
    "a mode's name, or #{ mode, set: #{…}, capital, costs: \"full\" | \"fees\" | \"none\", start, history_h, balances: #{…} }",
)
.optional();
const DECISION: Param = Param::new("decision", Kind::Decision, "what decide would return");
const HOURS: Param = Param::new("hours", Kind::Number, "hours, whole steps");
const AMOUNT: Param = Param::new("amount", Kind::Number, "tokens");
const SPEED: Param =
    Param::new("speed", Kind::Text, "\"fast\" or \"slow\"; slow when left out").optional();
const MEMORY: Param = Param::new("memory", Kind::Options, "#{…}, plain data");

pub(super) fn register(api: &mut Api) {
    creation(api);
    time(api);
    people(api);
}

fn creation(api: &mut Api) {
    let entry = Entry::call(
        Owner::Global,
        "world",
        &[OPTIONS],
        "world",
        "A world in calm weather, before its first step: the strategy beside the test, or of a mode, with its configuration.",
    ).fails("there is no strategy beside the test and no mode is named; the configuration or the script is wrong");
    api.add(entry, |call: NativeCallContext| placed(&call, create(&call, &Map::new())));
    api.add(entry, |call: NativeCallContext, mode: ImmutableString| {
        let options = Map::from([("mode".into(), mode.into())]);
        placed(&call, create(&call, &options))
    });
    api.add(entry, |call: NativeCallContext, options: Map| placed(&call, create(&call, &options)));
}

fn create(call: &NativeCallContext, options: &Map) -> Result<World, HostError> {
    let (_, props) = Props::of(call)?;
    let world = World(std::sync::Arc::new(props.shelf.stage(options)?.into()));
    props.worlds.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(world.clone());
    Ok(world)
}

fn time(api: &mut Api) {
    api.add(
        method(
            "step",
            &[],
            "step",
            "Takes one step: the strategy decides, and what it decides is done.",
        ).fails("the run has ended, or this step ends it as failed: an error of the script, an order that is invalid"),
        |call: NativeCallContext, world: World| placed(&call, step(&world, None)),
    );
    api.add(
        method(
            "play",
            &[DECISION],
            "step",
            "Takes one step with this decision in place of the strategy's.",
        )
        .fails("as step"),
        |call: NativeCallContext, world: World, wanted: Dynamic| {
            placed(&call, decided(wanted).and_then(|decision| step(&world, Some(decision))))
        },
    );
    api.add(
        method("peek", &[], "step", "What the next step will be, tried on a copy of the world.")
            .fails("as step"),
        |call: NativeCallContext, world: World| placed(&call, peek(&world, None)),
    );
    api.add(
        method("run", &[HOURS], "step", "Takes steps for so many hours; gives the last.")
            .fails("as step; the hours are no whole number of steps, or more than 100 000 of them"),
        |call: NativeCallContext, world: World, hours: Dynamic| {
            placed(&call, steps(&world, &hours, || None))
        },
    );
    api.add(
        method("wait", &[HOURS], "step", "As run, but the strategy is not asked.")
            .fails("as step; the hours are no whole number of steps, or more than 100 000 of them"),
        |call: NativeCallContext, world: World, hours: Dynamic| {
            placed(&call, steps(&world, &hours, || Some(Decision::hold("the test waits"))))
        },
    );
    api.add(
        method(
            "ctx",
            &[],
            "ctx",
            "What a script will see at the next step; host functions that the test calls look at it.",
        ),
        |call: NativeCallContext, world: World| -> Answer<Dynamic> { placed(&call, ctx(&call, &world)) },
    );
    api.add(
        method(
            "look",
            &[],
            "ctx",
            "The world as it is after the last step, as a script would see it; host functions look at it.",
        ),
        |call: NativeCallContext, world: World| -> Answer<Dynamic> {
            let looked = Props::of(&call).and_then(|(prompt, _)| {
                let step = world.stage().measured()?;
                Ok(prompt.show(step))
            });
            placed(&call, looked)
        },
    );
}

fn people(api: &mut Api) {
    api.add(
        method("deposit", &[KEY, AMOUNT], "()", "An owner brings tokens to a key.")
            .fails("`amount` is below 0"),
        |call: NativeCallContext, world: World, key: &str, amount: Dynamic| {
            placed(&call, flow(&world, key, &amount, Speed::Slow, Direction::In))
        },
    );
    const WITHDRAWAL: &str = "An owner asks for tokens of a key. They are paid when they lie there; what unwinding for them \
        costs, he bears. \"fast\": what lies there now is paid at once, the reserve included.";
    let withdraw = method("withdraw", &[KEY, AMOUNT, SPEED], "()", WITHDRAWAL)
        .fails("`amount` is below 0, or `speed` is neither \"fast\" nor \"slow\"");
    api.add(withdraw, |call: NativeCallContext, world: World, key: &str, amount: Dynamic| {
        placed(&call, flow(&world, key, &amount, Speed::Slow, Direction::Out))
    });
    api.add(
        withdraw,
        |call: NativeCallContext, world: World, key: &str, amount: Dynamic, word: &str| {
            let asked =
                speed(word).and_then(|speed| flow(&world, key, &amount, speed, Direction::Out));
            placed(&call, asked)
        },
    );
    let commands = [
        (
            "wind_down",
            Command::WindDown,
            "Asks the strategy to leave all positions in its own time.",
        ),
        (
            "stop",
            Command::EmergencyStop,
            "Stops the run: exit is called, step after step, until it holds.",
        ),
        ("finish", Command::Finish, "Ends the run after its last step."),
    ];
    for (name, command, doc) in commands {
        api.add(method(name, &[], "()", doc), move |call: NativeCallContext, world: World| {
            placed(&call, world.stage().command(command.clone()).map_err(HostError::from))
        });
    }
    api.add(
        method("remember", &[MEMORY], "()", "Gives the strategy a memory: what it finds in this."),
        |call: NativeCallContext, world: World, memory: Map| {
            let given =
                host::memory(memory).and_then(|memory| Ok(world.stage().remember(memory)?));
            placed(&call, given)
        },
    );
}

fn decided(value: Dynamic) -> Result<Decision, HostError> {
    let found = host::type_name(&value);
    decision(value).ok_or_else(|| {
        HostError::new(Code::Test001, format!("play takes a decision, not {found}"))
            .with_help("build one with hold(reason), entry_full(reason, plan) and the like")
    })
}

fn step(world: &World, instead: Option<Decision>) -> Result<StepHandle, HostError> {
    let mut stage = world.stage();
    let record = stage.step(instead)?.clone();
    Ok(StepHandle::new(record, stage.setup().universe.clone()))
}

fn peek(world: &World, instead: Option<Decision>) -> Result<StepHandle, HostError> {
    let mut stage = world.stage();
    let (record, _) = stage.peek(instead)?;
    Ok(StepHandle::new(record, stage.setup().universe.clone()))
}

fn ctx(call: &NativeCallContext, world: &World) -> Result<Dynamic, HostError> {
    let (prompt, _): (Prompt, _) = Props::of(call)?;
    // The decision that nobody needs here must not spoil the look: a script that fails is told by step.
    let (_, seen) = world.stage().peek(Some(Decision::hold("the test looks")))?;
    Ok(prompt.show(seen))
}

/// So many steps are taken by one call: eleven years of hours.
const STEPS_MAX: i64 = 100_000;

/// Steps for so many hours; `instead` is asked before each.
fn steps(
    world: &World,
    hours: &Dynamic,
    instead: impl Fn() -> Option<Decision>,
) -> Result<StepHandle, HostError> {
    let hours = host::number("hours", hours)?;
    let step_ms = world.stage().setup().step.ms();
    let ms = hours * rust_decimal::Decimal::from(Span::from_hours(1).ms());
    let count = ms / rust_decimal::Decimal::from(step_ms);
    let whole = i64::try_from(count).ok().filter(|n| *n > 0 && count.fract().is_zero());
    let Some(whole) = whole else {
        let minutes = step_ms / 60_000;
        let message = format!("{hours} hours are no whole number of steps of {minutes} minutes");
        return Err(HostError::new(Code::Test001, message));
    };
    if whole > STEPS_MAX {
        let message = format!("{hours} hours are {whole} steps, more than {STEPS_MAX} at once");
        return Err(HostError::new(Code::Test001, message));
    }
    let mut last = None;
    for _ in 0..whole {
        last = Some(step(world, instead())?);
    }
    last.ok_or_else(|| HostError::new(Code::Test001, "no step was taken"))
}

/// Whether an owner brings or takes.
#[derive(Clone, Copy)]
enum Direction {
    In,
    Out,
}

fn speed(word: &str) -> Result<Speed, HostError> {
    let speeds = [Speed::Fast, Speed::Slow];
    let known = speeds.into_iter().find(|speed| speed.text() == word);
    known.ok_or_else(|| HostError::unknown("speed", word, speeds.map(Speed::text).into_iter()))
}

fn flow(
    world: &World,
    key: &str,
    amount: &Dynamic,
    speed: Speed,
    direction: Direction,
) -> Result<(), HostError> {
    let amount = host::number("amount", amount)?;
    let key = host::key(&world.stage().setup().universe, key)?;
    if amount.is_sign_negative() {
        let message = "an amount is positive; deposit and withdraw give its direction";
        return Err(HostError::new(Code::Test001, message));
    }
    let amount = match direction {
        Direction::In => Quantity::new(amount),
        Direction::Out => Quantity::ZERO - Quantity::new(amount),
    };
    Ok(world.stage().flow(key, amount, speed)?)
}
