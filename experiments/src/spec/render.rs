//! Problems drawn like a compiler's: path, line, column, caret, hint.

use super::problem::{Problem, Problems, Severity};
use super::scan::boundary;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

/// Problems drawn; the rest are counted.
const DRAWN: usize = 100;
/// Longer lines are not drawn, only named: nobody reads them and wrapping them helps no one.
const LINE_DRAWN: usize = 400;

impl Problems {
    /// All of it as text for a person, with terminal colours or without. At most a hundred
    /// problems are drawn; the last line counts errors and warnings.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let mut out = String::new();
        for problem in self.list.iter().take(DRAWN) {
            out.push_str(&renderer.render(&[self.group(problem)]));
            out.push_str("\n\n");
        }
        let count = |severity| self.list.iter().filter(|one| one.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error) + self.more, count(Severity::Warning));
        let hidden = (errors + warnings).saturating_sub(DRAWN);
        if hidden > 0 {
            out.push_str(&format!("… and {hidden} more\n\n"));
        }
        if errors > 0 {
            let level = Level::ERROR.primary_title(format!("{} in {}", tally(errors, "error"), {
                self.sources.first().map_or("the experiment", |source| &source.name)
            }));
            out.push_str(&renderer.render(&[Group::with_title(level)]));
            out.push('\n');
        }
        out
    }

    fn group<'a>(&'a self, problem: &'a Problem) -> Group<'a> {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(problem.message.as_str()));
        if let Some(source) = self.sources.get(problem.place.source as usize) {
            let (line, column) = self.line_and_column(problem.place);
            let stretch = Stretch::around(&source.text, problem);
            let name = source.name.as_str();
            if !stretch.is_drawable() {
                group = group.element(Origin::path(name).line(line).char_column(column));
                if !problem.label.is_empty() {
                    group = group.element(Level::NOTE.message(problem.label.as_str()));
                }
            } else {
                let caret = AnnotationKind::Primary.span(stretch.caret);
                let label = (!problem.label.is_empty()).then_some(problem.label.as_str());
                let snippet = Snippet::source(stretch.text).line_start(line).path(name);
                group = group.element(snippet.annotation(caret.label(label)));
            }
        }
        match &problem.help {
            Some(help) => group.element(Level::HELP.message(help.as_str())),
            None => group,
        }
    }
}

/// The line of a problem and the caret in it. Only the first line of a longer stretch is shown.
struct Stretch<'a> {
    text: &'a str,
    caret: std::ops::Range<usize>,
}

impl<'a> Stretch<'a> {
    fn is_drawable(&self) -> bool {
        let strange = |c: char| (c.is_control() && c != '\t') || c == '\u{fffd}';
        self.text.len() <= LINE_DRAWN && !self.text.chars().any(strange)
    }

    fn around(text: &'a str, problem: &Problem) -> Stretch<'a> {
        let start = boundary(text, problem.place.start as usize);
        let end = boundary(text, problem.place.end as usize).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[line_start..line_end].trim_end_matches('\r');
        let caret = (start - line_start).min(line.len())..(end.min(line_end) - line_start);
        Stretch { text: line, caret: caret.start..caret.end.min(line.len()).max(caret.start) }
    }
}

fn tally(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
