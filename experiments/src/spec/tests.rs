//! Edits by path, variants, profiles: what a file comes to.

use super::{LoadOptions, Problems, load};
use crate::experiment::Experiment;
use brownout_core::{Span, Time, math};
use brownout_policies::stack::Layer;
use brownout_topologies::graph::{Arrivals, Curve, Graph, Piece, Profile, Step};

const FILE: &str = r#"Experiment(
    run: (time: "60s"),
    load: [Poisson(to: "api", rate: "100/s", name: "web")],
    services: {
        "db": (workers: 4, work: Exp(mean: "20ms")),
        "api": (workers: 8, work: "5ms", calls: [(to: "db", with: "client")]),
    },
    policies: { "client": [Retry(times: 2), Timeout("300ms")] },
    EXTRA
)"#;

fn read(extra: &str, sets: &[(&str, &str)]) -> Result<Experiment, Problems> {
    let sets = sets.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
    let files = |path: &str| match path {
        "shared.ron" => Ok(r#"Topology(
            services: { "db": (workers: 9, replicas: 3), "cache": (work: "1ms") },
            links: { "api -> db": (latency: "2ms") },
        )"#
        .to_owned()),
        _ => Err("no such file".to_owned()),
    };
    let options = LoadOptions { file_name: "t.ron".to_owned(), sets: sets.collect(), read: &files };
    load(&FILE.replace("EXTRA", extra), &options)
}

fn loaded(extra: &str, sets: &[(&str, &str)]) -> Experiment {
    read(extra, sets).unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

fn base(sets: &[(&str, &str)]) -> Graph {
    loaded("", sets).variants.remove(0).graph
}

fn complaint(extra: &str, sets: &[(&str, &str)]) -> String {
    read(extra, sets).expect_err("it is wrong").render(false)
}

fn workers(graph: &Graph, service: &str) -> Option<u32> {
    graph.services[graph.service(service).expect("known").index()].workers
}

#[test]
fn a_file_without_variants_has_one_named_base_with_services_in_order_of_name() {
    let experiment = loaded("", &[]);
    let names: Vec<&str> = experiment.variants.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["base"]);
    let graph = &experiment.variants[0].graph;
    let names: Vec<&str> = graph.services.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["api", "db"]);
    let sites: Vec<&str> = graph.sites.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(sites, ["web → api", "api → db"]);
    assert!(matches!(graph.services[0].endpoints[0].steps[..], [Step::Work(_), Step::Call(_)]));
    assert_eq!((experiment.seed, experiment.runs), (1, 10));
}

#[test]
fn the_order_of_keys_changes_nothing() {
    let db = r#""db": (workers: 4, work: Exp(mean: "20ms")),"#;
    let turned = r#""db": (work: Exp(mean: "20ms"), workers: 4),"#;
    let swapped = FILE
        .replace("EXTRA", "")
        .replace(db, "")
        .replace("\n    },", &format!("\n        {turned}\n    }},"));
    let none = |_: &str| Err(String::new());
    let options = LoadOptions { file_name: "t.ron".to_owned(), sets: Vec::new(), read: &none };
    let swapped = load(&swapped, &options).expect("it is the same");
    assert_eq!(swapped.variants, loaded("", &[]).variants);
}

#[test]
fn a_set_changes_what_is_written_and_what_is_left_to_its_default() {
    assert_eq!(workers(&base(&[("services.db.workers", "24")]), "db"), Some(24));
    assert_eq!(workers(&base(&[("services.db.workers", "Unlimited")]), "db"), None);
    assert_eq!(base(&[("services.db.replicas", "3")]).services[1].replicas, 3);
    assert_eq!(base(&[("run.time", "2m")]).time, Span::from_secs(120.0));
    assert_eq!(base(&[("services.db.clock.drift", "0.1")]).services[1].clock.drift, 0.1);
    let Layer::Retry(retry) = base(&[("policies.client.0.times", "7")]).stacks[1].layers[0] else {
        panic!("the first layer is the retry");
    };
    assert_eq!(retry.times, 7);
    let Layer::Timeout(timeout) = base(&[("policies.client.1.after", "1s")]).stacks[1].layers[1]
    else {
        panic!("the second layer is the timeout");
    };
    assert_eq!(timeout.after, Span::from_secs(1.0));
}

#[test]
fn loads_are_reached_by_number_and_by_name() {
    for path in ["load.0.rate", "load.web.rate"] {
        let graph = base(&[(path, "250/s")]);
        let Arrivals::Poisson(profile) = &graph.loads[0].arrivals else { panic!("Poisson") };
        assert_eq!(pieces(profile)[0].start_per_s, 250.0);
    }
}

#[test]
fn a_set_that_leads_nowhere_says_how_far_it_came() {
    let words = complaint("", &[("services.ledgr.workers", "3")]);
    assert!(words.contains("`services` has no `ledgr`"), "{words}");
    assert!(words.contains("there is db and api"), "{words}");
    let words = complaint("", &[("services.db.wrokers", "3")]);
    assert!(words.contains("--> --set:1:1"), "{words}");
    assert!(words.contains("did you mean `workers`?"), "{words}");
    let words = complaint("", &[("services.db.workers", "0")]);
    assert!(words.contains("services.db.workers=0"), "{words}");
}

#[test]
fn variants_override_policies_and_settings_on_the_same_base() {
    let experiment = loaded(
        r#"variants: {
            "plain": {},
            "none": { "client": [] },
            "big": { set: { "services.db.workers": 40, "load.web.rate": "1/s" } },
        }"#,
        &[("services.db.workers", "5")],
    );
    let graph = |name: &str| &experiment.variant(name).expect("known").graph;
    assert_eq!(workers(graph("plain"), "db"), Some(5));
    assert_eq!(workers(graph("big"), "db"), Some(40));
    assert_eq!(graph("plain").stacks[1].layers.len(), 2);
    assert_eq!(graph("none").stacks[1].layers.len(), 0);
}

#[test]
fn the_experiment_is_laid_over_its_topology() {
    let experiment = loaded(r#"topology: "shared.ron","#, &[]);
    let graph = &experiment.variants[0].graph;
    assert_eq!(workers(graph, "db"), Some(4), "the experiment's word counts");
    let db = &graph.services[graph.service("db").expect("known").index()];
    assert_eq!(db.replicas, 3, "what it does not say, the topology says");
    assert!(graph.service("cache").is_some());
    assert_eq!(graph.links.len(), 2);
    assert_eq!(experiment.warnings.list.len(), 1, "nothing reaches the cache");
}

fn pieces(profile: &Profile) -> &[Piece] {
    match &profile.curve {
        Curve::Pieces(pieces) => pieces,
        Curve::Wave(_) => panic!("straight pieces"),
    }
}

#[test]
fn a_spike_knows_its_calm() {
    let rate = r#"Spike(base: "10/s", to: "50/s", at: "20s", lasts: "5s")"#;
    let graph = base(&[("load.0.rate", rate)]);
    let Arrivals::Poisson(profile) = &graph.loads[0].arrivals else { panic!("Poisson") };
    let starts: Vec<(Time, f64)> = pieces(profile)
        .iter()
        .map(|Piece { from, start_per_s, .. }| (*from, *start_per_s))
        .collect();
    let at = Time::from_secs;
    assert_eq!(starts, [(at(0.0), 10.0), (at(20.0), 50.0), (at(25.0), 10.0)]);
    let Arrivals::Poisson(calm) = &graph.calm().loads[0].arrivals else { panic!("Poisson") };
    assert_eq!(pieces(calm).len(), 1);
}

#[test]
fn the_hash_sees_the_text_and_the_sets() {
    let hash = |sets: &[(&str, &str)]| loaded("", sets).text_hash;
    assert_eq!(hash(&[]), hash(&[]));
    assert_ne!(hash(&[]), hash(&[("run.time", "60s")]));
    assert_eq!(hash(&[]).len(), 64);
}

#[test]
fn every_default_in_force_is_said_in_words() {
    let lines = crate::resolve::semantics(&base(&[("services.db.full_queue", "Lose")]));
    let value = |key: &str| &lines.iter().find(|(own, _)| own == key).expect("known").1;
    assert_eq!(value("full_queue"), "api: refuses at once; db: loses the attempt silently");
    assert_eq!(value("retry_budgets"), "none: every retry is allowed");
    assert!(value("tipped").contains("80 %"));
}

#[test]
fn a_sweep_is_kept_as_sets() {
    let experiment = loaded(
        r#"sweep: Grid({
            "load.0.rate": Linear(from: "0.1/s", to: "0.5/s", steps: 5),
            "services.db.workers": List([12, Unlimited]),
        }),"#,
        &[],
    );
    let axes = experiment.sweep.expect("it is there").axes;
    assert_eq!(axes[0].values, ["0.1/s", "0.2/s", "0.3/s", "0.4/s", "0.5/s"]);
    assert_eq!(axes[1].values, ["12", "Unlimited"]);
}

/// The axes of a sweep.
fn axes(sweep: &str) -> Vec<crate::experiment::Axis> {
    loaded(&format!("sweep: {sweep},"), &[]).sweep.expect("it is there").axes
}

#[test]
fn a_logarithmic_axis_goes_by_equal_ratios_and_whole_numbers_come_up_once() {
    let grid = |range: &str| axes(&format!("Grid({{\"services.db.workers\": {range}}})"));
    assert_eq!(
        grid("Log(from: 1, to: 64, steps: 7)")[0].values,
        ["1", "2", "4", "8", "16", "32", "64"]
    );
    assert_eq!(
        grid("Log(from: 1, to: 9, steps: 9, whole: true)")[0].values,
        ["1", "2", "3", "4", "5", "7", "9"]
    );
}

#[test]
fn drawn_points_stay_where_they_are_when_another_axis_is_added() {
    let rate = "\"load.0.rate\": Linear(from: \"100/s\", to: \"200/s\")";
    let workers = "\"services.db.workers\": Linear(from: 2, to: 16, whole: true)";
    for kind in ["Random", "LatinHypercube"] {
        let alone = axes(&format!("{kind}(over: {{{rate}}}, points: 20, seed: 3)"));
        let both = axes(&format!("{kind}(over: {{{workers}, {rate}}}, points: 20, seed: 3)"));
        assert_eq!(alone[0], both[1], "{kind}");
        let other = axes(&format!("{kind}(over: {{{rate}}}, points: 20, seed: 4)"));
        assert_ne!(alone, other, "{kind}");
    }
    // The draws are the same on every machine.
    let two = axes(&format!("Random(over: {{{rate}}}, points: 2)"));
    assert_eq!(two[0].values, ["106.061/s", "115.6/s"]);
}

#[test]
fn a_latin_hypercube_has_one_point_in_every_part_of_every_range() {
    let over = "{\"load.0.rate\": Linear(from: \"0.1/s\", to: \"20.1/s\"), \
                \"policies.client.1.after\": Log(from: \"1ms\", to: \"1024ms\")}";
    let axes = axes(&format!("LatinHypercube(over: {over}, points: 10)"));
    let parts = |values: &[String], part: &dyn Fn(f64) -> f64| {
        let number = |value: &String| {
            let end = value.find(|c: char| c.is_alphabetic() || c == '/').unwrap_or(value.len());
            value[..end].parse::<f64>().expect("a number")
        };
        let mut parts: Vec<u64> = values.iter().map(|own| part(number(own)) as u64).collect();
        assert!(!parts.is_sorted(), "the order is drawn: {parts:?}");
        parts.sort_unstable();
        parts
    };
    let all: Vec<u64> = (0..10).collect();
    assert_eq!(parts(&axes[0].values, &|rate| (rate - 0.1) / 2.0), all);
    assert_eq!(parts(&axes[1].values, &|after| math::log10(after) / math::log10(2.0)), all);
}
