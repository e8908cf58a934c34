//! From the text of a lesson to a lesson, or everything that is wrong with it.

use super::part::{Across, Claim, Curve, Part, Up};
use super::{Lesson, Piece, Question};
use crate::expect::parse_measure;
use crate::formula::{form, words};
use crate::spec::fields::{Fields, Names};
use crate::spec::parse::unwrap;
use crate::spec::problem::{Cx, Place, Problem, Problems, Subject};
use crate::spec::{LoadOptions, load, values};
use brownout_policies::notation::ron;
use brownout_policies::notation::tree::{Kind, Node};
use std::ops::Range;

static A_LESSON: Subject = Subject {
    one: "a lesson",
    noun: "lesson",
    least: "a heading, and a `ron part` followed by a `ron experiment`",
    large: "a lesson is small",
};

/// What opens a block; its kind follows.
const FENCE: &str = "```ron ";

/// The lesson in `text`.
pub(super) fn lesson(name: &str, file_name: &str, text: &str) -> Result<Lesson, Problems> {
    let mut cx = Cx::new(&A_LESSON);
    cx.add_source(file_name, text);
    let title = text.lines().next().and_then(|line| line.strip_prefix("# "));
    if title.is_none() {
        let place = Place { source: 0, start: 0, end: 1 };
        cx.push(Problem::error(place, "a lesson begins with its heading").help("# The heading"));
    }
    let body = text.find('\n').map_or(text.len(), |at| at + 1);
    let mut reader = Reader { file_name, text, pieces: Vec::new(), part: None };
    let mut at = body;
    while let Some(found) = text[at..].find(FENCE) {
        let fence = at + found;
        reader.prose(at..fence);
        let kind_ends = text[fence..].find('\n').map_or(text.len(), |end| fence + end);
        let kind = text[fence + FENCE.len()..kind_ends].trim();
        let start = (kind_ends + 1).min(text.len());
        let end = text[start..].find("\n```").map_or(text.len(), |end| start + end + 1);
        reader.block(kind, fence..kind_ends, start..end, &mut cx);
        at = (end + 4).min(text.len());
    }
    reader.prose(at..text.len());
    if let Some((_, place)) = reader.part {
        cx.push(Problem::error(place, "a part without an experiment").help("```ron experiment"));
    }
    let lesson = Lesson {
        name: name.to_owned(),
        title: title.unwrap_or_default().to_owned(),
        pieces: reader.pieces,
    };
    match cx.has_errors() {
        true => Err(Problems::of(cx)),
        false => check_experiments(&lesson).map(|()| lesson),
    }
}

/// Every value of every axis makes an experiment in which everything measured exists.
fn check_experiments(lesson: &Lesson) -> Result<(), Problems> {
    for part in lesson.parts() {
        for value in &part.x.values {
            super::run::experiment(part, value)?;
        }
    }
    Ok(())
}

struct Reader<'t> {
    file_name: &'t str,
    text: &'t str,
    pieces: Vec<Piece>,
    /// A part that waits for its experiment.
    part: Option<(Part, Place)>,
}

impl Reader<'_> {
    fn prose(&mut self, range: Range<usize>) {
        let prose = self.text[range].trim();
        if !prose.is_empty() {
            self.pieces.push(Piece::Prose(prose.to_owned()));
        }
    }

    fn block(&mut self, kind: &str, fence: Range<usize>, range: Range<usize>, cx: &mut Cx) {
        let place = Place { source: 0, start: fence.start as u32, end: fence.end as u32 };
        if kind == "experiment" {
            let Some((part, _)) = self.part.take() else {
                cx.push(Problem::error(place, "an experiment without a part before it"));
                return;
            };
            let source = blank_but(self.text, range.clone());
            let experiment = self.text[range].to_owned();
            let part = Part { experiment, source, ..part };
            self.pieces.push(Piece::Part(Box::new(part)));
            return;
        }
        let Some(node) = ron::parse(&blank_but(self.text, range), 0, cx) else { return };
        match kind {
            "question" => {
                self.pieces.extend(question(&node, cx).map(Piece::Question));
            }
            "part" => {
                let part = part(&node, self.file_name, cx);
                self.part = part.map(|part| (part, place));
            }
            _ => {
                let known = "there is `ron question`, `ron part`, `ron experiment`";
                cx.push(Problem::error(place, format!("unknown block `{kind}`")).help(known));
            }
        }
    }
}

/// `text` with blanks for everything outside `range`, of the same length, line by line.
fn blank_but(text: &str, range: Range<usize>) -> String {
    let blank = |part: &str| -> String {
        part.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
    };
    let (before, after) = (blank(&text[..range.start]), blank(&text[range.end..]));
    format!("{before}{}{after}", &text[range])
}

fn need(fields: &Fields<'_>, key: &str, example: &str, cx: &mut Cx) -> Option<String> {
    let node = fields.need(key, example, cx)?;
    values::text(node, cx).map(str::to_owned)
}

fn texts(node: &Node, cx: &mut Cx) -> Option<Vec<String>> {
    let items = values::list(node, "texts", cx)?;
    items.iter().map(|item| values::text(item, cx).map(str::to_owned)).collect()
}

fn question(node: &Node, cx: &mut Cx) -> Option<Question> {
    const NAMES: Names = Names::new("a question", &["ask", "choices", "answer", "because"]);
    let node = unwrap(node.clone(), "Question", cx);
    let fields = Fields::read(&node, NAMES, cx)?;
    let ask = need(&fields, "ask", "\"…?\"", cx);
    let choices = fields.need("choices", "[\"…\", \"…\"]", cx).and_then(|node| texts(node, cx));
    let answer = fields.need("answer", "2", cx);
    let most = choices.as_ref().map_or(1, Vec::len) as u64;
    let answer = answer.and_then(|node| values::count(node, 1..=most, cx));
    let because = need(&fields, "because", "\"…\"", cx);
    Some(Question { ask: ask?, choices: choices?, answer: answer? as usize, because: because? })
}

fn part(node: &Node, file_name: &str, cx: &mut Cx) -> Option<Part> {
    const NAMES: Names = Names::new("a part", &["name", "title", "x", "y", "curves", "read"]);
    let node = unwrap(node.clone(), "Part", cx);
    let fields = Fields::read(&node, NAMES, cx)?;
    let name = fields.need("name", "\"pool\"", cx).and_then(|node| {
        let text = values::text(node, cx)?;
        values::check_name(text, node.place, "part", cx).then(|| text.to_owned())
    });
    let title = need(&fields, "title", "\"…\"", cx);
    let x = fields.need("x", "(label: …, values: […], set: {…})", cx).and_then(|n| across(n, cx));
    let y = fields.need("y", "(label: \"mean latency\", unit: \"ms\")", cx).and_then(|n| up(n, cx));
    let read = need(&fields, "read", "\"How to read this: …\"", cx);
    let list = fields.need("curves", "[(name: …, measure: …)]", cx);
    let list = list.and_then(|node| values::list(node, "curves", cx));
    let x = x?;
    let curves = list.map(|items| items.iter().map(|n| curve(n, &x, cx)).collect());
    Some(Part {
        name: name?,
        title: title?,
        x,
        y: y?,
        curves: curves.unwrap_or(None)?,
        read: read?,
        experiment: String::new(),
        source: String::new(),
        file_name: file_name.to_owned(),
    })
}

fn across(node: &Node, cx: &mut Cx) -> Option<Across> {
    const NAMES: Names =
        Names::new("an axis", &["label", "unit", "values", "set", "scale", "whole"]);
    let fields = Fields::read(node, NAMES, cx)?;
    let label = need(&fields, "label", "\"arrival rate\"", cx);
    let unit = fields.with("unit", cx, |node, cx| values::text(node, cx).map(str::to_owned));
    let unit = unit.unwrap_or_default();
    let list = fields.need("values", "[\"10/s\", \"20/s\"]", cx);
    let written = list.and_then(|node| texts(node, cx)).inspect(|written| {
        for text in written {
            let number = text.strip_suffix(unit.as_str()).map(str::trim);
            if number.and_then(|number| number.parse::<f64>().ok()).is_none() {
                let message = format!("\"{text}\" is no number in the axis's unit \"{unit}\"");
                cx.push(Problem::error(node.place, message));
            }
        }
    });
    let set = fields.need("set", "{\"load.users.rate\": \"{x}\"}", cx);
    let set = set.and_then(|node| match &node.kind {
        Kind::Map(entries) => {
            let entry = |entry: &brownout_policies::notation::tree::Entry, cx: &mut Cx| {
                let value = values::text(&entry.value, cx)?;
                Some((entry.key.text.clone(), value.to_owned()))
            };
            entries.iter().map(|one| entry(one, cx)).collect::<Option<Vec<_>>>()
        }
        _ => values::wrong(node, "a map from paths to values", cx),
    });
    Some(Across {
        label: label?,
        unit,
        values: written?,
        set: set?,
        is_log: scale(&fields, cx),
        is_whole: fields.with("whole", cx, values::flag).unwrap_or(false),
    })
}

fn up(node: &Node, cx: &mut Cx) -> Option<Up> {
    let fields = Fields::read(node, Names::new("an axis", &["label", "unit", "scale"]), cx)?;
    let label = need(&fields, "label", "\"mean latency\"", cx);
    let unit = fields.with("unit", cx, |node, cx| values::text(node, cx).map(str::to_owned));
    Some(Up { label: label?, unit: unit.unwrap_or_default(), is_log: scale(&fields, cx) })
}

/// Whether `scale: Log` is written.
fn scale(fields: &Fields<'_>, cx: &mut Cx) -> bool {
    const SCALES: Names = Names::new("a scale", &["Linear", "Log"]);
    let read = |node: &Node, cx: &mut Cx| {
        brownout_policies::notation::fields::choice(node, SCALES, &[false, true], cx)
    };
    fields.with("scale", cx, read).unwrap_or(false)
}

fn curve(node: &Node, x: &Across, cx: &mut Cx) -> Option<Curve> {
    const NAMES: Names = Names::new(
        "a curve",
        &["name", "measure", "times", "over", "theory", "result", "at_most", "within", "roughly"],
    );
    let fields = Fields::read(node, NAMES, cx)?;
    let name = need(&fields, "name", "\"…\"", cx);
    let measure = fields.need("measure", "\"mean(users)\"", cx);
    let measure = measure.and_then(|node| {
        let text = values::text(node, cx)?;
        let first = x.values.first().map_or("", String::as_str);
        if let Err(error) = parse_measure(&text.replace("{x}", first)) {
            cx.push(Problem::error(node.place, error.message).maybe_help(error.hint));
        }
        Some(text.to_owned())
    });
    let times = fields
        .with("times", cx, |node, cx| values::number(node, "above zero", |value| value > 0.0, cx));
    let over = fields.with("over", cx, values::share);
    let text = |key: &str, cx: &mut Cx| {
        fields.with(key, cx, |node, cx| values::text(node, cx).map(str::to_owned))
    };
    let (theory, result) = (text("theory", cx), text("result", cx));
    if let (Some(theory), Some(node)) = (&theory, fields.get("theory")) {
        check_theory(theory, result.as_deref().unwrap_or_default(), x, node.place, cx);
    }
    let within = fields.get("within").and_then(|node| {
        let (by, why) = values::pair(node, "(1, \"why\")", cx)?;
        let by = values::number(by, "above zero", |value| value > 0.0, cx)?;
        Some((by, values::text(why, cx)?.to_owned()))
    });
    let claim = match (within, text("roughly", cx), fields.get("at_most")) {
        (Some((by, why)), _, _) => Claim::Within(by, why),
        (None, Some(why), _) => Claim::Roughly(why),
        (None, None, Some(_)) => Claim::AtMost,
        (None, None, None) => Claim::Equal,
    };
    Some(Curve {
        name: name?,
        measure: measure?,
        times: times.unwrap_or(1.0),
        over,
        theory: theory.unwrap_or_default(),
        result: result.unwrap_or_default(),
        claim,
    })
}

/// The form exists, reads its arguments, and has the result, for at least one value of the axis.
fn check_theory(theory: &str, result: &str, x: &Across, place: Place, cx: &mut Cx) {
    let (name, rest) = theory.split_once(' ').unwrap_or((theory, ""));
    let Some(form) = form(name) else {
        let message = format!("there is no closed form \"{name}\"");
        cx.push(Problem::error(place, message).help("`brownout theory` lists them"));
        return;
    };
    let mut said = String::new();
    for value in &x.values {
        match form.answer_only(Some(result), &words(&rest.replace("{x}", value))) {
            Ok(answers) if answers.of(result).is_some() => return,
            Ok(answers) => {
                let keys: Vec<&str> = answers.list.iter().map(|one| one.key.as_str()).collect();
                said = format!("there is no result \"{result}\", only {}", keys.join(", "));
            }
            Err(wrong) => {
                let wrong: Vec<&str> = wrong.iter().map(|one| one.message()).collect();
                said = wrong.join("; ");
            }
        }
    }
    cx.push(Problem::error(place, format!("{name}: {said}")));
}

/// The experiment of a part with its axis set to `value`.
pub(super) fn loaded(part: &Part, value: &str) -> Result<crate::experiment::Experiment, Problems> {
    let nothing = |path: &str| Err(format!("{path}: a lesson reads no other file"));
    let set = part.x.set.iter().map(|(path, to)| (path.clone(), to.replace("{x}", value)));
    let options =
        LoadOptions { file_name: part.file_name.clone(), sets: set.collect(), read: &nothing };
    load(&part.source, &options)
}
