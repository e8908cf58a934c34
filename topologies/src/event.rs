//! What can happen, packed into what a key of the queue carries: four bits of what, 28 of to whom.

use crate::graph::LoadId;
use brownout_core::slab::Id;

/// What can happen. A new kind of node does not add to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A link hands over the envelope at a place.
    Delivery(Delivery, u32),
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

/// What a link hands over, in an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// A request.
    Request = 0,
    /// The answer to the request that was in the same envelope.
    Answer = 1,
    /// Anything else: a cancel, a probe, what a probe found.
    Note = 2,
}

/// The kind of [`Event::Service`].
const SERVICE: u32 = 3;
/// The kind of [`Event::Caller`].
const CALLER: u32 = 4;
/// The kind of [`Event::Arrival`].
const ARRIVAL: u32 = 5;

/// Bits of the place.
const PLACE_BITS: u32 = 28;

impl Event {
    /// The event in a key's words.
    #[inline(always)]
    pub fn payload(self) -> u32 {
        let (kind, place) = match self {
            Event::Delivery(what, envelope) => (what as u32, envelope),
            Event::Service(envelope) => (SERVICE, envelope),
            Event::Caller(frame) => (CALLER, frame),
            Event::Arrival(load) => (ARRIVAL, load.0),
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

    /// The place of an [`Event::Service`], if it is one.
    #[inline(always)]
    pub fn service(payload: u32) -> Option<u32> {
        let (kind, place) = apart(payload);
        (kind == SERVICE).then_some(place)
    }

    /// The load of an [`Event::Arrival`], if it is one.
    #[inline(always)]
    pub fn arrival(payload: u32) -> Option<LoadId> {
        let (kind, place) = apart(payload);
        (kind == ARRIVAL).then_some(LoadId(place))
    }

    /// The place of an [`Event::Caller`], if it is one.
    #[inline(always)]
    pub fn caller(payload: u32) -> Option<u32> {
        let (kind, place) = apart(payload);
        (kind == CALLER).then_some(place)
    }

    /// The event that [`Event::payload`] packed.
    #[inline(always)]
    pub fn of(payload: u32) -> Event {
        let (kind, place) = apart(payload);
        match kind {
            0..=2 => Event::Delivery(Delivery::numbered(kind), place),
            SERVICE => Event::Service(place),
            CALLER => Event::Caller(place),
            ARRIVAL => Event::Arrival(LoadId(place)),
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
    /// What is handed over as soon as its sender is done, and in which envelope, in a word of the
    /// queue: the name of an envelope leaves the upper bits free.
    #[inline(always)]
    pub fn word(self, envelope: Id) -> u64 {
        debug_assert!(envelope.place() < 1 << PLACE_BITS, "places are counted in 28 bits");
        (self as u64) << (32 + PLACE_BITS) | envelope.word()
    }

    /// What [`Delivery::word`] put together.
    #[inline(always)]
    pub fn apart(word: u64) -> (Delivery, Id) {
        let envelope = word & ((1 << (32 + PLACE_BITS)) - 1);
        (Delivery::numbered((word >> (32 + PLACE_BITS)) as u32), Id::from_word(envelope))
    }

    #[inline(always)]
    const fn numbered(number: u32) -> Delivery {
        match number {
            0 => Delivery::Request,
            1 => Delivery::Answer,
            _ => Delivery::Note,
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
            Event::Delivery(Delivery::Request, last),
            Event::Delivery(Delivery::Answer, 1),
            Event::Delivery(Delivery::Note, 2),
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

    #[test]
    fn what_is_handed_over_at_once_comes_out_of_a_word_as_it_went_in() {
        let last = ((1 << PLACE_BITS) - 1) << 32 | u64::from(u32::MAX);
        for what in [Delivery::Request, Delivery::Answer, Delivery::Note] {
            for id in [Id::from_word(1), Id::from_word(last)] {
                assert_eq!(Delivery::apart(what.word(id)), (what, id));
                assert_ne!(what.word(id), u64::MAX);
            }
        }
    }
}
