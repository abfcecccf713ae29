//! A line of progress on a terminal: steps, steps per second, time left. Silent anywhere else.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::numbers::grouped;

/// Progress of a run.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar over `steps` steps, when stderr is a terminal and nobody asked for silence. It begins with the run's id, by
    /// which an interrupted run is resumed.
    pub fn new(id: &str, out: &Path, steps: u64, quiet: Quiet) -> Self {
        if quiet == Quiet::Yes || !std::io::stderr().is_terminal() {
            return Self { bar: None };
        }
        let is_here = out == Path::new(".");
        let out = if is_here { String::new() } else { format!(" --out {}", out.display()) };
        super::tell(&format!("run {id}; if it is cut off: basis run --resume {id}{out}"));
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        // The bar takes what the words leave, so that the line fits any terminal.
        let style =
            ProgressStyle::with_template("{msg} [{wide_bar}] {percent:>3} %  {speed}  {left}");
        if let Ok(style) = style {
            bar.set_style(
                style.progress_chars("=> ").with_key("speed", speed).with_key("left", time_left),
            );
        }
        Self { bar: Some(bar) }
    }

    /// So many steps are done; `day` is the simulated day.
    pub fn at(&self, step: u64, day: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(day.to_owned());
            bar.set_position(step);
        }
    }

    /// Takes the bar away.
    pub fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn speed(state: &ProgressState, out: &mut dyn Write) {
    // A line that cannot be formatted is not shown; there is nothing else to do about it.
    let _ = write!(out, "{} steps/s", grouped(state.per_sec() as u64));
}

/// The seconds left, once there is a speed to reckon with.
fn time_left(state: &ProgressState, out: &mut dyn Write) {
    if state.pos() > 0 {
        let _ = write!(out, "{} s left", grouped(state.eta().as_secs()));
    }
}

/// Whether anything but results may be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// Errors only.
    Yes,
    /// Progress and a summary.
    No,
}
