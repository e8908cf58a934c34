//! A stack as the text of a file.

use super::layer::stack;
use crate::notation::problem::{Cx, Subject};
use crate::notation::ron;
use crate::stack::Stack;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What the file should hold.
static STACK: Subject = Subject {
    one: "a stack of policies",
    noun: "stack",
    least: "the least is []; most begin with [Timeout(\"1s\")]",
    large: "a stack has a handful of policies",
};

/// The stack that a text describes: a list of policies as experiments write it, outermost first.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn read(text: &str) -> Result<Stack, Vec<Problem>> {
    let mut cx = Cx::new(&STACK);
    cx.add_source("", text);
    let root = ron::parse(text, 0, &mut cx);
    let read = root.as_ref().and_then(|root| stack(root, &mut cx));
    if let (Some(read), false) = (read, cx.has_errors()) {
        return Ok(read);
    }
    let noted = cx.finish();
    let mut problems = Vec::with_capacity(noted.list.len());
    for problem in noted.list {
        let source = noted.sources.get(problem.place.source as usize);
        let (line, column) =
            source.map_or((1, 1), |source| source.line_and_column(problem.place.start));
        let path = root.as_ref().map_or(String::new(), |root| root.path_to(problem.place));
        let (message, allowed, remedy) = (problem.message, problem.label, problem.help);
        problems.push(Problem { path, line, column, message, allowed, remedy });
    }
    if noted.more > 0 {
        let message = format!("{} more problems are not shown", noted.more);
        let (path, allowed) = (String::new(), String::new());
        problems.push(Problem { path, line: 1, column: 1, message, allowed, remedy: None });
    }
    Err(problems)
}

/// Something wrong with a stack as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in the stack: `[1].Retry.wait` is the wait of its second policy, a retry, and
    /// `[0].Timeout[0]` an unnamed value. Empty for the whole.
    pub path: String,
    /// The line of the text, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What was found.
    pub message: String,
    /// What is allowed there; may be empty.
    pub allowed: String,
    /// What to do, where that is more than writing what is allowed.
    pub remedy: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "stack" } else { &self.path };
        write!(f, "{path} ({}:{}): {}", self.line, self.column, self.message)?;
        let rest = [Some(self.allowed.as_str()), self.remedy.as_deref()];
        for part in rest.into_iter().flatten().filter(|part| !part.is_empty()) {
            write!(f, "; {part}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Problem {}
