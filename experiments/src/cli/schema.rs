//! `brownout schema`: the JSON Schema of the experiment file.

use super::exit::Exit;
use super::output;
use brownout::schema::SCHEMA;

pub(super) fn schema() -> anyhow::Result<Exit> {
    output::print(SCHEMA);
    Ok(Exit::Held)
}
