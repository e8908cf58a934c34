//! A directory of its own for every test, and the command run inside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A fresh directory; what a test leaves in it stays for whoever looks into a failure.
pub(crate) struct Desk {
    pub(crate) directory: PathBuf,
}

/// What the command did.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    /// A directory named after the test.
    pub(crate) fn new(test: &str) -> Desk {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(test);
        if directory.exists() {
            fs::remove_dir_all(&directory).expect("an old desk can be cleared");
        }
        fs::create_dir_all(&directory).expect("a desk can be made");
        Desk { directory }
    }

    /// A desk with an experiment on it, called `own.ron`.
    pub(crate) fn with(test: &str, text: &str) -> Desk {
        let desk = Desk::new(test);
        desk.put("own.ron", text);
        desk
    }

    pub(crate) fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.directory.join(name), text).expect("a desk can be written on");
    }

    /// Runs `brownout` here, words separated by blanks.
    pub(crate) fn brownout(&self, line: &str) -> Done {
        self.brownout_with(&line.split_whitespace().collect::<Vec<&str>>(), &[])
    }

    /// Runs `brownout` here with these arguments and environment variables.
    pub(crate) fn brownout_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Done {
        let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
            .args(arguments)
            .current_dir(&self.directory)
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .envs(variables.iter().copied())
            .output()
            .expect("the command starts");
        Done {
            code: output.status.code().expect("the command ends by itself"),
            stdout: String::from_utf8(output.stdout).expect("it prints text"),
            stderr: String::from_utf8(output.stderr).expect("it prints text"),
        }
    }

    /// Every file under a directory on the desk, by name.
    pub(crate) fn files(&self, directory: &str) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.directory.join(directory)).expect("it was written");
        let read = |entry: fs::DirEntry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).expect("readable"))
        };
        entries.map(|entry| read(entry.expect("readable"))).collect()
    }

    /// Names of what lies on the desk.
    pub(crate) fn names(&self) -> Vec<String> {
        self.files_or_directories().into_iter().collect()
    }

    fn files_or_directories(&self) -> std::collections::BTreeSet<String> {
        let entries = fs::read_dir(&self.directory).expect("the desk is there");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        entries.map(|entry| name(entry.expect("readable"))).collect()
    }

    /// The summary in a directory on the desk.
    pub(crate) fn summary(&self, directory: &str) -> serde_json::Value {
        let bytes = &self.files(directory)["summary.json"];
        serde_json::from_slice(bytes).expect("the summary is JSON")
    }
}

/// A small experiment: two variants, a fault, an expectation, a measure.
pub(crate) const SMALL: &str = r#"
Experiment(
    name: "small",
    about: "Two ways to call a database.",
    run: (time: "20s", seed: 5, runs: 6),
    load: [Poisson(to: "api", rate: "100/s")],
    services: {
        "api": (workers: 32, work: Const("2ms"), calls: [(to: "db", with: "client")]),
        "db": (workers: 8, queue: Fifo(limit: 100), work: LogNormal(p50: "20ms", p99: "150ms")),
    },
    policies: { "client": [Timeout("300ms")] },
    variants: { "plain": {}, "retry": { "client": [Retry(times: 2), Timeout("300ms")] } },
    faults: [Slow(service: "db", by: 5, at: "5s", lasts: "3s")],
    expect: ["offered(api) > 50/s", "amplification(db) > 1.01 on retry"],
    measure: ["p99(api) after 10s"],
)
"#;
