//! Traces of a run for other tools: Chrome's format, which Perfetto reads, and OTLP.
//!
//! Both are written as the run goes; what is remembered is what is under way.

mod chrome;
mod lanes;
mod otlp;

use super::heard::{Event, Hearing};
use brownout_core::Time;
use brownout_core::random::Seed;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::{Finished, RunError, listen};
use std::io::{self, Write};

/// What is traced: everything from one moment to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Inclusive.
    pub from: Time,
    /// Exclusive.
    pub to: Time,
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Chrome's Trace Event Format.
    Chrome,
    /// OTLP's JSON encoding of spans.
    Otlp,
}

/// Who writes events down in one form.
trait Writer {
    /// The document begins.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;
    /// Something happened.
    fn hear(&mut self, at: Time, event: Event, out: &mut dyn Write) -> io::Result<()>;
    /// The document ends.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// Runs `graph` and writes what happened in a stretch of it to `out`.
///
/// # Errors
/// When the run has no result. A failure to write is the inner error.
pub fn trace(
    graph: &Graph,
    seed: Seed,
    stretch: Stretch,
    form: Form,
    out: &mut dyn Write,
) -> Result<(io::Result<()>, Finished), RunError> {
    let end = stretch.to.min(Time::ZERO + graph.time);
    let stretch = Stretch { to: end, ..stretch };
    match form {
        Form::Chrome => write(graph, seed, chrome::Chrome::new(graph, stretch), out),
        Form::Otlp => write(graph, seed, otlp::Otlp::new(graph, seed, stretch), out),
    }
}

fn write(
    graph: &Graph,
    seed: Seed,
    mut writer: impl Writer,
    out: &mut dyn Write,
) -> Result<(io::Result<()>, Finished), RunError> {
    let mut written = writer.begin(out);
    let mut hearing = Hearing(|at, event| {
        if written.is_ok() {
            written = writer.hear(at, event, out);
        }
    });
    let finished = listen(graph, seed, &Plan::default(), &mut hearing)?;
    Ok((written.and_then(|()| writer.end(out)), finished))
}
