//! Lessons that are wrong say so, with the place.

use super::*;

const GOOD: &str = "# A lesson

About nothing.

```ron question
Question(ask: \"?\", choices: [\"a\", \"b\"], answer: 2, because: \"b\")
```

```ron part
Part(
    name: \"one\",
    title: \"t\",
    x: (label: \"rate\", unit: \"/s\", values: [\"20/s\", \"50/s\"], set: {\"load.users.rate\": \"{x}\"}),
    y: (label: \"mean\", unit: \"ms\"),
    curves: [(name: \"c\", measure: \"mean(users)\",
              theory: \"mm1 --lambda {x} --mu 100/s\", result: \"sojourn.mean\")],
    read: \"r\",
)
```

```ron experiment
Experiment(
    name: \"one\",
    run: (time: \"200s\", warmup: \"10s\", seed: 1, runs: 8),
    load: [Poisson(to: \"q\", rate: \"50/s\", name: \"users\")],
    services: { \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"10ms\")) },
)
```

The end.
";

#[test]
fn a_lesson_is_read_run_and_held_to_its_theory() {
    let lesson = lesson("good", "good.md", GOOD).expect("it is right");
    assert_eq!((lesson.title.as_str(), lesson.about()), ("A lesson", "About nothing."));
    assert_eq!((lesson.pieces.len(), lesson.checks()), (4, 2));
    let part = lesson.parts().next().expect("one part");
    let outcome = run::run(&lesson, part, 2).expect("it runs");
    assert_eq!(outcome, run::run(&lesson, part, 1).expect("it runs"));
    let points = &outcome.rows[0].points;
    assert_eq!(points[0].theory, Some(12.5));
    assert!(points.iter().all(|point| point.verdict != run::Verdict::Outside), "{points:?}");
    let wrong = GOOD.replace("--mu 100/s", "--mu 90/s");
    let wrong = super::lesson("wrong", "wrong.md", &wrong).expect("it can be read");
    let outcome = run::run(&wrong, wrong.parts().next().expect("one part"), 1).expect("it runs");
    let outside = |point: &run::Point| point.verdict == run::Verdict::Outside;
    assert!(outcome.rows[0].points.iter().all(outside), "a wrong theory is found out");
}

#[track_caller]
fn refused(from: &str, to: &str, said: &str) {
    assert!(GOOD.contains(from), "{from}");
    let text = GOOD.replacen(from, to, 1);
    let problems = lesson("bad", "bad.md", &text).expect_err(said).render(false);
    assert!(problems.contains(said), "{problems}");
}

#[test]
fn what_is_wrong_is_said_where_it_is() {
    refused("# A lesson", "A lesson", "a lesson begins with its heading");
    refused("answer: 2", "answer: 3", "bad.md:6:");
    refused("\"50/s\"], set", "\"50\"], set", "\"50\" is no number in the axis's unit \"/s\"");
    refused("load.users.rate\": \"{x}", "load.user.rate\": \"{x}", "load.user.rate");
    refused("mean(users)", "meen(users)", "did you mean");
    refused("mean(users)", "mean(user)", "measure \"mean(user)\"");
    refused("mm1 --lambda", "mm2 --lambda", "there is no closed form \"mm2\"");
    refused("--lambda {x}", "--lamda {x}", "there is no --lamda; did you mean `lambda`?");
    refused("sojourn.mean", "sojourn.men", "there is no result \"sojourn.men\", only");
    refused("ron experiment", "ron experimnt", "unknown block `experimnt`");
    refused("workers: 1,", "workerz: 1,", "bad.md:26:");
}

#[test]
fn every_lesson_that_ships_is_read() {
    for (name, text) in LESSONS {
        let file = format!("{name}.md");
        let lesson = lesson(name, &file, text)
            .unwrap_or_else(|problems| panic!("{}", problems.render(false)));
        assert!(lesson.checks() > 0 && !lesson.about().is_empty(), "{name}");
    }
}
