//! Sums of what happened at one service in a stretch of time.

/// What happened at one service, and to those who call it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Calls begun to it.
    pub calls: f64,
    /// Attempts sent to it.
    pub attempts: f64,
    /// Of these, retries and hedges.
    pub again: f64,
    /// Attempts whose caller's clock ran out.
    pub timed_out: f64,
    /// Attempts that were turned away at its door, or whose process died.
    pub refused: f64,
    /// Attempts that it answered with an error of its own.
    pub errors: f64,
    /// Attempts answered well.
    pub answered: f64,
    /// Retries that a budget did not pay for.
    pub unpaid: f64,
    /// Calls that a breaker of the caller turned away.
    pub broken: f64,
    /// Times that a breaker of a caller opened.
    pub opened: f64,
    /// Requests lost on their way, or on their way back.
    pub lost: f64,
    /// Attempts that had a connection from a pool.
    pub lent: f64,
    /// Of these, those whose connection was dead.
    pub lent_dead: f64,
    /// Attempts that had one over which nothing came until its socket was given up.
    pub sockets_given_up: f64,
    /// Seconds that they waited for it, over all that had one.
    pub pool_waited: f64,
    /// Attempts that found none in time, or whose could not be opened.
    pub unconnected: f64,
    /// Effects done.
    pub effects: f64,
    /// Of these, those that had been done before for the same request.
    pub duplicates: f64,
    /// Calls of users that were reported failed, where it is known what was done.
    pub told_failed: f64,
    /// Of these, those that had been done.
    pub told_of_done: f64,
    /// Seconds that attempts waited for a worker, over all that took one.
    pub waited: f64,
    /// How many took one.
    pub seated: f64,
    /// Attempts that took their first one.
    pub served: f64,
    /// Longest queue, over all replicas together.
    pub longest: f64,
    /// Queue length × seconds.
    pub queue: f64,
    /// Workers taken × seconds.
    pub busy: f64,
    /// Seconds of work.
    pub work: f64,
    /// Pieces of work.
    pub pieces: f64,
    /// Seconds of work for nobody, by why nobody waited.
    pub vain: [f64; CAUSES],
    /// Work of each kind that users saw: calls ended well, and in all.
    pub good: f64,
    /// Calls ended.
    pub ended: f64,
}

/// Why nobody waited for work.
pub const CAUSES: usize = 3;
/// The caller's clock had run out.
pub const TIMED_OUT: usize = 0;
/// The caller had left: a hedge's other leg was faster, or its user had no more patience.
pub const LEFT: usize = 1;
/// Nobody waited any more for those it was done for.
pub const FURTHER_UP: usize = 2;

impl Tally {
    /// This and another stretch of time together.
    pub fn and(mut self, other: &Tally) -> Tally {
        let longest = self.longest.max(other.longest);
        let mut other = *other;
        for (own, more) in self.numbers().into_iter().zip(other.numbers()) {
            *own += *more;
        }
        self.longest = longest;
        self
    }

    /// Work for nobody, in seconds.
    pub fn in_vain(&self) -> f64 {
        self.vain.iter().sum()
    }

    fn numbers(&mut self) -> Vec<&mut f64> {
        let [timed_out, left, further_up] = &mut self.vain;
        vec![
            &mut self.calls,
            &mut self.attempts,
            &mut self.again,
            &mut self.timed_out,
            &mut self.refused,
            &mut self.errors,
            &mut self.answered,
            &mut self.unpaid,
            &mut self.broken,
            &mut self.opened,
            &mut self.lost,
            &mut self.lent,
            &mut self.lent_dead,
            &mut self.sockets_given_up,
            &mut self.pool_waited,
            &mut self.unconnected,
            &mut self.effects,
            &mut self.duplicates,
            &mut self.told_failed,
            &mut self.told_of_done,
            &mut self.waited,
            &mut self.seated,
            &mut self.served,
            &mut self.longest,
            &mut self.queue,
            &mut self.busy,
            &mut self.work,
            &mut self.pieces,
            timed_out,
            left,
            further_up,
            &mut self.good,
            &mut self.ended,
        ]
    }
}
