//! The page as text: complete, small, and nothing in it that a file put there as more than words.

use super::harness::Desk;
use super::stored::every_chart;

fn page(desk: &Desk) -> String {
    String::from_utf8(desk.files("out")["report.html"].clone()).expect("a page is text")
}

#[test]
fn the_page_says_everything_in_order_and_asks_for_nothing_from_elsewhere() {
    let desk = Desk::with("page_order", &every_chart());
    desk.brownout("run own.ron -o out -q");
    let page = page(&desk);
    let headings = [
        "Verdict",
        "What happened when",
        "How it spread",
        "Load and latency over time",
        "Distributions",
        "Retries",
        "Where failed requests died",
        "Rules in force",
        "The same again",
    ];
    let places: Vec<usize> = headings
        .iter()
        .map(|heading| {
            page.find(&format!(">{heading}</h2>")).unwrap_or_else(|| panic!("{heading}"))
        })
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(page.contains(">Why</h2>"), "what stuck is explained");
    assert!(page.contains("4 of 4 expectations held."));
    assert!(page.contains("<code>brownout run own.ron</code>"));
    for outside in ["src=\"", "http://", "https://", "@import", "url(http"] {
        let found: Vec<&str> =
            page.match_indices(outside).map(|(at, _)| &page[at..at + 40]).collect();
        let is_name = |text: &&&str| !text.starts_with("http://www.w3.org/2000/svg");
        assert_eq!(found.iter().filter(is_name).count(), 0, "{outside}: {found:?}");
    }
}

#[test]
fn names_that_are_code_stay_words() {
    let about = "<b onclick='alert(3)'>Two</b> & \\\"more\\\" ways to call a database.";
    let text = every_chart().replace("Two ways to call a database.", about);
    let desk = Desk::with("page_escapes", &text);
    let done = desk.brownout("run own.ron -o out -q");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert_harmless(&page(&desk));
    // A file may not call a service so, but whoever sends results to somebody else may.
    let evil = "</script><script>alert(1)</script>";
    for (name, bytes) in desk.files("out") {
        if name.ends_with("json") || name.ends_with("csv") {
            let text = String::from_utf8(bytes).expect("it is text");
            let named = text
                .replace("\"db\"", &format!("\"{evil}\""))
                .replace(",db,", &format!(",{evil},"));
            let named = named.replace("(db)", &format!("({evil})"));
            desk.put(
                &format!("out/{name}"),
                named.replace("\"retry\"", "\"<b>'&\"").replace("retry,", "<b>'&,"),
            );
        }
    }
    let done = desk.brownout("report out");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let page = page(&desk);
    assert_harmless(&page);
    assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    assert!(page.contains("&lt;b&gt;&#39;&amp;"));
}

/// Nothing on the page is an element that a file put there.
fn assert_harmless(page: &str) {
    // The data and the script, and no more.
    assert_eq!((page.matches("<script").count(), page.matches("</script>").count()), (2, 2));
    for wrong in ["<img", "<b onclick", "<b>", "alert(1)</script"] {
        assert!(!page.contains(wrong), "{wrong}");
    }
    let said = "&lt;b onclick=&#39;alert(3)&#39;&gt;Two&lt;/b&gt; &amp; &quot;more&quot; ways";
    assert!(page.contains(said));
}

#[test]
fn without_data_a_page_is_under_400_kilobytes() {
    let text = r#"(
        run: (time: "1s", runs: 1),
        load: [Steady(to: "api", rate: "10/s")],
        services: { "api": (workers: 1, work: Const("1ms")) },
    )"#;
    let desk = Desk::with("page_size", text);
    assert_eq!(desk.brownout("run own.ron -o out -q").code, 0);
    let size = page(&desk).len();
    assert!(size < 400_000, "{size}");
}
