//! `brownout list`: what a file can say, a line each.

use super::exit::{Exit, Refusal};
use super::{ListArguments, output};
use brownout::kinds::{Group, groups};

pub(super) fn list(arguments: &ListArguments) -> anyhow::Result<Exit> {
    let groups = groups();
    let shown: Vec<&Group> = match &arguments.kind {
        None => groups.iter().collect(),
        Some(name) => {
            let known = groups.iter().filter(|group| group.name == name.to_lowercase());
            known.collect()
        }
    };
    if shown.is_empty() {
        let names: Vec<&str> = groups.iter().map(|group| group.name).collect();
        let asked = arguments.kind.as_deref().unwrap_or_default();
        let message = format!("nothing is listed as \"{asked}\"; there is {}", names.join(", "));
        return Err(Refusal::usage(message));
    }
    let paint = output::paint();
    let width = shown.iter().flat_map(|group| &group.kinds).map(|(name, _)| name.chars().count());
    let width = width.max().unwrap_or(0);
    let mut lines = Vec::new();
    for group in shown {
        lines.push(format!("{}: {}", paint.strong(group.name), group.about));
        lines.extend(group.kinds.iter().map(|(name, about)| format!("  {name:<width$}  {about}")));
        lines.push(String::new());
    }
    output::print(&lines.join("\n"));
    Ok(Exit::Held)
}
