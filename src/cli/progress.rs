//! A line of progress on a terminal: steps, steps per second, time left. Silent anywhere else.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Progress of a run.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar over `steps` steps, when stderr is a terminal and nobody asked for silence.
    pub fn new(steps: u64, quiet: Quiet) -> Self {
        if quiet == Quiet::Yes || !std::io::stderr().is_terminal() {
            return Self { bar: None };
        }
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(
            "{msg} [{bar:30}] {pos}/{len} steps  {per_sec}  {eta} left",
        );
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
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

/// Whether anything but results may be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// Errors only.
    Yes,
    /// Progress and a summary.
    No,
}
