//! D5, O5: forms filled from the store: what is there needs no typing.
//!
//! What belongs together comes from one record: once a record has filled a field, no other record of its schema fills
//! another, so that no address is mixed from two.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use kist_crypto::CryptoRng;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fields::{FieldView, Freshness, History};
use super::{Date, members};
use crate::record::{Correction, Filter, LifeArea, Provenance, RecordDraft, Verification};
use crate::records::read;
use crate::schema::{Schema, Schemas};
use crate::{Error, HybridTime, RecordId, Result, Transaction, Vault, schema};

/// The most fields of a form.
pub const MAX_FORM_FIELDS: usize = 256;
/// The most candidates that are told for a field.
const MAX_CANDIDATES: usize = 16;
/// The most records of a schema that are looked at, the last written first.
const MAX_CONSIDERED: u32 = 256;

/// A form to be filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Its fields, at most [`MAX_FORM_FIELDS`].
    pub fields: Vec<FormField>,
}

/// A field of a [`Form`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// Its name in the form.
    pub name: String,
    /// The form can't do without it; it can where this is not said.
    #[serde(default)]
    pub required: bool,
    /// What it asks for.
    pub wants: Want,
}

/// What a field of a form asks for. As text: `urn:kist:schema:address:1#/postal_code`, or `oidc:email`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Want {
    /// A member of records of a schema.
    Member {
        /// The schema's URI.
        schema: String,
        /// The member, as a JSON pointer.
        member: String,
    },
    /// Whatever stands for a term of another vocabulary, in records about the person.
    Term(String),
}

/// A form with what the store has for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilledForm {
    /// The fields, in the order of the form.
    pub fields: Vec<FilledField>,
    /// The names of the required fields that nothing was found for.
    pub missing: Vec<String>,
    /// How many fields needed no typing.
    pub filled: usize,
    /// How many characters that would have been to type.
    pub keystrokes: usize,
}

/// A field with what the store has for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilledField {
    /// Its name in the form.
    pub name: String,
    /// What is filled in; `None` where it is left to the person.
    pub value: Option<Candidate>,
    /// All there is to choose from, best first, at most 16.
    pub candidates: Vec<Candidate>,
}

/// A value that a field could have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The record that it is in.
    pub record: RecordId,
    /// Its value with its source and freshness.
    pub field: FieldView,
}

impl From<String> for Want {
    fn from(text: String) -> Self {
        match text.split_once('#') {
            Some((schema, member)) if member.starts_with('/') => Want::Member {
                schema: schema.to_owned(),
                member: member.to_owned(),
            },
            _ => Want::Term(text),
        }
    }
}

impl From<Want> for String {
    fn from(want: Want) -> Self {
        match want {
            Want::Member { schema, member } => format!("{schema}#{member}"),
            Want::Term(term) => term,
        }
    }
}

/// A member of a schema.
type Place = (String, String);

/// The members that each term stands for, of the program's schemas about the person.
static TERMS: LazyLock<HashMap<&'static str, Vec<Place>>> = LazyLock::new(|| {
    let mut terms: HashMap<&'static str, Vec<Place>> = HashMap::new();
    for schema in schema::known()
        .filter_map(schema::schema)
        .filter(|schema| is_about_the_person(schema))
    {
        for member in places(schema.json()) {
            for term in schema.maps(&member) {
                terms
                    .entry(term)
                    .or_default()
                    .push((schema.uri().to_owned(), member.clone()));
            }
        }
    }
    terms
});

/// What is said of somebody else is nothing that a form asks the person for.
fn is_about_the_person(schema: &Schema) -> bool {
    !schema.maps("").contains(&"schema:Person")
}

/// The members that a schema describes, those of objects in it too.
fn places(schema: &Value) -> Vec<String> {
    fn collect(schema: &Value, path: &str, found: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let place = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
            if property.get("properties").is_some() {
                collect(property, &place, found);
            } else {
                found.push(place);
            }
        }
    }
    let mut found = Vec::new();
    collect(schema, "", &mut found);
    found
}

impl Want {
    fn places(&self, schemas: &Schemas) -> Vec<Place> {
        let term = match self {
            Want::Member { schema, member } => return vec![(schema.clone(), member.clone())],
            Want::Term(term) => term.as_str(),
        };
        let mut found = TERMS.get(term).cloned().unwrap_or_default();
        for schema in schemas.own().filter(|schema| is_about_the_person(schema)) {
            let members = places(schema.json()).into_iter();
            let mapped = members.filter(|member| schema.maps(member).contains(&term));
            found.extend(mapped.map(|member| (schema.uri().to_owned(), member)));
        }
        found
    }
}

/// A record that could fill some of the fields.
struct Source {
    record: RecordId,
    schema: String,
    time: HybridTime,
    /// By the index of the form's field.
    fields: BTreeMap<usize, FieldView>,
}

/// How well a record fills what is open: greater is better.
type Score = (usize, usize, usize, usize, HybridTime);

impl Source {
    fn score(&self, form: &Form, is_open: impl Fn(usize) -> bool) -> Score {
        let open: Vec<_> = self.fields.iter().filter(|(index, _)| is_open(**index)).collect();
        let count = |matches: &dyn Fn(usize, &FieldView) -> bool| {
            open.iter().filter(|(index, field)| matches(**index, field)).count()
        };
        (
            count(&|index, _| form.fields.get(index).is_some_and(|field| field.required)),
            open.len(),
            count(&|_, field| field.freshness == Freshness::Fresh),
            count(&|_, field| field.provenance.verification != Verification::None),
            self.time,
        )
    }
}

/// The records in sight that could fill a field, and how they would.
fn sources(connection: &Connection, form: &Form, today: Date) -> Result<Vec<Source>> {
    let known = Schemas::load(connection)?;
    let wanted: Vec<Vec<Place>> = form.fields.iter().map(|field| field.wants.places(&known)).collect();
    let mut schemas: Vec<&String> = wanted.iter().flatten().map(|(schema, _)| schema).collect();
    schemas.sort_unstable();
    schemas.dedup();
    let mut sources = Vec::new();
    for schema in schemas {
        for summary in read::list(connection, &Filter::of_schema(schema), None, Some(MAX_CONSIDERED))? {
            let history = History::load(connection, &summary.id)?.ok_or(Error::STORE_CORRUPT)?;
            let current = history.at(summary.time).ok_or(Error::STORE_CORRUPT)?;
            let found = history.fields(current, today);
            let fill = |places: &Vec<Place>| {
                let mut members = places.iter().filter(|(of, _)| of == schema).map(|(_, member)| member);
                members.find_map(|member| {
                    found
                        .iter()
                        .find(|field| field.member == *member && !is_blank(&field.value))
                })
            };
            let fields: BTreeMap<usize, FieldView> = wanted
                .iter()
                .enumerate()
                .filter_map(|(index, places)| Some((index, fill(places)?.clone())))
                .collect();
            if !fields.is_empty() {
                sources.push(Source {
                    record: summary.id,
                    schema: schema.clone(),
                    time: summary.time,
                    fields,
                });
            }
        }
    }
    Ok(sources)
}

fn is_blank(value: &Value) -> bool {
    matches!(value, Value::Null) || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Puts the records in order, the best first, and says for each field which of them fills it.
///
/// Again and again the record that fills the most is taken, and no other of its schema after it.
fn choose(form: &Form, sources: &mut [Source]) -> BTreeMap<usize, usize> {
    let mut chosen = BTreeMap::new();
    let mut used = HashSet::new();
    for place in 0.. {
        let open = |index: usize| !chosen.contains_key(&index);
        let rest = sources.iter().enumerate().skip(place);
        let scored = rest.filter(|(_, source)| !used.contains(&source.schema));
        let best = scored
            .map(|(index, source)| (source.score(form, open), index))
            .filter(|((_, open, ..), _)| *open > 0)
            .max();
        let Some((_, best)) = best else {
            break;
        };
        sources.swap(place, best);
        if let Some(source) = sources.get(place) {
            used.insert(source.schema.clone());
            for index in source.fields.keys() {
                chosen.entry(*index).or_insert(place);
            }
        }
    }
    if let Some(others) = sources.get_mut(used.len()..) {
        others.sort_by_key(|source| Reverse(source.score(form, |_| true)));
    }
    chosen
}

fn fill(connection: &Connection, form: &Form, today: Date) -> Result<(FilledForm, Vec<RecordId>)> {
    if form.fields.len() > MAX_FORM_FIELDS {
        return Err(Error::TooLarge {
            what: "form",
            limit: MAX_FORM_FIELDS,
        });
    }
    let mut sources = sources(connection, form, today)?;
    let chosen = choose(form, &mut sources);
    let candidate = |source: &Source, index: usize| {
        source.fields.get(&index).map(|field| Candidate {
            record: source.record,
            field: field.clone(),
        })
    };
    let filled = form.fields.iter().enumerate().map(|(index, field)| FilledField {
        name: field.name.clone(),
        value: chosen
            .get(&index)
            .and_then(|place| candidate(sources.get(*place)?, index)),
        candidates: sources
            .iter()
            .filter_map(|source| candidate(source, index))
            .take(MAX_CANDIDATES)
            .collect(),
    });
    let fields: Vec<FilledField> = filled.collect();
    let empty = form
        .fields
        .iter()
        .zip(&fields)
        .filter(|(_, filled)| filled.value.is_none());
    let values = || fields.iter().filter_map(|field| field.value.as_ref());
    let form = FilledForm {
        missing: empty
            .filter(|(field, _)| field.required)
            .map(|(field, _)| field.name.clone())
            .collect(),
        filled: values().count(),
        keystrokes: values().map(|value| keystrokes(&value.field.value)).sum(),
        fields,
    };
    let used: HashSet<usize> = chosen.into_values().collect();
    let bases = used
        .into_iter()
        .filter_map(|place| sources.get(place))
        .map(|source| source.record);
    Ok((form, bases.collect()))
}

/// How many characters a value is to type; a choice is one.
fn keystrokes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Number(number) => number.to_string().len(),
        Value::Bool(_) => 1,
        Value::Array(items) => items.iter().map(keystrokes).sum(),
        Value::Object(members) => members.values().map(keystrokes).sum(),
        Value::Null => 0,
    }
}

impl Transaction<'_> {
    /// As [`Vault::keep_answers`].
    pub fn keep_answers<R: CryptoRng + ?Sized>(
        &self,
        form: &Form,
        answers: &BTreeMap<String, Value>,
        rng: &mut R,
    ) -> Result<Vec<RecordId>> {
        let (_, used) = fill(self.sql(), form, Date::from_ms(self.now_ms()))?;
        let mut bases = HashMap::new();
        for id in used {
            let record = self.record(&id)?.ok_or(Error::STORE_CORRUPT)?;
            bases.insert(record.schema.clone(), record);
        }
        let known = self.schemas()?;
        let mut by_schema: BTreeMap<String, Vec<(String, &Value)>> = BTreeMap::new();
        for field in &form.fields {
            let Some(answer) = answers.get(&field.name).filter(|answer| !is_blank(answer)) else {
                continue;
            };
            let places = field.wants.places(&known);
            let of_base = places.iter().find(|(schema, _)| bases.contains_key(schema));
            if let Some((schema, member)) = of_base.or(places.first()) {
                by_schema
                    .entry(schema.clone())
                    .or_default()
                    .push((member.clone(), answer));
            }
        }
        let mut written = Vec::new();
        for (schema, answers) in by_schema {
            let own = Provenance::self_asserted(self.now_ms());
            let has = |member: &str| bases.get(&schema).and_then(|base| base.body.pointer(member));
            if answers.iter().all(|(member, answer)| has(member) == Some(answer)) {
                continue;
            }
            let adds_only = answers
                .iter()
                .all(|(member, answer)| has(member).is_none_or(|value| value == *answer));
            let id = match bases.get(&schema) {
                Some(base) if adds_only => {
                    let correction = Correction {
                        keep_violations: true,
                        ..Correction::new(with(base.body.clone(), &answers), own)
                    };
                    self.correct(&base.id, correction)?.id
                }
                _ => {
                    let area = known.get(&schema).and_then(Schema::area).unwrap_or(LifeArea::OTHER);
                    let body = with(Value::Object(Map::new()), &answers);
                    let mut draft = RecordDraft::new(schema.as_str(), area, body, own);
                    draft.keep_violations = true;
                    self.put(draft, rng)?.id
                }
            };
            written.push(id);
        }
        Ok(written)
    }
}

fn with(mut body: Value, answers: &[(String, &Value)]) -> Value {
    for (member, answer) in answers {
        members::set(&mut body, member, Some((*answer).clone()));
    }
    body
}

impl Vault {
    /// Fills a form with what the store has, and counts what needed no typing.
    ///
    /// Errors: `TooLarge` for more than [`MAX_FORM_FIELDS`].
    pub fn fill(&self, form: &Form, today: Date) -> Result<FilledForm> {
        self.snapshot(|sql| fill(sql, form, today).map(|(filled, _)| filled))
    }

    /// Keeps what the person answered, by the fields' names, where the store does not have it: what a record that filled
    /// the form was lacking is added to it; what says something else becomes a record of its own, so that nothing is
    /// overwritten. What breaks a schema is kept too. Gives the records written.
    ///
    /// Errors: as [`Vault::fill`] and [`Vault::put`].
    pub fn keep_answers<R: CryptoRng + ?Sized>(
        &self,
        form: &Form,
        answers: &BTreeMap<String, Value>,
        now_ms: i64,
        rng: &mut R,
    ) -> Result<Vec<RecordId>> {
        self.transaction(now_ms, |changes| changes.keep_answers(form, answers, rng))
    }
}
