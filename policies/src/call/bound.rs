//! A policy stack bound to one caller: its key for draws and its shares of common state.

use super::common::Common;
use super::tries::Tries;
use crate::budget::Budget;
use crate::draw::{Chance, Draws, mix};
use crate::retry::Retry;
use crate::stack::{Layer, nth_of_its_kind};
use alloc::vec::Vec;

/// A policy stack bound to one caller, in the order of use.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Instance {
    /// Which stack.
    pub(super) stack: u32,
    /// Whether any of its layers sends attempts elsewhere.
    pub(super) elsewhere: bool,
    /// Names this instance's draws.
    pub(super) key: u64,
    /// Its retry that is one with its attempts, if it has one.
    pub(super) tries: Option<Tries>,
    /// What is its own about each layer, outermost first.
    pub(super) own: Vec<Own>,
}

/// What a bound stack knows of one of its layers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own {
    /// The layer's common state, if it has some, by its place in [`super::Calls`].
    pub(super) common: Option<u32>,
    /// How many layers of its kind are outside of it: the children of two retries, or of two
    /// hedges, are told apart by it.
    pub(super) outside: u32,
    /// Names the layer among its stack's others for its draws; adding other kinds of layers
    /// changes no name.
    pub(super) stream: u64,
}

impl Own {
    /// Of the layer at a place of a stack, with its common state.
    pub(super) fn of(layers: &[Layer], place: usize, common: Option<u32>) -> Own {
        let outside = nth_of_its_kind(layers, place);
        let stream = u64::from(layers[place].kind()) << 16 | u64::from(outside);
        Own { common, outside, stream }
    }
}

impl Instance {
    /// The budget of a retry at a place in the stack, if it has one.
    #[inline(always)]
    pub(super) fn budget<'c>(
        &self,
        retry: &Retry,
        place: usize,
        commons: &'c mut [Common],
    ) -> Option<&'c mut Budget> {
        retry.budget?;
        Some(commons[self.own[place].common? as usize].budget())
    }

    /// What the layer at a place draws for a call with this lineage; `of` tells what for.
    #[inline(always)]
    pub(super) fn draws(&self, place: usize, lineage: u64, of: u64) -> Unopened {
        let purpose = of ^ self.own[place].stream;
        Unopened { key: self.key, lineage, purpose, opened: None }
    }
}

/// Draws that are opened when the first of them is taken: most decisions take none.
pub(super) struct Unopened {
    key: u64,
    lineage: u64,
    purpose: u64,
    opened: Option<Draws>,
}

impl Chance for Unopened {
    #[inline]
    fn bits(&mut self) -> u64 {
        let Unopened { key, lineage, purpose, .. } = *self;
        self.opened.get_or_insert_with(|| Draws::open(key, mix(lineage, purpose))).word()
    }
}
