//! A look at brackets, commas and colons before anything is parsed.
//!
//! It says what is wrong in the words of the format, bounds depth, and leaves little for the
//! parser behind it to recover from, which keeps that one's recursion and recovery within bounds.

use super::lexer::{Lexer, Token};
use super::problem::{Place, Problem, Subject};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// The deepest nesting; the format itself needs about a dozen levels.
const DEPTH_MAX: usize = 64;

/// The largest file that is read: 16 MiB.
const SIZE_MAX: usize = 16 << 20;

/// The nearest character boundary at or before `at`.
pub fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Most values in one file; an experiment with ten thousand services has about half as many.
const VALUES_MAX: usize = 150_000;

/// Complaints about form kept; a file with more is something else.
const COMPLAINTS_MAX: usize = 100;

/// Everything that makes `text` not worth parsing. `json` has no comments and no raw strings.
pub fn problems(text: &str, source: u32, json: bool, subject: &'static Subject) -> Vec<Problem> {
    if text.len() > SIZE_MAX {
        let place = Place { source, start: 0, end: 0 };
        let problem = Problem::error(place, format!("the file has {} bytes", text.len()))
            .help(format!("{} has at most 16 MiB; {}", subject.one, subject.large));
        return vec![problem];
    }
    if let Some(problem) = not_text(text, source, subject) {
        return vec![problem];
    }
    let lexer = Lexer { text, source, json, at: 0, long_text: None };
    let mut form = Form {
        lexer,
        subject,
        open: Vec::new(),
        after: After::Open,
        values: 0,
        complaints: Vec::new(),
    };
    if let Err(problem) = form.run() {
        form.complaints.push(problem);
    }
    form.complaints
}

fn not_text(text: &str, source: u32, subject: &Subject) -> Option<Problem> {
    let strange = |c: char| (c.is_control() && !"\n\r\t".contains(c)) || c == '\u{fffd}';
    let (at, found) = text.char_indices().find(|(_, c)| strange(*c))?;
    let place = Place { source, start: at as u32, end: (at + found.len_utf8()) as u32 };
    let what = match found {
        '\u{fffd}' => "the file is not UTF-8 text".to_owned(),
        _ => format!("the file holds a control character (U+{:04X})", u32::from(found)),
    };
    let help = format!("{} is a text file; is this the right one?", subject.one);
    Some(Problem::error(place, what).help(help))
}

/// What stands before the next token, as far as commas and colons care.
#[derive(Clone, Copy, PartialEq)]
enum After {
    Open,
    Comma,
    Colon,
    /// A bare word, which an opening bracket may follow.
    Word,
    Value,
}

/// An open bracket.
struct Bracket {
    sign: u8,
    at: usize,
    /// Whether its items have names, once the first has ended.
    named: Option<bool>,
    /// Whether the item under way has a name.
    item_named: bool,
    /// Where the item under way starts.
    item_at: usize,
    /// Whether a mixture of the two was complained about.
    told: bool,
}

struct Form<'t> {
    lexer: Lexer<'t>,
    subject: &'static Subject,
    open: Vec<Bracket>,
    after: After,
    values: usize,
    complaints: Vec<Problem>,
}

impl Form<'_> {
    fn run(&mut self) -> Result<(), Problem> {
        while let Some((token, at)) = self.lexer.next()? {
            if self.complaints.len() >= COMPLAINTS_MAX {
                return Ok(());
            }
            self.values += usize::from(matches!(token, Token::Comma));
            if self.values > VALUES_MAX {
                let message = format!("the file holds more than {VALUES_MAX} values");
                return Err(self.lexer.problem(at, 1, &message).help(self.subject.large));
            }
            match token {
                Token::Word => self.value(at, After::Word),
                Token::Text => self.value(at, After::Value),
                Token::Open(sign) => self.open(sign, at)?,
                Token::Close(sign) => self.close(sign, at)?,
                Token::Comma => self.comma(at),
                Token::Colon => self.colon(at),
            }
        }
        match self.open.last() {
            None => Ok(()),
            Some(&Bracket { sign, at, .. }) => {
                let close = char::from(closing(sign));
                let message = format!("`{}` is never closed", char::from(sign));
                Err(self
                    .lexer
                    .problem(at, 1, &message)
                    .label(format!("opened here; a `{close}` is missing")))
            }
        }
    }

    fn complain(&mut self, problem: Problem) {
        self.complaints.push(problem);
    }

    fn value(&mut self, at: usize, after: After) {
        match self.after {
            // The parser says it better: something follows the end.
            After::Word | After::Value if self.open.is_empty() => {}
            After::Word | After::Value => self.run_on(at),
            After::Open | After::Comma => self.begin_item(at),
            After::Colon => {}
        }
        self.after = after;
    }

    /// A value right after a value: complains, and goes on as if the missing sign were there.
    fn run_on(&mut self, at: usize) {
        let lacks_name = |bracket: &Bracket| {
            bracket.sign != b'[' && bracket.named != Some(false) && !bracket.item_named
        };
        let sign = match self.open.last_mut().filter(|bracket| lacks_name(bracket)) {
            Some(bracket) if self.after == After::Word => {
                bracket.item_named = true;
                ':'
            }
            _ => {
                self.end_item(at);
                self.begin_item(at);
                ','
            }
        };
        let length = (self.lexer.at - at).max(1);
        let problem = self.lexer.problem(at, length, &format!("a `{sign}` is missing"));
        self.complain(problem.label(format!("expected `{sign}` before this")));
    }

    fn begin_item(&mut self, at: usize) {
        if let Some(bracket) = self.open.last_mut() {
            (bracket.item_at, bracket.item_named) = (at, false);
        }
    }

    fn open(&mut self, sign: u8, at: usize) -> Result<(), Problem> {
        let continues_word = self.after == After::Word && sign == b'(';
        if !continues_word {
            self.value(at, After::Open);
        }
        if self.open.len() == DEPTH_MAX {
            let message = format!("nested more than {DEPTH_MAX} levels deep");
            return Err(self.lexer.problem(at, 1, &message).help(format!(
                "{} needs about a dozen levels; is a bracket left open?",
                self.subject.one
            )));
        }
        self.open.push(Bracket {
            sign,
            at,
            named: None,
            item_named: false,
            item_at: at,
            told: false,
        });
        self.after = After::Open;
        Ok(())
    }

    fn close(&mut self, sign: u8, at: usize) -> Result<(), Problem> {
        let found = char::from(sign);
        let Some(bracket) = self.open.last() else {
            return Err(self
                .lexer
                .problem(at, 1, &format!("`{found}` closes nothing"))
                .label("no bracket is open here"));
        };
        if closing(bracket.sign) != sign {
            let (open, close) = (char::from(bracket.sign), char::from(closing(bracket.sign)));
            let line = 1 + self.lexer.text[..bracket.at].matches('\n').count();
            return Err(self
                .lexer
                .problem(at, 1, &format!("`{found}` closes nothing"))
                .label(format!("expected `{close}` here"))
                .help(format!("`{open}` was opened on line {line} and is still open")));
        }
        self.end_item(at);
        self.open.pop();
        self.after = After::Value;
        Ok(())
    }

    fn comma(&mut self, at: usize) {
        if matches!(self.after, After::Open | After::Comma) {
            let problem = self.lexer.problem(at, 1, "a comma without a value before it");
            self.complain(problem.label("remove it, or write the value"));
        } else {
            self.end_item(at);
        }
        self.after = After::Comma;
    }

    fn colon(&mut self, at: usize) {
        let is_list = self.open.last().is_none_or(|bracket| bracket.sign == b'[');
        let is_named = self.open.last().is_some_and(|bracket| bracket.item_named);
        if is_list || is_named || !matches!(self.after, After::Word | After::Value) {
            let problem = self.lexer.problem(at, 1, "a `:` that names nothing");
            self.complain(problem.label(match is_list {
                true => "the items of a list have no names",
                false => "expected a name before it and a value after it",
            }));
        }
        if let Some(bracket) = self.open.last_mut() {
            bracket.item_named = true;
        }
        self.after = After::Colon;
    }

    /// Judges an item when a comma or a bracket ends it.
    fn end_item(&mut self, at: usize) {
        if self.after == After::Colon {
            let problem = self.lexer.problem(at, 1, "a value is missing after `:`");
            self.complain(problem.label("write the value before this"));
        }
        if matches!(self.after, After::Open | After::Comma) {
            return;
        }
        let Some(bracket) = self.open.last_mut() else { return };
        let (named, item_at) = (bracket.item_named, bracket.item_at);
        let is_first = bracket.named.is_none();
        let expected = *bracket.named.get_or_insert(named);
        let problem = match bracket.sign {
            _ if bracket.told => return,
            b'{' if !named => "an item of a map has no name",
            b'(' if !is_first && expected != named => "named and unnamed values are mixed",
            _ => return,
        };
        bracket.told = true;
        let problem = self.lexer.problem(item_at, at - item_at, problem);
        self.complain(problem.label("write `name: value` for each"));
    }
}

const fn closing(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}
