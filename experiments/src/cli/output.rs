//! The two streams: results on standard output, everything else on standard error.

use anstream::ColorChoice;
use brownout::report::paint::Paint;
use std::io::Write;

/// Whether standard output takes colours: a terminal, and nobody said `NO_COLOR`.
pub(super) fn paint() -> Paint {
    paint_if(anstream::AutoStream::choice(&std::io::stdout()))
}

/// Whether standard error does.
pub(super) fn paint_of_errors() -> Paint {
    paint_if(anstream::AutoStream::choice(&std::io::stderr()))
}

fn paint_if(choice: ColorChoice) -> Paint {
    match choice {
        ColorChoice::Never => Paint::Plain,
        ColorChoice::Auto | ColorChoice::AlwaysAnsi | ColorChoice::Always => Paint::Colored,
    }
}

/// Results.
pub(super) fn print(text: &str) {
    // Whoever reads may leave before the end (`| head`); that is no error.
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// What a reader of errors and warnings sees.
pub(super) fn eprint(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// An error in one line.
pub(super) fn error(message: &str) {
    let word = paint_of_errors().bad("error");
    eprint(&format!("{word}: {message}\n"));
}

/// A warning in one line.
pub(super) fn warning(message: &str) {
    let word = paint_of_errors().doubtful("warning");
    eprint(&format!("{word}: {message}\n"));
}
