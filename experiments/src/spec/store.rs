//! What a service keeps, and the steps at it, as written.

use super::fields::{Fields, Names, Variant, choice, names_map};
use super::fleet::balance;
use super::policy::with;
use super::problem::{Cx, Problem};
use super::script::{CallSpec, StepSpec};
use super::tree::{Kind, Node};
use super::values;
use brownout_policies::limiter::{Algorithm, LimiterConfig};
use brownout_policies::stack::GateRule;
use brownout_policies::stack::read::gate_at_the_door;
use brownout_topologies::graph::{
    Act, Behind, Cache, Full, KeyUse, Keys, LimitClock, Limits, Memory, OnError, Store, StoreKind,
};

/// The stores there are.
pub(crate) const STORES: Names = Names {
    what: "a store",
    known: &["Rows", "Cache", "Limits"],
    later: &["Log", "Queue", "Leases"],
};

/// Most stores of one service.
const STORES_MAX: usize = 100;
/// Most moments that all logs of a store remember.
const MOMENTS_MAX: u64 = 10_000_000;
/// The steepest popularity: beyond, all but the first key are never asked for.
const EXPONENT_MAX: f64 = 10.0;

/// A store as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoreSpec {
    pub(crate) name: String,
    /// Nothing where it is wrong: steps at it still resolve.
    pub(crate) store: Option<(Keys, StoreKind)>,
}

impl StoreSpec {
    /// The store, or one in its place.
    pub(crate) fn store(&self) -> Store {
        let (keys, kind) = self.store.unwrap_or((Keys::ONE, StoreKind::Rows));
        Store { name: self.name.clone(), keys, kind }
    }
}

/// The stores of a service, in order of name.
pub(super) fn stores(node: &Node, cx: &mut Cx) -> Vec<StoreSpec> {
    let entries = names_map(node, "store", "{\"accounts\": Rows(keys: 1000)}", cx);
    if entries.len() > STORES_MAX {
        let message = format!("{} stores", entries.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {STORES_MAX}")));
        return Vec::new();
    }
    let mut stores = Vec::with_capacity(entries.len());
    for entry in entries {
        let name = entry.key.text.clone();
        if values::check_name(&name, entry.key.place, "store", cx) {
            stores.push(StoreSpec { name, store: store(&entry.value, cx) });
        }
    }
    stores.sort_by(|a: &StoreSpec, b| a.name.cmp(&b.name));
    stores
}

fn store(node: &Node, cx: &mut Cx) -> Option<(Keys, StoreKind)> {
    let variant = Variant::read(node, STORES, cx)?;
    if variant.name == "Limits" {
        let names = Names::new("Limits", &["limit", "keys", "clock", "memory", "leak"]);
        let fields = variant.fields(names, &["limit"], cx)?;
        let (keys, limits) = (keys(&fields, cx), limits(&fields, cx));
        let (keys, limits) = (keys?, limits?);
        let moments = u64::from(keys.number) * u64::from(limits.config.permits);
        if limits.config.algorithm == Algorithm::SlidingLog && moments > MOMENTS_MAX {
            cx.push(
                Problem::error(variant.whole, format!("logs of {moments} moments in all"))
                    .label(format!("expected at most {MOMENTS_MAX}, permits times keys"))
                    .help("a log remembers every moment; other algorithms need a few words a key"),
            );
            return None;
        }
        return Some((keys, StoreKind::Limits(limits)));
    }
    if variant.name == "Cache" {
        return cache(&variant, cx);
    }
    let fields = variant.fields(Names::new("Rows", &["keys"]), &["keys"], cx)?;
    Some((keys(&fields, cx)?, StoreKind::Rows))
}

/// `Cache(keys: Zipf(n: 100000, exponent: 0.9), capacity: 10000, ttl: "60s")`.
fn cache(variant: &Variant<'_>, cx: &mut Cx) -> Option<(Keys, StoreKind)> {
    let known = &["keys", "capacity", "ttl", "soft_ttl", "jitter", "coalesce"];
    let fields = variant.fields(Names::new("Cache", known), &["keys"], cx)?;
    let keys = keys(&fields, cx);
    let capacity = |node: &Node, cx: &mut Cx| values::count_or_unlimited(node, 1..=Keys::MOST, cx);
    let capacity = fields.with("capacity", cx, capacity).flatten().unwrap_or(Keys::MOST);
    let ttl = fields.with("ttl", cx, values::span_above_zero);
    let soft_ttl = fields.with("soft_ttl", cx, values::span_above_zero);
    let jitter = match fields.get("jitter") {
        None => Some(0.0),
        Some(node) => {
            let share = values::share(node, cx);
            if share == Some(1.0) { values::wrong(node, "a share below 100 %", cx) } else { share }
        }
    };
    if let (Some(soft), Some(hard), Some(node)) = (soft_ttl, ttl, fields.get("soft_ttl"))
        && soft >= hard
    {
        cx.push(
            Problem::error(node.place, format!("an entry is stale at {soft} and dead at {hard}"))
                .label("expected less than `ttl`")
                .help("what is dead cannot be served stale"),
        );
        return None;
    }
    let coalesce = fields.with("coalesce", cx, values::flag).unwrap_or(false);
    let cache = Cache { capacity, ttl, soft_ttl, jitter: jitter?, coalesce };
    Some((keys?, StoreKind::Cache(cache)))
}

/// `limit: RateLimit(permits: 100, per: "1s"), clock: Callers(behind: Restart)`.
fn limits(fields: &Fields<'_>, cx: &mut Cx) -> Option<Limits> {
    let example = "RateLimit(permits: 100, per: \"1s\")";
    let node = fields.need("limit", example, cx)?;
    let config = limit(node, cx);
    let clock = fields.with("clock", cx, clock).unwrap_or(LimitClock::Own);
    let config = config?;
    let is_bucket = matches!(config.algorithm, Algorithm::Gcra | Algorithm::TokenBucket);
    let goes_back = match clock {
        LimitClock::Own | LimitClock::Callers(Behind::Wait) => false,
        LimitClock::Callers(Behind::Subtract | Behind::Restart) => true,
    };
    if goes_back && !is_bucket {
        let place = fields.get("clock").map_or(node.place, |clock| clock.place);
        cx.push(
            Problem::error(place, "only a token bucket goes back in time")
                .label("its script keeps how full it was, and when")
                .help("write behind: Wait, or a RateLimit without `like` and `algorithm`"),
        );
        return None;
    }
    let memory = match fields.get("memory") {
        None => Some(None),
        Some(node) => memory(node, cx).map(Some),
    };
    let leak = leak(fields, &config, cx);
    Some(Limits { config, clock, memory: memory?, leak: leak? })
}

/// `memory: (keys: 10000, full: Evict)`.
fn memory(node: &Node, cx: &mut Cx) -> Option<Memory> {
    let fields = Fields::read(node, Names::new("a memory", &["keys", "full"]), cx)?;
    let keys = fields.need("keys", "10000", cx);
    let keys = keys.and_then(|node| values::count32(node, 1..=Keys::MOST, cx));
    let full = match fields.get("full") {
        None => Some(Full::Evict),
        Some(node) => {
            let names = Names::new("what is done when it is full", &["Evict", "Refuse"]);
            choice(node, names, &[Full::Evict, Full::Refuse], cx)
        }
    };
    Some(Memory { keys: keys?, full: full? })
}

/// `leak: "0.1%"`: INCR without EXPIRE.
fn leak(fields: &Fields<'_>, config: &LimiterConfig, cx: &mut Cx) -> Option<f64> {
    let Some(node) = fields.get("leak") else { return Some(0.0) };
    let share = values::share(node, cx)?;
    if share > 0.0 && config.algorithm != Algorithm::AnchoredWindow {
        cx.push(
            Problem::error(node.place, "only a window that a call opens can stay open")
                .label("INCR and EXPIRE make such a window; this limit counts otherwise")
                .help("write limit: RateLimit(algorithm: AnchoredWindow, …), or leave `leak` out"),
        );
        return None;
    }
    Some(share)
}

/// A rate limit that never lets anybody wait.
fn limit(node: &Node, cx: &mut Cx) -> Option<LimiterConfig> {
    let variant = Variant::read(node, Names::new("a limit", &["RateLimit"]), cx)?;
    let GateRule::Limiter(config) = gate_at_the_door(&variant, cx)? else {
        unreachable!("a rate limit is a limiter")
    };
    if !config.longest_wait.is_zero() {
        let place = variant.key_place("longest_wait").unwrap_or(variant.whole);
        cx.push(
            Problem::error(place, "nobody waits for this limit")
                .label("it says yes or no, and when to come back")
                .help("leave `longest_wait` out, and `like` of kinds that wait"),
        );
        return None;
    }
    Some(config)
}

/// `Own`, `Callers` or `Callers(behind: Subtract)`.
fn clock(node: &Node, cx: &mut Cx) -> Option<LimitClock> {
    let variant = Variant::read(node, Names::new("a clock", &["Own", "Callers"]), cx)?;
    if variant.name == "Own" {
        variant.expect_unit(cx);
        return Some(LimitClock::Own);
    }
    let fields = variant.fields(Names::new("Callers", &["behind"]), &["behind"], cx)?;
    let behind = |node: &Node, cx: &mut Cx| {
        let names = Names::new(
            "what a limit does that is told an earlier moment than before",
            &["Subtract", "Restart", "Wait"],
        );
        choice(node, names, &[Behind::Subtract, Behind::Restart, Behind::Wait], cx)
    };
    Some(LimitClock::Callers(fields.with("behind", cx, behind).unwrap_or(Behind::Wait)))
}

/// `Limit(by: "shard.admit", with: "client", on_error: FailOpen)`: asks a limit that another
/// service keeps.
pub(super) fn limit_step(variant: &Variant<'_>, cx: &mut Cx) -> Option<StepSpec> {
    let names = Names::new("Limit", &["by", "with", "balance", "on_error"]);
    let fields = variant.fields(names, &["by"], cx)?;
    let to = fields.need("by", "\"shard.admit\"", cx);
    let to = to.and_then(|node| values::reference(node, cx));
    let with = with(fields.get("with"), cx);
    let balance = fields.with("balance", cx, balance);
    let on_error = match fields.get("on_error") {
        None => Some(OnError::FailClosed),
        Some(node) => on_error(node, cx),
    };
    let key = KeyUse::None;
    let call = CallSpec { to: to?, with, balance, key };
    Some(StepSpec::Limit { call, on_error: on_error? })
}

/// `FailClosed`, `FailOpen` or `Local(RateLimit(permits: 25, per: "1s"))`.
fn on_error(node: &Node, cx: &mut Cx) -> Option<OnError> {
    let names = Names::new("what is done without an answer", &["FailClosed", "FailOpen", "Local"]);
    let variant = Variant::read(node, names, cx)?;
    if variant.name == "Local" {
        let fields = variant.fields(Names::new("Local", &["limit"]), &["limit"], cx)?;
        let node = fields.need("limit", "RateLimit(permits: 25, per: \"1s\")", cx)?;
        return limit(node, cx).map(OnError::Local);
    }
    variant.expect_unit(cx);
    Some(if variant.name == "FailOpen" { OnError::FailOpen } else { OnError::FailClosed })
}

/// `keys: 1000`, all alike, or `keys: Zipf(n: 1000, exponent: 1.1)`; one key where none is written.
fn keys(fields: &Fields<'_>, cx: &mut Cx) -> Option<Keys> {
    const KINDS: Names = Names::new("how often each key is asked for", &["Uniform", "Zipf"]);
    let number = |node: &Node, cx: &mut Cx| values::count32(node, 1..=Keys::MOST, cx);
    let Some(node) = fields.get("keys") else { return Some(Keys::ONE) };
    if let Kind::Number(_) = node.kind {
        return number(node, cx).map(|number| Keys { number, exponent: 0.0 });
    }
    let variant = Variant::read(node, KINDS, cx)?;
    if variant.name == "Uniform" {
        let fields = variant.fields(Names::new("Uniform", &["n"]), &["n"], cx)?;
        let node = fields.need("n", "1000", cx)?;
        return number(node, cx).map(|number| Keys { number, exponent: 0.0 });
    }
    let fields = variant.fields(Names::new("Zipf", &["n", "exponent"]), &[], cx)?;
    let number = fields.need("n", "1000", cx).and_then(|node| number(node, cx));
    let exponent = fields.need("exponent", "1.1", cx).and_then(|node| {
        let expected = "from 0, all alike, to 10";
        values::number(node, expected, |value| (0.0..=EXPONENT_MAX).contains(&value), cx)
    });
    Some(Keys { number: number?, exponent: exponent? })
}

/// What most steps at stores say.
const STORE: &[&str] = &["store"];

/// A step at a store: `Read("row")`, `Write(store: "row", when: Unchanged)`, `Lock("row")`.
pub(super) fn step(variant: &Variant<'_>, cx: &mut Cx) -> Option<StepSpec> {
    let names = match variant.name {
        "Read" => Names::new("Read", STORE),
        "Write" => Names::new("Write", &["store", "when"]),
        "Lock" => Names::new("Lock", STORE),
        "Admit" => Names::new("Admit", STORE),
        "Put" => Names::new("Put", STORE),
        _ => Names::new("Unlock", STORE),
    };
    let fields = variant.fields(names, STORE, cx)?;
    let store = fields.need("store", "\"row\"", cx).and_then(|node| values::reference(node, cx));
    let act = match variant.name {
        "Read" => Act::Read,
        "Write" => Act::Write { unchanged: fields.with("when", cx, when).unwrap_or(false) },
        "Lock" => Act::Lock,
        "Admit" => Act::Admit,
        "Put" => Act::Put,
        _ => Act::Unlock,
    };
    Some(StepSpec::At { store: store?, act })
}

/// When a write is made: whether only if nobody has written since it was read.
fn when(node: &Node, cx: &mut Cx) -> Option<bool> {
    let names = Names::new("when a row is written", &["Always", "Unchanged"]);
    choice(node, names, &[false, true], cx)
}
