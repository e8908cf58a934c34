//! Policies by their settings: whose behaviour can be had with `like:`, and what it is set to.

use brownout_policies::settings::{Dialect, Settings, Value};
use brownout_policies::stack::read::{RETRIES, RetryDialect};
use brownout_policies::{
    adaptive_rate, backoff, balance, breaker, budget, bulkhead, concurrency, hedge, limiter,
    outlier, shed, throttle,
};

/// A policy that is read by its settings.
pub struct Family {
    /// What it is listed as.
    pub name: &'static str,
    /// What a file writes.
    pub written: &'static str,
    /// Whose behaviour there is; the first is what holds where `like:` is not written.
    pub dialects: Vec<Listed>,
}

/// One named system's settings.
pub struct Listed {
    /// What follows `like:`.
    pub name: &'static str,
    /// What is particular about it.
    pub about: &'static str,
    /// Names, values as a file would write them, and meanings.
    pub settings: Vec<Setting>,
}

/// One setting.
pub struct Setting {
    /// Its name in files.
    pub name: &'static str,
    /// What a file would write for it.
    pub value: String,
    /// What it means.
    pub about: &'static str,
    /// What may be written, in words.
    pub may_be: String,
    /// What the schema says of it.
    pub schema: String,
}

/// Every policy that is read by its settings.
pub fn families() -> Vec<Family> {
    vec![
        family("breaker", "Breaker", breaker::DIALECTS),
        family("ratelimit", "RateLimit", limiter::DIALECTS),
        family("adaptiverate", "AdaptiveRate", adaptive_rate::DIALECTS),
        family("concurrency", "Concurrency", concurrency::DIALECTS),
        family("bulkhead", "Bulkhead", bulkhead::DIALECTS),
        family("throttle", "Throttle", throttle::DIALECTS),
        family("shed", "Shed", shed::DIALECTS),
        family("hedge", "Hedge", hedge::DIALECTS),
        family("budget", "Budget", budget::DIALECTS),
        family("backoff", "Backoff", backoff::DIALECTS),
        family("balance", "Balance", balance::DIALECTS),
        family("outliers", "outliers: ", outlier::DIALECTS),
    ]
}

/// Retries, which are read by the text they stand for; the first is what holds without `like:`.
pub fn retries() -> Family {
    const ABOUT: &[(&str, &str)] = &[
        ("times", "retries after the first attempt"),
        ("wait", "how long before each"),
        ("budget", "what pays for them"),
        ("on", "which failures are tried again"),
        ("hint", "what a server's wish does"),
    ];
    let listed = |dialect: &RetryDialect| {
        let setting = |(name, value): &(&'static str, &str)| {
            let about = ABOUT.iter().find(|(known, _)| known == name);
            Setting {
                name,
                value: (*value).to_owned(),
                about: about.map_or("", |(_, about)| about),
                may_be: String::new(),
                schema: String::new(),
            }
        };
        let settings = dialect.fields.iter().map(setting).collect();
        Listed { name: dialect.name, about: dialect.about, settings }
    };
    Family { name: "retry", written: "Retry", dialects: RETRIES.iter().map(listed).collect() }
}

/// What a server has: gates at its door, and queues that shed.
pub fn on_the_server() -> Vec<Family> {
    vec![
        family("door", "RateLimit", limiter::DIALECTS),
        family("door", "Concurrency", concurrency::DIALECTS),
        family("door", "Bulkhead", bulkhead::DIALECTS),
        family("door", "Throttle", throttle::DIALECTS),
        family("shed", "Shed", shed::AT_THE_DOOR),
        family("queue", "CoDel", shed::CODELS),
        family("queue", "AdaptiveLifo", shed::CONTROLLED_DELAYS),
    ]
}

/// A policy with everything that its systems set.
pub fn family<C: Settings>(
    name: &'static str,
    written: &'static str,
    dialects: &[Dialect<C>],
) -> Family {
    let listed = |dialect: &Dialect<C>| Listed {
        name: dialect.name,
        about: dialect.about,
        settings: settings(&mut (dialect.config)()),
    };
    Family { name, written, dialects: dialects.iter().map(listed).collect() }
}

fn settings(config: &mut impl Settings) -> Vec<Setting> {
    let listed = config.settings().into_iter().map(|setting| Setting {
        name: setting.name,
        value: setting.value.to_string(),
        about: setting.about,
        may_be: may_be(&setting.value),
        schema: schema(&setting.value),
    });
    listed.collect()
}

/// What may be written for a value.
fn may_be(value: &Value<'_>) -> String {
    match value {
        Value::Span(_) => "a time".to_owned(),
        Value::SpanOrOff(_) => "a time, or `Off`".to_owned(),
        Value::Count(_) => "a whole number".to_owned(),
        Value::CountOrUnlimited(_) => "a whole number, or `Unlimited`".to_owned(),
        Value::Share(_) => "a share".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::PerSecond(_) => "a rate".to_owned(),
        Value::Spans(_) => "a list of times".to_owned(),
        Value::Flag(_) => "`true`, `false`".to_owned(),
        Value::Choice(choice) => {
            let names: Vec<String> = choice.names().iter().map(|n| format!("`{n}`")).collect();
            names.join(", ")
        }
    }
}

/// What the JSON schema says of a value.
fn schema(value: &Value<'_>) -> String {
    let or_word =
        |way: &str, word: &str| format!(r#"{{"anyOf": [{way}, {{"enum": ["{word}"]}}]}}"#);
    const TIME: &str = r##"{"$ref": "#/$defs/time"}"##;
    const COUNT: &str = r#"{"type": "integer", "minimum": 0}"#;
    match value {
        Value::Span(_) => TIME.to_owned(),
        Value::SpanOrOff(_) => or_word(TIME, "Off"),
        Value::Count(_) => COUNT.to_owned(),
        Value::CountOrUnlimited(_) => or_word(COUNT, "Unlimited"),
        Value::Share(_) => r##"{"$ref": "#/$defs/share"}"##.to_owned(),
        Value::Number(_) => r#"{"type": "number"}"#.to_owned(),
        Value::PerSecond(_) => r##"{"$ref": "#/$defs/rate"}"##.to_owned(),
        Value::Spans(_) => format!(r#"{{"type": "array", "items": {TIME}}}"#),
        Value::Flag(_) => r#"{"type": "boolean"}"#.to_owned(),
        Value::Choice(choice) => {
            let names: Vec<String> = choice.names().iter().map(|n| format!("\"{n}\"")).collect();
            format!(r#"{{"enum": [{}]}}"#, names.join(", "))
        }
    }
}
