//! Sentences with a mistake in an order of variants or in a share of runs.

use super::bad::Row;

pub(super) const ORDERS: [Row; 17] = [
    (
        "p99(web) on «'budget'» ranks budget < naive",
        "one variant has no rank",
        "name the variants after `ranks`",
    ),
    ("p99(web) ranks«»", "expected a variant's name, found the end of the sentence", ""),
    (
        "p99(web) ranks «budget»",
        "a rank of one variant",
        "write `ranks a < b`, as many as there are",
    ),
    ("p99(web) ranks budget <«»", "expected a variant's name, found the end of the sentence", ""),
    ("p99(web) ranks budget < naive «>» no retries", "ranks that rise and fall", "use one sign"),
    ("p99(web) ranks budget < naive < «budget»", "variant \"budget\" is ranked twice", ""),
    ("p99(web) ranks budget < «niave»", "unknown variant \"niave\"", "did you mean `naive`?"),
    ("p99(web) ranks budget «=» naive", "expected `<` or `>` between two variants, found `=`", ""),
    (
        "p99(web) is «best» on budget",
        "expected `lowest`, `highest` or `monotone`, found `best`",
        "",
    ),
    (
        "p99(web) is lowest«»",
        "expected `on` and the variant that is best, found the end of the sentence",
        "",
    ),
    ("p99(web) is lowest on «niave»", "unknown variant \"niave\"", "did you mean `naive`?"),
    (
        "recovery(web) «after 20s» is lowest on naive",
        "recovery is judged over the whole run",
        "drop the window",
    ),
    (
        "p99(web) < 1s in «100ms» of runs",
        "how many runs is a share, \"100ms\" is a time",
        "write a share such as 95% or 0.95",
    ),
    (
        "p99(web) < 1s in «0%» of runs",
        "no run is asked for",
        "write the least share, as in `in 90% of runs`",
    ),
    (
        "p99(web) < 1s in «150%» of runs",
        "how many runs is a share and at most 100%, \"150%\" is more",
        "write a share such as 95% or 0.95",
    ),
    ("p99(web) < 1s in 90% of «seeds»", "expected `runs`, found `seeds`", ""),
    ("p99(web) < 1s in 90% of runs «in 80% of runs»", "a second share of runs", ""),
];
