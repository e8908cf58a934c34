//! A generational slab: stable 32-bit places, reused after removal, with stale names recognised.

use alloc::vec::Vec;
use core::fmt;
use core::ops::{Index, IndexMut};

/// The name of an entry: its place and the epoch in which it was put there, in one word, since it
/// is copied about so much.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u64);

impl Id {
    /// A name that no slab ever gives out.
    pub const NONE: Id = Id(u64::MAX);

    #[inline(always)]
    const fn new(place: u32, epoch: u32) -> Id {
        Id((place as u64) << 32 | epoch as u64)
    }

    /// The place in the slab, dense from zero: an index for arrays kept beside it.
    #[inline(always)]
    pub const fn place(self) -> usize {
        (self.0 >> 32) as usize
    }

    #[inline(always)]
    const fn epoch(self) -> u32 {
        self.0 as u32
    }

    /// Whether this is [`Id::NONE`].
    #[inline(always)]
    pub const fn is_none(self) -> bool {
        self.0 == Id::NONE.0
    }

    /// The name as one word.
    #[inline(always)]
    pub const fn word(self) -> u64 {
        self.0
    }

    /// The name that [`Id::word`] wrote.
    #[inline(always)]
    pub const fn from_word(word: u64) -> Id {
        Id(word)
    }
}

impl Default for Id {
    fn default() -> Id {
        Id::NONE
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}v{}", self.place(), self.epoch())
    }
}

/// Has places begin with a line of cache, so that whoever orders what an entry consists of by its
/// use knows what comes along. Where entries are many this costs more than it gives: memory of
/// that kind is copied whenever there is to be more of it.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub struct Line;

#[derive(Debug, Clone)]
#[repr(C)]
struct Slot<T, A> {
    _begins: [A; 0],
    /// Invariant: odd while there is an entry, so a name is stale as soon as its entry is gone.
    epoch: u32,
    /// The next free place, while this one is free.
    next: u32,
    /// What a removed entry left behind stays until the place is used again.
    value: T,
}

/// So many places are made at once at most.
const PLACES_AT_ONCE: usize = 64;

/// No place: the end of the list of free ones.
const NOWHERE: u32 = u32::MAX;

/// Entries of one type, found by [`Id`] in constant time, allocated only when the peak rises.
///
/// Entries are plain data: they are written where they stay, and removing one moves nothing. (A new
/// place begins with a default, so that growing, which is cold, does not touch the value: otherwise
/// the value would be put together on the stack and copied while its parts are still being stored.)
///
/// `A` says how places are aligned: not at all, or with a [`Line`].
#[derive(Debug, Clone)]
pub struct Slab<T, A = ()> {
    slots: Vec<Slot<T, A>>,
    /// The first free place.
    free: u32,
}

impl<T, A> Default for Slab<T, A> {
    fn default() -> Self {
        Slab { slots: Vec::new(), free: NOWHERE }
    }
}

impl<T: Copy + Default, A> Slab<T, A> {
    /// Puts `value` in a free place and names it.
    #[inline(always)]
    pub fn insert(&mut self, value: T) -> Id {
        let (id, entry) = self.claim();
        *entry = value;
        id
    }

    /// Takes a free place and names it. It holds what the last entry there left behind: for large
    /// entries of which only a part is written at first.
    #[inline(always)]
    pub fn claim(&mut self) -> (Id, &mut T) {
        if self.free == NOWHERE {
            self.extend();
        }
        let place = self.free;
        let slot = &mut self.slots[place as usize];
        let epoch = slot.epoch.wrapping_add(1);
        self.free = slot.next;
        slot.epoch = epoch;
        (Id::new(place, epoch), &mut slot.value)
    }

    /// Makes free places, more where there are many: the peak rises. The first is used first.
    #[cold]
    #[inline(never)]
    fn extend(&mut self) {
        let first = self.slots.len();
        let end = first + (first / 8).clamp(1, PLACES_AT_ONCE);
        let end = u32::try_from(end).expect("fewer than 2^32 entries at once");
        let value = T::default();
        self.slots.extend((first as u32 + 1..=end).map(|next| Slot {
            _begins: [],
            epoch: 0,
            next,
            value,
        }));
        if let Some(last) = self.slots.last_mut() {
            last.next = NOWHERE;
        }
        self.free = first as u32;
    }

    /// Gives an entry that stays where it is another name: the one that it had is stale.
    #[inline]
    pub fn rename(&mut self, id: Id) -> (Id, &mut T) {
        let slot = &mut self.slots[id.place()];
        debug_assert!(slot.epoch == id.epoch(), "an entry is used while it is there");
        slot.epoch = slot.epoch.wrapping_add(2);
        (Id::new(id.place() as u32, slot.epoch), &mut slot.value)
    }

    /// Takes the entry out, if it is still there.
    #[inline]
    pub fn remove(&mut self, id: Id) -> Option<T> {
        let value = *self.get(id)?;
        self.discard(id);
        Some(value)
    }

    /// Drops the entry where it is, without moving it out; it is there.
    #[inline]
    pub fn discard(&mut self, id: Id) {
        let slot = &mut self.slots[id.place()];
        debug_assert!(slot.epoch == id.epoch(), "an entry is used while it is there");
        slot.epoch = slot.epoch.wrapping_add(1);
        slot.next = self.free;
        self.free = id.place() as u32;
    }
}

impl<T, A> Slab<T, A> {
    /// The entry, if it is still there.
    #[inline]
    pub fn get(&self, id: Id) -> Option<&T> {
        let slot = self.slots.get(id.place())?;
        (slot.epoch == id.epoch()).then_some(&slot.value)
    }

    /// The entry, mutable, if it is still there.
    #[inline]
    pub fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        let slot = self.slots.get_mut(id.place())?;
        (slot.epoch == id.epoch()).then_some(&mut slot.value)
    }

    /// What is at a place, whether or not it has been discarded.
    #[inline]
    pub fn entry(&mut self, place: u32) -> &mut T {
        &mut self.slots[place as usize].value
    }

    /// The entry at a place, with its name, if there is one, to look at.
    #[inline]
    pub fn at(&self, place: u32) -> Option<(Id, &T)> {
        let slot = self.slots.get(place as usize)?;
        (slot.epoch % 2 == 1).then_some((Id::new(place, slot.epoch), &slot.value))
    }

    /// The entry at a place, with its name, if there is one.
    #[inline]
    pub fn entry_at(&mut self, place: u32) -> Option<(Id, &mut T)> {
        let slot = self.slots.get_mut(place as usize)?;
        let epoch = slot.epoch;
        (epoch % 2 == 1).then_some((Id::new(place, epoch), &mut slot.value))
    }

    /// What is at a place now, and its name.
    #[inline(always)]
    pub fn named(&self, place: u32) -> (Id, &T) {
        let slot = &self.slots[place as usize];
        (Id::new(place, slot.epoch), &slot.value)
    }

    /// The name of what is at a place now.
    #[inline]
    pub fn name(&self, place: u32) -> Id {
        Id::new(place, self.slots[place as usize].epoch)
    }

    /// Whether the entry is still there.
    #[inline]
    pub fn contains(&self, id: Id) -> bool {
        self.get(id).is_some()
    }

    /// How many entries there are now, counted one by one.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// How many places there are: somewhat more than there have been entries at once.
    pub fn places(&self) -> usize {
        self.slots.len()
    }

    /// Every entry in order of place.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &T)> {
        let taken = |(_, slot): &(usize, &Slot<T, A>)| slot.epoch % 2 == 1;
        self.slots
            .iter()
            .enumerate()
            .filter(taken)
            .map(|(place, slot)| (Id::new(place as u32, slot.epoch), &slot.value))
    }
}

/// For those in whose hands the entry is: they know that it is there, and a debug build makes sure.
impl<T, A> Index<Id> for Slab<T, A> {
    type Output = T;
    #[inline]
    fn index(&self, id: Id) -> &T {
        let slot = &self.slots[id.place()];
        debug_assert!(slot.epoch == id.epoch(), "an entry is used while it is there");
        &slot.value
    }
}

impl<T, A> IndexMut<Id> for Slab<T, A> {
    #[inline]
    fn index_mut(&mut self, id: Id) -> &mut T {
        let slot = &mut self.slots[id.place()];
        debug_assert!(slot.epoch == id.epoch(), "an entry is used while it is there");
        &mut slot.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_stale_once_its_entry_is_gone_even_when_the_place_is_reused() {
        let mut slab: Slab<&str> = Slab::default();
        let first = slab.insert("first");
        assert_eq!(slab.remove(first), Some("first"));
        let second = slab.insert("second");
        assert_eq!(second.place(), first.place());
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab[second], "second");
        let (third, _) = slab.rename(second);
        assert_eq!((slab.get(second), slab.get(third)), (None, Some(&"second")));
        assert_eq!((slab.len(), slab.places()), (1, 1));
    }
}
