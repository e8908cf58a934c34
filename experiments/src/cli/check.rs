//! `brownout check`: an experiment read aloud.

use super::exit::Exit;
use super::{CheckArguments, file, output};
use brownout::check;
use brownout::report::paint::Paint;

pub(super) fn check(arguments: &CheckArguments) -> anyhow::Result<Exit> {
    let experiment = file::experiment(&arguments.file, &arguments.set)?;
    let paint = output::paint();
    let mut text = check::describe(&experiment, paint);
    let warnings = check::warnings(&experiment);
    let placed = experiment.warnings.list.len();
    text.push('\n');
    text.push_str(&experiment.warnings.render(paint == Paint::Colored));
    for warning in &warnings {
        text.push_str(&format!("{}: {warning}\n", paint.doubtful("warning")));
    }
    text.push_str(&match placed + warnings.len() {
        0 => format!("{}\n", paint.good("no warnings")),
        1 => "1 warning\n".to_owned(),
        count => format!("{count} warnings\n"),
    });
    output::print(&text);
    Ok(Exit::Held)
}
