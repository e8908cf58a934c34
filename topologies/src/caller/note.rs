//! What goes with a request, where anybody keeps anything: what it is about, and what was read.

use super::desk::Desk;
use super::{Callers, Owner};
use crate::envelope::Address;
use crate::store::note::Note;
use crate::world::{Io, Kit};
use brownout_core::slab::Id;

impl Desk {
    /// Writes what goes with an attempt of a call.
    #[inline(never)]
    pub(super) fn write_note<K: Kit>(&self, call: Id, envelope: Id, io: &mut Io<'_, K>) {
        let open = &self.open[call];
        let now = io.queue.now().nanos();
        let note = match self.owner(open) {
            Owner::User { .. } => Note { subject: open.lineage, read: 0, sent: now },
            Owner::Activation { service, activation } => {
                let at = Address { service, replica: open.replica };
                let sent = io.clocks.read(io.graph, at, io.queue.now()).nanos();
                Note { sent, ..io.links.notes.of(activation) }
            }
        };
        io.links.notes.write(envelope, note);
    }
}

impl Callers {
    /// An answer has come: what it says was read is known to whoever waits for it.
    #[inline(never)]
    pub fn read_note<K: Kit>(&self, answer: Id, io: &mut Io<'_, K>) {
        let envelope = &io.links.envelopes[answer];
        let open = self.desk.open.get(envelope.call).filter(|_| self.calls.is_open(envelope.leaf));
        if let Some(Owner::Activation { activation, .. }) = open.map(|open| self.desk.owner(open)) {
            io.links.notes.tell(answer, activation);
        }
    }
}
