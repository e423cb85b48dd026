//! Which records: a [`Filter`] as a condition in SQL.

use rusqlite::ToSql;
use rusqlite::types::Value;

use crate::curation::marks::{REPLACED, TRASHED};
use crate::record::{Filter, Shown};

/// Conditions over `revisions v` and `records r`, with the values of their parameters. Only what a filter asks for is
/// in it, so that SQLite can choose an index.
pub(crate) struct Condition {
    terms: Vec<String>,
    values: Vec<(String, Value)>,
}

impl Condition {
    pub(crate) fn of(filter: &Filter) -> Self {
        let mut condition = Condition {
            terms: Vec::new(),
            values: Vec::new(),
        };
        condition.and_place(filter.shown);
        if filter.favourites {
            condition.and("v.record IN (SELECT seq FROM records WHERE favourite = 1)", []);
        }
        condition.and_schemas(&filter.schemas);
        if let Some(area) = &filter.area {
            condition.and("v.area = :area", [(":area", area.as_str().to_owned().into())]);
        }
        if let Some(source) = &filter.source {
            let (source, organisation) = source.parts();
            condition.and("v.source = :source", [(":source", i64::from(source).into())]);
            if let Some(organisation) = organisation {
                let organisation = organisation.to_owned().into();
                condition.and("v.organisation = :organisation", [(":organisation", organisation)]);
            }
        }
        if let Some(tag) = &filter.tag {
            condition.and(
                "EXISTS (SELECT 1 FROM json_each(v.tags) t WHERE t.value = :tag)",
                [(":tag", tag.clone().into())],
            );
        }
        if let Some(from) = filter.from_ms {
            condition.and("v.time >= :from", [(":from", first_of(from))]);
        }
        if let Some(until) = filter.until_ms {
            condition.and("v.time < :until", [(":until", first_of(until))]);
        }
        condition
    }

    fn and_place(&mut self, shown: Shown) {
        match shown {
            Shown::InSight => self.and("r.hidden = 0", []),
            Shown::Trashed => self.and_hidden(TRASHED),
            Shown::Replaced => self.and_hidden(REPLACED),
            Shown::Anywhere => {}
        }
    }

    fn and_hidden(&mut self, bit: u8) {
        let term = "v.record IN (SELECT seq FROM records WHERE hidden <> 0 AND hidden & :hidden)";
        self.and(term, [(":hidden", i64::from(bit).into())]);
    }

    fn and_schemas(&mut self, schemas: &[String]) {
        match schemas {
            [] => {}
            [schema] => self.and("v.schema = :schema", [(":schema", schema.clone().into())]),
            schemas => {
                let schemas = Value::from(serde_json::json!(schemas).to_string());
                self.and(
                    "v.schema IN (SELECT value FROM json_each(:schemas))",
                    [(":schemas", schemas)],
                );
            }
        }
    }

    /// Adds a term with the values of its parameters.
    pub(crate) fn and<const N: usize>(&mut self, term: &str, values: [(&str, Value); N]) {
        self.terms.push(term.to_owned());
        for (name, value) in values {
            self.bind(name, value);
        }
    }

    /// Sets a parameter of the statement that the condition goes into.
    pub(crate) fn bind(&mut self, name: &str, value: impl Into<Value>) {
        self.values.push((name.to_owned(), value.into()));
    }

    /// The condition, never empty.
    pub(crate) fn sql(&self) -> String {
        if self.terms.is_empty() {
            return "TRUE".to_owned();
        }
        self.terms.join(" AND ")
    }

    /// The joins that the terms need, to a record whose `seq` is `record`: each reads a page or two for each.
    pub(crate) fn joins(&self, record: &str) -> String {
        let names = |table: &str| self.terms.iter().any(|term| term.contains(table));
        let mut joins = String::new();
        if names("r.") {
            joins += &format!(" CROSS JOIN records r ON r.seq = {record}");
        }
        if names("v.") {
            joins += &format!(" CROSS JOIN revisions v ON v.record = {record} AND v.state = 2");
        }
        joins
    }

    /// All that was bound.
    pub(crate) fn parameters(&self) -> Vec<(&str, &dyn ToSql)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value as &dyn ToSql))
            .collect()
    }
}

/// The beginning of every hybrid time of a millisecond and later ones, which sorts before them.
fn first_of(ms: i64) -> Value {
    u64::try_from(ms).unwrap_or(0).to_be_bytes().to_vec().into()
}
