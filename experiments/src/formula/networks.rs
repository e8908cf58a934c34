//! Several stations: Jackson networks, tandems, closed loops.

use super::answer::Answers;
use super::kind::{Kind, LAMBDA, T, may, must};
use super::queues::{short, stable};
use super::{Form, Given};
use brownout_core::theory::{jackson, mva, tandem};

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "jackson",
        about: "open Jackson network: each station as if it were M/M/c alone",
        formula: &[
            "λⱼ = externalⱼ + Σᵢ λᵢ routingᵢⱼ        E[N] by Erlang C at each        E[T] by Little",
        ],
        source: "Jackson 1957, 1963",
        arguments: &[
            must("external", Kind::RatesOrNone, "arrivals from outside at each station"),
            must("routing", Kind::Rows, "row i: chance to go from i to each; the rest leaves"),
            must("mus", Kind::Rates, "service rate of one server at each station"),
            must("servers", Kind::Counts(1), "servers at each station"),
        ],
        example: "--external 10/s,0/s --routing '0,0.5; 0.2,0' --mus 20/s,5/s --servers 1,2",
        solve: open_network,
    },
    Form {
        name: "tandem",
        about: "M/M/1 stations one after the other: the sojourn is a sum of exponentials",
        formula: &["sojourn at station i exponential with rate μᵢ − λ, independent of the others"],
        source: "Burke 1956; Reich 1957",
        arguments: &[LAMBDA, must("mus", Kind::Rates, "service rate at each station"), T],
        example: "--lambda 80/s --mus 100/s,120/s --t 100ms",
        solve: |given| {
            let (lambda, mus) = (given.number("lambda"), given.list("mus"));
            let slowest = mus.iter().copied().fold(f64::INFINITY, f64::min);
            stable(lambda, slowest, "the least μ", "--mus")?;
            let fastest = mus.iter().copied().fold(0.0, f64::max);
            short(given.maybe("t"), 1.0 / fastest, 100_000.0, "the fastest of --mus")?;
            if fastest - lambda > 10_000.0 * (slowest - lambda) {
                return Err(vec![
                    "--mus: one is so much faster that it does not matter; leave it \
                                 out"
                    .to_owned(),
                ]);
            }
            let rates = tandem::sojourn_rates(lambda, mus);
            Ok(given
                .answers()
                .time("sojourn.mean", "mean sojourn of all", tandem::mean(&rates))
                .spread("sojourn.sd", "sd of sojourn of all", tandem::variance(&rates))
                .quantiles("sojourn", "sojourn of all", |p| tandem::quantile(&rates, p))
                .tail("sojourn.tail", "sojourn of all", given.maybe("t"), |t| {
                    tandem::tail(&rates, t)
                }))
        },
    },
    Form {
        name: "mva",
        about: "closed loop over single-server stations: users that think, then wait (MVA)",
        formula: &[
            "R_k(n) = D_k(1 + N_k(n − 1))        X(n) = n/(Z + ΣR_k(n))        N_k = X R_k",
            "the asymptotes X ≤ 1/max D and X ≤ n/(Z + ΣD) cross at N*",
        ],
        source: "Reiser & Lavenberg 1980",
        arguments: &[
            must("users", Kind::Count(1, 1_000_000), "users n"),
            must("think", Kind::TimeOrNone, "mean think time Z"),
            must("demands", Kind::Times, "visits × mean service at each station D"),
        ],
        example: "--users 10 --think 1.145s --demands 100ms",
        solve: |given| {
            let demands = given.list("demands");
            if !demands.iter().any(|demand| *demand > 0.0) {
                return Err(vec!["--demands: at least one must be above zero".to_owned()]);
            }
            let (users, think) = (given.count("users"), given.number("think"));
            let found = mva::solve(users, think, demands);
            let mut answers = given
                .answers()
                .rate("throughput", "throughput", found.throughput)
                .time("response.mean", "mean response", found.response_mean)
                .count(
                    "saturation",
                    "users N* at the knee",
                    mva::saturation_clients(think, demands),
                );
            for (k, (number, share)) in
                found.in_system_mean.iter().zip(&found.utilisation).enumerate()
            {
                let station = k + 1;
                answers = answers
                    .share(
                        &format!("station{station}.utilisation"),
                        &format!("utilisation of station {station}"),
                        *share,
                    )
                    .count(
                        &format!("station{station}.in_system"),
                        &format!("mean at station {station}"),
                        *number,
                    );
            }
            Ok(answers)
        },
    },
    Form {
        name: "closed",
        about: "M/M/c//N: users that think exponentially, then wait at one station of c servers",
        formula: &["a birth–death chain; a request finds the system of N − 1 users"],
        source: "Palm 1943; Sevcik & Mitrani 1981",
        arguments: &[
            must("users", Kind::Count(1, 200), "users N"),
            must("servers", Kind::Count(1, 200), "servers c"),
            must("think", Kind::Time, "mean think time"),
            must("service", Kind::Time, "mean service"),
            T,
            may("n", Kind::Count(0, 200), "also P(n at the servers)"),
        ],
        example: "--users 10 --servers 1 --think 900ms --service 100ms --t 500ms --n 2",
        solve: |given| {
            let (users, servers) = (given.count("users"), given.count("servers"));
            let (think, service) = (given.number("think"), given.number("service"));
            short(given.maybe("t"), service, 10_000.0, "--service")?;
            let found = mva::finite_source(users, servers, think, service);
            let answers = given
                .answers()
                .rate("throughput", "throughput", found.throughput)
                .share("utilisation", "utilisation ρ", found.utilisation)
                .share("wait.prob", "P(a request waits)", found.prob_wait())
                .time("response.mean", "mean response", found.response_mean)
                .quantiles("response", "response", |p| found.response_quantile(p))
                .tail("response.tail", "response", given.maybe("t"), |t| found.response_tail(t))
                .count("in_system.mean", "mean at the servers", found.in_system_mean);
            Ok(match given.maybe("n") {
                None => answers,
                Some(n) => {
                    let found = found.in_system_pmf.get(n as usize).copied().unwrap_or(0.0);
                    answers.share("in_system.pmf", &format!("P({n} at the servers)"), found)
                }
            })
        },
    },
];

fn open_network(given: &Given) -> Result<Answers, Vec<String>> {
    let (external, routing) = (given.list("external"), given.rows("routing"));
    let (mus, servers) = (given.list("mus"), given.list("servers"));
    let size = external.len();
    let mut wrong = Vec::new();
    let counted = [("routing", routing.len()), ("mus", mus.len()), ("servers", servers.len())];
    for (name, count) in counted.into_iter().filter(|(_, count)| *count != size) {
        wrong.push(format!("--{name} is about {count} stations, --external about {size}"));
    }
    for (k, row) in routing.iter().enumerate() {
        let sum: f64 = row.iter().sum();
        if row.len() != size {
            wrong.push(format!("--routing: row {} has {} entries, not {size}", k + 1, row.len()));
        } else if sum > 1.0 + 1e-12 {
            wrong.push(format!("--routing: row {} sums to {sum}, over 1", k + 1));
        }
    }
    if external.iter().all(|rate| *rate == 0.0) {
        wrong.push("--external: nothing arrives; give one station a rate above zero".to_owned());
    }
    if wrong.is_empty() && !leads_out(routing) {
        wrong.push(
            "--routing: nothing leaves the network from some station; let a row sum to \
                    less than 1"
                .to_owned(),
        );
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let traffic = jackson::traffic(external, routing);
    for (k, (rate, (mu, servers))) in traffic.iter().zip(mus.iter().zip(servers)).enumerate() {
        let what = format!("cμ at station {}", k + 1);
        wrong.extend(
            stable(*rate, mu * servers, &what, "--mus or --servers").err().into_iter().flatten(),
        );
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let station = |(&mu, &servers): (&f64, &f64)| jackson::Station { mu, servers: servers as u32 };
    let stations: Vec<jackson::Station> = mus.iter().zip(servers).map(station).collect();
    let found = jackson::solve(external, routing, &stations);
    let mut answers = given
        .answers()
        .time("sojourn.mean", "mean time from entering to leaving", found.sojourn_mean)
        .count("in_network.mean", "mean in the network", found.in_network_mean);
    for (k, (rate, number)) in found.throughput.iter().zip(&found.in_system_mean).enumerate() {
        let station = k + 1;
        answers = answers
            .rate(
                &format!("station{station}.throughput"),
                &format!("throughput of station {station}"),
                *rate,
            )
            .count(
                &format!("station{station}.in_system"),
                &format!("mean at station {station}"),
                *number,
            );
    }
    Ok(answers)
}

/// Whether from every station some way leads out.
fn leads_out(routing: &[Vec<f64>]) -> bool {
    let mut out: Vec<bool> =
        routing.iter().map(|row| row.iter().sum::<f64>() < 1.0 - 1e-9).collect();
    for _ in 0..routing.len() {
        for (k, row) in routing.iter().enumerate() {
            if row.iter().zip(out.clone()).any(|(p, is_out)| *p > 0.0 && is_out) {
                out[k] = true;
            }
        }
    }
    out.into_iter().all(|is_out| is_out)
}
