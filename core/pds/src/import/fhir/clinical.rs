//! Clinical resources of FHIR R4 as records. A mapping that can't fill what its schema requires gives a body that breaks it,
//! and the resource is then kept whole.

use kist_vault::schema;
use serde_json::{Map, Value};

use super::values::{self, Coded};
use super::{Mapped, Reader};

/// Puts members together.
struct Body {
    members: Map<String, Value>,
    partial: Vec<&'static str>,
}

impl Body {
    /// Begins with what it is about: in words, with its code and system.
    fn about(member: &str, coded: Coded) -> Self {
        let mut body = Body {
            members: Map::new(),
            partial: Vec::new(),
        };
        body.text(member, coded.words);
        body.text("code", coded.code);
        body.text("code_system", coded.system.filter(|system| system.contains(':')));
        body
    }

    fn text(&mut self, member: &str, text: Option<String>) {
        self.value(member, text.map(Value::from));
    }

    fn value(&mut self, member: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.members.insert(member.to_owned(), value);
        }
    }

    /// A date; one of which only a part is known is told.
    fn date(&mut self, member: &str, source: &'static str, value: &Value) {
        match values::date(value) {
            Some((date, _)) => self.text(member, Some(date)),
            None if values::is_partial(value) => self.partial.push(source),
            None => {}
        }
    }

    /// A word of a fixed vocabulary, by the code that FHIR has for it.
    fn word(&mut self, member: &str, code: Option<&str>, table: &[(&str, &str)]) {
        let known = code.and_then(|code| table.iter().find(|(from, _)| *from == code));
        self.text(member, known.map(|(_, to)| (*to).to_owned()));
    }

    fn done(self, schema: &'static str, read: &'static [&'static str]) -> Option<Mapped> {
        Some(Mapped {
            schema,
            body: Value::Object(self.members),
            read,
            partial: self.partial,
        })
    }
}

pub(super) fn immunization(of: &Reader<'_>) -> Option<Mapped> {
    let value = of.value;
    if value["status"] != "completed" {
        return None;
    }
    let mut body = Body::about("vaccine", values::coded(&value["vaccineCode"]));
    body.date("date", "occurrenceDateTime", &value["occurrenceDateTime"]);
    let protocol = &value["protocolApplied"][0];
    body.value(
        "dose",
        Some(protocol["doseNumberPositiveInt"].clone()).filter(Value::is_u64),
    );
    body.value(
        "doses",
        Some(protocol["seriesDosesPositiveInt"].clone()).filter(Value::is_u64),
    );
    body.text("lot", value["lotNumber"].as_str().map(str::to_owned));
    body.text("site", values::words(&value["site"]));
    let performers = value["performer"].as_array().into_iter().flatten();
    let mut performers = performers.filter_map(|performer| of.referred(&performer["actor"]));
    body.text("performer", performers.next());
    const READ: &[&str] = &[
        "vaccineCode",
        "occurrenceDateTime",
        "protocolApplied",
        "lotNumber",
        "site",
        "performer",
        "primarySource",
        "recorded",
    ];
    body.done(schema::VACCINATION, READ)
}

pub(super) fn allergy(of: &Reader<'_>) -> Option<Mapped> {
    let value = of.value;
    let mut body = Body::about("substance", values::coded(&value["code"]));
    body.word(
        "kind",
        value["type"].as_str(),
        &[("allergy", "allergy"), ("intolerance", "intolerance")],
    );
    let categories = [
        ("food", "food"),
        ("medication", "medicine"),
        ("environment", "environment"),
        ("biologic", "biologic"),
    ];
    body.word("category", value["category"][0].as_str(), &categories);
    let criticality = [("low", "low"), ("high", "high"), ("unable-to-assess", "unknown")];
    body.word("criticality", value["criticality"].as_str(), &criticality);
    let states = [("active", "active"), ("inactive", "inactive"), ("resolved", "resolved")];
    body.word("status", of.status("clinicalStatus"), &states);
    let reactions = value["reaction"].as_array().map(Vec::as_slice).unwrap_or_default();
    let signs: Vec<String> = reactions
        .iter()
        .flat_map(|reaction| values::all_words(&reaction["manifestation"]))
        .collect();
    body.value(
        "reactions",
        Some(Value::from(signs)).filter(|signs| signs != &Value::Array(Vec::new())),
    );
    let severities = [("mild", "mild"), ("moderate", "moderate"), ("severe", "severe")];
    let worst = ["severe", "moderate", "mild"]
        .into_iter()
        .find(|severity| reactions.iter().any(|reaction| reaction["severity"] == **severity));
    body.word("severity", worst, &severities);
    body.date("since", "onsetDateTime", &value["onsetDateTime"]);
    body.text("note", values::notes(&value["note"]));
    const READ: &[&str] = &[
        "code",
        "type",
        "category",
        "criticality",
        "clinicalStatus",
        "reaction",
        "onsetDateTime",
        "note",
        "recordedDate",
    ];
    body.done("urn:kist:schema:allergy:1", READ)
}

/// MedicationStatement and MedicationRequest.
pub(super) fn medication(of: &Reader<'_>) -> Option<Mapped> {
    let value = of.value;
    let concept = &value["medicationCodeableConcept"];
    let referred = || Some(&of.resolve(&value["medicationReference"])?["code"]);
    let coded = match concept.is_null() {
        false => values::coded(concept),
        true => match referred() {
            Some(code) => values::coded(code),
            None => Coded {
                words: value["medicationReference"]["display"].as_str().map(str::to_owned),
                code: None,
                system: None,
            },
        },
    };
    let mut body = Body::about("medicine", coded);
    let dosage = if value["dosage"].is_array() {
        &value["dosage"]
    } else {
        &value["dosageInstruction"]
    };
    let dosages: Vec<&str> = dosage
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|dosage| dosage["text"].as_str())
        .collect();
    body.text("dosage", super::super::text::filled(&dosages.join("\n")));
    body.text("route", values::words(&dosage[0]["route"]));
    let states = [
        ("active", "active"),
        ("completed", "completed"),
        ("intended", "intended"),
        ("stopped", "stopped"),
        ("cancelled", "stopped"),
        ("on-hold", "paused"),
        ("draft", "intended"),
        ("not-taken", "not_taken"),
        ("unknown", "unknown"),
    ];
    body.word("status", value["status"].as_str(), &states);
    let reasons = values::all_words(&value["reasonCode"]);
    body.text("reason", super::super::text::filled(&reasons.join(", ")));
    body.text(
        "prescriber",
        of.referred(&value["requester"])
            .or_else(|| of.referred(&value["informationSource"])),
    );
    body.date("since", "effectivePeriod", &value["effectivePeriod"]["start"]);
    body.date("since", "effectiveDateTime", &value["effectiveDateTime"]);
    body.date("since", "authoredOn", &value["authoredOn"]);
    body.date("until", "effectivePeriod", &value["effectivePeriod"]["end"]);
    body.text("note", values::notes(&value["note"]));
    const READ: &[&str] = &[
        "medicationCodeableConcept",
        "medicationReference",
        "dosage",
        "dosageInstruction",
        "reasonCode",
        "requester",
        "informationSource",
        "effectivePeriod",
        "effectiveDateTime",
        "authoredOn",
        "note",
        "intent",
        "dateAsserted",
    ];
    body.done("urn:kist:schema:medication:1", READ)
}

pub(super) fn condition(of: &Reader<'_>) -> Option<Mapped> {
    let value = of.value;
    let mut body = Body::about("condition", values::coded(&value["code"]));
    let states = [
        ("active", "active"),
        ("recurrence", "recurrence"),
        ("relapse", "relapse"),
        ("inactive", "inactive"),
        ("remission", "remission"),
        ("resolved", "resolved"),
    ];
    body.word("status", of.status("clinicalStatus"), &states);
    // SNOMED CT, as the value set of Condition.severity has it.
    let severities = [("24484000", "severe"), ("6736007", "moderate"), ("255604002", "mild")];
    body.word("severity", value["severity"]["coding"][0]["code"].as_str(), &severities);
    body.text("site", values::all_words(&value["bodySite"]).into_iter().next());
    body.date("since", "onsetDateTime", &value["onsetDateTime"]);
    body.date("since", "onsetPeriod", &value["onsetPeriod"]["start"]);
    body.date("until", "abatementDateTime", &value["abatementDateTime"]);
    body.text("performer", of.referred(&value["asserter"]));
    body.text("note", values::notes(&value["note"]));
    const READ: &[&str] = &[
        "code",
        "clinicalStatus",
        "severity",
        "bodySite",
        "onsetDateTime",
        "onsetPeriod",
        "abatementDateTime",
        "asserter",
        "note",
        "category",
        "recordedDate",
    ];
    body.done("urn:kist:schema:condition:1", READ)
}

pub(super) fn observation(of: &Reader<'_>) -> Option<Mapped> {
    let value = of.value;
    let mut body = Body::about("name", values::coded(&value["code"]));
    let moment = ["effectiveDateTime", "effectiveInstant"]
        .into_iter()
        .find_map(|member| values::date(&value[member]));
    let moment = moment.or_else(|| values::date(&value["effectivePeriod"]["start"]));
    if let Some((date, time)) = moment {
        body.text("date", Some(date));
        body.text("time", time);
    }
    result(value, &mut body.members);
    let components = value["component"].as_array().map(Vec::as_slice).unwrap_or_default();
    let components: Vec<Value> = components.iter().map(component).collect();
    body.value("components", (!components.is_empty()).then(|| components.into()));
    let interpretations = values::all_words(&value["interpretation"]);
    body.text(
        "interpretation",
        super::super::text::filled(&interpretations.join(", ")),
    );
    body.text("range", range(&value["referenceRange"][0]));
    let performers = value["performer"].as_array().into_iter().flatten();
    body.text(
        "performer",
        performers.filter_map(|performer| of.referred(performer)).next(),
    );
    body.text("note", values::notes(&value["note"]));
    const READ: &[&str] = &[
        "code",
        "effectiveDateTime",
        "effectiveInstant",
        "effectivePeriod",
        "valueQuantity",
        "valueCodeableConcept",
        "valueString",
        "valueBoolean",
        "valueInteger",
        "valueRange",
        "valueDateTime",
        "dataAbsentReason",
        "component",
        "interpretation",
        "referenceRange",
        "performer",
        "note",
        "category",
        "issued",
    ];
    body.done("urn:kist:schema:observation:1", READ)
}

/// A part of a measurement, such as one of the two numbers of a blood pressure.
fn component(value: &Value) -> Value {
    let coded = values::coded(&value["code"]);
    let mut members = Map::new();
    let named = [
        ("name", coded.words),
        ("code", coded.code),
        ("code_system", coded.system),
    ];
    members.extend(
        named
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), Value::from(text?)))),
    );
    result(value, &mut members);
    Value::Object(members)
}

/// The result of a measurement, whatever its type.
fn result(value: &Value, members: &mut Map<String, Value>) {
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let quantity = &value["valueQuantity"];
    if quantity["comparator"].is_string() {
        // `<5` is no 5.
        set("text", values::quantity_words(quantity).map(Value::from));
        return;
    }
    let (number, unit) = values::quantity(quantity);
    set(
        "value",
        number.or_else(|| Some(value["valueInteger"].clone()).filter(Value::is_number)),
    );
    set("unit", unit.map(Value::from));
    let words = values::words(&value["valueCodeableConcept"])
        .or_else(|| value["valueString"].as_str().map(str::to_owned))
        .or_else(|| value["valueBoolean"].as_bool().map(|truth| truth.to_string()))
        .or_else(|| value["valueDateTime"].as_str().map(str::to_owned))
        .or_else(|| range(&value["valueRange"]))
        .or_else(|| values::words(&value["dataAbsentReason"]));
    set("text", words.map(Value::from));
}

fn range(value: &Value) -> Option<String> {
    let text = value["text"].as_str().map(str::to_owned);
    text.or_else(|| {
        match (
            values::quantity_words(&value["low"]),
            values::quantity_words(&value["high"]),
        ) {
            (Some(low), Some(high)) => Some(format!("{low} – {high}")),
            (Some(low), None) => Some(format!("≥ {low}")),
            (None, Some(high)) => Some(format!("≤ {high}")),
            (None, None) => None,
        }
    })
}

pub(super) fn procedure(of: &Reader<'_>) -> Option<Mapped> {
    let value = of.value;
    let mut body = Body::about("procedure", values::coded(&value["code"]));
    body.date("date", "performedDateTime", &value["performedDateTime"]);
    body.date("date", "performedPeriod", &value["performedPeriod"]["start"]);
    let states = [
        ("preparation", "planned"),
        ("in-progress", "started"),
        ("completed", "completed"),
        ("stopped", "stopped"),
        ("on-hold", "stopped"),
        ("not-done", "cancelled"),
    ];
    body.word("status", value["status"].as_str(), &states);
    let reasons = values::all_words(&value["reasonCode"]);
    body.text("reason", super::super::text::filled(&reasons.join(", ")));
    body.text("site", values::all_words(&value["bodySite"]).into_iter().next());
    let performers = value["performer"].as_array().into_iter().flatten();
    body.text(
        "performer",
        performers
            .filter_map(|performer| of.referred(&performer["actor"]))
            .next(),
    );
    body.text("location", of.referred(&value["location"]));
    body.text("outcome", values::words(&value["outcome"]));
    body.text("note", values::notes(&value["note"]));
    const READ: &[&str] = &[
        "code",
        "performedDateTime",
        "performedPeriod",
        "reasonCode",
        "bodySite",
        "performer",
        "location",
        "outcome",
        "note",
        "category",
    ];
    body.done("urn:kist:schema:procedure:1", READ)
}
