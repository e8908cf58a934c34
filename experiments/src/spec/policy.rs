//! Whose stack of policies a caller has.

use super::named::Named;
use super::problem::Cx;
use super::tree::{Kind, Node};
use super::values;
use brownout_policies::stack::Stack;
use brownout_policies::stack::read::stack;

/// Who calls with which policies: none, a named stack, or one written on the spot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum With {
    Nothing,
    Name(Named),
    Stack(Stack),
}

/// The value of a `with:`.
pub(crate) fn with(node: Option<&Node>, cx: &mut Cx) -> With {
    let Some(node) = node else { return With::Nothing };
    let read = match &node.kind {
        Kind::List(_) => stack(node, cx).map(With::Stack),
        _ => values::reference(node, cx).map(With::Name),
    };
    read.unwrap_or(With::Nothing)
}
