//! The id of a run: short, and wrong when mistyped.
//!
//! `3fc1792a:budget:42#17:services.db.workers=9:7f` is the beginning of the file's hash, the
//! variant, seed and replication, what `--set` changed, and a check over all that. What is no
//! letter, digit or one of `-_.=#/` stands as `%` and two hexadecimal digits, so an id needs no
//! quotes in a shell.

use crate::experiment::Experiment;
use brownout_core::random::Seed;
use std::fmt::Write;

/// Digits of the file's hash: enough to tell versions of one file apart.
const HASH_DIGITS: usize = 8;

/// Which run of which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId {
    /// The first digits of [`Experiment::text_hash`].
    pub hash: String,
    /// The variant's name.
    pub variant: String,
    /// Seed and replication.
    pub seed: Seed,
    /// What `--set` changed, in order: path and value.
    pub settings: Vec<(String, String)>,
}

impl RunId {
    /// The id of a run of the variant at `place`.
    pub fn of(experiment: &Experiment, place: usize, seed: Seed) -> RunId {
        RunId {
            hash: experiment.text_hash.chars().take(HASH_DIGITS).collect(),
            variant: experiment.variants[place].name.clone(),
            seed,
            settings: experiment.settings.clone(),
        }
    }

    /// Whether it may be a run of this experiment, as far as the file is concerned.
    pub fn is_of(&self, experiment: &Experiment) -> bool {
        experiment.text_hash.starts_with(&self.hash)
    }

    /// Whether a text looks like an id, rightly typed or not.
    pub fn resembles(text: &str) -> bool {
        let first = text.split(':').next().unwrap_or_default();
        text.matches(':').count() >= 3
            && first.len() == HASH_DIGITS
            && first.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// The id that a text is.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    pub fn parse(text: &str) -> Result<RunId, String> {
        let wrong = |why: &str| {
            format!(
                "\"{text}\" is no id of a run: {why}; `brownout run` prints them, such as \
                 3fc1792a:budget:42#17:7f"
            )
        };
        let (body, check) = text.rsplit_once(':').ok_or_else(|| wrong("it has no colons in it"))?;
        if check != check_of(body) {
            return Err(wrong("its last two digits do not fit the rest, so it was mistyped"));
        }
        let mut parts = body.split(':');
        let mut next = || parts.next().map(decode);
        let (Some(Some(hash)), Some(Some(variant)), Some(Some(seed))) = (next(), next(), next())
        else {
            return Err(wrong("parts are missing"));
        };
        let seed = seed_of(&seed).ok_or_else(|| wrong("its seed is none"))?;
        let mut settings = Vec::new();
        for part in parts {
            let decoded = decode(part);
            let setting = decoded.as_deref().and_then(|part| part.split_once('='));
            let (path, value) = setting.ok_or_else(|| wrong("a setting has no value"))?;
            settings.push((path.to_owned(), value.to_owned()));
        }
        Ok(RunId { hash, variant, seed, settings })
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let RunId { hash, variant, seed, settings } = self;
        let mut body = format!("{hash}:{}:{seed}", encode(variant));
        for (path, value) in settings {
            write!(body, ":{}", encode(&format!("{path}={value}")))?;
        }
        write!(f, "{body}:{}", check_of(&body))
    }
}

/// `42#17`.
fn seed_of(text: &str) -> Option<Seed> {
    let (seed, replication) = text.split_once('#')?;
    Some(Seed { seed: seed.parse().ok()?, replication: replication.parse().ok()? })
}

/// Two digits that hold the rest together: one mistake in 256 goes by unseen.
fn check_of(body: &str) -> String {
    blake3::hash(body.as_bytes()).to_hex().chars().take(2).collect()
}

fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'=' | b'/' => {
                out.push(char::from(byte));
            }
            other => write!(out, "%{other:02x}").expect("a string takes everything"),
        }
    }
    out
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> RunId {
        RunId {
            hash: "3fc1792a".to_owned(),
            variant: "no retries, größer".to_owned(),
            seed: Seed { seed: 42, replication: 17 },
            settings: vec![
                ("services.db.workers".to_owned(), "9".to_owned()),
                ("policies.client".to_owned(), "[Retry(times: 3), Timeout(\"1s\")]".to_owned()),
            ],
        }
    }

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let text = id().to_string();
        assert!(RunId::resembles(&text), "{text}");
        assert_eq!(RunId::parse(&text), Ok(id()));
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}");
        let needs_quotes = |c: char| " '\"`$&|;<>()[]{}*?!\\~".contains(c);
        assert!(!text.contains(needs_quotes) && !text.starts_with('#'), "{text}");
    }

    #[test]
    fn one_wrong_letter_anywhere_is_noticed() {
        let text = RunId { settings: Vec::new(), ..id() }.to_string();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'4' { b'5' } else { b'4' };
            let mistyped = String::from_utf8(bytes).expect("it is ASCII");
            assert!(RunId::parse(&mistyped).is_err(), "{mistyped}");
        }
    }

    #[test]
    fn a_path_is_no_id() {
        for path in ["hello.ron", "out/hello", "C:/a/b.ron", "a:b:c:d", ""] {
            assert!(!RunId::resembles(path), "{path}");
        }
    }
}
