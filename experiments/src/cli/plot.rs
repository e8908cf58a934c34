//! `brownout plot`: the pictures of a run or a sweep once more, without running it.

use super::exit::Exit;
use super::run::{undrawable, write_all};
use super::stored::{Kept, kept};
use super::{Redrawn, output, sweep};
use brownout::report::files;
use brownout::report::stored::Stored;
use brownout_plots::sparkline;

/// Letters in a sparkline.
const WIDTH: usize = 60;

pub(super) fn plot(arguments: &Redrawn) -> anyhow::Result<Exit> {
    let kept = kept(&arguments.directory)?;
    let (files, lines, undrawn) = match &kept {
        Kept::Run(stored) => {
            let files = files::drawn(stored).map_err(|error| undrawable(error.into()))?;
            (files, sparklines(stored), stored.drawing.undrawn.as_slice())
        }
        Kept::Sweep(told, results) => (sweep::drawn(told, results)?, String::new(), &[][..]),
    };
    let directory = arguments.to();
    let names = write_all(directory, &files)?;
    if !arguments.quiet {
        undrawn.iter().for_each(|line| output::warning(line));
        let written = format!("Written to {}\n  {}\n", directory.display(), names.join(" "));
        output::print(&format!("{lines}{written}"));
    }
    Ok(Exit::Held)
}

/// The lines of the first timeline, a letter for a stretch of time.
fn sparklines(stored: &Stored) -> String {
    let paint = output::paint();
    let asked = stored.drawing.asked.iter().find(|asked| asked.chart == "Timeline");
    let variants = || stored.drawing.systems.iter().map(|system| &system.variant);
    let width = variants().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (target, quantity) in asked.iter().flat_map(|asked| &asked.lines) {
        let series: Vec<(&String, Vec<f64>)> = variants()
            .map(|variant| (variant, stored.series.values(variant, target, quantity)))
            .collect();
        let most = series.iter().flat_map(|(_, values)| values).copied().fold(0.0, f64::max);
        lines.push(paint.strong(&format!("{target} {quantity}, full is {most:.0}")));
        lines.extend(
            series.iter().map(|(name, values)| {
                format!("  {name:<width$}  {}", sparkline(values, WIDTH, most))
            }),
        );
        lines.push(String::new());
    }
    lines.join("\n") + "\n"
}
