//! Whether an attempt should go where its call has not been yet.

use super::frame::{State, upward};
use super::{Calls, Id};

impl Calls {
    /// Whether a hedge or a retry above this attempt made it, and sends its own elsewhere.
    #[inline]
    pub(super) fn goes_elsewhere(&self, leaf: Id, instance: u32) -> bool {
        self.instances[instance as usize].elsewhere && self.is_sent_elsewhere(leaf)
    }

    #[inline(never)]
    fn is_sent_elsewhere(&self, leaf: Id) -> bool {
        upward(&self.frames, leaf).any(|frame| {
            let adds = match frame.state {
                State::Retrying { failures, .. } => failures > 0,
                State::Leg { nth } => nth > 0,
                _ => false,
            };
            adds && self.layer_of(frame).goes_elsewhere()
        })
    }
}
