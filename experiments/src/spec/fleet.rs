//! How callers see the replicas of a service, as written.

use super::fields::{Fields, Names, Variant, choice};
use super::lives;
use super::problem::{Cx, Problem};
use super::tree::Node;
use super::values;
use brownout_core::Span;
use brownout_policies::balance::{self, BalanceConfig, Rule};
use brownout_policies::outlier::{self, OutlierConfig};
use brownout_policies::settings::{Choice, Dialect};
use brownout_policies::stack::read::settings;
use brownout_topologies::fleet::{At, Balance, Fleet, HealthCheck, Key, Zones};
use std::sync::LazyLock;

/// What can be written of a balancer besides its settings.
const BESIDES: &[&str] = &["at", "key", "zones"];

/// The rules by name, each with its defaults.
fn rules() -> impl Iterator<Item = &'static Dialect<BalanceConfig>> {
    balance::DIALECTS.iter().filter(|dialect| dialect.name != "Ours")
}

static KNOWN: LazyLock<Vec<&str>> = LazyLock::new(|| settings::names(balance::DIALECTS, BESIDES));
static RULES: LazyLock<Vec<&str>> =
    LazyLock::new(|| rules().map(|dialect| dialect.name).chain(["Balance"]).collect());
/// What can be written of each rule.
static OWN: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| {
    let own = |dialect: &Dialect<BalanceConfig>| {
        let names = settings::names(std::slice::from_ref(dialect), BESIDES);
        names.into_iter().filter(|name| *name != "like").collect()
    };
    balance::DIALECTS.iter().map(own).collect()
});
static OUTLIERS: LazyLock<Vec<&str>> = LazyLock::new(|| settings::names(outlier::DIALECTS, &[]));

/// The ways to balance there are.
pub(crate) fn kinds() -> Names {
    Names { what: "a way to balance", known: &RULES, later: &["Subset"] }
}

/// How callers see a service's replicas, by the fields of the service.
pub(crate) fn fleet(fields: &Fields<'_>, replicas: u32, cx: &mut Cx) -> Fleet {
    let usual = Fleet::default();
    let weights = |node: &Node, cx: &mut Cx| weights(node, replicas, cx);
    Fleet {
        balance: fields.with("balance", cx, balance).unwrap_or(usual.balance),
        weights: fields.with("weights", cx, weights).unwrap_or_default(),
        outliers: fields.with("outliers", cx, outliers),
        health: fields.with("health", cx, health),
        restart: fields.with("restart", cx, lives::restart),
        ..usual
    }
}

/// `TwoChoices`, `LeastRequest(choices: 3, at: Proxy)` or `Balance(like: PeakEwma)`.
pub(crate) fn balance(node: &Node, cx: &mut Cx) -> Option<Balance> {
    let variant = Variant::read(node, kinds(), cx)?;
    let named = balance::DIALECTS.iter().position(|dialect| dialect.name == variant.name);
    let (dialects, names) = match named {
        None => (balance::DIALECTS, Names::new("Balance", &KNOWN)),
        Some(at) => (&balance::DIALECTS[at..=at], Names::new(balance::DIALECTS[at].name, &OWN[at])),
    };
    let (config, fields) = settings::read(&variant, names, dialects, BESIDES, cx)?;
    let config = config?;
    let at = match fields.get("at") {
        None => Some(At::Caller),
        Some(node) => {
            let names = Names::new("who keeps count of replicas", At::Caller.names());
            choice(node, names, &[At::Caller, At::Proxy, At::Pinned], cx)
        }
    };
    let key = match fields.get("key") {
        None => Some(Key::Call),
        Some(node) => {
            let hashes = matches!(config.rule, Rule::RingHash(_) | Rule::Maglev(_));
            if !hashes {
                let message = format!("`{}` has no key", variant.name);
                cx.push(
                    Problem::error(node.place, message)
                        .label("only RingHash and Maglev go by one")
                        .help("leave `key` out"),
                );
                return None;
            }
            let names = Names::new("what a key is made of", Key::Call.names());
            choice(node, names, &[Key::Call, Key::Caller], cx)
        }
    };
    let zones = match fields.get("zones") {
        None => Some(Zones::Alike),
        Some(node) => {
            let names = Names::new("what zones are to a balancer", Zones::Alike.names());
            choice(node, names, &[Zones::Alike, Zones::PreferOwn], cx)
        }
    };
    let (at, zones) = (at?, zones?);
    if let (At::Proxy, Zones::PreferOwn, Some(node)) = (at, zones, fields.get("zones")) {
        cx.push(
            Problem::error(node.place, "one proxy for all callers is in no zone")
                .label("only who is in a zone can prefer it")
                .help("leave `at: Proxy` out"),
        );
        return None;
    }
    Some(Balance { config, at, key: key?, zones })
}

/// `(in_a_row: 3)`, `(like: Envoy)`: when replicas are set aside.
fn outliers(node: &Node, cx: &mut Cx) -> Option<OutlierConfig> {
    let names = Names::new("outliers", &OUTLIERS);
    let fields = Fields::read(node, names, cx)?;
    settings::read_fields(&fields, node.place, names, outlier::DIALECTS, &[], cx)
}

/// `(every: "10s", timeout: "1s", fall: 3, rise: 1)`, which are the defaults.
fn health(node: &Node, cx: &mut Cx) -> Option<HealthCheck> {
    const NAMES: Names =
        Names { what: "health", known: &["every", "timeout", "fall", "rise"], later: &["deep"] };
    let fields = Fields::read(node, NAMES, cx)?;
    let before = cx.count();
    let span = |key, default, cx: &mut Cx| match fields.get(key) {
        None => Some(Span::from_millis(default)),
        Some(node) => values::span_above_zero(node, cx),
    };
    let count = |key, default, cx: &mut Cx| match fields.get(key) {
        None => Some(default),
        Some(node) => values::count32(node, 1..=1_000, cx),
    };
    let (every, timeout) = (span("every", 10_000, cx), span("timeout", 1_000, cx));
    let (fall, rise) = (count("fall", 3, cx), count("rise", 1, cx));
    let check = HealthCheck { every: every?, timeout: timeout?, fall: fall?, rise: rise? };
    if check.timeout >= check.every {
        let place = fields.get("timeout").or(fields.get("every")).map_or(node.place, |n| n.place);
        let (timeout, every) = (check.timeout, check.every);
        let message = format!("a probe may take {timeout}, and the next one goes after {every}");
        cx.push(Problem::error(place, message).label(format!("expected less than {every}")));
    }
    (cx.count() == before).then_some(check)
}

/// What each replica's share is in proportion to: one number for each.
fn weights(node: &Node, replicas: u32, cx: &mut Cx) -> Option<Vec<u32>> {
    const HEAVIEST: u32 = 1_000_000;
    let items = values::list(node, "weights", cx)?;
    let read = items.iter().map(|item| values::count32(item, 1..=HEAVIEST, cx));
    let weights: Option<Vec<u32>> = read.collect::<Vec<_>>().into_iter().collect();
    if items.len() != replicas as usize {
        let message = format!("{} weights for {replicas} replicas", items.len());
        cx.push(Problem::error(node.place, message).label("expected one for each"));
        return None;
    }
    weights
}
