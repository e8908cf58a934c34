//! Stacks from text: what is read, and what is said of what cannot be.

use super::read;
use crate::backoff::{Backoff, Jitter};
use crate::breaker::BreakerConfig;
use crate::budget::{BudgetConfig, RatioConfig, Scope};
use crate::retry::{Retry, Wait};
use crate::settings::Share;
use crate::stack::{BudgetUse, GateRule, GateUse, Layer, Timeout};
use crate::time::Span;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

fn complaints(text: &str) -> Vec<String> {
    let problems = read(text).expect_err("something is wrong with it");
    problems.iter().map(ToString::to_string).collect()
}

fn paths(text: &str) -> Vec<String> {
    read(text).expect_err("something is wrong with it").into_iter().map(|one| one.path).collect()
}

#[test]
fn a_stack_is_read_as_experiments_write_it_with_the_same_defaults() {
    let text = r#"[
        Deadline(total: "2s", reserve: "20ms"),
        Retry(times: 3, wait: Exponential(from: "50ms", cap: "2s"), budget: Ratio(share: "10%")),
        Breaker(like: Resilience4j, scope: Fleet),
        Timeout("300ms"),
    ]"#;
    let rule =
        RatioConfig { share: Share::percent(10), ttl: Span::from_millis(10_000), min_per_s: 0.0 };
    let wait = Backoff::Exponential {
        from: Span::from_millis(50),
        factor: 2.0,
        cap: Span::from_millis(2_000),
        jitter: Jitter::None,
        first: 0,
    };
    let budget = BudgetUse { rule: BudgetConfig::Ratio(rule), scope: Scope::Replica };
    let breaker = GateRule::Breaker(BreakerConfig::resilience4j());
    let total =
        Timeout { reserve: Span::from_millis(20), ..Timeout::after(Span::from_millis(2_000)) };
    let expected = vec![
        Layer::Timeout(total),
        Layer::Retry(Retry { wait: Wait::Ours(wait), budget: Some(budget), ..Retry::times(3) }),
        Layer::Gate(GateUse { rule: breaker, scope: Scope::Fleet }),
        Layer::Timeout(Timeout::after(Span::from_millis(300))),
    ];
    assert_eq!(read(text).map(|stack| stack.layers), Ok(expected));
}

#[test]
fn everything_wrong_is_said_at_once_each_with_its_path() {
    let text = r#"[
        Timeout(1),
        Retry(tims: 3, wait: Exponential(from: "2s", cap: "1s"), budget: Ratio(share: "110%")),
        Breaker(like: Poly, scope: Nobody),
        RateLimit(like: Governor, rate: 0),
        Hedge(after: "q", extra: 99, on: [Fatl]),
        Cache,
        Timeout(after: "1s", after: "2s"),
    ]"#;
    assert_eq!(
        paths(text),
        [
            "[0].Timeout[0]",
            "[1].Retry",
            "[1].Retry.tims",
            "[1].Retry.wait.Exponential.cap",
            "[1].Retry.budget.Ratio.share",
            "[2].Breaker.like.Poly",
            "[2].Breaker.scope.Nobody",
            "[3].RateLimit.rate",
            "[4].Hedge.after",
            "[4].Hedge.extra",
            "[4].Hedge.on[0].Fatl",
            "[5].Cache",
            "[6].Timeout.after",
        ]
    );
    let said = complaints(text);
    assert_eq!(
        said[2],
        "[1].Retry.tims (3:15): Retry has no field `tims`; allowed: like, times, attempts, \
         wait, budget, deadline_aware, on, idempotent, hint, elsewhere; did you mean `times`?"
    );
    assert_eq!(
        said[3],
        "[1].Retry.wait.Exponential.cap (3:59): the cap 1s is less than the first wait 2s; \
         expected 2s or more"
    );
}

#[test]
fn a_timeout_may_be_drawn() {
    let mean = Span::from_millis(300);
    for (text, timeout) in [
        (r#"[Timeout("300ms")]"#, Timeout::after(mean)),
        (r#"[Timeout(Const("300ms"))]"#, Timeout::after(mean)),
        (r#"[Timeout(Exp("300ms"))]"#, Timeout::exponential(mean)),
        (r#"[Timeout(after: Exp(mean: "300ms"))]"#, Timeout::exponential(mean)),
    ] {
        let layers = read(text).map(|stack| stack.layers);
        assert_eq!(layers, Ok(vec![Layer::Timeout(timeout)]), "{text}");
    }
    assert_eq!(
        complaints(r#"[Timeout(Exp("0s")), Timeout(Uniform("1s", "2s")), Timeout(Exp())]"#),
        [
            "[0].Timeout[0].Exp[0] (1:14): no time at all; expected a time above 0",
            "[1].Timeout[0].Uniform (1:30): `Uniform` is not supported yet in this version; \
             allowed: Const, Exp",
            "[2].Timeout[0].Exp (1:60): Exp needs `mean`; `mean` is missing; \
             add mean: \"300ms\"",
        ]
    );
}

#[test]
fn a_breakers_open_times_can_be_listed() {
    let waits = |text: &str| match read(text).expect("nothing is wrong with it").layers[..] {
        [Layer::Gate(GateUse { rule: GateRule::Breaker(config), .. })] => config,
        ref other => panic!("a breaker, not {other:?}"),
    };
    let listed = waits(r#"[Breaker(like: Finagle, waits: ["1s", "5s"])]"#);
    let seconds = |count: u64| Span::from_millis(count * 1_000);
    assert_eq!((listed.waits, listed.tail), (&[seconds(1), seconds(5)][..], Some(seconds(300))));
    // Read again, it is the same list: nothing more is kept.
    let again = waits(r#"[Breaker(like: Finagle, waits: ["1s", "5s"])]"#);
    assert!(core::ptr::eq(listed.waits, again.waits));
    let begins = |text: &str, beginning: &str| {
        let said = complaints(text);
        assert!(said[0].starts_with(beginning), "{text}: {said:#?}");
    };
    begins("[Breaker(waits: 3)]", "[0].Breaker.waits (1:17): expected a list of times: […]");
    begins(
        r#"[Breaker(waits: ["1s", "0s"])]"#,
        "[0].Breaker.waits (1:17): waits is 0s: it would be half-open the moment it opens",
    );
    let long = format!("[Breaker(waits: [{}])]", "\"1s\", ".repeat(65));
    begins(&long, "[0].Breaker.waits (1:17): 65 times in one list; at most 64");
}

#[test]
fn what_is_no_list_of_policies_is_refused_where_it_ends_to_be_one() {
    let begins = |text: &str, beginning: &str| {
        let said = complaints(text);
        assert!(said[0].starts_with(beginning), "{text}: {said:#?}");
    };
    begins("", "stack (1:1): the file is empty; the least is []");
    begins("Timeout(\"1s\")", "Timeout (1:1): expected a list of policies: […], not `Timeout`");
    begins("[Timeout(\"1s\"), Retry(times: 3]", "stack (1:31): `]` closes nothing");
    begins("[Timeout(\"1s\") Retry(3)]", "stack (1:16): a `,` is missing");
    begins("[] Retry(3)", "stack (1:4): something follows the end of the stack");
    begins("[Timeout(\"1s\u{7}\")]", "stack (1:13): the file holds a control character (U+0007)");
    begins(&"[".repeat(1_000), "stack (1:65): nested more than 64 levels deep");
    begins(&"Timeout(".repeat(3), "stack (1:24): `(` is never closed");
    assert_eq!(read("[]").map(|stack| stack.layers.len()), Ok(0));
}

/// Every way of cutting a good file short, and every sign put anywhere in it, is an answer.
#[test]
fn no_text_makes_the_reader_panic() {
    let text = r#"[Retry(times: 3, wait: "1s"), Breaker(like: Polly, span: "5s"), Hedge("p95")]"#;
    let mut refused = 0;
    for at in 0..=text.len() {
        refused += usize::from(read(&text[..at]).is_err());
        for sign in ["(", ")", "[", "]", "{", "}", ",", ":", "\"", "'", "#", "9", "é", "\0"] {
            let mutated = [&text[..at], sign, &text[at..]].concat();
            refused += usize::from(read(&mutated).is_err());
        }
    }
    assert!(refused > text.len());
}

#[test]
fn a_retry_like_a_named_system_is_what_it_stands_for() {
    for dialect in super::RETRIES {
        let fields: Vec<String> =
            dialect.fields.iter().map(|(name, text)| format!("{name}: {text}")).collect();
        let written = format!("[Retry({})]", fields.join(", "));
        let like = format!("[Retry(like: {})]", dialect.name);
        let written = read(&written).unwrap_or_else(|problems| panic!("{written}: {problems:?}"));
        assert_eq!(read(&like).expect("it is known"), written, "{}", dialect.name);
    }
}

#[test]
fn what_is_written_beside_like_overrides_it() {
    let retry = |text: &str| match &read(text).expect("nothing is wrong").layers[0] {
        Layer::Retry(retry) => *retry,
        other => panic!("{other:?}"),
    };
    let polly = retry("[Retry(like: Polly)]");
    let other = retry(r#"[Retry(like: Polly, times: 7, wait: "1s")]"#);
    assert_eq!((polly.times, other.times, other.on), (3, 7, polly.on));
    assert_ne!(polly.wait, other.wait);
    // What a system counts as attempts, it may be told as attempts.
    assert_eq!(retry("[Retry(like: Resilience4j, attempts: 5)]").times, 4);
    assert_eq!(retry("[Retry(attempts: 1)]").times, 0);
    let problems = |text: &str| {
        let problems = read(text).expect_err("something is wrong");
        problems.iter().map(ToString::to_string).collect::<Vec<String>>().join("\n")
    };
    assert!(problems("[Retry(like: Poly)]").contains("did you mean `Polly`?"));
    assert!(problems("[Retry(times: 3, attempts: 4)]").contains("say the same in two ways"));
    assert!(problems("[Retry(attempts: 0)]").contains("1 to 1000000"));
}
