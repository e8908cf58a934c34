//! Calls through the stack behind tokio's clock, which stands still while any of them has something
//! to do: the same order as the reference's, and no task but these.

use crate::outside::{Effect, Happens, Outside, Scripted, drops_in_order, millis};
use brownout_policies::outcome::{Outcome, Seen};
use brownout_policies::stack::Stack;
use brownout_policies::tower::{
    Calling, Classify, Event, InFlight, Setup, StackError, StackLayer, StackService,
};
use brownout_policies::{Span, Time};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use tower::{Layer, Service};

/// What an answer says is what came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spoken;

impl Classify<usize, Outcome, Outcome> for Spoken {
    fn answer(&self, answer: &Outcome) -> Outcome {
        *answer
    }

    fn error(&self, error: &Outcome) -> Outcome {
        *error
    }

    fn copy(&self, request: &usize) -> Option<usize> {
        Some(*request)
    }

    fn fall_back(&self, _: Option<&usize>) -> Option<Outcome> {
        Some(Outcome::FALLBACK)
    }
}

/// What the service and its callers see.
struct Scene {
    origin: Instant,
    outside: Outside,
    attempts: Vec<u32>,
    answered: BTreeMap<(usize, u32), Outcome>,
    effects: Vec<Vec<(u64, Effect)>>,
    /// Attempts whose futures are there.
    out: u32,
}

impl Scene {
    fn now(&self) -> u64 {
        let nanos = (Instant::now() - self.origin).as_nanos();
        millis(Time::from_nanos(nanos as u64))
    }

    fn see(&mut self, call: usize, effect: Effect) {
        let now = self.now();
        self.effects[call].push((now, effect));
    }
}

/// The service: it answers as the script says.
#[derive(Clone)]
pub(crate) struct Actor(Rc<RefCell<Scene>>);

/// An attempt at it.
pub(crate) struct Acting {
    scene: Rc<RefCell<Scene>>,
    call: usize,
    attempt: u32,
    is_over: bool,
}

impl Service<usize> for Actor {
    type Response = Outcome;
    type Error = Outcome;
    type Future = Acting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Outcome>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: usize) -> Acting {
        let mut scene = self.0.borrow_mut();
        let attempt = scene.attempts[call];
        scene.attempts[call] += 1;
        scene.out += 1;
        scene.see(call, Effect::Sent(attempt));
        let now = scene.now();
        scene.outside.sent(now, call, attempt);
        Acting { scene: Rc::clone(&self.0), call, attempt, is_over: false }
    }
}

impl Future for Acting {
    type Output = Result<Outcome, Outcome>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let name = (self.call, self.attempt);
        let answer = self.scene.borrow_mut().answered.remove(&name);
        let Some(outcome) = answer else { return Poll::Pending };
        self.is_over = true;
        Poll::Ready(match outcome.seen {
            Seen::Answered | Seen::Error(_) => Ok(outcome),
            _ => Err(outcome),
        })
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        let mut scene = self.scene.borrow_mut();
        scene.out -= 1;
        if !self.is_over {
            scene.outside.dropped(self.call, self.attempt);
            scene.see(self.call, Effect::Dropped(self.attempt));
        }
    }
}

/// Remembers that a call wants to be polled.
struct Flag {
    is_up: AtomicBool,
    crew: Arc<Mutex<Option<Waker>>>,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.is_up.store(true, Ordering::SeqCst);
        if let Some(waker) = &*self.crew.lock().expect("nobody panics") {
            waker.wake_by_ref();
        }
    }
}

struct Member {
    calling: Option<Pin<Box<Calling<Actor, Spoken, usize>>>>,
    flag: Arc<Flag>,
    polls: u32,
}

/// When a call's future is dropped: after it has been polled so often.
pub(crate) type DropAfter = Option<(usize, u32)>;

struct Crew {
    service: StackService<Actor, Spoken>,
    scene: Rc<RefCell<Scene>>,
    members: Vec<Member>,
    waker: Arc<Mutex<Option<Waker>>>,
    alarm: Pin<Box<Sleep>>,
    drop_after: DropAfter,
}

/// All that is to be known of a performance.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) events: Vec<Event>,
    pub(crate) effects: Vec<Vec<(u64, Effect)>>,
    /// How often each call was polled.
    pub(crate) polls: Vec<u32>,
    pub(crate) in_flight: InFlight,
    /// Attempts whose futures are still there.
    pub(crate) out: u32,
}

/// What a stack decides about these calls behind tokio's clock.
pub(crate) fn by_tower(
    stack: &Stack,
    key: u64,
    script: Vec<Scripted>,
    drop_after: DropAfter,
) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime can be built");
    runtime.block_on(tokio::task::coop::unconstrained(async move {
        let events = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&events);
        let watch = move |event: &Event| kept.lock().expect("nobody panics").push(*event);
        let setup = Setup { key: Some(key), watch: Some(Arc::new(watch)) };
        let layer = StackLayer::with(stack, Spoken, setup).expect("the stack is sound");
        let outside = Outside::new(script);
        let calls = outside.calls();
        let scene = Rc::new(RefCell::new(Scene {
            origin: Instant::now(),
            outside,
            attempts: vec![0; calls],
            answered: BTreeMap::new(),
            effects: vec![Vec::new(); calls],
            out: 0,
        }));
        let waker = Arc::new(Mutex::new(None));
        let member = || Member {
            calling: None,
            flag: Arc::new(Flag { is_up: AtomicBool::new(false), crew: Arc::clone(&waker) }),
            polls: 0,
        };
        let members = (0..calls).map(|_| member()).collect();
        let service = layer.layer(Actor(Rc::clone(&scene)));
        let alarm = Box::pin(tokio::time::sleep(Duration::ZERO));
        let mut crew = Crew { service, scene, members, waker, alarm, drop_after };
        poll_fn(|cx| crew.perform(cx)).await;
        let in_flight = layer.in_flight();
        let polls = crew.members.iter().map(|member| member.polls).collect();
        let mut effects = std::mem::take(&mut crew.scene.borrow_mut().effects);
        effects.iter_mut().for_each(|call| drops_in_order(call));
        let out = crew.scene.borrow().out;
        let events = std::mem::take(&mut *events.lock().expect("nobody panics"));
        Told { events, effects, polls, in_flight, out }
    }))
}

impl Crew {
    fn perform(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        *self.waker.lock().expect("nobody panics") = Some(cx.waker().clone());
        loop {
            let now = self.scene.borrow().now();
            let happens = self.scene.borrow_mut().outside.take(now);
            if let Some(what) = happens {
                self.happen(what);
                continue;
            }
            let is_up = |member: &Member| member.flag.is_up.swap(false, Ordering::SeqCst);
            if let Some(call) = self.members.iter().position(is_up) {
                self.visit(call);
                continue;
            }
            let next = self.scene.borrow().outside.next();
            if let Some(next) = next {
                let next = self.scene.borrow().origin + Duration::from_millis(next);
                self.alarm.as_mut().reset(next);
                if self.alarm.as_mut().poll(cx).is_ready() {
                    continue;
                }
                return Poll::Pending;
            }
            if self.service.in_flight().timers > 0 {
                return Poll::Pending;
            }
            // Only silence is left.
            match self.members.iter().position(|member| member.calling.is_some()) {
                Some(call) => self.happen(Happens::Leaves(call)),
                None => return Poll::Ready(()),
            }
        }
    }

    fn happen(&mut self, what: Happens) {
        match what {
            Happens::Comes(call) => {
                self.members[call].calling = Some(Box::pin(self.service.call(call)));
                if self.drop_after == Some((call, 0)) {
                    self.leave(call);
                } else {
                    self.visit(call);
                }
            }
            Happens::Answers(call, attempt) => {
                let mut scene = self.scene.borrow_mut();
                let reply = scene.outside.reply(call, attempt).expect("it answers");
                scene.answered.insert((call, attempt), reply.outcome);
                drop(scene);
                self.visit(call);
            }
            Happens::Leaves(call) => self.leave(call),
        }
    }

    fn visit(&mut self, call: usize) {
        let member = &mut self.members[call];
        let Some(calling) = &mut member.calling else { return };
        let waker = Waker::from(Arc::clone(&member.flag));
        member.polls += 1;
        if let Poll::Ready(end) = calling.as_mut().poll(&mut Context::from_waker(&waker)) {
            member.calling = None;
            let outcome = match end {
                Ok(outcome) | Err(StackError::Inner(outcome)) => outcome,
                Err(StackError::TimedOut) => Outcome::TIMED_OUT,
                Err(StackError::Rejected { retry_after: None }) => Outcome::REJECTED,
                Err(StackError::Rejected { retry_after: Some(after) }) => {
                    Outcome::REJECTED.with_retry_after(Span::from_nanos(after.as_nanos() as u64))
                }
            };
            let mut scene = self.scene.borrow_mut();
            scene.see(call, Effect::Ended(outcome));
            scene.outside.ended(call);
        } else if self.drop_after == Some((call, member.polls)) {
            self.leave(call);
        }
    }

    fn leave(&mut self, call: usize) {
        self.members[call].calling = None;
        let mut scene = self.scene.borrow_mut();
        scene.see(call, Effect::Left);
        scene.outside.ended(call);
    }
}
