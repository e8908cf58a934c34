//! The semantics in force, in words: everything that a reader of results must know.

use super::once;
use super::words;
use brownout_core::Span;
use brownout_policies::retry::Retry;
use brownout_policies::stack::Layer;
use brownout_topologies::fault::{Fault, FaultKind, Harm, When};
use brownout_topologies::graph::{
    CancelInService, CancelQueued, Deadlines, Discipline, ExpiredInService, FullQueue, Graph,
    LateAnswers, Load, Service, Serving, Site, WhileCalling,
};

/// Every switch and default of a graph: (key, what it means). Keys are stable; they are the keys
/// of `semantics` in the JSON output.
pub fn semantics(graph: &Graph) -> Vec<(String, String)> {
    let line = |key: &str, value: String| (key.to_owned(), value);
    let services = &graph.services;
    let rule = graph.verdict;
    let percent = |share: f64| format!("{} %", (share * 1e4).round() / 1e2);
    let mut lines = vec![
        line("late_answers", late_answers(graph.semantics.late_answers).to_owned()),
        line("served_next", by_service(services, |one| served_next(one.entrance.discipline))),
        line("serving", by_service(services, |one| serving(&one.serving))),
        line("full_queue", by_service(services, |one| full_queue(one.full_queue))),
        line("expired_work", by_service(services, |one| expired_work(one.drop_expired))),
        line("expired_in_service", by_service(services, |one| expired(one.expired_in_service))),
        line("deadlines", by_service(services, |one| told(one.deadlines))),
        line("while_calling", by_service(services, |one| while_calling(one.while_calling))),
        line("abandoned_while_waiting", by_service(services, |one| queued(one.cancel_queued))),
        line("abandoned_in_service", by_service(services, |one| served(one.cancel_in_service))),
        line("balance", balances(graph)),
        line("retry_budgets", budgets(graph)),
        line("retry_deadlines", deadlines(graph)),
        line(
            "failed_calls",
            "a failed call fails the request at once and skips its other calls".to_owned(),
        ),
        line("latency", "counted from the intended arrival, of requests that succeed".to_owned()),
        line(
            "warmup",
            match graph.warmup.is_zero() {
                true => "none: everything counts from 0s".to_owned(),
                false => format!("metrics without a window leave out the first {}", graph.warmup),
            },
        ),
        line(
            "tipped",
            format!(
                "goodput per {} under {} of offered, during a trigger or within {} after it",
                rule.window,
                percent(rule.tipped_below),
                rule.after
            ),
        ),
        line(
            "recovered",
            format!(
                "from when on goodput per {} stays at {} of offered or more for {}",
                rule.window,
                percent(rule.recovered_from),
                rule.hold
            ),
        ),
    ];
    lines.extend(of_users(graph).map(|(key, value)| line(key, value.to_owned())));
    lines.extend(watching(graph));
    if graph.has_stores() {
        let words = "a step takes no time and nobody comes in between; keys are drawn by the user's \
                     call, so its retries and every service behind it are about the same";
        lines.push(line("stores", words.to_owned()));
    }
    lines.extend(once::lines(graph));
    if !graph.monitors.is_empty() {
        let words = "see what ended since the last scrape, whenever it began, and nothing of what is \
                     still open; without data they are silent";
        lines.push(line("monitors", words.to_owned()));
    }
    lines.extend(of_faults(graph).map(|(key, value)| line(key, value.to_owned())));
    lines
}

/// What is only said where a fault needs it.
fn of_faults(graph: &Graph) -> impl Iterator<Item = (&'static str, &'static str)> {
    let any = |is: fn(&Fault) -> bool| graph.faults.iter().any(is);
    let repeated = any(repeats).then_some((
        "repeated_faults",
        "for verdicts a fault that comes again lasts from its first occurrence to the end of its \
         last, whether or not luck lets each of them happen",
    ));
    let broken = any(breaks_workers).then_some((
        "broken_workers",
        "a free worker goes on with the work of one that breaks down; where none is, one of those \
         in service is drawn, and waits before all others of its kind or is lost; who waits for a \
         call with its worker held is spared",
    ));
    repeated.into_iter().chain(broken)
}

/// What is only said where a load has it.
fn of_users(graph: &Graph) -> impl Iterator<Item = (&'static str, &'static str)> {
    let any = |is: fn(&Load) -> bool| graph.loads.iter().any(is);
    let clients = any(|load| load.clients > 1).then_some((
        "clients",
        "each client of a load is a replica of its own to its policies and to balancers",
    ));
    let reloads = any(|load| load.conduct.reload.is_some()).then_some((
        "reloads",
        "a user who asks again makes a new request, which is offered and answered like any other",
    ));
    clients.into_iter().chain(reloads)
}

fn breaks_workers(fault: &Fault) -> bool {
    matches!(fault.harm, Harm::Replicas { kind: FaultKind::Worker { .. }, .. })
}

fn repeats(fault: &Fault) -> bool {
    match &fault.when {
        When::Planned(schedule) => schedule.every.is_some() || schedule.probability < 1.0,
        When::Random(_) => true,
    }
}

/// How callers choose: what services say, and where callers say otherwise.
fn balances(graph: &Graph) -> String {
    let services =
        graph.services.iter().map(|one| (&*one.name, words::balance(&one.fleet.balance)));
    let otherwise =
        |site: &&Site| site.balance != graph.services[site.target.index()].fleet.balance;
    let sites = graph.sites.iter().filter(otherwise);
    let sites = sites.map(|site| (&*site.name, words::balance(&site.balance)));
    grouped(services.chain(sites))
}

/// What callers do about replicas that do badly; nothing where nobody asks for it.
fn watching(graph: &Graph) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut line = |key: &str, phrase: &dyn Fn(&Service) -> Option<String>| {
        let said = |one: &Service| phrase(one).unwrap_or_else(|| "no".to_owned());
        if graph.services.iter().any(|one| phrase(one).is_some()) {
            let named = graph.services.iter().map(|one| (&*one.name, said(one)));
            lines.push((key.to_owned(), grouped(named)));
        }
    };
    line("outliers", &|one| one.fleet.outliers.map(words::outliers));
    line("health_checks", &|one| one.fleet.health.as_ref().map(words::health));
    line("restarts", &|one| one.fleet.restart.as_ref().map(words::restart));
    line("replication", &|one| one.replication.as_ref().map(words::replication));
    line("autoscaling", &|one| {
        one.fleet.autoscale.as_ref().map(|rule| words::autoscale(rule, one.replicas))
    });
    lines
}

fn late_answers(late: LateAnswers) -> &'static str {
    match late {
        LateAnswers::Discard => "an answer to an attempt that was given up is thrown away",
        LateAnswers::Accept => "an answer to an attempt that was given up still settles its call",
    }
}

fn served_next(discipline: Discipline) -> &'static str {
    match discipline {
        Discipline::Fifo => "who came first",
        Discipline::Lifo => "who came last",
        Discipline::Adaptive => "who came first, or who came last while the shedder says so",
        Discipline::Priority { preemptive: false } => {
            "the most important (0 before 1), in order of arrival; none is interrupted"
        }
        Discipline::Priority { preemptive: true } => {
            "the most important (0 before 1), at once; who is interrupted goes on later"
        }
        Discipline::EarliestDeadline => "whose caller's time is up first",
        Discipline::Fair => "the next class in turn",
        Discipline::Random => "anyone, with equal chances",
    }
}

fn serving(serving: &Serving) -> &'static str {
    match serving.sharing {
        None => "each by one worker",
        Some(_) => "all in service share the workers",
    }
}

fn full_queue(full: FullQueue) -> &'static str {
    match full {
        FullQueue::Refuse => "refuses at once",
        FullQueue::Lose => "loses the attempt silently",
        FullQueue::DropOldest => "throws out who has waited longest",
        FullQueue::DropLowest => "throws out the least important who waits, the newest first",
    }
}

fn expired_work(drops: bool) -> &'static str {
    match drops {
        true => "thrown away when its turn comes",
        false => "served like any other",
    }
}

fn expired(expired: ExpiredInService) -> &'static str {
    match expired {
        ExpiredInService::Keep => "runs on and keeps its worker",
        ExpiredInService::Stop => "stops at its deadline and frees its worker",
    }
}

fn told(deadlines: Deadlines) -> String {
    let less = |reserve: Span| match reserve.is_zero() {
        true => String::new(),
        false => format!(", less {reserve}"),
    };
    match deadlines {
        Deadlines::Ignore => "callees are told nothing of the caller's own deadline".to_owned(),
        Deadlines::Propagate { reserve } => {
            format!("callees are told what is left of the caller's own time{}", less(reserve))
        }
        Deadlines::Absolute { reserve } => format!(
            "callees are told the moment of the caller's own deadline{}, and read it off their \
             own clocks",
            less(reserve)
        ),
    }
}

fn while_calling(held: WhileCalling) -> &'static str {
    match held {
        WhileCalling::Held => "a worker is held while its call is out",
        WhileCalling::Released => "a worker is free while its call is out",
    }
}

fn queued(cancel: CancelQueued) -> &'static str {
    match cancel {
        CancelQueued::Keep => "is served when its turn comes",
        CancelQueued::Remove => "leaves the queue",
    }
}

fn served(cancel: CancelInService) -> &'static str {
    match cancel {
        CancelInService::Keep => "runs on and keeps its worker",
        CancelInService::Stop => "stops and frees its worker",
    }
}

/// One phrase if all services agree; else each phrase with its services.
fn by_service<T: Into<String>>(services: &[Service], phrase: impl Fn(&Service) -> T) -> String {
    grouped(services.iter().map(|service| (&*service.name, phrase(service).into())))
}

/// One phrase if all agree; else each phrase with its names.
fn grouped<'g>(named: impl Iterator<Item = (&'g str, String)>) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, own) in named {
        match groups.iter_mut().find(|(phrase, _)| *phrase == own) {
            Some((_, names)) => names.push(name),
            None => groups.push((own, vec![name])),
        }
    }
    match groups.as_slice() {
        [] => String::new(),
        [(phrase, _)] => phrase.clone(),
        groups => {
            let named =
                groups.iter().map(|(phrase, names)| format!("{}: {phrase}", names.join(", ")));
            named.collect::<Vec<String>>().join("; ")
        }
    }
}

fn retries(graph: &Graph) -> impl Iterator<Item = &Retry> {
    graph.stacks.iter().flat_map(|stack| &stack.layers).filter_map(|layer| match layer {
        Layer::Retry(retry) => Some(retry),
        Layer::Timeout(_)
        | Layer::Hedge(_)
        | Layer::Gate(_)
        | Layer::Fallback(_)
        | Layer::Inherited => None,
    })
}

fn budgets(graph: &Graph) -> String {
    let (all, with) =
        (retries(graph).count(), retries(graph).filter(|r| r.budget.is_some()).count());
    match (all, with) {
        (0, _) => "no retries".to_owned(),
        (_, 0) => "none: every retry is allowed".to_owned(),
        (all, with) if all == with => {
            "every retry must be paid for; a budget counts calls, per scope".to_owned()
        }
        (all, with) => format!("{with} of {all} retry policies have one"),
    }
}

fn deadlines(graph: &Graph) -> String {
    let aware = retries(graph).filter(|retry| retry.deadline_aware).count();
    match (retries(graph).count(), aware) {
        (0, _) => "no retries".to_owned(),
        (all, aware) if all == aware => {
            "a wait that would end at or after the deadline is not begun".to_owned()
        }
        (_, 0) => "a wait is begun whatever the deadline".to_owned(),
        (all, aware) => format!("{aware} of {all} retry policies mind the deadline"),
    }
}
