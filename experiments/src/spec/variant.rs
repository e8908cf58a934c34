//! Variants: the same experiment with other policies, or with other settings.

use super::document::System;
use super::fields::{Fields, names_map};
use super::named::Named;
use super::path::Edit;
use super::problem::{Cx, Problem};
use super::tree::{Entry, Kind, Node, Word};
use super::values;

/// Most variants of one experiment.
const VARIANTS_MAX: usize = 64;

/// A variant as written.
#[derive(Debug, Clone)]
pub(crate) struct VariantSpec {
    pub(crate) name: Word,
    policies: Vec<(Word, Node)>,
    edits: Vec<Edit>,
}

/// The variants of an experiment in the order of the file.
pub(crate) fn variants(root: &Node, cx: &mut Cx) -> Vec<VariantSpec> {
    // Unknown fields of the experiment have been complained about by now.
    let mut silent = Cx::new(&super::problem::EXPERIMENT);
    let fields = Fields::read(root, super::document::EXPERIMENT, &mut silent);
    let Some(node) = fields.and_then(|fields| fields.get("variants")) else { return Vec::new() };
    let entries = names_map(node, "variant", "{\"naive\": {\"client\": [Retry(times: 3)]}}", cx);
    if entries.len() > VARIANTS_MAX {
        let message = format!("{} variants", entries.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {VARIANTS_MAX}")));
        return Vec::new();
    }
    let mut specs = Vec::with_capacity(entries.len());
    for entry in entries {
        if values::check_name(&entry.key.text, entry.key.place, "variant", cx) {
            specs.push(variant(entry, cx));
        }
    }
    specs
}

fn variant(entry: &Entry, cx: &mut Cx) -> VariantSpec {
    let mut spec = VariantSpec { name: entry.key.clone(), policies: Vec::new(), edits: Vec::new() };
    let example = "{\"client\": [Retry(times: 3)], set: {…}}";
    // Written with quoted names, as a map; `set` alone may also be a field.
    let value = match &entry.value.kind {
        Kind::Fields(entries) => {
            Node { place: entry.value.place, kind: Kind::Map(entries.clone()) }
        }
        _ => entry.value.clone(),
    };
    for own in names_map(&value, "policy", example, cx) {
        if own.key.text != "set" {
            spec.policies.push((own.key.clone(), own.value.clone()));
            continue;
        }
        for edit in names_map(&own.value, "path", "{\"services.db.workers\": 4}", cx) {
            spec.edits.push(Edit { path: edit.key.clone(), value: edit.value.clone() });
        }
    }
    spec
}

impl VariantSpec {
    /// The tree of this variant.
    pub(crate) fn tree(&self, base: &Node, system: &System, cx: &mut Cx) -> Node {
        let mut root = base.clone();
        for edit in &self.edits {
            if may_differ(edit, cx) {
                edit.apply(&mut root, cx);
            }
        }
        let used = system.used_policies();
        for (name, stack) in &self.policies {
            let is_known = system.policies.contains_key(&name.text);
            if !is_known && !used.contains(name.text.as_str()) {
                let named = Named { text: name.text.clone(), place: name.place };
                let known = system.policies.keys().map(String::as_str).chain(used.iter().copied());
                let known: std::collections::BTreeSet<&str> = known.collect();
                named.unknown("policy", known.iter().copied(), cx);
                continue;
            }
            replace_policy(&mut root, name, stack);
        }
        root
    }
}

/// Whether variants can differ in what an edit changes; complains if not.
fn may_differ(edit: &Edit, cx: &mut Cx) -> bool {
    let path = edit.path.text.as_str();
    let first = path.split('.').next().unwrap_or_default();
    let is_shared = ["run.seed", "run.runs"].contains(&path)
        || [
            "variants", "name", "about", "version", "topology", "sweep", "hunt", "expect",
            "measure", "plots",
        ]
        .contains(&first);
    if is_shared {
        let message = format!("`{}` is the same for all variants", super::problem::short(path));
        cx.push(Problem::error(edit.path.place, message).help(
            "a variant can differ in services, load, policies, links, network, domains, faults, \
                 monitors, semantics and run.time",
        ));
    }
    !is_shared
}

fn replace_policy(root: &mut Node, name: &Word, stack: &Node) {
    let (Kind::Fields(fields) | Kind::Map(fields)) = &mut root.kind else { return };
    if !fields.iter().any(|field| field.key.text == "policies") {
        let key = Word { text: "policies".to_owned(), place: name.place };
        let value = Node { place: name.place, kind: Kind::Map(Vec::new()) };
        fields.push(Entry { key, value });
    }
    for field in fields.iter_mut().filter(|field| field.key.text == "policies") {
        let Kind::Map(named) = &mut field.value.kind else { continue };
        let entry = Entry { key: name.clone(), value: stack.clone() };
        match named.iter_mut().find(|entry| entry.key.text == name.text) {
            Some(own) => own.value = entry.value,
            None => named.push(entry),
        }
    }
}
