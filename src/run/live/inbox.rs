//! What waits to be handed to the engine: one channel for everybody, and the order in which the shell takes from it.
//!
//! Answers and reports first, as they came; then timers that are due; then the step. Steps coalesce: of several that wait,
//! the newest is handed in with the rows of all of them. Nothing here is unbounded but answers, and there is one of those
//! for each question.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::config::Fault;
use crate::engine::{Command, Flow, Input};
use crate::run::codec::LiveTick;
use crate::types::{Coded, Report};

/// The way into a live run, for feeds, gateways and people. Cheap to clone. What arrives after the run's end is dropped.
#[derive(Clone, Debug)]
pub struct Inbox(Sender<Message>);

#[derive(Debug)]
pub(super) enum Message {
    Tick(LiveTick),
    Input(Input),
    /// Something went wrong outside of the engine that a person should know.
    Trouble(Coded),
    Stop,
}

impl Inbox {
    pub(super) fn new() -> (Self, Receiver<Message>) {
        let (sender, receiver) = channel();
        (Self(sender), receiver)
    }

    /// A new step, with the rows that became known since the last.
    pub fn tick(&self, tick: LiveTick) {
        self.send(Message::Tick(tick));
    }

    /// What a venue tells of our account by itself.
    pub fn report(&self, report: Report) {
        self.send(Message::Input(Input::Report(report)));
    }

    /// Money that an owner has brought, or wants to take.
    pub fn capital(&self, flow: Flow) {
        self.send(Message::Input(Input::Capital(flow)));
    }

    /// A person's command.
    pub fn command(&self, command: Command) {
        self.send(Message::Input(Input::Operator(command)));
    }

    /// The process is to end. The run does not: it goes on when it is opened again.
    pub fn stop(&self) {
        self.send(Message::Stop);
    }

    pub(super) fn input(&self, input: Input) {
        self.send(Message::Input(input));
    }

    pub(super) fn trouble(&self, why: Coded) {
        self.send(Message::Trouble(why));
    }

    fn send(&self, message: Message) {
        // The receiver is gone when the run has ended; nobody is left to tell.
        let _ = self.0.send(message);
    }
}

/// What the shell does next.
#[derive(Debug)]
pub(super) enum Next {
    Input(Input),
    Tick(LiveTick),
    Trouble(Coded),
    /// A timer may be due.
    Timer,
    Stop,
}

/// What was received and is not handed in yet.
#[derive(Debug)]
pub(super) struct Waiting {
    receiver: Receiver<Message>,
    inputs: VecDeque<Input>,
    tick: Option<LiveTick>,
    troubles: VecDeque<Coded>,
    is_stopped: bool,
}

impl Waiting {
    pub(super) fn new(receiver: Receiver<Message>) -> Self {
        Self {
            receiver,
            inputs: VecDeque::new(),
            tick: None,
            troubles: VecDeque::new(),
            is_stopped: false,
        }
    }

    /// Waits until there is something to do, at most until a timer is due.
    pub(super) fn next(&mut self, until_timer: Option<Duration>) -> Next {
        loop {
            while let Ok(message) = self.receiver.try_recv() {
                self.take(message);
            }
            if self.is_stopped {
                return Next::Stop;
            }
            if let Some(trouble) = self.troubles.pop_front() {
                return Next::Trouble(trouble);
            }
            if let Some(input) = self.inputs.pop_front() {
                return Next::Input(input);
            }
            if until_timer == Some(Duration::ZERO) {
                return Next::Timer;
            }
            if let Some(tick) = self.tick.take() {
                return Next::Tick(tick);
            }
            match self.receiver.recv_timeout(until_timer.unwrap_or(Duration::MAX)) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => return Next::Timer,
                // The shell holds a sender of its own, so this is its end.
                Err(RecvTimeoutError::Disconnected) => return Next::Stop,
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Tick(tick) => {
                if let Err(fault) = self.take_tick(tick) {
                    self.troubles.push_back(Coded::new(fault.code, fault.to_string()));
                }
            }
            Message::Input(input) => self.inputs.push_back(input),
            Message::Trouble(why) => self.troubles.push_back(why),
            Message::Stop => self.is_stopped = true,
        }
    }

    /// The newest step replaces the one that waits and takes over its rows.
    fn take_tick(&mut self, tick: LiveTick) -> Result<(), Fault> {
        match &mut self.tick {
            Some(waiting) => {
                let mut rows = waiting.rows.clone();
                rows.append(&tick.rows)?;
                waiting.rows = rows;
                waiting.at = waiting.at.max(tick.at);
            }
            None => self.tick = Some(tick),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::engine::Command;
    use crate::market::MarketRows;
    use crate::types::{Span, Timestamp};

    fn hour(n: i64) -> Timestamp {
        Timestamp::from_ms(0) + Span::from_hours(n)
    }

    fn tick(hours: i64, rows: &[(i64, i64)]) -> LiveTick {
        let mut market = MarketRows::default();
        for &(at, gwei) in rows {
            market.push_gas("gas/ethereum_gas", hour(at), Decimal::from(gwei)).unwrap();
        }
        LiveTick { at: hour(hours), rows: market }
    }

    #[test]
    fn of_several_steps_the_newest_is_handed_in_with_all_rows() {
        let (inbox, receiver) = Inbox::new();
        let mut waiting = Waiting::new(receiver);
        inbox.tick(tick(1, &[(0, 5), (1, 6)]));
        inbox.tick(tick(2, &[(1, 7), (2, 8)]));
        inbox.command(Command::WindDown);
        assert!(matches!(waiting.next(None), Next::Input(Input::Operator(Command::WindDown))));
        let Next::Tick(handed) = waiting.next(None) else { panic!("the step is next") };
        assert_eq!(handed, tick(2, &[(0, 5), (1, 7), (2, 8)]));
    }

    #[test]
    fn a_timer_that_is_due_goes_before_a_step_and_after_an_answer() {
        let (inbox, receiver) = Inbox::new();
        let mut waiting = Waiting::new(receiver);
        inbox.tick(tick(1, &[]));
        inbox.command(Command::WindDown);
        let due = Some(Duration::ZERO);
        assert!(matches!(waiting.next(due), Next::Input(_)));
        assert!(matches!(waiting.next(due), Next::Timer));
        assert!(matches!(waiting.next(None), Next::Tick(_)));
        inbox.stop();
        assert!(matches!(waiting.next(None), Next::Stop));
    }

    #[test]
    fn rows_that_go_back_in_time_are_told_and_dropped() {
        let (inbox, receiver) = Inbox::new();
        let mut waiting = Waiting::new(receiver);
        inbox.tick(tick(2, &[(2, 5)]));
        inbox.tick(tick(3, &[(1, 5)]));
        let Next::Trouble(why) = waiting.next(None) else { panic!("the fault is told first") };
        assert!(why.message.contains("gas/ethereum_gas"), "{why}");
        let Next::Tick(handed) = waiting.next(None) else { panic!("the good step is next") };
        assert_eq!(handed, tick(2, &[(2, 5)]));
    }
}
