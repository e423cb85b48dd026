//! Cards as records: the person's own as a record for each part, others' as one contact each. docs/formats/import.md has
//! the tables.

use std::sync::Arc;

use kist_vault::schema;
use serde_json::{Map, Value, json};

use super::content_line::Property;
use super::dates;
use super::plan::{Attachment, Collector, Place, Reason};
use super::vcard::{Card, Media, media};

/// Whose a vCard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CardOwner {
    /// The person's own: name, birth date, addresses, telephone numbers and mail addresses become records of their own.
    Mine,
    /// Somebody else's: one contact.
    #[default]
    Contact,
}

/// Properties that say nothing about anybody.
const SILENT: [&str; 22] = [
    "VERSION",
    "PRODID",
    "REV",
    "SOURCE",
    "NAME",
    "PROFILE",
    "CLASS",
    "MAILER",
    "CLIENTPIDMAP",
    "SORT-STRING",
    "X-ABLABEL",
    "X-ABADR",
    "X-ABUID",
    "X-ABSHOWAS",
    "X-ABRELATEDNAMES-ID",
    "X-IMAGEHASH",
    "X-IMAGETYPE",
    "X-SHARED-PHOTO-DISPLAY-PREF",
    "X-MS-IMADDRESS-TYPE",
    "X-MS-OL-DEFAULT-POSTAL-ADDRESS",
    "X-MS-OL-DESIGN",
    "X-EVOLUTION-FILE-AS",
];

/// Adds the records of a card.
pub(super) fn take(card: &Card, owner: CardOwner, found: &mut Collector) {
    let parts = Parts::read(card, owner, found);
    match owner {
        CardOwner::Mine => own(card, parts, found),
        CardOwner::Contact => contact(card, parts, found),
    }
}

/// What a card says, in the members of a contact.
#[derive(Default)]
struct Parts {
    body: Map<String, Value>,
    /// The line of each member, for what is said of it.
    lines: Map<String, Value>,
    birth: Option<(usize, String)>,
    tags: Vec<String>,
    pictures: Vec<Attachment>,
}

impl Parts {
    fn read(card: &Card, owner: CardOwner, found: &mut Collector) -> Self {
        let mut parts = Parts::default();
        for property in &card.properties {
            if !parts.take(card, property) && !SILENT.contains(&property.name.as_str()) {
                let place = Place::line(property.line);
                let place = card
                    .place
                    .index
                    .map_or(place.clone(), |index| place.clone().at_index(index));
                found.leave_out(place, &property.name, why(property, owner));
            }
        }
        parts
    }

    /// Takes a property in; `false` where no record has a place for it or it can't be read.
    fn take(&mut self, card: &Card, property: &Property) -> bool {
        let line = property.line;
        match property.name.as_str() {
            "FN" => self.set("full_name", property.text(), line),
            "N" => self.name(property),
            "NICKNAME" => self.set(
                "nickname",
                Some(property.list().join(", ")).filter(|text| !text.is_empty()),
                line,
            ),
            "ORG" => self.set("organisation", joined(property.components(), ", "), line),
            "TITLE" | "ROLE" => self.set("role", property.text(), line),
            "NOTE" => self.set("note", property.text(), line),
            "UID" => self.set("uid", property.text(), line),
            "TZ" => self.set("time_zone", property.text(), line),
            "PRONOUNS" => self.set("pronouns", property.text(), line),
            "LANG" => self.push("languages", property.text().map(Value::from), line),
            "KIND" | "X-ADDRESSBOOKSERVER-KIND" => self.set("entity", property.text().map(|kind| entity(&kind)), line),
            "BDAY" => self.birthday(property),
            "ANNIVERSARY" | "X-ANNIVERSARY" => self.dated(property, Some("wedding".to_owned())),
            "X-ABDATE" => self.dated(property, card.label(property)),
            "TEL" => {
                let number = property
                    .text()
                    .map(|text| text.strip_prefix("tel:").unwrap_or(&text).to_owned());
                self.listed("phones", number, card.kind(property), line)
            }
            "EMAIL" => self.listed("emails", property.text(), card.kind(property), line),
            "URL" | "X-SOCIALPROFILE" | "CALURI" | "FBURL" => {
                self.listed("urls", property.text(), card.kind(property), line)
            }
            "IMPP" | "X-JABBER" | "X-SKYPE" | "X-SKYPE-USERNAME" | "X-AIM" | "X-ICQ" | "X-MSN" | "X-YAHOO"
            | "X-GOOGLE-TALK" | "X-MS-IMADDRESS" => {
                let service = property.name.strip_prefix("X-").map(|name| name.to_ascii_lowercase());
                let kind = property.parameter("X-SERVICE-TYPE").map(str::to_lowercase);
                self.listed(
                    "messaging",
                    property.text(),
                    kind.or(service).or(card.kind(property)),
                    line,
                )
            }
            "RELATED" | "X-ABRELATEDNAMES" => {
                let name = property
                    .text()
                    .map(|text| text.strip_prefix("urn:uuid:").unwrap_or(&text).to_owned());
                self.listed("related", name, card.kind(property), line)
            }
            "X-SPOUSE" | "AGENT" => {
                let kind = (property.name == "X-SPOUSE").then(|| "spouse".to_owned());
                self.listed("related", property.text(), kind.or(Some("agent".to_owned())), line)
            }
            "ADR" => self.address(card, property),
            "CATEGORIES" => {
                self.tags.extend(property.list());
                true
            }
            "PHOTO" => self.photo(property),
            _ => false,
        }
    }

    fn set(&mut self, member: &str, value: Option<String>, line: usize) -> bool {
        if value.is_some() && self.body.contains_key(member) {
            return false;
        }
        if let Some(value) = value {
            self.body.insert(member.to_owned(), value.into());
            self.lines.insert(member.to_owned(), line.into());
        }
        true
    }

    fn push(&mut self, member: &str, item: Option<Value>, line: usize) -> bool {
        if let (Some(item), Some(list)) = (
            item,
            self.body.entry(member).or_insert_with(|| json!([])).as_array_mut(),
        ) {
            self.lines.entry(member.to_owned()).or_insert(line.into());
            list.push(item);
        }
        true
    }

    fn listed(&mut self, member: &str, value: Option<String>, kind: Option<String>, line: usize) -> bool {
        let item = value.map(|value| members([("value", Some(value)), ("kind", kind)]));
        self.push(member, item, line)
    }

    fn name(&mut self, property: &Property) -> bool {
        let parts = property.components();
        let names = [
            "family_name",
            "given_name",
            "middle_name",
            "honorific_prefix",
            "honorific_suffix",
        ];
        for (name, part) in names.into_iter().zip(parts) {
            self.set(name, part.map(|part| part.replace(',', " ")), property.line);
        }
        true
    }

    /// A date without a year stands as the card has it: `--MM-DD`.
    fn birthday(&mut self, property: &Property) -> bool {
        match property.text().and_then(|text| card_date(&text)) {
            Some(date) => {
                self.birth.get_or_insert((property.line, date.clone()));
                self.set("birthday", Some(date), property.line)
            }
            None => false,
        }
    }

    fn dated(&mut self, property: &Property, kind: Option<String>) -> bool {
        match property.text().and_then(|text| card_date(&text)) {
            Some(date) => self.listed("anniversaries", Some(date), kind, property.line),
            None => false,
        }
    }

    /// Post-office box; extended address; street; locality; region; postal code; country.
    fn address(&mut self, card: &Card, property: &Property) -> bool {
        let mut parts = property.components();
        parts.resize(7, None);
        let [po_box, extended, street, locality, region, postal_code, country] = match <[_; 7]>::try_from(parts) {
            Ok(parts) => parts,
            Err(_) => return false,
        };
        let street = joined(vec![po_box, extended, street], ", ").map(|text| text.replace('\n', ", "));
        let address = members([
            ("street_address", street),
            ("locality", locality),
            ("region", region),
            ("postal_code", postal_code),
            ("country", country),
            ("kind", card.kind(property)),
        ]);
        let filled = address
            .as_object()
            .is_some_and(|address| address.keys().any(|key| key != "kind"));
        self.push("addresses", filled.then_some(address), property.line)
    }

    fn photo(&mut self, property: &Property) -> bool {
        match media(property, "image") {
            Some(Media::Carried { media_type, bytes }) => {
                let extension = media_type.rsplit('/').next().unwrap_or("jpeg").to_owned();
                let extension = if extension == "jpeg" {
                    "jpg".to_owned()
                } else {
                    extension
                };
                self.pictures.push(Attachment::Bytes {
                    name: format!("photo.{extension}"),
                    bytes: Arc::from(bytes),
                });
                true
            }
            Some(Media::Elsewhere(address)) => self.set("photo", Some(address), property.line),
            None => false,
        }
    }

    fn text(&self, member: &str) -> Option<String> {
        self.body.get(member)?.as_str().map(str::to_owned)
    }

    /// The line of a member; else the card's.
    fn place(&self, card: &Card, member: &str) -> Place {
        let line = self
            .lines
            .get(member)
            .and_then(Value::as_u64)
            .and_then(|line| usize::try_from(line).ok());
        let place = card.place.clone();
        line.map_or(place.clone(), |line| place.at_line(line))
    }

    fn items(&self, member: &str) -> Vec<Value> {
        self.body
            .get(member)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    }
}

fn why(property: &Property, owner: CardOwner) -> Reason {
    let readable = ["BDAY", "ANNIVERSARY", "X-ANNIVERSARY", "X-ABDATE", "PHOTO", "ADR"];
    match (readable.contains(&property.name.as_str()), owner) {
        (true, _) => Reason::Malformed,
        (false, _) => Reason::NoPlace,
    }
}

/// Somebody else's card.
fn contact(card: &Card, mut parts: Parts, found: &mut Collector) {
    let names = ["given_name", "family_name"].map(|name| parts.text(name));
    let value = |member: &str| {
        parts
            .items(member)
            .first()
            .and_then(|item| Some(item["value"].as_str()?.to_owned()))
    };
    let full_name = parts
        .text("full_name")
        .or_else(|| joined(names.into(), " "))
        .or_else(|| parts.text("organisation"))
        .or_else(|| parts.text("nickname"))
        .or_else(|| value("emails"))
        .or_else(|| value("phones"));
    parts.set("full_name", full_name, card.place.line.unwrap_or(1));
    // One address stands by itself, several as a list.
    let urls = parts.items("urls");
    if let ([only], None) = (urls.as_slice(), parts.text("url"))
        && only.get("kind").is_none()
    {
        let url = only["value"].as_str().map(str::to_owned);
        parts.body.remove("urls");
        parts.set("url", url, card.place.line.unwrap_or(1));
    }
    let (tags, pictures) = (parts.tags, parts.pictures);
    if let Some(planned) = found.record(card.place.clone(), schema::CONTACT, Value::Object(parts.body)) {
        planned.tags.extend(tags);
        planned.attachments = pictures;
    }
}

/// The person's own card, as records that an organisation can ask for one by one.
fn own(card: &Card, mut parts: Parts, found: &mut Collector) {
    if parts.body.contains_key("given_name") || parts.body.contains_key("full_name") {
        let given = parts.text("given_name").or_else(|| parts.text("full_name"));
        let body = members([
            ("given_name", given),
            ("middle_name", parts.text("middle_name")),
            ("family_name", parts.text("family_name")),
            ("name", parts.text("full_name")),
            ("nickname", parts.text("nickname")),
            ("honorific_prefix", parts.text("honorific_prefix")),
            ("honorific_suffix", parts.text("honorific_suffix")),
        ]);
        let pictures = std::mem::take(&mut parts.pictures);
        if let Some(planned) = found.record(parts.place(card, "full_name"), schema::NAME, body) {
            planned.attachments = pictures;
        }
    }
    if let Some((line, date)) = &parts.birth {
        let place = card.place.clone().at_line(*line);
        match date.starts_with("--") {
            true => found.leave_out(place, "BDAY", Reason::DatePartial),
            false => drop(found.record(place, schema::BIRTH, json!({ "birthdate": date }))),
        }
    }
    for address in parts.items("addresses") {
        found.record(parts.place(card, "addresses"), schema::ADDRESS, own_address(&address));
    }
    let phone_kinds = [
        ("cell", "mobile"),
        ("iphone", "mobile"),
        ("mobile", "mobile"),
        ("home", "home"),
        ("work", "work"),
    ];
    for phone in parts.items("phones") {
        let body = with_kind("phone_number", &phone, &phone_kinds);
        found.record(parts.place(card, "phones"), schema::PHONE, body);
    }
    for email in parts.items("emails") {
        let body = with_kind("email", &email, &[("home", "home"), ("work", "work")]);
        found.record(parts.place(card, "emails"), schema::EMAIL, body);
    }
    for url in parts.items("urls") {
        let service = url["kind"].as_str().map(str::to_owned);
        let body = members([("url", url["value"].as_str().map(str::to_owned)), ("service", service)]);
        found.record(parts.place(card, "urls"), "urn:kist:schema:web-profile:1", body);
    }
    for language in parts.items("languages") {
        found.record(
            parts.place(card, "languages"),
            "urn:kist:schema:language:1",
            json!({ "language": language }),
        );
    }
    if let (Some(organisation), Some(title)) = (parts.text("organisation"), parts.text("role")) {
        let body = json!({ "organisation": organisation, "title": title });
        found.record(parts.place(card, "organisation"), "urn:kist:schema:job:1", body);
    }
    if let Some(note) = parts.text("note") {
        found.record(parts.place(card, "note"), schema::NOTE, json!({ "text": note }));
    }
    leave_out_of_own(card, &parts, found);
}

/// What a contact has a place for, and the person's own records don't.
fn leave_out_of_own(card: &Card, parts: &Parts, found: &mut Collector) {
    let unplaced = [
        ("entity", ""),
        ("time_zone", "TZ"),
        ("anniversaries", "ANNIVERSARY"),
        ("related", "RELATED"),
        ("messaging", "IMPP"),
        ("photo", "PHOTO"),
        ("pronouns", "PRONOUNS"),
    ];
    let unplaced = unplaced
        .into_iter()
        .filter(|(member, name)| !name.is_empty() && parts.body.contains_key(*member));
    for (member, name) in unplaced {
        found.leave_out(parts.place(card, member), name, Reason::NoPlace);
    }
    let job = parts.body.contains_key("organisation") && parts.body.contains_key("role");
    for (member, name) in [("organisation", "ORG"), ("role", "TITLE")] {
        if !job && parts.body.contains_key(member) {
            found.leave_out(parts.place(card, member), name, Reason::NoPlace);
        }
    }
}

/// A country that is no code of two letters stays in the whole address, where nothing is lost.
pub(super) fn own_address(address: &Value) -> Value {
    let text = |member: &str| address[member].as_str().map(str::to_owned);
    let country = text("country");
    let code = country
        .clone()
        .filter(|country| country.len() == 2 && country.is_ascii());
    let lines = ["street_address", "locality", "region", "postal_code", "country"].map(text);
    let whole = joined(lines.into(), "\n").filter(|_| code.is_none() && country.is_some());
    let kind = address["kind"].as_str().and_then(|kind| match kind {
        "home" | "work" => Some(kind.to_owned()),
        "postal" => Some("post".to_owned()),
        _ => None,
    });
    members([
        ("formatted", whole),
        ("street_address", text("street_address")),
        ("locality", text("locality")),
        ("region", text("region")),
        ("postal_code", text("postal_code")),
        ("country", code.map(|code| code.to_ascii_uppercase())),
        ("kind", kind),
    ])
}

fn with_kind(member: &'static str, item: &Value, kinds: &[(&str, &str)]) -> Value {
    let kind = item["kind"].as_str().and_then(|kind| {
        let known = kinds.iter().find(|(from, _)| *from == kind);
        known.map(|(_, to)| (*to).to_owned())
    });
    members([(member, item["value"].as_str().map(str::to_owned)), ("kind", kind)])
}

fn entity(kind: &str) -> String {
    match kind.to_ascii_lowercase().as_str() {
        "individual" => "person",
        "org" | "organization" => "organisation",
        "group" => "group",
        _ => "other",
    }
    .to_owned()
}

/// `YYYY-MM-DD` or `YYYYMMDD`, with or without a time; `--MM-DD` or `--MMDD` without a year, also where Apple's programs
/// write the year 1604 for it.
fn card_date(text: &str) -> Option<String> {
    let date = text.split('T').next()?;
    if let Some(rest) = date.strip_prefix("--") {
        let digits: String = rest.chars().filter(|symbol| *symbol != '-').collect();
        let leap_year = dates::basic(&format!("2000{digits}"))?;
        return Some(format!("--{:02}-{:02}", leap_year.month(), leap_year.day()));
    }
    let digits: String = date.chars().filter(|symbol| *symbol != '-').collect();
    let date = dates::basic(&digits)?;
    match date.year() {
        1604 => Some(format!("--{:02}-{:02}", date.month(), date.day())),
        _ => Some(date.to_string()),
    }
}

pub(super) fn joined(parts: Vec<Option<String>>, between: &str) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(between))
}

/// An object of the members that have a value.
pub(super) fn members<const N: usize>(members: [(&str, Option<String>); N]) -> Value {
    let present = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
    Value::Object(present.collect())
}
