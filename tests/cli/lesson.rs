//! `brownout lesson`: a list, a lesson in a pipe, pages, lessons of one's own, and what is wrong.

use super::harness::Desk;

/// A lesson that takes no time.
const OWN: &str = "# Little's law

L = λW.

```ron question
Question(ask: \"How many are inside?\", choices: [\"1\", \"2\"], answer: 1, because: \"100/s × 10 ms.\")
```

```ron part
Part(
    name: \"inside\",
    title: \"Inside at once\",
    x: (label: \"arrival rate\", unit: \"/s\", values: [\"50/s\", \"100/s\"], set: {\"load.users.rate\": \"{x}\"}),
    y: (label: \"in flight\"),
    curves: [(name: \"inside\", measure: \"in_system(q)\",
              theory: \"mginf --lambda {x} --service 10ms\", result: \"in_system.mean\")],
    read: \"How to read this: L = λW.\",
)
```

```ron experiment
Experiment(
    name: \"inside\",
    run: (time: \"20s\", seed: 1, runs: 6),
    load: [Poisson(to: \"q\", rate: \"50/s\", name: \"users\")],
    services: { \"q\": (workers: Unlimited, work: Exp(mean: \"10ms\")) },
)
```
";

#[test]
fn lessons_are_listed() {
    let desk = Desk::new("lesson_list");
    let done = desk.brownout("lesson");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    for (name, _) in brownout::lesson::LESSONS {
        assert!(done.stdout.contains(&format!("  {name} ")), "{}", done.stdout);
    }
}

#[test]
fn a_lesson_in_a_pipe_asks_runs_compares_and_answers_without_waiting() {
    let desk = Desk::new("lesson_pipe");
    desk.put("own.md", OWN);
    let done = desk.brownout("lesson own.md");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let order = ["Little's law", "Predict:", "Inside at once", "│", "theory", "✓", "Answer: 1. 1."];
    let mut rest = done.stdout.as_str();
    for said in order {
        let (_, after) = rest.split_once(said).unwrap_or_else(|| panic!("{said}: {}", done.stdout));
        rest = after;
    }
    assert_eq!(desk.brownout("lesson own.md --jobs 1 --answer").stdout, done.stdout);
}

#[test]
fn a_page_has_its_picture_and_an_experiment_that_runs() {
    let desk = Desk::new("lesson_page");
    desk.put("own.md", OWN);
    let done = desk.brownout("lesson own.md -o page");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let files = desk.files("page");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["own-inside.ron", "own-inside.svg", "own.md"]);
    let page = String::from_utf8_lossy(&files["own.md"]).into_owned();
    for said in ["![Inside at once](own-inside.svg)", "| 100/s |", "**Answer: 1.**"] {
        assert!(page.contains(said), "{page}");
    }
    assert_eq!(desk.brownout("run page/own-inside.ron -o out --quiet").code, 0);
}

#[test]
fn a_theory_that_is_wrong_is_found_out() {
    let desk = Desk::new("lesson_false");
    desk.put("own.md", OWN.replace("--service 10ms", "--service 20ms"));
    let done = desk.brownout("lesson own.md");
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains('✗'), "{}", done.stdout);
}

#[test]
fn what_is_wrong_with_a_lesson_or_its_name_is_said() {
    let desk = Desk::new("lesson_wrong");
    let wrong = OWN.replace("in_system(q)", "in_sistem(q)").replace("mginf --", "mgif --");
    desk.put("own.md", wrong);
    let done = desk.brownout("lesson own.md");
    assert_eq!((done.code, done.stdout.as_str()), (3, ""));
    for said in ["own.md:15:", "did you mean", "there is no closed form \"mgif\"", "2 errors"] {
        assert!(done.stderr.contains(said), "{}", done.stderr);
    }
    let done = desk.brownout("lesson retires");
    assert_eq!(done.code, 2);
    assert!(
        done.stderr.contains("no lesson \"retires\"; did you mean `retries`?"),
        "{}",
        done.stderr
    );
    assert_eq!(desk.brownout("lesson none.md").code, 3);
    assert_eq!(desk.brownout("lesson retries --all").code, 2);
    assert_eq!(desk.brownout("lesson retries --jobs 0").code, 2);
}
