//! `brownout trace`: one run as a trace for Perfetto, Chrome or an OTLP back end.

use super::exit::{Exit, Refusal};
use super::replay::time;
use super::target::{self, TargetArguments};
use super::{output, writing};
use brownout::incident::trace::{Form, Stretch, trace as write};
use brownout_core::Time;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What to trace, and how.
#[derive(Debug, Args)]
pub(super) struct TraceArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// Only what happens from this moment on, such as `58s`.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Time>,
    /// Only what happens before this moment.
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Time>,
    /// The form of the trace.
    #[arg(long, value_enum, default_value_t = TraceFormat::Chrome)]
    format: TraceFormat,
    /// The file to write.
    #[arg(short, long, value_name = "FILE", default_value = "trace.json")]
    output: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TraceFormat {
    /// Chrome's Trace Event Format: open it in ui.perfetto.dev.
    Chrome,
    /// OpenTelemetry's spans in JSON.
    Otlp,
}

pub(super) fn trace(arguments: &TraceArguments) -> anyhow::Result<Exit> {
    let target = target::target(&arguments.target)?;
    let end = Time::ZERO + target.graph().time;
    let from = arguments.from.unwrap_or(Time::ZERO);
    let to = arguments.to.unwrap_or(end).min(end);
    if from >= to {
        let message = format!("nothing lies between {from} and {to}; the run ends at {end}");
        return Err(Refusal::usage(message));
    }
    let form = match arguments.format {
        TraceFormat::Chrome => Form::Chrome,
        TraceFormat::Otlp => Form::Otlp,
    };
    let stretch = Stretch { from, to };
    let finished = writing::whole(&arguments.output, |out| {
        write(target.graph(), target.seed, stretch, form, out)
            .map_err(|error| target::refusal(&target.id, &error))
    })?;
    let digest = finished.digest().to_string();
    if let Some((path, recorded)) = target.recorded.filter(|(_, recorded)| *recorded != digest) {
        let message = format!("digest {digest} is another than in {}: {recorded}", path.display());
        return Err(Refusal::mismatch(message));
    }
    let (id, path) = (&target.id, arguments.output.display());
    output::print(&format!("run {id} from {from} to {to} in {path}\n"));
    Ok(Exit::Held)
}
