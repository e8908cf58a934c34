//! Sentences with a mistake: where it is, what is said, what is offered.

use crate::expect::{BindContext, SentenceError, parse_expectation, parse_measure};

/// A sentence with `«»` around what is underlined, the message, and the hint (or nothing).
pub(super) type Row = (&'static str, &'static str, &'static str);

/// Mistakes in what is measured.
const METRICS: [Row; 30] = [
    ("«goodptu»(checkout) > 1/s", "unknown metric \"goodptu\"", "did you mean `goodput`?"),
    ("«latancy»(checkout) > 1/s", "unknown metric \"latancy\"", "did you mean `latency`?"),
    (
        "«frobnicate»(checkout) > 1",
        "unknown metric \"frobnicate\"",
        "metrics are offered, throughput, goodput, errors, turned_away, attempts, availability, \
         amplification, wasted, dead, utilisation, replicas, refused, rejected, failed, \
         timed_out, shed, lost, dropped, cancelled, arrived, finished, reloads, expired, \
         set_aside, hits, misses, stale, failovers, lost_writes, evicted, leaked, tipped, stuck, \
         fired, firing, pool_in_use, latency, mean, p50, p90, p95, p99, p99.9, sd, var, wait, \
         service, sojourn, age, queue, in_system, busy, recovery, detected, died, pool_wait, \
         effects, duplicates, replayed, coalesced, conflicts, reported_failed.nothing, \
         reported_failed.partly, reported_failed.done, reported_failed.unknown, \
         completed_but_reported_failed, pool_timeouts, connects, events, and P(…)",
    ),
    ("«ledger.queue» > 5", "unknown metric \"ledger.queue\"", "write `queue(ledger)`"),
    (
        "«p100»(checkout) < 1s",
        "no quantile \"p100\"",
        "quantiles go from p1 to p99.999, with at most three decimals",
    ),
    (
        "«wait.p0.5»(ledger) < 1s",
        "no quantile \"wait.p0.5\"",
        "quantiles go from p1 to p99.999, with at most three decimals",
    ),
    (
        "«p99.12345»(ledger) < 1s",
        "no quantile \"p99.12345\"",
        "quantiles go from p1 to p99.999, with at most three decimals",
    ),
    (
        "«availability» > 99%",
        "availability of what?",
        "name a service or a load: `availability(NAME)`",
    ),
    ("«p99»() < 1s", "p99 of what?", "name a service or a load: `p99(NAME)`"),
    ("p99(«night shift») < 1s", "a name of several words", "put it in quotes: 'night shift'"),
    ("p99(«chekcout») < 1s", "unknown service or load \"chekcout\"", "did you mean `checkout`?"),
    ("p99(checkout «<» 1s", "expected `)`, found `<`", ""),
    (
        "p99(checkout«,» ledger) < 1s",
        "p99 is of one thing",
        "only recovery and detected take a second argument",
    ),
    ("p99(«'checkout) < 1s»", "this quote is never closed", ""),
    ("goodput(checkout) > 95% of «ofered»", "unknown metric \"ofered\"", "did you mean `offered`?"),
    (
        "recovery(checkout) < 15s «after 90s»",
        "recovery is judged over the whole run",
        "drop the window",
    ),
    (
        "recovery(checkout, fault: «'depoly'») < 15s",
        "unknown fault \"depoly\"",
        "did you mean `deploy`?",
    ),
    ("recovery(checkout, «'deploy'») < 15s", "expected `fault: \"NAME\"`, found `'deploy'`", ""),
    ("events(«ledger») > 5/s", "events are of the whole run", "write `events`"),
    (
        "«P» > 5%",
        "P of what?",
        "write a probability such as `P(wait(NAME) > 20ms)` or `P(in_system(NAME) = 3)`",
    ),
    (
        "P(«p99»(ledger) > 20ms) < 5%",
        "\"p99\" is a number about a run and has no probability",
        "write `P(latency(NAME) > 500ms)`",
    ),
    ("P(wait(ledger)«)» < 5%", "expected <, <=, =, >= or > inside P(…), found `)`", ""),
    (
        "P(wait(ledger) > «20») < 5%",
        "\"20\": missing unit",
        "wait is a time: write one of ns, us, ms, s, min, h, d",
    ),
    ("P(wait(ledger) «>=» 20ms) < 5%", "\">=\" is not kept for wait, a time", "write `>`"),
    ("P(queue(ledger) = «2.5») < 5%", "\"2.5\" is no number of things", "write a whole number"),
    ("P(queue(ledger) = 3 «<» 5%", "expected `)`, found `<`", ""),
    (
        "p99(«long night shift 2») < 1s",
        "a name of several words",
        "put it in quotes: 'long night shift 2'",
    ),
    ("«5» < 3", "expected a metric such as p99(NAME), found `5`", ""),
    ("recovery(checkout, fault «'x'») < 5s", "expected `:`, found `'x'`", ""),
    (
        "«in_system.p99»(ledger) < 5",
        "unknown metric \"in_system.p99\"",
        "did you mean `in_system.max`?",
    ),
];

/// Mistakes in what it is compared with.
const VALUES: [Row; 37] = [
    (
        "p99(checkout) < «500»",
        "\"500\": missing unit",
        "p99 is a time: write one of ns, us, ms, s, min, h, d",
    ),
    ("p99(checkout) < 500«msec»", "unknown unit \"msec\" in \"500msec\"", "did you mean `ms`?"),
    (
        "p99(checkout) < «95%»",
        "p99 is a time, \"95%\" is a share",
        "write one of ns, us, ms, s, min, h, d",
    ),
    ("p99(checkout) < «-»5ms", "nothing that is measured is negative", ""),
    (
        "p99(checkout) < «fast»",
        "expected a value such as 800ms, 95%, 1.2 or 300/s, found `fast`",
        "",
    ),
    (
        "p99(checkout) <«»",
        "expected a value such as 800ms, 95%, 1.2 or 300/s, found the end of the sentence",
        "",
    ),
    (
        "p99(checkout)«»",
        "p99 is compared with nothing",
        "write <, <=, >, >= or == and a value, or move the sentence to `measure`",
    ),
    ("p99(checkout) «=» 5ms", "no comparison \"=\"", "comparisons are <, <=, >, >= and =="),
    ("p99(checkout) «!=» 5ms", "no comparison \"!=\"", "comparisons are <, <=, >, >= and =="),
    (
        "p99(checkout) «==» 5ms",
        "p99 is measured, and never exactly equal",
        "write a tolerance: `== value ± tolerance`",
    ),
    (
        "p99(checkout) == 5ms ± «1%»",
        "this tolerance is a time, \"1%\" is a share",
        "write one of ns, us, ms, s, min, h, d",
    ),
    (
        "p99(checkout) < 5ms «± 1ms»",
        "a tolerance needs an equality",
        "write `== value ± tolerance`, or the bound alone",
    ),
    (
        "p99(checkout) < 80% «of offered»",
        "p99 is a time, not a rate",
        "only rates such as goodput, errors or attempts are a share of offered",
    ),
    (
        "p99(checkout) < «5ms» of p99(ledger)",
        "5ms of a metric is no value",
        "write a share such as 10%, or a multiple such as 2x",
    ),
    (
        "p99(checkout) < 2x «goodput(ledger)»",
        "p99 is a time, goodput is a rate",
        "compare like with like",
    ),
    (
        "goodput(checkout) > «300»",
        "\"300\": missing unit",
        "goodput is a rate: write one of /ms, /s, /min, /h",
    ),
    (
        "goodput(checkout) > «95%»",
        "goodput is a rate, \"95%\" is a share",
        "write `95% of offered`, or one of /ms, /s, /min, /h",
    ),
    (
        "goodput(checkout) > «300/s» of offered",
        "goodput of offered is a share, \"300/s\" is a rate",
        "write a share such as 95% or 0.95",
    ),
    (
        "availability(checkout) > «99»",
        "availability is a share and at most 100%, \"99\" is more",
        "did you mean `99%`?",
    ),
    (
        "availability(checkout) > «120%»",
        "availability is a share and at most 100%, \"120%\" is more",
        "write a share such as 95% or 0.95",
    ),
    (
        "utilisation(ledger) < «20ms»",
        "utilisation is a share, \"20ms\" is a time",
        "write a share such as 95% or 0.95",
    ),
    (
        "amplification(ledger) < «120%»",
        "amplification is a ratio, \"120%\" is a share",
        "write a plain number such as 1.2",
    ),
    (
        "queue(ledger) < «5s»",
        "queue is a count, \"5s\" is a time",
        "write a plain number such as 12",
    ),
    (
        "var(checkout) < «5ms»",
        "var is a variance of times, \"5ms\" is a time",
        "write one of ms2, s2",
    ),
    (
        "p99(checkout) < 1s «during 90s..200s»",
        "the window ends at 200s, after the run",
        "the run is measured from 10s to 180s",
    ),
    (
        "p99(checkout) < 1s «after 180s»",
        "the window starts at 180s, when the run is over",
        "the run is measured from 10s to 180s",
    ),
    (
        "p99(checkout) < 1s «after 5s»",
        "the window starts at 5s, inside the warm-up",
        "the run is measured from 10s to 180s",
    ),
    (
        "p99(checkout) < 1s «before 10s»",
        "the window ends at 10s, before the warm-up does",
        "the run is measured from 10s to 180s",
    ),
    ("p99(checkout) < «5e999s»", "\"5e999s\" is too large", ""),
    (
        "p99(checkout) < 5«parsecs»",
        "unknown unit \"parsecs\" in \"5parsecs\"",
        "write one of ns, us, ms, s, min, h, d, /ms, /s, /min, /h, %, x, ms2, s2",
    ),
    ("goodput(checkout) > 5«rps»", "unknown unit \"rps\" in \"5rps\"", "did you mean `/s`?"),
    ("p99(checkout) < «99999999d»", "\"99999999d\" is too large", ""),
    ("utilisation(ledger) == 0.9 ± 0.01 «± 0.02»", "a second tolerance", ""),
    (
        "p99(checkout) < 10% of p99(ledger) «of offered»",
        "p99 is a time, not a rate",
        "only rates such as goodput, errors or attempts are a share of offered",
    ),
    (
        "stuck(checkout) «of offered» == 0",
        "stuck is a share, not a rate",
        "only rates such as goodput, errors or attempts are a share of offered",
    ),
    (
        "availability(checkout) «==» 0.9",
        "availability is measured, and never exactly equal",
        "write a tolerance: `== value ± tolerance`",
    ),
    ("goodput(checkout) of offered > 95% «of» offered", "`of offered` is said twice", ""),
];

/// Mistakes in when and where.
const PLACES: [Row; 13] = [
    (
        "p99(checkout) < 1s during «90»..120s",
        "\"90\": missing unit",
        "a window is a time: write one of ns, us, ms, s, min, h, d",
    ),
    (
        "p99(checkout) < 1s during 90s«-»120s",
        "expected `..`, found `-`",
        "a window is written `during 90s..120s`",
    ),
    ("p99(checkout) < 1s during «90s..60s»", "the window 90s..60s is empty", ""),
    ("p99(checkout) < 1s after 90s «after» 100s", "a second window", ""),
    ("p99(checkout) < 1s on «budgte»", "unknown variant \"budgte\"", "did you mean `budget`?"),
    (
        "p99(checkout) < 1s on «budget after 90s»",
        "unknown variant \"budget after 90s\"",
        "write the window before `on`",
    ),
    (
        "p99(checkout) on «budget after 90s» < 1s",
        "unknown variant \"budget after 90s\"",
        "write the window before `on`",
    ),
    ("p99(checkout) < 1s on«»", "expected a variant's name, found the end of the sentence", ""),
    (
        "p99(checkout) < 1s «please»",
        "expected `during`, `after`, `before`, `in N% of runs`, `on` or the end, found `please`",
        "",
    ),
    (
        "p99(checkout) < 1s «$»",
        "expected `during`, `after`, `before`, `in N% of runs`, `on` or the end, found `$`",
        "",
    ),
    (
        "p99(checkout) on «wat» < 1s",
        "unknown variant \"wat\"",
        "variants are naive, budget, no retries",
    ),
    (
        "p99(checkout) on «a on b» < 1s",
        "unknown variant \"a on b\"",
        "variants are naive, budget, no retries",
    ),
    (
        "p99(checkout) < 1s during 90s «to» 120s",
        "expected `..`, found `to`",
        "a window is written `during 90s..120s`",
    ),
];

/// Mistakes in sentences without a verdict.
const MEASURES: [Row; 13] = [
    (
        "p99(checkout) «<» 1s",
        "a measure has no verdict",
        "drop the comparison, or move the sentence to `expect`",
    ),
    (
        "p99(checkout) «of offered»",
        "p99 is a time, not a rate",
        "only rates such as goodput, errors or attempts are a share of offered",
    ),
    ("p99(checkout) «5»", "expected `during`, `after`, `before`, `on` or the end, found `5`", ""),
    ("utilisation(ledger) on«»", "expected a variant's name, found the end of the sentence", ""),
    ("«»   ", "expected a metric such as p99(NAME), found the end of the sentence", ""),
    (
        "utilisation(«web»)",
        "utilisation is of a service, \"web\" is a load",
        "the service it calls is `checkout`",
    ),
    (
        "refused(«load.cart»)",
        "refused is of a service, \"cart\" is a load",
        "the service it calls is `checkout`",
    ),
    (
        "queue(«web»)",
        "queue is of a service, \"web\" is a load",
        "the service it calls is `checkout`",
    ),
    (
        "P(busy(«web») = 3)",
        "busy is of a service, \"web\" is a load",
        "the service it calls is `checkout`",
    ),
    (
        "goodput(checkout) of«»",
        "expected `offered` or a metric after `of`, found the end of the sentence",
        "",
    ),
    ("goodput(«load.checkout»)", "unknown load \"checkout\"", "loads are web, cart"),
    (
        "goodput(«zzzzzzzz»)",
        "unknown service or load \"zzzzzzzz\"",
        "services and loads are cart, checkout, ledger, night shift, web, cart",
    ),
    ("recovery(checkout, fault: «depoly»)", "unknown fault \"depoly\"", "did you mean `deploy`?"),
];

#[test]
fn a_mistake_in_an_expectation_is_underlined_explained_and_answered() {
    let rows = METRICS.into_iter().chain(VALUES).chain(PLACES).chain(super::bad_order::ORDERS);
    for (marked, message, hint) in rows {
        let sentence = marked.replace(['«', '»'], "");
        let graph = super::graph();
        let variants = [("naive", &graph), ("budget", &graph), ("no retries", &graph)];
        let cx = BindContext { variants: &variants, batches: None };
        let read = parse_expectation(&sentence).and_then(|read| read.bind(&cx));
        check(marked, message, hint, &sentence, &read.expect_err(marked));
    }
}

#[test]
fn a_mistake_in_a_measure_is_underlined_explained_and_answered() {
    for (marked, message, hint) in MEASURES {
        let sentence = marked.replace(['«', '»'], "");
        let graph = super::graph();
        let variants = [("base", &graph)];
        let cx = BindContext { variants: &variants, batches: None };
        let read = parse_measure(&sentence).and_then(|read| read.bind(&cx));
        check(marked, message, hint, &sentence, &read.expect_err(marked));
    }
}

fn check(marked: &str, message: &str, hint: &str, sentence: &str, found: &SentenceError) {
    let (before, rest) = sentence.split_at(found.at.start);
    let (under, after) = rest.split_at(found.at.len());
    assert_eq!(format!("{before}«{under}»{after}"), marked);
    assert_eq!(found.message, message, "{marked}");
    assert_eq!(found.hint.as_deref().unwrap_or_default(), hint, "{marked}");
}
