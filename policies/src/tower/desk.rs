//! The desk: what is to be done for each open call, and when it wants to be woken.

use super::watch::{Decision, Event};
use crate::call::{Action, Calls, Driver};
use crate::outcome::Outcome;
use crate::slab::{Id, Slab};
use crate::time::Time;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::task::Waker;

/// What a call's own future has to do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    /// Send an attempt, whose answer is of use until then.
    Send { leaf: Id, deadline: Time },
    /// Drop an attempt.
    GiveUp { leaf: Id },
    /// End the call.
    Finish { outcome: Outcome },
}

/// A frame that wants to be woken. Of those due at one moment the first to be set goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timer {
    pub(super) due: Time,
    pub(super) nth: u64,
    pub(super) frame: Id,
}

/// An open call.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Open {
    /// Which it is, counted from 0.
    pub(super) number: u64,
    /// The top of its tree of frames.
    pub(super) root: Id,
    /// Attempts so far.
    attempts: u32,
}

/// What belongs to an open call and is no plain data. Trays stay at their places, so that what was
/// allocated for one call serves the next.
#[derive(Debug, Default)]
struct Tray {
    orders: VecDeque<Order>,
    /// The attempts that are out, by their numbers.
    out: Vec<(Id, u32)>,
    timers: Vec<Timer>,
    waker: Option<Waker>,
}

/// All open calls of a stack.
#[derive(Debug, Default)]
pub(super) struct Desk {
    open: Slab<Open>,
    /// One beside each call, by place.
    trays: Vec<Tray>,
    /// Whose call a frame with a timer belongs to, by the frame's place.
    owners: Vec<Id>,
    /// How many timers there have been.
    timers: u64,
    /// Those that have no call yet: the machine names only the frame.
    fresh: Vec<Timer>,
    /// Now, for as long as the machine is at work.
    pub(super) now: Time,
    /// The call for which it is at work, whose future need not be woken.
    pub(super) at: Id,
    /// Who has to be woken when it is done.
    pub(super) woken: Vec<Waker>,
    /// What has been decided, if somebody watches.
    pub(super) seen: Vec<Event>,
    is_watched: bool,
}

impl Desk {
    pub(super) fn new(is_watched: bool) -> Desk {
        Desk { is_watched, ..Desk::default() }
    }

    /// Opens call number `number`.
    pub(super) fn open(&mut self, number: u64) -> Id {
        let call = self.open.insert(Open { number, ..Open::default() });
        if self.trays.len() <= call.place() {
            self.trays.resize_with(call.place() + 1, Tray::default);
        }
        call
    }

    pub(super) fn call(&self, call: Id) -> Open {
        self.open[call]
    }

    pub(super) fn set_root(&mut self, call: Id, root: Id) {
        self.open[call].root = root;
    }

    /// Calls without an end, and timers that they wait for.
    pub(super) fn counts(&self) -> (usize, usize) {
        let timers = self.trays.iter().map(|tray| tray.timers.len()).sum();
        (self.open.len(), timers)
    }

    /// The next thing to do for a call. The end of the call is the last: it closes it.
    pub(super) fn next_order(&mut self, call: Id) -> Option<Order> {
        let order = self.trays[call.place()].orders.pop_front()?;
        if let Order::Finish { .. } = order {
            self.close(call);
        }
        Some(order)
    }

    /// Whoever polls a call is woken when there is something to do for it.
    pub(super) fn wake_with(&mut self, call: Id, waker: &Waker) {
        let kept = &mut self.trays[call.place()].waker;
        if !kept.as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            *kept = Some(waker.clone());
        }
    }

    /// When a call's first timer is due.
    pub(super) fn next_due(&self, call: Id) -> Option<Time> {
        self.trays[call.place()].timers.iter().min().map(|timer| timer.due)
    }

    /// Takes the first timer of a call off the desk if it is due, and was set before number
    /// `before`.
    pub(super) fn take_due(&mut self, call: Id, before: u64) -> Option<Id> {
        let now = self.now;
        let timers = &mut self.trays[call.place()].timers;
        let is_due = |timer: &&Timer| timer.due <= now && timer.nth < before;
        let first = *timers.iter().filter(is_due).min()?;
        timers.retain(|timer| *timer != first);
        Some(first.frame)
    }

    /// How many timers there have been.
    pub(super) fn timers_set(&self) -> u64 {
        self.timers
    }

    /// Gives timers that have just been started to the calls that they belong to.
    pub(super) fn sort_timers(&mut self, calls: &Calls) {
        let mut fresh = core::mem::take(&mut self.fresh);
        for timer in fresh.drain(..) {
            let Some(owner) = calls.owner(timer.frame) else { continue };
            let place = timer.frame.place();
            if self.owners.len() <= place {
                self.owners.resize(place + 1, Id::NONE);
            }
            self.owners[place] = owner;
            self.trays[owner.place()].timers.push(timer);
            self.wake(owner);
        }
        self.fresh = fresh;
    }

    /// Forgets a call.
    pub(super) fn close(&mut self, call: Id) {
        let tray = &mut self.trays[call.place()];
        tray.orders.clear();
        tray.out.clear();
        tray.timers.clear();
        tray.waker = None;
        self.open.discard(call);
    }

    /// The number of an attempt that has come to its end.
    pub(super) fn is_back(&mut self, call: Id, leaf: Id) -> u32 {
        let out = &mut self.trays[call.place()].out;
        let place = out.iter().position(|(own, _)| *own == leaf);
        place.map_or(0, |place| out.swap_remove(place).1)
    }

    /// Tells those who watch.
    pub(super) fn tell(&mut self, call: Id, what: Decision) {
        if self.is_watched {
            self.seen.push(Event { at: self.now, call: self.open[call].number, what });
        }
    }

    fn order(&mut self, call: Id, order: Order) {
        self.trays[call.place()].orders.push_back(order);
        self.wake(call);
    }

    fn wake(&mut self, call: Id) {
        if call != self.at {
            self.woken.extend(self.trays[call.place()].waker.take());
        }
    }

    fn stop_timer(&mut self, frame: Id) {
        self.fresh.retain(|timer| timer.frame != frame);
        let owner = self.owners.get(frame.place()).copied().unwrap_or(Id::NONE);
        if self.open.contains(owner) {
            self.trays[owner.place()].timers.retain(|timer| timer.frame != frame);
        }
    }
}

impl Driver for Desk {
    fn act(&mut self, action: Action) {
        match action {
            // Where it goes is the business of the service below.
            Action::Send { leaf, owner, lineage: _, deadline, elsewhere: _ } => {
                let open = &mut self.open[owner];
                let attempt = open.attempts;
                open.attempts += 1;
                self.trays[owner.place()].out.push((leaf, attempt));
                self.tell(owner, Decision::Send { attempt });
                self.order(owner, Order::Send { leaf, deadline });
            }
            Action::Wake { frame, after, constant: _ } => {
                let (due, nth) = (self.now.saturating_add(after), self.timers);
                self.timers += 1;
                self.fresh.push(Timer { due, nth, frame });
            }
            Action::Hush { frame } => self.stop_timer(frame),
            Action::GiveUp { leaf, owner, outcome, .. } => {
                let attempt = self.is_back(owner, leaf);
                self.tell(owner, Decision::GiveUp { attempt, outcome });
                self.order(owner, Order::GiveUp { leaf });
            }
            Action::Finish { owner, outcome } => {
                self.tell(owner, Decision::Finish { outcome });
                self.order(owner, Order::Finish { outcome });
            }
        }
    }
}
