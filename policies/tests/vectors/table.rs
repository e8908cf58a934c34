//! What the vectors of the project say and ask, as a page: families, dialects, names.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What one dialect of a family understands.
#[derive(Default)]
struct Dialect {
    vectors: usize,
    config: BTreeSet<String>,
    /// By operation: what it is done with, and what it shows.
    operations: BTreeMap<String, [BTreeSet<String>; 2]>,
}

const HEAD: &str = "# What the conformance vectors say

`cargo run --release -p brownout-policies --example conform -- FILE.jsonl` does what the vectors of
a file say, one JSON object a line, and prints `N passed, M failed`, the first mismatch of each that
failed, and the ids that cannot be expressed here; it exits with 1 when one failed. What is below is
understood, and peers' other names for the same things are too. A family, a dialect, an operation or
a name in `expect` that nobody understands cannot be expressed, and neither can a vector that fails
and says something nobody reads. One that passes all the same is counted, and named with what nobody
read.

Written by the vectors in `policies/tests/vectors`, all of which pass: what real systems do and
their own tests say (`policy_vectors.jsonl`), runs of models made without a look at the engines
(`derived.jsonl`), and edges worked by hand (`worked.jsonl`). Differences on purpose stand with
their reasons in `exceptions.txt` there. `BLESS=1 cargo test -p brownout-policies --test
conformance` writes this page anew.

Times end in `_ns`; every step has a `t`, and may have `repeat` and `expect`.
";

/// The page that goes with some files of vectors.
pub(crate) fn page(files: &[&str]) -> String {
    let mut families = BTreeMap::<String, BTreeMap<String, Dialect>>::new();
    for line in files.iter().flat_map(|file| file.lines()) {
        let vector: Value = serde_json::from_str(line).expect("the vectors are JSON");
        let word = |key: &str| vector[key].as_str().expect("it is a word").to_owned();
        let family = families.entry(word("family")).or_default();
        family.entry(word("dialect")).or_default().learn(&vector);
    }
    let mut page = HEAD.to_owned();
    for (family, dialects) in &families {
        let _ = write!(page, "\n## {family}\n");
        for (name, dialect) in dialects {
            dialect.write(name, &mut page);
        }
    }
    page
}

impl Dialect {
    fn learn(&mut self, vector: &Value) {
        self.vectors += 1;
        names("", vector["config"].as_object().expect("a configuration"), &mut self.config);
        for step in vector["steps"].as_array().expect("steps") {
            let step = step.as_object().expect("a step");
            let operation = step["op"].as_str().expect("an operation").to_owned();
            let [with, shows] = self.operations.entry(operation).or_default();
            let said =
                step.keys().filter(|key| !["t", "op", "repeat", "expect"].contains(&&***key));
            with.extend(said.cloned());
            shows.extend(step["expect"].as_object().into_iter().flat_map(Map::keys).cloned());
        }
    }

    fn write(&self, name: &str, page: &mut String) {
        let _ = write!(page, "\n`{name}`, {} vectors", self.vectors);
        let config = listed(&self.config);
        let _ = match config.as_str() {
            "" => writeln!(page, ". No configuration.\n"),
            names => writeln!(page, ". Configuration: {names}.\n"),
        };
        let _ = writeln!(page, "| Operation | With | Shows |\n|---|---|---|");
        for (operation, [with, shows]) in &self.operations {
            let _ = writeln!(page, "| `{operation}` | {} | {} |", listed(with), listed(shows));
        }
    }
}

/// Names of an object and of what is in it, with the way to them.
fn names(way: &str, object: &Map<String, Value>, found: &mut BTreeSet<String>) {
    for (name, value) in object {
        match value {
            // The names of partitions are the vector's own.
            Value::Object(within) if name != "partitions" => {
                names(&format!("{way}{name}."), within, found);
            }
            _ => {
                found.insert(format!("{way}{name}"));
            }
        }
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
