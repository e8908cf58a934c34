#[path = "../../experiments/benches/tight/mod.rs"]
mod tight;
#[path = "../tests/workloads.rs"]
mod workloads;
use brownout_core::random::Seed;
use brownout_topologies::run::run;
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let once = args.len() > 1;
    let what = args.get(1).cloned().unwrap_or_default();
    let cases: [(&str, _, Box<dyn Fn() -> tight::Counts>); 3] = {
        let n = if once { 1e5 } else { 1e6 };
        let w1 = workloads::w1(n);
        let e1 = w1.time.nanos();
        [
            ("W1", w1, Box::new(move || tight::w1::run(Seed::new(1), e1))),
            (
                "W2",
                workloads::w2(60.0),
                Box::new(|| {
                    tight::w2::run(Seed::new(1), 60_000_000_000, 20_000_000_000..30_000_000_000)
                }),
            ),
            (
                "W2L",
                workloads::w2l(60.0),
                Box::new(|| tight::w2::run(Seed::new(1), 60_000_000_000, 0..0)),
            ),
        ]
    };
    for (name, g, tight) in &cases {
        let plan = workloads::plan(g);
        if once {
            if what == *name {
                let r = run(g, Seed::new(1), &plan).unwrap();
                println!("{} {}", r.events(), r.digest());
            }
            if what == format!("t{name}") {
                println!("{:?}", tight());
            }
            continue;
        }
        let (mut bt, mut bb) = (f64::MAX, f64::MAX);
        let rounds = if *name == "W1" { 7 } else { 15 };
        let mut out = None;
        for _ in 0..rounds {
            let t = Instant::now();
            let c = tight();
            bt = bt.min(t.elapsed().as_secs_f64());
            let t = Instant::now();
            let r = run(g, Seed::new(1), &plan).unwrap();
            bb = bb.min(t.elapsed().as_secs_f64());
            out = Some((c, r));
        }
        let (c, r) = out.unwrap();
        println!(
            "{name}: tight {:.1} ns, brownout {:.1} ns, ratio {:.2}, events {} {}, digest {}",
            bt * 1e9 / c.events as f64,
            bb * 1e9 / r.events() as f64,
            bb / bt,
            c.events,
            r.events(),
            r.digest()
        );
        let vs: Vec<_> = plan.queries.iter().map(|q| format!("{:?}", r.answer(g, q))).collect();
        println!(
            "   {} | tight mean {} goodput {} attempts {}",
            vs.join(" "),
            c.latency_ns as f64 / c.successes as f64 / 1e9,
            c.successes as f64 / g.time.as_secs(),
            c.attempts as f64 / c.requests as f64
        );
    }
}
