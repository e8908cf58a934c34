//! A hunt on a terminal: the edge of what is withstood, how sure that is, and how to see it.

use super::document::{Incident, Shrunk, Told, word};
use super::probe::Probe;
use super::search::{Outcome, Searched};
use crate::report::human::wrapped;
use crate::report::paint::Paint;
use crate::sweep::source::Settings;

/// The report. `replay` writes the line that runs a bad probe again.
pub fn report(
    told: &Told<'_>,
    searches: &[Searched],
    incidents: &[Incident],
    shrunk: Option<&Shrunk>,
    replay: &dyn Fn(&Searched, &Probe) -> String,
    paint: Paint,
) -> String {
    let about = match told.experiment.about.as_str() {
        "" => String::new(),
        about => format!(": {about}"),
    };
    let mut lines = wrapped(&format!("{}{about}", told.experiment.name), "", "");
    lines[0] = paint.strong(&lines[0]);
    if !searches.is_empty() {
        let share = 100.0 * told.share;
        lines.extend(wrapped(
            &format!(
                "a setting is bad when more than {share} % of runs are {}, decided at 99 % with at \
                 most {} runs each, seed {}",
                word(told.bad),
                told.runs,
                told.seed
            ),
            "",
            "",
        ));
    }
    for one in searches {
        lines.push(String::new());
        let heading = format!("{}: {}", one.variant, one.paths());
        lines.push(paint.strong(&heading));
        lines.extend(searched(one, replay, paint));
    }
    for incident in incidents {
        let (variant, seed) = (&incident.variant, incident.run);
        lines.push(String::new());
        lines.push(format!("{variant}: {seed} is the first bad run, of {} tried", incident.tried));
        lines.push(format!("  {}", incident.replay));
        lines.push(format!("  {}", incident.id));
    }
    if let Some(shrunk) = shrunk {
        lines.extend(shrink(shrunk, paint));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn searched(
    one: &Searched,
    replay: &dyn Fn(&Searched, &Probe) -> String,
    paint: Paint,
) -> Vec<String> {
    let mut lines = Vec::new();
    let (probes, runs) = (one.probes.len(), one.runs());
    if one.is_interrupted {
        lines.push(paint.doubtful("  interrupted; this is how far it came"));
    }
    let ends = || {
        let ends = one.over.iter();
        let ends = ends.map(|over| {
            let end = |share| over.range.at(share, 5);
            format!("{} and {}", end(0.0), end(1.0))
        });
        ends.collect::<Vec<String>>().join(", ")
    };
    match &one.outcome {
        Outcome::Edge { .. } => {
            let (safe, bad) = one.edge().expect("it has one");
            lines.push(format!("  last safe   {}", at(safe)));
            lines.push(format!("  first bad   {}", at(bad)));
            if let Some((tipped, of)) = one.control {
                let line = format!("  without the trigger, at the first bad: {tipped} of {of} tip");
                lines.push(if tipped == 0 { line } else { paint.bad(&line) });
            }
            lines.push(format!("  {probes} settings judged by {runs} runs"));
            lines.push(format!("  {}", replay(one, bad)));
            lines.extend(bad.id.iter().map(|id| format!("  {id}")));
        }
        Outcome::AllSafe => {
            lines.push(format!("  no edge: safe at both ends, {}", ends()));
            lines.extend(one.probes.iter().map(|probe| format!("    {}", at(probe))));
        }
        Outcome::AllBad => {
            lines.push(format!("  no edge: bad at both ends, {}", ends()));
            lines.extend(one.probes.iter().map(|probe| format!("    {}", at(probe))));
            lines.extend(one.probes.first().map(|probe| format!("  {}", replay(one, probe))));
            let id = one.probes.first().and_then(|probe| probe.id.as_ref());
            lines.extend(id.map(|id| format!("  {id}")));
        }
        Outcome::Unclear => {
            if !one.is_interrupted {
                lines.push("  an end is neither safe nor bad with so many runs".to_owned());
            }
            lines.extend(one.probes.iter().map(|probe| format!("    {}", at(probe))));
        }
        Outcome::Broken(reason) => {
            lines.extend(wrapped(&paint.bad(&format!("no result: {reason}")), "  ", "    "));
        }
    }
    lines
}

/// `7.5s: 8 of 8 runs bad [0.68, 1.00]`.
fn at(probe: &Probe) -> String {
    let share = probe.share();
    let (values, bad, runs) = (values(&probe.settings), probe.bad, probe.runs);
    format!("{values}: {bad} of {runs} runs bad [{:.2}, {:.2}]", share.low, share.high)
}

fn values(settings: &Settings) -> String {
    let values = settings.iter().map(|(_, value)| value.as_str());
    values.collect::<Vec<&str>>().join(" and ")
}

fn shrink(shrunk: &Shrunk, paint: Paint) -> Vec<String> {
    let mut lines = vec![String::new(), paint.strong("The least file that still is bad")];
    if shrunk.is_interrupted {
        lines.push(paint.doubtful("  interrupted; it might be smaller still"));
    }
    lines.extend(shrunk.steps.iter().map(|step| format!("  {step}")));
    if shrunk.steps.is_empty() {
        lines.push("  nothing could be left out".to_owned());
    }
    lines.push(format!("  {} texts tried", shrunk.tried));
    lines.push(format!("  {}", shrunk.replay));
    lines
}
