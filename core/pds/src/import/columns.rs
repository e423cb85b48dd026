//! What the columns of a table become: found from the names in the header, shown to the person, changed by them, and kept
//! for the next file with the same header.

use std::collections::HashMap;
use std::sync::LazyLock;

use kist_vault::schema::{self, Schema};
use serde_json::{Map, Value, json};

use super::csv::Row;
use super::dates::{self, DateOrder};
use super::plan::{Collector, Column, Columns, Place, Reason};

/// The schema of a record whose columns are of no schema.
pub(super) const ANY: &str = "urn:kist:schema:any:1";

/// What people and programs call members, as they stand without blanks, digits, signs and case.
const SYNONYMS: [(&str, &str); 56] = [
    ("firstname", "given_name"),
    ("forename", "given_name"),
    ("vorname", "given_name"),
    ("surname", "family_name"),
    ("lastname", "family_name"),
    ("nachname", "family_name"),
    ("middlename", "middle_name"),
    ("additionalname", "middle_name"),
    ("displayname", "full_name"),
    ("name", "full_name"),
    ("prefix", "honorific_prefix"),
    ("nameprefix", "honorific_prefix"),
    ("suffix", "honorific_suffix"),
    ("namesuffix", "honorific_suffix"),
    ("dob", "birthdate"),
    ("dateofbirth", "birthdate"),
    ("birthdate", "birthday"),
    ("company", "organisation"),
    ("organization", "organisation"),
    ("organizationname", "organisation"),
    ("employer", "organisation"),
    ("jobtitle", "role"),
    ("organizationtitle", "role"),
    ("email", "emails/0/value"),
    ("emailaddress", "emails/0/value"),
    ("emailvalue", "emails/0/value"),
    ("emailtype", "emails/0/kind"),
    ("emaillabel", "emails/0/kind"),
    ("mobile", "phones/0/value"),
    ("mobilephone", "phones/0/value"),
    ("phone", "phones/0/value"),
    ("telephone", "phones/0/value"),
    ("homephone", "phones/1/value"),
    ("businessphone", "phones/2/value"),
    ("workphone", "phones/2/value"),
    ("phonevalue", "phones/0/value"),
    ("phonetype", "phones/0/kind"),
    ("phonelabel", "phones/0/kind"),
    ("addressstreet", "addresses/0/street_address"),
    ("homestreet", "addresses/0/street_address"),
    ("businessstreet", "addresses/1/street_address"),
    ("addresscity", "addresses/0/locality"),
    ("homecity", "addresses/0/locality"),
    ("businesscity", "addresses/1/locality"),
    ("addressregion", "addresses/0/region"),
    ("addresspostalcode", "addresses/0/postal_code"),
    ("homepostalcode", "addresses/0/postal_code"),
    ("businesspostalcode", "addresses/1/postal_code"),
    ("addresscountry", "addresses/0/country"),
    ("website", "url"),
    ("websitevalue", "url"),
    ("webpage", "url"),
    ("notes", "note"),
    ("phonenumber", "phone_number"),
    ("amount", "amount"),
    ("subject", "title"),
];
/// Words for the members of an address and of plans, which need no table of their own.
const WORDS: [(&str, &str); 14] = [
    ("street", "street_address"),
    ("address", "street_address"),
    ("addressline", "street_address"),
    ("city", "locality"),
    ("town", "locality"),
    ("county", "region"),
    ("state", "region"),
    ("postcode", "postal_code"),
    ("zip", "postal_code"),
    ("zipcode", "postal_code"),
    ("startdate", "date"),
    ("starttime", "time"),
    ("comment", "note"),
    ("phone", "phone_number"),
];

/// Finds what the columns become: of the schema asked for, else of the one that fits most of them.
pub(super) fn suggest(header: &[String], wanted: Option<&str>) -> Columns {
    let mapped = |schema: &str| -> Vec<Option<String>> {
        let mut taken: Vec<String> = Vec::new();
        let find = |name: &String| {
            let member = member_for(name, schema).filter(|member| !taken.contains(member))?;
            taken.push(member.clone());
            Some(member)
        };
        header.iter().map(find).collect()
    };
    let best = || {
        let known = schema::known().filter(|uri| *uri != schema::CONNECTION);
        let fit = known.filter_map(|uri| Some((uri, mapped(uri), schema::schema(uri)?)));
        let whole = fit.filter(|(_, members, schema)| has_required(schema, members));
        let counted = whole.map(|(uri, members, _)| (members.iter().flatten().count(), uri, members));
        // The first of the best: the contact, where a name is all there is.
        let best = counted.max_by_key(|(count, uri, _)| (*count, *uri == schema::CONTACT, std::cmp::Reverse(*uri)));
        best.filter(|(count, ..)| count * 2 >= header.len() && (*count > 1 || header.len() == 1))
    };
    let (schema, members) = match wanted {
        Some(uri) if schema::schema(uri).is_some() => (Some(uri.to_owned()), mapped(uri)),
        // A schema that isn't known here: members by the names of the columns.
        Some(uri) => (
            Some(uri.to_owned()),
            header.iter().map(|name| Some(snake(name))).collect(),
        ),
        None => match best() {
            Some((_, uri, members)) => (Some(uri.to_owned()), members),
            None => (None, vec![None; header.len()]),
        },
    };
    let columns = header.iter().zip(members).map(|(header, member)| Column {
        header: header.clone(),
        member,
    });
    Columns {
        schema,
        columns: columns.collect(),
        dates: None,
    }
}

fn has_required(schema: &Schema, members: &[Option<String>]) -> bool {
    let required = schema.json()["required"].as_array().into_iter().flatten();
    let mut required = required.filter_map(Value::as_str);
    // A contact's whole name is made of its parts.
    let has = |name: &str| members.iter().flatten().any(|member| member == name);
    required.all(|name| has(name) || (name == "full_name" && (has("given_name") || has("family_name"))))
}

/// The members of each schema by what a column may be called: as the member is, as people and programs call it, as a term of
/// another vocabulary has it.
static NAMES: LazyLock<HashMap<&'static str, HashMap<String, String>>> = LazyLock::new(|| {
    let named = schema::known().filter_map(|uri| Some((uri, names(schema::schema(uri)?))));
    named.collect()
});

fn names(schema: &Schema) -> HashMap<String, String> {
    let mut names = HashMap::new();
    let Some(members) = schema.json()["properties"].as_object() else {
        return names;
    };
    let simple = || {
        members
            .iter()
            .filter(|(_, member)| member["type"] != "array" && member["type"] != "object")
    };
    for (name, _) in simple() {
        names.insert(plain(name).0, name.clone());
    }
    for (word, member) in SYNONYMS.iter().chain(&WORDS) {
        if members.contains_key(member.split('/').next().unwrap_or_default()) {
            names.entry((*word).to_owned()).or_insert((*member).to_owned());
        }
    }
    for (name, _) in simple() {
        for term in schema.maps(&format!("/{name}")) {
            let term = plain(term.rsplit(['.', ':']).next().unwrap_or(term)).0;
            names.entry(term).or_insert(name.clone());
        }
    }
    names
}

/// The member that a name of a column means.
fn member_for(name: &str, uri: &str) -> Option<String> {
    let (plain, number) = plain(name);
    let member = NAMES.get(uri)?.get(&plain)?;
    // `Phone 2 - Value` is the second of them.
    let index = number.unwrap_or(1).clamp(1, 100) - 1;
    Some(match index > 0 && member.contains("/0/") {
        true => member.replace("/0/", &format!("/{index}/")),
        false => member.clone(),
    })
}

/// Letters alone, small, and the number among them.
fn plain(name: &str) -> (String, Option<usize>) {
    let letters = name
        .chars()
        .filter(|symbol| symbol.is_alphabetic())
        .flat_map(char::to_lowercase);
    let digits: String = name.chars().filter(char::is_ascii_digit).take(4).collect();
    (letters.take(100).collect(), digits.parse().ok())
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for symbol in name.trim().chars().take(100) {
        match symbol.is_alphanumeric() {
            true => out.extend(symbol.to_lowercase()),
            false if out.ends_with('_') || out.is_empty() => {}
            false => out.push('_'),
        }
    }
    let out = out.trim_end_matches('_');
    if out.is_empty() {
        "value".to_owned()
    } else {
        out.to_owned()
    }
}

/// Adds a record for each row.
pub(super) fn take(rows: &[Row], mut columns: Columns, found: &mut Collector) {
    let schema = columns.schema.clone().unwrap_or_else(|| ANY.to_owned());
    let header_line = rows.first().map_or(1, |row| row.line);
    for column in columns
        .columns
        .iter()
        .filter(|column| column.member.is_none() && !column.header.is_empty())
    {
        found.leave_out(Place::line(header_line), &column.header, Reason::ColumnNotMapped);
    }
    let rows = rows.get(1..).unwrap_or_default();
    if columns.dates.is_none() {
        columns.dates = order_of(rows, &columns, &schema);
    }
    let order = columns.dates;
    for (index, row) in rows.iter().enumerate() {
        let place = Place::line(row.line).at_index(index + 1);
        let mut body = Value::Object(Map::new());
        for (position, value) in row
            .values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.trim().is_empty())
        {
            let Some(column) = columns.columns.get(position) else {
                found.leave_out(place.clone(), &(position + 1).to_string(), Reason::ColumnMissing);
                continue;
            };
            let Some(member) = &column.member else { continue };
            match converted(value.trim(), member_schema(&schema, member), order) {
                Ok(value) => put(&mut body, member, value),
                Err(reason) => found.leave_out(place.clone(), &column.header, reason),
            }
        }
        tidy(&mut body, &schema);
        if body.as_object().is_some_and(|members| !members.is_empty()) {
            found.record(place, &schema, body);
        }
    }
    found.plan.columns = Some(columns);
}

/// The order of dates, where a date among the rows shows it and none shows the other.
fn order_of(rows: &[Row], columns: &Columns, schema: &str) -> Option<DateOrder> {
    let is_date = |column: &Column| {
        let member = column.member.as_ref();
        member.is_some_and(|member| member_schema(schema, member).is_some_and(|member| member["format"] == "date"))
    };
    let places: Vec<usize> = (0..columns.columns.len())
        .filter(|at| columns.columns.get(*at).is_some_and(is_date))
        .collect();
    let mut seen = None;
    for row in rows {
        for order in places.iter().filter_map(|at| dates::shown_order(row.values.get(*at)?)) {
            if seen.is_some_and(|seen| seen != order) {
                return None;
            }
            seen = Some(order);
        }
    }
    seen
}

/// The schema of a member by its path.
fn member_schema(uri: &str, path: &str) -> Option<&'static Value> {
    let mut at = schema::schema(uri)?.json();
    for step in path.split('/').filter(|step| !step.is_empty()) {
        at = match step.bytes().all(|byte| byte.is_ascii_digit()) {
            true => at.get("items")?,
            false => at.get("properties")?.get(step)?,
        };
    }
    Some(at)
}

/// A value of the type that the member asks for.
fn converted(text: &str, member: Option<&Value>, order: Option<DateOrder>) -> Result<Value, Reason> {
    let Some(member) = member else {
        return Ok(text.into());
    };
    match (member["type"].as_str(), member["format"].as_str()) {
        (Some("string"), Some("date")) => match dates::find(text) {
            Some(date) => date
                .date(order)
                .map(|date| date.to_string().into())
                .ok_or(Reason::DateOrderUnknown),
            None => Err(Reason::Malformed),
        },
        (Some("string"), Some("time-local")) => dates::time(text).map(Value::from).ok_or(Reason::Malformed),
        (Some("string"), Some("decimal")) => number(text).map(Value::from).ok_or(Reason::Malformed),
        (Some("string"), _) => Ok(choice(text, member).unwrap_or(text).into()),
        (Some("integer"), _) => number(text)
            .and_then(|text| text.parse::<i64>().ok())
            .map(Value::from)
            .ok_or(Reason::Malformed),
        (Some("number"), _) => {
            let number = number(text).and_then(|text| text.parse::<f64>().ok());
            number
                .filter(|number| number.is_finite())
                .map(Value::from)
                .ok_or(Reason::Malformed)
        }
        (Some("boolean"), _) => truth(text).map(Value::from).ok_or(Reason::Malformed),
        (Some("array"), _) => {
            let items = text.split([';', '\n']).map(str::trim).filter(|item| !item.is_empty());
            let items = items.map(|item| converted(item, member.get("items"), order));
            Ok(Value::Array(items.collect::<Result<_, _>>()?))
        }
        (Some("object"), _) => serde_json::from_str::<Map<String, Value>>(text)
            .map(Value::Object)
            .map_err(|_| Reason::Malformed),
        _ => Ok(text.into()),
    }
}

/// One of the values allowed, in whatever case it is written.
fn choice<'a>(text: &str, member: &'a Value) -> Option<&'a str> {
    let allowed = member["enum"].as_array()?;
    allowed
        .iter()
        .filter_map(Value::as_str)
        .find(|known| known.eq_ignore_ascii_case(text))
}

/// A number without signs of currency and of thousands: `1,234.50`, `1.234,50` and `12,5` are what they are taken for.
fn number(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .filter(|symbol| !symbol.is_whitespace() && !matches!(symbol, '£' | '€' | '$' | '\''))
        .collect();
    let plain = match (kept.rfind('.'), kept.rfind(',')) {
        (Some(point), Some(comma)) if point > comma => kept.replace(',', ""),
        (Some(_), Some(_)) => kept.replace('.', "").replace(',', "."),
        (None, Some(comma)) => match kept.len() - comma == 4 && kept.len() > 4 {
            true => kept.replace(',', ""),
            false => kept.replacen(',', ".", 1),
        },
        _ => kept,
    };
    let unsigned = plain.trim_start_matches(['-', '+']);
    let digits = unsigned.len() <= 30 && unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let valid = digits && unsigned.bytes().any(|byte| byte.is_ascii_digit()) && unsigned.matches('.').count() <= 1;
    valid.then(|| plain.trim_start_matches('+').to_owned())
}

fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "x" | "ie" | "ydw" | "oes" => Some(true),
        "false" | "no" | "n" | "0" | "na" | "nage" => Some(false),
        _ => None,
    }
}

/// Puts a value at a path, making what holds it; an index is at most the list's length.
fn put(body: &mut Value, path: &str, value: Value) {
    let mut at = body;
    for step in path.split('/').filter(|step| !step.is_empty()) {
        at = match step.parse::<usize>() {
            Ok(index) => {
                if !at.is_array() {
                    *at = json!([]);
                }
                let Value::Array(items) = at else { return };
                while items.len() <= index.min(100) {
                    items.push(Value::Null);
                }
                match items.get_mut(index.min(100)) {
                    Some(item) => item,
                    None => return,
                }
            }
            Err(_) => {
                if !at.is_object() {
                    *at = json!({});
                }
                let Value::Object(members) = at else { return };
                members.entry(step).or_insert(Value::Null)
            }
        };
    }
    *at = value;
}

/// Takes out items that no column filled, and makes a contact's whole name of its parts.
fn tidy(body: &mut Value, schema: &str) {
    let Value::Object(members) = body else { return };
    for value in members.values_mut() {
        if let Value::Array(items) = value {
            items.retain(|item| {
                !item.is_null() && (item.get("kind").is_none() || item.as_object().is_some_and(|item| item.len() > 1))
            });
        }
    }
    members.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()));
    if schema == schema::CONTACT && !members.contains_key("full_name") {
        let parts = ["given_name", "middle_name", "family_name"];
        let parts: Vec<&str> = parts.iter().filter_map(|part| members.get(*part)?.as_str()).collect();
        let name = match parts.is_empty() {
            true => members.get("organisation").and_then(Value::as_str).map(str::to_owned),
            false => Some(parts.join(" ")),
        };
        if let Some(name) = name {
            members.insert("full_name".to_owned(), name.into());
        }
    }
}
