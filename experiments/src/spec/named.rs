//! Names of things that are defined elsewhere.

use super::problem::{Cx, Place, Problem, did_you_mean, short};

/// A reference to something by name, to be looked up later.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    /// The name.
    pub(crate) text: String,
    /// Where it is written.
    pub(crate) place: Place,
}

impl Named {
    /// Complains that there is no such thing.
    pub(crate) fn unknown<'c>(
        &self,
        what: &str,
        there_is: impl IntoIterator<Item = &'c str> + Clone,
        cx: &mut Cx,
    ) {
        cx.complain(|_| {
            let shown = short(&self.text);
            Problem::error(self.place, format!("unknown {what} `{shown}`"))
                .maybe_help(did_you_mean(&self.text, there_is))
        });
    }
}
