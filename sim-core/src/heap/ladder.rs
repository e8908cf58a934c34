//! A heap of what is near, and rungs of buckets for what is far.
//!
//! A heap of a million keys is twenty levels deep and no cache holds it. Most keys are not due for
//! long, so nothing is gained by keeping those in order: they lie in buckets, each for a stretch of
//! time, until their time comes; then one bucket is tipped out into the heap, or, where it holds
//! too many for that, into a rung of finer buckets. A key is moved once for each rung that it
//! comes through, and the heap stays shallow. Where few are pending there is the heap and nothing
//! else. (After the ladder queue of Tang, Goh and Thng, ACM TOMACS 15(3), 2005, with widths that
//! are powers of two and a heap at the bottom.)

use super::{Binary, Heap};

/// Buckets of a rung: one for each bit of a word.
const BUCKETS: usize = 64;
/// So many keys fit into the heap at once when a bucket is tipped out.
const TIPPED: u32 = 48;
/// When the heap has more keys than this, they are spread over a rung.
const MOST: usize = 2_000;

/// See the module's documentation.
#[derive(Debug)]
pub struct Ladder {
    /// All keys less than `far_from`; empty only if there are no others.
    near: Binary,
    /// Keys from here on are far.
    far_from: u128,
    /// When `near` is to be spread over a rung.
    most: usize,
    /// Each below the last bucket that the one before it has tipped out.
    rungs: Vec<Rung>,
    /// What is beyond the first rung.
    beyond: Chain,
    /// The first and the last moment at which any of these is due.
    bounds: (u64, u64),
    blocks: Blocks,
    /// How many keys are far.
    far: usize,
    /// What was tipped into the heap last, for those who want to look ahead.
    tipped: Vec<u128>,
}

impl Default for Ladder {
    fn default() -> Ladder {
        Ladder {
            near: Binary::default(),
            far_from: u128::MAX,
            most: MOST,
            rungs: Vec::new(),
            beyond: Chain::default(),
            bounds: (u64::MAX, 0),
            blocks: Blocks::default(),
            far: 0,
            tipped: Vec::new(),
        }
    }
}

/// A stretch of time in buckets of equal width.
#[derive(Debug)]
struct Rung {
    /// The first and the last moment that it is for.
    bounds: (u64, u64),
    /// A bucket is two to this power of nanoseconds wide.
    shift: u32,
    /// Which buckets hold anything.
    held: u64,
    buckets: [Chain; BUCKETS],
}

impl Rung {
    fn new((first, last): (u64, u64)) -> Rung {
        let bits = u64::BITS - (last - first).leading_zeros();
        let shift = bits.saturating_sub(BUCKETS.ilog2());
        Rung { bounds: (first, last), shift, held: 0, buckets: [Chain::default(); BUCKETS] }
    }

    #[inline]
    fn put(&mut self, key: u128, blocks: &mut Blocks) {
        let place = ((due(key) - self.bounds.0) >> self.shift) as usize;
        self.held |= 1 << place;
        blocks.add(&mut self.buckets[place], key);
    }

    /// The bounds and the content of the first bucket that holds anything.
    fn tip(&mut self) -> Option<((u64, u64), Chain)> {
        if self.held == 0 {
            return None;
        }
        let place = self.held.trailing_zeros();
        self.held &= self.held - 1;
        let first = self.bounds.0 + (u64::from(place) << self.shift);
        let last = first.saturating_add((1 << self.shift) - 1).min(self.bounds.1);
        Some(((first, last), std::mem::take(&mut self.buckets[place as usize])))
    }
}

const fn due(key: u128) -> u64 {
    (key >> 64) as u64
}

/// What is less than every key that is due after a moment.
const fn after(last: u64) -> u128 {
    match last.checked_add(1) {
        Some(next) => (next as u128) << 64,
        None => u128::MAX,
    }
}

impl Ladder {
    /// Puts a key away until its time comes.
    #[inline(never)]
    fn put_far(&mut self, key: u128) {
        self.far += 1;
        let due = due(key);
        for rung in self.rungs.iter_mut().rev() {
            if due <= rung.bounds.1 {
                return rung.put(key, &mut self.blocks);
            }
        }
        self.bounds = (self.bounds.0.min(due), self.bounds.1.max(due));
        self.blocks.add(&mut self.beyond, key);
    }

    /// The heap is empty: tips the next bucket into it.
    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        self.most = MOST;
        self.far_from = u128::MAX;
        while self.far > 0 {
            let Some(rung) = self.rungs.last_mut() else {
                let beyond = std::mem::take(&mut self.beyond);
                let bounds = std::mem::replace(&mut self.bounds, (u64::MAX, 0));
                if beyond.len <= TIPPED {
                    return self.tip(beyond);
                }
                self.add_rung(bounds, beyond);
                continue;
            };
            let Some((bounds, bucket)) = rung.tip() else {
                self.rungs.pop();
                continue;
            };
            if bucket.len <= TIPPED || bounds.0 == bounds.1 {
                self.far_from = after(bounds.1);
                return self.tip(bucket);
            }
            self.add_rung(bounds, bucket);
        }
        self.rungs.clear();
    }

    /// Puts what a bucket held into the heap.
    fn tip(&mut self, bucket: Chain) {
        self.far -= bucket.len as usize;
        let Ladder { near, tipped, blocks, .. } = self;
        tipped.clear();
        blocks.drain(bucket, |key, _| {
            near.push(key);
            tipped.push(key);
        });
    }

    /// Spreads what a bucket held over finer ones.
    fn add_rung(&mut self, bounds: (u64, u64), bucket: Chain) {
        let mut rung = Rung::new(bounds);
        self.blocks.drain(bucket, |key, blocks| rung.put(key, blocks));
        self.rungs.push(rung);
    }

    /// The heap has become deep: spreads its keys over a rung, if they are not all due at once.
    #[cold]
    #[inline(never)]
    fn spread(&mut self) {
        self.most = self.near.len() * 2;
        let first = due(self.near.peek());
        let last = self.near.iter().map(due).fold(first, u64::max);
        if first == last {
            return;
        }
        // Up to where the heap reaches, or else there would be a gap.
        let ends = if self.far_from == u128::MAX { last } else { due(self.far_from - 1) };
        let mut rung = Rung::new((first, ends));
        for key in self.near.iter() {
            rung.put(key, &mut self.blocks);
        }
        self.far += self.near.len();
        self.rungs.push(rung);
        self.near.clear();
        self.refill();
    }
}

impl Heap for Ladder {
    #[inline]
    fn push(&mut self, key: u128) {
        if key < self.far_from {
            self.near.push(key);
            if self.near.len() > self.most {
                self.spread();
            }
        } else {
            self.put_far(key);
        }
    }

    #[inline]
    fn peek(&self) -> u128 {
        self.near.peek()
    }

    #[inline]
    fn pop(&mut self) -> Option<u128> {
        let least = self.near.pop();
        if self.near.is_empty() && self.far > 0 {
            self.refill();
        }
        least
    }

    #[inline]
    fn replace(&mut self, key: u128) {
        if key < self.far_from {
            self.near.replace(key);
        } else {
            self.put_far(key);
            self.pop();
        }
    }

    fn iter(&self) -> impl Iterator<Item = u128> {
        let buckets = self.rungs.iter().flat_map(|rung| rung.buckets.iter());
        let far = buckets.chain([&self.beyond]).flat_map(|chain| self.blocks.keys(*chain));
        self.near.iter().chain(far)
    }

    fn len(&self) -> usize {
        self.near.len() + self.far
    }

    #[inline]
    fn next_tipped(&mut self) -> Option<u128> {
        self.tipped.pop()
    }

    fn clear(&mut self) {
        self.near.clear();
        self.tipped.clear();
        self.rungs.clear();
        self.blocks.clear();
        (self.far_from, self.most, self.far) = (u128::MAX, MOST, 0);
        (self.beyond, self.bounds) = (Chain::default(), (u64::MAX, 0));
    }
}

/// Keys of a block.
const BLOCK: usize = 16;

/// Keys in no order, in blocks.
#[derive(Debug, Clone, Copy, Default)]
struct Chain {
    /// The block that is being filled; those before it are full.
    block: u32,
    /// Keys.
    len: u32,
}

/// The blocks of all chains: what one chain has left another can use, so that memory follows how
/// many keys there are and not where they lie.
#[derive(Debug, Default)]
struct Blocks {
    keys: Vec<[u128; BLOCK]>,
    /// For each block the one before it in its chain, or the next that is free.
    links: Vec<u32>,
    /// Free blocks.
    free: u32,
    first_free: u32,
}

impl Blocks {
    #[inline]
    fn add(&mut self, chain: &mut Chain, key: u128) {
        let place = chain.len as usize % BLOCK;
        if place == 0 {
            chain.block = self.take(chain.block);
        }
        self.keys[chain.block as usize][place] = key;
        chain.len += 1;
    }

    /// Takes a free block and links it to another.
    fn take(&mut self, before: u32) -> u32 {
        let block = self.first_free;
        if self.free > 0 {
            self.free -= 1;
            self.first_free = std::mem::replace(&mut self.links[block as usize], before);
            return block;
        }
        self.keys.push([0; BLOCK]);
        self.links.push(before);
        u32::try_from(self.links.len() - 1).expect("fewer than 2^32 blocks")
    }

    /// Hands out the keys of a chain and frees its blocks as it goes.
    fn drain(&mut self, chain: Chain, mut each: impl FnMut(u128, &mut Blocks)) {
        let (mut block, mut left) = (chain.block, chain.len as usize);
        while left > 0 {
            let filled = (left - 1) % BLOCK + 1;
            let keys = self.keys[block as usize];
            let before = std::mem::replace(&mut self.links[block as usize], self.first_free);
            (self.first_free, self.free) = (block, self.free + 1);
            for key in &keys[..filled] {
                each(*key, self);
            }
            (block, left) = (before, left - filled);
        }
    }

    /// The keys of a chain, last block first.
    fn keys(&self, chain: Chain) -> impl Iterator<Item = u128> {
        let starts = (0..chain.len as usize).step_by(BLOCK).collect::<Vec<_>>();
        let mut block = chain.block;
        starts.into_iter().rev().flat_map(move |start| {
            let filled = (chain.len as usize - start).min(BLOCK);
            let keys = &self.keys[block as usize][..filled];
            block = self.links[block as usize];
            keys.iter().copied()
        })
    }

    fn clear(&mut self) {
        self.keys.clear();
        self.links.clear();
        (self.free, self.first_free) = (0, 0);
    }
}
