//! A progress bar on standard error, for runs that take longer than a second.

use brownout::runner::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Runs shorter than this show no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two looks at how far it is.
const STEP: Duration = Duration::from_millis(100);

/// Whether somebody would see a bar.
pub(super) fn is_wanted(quiet: bool) -> bool {
    !quiet && std::io::stderr().is_terminal()
}

/// Shows how far it is until the other end of `finished` is dropped.
pub(super) fn watch(progress: &Progress, finished: &Receiver<()>) {
    if finished.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} runs, {per_sec}, {eta} left")
        .expect("the template is well formed");
    let bar = ProgressBar::new(progress.total.load(Ordering::Relaxed)).with_style(style);
    while finished.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
        bar.set_position(progress.done.load(Ordering::Relaxed));
        if progress.stop.load(Ordering::Relaxed) {
            bar.set_message("finishing");
        }
    }
    bar.finish_and_clear();
}
