//! Who waits without a name: all that is known of it lies in the line itself.
//!
//! An envelope takes two lines of cache and a place of its own, so that those who wait for its
//! answer, cancel it or throw it out can find it. Where nobody ever looks for one who waits, it
//! needs no name, and what is known of it is a line of cache among those of its neighbours: where
//! tens of thousands wait, whoever is next is there already when a worker takes it up.

use crate::activation::Hold;
use crate::envelope::{Address, Body, Envelope};
use crate::graph::{ClassId, SiteId};
use crate::link::Way;
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use std::collections::VecDeque;

/// A request that waits for its first worker, at a service that is where it begins.
#[derive(Debug, Clone, Copy, Default)]
pub struct Letter {
    /// The attempt's lineage.
    pub lineage: u64,
    leaf: Id,
    call: Id,
    intended: Time,
    /// When it arrived.
    pub arrived: Time,
    remaining: Span,
    /// The work that comes first, as in [`super::Turn`]; it is drawn as soon as this is the first
    /// letter. Many never are.
    pub work: Span,
    site: SiteId,
    class: ClassId,
}

impl Letter {
    /// What is known of a request that has come at once and begins to wait.
    #[inline(always)]
    pub fn of(envelope: &Envelope, work: Span) -> Letter {
        let &Envelope { lineage, leaf, call, intended, site, ref body, .. } = envelope;
        let &Body::Request { remaining, class } = body else {
            unreachable!("who waits to be served is a request")
        };
        let arrived = envelope.work.arrived;
        Letter { lineage, leaf, call, intended, arrived, remaining, work, site, class }
    }

    /// Writes it into an envelope again, as one that holds its place in the line.
    #[inline(always)]
    pub fn unfold(self, to: Address, envelope: &mut Envelope) {
        let Letter { lineage, leaf, call, intended, arrived, remaining, site, class, .. } = self;
        (envelope.lineage, envelope.leaf, envelope.to) = (lineage, leaf, to);
        (envelope.work.timer, envelope.work.step) = (Rank::NONE, 0);
        envelope.work.begin(arrived, Hold::Place);
        envelope.body = Body::Request { remaining, class };
        (envelope.site, envelope.way) = (site, Way::AT_ONCE);
        (envelope.call, envelope.intended) = (call, intended);
    }
}

/// Letters of the first sheet.
const SHEET: usize = 64;

/// Letters in order, on sheets: none is copied to make room for more, and a sheet that has been
/// worked off is used again. A new sheet has room for three times as many as all others together:
/// nearly all memory is in one piece, which allocators keep for the next run instead of having the
/// system hand it out anew, page by page; and what is not used of it takes none.
#[derive(Debug, Clone, Default)]
pub struct Letters {
    sheets: VecDeque<Vec<Letter>>,
    /// The place of the first letter on the first sheet.
    first: usize,
    len: usize,
    /// Sheets with nothing on them.
    spare: Vec<Vec<Letter>>,
    /// How many letters there is room for on all of them.
    room: usize,
}

impl Letters {
    /// One more, after all others.
    #[inline(always)]
    pub fn push(&mut self, letter: Letter) {
        self.len += 1;
        if self.sheets.back().is_none_or(|sheet| sheet.len() == sheet.capacity()) {
            self.begin_sheet();
        }
        if let Some(sheet) = self.sheets.back_mut() {
            sheet.push(letter);
        }
    }

    /// The first, taken out.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<Letter> {
        let sheet = self.sheets.front()?;
        let letter = *sheet.get(self.first)?;
        self.first += 1;
        self.len -= 1;
        if self.first == sheet.len() {
            self.put_aside();
        }
        Some(letter)
    }

    /// The first.
    #[inline(always)]
    pub fn first_mut(&mut self) -> Option<&mut Letter> {
        self.sheets.front_mut()?.get_mut(self.first)
    }

    #[cold]
    #[inline(never)]
    fn begin_sheet(&mut self) {
        let sheet = self.spare.pop().unwrap_or_else(|| {
            let sheet = Vec::with_capacity((self.room * 3).max(SHEET));
            self.room += sheet.capacity();
            sheet
        });
        self.sheets.push_back(sheet);
    }

    /// The first sheet has been worked off.
    #[inline(always)]
    fn put_aside(&mut self) {
        self.first = 0;
        match &mut self.sheets {
            sheets if sheets.len() > 1 => {
                let Some(mut sheet) = sheets.pop_front() else { return };
                sheet.clear();
                self.spare.push(sheet);
            }
            sheets => sheets.iter_mut().for_each(Vec::clear),
        }
    }

    /// How many there are.
    #[inline(always)]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Letter> {
        self.sheets.iter().flatten().skip(self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use brownout_core::Draws;

    #[test]
    fn letters_come_out_as_they_went_in_over_many_sheets() {
        let (mut letters, mut model) = (Letters::default(), VecDeque::new());
        let (mut draws, mut nth) = (Draws::open(1, 2), 0);
        for step in 0..50_000 {
            // It grows to some thousands and is emptied, by turns.
            let grows = if step / 5_000 % 2 == 0 { 0.8 } else { 0.1 };
            if draws.unit() < grows {
                nth += 1;
                letters.push(Letter { lineage: nth, ..Letter::default() });
                model.push_back(nth);
            } else {
                assert_eq!(letters.pop().map(|letter| letter.lineage), model.pop_front());
            }
            assert_eq!(letters.len(), model.len());
        }
        assert!(letters.iter().map(|letter| letter.lineage).eq(model.iter().copied()));
        assert!(letters.room <= 4 * 4_096, "there is room for {}", letters.room);
    }

    #[test]
    fn a_letter_is_one_line_of_cache_and_comes_back_as_it_was() {
        assert_eq!(size_of::<Letter>(), 64);
        let mut envelope = Envelope {
            lineage: 7,
            leaf: Id::from_word(8),
            call: Id::from_word(9),
            body: Body::Request { remaining: Span::from_nanos(10), class: ClassId(3) },
            ..Envelope::default()
        };
        envelope.work.begin(Time::from_nanos(11), Hold::Place);
        let mut again = Envelope::default();
        Letter::of(&envelope, Span::ZERO).unfold(envelope.to, &mut again);
        assert_eq!(again, envelope);
    }
}
