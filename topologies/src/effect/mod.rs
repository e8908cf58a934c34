//! What was really done for requests, whatever their callers were told.
//!
//! Every call has a name that its attempts share, and a call that is made anew because somebody
//! further up tries again has the same: the place in the user's request. By it is known whether an
//! effect has been done before, and of a call that was reported failed, whether it was done.
//!
//! What is known of a request is forgotten when its call is over and none of its envelopes is left.

pub mod keys;

use crate::graph::{KeyUse, SiteId};
use brownout_core::draw::mix;
use brownout_core::slab::Id;

/// What was done, where anybody wants to know it.
#[derive(Debug, Default)]
pub struct Effects {
    kept: Option<Box<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// What envelopes are about, by their places.
    tags: Vec<Tag>,
    /// Open calls, by their places.
    calls: Vec<Known>,
    /// Requests, and the places among them that are free.
    requests: Vec<Request>,
    free: Vec<u32>,
    /// With so many requests those that are over are forgotten.
    many: usize,
}

/// Requests before it is looked whether they are over.
const MANY: usize = 64;

/// What an envelope is about; it means something for that one only.
#[derive(Debug, Clone, Copy, Default)]
struct Tag {
    envelope: Id,
    request: u32,
    /// Which of the request's calls.
    call: u32,
    /// The place in the request.
    name: u64,
    /// The idempotency key that it carries.
    key: Option<u64>,
}

/// A call that is open, or was when its place was used last.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    call: Id,
    request: u32,
    number: u32,
    name: u64,
}

/// A user's request, with all that is done for it.
#[derive(Debug, Default)]
struct Request {
    is_open: bool,
    envelopes: Vec<Id>,
    calls: Vec<Deed>,
    /// How often each effect was done, by its name.
    effects: Vec<(u64, u32)>,
}

/// What was done for a call.
#[derive(Debug, Clone, Copy)]
struct Deed {
    site: SiteId,
    /// All of it: an attempt was worked to the end, or its effect was done.
    done: bool,
    /// Some of it.
    partly: bool,
    /// Whether its caller was told that it failed.
    failed: bool,
}

/// What had happened at the callee when a call was reported failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// No work had been begun, and none will be.
    Nothing,
    /// Some of it was done, and no more will be.
    Partly,
    /// It was done.
    Done,
    /// It was under way: nobody could tell.
    Unknown,
    /// What was under way then is done now.
    DoneLater,
}

/// An attempt that is sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// Its call, and that one's lineage.
    pub call: Id,
    /// The lineage of the call.
    pub of: u64,
    /// Its own.
    pub lineage: u64,
    /// From where.
    pub site: SiteId,
    /// The activation that calls and its place in its program; a user has none.
    pub by: Option<(Id, u16)>,
    /// What it carries as its key.
    pub key: KeyUse,
}

/// An effect that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Whether it had been done before for the same request.
    pub again: bool,
    /// The site of its call, if that was reported failed before it was done.
    pub too_late: Option<SiteId>,
}

impl Effects {
    /// Nothing known yet, or nothing ever.
    pub fn new(are_kept: bool) -> Effects {
        Effects { kept: are_kept.then(Box::default) }
    }

    /// Whether anything is known.
    #[inline(always)]
    pub fn are_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// An attempt is sent in an envelope. `is_there` says which envelopes are still there.
    pub fn sent(&mut self, sent: &Sent, envelope: Id, is_there: impl Fn(Id) -> bool) {
        let Some(kept) = &mut self.kept else { return };
        let Known { request, number, name, .. } = match kept.known(sent.call) {
            Some(known) => known,
            None => kept.begin(sent, &is_there),
        };
        let key = match sent.key {
            KeyUse::None => None,
            KeyUse::Attempt => Some(sent.lineage),
            KeyUse::Call => Some(sent.of),
            KeyUse::Request => Some(name),
        };
        let tag = Tag { envelope, request, call: number, name, key };
        kept.tag(tag, is_there);
    }

    /// A branch of an activation begins.
    pub fn branch(&mut self, parent: Id, branch: Id, nth: u32, is_there: impl Fn(Id) -> bool) {
        let Some(kept) = &mut self.kept else { return };
        let Some(tag) = kept.of(parent) else { return };
        let name = mix(mix(tag.name, BRANCH), u64::from(nth));
        kept.tag(Tag { envelope: branch, name, key: None, ..tag }, is_there);
    }

    /// A job goes on elsewhere in its envelope.
    pub fn goes_on(&mut self, envelope: Id, to: u32) {
        let Some(kept) = &mut self.kept else { return };
        if let Some(tag) = kept.tags.get_mut(envelope.place()) {
            tag.name = mix(tag.name, ROUTE ^ u64::from(to));
        }
    }

    /// The idempotency key that an envelope carries.
    pub fn key(&self, envelope: Id) -> Option<u64> {
        self.kept.as_ref()?.of(envelope)?.key
    }

    /// The effect at a place of a program is done.
    pub fn done(&mut self, envelope: Id, step: u16) -> Option<Done> {
        let kept = self.kept.as_mut()?;
        let tag = kept.of(envelope)?;
        let name = mix(tag.name, EFFECT ^ u64::from(step));
        let effects = &mut kept.requests[tag.request as usize].effects;
        let again = match effects.iter_mut().find(|(own, _)| *own == name) {
            Some((_, times)) => {
                *times += 1;
                true
            }
            None => {
                effects.push((name, 1));
                false
            }
        };
        Some(Done { again, too_late: self.finished(envelope) })
    }

    /// All of the work of an attempt is done. The site of its call, if that was reported failed
    /// before anything of it was.
    pub fn finished(&mut self, envelope: Id) -> Option<SiteId> {
        let deed = self.kept.as_mut()?.deed(envelope)?;
        let is_too_late = deed.failed && !deed.done;
        deed.done = true;
        is_too_late.then_some(deed.site)
    }

    /// Some of the work of an attempt was done, and no more will be.
    pub fn broke_off(&mut self, envelope: Id) {
        if let Some(deed) = self.kept.as_mut().and_then(|kept| kept.deed(envelope)) {
            deed.partly = true;
        }
    }

    /// A call is over, well or not; `works` says which envelopes still stand for work, on its way
    /// or under way. What had happened, if its caller is told that it failed.
    pub fn ended(
        &mut self,
        call: Id,
        is_request: bool,
        good: bool,
        works: impl Fn(Id) -> bool,
    ) -> Option<Truth> {
        let kept = self.kept.as_mut()?;
        let Some(known) = kept.known(call) else { return (!good).then_some(Truth::Nothing) };
        let request = &mut kept.requests[known.request as usize];
        request.is_open &= !is_request;
        let deed = &mut request.calls[known.number as usize];
        if good {
            return None;
        }
        deed.failed = true;
        let is_out = |id: &Id| {
            let tag = kept.tags.get(id.place()).filter(|tag| tag.envelope == *id);
            tag.is_some_and(|tag| tag.call == known.number) && works(*id)
        };
        Some(match (deed.done, deed.partly) {
            (true, _) => Truth::Done,
            (false, _) if request.envelopes.iter().any(is_out) => Truth::Unknown,
            (false, true) => Truth::Partly,
            (false, false) => Truth::Nothing,
        })
    }
}

/// Tell what is done for one request apart.
const BRANCH: u64 = 1 << 32;
const ROUTE: u64 = 2 << 32;
const EFFECT: u64 = 3 << 32;

impl Kept {
    /// What an envelope is about.
    fn of(&self, envelope: Id) -> Option<Tag> {
        self.tags.get(envelope.place()).copied().filter(|tag| tag.envelope == envelope)
    }

    fn deed(&mut self, envelope: Id) -> Option<&mut Deed> {
        let tag = self.of(envelope)?;
        self.requests[tag.request as usize].calls.get_mut(tag.call as usize)
    }

    fn known(&self, call: Id) -> Option<Known> {
        self.calls.get(call.place()).copied().filter(|known| known.call == call)
    }

    /// A call sends its first attempt.
    fn begin(&mut self, sent: &Sent, is_there: impl Fn(Id) -> bool) -> Known {
        let by = sent.by.and_then(|(id, step)| self.of(id).map(|tag| (tag, step)));
        let (request, name) = match by {
            Some((tag, step)) => (tag.request, mix(tag.name, u64::from(step))),
            None => (self.new_request(is_there), sent.of),
        };
        let calls = &mut self.requests[request as usize].calls;
        let number = calls.len() as u32;
        calls.push(Deed { site: sent.site, done: false, partly: false, failed: false });
        let known = Known { call: sent.call, request, number, name };
        if self.calls.len() <= sent.call.place() {
            self.calls.resize(sent.call.place() + 1, Known::default());
        }
        self.calls[sent.call.place()] = known;
        known
    }

    fn new_request(&mut self, is_there: impl Fn(Id) -> bool) -> u32 {
        if self.requests.len() - self.free.len() >= self.many.max(MANY) {
            self.forget(is_there);
        }
        let place = self.free.pop().unwrap_or_else(|| {
            self.requests.push(Request::default());
            self.requests.len() as u32 - 1
        });
        self.requests[place as usize].is_open = true;
        place
    }

    /// Forgets requests that are over.
    fn forget(&mut self, is_there: impl Fn(Id) -> bool) {
        let mut left = 0;
        for (place, request) in (0..).zip(&mut self.requests) {
            request.envelopes.retain(|id| is_there(*id));
            if request.is_open || !request.envelopes.is_empty() {
                left += 1;
            } else if !request.calls.is_empty() {
                request.calls.clear();
                request.effects.clear();
                self.free.push(place);
            }
        }
        self.many = 2 * left;
    }

    /// Remembers what an envelope is about.
    fn tag(&mut self, tag: Tag, is_there: impl Fn(Id) -> bool) {
        let place = tag.envelope.place();
        if self.tags.len() <= place {
            self.tags.resize(place + 1, Tag::default());
        }
        self.tags[place] = tag;
        let envelopes = &mut self.requests[tag.request as usize].envelopes;
        if envelopes.len() == envelopes.capacity() {
            envelopes.retain(|id| is_there(*id));
        }
        envelopes.push(tag.envelope);
    }
}

#[cfg(test)]
mod tests;
