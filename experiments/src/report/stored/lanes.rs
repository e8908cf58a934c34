//! The lanes of a request as JSON and back.

use crate::incident::lanes::{Bar, End, Lanes, Link, Mark, Sent, Stretch};
use crate::report::json::{Cursor, Json, Misfit};

pub(super) fn write(lanes: &Lanes) -> Json {
    let lane = |lane: usize| Json::Whole(lane as u64);
    let bar = |bar: &Bar| {
        Json::object([
            ("lane", lane(bar.lane)),
            ("from", Json::Number(bar.from)),
            ("to", Json::Number(bar.to)),
            ("what", name(&Stretch::EVERY, bar.what)),
        ])
    };
    let link = |link: &Link| {
        Json::object([
            ("at", Json::Number(link.at)),
            ("from", lane(link.from)),
            ("to", lane(link.to)),
            ("what", name(&Sent::EVERY, link.what)),
        ])
    };
    let mark = |mark: &Mark| {
        Json::object([
            ("at", Json::Number(mark.at)),
            ("lane", lane(mark.lane)),
            ("what", name(&End::EVERY, mark.what)),
        ])
    };
    Json::object([
        ("request", Json::Whole(lanes.request)),
        ("seed", Json::text(&lanes.seed)),
        ("arrived", Json::Number(lanes.arrived)),
        ("names", Json::List(lanes.names.iter().map(Json::text).collect())),
        ("bars", Json::List(lanes.bars.iter().map(bar).collect())),
        ("links", Json::List(lanes.links.iter().map(link).collect())),
        ("marks", Json::List(lanes.marks.iter().map(mark).collect())),
    ])
}

pub(super) fn read(one: &Cursor<'_>) -> Result<Lanes, Misfit> {
    let names = one.get("names").texts()?;
    let lane = |place: Cursor<'_>| {
        let lane = place.whole()?;
        match lane < names.len() as u64 {
            true => Ok(lane as usize),
            false => Err(place.misfit("the place of a lane")),
        }
    };
    let bars = one.get("bars").each(|bar| {
        Ok(Bar {
            lane: lane(bar.get("lane"))?,
            from: bar.get("from").number()?,
            to: bar.get("to").number()?,
            what: named(&Stretch::EVERY, &bar.get("what"))?,
        })
    })?;
    let links = one.get("links").each(|link| {
        Ok(Link {
            at: link.get("at").number()?,
            from: lane(link.get("from"))?,
            to: lane(link.get("to"))?,
            what: named(&Sent::EVERY, &link.get("what"))?,
        })
    })?;
    let marks = one.get("marks").each(|mark| {
        Ok(Mark {
            at: mark.get("at").number()?,
            lane: lane(mark.get("lane"))?,
            what: named(&End::EVERY, &mark.get("what"))?,
        })
    })?;
    Ok(Lanes {
        request: one.get("request").whole()?,
        seed: one.get("seed").text()?.to_owned(),
        arrived: one.get("arrived").number()?,
        bars,
        links,
        marks,
        names,
    })
}

fn name<T: Copy + PartialEq>(every: &[(T, &'static str)], what: T) -> Json {
    let found = every.iter().find(|(own, _)| *own == what);
    Json::text(found.expect("every kind has a name").1)
}

fn named<T: Copy>(every: &[(T, &'static str)], name: &Cursor<'_>) -> Result<T, Misfit> {
    let text = name.text()?;
    let found = every.iter().find(|(_, own)| *own == text);
    found.map(|(what, _)| *what).ok_or_else(|| name.misfit("a kind that this version knows"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json::read as text;

    #[test]
    fn lanes_read_back_as_they_were_written_and_not_otherwise() {
        let bar = |what| Bar { lane: 1, from: 0.25, to: 0.5, what };
        let lanes = Lanes {
            request: 7,
            seed: "42#0".to_owned(),
            arrived: 12.5,
            names: vec!["user".to_owned(), "db".to_owned()],
            bars: Stretch::EVERY.iter().map(|(what, _)| bar(*what)).collect(),
            links: Sent::EVERY
                .iter()
                .map(|(what, _)| Link { at: 0.1, from: 0, to: 1, what: *what })
                .collect(),
            marks: End::EVERY
                .iter()
                .map(|(what, _)| Mark { at: 0.5, lane: 0, what: *what })
                .collect(),
        };
        let written = write(&lanes).document();
        let json = text(&written).expect("it is JSON");
        assert_eq!(read(&Cursor::new(&json)), Ok(lanes));
        for (good, bad, path) in [
            ("\"lane\": 1", "\"lane\": 2", "bars[0].lane"),
            ("\"hedge\"", "\"bet\"", "links[2].what"),
            ("\"names\"", "\"nomes\"", "names"),
        ] {
            let json = text(&written.replacen(good, bad, 1)).expect("it is JSON");
            let misfit = read(&Cursor::new(&json)).expect_err(bad);
            assert_eq!(misfit.path, path);
        }
    }
}
