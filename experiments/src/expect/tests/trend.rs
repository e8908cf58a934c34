//! Sentences about a sweep: read, spelt, bound, and refused.

use crate::expect::{BindContext, SentenceError, TrendClaim, parse_expectation, parse_trend};
use crate::experiment::{Axis, Design, Sweep};

fn sweep(design: Design) -> Sweep {
    let axis = |path: &str, values: &[&str]| Axis {
        path: path.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let axes = vec![
        axis("load.web.rate", &["100/s", "200/s", "300/s"]),
        axis("faults.0.by", &["2", "4", "8"]),
    ];
    Sweep { design, axes }
}

#[test]
fn a_trend_has_one_canonical_spelling_that_means_the_same() {
    for (written, canonical) in [
        ("stuck(web) rises over load.web.rate", ""),
        (
            "stuck(web)  falls over 'faults.0.by' on no retries",
            "stuck(web) on 'no retries' falls over faults.0.by",
        ),
        ("p99(web) after 90s on naive is monotone over load.web.rate ± 5ms", ""),
        (
            "p99(web) rises over load.web.rate within 5 ms during 10s..20s",
            "p99(web) during 10s..20s rises over load.web.rate ± 5ms",
        ),
        (
            "p95(web) on no retries crosses naive over load.web.rate",
            "p95(web) on 'no retries' crosses naive over load.web.rate",
        ),
        (
            "p95(web) on naive crosses no retries over load.web.rate between 100/s and 300/s",
            "p95(web) on naive crosses 'no retries' over load.web.rate between 100/s and 300/s",
        ),
    ] {
        let canonical = if canonical.is_empty() { written } else { canonical };
        let read = |text: &str| parse_trend(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let trend = read(written).unwrap_or_else(|| panic!("{written} is about a sweep"));
        assert_eq!(trend.to_string(), canonical);
        let again = read(canonical).unwrap_or_else(|| panic!("{canonical} is about a sweep"));
        assert_eq!(again.to_string(), canonical);
    }
    for other in
        ["p99(web) < 1s", "p99(web) is lowest on naive", "p99(web) ranks a < b", "nonsense"]
    {
        assert_eq!(parse_trend(other), Ok(None), "{other}");
    }
}

#[test]
fn a_variant_may_be_called_after_words_of_trends_in_quotes() {
    // Words that end no name of a sentence about runs.
    for sentence in ["p99(web) < 1s on over budget", "p99(web) < 1s on between a and b"] {
        assert!(parse_expectation(sentence).is_ok(), "{sentence}");
    }
}

#[test]
fn a_trend_is_bound_to_the_axis_and_the_variants_it_is_about() {
    let graph = super::graph();
    let variants = [("naive", &graph), ("budget", &graph), ("no retries", &graph)];
    let cx = BindContext { variants: &variants, batches: None };
    let bound = |text: &str| {
        let trend = parse_trend(text).expect("it is well formed").expect("it is a trend");
        trend.bind(&cx, Some(&sweep(Design::Grid))).expect("the names are known")
    };
    let every = bound("p99(web) rises over faults.0.by ± 5ms");
    assert_eq!((every.axis, &every.claim), (1, &TrendClaim::Rises(0.005)));
    assert_eq!(every.variants, ["naive", "budget", "no retries"]);
    assert_eq!(every.row(), "p99(web)");
    let two = bound("p99(web) on budget crosses naive over load.web.rate between 100/s and 300/s");
    let ends = ["100/s", "300/s"].map(str::to_owned);
    assert_eq!((two.axis, &two.claim), (0, &TrendClaim::Crosses(Some(ends))));
    assert_eq!(two.variants, ["budget", "naive"]);
    assert_eq!(two.measure.queries().len(), 2, "only those two are asked");
}

#[test]
fn a_mistake_in_a_trend_is_underlined_explained_and_answered() {
    for (marked, message, hint) in [
        (
            "stuck(web) rises«»",
            "expected `over` and an axis of the sweep, found the end of the sentence",
            "",
        ),
        (
            "stuck(web) rises over«»",
            "expected an axis of the sweep, such as load.0.rate, found the end of the sentence",
            "",
        ),
        (
            "stuck(web) rises over «load.web.rat»",
            "`load.web.rat` is no axis of the sweep",
            "did you mean `load.web.rate`?",
        ),
        ("stuck(web) rises over load.web.rate «<» 5", "expected the end, found `<`", ""),
        (
            "p99(web) rises over load.web.rate ± «5»",
            "\"5\": missing unit",
            "this tolerance is a time: write one of ns, us, ms, s, min, h, d",
        ),
        (
            "stuck(web) «after 10s» rises over load.web.rate",
            "stuck is judged over the whole run",
            "drop the window",
        ),
        (
            "p99(web) «crosses» naive over load.web.rate",
            "which variant crosses?",
            "write `p99(api) on a crosses b over …`",
        ),
        (
            "p99(web) on naive crosses «naive» over load.web.rate",
            "variant \"naive\" does not cross itself",
            "",
        ),
        (
            "p99(web) on naive crosses «niave» over load.web.rate",
            "unknown variant \"niave\"",
            "did you mean `naive`?",
        ),
        (
            "p99(web) on naive crosses budget over load.web.rate between «150/s» and 300/s",
            "150/s is no value of the axis",
            "values are 100/s, 200/s, 300/s",
        ),
        (
            "p99(web) on naive crosses budget over load.web.rate between 100/s«»",
            "expected `and` with another value of the axis, found the end of the sentence",
            "",
        ),
    ] {
        let sentence = marked.replace(['«', '»'], "");
        let error = refused(&sentence, Some(&sweep(Design::Grid)));
        let (before, rest) = sentence.split_at(error.at.start);
        let (under, after) = rest.split_at(error.at.len());
        assert_eq!(format!("{before}«{under}»{after}"), marked);
        assert_eq!(error.message, message, "{marked}");
        assert_eq!(error.hint.as_deref().unwrap_or_default(), hint, "{marked}");
    }
    let trend = "stuck(web) rises over load.web.rate";
    assert_eq!(refused(trend, None).message, "the file has no sweep");
    let drawn = refused(trend, Some(&sweep(Design::Random)));
    assert_eq!(drawn.message, "points drawn at random are no line");
}

fn refused(sentence: &str, sweep: Option<&Sweep>) -> SentenceError {
    let graph = super::graph();
    let variants = [("naive", &graph), ("budget", &graph), ("no retries", &graph)];
    let cx = BindContext { variants: &variants, batches: None };
    let read = parse_trend(sentence).and_then(|trend| {
        trend.unwrap_or_else(|| panic!("{sentence} is about a sweep")).bind(&cx, sweep)
    });
    read.expect_err(sentence)
}
