//! What can happen, packed into what a key of the queue carries: four bits of what, 28 of to whom.

use crate::graph::LoadId;

/// What can happen. A new kind of node does not add to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A link hands over an envelope with a request.
    Request(u32),
    /// A link hands over an envelope with the answer to its request.
    Answer(u32),
    /// A link hands over an envelope that takes a request back.
    Cancel(u32),
    /// A service's timer: the work in an envelope is done, or it has waited too long.
    Service(u32),
    /// A caller's timer, for a frame of its policies.
    Caller(u32),
    /// An arrival of an open loop.
    Arrival(LoadId),
    /// A user asks, or asks again; all loads' users are numbered together.
    User(u32),
    /// The set of active faults changes.
    Faults,
    /// Totals are to be read.
    Sample,
    /// The run is over.
    End,
}

/// Bits of the place.
const PLACE_BITS: u32 = 28;

impl Event {
    /// Whether a link hands something over.
    pub fn is_delivery(self) -> bool {
        matches!(self, Event::Request(_) | Event::Answer(_) | Event::Cancel(_))
    }

    /// The event in a key's words.
    #[inline(always)]
    pub fn payload(self) -> u32 {
        let (kind, place) = match self {
            Event::Request(envelope) => (0, envelope),
            Event::Answer(envelope) => (1, envelope),
            Event::Cancel(envelope) => (2, envelope),
            Event::Service(envelope) => (3, envelope),
            Event::Caller(frame) => (4, frame),
            Event::Arrival(load) => (5, load.0),
            Event::User(user) => (6, user),
            Event::Faults => (7, 0),
            Event::Sample => (8, 0),
            Event::End => (9, 0),
        };
        debug_assert!(place < 1 << PLACE_BITS, "places are counted in 28 bits");
        kind << PLACE_BITS | place
    }

    /// The event that [`Event::payload`] packed.
    #[inline(always)]
    pub fn of(payload: u32) -> Event {
        let place = payload & ((1 << PLACE_BITS) - 1);
        match payload >> PLACE_BITS {
            0 => Event::Request(place),
            1 => Event::Answer(place),
            2 => Event::Cancel(place),
            3 => Event::Service(place),
            4 => Event::Caller(place),
            5 => Event::Arrival(LoadId(place)),
            6 => Event::User(place),
            7 => Event::Faults,
            8 => Event::Sample,
            _ => Event::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_comes_out_of_a_key_as_it_went_in() {
        let last = (1 << PLACE_BITS) - 1;
        for event in [
            Event::Request(last),
            Event::Answer(1),
            Event::Cancel(2),
            Event::Service(0),
            Event::Caller(last),
            Event::Arrival(LoadId(3)),
            Event::User(last),
            Event::Faults,
            Event::Sample,
            Event::End,
        ] {
            assert_eq!(Event::of(event.payload()), event);
        }
    }
}
