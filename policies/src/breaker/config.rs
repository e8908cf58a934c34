//! What a breaker is told.

use crate::choice;
use crate::settings::Share;
use crate::time::Span;

/// What a breaker is told; every difference between the systems it stands in for is a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BreakerConfig {
    /// What is remembered of the calls.
    pub window: Window,
    /// How long the window is; `None` for one that never ends.
    pub span: Option<Span>,
    /// In how many equal parts it is kept, in [1, 4096].
    pub buckets: u32,
    /// How many calls it holds, where it is a number of calls.
    pub calls: u32,

    /// Calls that must be in the window before shares of it are judged.
    pub min_calls: u32,
    /// What a share is a share of.
    pub share_of: ShareOf,
    /// The share of failures that opens it; zero is not judged.
    pub failure_share: Share,
    /// How many failures in the window open it.
    pub failures: Option<u32>,
    /// How many failures without a success between them open it.
    pub in_a_row: Option<u32>,
    /// A call is slow when it takes longer than this; `None` judges no slowness.
    pub slow_after: Option<Span>,
    /// The share of slow calls that opens it; zero is not judged.
    pub slow_share: Share,
    /// Whether a share has to be exceeded, not only reached; 100 % is always reached.
    pub exceed: bool,
    /// How a share is rounded before it is compared.
    pub rounding: Rounding,
    /// When the window is judged.
    pub judged_on: JudgedOn,
    /// How often it is judged, where it is judged by a timer.
    pub judge_every: Option<Span>,
    /// Calls in flight that are watched for becoming slow before they end, in [0, 8192].
    pub watched: u32,

    /// How long it stays open the first time.
    pub open: Span,
    /// What each further opening multiplies that by, ≥ 1, until it closes again.
    pub open_factor: f64,
    /// The longest that it stays open, before jitter.
    pub open_max: Option<Span>,
    /// Chance's part of the open time.
    pub open_jitter: Share,
    /// What chance does to the open time.
    pub jitter: OpenJitter,
    /// Open times are whole multiples of this, rounded down.
    pub open_step: Span,
    /// The first open times, one after the other, in place of a formula.
    pub waits: &'static [Span],
    /// The open time when [`waits`](Self::waits) are used up; `None` repeats the last.
    pub tail: Option<Span>,
    /// Whether it is still shut at the very end of its open time.
    pub boundary: Boundary,
    /// What makes it half-open when its open time is over.
    pub half_opens: HalfOpens,
    /// Whether opening empties the window.
    pub forgets_on_open: bool,

    /// Probes that a half-open breaker lets through, in [1, 8192].
    pub probes: u32,
    /// Whether that many may be out at once, or that many go out in all.
    pub probes_at_once: bool,
    /// How the probes decide.
    pub closing: Closing,
    /// Good probes that close it, where probes are counted.
    pub close_after: u32,
    /// Bad probes that open it again, where probes are counted.
    pub reopen_after: u32,
    /// In which window a probe's outcome is counted.
    pub probe_counts: ProbeCounts,
    /// How long a probe may be silent before its place is given to another; `None` waits for ever.
    pub lease: Option<Span>,
    /// How long it may stay half-open; `None` for as long as it takes.
    pub half_open_max: Option<Span>,
    /// What it becomes after that.
    pub half_open_ends: EndsIn,
    /// After good probes, how long the admitted share of calls takes to grow to all of them.
    pub ramp: Option<Span>,
    /// The share that it begins with.
    pub ramp_from: Share,

    /// What an ignored outcome counts as.
    pub ignored: Ignored,
    /// What an outcome does whose call was let through by an earlier state.
    pub stale: Stale,
    /// In which part of the window an outcome is counted.
    pub counted_at: CountedAt,
    /// Which changes by hand it allows.
    pub manual: Manual,
}

/// What is remembered of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The last so many calls.
    LastCalls,
    /// Buckets on a fixed grid from time zero, the current one included.
    Grid,
    /// Buckets counted from when the window was last emptied, only those that are over.
    Finished,
    /// Buckets of which each begins with the first call after the one before was over; one bucket,
    /// or buckets under 20 ms, are a single one that is emptied when it is over.
    Started,
    /// Buckets counted from when the window was last emptied; a single one is emptied when it is
    /// over, and one without end never.
    Anchored,
    /// A moving average over so many calls: each older one weighs exp(−1/calls) less.
    AverageOfCalls,
    /// A moving average over time: it weighs exp(−milliseconds/span) less.
    AverageOfTime,
}
choice!(Window { LastCalls, Grid, Finished, Started, Anchored, AverageOfCalls, AverageOfTime });

/// What a share is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareOf {
    /// The outcomes in the window.
    Outcomes,
    /// The calls let through, those still in flight included, those ignored not.
    Requests,
}
choice!(ShareOf { Outcomes, Requests });

/// How a share is rounded before it is compared with its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Not at all.
    Exact,
    /// To the nearest whole percent, halves up.
    Nearest,
    /// Down to a whole percent.
    Down,
}
choice!(Rounding { Exact, Nearest, Down });

/// When the window is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JudgedOn {
    /// After every outcome: a success may be what opens it.
    Every,
    /// After failures and slow calls.
    Bad,
    /// By a timer, or when [`Breaker::judge`](super::Breaker::judge) is called.
    Timer,
}
choice!(JudgedOn { Every, Bad, Timer });

/// What chance does to an open time v, with j the jitter share and u uniform in [0, 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenJitter {
    /// v + u·j·v, at most the longest open time.
    Added,
    /// v·(1 − j) + u·(2·j·v + 1 step).
    Around,
    /// v/2 + u·v/2, whatever j > 0.
    Half,
}
choice!(OpenJitter { Added, Around, Half });

/// On which side of a moment the moment itself is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// It opens to calls at the very end of its open time.
    Inclusive,
    /// One nanosecond later.
    Exclusive,
}
choice!(Boundary { Inclusive, Exclusive });

/// What makes an open breaker half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HalfOpens {
    /// Time alone.
    OnTime,
    /// The first call after its time.
    OnCall,
}
choice!(HalfOpens { OnTime, OnCall });

/// How probes decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// By the shares of the window, as soon as `min_calls` or all probes have an outcome.
    Share,
    /// By `close_after` good ones or `reopen_after` bad ones among the last `probes`, good first.
    Counts,
    /// A good one closes; a bad one is counted and judged like any other call, and if it does not
    /// open the breaker another probe goes out.
    AsClosed,
}
choice!(Closing { Share, Counts, AsClosed });

/// In which window a probe's outcome is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeCounts {
    /// A fresh one for the probes alone.
    Apart,
    /// The ordinary one.
    Together,
    /// The ordinary one if it was good, none otherwise.
    GoodTogether,
}
choice!(ProbeCounts { Apart, Together, GoodTogether });

/// What becomes of a breaker that was half-open for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndsIn {
    /// It opens again.
    Open,
    /// It closes.
    Closed,
}
choice!(EndsIn { Open, Closed });

/// What an ignored outcome counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// Nothing; a probe's place is given to another.
    Nothing,
    /// A success.
    Success,
    /// A failure.
    Failure,
    /// Nothing, but a probe has failed.
    FailedProbe,
}
choice!(Ignored { Nothing, Success, Failure, FailedProbe });

/// What an outcome does whose call was let through by an earlier state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    /// Nothing.
    Dropped,
    /// What any other does, but nothing while open.
    Obeyed,
    /// What any other does, and while open it is counted.
    Counted,
    /// What any other does, and while open it is counted if it is a success.
    SuccessCounted,
}
choice!(Stale { Dropped, Obeyed, Counted, SuccessCounted });

/// In which part of the window an outcome is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedAt {
    /// Where the call ended.
    End,
    /// Where it began; an outcome whose part is gone is not counted.
    Start,
}
choice!(CountedAt { End, Start });

/// Which changes by hand are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manual {
    /// All; the state that it is in already is entered anew.
    Any,
    /// All but closed to half-open and metrics-only to open or half-open.
    Checked,
    /// All; the state that it is in already is left alone.
    Changes,
}
choice!(Manual { Any, Checked, Changes });
