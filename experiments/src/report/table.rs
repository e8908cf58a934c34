//! A table of text: columns as wide as their widest cell.

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A cell: its text, and whether it is to be coloured as something bad.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// How it is marked.
    pub mark: Mark,
}

/// How a cell is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Not at all.
    #[default]
    None,
    /// Less than its neighbours.
    Aside,
    /// As something bad.
    Bad,
}

impl Cell {
    /// An unmarked cell.
    pub fn plain(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), mark: Mark::None }
    }

    /// A marked cell.
    pub fn marked(text: impl Into<String>, mark: Mark) -> Cell {
        Cell { text: text.into(), mark }
    }
}

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Alignment and the lines of the heading, per column.
    pub columns: Vec<(Align, Vec<String>)>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// Between columns.
const GAP: &str = "  ";

impl Table {
    /// The lines of the table, painted by `paint`; `heading` paints the heading.
    pub fn lines(
        &self,
        heading: impl Fn(&str) -> String,
        paint: impl Fn(Mark, &str) -> String,
    ) -> Vec<String> {
        let widths: Vec<usize> = (0..self.columns.len()).map(|column| self.width(column)).collect();
        let deep = self.columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
        let mut lines = Vec::with_capacity(deep + self.rows.len() + 1);
        for depth in 0..deep {
            let cells = self.columns.iter().zip(&widths).map(|((align, words), width)| {
                // Headings stand on the rule below them.
                let offset = deep - words.len();
                let word = depth.checked_sub(offset).map_or("", |at| &words[at]);
                pad(word, *width, *align)
            });
            let line = cells.collect::<Vec<String>>().join(GAP);
            lines.push(heading(line.trim_end()));
        }
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        lines.push(paint(Mark::Aside, &rule.join("──")));
        for row in &self.rows {
            let last = row.iter().rposition(|cell| !cell.text.is_empty()).unwrap_or(0);
            let cells = row.iter().take(last + 1).enumerate().map(|(number, cell)| {
                let (align, width) = (self.columns[number].0, widths[number]);
                let is_end = number == last && align == Align::Left;
                let text = if is_end { cell.text.clone() } else { pad(&cell.text, width, align) };
                paint(cell.mark, &text)
            });
            lines.push(cells.collect::<Vec<String>>().join(GAP));
        }
        lines
    }

    fn width(&self, column: usize) -> usize {
        let heading = self.columns[column].1.iter().map(|word| word.chars().count());
        let cells = self.rows.iter().map(|row| row[column].text.chars().count());
        heading.chain(cells).max().unwrap_or(0)
    }
}

fn pad(text: &str, width: usize, align: Align) -> String {
    match align {
        Align::Left => format!("{text:<width$}"),
        Align::Right => format!("{text:>width$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right_words_left_and_headings_on_the_rule() {
        let table = Table {
            columns: vec![
                (Align::Left, vec!["variant".to_owned()]),
                (Align::Right, vec!["goodput".to_owned(), "/s".to_owned()]),
            ],
            rows: vec![vec![Cell::plain("naive"), Cell::plain("12 ± 1")]],
        };
        let lines = table.lines(str::to_owned, |_, text| text.to_owned());
        assert_eq!(
            lines,
            ["         goodput", "variant       /s", "────────────────", "naive     12 ± 1"]
        );
    }
}
