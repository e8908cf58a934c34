//! `brownout lesson`: predict, run, compare, in a terminal or as pages.

use super::exit::{Exit, Refusal};
use super::{LessonArguments, output, selection};
use brownout::lesson::page;
use brownout::lesson::part::Part;
use brownout::lesson::run::{self, Outcome, Verdict};
use brownout::lesson::{LESSONS, Lesson, Piece, Question, chart, lesson, table, text};
use brownout::report::files;
use brownout::report::paint::Paint;
use std::io::{BufRead, IsTerminal};
use std::path::Path;

/// Where text is broken, in columns.
const WIDTH: usize = 96;

pub(super) fn lesson_command(arguments: &LessonArguments) -> anyhow::Result<Exit> {
    let jobs = selection::threads(arguments.jobs);
    let names: Vec<&str> = match (&arguments.name, arguments.all) {
        (None, false) => {
            output::print(&listed(output::paint()));
            return Ok(Exit::Held);
        }
        (Some(_), true) => {
            return Err(Refusal::usage("--all is every lesson; drop it, or the name"));
        }
        (Some(name), false) => vec![name],
        (None, true) => LESSONS.iter().map(|(name, _)| *name).collect(),
    };
    let lessons: Vec<Lesson> =
        names.into_iter().map(found).collect::<anyhow::Result<Vec<Lesson>>>()?;
    let mut held = true;
    for lesson in &lessons {
        held &= match &arguments.output {
            Some(directory) => write(lesson, jobs, directory)?,
            None => tell(lesson, jobs, arguments.answer)?,
        };
    }
    if let (Some(directory), true) = (&arguments.output, arguments.all) {
        put(directory, &[("README.md".to_owned(), page::index().into_bytes())])?;
    }
    Ok(if held { Exit::Held } else { Exit::Failed })
}

/// Every lesson, a line each.
fn listed(paint: Paint) -> String {
    let width = LESSONS.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut lines = vec![paint.strong("Lessons: predict, run, compare with the formula")];
    for (name, text) in LESSONS {
        let title = text.lines().next().unwrap_or_default().trim_start_matches("# ");
        lines.push(format!("  {name:<width$}  {title}"));
    }
    lines.push(String::new());
    lines.push("`brownout lesson NAME` asks, runs and compares; -o DIR writes a page.".to_owned());
    lines.join("\n") + "\n"
}

/// A lesson that ships, or one in a file.
fn found(name: &str) -> anyhow::Result<Lesson> {
    let own = match text(name) {
        Some(text) => lesson(name, &format!("lessons/{name}.md"), text),
        None if name.ends_with(".md") => {
            let path = Path::new(name);
            let read = std::fs::read_to_string(path)
                .map_err(|error| Refusal::invalid(format!("cannot read {name}: {error}")))?;
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            lesson(&stem, name, &read)
        }
        None => {
            let names: Vec<&str> = LESSONS.iter().map(|(name, _)| *name).collect();
            let near = brownout_policies::notation::meant(name, names.iter().copied());
            let hint = near.unwrap_or_else(|| format!("there is {}", names.join(", ")));
            return Err(Refusal::usage(format!("no lesson \"{name}\"; {hint}")));
        }
    };
    own.map_err(|problems| {
        output::eprint(&problems.render(output::paint_of_errors() == Paint::Colored));
        Refusal::invalid("nothing was run")
    })
}

fn outcome(lesson: &Lesson, part: &Part, jobs: usize) -> anyhow::Result<Outcome> {
    run::run(lesson, part, jobs).map_err(|failure| Refusal::internal(failure.to_string()))
}

fn is_held(outcome: &Outcome) -> bool {
    let points = outcome.rows.iter().flat_map(|row| &row.points);
    points.into_iter().all(|point| point.verdict != Verdict::Outside)
}

/// The lesson in a terminal; whether all points agree with their theory.
fn tell(lesson: &Lesson, jobs: usize, answer: bool) -> anyhow::Result<bool> {
    let paint = output::paint();
    let asks = !answer && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut held = true;
    let mut asked: Vec<(&Question, Option<usize>)> = Vec::new();
    output::print(&format!("{}\n", paint.strong(&lesson.title)));
    for piece in &lesson.pieces {
        match piece {
            Piece::Prose(prose) => output::print(&format!("\n{}\n", prose_lines(prose, paint))),
            Piece::Question(question) => {
                output::print(&format!("\n{}", asking(question, paint)));
                asked.push((question, if asks { chosen(question) } else { None }));
            }
            Piece::Part(part) => {
                let outcome = outcome(lesson, part, jobs)?;
                held &= is_held(&outcome);
                output::print(&shown(part, &outcome, lesson.checks(), paint));
                for (question, chosen) in asked.drain(..) {
                    output::print(&answered(question, chosen, paint));
                }
            }
        }
    }
    Ok(held)
}

/// Markdown as a terminal shows it: paragraphs broken anew, headings that stand out, code as it is.
fn prose_lines(prose: &str, paint: Paint) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut paragraph = String::new();
    let mut is_code = false;
    for line in prose.lines().chain([""]) {
        let is_plain = !is_code && !line.is_empty() && !line.starts_with(['#', '`', '-']);
        if is_plain || (!is_code && line.starts_with("- ") && paragraph.is_empty()) {
            paragraph.push_str(line.trim());
            paragraph.push(' ');
            continue;
        }
        lines.extend(broken(&std::mem::take(&mut paragraph)));
        match line.trim_start_matches('#') {
            _ if line.starts_with("```") => is_code = !is_code,
            rest if rest.len() < line.len() && !is_code => lines.push(paint.strong(rest.trim())),
            _ if line.starts_with("- ") && !is_code => paragraph = format!("{line} "),
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n").trim_end().to_owned()
}

/// A paragraph in lines of at most `WIDTH` columns.
fn broken(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) if text.starts_with("- ") => lines.push(format!("  {word}")),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn asking(question: &Question, paint: Paint) -> String {
    let ask = broken(&format!("Predict: {}", question.ask)).join("\n");
    let mut text = ask.replacen("Predict:", &paint.strong("Predict:"), 1) + "\n";
    for (place, choice) in question.choices.iter().enumerate() {
        text.push_str(&format!("  {}. {choice}\n", place + 1));
    }
    text
}

/// What the person at the terminal chooses; nothing where they only press Enter.
fn chosen(question: &Question) -> Option<usize> {
    let most = question.choices.len();
    loop {
        output::print(&format!("Your answer, 1 to {most} (Enter to go on without): "));
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => return None,
            Ok(_) if line.trim().is_empty() => return None,
            Ok(_) => match line.trim().parse::<usize>() {
                Ok(number) if (1..=most).contains(&number) => return Some(number),
                Ok(_) | Err(_) => {}
            },
        }
    }
}

fn answered(question: &Question, chosen: Option<usize>, paint: Paint) -> String {
    let right = &question.choices[question.answer - 1];
    let verdict = match chosen {
        Some(number) if number == question.answer => format!("{} ", paint.good("Right.")),
        Some(_) => format!("{} ", paint.bad("Not so.")),
        None => String::new(),
    };
    let answer = paint.strong(&format!("Answer: {}. {right}.", question.answer));
    format!("\n{verdict}{answer}\n{}\n", broken(&question.because).join("\n"))
}

fn shown(part: &Part, outcome: &Outcome, checks: usize, paint: Paint) -> String {
    let mut lines = vec![String::new(), paint.strong(&part.title), String::new()];
    lines.extend(chart::lines(part, outcome));
    for (curve, row) in part.curves.iter().zip(&outcome.rows) {
        lines.push(String::new());
        lines.extend(table::lines(part, curve, row));
    }
    lines.push(String::new());
    let notes = table::notes(part, outcome, checks);
    lines.extend(notes.iter().flat_map(|note| broken(note)).map(|line| paint.dim(&line)));
    let commands = table::commands(part);
    lines.extend(commands.iter().map(|command| format!("The theory: {command}")));
    lines.join("\n") + "\n"
}

/// Writes the page of a lesson; whether all points agree with their theory.
fn write(lesson: &Lesson, jobs: usize, directory: &Path) -> anyhow::Result<bool> {
    let outcomes = lesson.parts().map(|part| outcome(lesson, part, jobs));
    let outcomes: Vec<Outcome> = outcomes.collect::<anyhow::Result<Vec<Outcome>>>()?;
    let made = page::files(lesson, &outcomes)
        .map_err(|error| Refusal::internal(format!("a picture cannot be drawn: {error}")))?;
    put(directory, &made)?;
    let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
    output::print(&format!("{}: {}\n", directory.display(), names.join("  ")));
    Ok(outcomes.iter().all(is_held))
}

fn put(directory: &Path, made: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    files::write(directory, made).map_err(|error| {
        let place = directory.display();
        Refusal::usage(format!("cannot write to {place}: {error}; choose another with -o DIR"))
    })
}
