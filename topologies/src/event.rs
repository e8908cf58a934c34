//! What can happen, packed into what a key of the queue carries: four bits of what, 28 of to whom.

use crate::graph::LoadId;

/// What can happen. A new kind of node does not add to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A link hands over an envelope.
    Delivery(Delivery),
    /// A service's timer: the work in an envelope is done, or it has waited too long.
    Service(u32),
    /// A caller's timer, for a frame of its policies.
    Caller(u32),
    /// A group's timer: replicas are to be judged, or asked how they feel.
    Group(u32),
    /// Something about a replica's life: it is to stop, to start, or to be planned for.
    Life(u32),
    /// A timer of a connection, or of a pool of them.
    Pool(u32),
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

/// What a link hands over, in which envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// A request.
    Request(u32),
    /// The answer to the request that was in the same envelope.
    Answer(u32),
    /// Anything else: a cancel, a probe, what a probe found.
    Note(u32),
}

/// Bits of the place.
const PLACE_BITS: u32 = 28;

impl Event {
    /// The event in a key's words.
    #[inline(always)]
    pub fn payload(self) -> u32 {
        let (kind, place) = match self {
            Event::Delivery(delivery) => return delivery.payload(),
            Event::Service(envelope) => (3, envelope),
            Event::Caller(frame) => (4, frame),
            Event::Arrival(load) => (5, load.0),
            Event::User(user) => (6, user),
            Event::Faults => (7, 0),
            Event::Sample => (8, 0),
            Event::End => (9, 0),
            Event::Group(group) => (10, group),
            Event::Life(life) => (11, life),
            Event::Pool(number) => (12, number),
        };
        pack(kind, place)
    }

    /// The event that [`Event::payload`] packed.
    #[inline(always)]
    pub fn of(payload: u32) -> Event {
        let (kind, place) = apart(payload);
        match kind {
            0..=2 => Event::Delivery(Delivery::of(payload)),
            3 => Event::Service(place),
            4 => Event::Caller(place),
            5 => Event::Arrival(LoadId(place)),
            6 => Event::User(place),
            7 => Event::Faults,
            8 => Event::Sample,
            9 => Event::End,
            10 => Event::Group(place),
            11 => Event::Life(place),
            _ => Event::Pool(place),
        }
    }
}

impl Delivery {
    /// The delivery in a key's words.
    #[inline(always)]
    pub fn payload(self) -> u32 {
        match self {
            Delivery::Request(envelope) => pack(0, envelope),
            Delivery::Answer(envelope) => pack(1, envelope),
            Delivery::Note(envelope) => pack(2, envelope),
        }
    }

    /// The delivery that [`Delivery::payload`] packed.
    #[inline(always)]
    pub fn of(payload: u32) -> Delivery {
        let (kind, place) = apart(payload);
        match kind {
            0 => Delivery::Request(place),
            1 => Delivery::Answer(place),
            _ => Delivery::Note(place),
        }
    }
}

#[inline(always)]
fn pack(kind: u32, place: u32) -> u32 {
    debug_assert!(place < 1 << PLACE_BITS, "places are counted in 28 bits");
    kind << PLACE_BITS | place
}

#[inline(always)]
const fn apart(payload: u32) -> (u32, u32) {
    (payload >> PLACE_BITS, payload & ((1 << PLACE_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_comes_out_of_a_key_as_it_went_in() {
        let last = (1 << PLACE_BITS) - 1;
        for event in [
            Event::Delivery(Delivery::Request(last)),
            Event::Delivery(Delivery::Answer(1)),
            Event::Delivery(Delivery::Note(2)),
            Event::Service(0),
            Event::Caller(last),
            Event::Arrival(LoadId(3)),
            Event::User(last),
            Event::Faults,
            Event::Sample,
            Event::End,
            Event::Group(last),
            Event::Life(3),
            Event::Pool(last),
        ] {
            assert_eq!(Event::of(event.payload()), event);
        }
    }
}
