//! A lesson as a page: Markdown, a picture for each part, and its experiments as files.

use super::part::Part;
use super::run::Outcome;
use super::{LESSONS, Lesson, Piece, Question, lesson, picture, table};
use brownout_plots::{DrawError, versus_to_svg};

/// The files of a lesson's page, by name.
///
/// # Errors
/// A picture that cannot be drawn.
pub fn files(lesson: &Lesson, outcomes: &[Outcome]) -> Result<Vec<(String, Vec<u8>)>, DrawError> {
    let name = &lesson.name;
    let mut text = format!("# {}\n", lesson.title);
    let mut files = Vec::new();
    let mut outcomes = outcomes.iter();
    let mut asked: Vec<&Question> = Vec::new();
    for piece in &lesson.pieces {
        text.push('\n');
        match piece {
            Piece::Prose(prose) => text.push_str(&format!("{prose}\n")),
            Piece::Question(question) => {
                text.push_str(&asking(question));
                asked.push(question);
            }
            Piece::Part(part) => {
                let outcome = outcomes.next().expect("there is an outcome for each part");
                let file = format!("{name}-{}", part.name);
                let chart = picture::chart(part, outcome);
                files.push((format!("{file}.svg"), versus_to_svg(&chart)?.into_bytes()));
                files.push((format!("{file}.ron"), part.experiment.clone().into_bytes()));
                text.push_str(&shown(part, outcome, &file, lesson.checks()));
                asked.drain(..).for_each(|question| text.push_str(&answered(question)));
            }
        }
    }
    files.insert(0, (format!("{name}.md"), text.into_bytes()));
    Ok(files)
}

fn asking(question: &Question) -> String {
    let choices = question.choices.iter().enumerate();
    let choices: Vec<String> =
        choices.map(|(place, choice)| format!("> {}. {choice}", place + 1)).collect();
    format!("> **Predict.** {}\n>\n{}\n", question.ask, choices.join("\n"))
}

fn answered(question: &Question) -> String {
    format!("\n**Answer: {}.** {}\n", question.answer, question.because)
}

fn shown(part: &Part, outcome: &Outcome, file: &str, checks: usize) -> String {
    let mut text = format!("![{}]({file}.svg)\n\n", part.title);
    text.push_str(&table::markdown(part, outcome));
    for note in table::notes(part, outcome, checks) {
        text.push_str(&format!("<sub>{note}</sub>\n\n"));
    }
    let commands = table::commands(part);
    if !commands.is_empty() {
        text.push_str(&format!("The theory: `{}`.\n\n", commands.join("`, `")));
    }
    let set = part.x.set.iter().map(|(path, value)| match value.as_str() {
        "{x}" => format!("`{path}`"),
        value => format!("`{path}` as `{value}`"),
    });
    let set: Vec<String> = set.collect();
    text.push_str(&format!(
        "<details><summary>The experiment, {file}.ron; the axis sets {}</summary>\n\n```ron\n{}```\n\
         \n</details>\n",
        set.join(", "),
        part.experiment
    ));
    text
}

/// The index of all lessons.
pub fn index() -> String {
    let mut text = String::from(
        "# Lessons\n\nEach asks you to predict, runs a small experiment, and compares it with the \
         formula. The pages\nare made by `brownout lesson --all -o docs/lessons`, and a test makes \
         them anew; `brownout lesson NAME`\nasks the questions in a terminal.\n\n",
    );
    for (place, (name, source)) in LESSONS.iter().enumerate() {
        let lesson = lesson(name, name, source).expect("the lessons that ship are right");
        let about = lesson.about().split_whitespace().collect::<Vec<&str>>().join(" ");
        let title = &lesson.title;
        text.push_str(&format!("{}. [{title}]({name}.md): {about}\n", place + 1));
    }
    text
}
