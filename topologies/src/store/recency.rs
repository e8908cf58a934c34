//! Which keys are remembered, in the order in which they were asked for last.

/// Some of the keys from 0 on, each with a neighbour that was asked for after it and one before.
/// Every operation takes the same time however many there are.
#[derive(Debug, Clone)]
pub(super) struct Recency {
    /// By key; of one that is not remembered nothing.
    links: Vec<Option<Link>>,
    newest: Option<u32>,
    oldest: Option<u32>,
    count: u32,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    newer: Option<u32>,
    older: Option<u32>,
}

impl Recency {
    /// None of so many keys.
    pub(super) fn new(keys: u32) -> Recency {
        Recency { links: vec![None; keys as usize], newest: None, oldest: None, count: 0 }
    }

    /// How many are remembered.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The one that was asked for longest ago.
    pub(super) fn oldest(&self) -> Option<u32> {
        self.oldest
    }

    /// Whether a key is remembered.
    pub(super) fn has(&self, key: u32) -> bool {
        self.links[key as usize].is_some()
    }

    /// A key is asked for now.
    pub(super) fn touch(&mut self, key: u32) {
        if self.newest == Some(key) {
            return;
        }
        self.forget(key);
        let before = self.newest.replace(key);
        self.links[key as usize] = Some(Link { newer: None, older: before });
        match before {
            Some(before) => self.link(before).newer = Some(key),
            None => self.oldest = Some(key),
        }
        self.count += 1;
    }

    /// A key is remembered no more.
    pub(super) fn forget(&mut self, key: u32) {
        let Some(Link { newer, older }) = self.links[key as usize].take() else { return };
        match newer {
            Some(newer) => self.link(newer).older = older,
            None => self.newest = older,
        }
        match older {
            Some(older) => self.link(older).newer = newer,
            None => self.oldest = newer,
        }
        self.count -= 1;
    }

    /// None is remembered any more.
    pub(super) fn clear(&mut self) {
        while let Some(key) = self.oldest {
            self.forget(key);
        }
    }

    fn link(&mut self, key: u32) -> &mut Link {
        self.links[key as usize].as_mut().expect("neighbours are remembered")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_asked_for_longest_ago_is_the_oldest() {
        let mut recency = Recency::new(5);
        [3, 1, 4, 3, 1].into_iter().for_each(|key| recency.touch(key));
        assert_eq!((recency.count(), recency.oldest(), recency.has(0)), (3, Some(4), false));
        recency.forget(3);
        recency.forget(3);
        let mut order = Vec::new();
        while let Some(key) = recency.oldest() {
            order.push(key);
            recency.forget(key);
        }
        assert_eq!((order, recency.count()), (vec![4, 1], 0));
        recency.touch(2);
        recency.clear();
        assert_eq!((recency.oldest(), recency.newest), (None, None));
    }
}
