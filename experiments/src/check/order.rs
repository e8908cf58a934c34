//! Warns of orders in which one policy defeats another.

use brownout_policies::retry::Kinds;
use brownout_policies::stack::{Layer, Stack};
use brownout_topologies::graph::Graph;

/// Stacks in which a policy cannot do what it is for, because of what is inside it or not.
pub(super) fn warnings(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for site in &graph.sites {
        let stack = &graph.stacks[site.stack.index()];
        for (depth, layer) in stack.layers.iter().enumerate() {
            let inside = &stack.layers[depth + 1..];
            found.extend(defeats(layer, inside).map(|why| format!("{}: {why}", site.name)));
        }
        found.extend(hammers(stack).map(|why| format!("{}: {why}", site.name)));
    }
    found.dedup();
    found
}

/// What is wrong with a layer, given those inside it.
fn defeats(layer: &Layer, inside: &[Layer]) -> Option<String> {
    let swallows =
        inside.iter().any(|layer| matches!(layer, Layer::Fallback(f) if f.on == Kinds::ALL));
    let times = inside.iter().any(|layer| matches!(layer, Layer::Timeout(_)));
    match layer {
        Layer::Retry(_) if swallows => Some(
            "the retry never sees a failure: the fallback inside it answers every one; put the \
             fallback outside"
                .to_owned(),
        ),
        Layer::Gate(used) if used.rule.judges() && swallows => Some(format!(
            "the {} never sees a failure: the fallback inside it answers every one; put the \
             fallback outside",
            used.rule.name()
        )),
        Layer::Gate(used) if used.rule.judges() && !times => Some(format!(
            "calls that hang are invisible to the {}: there is no timeout inside it",
            used.rule.name()
        )),
        Layer::Timeout(_)
        | Layer::Retry(_)
        | Layer::Hedge(_)
        | Layer::Gate(_)
        | Layer::Fallback(_)
        | Layer::Inherited => None,
    }
}

/// A retry that tries again what its own gate has just turned away.
fn hammers(stack: &Stack) -> Option<String> {
    let retry = stack.layers.iter().position(|layer| match layer {
        Layer::Retry(retry) => retry.on.and(Kinds::REJECTED) == retry.on,
        Layer::Timeout(_)
        | Layer::Hedge(_)
        | Layer::Gate(_)
        | Layer::Fallback(_)
        | Layer::Inherited => false,
    })?;
    let gate = stack.layers[retry + 1..].iter().find_map(|layer| match layer {
        Layer::Gate(used) => Some(used.rule.name()),
        Layer::Timeout(_)
        | Layer::Retry(_)
        | Layer::Hedge(_)
        | Layer::Fallback(_)
        | Layer::Inherited => None,
    })?;
    Some(format!("the retry tries again what the {gate} inside it has turned away"))
}
