//! `brownout list`: what a file can say, a line each.

use super::exit::{Exit, Refusal};
use super::{ListArguments, output};
use brownout::dialects::{Family, families, retries};
use brownout::kinds::{Group, groups};

pub(super) fn list(arguments: &ListArguments) -> anyhow::Result<Exit> {
    let families: Vec<Family> = families().into_iter().chain([retries()]).collect();
    let asked = arguments.kind.as_deref().unwrap_or_default().to_lowercase();
    if let Some(family) = families.iter().find(|family| family.name == asked) {
        output::print(&dialects(family));
        return Ok(Exit::Held);
    }
    let groups = groups();
    let shown: Vec<&Group> = match &arguments.kind {
        None => groups.iter().collect(),
        Some(name) => {
            let known = groups.iter().filter(|group| group.name == name.to_lowercase());
            known.collect()
        }
    };
    if shown.is_empty() {
        let names = groups.iter().map(|group| group.name);
        let names: Vec<&str> = names.chain(families.iter().map(|family| family.name)).collect();
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

/// Whose behaviour a policy can have, and what each is set to.
fn dialects(family: &Family) -> String {
    let paint = output::paint();
    let mut lines = Vec::new();
    for dialect in &family.dialects {
        let written = format!("{}(like: {})", family.written, dialect.name);
        lines.push(format!("{}: {}", paint.strong(&written), dialect.about));
        let name = dialect.settings.iter().map(|setting| setting.name.len()).max().unwrap_or(0);
        let value = dialect.settings.iter().map(|setting| setting.value.len()).max().unwrap_or(0);
        for setting in &dialect.settings {
            let (own, about) = (setting.name, setting.about);
            lines.push(format!("  {own:<name$}  {:<value$}  {about}", setting.value));
        }
        lines.push(String::new());
    }
    lines.join("\n")
}
