//! What goes with a request: what it is about, and what was read for it.

use brownout_core::slab::Id;

/// What goes with a request, there and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Note {
    /// The lineage of the user's call that all this is for: keys are drawn by it. A retry is about
    /// the same.
    pub subject: u64,
    /// What was read last: the version of a row, say.
    pub read: u64,
    /// When it was sent, by the clock of who sent it, in nanoseconds.
    pub sent: u64,
}

/// The notes of all envelopes, by their places. Without stores there are none.
#[derive(Debug)]
pub struct Notes {
    by_place: Option<Vec<Note>>,
}

impl Notes {
    /// No notes yet, or none ever.
    pub fn new(are_kept: bool) -> Notes {
        Notes { by_place: are_kept.then(Vec::new) }
    }

    /// Whether there are any.
    #[inline(always)]
    pub fn are_kept(&self) -> bool {
        self.by_place.is_some()
    }

    /// What goes with an envelope.
    pub fn of(&self, id: Id) -> Note {
        let notes = self.by_place.as_deref().unwrap_or_default();
        notes.get(id.place()).copied().unwrap_or_default()
    }

    /// Writes what goes with an envelope.
    pub fn write(&mut self, id: Id, note: Note) {
        let Some(notes) = &mut self.by_place else { return };
        if notes.len() <= id.place() {
            notes.resize(id.place() + 1, Note::default());
        }
        notes[id.place()] = note;
    }

    /// What was read for one is known to another.
    pub fn tell(&mut self, from: Id, to: Id) {
        let read = self.of(from).read;
        self.write(to, Note { read, ..self.of(to) });
    }
}
