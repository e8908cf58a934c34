//! Branches that run at the same time, as written.

use super::fields::{Names, Variant};
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::script::{StepSpec, some_steps, step};
use super::tree::{Kind, Node};
use super::values;
use brownout_topologies::graph::Join;

/// Most branches of one fork.
const BRANCHES_MAX: u32 = 100_000;

/// `Parallel([Call(to: "a"), [Work("1ms"), Call(to: "b")]])`, or
/// `Parallel(branches: [Call(to: "leaf")], times: 100, join: Quorum(90))`.
pub(super) fn parallel(
    variant: &Variant<'_>,
    depth: usize,
    reading: &mut Reading<'_>,
) -> Option<StepSpec> {
    const NAMES: Names = Names::new("Parallel", &["branches", "times", "join"]);
    let fields = match variant.items() {
        Some(_) => None,
        None => Some(variant.fields(NAMES, &[], reading.cx)?),
    };
    let items = match &fields {
        None => variant.items(),
        Some(fields) => {
            let node = fields.need("branches", "[Call(to: \"a\"), Call(to: \"b\")]", reading.cx)?;
            Some(values::list(node, "branches", reading.cx)?)
        }
    };
    let Some(items) = items.filter(|items| !items.is_empty()) else {
        reading.cx.push(
            Problem::error(variant.whole, "Parallel without branches")
                .label("write Parallel([Call(to: \"a\"), Call(to: \"b\")])"),
        );
        return None;
    };
    let mut branches = Vec::with_capacity(items.len());
    for item in items {
        branches.push(match &item.kind {
            Kind::List(_) => some_steps(item, depth + 1, reading),
            _ => step(item, depth + 1, reading).into_iter().collect(),
        });
    }
    let cx = &mut *reading.cx;
    let times = match fields.as_ref().and_then(|fields| fields.get("times")) {
        None => Some(1),
        Some(node) => values::count32(node, 1..=BRANCHES_MAX, cx),
    };
    let count = (branches.len() as u32).saturating_mul(times?);
    if count > BRANCHES_MAX {
        let message = format!("{count} branches");
        cx.push(Problem::error(variant.whole, message).label(format!("at most {BRANCHES_MAX}")));
    }
    let join = match fields.as_ref().and_then(|fields| fields.get("join")) {
        None => Some(Join::All),
        Some(node) => join(node, count, cx),
    };
    Some(StepSpec::Parallel { branches, times: times?, join: join? })
}

/// `All`, `Any` or `Quorum(2)`.
fn join(node: &Node, count: u32, cx: &mut Cx) -> Option<Join> {
    const JOINS: Names = Names::new("a join", &["All", "Any", "Quorum"]);
    let variant = Variant::read(node, JOINS, cx)?;
    if variant.name != "Quorum" {
        variant.expect_unit(cx);
        return Some(if variant.name == "All" { Join::All } else { Join::Any });
    }
    let fields = variant.fields(Names::new("Quorum", &["of"]), &["of"], cx)?;
    let node = fields.need("of", "2", cx)?;
    values::count32(node, 1..=count, cx).map(Join::Quorum)
}
