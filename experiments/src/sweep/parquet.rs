//! `points.parquet`: the same table as `points.csv`, with typed columns.

use super::csv::Columns;
use super::record::{Expected, Row, VariantRecord};
use super::results::SweepResults;
use parquet::basic::{ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::sync::Arc;

/// The name of the file.
pub const FILE: &str = "points.parquet";

/// A column and its values, row by row; none where there is no value.
enum Column {
    Texts(Vec<Option<String>>),
    Numbers(Vec<Option<f64>>),
}

/// The table as a file: a row per point and variant, settings and names as texts, values as doubles
/// (seconds, per second, shares), infinite where they are; all in one row group.
///
/// # Errors
/// What the writer finds wrong.
pub fn points(results: &SweepResults) -> Result<Vec<u8>> {
    let columns = columns(results);
    let field = |(name, column): &(String, Column)| {
        let (physical, converted) = match column {
            Column::Texts(_) => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
            Column::Numbers(_) => (Physical::DOUBLE, ConvertedType::NONE),
        };
        let built = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_converted_type(converted)
            .build();
        built.map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<Result<Vec<_>>>()?;
    let schema = Type::group_type_builder("points").with_fields(fields).build()?;
    let mut out = Vec::new();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(&mut out, Arc::new(schema), properties)?;
    let mut group = writer.next_row_group()?;
    for (_, column) in &columns {
        let mut open = group.next_column()?.expect("the schema has every column");
        match column {
            Column::Texts(texts) => {
                let there = texts.iter().flatten().map(|text| ByteArray::from(text.as_str()));
                let levels: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
                let there: Vec<ByteArray> = there.collect();
                open.typed::<ByteArrayType>().write_batch(&there, Some(&levels), None)?;
            }
            Column::Numbers(numbers) => {
                let there: Vec<f64> = numbers.iter().flatten().copied().collect();
                let levels: Vec<i16> = numbers.iter().map(|one| i16::from(one.is_some())).collect();
                open.typed::<DoubleType>().write_batch(&there, Some(&levels), None)?;
            }
        }
        open.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(out)
}

/// Every column with its name, in the order of `points.csv`.
fn columns(results: &SweepResults) -> Vec<(String, Column)> {
    let known = Columns::of(results);
    // A point without a result has a row of its own, without a variant.
    let rows = results.finished().flat_map(|point| {
        let variants: Vec<Option<&VariantRecord>> = match &point.outcome {
            Ok(variants) => variants.iter().map(Some).collect(),
            Err(_) => vec![None],
        };
        variants.into_iter().map(move |variant| (point, variant))
    });
    let rows: Vec<_> = rows.collect();
    let mut columns = Vec::new();
    let number = rows.iter().map(|(point, _)| Some(point.point as f64));
    columns.push(("point".to_owned(), Column::Numbers(number.collect())));
    for (place, axis) in results.sweep.axes.iter().enumerate() {
        let of = rows.iter().map(|(point, _)| Some(point.settings.get(place)?.1.clone()));
        columns.push((axis.path.clone(), Column::Texts(of.collect())));
    }
    let mut texts = |name: &str, of: &dyn Fn(&VariantRecord) -> Option<String>| {
        let texts = rows.iter().map(|(_, variant)| variant.and_then(of));
        columns.push((name.to_owned(), Column::Texts(texts.collect())));
    };
    texts("variant", &|variant| Some(variant.name.clone()));
    texts("digest", &|variant| Some(variant.digest.clone()));
    texts("id", &|variant| variant.ids.first().cloned());
    let errors = rows.iter().map(|(point, _)| Some(point.outcome.as_ref().err()?.reason.clone()));
    columns.push(("error".to_owned(), Column::Texts(errors.collect())));
    for text in &known.rows {
        let own = rows.iter().map(|(_, variant)| measured(*variant, text));
        columns.extend(with_ends(text, own));
    }
    for text in &known.expect {
        let own = rows.iter().map(|(_, variant)| expected(*variant, text).map(|one| &one.row));
        columns.extend(with_ends(text, own));
        let held = rows.iter().map(|(_, variant)| {
            Some(match expected(*variant, text)?.held {
                Some(held) => held.to_string(),
                None => "undecided".to_owned(),
            })
        });
        columns.push((format!("{text}_held"), Column::Texts(held.collect())));
    }
    columns
}

/// What was measured of a variant under this name.
fn measured<'r>(variant: Option<&'r VariantRecord>, text: &str) -> Option<&'r Row> {
    let mut own = variant?.metrics.iter().chain(&variant?.measure);
    own.find(|row| row.text == text)
}

/// What was expected of a variant in these words.
fn expected<'r>(variant: Option<&'r VariantRecord>, text: &str) -> Option<&'r Expected> {
    variant?.expect.iter().find(|expected| expected.row.text == text)
}

/// Mean and ends of the interval, as three columns.
fn with_ends<'r>(
    text: &str,
    rows: impl Iterator<Item = Option<&'r Row>> + Clone,
) -> [(String, Column); 3] {
    let column = |of: fn(&Row) -> Option<f64>| {
        let values = rows.clone().map(|row| row.and_then(of).filter(|value| !value.is_nan()));
        Column::Numbers(values.collect())
    };
    [
        (text.to_owned(), column(|row| Some(row.mean))),
        (format!("{text}_lo"), column(|row| row.ci95.map(|(low, _)| low))),
        (format!("{text}_hi"), column(|row| row.ci95.map(|(_, high)| high))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::csv;
    use crate::sweep::results::tests::{grid, point};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    #[test]
    fn the_table_is_that_of_the_csv_column_by_column() {
        let sweep = grid();
        let records = (0..6).map(|at| point(at, &sweep, at as u64));
        let records: Vec<_> = records.collect();
        let results = SweepResults::of(sweep, vec!["base".to_owned()], records);
        let written = points(&results).expect("it can be written");
        let reader = SerializedFileReader::new(bytes::Bytes::from(written)).expect("it is Parquet");
        let text = csv::points(&results);
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next().expect("a heading").split(',').collect();
        let rows: Vec<_> = reader.get_row_iter(None).expect("it has rows").collect();
        assert_eq!((rows.len(), names.len()), (6, 7));
        for (row, line) in rows.into_iter().zip(lines) {
            let row = row.expect("it can be read");
            let cells = row.get_column_iter().map(|(name, field)| {
                let cell = match field {
                    Field::Null => String::new(),
                    Field::Str(text) => text.clone(),
                    Field::Double(number) => number.to_string(),
                    other => panic!("{name} is {other:?}"),
                };
                (name.as_str(), cell)
            });
            let expected: Vec<(&str, String)> =
                names.iter().copied().zip(line.split(',').map(str::to_owned)).collect();
            assert_eq!(cells.collect::<Vec<_>>(), expected);
        }
    }
}
