//! Forms that are filled from the store, as they cross the bridge.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Result;
use crate::{CancelHandle, FieldDetail, Person, json, task};

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormField {
    /// Its name in the form.
    pub name: String,
    /// What it asks for: a member of a schema, as `urn:kist:schema:address:1#/postal_code`, or a term of another
    /// vocabulary, as `oidc:email`.
    pub wants: String,
    /// The form can't do without it.
    #[uniffi(default = false)]
    pub required: bool,
}

/// A form with what the store has for it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FilledForm {
    /// The fields, in the order of the form.
    pub fields: Vec<FilledField>,
    /// The names of the required fields that nothing was found for.
    pub missing: Vec<String>,
    /// How many fields needed no typing.
    pub filled: u32,
    /// How many characters that would have been to type.
    pub keystrokes: u64,
}

/// A field with what the store has for it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FilledField {
    /// Its name in the form.
    pub name: String,
    /// What is filled in; none where it is left to the person.
    pub value: Option<FormValue>,
    /// All there is to choose from, best first, at most 16.
    pub candidates: Vec<FormValue>,
}

/// A value that a field could have.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormValue {
    /// The record that it is in.
    pub record: String,
    /// Its value with its source and freshness.
    pub field: FieldDetail,
}

/// What the person answered.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormAnswer {
    /// The field's name in the form.
    pub name: String,
    /// The value, as JSON.
    pub value: String,
}

#[uniffi::export]
impl Person {
    /// Fills a form with what the store has, and counts what needed no typing. `TooLarge` above 256 fields.
    pub async fn fill_form(&self, fields: Vec<FormField>, cancel: Arc<CancelHandle>) -> Result<FilledForm> {
        let records = self.store.get()?.records();
        task::run(
            &cancel,
            async move { FilledForm::of(records.fill(form(fields)).await?) },
        )
        .await
    }

    /// Keeps what the person answered where the store has something else or nothing; nothing is overwritten. Gives the
    /// records written.
    pub async fn keep_answers(
        &self,
        fields: Vec<FormField>,
        answers: Vec<FormAnswer>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Vec<String>> {
        let records = self.store.get()?.records();
        let read = |answer: FormAnswer| Ok((answer.name, json::read(&answer.value)?));
        let answers = answers.into_iter().map(read).collect::<Result<BTreeMap<_, _>>>()?;
        task::run(&cancel, async move {
            let written = records.keep_answers(form(fields), answers).await?;
            Ok(written.iter().map(ToString::to_string).collect())
        })
        .await
    }
}

fn form(fields: Vec<FormField>) -> kist_pds::Form {
    let field = |field: FormField| kist_pds::FormField {
        name: field.name,
        required: field.required,
        wants: field.wants.into(),
    };
    kist_pds::Form {
        fields: fields.into_iter().map(field).collect(),
    }
}

impl FilledForm {
    fn of(form: kist_pds::FilledForm) -> Result<Self> {
        Ok(FilledForm {
            fields: form.fields.into_iter().map(FilledField::of).collect::<Result<_>>()?,
            missing: form.missing,
            filled: u32::try_from(form.filled).unwrap_or(u32::MAX),
            keystrokes: form.keystrokes as u64,
        })
    }
}

impl FilledField {
    fn of(field: kist_pds::FilledField) -> Result<Self> {
        Ok(FilledField {
            name: field.name,
            value: field.value.map(FormValue::of).transpose()?,
            candidates: field.candidates.into_iter().map(FormValue::of).collect::<Result<_>>()?,
        })
    }
}

impl FormValue {
    fn of(candidate: kist_pds::Candidate) -> Result<Self> {
        Ok(FormValue {
            record: candidate.record.to_string(),
            field: FieldDetail::of(candidate.field)?,
        })
    }
}
