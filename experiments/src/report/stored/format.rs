//! `drawing.json`: a [`Drawing`] as JSON and back.

use super::{Asked, Distribution, Drawing, Edge, Field, Service, System, Window, lanes};
use crate::report::json::{Cursor, Json, Misfit};

/// The version of the stored files.
pub const FORMAT: u64 = crate::report::document::FORMAT;

pub(super) fn write(drawing: &Drawing) -> Json {
    let texts = |texts: &[String]| Json::List(texts.iter().map(Json::text).collect());
    Json::object([
        ("format", Json::Whole(FORMAT)),
        ("title", Json::text(&drawing.title)),
        ("runs", Json::Whole(drawing.runs)),
        ("bin", Json::Number(drawing.bin)),
        ("asked", Json::List(drawing.asked.iter().map(asked).collect())),
        ("undrawn", texts(&drawing.undrawn)),
        ("why", texts(&drawing.why)),
        ("systems", Json::List(drawing.systems.iter().map(system).collect())),
    ])
}

fn asked(asked: &Asked) -> Json {
    let line = |(target, quantity): &(String, String)| {
        Json::object([("target", Json::text(target)), ("quantity", Json::text(quantity))])
    };
    Json::object([
        ("chart", Json::text(&asked.chart)),
        ("of", Json::text(&asked.of)),
        ("lines", Json::List(asked.lines.iter().map(line).collect())),
    ])
}

fn system(system: &System) -> Json {
    let window = |window: &Window| {
        Json::object([
            ("name", Json::text(&window.name)),
            ("from", Json::Number(window.from)),
            ("to", Json::Number(window.to)),
        ])
    };
    Json::object([
        ("variant", Json::text(&system.variant)),
        ("time", Json::Number(system.time)),
        ("windows", Json::List(system.windows.iter().map(window).collect())),
        ("services", Json::List(system.services.iter().map(service).collect())),
        ("edges", Json::List(system.edges.iter().map(edge).collect())),
        ("curves", Json::List(system.curves.iter().map(distribution).collect())),
        ("fields", Json::List(system.fields.iter().map(field).collect())),
        ("lanes", system.lanes.as_ref().map_or(Json::Null, lanes::write)),
    ])
}

fn service(service: &Service) -> Json {
    let maybe = |number: Option<u64>| number.map_or(Json::Null, Json::Whole);
    let (at, left): (Vec<f64>, Vec<f64>) = service.speeds.iter().copied().unzip();
    Json::object([
        ("name", Json::text(&service.name)),
        ("replicas", Json::Whole(service.replicas)),
        ("workers", maybe(service.workers)),
        ("queue_limit", maybe(service.queue_limit)),
        ("capacity", service.capacity.map_or(Json::Null, Json::Number)),
        ("speeds_from", Json::numbers(&at)),
        ("speeds", Json::numbers(&left)),
        ("has_breaker", Json::Bool(service.has_breaker)),
    ])
}

fn edge(edge: &Edge) -> Json {
    let maybe = |number: Option<u64>| number.map_or(Json::Null, Json::Whole);
    Json::object([
        ("from", Json::text(&edge.from)),
        ("to", Json::text(&edge.to)),
        ("service", Json::text(&edge.service)),
        ("calls", maybe(edge.count.map(|count| count.0))),
        ("attempts", maybe(edge.count.map(|count| count.1))),
    ])
}

fn distribution(one: &Distribution) -> Json {
    let wholes = |numbers: &[u64]| Json::List(numbers.iter().copied().map(Json::Whole).collect());
    Json::object([
        ("of", Json::text(&one.of)),
        ("failed", Json::Whole(one.failed)),
        ("open", Json::Whole(one.open)),
        ("least_ns", Json::Whole(one.least)),
        ("most_ns", Json::Whole(one.most)),
        ("ends_ns", wholes(&one.ends)),
        ("counts", wholes(&one.counts)),
    ])
}

fn field(field: &Field) -> Json {
    let column = |place: usize| {
        Json::List(field.cells.iter().map(|cell| Json::Whole(cell[place])).collect())
    };
    Json::object([
        ("of", Json::text(&field.of)),
        ("column", Json::Number(field.column)),
        ("columns", Json::Whole(field.columns)),
        ("in_column", column(0)),
        ("from_ns", column(1)),
        ("to_ns", column(2)),
        ("counts", column(3)),
    ])
}

pub(super) fn read(json: &Json) -> Result<Drawing, Misfit> {
    let all = Cursor::new(json);
    let drawing = Drawing {
        title: all.get("title").text()?.to_owned(),
        runs: all.get("runs").whole()?,
        bin: all.get("bin").number()?,
        asked: all.get("asked").each(read_asked)?,
        undrawn: all.get("undrawn").each(|one| Ok(one.text()?.to_owned()))?,
        why: all.get("why").each(|one| Ok(one.text()?.to_owned()))?,
        systems: all.get("systems").each(read_system)?,
    };
    match drawing.systems.is_empty() {
        true => Err(all.get("systems").misfit("a list of one or more")),
        false => Ok(drawing),
    }
}

fn read_asked(one: &Cursor<'_>) -> Result<Asked, Misfit> {
    let chart = one.get("chart");
    let name = chart.text()?;
    if crate::report::chart::find(name).is_none() {
        return Err(chart.misfit("the name of a chart that this version knows"));
    }
    let line = |line: &Cursor<'_>| {
        Ok((line.get("target").text()?.to_owned(), line.get("quantity").text()?.to_owned()))
    };
    Ok(Asked {
        chart: name.to_owned(),
        of: one.get("of").text()?.to_owned(),
        lines: one.get("lines").each(line)?,
    })
}

fn read_system(one: &Cursor<'_>) -> Result<System, Misfit> {
    let window = |window: &Cursor<'_>| {
        Ok(Window {
            name: window.get("name").text()?.to_owned(),
            from: window.get("from").number()?,
            to: window.get("to").number()?,
        })
    };
    Ok(System {
        variant: one.get("variant").text()?.to_owned(),
        time: one.get("time").number()?,
        windows: one.get("windows").each(window)?,
        services: one.get("services").each(read_service)?,
        edges: one.get("edges").each(read_edge)?,
        curves: one.get("curves").each(read_distribution)?,
        fields: one.get("fields").each(read_field)?,
        lanes: one.get("lanes").maybe(lanes::read)?,
    })
}

fn read_service(one: &Cursor<'_>) -> Result<Service, Misfit> {
    let (at, left) = (one.get("speeds_from").numbers()?, one.get("speeds").numbers()?);
    Ok(Service {
        name: one.get("name").text()?.to_owned(),
        replicas: one.get("replicas").whole()?,
        workers: one.get("workers").maybe(Cursor::whole)?,
        queue_limit: one.get("queue_limit").maybe(Cursor::whole)?,
        capacity: one.get("capacity").maybe(Cursor::number)?,
        speeds: at.into_iter().zip(left).collect(),
        has_breaker: *one.get("has_breaker").json() == Json::Bool(true),
    })
}

fn read_edge(one: &Cursor<'_>) -> Result<Edge, Misfit> {
    let calls = one.get("calls").maybe(Cursor::whole)?;
    Ok(Edge {
        from: one.get("from").text()?.to_owned(),
        to: one.get("to").text()?.to_owned(),
        service: one.get("service").text()?.to_owned(),
        count: calls.zip(one.get("attempts").maybe(Cursor::whole)?),
    })
}

fn read_distribution(one: &Cursor<'_>) -> Result<Distribution, Misfit> {
    let (ends, counts) = (one.get("ends_ns").wholes()?, one.get("counts").wholes()?);
    if ends.len() != counts.len() {
        return Err(one.get("counts").misfit("as long as `ends_ns`"));
    }
    Ok(Distribution {
        of: one.get("of").text()?.to_owned(),
        failed: one.get("failed").whole()?,
        open: one.get("open").whole()?,
        least: one.get("least_ns").whole()?,
        most: one.get("most_ns").whole()?,
        ends,
        counts,
    })
}

fn read_field(one: &Cursor<'_>) -> Result<Field, Misfit> {
    let column = |name: &str| one.get(name).wholes();
    let (places, from) = (column("in_column")?, column("from_ns")?);
    let (to, counts) = (column("to_ns")?, column("counts")?);
    if [from.len(), to.len(), counts.len()] != [places.len(); 3] {
        return Err(one.misfit("a field whose columns are equally long"));
    }
    let cell = |at: usize| [places[at], from[at], to[at], counts[at]];
    let columns = one.get("columns");
    let most = brownout_topologies::ledger::pictures::COLUMNS_MAX;
    let number = columns.whole()?;
    if !(1..=most).contains(&number) || places.iter().any(|place| *place >= number) {
        return Err(columns.misfit("a number of columns that a picture has"));
    }
    Ok(Field {
        of: one.get("of").text()?.to_owned(),
        column: one.get("column").number()?,
        columns: number,
        cells: (0..places.len()).map(cell).collect(),
    })
}
