//! Any bytes at all, taken for an experiment file: an experiment or a list of problems, no panic.
#![no_main]

use brownout::spec::{LoadOptions, load};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let read = |path: &str| Err(format!("there is no file {path}"));
    for file_name in ["fuzz.ron", "fuzz.json"] {
        let options =
            LoadOptions { file_name: file_name.to_owned(), sets: Vec::new(), read: &read };
        if let Err(problems) = load(&text, &options) {
            problems.render(false);
        }
    }
});
