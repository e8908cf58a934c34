//! Group f of the oracle: limiters at a door, against the queues that they are.

use crate::harness::{Score, is, is_rest, list};
use crate::queues::queue;
use brownout_core::{Span, Time};
use brownout_policies::shed::{Shed, ShedConfig};

/// A service that takes no time worth speaking of, behind this limit.
fn behind(limit: &str) -> String {
    format!("workers: Unlimited, work: Const(\"1ns\"), admission: [RateLimit({limit})]")
}

fn poisson(rate: &str) -> String {
    format!("Poisson(to: \"q\", rate: \"{rate}\")")
}

/// What a bucket lacks is the work of an M/D/1 queue: it drops as that one blocks, and those who
/// may wait for a token wait as in that one, less what the bucket holds.
#[test]
fn a_token_bucket_is_a_queue_with_constant_service() {
    let mut score = Score::default();
    for (id, rate, burst) in [("F02", "0.9/s", 5), ("F04", "0.5/s", 1)] {
        let checks = [is_rest("prob_drop", "availability(q)"), is("admitted_rate", "goodput(q)")];
        for like in ["Ours", "Go"] {
            let limit = format!(
                "like: {like}, permits: 1, per: \"1s\", burst: {burst}, longest_wait: \"0s\""
            );
            score.case(id, &queue(&poisson(rate), &behind(&limit), 40_000, 40), &checks);
        }
    }
    let waits = behind("permits: 1, per: \"1s\", burst: 4, longest_wait: \"1000h\"");
    let checks = [is("prob_delayed", "P(wait(q) > 0s)"), is("mean_delay", "wait.mean(q)")];
    score.case("F06", &queue(&poisson("0.8/s"), &waits, 80_000, 40), &checks);
    score.finish();
}

#[test]
fn a_fixed_window_drops_what_of_a_poisson_number_is_above_its_limit() {
    let mut score = Score::default();
    for (name, rate, permits) in [
        ("drop_fraction_L100_mean90", "90/s", 100),
        ("drop_fraction_L100_mean110", "110/s", 100),
        ("drop_fraction_L10_mean8", "8/s", 10),
    ] {
        let limit = behind(&format!("like: FixedWindow, permits: {permits}, per: \"1s\""));
        let checks = [is_rest(name, "availability(q)")];
        score.case("F09", &queue(&poisson(rate), &limit, 4_000, 40), &checks);
    }
    score.finish();
}

/// Each that is let in holds one of L places for a window: Erlang's loss formula.
#[test]
fn a_sliding_log_loses_as_erlang_says() {
    let mut score = Score::default();
    let limit = behind("like: SlidingLog, permits: 10, per: \"1s\"");
    let checks = [is_rest("prob_drop", "availability(q)"), is("admitted_per_window", "goodput(q)")];
    score.case("F10", &queue(&poisson("8/s"), &limit, 10_000, 40), &checks);
    score.finish();
}

/// The published states: when it is, and when the queue was last empty.
#[test]
fn facebooks_controlled_delay_gives_the_published_timeouts() {
    let millis = |millis: u64| Time::from_nanos(millis * 1_000_000);
    let states = [(50, 0), (99, 0), (101, 0), (150, 120), (230, 120)];
    let found = states.map(|(now, empty)| {
        let mut shed = Shed::new(ShedConfig::controlled_delay()).expect("it is sound");
        shed.emptied(millis(empty));
        let place = shed.enqueue(millis(now), 0).expect("everybody may wait");
        place.timeout.map_or(0.0, |timeout| timeout.as_secs() * 1e3)
    });
    assert_eq!(found.to_vec(), list("J15", "timeouts_for_states_t_lastEmpty"));
    let config = ShedConfig::controlled_delay();
    let own = [config.target, config.interval];
    let published = ["M_ms", "N_ms"].map(|name| Span::from_millis(list("J15", name)[0] as u64));
    assert_eq!(own, published);
}
