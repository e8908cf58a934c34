//! From text to orders of variants: `ranks a < b < c`, `is lowest on a`.

use super::error::SentenceError;
use super::parse::{clause, variant};
use super::reader::Reader;
use super::sentence::{Compare, Right, Side, Spanned};
use super::token::Token;

/// `ranks …` or `is lowest on …`, if it is next.
pub(super) fn order(
    reader: &mut Reader<'_>,
    left: &mut Side,
) -> Result<Option<(Compare, Right)>, SentenceError> {
    let found = if reader.take_word("ranks").is_some() {
        if let Some(on) = &left.on {
            let hint = "name the variants after `ranks`";
            return Err(SentenceError::new(on.at.clone(), "one variant has no rank", hint));
        }
        ranks(reader)?
    } else if reader.take_word("is").is_some() {
        extreme(reader, left)?
    } else {
        return Ok(None);
    };
    match reader.peek().0 {
        Token::End => Ok(Some(found)),
        _ => Err(reader.expected("the end")),
    }
}

/// Two names or more, with one sign between them.
fn ranks(reader: &mut Reader<'_>) -> Result<(Compare, Right), SentenceError> {
    let mut names: Vec<Spanned<String>> = vec![variant(reader)?];
    let mut compare = None;
    loop {
        let (token, at) = reader.peek();
        let sign = match token {
            Token::Sign("<") => Compare::Below,
            Token::Sign(">") => Compare::Above,
            Token::End if names.len() > 1 => break,
            Token::End => {
                let hint = "write `ranks a < b`, as many as there are";
                return Err(SentenceError::new(names[0].at.clone(), "a rank of one variant", hint));
            }
            _ => return Err(reader.expected("`<` or `>` between two variants")),
        };
        if compare.is_some_and(|first| first != sign) {
            return Err(SentenceError::new(at, "ranks that rise and fall", "use one sign"));
        }
        compare = Some(sign);
        reader.take();
        let name = variant(reader)?;
        if names.contains(&name) {
            let message = format!("variant \"{}\" is ranked twice", name.what);
            return Err(SentenceError::bare(name.at, message));
        }
        names.push(name);
    }
    Ok((compare.expect("two names have a sign between them"), Right::Ranks(names)))
}

/// `lowest on budget` or `highest on budget`; a window may come before the variant.
fn extreme(reader: &mut Reader<'_>, left: &mut Side) -> Result<(Compare, Right), SentenceError> {
    let compare = if reader.take_word("lowest").is_some() {
        Compare::Below
    } else if reader.take_word("highest").is_some() {
        Compare::Above
    } else {
        return Err(reader.expected("`lowest`, `highest` or `monotone`"));
    };
    while clause(reader, left)? {}
    match left.on.take() {
        Some(on) => Ok((compare, Right::Others(on))),
        None => Err(reader.expected("`on` and the variant that is best")),
    }
}
