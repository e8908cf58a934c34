//! Retries as named systems make them: what `Retry(like: …)` stands for.
//!
//! A system is the text that one would write to get its behaviour, so that every part of it can be
//! read, listed and overridden.

use super::settings::like_nobody;
use crate::notation::fields::Variant;
use crate::notation::problem::Cx;
use crate::notation::ron;
use crate::notation::tree::Node;
use crate::notation::values;
use alloc::vec::Vec;
use std::sync::LazyLock;

/// A named system's retries.
pub struct RetryDialect {
    /// What a file writes after `like:`.
    pub name: &'static str,
    /// Which software, and what is particular about it.
    pub about: &'static str,
    /// The fields of `Retry` that it sets: name and text.
    pub fields: &'static [(&'static str, &'static str)],
}

/// Failures of every kind: whatever the library is handed.
const EVERY: &str =
    "[Failed, Dependency, Shed, Throttled, Fatal, TimedOut, Refused, Reset, Rejected, PoolTimeout]";
/// What another attempt may cure.
const TRANSIENT: &str = "[Failed, Dependency, Shed, Throttled, TimedOut, Refused, Reset]";

/// Every system there is, in order of name.
pub const RETRIES: &[RetryDialect] = &[
    RetryDialect {
        name: "Aws21",
        about: "the SDKs' standard mode, 2.1: three attempts, waits from 50ms, retries cost 14 tokens",
        fields: &[
            ("times", "2"),
            ("wait", "Backoff(like: Aws21)"),
            ("budget", "Budget(like: Aws21)"),
            ("on", TRANSIENT),
        ],
    },
    RetryDialect {
        name: "AwsStandard",
        about: "the SDKs' standard mode, 2.0: three attempts, waits from 1s, 500 tokens of which a retry costs 5",
        fields: &[
            ("times", "2"),
            ("wait", "Backoff(like: AwsStandard)"),
            ("budget", "Budget(like: AwsStandard)"),
            ("on", TRANSIENT),
        ],
    },
    RetryDialect {
        name: "Backon",
        about: "ExponentialBuilder: three retries, 1s · 2^k, of any error",
        fields: &[
            ("times", "3"),
            ("wait", "Backoff(like: Backon)"),
            ("on", EVERY),
            ("hint", "Ignore"),
        ],
    },
    RetryDialect {
        name: "Envoy",
        about: "retry_on 5xx: one retry, full jitter of 25ms · 2^k up to 250ms, a budget of what is active",
        fields: &[
            ("times", "1"),
            ("wait", "Exponential(from: \"25ms\", cap: \"250ms\", jitter: Full)"),
            ("budget", "Budget(like: Envoy)"),
            ("on", "[Failed, Dependency, Shed, TimedOut, Refused, Reset]"),
            ("hint", "Ignore"),
        ],
    },
    RetryDialect {
        name: "FailsafeGo",
        about: "RetryPolicy's defaults: three attempts, at once, after any error",
        fields: &[("times", "2"), ("wait", "\"0s\""), ("on", EVERY), ("hint", "Ignore")],
    },
    RetryDialect {
        name: "Grpc",
        about: "proposal A6 with its example: four attempts (five at most), of UNAVAILABLE, throttled",
        fields: &[
            ("times", "3"),
            ("wait", "Backoff(like: Grpc)"),
            ("budget", "Budget(like: Grpc)"),
            ("on", "[Shed, Refused, Reset]"),
        ],
    },
    RetryDialect {
        name: "Linkerd",
        about: "2.x, a retryable route: at once, as often as its budget pays",
        fields: &[
            ("times", "Unlimited"),
            ("wait", "\"0s\""),
            ("budget", "Budget(like: Linkerd)"),
            ("on", "[Failed, Dependency, Shed, Refused, Reset]"),
            ("hint", "Ignore"),
        ],
    },
    RetryDialect {
        name: "Polly",
        about: "v8's defaults: three retries, 2s apart, of any exception",
        fields: &[("times", "3"), ("wait", "\"2s\""), ("on", EVERY), ("hint", "Ignore")],
    },
    RetryDialect {
        name: "Resilience4j",
        about: "RetryConfig's defaults: three attempts, 500ms apart, of any exception",
        fields: &[("times", "2"), ("wait", "\"500ms\""), ("on", EVERY), ("hint", "Ignore")],
    },
];

/// A system's fields as read.
pub(super) type Like = Vec<(&'static str, Node)>;

static READ: LazyLock<Vec<Like>> = LazyLock::new(|| {
    let field = |(name, text): &(&'static str, &str)| {
        ron::parse_value(text, 0).map(|node| (*name, node)).expect("what is built in is RON")
    };
    RETRIES.iter().map(|dialect| dialect.fields.iter().map(field).collect()).collect()
});

/// The system called so; complains if there is none.
pub(super) fn like(node: &Node, cx: &mut Cx) -> Option<&'static Like> {
    let Some(variant) = Variant::peek(node) else { return values::wrong(node, "a name", cx) };
    if let Some(found) = RETRIES.iter().position(|dialect| dialect.name == variant.name) {
        return READ.get(found);
    }
    like_nobody(&variant, RETRIES.iter().map(|dialect| dialect.name).collect(), cx);
    None
}
