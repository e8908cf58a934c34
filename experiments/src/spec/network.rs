//! Links: what is between a caller and its callee.

use super::dist;
use super::fields::{Fields, Names, names_map};
use super::named::Named;
use super::problem::Problem;
use super::reading::Reading;
use super::tree::Node;
use super::values;
use brownout_core::dist::Dist;
use brownout_topologies::graph::Link;

const LINK: Names = Names {
    what: "a link",
    known: &["latency", "loss"],
    later: &["bandwidth", "duplicate", "reorder", "bytes", "mtu"],
};

/// A link of its own, under the names of its two ends.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinkSpec {
    /// The key, for complaints about the pair.
    pub(crate) key: Named,
    pub(crate) from: Named,
    pub(crate) to: Named,
    pub(crate) link: Link,
}

/// A link without latency and without loss.
pub(crate) const fn perfect() -> Link {
    Link { latency: Dist::constant(0.0), loss: 0.0 }
}

/// `(latency: "1ms", loss: "1%")` over the defaults in `base`.
pub(crate) fn link(node: &Node, base: &Link, reading: &mut Reading<'_>) -> Option<Link> {
    let fields = Fields::read(node, LINK, reading.cx)?;
    let latency = match fields.get("latency") {
        None => Some(base.latency.clone()),
        Some(node) => dist::times(node, reading),
    };
    let loss = match fields.get("loss") {
        None => Some(base.loss),
        Some(node) => values::share(node, reading.cx),
    };
    Some(Link { latency: latency?, loss: loss? })
}

/// `{"api -> db": (latency: "1ms")}`; what a link does not say, `network` says.
pub(crate) fn links(node: &Node, base: &Link, reading: &mut Reading<'_>) -> Vec<LinkSpec> {
    let example = "{\"api -> db\": (latency: \"1ms\")}";
    let mut specs = Vec::new();
    for entry in names_map(node, "link", example, reading.cx) {
        let key = Named { text: entry.key.text.clone(), place: entry.key.place };
        let ends = ends(&key, reading);
        let read = link(&entry.value, base, reading);
        if let (Some((from, to)), Some(link)) = (ends, read) {
            specs.push(LinkSpec { key, from, to, link });
        }
    }
    specs
}

pub(crate) fn ends(key: &Named, reading: &mut Reading<'_>) -> Option<(Named, Named)> {
    let arrow = ["->", "→"].iter().find_map(|arrow| {
        let at = key.text.find(arrow)?;
        Some((at, at + arrow.len()))
    });
    let Some((left, right)) = arrow else {
        reading.cx.push(
            Problem::error(key.place, "a link is named by its two ends")
                .label("expected \"caller -> callee\"")
                .help("as in \"api -> db\": (latency: \"1ms\")"),
        );
        return None;
    };
    let part = |from: usize, to: usize| {
        let text = key.text[from..to].trim();
        let start = from + key.text[from..to].find(text).unwrap_or(0);
        let place = values::inside(key.place, &key.text, start..start + text.len(), reading.cx);
        Named { text: text.to_owned(), place }
    };
    Some((part(0, left), part(right, key.text.len())))
}
