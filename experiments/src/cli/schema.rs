//! `brownout schema`: the JSON Schema of the experiment file.

use super::exit::Exit;
use super::output;
use brownout::schema::schema as text;

pub(super) fn schema() -> anyhow::Result<Exit> {
    output::print(&text());
    Ok(Exit::Held)
}
