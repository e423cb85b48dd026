//! iCalendar (RFC 5545): events, tasks and journal entries as records.

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};
use kist_vault::schema;
use serde_json::{Map, Value, json};

use super::content_line::{self, Property};
use super::dates;
use super::plan::{Collector, Place, Reason};

/// The most components of a file.
pub(super) const MAX_COMPONENTS: usize = 100_000;
/// How deep components may be nested: a calendar, an event, an alarm.
pub(super) const MAX_NESTING: usize = 8;
/// The most properties of a component.
pub(super) const MAX_PROPERTIES: usize = 1_000;

const EVENT: &str = "urn:kist:schema:event:1";
const TASK: &str = "urn:kist:schema:task:1";
/// What an event becomes when it is asked for.
pub(super) const APPOINTMENT: &str = "urn:kist:schema:appointment:1";

/// Properties that say nothing about what is planned.
const SILENT: [&str; 12] = [
    "DTSTAMP",
    "CREATED",
    "LAST-MODIFIED",
    "SEQUENCE",
    "TRANSP",
    "CLASS",
    "VERSION",
    "PRODID",
    "X-ALT-DESC",
    "REQUEST-STATUS",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR",
];

struct Component {
    name: String,
    place: Place,
    properties: Vec<Property>,
}

/// Adds the records of a calendar file. `schema` asks for appointments in place of events.
pub(super) fn take(text: &str, schema: Option<&str>, found: &mut Collector) {
    let mut open: Vec<Component> = Vec::new();
    let mut count = 0_usize;
    for line in content_line::unfold(text) {
        let place = Place::line(line.number);
        let Some(property) = Property::parse(&line) else {
            found.leave_out(place, "", Reason::Malformed);
            continue;
        };
        match property.name.as_str() {
            "BEGIN" => {
                count += 1;
                if open.len() >= MAX_NESTING || count > MAX_COMPONENTS {
                    let reason = if open.len() >= MAX_NESTING {
                        Reason::TooDeep
                    } else {
                        Reason::TooMany
                    };
                    found.leave_out(place, &property.value, reason);
                    break;
                }
                open.push(Component {
                    name: property.value.trim().to_ascii_uppercase(),
                    place: place.at_index(count),
                    properties: Vec::new(),
                });
            }
            "END" => end(&mut open, &property, schema, found),
            name => match open.last_mut() {
                Some(component) if component.properties.len() < MAX_PROPERTIES => component.properties.push(property),
                Some(_) => found.leave_out(place, name, Reason::TooMany),
                None => found.leave_out(place, name, Reason::Malformed),
            },
        }
    }
    for component in open {
        found.leave_out(component.place, &component.name, Reason::Unfinished);
    }
}

/// Ends the innermost component of this name; those inside it that didn't end are left out.
fn end(open: &mut Vec<Component>, property: &Property, schema: Option<&str>, found: &mut Collector) {
    let name = property.value.trim().to_ascii_uppercase();
    let Some(depth) = open.iter().rposition(|component| component.name == name) else {
        found.leave_out(Place::line(property.line), &name, Reason::Malformed);
        return;
    };
    for inner in open.drain(depth + 1..) {
        found.leave_out(inner.place, &inner.name, Reason::Unfinished);
    }
    let Some(component) = open.pop() else { return };
    match component.name.as_str() {
        "VEVENT" if schema == Some(APPOINTMENT) => record(&component, APPOINTMENT, found),
        "VEVENT" => record(&component, EVENT, found),
        "VTODO" => record(&component, TASK, found),
        "VJOURNAL" => record(&component, schema::NOTE, found),
        "VCALENDAR" | "VTIMEZONE" | "STANDARD" | "DAYLIGHT" => {}
        other => found.leave_out(component.place, other, Reason::NoPlace),
    }
}

fn record(component: &Component, schema: &str, found: &mut Collector) {
    let mut body = Map::new();
    let mut tags = Vec::new();
    for property in &component.properties {
        let place = component.place.clone().at_line(property.line);
        match member(property, schema, &mut body, &mut tags) {
            Ok(()) => {}
            Err(_) if SILENT.contains(&property.name.as_str()) => {}
            Err(reason) => found.leave_out(place, &property.name, reason),
        }
    }
    finish(component, schema, &mut body, found);
    if let Some(planned) = found.record(component.place.clone(), schema, Value::Object(body)) {
        planned.tags.extend(tags);
    }
}

/// Puts a property where it stands in the record.
fn member(
    property: &Property,
    schema: &str,
    body: &mut Map<String, Value>,
    tags: &mut Vec<String>,
) -> Result<(), Reason> {
    let text = property.text();
    let mut set = |name: &str, value: Option<Value>| -> Result<(), Reason> {
        match value {
            Some(_) if body.contains_key(name) => Err(Reason::NoPlace),
            Some(value) => {
                body.insert(name.to_owned(), value);
                Ok(())
            }
            None => Ok(()),
        }
    };
    let words = text.clone().map(Value::from);
    match (property.name.as_str(), schema) {
        ("SUMMARY", _) => set("title", words),
        ("DESCRIPTION", schema::NOTE) => set("text", words),
        ("DESCRIPTION", APPOINTMENT) => set("note", words),
        ("DESCRIPTION", _) => set("description", words),
        ("DTSTART", schema::NOTE) => set("date", Some(moment(property)?.date.into())),
        ("CATEGORIES", _) => {
            tags.extend(property.list());
            Ok(())
        }
        ("UID", _) => set("uid", words),
        ("URL", _) => set("url", words),
        (_, schema::NOTE) => Err(Reason::NoPlace),
        ("LOCATION", _) => set("location", words),
        ("RECURRENCE-ID", _) => set("recurrence_id", words),
        ("STATUS", _) => set(
            "status",
            Some(status(&text.unwrap_or_default(), schema).ok_or(Reason::NoPlace)?.into()),
        ),
        ("DTSTART", TASK) => set("starts", Some(moment(property)?.date.into())),
        ("DTSTART", _) => {
            let moment = moment(property)?;
            set("date", Some(moment.date.into()))?;
            set("time", moment.time.map(Value::from))?;
            set("time_zone", moment.zone.map(Value::from))
        }
        ("DTEND" | "DURATION", TASK) => Err(Reason::NoPlace),
        // Read with the beginning, when all is known.
        ("DTEND" | "DURATION", _) => Ok(()),
        ("DUE", TASK) => {
            let moment = moment(property)?;
            set("due", Some(moment.date.into()))?;
            set("time", moment.time.map(Value::from))?;
            set("time_zone", moment.zone.map(Value::from))
        }
        ("COMPLETED", TASK) => set("completed", Some(moment(property)?.date.into())),
        ("PRIORITY", TASK) => match text.and_then(|text| text.parse::<u8>().ok()) {
            Some(0) => Ok(()),
            Some(priority) => set("priority", Some(priority.into())),
            None => Err(Reason::Malformed),
        },
        ("PERCENT-COMPLETE", TASK) => {
            let percent = text.and_then(|text| text.parse::<u8>().ok()).ok_or(Reason::Malformed)?;
            set("percent", Some(percent.into()))
        }
        ("RRULE", APPOINTMENT) => Err(Reason::NoPlace),
        ("RRULE", _) => set("repeats", Some(property.value.trim().into())),
        ("EXDATE", _) => push(body, "excluded_dates", property.value.trim().into()),
        ("RDATE", _) => push(body, "further_dates", property.value.trim().into()),
        ("ORGANIZER", APPOINTMENT) => set("provider", party(property).map(Value::from)),
        ("ORGANIZER", EVENT) => set("organiser", party(property).map(Value::from)),
        ("ATTENDEE", EVENT) => match party(property) {
            Some(party) => push(body, "attendees", party.into()),
            None => Ok(()),
        },
        _ => Err(Reason::NoPlace),
    }
}

fn push(body: &mut Map<String, Value>, name: &str, item: Value) -> Result<(), Reason> {
    if let Some(list) = body.entry(name).or_insert_with(|| json!([])).as_array_mut() {
        list.push(item);
    }
    Ok(())
}

/// Works out the end, and gives a title to what has none.
fn finish(component: &Component, schema: &str, body: &mut Map<String, Value>, found: &mut Collector) {
    let property = |name: &str| component.properties.iter().find(|property| property.name == name);
    if schema == EVENT || schema == APPOINTMENT {
        let ends = match (property("DTEND"), property("DURATION")) {
            (Some(end), _) => Some((end, moment(end))),
            (None, Some(duration)) => {
                let start = property("DTSTART").and_then(|start| moment(start).ok());
                Some((
                    duration,
                    start
                        .and_then(|start| after(&start, &duration.value))
                        .ok_or(Reason::Malformed),
                ))
            }
            (None, None) => None,
        };
        match ends {
            Some((_, Ok(end))) => set_end(body, end, schema),
            Some((at, Err(reason))) => found.leave_out(component.place.clone().at_line(at.line), &at.name, reason),
            None => {}
        }
    }
    if schema != schema::NOTE {
        let instead = ["description", "location", "note"]
            .into_iter()
            .find_map(|name| body.get(name)?.as_str());
        let title = instead
            .and_then(|text| text.lines().next())
            .map(|line| super::plan::shortened(line, 200).to_owned());
        if let (false, Some(title)) = (body.contains_key("title"), title) {
            body.insert("title".to_owned(), title.into());
        }
    }
}

/// The end of a day-long event is the day after its last (section 3.6.1).
fn set_end(body: &mut Map<String, Value>, end: Moment, schema: &str) {
    let date = match (&end.time, end.date.parse::<jiff::civil::Date>()) {
        (None, Ok(date)) => date.yesterday().map_or(end.date.clone(), |date| date.to_string()),
        _ => end.date.clone(),
    };
    let starts = body.get("date").and_then(Value::as_str).unwrap_or_default();
    if schema == EVENT && date.as_str() > starts {
        body.insert("end_date".to_owned(), date.into());
    }
    if let Some(time) = end.time {
        body.insert("end_time".to_owned(), time.into());
    }
}

/// A point in time as records have it.
struct Moment {
    date: String,
    time: Option<String>,
    zone: Option<String>,
}

/// `20261124`, `20261124T090000`, `20261124T090000Z`; the zone is that of `TZID`, whatever it is called.
fn moment(property: &Property) -> Result<Moment, Reason> {
    let value = property.value.trim();
    let (date, time) = match value.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (value, None),
    };
    let digits: String = date.chars().filter(|symbol| *symbol != '-').collect();
    let date = dates::basic(&digits).ok_or(Reason::Malformed)?.to_string();
    let Some(time) = time else {
        return Ok(Moment {
            date,
            time: None,
            zone: None,
        });
    };
    let (time, utc) = match time.strip_suffix('Z') {
        Some(time) => (time, true),
        None => (time, false),
    };
    let digits: String = time.chars().filter(|symbol| *symbol != ':').collect();
    let part = |from: usize| digits.get(from..from + 2).and_then(|part| part.parse::<i8>().ok());
    let (hour, minute) = (part(0).ok_or(Reason::Malformed)?, part(2).ok_or(Reason::Malformed)?);
    let second = part(4).unwrap_or(0).min(59);
    let time = Time::new(hour, minute, second, 0).map_err(|_| Reason::Malformed)?;
    let zone = match utc {
        true => Some("UTC".to_owned()),
        false => property
            .parameter("TZID")
            .map(|zone| zone.trim_start_matches('/').to_owned()),
    };
    Ok(Moment {
        date,
        time: Some(format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())),
        zone,
    })
}

/// The moment so long after another: `P1D`, `PT1H30M`, `P2W` (section 3.3.6).
fn after(start: &Moment, duration: &str) -> Option<Moment> {
    let rest = duration.trim().trim_start_matches('+').strip_prefix('P')?;
    let (mut seconds, mut digits, mut days_only) = (0_i64, String::new(), true);
    for symbol in rest.chars() {
        let unit = match symbol {
            '0'..='9' => {
                digits.push(symbol);
                continue;
            }
            'T' => continue,
            'W' => 604_800,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        days_only &= unit >= 86_400;
        let count: i64 = std::mem::take(&mut digits).parse().ok()?;
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
    }
    let date: jiff::civil::Date = start.date.parse().ok()?;
    let time = match &start.time {
        Some(time) => time.parse().ok()?,
        None => Time::midnight(),
    };
    let end = DateTime::from_parts(date, time)
        .checked_add(SignedDuration::from_secs(seconds))
        .ok()?;
    let timed = start.time.is_some() || !days_only;
    let time = end.time();
    Some(Moment {
        date: end.date().to_string(),
        time: timed.then(|| format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())),
        zone: start.zone.clone(),
    })
}

/// A person by name, else by address.
fn party(property: &Property) -> Option<String> {
    let named = property.parameter("CN").and_then(super::text::filled);
    named.or_else(|| {
        let address = property.text()?;
        let plain = address.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
        Some(plain.and_then(|_| address.get(7..)).unwrap_or(&address).to_owned())
    })
}

fn status(status: &str, schema: &str) -> Option<&'static str> {
    match (schema, status.to_ascii_uppercase().as_str()) {
        (EVENT, "TENTATIVE") => Some("tentative"),
        (EVENT, "CONFIRMED") => Some("confirmed"),
        (_, "CANCELLED") => Some("cancelled"),
        (TASK, "NEEDS-ACTION") => Some("open"),
        (TASK, "IN-PROCESS") => Some("started"),
        (TASK, "COMPLETED") => Some("done"),
        (APPOINTMENT, "TENTATIVE") => Some("proposed"),
        (APPOINTMENT, "CONFIRMED") => Some("booked"),
        _ => None,
    }
}
