//! The gallery: one command for every experiment's page, and pictures whose data cannot change
//! unseen.
//!
//! A change of what a picture shows is a change of `corpus/pictures.txt`: `BLESS=1 cargo test -p
//! brownout --test cli gallery` writes it anew.

use super::harness::{Desk, SMALL, repository};
use std::fs;

#[test]
fn no_picture_of_the_gallery_changes_its_data_unseen() {
    let desk = Desk::new("gallery");
    let experiments = repository().join("experiments");
    let experiments = experiments.to_str().expect("a path is text");
    // One run of each is enough to see that a picture shows something else.
    let done = desk.brownout_with(&["gallery", experiments, "--runs", "1", "-q"], &[]);
    assert_eq!((done.code, done.stdout.as_str()), (0, ""), "{}", done.stderr);
    let found = fs::read_to_string(desk.directory.join("gallery/pictures.txt")).expect("a list");
    let golden = repository().join("tests/corpus/pictures.txt");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&golden, &found).expect("the golden file can be written");
    }
    let golden = fs::read_to_string(golden).unwrap_or_default();
    for (line, known) in found.lines().zip(golden.lines()) {
        let (happened, shown) = line.rsplit_once(' ').expect("a digest of what is shown");
        let is_drawn_otherwise = known.starts_with(happened) && !known.ends_with(shown);
        assert!(
            !is_drawn_otherwise,
            "the same happened and the picture shows another thing: {line}"
        );
    }
    assert_eq!(found, golden);
}

#[test]
fn a_gallery_has_an_index_and_a_page_and_pictures_of_each() {
    let desk = Desk::new("own_gallery");
    fs::create_dir(desk.directory.join("mine")).expect("it can be made");
    desk.put("mine/one.ron", SMALL);
    desk.put("mine/two.ron", SMALL.replace("Two ways", "Still <b>two</b> ways"));
    desk.put("mine/notes.txt", "no experiment");
    let done = desk.brownout("gallery mine -o out --runs 2");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("Written to out/index.html"), "{}", done.stdout);
    let names: Vec<String> = desk.files("out/small-2").into_keys().collect();
    assert!(
        names.contains(&"report.html".to_owned()) && names.contains(&"timeline.svg".to_owned())
    );
    let read = |name| fs::read_to_string(desk.directory.join(name)).expect("it was written");
    let index = read("out/index.html");
    assert!(
        index.contains("href=\"small/report.html\"") && index.contains("\"small-2/timeline.svg\"")
    );
    assert!(index.contains("Still &lt;b&gt;two&lt;/b&gt; ways") && !index.contains("<b>two"));
    assert!(read("out/small/report.html").contains("brownout run mine/one.ron --runs 2"));
    // They are the same system, and so are their pictures.
    let pictures = read("out/pictures.txt");
    let numbers: Vec<&str> = pictures.lines().map(|line| &line[42..]).collect();
    assert_eq!((numbers.len(), numbers[0]), (2, numbers[1]));
}

#[test]
fn a_gallery_of_nothing_is_refused() {
    let desk = Desk::with("empty_gallery", SMALL);
    fs::create_dir(desk.directory.join("empty")).expect("it can be made");
    let done = desk.brownout("gallery empty");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("there is no experiment (*.ron) in empty"), "{}", done.stderr);
    assert_eq!(desk.brownout("gallery nowhere.ron").code, 3);
    assert_eq!(desk.brownout("gallery own.ron --runs 0").code, 2);
    assert!(!desk.names().contains(&"gallery".to_owned()), "nothing is written");
}
