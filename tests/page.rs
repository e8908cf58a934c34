//! The page in a browser: it loads without a complaint, every chart is drawn, and the slider, the
//! buttons and the pointer move the cursors and the services of the graphs.
//!
//! A copy of the page gets a script before its own that notes complaints, and one behind it that
//! does what a person would and writes down what comes of it; headless Chromium prints the document
//! that results. Chromium is the program that `CHROMIUM` names, or else `chromium`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Notes whatever a console would show.
const LISTEN: &str = "<script>
window.complaints = [];
addEventListener('error', (event) => complaints.push(String(event.message)), true);
addEventListener('unhandledrejection', (event) => complaints.push(String(event.reason)));
document.addEventListener('securitypolicyviolation', (event) => complaints.push(event.blockedURI));
for (const level of ['error', 'warn']) {
  console[level] = (...words) => complaints.push(words.join(' '));
}
</script>";

/// Does what a person would; what comes of it is the text of an element of its own.
const ACT: &str = r#"<script>
addEventListener('load', () => {
  const facts = {};
  const all = (query) => [...document.querySelectorAll(query)];
  const slider = document.getElementById('moment');
  const ends = (query, of) => all(query).map(of).join(' ');
  const state = () => ({
    at: document.getElementById('at').textContent,
    cursors: ends('.cursor', (line) => Math.round(Number(line.getAttribute('x1')))),
    readings: ends('.reading', (words) => words.textContent),
    nodes: ends('.node', (node) => node.getAttribute('aria-label')),
    full: all('.node.full').length,
  });
  facts.charts = ends('figure.chart', (figure) => figure.id);
  facts.drawn = all('figure.chart').every((figure) => {
    const box = figure.querySelector('svg').getBoundingClientRect();
    return box.width > 300 && box.height > 100 && figure.querySelectorAll('svg *').length > 10;
  });
  facts.graphs = all('.graph svg').map((svg) => svg.querySelectorAll('.node').length).join(' ');
  facts.unlabelled = all('svg').filter((svg) => !svg.getAttribute('aria-label')).length;
  facts.first = state();
  slider.value = 10;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  facts.slid = state();
  all('button[data-moment]')[1].click();
  facts.clicked = state();
  const svg = document.querySelector('#figure-timeline svg');
  const box = svg.getBoundingClientRect();
  const first = JSON.parse(document.getElementById('data').textContent).figures[0];
  const [left, top, right] = first.areas[0];
  const scale = box.width / first.width;
  const point = (share) => svg.dispatchEvent(new PointerEvent('pointermove', {
    clientX: box.left + (left + share * (right - left)) * scale, clientY: box.top + top * scale + 5,
  }));
  point(0.25);
  facts.pointed = state();
  facts.slider = slider.value;
  facts.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  facts.ink = getComputedStyle(document.body).color;
  facts.paper = getComputedStyle(document.querySelector('.chart svg rect')).fill;
  facts.complaints = complaints;
  const result = document.createElement('pre');
  result.id = 'facts';
  result.textContent = JSON.stringify(facts);
  document.body.append(result);
});
</script>"#;

/// Looks at the surfaces of a sweep's page.
const LOOK: &str = r#"<script>
addEventListener('load', () => {
  const shown = (svg) => svg.getBoundingClientRect().width > 300;
  const surfaces = [...document.querySelectorAll('figure.surface')];
  const drawn = surfaces.map((figure) => [...figure.querySelectorAll('svg')].filter(shown));
  const facts = { surfaces: surfaces.length, drawn: drawn.map((svgs) => svgs.length) };
  facts.looks = drawn.map(([svg]) => svg.getAttribute('class'));
  facts.papers = drawn.map(([svg]) => {
    const box = svg.getBoundingClientRect();
    scrollTo(0, box.top);
    const { left, top } = svg.getBoundingClientRect();
    return getComputedStyle(document.elementFromPoint(left + 5, top + 5)).fill;
  });
  facts.complaints = complaints;
  const result = document.createElement('pre');
  result.id = 'facts';
  result.textContent = JSON.stringify(facts);
  document.body.append(result);
});
</script>"#;

/// Two variants, one with a breaker that opens, and every chart.
const EXPERIMENT: &str = r#"(
    name: "page",
    run: (time: "20s", seed: 5, runs: 3),
    load: [Poisson(to: "api", rate: "100/s")],
    services: {
        "api": (workers: 32, work: Const("2ms"), calls: [(to: "db", with: "client")]),
        "db": (workers: 8, queue: Fifo(limit: 100), work: LogNormal(p50: "20ms", p99: "150ms")),
    },
    policies: { "client": [Timeout("300ms")] },
    variants: {
        "retry": { "client": [Retry(times: 2), Timeout("300ms")] },
        "breaker": { "client": [Breaker(failures: 3, open: "2s"), Timeout("300ms")] },
    },
    faults: [Slow(service: "db", by: 20, at: "5s", lasts: "5s")],
    plots: [
        Timeline(show: ["offered", "goodput", "db.queue"]), Cdf, Ccdf, LatencyHeatmap, Cascade,
        Amplification, Capacity, Plane, Lanes,
    ],
)"#;

/// What makes a browser ask for dark pages.
const NIGHT: &str = "--blink-settings=preferredColorScheme=0";

fn desk() -> PathBuf {
    let desk = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&desk).expect("a desk can be made");
    desk
}

/// The page of [`EXPERIMENT`].
fn page() -> String {
    page_of("run", "page", EXPERIMENT)
}

/// The page that a command makes of an experiment.
fn page_of(command: &str, name: &str, text: &str) -> String {
    let desk = desk();
    fs::write(desk.join(format!("{name}.ron")), text).expect("a desk can be written on");
    let run = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .args([command, &format!("{name}.ron"), "-o", name, "--quiet"])
        .current_dir(&desk)
        .output()
        .expect("the command starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    fs::read_to_string(desk.join(name).join("report.html")).expect("the page is there")
}

/// What the page says of itself in a window so wide.
fn visit(page: &str, name: &str, width: u32, more: &[&str]) -> serde_json::Value {
    visit_and(ACT, page, name, width, more)
}

/// The same after another act.
fn visit_and(act: &str, page: &str, name: &str, width: u32, more: &[&str]) -> serde_json::Value {
    let desk = desk();
    let copy = page.replacen("<head>", &format!("<head>{LISTEN}"), 1);
    let copy = copy.replacen("</body>", &format!("{act}</body>"), 1);
    let (file, profile) = (desk.join(format!("{name}.html")), desk.join(format!("profile-{name}")));
    fs::write(&file, copy).expect("a desk can be written on");
    let program = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    let output = Command::new(&program)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--virtual-time-budget=5000", "--dump-dom"])
        .arg(format!("--window-size={width},1200"))
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(more)
        .arg(format!("file://{}", file.display()))
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!("{program} cannot be started: {error}; install it, or name another with CHROMIUM")
    });
    let dom = String::from_utf8_lossy(&output.stdout);
    let facts =
        dom.split_once("<pre id=\"facts\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (facts, _) = facts.unwrap_or_else(|| panic!("nothing was noted in {} bytes", dom.len()));
    let facts = facts.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&facts).expect("what was noted is JSON")
}

fn text<'f>(facts: &'f serde_json::Value, key: &str) -> &'f str {
    facts[key].as_str().unwrap_or_else(|| panic!("{key}: {facts}"))
}

#[test]
fn in_a_browser_every_chart_is_drawn_and_one_moment_moves_them_all() {
    let facts = visit(&page(), "light", 1400, &[]);
    assert_eq!(facts["complaints"], serde_json::json!([]));
    assert_eq!(
        text(&facts, "charts"),
        "figure-timeline figure-cascade figure-latency-heatmap figure-capacity figure-cdf \
         figure-ccdf figure-amplification figure-plane figure-lanes"
    );
    assert_eq!((&facts["drawn"], &facts["unlabelled"]), (&true.into(), &0.into()));
    assert_eq!(text(&facts, "graphs"), "2 2");
    // Two rows of two variants, two services of two, one chart of attempts, one of latencies.
    let first = &facts["first"];
    assert_eq!(text(first, "cursors").split(' ').count(), 4 + 4 + 2 + 2);
    assert_eq!(text(first, "at"), "7.5 s", "half way through the fault");
    assert!(text(first, "readings").contains("goodput "));
    assert_eq!(first["full"], 1, "the database is full, unless a breaker protects it");
    let (slid, clicked, pointed) = (&facts["slid"], &facts["clicked"], &facts["pointed"]);
    assert_eq!((text(slid, "at"), &slid["full"]), ("1 s", &0.into()));
    assert_eq!(text(clicked, "at"), "10 s", "the second button is the end of the fault");
    assert_eq!(text(pointed, "at"), "5 s", "a quarter of the way");
    assert_eq!(text(&facts, "slider"), "50");
    for (one, other) in [(first, slid), (slid, clicked), (clicked, pointed)] {
        for what in ["cursors", "readings", "nodes"] {
            assert_ne!(one[what], other[what], "{what}");
        }
    }
    assert!(text(slid, "nodes").contains("breaker closed"), "{slid}");
    assert!(text(first, "nodes").contains(" open"), "{first}");
}

#[test]
fn at_night_and_on_a_narrow_screen_the_page_is_whole() {
    let page = page();
    let day = visit(&page, "day", 500, &[]);
    let night = visit(&page, "night", 500, &[NIGHT]);
    for facts in [&day, &night] {
        assert_eq!(facts["complaints"], serde_json::json!([]));
        assert_eq!((&facts["drawn"], &facts["wide"]), (&true.into(), &0.into()));
    }
    assert_eq!(text(&day, "paper"), "rgb(255, 255, 255)");
    assert_eq!(text(&night, "paper"), "rgb(18, 22, 27)");
    assert_ne!(day["ink"], night["ink"]);
}

#[test]
fn a_sweep_s_surfaces_are_dark_at_night() {
    let text = r#"(
        name: "surface",
        run: (time: "10s", seed: 5, runs: 2),
        load: [Poisson(to: "db", rate: "100/s", with: [Retry(times: 3), Timeout("300ms")])],
        services: { "db": (workers: 8, queue: Fifo(limit: 100), work: Exp(mean: "20ms")) },
        faults: [Slow(service: "db", by: 5, at: "2s", lasts: "2s")],
        sweep: Grid({ "load.0.rate": List(["50/s", "300/s"]), "faults.0.by": List([2, 9]) }),
        plots: [Heatmap(x: "load.0.rate", y: "faults.0.by", color: "recovery(db)")],
    )"#;
    // The page allows no script, for it has none.
    let page = page_of("sweep", "surface", text);
    let page = page.replacen("img-src", "script-src 'unsafe-inline'; img-src", 1);
    for (name, more, look, paper) in [
        ("surface-day", [].as_slice(), "day", "rgb(255, 255, 255)"),
        ("surface-night", &[NIGHT], "night", "rgb(18, 22, 27)"),
    ] {
        let facts = visit_and(LOOK, &page, name, 1400, more);
        assert_eq!(facts["complaints"], serde_json::json!([]));
        assert_eq!((&facts["surfaces"], &facts["drawn"]), (&2.into(), &serde_json::json!([1, 1])));
        assert_eq!(facts["looks"], serde_json::json!([look, look]));
        assert_eq!(facts["papers"], serde_json::json!([paper, paper]));
    }
}
