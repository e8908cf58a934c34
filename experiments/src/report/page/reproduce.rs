//! How to get the same again: the manifest, and the command behind each number.

use super::PageError;
use super::text::{escape, table};
use crate::report::json::{Cursor, Json};
use crate::report::stored::Stored;

pub(super) fn body(stored: &Stored) -> Result<String, PageError> {
    let manifest = Cursor::new(&stored.manifest);
    let command = manifest.get("command").text()?;
    let fact =
        |name: &str, value: &str| vec![name.to_owned(), format!("<code>{}</code>", escape(value))];
    let mut facts = vec![
        fact("experiment", manifest.get("file").text()?),
        fact("its hash (BLAKE3)", manifest.get("file_hash").text()?),
        fact("brownout", manifest.get("versions").get("brownout").text()?),
        fact("seed", &manifest.get("seed").whole()?.to_string()),
        fact("runs", &manifest.get("runs").whole()?.to_string()),
    ];
    for (name, hash) in manifest.get("files").fields()? {
        if let Json::Text(hash) = hash {
            facts.push(fact(&format!("read with it: {}", escape(name)), hash));
        }
    }
    let head = ["".to_owned(), "Value".to_owned()];
    Ok(format!(
        "<p>This line makes the same files again, to the bit, on any machine:</p>\n\
         <pre><code>{}</code></pre>\n{}{}{}",
        escape(command),
        table("Manifest.", &head, &facts),
        runs(stored, command)?,
        numbers(stored, command)?
    ))
}

/// Each run by its id, with its digest.
fn runs(stored: &Stored, command: &str) -> Result<String, PageError> {
    let variants = Cursor::new(&stored.manifest).get("variants").items()?;
    let mut rows = Vec::new();
    for variant in &variants {
        let name = variant.get("name").text()?;
        for (seed, digest) in variant.get("replications").fields()? {
            let Json::Text(digest) = digest else { continue };
            let line = format!("{} --seed {}", alone(command, name), quoted(seed));
            rows.push(vec![
                format!("{} {}", escape(name), escape(seed)),
                format!("<code>{}</code>", escape(digest)),
                format!("<code>{}</code>", escape(&line)),
            ]);
        }
    }
    let head = ["Run".to_owned(), "Digest".to_owned(), "Alone".to_owned()];
    let rows = table("Equal digests: exactly the same things happened.", &head, &rows);
    Ok(format!("<details><summary>Every run and its digest</summary>\n{rows}</details>\n"))
}

/// Each number: the command that prints it, and where it then stands.
fn numbers(stored: &Stored, command: &str) -> Result<String, PageError> {
    let variants = Cursor::new(&stored.summary).get("variants").items()?;
    let mut rows = Vec::new();
    for (place, variant) in variants.iter().enumerate() {
        let name = variant.get("name").text()?;
        for (key, value) in [("metrics", "mean"), ("measure", "mean"), ("expect", "value")] {
            for (number, row) in variant.get(key).items()?.iter().enumerate() {
                rows.push(vec![
                    format!("<code>{}</code> on {}", escape(row.get("text").text()?), escape(name)),
                    format!("<code>variants[{place}].{key}[{number}].{value}</code>"),
                ]);
            }
        }
    }
    let head = ["Number".to_owned(), "Where it stands in the document".to_owned()];
    let line = format!("{command} --format json");
    let rows = table("", &head, &rows);
    Ok(format!(
        "<details><summary>The command behind each number</summary>\n\
         <p><code>{}</code> prints one document with all of them, unrounded:</p>\n{rows}</details>\n",
        escape(&line)
    ))
}

/// The command for one variant alone.
fn alone(command: &str, variant: &str) -> String {
    // `--runs` and `--seed` of the whole would contradict those of one run.
    let mut words = Vec::new();
    let mut parts = command.split(' ');
    while let Some(word) = parts.next() {
        match word {
            "--runs" | "--seed" => drop(parts.next()),
            word => words.push(word),
        }
    }
    let command = words.join(" ");
    match variant == "base" || command.contains(" --variant ") {
        true => command,
        false => format!("{command} --variant {}", quoted(variant)),
    }
}

pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::alone;

    #[test]
    fn one_run_alone_takes_no_number_of_runs_from_the_whole() {
        let whole = "brownout run a.ron --runs 5 --set services.db.workers=9";
        let line = "brownout run a.ron --set services.db.workers=9 --variant 'no retries'";
        assert_eq!(alone(whole, "no retries"), line);
        assert_eq!(alone("brownout run a.ron --seed 9", "base"), "brownout run a.ron");
    }
}
