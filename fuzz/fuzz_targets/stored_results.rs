//! Any bytes at all, taken for what runs and sweeps leave behind: results or a complaint, no panic.
#![no_main]

use brownout::report::json;
use brownout::report::page::{page, sweep_page};
use brownout::report::stored::Stored;
use brownout::sweep::record::PointRecord;
use brownout::sweep::stored;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    // What can be read can be written and read again.
    if let Ok(value) = json::read(&text) {
        let again = json::read(&value.document()).expect("we write JSON");
        assert_eq!(again.document(), value.document());
    }
    let _ = PointRecord::read(&text);
    // The files of a directory, one after the other.
    let files: Vec<&str> = text.split('\u{1e}').collect();
    let named = |names: &'static [&'static str]| {
        let files = files.clone();
        move |name: &str| {
            let place = names.iter().position(|own| *own == name);
            let text = place.and_then(|place| files.get(place));
            text.map(|text| (*text).to_owned()).ok_or_else(|| "it is not there".to_owned())
        }
    };
    if let Ok(read) = Stored::read(named(&brownout::report::stored::FILES)) {
        let _ = page(&read);
    }
    if let Ok((told, results)) = stored::read(named(&[stored::MANIFEST, stored::POINTS])) {
        let _ = sweep_page(&told, &results);
    }
});
