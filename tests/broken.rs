//! Files that are wrong, and what a person is told about them; files that are right.
//!
//! Each `corpus/broken/NAME.ron` has its rendering beside it in `NAME.stderr`. To accept changed
//! renderings after reading them: `BLESS=1 cargo test -p brownout-tests --test broken`.

use brownout::experiment::Experiment;
use brownout::spec::{LoadOptions, Problems, load};
use cpu_time::ThreadTime;
use std::fs;
use std::path::{Path, PathBuf};

fn corpus(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(part)
}

/// The files of a part of the corpus with one of these extensions, in order of name.
fn files(part: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let entries = fs::read_dir(corpus(part)).expect("the corpus is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.retain(|path| {
        path.extension().is_some_and(|own| extensions.iter().any(|extension| own == *extension))
    });
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().expect("a file has a name").to_string_lossy().into_owned()
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).expect("readable")).into_owned()
}

fn load_in(
    part: &str,
    name: &str,
    text: &str,
    sets: &[(&str, &str)],
) -> Result<Experiment, Problems> {
    let sets = sets.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
    let read =
        |path: &str| fs::read_to_string(corpus(part).join(path)).map_err(|e| e.kind().to_string());
    load(text, &LoadOptions { file_name: name.to_owned(), sets: sets.collect(), read: &read })
}

fn load_valid(name: &str, sets: &[(&str, &str)]) -> Experiment {
    let text = text(&corpus("valid").join(name));
    load_in("valid", name, &text, sets).unwrap_or_else(|p| panic!("{name}:\n{}", p.render(false)))
}

#[test]
fn every_valid_file_loads_without_a_complaint() {
    for path in files("valid", &["ron", "json"]) {
        let experiment = load_valid(&name(&path), &[]);
        println!("{}", experiment.warnings.render(false));
    }
}

#[test]
fn every_broken_file_is_refused_with_the_words_beside_it() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut differing = Vec::new();
    let files = files("broken", &["ron", "json"]);
    assert!(files.len() >= 45, "{} broken files", files.len());
    for path in files {
        let name = name(&path);
        let rendered = match load_in("broken", &name, &text(&path), &[]) {
            Ok(_) => panic!("{name} is broken, yet it loads"),
            Err(problems) => problems.render(false),
        };
        let is_placed = |file: &str| rendered.contains(&format!("--> {file}:"));
        let beside =
            self::files("broken", &["csv"]).iter().any(|path| is_placed(&self::name(path)));
        assert!(is_placed(&name) || beside, "{name} names no place:\n{rendered}");
        let expected = path.with_file_name(format!("{name}.stderr"));
        if bless {
            fs::write(&expected, &rendered).expect("writable");
        } else if fs::read_to_string(&expected).unwrap_or_default() != rendered {
            differing.push(format!("--- {name}\n{rendered}"));
        }
    }
    assert!(differing.is_empty(), "renderings changed:\n{}", differing.join("\n"));
}

/// The notation is RON's own: another parser reads the same files.
#[test]
fn the_ron_crate_reads_every_valid_file_too() {
    let options =
        ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
    for path in files("valid", &["ron"]) {
        let read: Result<serde::de::IgnoredAny, _> = options.from_str(&text(&path));
        assert!(read.is_ok(), "{}: {read:?}", name(&path));
    }
}

#[test]
fn json_of_the_same_shape_gives_the_same_graph() {
    let (ron, json) = (load_valid("hello.ron", &[]), load_valid("hello.json", &[]));
    assert_eq!(ron.variants, json.variants);
    assert_eq!((ron.seed, ron.expect), (json.seed, json.expect));
}

/// A small generator of positions: the mutations are the same on every machine.
struct Positions(u64);

impl Positions {
    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below.max(1)
    }
}

fn mutate(bytes: &mut Vec<u8>, positions: &mut Positions) {
    const SIGNS: &[u8] = b"()[]{},:\"'/*#0-9x.%_ \\r\n\xff\x00";
    let at = positions.next(bytes.len());
    let length = 1 + positions.next(24);
    let end = (at + length).min(bytes.len());
    match positions.next(5) {
        0 => drop(bytes.drain(at..end)),
        1 => {
            let copy = bytes[at..end].to_vec();
            let to = positions.next(bytes.len() + 1);
            drop(bytes.splice(to..to, copy));
        }
        2 => bytes[at] = SIGNS[positions.next(SIGNS.len())],
        3 => bytes.insert(at, SIGNS[positions.next(SIGNS.len())]),
        _ => bytes[at] ^= 1 << positions.next(8),
    }
}

#[test]
fn no_mutation_of_a_valid_file_makes_the_loader_panic() {
    const CASES: usize = 3_000;
    for (seed, path) in (1..).zip(files("valid", &["ron", "json"])) {
        let (name, original) = (name(&path), fs::read(&path).expect("readable"));
        let mut positions = Positions(seed);
        let mut loaded = 0;
        for _ in 0..CASES {
            let mut bytes = original.clone();
            for _ in 0..=positions.next(3) {
                mutate(&mut bytes, &mut positions);
            }
            let text = String::from_utf8_lossy(&bytes);
            match load_in("valid", &name, &text, &[]) {
                Ok(_) => loaded += 1,
                Err(problems) => assert!(problems.render(false).contains("error")),
            }
        }
        assert!(loaded < CASES, "some mutation of {name} hurts");
    }
}

/// A megabyte of anything, refused within the second that a person waits.
#[test]
fn a_megabyte_of_anything_is_refused_in_a_second() {
    let repeat = |unit: &str| unit.repeat(1_000_000 / unit.len());
    let wrapped = |open: &str, unit: &str, close: &str| format!("{open}{}{close}", repeat(unit));
    let head = "Experiment(run: (time: \"1s\"), load: [Poisson(to: \"a\", rate: \"1/s\")], ";
    let inputs = [
        repeat("("),
        repeat(")"),
        repeat("A("),
        repeat(","),
        repeat("\""),
        repeat("x"),
        repeat("é"),
        repeat("\u{0}"),
        repeat("/*"),
        repeat("1 "),
        repeat("\n"),
        wrapped("[", "1 ", "]"),
        wrapped("[", "@,", "]"),
        wrapped("[", "],[", "]"),
        wrapped("(", "a:1,", ")"),
        wrapped("{", "\"a\":1,", "}"),
        wrapped("{\"a\":[", "1,", "1]}"),
        wrapped("Experiment(name: \"", "n", "\")"),
        wrapped("Experiment(", "nonsense: 1,\n", ")"),
        wrapped(&format!("{head} services: {{"), "\"a\": (work: 1),", "})"),
        wrapped(&format!("{head} services: {{\"a\": (calls: ["), "(to: \"b\"),", "])})"),
        wrapped(&format!("{head} services: {{\"a\": (work: Sequence(["), "\"1\",", "]))})"),
        wrapped(&format!("{head} expect: ["), "\"p99(a) < 1\",", "])"),
        wrapped("Experiment(load: [", "Poisson(to: \"a\"),", "])"),
        wrapped("Experiment(policies: {", "\"\\u{41}\": [],", "})"),
        wrapped("Experiment(links: {", "\"a -> b\": (loss: 2),", "})"),
    ];
    for input in inputs {
        // The thread's own time: what else the machine does is no part of it.
        let start = ThreadTime::now();
        let problems = load_in("valid", "big.ron", &input, &[]).expect_err("it is nonsense");
        let rendered = problems.render(true);
        let took = start.elapsed();
        let shown: String = input.chars().take(60).collect();
        assert!(took.as_secs_f64() < 1.0, "{shown} took {took:?}");
        assert!(rendered.len() < 200_000, "{shown} is answered with {} bytes", rendered.len());
        println!("{took:?} {} {shown}", problems.list.len());
    }
}
